//! What the server holds of a leg: the handle, and what it shares with the dispatcher.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use super::dispatch::{Message, Order};
use crate::api::{Leg, LegEnd, LegError, LegEvent, LegId, PlayId, Repeat};
use crate::media::{Held, MediaEvent, MediaPort};
use crate::speech::Audio;

/// What the handle and the dispatcher share.
#[derive(Debug)]
pub(super) struct Shared {
    /// Its name.
    pub(super) id: LegId,
    /// Whether media flows: answered, and not over.
    pub(super) answered: AtomicBool,
    /// Whether the other side takes telephone events.
    pub(super) takes_events: AtomicBool,
    inner: Mutex<Inner>,
}

struct Inner {
    held: Held,
    /// Gone when the leg is over, so that nothing can follow [`LegEvent::Ended`].
    events: Option<mpsc::UnboundedSender<LegEvent>>,
    /// Gone once media started.
    media: Option<mpsc::UnboundedSender<MediaEvent>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("over", &self.events.is_none()).finish_non_exhaustive()
    }
}

impl Shared {
    /// A new leg with its port, and the receiver of its events.
    pub(super) fn new(port: MediaPort) -> (Arc<Self>, mpsc::UnboundedReceiver<LegEvent>) {
        let (events, receiver) = mpsc::unbounded_channel();
        let inner = Inner { held: Held::new(port), events: Some(events), media: None };
        let shared = Self {
            id: LegId::next(),
            answered: AtomicBool::new(false),
            takes_events: AtomicBool::new(false),
            inner: Mutex::new(inner),
        };
        (Arc::new(shared), receiver)
    }

    /// The port, unless the leg is over.
    pub(super) fn port(&self) -> Option<MediaPort> {
        self.lock().held.port()
    }

    /// Reports what happened, unless the leg is over.
    pub(super) fn report(&self, event: LegEvent) {
        if let Some(events) = &self.lock().events {
            // The server may have dropped its receiver; then nobody wants to know.
            let _ = events.send(event);
        }
    }

    /// Whether the end was reported.
    pub(super) fn is_over(&self) -> bool {
        self.lock().events.is_none()
    }

    /// Reports the end, once, and frees the port. Returns the port for the engine to unbridge.
    pub(super) fn end(&self, end: LegEnd) -> Option<MediaPort> {
        self.answered.store(false, Ordering::Relaxed);
        let mut inner = self.lock();
        let events = inner.events.take()?;
        let _ = events.send(LegEvent::Ended(end));
        inner.media = None;
        inner.held.end()
    }

    /// The sender for the port's events; the first call starts the task that passes them on.
    ///
    /// This is the one task a leg has. It ends with the port.
    pub(super) fn media_events(
        self: &Arc<Self>,
        orders: &mpsc::UnboundedSender<Message>,
    ) -> mpsc::UnboundedSender<MediaEvent> {
        let mut inner = self.lock();
        if let Some(sender) = &inner.media {
            return sender.clone();
        }
        let (sender, mut receiver) = mpsc::unbounded_channel();
        inner.media = Some(sender.clone());
        let shared = Arc::downgrade(self);
        let orders = orders.clone();
        tokio::spawn(async move {
            while let Some(event) = receiver.recv().await {
                let Some(leg) = shared.upgrade() else { return };
                match event {
                    MediaEvent::Digit(digit) => leg.report(LegEvent::Digit(digit)),
                    MediaEvent::Played(id) => leg.report(LegEvent::Played(id)),
                    MediaEvent::TimedOut => {
                        let _ = orders.send(Message::Order(leg.id, Order::MediaTimedOut));
                    }
                }
            }
        });
        sender
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server's handle. Dropping it hangs up.
pub(super) struct Handle {
    pub(super) shared: Arc<Shared>,
    pub(super) orders: mpsc::UnboundedSender<Message>,
}

impl Handle {
    fn order(&self, order: Order) {
        // The dispatcher is gone only when the endpoint is, and with it every leg.
        let _ = self.orders.send(Message::Order(self.shared.id, order));
    }

    async fn ask(
        &self,
        order: impl FnOnce(oneshot::Sender<Result<(), LegError>>) -> Order,
    ) -> Result<(), LegError> {
        if self.shared.is_over() {
            return Err(LegError::Ended);
        }
        let (reply, answer) = oneshot::channel();
        self.order(order(reply));
        answer.await.unwrap_or(Err(LegError::Ended))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if !self.shared.is_over() {
            self.order(Order::HangUp);
        }
    }
}

#[async_trait]
impl Leg for Handle {
    fn id(&self) -> LegId {
        self.shared.id
    }

    async fn ring(&self) -> Result<(), LegError> {
        self.ask(Order::Ring).await
    }

    async fn answer(&self) -> Result<(), LegError> {
        self.ask(Order::Answer).await
    }

    async fn refuse(&self, status: u16, reason: &str, retry_after: Option<Duration>) {
        let status = if (400..700).contains(&status) { status } else { 480 };
        let reason = reason.to_owned();
        let refusal = |reply| Order::Refuse { status, reason, retry_after, reply };
        // Refusing what is over or answered changes nothing.
        let _ = self.ask(refusal).await;
    }

    fn hang_up(&self) {
        self.order(Order::HangUp);
    }

    fn play(&self, audio: Arc<Audio>, repeat: Repeat) -> PlayId {
        let id = PlayId::next();
        if let Some(port) = self.shared.port() {
            port.play(id, audio, repeat);
        }
        id
    }

    fn stop_playing(&self) {
        if let Some(port) = self.shared.port() {
            port.stop_playing();
        }
    }

    fn send_digits(&self, digits: &str) -> Result<(), LegError> {
        let port = self.shared.port().ok_or(LegError::Ended)?;
        if !self.shared.answered.load(Ordering::Relaxed) {
            return Err(LegError::NotPossible("the leg is not answered".to_owned()));
        }
        if let Some(bad) = digits.chars().find(|digit| !super::info::is_digit(*digit)) {
            return Err(LegError::NotPossible(format!("`{bad}` is not a digit")));
        }
        if self.shared.takes_events.load(Ordering::Relaxed) {
            return port.send_digits(digits);
        }
        self.order(Order::SendInfo(digits.to_owned()));
        Ok(())
    }

    fn start_recording(&self, path: PathBuf) -> Result<(), LegError> {
        self.shared.lock().held.start_recording(path)
    }

    async fn stop_recording(&self) -> Duration {
        let stopping = self.shared.lock().held.stop_recording();
        stopping.length().await
    }

    async fn hold(&self, on: bool) -> Result<(), LegError> {
        self.ask(|reply| Order::Hold(on, reply)).await
    }

    async fn transfer(&self, to: &str) -> Result<(), LegError> {
        let to = to.to_owned();
        self.ask(|reply| Order::Transfer(to, reply)).await
    }

    fn level(&self) -> u16 {
        self.shared.port().map_or(0, |port| port.level())
    }
}
