//! The decision certificate: what an assignment was made of, kept in the journal with the offer.
//!
//! With the journal's records before it, the engine makes the same certificate again; a record that
//! was changed gives another one, or none.

use serde::{Deserialize, Serialize};

use crate::{AgentId, AskId};

/// What one offer was decided upon.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// The question to the router, if one was asked: its candidates, with all they were shown as, are
    /// in the [`crate::Output::AskRouter`] of this number.
    pub ask: Option<AskId>,
    /// How many agents could have been offered the contact; counting ends at 512.
    pub candidates: u32,
    /// The first of them in the order they were tried, at most `limits.certificate_candidates`.
    pub considered: Vec<Considered>,
    /// The step of the queue's eligibility in force, 0 before the first.
    pub step: u32,
    /// The contact's priority at this moment, ageing included.
    pub priority: i8,
    /// What decided between the chosen agent and the next one.
    pub tie_break: TieBreak,
}

/// One candidate of a decision.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Considered {
    /// Who.
    pub agent: AgentId,
    /// Milliseconds since the agent became ready.
    pub idle_ms: u32,
    /// Why it was passed over, if it was: `taken`, `failed-before`, `held` for a better place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<String>,
}

/// What decided between the chosen agent and the next one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieBreak {
    /// There was no other candidate.
    #[default]
    OnlyOne,
    /// The smaller share of the agent taken by work in hand.
    LeastLoaded,
    /// The longer idle time.
    LongestIdle,
    /// Equal idle times: the name that sorts first.
    Name,
    /// The router's order.
    Router,
}
