use jackfield_package::{
    Digest, Lock, Package, Policy, PublisherKey, SecretKey, TrustStore, Verified,
};

use crate::{package, signed};

fn trusting(keys: &[(&str, PublisherKey)]) -> TrustStore {
    let each = keys.iter().map(|(name, key)| format!("[publishers.{name}]\nkeys = [\"{key}\"]\n"));
    TrustStore::parse("trust.toml", &each.collect::<String>()).unwrap()
}

fn revoking(store: &TrustStore, digest: impl ToString, reason: &str) -> TrustStore {
    let entry =
        format!("\n[[revoked]]\ndigest = \"{}\"\nreason = \"{reason}\"\n", digest.to_string());
    TrustStore::parse(
        "trust.toml",
        &(store.to_toml().unwrap().replace("revoked = []\n", "") + &entry),
    )
    .unwrap()
}

fn requiring(publishers: &[&str]) -> Policy {
    let publishers = publishers.iter().map(|name| (*name).to_owned()).collect();
    Policy { require_signature: true, publishers, ..Policy::default() }
}

fn refusal(store: &TrustStore, package: &Package, policy: &Policy) -> String {
    store.verify(package, policy).unwrap_err().to_string()
}

#[test]
fn a_signature_of_a_known_publisher_is_accepted() {
    let key = SecretKey::generate().unwrap();
    let store = trusting(&[("acme", key.public())]);
    let verified = store.verify(&signed("1.0.0", &key), &requiring(&["acme"])).unwrap();
    assert_eq!(verified.publisher.as_deref(), Some("acme"));
    assert_eq!(verified.key, Some(key.public().id()));
}

#[test]
fn what_is_not_signed_by_whom_it_must_is_refused() {
    let (acme, other) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
    let store = trusting(&[("acme", acme.public()), ("other", other.public())]);
    let unsigned = refusal(&store, &package("1.0.0", ""), &requiring(&[]));
    assert_eq!(
        unsigned,
        "router-sample 1.0.0 is refused: it is not signed, and this tenant requires a signature"
    );
    let by_other = refusal(&store, &signed("1.0.0", &other), &requiring(&["acme"]));
    assert_eq!(
        by_other,
        "router-sample 1.0.0 is refused: it is signed by `other`, this tenant accepts acme"
    );
    let stranger = SecretKey::generate().unwrap();
    let by_stranger = refusal(&store, &signed("1.0.0", &stranger), &requiring(&[]));
    assert!(by_stranger.contains("nobody of the trust store"), "{by_stranger}");
    assert!(by_stranger.contains(&stranger.public().id().to_string()), "{by_stranger}");
    // Where nothing is required, nobody is needed.
    let nobody = store.verify(&package("1.0.0", ""), &Policy::default()).unwrap();
    assert_eq!(nobody.publisher, None);
}

#[test]
fn a_signature_of_other_bytes_is_refused_even_where_none_is_required() {
    let key = SecretKey::generate().unwrap();
    let store = trusting(&[("acme", key.public())]);
    // The signature of 1.0.0 put beside 1.0.1, by exchanging the one for the other in the archive.
    let mut moved = package("1.0.1", "\"log\"");
    moved.attach(signed("1.0.0", &key).signatures()[0].clone());
    let said = refusal(&store, &moved, &Policy::default());
    assert!(said.ends_with("the signature of `acme` is not of this package"), "{said}");
}

#[test]
fn what_was_revoked_is_refused_everywhere() {
    let key = SecretKey::generate().unwrap();
    let store = trusting(&[("acme", key.public())]);
    let package = signed("1.0.0", &key);
    let without_key = revoking(&store, key.public().id(), "the laptop was stolen");
    for policy in [Policy::default(), requiring(&[])] {
        let said = refusal(&without_key, &package, &policy);
        assert!(
            said.ends_with("`acme` that signed it was revoked: the laptop was stolen"),
            "{said}"
        );
    }
    let without_package = revoking(&store, package.digest(), "it leaks");
    let said = refusal(&without_package, &package, &Policy::default());
    assert!(said.ends_with("the package was revoked: it leaks"), "{said}");
    // A second key of the same publisher, not revoked, is as good as ever.
    let second = SecretKey::generate().unwrap();
    let mut twice = package.clone();
    twice.sign(&second).unwrap();
    let both = trusting(&[("acme", second.public()), ("stolen", key.public())]);
    let both = revoking(&both, key.public().id(), "the laptop was stolen");
    assert_eq!(both.verify(&twice, &requiring(&[])).unwrap().publisher.as_deref(), Some("acme"));
}

#[test]
fn some_permissions_need_an_operator() {
    let policy = Policy {
        operator_grants: vec!["crm.write".to_owned(), "http *".to_owned()],
        ..Policy::default()
    };
    let store = TrustStore::default();
    let verified = store.verify(&package("1.0.0", "\"crm.write\", \"log\""), &policy).unwrap();
    assert_eq!(verified.needs_operator, ["crm.write"]);
    assert!(policy.needs_operator("http api.example.com"));
    assert!(!policy.needs_operator("crm.read"));
}

