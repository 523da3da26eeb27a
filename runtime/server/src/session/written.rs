//! A chat, an e-mail or a task: no leg, and no flow in charge. Brought in by another system, it
//! joins its queue at once, stands in an agent's view until it is accepted, and ends with the
//! conversation or when the customer's side says so.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use jackfield_core::{
    Attribute, Channel, EndCause, Input, InteractionId, QueueId, QueueOptions, Refusal,
};
use jackfield_store::{InteractionRecord, StoreError};
use tokio::sync::{mpsc, oneshot};

use super::enqueue::history;
use super::run::end_name;
use super::{chat, story};
use crate::tenant::{Message, SessionNews, Tenant, now};
use crate::worlds::webchat;

/// What is brought in.
pub struct Opening {
    /// The kind of conversation; not voice.
    pub channel: Channel,
    /// Where it waits.
    pub queue: QueueId,
    /// The customer's address.
    pub address: Option<String>,
    /// What is needed of agents, and what they are shown.
    pub options: QueueOptions,
}

/// Why nothing was brought in.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// As many interactions are in the centre as may be, or the engine is behind.
    #[error("the tenant has as many interactions at once as `max_interactions` allows")]
    Full,
    /// The store did not take it.
    #[error("it cannot be kept")]
    Store(#[from] StoreError),
}

/// Who ends a conversation at the customer's side, and wants to know when it is done.
type Ending = oneshot::Sender<()>;

/// The written conversations of a tenant that are open.
#[derive(Default)]
pub struct WrittenSessions(Mutex<HashMap<InteractionId, mpsc::UnboundedSender<Ending>>>);

impl WrittenSessions {
    fn sessions(
        &self,
    ) -> std::sync::MutexGuard<'_, HashMap<InteractionId, mpsc::UnboundedSender<Ending>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends one at the customer's side; returns once its story is told, also if it is over already.
    pub async fn end(&self, interaction: InteractionId) {
        let (reply, done) = oneshot::channel();
        let session = self.sessions().get(&interaction).cloned();
        if session.is_some_and(|session| session.send(reply).is_ok()) {
            // A session that ends by itself at this moment drops the reply: it is over as well.
            let _ = done.await;
        }
    }
}

/// Brings a conversation in. It is durable when this returns, and its session runs.
///
/// # Errors
///
/// [`NotOpened`]: nothing has happened then.
pub async fn open(tenant: &Arc<Tenant>, opening: Opening) -> Result<InteractionRecord, NotOpened> {
    let limit = tenant.config().center.limits.interactions;
    let before = tenant.open.fetch_add(1, Ordering::Relaxed);
    if limit <= before || !tenant.keeps_up() {
        tenant.open.fetch_sub(1, Ordering::Relaxed);
        return Err(NotOpened::Full);
    }
    let id = tenant.new_interaction_id();
    let record = begin(tenant, id, &opening);
    let kept = async {
        let lsn = tenant.store.put_interaction(&record)?;
        tenant.journal.durable(lsn).await
    };
    if let Err(error) = kept.await {
        tenant.open.fetch_sub(1, Ordering::Relaxed);
        return Err(error.into());
    }
    let Opening { queue, mut options, address, .. } = opening;
    options.history = history(tenant, id, address).await;
    let session = Session::new(tenant, record.clone());
    session.start(queue, options).await;
    Ok(record)
}

fn begin(tenant: &Tenant, id: InteractionId, opening: &Opening) -> InteractionRecord {
    let at = now();
    let mut record = InteractionRecord {
        ani: opening.address.clone(),
        queue: Some(opening.queue.clone()),
        language: Some(tenant.config().language.clone()),
        attributes: opening.options.attributes.clone(),
        ..InteractionRecord::arrived(id, opening.channel, opening.queue.as_str(), at.as_micros())
    };
    let mut details: Vec<Attribute> = Vec::new();
    details.extend(opening.address.iter().map(|from| ("from".to_owned(), from.clone())));
    details.push(("queue".to_owned(), opening.queue.to_string()));
    story::add(&mut record, at, "arrived", details);
    record
}

struct Session {
    tenant: Arc<Tenant>,
    record: InteractionRecord,
    listen: mpsc::UnboundedSender<SessionNews>,
    news: mpsc::UnboundedReceiver<SessionNews>,
    endings: mpsc::UnboundedReceiver<Ending>,
}

