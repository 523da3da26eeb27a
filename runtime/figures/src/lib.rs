//! The figures of a contact centre, each with its formula: what happened (KPI made of journals or of
//! other systems' logs) and what is needed (staffing formulas).
//!
//! Pure: no socket, no clock, no file. The same records give the same figures, bit for bit, whether
//! they are counted live or from the journal.

pub mod import;
pub mod kpi;
pub mod staffing;
pub mod statistics;
