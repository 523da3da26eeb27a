use expect_test::expect;

use super::*;

fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}

#[test]
fn entries_are_read_in_any_order_of_columns() {
    let text = "activity,agent,from,to,paid,team\n\
                break,bob,20,25,no,blue\n\
                work,ann,0,10,,\n\
                meal,ann,10,20,,\n";
    let read = read_schedule(text.as_bytes(), number).unwrap();
    let shown: Vec<_> = read
        .iter()
        .map(|span| {
            format!(
                "{} {} {}-{} {}",
                span.agent,
                span.activity.name(),
                span.from,
                span.to,
                span.paid
            )
        })
        .collect();
    assert_eq!(shown, ["ann work 0-10 true", "ann meal 10-20 false", "bob break 20-25 false"]);
}

#[test]
fn each_problem_is_named_with_line_and_column() {
    let text = "agent,from,to,activity\n\
                ann,0,10,work\n\
                ann,9,12,break\n\
                bob,5,5,work\n\
                bob,soon,7,work\n\
                bob,7,8,nap\n\
                ,7,8,work\n\
                bob,7\n";
    let error = read_schedule(text.as_bytes(), number).unwrap_err();
    expect![[r#"
        line 3, column from: overlaps the entry of line 2 for `ann`
        line 4, column to: is not after `from`
        line 5, column from: `soon` is no moment; a moment such as 2026-11-21T09:00:00Z is accepted
        line 6, column activity: `nap` is no activity; work, break, meal, meeting, training, leave are accepted
        line 7, column agent: is empty; a name is accepted
        line 8: CSV error: record 7 (line: 8, byte: 103): found record with 2 fields, but the previous record has 4 fields"#]]
    .assert_eq(&error.to_string());
    let error = read_schedule(b"agent,from\n", number).unwrap_err();
    assert_eq!(error.to_string(), "line 1: missing column to, activity; found agent, from");
}
