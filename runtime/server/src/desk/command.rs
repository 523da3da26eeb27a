//! What a page asks: read, done once, answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_core::{
    AgentSnapshot, AgentState, Channel, Input, InteractionId, NotReadyReason, OfferFailure, Party,
    QueueId, WorkSnapshot,
};
use jackfield_telephony::{Line, LineEnd, LineEvent, LineQuality};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::consult::{self, Order};
use super::{ANSWERS_KEPT, Desk, watch};
use crate::tenant::{Message, Onward, SessionNews, Tenant, now};

/// The longest reason, name and text, in characters.
const TEXT_MAX: usize = 2_000;

/// One message of a page.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// Names it: an answer says which it answers, and what is sent again is not done again.
    #[serde(default)]
    pub id: String,
    /// What is asked.
    #[serde(flatten)]
    pub what: What,
}

/// Who is at the desk.
#[derive(Clone, Debug)]
pub struct Who {
    /// The name, for what is written down.
    pub name: String,
    /// Whether it may take part in others' conversations.
    pub supervises: bool,
}

/// What a page asks.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// The first message: which desk the page knows, and the last message it saw.
    Hello {
        #[serde(default)]
        desk: Option<String>,
        #[serde(default)]
        seen: u64,
    },
    /// All up to this was seen.
    Ack { seq: u64 },
    /// Work, a pause, or the end of it.
    State {
        state: String,
        #[serde(default)]
        reason: Option<String>,
    },
    /// A browser's offer (SDP) for its voice; the answer has ours.
    Line { sdp: String },
    /// Lets nobody hear the agent, or again.
    Mute { on: bool },
    /// How well the network carries the voice.
    Quality {},
    /// Takes what is offered.
    Accept { interaction: InteractionId },
    /// Declines what is offered.
    Decline { interaction: InteractionId },
    /// Ends the conversation.
    End { interaction: InteractionId },
    /// Finishes the work after it.
    Finish {
        interaction: InteractionId,
        #[serde(default)]
        code: Option<String>,
        #[serde(default)]
        fields: BTreeMap<String, String>,
        #[serde(default)]
        note: Option<String>,
    },
    /// Puts the customer on hold, or takes it back.
    Hold { interaction: InteractionId, on: bool },
    /// Presses digits for the customer's side.
    Digits { interaction: InteractionId, digits: String },
    /// Sends the customer on without a word.
    Transfer { interaction: InteractionId, to: To },
    /// Calls somebody third while the customer is on hold.
    Consult { interaction: InteractionId, to: String },
    /// Joins the customer with the third, and leaves.
    Complete { interaction: InteractionId },
    /// Talks with both.
    Join { interaction: InteractionId },
    /// Lets the third go and takes the customer back.
    Drop { interaction: InteractionId },
    /// Takes part in another agent's conversation: `listen`, `whisper`, `barge`, `take_over`.
    Supervise { interaction: InteractionId, how: String },
    /// Takes part no more.
    Leave {},
}

/// Where a customer is sent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum To {
    /// A queue.
    Queue(String),
    /// A number, a SIP address or an agent with a telephone.
    Address(String),
}

/// Fields of an answer besides that it is done; or why it is not, for people.
type Done = Result<Value, String>;

impl Desk {
    /// Does what is asked and answers; twice asked, it is done once.
    pub async fn ask(self: &Arc<Self>, tenant: &Arc<Tenant>, asked: Asked, who: &Who) {
        if let Some(answer) = self.answered(&asked.id) {
            return self.tell(answer);
        }
        let done = self.carry_out(tenant, asked.what, who).await;
        let mut answer = match done {
            Ok(Value::Object(fields)) => Value::Object(fields),
            Ok(_) => json!({}),
            Err(why) => json!({ "why": why }),
        };
        answer["type"] = if answer.get("why").is_some() { "refused" } else { "done" }.into();
        answer["re"] = asked.id.clone().into();
        if !asked.id.is_empty() {
            let mut state = self.lock();
            if ANSWERS_KEPT <= state.answers.len() {
                state.answers.pop_front();
            }
            state.answers.push_back((asked.id, answer.clone()));
        }
        self.tell(answer);
        self.changed.notify_one();
    }

