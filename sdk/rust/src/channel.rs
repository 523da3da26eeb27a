//! Bringing written messages in and out: world `channel`.

pub use crate::bindings::channel::exports::jackfield::plugin::channel_guest::Guest as ChannelPlugin;
pub use crate::bindings::channel::jackfield::channels::channels::{
    Capabilities, Delivery, Event, Message, Outgoing, Receipt, Received,
};
pub use crate::bindings::channel::jackfield::http::webhook::{Incoming, Reply};

impl Incoming {
    /// The value of a header, whose name is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Reply {
    /// A status and nothing else.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// A status and a JSON body.
    pub fn json(status: u16, body: impl std::fmt::Display) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status, headers, body: body.to_string().into_bytes() }
    }
}
