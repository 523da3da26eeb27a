//! Runs WebAssembly components: loads, limits, calls and swaps them. The only crate with wasmtime.

mod api;

pub use api::*;
