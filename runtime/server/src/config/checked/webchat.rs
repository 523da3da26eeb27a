//! The chat window on web sites: who may show it, who answers, how much may be written.

use std::collections::BTreeMap;
use std::time::Duration;

use jackfield_core::{QueueConfig, QueueId};
use jackfield_plugin_host::World;

use super::{Checker, PluginEntry, raw};
use crate::worlds::webchat::CHANNEL;

/// `[tenants.<id>.webchat]`
#[derive(Clone, Debug, PartialEq)]
pub struct WebchatConfig {
    /// Whether anybody can write.
    pub enabled: bool,
    /// The sites whose pages may show it, as browsers name them; `*` is any.
    pub origins: Vec<String>,
    /// Who answers first.
    pub chatbot: Option<String>,
    /// Where conversations wait for a person; there is one if it is enabled.
    pub queue: Option<QueueId>,
    /// A conversation without a message for so long is over.
    pub idle: Duration,
    /// Characters of one message of a visitor.
    pub message_max: usize,
    /// Messages of one visitor in a minute.
    pub messages_per_minute: u32,
    /// Messages from one address in a minute.
    pub address_messages_per_minute: u32,
    /// Pages connected at once.
    pub connections: usize,
    /// Pages connected at once from one address.
    pub address_connections: usize,
    /// Conversations open at once.
    pub conversations: usize,
    /// Messages that a visitor who comes back is shown.
    pub history: usize,
}

impl WebchatConfig {
    /// Whether pages of this site may show it; `origin` is what a browser sends.
    pub fn allows(&self, origin: &str) -> bool {
        let same = |known: &String| known == "*" || known.eq_ignore_ascii_case(origin);
        self.enabled && self.origins.iter().any(same)
    }
}

impl Checker<'_> {
    /// Builds `[tenants.<id>.webchat]`.
    pub(super) fn webchat(
        &mut self,
        key: &str,
        raw: raw::Webchat,
        queues: &BTreeMap<QueueId, QueueConfig>,
        plugins: &BTreeMap<String, PluginEntry>,
    ) -> WebchatConfig {
        if raw.enabled {
            self.webchat_whole(key, &raw, plugins);
        }
        for origin in &raw.origins {
            if !is_origin(origin) {
                let message = format!(
                    "must list sites such as \"https://www.example.com\", without a path, or \"*\"; got \"{origin}\""
                );
                self.problem(&format!("{key}.origins"), message);
            }
        }
        let bots = || plugins.iter().filter(|(_, entry)| entry.world == World::Chatbot);
        if let Some(bot) = raw.chatbot.as_ref().filter(|bot| !bots().any(|(name, _)| name == *bot))
        {
            let names = bots().map(|(name, _)| name.as_str());
            self.unknown(&format!("{key}.chatbot"), "chatbot", bot, names);
        }
        let queue = raw.queue.as_deref().and_then(|queue| QueueId::new(queue).ok());
        if let Some(wanted) = &raw.queue
            && !queue.as_ref().is_some_and(|queue| queues.contains_key(queue))
        {
            let names = queues.keys().map(QueueId::as_str);
            self.unknown(&format!("{key}.queue"), "queue", wanted, names);
        }
        WebchatConfig {
            enabled: raw.enabled,
            origins: raw.origins,
            chatbot: raw.chatbot,
            queue,
            idle: raw.idle.0,
            message_max: raw.message_max,
            messages_per_minute: raw.messages_per_minute,
            address_messages_per_minute: raw.address_messages_per_minute,
            connections: raw.connections,
            address_connections: raw.address_connections,
            conversations: raw.conversations,
            history: raw.history,
        }
    }

    /// What must be there where it is enabled.
    fn webchat_whole(
        &mut self,
        key: &str,
        raw: &raw::Webchat,
        plugins: &BTreeMap<String, PluginEntry>,
    ) {
        if raw.queue.is_none() {
            let message = "is missing: somebody must be there when no chatbot can answer";
            self.problem(&format!("{key}.queue"), message);
        }
        if raw.origins.is_empty() {
            let message = "lists no site, so no page could show it";
            self.problem(&format!("{key}.origins"), message);
        }
        if plugins.contains_key(CHANNEL) {
            let message = "is the name of the channel of web chats, which is enabled";
            self.problem(
                &format!("{}.plugins.{CHANNEL}", key.trim_end_matches(".webchat")),
                message,
            );
        }
    }
}

/// Whether it is written as browsers write `Origin` (RFC 6454, section 6.2), or any.
fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else { return text == "*" };
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    matches!(scheme, "http" | "https") && !host.is_empty() && host.chars().all(plain)
}
