//! `jackfield plugin key|pack|sign|push|pull|verify`

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use jackfield_package::{
    Certification, Contents, Credentials, FileKind, Index, Limits, Lock, Package, PackageError,
    PluginManifest, Policy, Reference, Registry, SecretKey, Surface, TrustStore, Verified,
};
use jackfield_plugin_host::{World, inspect};
use serde_json::{Value, json};

use super::{read, read_text};
use crate::app::{trust_store, unasked};
use crate::cli::args::{Global, PackageCommand, RegistryArgs, TrustArgs};
use crate::cli::error::{CliError, in_full};
use crate::cli::output::{print, print_json};

/// Runs what is about packages.
pub async fn run(global: &Global, command: &PackageCommand) -> Result<(), CliError> {
    let (answer, said) = match command {
        PackageCommand::Key { name, out } => key(name, out.as_deref())?,
        PackageCommand::Pack { dir, component, out } => {
            pack(global, dir, component.as_deref(), out.as_deref())?
        }
        PackageCommand::Sign { file, key } => sign(global, file, key)?,
        PackageCommand::Push { file, reference, index, registry } => {
            push(global, file, reference, index.as_deref(), registry).await?
        }
        PackageCommand::Pull { reference, out, lock, trust, registry } => {
            pull(global, reference, (out.as_deref(), lock.as_deref()), trust, registry).await?
        }
        PackageCommand::Verify { package, rerun, trust, registry } => {
            let found = open(global, package, registry).await?;
            let verified = verify(global, &found, trust)?;
            let (mut answer, said) = shown(&found, &verified);
            let report = certified(&found)?;
            if !rerun {
                (answer, said)
            } else {
                let report = found.file(FileKind::Certification).filter(|_| report.is_some());
                let report = report.ok_or_else(|| {
                    CliError::failed(
                        "there is no certification report in it: nothing to make again",
                    )
                })?;
                let again = super::certify::again(package, report, found.component().to_owned())?;
                answer["certification_made_again"] = json!(true);
                (answer, format!("{said}\n{again}"))
            }
        }
    };
    if global.json {
        return print_json(&answer);
    }
    print(&said);
    Ok(())
}

type Said = (Value, String);

/// Says an error of packages in words.
pub fn failed(error: PackageError) -> CliError {
    CliError::failed(in_full(&error))
}

fn key(name: &str, out: Option<&Path>) -> Result<Said, CliError> {
    let path = out.map_or_else(|| PathBuf::from(format!("{name}.pem")), Path::to_owned);
    let secret = SecretKey::generate().map_err(failed)?;
    write_secret(&path, &secret.to_pem().map_err(failed)?)?;
    let public = secret.public();
    let answer = json!({ "publisher": name, "key": public, "id": public.id(), "file": path });
    let said = format!(
        "The secret half is in {}: whoever has it signs as {name}.\n\
         What others put into their trust store (plugins.trust):\n\n\
         [publishers.{name}]\nkeys = [\"{public}\"]\n\n\
         The key's id, for a revocation: {}",
        path.display(),
        public.id()
    );
    Ok((answer, said))
}

/// Writes a file that nobody else may read, and replaces none.
fn write_secret(path: &Path, text: &str) -> Result<(), CliError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = made.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        let path = path.display();
        CliError::failed(match error.kind() {
            ErrorKind::AlreadyExists => format!("{path} exists already, and no key is replaced"),
            _ => format!("cannot write {path}: {error}"),
        })
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let aside = path.with_extension("tmp");
    let written = fs::write(&aside, bytes).and_then(|()| fs::rename(&aside, path));
    written.map_err(|error| CliError::failed(format!("cannot write {}: {error}", path.display())))
}

