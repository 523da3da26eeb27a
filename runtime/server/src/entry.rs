//! What a plugin needs in the configuration file, as the lines to add: for whoever installs it and wonders
//! what is missing.

use std::fmt::Write as _;

use jackfield_core::RouterChoice;
use jackfield_egress::HostRule;
use jackfield_package::PluginManifest;
use jackfield_plugin_host::{Grant, Grants, World, inspect, manifest_of};
use serde_json::Value;

use crate::config::TenantConfig;

/// The most settings that are shown.
const SETTINGS: usize = 40;

/// What is known of a plugin from its description.
#[derive(Clone, Debug)]
pub struct Needs {
    /// For whom it is; what is to be put there if that is not known.
    pub tenant: String,
    /// What it is called there.
    pub name: String,
    /// Its world.
    pub world: World,
    /// The grants that it asks for.
    pub wants: Vec<String>,
    /// The hosts that it wants to reach.
    pub hosts: Vec<String>,
    /// The JSON Schema of its settings.
    pub schema: Option<Value>,
}

impl Needs {
    /// What a component says of itself; one without a manifest wants what it imports.
    pub fn of_component(tenant: &str, name: &str, world: World, component: &[u8]) -> Self {
        let manifest = manifest_of(component).and_then(|text| PluginManifest::parse(&text).ok());
        let (wants, hosts, schema) = match manifest {
            Some(manifest) => (manifest.wants, manifest.hosts, manifest.config),
            None => {
                let imported = inspect(component).map(|found| found.grants).unwrap_or_default();
                let names = imported.iter().map(|grant| grant.name().to_owned());
                (names.collect(), Vec::new(), None)
            }
        };
        let (tenant, name) = (tenant.to_owned(), name.to_owned());
        Self { tenant, name, world, wants, hosts, schema }
    }

    /// The table of the configuration that is about it, without brackets.
    fn table(&self) -> String {
        let kind = match self.world {
            World::Router => "routers",
            World::Estimator => "estimators",
            World::Flow => "flows",
            _ => "plugins",
        };
        format!("tenants.{}.{kind}.{}", self.tenant, self.name)
    }

    /// The lines of its entry, such as a file has that knows nothing of it yet. What is the tenant's own
    /// choice is a comment.
    pub fn entry(&self) -> String {
        let Self { name, tenant, world, .. } = self;
        let mut lines = format!("[{}]\n", self.table());
        match world {
            World::Router => {
                lines += "plugin = \"router-longest-idle\"  # decides until another version is activated\n";
                lines += &self.grants();
                let _ = write!(
                    lines,
                    "# In the table of each queue that it is to serve, [tenants.{tenant}.queues.QUEUE]:\n\
                     # router = \"{name}\"\n{}",
                    self.queue_settings()
                );
            }
            World::Estimator => {
                lines += "plugin = \"estimator-empirical\"  # estimates until another version is activated\n";
                lines += &self.grants();
                let _ = write!(
                    lines,
                    "# In the table of each queue whose waits it is to estimate, \
                     [tenants.{tenant}.queues.QUEUE]:\n# estimator = \"{name}\"\n{}",
                    self.queue_settings()
                );
            }
            World::Flow => {
                let _ = writeln!(
                    lines,
                    "script = \"{name}.rhai\"  # leads contacts until another version is activated: \
                     hang_up(\"closed\");"
                );
                lines += &self.grants();
                let _ = write!(
                    lines,
                    "# The number that it is to answer:\n# [numbers.\"NUMBER\"]\n# tenant = \"{tenant}\"\n\
                     # flow = \"{name}\"\n"
                );
            }
            _ => {
                let _ = writeln!(lines, "world = \"{world}\"");
                lines += &self.grants();
                lines += &self.outside();
                lines += self.choices();
                lines += &self.settings();
            }
        }
        lines
    }

    /// Grants that are not had without saying.
    fn asked(&self) -> Vec<&str> {
        let usual = match self.world {
            World::Flow => Grants::of_flows(),
            _ => Grants::harmless(),
        };
        let unusual = |name: &&str| Grant::from_name(name).is_some_and(|grant| !usual.has(grant));
        self.wants.iter().map(String::as_str).filter(unusual).collect()
    }

