//! A whole contact centre on one thread and one seed.
//!
//! A [`Plan`] says who comes when, who works when and what breaks; it is made from a [`Scenario`] and
//! a seed. The [`World`] plays it: customers who wait and hang up, agents who answer, talk and pause,
//! a network that loses and repeats, routers that fail, processes that die. It drives an [`Engine`],
//! the real [`jackfield_core::Center`] or a deliberately wrong one, with virtual time, and keeps a
//! [`Book`] of its own that is checked after every step.
//!
//! There is no clock, thread, socket or unordered map here: a seed gives the same journal, bit for
//! bit, on every machine.
//!
//! # Two phases
//!
//! * **Safety**: contacts come and things break. Nothing wrong may happen, whatever breaks.
//! * **Liveness**: nobody new comes, nothing breaks, everybody is at work. Everything must come to
//!   its end and every agent must be free.

mod book;
mod chance;
mod chaos;
mod engine;
mod plan;
mod questions;
pub mod replay;
mod router;
mod scenario;
mod script;
mod smaller;
mod span;
mod study;
mod tell;
mod world;

pub use book::{Book, Rule, Wrong};
pub use chance::{Pcg, Seed};
pub use engine::Engine;
pub use plan::{Act, AgentPlan, ByClass, ContactPlan, Faults, Plan, Stream};
pub use questions::{made_up_ask, made_up_estimate_ask};
pub use router::{Estimator, Native, NativeEstimator, Router};
pub use scenario::{BUNDLED, Problem, Problems, Scenario, parse_time, show_time};
pub use script::{Move, Outcome, Played, Script};
pub use span::{SPAN_MAX, Spans};
pub use study::{CONFIDENCE, Line, Study, Trial, trial};
pub use tell::Teller;
pub use world::{Cast, Checks, Failure, Happening, Options, Phase, World};