    /// Says why a message was not understood, under its own name if that can be read.
    pub fn refuse(&self, text: &str, why: &str) {
        let id = serde_json::from_str::<Value>(text).ok();
        let id = id.and_then(|message| message.get("id")?.as_str().map(str::to_owned));
        self.tell(json!({ "type": "refused", "re": id, "why": why }));
    }

    fn answered(&self, id: &str) -> Option<Value> {
        let state = self.lock();
        let found = state.answers.iter().find(|(known, _)| !id.is_empty() && known == id);
        found.map(|(_, answer)| answer.clone())
    }

    async fn carry_out(self: &Arc<Self>, tenant: &Arc<Tenant>, what: What, who: &Who) -> Done {
        match what {
            What::Hello { .. } => Err("it was said already".to_owned()),
            What::Ack { seq } => {
                self.seen(seq);
                Ok(Value::Null)
            }
            What::State { state, reason } => self.set_state(tenant, &state, reason).await,
            What::Line { sdp } => self.connect(tenant, &sdp).await,
            What::Mute { on } => {
                self.line()?.mute(on);
                self.lock().muted = on;
                Ok(Value::Null)
            }
            What::Quality {} => Ok(quality(&self.line()?.quality())),
            What::Accept { interaction } => self.accept(tenant, interaction).await,
            What::Decline { interaction } => {
                let agent = self.agent(tenant).await?;
                let offer = offered(&agent, interaction)?;
                let failure = OfferFailure::Declined;
                tenant.input(Input::OfferFailed { offer, failure }).await;
                Ok(Value::Null)
            }
            What::End { interaction } => {
                self.in_hand(tenant, interaction).await?;
                tenant.input(Input::ConversationEnded { interaction, by: Party::Agent }).await;
                Ok(Value::Null)
            }
            What::Finish { interaction, code, fields, note } => {
                self.finish(tenant, interaction, WrapUp { code, fields, note }).await
            }
            What::Hold { interaction, on } => self.hold(tenant, interaction, on).await,
            What::Digits { interaction, digits } => {
                self.speaks(tenant, interaction).await?;
                let fits = |c: char| c.is_ascii_digit() || "*#ABCD".contains(c);
                if digits.is_empty() || 32 < digits.len() || !digits.chars().all(fits) {
                    return Err("1 to 32 of 0-9, *, #, A-D are accepted".to_owned());
                }
                let news = SessionNews::Digits(digits);
                tenant.tell(Message::Session { interaction, news }).await;
                Ok(Value::Null)
            }
            What::Transfer { interaction, to } => self.transfer(tenant, interaction, to).await,
            What::Consult { interaction, to } => self.consult(tenant, interaction, to).await,
            What::Supervise { .. } if !who.supervises => {
                Err("none of your roles has the right `supervise`".to_owned())
            }
            What::Supervise { interaction, how } => {
                self.supervise(tenant, interaction, &how, &who.name).await
            }
            What::Leave {} => {
                self.leave_supervised(tenant);
                Ok(Value::Null)
            }
            What::Complete { interaction } => self.order(interaction, Order::Complete),
            What::Join { interaction } => self.order(interaction, Order::Join),
            What::Drop { interaction } => {
                let asked = |one: &mut consult::Consult| one.interaction == interaction;
                let dropped = self.lock().consult.take_if(asked);
                dropped.ok_or("nobody third is called")?;
                self.hold(tenant, interaction, false).await
            }
        }
    }

    pub(super) async fn agent(&self, tenant: &Tenant) -> Result<AgentSnapshot, String> {
        let agent = tenant.agent(&self.agent).await;
        agent.ok_or_else(|| format!("there is no agent `{}` any more", self.agent))
    }

