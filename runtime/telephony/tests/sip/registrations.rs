//! Registrar and trunks.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use jackfield_telephony::{
    Binding, Destination, Endpoint as _, EndpointEvent, LegEvent, Registration,
};
use sipx_sip::auth::{Challenge, Credentials, respond};

use crate::harness::{Peer, Phonebook, Script, Subject, header, next};

/// Registers with credentials; returns the final response.
async fn register(
    peer: &Peer,
    script: &Script,
    cseq: u32,
    (user, password): (&str, &str),
    extra: &str,
) -> String {
    let bare = |cseq, more: &str| {
        script
            .request("REGISTER", cseq, &format!("{extra}{more}"), "")
            .replace(&format!("Contact: <sip:bob@{}>\r\n", peer.addr), "")
    };
    peer.send(&bare(cseq, "")).await;
    let challenge = peer.expect("SIP/2.0 401").await;
    let challenge =
        Challenge::parse(header(&challenge, "WWW-Authenticate").as_bytes(), false).unwrap();
    let answer = respond(
        &challenge,
        &Credentials::new(user, password),
        "REGISTER",
        "sip:100@127.0.0.1",
        1,
        "0a4f113b",
    );
    peer.send(&bare(cseq + 1, &format!("Authorization: {answer}\r\n"))).await;
    peer.receive().await.0
}

fn contact(peer: &Peer, rest: &str) -> String {
    format!("Contact: <sip:100@{}>{rest}\r\n", peer.addr)
}

#[tokio::test]
async fn a_phone_registers_refreshes_and_goes() {
    let mut subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let script = peer.script();
    let login = ("100", "secret");
    let ok = register(&peer, &script, 1, login, &contact(&peer, ";expires=60")).await;
    assert!(ok.starts_with("SIP/2.0 200"), "{ok}");
    assert_eq!(header(&ok, "Contact"), format!("<sip:100@{}>;expires=60", peer.addr));
    assert!(
        matches!(subject.event().await, EndpointEvent::Registered { account } if account == "100")
    );
    assert_eq!(subject.book.saved.lock().unwrap()["100"].len(), 1);

    let two = format!("{}Expires: 90\r\n", contact(&peer, ", <sip:100@127.0.0.1:9>;expires=50"));
    let ok = register(&peer, &script, 3, login, &two).await;
    let list = header(&ok, "Contact");
    assert!(list.contains("expires=90") && list.contains("127.0.0.1:9>;expires=50"), "{list}");
    assert_eq!(subject.endpoint.bindings("100").len(), 2);

    // An older request of the same Call-ID comes late.
    let old = Script { from_tag: "late".to_owned(), ..script.clone() };
    let late = register(&peer, &old, 1, login, &contact(&peer, ";expires=60")).await;
    assert!(late.starts_with("SIP/2.0 500"), "{late}");

    // A query changes nothing.
    let ok = register(&peer, &script, 9, login, "").await;
    assert!(header(&ok, "Contact").contains("expires="), "{ok}");

    // `*` only with an expiry of zero.
    let bad = register(&peer, &script, 11, login, "Contact: *\r\nExpires: 5\r\n").await;
    assert!(bad.starts_with("SIP/2.0 400"), "{bad}");
    let ok = register(&peer, &script, 13, login, "Contact: *\r\nExpires: 0\r\n").await;
    assert!(ok.starts_with("SIP/2.0 200") && header(&ok, "Contact").is_empty(), "{ok}");
    loop {
        if let EndpointEvent::Unregistered { account } = subject.event().await {
            assert_eq!(account, "100");
            break;
        }
    }
    assert_eq!(subject.endpoint.counters().registered, 0);
    assert!(subject.book.saved.lock().unwrap()["100"].is_empty());
}

/// The same extension at two domains is two accounts, whichever way the digest user is written.
#[tokio::test]
async fn the_host_tells_two_phones_of_one_extension_apart() {
    let mut subject = Subject::start().await;
    for (domain, user) in [("one.example", "100"), ("two.example", "100@two.example")] {
        let peer = Peer::new(subject.addr()).await;
        let script = Script { host: domain.to_owned(), ..peer.script() };
        let contact = contact(&peer, ";expires=60");
        let ok = register(&peer, &script, 1, (user, "secret"), &contact).await;
        assert!(ok.starts_with("SIP/2.0 200"), "{ok}");
        let key = format!("100@{domain}");
        assert!(
            matches!(subject.event().await, EndpointEvent::Registered { account } if account == key)
        );
        assert_eq!(subject.endpoint.bindings(&key).len(), 1);
        let (_leg, _events) = subject.dial(Destination::Registered(key)).await;
        peer.skip_to("INVITE sip:100@").await;
    }
    assert!(subject.endpoint.bindings("100").is_empty());
    assert_eq!(subject.endpoint.counters().registered, 2);
    // The other tenant's password proves nothing here.
    let peer = Peer::new(subject.addr()).await;
    let script = Script { host: "one.example".to_owned(), ..peer.script() };
    let login = ("100@two.example", "secret");
    let other = register(&peer, &script, 1, login, &contact(&peer, ";expires=60")).await;
    assert!(other.starts_with("SIP/2.0 403"), "{other}");
}

