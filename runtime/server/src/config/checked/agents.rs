//! A tenant's agents.

use std::collections::BTreeMap;

use jackfield_core::{
    AgentConfig, AgentId, Attribute, Channel, ChannelCapacity, Proficiency, ProtectedBlock,
    QueueConfig, QueueId,
};
use toml::{Table, Value};

use super::super::document::join;
use super::super::keys::CHANNELS;
use super::eligibility::levels;
use super::hours::NamedHours;
use super::tenants::AgentAccount;
use super::{Checker, raw};

type Queues = BTreeMap<QueueId, QueueConfig>;
type Agents = (BTreeMap<AgentId, AgentConfig>, BTreeMap<AgentId, AgentAccount>);

/// What agents of a tenant refer to.
pub struct Around<'a> {
    /// The SIP domain.
    pub domain: Option<&'a str>,
    /// The queues.
    pub queues: &'a Queues,
    /// The business hours.
    pub hours: &'a NamedHours,
}

impl Checker<'_> {
    /// Builds `[tenants.<id>.agents]`, where `key` is that path.
    pub(super) fn agents(
        &mut self,
        key: &str,
        raw: BTreeMap<String, raw::Agent>,
        around: &Around<'_>,
    ) -> Agents {
        let (mut configs, mut accounts) = Agents::default();
        for (name, agent) in raw {
            let Ok(id) = AgentId::new(&name) else { continue };
            let key = join(key, &name);
            if agent.password.is_none() && agent.uri.is_none() {
                self.problem(&key, "needs a `password` to register with, or a `uri`");
            }
            let sip_user = match around.domain {
                // A host is the same in capitals.
                Some(domain) => format!("{name}@{}", domain.to_ascii_lowercase()),
                None => name.clone(),
            };
            let account = AgentAccount {
                password: agent.password.clone(),
                ready_on_register: agent.ready_on_register,
                sip_user,
                uri: agent.uri.clone(),
            };
            let config = self.agent(&key, agent, around);
            configs.insert(id.clone(), config);
            accounts.insert(id, account);
        }
        (configs, accounts)
    }

    fn agent(&mut self, key: &str, raw: raw::Agent, around: &Around<'_>) -> AgentConfig {
        let level = |level: u8| Proficiency::new(level).unwrap_or(Proficiency::MIN);
        let serves = self.by_queue(&format!("{key}.queues"), raw.queues, around.queues);
        let ranks = self.by_queue(&format!("{key}.ranks"), raw.ranks, around.queues);
        AgentConfig {
            skills: levels(&raw.skills),
            queues: serves.into_iter().map(|(queue, value)| (queue, level(value))).collect(),
            ranks,
            attributes: settings(&raw.attributes),
            capacity: self.capacity(&format!("{key}.capacity"), raw.capacity),
            protected: self.protected(&format!("{key}.protected"), raw.protected, around),
        }
    }

    fn by_queue(
        &mut self,
        key: &str,
        raw: BTreeMap<String, u8>,
        queues: &Queues,
    ) -> BTreeMap<QueueId, u8> {
        let mut known = BTreeMap::new();
        for (queue, value) in raw {
            if let Some(id) = self.queue_named(&join(key, &queue), &queue, queues) {
                known.insert(id, value);
            }
        }
        known
    }

    /// Returns the queue of that name; `None` and a problem if there is none.
    pub(super) fn queue_named(
        &mut self,
        key: &str,
        name: &str,
        queues: &Queues,
    ) -> Option<QueueId> {
        let known = QueueId::new(name).ok().filter(|id| queues.contains_key(id));
        if known.is_none() {
            self.unknown(key, "queue", name, queues.keys().map(QueueId::as_str));
        }
        known
    }

    fn capacity(
        &mut self,
        key: &str,
        raw: BTreeMap<String, raw::Capacity>,
    ) -> BTreeMap<Channel, ChannelCapacity> {
        let mut capacity = BTreeMap::new();
        for (name, raw) in raw {
            let Some(channel) = channel(&name) else {
                self.unknown(&join(key, &name), "channel", &name, CHANNELS.iter().copied());
                continue;
            };
            let raw::Capacity { slots, weight, interruptible } = raw;
            let whole = u16::from(slots) * u16::from(weight);
            if 100 < whole && 1 < slots {
                let message = format!(
                    "has {slots} slots of {weight} % each, which is {whole} %: at most {} fit",
                    100 / u16::from(weight)
                );
                self.problem(&join(key, &name), message);
            }
            capacity.insert(channel, ChannelCapacity { slots, weight, interruptible });
        }
        capacity
    }

    fn protected(
        &mut self,
        key: &str,
        raw: Vec<raw::Protected>,
        around: &Around<'_>,
    ) -> Vec<ProtectedBlock> {
        let mut blocks = Vec::new();
        for (index, block) in raw.into_iter().enumerate() {
            let key = format!("{key}[{index}]");
            let queues = block.queues.iter();
            let queues: Vec<QueueId> = queues
                .filter_map(|name| self.queue_named(&format!("{key}.queues"), name, around.queues))
                .collect();
            let Some(name) = block.hours else { continue };
            let Some(hours) = self.named_hours(&format!("{key}.hours"), &name, around.hours) else {
                continue;
            };
            let channels = block.channels.unwrap_or_default();
            let channels = channels.iter().filter_map(|name| channel(name)).collect();
            blocks.push(ProtectedBlock { hours, channels, queues });
        }
        blocks
    }
}

/// The channel of that name.
fn channel(name: &str) -> Option<Channel> {
    match name {
        "voice" => Some(Channel::Voice),
        "chat" => Some(Channel::Chat),
        "email" => Some(Channel::Email),
        "message" => Some(Channel::Message),
        "task" => Some(Channel::Task),
        _ => None,
    }
}

/// A table of settings as attributes, in the order of their names.
pub fn settings(raw: &Table) -> Vec<Attribute> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut settings: Vec<Attribute> =
        raw.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    settings.sort();
    settings
}