    pub(super) fn line(&self) -> Result<Arc<dyn Line>, String> {
        self.lock().line.clone().ok_or_else(|| "the voice of this desk is not connected".to_owned())
    }

    /// The conversation, if the agent has it and it goes on.
    async fn in_hand(
        &self,
        tenant: &Tenant,
        interaction: InteractionId,
    ) -> Result<WorkSnapshot, String> {
        let agent = self.agent(tenant).await?;
        let work = agent.works.into_iter().find(|work| work.interaction == interaction);
        match work {
            Some(work) if work.wrapping_up.is_none() => Ok(work),
            Some(_) => Err("the conversation is over".to_owned()),
            None => Err(format!("you do not have `{interaction}`")),
        }
    }

    /// The conversation, if it is one by voice.
    async fn speaks(&self, tenant: &Tenant, interaction: InteractionId) -> Result<(), String> {
        match self.in_hand(tenant, interaction).await?.channel {
            Channel::Voice => Ok(()),
            _ => Err("it is no call".to_owned()),
        }
    }

    async fn set_state(&self, tenant: &Tenant, state: &str, reason: Option<String>) -> Done {
        let agent = self.agent.clone();
        let before = self.agent(tenant).await?.state;
        let input = match state {
            "ready" => Input::AgentReady { agent },
            "logged_out" => Input::AgentLoggedOut { agent },
            "not_ready" => {
                // Who is not at work has to come first.
                if before == AgentState::LoggedOut {
                    tenant.input(Input::AgentLoggedIn { agent: agent.clone() }).await;
                }
                let reason = reason.unwrap_or_else(|| "unspecified".to_owned());
                let reason = NotReadyReason(text("reason", &reason, 64)?);
                Input::AgentNotReady { agent, reason }
            }
            other => {
                let known = "`ready`, `not_ready` or `logged_out` is accepted";
                return Err(format!("{known}, got `{other}`"));
            }
        };
        tenant.input(input).await;
        Ok(Value::Null)
    }

    async fn accept(&self, tenant: &Tenant, interaction: InteractionId) -> Done {
        let agent = self.agent(tenant).await?;
        let offer = offered(&agent, interaction)?;
        let voice = agent.offer.is_some_and(|offer| offer.channel == Channel::Voice);
        if voice {
            let leg = self.line()?.id();
            tenant.tell(Message::Accepted { offer, leg }).await;
        } else {
            tenant.input(Input::OfferAccepted { offer }).await;
        }
        // While the answer was on its way it may have been withdrawn.
        let works = self.agent(tenant).await?.works;
        if works.iter().any(|work| work.interaction == interaction) {
            return Ok(Value::Null);
        }
        Err("the offer is over".to_owned())
    }

    async fn hold(&self, tenant: &Tenant, interaction: InteractionId, on: bool) -> Done {
        self.speaks(tenant, interaction).await?;
        {
            let mut state = self.lock();
            let held = state.held.contains(&interaction);
            if held == on {
                return Ok(Value::Null);
            }
            if !on && state.consult.as_ref().is_some_and(|one| one.interaction == interaction) {
                return Err("somebody third is on the line".to_owned());
            }
            state.held.retain(|one| *one != interaction);
            if on {
                state.held.push(interaction);
            }
        }
        tenant.tell(Message::Holds { interaction, on }).await;
        Ok(Value::Null)
    }

    async fn transfer(&self, tenant: &Tenant, interaction: InteractionId, to: To) -> Done {
        self.speaks(tenant, interaction).await?;
        let onward = match to {
            To::Queue(name) => {
                let queue = QueueId::new(&name).ok();
                let known = tenant.config();
                let queue = queue.filter(|queue| known.center.queues.contains_key(queue));
                Onward::Queue(queue.ok_or_else(|| format!("there is no queue `{name}`"))?)
            }
            To::Address(to) => {
                let to = text("to", &to, 256)?;
                // Whether anything can be called there is known now, not when the agent has left.
                tenant.dial_request(&to, "", Vec::new())?;
                Onward::Address(to)
            }
        };
        let news = SessionNews::Onward(onward);
        tenant.tell(Message::Session { interaction, news }).await;
        tenant.input(Input::ConversationEnded { interaction, by: Party::Agent }).await;
        Ok(Value::Null)
    }

