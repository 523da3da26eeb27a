//! SIPp scenarios, written as steps.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::harness::{LADEN, Peer, Server, free_port};

/// How long an answer to a request may take, in milliseconds.
const ANSWER_MS: u32 = 5_000 * LADEN;

/// A caller's scenario: steps in the order in which they happen.
pub struct Caller {
    steps: String,
    /// Commands so far: SIPp names branches by the distance to the command that made them.
    commands: u32,
    cseq: u32,
    from: String,
}

const IN_DIALOG: &str = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      [routes]
      From: <sip:FROM@[local_ip]:[local_port]>;tag=[pid]T[call_number]
      To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
      Call-ID: [call_id]
      Max-Forwards: 70";

const SDP: &str = "v=0
      o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
      s=-
      c=IN IP[media_ip_type] [media_ip]
      t=0 0
      m=audio [auto_media_port] RTP/AVP PT 101
      a=rtpmap:0 PCMU/8000
      a=rtpmap:8 PCMA/8000
      a=rtpmap:101 telephone-event/8000
      a=DIRECTION
      a=ptime:20";

/// How a batch of calls went.
#[derive(Debug)]
pub struct Outcome {
    /// Whether all went as the scenario says.
    pub ok: bool,
    /// What SIPp printed and logged.
    pub said: String,
}

impl Caller {
    /// A call that has not begun.
    pub fn new() -> Self {
        Self { steps: String::new(), commands: 0, cseq: 1, from: "sipp".to_owned() }
    }

    /// The user part of the From header.
    pub fn from(mut self, user: &str) -> Self {
        user.clone_into(&mut self.from);
        self
    }

    fn sdp(direction: &str) -> String {
        SDP.replace("PT", "0 8").replace("DIRECTION", direction)
    }

    fn in_dialog(&self) -> String {
        IN_DIALOG.replace("FROM", &self.from)
    }

    fn send(&mut self, retransmit: bool, text: &str) {
        self.commands += 1;
        let retrans = if retransmit { " retrans=\"500\"" } else { "" };
        let _ = write!(self.steps, "<send{retrans}><![CDATA[\n{text}\n\n]]></send>\n");
    }

    /// INVITE with SDP.
    pub fn invite(mut self) -> Self {
        let text = format!(
            "INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:{from}@[local_ip]:[local_port]>;tag=[pid]T[call_number]
      To: <sip:[service]@[remote_ip]:[remote_port]>
      Call-ID: [call_id]
      CSeq: 1 INVITE
      Contact: <sip:{from}@[local_ip]:[local_port];transport=[transport]>
      Max-Forwards: 70
      Content-Type: application/sdp
      Content-Length: [len]

      {sdp}",
            from = self.from,
            sdp = Self::sdp("sendrecv"),
        );
        self.send(true, &text);
        self
    }

    /// Expects a final status, after any provisional ones.
    pub fn expect(mut self, status: u16) -> Self {
        for provisional in [100, 180, 183] {
            self.commands += 1;
            let _ = writeln!(self.steps, "<recv response=\"{provisional}\" optional=\"true\"/>");
        }
        self.commands += 1;
        let _ =
            writeln!(self.steps, "<recv response=\"{status}\" rrs=\"true\" timeout=\"30000\"/>");
        self
    }

    /// INVITE, a refusal with this status, and its ACK.
    pub fn refused(self, status: u16) -> Self {
        let mut refused = self.invite().expect(status);
        refused.ack_refusal();
        refused
    }

    /// The ACK of a refusal belongs to the INVITE's transaction: the first command of the scenario.
    fn ack_refusal(&mut self) {
        let ack = format!(
            "ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-{}]
      From: <sip:{}@[local_ip]:[local_port]>;tag=[pid]T[call_number]
      To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
      Call-ID: [call_id]
      CSeq: 1 ACK
      Max-Forwards: 70
      Content-Length: 0",
            self.commands, self.from
        );
        self.send(false, &ack);
    }

