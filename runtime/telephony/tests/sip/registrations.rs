//! Registrar and trunks.
