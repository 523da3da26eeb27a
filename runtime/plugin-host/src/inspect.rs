//! What a component is, from its bytes alone: nothing is compiled.

use crate::contract::{self, Grant, World};
use crate::error::InstallError;

/// What was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Inspected {
    /// The world whose exports it has; `None` if it is none of this host's.
    pub world: Option<World>,
    /// The interfaces with functions that it imports.
    pub imports: Vec<String>,
    /// What it exports.
    pub exports: Vec<String>,
    /// The grants that its imports need, in order.
    pub grants: Vec<Grant>,
}

/// Reads what a component imports and exports.
///
/// # Errors
///
/// [`InstallError`] of the step `decode` if it is no component.
pub fn inspect(wasm: &[u8]) -> Result<Inspected, InstallError> {
    let surface = contract::decode(wasm)?;
    let grants = contract::grants_of(&surface);
    let world = contract::world_of(&surface);
    Ok(Inspected { world, imports: surface.imports, exports: surface.exports, grants })
}