    /// Expects a provisional status.
    pub fn expect_provisional(mut self, status: u16) -> Self {
        self.commands += 2;
        let _ = writeln!(self.steps, "<recv response=\"100\" optional=\"true\"/>");
        let _ = writeln!(self.steps, "<recv response=\"{status}\" timeout=\"30000\"/>");
        self
    }

    /// ACK of the last INVITE.
    pub fn ack(mut self) -> Self {
        let text = format!(
            "ACK [next_url] SIP/2.0\n      {}\n      CSeq: {} ACK\n      Content-Length: 0",
            self.in_dialog(),
            self.cseq
        );
        self.send(false, &text);
        self
    }

    /// INVITE, 200, ACK.
    pub fn call(self) -> Self {
        self.invite().expect(200).ack()
    }

    /// CANCEL of the INVITE, and its 487.
    pub fn cancel(mut self) -> Self {
        let text = format!(
            "CANCEL sip:[service]@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-{}]
      From: <sip:{}@[local_ip]:[local_port]>;tag=[pid]T[call_number]
      To: <sip:[service]@[remote_ip]:[remote_port]>
      Call-ID: [call_id]
      CSeq: 1 CANCEL
      Max-Forwards: 70
      Content-Length: 0",
            self.commands, self.from
        );
        self.send(true, &text);
        self.commands += 2;
        let _ = writeln!(self.steps, "<recv response=\"200\" timeout=\"{ANSWER_MS}\"/>");
        let _ = writeln!(self.steps, "<recv response=\"487\" timeout=\"{ANSWER_MS}\"/>");
        self.ack_refusal();
        self
    }

    /// Waits.
    pub fn pause(mut self, ms: u32) -> Self {
        // A pause of nothing is a command all the same, in which nothing may arrive.
        if ms == 0 {
            return self;
        }
        self.commands += 1;
        let _ = writeln!(self.steps, "<pause milliseconds=\"{ms}\"/>");
        self
    }

    /// Plays one of SIPp's real captures of a digit (`0`-`9`, `*`, `#`), and waits `ms`.
    pub fn digit(mut self, digit: char, ms: u32) -> Self {
        let name = match digit {
            '*' => "star".to_owned(),
            '#' => "pound".to_owned(),
            digit => digit.to_string(),
        };
        let file = format!("/usr/share/sip-tester/dtmf_2833_{name}.pcap");
        let _ =
            writeln!(self.steps, "<nop><action><exec play_pcap_audio=\"{file}\"/></action></nop>");
        self.pause(ms)
    }

    /// Sends a digit by INFO, and waits `ms`.
    pub fn info(mut self, digit: char, ms: u32) -> Self {
        self.cseq += 1;
        let text = format!(
            "INFO [next_url] SIP/2.0\n      {}\n      CSeq: {} INFO
      Content-Type: application/dtmf-relay
      Content-Length: [len]

      Signal={digit}
      Duration=100",
            self.in_dialog(),
            self.cseq
        );
        self.send(true, &text);
        let _ = writeln!(self.steps, "<recv response=\"200\" timeout=\"{ANSWER_MS}\"/>");
        self.pause(ms)
    }

    /// re-INVITE with a direction: `sendonly` is hold; expects the answer to hold `answer`.
    pub fn reinvite(mut self, direction: &str, answer: &str) -> Self {
        self.cseq += 1;
        let text = format!(
            "INVITE [next_url] SIP/2.0\n      {}\n      CSeq: {} INVITE
      Contact: <sip:{}@[local_ip]:[local_port];transport=[transport]>
      Content-Type: application/sdp
      Content-Length: [len]

      {}",
            self.in_dialog(),
            self.cseq,
            self.from,
            Self::sdp(direction),
        );
        self.send(true, &text);
        let _ = writeln!(self.steps, "<recv response=\"100\" optional=\"true\"/>");
        let _ = writeln!(
            self.steps,
            "<recv response=\"200\" timeout=\"{ANSWER_MS}\"><action><ereg regexp=\"a={answer}\" \
             search_in=\"body\" check_it=\"true\" assign_to=\"1\"/></action></recv>\n\
             <Reference variables=\"1\"/>"
        );
        self.ack()
    }

