//! The journal of a tenant: every input with what the engine made of it.

use std::borrow::Borrow;

use serde::{Deserialize, Serialize};

use crate::{Center, Input, Instant, Output};

/// One input and everything the engine did about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JournalRecord {
    /// When it was fed.
    pub at: Instant,
    /// What happened; [`Input::TimeElapsed`] stands for a call of [`Center::handle_timeout`].
    pub input: Input,
    /// What the engine said.
    pub outputs: Vec<Output>,
}

impl JournalRecord {
    /// Feeds `input` to `center`, drains its outputs and returns the record of both.
    pub fn take(center: &mut Center, at: Instant, input: Input) -> Self {
        center.handle_input(at, input.clone());
        let outputs = std::iter::from_fn(|| center.poll_output()).collect();
        Self { at, input, outputs }
    }
}

/// A replay did something else than the journal says.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("record {index} at {at}: the journal has {recorded:?}, the replay gave {replayed:?}")]
pub struct Divergence {
    /// Which record, from 0.
    pub index: usize,
    /// When it was fed.
    pub at: Instant,
    /// What the journal says.
    pub recorded: Vec<Output>,
    /// What the engine said now.
    pub replayed: Vec<Output>,
}

/// Feeds the inputs of a whole journal to a new engine and compares every output.
///
/// # Errors
///
/// [`Divergence`] at the first record whose outputs are not the same, bit for bit: the engine has
/// changed since, or the journal has gaps.
pub fn replay<R: Borrow<JournalRecord>>(
    records: impl IntoIterator<Item = R>,
) -> Result<Center, Divergence> {
    let mut center = Center::new();
    for (index, record) in records.into_iter().enumerate() {
        let JournalRecord { at, input, outputs } = record.borrow();
        let replayed = JournalRecord::take(&mut center, *at, input.clone()).outputs;
        if replayed != *outputs {
            return Err(Divergence { index, at: *at, recorded: outputs.clone(), replayed });
        }
    }
    Ok(center)
}
