//! Pacers: how many outbound calls to place now. A campaign asks; a pacer that fails costs speed, not
//! calls: one call is placed for each idle agent then.

use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt as _;
use jackfield_plugin_host::World;
use jackfield_plugin_host::asked::pacing::{Campaign, Pace};
use serde::Serialize;

use crate::rollout::{Answered, Asked, Exchange, Subject};
use crate::tenant::{Tenant, TenantServices};

/// When to ask again, in milliseconds.
const AGAIN_MS: std::ops::RangeInclusive<u32> = 100..=60_000;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decided {
    /// Calls to place now: no more than there are lines and numbers.
    pub dial: u32,
    /// When to ask again at the latest.
    pub again_ms: u32,
    /// Why.
    pub because: Vec<(String, String)>,
    /// `plugin`, or `fallback` with the reason in `because`.
    pub decided_by: &'static str,
}

/// Asks the pacer, and its shadow if there is one; `None` if there is no pacer of this name.
pub async fn decide(tenant: &Tenant, pacer: &str, campaign: &Campaign) -> Option<Decided> {
    let mut subject = Subject::of_words(&format!("{} {}", campaign.name, campaign.seed));
    subject.attributes = &campaign.attributes;
    let began = Instant::now();
    let asked = tenant.ask_called((pacer, World::Pacer), &subject, |version| {
        let campaign = campaign.clone();
        let services = Arc::<TenantServices>::clone(&version.services);
        async move { version.plugin.decide(&campaign, services).await }.boxed()
    });
    let (_, reply) = asked.await?;
    if let Some(shadow) = tenant.rollouts.shadow(pacer) {
        let active = reply.as_ref().map(Answered::from);
        let active = active.map_err(|error| error.failure.label());
        let asked = Asked::Campaign(Box::new(campaign.clone()));
        shadow.ask(Exchange { asked, active, took: began.elapsed() });
    }
    Some(match reply {
        Ok(pace) => bounded(pace, campaign, "plugin"),
        Err(failure) => {
            tracing::warn!(tenant = %tenant.id, plugin = pacer, %failure, "a pacer failed");
            bounded(fallback(campaign, &failure.to_string()), campaign, "fallback")
        }
    })
}

/// One call for each agent who is idle, less what is under way for them.
fn fallback(campaign: &Campaign, why: &str) -> Pace {
    let under_way = campaign.dialling.saturating_add(campaign.waiting);
    let dial = campaign.agents_idle.saturating_sub(under_way);
    Pace { dial, again_ms: 1_000, because: vec![("failed".to_owned(), why.to_owned())] }
}

fn bounded(pace: Pace, campaign: &Campaign, decided_by: &'static str) -> Decided {
    let most = campaign.lines_free.min(campaign.numbers_left);
    Decided {
        dial: pace.dial.min(most),
        again_ms: pace.again_ms.clamp(*AGAIN_MS.start(), *AGAIN_MS.end()),
        because: pace.because,
        decided_by,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn campaign() -> Campaign {
        Campaign {
            name: "autumn".to_owned(),
            agents_idle: 5,
            agents_talking: 0,
            agents_wrapping: 0,
            dialling: 2,
            waiting: 1,
            numbers_left: 100,
            lines_free: 50,
            attempts: 0,
            answered: 0,
            abandoned: 0,
            abandoned_max: 0.03,
            ring_ms: 0,
            talk_ms: 0,
            wrap_ms: 0,
            attributes: Vec::new(),
            now_seconds: 0.0,
            seed: 0,
        }
    }

    #[test]
    fn without_a_pacer_one_call_for_each_agent_who_has_none_coming() {
        let decided = bounded(fallback(&campaign(), "trapped"), &campaign(), "fallback");
        assert_eq!((decided.dial, decided.again_ms), (2, 1_000));
        let busy = Campaign { dialling: 9, ..campaign() };
        assert_eq!(fallback(&busy, "trapped").dial, 0);
    }

    #[test]
    fn no_more_than_there_are_lines_and_numbers() {
        let pace = Pace { dial: 90, again_ms: 1, because: Vec::new() };
        let few = Campaign { numbers_left: 7, ..campaign() };
        let decided = bounded(pace.clone(), &few, "plugin");
        assert_eq!((decided.dial, decided.again_ms), (7, 100));
        assert_eq!(bounded(pace, &campaign(), "plugin").dial, 50);
    }
}
