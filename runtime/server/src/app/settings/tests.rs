use expect_test::{Expect, expect};
use serde_json::json;

use super::problems;

#[track_caller]
fn check(settings: &[(&str, &str)], expected: Expect) {
    let schema = json!({
        "type": "object",
        "required": ["url"],
        "additionalProperties": false,
        "properties": {
            "url": { "type": "string", "minLength": 8 },
            "tries": { "type": "integer", "minimum": 1, "maximum": 5 },
            "share": { "type": "number", "maximum": 1 },
            "mode": { "enum": ["all", "ended"] },
            "loud": { "type": "boolean", "description": "for people" },
        },
    });
    let text = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let settings: Vec<_> = settings.iter().map(text).collect();
    expected.assert_eq(&problems(&schema, &settings).join("\n"));
}

#[test]
fn what_fits_is_accepted() {
    let all = [
        ("url", "https://a.example"),
        ("tries", "5"),
        ("share", "-0.5"),
        ("mode", "all"),
        ("loud", "true"),
    ];
    check(&all, expect![""]);
}

#[test]
fn every_problem_says_what_is_accepted() {
    let all =
        [("tries", "6"), ("share", "much"), ("mode", "some"), ("loud", "yes"), ("colour", "red")];
    check(
        &all,
        expect![[r#"
        `url` is missing
        `tries` is `6`: a whole number from 1 to 5 is accepted
        `share` is `much`: a number up to 1 is accepted
        `mode` is `some`: one of all, ended is accepted
        `loud` is `yes`: `true` or `false` is accepted
        `colour` is no setting of it: it has `loud`, `mode`, `share`, `tries`, `url`"#]],
    );
    check(
        &[("url", "short")],
        expect!["`url` is `short`: a text of 8 to 1000 characters is accepted"],
    );
}

#[test]
fn a_keyword_that_is_not_known_is_not_passed_over() {
    let schema = json!({ "properties": { "a": { "pattern": "x" } } });
    let found = problems(&schema, &[("a".to_owned(), "b".to_owned())]);
    expect!["the schema of `a` has `pattern`, which this host does not know"]
        .assert_eq(&found.join("\n"));
}