fn pack(
    global: &Global,
    dir: &Path,
    component: Option<&Path>,
    out: Option<&Path>,
) -> Result<Said, CliError> {
    let described = dir.join("plugin.toml");
    if !described.is_file() {
        let dir = dir.display();
        let text = format!("`{dir}`: no plugin is here: a folder with plugin.toml is accepted");
        return Err(CliError::failed(text));
    }
    let manifest = PluginManifest::parse(&read_text(&described)?).map_err(failed)?;
    let component = match component {
        Some(path) => path.to_owned(),
        None => built(global, &manifest.name)?,
    };
    let wasm = read(&component)?;
    let found = inspect(&wasm).map_err(|error| CliError::failed(in_full(&error)))?;
    let world = found.world.map_or("no world of this host", World::name);
    if world != manifest.world {
        return Err(CliError::failed(format!(
            "plugin.toml says `world = \"{}\"`, {} is of {world}",
            manifest.world,
            component.display()
        )));
    }
    let surface = Surface { imports: found.imports, exports: found.exports };
    let contents = Contents::of_folder(dir, wasm, surface).map_err(failed)?;
    let package = Package::pack(contents).map_err(failed)?;
    let missing = unasked(&package).map_err(|error| CliError::failed(in_full(&error)))?;
    if !missing.is_empty() {
        let line: Vec<String> = missing.iter().map(|name| format!("\"{name}\"")).collect();
        return Err(CliError::failed(format!(
            "the component imports what plugin.toml does not ask for: add {} to `wants`",
            line.join(", ")
        )));
    }
    let path = out.map_or_else(|| PathBuf::from(file_name(&package)), Path::to_owned);
    write(&path, &package.to_archive().map_err(failed)?)?;
    let (mut answer, said) = shown(&package, &Verified::nobody());
    answer["file"] = json!(path);
    Ok((answer, format!("{}\n{said}", path.display())))
}

/// The component that `plugin build` made.
fn built(global: &Global, name: &str) -> Result<PathBuf, CliError> {
    let file = format!("{name}.wasm");
    let here = PathBuf::from("target/plugins").join(&file);
    let configured = crate::cli::load(global).ok().and_then(|config| config.plugins.find(name));
    configured.or_else(|| here.is_file().then_some(here)).ok_or_else(|| {
        CliError::failed(format!("{file} is not built: `jackfield plugin build`, or `--component`"))
    })
}

fn file_name(package: &Package) -> String {
    format!("{}-{}.tar", package.manifest().name, package.version())
}

fn sign(global: &Global, file: &Path, key: &Path) -> Result<Said, CliError> {
    let secret = SecretKey::from_pem(&read_text(key)?)
        .map_err(|error| CliError::failed(format!("{}: {}", key.display(), in_full(&error))))?;
    let mut package = from_file(global, file)?;
    package.sign(&secret).map_err(failed)?;
    write(file, &package.to_archive().map_err(failed)?)?;
    let id = secret.public().id();
    let answer = json!({ "file": file, "package": package.digest(), "key": id });
    Ok((answer, format!("{} is signed by the key {id}", file.display())))
}

async fn push(
    global: &Global,
    file: &Path,
    reference: &str,
    index: Option<&str>,
    args: &RegistryArgs,
) -> Result<Said, CliError> {
    let package = from_file(global, file)?;
    let to: Reference = reference.parse().map_err(failed)?;
    let index_at = index.map(str::parse::<Reference>).transpose().map_err(failed)?;
    let registry = registry(global, args)?;
    let pinned = registry.push(&package, &to).await.map_err(failed)?;
    let mut said = format!("pushed {pinned}");
    if let Some(at) = &index_at {
        let known = registry.pull_index(at).await.map_err(failed)?;
        let mut index: Index = known.unwrap_or_default();
        index.list(&package, &to.repository());
        registry.push_index(&index, at).await.map_err(failed)?;
        said = format!("{said}\nlisted in {at}");
    }
    Ok((json!({ "reference": pinned.to_string(), "index": index }), said))
}

async fn pull(
    global: &Global,
    reference: &str,
    (out, lock): (Option<&Path>, Option<&Path>),
    trust: &TrustArgs,
    args: &RegistryArgs,
) -> Result<Said, CliError> {
    let from: Reference = reference.parse().map_err(failed)?;
    let package = registry(global, args)?.pull(&from).await.map_err(failed)?;
    let verified = verify(global, &package, trust)?;
    if let Some(lock) = lock {
        enter(lock, &package, &verified)?;
    }
    let path = out.map_or_else(|| PathBuf::from(file_name(&package)), Path::to_owned);
    write(&path, &package.to_archive().map_err(failed)?)?;
    let (mut answer, said) = shown(&package, &verified);
    answer["file"] = json!(path);
    Ok((answer, format!("{}\n{said}", path.display())))
}

/// Enters a package into a lock file that may not be there yet.
fn enter(file: &Path, package: &Package, verified: &Verified) -> Result<(), CliError> {
    let mut lock = if file.exists() {
        Lock::parse(&file.display().to_string(), &read_text(file)?).map_err(failed)?
    } else {
        Lock::default()
    };
    lock.enter(package, verified, false).map_err(failed)?;
    write(file, lock.to_toml().map_err(failed)?.as_bytes())
}

