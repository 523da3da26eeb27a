use jackfield_sdk::PluginError;
use jackfield_sdk::outside::Response;
use serde_json::{Value, json};

use super::{customer, hex, id_of, understood, unhex};

fn answer(status: u16, body: &str) -> Result<Value, PluginError> {
    understood(&Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() })
}

#[test]
fn answers_are_read_and_what_may_go_better_later_is_told_apart() {
    assert_eq!(answer(200, r#"{"id":7}"#), Ok(json!({ "id": 7 })));
    assert_eq!(answer(204, ""), Ok(Value::Null));
    assert_eq!(answer(404, "nobody"), Ok(Value::Null));
    assert_eq!(answer(503, ""), Err(PluginError::Unavailable("it answered 503".to_owned())));
    assert_eq!(answer(401, ""), Err(PluginError::Failed("it answered 401".to_owned())));
    assert!(matches!(answer(200, "<html>"), Err(PluginError::Failed(_))));
}

#[test]
fn a_customer_has_an_id_and_a_name() {
    assert_eq!(customer(Value::Null), Ok(None));
    let known = json!({ "id": 7, "name": "Eva", "segment": "gold", "fields": { "debt": 12, "city": "Riga" } });
    let known = customer(known).unwrap().unwrap();
    assert_eq!((&*known.id, &*known.name, known.segment.as_deref()), ("7", "Eva", Some("gold")));
    assert_eq!(
        known.fields,
        [("city".to_owned(), "Riga".to_owned()), ("debt".to_owned(), "12".to_owned())]
    );
    assert!(matches!(customer(json!({ "id": 7 })), Err(PluginError::Failed(_))));
    assert_eq!(id_of(json!({ "id": null })), None);
}

#[test]
fn codes_are_written_and_read() {
    assert_eq!(hex(&[0, 255, 16]), "00ff10");
    assert_eq!(unhex("00ff10"), Some(vec![0, 255, 16]));
    assert_eq!(unhex("0"), None);
    assert_eq!(unhex("zz"), None);
}
