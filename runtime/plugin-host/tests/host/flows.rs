//! Published flows: as the draft, and many at once.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jackfield_plugin_host::{FlowPlugin, Grants, PublishError, Services, World};

use crate::support::{Books, HOST, Scripted, guest, interpreter, play};

const SCRIPT: &str = r#"
answer();
let n = 0;
play("welcome");
for i in 0..3 {
    // A "quoted" \ comment, and a letter outside of ASCII: ж
    let key = menu("Sales 1, other 2", #{ "1": "sales", "2": "other" });
    if key == "1" { n += 1; }
}
say(`done ${n}`);
"#;

fn published() -> FlowPlugin {
    static DIGEST: LazyLock<String> = LazyLock::new(|| {
        let flow = HOST.publish_script(&guest("flow-rhai"), SCRIPT).unwrap();
        let installed = HOST.install(&flow, World::Flow, &Grants::all()).unwrap();
        installed.digest
    });
    HOST.flow(&DIGEST).unwrap()
}

#[tokio::test]
async fn a_published_script_does_what_its_draft_does() {
    let draft = HOST.draft(&interpreter(), SCRIPT).unwrap();
    let digits = ["1", "2", "9", "1"];
    let published = play(&published(), Scripted::new(&digits)).await;
    assert_eq!(published, play(&draft, Scripted::new(&digits)).await);
    assert!(published.ends_with("play \"done 2\"\n=> returned\n"), "{published}");
}

#[test]
fn a_wrong_script_is_not_published() {
    let error = HOST.publish_script(&guest("flow-rhai"), "say(\"a\");\nlet = 3;").unwrap_err();
    let PublishError::Script(error) = error else { panic!("{error}") };
    assert_eq!((error.line, error.column), (2, 5));
}

#[tokio::test]
async fn five_hundred_flows_wait_at_once() {
    let flow = published();
    let started = std::time::Instant::now();
    let mut sessions = Vec::new();
    for _ in 0..500 {
        let flow = flow.clone();
        sessions.push(tokio::spawn(async move {
            let mut session = Scripted::new(&["1", "1", "1"]);
            session.verb_time = Duration::from_millis(300);
            play(&flow, session).await
        }));
    }
    for session in sessions {
        let end = session.await.unwrap();
        assert!(end.ends_with("play \"done 3\"\n=> returned\n"), "{end}");
    }
    // Six verbs of 300 ms each, one after the other: all sessions ran side by side.
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[tokio::test]
async fn dropping_a_flow_frees_its_place() {
    let flow = published();
    let mut session = Scripted::new(&[]);
    session.verb_time = Duration::from_secs(3600);
    let books: Arc<dyn Services> = Arc::new(Books::default());
    let run = flow.run(Box::new(session), books);
    assert!(tokio::time::timeout(Duration::from_millis(50), run).await.is_err());
    let again = play(&flow, Scripted::new(&["1", "1", "1"])).await;
    assert!(again.ends_with("=> returned\n"), "{again}");
}