#[test]
fn keys_survive_their_files() {
    let key = SecretKey::generate().unwrap();
    let again = SecretKey::from_pem(&key.to_pem().unwrap()).unwrap();
    assert_eq!(again.public(), key.public());
    assert_eq!(key.public().to_string().parse::<PublisherKey>().unwrap(), key.public());
    assert!(!format!("{key:?}").contains(&key.to_pem().unwrap()[30..60]));
    for wrong in ["", "ed25519:", "ed25519:AAAA", "rsa:AAAA"] {
        let said = wrong.parse::<PublisherKey>().unwrap_err().to_string();
        assert!(said.ends_with("`ed25519:` and 32 bytes in base64 are accepted"), "{said}");
    }
}

fn verified(publisher: Option<&str>) -> Verified {
    let publisher = publisher.map(str::to_owned);
    Verified { publisher, ..Verified::nobody() }
}

#[test]
fn a_lock_refuses_older_and_other_bytes() {
    let mut lock = Lock::default();
    lock.enter(&package("1.1.0", "\"log\""), &verified(Some("acme")), false).unwrap();
    lock.enter(&package("1.1.0", "\"log\""), &verified(Some("acme")), false).unwrap();
    let mut refused = |package: &Package, publisher: Option<&str>, downgrade: bool| {
        lock.enter(package, &verified(publisher), downgrade).unwrap_err().to_string()
    };
    let older = refused(&package("1.0.9", "\"log\""), Some("acme"), false);
    assert!(older.contains("1.1.0 is installed, and it is older"), "{older}");
    let other_bytes = refused(&package("1.1.0", ""), Some("acme"), true);
    assert!(other_bytes.contains("this version is pinned to sha256:"), "{other_bytes}");
    let other_publisher = refused(&package("1.2.0", "\"log\""), None, false);
    assert!(
        other_publisher.ends_with("`acme` signed what is installed, and nobody known signed this")
    );
    lock.enter(&package("1.0.9", "\"log\""), &verified(Some("acme")), true).unwrap();
    let again = Lock::parse("jackfield.lock", &lock.to_toml().unwrap()).unwrap();
    assert_eq!(again, lock);
    assert_eq!(again.get("router-sample").unwrap().version.to_string(), "1.0.9");
}

#[test]
fn what_is_installed_is_known_again_when_it_is_revoked() {
    let (acme, other) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
    let store = trusting(&[("acme", acme.public()), ("other", other.public())]);
    let first = signed("1.0.0", &acme);
    let mut second = signed("1.1.0", &acme);
    second.sign(&other).unwrap();
    let mut lock = Lock::default();
    for package in [&first, &second] {
        let verified = store.verify(package, &Policy::default()).unwrap();
        lock.enter(package, &verified, false).unwrap();
    }
    let lock = Lock::parse("acme.lock", &lock.to_toml().unwrap()).unwrap();
    // What was installed before is found by its component as well.
    let component = Digest::of(first.component());
    let [older, newer] = [&first, &second].map(|package| {
        let found = lock.of_component(Digest::of(package.component())).unwrap();
        assert_eq!(found.package, package.digest());
        found
    });

    let why = |store: &TrustStore, locked| {
        store.revoked(component, Some(locked)).map(|entry| entry.reason.clone())
    };
    assert_eq!(why(&store, older), None);
    let stolen = revoking(&store, acme.public().id(), "stolen");
    assert_eq!(why(&stolen, older).as_deref(), Some("stolen"));
    assert_eq!(why(&stolen, newer), None, "the other publisher vouches for it");
    let both = revoking(&stolen, other.public().id(), "gone");
    assert!(why(&both, newer).is_some());
    // A signature of nobody who was known vouches for nothing.
    let strange = revoking(&trusting(&[]), acme.public().id(), "stolen");
    assert_eq!(why(&strange, older).as_deref(), Some("stolen"));
    assert_eq!(why(&revoking(&store, second.digest(), "leaks"), older), None);
    assert_eq!(why(&revoking(&store, second.digest(), "leaks"), newer).as_deref(), Some("leaks"));
    let of_bytes = revoking(&store, component, "it steals");
    assert_eq!(of_bytes.revoked(component, None).unwrap().reason, "it steals");
    let said = refusal(&of_bytes, &first, &Policy::default());
    assert!(said.ends_with("its component was revoked: it steals"), "{said}");
}

#[test]
fn a_lock_remembers_what_was_installed_before_up_to_a_limit() {
    let mut lock = Lock::default();
    for patch in 0..150 {
        let package = package(&format!("1.0.{patch}"), "");
        lock.enter(&package, &verified(None), false).unwrap();
    }
    assert_eq!(lock.earlier.len(), 100);
    assert_eq!(lock.earlier[0].version.to_string(), "1.0.49");
    let again = package("1.0.100", "");
    lock.enter(&again, &verified(None), true).unwrap();
    assert!(lock.earlier.iter().all(|one| one.package != again.digest()));
    assert_eq!(lock.earlier.last().unwrap().version.to_string(), "1.0.149");
}