    async fn consult(
        self: &Arc<Self>,
        tenant: &Arc<Tenant>,
        interaction: InteractionId,
        to: String,
    ) -> Done {
        self.speaks(tenant, interaction).await?;
        let to = text("to", &to, 256)?;
        let headers = vec![("X-Jackfield-Interaction".to_owned(), interaction.to_string())];
        let request = tenant.dial_request(&to, self.agent.as_str(), headers)?;
        self.hold(tenant, interaction, true).await?;
        consult::begin(tenant, self, interaction, to, request).await?;
        Ok(Value::Null)
    }

    fn order(&self, interaction: InteractionId, order: Order) -> Done {
        let state = self.lock();
        let consult = state.consult.as_ref().filter(|one| one.interaction == interaction);
        consult.ok_or("nobody third is called")?.order(order)?;
        Ok(Value::Null)
    }

    /// Connects a browser's voice with the desk's line, which is opened if there is none.
    async fn connect(self: &Arc<Self>, tenant: &Arc<Tenant>, sdp: &str) -> Done {
        let known = self.lock().line.clone();
        let line = match known {
            Some(line) => line,
            None => {
                let opened = tenant.endpoint.open_line().map_err(|error| error.to_string())?;
                let (line, events) = opened;
                {
                    let mut state = self.lock();
                    (state.line, state.muted) = (Some(Arc::clone(&line)), false);
                }
                let line_id = line.id();
                tracing::info!(tenant = %tenant.id, agent = %self.agent, leg = line_id.0, "a line is open");
                tenant.spawn(follow(Arc::clone(tenant), Arc::clone(self), events));
                line
            }
        };
        let answer = line.connect(sdp).await.map_err(|error| error.to_string())?;
        Ok(json!({ "sdp": answer }))
    }
}

/// Follows a line to its end.
async fn follow(
    tenant: Arc<Tenant>,
    desk: Arc<Desk>,
    mut events: mpsc::UnboundedReceiver<LineEvent>,
) {
    while let Some(event) = events.recv().await {
        match event {
            LineEvent::Connected => desk.lock().line_up = true,
            LineEvent::Lost => desk.lock().line_up = false,
            LineEvent::Closed(end) => {
                {
                    let mut state = desk.lock();
                    (state.line, state.line_up) = (None, false);
                }
                if end == LineEnd::NoBrowser {
                    watch::end_voice(&tenant, &desk).await;
                }
            }
            LineEvent::Digit(_) | LineEvent::Played(_) => continue,
        }
        desk.changed.notify_one();
    }
}

fn quality(measured: &LineQuality) -> Value {
    let ms = |span: Option<std::time::Duration>| span.map(|span| span.as_secs_f64() * 1_000.0);
    json!({
        "rtt_ms": ms(measured.rtt),
        "jitter_in_ms": ms(measured.jitter_in),
        "jitter_out_ms": ms(measured.jitter_out),
        "loss_in": measured.loss_in,
        "loss_out": measured.loss_out,
        "mos": measured.mos,
    })
}

fn offered(
    agent: &AgentSnapshot,
    interaction: InteractionId,
) -> Result<jackfield_core::OfferId, String> {
    let offer = agent.offer.as_ref().filter(|offer| offer.interaction == interaction);
    offer.map(|offer| offer.offer).ok_or_else(|| "the offer is over".to_owned())
}

