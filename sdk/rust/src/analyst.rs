//! Reading conversations that are over: world `analyst`.

pub use crate::bindings::analyst::exports::jackfield::plugin::analyst_guest::Guest as Analyst;
pub use crate::bindings::analyst::jackfield::analysis::analysis::{
    Findings, FormAnswer, Question, Speaker, Topic, Transcript, Utterance,
};
