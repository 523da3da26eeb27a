//! Whether a component fits another version of the host, by that version's contract.

use wit_parser::{PackageId, Resolve, SourceMap, WorldId};

use crate::contract::{self, decode, listed, refuse_world, split_version};
use crate::error::InstallError;

/// The hosts whose contract is known, oldest first; the last is this one.
///
/// A contract is kept, in one file, when the version that brought it is left behind.
const HOSTS: [(&str, Option<&str>); 2] =
    [("0.1", Some(include_str!("../../../wit/releases/0.1.wit"))), ("0.2", None)];

/// What a component is to a version of the host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fit {
    /// The host's version.
    pub version: String,
    /// The world that the component is of there.
    pub world: String,
    /// What it imports there.
    pub imports: Vec<String>,
}

/// The versions of hosts that can be asked about, oldest first.
pub fn versions() -> Vec<&'static str> {
    HOSTS.iter().map(|(version, _)| *version).collect()
}

/// Checks a component against the contract of a version of the host.
///
/// # Errors
///
/// [`InstallError`] names the first import, export or type that the version has not, and the
/// versions that have it.
pub fn check_target(wasm: &[u8], version: &str) -> Result<Fit, InstallError> {
    let surface = decode(wasm)?;
    let host = HOSTS.iter().find(|(known, _)| *known == version);
    let (_, kept) = host.ok_or_else(|| {
        let known = versions().join(", ");
        refuse_world(format!("no host {version} is known"), format!("one of {known}"))
    })?;
    let contract = Contract::of(*kept).map_err(|error| refuse_world(error, "report a bug"))?;
    // An interpreter has the exports of what it becomes, and is the one with more of them.
    let worlds = contract
        .worlds()
        .into_iter()
        .filter(|(_, _, exports)| exports.iter().all(|export| surface.exports.contains(export)));
    let Some((world, id, _)) = worlds.max_by_key(|(_, _, exports)| exports.len()) else {
        let guest = |name: &&String| name.starts_with("jackfield:plugin/");
        let export = surface.exports.iter().find(guest).cloned().unwrap_or_default();
        let have = having(|contract| {
            contract.worlds().iter().any(|(_, _, exports)| exports.contains(&export))
        });
        let problem =
            format!("host {version} has no world that exports {}", listed(&surface.exports));
        return Err(refuse_world(problem, have));
    };
    let offered = contract.imports(id);
    for import in &surface.imports {
        if offered.iter().any(|have| fits(import, have)) {
            continue;
        }
        let have = having(|contract| {
            let of_world = contract.world(&world).map(|id| contract.imports(id));
            of_world.is_some_and(|all| all.iter().any(|have| fits(import, have)))
        });
        let problem = format!("a {world} of host {version} may not import `{import}`");
        return Err(refuse_world(problem, have));
    }
    if let Err(error) = wit_component::targets(&contract.resolve, id, wasm) {
        let have = having(|contract| {
            let id = contract.world(&world);
            id.is_some_and(|id| wit_component::targets(&contract.resolve, id, wasm).is_ok())
        });
        let problem = format!("a type of the {world} of host {version} differs: {error:#}");
        return Err(refuse_world(problem, have));
    }
    Ok(Fit { version: version.to_owned(), world, imports: surface.imports })
}

/// The same interface of the same track.
fn fits(import: &str, have: &str) -> bool {
    let ((name, version), (other, speaks)) = (split_version(import), split_version(have));
    name == other && contract::track(version) == contract::track(speaks)
}

/// Says which versions have something.
fn having(has: impl Fn(&Contract) -> bool) -> String {
    let fit = HOSTS.iter().filter(|(_, kept)| Contract::of(*kept).is_ok_and(|one| has(&one)));
    let versions: Vec<_> = fit.map(|(version, _)| *version).collect();
    match versions[..] {
        [] => "no host has it: do without".to_owned(),
        _ => format!("host {} has it: require that one, or do without", versions.join(", ")),
    }
}

struct Contract {
    resolve: Resolve,
    package: PackageId,
}

impl Contract {
    /// The contract of an earlier host, in one file, or this host's.
    fn of(kept: Option<&str>) -> Result<Self, String> {
        let Some(text) = kept else {
            let (resolve, package) = contract::whole()?;
            return Ok(Self { resolve, package });
        };
        let mut sources = SourceMap::new();
        sources.push_str("release", text);
        let group = sources.parse().map_err(|(map, error)| error.render(&map))?;
        let mut resolve = Resolve::default();
        let package = resolve.push_group(group).map_err(|error| format!("{error:?}"))?;
        contract::admit_types(&mut resolve, package)?;
        Ok(Self { resolve, package })
    }

    /// Its worlds of plugins with their exports.
    fn worlds(&self) -> Vec<(String, WorldId, Vec<String>)> {
        let Some(package) = self.resolve.packages.get(self.package) else { return Vec::new() };
        let named = package.worlds.iter().filter(|(name, _)| *name != "loader");
        named
            .map(|(name, id)| (name.clone(), *id, contract::surface(&self.resolve, *id).exports))
            .collect()
    }

    fn world(&self, name: &str) -> Option<WorldId> {
        self.resolve.packages.get(self.package)?.worlds.get(name).copied()
    }

    fn imports(&self, world: WorldId) -> Vec<String> {
        contract::surface(&self.resolve, world).imports
    }
}
