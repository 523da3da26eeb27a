//! Other systems' logs, read into the same contact records as our own journal.
