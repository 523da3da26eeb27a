//! A call of the agent's to somebody third while the customer is on hold: to ask, to hand over, to talk in
//! three.

use std::sync::Arc;

use jackfield_core::{Input, InteractionId, Party};
use jackfield_telephony::{DialRequest, LegEvent, LegId};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Desk;
use crate::tenant::{Message, SessionNews, Tenant, Third};

/// A call to somebody third.
pub struct Consult {
    /// For whom.
    pub interaction: InteractionId,
    /// What was dialled.
    to: String,
    state: &'static str,
    /// Dropping it hangs up.
    orders: mpsc::UnboundedSender<Order>,
}

/// What becomes of the call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// The customer is joined with the third, the agent leaves.
    Complete,
    /// All three talk.
    Join,
}

impl Consult {
    /// As the page is shown it.
    pub fn view(&self) -> Value {
        json!({ "interaction": self.interaction, "to": self.to, "state": self.state })
    }

    /// Tells the call what becomes of it.
    ///
    /// # Errors
    ///
    /// Why it cannot be so now, for people.
    pub fn order(&self, order: Order) -> Result<(), String> {
        if self.state == "ringing" {
            return Err(format!("`{}` has not answered yet", self.to));
        }
        // The task ends with the call, whose end is on its way.
        self.orders.send(order).map_err(|_| "the call is over".to_owned())
    }
}

/// Calls somebody for the agent.
///
/// # Errors
///
/// Why nobody can be called there, for people.
pub async fn begin(
    tenant: &Arc<Tenant>,
    desk: &Arc<Desk>,
    interaction: InteractionId,
    to: String,
    request: DialRequest,
) -> Result<(), String> {
    let dialled = tenant.endpoint.dial(request).await.map_err(|error| error.to_string())?;
    let (orders, listen) = mpsc::unbounded_channel();
    let (leg, events) = dialled;
    {
        let mut state = desk.lock();
        if state.consult.is_some() {
            return Err("somebody else is called already".to_owned());
        }
        let to = to.clone();
        state.consult = Some(Consult { interaction, to, state: "ringing", orders });
    }
    let call = Call {
        tenant: Arc::clone(tenant),
        desk: Arc::clone(desk),
        interaction,
        third: Third { to, leg, events },
    };
    tenant.spawn(call.run(listen));
    Ok(())
}

struct Call {
    tenant: Arc<Tenant>,
    desk: Arc<Desk>,
    interaction: InteractionId,
    third: Third,
}

impl Call {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        loop {
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(Order::Complete) => return self.complete().await,
                    Some(Order::Join) => self.join().await,
                    // The desk has let go of it.
                    None => return self.hang_up().await,
                },
                event = self.third.events.recv() => match event {
                    Some(LegEvent::Answered) => self.answered(),
                    Some(LegEvent::Ended(_)) | None => return self.over(),
                    Some(_) => {}
                },
            }
        }
    }

    fn state(&self, state: &'static str) {
        if let Some(consult) = &mut self.desk.lock().consult {
            consult.state = state;
        }
        self.desk.changed.notify_one();
    }

    /// Has the third take part, or not any more.
    fn third(&self, third: Option<LegId>) {
        let endpoint = &*self.tenant.endpoint;
        self.tenant.rooms.change(endpoint, self.interaction, |room| room.third = third);
    }

    fn answered(&self) {
        self.third(Some(self.third.leg.id()));
        self.state("talking");
    }

    /// The third has hung up: the customer is as before.
    fn over(&self) {
        self.third(None);
        self.desk.lock().consult = None;
        self.desk.changed.notify_one();
    }

    async fn hang_up(mut self) {
        self.third(None);
        self.third.leg.hang_up();
        // The handle is kept until the leg has ended, so that its end is orderly.
        while let Some(event) = self.third.events.recv().await {
            if matches!(event, LegEvent::Ended(_)) {
                return;
            }
        }
    }

    /// The customer comes back, and all three talk.
    async fn join(&self) {
        self.desk.lock().held.retain(|one| *one != self.interaction);
        let (interaction, on) = (self.interaction, false);
        self.tenant.tell(Message::Holds { interaction, on }).await;
        self.state("joined");
    }

    async fn complete(self) {
        self.third(None);
        self.desk.lock().consult = None;
        let (tenant, interaction) = (self.tenant, self.interaction);
        let news = SessionNews::Handed(self.third);
        tenant.tell(Message::Session { interaction, news }).await;
        tenant.input(Input::ConversationEnded { interaction, by: Party::Agent }).await;
    }
}
