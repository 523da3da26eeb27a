//! Checks a component against the contract before anything is compiled.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use wit_component::DecodedWasm;
use wit_parser::{PackageId, Resolve, SourceMap, WorldId, WorldItem, WorldKey};

use crate::error::{ENTRY, InstallError, InstallStep};

/// The contract as this host was built with it.
pub const PLUGIN_WIT: &str = include_str!("../../../wit/plugin.wit");
/// Reads files of `wit/deps` into this build.
macro_rules! packages {
    ($($($name:literal $path:literal),+;)*) => {
        &[$(&[$(($name, include_str!(concat!("../../../wit/deps/", $path)))),+]),*]
    };
}

/// The files of each package, by name.
pub const PACKAGES: &[&[(&str, &str)]] = packages! {
    "types" "types@0.1/types.wit";
    "session" "telephony@0.1/session.wit";
    "crm" "crm@0.1/crm.wit";
    "state" "state@0.1/state.wit";
    "metrics" "metrics@0.1/metrics.wit";
    "clock" "clock@0.1/clock.wit";
    "log" "log@0.1/log.wit";
    "routing" "queueing@0.1/routing.wit", "estimating" "queueing@0.1/estimating.wit";
    "settings" "settings@0.1/settings.wit";
    "http" "http@0.1/http.wit";
    "secrets" "secrets@0.1/secrets.wit";
    "messaging" "messaging@0.1/messaging.wit";
    "conversation" "conversation@0.1/conversation.wit";
    "channels" "channels@0.1/channels.wit";
    "connecting" "connecting@0.1/connecting.wit";
    "analysis" "analysis@0.1/analysis.wit";
    "pacing" "pacing@0.1/pacing.wit";
};

/// What a plugin is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum World {
    /// Leads a customer through self-service.
    Flow,
    /// Reads scripts and leads customers by them; published with a script it is a [`World::Flow`].
    Interpreter,
    /// Decides who serves a waiting contact.
    Router,
    /// Reads scripts and decides by them; published with a script it is a [`World::Router`].
    RouterInterpreter,
    /// Says how long a waiting contact will wait.
    Estimator,
    /// Talks with a customer in writing.
    Chatbot,
    /// Brings written messages in and out.
    Channel,
    /// Keeps another system in step with the centre.
    Connector,
    /// Reads conversations that are over.
    Analyst,
    /// Says how many outbound calls to place.
    Pacer,
}

impl World {
    /// All there are, those that have the exports of another first.
    pub const ALL: [Self; 10] = [
        Self::Interpreter,
        Self::Flow,
        Self::RouterInterpreter,
        Self::Router,
        Self::Estimator,
        Self::Chatbot,
        Self::Channel,
        Self::Connector,
        Self::Analyst,
        Self::Pacer,
    ];

    /// Those whose plugins a tenant's configuration names under `plugins`: each call has a fresh
    /// instance.
    pub const CALLED: [Self; 5] =
        [Self::Chatbot, Self::Channel, Self::Connector, Self::Analyst, Self::Pacer];

    /// Returns the world's name in WIT.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Interpreter => "interpreter",
            Self::Router => "router",
            Self::RouterInterpreter => "router-interpreter",
            Self::Estimator => "estimator",
            Self::Chatbot => "chatbot",
            Self::Channel => "channel",
            Self::Connector => "connector",
            Self::Analyst => "analyst",
            Self::Pacer => "pacer",
        }
    }

    /// Returns the world of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|world| world.name() == name)
    }

    /// Returns what an interpreter becomes when it is published with a script; `None` for a world
    /// that reads none.
    pub const fn published(self) -> Option<Self> {
        match self {
            Self::Interpreter => Some(Self::Flow),
            Self::RouterInterpreter => Some(Self::Router),
            _ => None,
        }
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A capability that a tenant's administrator gives to a plugin: an import it may have.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub enum Grant {
    /// Looking customers up.
    #[serde(rename = "crm.read")]
    CrmRead,
    /// Earlier contacts of the customer who is routed.
    #[serde(rename = "crm.history")]
    CrmHistory,
    /// Changing what is known of customers.
    #[serde(rename = "crm.write")]
    CrmWrite,
    /// Memory of its own.
    #[serde(rename = "state")]
    State,
    /// Figures of its own.
    #[serde(rename = "metrics")]
    Metrics,
    /// Time and chance.
    #[serde(rename = "clock")]
    Clock,
    /// Log lines.
    #[serde(rename = "log")]
    Log,
    /// Of which kind a customer is, and no more.
    #[serde(rename = "crm.segment")]
    CrmSegment,
    /// Customers' numbers and e-mail addresses.
    #[serde(rename = "crm.address")]
    CrmAddress,
    /// Requests to the hosts that the tenant lists.
    #[serde(rename = "http")]
    Http,
    /// The use of secrets that the plugin never sees.
    #[serde(rename = "secrets")]
    Secrets,
    /// Messages to customers.
    #[serde(rename = "messaging")]
    Messaging,
}

