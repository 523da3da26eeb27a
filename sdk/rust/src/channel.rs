//! Bringing written messages in and out: world `channel`.

pub use crate::bindings::channel::exports::jackfield::plugin::channel_guest::Guest as ChannelPlugin;
pub use crate::bindings::channel::jackfield::channels::channels::{
    Capabilities, Delivery, Event, Message, Outgoing, Receipt, Received,
};
pub use crate::bindings::channel::jackfield::http::webhook::{Incoming, Reply};
