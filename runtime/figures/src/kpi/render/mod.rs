//! Reports as JSON, CSV and text. Each shows the definitions beside the figures.

mod csv;
mod json;
mod table;

#[cfg(test)]
mod tests;

pub use csv::to_csv;
pub use json::to_json;
pub use table::{Language, to_table};
