//! SIPp, an independent peer, as Debian ships it.

use std::process::Command;

use jackfield_telephony::EndpointEvent;

use crate::harness::Subject;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sipp_is_answered_a_hundred_times_a_second() {
    let mut subject =
        Subject::with(|_, rtp| rtp.port_max = rtp.port_min + 398, Default::default()).await;
    let addr = subject.addr();
    let load = tokio::task::spawn_blocking(move || {
        Command::new("sipp")
            .args(["-sn", "uac", "-r", "100", "-m", "300", "-l", "150", "-nostdin", "-trace_err"])
            .args(["-i", "127.0.0.1", "-timeout", "60", "-timeout_error", &addr.to_string()])
            .current_dir(std::env::temp_dir())
            .output()
            .expect("`sipp` must be installed: apt-get install sip-tester")
    });
    let answering = tokio::spawn(async move {
        while let Some(event) = subject.events.recv().await {
            if let EndpointEvent::Incoming(mut call) = event {
                tokio::spawn(async move {
                    call.leg.answer().await.expect("answered");
                    while call.events.recv().await.is_some() {}
                });
            }
        }
    });
    let output = load.await.expect("SIPp ran");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    answering.abort();
}
