use super::{Post, last, read, unpack};
use serde_json::json;

#[test]
fn what_a_site_posts_is_read() {
    let body =
        br#"{"type":"message","session":"v1","id":"m1","text":"Hello","name":"Eva","page":"/p"}"#;
    let Ok(Post::Wrote(message)) = read(body) else { panic!("not read") };
    assert_eq!((&*message.id, &*message.from, &*message.text), ("v1/m1", "v1", "Hello"));
    assert_eq!(message.name.as_deref(), Some("Eva"));
    assert_eq!(message.attributes, [("page".to_owned(), "/p".to_owned())]);
    let fetch = read(br#"{"type":"fetch","session":"v1","after":7}"#);
    assert_eq!(fetch, Ok(Post::Fetch { session: "v1".to_owned(), after: 7 }));
    assert_eq!(read(br#"{"type":"leave","session":"v1"}"#), Ok(Post::Left("v1".to_owned())));
}

#[test]
fn what_cannot_be_read_is_told() {
    let told = |body: &str| read(body.as_bytes()).unwrap_err();
    assert!(told("{").starts_with("no JSON"));
    assert_eq!(told("{}"), "`session`: a text of 1 to 64 bytes is accepted");
    assert!(told(r#"{"session":"v"}"#).starts_with("`type`: `message`"));
    assert_eq!(
        told(r#"{"session":"v","type":"message","id":"1","text":""}"#),
        "`text`: a text of 1 to 4096 bytes is accepted"
    );
}

#[test]
fn what_is_kept_is_read_again() {
    let list = vec![json!({ "n": 3, "text": "x" })];
    let bytes = json!([3, list]).to_string();
    assert_eq!(unpack(bytes.as_bytes()), (3, list.clone()));
    assert_eq!(last(&list), 3);
    assert_eq!(unpack(b"junk"), (0, Vec::new()));
}
