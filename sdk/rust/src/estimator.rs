//! Saying how long a waiting contact will wait: world `estimator`.

pub use crate::bindings::estimator::exports::jackfield::plugin::estimator_guest::Guest as Estimator;
pub use crate::bindings::estimator::jackfield::queueing::estimating::{
    EstimateAsk, PastWait, WaitEstimate,
};
