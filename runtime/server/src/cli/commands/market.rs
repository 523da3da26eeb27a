//! `jackfield market`: catalogues, and what a package may do before it is installed.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use hyper::Method;
use jackfield_package::{Difference, Index, Listing, Reference};
use jackfield_plugin_host::World;
use serde_json::{Value, json};

use super::items;
use super::packages::{failed, registry};
use crate::cli::args::{Global, MarketArgs, MarketCommand};
use crate::cli::client::{Client, escaped};
use crate::cli::error::CliError;
use crate::cli::output::{plain, print, print_json, rows, table};
use crate::entry::Needs;

/// Runs `jackfield market`.
pub async fn run(global: &Global, command: &MarketCommand) -> Result<(), CliError> {
    match command {
        MarketCommand::Search { words, market } => search(global, &words.join(" "), market).await,
        MarketCommand::Show { name, version, tenant, market } => {
            let listing = find(global, name, version.as_deref(), market).await?;
            let installed = match tenant {
                Some(tenant) => installed(&crate::cli::client(global)?, tenant, name).await?,
                None => None,
            };
            let difference = difference(installed.as_ref(), &listing);
            if global.json {
                let compared = installed.is_some().then_some(&difference);
                return print_json(&json!({ "package": listing, "difference": compared }));
            }
            let tenant = tenant.as_deref().unwrap_or("TENANT");
            print(&format!(
                "{}\n{}\n\nin the configuration:\n\n{}",
                described(&listing),
                asked(installed.as_ref(), &difference),
                entry(&listing, tenant)?
            ));
            Ok(())
        }
        MarketCommand::Install { name, version, tenant, slot, yes, downgrade, market } => {
            let listing = find(global, name, version.as_deref(), market).await?;
            let slot = slot.as_deref().unwrap_or(name);
            let wanted = Wanted { tenant, slot, yes: *yes, downgrade: *downgrade };
            install(global, &listing, &wanted, market).await
        }
    }
}

async fn catalogues(global: &Global, market: &MarketArgs) -> Result<Vec<Index>, CliError> {
    let mut places = market.index.clone();
    if places.is_empty()
        && let Ok(config) = crate::cli::load(global)
    {
        places.clone_from(&config.plugins.indexes);
    }
    if places.is_empty() {
        let help = "no catalogue is known: `--index registry.example/market/index:latest`, or \
                    `plugins.indexes` of the configuration";
        return Err(CliError::Usage(help.to_owned()));
    }
    let registry = registry(global, &market.registry)?;
    let mut found = Vec::new();
    for place in places {
        let at: Reference = place.parse().map_err(failed)?;
        let index = registry.pull_index(&at).await.map_err(failed)?;
        let missing = || CliError::failed(format!("there is no catalogue at `{at}`"));
        found.push(index.ok_or_else(missing)?);
    }
    Ok(found)
}

async fn search(global: &Global, words: &str, market: &MarketArgs) -> Result<(), CliError> {
    let catalogues = catalogues(global, market).await?;
    let found: Vec<&Listing> = catalogues.iter().flat_map(|index| index.search(words)).collect();
    let found: Vec<Value> = found.into_iter().map(|listing| json!(listing)).collect();
    if global.json {
        return print_json(&json!({ "items": found }));
    }
    if found.is_empty() {
        print(&format!("nothing is found for `{words}`"));
        return Ok(());
    }
    let fields = ["name", "version", "world", "permissions", "summary"];
    print(&table(&["NAME", "VERSION", "WORLD", "MAY USE", "SUMMARY"], &rows(&found, &fields)));
    Ok(())
}

async fn find(
    global: &Global,
    name: &str,
    version: Option<&str>,
    market: &MarketArgs,
) -> Result<Listing, CliError> {
    let wanted = version.map(str::parse::<semver::Version>).transpose().map_err(|error| {
        let version = version.unwrap_or_default();
        CliError::Usage(format!("`--version {version}`: {error}; such as `1.2.0` is accepted"))
    })?;
    let catalogues = catalogues(global, market).await?;
    let mut found = catalogues.iter().filter_map(|index| index.find(name, wanted.as_ref()));
    // Of several catalogues the first one counts: the order says who is preferred.
    found.next().cloned().ok_or_else(|| {
        let version = version.map_or(String::new(), |version| format!(" {version}"));
        CliError::failed(format!("no catalogue lists `{name}`{version}: `jackfield market search`"))
    })
}

/// What is installed of a package, as the server's lock file has it.
async fn installed(client: &Client, tenant: &str, name: &str) -> Result<Option<Value>, CliError> {
    let answer = client.get(&format!("tenants/{}/packages", escaped(tenant))).await?;
    let same = |entry: &&Value| entry.get("name").and_then(Value::as_str) == Some(name);
    Ok(items(&answer).iter().find(same).cloned())
}