    fn grants(&self) -> String {
        let asked = self.asked();
        if asked.is_empty() {
            return String::new();
        }
        // What is said of a flow is said instead of what it would have.
        let all = if self.world == World::Flow {
            self.wants.iter().map(String::as_str).collect()
        } else {
            asked
        };
        format!("grants = {}\n", list(&all))
    }

    /// Hosts and secrets.
    fn outside(&self) -> String {
        let asked = self.asked();
        let mut lines = String::new();
        if asked.contains(&"http") {
            let hosts: Vec<&str> = self.hosts.iter().map(String::as_str).collect();
            let _ = match hosts.as_slice() {
                [] => writeln!(
                    lines,
                    "hosts = []  # what it may reach: \"api.example.com\", \"*.example.com\", \"host:port\""
                ),
                hosts => writeln!(lines, "hosts = {}", list(hosts)),
            };
        }
        if asked.contains(&"secrets") {
            lines += "# secrets = { NAME = \"VALUE\" }  # the names are in its README; it never sees the values\n";
        }
        lines
    }

    /// What only its world has.
    const fn choices(&self) -> &'static str {
        match self.world {
            World::Channel => {
                "# queue = \"QUEUE\"  # where conversations wait for a person\n\
                 # chatbot = \"NAME\"  # which of the tenant's chatbots answers first\n"
            }
            World::Connector => {
                "# lookup = true  # it is asked for customers that are not known here\n\
                 # leads = true  # who has a card here and is not known there becomes a lead there\n\
                 # every = \"5m\"  # how often it does what is due\n"
            }
            _ => "",
        }
    }

    /// The table of settings: those that are required, and the others as comments.
    fn settings(&self) -> String {
        let all = self.described();
        if all.is_empty() {
            return String::new();
        }
        let mut lines = format!("[{}.settings]\n", self.table());
        for Setting { name, required, example, about } in all {
            let mark = if required { "" } else { "# " };
            let about = if about.is_empty() { String::new() } else { format!("  # {about}") };
            let _ = writeln!(lines, "{mark}{name} = {example}{about}");
        }
        lines
    }

    /// Settings of a router or an estimator are those of its queues.
    fn queue_settings(&self) -> String {
        let all = self.described();
        if all.is_empty() {
            return String::new();
        }
        let one = |Setting { name, example, about, .. }: Setting| {
            format!("#   {name} = {example}  # {about}\n")
        };
        let all: String = all.into_iter().map(one).collect();
        format!("# settings = {{ ... }}, of\n{all}")
    }

    fn described(&self) -> Vec<Setting> {
        let Some(schema) = &self.schema else { return Vec::new() };
        let required = schema.get("required").and_then(Value::as_array);
        let properties = schema.get("properties").and_then(Value::as_object);
        let one = |(name, property): (&String, &Value)| {
            let is = |known: &Value| known.as_str() == Some(name);
            let text = property.get("description").and_then(Value::as_str).unwrap_or_default();
            Setting {
                name: key(name),
                required: required.is_some_and(|all| all.iter().any(is)),
                example: example(property),
                about: text.replace(['\n', '\r'], " "),
            }
        };
        let mut all: Vec<Setting> =
            properties.into_iter().flatten().take(SETTINGS).map(one).collect();
        all.sort_by_key(|setting| !setting.required);
        all
    }

    /// What the configuration does not give it although it asks for it, or does not do with it: each in a
    /// sentence with the line to add.
    pub fn lacks(&self, config: &TenantConfig) -> Vec<String> {
        let (name, table) = (&self.name, self.table());
        let queues = &config.center.queues;
        match self.world {
            World::Router | World::Estimator => {
                let (kind, known, asked) = if self.world == World::Router {
                    let asks = queues.values().any(
                        |one| matches!(&one.router, RouterChoice::Plugin(asked) if asked == name),
                    );
                    ("router", config.routers.contains_key(name), asks)
                } else {
                    let asks = queues.values().any(|one| one.estimator.as_ref() == Some(name));
                    ("estimator", config.estimators.contains_key(name), asks)
                };
                if !known {
                    return vec![format!(
                        "the configuration has no {kind} `{name}`, so nothing asks it: add these lines and \
                         start the server again\n\n{}",
                        self.entry()
                    )];
                }
                let line = format!(
                    "no queue asks it: add `{kind} = \"{name}\"` to `[tenants.{}.queues.QUEUE]`, and \
                     `jackfield config reload`",
                    self.tenant
                );
                if asked { Vec::new() } else { vec![line] }
            }
            World::Flow => Vec::new(),
            _ => self.lacks_of_called(config, &table),
        }
    }

    fn lacks_of_called(&self, config: &TenantConfig, table: &str) -> Vec<String> {
        let Some(entry) = config.plugins.get(&self.name) else { return Vec::new() };
        let mut all = Vec::new();
        let asked = self.asked();
        if asked.contains(&"http") {
            let there = |host: &&String| {
                HostRule::parse(host).is_ok_and(|rule| entry.hosts.contains(&rule))
            };
            let missing: Vec<&str> =
                self.hosts.iter().filter(|host| !there(host)).map(String::as_str).collect();
            let after = if entry.grants.has(Grant::Http) {
                "and `jackfield config reload`"
            } else {
                "with `grants = [\"http\"]`, and start the server again"
            };
            if !missing.is_empty() {
                let names = missing.join("`, `");
                let line = match entry.hosts.is_empty() {
                    true => format!("add `hosts = {}` to", list(&missing)),
                    false => "add that to `hosts` of".to_owned(),
                };
                all.push(format!("it wants to reach `{names}`: {line} `[{table}]` {after}"));
            } else if entry.hosts.is_empty() {
                all.push(format!(
                    "it reaches nothing outside: add `hosts = [\"api.example.com\"]` to `[{table}]` {after}"
                ));
            }
        }
        if asked.contains(&"secrets") && entry.secrets.is_empty() {
            all.push(format!(
                "it has no secrets: add `secrets = {{ NAME = \"VALUE\" }}`, of the names in its README, to \
                 `[{table}]`, and `jackfield config reload`"
            ));
        }
        all.extend(self.lacks_of_world(config, table));
        all
    }

    fn lacks_of_world(&self, config: &TenantConfig, table: &str) -> Option<String> {
        let (name, tenant) = (&self.name, &self.tenant);
        let entry = config.plugins.get(name)?;
        let named = || config.plugins.values().any(|one| one.chatbot.as_ref() == Some(name));
        match self.world {
            World::Channel if entry.queue.is_none() => Some(format!(
                "conversations wait for nobody: add `queue = \"QUEUE\"` to `[{table}]`, and `jackfield \
                 config reload`"
            )),
            World::Chatbot if !named() => Some(format!(
                "no channel asks it: add `chatbot = \"{name}\"` to the `[tenants.{tenant}.plugins.CHANNEL]` \
                 of a channel, and `jackfield config reload`"
            )),
            _ => None,
        }
    }
}

struct Setting {
    name: String,
    required: bool,
    example: String,
    about: String,
}

/// A value that the schema accepts, in TOML.
fn example(property: &Value) -> String {
    let first = property.get("enum").and_then(|all| all.get(0));
    let known = property.get("default").or(first).or_else(|| property.get("minimum"));
    match (known, property.get("type").and_then(Value::as_str)) {
        (Some(value), _) => value.to_string(),
        (None, Some("integer" | "number")) => "0".to_owned(),
        (None, Some("boolean")) => "false".to_owned(),
        (None, _) => "\"VALUE\"".to_owned(),
    }
}

/// A list of texts, in TOML.
fn list(all: &[&str]) -> String {
    let quoted: Vec<String> = all.iter().map(|one| format!("\"{one}\"")).collect();
    format!("[{}]", quoted.join(", "))
}

/// A name as TOML has it.
fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !name.is_empty() && name.bytes().all(bare) { name.to_owned() } else { format!("{name:?}") }
}

#[cfg(test)]
mod tests;
