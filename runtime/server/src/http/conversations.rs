//! Conversations that no phone rings for, from both sides: another system brings a chat, an e-mail or
//! a task in and takes it back; an agent accepts, declines, ends it and finishes the work after it.

use std::collections::BTreeMap;
use std::time::Duration;

use jackfield_core::{
    AgentId, AgentSnapshot, Attribute, Channel, Input, InteractionId, OfferFailure, OfferId, Party,
    Proficiency, QueueId, QueueOptions, SkillLevel,
};
use serde::Deserialize;

use super::agents::{find, shown, view};
use super::call::{Answer, Call, created, ok};
use super::problem::Problem;
use super::schedules::moment;
use crate::rfc3339;
use crate::session::Opening;

/// The longest address, in bytes.
const ADDRESS_MAX: usize = 256;
/// The longest subject, name or value of an attribute, in characters.
const TEXT_MAX: usize = 1_024;
/// The most attributes, besides those that fields of their own give; also of skills.
const ATTRIBUTES_MAX: usize = 32;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToCreate {
    channel: Channel,
    queue: String,
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    required: BTreeMap<String, u8>,
    #[serde(default)]
    preferred: BTreeMap<String, u8>,
    #[serde(default)]
    priority: i8,
    #[serde(default)]
    max_wait_seconds: Option<u32>,
    #[serde(default)]
    due: Option<String>,
}

fn text(field: &str, text: &str, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || most < text.chars().count() || text.chars().any(char::is_control) {
        let reason = format!("1 to {most} printable characters are accepted");
        return Err(Problem::invalid(field, reason));
    }
    Ok(text.to_owned())
}

fn skills(field: &str, wanted: &BTreeMap<String, u8>) -> Result<Vec<SkillLevel>, Problem> {
    if ATTRIBUTES_MAX < wanted.len() {
        return Err(Problem::invalid(field, format!("at most {ATTRIBUTES_MAX} are accepted")));
    }
    let level = |(name, level): (&String, &u8)| {
        let field = format!("{field}.{name}");
        let name = text(&field, name, TEXT_MAX)?;
        let level = Proficiency::new(*level)
            .ok_or_else(|| Problem::invalid(&field, format!("a level is 1 to 10, got {level}")))?;
        Ok(SkillLevel { name, level })
    };
    wanted.iter().map(level).collect()
}

impl ToCreate {
    fn attributes(&self) -> Result<Vec<Attribute>, Problem> {
        if ATTRIBUTES_MAX < self.attributes.len() {
            let reason = format!("at most {ATTRIBUTES_MAX} are accepted");
            return Err(Problem::invalid("attributes", reason));
        }
        let mut attributes: Vec<Attribute> = Vec::new();
        if let Some(subject) = &self.subject {
            attributes.push(("subject".to_owned(), text("subject", subject, TEXT_MAX)?));
        }
        if let Some(due) = &self.due {
            let due = moment("due", due)?;
            attributes.push(("due".to_owned(), rfc3339::format(due.as_micros())));
        }
        for (name, value) in &self.attributes {
            let field = format!("attributes.{name}");
            if matches!(name.as_str(), "subject" | "due") {
                return Err(Problem::invalid(&field, format!("`{name}` is a field of its own")));
            }
            attributes.push((text(&field, name, TEXT_MAX)?, text(&field, value, TEXT_MAX)?));
        }
        Ok(attributes)
    }

    fn opening(&self, queue: QueueId) -> Result<Opening, Problem> {
        if self.channel == Channel::Voice {
            let reason = "a call comes in by the telephone: `chat`, `email`, `message` or `task` is accepted";
            return Err(Problem::invalid("channel", reason));
        }
        let address = match &self.address {
            Some(address) if ADDRESS_MAX < address.len() => {
                let reason = format!("at most {ADDRESS_MAX} bytes are accepted");
                return Err(Problem::invalid("address", reason));
            }
            Some(address) => Some(text("address", address, ADDRESS_MAX)?),
            // Work without a customer has nobody to answer.
            None if self.channel == Channel::Task => None,
            None => return Err(Problem::invalid("address", "only a task may be without one")),
        };
        if self.max_wait_seconds == Some(0) {
            return Err(Problem::invalid("max_wait_seconds", "1 or more is accepted"));
        }
        let options = QueueOptions {
            required: skills("required", &self.required)?,
            preferred: skills("preferred", &self.preferred)?,
            priority: self.priority,
            max_wait: self.max_wait_seconds.map(|span| Duration::from_secs(span.into())),
            attributes: self.attributes()?,
            ..QueueOptions::default()
        };
        Ok(Opening { channel: self.channel, queue, address, options })
    }
}