/// Opens a package: a file, or what a registry has.
pub async fn open(
    global: &Global,
    package: &str,
    args: &RegistryArgs,
) -> Result<Package, CliError> {
    let file = Path::new(package);
    if file.exists() {
        return from_file(global, file);
    }
    match package.parse::<Reference>() {
        Ok(from) => registry(global, args)?.pull(&from).await.map_err(failed),
        Err(error) => Err(CliError::failed(format!("there is no file `{package}`, and {error}"))),
    }
}

pub fn from_file(global: &Global, file: &Path) -> Result<Package, CliError> {
    let bytes = read(file)?;
    if super::is_wasm(&bytes) {
        return Err(CliError::failed(format!(
            "{} is a component, and a package is wanted: `jackfield plugin pack` makes one of the \
             plugin's folder",
            file.display()
        )));
    }
    Package::from_archive(&bytes, &limits(global))
        .map_err(|error| CliError::failed(format!("{}: {}", file.display(), in_full(&error))))
}

fn limits(global: &Global) -> Limits {
    let configured = crate::cli::load(global).ok().map(|config| config.plugins.package_bytes);
    let usual = Limits::default();
    Limits { package_bytes: configured.unwrap_or(usual.package_bytes), ..usual }
}

/// A way to registries, signed in as the arguments say.
pub fn registry(global: &Global, args: &RegistryArgs) -> Result<Registry, CliError> {
    let credentials = match &args.user {
        None => Credentials::Anonymous,
        Some(user) => {
            let password = std::env::var("JACKFIELD_REGISTRY_PASSWORD").map_err(|_| {
                CliError::Usage("`--user` needs its password in JACKFIELD_REGISTRY_PASSWORD".into())
            })?;
            Credentials::Basic { user: user.clone(), password }
        }
    };
    let mut plain = args.plain_http.clone();
    if let Ok(config) = crate::cli::load(global) {
        plain.extend(config.plugins.plain_http.iter().cloned());
    }
    Registry::new(&credentials, &plain, limits(global)).map_err(failed)
}

fn verify(global: &Global, package: &Package, args: &TrustArgs) -> Result<Verified, CliError> {
    let configured = crate::cli::load(global).ok().and_then(|config| config.plugins.trust.clone());
    let path = args.trust.clone().or(configured);
    let trust: TrustStore = trust_store(path.as_deref()).map_err(failed)?;
    let policy = Policy {
        require_signature: args.require_signature,
        publishers: args.publisher.clone(),
        operator_grants: Vec::new(),
    };
    trust.verify(package, &policy).map_err(failed)
}

/// The certification report in a package.
fn certified(package: &Package) -> Result<Option<Certification>, CliError> {
    package.certification().map_err(failed)
}

/// What a package is, for people and programs.
pub fn shown(package: &Package, verified: &Verified) -> Said {
    let manifest = package.manifest();
    let component = jackfield_package::Digest::of(package.component());
    let files: Vec<&str> = FileKind::ALL
        .into_iter()
        .filter(|kind| package.file(*kind).is_some())
        .map(FileKind::name)
        .collect();
    let signed_by = match (&verified.publisher, package.signatures().len()) {
        (Some(name), _) => name.clone(),
        (None, 0) => "nobody".to_owned(),
        (None, _) => {
            let ids = package.signatures().iter().flat_map(|one| one.key_ids());
            let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
            format!("nobody who is trusted (keys {})", ids.join(", "))
        }
    };
    let permissions = manifest.permissions();
    let certification = package.certification();
    let certified = match &certification {
        Ok(Some(report)) => format!("{}; `--rerun` proves it", report.in_short()),
        Ok(None) => "no".to_owned(),
        Err(error) => in_full(error),
    };
    let answer = json!({
        "name": manifest.name,
        "version": package.version(),
        "world": manifest.world,
        "package": package.digest(),
        "component": component,
        "publisher": verified.publisher,
        "key": verified.key,
        "permissions": permissions,
        "on_trap": manifest.on_trap,
        "files": files,
        "certification": certification.as_ref().ok(),
    });
    let may = if permissions.is_empty() { "nothing".to_owned() } else { permissions.join(", ") };
    let said = format!(
        "{} {} ({}), {} bytes\n  package    {}\n  component  {component}\n  signed by  {signed_by}\n  \
         certified  {certified}\n  may use    {may}\n  on a trap  {}\n  files      {}",
        manifest.name,
        package.version(),
        manifest.world,
        package.component().len(),
        package.digest(),
        manifest.on_trap,
        files.join(", "),
    );
    (answer, said)
}
