use super::MockHost;
use crate::crm::{self, CrmError};
use crate::outside::{self, Addresses, HttpError, Method, Request, messaging, secrets, settings};
use crate::{clock, metrics, state};

#[test]
fn settings_and_secrets_are_what_the_test_says() {
    MockHost::new().set("b", "2").set("a", "1").secret("key", "Jefe");
    assert_eq!(settings::get("a").as_deref(), Some("1"));
    assert_eq!(settings::get("c"), None);
    let all = settings::all().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(all, ["a", "b"]);
    assert!(secrets::known("key") && !secrets::known("other"));
    assert!(secrets::equals("key", "Jefe").unwrap() && !secrets::equals("key", "jefe").unwrap());
    let code = secrets::hmac_sha256("key", b"what do ya want for nothing?").unwrap();
    assert_eq!(code[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    assert!(!secrets::verify_hmac_sha256("key", b"less", &code).unwrap());
    assert!(secrets::hmac_sha256("other", b"").is_err());
}

#[test]
fn requests_are_answered_in_order_and_keep_their_secrets_as_names() {
    let host = MockHost::new();
    host.secret("token", "t0ken").answer(204, "").fail(HttpError::Timeout);
    let request = Request::json(Method::Post, "https://a.example".to_owned(), "{}".to_owned())
        .header("authorization", "Bearer {{secret:token}}");
    assert_eq!(outside::send(&request).unwrap().status, 204);
    assert!(matches!(outside::send(&request), Err(HttpError::Timeout)));
    assert!(matches!(outside::send(&request), Err(HttpError::Unreachable(_))));
    let unknown = Request::get("https://a.example".to_owned()).header("x", "{{secret:other}}");
    assert!(matches!(outside::send(&unknown), Err(HttpError::Invalid(_))));
    let seen = host.requests();
    assert_eq!((seen.len(), seen[0].headers[1].1.as_str()), (3, "Bearer {{secret:token}}"));
}

#[test]
fn customers_are_found_changed_and_written_to() {
    let host = MockHost::new();
    host.channel("web");
    let id = crm::upsert("+371200", Some("Eva"), &[]).unwrap();
    let card = crm::find("+371200").unwrap();
    let phones = vec!["+371200".to_owned()];
    host.customer("+371200", card, Addresses { phones, emails: Vec::new() });
    crm::upsert("+371200", None, &[("city".to_owned(), "Riga".to_owned())]).unwrap();
    assert_eq!(crm::find(&id).unwrap().name, "Eva");
    assert_eq!(crm::find("+371200").unwrap().fields.len(), 1);
    assert_eq!(outside::customer_kind("+371200").unwrap().id, id);
    assert_eq!(outside::addresses_of(&id).unwrap().phones, ["+371200"]);
    assert_eq!(crm::note("nobody", None, "?"), Err(CrmError::NotFound));
    crm::note(&id, None, "called back").unwrap();
    assert_eq!(host.notes(), [format!("{id}: called back")]);
    assert_eq!(messaging::send("web", "v1", "hello", &[]).unwrap().id, "1");
    assert!(messaging::send("sms", "v1", "hello", &[]).is_err());
    assert_eq!(host.sent(), ["web v1: hello"]);
}

#[test]
fn what_is_kept_counted_and_drawn() {
    let host = MockHost::new();
    host.chances(&[0.25]);
    assert!(state::compare_and_set("count", None, b"1").unwrap());
    assert!(!state::compare_and_set("count", None, b"2").unwrap());
    state::set("count", b"3", None).unwrap();
    assert_eq!(state::get("count").unwrap().as_deref(), Some(&b"3"[..]));
    assert!(state::get(&"x".repeat(257)).is_err());
    metrics::add("calls", 2);
    metrics::add("calls", 3);
    metrics::observe("wait", 1.5);
    assert_eq!((host.counted("calls"), host.observed("wait")), (5, vec![1.5]));
    assert_eq!((clock::random(), clock::random(), clock::now_seconds()), (0.25, 0.5, 0.0));
}

#[test]
#[should_panic(expected = "the test has none")]
fn without_a_host_nothing_is_answered() {
    let _ = settings::get("a");
}
