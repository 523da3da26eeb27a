//! Taking over state: what a version makes of what the one before has kept, and what becomes of those that fail.

use std::fmt::Write as _;
use std::sync::Arc;

use expect_test::expect;
use jackfield_plugin_host::{Grants, StateEntry, World};

use crate::support::{Books, HOST, guest};

fn entry(key: &str, value: &[u8]) -> StateEntry {
    StateEntry { key: key.to_owned(), value: value.to_vec(), ttl_seconds: Some(60) }
}

#[tokio::test]
async fn a_version_takes_over_or_says_why_not() {
    let install = |name| HOST.install(&guest(name), World::Router, &Grants::all()).unwrap().digest;
    let (first, second) = (install("router-remembers"), install("router-remembers-2"));
    assert_eq!(HOST.migrates(&first, World::Router), Ok(false));
    assert_eq!(HOST.migrates(&second, World::Router), Ok(true));
    assert!(HOST.migrates("none", World::Router).is_err());
    let account = HOST.account("migrations").plugin("remembers");
    let mut told = String::new();
    for spoil in ["", "refuse", "trap", "loop", "flood", "long-key"] {
        let mut entries = vec![entry("count", b"41")];
        if !spoil.is_empty() {
            entries.push(entry("spoil", spoil.as_bytes()));
        }
        let version = (&*second, World::Router);
        let made = HOST.migrate(version, entries, Arc::new(Books::default()), &account).await;
        let _ = match made {
            Ok(entries) => {
                let shown = |one: &StateEntry| {
                    let (key, bytes) = (one.key.get(..8).unwrap_or(&one.key), one.value.len());
                    format!("{key} {bytes} bytes {:?}", one.ttl_seconds)
                };
                let entries: Vec<String> = entries.iter().map(shown).collect();
                writeln!(told, "{spoil}: {}", entries.join(", "))
            }
            Err(error) => writeln!(told, "{spoil}: {error}"),
        };
    }
    expect![[r#"
        : count 4 bytes Some(60)
        refuse: it says: the count is not to be trusted
        trap: it trapped: gave up (panic)
        loop: it exceeded its deadline
        flood: k0 307200 bytes None, k1 307200 bytes None, k2 307200 bytes None, k3 307200 bytes None
        long-key: kkkkkkkk 0 bytes None
    "#]].assert_eq(&told);
    // What failed has left nothing behind: an account has as many instances as before.
    assert_eq!(account.tenant().instances(), 0);
    let text = vec![entry("count", b"many")];
    let made = HOST.migrate((&second, World::Router), text, Arc::new(Books::default()), &account);
    assert_eq!(made.await.unwrap_err().to_string(), "it says: `count` is no count");
}
