//! Decides, for one tenant, who serves whom and when.
//!
//! [`Center`] is sans-IO: it opens no socket, reads no clock, draws no random number and starts no
//! thread, so the same value runs under the live server, in the simulator and in a replay. Drive it
//! like this:
//!
//! 1. feed one [`Input`] to [`Center::handle_input`], or call [`Center::handle_timeout`];
//! 2. call [`Center::poll_output`] until it returns `None` and carry out each [`Output`];
//! 3. wait for [`Center::next_deadline`] or the next input, whichever is first.
//!
//! Media, flows and plugins are elsewhere: this crate only says what is to happen and is told what
//! has happened. The same inputs at the same times give the same outputs, bit for bit.
//!
//! # Rules
//!
//! * **One owner per offer.** An offer is a lease of one agent to one waiting contact. The contact's
//!   stay owns it; it ends by an answer, a failure or a withdrawal, once. An agent is offered one
//!   contact at a time; a contact may ring at several agents, never twice at the same. The first who
//!   answers has it, one who refuses stops nobody else.
//! * **A place is for the whole stay.** Contacts stand by the weight of their queue, then by priority,
//!   then by the time of joining the first queue of the stay, whatever becomes of their offers and
//!   through every overflow and move. They compete by place across all queues that share agents. Only
//!   ageing, a router or a supervisor changes a priority, and says so.
//! * **Who failed a contact is spared it** while there is another candidate, and for two seconds if
//!   there is none: no loop of ringing and cancelling, whoever causes it. Refusals and unanswered
//!   offers are counted in a row; `refusals_max` of them send the agent to NotReady.
//! * **Two limits of waiting.** The queue's longest wait moves the contact to the overflow queue, or
//!   ends the stay if there is none; a phone that rings then may still be answered if there is one.
//!   The contact's own limit ends the stay wherever it is.
//! * **Every contact counts as offered where it is queued**, also if the queue is full, closed or
//!   unstaffed: [`Output::Queued`] comes first, then what became of it.
//! * **A router is asked about one contact of a queue at a time**, and reserves nobody. Meanwhile
//!   only the candidate whose turn it is is kept from contacts with a worse place. A contact with a
//!   better place that can be served takes over the turn. "Nobody yet" is kept for 0.1 to 60
//!   seconds, but not past the next agent of the queue who becomes ready. Routers move a contact to
//!   each queue at most once in a stay, and change its priority at most three times between offers:
//!   after that, as after every answer that cannot be, the built-in rule decides.
//! * **What is needed is mandatory**: neither the built-in rule nor a router can offer a contact to an
//!   agent without the skills and the expression of the step in force. Steps begin by time; a phone
//!   that rings then goes on ringing.
//! * **An agent has as much as fits.** Conversations take their channel's share, after-call work the
//!   share of the conversation it follows. With no capacity named that is one contact of any channel.
//!   The turn is the least loaded agent's, then the longest idle one's, then by name.
//! * **A callback stands in line for its customer**, at the customer's place, and is offered while
//!   the queue is open. It neither fills a queue nor times out, and outlives the process
//!   ([`Checkpoint`]).
//! * **An estimated wait is told only while it proves right**, and what a customer is told falls with
//!   the time unless its place or the staff got worse.
//! * **Requests during a conversation wait for the end of the work in hand**: NotReady comes after the
//!   after-call work; who logged out meanwhile has none. No new work is offered from the request on.
//! * **Every offer has a [`Certificate`]**, and [`Center::why_not`] says what stands between a contact
//!   and an agent now.
//!
//! # Journal and figures
//!
//! A [`JournalRecord`] is one input with its outputs; [`replay`] plays a journal again and compares.
//! [`Stats`] is made of outputs alone, so it can be made again from the journal.

mod agent;
mod ask;
mod blend;
mod callback;
mod capacity;
mod center;
mod certificate;
mod certify;
mod checkpoint;
mod config;
mod configure;
mod distribute;
mod estimate;
mod expression;
mod hours;
mod id;
mod input;
mod interaction;
mod journal;
mod moves;
mod nearest;
mod need;
mod offer;
mod opening;
mod output;
mod planned;
mod queue;
mod recall;
mod routing;
mod snapshot;
mod stats;
mod table;
mod telling;
mod time;
mod timer;
mod view;
mod vocabulary;
mod why;

pub use callback::{
    Callback, CallbackDue, CallbackPhase, CallbackPlace, CallbackRequest, Callbacks,
};
pub use center::Center;
pub use certificate::{Certificate, Considered, TieBreak};
pub use checkpoint::{Checkpoint, CheckpointReader, ClosedQueue};
pub use config::{
    AgentConfig, Announcements, AtClosing, Blend, CallbackMode, CallbackRules, CenterConfig,
    CenterLimits, ChannelCapacity, EligibilityStep, ProtectedBlock, QueueConfig, RouterChoice,
    ServiceLevelTarget, SkillChange, Staffing,
};
pub use estimate::{
    Announcer, Calibration, CalibrationLimits, CalibrationReport, Estimate, EstimateAsk, History,
    empirical, erlang_like,
};
pub use expression::{AgentFacts, Expression, ExpressionError, Unmet};
pub use hours::{
    CalendarError, Date, DayException, DaySpan, Days, Holiday, Hours, HoursError, RawHours,
    TimeOfDay, TimeZone, WeeklySpan,
};
pub use id::{AgentId, AskId, CallbackId, InteractionId, NameError, OfferId, QueueId, TenantId};
pub use input::{CallbackOrigin, EndCause, Input, OfferFailure, Party, PluginFailure};
pub use journal::{Divergence, JournalRecord, replay};
pub use output::{CallbackState, Output, Refusal, RoutedBy, WithdrawReason};
pub use planned::{PlannedActivity, PlannedSpan};
pub use routing::{Candidate, QueueView, RoutingAnswer, RoutingAsk, RoutingDecision, WaitingView};
pub use snapshot::{
    AgentSnapshot, CenterSnapshot, OfferSnapshot, QueueSnapshot, WaitingSnapshot, WorkSnapshot,
};
pub use stats::{AgentStats, LeftStats, QueueStats, Stats, StatsError};
pub use time::Instant;
pub use vocabulary::{
    AgentState, AgentStateOf, Attribute, Channel, NotReadyReason, PastContact, Proficiency,
    QueueEnd, QueueOptions, SkillLevel,
};
pub use why::WhyNot;
