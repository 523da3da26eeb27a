use super::{Inner, SEEN_MAX};

#[test]
fn a_message_is_taken_once_and_again_if_it_was_not_taken() {
    let mut chats = Inner::default();
    assert!(chats.first_time("web", "m1"));
    assert!(!chats.first_time("web", "m1"));
    assert!(chats.first_time("sms", "m1"), "ids are a channel's own");
    chats.forget_message("web", "m1");
    assert!(chats.first_time("web", "m1"));
    // A channel without ids cannot tell.
    assert!(chats.first_time("web", ""));
    assert!(chats.first_time("web", ""));
}

#[test]
fn only_so_many_ids_are_remembered() {
    let mut chats = Inner::default();
    for number in 0..SEEN_MAX + 1 {
        assert!(chats.first_time("web", &number.to_string()));
    }
    assert_eq!((chats.seen.len(), chats.order.len()), (SEEN_MAX, SEEN_MAX));
    assert!(chats.first_time("web", "0"), "the oldest is forgotten");
    assert!(!chats.first_time("web", "1000"));
}