impl Grant {
    /// All there are.
    pub const ALL: [Self; 12] = [
        Self::CrmRead,
        Self::CrmHistory,
        Self::CrmWrite,
        Self::CrmSegment,
        Self::CrmAddress,
        Self::Http,
        Self::Secrets,
        Self::Messaging,
        Self::State,
        Self::Metrics,
        Self::Clock,
        Self::Log,
    ];

    /// Returns the name in configuration: `crm.read`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CrmRead => "crm.read",
            Self::CrmHistory => "crm.history",
            Self::CrmWrite => "crm.write",
            Self::State => "state",
            Self::Metrics => "metrics",
            Self::Clock => "clock",
            Self::Log => "log",
            Self::CrmSegment => "crm.segment",
            Self::CrmAddress => "crm.address",
            Self::Http => "http",
            Self::Secrets => "secrets",
            Self::Messaging => "messaging",
        }
    }

    /// Returns the grant of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == name)
    }

    /// The grant that an import needs; none for what belongs to a world itself.
    fn of_import(interface: &str) -> Option<Self> {
        let (name, _) = split_version(interface);
        Some(match name {
            "jackfield:crm/read" => Self::CrmRead,
            "jackfield:crm/history" => Self::CrmHistory,
            "jackfield:crm/write" => Self::CrmWrite,
            "jackfield:state/state" => Self::State,
            "jackfield:metrics/metrics" => Self::Metrics,
            "jackfield:clock/clock" => Self::Clock,
            "jackfield:log/log" => Self::Log,
            "jackfield:crm/segment" => Self::CrmSegment,
            "jackfield:crm/address" => Self::CrmAddress,
            "jackfield:http/outbound" => Self::Http,
            "jackfield:secrets/secrets" => Self::Secrets,
            "jackfield:messaging/messaging" => Self::Messaging,
            _ => return None,
        })
    }
}

/// What a tenant gives to one plugin. The session of a flow and the question of a router come with
/// their worlds.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grants(BTreeSet<Grant>);

impl Grants {
    /// Gives everything there is.
    pub fn all() -> Self {
        Grant::ALL.into_iter().collect()
    }

    /// What every plugin may have: it reaches no customer, no other system and no other plugin.
    pub fn harmless() -> Self {
        [Grant::State, Grant::Metrics, Grant::Clock, Grant::Log].into_iter().collect()
    }

    /// What a script that the tenant wrote itself, or a flow, has unless the configuration says
    /// otherwise: what is harmless, and the tenant's customers.
    pub fn of_flows() -> Self {
        let customers = [Grant::CrmRead, Grant::CrmWrite];
        Self::harmless().0.into_iter().chain(customers).collect()
    }

    /// Those of both.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        self.0.extend(&other.0);
        self
    }

    /// Each, in order.
    pub fn iter(&self) -> impl Iterator<Item = Grant> {
        self.0.iter().copied()
    }

    /// Tells whether `grant` is given.
    pub fn has(&self, grant: Grant) -> bool {
        self.0.contains(&grant)
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        Self(grants.into_iter().collect())
    }
}

/// What a component imports and exports.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Surface {
    /// Interfaces with functions, such as `jackfield:log/log@0.1.0`.
    pub imports: Vec<String>,
    /// Interfaces and functions.
    pub exports: Vec<String>,
}

/// Reads a component's surface.
pub fn decode(wasm: &[u8]) -> Result<Surface, InstallError> {
    let refuse = |problem: String| {
        let mend = "build it with `jackfield plugin build`, which makes a component of a module";
        InstallError::new(InstallStep::Decode, problem, mend)
    };
    if !wasm.starts_with(b"\0asm") {
        return Err(refuse("these bytes are not WebAssembly".to_owned()));
    }
    // The last half of the version says which of the two kinds of binary it is.
    if wasm.get(6..8) == Some(&[0, 0]) {
        return Err(refuse("this is a core module, not a component".to_owned()));
    }
    match wit_component::decode(wasm) {
        Ok(DecodedWasm::Component(resolve, world)) => Ok(surface(&resolve, world)),
        Ok(DecodedWasm::WitPackage(..)) => {
            Err(refuse("this is a WIT package, not a component".to_owned()))
        }
        Err(error) => Err(refuse(format!("not a valid component: {error:#}"))),
    }
}

