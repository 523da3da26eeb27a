//! Our registrations with others: kept up, refreshed in time, taken back at the end.

use std::sync::Arc;
use std::time::Duration;

use sipx_sip::headers::ContactValue;
use sipx_sip::{HeaderName, Method, Response, TypedHeader as _, Uri};
use sipx_transport::{Handle, Target, TransportKind};
use tokio::sync::{mpsc, watch};

use super::client::{self, Login, Outcome};
use super::endpoint::{Common, resolve};
use super::message;
use crate::api::{EndpointEvent, Registration};

/// The first pause after a failure; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(2);
/// The longest pause between attempts.
const LONGEST: Duration = Duration::from_secs(300);
/// How long taking a registration back may hold up the end of the process.
const FAREWELL: Duration = Duration::from_secs(2);

struct Trunk {
    handle: Handle,
    common: Arc<Common>,
    wanted: Registration,
    registrar: Uri,
    login: Login,
    call_id: String,
    tag: u64,
    sequence: u32,
    expires: Duration,
}

/// Keeps a registration up until `stop` says so.
pub(super) async fn keep(
    handle: Handle,
    common: Arc<Common>,
    wanted: Registration,
    events: mpsc::Sender<EndpointEvent>,
    mut stop: watch::Receiver<bool>,
) {
    let name = wanted.name.clone();
    let tell = |state: Result<(), String>| {
        let event = EndpointEvent::Trunk { name: name.clone(), state };
        if events.try_send(event).is_err() {
            tracing::warn!("a trunk's state was not taken note of: too many events wait");
        }
    };
    let Some(registrar) = message::uri(wanted.registrar.as_bytes()) else {
        tell(Err(format!("`{}` is not a SIP address", wanted.registrar)));
        return;
    };
    let login = Some(Arc::new((wanted.user.clone(), wanted.password.clone())));
    let expires = wanted.expires;
    let call_id = format!("{:016x}{:016x}", message::random(), message::random());
    let tag = message::random();
    let mut trunk =
        Trunk { handle, common, wanted, registrar, login, call_id, tag, sequence: 0, expires };
    let mut pause = FIRST;
    let mut last: Option<Result<(), String>> = None;
    loop {
        let result = tokio::select! {
            result = trunk.renew() => result,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let (state, wait) = match result {
            Ok(granted) => {
                pause = FIRST;
                (Ok(()), between(granted.mul_f64(0.8), granted.mul_f64(0.9)))
            }
            Err(fault) => {
                let wait = between(pause.mul_f64(0.5), pause);
                pause = (pause * 2).min(LONGEST);
                (Err(fault), wait)
            }
        };
        if last.as_ref() != Some(&state) {
            tell(state.clone());
            last = Some(state);
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => (),
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    if last == Some(Ok(())) {
        // The registrar forgets us by itself if this is lost.
        let _ = tokio::time::timeout(FAREWELL, trunk.register(Duration::ZERO)).await;
    }
}

/// A random time between two, so that a thousand clients do not come at once.
fn between(low: Duration, high: Duration) -> Duration {
    let span = u64::try_from((high.saturating_sub(low)).as_millis()).unwrap_or(u64::MAX);
    low + Duration::from_millis(if span == 0 { 0 } else { message::random() % span })
}

impl Trunk {
    async fn renew(&mut self) -> Result<Duration, String> {
        self.register(self.expires).await
    }

    /// Registers once; returns for how long.
    async fn register(&mut self, expires: Duration) -> Result<Duration, String> {
        let target = resolve(&self.registrar).await.map_err(|error| error.to_string())?;
        let response = self.attempt(expires, &target).await?;
        match response.status.code() {
            200..300 => Ok(self.granted(&response, target.transport).unwrap_or(expires)),
            423 => {
                let least = message::text(&response.headers, &HeaderName::MinExpires)
                    .and_then(|value| value.trim().parse().ok())
                    .map(Duration::from_secs)
                    .filter(|least| *least > expires)
                    .ok_or("423 without a usable Min-Expires")?;
                self.expires = least;
                let response = self.attempt(least, &target).await?;
                if response.status.is_success() {
                    Ok(self.granted(&response, target.transport).unwrap_or(least))
                } else {
                    Err(describe(&response))
                }
            }
            _ => Err(describe(&response)),
        }
    }

    async fn attempt(&mut self, expires: Duration, target: &Target) -> Result<Response, String> {
        // Two numbers: the second is for the repetition with credentials.
        self.sequence += 2;
        let agent = &self.common.sip.user_agent;
        let mut request =
            message::request(Method::Register, self.registrar.clone(), self.sequence - 1, agent);
        let headers = &mut request.headers;
        let aor = &self.wanted.aor;
        message::push(headers, HeaderName::From, format!("<{aor}>;tag={:016x}", self.tag));
        message::push(headers, HeaderName::To, format!("<{aor}>"));
        message::push(headers, HeaderName::CallId, self.call_id.clone());
        message::push(headers, HeaderName::Contact, self.contact(target.transport));
        message::push(headers, HeaderName::Expires, expires.as_secs().to_string());
        message::push(headers, HeaderName::Allow, message::ALLOW);
        let request = message::with_body(request, None);
        match client::exchange(&self.handle, request, target, &self.login).await {
            Outcome::Response(response) => Ok(*response),
            Outcome::Timeout => Err("no response".to_owned()),
            Outcome::Transport(text) => Err(text),
        }
    }

    fn contact(&self, transport: TransportKind) -> String {
        let aor = message::uri(self.wanted.aor.as_bytes());
        let user = aor.map(|aor| message::user(&aor)).unwrap_or_default();
        self.common.contact(&user, transport).into()
    }

    /// What was granted to our contact, among those of others.
    fn granted(&self, response: &Response, transport: TransportKind) -> Option<Duration> {
        let ours = self.contact(transport);
        let ours = message::uri(ours.trim_matches(['<', '>']).as_bytes())?;
        let mut expires = None;
        for header in response.headers.get_all(&HeaderName::Contact) {
            for contact in ContactValue::decode_list(&header.value()).unwrap_or_default() {
                if let ContactValue::Address(address) = contact
                    && address.uri.equivalent(&ours)
                {
                    expires = address.param("expires").map(<[u8]>::to_vec);
                }
            }
        }
        let expires = expires
            .or_else(|| response.headers.value(&HeaderName::Expires).map(|value| value.to_vec()))?;
        let seconds: u64 = std::str::from_utf8(&expires).ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds.max(1)))
    }
}

fn describe(response: &Response) -> String {
    format!("{} {}", response.status.code(), String::from_utf8_lossy(&response.reason))
}
