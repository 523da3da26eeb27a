//! Plugins: what each may import, reach and be told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jackfield_core::{Attribute, QueueConfig, QueueId};
use jackfield_egress::HostRule;
use jackfield_plugin_host::{Grant, Grants, World};

use super::super::document::join;
use super::super::secret::Secret;
use super::agents::settings;
use super::{Checker, raw};

/// One chatbot, channel, connector, analyst or pacer of a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct PluginEntry {
    /// What it is for.
    pub world: World,
    /// The plugin that comes with Jackfield and serves until another one is installed.
    pub plugin: Option<String>,
    /// What it may import.
    pub grants: Grants,
    /// The hosts that it may reach.
    pub hosts: Vec<HostRule>,
    /// What it uses and never sees.
    pub secrets: BTreeMap<String, Secret<String>>,
    /// What it is told, sorted by name.
    pub settings: Vec<Attribute>,
    /// Of a channel: who answers first.
    pub chatbot: Option<String>,
    /// Of a channel: where conversations wait for a person.
    pub queue: Option<QueueId>,
    /// Of a channel: a conversation without a message for so long is over.
    pub idle: Duration,
    /// Of a connector: how often it does what is due.
    pub every: Option<Duration>,
    /// Of a connector: whether it is asked for customers that are not known here.
    pub lookup: bool,
    /// Of a connector: whether customers whom the other system does not know become leads there.
    pub leads: bool,
}

/// The grants of these names, with those of `base`; the name that is none.
pub fn grants_of(names: &[String], base: Grants) -> Result<Grants, String> {
    let known = |name: &String| Grant::from_name(name).ok_or_else(|| name.clone());
    let named = names.iter().map(known).collect::<Result<Grants, String>>()?;
    Ok(base.with(&named))
}

impl Checker<'_> {
    /// What routers, estimators and flows may import, where the file says so.
    pub(super) fn all_grants(&mut self, key: &str, raw: &raw::Tenant) -> BTreeMap<String, Grants> {
        let routers = raw.routers.iter().map(|(name, raw)| ("routers", name, &raw.grants));
        let estimators = raw.estimators.iter().map(|(name, raw)| ("estimators", name, &raw.grants));
        // What is said of a flow is said instead of what it would have.
        let flows = raw.flows.iter().map(|(name, raw)| ("flows", name, &raw.grants));
        let said = routers.chain(estimators).chain(flows);
        let said = said.filter_map(|(table, name, grants)| {
            let base = if table == "flows" { Grants::default() } else { Grants::harmless() };
            let key = format!("{}.grants", join(&format!("{key}.{table}"), name));
            // A flow and a router may have the same name, and grants are kept by it.
            let kept = if table == "flows" { format!("flow {name}") } else { name.clone() };
            Some((kept, self.grants(&key, grants.as_deref()?, base)))
        });
        said.collect()
    }

    fn grants(&mut self, key: &str, names: &[String], base: Grants) -> Grants {
        grants_of(names, base.clone()).unwrap_or_else(|name| {
            self.unknown(key, "grant", &name, Grant::ALL.iter().map(|grant| grant.name()));
            base
        })
    }

    /// Builds `[tenants.<id>.plugins]`.
    pub(super) fn plugin_entries(
        &mut self,
        key: &str,
        raw: BTreeMap<String, raw::Plugin>,
        queues: &BTreeMap<QueueId, QueueConfig>,
    ) -> BTreeMap<String, PluginEntry> {
        let worlds: BTreeMap<String, Option<World>> = raw
            .iter()
            .map(|(name, raw)| (name.clone(), raw.world.as_deref().and_then(World::from_name)))
            .collect();
        let bots: BTreeSet<&String> = worlds
            .iter()
            .filter(|(_, world)| **world == Some(World::Chatbot))
            .map(|(name, _)| name)
            .collect();
        let mut entries = BTreeMap::new();
        for (name, raw) in raw {
            // Without a world it was reported as missing.
            let Some(world) = worlds.get(&name).copied().flatten() else { continue };
            let key = join(key, &name);
            let of = |wanted: World, given: bool| (wanted, given);
            let only = [
                ("chatbot", of(World::Channel, raw.chatbot.is_some())),
                ("queue", of(World::Channel, raw.queue.is_some())),
                ("every", of(World::Connector, raw.every.is_some())),
                ("lookup", of(World::Connector, raw.lookup)),
                ("leads", of(World::Connector, raw.leads)),
            ];
            for (part, (wanted, given)) in only {
                if given && world != wanted {
                    let message = format!("is for a {wanted}, and this is a {world}");
                    self.problem(&format!("{key}.{part}"), message);
                }
            }
            if let Some(bot) = raw.chatbot.as_ref().filter(|bot| !bots.contains(bot)) {
                let bots = bots.iter().map(|name| name.as_str());
                self.unknown(&format!("{key}.chatbot"), "chatbot", bot, bots);
            }
            let queue = raw.queue.as_deref().and_then(|queue| QueueId::new(queue).ok());
            if let Some(wanted) = &raw.queue
                && !queue.as_ref().is_some_and(|queue| queues.contains_key(queue))
            {
                let names = queues.keys().map(QueueId::as_str);
                self.unknown(&format!("{key}.queue"), "queue", wanted, names);
            }
            let grants = raw.grants.unwrap_or_default();
            let grants = self.grants(&format!("{key}.grants"), &grants, Grants::harmless());
            let hosts = self.host_rules(&format!("{key}.hosts"), &raw.hosts);
            if !hosts.is_empty() && !grants.has(Grant::Http) {
                let message = "lists hosts, and `grants` does not have \"http\"";
                self.problem(&format!("{key}.hosts"), message);
            }
            if raw.leads && world == World::Connector && !grants.has(Grant::CrmAddress) {
                let message = "a lead has an address, and `grants` does not have \"crm.address\"";
                self.problem(&format!("{key}.leads"), message);
            }
            let entry = PluginEntry {
                world,
                plugin: raw.plugin,
                grants,
                hosts,
                secrets: raw.secrets,
                settings: settings(&raw.settings),
                chatbot: raw.chatbot,
                queue,
                idle: raw.idle.0,
                every: raw.every.map(|every| every.0),
                lookup: raw.lookup,
                leads: raw.leads,
            };
            entries.insert(name, entry);
        }
        entries
    }

    fn host_rules(&mut self, key: &str, raw: &[String]) -> Vec<HostRule> {
        let mut rules = Vec::new();
        for text in raw {
            match HostRule::parse(text) {
                Ok(rule) => rules.push(rule),
                Err(message) => self.problem(key, message),
            }
        }
        rules
    }
}