/// `POST /interactions`
pub fn create(call: Call) -> Answer {
    Box::pin(async move {
        let wanted: ToCreate = call.json()?;
        let tenancy = call.tenant()?;
        let queue = QueueId::new(&wanted.queue).ok();
        let queue = queue.filter(|queue| tenancy.center().queues.contains_key(queue));
        let queue = queue.ok_or_else(|| {
            Problem::invalid("queue", format!("there is no queue `{}`", wanted.queue))
        })?;
        let made = tenancy.create_interaction(wanted.opening(queue)?).await?;
        let tenant = call.name("tenant");
        created(&format!("/api/v1/tenants/{tenant}/interactions/{}", made.id), &made)
    })
}

/// `POST /interactions/{interaction}/end`
pub fn end(call: Call) -> Answer {
    Box::pin(async move {
        let name = call.name("interaction");
        let known = call.tenant()?.interaction(name).await?;
        if known.channel == "voice" {
            let reason = format!("`{name}` is a call: it ends when one side hangs up");
            return Err(Problem::not_now(reason));
        }
        if known.ended_at.is_some() {
            return Err(Problem::not_now(format!("the interaction `{name}` has ended")));
        }
        ok(&call.tenant()?.end_interaction(name).await?)
    })
}

/// The agent and the interaction of the path.
async fn both(call: &Call) -> Result<(AgentId, InteractionId, AgentSnapshot), Problem> {
    let (agent, known) = find(call).await?;
    Ok((agent, call.interaction()?, known))
}

/// `POST /agents/{agent}/interactions/{interaction}/accept`
pub fn accept(call: Call) -> Answer {
    Box::pin(async move {
        let (agent, id, known) = both(&call).await?;
        let offer = offered(&agent, id, &known, "accepted")?;
        call.tenant()?.input(Input::OfferAccepted { offer }).await;
        let (agent, known) = find(&call).await?;
        // While the answer was on its way it may have been withdrawn, and offered again.
        if !known.works.iter().any(|work| work.interaction == id) {
            let reason = format!("the offer of `{id}` to `{agent}` is over");
            return Err(Problem::not_now(reason));
        }
        ok(&view(&agent, &known))
    })
}

/// The offer of the interaction to the agent, which is answered here and not by a phone.
fn offered(
    agent: &AgentId,
    id: InteractionId,
    known: &AgentSnapshot,
    answered: &str,
) -> Result<OfferId, Problem> {
    let offer = known.offer.as_ref().filter(|offer| offer.interaction == id);
    let offer =
        offer.ok_or_else(|| Problem::not_now(format!("`{id}` is not offered to `{agent}`")))?;
    if offer.channel == Channel::Voice {
        let reason = format!("`{id}` is a call: it is {answered} on the phone that rings");
        return Err(Problem::not_now(reason));
    }
    Ok(offer.offer)
}

/// `POST /agents/{agent}/interactions/{interaction}/decline`
pub fn decline(call: Call) -> Answer {
    Box::pin(async move {
        let (agent, id, known) = both(&call).await?;
        let offer = offered(&agent, id, &known, "declined")?;
        let failure = OfferFailure::Declined;
        call.tenant()?.input(Input::OfferFailed { offer, failure }).await;
        shown(&call).await
    })
}

/// Whether the agent has the conversation in hand, and whether it is over already.
fn in_hand(agent: &AgentId, id: InteractionId, known: &AgentSnapshot) -> Result<bool, Problem> {
    let work = known.works.iter().find(|work| work.interaction == id);
    let work = work.ok_or_else(|| Problem::not_now(format!("`{agent}` does not have `{id}`")))?;
    Ok(work.wrapping_up.is_some())
}

/// `POST /agents/{agent}/interactions/{interaction}/end`
pub fn end_by_agent(call: Call) -> Answer {
    Box::pin(async move {
        let (agent, interaction, known) = both(&call).await?;
        if in_hand(&agent, interaction, &known)? {
            let reason =
                format!("the conversation `{interaction}` is over: finish the work after it");
            return Err(Problem::not_now(reason));
        }
        call.tenant()?.input(Input::ConversationEnded { interaction, by: Party::Agent }).await;
        shown(&call).await
    })
}

/// `POST /agents/{agent}/interactions/{interaction}/finish`
pub fn finish(call: Call) -> Answer {
    Box::pin(async move {
        let (agent, interaction, known) = both(&call).await?;
        if !in_hand(&agent, interaction, &known)? {
            let reason = format!("the conversation `{interaction}` goes on: end it first");
            return Err(Problem::not_now(reason));
        }
        call.tenant()?.input(Input::WrapUpFinished { interaction, agent }).await;
        shown(&call).await
    })
}
