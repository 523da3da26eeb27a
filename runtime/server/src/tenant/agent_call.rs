//! Ringing one agent for one offer, and the agent's side of the conversation that follows.

use std::sync::Arc;

use jackfield_core::{AgentId, Input, InteractionId, OfferFailure, OfferId, Party, QueueId};
use jackfield_telephony::{Destination, DialError, DialRequest, Leg, LegEnd, LegEvent, LegId};
use tokio::sync::mpsc;

use super::{Message, Tenant};

/// What the engine's task knows of an agent's call.
pub struct AgentCall {
    /// Where its task listens.
    pub orders: mpsc::UnboundedSender<AgentOrder>,
    /// For which interaction.
    pub interaction: InteractionId,
    /// Who is rung.
    pub agent: AgentId,
    /// The agent's leg, once answered.
    pub leg: Option<LegId>,
    /// Whether the agent has answered: the agent's end is the conversation's then.
    pub accepted: bool,
}

/// What an agent's call is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AgentOrder {
    /// Hang up.
    HangUp,
}

/// Rings the agent and stays with the leg until it ends.
pub async fn run(
    tenant: Arc<Tenant>,
    offer: OfferId,
    interaction: InteractionId,
    agent: AgentId,
    queue: QueueId,
    mut orders: mpsc::UnboundedReceiver<AgentOrder>,
) {
    let (leg, mut events) =
        match tenant.endpoint.dial(request(&tenant, interaction, &agent, &queue)).await {
            Ok(dialled) => dialled,
            Err(error) => {
                tracing::info!(tenant = %tenant.id, %agent, %error, "an agent cannot be rung");
                let failure = match error {
                    DialError::NotRegistered(_) | DialError::Send { .. } => {
                        OfferFailure::Unreachable
                    }
                    DialError::BadAddress(_) | DialError::NoPort(..) => OfferFailure::Failed,
                };
                tenant.input(Input::OfferFailed { offer, failure }).await;
                return;
            }
        };
    let mut accepted = false;
    loop {
        tokio::select! {
            biased;
            order = orders.recv() => match order {
                Some(AgentOrder::HangUp) | None => return hang_up(leg.as_ref(), &mut events).await,
            },
            event = events.recv() => match event {
                Some(LegEvent::Answered) if !accepted => {
                    accepted = true;
                    tenant.tell(Message::Accepted { offer, leg: leg.id() }).await;
                }
                Some(LegEvent::Ended(end)) => {
                    let (by, failure) = (Party::Agent, failure_of(&end));
                    return tenant.tell(Message::AgentEnded { offer, by, failure }).await;
                }
                // The agent's side of the conversation has a pause.
                Some(LegEvent::Held) => tenant.tell(Message::AgentHolds { offer, on: true }).await,
                Some(LegEvent::Resumed) => tenant.tell(Message::AgentHolds { offer, on: false }).await,
                Some(_) => {}
                None => {
                    let (by, failure) = (Party::System, OfferFailure::Failed);
                    return tenant.tell(Message::AgentEnded { offer, by, failure }).await;
                }
            },
        }
    }
}

async fn hang_up(leg: &dyn Leg, events: &mut mpsc::UnboundedReceiver<LegEvent>) {
    leg.hang_up();
    // The handle is kept until the leg has ended, so that its end is orderly.
    while let Some(event) = events.recv().await {
        if matches!(event, LegEvent::Ended(_)) {
            return;
        }
    }
}

fn request(
    tenant: &Tenant,
    interaction: InteractionId,
    agent: &AgentId,
    queue: &QueueId,
) -> DialRequest {
    let config = tenant.config();
    let account = config.agents.get(agent);
    let to = match account.and_then(|account| account.uri.clone()) {
        Some(uri) => Destination::Uri(uri),
        None => Destination::Registered(
            account.map_or_else(|| agent.to_string(), |account| account.sip_user.clone()),
        ),
    };
    let host = tenant.endpoint.local_addr();
    DialRequest {
        to,
        from: format!("sip:{queue}@{host}"),
        from_name: Some(format!("{} {queue}", config.name)),
        credentials: None,
        headers: vec![("X-Jackfield-Interaction".to_owned(), interaction.to_string())],
    }
}

/// What the end of an unanswered leg means for an offer or a callback.
pub fn failure_of(end: &LegEnd) -> OfferFailure {
    match end {
        LegEnd::Refused { status: 486 | 600, .. } => OfferFailure::Busy,
        LegEnd::Refused { status: 603, .. } => OfferFailure::Declined,
        LegEnd::Refused { status: 408 | 480 | 487, .. } => OfferFailure::NoAnswer,
        LegEnd::Refused { status: 404 | 410, .. } | LegEnd::NoResponse => OfferFailure::Unreachable,
        _ => OfferFailure::Failed,
    }
}
