//! A supervisor at a desk takes part in another agent's conversation: listens, whispers, speaks, takes it over.

use std::sync::Arc;

use jackfield_core::{Input, InteractionId, Party};
use jackfield_telephony::{LegEnd, LegEvent};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Desk;
use crate::tenant::{Ear, Message, SessionNews, Tenant, Third, now};

/// In whose conversation a supervisor takes part.
pub struct Supervised {
    /// Which.
    pub interaction: InteractionId,
    how: How,
}

enum How {
    Ear(Ear),
    /// It is the supervisor's own now, until this says that it is over.
    Taken(mpsc::UnboundedSender<LegEvent>),
}

impl Supervised {
    /// As the page is shown it.
    pub fn view(&self) -> Value {
        let how = match &self.how {
            How::Ear(ear) => ear.name(),
            How::Taken(_) => "take_over",
        };
        json!({ "interaction": self.interaction, "how": how })
    }

    /// Whether the conversation goes on.
    pub fn lasts(&self, tenant: &Tenant) -> bool {
        match &self.how {
            How::Ear(_) => tenant.rooms.get(self.interaction).is_some(),
            How::Taken(over) => !over.is_closed(),
        }
    }
}

impl Desk {
    /// Takes part in a conversation in this way, or in another way than before.
    pub(super) async fn supervise(
        self: &Arc<Self>,
        tenant: &Arc<Tenant>,
        interaction: InteractionId,
        how: &str,
        who: &str,
    ) -> Result<Value, String> {
        let line = self.line()?;
        let own = self.agent(tenant).await?.works;
        if own.iter().any(|work| tenant.rooms.get(work.interaction).is_some()) {
            return Err("you talk with a customer of your own".to_owned());
        }
        let room = tenant.rooms.get(interaction);
        let room = room.ok_or("nobody talks there by voice")?;
        if room.supervisor.is_some_and(|(leg, _)| leg != line.id()) {
            return Err("another supervisor takes part already".to_owned());
        }
        let other = self.lock().supervised.as_ref().map(|one| one.interaction);
        if other.is_some_and(|other| other != interaction) {
            self.leave_supervised(tenant);
        }
        let ear = Ear::ALL.into_iter().find(|ear| ear.name() == how);
        let how = match (ear, how) {
            (Some(ear), _) => {
                let part = Some((line.id(), ear));
                let endpoint = &*tenant.endpoint;
                tenant.rooms.change(endpoint, interaction, |room| room.supervisor = part);
                How::Ear(ear)
            }
            (None, "take_over") => {
                let endpoint = &*tenant.endpoint;
                tenant.rooms.change(endpoint, interaction, |room| room.supervisor = None);
                let (over, events) = mpsc::unbounded_channel();
                let to = self.agent.to_string();
                let news = SessionNews::Handed(Third { to, leg: line, events });
                tenant.tell(Message::Session { interaction, news }).await;
                tenant.input(Input::ConversationEnded { interaction, by: Party::System }).await;
                How::Taken(over)
            }
            (None, other) => {
                let known = "`listen`, `whisper`, `barge` or `take_over` is accepted";
                return Err(format!("{known}, got `{other}`"));
            }
        };
        let supervised = Supervised { interaction, how };
        audit(tenant, interaction, who, &supervised).await;
        self.lock().supervised = Some(supervised);
        Ok(Value::Null)
    }

    /// Takes part no more. A conversation that was taken over ends.
    pub(super) fn leave_supervised(&self, tenant: &Tenant) {
        let Some(Supervised { interaction, how }) = self.lock().supervised.take() else { return };
        match how {
            How::Ear(_) => {
                let endpoint = &*tenant.endpoint;
                tenant.rooms.change(endpoint, interaction, |room| room.supervisor = None);
            }
            // A customer who has left meanwhile listens no more.
            How::Taken(over) => drop(over.send(LegEvent::Ended(LegEnd::LocalHangUp))),
        }
    }
}

/// Who took part, and how, stands in the story.
async fn audit(tenant: &Tenant, interaction: InteractionId, who: &str, how: &Supervised) {
    let how = how.view()["how"].as_str().unwrap_or_default().to_owned();
    tracing::info!(tenant = %tenant.id, %interaction, who, how, "a supervisor takes part");
    let details = vec![("by".to_owned(), who.to_owned()), ("how".to_owned(), how)];
    let news = SessionNews::Story { at: now(), what: "supervised", details };
    tenant.tell(Message::Session { interaction, news }).await;
}
