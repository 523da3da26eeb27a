//! What time ends.
