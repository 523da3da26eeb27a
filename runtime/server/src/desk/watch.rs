//! The task of a desk: tells its page what changes, and gives it up when nobody comes back.

use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{AgentState, Input, NotReadyReason, OfferFailure, Party};
use tokio::time::Instant;

use super::{Desk, pop, view};
use crate::tenant::Tenant;

/// The reason of an agent whose page has gone.
const AWAY: &str = "desk-lost";

/// Runs until nobody has been at the desk for as long as it is kept.
pub async fn run(tenant: Arc<Tenant>, desk: Arc<Desk>) {
    let mut told = None;
    let mut away = false;
    loop {
        let alone = desk.lock().alone_since;
        let due = alone.map(|since| since + if away { desk.config.keep } else { desk.config.away });
        tokio::select! {
            () = desk.changed.notified() => {}
            () = sleep_until(due) => {
                // A page may have come in this very moment.
                if desk.lock().alone_since != alone {
                    continue;
                }
                if away {
                    return give_up(&tenant, &desk).await;
                }
                away = true;
                leave_work(&tenant, &desk).await;
            }
        }
        if desk.lock().alone_since.is_none() {
            away = false;
        }
        show(&tenant, &desk, &mut told).await;
    }
}

/// The customers who are offered first, and then that they are.
async fn show(tenant: &Arc<Tenant>, desk: &Desk, told: &mut Option<serde_json::Value>) {
    let to_show = std::mem::take(&mut desk.lock().to_show);
    for (interaction, why) in to_show {
        let theirs = Arc::clone(tenant);
        let gathered =
            tokio::task::spawn_blocking(move || pop::of(&theirs, interaction, &why)).await;
        if let Ok(gathered) = gathered {
            desk.tell(gathered);
        }
    }
    let Some(agent) = tenant.agent(&desk.agent).await else { return };
    desk.forget_supervised(tenant);
    let view = view::of(desk, &agent, &tenant.config());
    if told.as_ref() != Some(&view) || desk.take_unshown() {
        desk.tell(view.clone());
        *told = Some(view);
    }
}

/// An agent whose page has gone takes no more work.
async fn leave_work(tenant: &Tenant, desk: &Desk) {
    let Some(agent) = tenant.agent(&desk.agent).await else { return };
    if let Some(offer) = agent.offer {
        let failure = OfferFailure::Unreachable;
        tenant.input(Input::OfferFailed { offer: offer.offer, failure }).await;
    }
    if matches!(agent.state, AgentState::LoggedOut | AgentState::NotReady { .. }) {
        return;
    }
    let config = tenant.config();
    let account = config.agents.get(&desk.agent);
    let telephone = |sip_user: &str| !tenant.endpoint.bindings(sip_user).is_empty();
    if account.is_some_and(|account| account.uri.is_some() || telephone(&account.sip_user)) {
        // Calls ring there.
        return;
    }
    tracing::info!(tenant = %tenant.id, agent = %desk.agent, "nobody is at the desk: not ready");
    let reason = NotReadyReason(AWAY.to_owned());
    tenant.input(Input::AgentNotReady { agent: desk.agent.clone(), reason }).await;
}

async fn give_up(tenant: &Tenant, desk: &Desk) {
    tenant.desks.remove(&desk.agent);
    let line = {
        let mut state = desk.lock();
        (state.closed, state.line_up, state.consult) = (true, false, None);
        state.line.take()
    };
    desk.told.send_modify(|count| *count += 1);
    if let Some(line) = line {
        line.hang_up();
    }
    end_voice(tenant, desk).await;
}

/// Without a line nobody hears the customer any more.
pub(super) async fn end_voice(tenant: &Tenant, desk: &Desk) {
    let Some(agent) = tenant.agent(&desk.agent).await else { return };
    for work in agent.works.iter().filter(|work| work.wrapping_up.is_none()) {
        if tenant.rooms.get(work.interaction).is_some() {
            let (interaction, by) = (work.interaction, Party::Agent);
            tenant.input(Input::ConversationEnded { interaction, by }).await;
        }
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => {
            tokio::time::sleep_until(due.max(Instant::now() + Duration::from_millis(1))).await
        }
        None => std::future::pending().await,
    }
}
