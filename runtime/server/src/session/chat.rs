//! A conversation on a channel, of a plugin's or the web chat: a chatbot first, if there is one, then a person.
//!
//! The engine is told of it when the customer comes, as of a call whose flow is in charge, and it is
//! queued when it is handed over. One task a conversation; it ends when the customer leaves, the bot or
//! the agent is done with it, or nobody has written for the channel's `idle` time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jackfield_core::{
    Attribute, Channel, EndCause, Input, Instant, InteractionId, Proficiency, QueueEnd, QueueId,
    QueueOptions, Refusal, SkillLevel,
};
use jackfield_plugin_host::World;
use jackfield_plugin_host::asked::channels::{self, Outgoing};
use jackfield_plugin_host::asked::conversation::{Action, Author, HandOver, Line, Turn};
use jackfield_store::{InteractionRecord, Lsn};
use tokio::sync::{mpsc, oneshot};

use super::enqueue::history;
use super::run::end_name;
use super::story;
use crate::rollout::{Pin, Subject};
use crate::tenant::{ActivePlugin, Message, SessionNews, Tenant, now, queue_end};
use crate::worlds::webchat::{self, Post, Stage};
use crate::worlds::{analysts, chats};

/// Lines that a bot is told.
const LINES_TOLD: usize = 40;
/// Lines that are kept of one conversation.
const LINES_MAX: usize = 2_000;
/// Bytes that are kept of one line.
const LINE_BYTES: usize = 8 << 10;
/// Bytes of a summary.
const SUMMARY_BYTES: usize = 2_000;
/// Actions of one turn that are done.
const ACTIONS_MAX: usize = 20;
/// Attributes of one conversation.
const ATTRIBUTES_MAX: usize = 64;

/// What a conversation is told from outside.
#[derive(Debug)]
pub enum Told {
    /// The customer wrote.
    Wrote(channels::Message),
    /// The customer is gone.
    Left,
    /// An agent is writing.
    AgentTypes,
    /// An agent writes; answered once the channel has taken it.
    Agent {
        /// Who.
        agent: Option<String>,
        /// What.
        text: String,
        /// Why it was not sent.
        done: oneshot::Sender<Result<(), String>>,
    },
}

/// Who has the conversation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    Bot,
    Queue,
    Agent,
    Over,
}

/// One line of a conversation, as analysts are told of it.
#[derive(Clone, Debug)]
pub struct Said {
    /// By whom.
    pub author: Author,
    /// When.
    pub at: Instant,
    /// What.
    pub text: String,
}

struct Chat {
    tenant: Arc<Tenant>,
    channel: String,
    to: String,
    record: InteractionRecord,
    news: mpsc::UnboundedReceiver<SessionNews>,
    told: mpsc::Receiver<Told>,
    place: Place,
    /// The version of the chatbot that leads the conversation.
    led_by: Option<(Arc<ActivePlugin>, Pin)>,
    lines: Vec<Said>,
    /// Messages so far, kept or not.
    posts: u32,
    turns: u32,
    /// Why it ends, for the customer: `served`, `left`, `idle`, `failed`, or why it left its queue.
    why: String,
}

/// Begins a conversation with its first message. Returns its name.
pub async fn begin(
    tenant: &Arc<Tenant>,
    channel: &str,
    kind: Channel,
    first: &channels::Message,
    told: mpsc::Receiver<Told>,
) -> Option<InteractionId> {
    let limit = tenant.config().center.limits.interactions;
    let before = tenant.open.fetch_add(1, Ordering::Relaxed);
    if limit <= before || !tenant.keeps_up() {
        tenant.open.fetch_sub(1, Ordering::Relaxed);
        return None;
    }
    let (id, at) = (tenant.new_interaction_id(), now());
    let language = first.language.clone().unwrap_or_else(|| tenant.config().language.clone());
    let mut attributes = first.attributes.clone();
    attributes.truncate(ATTRIBUTES_MAX);
    attributes.extend(first.name.iter().map(|name| ("name".to_owned(), name.clone())));
    let mut record = InteractionRecord {
        ani: Some(first.from.clone()),
        language: Some(language),
        attributes,
        ..InteractionRecord::arrived(id, kind, channel, at.as_micros())
    };
    let details =
        vec![("from".to_owned(), first.from.clone()), ("channel".to_owned(), channel.to_owned())];
    story::add(&mut record, at, "arrived", details);
    let (session, news) = mpsc::unbounded_channel();
    let arrived = Input::InteractionArrived {
        interaction: id,
        channel: kind,
        ani: record.ani.clone(),
        dnis: record.dnis.clone(),
    };
    tenant.tell(Message::Arrived { input: arrived, interaction: id, session }).await;
    let chat = Chat::new(tenant, record, news, told);
    if chat.setup().is_some_and(|setup| setup.chatbot.is_some()) {
        chat.stage(Stage::Bot);
    }
    chat.keep();
    tenant.spawn(chat.run());
    Some(id)
}