#[tokio::test]
async fn who_may_not_register_does_not() {
    let subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let contact = contact(&peer, ";expires=60");
    let wrong = register(&peer, &peer.script(), 1, ("100", "guess"), &contact).await;
    assert!(wrong.starts_with("SIP/2.0 401"), "{wrong}");
    let stranger = register(&peer, &peer.script(), 1, ("stranger", "secret"), &contact).await;
    assert!(stranger.starts_with("SIP/2.0 401"), "{stranger}");
    let other = register(&peer, &peer.script(), 1, ("200", "secret"), &contact).await;
    assert!(other.starts_with("SIP/2.0 403"), "{other}");
    assert_eq!(subject.endpoint.counters().registered, 0);
}

#[tokio::test]
async fn a_registration_too_short_is_refused_and_one_not_refreshed_ends() {
    let mut subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let script = peer.script();
    let login = ("100", "secret");
    let brief = register(&peer, &script, 1, login, &contact(&peer, ";expires=1")).await;
    assert!(brief.starts_with("SIP/2.0 423"), "{brief}");
    assert_eq!(header(&brief, "Min-Expires"), "2");
    let ok = register(&peer, &script, 3, login, &contact(&peer, ";expires=2")).await;
    assert!(ok.starts_with("SIP/2.0 200"), "{ok}");
    assert!(matches!(subject.event().await, EndpointEvent::Registered { .. }));
    assert!(matches!(subject.event().await, EndpointEvent::Unregistered { .. }));
    assert!(subject.endpoint.bindings("100").is_empty());
}

#[tokio::test]
async fn registrations_survive_a_restart_and_can_be_dialled() {
    let subject = Subject::start().await;
    let peer = Peer::new(subject.addr()).await;
    let ok =
        register(&peer, &peer.script(), 1, ("100", "secret"), &contact(&peer, ";expires=60")).await;
    assert!(ok.starts_with("SIP/2.0 200"), "{ok}");
    let kept = subject.book.saved.lock().unwrap().clone();
    drop(subject);
    let book = Phonebook { saved: kept.into(), ..Phonebook::default() };
    let again = Subject::with(|_, _| (), book).await;
    assert_eq!(again.endpoint.bindings("100").len(), 1);
    let (_leg, _events) = again.dial(Destination::Registered("100".to_owned())).await;
    peer.skip_to("INVITE sip:100@").await;
}

#[tokio::test]
async fn a_trunk_registers_is_called_and_takes_its_leave() {
    let mut provider = Subject::start().await;
    let mut office = Subject::start().await;
    for transport in ["udp", "tcp"] {
        office.endpoint.register(Registration {
            name: transport.to_owned(),
            registrar: format!("sip:{};transport={transport}", provider.addr()),
            aor: format!("sip:{transport}@127.0.0.1"),
            user: transport.to_owned(),
            password: "secret".to_owned(),
            // Too short: 423 says what is enough.
            expires: Duration::from_secs(1),
        });
        let EndpointEvent::Trunk { name, state } = office.event().await else {
            panic!("another event")
        };
        assert_eq!((name.as_str(), state), (transport, Ok(())));
        let (_leg, mut events) = provider.dial(Destination::Registered(transport.to_owned())).await;
        let call = office.incoming().await;
        assert_eq!(call.invite.dialled, transport);
        call.leg.answer().await.unwrap();
        assert_eq!(next(&mut events).await, Some(LegEvent::Answered));
    }
    // Refreshed before it ends.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(provider.endpoint.counters().registered, 2);
    office.endpoint.shut_down(Duration::ZERO).await;
    let mut gone = 0;
    while gone < 2 {
        if let EndpointEvent::Unregistered { .. } = provider.event().await {
            gone += 1;
        }
    }
    assert_eq!(provider.endpoint.counters().registered, 0);
}

#[tokio::test]
async fn a_phone_whose_connection_closed_is_called_at_its_contact() {
    let mut phone = Subject::start().await;
    let binding = Binding {
        contact: format!("sip:100@{};transport=tcp", phone.addr()),
        // Nobody listens where it came from.
        source: "127.0.0.1:1".parse().unwrap(),
        tcp: true,
        call_id: "old".to_owned(),
        cseq: 1,
        expires_at: SystemTime::now() + Duration::from_secs(60),
        user_agent: String::new(),
    };
    let saved = HashMap::from([("100".to_owned(), vec![binding])]);
    let book = Phonebook { saved: saved.into(), ..Phonebook::default() };
    let provider = Subject::with(|_, _| (), book).await;
    let (_leg, mut events) = provider.dial(Destination::Registered("100".to_owned())).await;
    let call = phone.incoming().await;
    call.leg.answer().await.unwrap();
    assert_eq!(next(&mut events).await, Some(LegEvent::Answered));
}

#[tokio::test]
async fn a_trunk_with_the_wrong_password_says_so() {
    let provider = Subject::start().await;
    let mut office = Subject::start().await;
    office.endpoint.register(Registration {
        name: "carrier".to_owned(),
        registrar: format!("sip:{}", provider.addr()),
        aor: "sip:100@127.0.0.1".to_owned(),
        user: "100".to_owned(),
        password: "guess".to_owned(),
        expires: Duration::from_secs(60),
    });
    let EndpointEvent::Trunk { state, .. } = office.event().await else { panic!("another event") };
    assert_eq!(state, Err("401 Unauthorized".to_owned()));
}
