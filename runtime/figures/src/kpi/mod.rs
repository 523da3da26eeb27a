//! Key performance indicators: records, formulas, definitions, reports.
