//! Requests over sockets: to servers of this machine, whose networks are opened for it, by names that
//! mean what a test says.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::{Egress, EgressConfig, EgressError, HostRule, Network, Policy, Request, Resolve};

/// Answers to look-ups, one after another; the last one stays.
struct Names(Mutex<VecDeque<Vec<SocketAddr>>>, Mutex<u32>);

impl Names {
    fn say(answers: &[&[SocketAddr]]) -> Arc<Self> {
        let answers = answers.iter().map(|all| all.to_vec()).collect();
        Arc::new(Self(Mutex::new(answers), Mutex::new(0)))
    }

    fn looked_up(&self) -> u32 {
        *self.1.lock().unwrap()
    }
}

impl Resolve for Names {
    fn resolve<'a>(&'a self, _: &'a str, _: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        *self.1.lock().unwrap() += 1;
        let mut answers = self.0.lock().unwrap();
        let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        Box::pin(async move { Ok(next.unwrap_or_default()) })
    }
}

/// A server that answers every connection with these bytes; what it was sent is kept.
struct Server {
    at: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(host: &str, answer: &'static [u8], close: bool) -> Self {
        let listener = TcpListener::bind((host, 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heard);
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut got = vec![0; 16 << 10];
                let n = stream.read(&mut got).await.unwrap_or(0);
                kept.lock().unwrap().push(String::from_utf8_lossy(&got[..n]).into_owned());
                let _ = stream.write_all(answer).await;
                if !close {
                    open.push(stream);
                }
            }
        });
        Self { at, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nx-said: s3cret\r\ncontent-length: 9\r\n\r\nhi s3cret";

fn open(networks: &[&str]) -> EgressConfig {
    let allow_networks = networks.iter().map(|text| Network::parse(text).unwrap()).collect();
    EgressConfig { allow_networks, response_bytes_max: 1_000, ..EgressConfig::default() }
}

fn egress(config: EgressConfig, names: &Arc<Names>) -> Egress {
    let names = Arc::<Names>::clone(names);
    Egress::with(config, rustls::RootCertStore::empty(), names)
}

fn policy(host: &str) -> Policy {
    Policy {
        owner: "acme/crm".to_owned(),
        hosts: vec![HostRule::parse(host).unwrap()],
        secrets: BTreeMap::from([("key".to_owned(), "s3cret".to_owned())]),
    }
}

fn get(url: &str) -> Request {
    Request {
        method: "GET",
        url: url.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        timeout: None,
    }
}

#[tokio::test]
async fn a_name_that_changes_its_meaning_gains_nothing() {
    let good = Server::start("127.0.0.2", OK, true).await;
    let port = good.at.port();
    let inside = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let bad = inside.local_addr().unwrap();
    let names = Names::say(&[&[good.at], &[bad]]);
    let egress = egress(open(&["127.0.0.2"]), &names);
    let policy = policy(&format!("rebind.example:{port}"));
    let url = format!("http://rebind.example:{port}/");
    // Looked up once, and connected to what was looked at.
    assert_eq!(egress.send(&policy, get(&url)).await.unwrap().status, 200);
    assert_eq!((names.looked_up(), good.heard().len()), (1, 1));
    // The next one is looked at anew.
    let error = egress.send(&policy, get(&url)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`rebind.example` is at 127.0.0.1, which is loopback: an operator may open its network with \
         `plugins.http.allow_networks`"
    );
    assert_eq!(names.looked_up(), 2);
    let nobody = tokio::time::timeout(Duration::from_millis(20), inside.accept()).await;
    assert!(nobody.is_err(), "somebody came in");
}

#[tokio::test]
async fn one_address_inside_spoils_those_outside() {
    let good = Server::start("127.0.0.2", OK, true).await;
    let port = good.at.port();
    let inside = |host: &str| SocketAddr::new(host.parse().unwrap(), port);
    for bad in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::ffff:192.168.0.1", "::1", "fe80::1"]
    {
        let names = Names::say(&[&[good.at, inside(bad)]]);
        let egress = egress(open(&["127.0.0.2"]), &names);
        let url = format!("http://mixed.example:{port}/");
        let error = egress.send(&policy(&format!("mixed.example:{port}")), get(&url)).await;
        assert!(matches!(error, Err(EgressError::NotAllowed(_))), "{bad}: {error:?}");
    }
    assert!(good.heard().is_empty());
}

#[tokio::test]
async fn addresses_in_urls_are_checked_like_those_of_names() {
    let names = Names::say(&[]);
    let egress = egress(open(&[]), &names);
    for host in [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ] {
        let policy = policy(&format!("{host}:80"));
        let error = egress.send(&policy, get(&format!("http://{host}:80/latest/meta-data"))).await;
        let text = error.unwrap_err().to_string();
        assert!(text.contains("an operator may open its network"), "{host}: {text}");
    }
    assert_eq!(names.looked_up(), 0);
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let inside = Server::start("127.0.0.1", OK, true).await;
    let away: &'static str = Box::leak(
        format!(
            "HTTP/1.1 302 Found\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n",
            inside.at
        )
        .into_boxed_str(),
    );
    let good = Server::start("127.0.0.2", away.as_bytes(), true).await;
    let egress = egress(open(&["127.0.0.2"]), &Names::say(&[&[good.at]]));
    let port = good.at.port();
    let url = format!("http://api.example:{port}/");
    let policy = policy(&format!("api.example:{port}"));
    let answer = egress.send(&policy, get(&url)).await.unwrap();
    assert_eq!(answer.status, 302);
    // Whoever follows it is checked like everybody.
    let location = answer.headers.iter().find(|(name, _)| name == "location").unwrap().1.clone();
    let error = egress.send(&policy, get(&location)).await.unwrap_err().to_string();
    assert!(error.contains("is not granted: add"), "{error}");
    assert!(inside.heard().is_empty());
}