impl Session {
    fn new(tenant: &Arc<Tenant>, record: InteractionRecord) -> Self {
        let (listen, news) = mpsc::unbounded_channel();
        let (end, endings) = mpsc::unbounded_channel();
        tenant.written.sessions().insert(record.id, end);
        Self { tenant: Arc::clone(tenant), record, listen, news, endings }
    }

    /// Tells the engine, and goes on by itself.
    async fn start(self, queue: QueueId, options: QueueOptions) {
        let interaction = self.record.id;
        let arrived = Input::InteractionArrived {
            interaction,
            channel: self.record.channel,
            ani: self.record.ani.clone(),
            dnis: self.record.dnis.clone(),
        };
        let session = self.listen.clone();
        self.tenant.tell(Message::Arrived { input: arrived, interaction, session }).await;
        self.tenant.input(Input::InteractionEnqueued { interaction, queue, options }).await;
        let tenant = Arc::clone(&self.tenant);
        tenant.spawn(self.run());
    }

    async fn run(mut self) {
        let mut waiting: Vec<Ending> = Vec::new();
        let cause = loop {
            tokio::select! {
                biased;
                Some(news) = self.news.recv() => match self.hear(news).await {
                    Some(cause) => break cause,
                    None => continue,
                },
                Some(ending) = self.endings.recv() => {
                    waiting.push(ending);
                    self.end(EndCause::CustomerLeft).await;
                }
            }
        };
        self.record.ended_at = Some(now().as_micros());
        story::add(&mut self.record, now(), "ended", vec![("cause".to_owned(), end_name(&cause))]);
        self.record.end = Some(cause);
        self.keep();
        self.tenant.written.sessions().remove(&self.record.id);
        self.tenant.open.fetch_sub(1, Ordering::Relaxed);
        for ending in waiting {
            // Who asked may have gone.
            let _ = ending.send(());
        }
    }

    /// Takes the engine's news; returns the cause once it has closed the interaction.
    async fn hear(&mut self, news: SessionNews) -> Option<EndCause> {
        story::keep_news(&mut self.record, &news);
        match news {
            SessionNews::Connect { .. } => self.keep(),
            // No flow goes on with it.
            SessionNews::LeftQueue { .. } => self.end(EndCause::Completed).await,
            SessionNews::Refused(why @ Refusal::TooManyInteractions { .. }) => {
                // The engine has never had it, so it will not close it either.
                return Some(EndCause::Failed(why.to_string()));
            }
            SessionNews::Refused(why) => self.end(EndCause::Failed(why.to_string())).await,
            SessionNews::Closed(cause) => return Some(cause),
            SessionNews::Story { .. }
            | SessionNews::Disconnect { .. }
            | SessionNews::Held(_)
            | SessionNews::Digits(_)
            | SessionNews::Onward(_)
            | SessionNews::Handed(_)
            | SessionNews::Announce { .. } => {}
        }
        None
    }

    async fn end(&self, cause: EndCause) {
        let interaction = self.record.id;
        self.tenant.input(Input::InteractionEnded { interaction, cause }).await;
    }

    fn keep(&self) {
        if let Err(error) = self.tenant.store.put_interaction(&self.record) {
            tracing::error!(tenant = %self.tenant.id, interaction = %self.record.id, %error, "the story is not kept");
        }
    }
}

/// A conversation that was open when the process ended.
pub struct Reopening {
    /// Its story so far.
    pub record: InteractionRecord,
    /// Where it waited, or was served from.
    pub queue: QueueId,
    /// With its first place in line.
    pub options: QueueOptions,
}

/// Puts a conversation that was open when the process ended back into its queue.
pub async fn reopen(tenant: &Arc<Tenant>, reopening: Reopening) {
    let Reopening { mut record, queue, options } = reopening;
    tenant.open.fetch_add(1, Ordering::Relaxed);
    let details = vec![("queue".to_owned(), queue.to_string())];
    story::add(&mut record, now(), "back_in_line", details);
    record.queue = Some(queue.clone());
    if webchat::serves(&tenant.config(), &record.dnis) {
        return chat::reopen(tenant, record, options).await;
    }
    let session = Session::new(tenant, record);
    session.keep();
    session.start(queue, options).await;
}
