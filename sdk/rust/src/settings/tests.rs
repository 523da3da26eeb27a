use super::*;

fn queue(attributes: &[(&str, &str)]) -> Vec<Attribute> {
    attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn message<T: std::fmt::Debug>(result: Result<T, PluginError>) -> String {
    match result {
        Err(PluginError::Configuration(text)) => text,
        other => panic!("no error of configuration: {other:?}"),
    }
}

#[test]
fn spans_have_a_unit_and_a_limit() {
    let read = ["0", "15s", "500ms", "2m", "24h"].map(span);
    assert_eq!(read, [Some(0), Some(15_000), Some(500), Some(120_000), Some(SPAN_MAX_MS)]);
    for bad in ["", "15", "s", "-1s", "1.5s", "25h", "15 s", "99999999999h", "5µs"] {
        assert_eq!(span(bad), None, "{bad}");
    }
}

#[test]
fn decimals_are_exact() {
    assert_eq!(thousandths("12.5"), Some(12_500));
    assert_eq!(thousandths("-0.125"), Some(-125));
    assert_eq!(thousandths("999999999.999"), Some(999_999_999_999));
    for bad in ["", ".5", "1.", "1.2345", "1e3", "--1", "9999999999", "1,5"] {
        assert_eq!(thousandths(bad), None, "{bad}");
    }
}

#[test]
fn the_contact_comes_before_the_queue_and_an_empty_value_is_none() {
    let (contact, other) = (queue(&[("step", "5s"), ("most", " ")]), queue(&[("most", "7")]));
    let settings = Settings { first: &contact, then: &other };
    assert_eq!(settings.span_ms("step", 1), Ok(5_000));
    assert_eq!(settings.number("most", 1, 1..=10), Ok(7));
    assert_eq!(settings.number("absent", 3, 1..=10), Ok(3));
}

#[test]
fn an_error_names_setting_value_and_what_would_be_accepted() {
    let given = queue(&[("most", "70"), ("step", "soon"), ("wait", "maybe"), ("tiers", "8, x")]);
    let settings = Settings { first: &given, then: &[] };
    assert_eq!(
        message(settings.number("most", 1, 1..=64)),
        "`most` is a whole number from 1 to 64, not `70`"
    );
    assert_eq!(
        message(settings.span_ms("step", 1)),
        "`step` is a span such as `500ms`, `15s`, `2m` or `1h`, at most 24h, not `soon`"
    );
    assert_eq!(message(settings.flag("wait", true)), "`wait` is `true` or `false`, not `maybe`");
    let levels = settings.list("tiers", ',', "a level", |item| number(item, &(1..=10)));
    assert_eq!(message(levels), "`tiers` is a level, not `x`");
}