fn difference(installed: Option<&Value>, coming: &Listing) -> Difference {
    let listed = installed.and_then(|entry| entry.get("permissions")?.as_array().cloned());
    let old: Vec<String> = listed.unwrap_or_default().iter().map(plain).collect();
    Difference::between(&old, &coming.permissions)
}

fn described(listing: &Listing) -> String {
    let languages = if listing.languages.is_empty() {
        String::new()
    } else {
        format!("\n  languages  {}", listing.languages.join(", "))
    };
    let certified = listing.certified.as_deref().unwrap_or("no");
    format!(
        "{} {} ({}, {})\n  {}\n  from       {}\n  package    {}{languages}\n  certified  {certified}\n  \
         on a trap  {}",
        listing.name,
        listing.version,
        listing.world,
        listing.licence,
        listing.summary,
        listing.repository,
        listing.package,
        listing.on_trap
    )
}

/// The lines of the configuration that let it serve under its own name.
fn entry(listing: &Listing, tenant: &str) -> Result<String, CliError> {
    let world = World::from_name(&listing.world).ok_or_else(|| {
        let Listing { name, world, .. } = listing;
        CliError::failed(format!(
            "`{name}` is of the world `{world}`, which this host does not know"
        ))
    })?;
    let hosts = listing.permissions.iter().filter_map(|one| one.strip_prefix("http "));
    let wants = listing.permissions.iter().filter(|one| !one.contains(' '));
    let needs = Needs {
        tenant: tenant.to_owned(),
        name: listing.name.clone(),
        world,
        wants: wants.cloned().collect(),
        hosts: hosts.map(str::to_owned).collect(),
        schema: listing.config.clone(),
    };
    Ok(needs.entry())
}

/// What the buyer is asked to agree to.
fn asked(installed: Option<&Value>, difference: &Difference) -> String {
    let list = |what: &str, names: &[String]| {
        let names = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        format!("  {what}  {names}")
    };
    match installed {
        None => list("may use  ", &difference.added),
        Some(entry) => [
            format!("  compared with {}, which is installed:", plain(&entry["version"])),
            list("new      ", &difference.added),
            list("no longer", &difference.removed),
            list("as before", &difference.kept),
        ]
        .join("\n"),
    }
}

/// What is to be installed where.
struct Wanted<'a> {
    tenant: &'a str,
    slot: &'a str,
    yes: bool,
    downgrade: bool,
}

async fn install(
    global: &Global,
    listing: &Listing,
    wanted: &Wanted<'_>,
    market: &MarketArgs,
) -> Result<(), CliError> {
    let client = crate::cli::client(global)?;
    let before = installed(&client, wanted.tenant, &listing.name).await?;
    let difference = difference(before.as_ref(), listing);
    if !global.json {
        print(&format!("{}\n{}", described(listing), asked(before.as_ref(), &difference)));
    }
    if !wanted.yes {
        agree()?;
    }
    let from: Reference =
        format!("{}@{}", listing.repository, listing.package).parse().map_err(failed)?;
    let package = registry(global, &market.registry)?.pull(&from).await.map_err(failed)?;
    // What was agreed to is what the catalogue said.
    if package.manifest().permissions() != listing.permissions {
        return Err(CliError::failed(format!(
            "the package asks for {}, the catalogue says {}: it is not installed",
            package.manifest().permissions().join(", "),
            listing.permissions.join(", ")
        )));
    }
    let archive = package.to_archive().map_err(failed)?;
    let downgrade = if wanted.downgrade { "&downgrade=true" } else { "" };
    let path = format!(
        "tenants/{}/plugins/{}?world={}{downgrade}{}",
        escaped(wanted.tenant),
        escaped(wanted.slot),
        escaped(&listing.world),
        granted(listing)
    );
    let body = ("application/wasm", archive);
    let answer = client.call(Method::POST, &path, Some(body)).await?;
    if global.json {
        return print_json(&answer);
    }
    print(&super::plugins::installed(wanted.tenant, wanted.slot, &answer));
    Ok(())
}

/// The grants that were agreed to, for this version alone. A flow has those of its entry in the
/// configuration, and so have hosts.
fn granted(listing: &Listing) -> String {
    let grants: Vec<&str> =
        listing.permissions.iter().map(String::as_str).filter(|one| !one.contains(' ')).collect();
    if grants.is_empty() || listing.world == "flow" {
        return String::new();
    }
    format!("&grants={}", grants.join(","))
}

/// Asks whether to go on; without a terminal nobody can say so.
fn agree() -> Result<(), CliError> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        let help = "nobody is there to agree: `--yes` if you do";
        return Err(CliError::Usage(help.to_owned()));
    }
    eprint!("Install it? [y/N] ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let _ = input.lock().read_line(&mut answer);
    match answer.trim() {
        "y" | "Y" | "yes" | "д" | "да" => Ok(()),
        _ => Err(CliError::failed("not installed")),
    }
}