fn text(field: &str, text: &str, most: usize) -> Result<String, String> {
    let text = text.trim();
    let plain = |c: char| !c.is_control() || c == '\n';
    if text.is_empty() || most < text.chars().count() || !text.chars().all(plain) {
        return Err(format!("`{field}`: 1 to {most} printable characters are accepted"));
    }
    Ok(text.to_owned())
}

/// What an agent writes down after a conversation.
struct WrapUp {
    code: Option<String>,
    fields: BTreeMap<String, String>,
    note: Option<String>,
}

impl Desk {
    async fn finish(&self, tenant: &Tenant, interaction: InteractionId, wrap_up: WrapUp) -> Done {
        let agent = self.agent(tenant).await?;
        let work = agent.works.into_iter().find(|work| work.interaction == interaction);
        let work = work.ok_or_else(|| format!("you do not have `{interaction}`"))?;
        if work.wrapping_up.is_none() {
            return Err("the conversation goes on: end it first".to_owned());
        }
        let mut details = wrap_up.checked(tenant, &work.queue)?;
        if let Some(note) = &wrap_up.note {
            let note = text("note", note, TEXT_MAX)?;
            keep_note(tenant, interaction, self.agent.as_str(), &note)?;
            details.push(("note".to_owned(), note));
        }
        if let Some(code) = &wrap_up.code {
            let (what, details) = ("reason".to_owned(), vec![("reason".to_owned(), code.clone())]);
            tenant.input(Input::Noted { interaction, what, details }).await;
        }
        if !details.is_empty() {
            let (at, what) = (now(), "wrap_up");
            let news = SessionNews::Story { at, what, details: details.clone() };
            tenant.tell(Message::Session { interaction, news }).await;
            crate::session::story::add_to_kept(tenant, interaction, at, what, details);
        }
        tenant.input(Input::WrapUpFinished { interaction, agent: self.agent.clone() }).await;
        Ok(Value::Null)
    }
}

impl WrapUp {
    /// What is kept, if the queue's rules are met.
    fn checked(&self, tenant: &Tenant, queue: &QueueId) -> Result<Vec<(String, String)>, String> {
        let config = tenant.config();
        let mut details = Vec::new();
        let Some(extras) = config.queue_extras.get(queue) else { return Ok(details) };
        match &self.code {
            None if extras.wrap_up_codes.is_empty() => {}
            None => return Err("a wrap-up code is needed".to_owned()),
            Some(code) if extras.wrap_up_codes.iter().any(|known| known == code) => {
                details.push(("code".to_owned(), code.clone()));
            }
            Some(code) => {
                let all = extras.wrap_up_codes.join("`, `");
                return Err(format!("`{all}` are the codes of `{queue}`, got `{code}`"));
            }
        }
        let value =
            |name: &str| self.fields.get(name).map(|value| value.trim()).unwrap_or_default();
        if let Some(lacks) = extras.wrap_up_required.iter().find(|name| value(name).is_empty()) {
            return Err(format!("`{lacks}` is needed"));
        }
        for name in extras.wrap_up_required.iter().chain(&extras.wrap_up_fields) {
            if !value(name).is_empty() {
                details.push((name.clone(), text(name, value(name), TEXT_MAX)?));
            }
        }
        Ok(details)
    }
}

/// Writes a note on the customer's card, if there is one.
fn keep_note(
    tenant: &Tenant,
    interaction: InteractionId,
    author: &str,
    note: &str,
) -> Result<(), String> {
    let failed = |error: jackfield_store::StoreError| error.to_string();
    let record = tenant.store.interaction(interaction).map_err(failed)?;
    let Some(ani) = record.and_then(|record| record.ani) else { return Ok(()) };
    let Some(card) = crate::http::find_contact(tenant, &ani).map_err(failed)? else {
        return Ok(());
    };
    let note = jackfield_store::Note {
        at_micros: now().as_micros(),
        interaction: Some(interaction),
        text: note.to_owned(),
        author: author.to_owned(),
    };
    tenant.store.add_note(&card.id, note).map(|_| ()).map_err(failed)
}