    /// Hangs up.
    pub fn bye(mut self) -> Self {
        self.cseq += 1;
        let text = format!(
            "BYE [next_url] SIP/2.0\n      {}\n      CSeq: {} BYE\n      Content-Length: 0",
            self.in_dialog(),
            self.cseq
        );
        self.send(true, &text);
        let _ = writeln!(self.steps, "<recv response=\"200\" timeout=\"{ANSWER_MS}\"/>");
        self
    }

    /// Expects the other side to hang up within `ms`, on a machine with nothing else to do.
    pub fn expect_bye(mut self, ms: u32) -> Self {
        let ms = ms * LADEN;
        let _ = writeln!(self.steps, "<recv request=\"BYE\" timeout=\"{ms}\"/>");
        self.send(
            false,
            "SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:]
      [last_Call-ID:]
      [last_CSeq:]
      Content-Length: 0",
        );
        self
    }

    fn write(&self, server: &Server, name: &str) -> PathBuf {
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n<scenario name=\"{name}\">\n{}</scenario>\n",
            self.steps
        );
        let file = server.dir.join(format!("{name}.xml"));
        std::fs::write(&file, xml).unwrap();
        file
    }

    /// Calls `number` once.
    #[track_caller]
    pub fn run(&self, server: &Server, number: &str) {
        self.run_many(server, number, 1, 1);
    }

    /// Calls `number` `calls` times at `rate` a second; each call must go as written.
    #[track_caller]
    pub fn run_many(&self, server: &Server, number: &str, calls: u32, rate: u32) {
        let outcome = self.try_many(server, number, calls, rate, &[]);
        assert!(outcome.ok, "SIPp: {}\nserver:\n{}", outcome.said, server.log());
    }

    /// The same, with further arguments, without judging.
    pub fn try_many(
        &self,
        server: &Server,
        number: &str,
        calls: u32,
        rate: u32,
        extra: &[&str],
    ) -> Outcome {
        let output = self.command(server, number, calls, rate, extra).output().unwrap();
        let errors =
            std::fs::read_to_string(server.dir.join("sipp-errors.log")).unwrap_or_default();
        let out = String::from_utf8_lossy(&output.stdout);
        let tail: Vec<_> = out.lines().rev().take(60).collect();
        let tail: Vec<_> = tail.into_iter().rev().collect();
        let err = String::from_utf8_lossy(&output.stderr);
        Outcome {
            ok: output.status.success(),
            said: format!("{}\n{err}\n{}", tail.join("\n"), first_lines(&errors, 60)),
        }
    }

    /// The same, in the background.
    pub fn start_many(&self, server: &Server, number: &str, calls: u32, rate: u32) -> Peer {
        let mut command = self.command(server, number, calls, rate, &[]);
        Peer(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn command(
        &self,
        server: &Server,
        number: &str,
        calls: u32,
        rate: u32,
        extra: &[&str],
    ) -> Command {
        let (port, media) = (free_port(), free_port() & !1);
        let scenario = self.write(server, &format!("caller-{port}"));
        let _ = std::fs::remove_file(server.dir.join("sipp-errors.log"));
        let mut command = Command::new("sipp");
        command
            .arg(format!("127.0.0.1:{}", server.sip))
            .arg("-sf")
            .arg(scenario)
            .args(["-s", number, "-i", "127.0.0.1", "-p", &port.to_string()])
            .args(["-mi", "127.0.0.1", "-mp", &media.to_string()])
            .args(["-m", &calls.to_string(), "-r", &rate.to_string(), "-l", "2000"])
            .args(["-nostdin", "-timeout", "180s", "-timeout_error"])
            .args(["-trace_err", "-error_file", "sipp-errors.log"])
            .args(extra)
            .current_dir(&server.dir);
        command
    }
}

fn first_lines(text: &str, count: usize) -> String {
    text.lines().take(count).collect::<Vec<_>>().join("\n")
}