/// Puts a conversation that was open when the process ended, and counts as open, back into its queue.
pub async fn reopen(tenant: &Arc<Tenant>, record: InteractionRecord, mut options: QueueOptions) {
    let Some(queue) = record.queue.clone() else { return };
    let (id, channel, kind) = (record.id, record.dnis.clone(), record.channel);
    let customer = record.ani.clone().unwrap_or_default();
    let (session, news) = mpsc::unbounded_channel();
    let (listen, told) = mpsc::channel(chats::TOLD_MAX);
    chats::began(tenant, &channel, &customer, id, listen);
    let arrived = Input::InteractionArrived {
        interaction: id,
        channel: kind,
        ani: record.ani.clone(),
        dnis: channel,
    };
    tenant.tell(Message::Arrived { input: arrived, interaction: id, session }).await;
    options.history = history(tenant, id, record.ani.clone()).await;
    tenant.input(Input::InteractionEnqueued { interaction: id, queue, options }).await;
    let mut chat = Chat::new(tenant, record, news, told);
    chat.place = Place::Queue;
    chat.stage(Stage::Waiting);
    chat.keep();
    tenant.spawn(chat.run());
}

impl Chat {
    fn new(
        tenant: &Arc<Tenant>,
        record: InteractionRecord,
        news: mpsc::UnboundedReceiver<SessionNews>,
        told: mpsc::Receiver<Told>,
    ) -> Self {
        let before = webchat::messages(&record);
        let said = |post: &Post| Said {
            author: match post.from {
                "agent" => Author::Agent,
                "bot" => Author::Bot,
                _ => Author::Customer,
            },
            at: Instant::from_micros(post.at_micros),
            text: post.text.clone(),
        };
        Self {
            tenant: Arc::clone(tenant),
            channel: record.dnis.clone(),
            to: record.ani.clone().unwrap_or_default(),
            news,
            told,
            place: Place::Bot,
            led_by: None,
            lines: before.iter().map(said).collect(),
            posts: u32::try_from(before.len()).unwrap_or(u32::MAX),
            turns: 0,
            why: String::new(),
            record,
        }
    }

    /// Whether it is on the web chat, and not on a channel of a plugin.
    fn on_web(&self) -> bool {
        webchat::serves(&self.tenant.config(), &self.channel)
    }

    fn setup(&self) -> Option<chats::Setup> {
        chats::setup(&self.tenant, &self.channel)
    }

    /// Lets the visitor's pages know who has the conversation.
    fn stage(&self, stage: Stage) {
        if self.on_web() {
            webchat::staged(&self.tenant, &self.to, self.record.id, stage);
        }
    }

    async fn run(mut self) {
        let cause = loop {
            let idle = self.setup().map_or(Duration::from_secs(1_800), |setup| setup.idle);
            tokio::select! {
                biased;
                news = self.news.recv() => match news {
                    Some(news) => if let Some(cause) = self.hear(news).await { break cause },
                    None => break EndCause::Interrupted,
                },
                told = self.told.recv(), if self.place != Place::Over => match told {
                    Some(told) => self.take(told).await,
                    None => self.end(EndCause::CustomerLeft, "left").await,
                },
                () = tokio::time::sleep(idle), if self.place != Place::Over => {
                    self.note("idle", &[]);
                    self.end(EndCause::CustomerLeft, "idle").await;
                }
            }
        };
        self.record.ended_at = Some(now().as_micros());
        self.note("ended", &[("cause", &end_name(&cause))]);
        self.record.end = Some(cause);
        self.keep();
        if self.on_web() {
            let why = if self.why.is_empty() { "failed" } else { &self.why };
            webchat::ended(&self.tenant, &self.to, self.record.id, why);
        }
        chats::closed(&self.tenant, &self.channel, &self.to, self.record.id);
        self.tenant.open.fetch_sub(1, Ordering::Relaxed);
        self.told.close();
        let mut late = Vec::new();
        while let Some(told) = self.told.recv().await {
            late.push(told);
        }
        let (tenant, channel) = (Arc::clone(&self.tenant), self.channel.clone());
        chats::after_the_end(tenant, channel, self.record.channel, late).await;
        let transcript = analysts::transcript_of_chat(&self.record, &self.lines);
        analysts::analyse(&self.tenant, self.record, transcript).await;
    }

