//! Changing flow and router under load: not one call fails.

use std::time::Duration;

use crate::harness::{Peer, Server, free_port, root, story};
use crate::queue::QUEUE;
use crate::sipp::Caller;

pub const AGENTS: usize = 30;

pub fn flow(version: u32) -> String {
    format!(
        "answer();\nattribute(\"version\", \"{version}\");\nenqueue(\"sales\");\nhang_up(\"done\");\n"
    )
}

/// Agents whose phones are one SIPp that answers at once and talks for 300 ms.
pub fn config(port: u16) -> String {
    let mut config = QUEUE.replace("record = true\n", "");
    for number in 0..AGENTS {
        config.push_str(&format!(
            "[tenants.acme.agents.a{number}]\npassword = \"x-{number}\"\nqueues = {{ sales = 5 }}\n\
             uri = \"sip:a{number}@127.0.0.1:{port}\"\n"
        ));
    }
    config
}

/// Answers, and hangs up 300 ms after the ACK.
const ANSWERER: &str = r#"<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="answerer">
<recv request="INVITE" crlf="true"/>
<send retrans="500"><![CDATA[
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]A[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:[local_ip]:[local_port];transport=[transport]>
      Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
      s=-
      c=IN IP[media_ip_type] [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 8
      a=rtpmap:8 PCMA/8000

]]></send>
<recv request="ACK"/>
<pause milliseconds="300"/>
<send retrans="500"><![CDATA[
      BYE [next_url] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      [routes]
      From: <sip:agent@[local_ip]:[local_port]>;tag=[pid]A[call_number]
      To: [$2]
      Call-ID: [call_id]
      CSeq: 1 BYE
      Max-Forwards: 70
      Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>
"#;

/// The answerer's BYE needs the caller's From as its To, and its own To as its From.
fn answerer() -> String {
    ANSWERER
        .replace(
            "<recv request=\"INVITE\" crlf=\"true\"/>",
            "<recv request=\"INVITE\" crlf=\"true\" rrs=\"true\"><action>\
             <ereg regexp=\".*\" search_in=\"hdr\" header=\"From:\" assign_to=\"2\"/>\
             <ereg regexp=\"sip:[^&gt;]*\" search_in=\"hdr\" header=\"To:\" assign_to=\"3\"/>\
             </action></recv>",
        )
        .replace("From: <sip:agent@[local_ip]:[local_port]>", "From: <[$3]>")
}

pub fn start_agents(server: &Server, port: u16) -> Peer {
    let file = server.dir.join("answerer.xml");
    std::fs::write(&file, answerer()).unwrap();
    let child = std::process::Command::new("sipp")
        .arg("-sf")
        .arg(&file)
        .args(["-i", "127.0.0.1", "-p", &port.to_string(), "-nostdin"])
        .args(["-mp", &(free_port() & !1).to_string()])
        .args(["-timeout", "600s"])
        .current_dir(&server.dir)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    Peer(child)
}

#[test]
fn fifty_swaps_of_flow_and_router_under_load() {
    let port = free_port();
    let server = Server::start_alone("swap", &config(port), &[("main.rhai", &flow(0))]);
    let _agents = start_agents(&server, port);
    for number in 0..AGENTS {
        server.ok(&["agent", "state", "acme", &format!("a{number}"), "ready"]);
    }
    let scripts: Vec<_> = (0..2)
        .map(|version| {
            let file = server.dir.join(format!("flow-{version}.rhai"));
            std::fs::write(&file, flow(version)).unwrap();
            file.to_str().unwrap().to_owned()
        })
        .collect();
    // Both versions of the flow, and both routers, exist before the load begins: what is tested is
    // the switch under load, not the compiler's share of two cores.
    for script in &scripts {
        server.ok(&["flow", "publish", "acme", "main", script]);
    }
    let digests: Vec<_> = ["router-longest-idle", "router-skills"]
        .iter()
        .map(|name| {
            let file = root().join(format!("target/plugins/{name}.wasm"));
            let file = file.to_str().unwrap();
            let installed = server.json(&["plugin", "install", "acme", "longest-idle", file]);
            installed["digest"].as_str().unwrap().to_owned()
        })
        .collect();

    const CALLS: u32 = 700;
    let mut load = Caller::new().call().expect_bye(30_000).start_many(&server, "100", CALLS, 20);
    for swap in 0..50 {
        server.ok(&["flow", "publish", "acme", "main", &scripts[swap % 2]]);
        server.ok(&["plugin", "activate", "acme", "longest-idle", &digests[swap % 2]]);
        // Spread over the load: it lasts 35 s.
        std::thread::sleep(Duration::from_millis(600));
    }
    let ended = server
        .until("the end of the load", Duration::from_secs(120), || load.0.try_wait().unwrap());
    assert!(ended.success(), "SIPp: {ended}\n{}", server.log());
    check_stories(&server, CALLS as usize);
}

/// What the stories say: every call was served, and no agent had two calls at once.
fn check_stories(server: &Server, expected: usize) {
    let mut talks: Vec<(String, String, String)> = Vec::new();
    let calls = server.interactions("acme");
    for call in &calls {
        let id = call["id"].as_str().unwrap();
        let whole = server.json(&["interaction", "show", "acme", id]);
        assert_eq!(whole["end"], "completed", "{whole}");
        assert!(story(&whole).contains(&"connected".to_owned()), "{whole}");
        let at = |what: &str| {
            let events = whole["timeline"].as_array().unwrap();
            let event = events.iter().find(|event| event["what"] == what).unwrap();
            event["at"].as_str().unwrap().to_owned()
        };
        let agent = whole["agent"].as_str().unwrap().to_owned();
        talks.push((agent, at("connected"), at("disconnected")));
    }
    assert_eq!(calls.len(), expected);
    talks.sort();
    for pair in talks.windows(2) {
        let ((one, _, until), (other, from, _)) = (&pair[0], &pair[1]);
        assert!(one != other || until <= from, "{one} had two calls at once: {pair:?}");
    }
}

#[test]
fn a_call_in_progress_keeps_its_version() {
    let old = "answer();\ngather(#{ max: 1, first: 20 });\nattribute(\"version\", \"old\");\nhang_up(\"end\");\n";
    let server = Server::start_alone("pinned", QUEUE, &[("main.rhai", old)]);
    let mut caller = Caller::new()
        .call()
        .pause(12_000)
        .info('1', 0)
        .expect_bye(5_000)
        .start_many(&server, "100", 1, 1);
    server.until("the call", Duration::from_secs(5), || {
        (server.metric("jackfield_interactions_open", "acme") == 1.0).then_some(())
    });
    let new = server.dir.join("new.rhai");
    std::fs::write(&new, old.replace("\"old\"", "\"new\"")).unwrap();
    server.ok(&["flow", "publish", "acme", "main", new.to_str().unwrap()]);
    Caller::new().call().info('1', 0).expect_bye(5_000).run(&server, "100");
    let second = server.last_interaction("acme");
    assert_eq!(crate::harness::attribute(&second, "version").as_deref(), Some("new"));
    let ended = server
        .until("the first call's end", Duration::from_secs(30), || caller.0.try_wait().unwrap());
    assert!(ended.success());
    let calls = server.interactions("acme");
    let first = calls.last().unwrap();
    assert_eq!(crate::harness::attribute(first, "version").as_deref(), Some("old"));
}

#[test]
fn what_fails_to_publish_leaves_the_old_version_serving() {
    let server = Server::start_alone("refused", QUEUE, &[("main.rhai", &flow(0))]);
    let bad = server.dir.join("bad.rhai");
    std::fs::write(&bad, "answer();\nsay(\"unfinished);\n").unwrap();
    let output = server.cli(&["flow", "publish", "acme", "main", bad.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("line 2"), "{said}");
    let flow_wasm = root().join("target/plugins/flow-rhai.wasm");
    let flow_wasm = flow_wasm.to_str().unwrap();
    let output = server.cli(&["plugin", "install", "acme", "longest-idle", flow_wasm]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("reads scripts"), "{said}");
    let versions = server.json(&["flow", "versions", "acme", "main"]);
    assert_eq!(versions["items"].as_array().unwrap().len(), 1, "{versions}");
}