pub fn surface(resolve: &Resolve, world: WorldId) -> Surface {
    let Some(world) = resolve.worlds.get(world) else {
        return Surface { imports: Vec::new(), exports: Vec::new() };
    };
    let name = |(key, item): (&WorldKey, &WorldItem)| match item {
        WorldItem::Interface { .. } | WorldItem::Function(_) => Some(resolve.name_world_key(key)),
        WorldItem::Type { .. } => None,
    };
    // An interface of types only can do nothing, so it is no import that anybody has to grant.
    let acts = |(_, item): &(&WorldKey, &WorldItem)| match item {
        WorldItem::Interface { id, .. } => {
            resolve.interfaces.get(*id).is_some_and(|found| !found.functions.is_empty())
        }
        WorldItem::Function(_) | WorldItem::Type { .. } => true,
    };
    Surface {
        imports: world.imports.iter().filter(acts).filter_map(name).collect(),
        exports: world.exports.iter().filter_map(name).collect(),
    }
}

/// Checks a component's surface, by name first and then by type, against `expected`.
pub fn check_world(wasm: &[u8], surface: &Surface, expected: World) -> Result<(), InstallError> {
    let refuse =
        |problem: String, mend: String| Err(InstallError::new(InstallStep::World, problem, mend));
    let (resolve, world) = contract(expected)
        .as_ref()
        .map_err(|error| InstallError::new(InstallStep::World, error.as_str(), "report a bug"))?;
    let wanted = self::surface(resolve, *world);
    for export in &wanted.exports {
        if surface.exports.contains(export) {
            continue;
        }
        let (name, version) = split_version(export);
        let other = surface.exports.iter().find(|have| split_version(have).0 == name);
        let Some(other) = other else {
            let has = listed(&surface.exports);
            let problem =
                format!("the world `{expected}` needs the export `{export}`, it has {has}");
            return refuse(problem, mend_world(surface, expected));
        };
        let problem = format!("it exports `{other}`, this host speaks {version}");
        return refuse(problem, format!("build it with the SDK of track {version}"));
    }
    for import in &surface.imports {
        if wanted.imports.contains(import) {
            continue;
        }
        let (name, version) = split_version(import);
        let offered = wanted.imports.iter().find(|have| split_version(have).0 == name);
        let Some(offered) = offered else {
            let problem = format!("it imports `{import}`, which the world `{expected}` has not");
            return refuse(problem, format!("a {expected} may import {}", listed(&wanted.imports)));
        };
        let speaks = split_version(offered).1;
        if track(version) != track(speaks) {
            let problem = format!("it imports `{import}`, this host offers `{offered}`");
            return refuse(problem, format!("build it with the SDK of track {speaks}"));
        }
    }
    if let Err(error) = wit_component::targets(resolve, *world, wasm) {
        let problem = format!("a type differs from the world `{expected}`: {error:#}");
        return refuse(problem, "generate the bindings anew from this host's `wit/`".to_owned());
    }
    Ok(())
}

/// Checks that every import is granted.
pub fn check_grants(imports: &[String], grants: &Grants) -> Result<(), InstallError> {
    let needs = |import: &String| Grant::of_import(import);
    let Some(missing) = imports.iter().filter_map(needs).find(|grant| !grants.has(*grant)) else {
        return Ok(());
    };
    let harmless = Grants::harmless();
    let all: BTreeSet<Grant> = imports.iter().filter_map(needs).collect();
    // What every plugin has need not be written down.
    let usual = harmless.iter().all(|grant| grants.has(grant));
    let line = all.iter().filter(|grant| !usual || !harmless.has(**grant));
    let line: Vec<String> = line.map(|grant| format!("\"{}\"", grant.name())).collect();
    Err(InstallError::new(
        InstallStep::Grant,
        format!("it imports `{}`, which this tenant does not grant", missing.name()),
        format!("add `grants = [{}]` to {ENTRY}, or do without", line.join(", ")),
    ))
}

/// The grants that a component's imports need, in order and once each.
pub fn grants_of(surface: &Surface) -> Vec<Grant> {
    let all: BTreeSet<Grant> = surface.imports.iter().filter_map(|i| Grant::of_import(i)).collect();
    all.into_iter().collect()
}

/// The world whose exports a component has: an interpreter is also what it becomes, and is named
/// first.
pub fn world_of(surface: &Surface) -> Option<World> {
    let is = |world: &World| {
        contract(*world).as_ref().is_ok_and(|(resolve, id)| {
            self::surface(resolve, *id).exports.iter().all(|one| surface.exports.contains(one))
        })
    };
    World::ALL.into_iter().find(is)
}