    /// Takes the engine's news; returns the cause once it has closed the interaction.
    async fn hear(&mut self, news: SessionNews) -> Option<EndCause> {
        story::keep_news(&mut self.record, &news);
        match news {
            SessionNews::Connect { agent, .. } => {
                self.place = Place::Agent;
                self.keep();
                self.stage(Stage::Agent(agent));
            }
            SessionNews::LeftQueue { end: QueueEnd::Served, .. } => {
                self.end(EndCause::Completed, "served").await;
            }
            SessionNews::LeftQueue { message, end, .. } => {
                if let Some(message) = message {
                    drop(self.say(Author::Bot, None, &message, Vec::new()).await);
                }
                self.end(EndCause::Completed, &queue_end(end)).await;
            }
            SessionNews::Refused(why @ Refusal::TooManyInteractions { .. }) => {
                return Some(EndCause::Failed(why.to_string()));
            }
            SessionNews::Refused(why) => {
                self.end(EndCause::Failed(why.to_string()), "failed").await;
            }
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

    async fn take(&mut self, told: Told) {
        match told {
            Told::Left => self.end(EndCause::CustomerLeft, "left").await,
            Told::AgentTypes if self.on_web() => webchat::agent_types(&self.tenant, &self.to),
            Told::AgentTypes => {}
            Told::Agent { agent, text, done } => {
                let sent = self.agent_writes(agent, &text).await;
                // Who asked may have gone.
                let _ = done.send(sent);
            }
            Told::Wrote(message) => {
                if let Some(language) = message.language {
                    self.record.language = Some(language);
                }
                let id = if self.on_web() { message.id.rsplit('/').next() } else { None };
                let post = self.line(Author::Customer, (None, id), &message.text, Vec::new());
                self.post(&post).await;
                if self.place == Place::Bot {
                    self.bot_turn(&message.text).await;
                    self.keep();
                }
            }
        }
    }

    async fn agent_writes(&mut self, agent: Option<String>, text: &str) -> Result<(), String> {
        if self.on_web() && LINE_BYTES < text.len() {
            return Err(format!("at most {LINE_BYTES} bytes are accepted in a web chat"));
        }
        if let Some(agent) = &agent {
            self.note("agent_wrote", &[("agent", agent)]);
        }
        self.say(Author::Agent, agent, text, Vec::new()).await
    }

    async fn bot_turn(&mut self, text: &str) {
        let bot = self.setup().and_then(|setup| setup.chatbot);
        let Some(bot) = bot else {
            return self.hand_over(plain_hand_over("no chatbot answers here")).await;
        };
        let Some(active) = self.leading(&bot) else {
            return self.hand_over(plain_hand_over("the chatbot is not installed")).await;
        };
        let turn = self.turn(text);
        self.turns += 1;
        let services = Arc::<crate::tenant::TenantServices>::clone(&active.services);
        let reply = match active.plugin.take_turn(&turn, services).await {
            Ok(reply) => reply,
            Err(failure) => {
                self.tenant.figures(&bot).failed(&failure.failure, &active.digest);
                self.tenant.rollouts.failed(&bot, self.record.id, &failure.failure);
                tracing::warn!(
                    tenant = %self.tenant.id, interaction = %self.record.id, plugin = bot,
                    %failure, "a chatbot failed; the conversation goes to a person"
                );
                self.note("chatbot_failed", &[("why", &failure.to_string())]);
                return self.hand_over(plain_hand_over("the chatbot failed")).await;
            }
        };
        if !reply.because.is_empty() {
            story::add(&mut self.record, now(), "chatbot", reply.because);
        }
        for action in reply.actions.into_iter().take(ACTIONS_MAX) {
            self.act(action).await;
            if self.place != Place::Bot {
                break;
            }
        }
    }

    /// The version of the chatbot that has this conversation: the one it began with, until that was
    /// replaced and its time is over.
    fn leading(&mut self, bot: &str) -> Option<Arc<ActivePlugin>> {
        if let Some((active, _)) = &self.led_by
            && active.name == bot
            && !active.pins.stop().is_cancelled()
        {
            return Some(Arc::clone(active));
        }
        let mut attributes = self.record.attributes.clone();
        attributes.extend(self.tenant.customer_for(bot, self.record.ani.as_deref()));
        let subject = Subject {
            interaction: self.record.id,
            queue: None,
            dialled: Some(&self.channel),
            attributes: &attributes,
        };
        self.led_by = self.tenant.pin_called(bot, World::Chatbot, &subject);
        let (active, _) = self.led_by.as_ref()?;
        let active = Arc::clone(active);
        self.note("chatbot_leads", &[("plugin", bot), ("digest", &active.digest)]);
        Some(active)
    }

    fn turn(&self, text: &str) -> Turn {
        let at = now();
        // The last line is the one that is answered now.
        let earlier = &self.lines[..self.lines.len().saturating_sub(1)];
        let from = earlier.len().saturating_sub(LINES_TOLD);
        let line = |said: &Said| Line {
            author: said.author,
            text: said.text.clone(),
            seconds_ago: at.as_micros().saturating_sub(said.at.as_micros()).div_euclid(1_000_000)
                as u32,
        };
        Turn {
            id: self.record.id.to_string(),
            channel: jackfield_plugin_host::asked::channel_of(self.record.channel),
            language: self.record.language.clone().unwrap_or_default(),
            text: text.to_owned(),
            lines: earlier[from..].iter().map(line).collect(),
            turns: self.turns,
            attributes: self.record.attributes.clone(),
        }
    }

    async fn act(&mut self, action: Action) {
        match action {
            Action::Say(text) => drop(self.say(Author::Bot, None, &text, Vec::new()).await),
            Action::OfferChoices(mut asked) => {
                asked.choices.truncate(10);
                drop(self.say(Author::Bot, None, &asked.text, asked.choices).await);
            }
            Action::SetAttribute((name, value)) => self.set_attribute(name, value),
            Action::SetLanguage(tag) => self.record.language = Some(tag),
            Action::HandOver(order) => self.hand_over(order).await,
            Action::End(why) => {
                self.note("ended_by_chatbot", &[("why", &why)]);
                self.end(EndCause::Completed, "served").await;
            }
        }
    }

    fn set_attribute(&mut self, name: String, value: String) {
        let attributes = &mut self.record.attributes;
        if let Some(known) = attributes.iter_mut().find(|(known, _)| *known == name) {
            known.1 = value;
        } else if attributes.len() < ATTRIBUTES_MAX {
            attributes.push((name, value));
        }
    }

    /// Puts the conversation into a queue, with what a person needs to go on.
    async fn hand_over(&mut self, order: HandOver) {
        let named = order.queue.as_deref().and_then(|name| QueueId::new(name).ok());
        let known = |queue: &QueueId| self.tenant.config().center.queues.contains_key(queue);
        let usual = self.setup().and_then(|setup| setup.queue);
        let Some(queue) = named.filter(known).or(usual) else {
            self.note("hand_over_failed", &[("why", "there is no queue for it")]);
            let cause = EndCause::Failed("there is no queue to hand it over to".to_owned());
            return self.end(cause, "failed").await;
        };
        let summary = &order.summary[..order.summary.floor_char_boundary(SUMMARY_BYTES)];
        let summary = summary.to_owned();
        self.note("handed_over", &[("queue", queue.as_str()), ("summary", &summary)]);
        for (name, value) in order.attributes {
            self.set_attribute(name, value);
        }
        self.set_attribute("summary".to_owned(), summary);
        self.place = Place::Queue;
        self.led_by = None;
        self.record.queue = Some(queue.clone());
        let interaction = self.record.id;
        let level = |one: jackfield_plugin_host::asked::SkillLevel| SkillLevel {
            name: one.name,
            level: Proficiency::new(one.level.clamp(1, 10)).unwrap_or(Proficiency::MIN),
        };
        let options = QueueOptions {
            required: order.required.into_iter().map(level).collect(),
            priority: order.priority,
            attributes: self.record.attributes.clone(),
            history: history(&self.tenant, interaction, self.record.ani.clone()).await,
            ..QueueOptions::default()
        };
        self.stage(Stage::Waiting);
        self.tenant.input(Input::InteractionEnqueued { interaction, queue, options }).await;
        self.keep();
    }

    /// Writes to the customer, in as many messages as the channel needs.
    async fn say(
        &mut self,
        author: Author,
        agent: Option<String>,
        text: &str,
        choices: Vec<String>,
    ) -> Result<(), String> {
        let post = self.line(author, (agent, None), text, choices);
        self.post(&post).await;
        if self.on_web() {
            // It is kept: the visitor sees it now or on coming back.
            return Ok(());
        }
        let message = Outgoing {
            id: Some(self.record.id.to_string()),
            to: self.to.clone(),
            text: text.to_owned(),
            choices: post.choices,
            attributes: Vec::new(),
        };
        let sent = chats::send(&self.tenant, &self.channel, message).await;
        sent.map(|_| ()).map_err(|error| {
            let why = chats::words(&error);
            self.note("message_lost", &[("why", &why)]);
            self.keep();
            why
        })
    }

    /// Adds a message to the story: with an agent's name, or the name that the customer's side gave it.
    fn line(
        &mut self,
        author: Author,
        (agent, id): (Option<String>, Option<&str>),
        text: &str,
        choices: Vec<String>,
    ) -> Post {
        let text = text[..text.floor_char_boundary(LINE_BYTES)].to_owned();
        let from = match author {
            Author::Customer => "customer",
            Author::Bot => "bot",
            Author::Agent => "agent",
        };
        let mut details = vec![("by", from), ("text", &text)];
        details.extend(agent.iter().map(|agent| ("agent", agent.as_str())));
        details.extend(id.map(|id| ("id", id)));
        details.extend(choices.iter().map(|choice| ("choice", choice.as_str())));
        self.note("message", &details);
        let at = now();
        if self.lines.len() < LINES_MAX {
            self.lines.push(Said { author, at, text: text.clone() });
        }
        self.posts = self.posts.saturating_add(1);
        Post {
            interaction: self.record.id,
            seq: self.posts,
            id: id.unwrap_or_default().to_owned(),
            from,
            agent,
            text,
            choices,
            at_micros: at.as_micros(),
        }
    }

    /// Keeps the story with a message, and tells those who see it: a visitor only of what is on the disk.
    async fn post(&self, post: &Post) {
        let kept = self.keep();
        if self.on_web() {
            // The page sends again what is not acknowledged; the next message keeps this one, too.
            let Some(kept) = kept else { return };
            if let Err(error) = self.tenant.journal.durable(kept).await {
                tracing::error!(tenant = %self.tenant.id, interaction = %self.record.id, %error, "a message is not kept");
                return;
            }
            webchat::posted(&self.tenant, &self.to, post);
        }
        chats::tell_watchers(&self.tenant, post);
    }

    async fn end(&mut self, cause: EndCause, why: &str) {
        if self.place == Place::Over {
            return;
        }
        self.place = Place::Over;
        self.why = why.to_owned();
        self.led_by = None;
        let interaction = self.record.id;
        self.tenant.input(Input::InteractionEnded { interaction, cause }).await;
    }

    fn note(&mut self, what: &str, details: &[(&str, &str)]) {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let details: Vec<Attribute> = details.iter().map(owned).collect();
        story::add(&mut self.record, now(), what, details);
    }

    fn keep(&self) -> Option<Lsn> {
        match self.tenant.store.put_interaction(&self.record) {
            Ok(kept) => Some(kept),
            Err(error) => {
                tracing::error!(tenant = %self.tenant.id, interaction = %self.record.id, %error, "the story is not kept");
                None
            }
        }
    }
}

/// A hand-over that nobody has thought about.
fn plain_hand_over(why: &str) -> HandOver {
    HandOver {
        queue: None,
        summary: why.to_owned(),
        required: Vec::new(),
        priority: 0,
        attributes: Vec::new(),
    }
}