#[tokio::test]
async fn secrets_are_put_in_at_the_edge_and_hidden_on_the_way_back() {
    let server = Server::start("127.0.0.2", OK, true).await;
    let egress = egress(open(&["127.0.0.2"]), &Names::say(&[&[server.at]]));
    let port = server.at.port();
    let mut request = get(&format!("http://api.example:{port}/v1?q=1"));
    request.method = "POST";
    request.headers = vec![("authorization".to_owned(), "Bearer {{secret:key}}".to_owned())];
    request.body = b"{\"token\":\"{{secret:key}}\"}".to_vec();
    let policy = policy(&format!("api.example:{port}"));
    // A body may hold what a customer wrote: secrets are put in only if the plugin says so.
    egress.send(&policy, request.clone()).await.unwrap();
    let heard = server.heard().concat();
    assert!(heard.contains("authorization: Bearer s3cret\r\n"), "{heard}");
    assert!(heard.ends_with("{\"token\":\"{{secret:key}}\"}"), "{heard}");
    request.headers.push(("Jackfield-Secrets-In".to_owned(), "body".to_owned()));
    let answer = egress.send(&policy, request.clone()).await.unwrap();
    let heard = server.heard().pop().unwrap();
    assert!(heard.starts_with("POST /v1?q=1 HTTP/1.1\r\n"), "{heard}");
    assert!(heard.ends_with("{\"token\":\"s3cret\"}"), "{heard}");
    assert!(!heard.contains("jackfield-secrets-in"), "{heard}");
    assert_eq!(answer.body, b"hi [secret]");
    assert!(answer.headers.contains(&("x-said".to_owned(), "[secret]".to_owned())));
    // A name it does not have goes nowhere.
    request.body = b"{{secret:other}}".to_vec();
    let error = egress.send(&policy, request.clone()).await.unwrap_err().to_string();
    assert_eq!(error, "there is no secret `other`: add it to `secrets` of the plugin's entry");
    // Neither does a header that would make another request of it.
    for (name, value) in
        [("Host", "inside"), ("content-length", "0"), ("a b", "c"), ("x", "a\r\nb: c")]
    {
        request.body.clear();
        request.headers = vec![(name.to_owned(), value.to_owned())];
        let error = egress.send(&policy, request.clone()).await;
        assert!(matches!(error, Err(EgressError::Invalid(_))), "{name}: {error:?}");
    }
    assert_eq!(server.heard().len(), 2);
}

#[tokio::test]
async fn answers_have_a_size_and_a_time() {
    const LONG: &[u8] = &{
        let mut all = [b'x'; 2_048];
        let head = b"HTTP/1.1 200 OK\r\n\r\n";
        let mut at = 0;
        while at < head.len() {
            all[at] = head[at];
            at += 1;
        }
        all
    };
    let long = Server::start("127.0.0.2", LONG, true).await;
    let silent = Server::start("127.0.0.2", b"", false).await;
    let config = EgressConfig { request_bytes_max: 10, ..open(&["127.0.0.2"]) };
    let to = |server: &Server| {
        let port = server.at.port();
        (policy(&format!("api.example:{port}")), get(&format!("http://api.example:{port}/")))
    };
    let out = egress(config.clone(), &Names::say(&[&[long.at]]));
    let (policy, mut request) = to(&long);
    let error = out.send(&policy, request.clone()).await.unwrap_err();
    assert_eq!(error, EgressError::Limit("the answer has more than 1000 bytes".to_owned()));
    request.body = vec![b'x'; 11];
    let error = out.send(&policy, request).await.unwrap_err();
    assert_eq!(error, EgressError::Limit("the body has more than 10 bytes".to_owned()));

    let out = egress(config, &Names::say(&[&[silent.at]]));
    let (policy, mut request) = to(&silent);
    request.timeout = Some(Duration::from_millis(20));
    assert_eq!(out.send(&policy, request).await, Err(EgressError::Timeout));
    assert_eq!(out.figures().outcomes(), [("acme/crm".to_owned(), "timeout", 1)]);
}

#[tokio::test]
async fn so_many_at_once_and_no_more() {
    let silent = Server::start("127.0.0.2", b"", false).await;
    let config = EgressConfig {
        at_once_each_max: 2,
        at_once_max: 3,
        time_max: Duration::from_millis(200),
        ..open(&["127.0.0.2"])
    };
    let out = egress(config, &Names::say(&[&[silent.at]]));
    let port = silent.at.port();
    let url = format!("http://api.example:{port}/");
    let of =
        |owner: &str| Policy { owner: owner.to_owned(), ..policy(&format!("api.example:{port}")) };
    let (acme, other) = (of("acme/crm"), of("romashka/crm"));
    let send = |policy| out.send(policy, get(&url));
    // Polled in this order, so the third of Acme's and the fourth of all find no place.
    let all = futures_util::future::join_all([
        send(&acme),
        send(&acme),
        send(&acme),
        send(&other),
        send(&other),
    ]);
    let limit = |whose: &str| Err(EgressError::Limit(format!("{whose} requests at once")));
    let late = || Err(EgressError::Timeout);
    let wanted = [late(), late(), limit("the plugin's"), late(), limit("all plugins'")];
    assert_eq!(all.await, wanted);
    assert_eq!(out.at_once(), (0, 3));
}