/// The world whose exports a component has; `None` if it has those of none.
///
/// # Errors
///
/// [`InstallError`] if the bytes are no component.
pub fn world_of_component(wasm: &[u8]) -> Result<Option<World>, InstallError> {
    Ok(world_of(&decode(wasm)?))
}

/// A refusal at the step that looks at the world.
pub fn refuse_world(problem: impl Into<String>, mend: impl Into<String>) -> InstallError {
    InstallError::new(InstallStep::World, problem.into(), mend.into())
}

fn mend_world(surface: &Surface, expected: World) -> String {
    match world_of(surface) {
        Some(world) => format!("it is of the world `{world}`: install it as one"),
        None => format!("implement the world `{expected}` and export it"),
    }
}

pub fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") }
}

pub fn split_version(name: &str) -> (&str, &str) {
    name.rsplit_once('@').unwrap_or((name, ""))
}

/// The part of a version within which additions are compatible: `0.1` of `0.1.7`, `2` of `2.3.0`.
pub fn track(version: &str) -> &str {
    let places = if version.starts_with("0.") { 2 } else { 1 };
    version.match_indices('.').nth(places - 1).map_or(version, |(at, _)| &version[..at])
}

/// The contract, parsed once for each world.
fn contract(world: World) -> &'static Result<(Resolve, WorldId), String> {
    static PARSED: [OnceLock<Result<(Resolve, WorldId), String>>; World::ALL.len()] =
        [const { OnceLock::new() }; World::ALL.len()];
    let place = World::ALL.iter().position(|one| *one == world).unwrap_or(0);
    let once = &PARSED[place];
    once.get_or_init(|| parse(world))
}

/// What a world imports and exports.
pub fn wanted(world: World) -> Result<Surface, String> {
    let (resolve, id) = contract(world).as_ref().map_err(Clone::clone)?;
    Ok(self::surface(resolve, *id))
}

/// The grant that an import needs; none for what belongs to a world itself.
pub fn grant_of_import(interface: &str) -> Option<Grant> {
    Grant::of_import(interface)
}

/// Parses a package of one file that uses the contract, and finds a world in it.
pub fn parse_with(text: &str, world: &str) -> Result<(Resolve, WorldId), String> {
    let mut resolve = Resolve::default();
    let mut packages = vec![group(&[("plugin", PLUGIN_WIT)])?];
    for files in PACKAGES {
        packages.push(group(files)?);
    }
    let main = group(&[("world", text)])?;
    let package = resolve.push_groups(main, packages).map_err(|error| format!("{error:?}"))?;
    let id = resolve.select_world(&[package], Some(world)).map_err(|error| format!("{error:#}"))?;
    Ok((resolve, id))
}

/// Parses the files of one package.
fn group(files: &[(&str, &str)]) -> Result<wit_parser::UnresolvedPackageGroup, String> {
    let mut sources = SourceMap::new();
    files.iter().for_each(|(name, text)| sources.push_str(name, *text));
    sources.parse().map_err(|(map, error)| error.render(&map))
}

/// Lets every world import the types of `loader`.
pub fn admit_types(resolve: &mut Resolve, package: PackageId) -> Result<(), String> {
    let loader =
        resolve.select_world(&[package], Some("loader")).map_err(|error| format!("{error:#}"))?;
    // The SDK's plugins carry the types that `loader` uses, whatever their world: types do nothing.
    let types = resolve.worlds.get(loader).map(|found| found.imports.clone()).unwrap_or_default();
    let worlds = resolve.packages.get(package).map(|found| found.worlds.clone());
    for (_, id) in worlds.unwrap_or_default() {
        let Some(found) = resolve.worlds.get_mut(id) else { continue };
        for (key, item) in &types {
            found.imports.entry(key.clone()).or_insert_with(|| item.clone());
        }
    }
    Ok(())
}

/// The whole contract, parsed.
pub fn whole() -> Result<(Resolve, PackageId), String> {
    let mut resolve = Resolve::default();
    let main = group(&[("plugin", PLUGIN_WIT)])?;
    let packages = PACKAGES.iter().map(|files| group(files));
    let package = resolve
        .push_groups(main, packages.collect::<Result<_, _>>()?)
        .map_err(|error| format!("{error:?}"))?;
    admit_types(&mut resolve, package)?;
    Ok((resolve, package))
}

fn parse(world: World) -> Result<(Resolve, WorldId), String> {
    let (resolve, package) = whole()?;
    let world = resolve
        .select_world(&[package], Some(world.name()))
        .map_err(|error| format!("{error:#}"))?;
    Ok((resolve, world))
}

#[cfg(test)]
mod tests;
