//! A package in memory: one component, its files, its signatures, and the artifact made of them.

use std::collections::BTreeMap;
use std::path::Path;

use oci_client::manifest::{OCI_IMAGE_MEDIA_TYPE, OciDescriptor, OciImageManifest};
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::certification::Certification;
use crate::digest::Digest;
use crate::error::PackageError;
use crate::key::SecretKey;
use crate::manifest::PluginManifest;
use crate::signature::{Envelope, Statement};

/// The layer of the component: CNCF's layout for Wasm artifacts.
pub(crate) const WASM: &str = "application/wasm";
/// The configuration of that layout.
const WASM_CONFIG: &str = "application/vnd.wasm.config.v0+json";
/// The kind of artifact that carries a package's files.
pub(crate) const FILES: &str = "application/vnd.jackfield.plugin.files.v1";
/// The kind of artifact that carries one signature.
pub(crate) const SIGNATURE: &str = "application/vnd.dsse.envelope.v1+json";
/// The configuration of an artifact that has none (OCI image spec 1.1).
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
const EMPTY_BYTES: &[u8] = b"{}";
/// Where the root says which files belong to it.
const FILE_ANNOTATION: &str = "io.jackfield.file.";
/// The same contents make the same bytes, whenever they are packed.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// What a component imports and exports: shown by registries, never trusted by a host.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Surface {
    /// Interfaces it imports.
    pub imports: Vec<String>,
    /// Interfaces it exports.
    pub exports: Vec<String>,
}

/// The files a package may carry.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum FileKind {
    /// `plugin.toml`; every package has one.
    Manifest,
    /// `README.md`: the page of the catalogue.
    Readme,
    /// `CHANGELOG.md`: shown before an update.
    Changelog,
    /// `icon.svg`.
    Icon,
    /// `certification.json`: what `plugin certify` found.
    Certification,
}

impl FileKind {
    /// All there are.
    pub const ALL: [Self; 5] =
        [Self::Manifest, Self::Readme, Self::Changelog, Self::Icon, Self::Certification];

    /// Returns the name beside the sources and in the package.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manifest => "plugin.toml",
            Self::Readme => "README.md",
            Self::Changelog => "CHANGELOG.md",
            Self::Icon => "icon.svg",
            Self::Certification => "certification.json",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Manifest => "application/toml",
            Self::Readme | Self::Changelog => "text/markdown",
            Self::Icon => "image/svg+xml",
            Self::Certification => "application/json",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What is to be packed.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The component.
    pub component: Vec<u8>,
    /// What it imports and exports.
    pub surface: Surface,
    /// The files beside it.
    pub files: BTreeMap<FileKind, Vec<u8>>,
}

impl Contents {
    /// Reads the files of a plugin's folder; those that are not there are left out.
    ///
    /// # Errors
    ///
    /// [`PackageError::Io`] if `plugin.toml` is missing or a file cannot be read.
    pub fn of_folder(
        folder: &Path,
        component: Vec<u8>,
        surface: Surface,
    ) -> Result<Self, PackageError> {
        let mut files = BTreeMap::new();
        for kind in FileKind::ALL {
            let path = folder.join(kind.name());
            match std::fs::read(&path) {
                Ok(bytes) => drop(files.insert(kind, bytes)),
                Err(error)
                    if error.kind() == std::io::ErrorKind::NotFound
                        && kind != FileKind::Manifest => {}
                Err(error) => return Err(PackageError::io(&path)(error)),
            }
        }
        Ok(Self { component, surface, files })
    }
}

/// CNCF's configuration of a Wasm artifact.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WasmConfig {
    created: String,
    architecture: String,
    os: String,
    layer_digests: Vec<Digest>,
    component: Option<Surface>,
}

/// A whole package: every byte of it fits its digest.
#[derive(Clone, Debug)]
pub struct Package {
    manifest: PluginManifest,
    version: Version,
    root: Vec<u8>,
    config: Vec<u8>,
    component: Vec<u8>,
    files: BTreeMap<FileKind, Vec<u8>>,
    signatures: Vec<Envelope>,
}

impl Package {
    /// Makes a package. The same contents make the same bytes.
    ///
    /// # Errors
    ///
    /// [`PackageError::Manifest`] and [`PackageError::Malformed`] if `plugin.toml` does not do for a
    /// package, or `certification.json` is about another component.
    pub fn pack(contents: Contents) -> Result<Self, PackageError> {
        let Contents { component, surface, files } = contents;
        let manifest = manifest_of(&files)?;
        manifest.publishable()?;
        let layer = descriptor(WASM, &component);
        let config = WasmConfig {
            created: CREATED.to_owned(),
            architecture: "wasm".to_owned(),
            os: "wasip2".to_owned(),
            layer_digests: vec![Digest::of(&component)],
            component: Some(surface),
        };
        let config = json(&config)?;
        let mut annotations = manifest.annotations();
        for (kind, bytes) in &files {
            let key = format!("{FILE_ANNOTATION}{}", kind.name());
            annotations.insert(key, Digest::of(bytes).to_string());
        }
        let root = OciImageManifest {
            media_type: Some(OCI_IMAGE_MEDIA_TYPE.to_owned()),
            config: descriptor(WASM_CONFIG, &config),
            layers: vec![layer],
            annotations: Some(annotations),
            ..OciImageManifest::default()
        };
        let root = json(&root)?;
        let parts = Parts { root, config, component, files, signatures: Vec::new() };
        let package = Self::assemble(parts)?;
        package.certification()?;
        Ok(package)
    }

    /// Makes a package of what was received, and checks all of it.
    ///
    /// # Errors
    ///
    /// [`PackageError::Tampered`] names the part that does not fit its digest;
    /// [`PackageError::NotAPackage`] says what is missing or too much.
    pub(crate) fn assemble(parts: Parts) -> Result<Self, PackageError> {
        let Parts { root, config, component, files, signatures } = parts;
        let shape = RootShape::read(&root)?;
        fits("the component", &component, shape.component)?;
        fits("the configuration", &config, shape.config)?;
        for (kind, expected) in &shape.files {
            let bytes = files.get(kind).ok_or_else(|| {
                PackageError::not_a_package(format!("{} is missing", kind.name()))
            })?;
            fits(kind.name(), bytes, *expected)?;
        }
        if let Some(kind) = files.keys().find(|kind| !shape.files.contains_key(kind)) {
            let problem = format!("{} does not belong to it", kind.name());
            return Err(PackageError::not_a_package(problem));
        }
        let manifest = manifest_of(&files)?;
        let version = manifest.publishable()?.clone();
        let said = manifest.annotations();
        if let Some((key, value)) = said
            .iter()
            .find(|(key, value)| shape.annotations.get(*key).is_none_or(|found| found != *value))
        {
            let problem = format!("`{key}` is not `{value}`, as plugin.toml says");
            return Err(PackageError::not_a_package(problem));
        }
        Ok(Self { manifest, version, root, config, component, files, signatures })
    }

    /// Returns what `plugin.toml` says.
    pub fn manifest(&self) -> &PluginManifest {
        &self.manifest
    }

    /// Returns the version.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Returns the digest that names the package: component and files, not the signatures.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.root)
    }

    /// Returns the component.
    pub fn component(&self) -> &[u8] {
        &self.component
    }

    /// Returns a file.
    pub fn file(&self, kind: FileKind) -> Option<&[u8]> {
        self.files.get(&kind).map(Vec::as_slice)
    }

    /// Returns the report of `plugin certify` that it carries, if there is one: a claim until somebody
    /// makes it again.
    ///
    /// # Errors
    ///
    /// [`PackageError::Malformed`] if it cannot be read, or is about another component.
    pub fn certification(&self) -> Result<Option<Certification>, PackageError> {
        let Some(bytes) = self.file(FileKind::Certification) else { return Ok(None) };
        let report = Certification::parse(bytes)?;
        report.is_about(&self.component)?;
        Ok(Some(report))
    }

    /// Returns the signatures, checked by nobody yet.
    pub fn signatures(&self) -> &[Envelope] {
        &self.signatures
    }

    /// Returns what a publisher signs.
    pub fn statement(&self) -> Statement {
        Statement {
            name: self.manifest.name.clone(),
            version: self.version.clone(),
            package: self.digest(),
        }
    }

    /// Adds a signature; one of the same key is replaced.
    ///
    /// # Errors
    ///
    /// As [`Envelope::sign`].
    pub fn sign(&mut self, key: &SecretKey) -> Result<(), PackageError> {
        self.attach(Envelope::sign(&self.statement(), key)?);
        Ok(())
    }

    /// Adds a signature that came apart from the package; it is checked when the package is verified.
    pub fn attach(&mut self, envelope: Envelope) {
        self.signatures.retain(|other| other.key_ids() != envelope.key_ids());
        self.signatures.push(envelope);
        self.signatures.sort_by_key(Envelope::key_ids);
    }

    /// Returns every blob and manifest of the artifact.
    pub(crate) fn artifact(&self) -> Result<Artifact, PackageError> {
        let subject = || Some(descriptor(OCI_IMAGE_MEDIA_TYPE, &self.root));
        let attached = |kind: &str, layers| OciImageManifest {
            media_type: Some(OCI_IMAGE_MEDIA_TYPE.to_owned()),
            artifact_type: Some(kind.to_owned()),
            config: descriptor(EMPTY, EMPTY_BYTES),
            layers,
            subject: subject(),
            ..OciImageManifest::default()
        };
        let mut blobs = vec![self.component.clone(), self.config.clone(), EMPTY_BYTES.to_owned()];
        let layers = self.files.iter().map(|(kind, bytes)| {
            blobs.push(bytes.clone());
            let title = ("org.opencontainers.image.title".to_owned(), kind.name().to_owned());
            let annotations = Some(BTreeMap::from([title]));
            OciDescriptor { annotations, ..descriptor(kind.media_type(), bytes) }
        });
        let layers = layers.collect();
        let mut referrers = vec![Referrer::new(FILES, json(&attached(FILES, layers))?)];
        for signature in &self.signatures {
            let bytes = signature.to_bytes()?;
            let layers = vec![descriptor(SIGNATURE, &bytes)];
            blobs.push(bytes);
            referrers.push(Referrer::new(SIGNATURE, json(&attached(SIGNATURE, layers))?));
        }
        Ok(Artifact { root: self.root.clone(), blobs, referrers })
    }
}

/// What a package is assembled of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub root: Vec<u8>,
    pub config: Vec<u8>,
    pub component: Vec<u8>,
    pub files: BTreeMap<FileKind, Vec<u8>>,
    pub signatures: Vec<Envelope>,
}

/// What a registry or a file holds of a package.
#[derive(Debug)]
pub(crate) struct Artifact {
    /// The manifest that names the package.
    pub root: Vec<u8>,
    /// Everything that manifests refer to.
    pub blobs: Vec<Vec<u8>>,
    /// The manifests that refer to the root.
    pub referrers: Vec<Referrer>,
}

/// A manifest whose subject is the root.
#[derive(Debug)]
pub(crate) struct Referrer {
    pub kind: &'static str,
    pub manifest: Vec<u8>,
}

impl Referrer {
    fn new(kind: &'static str, manifest: Vec<u8>) -> Self {
        Self { kind, manifest }
    }
}

/// What the root says that the parts are.
pub(crate) struct RootShape {
    pub component: Digest,
    pub config: Digest,
    pub files: BTreeMap<FileKind, Digest>,
    annotations: BTreeMap<String, String>,
}

impl RootShape {
    /// Reads the root's manifest.
    pub fn read(root: &[u8]) -> Result<Self, PackageError> {
        let refuse = |problem: &str| PackageError::not_a_package(problem);
        let manifest = read_manifest("its manifest", root)?;
        if manifest.config.media_type != WASM_CONFIG {
            return Err(refuse(&format!("its configuration is no {WASM_CONFIG}")));
        }
        let [layer] = &manifest.layers[..] else {
            return Err(refuse("it has not exactly one layer"));
        };
        if layer.media_type != WASM {
            return Err(refuse(&format!("its layer is no {WASM}")));
        }
        let annotations = manifest.annotations.unwrap_or_default();
        let mut files = BTreeMap::new();
        for (key, value) in &annotations {
            let Some(name) = key.strip_prefix(FILE_ANNOTATION) else { continue };
            // A later version may know more files: they are not fetched, and their digests are
            // still what the root was signed with.
            let Some(kind) = FileKind::from_name(name) else { continue };
            files.insert(kind, value.parse()?);
        }
        if !files.contains_key(&FileKind::Manifest) {
            return Err(refuse("it has no plugin.toml: it is a component, not a plugin's package"));
        }
        let config = manifest.config.digest.parse()?;
        Ok(Self { component: layer.digest.parse()?, config, files, annotations })
    }
}

/// Reads an OCI manifest.
pub(crate) fn read_manifest(what: &str, bytes: &[u8]) -> Result<OciImageManifest, PackageError> {
    serde_json::from_slice(bytes)
        .map_err(|error| PackageError::not_a_package(format!("{what} cannot be read: {error}")))
}

pub(crate) fn descriptor(media_type: &str, bytes: &[u8]) -> OciDescriptor {
    OciDescriptor {
        media_type: media_type.to_owned(),
        digest: Digest::of(bytes).to_string(),
        size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        ..OciDescriptor::default()
    }
}

pub(crate) fn json(value: &impl Serialize) -> Result<Vec<u8>, PackageError> {
    serde_json::to_vec(value).map_err(|error| PackageError::not_a_package(error.to_string()))
}

/// Checks that `bytes` are those of the digest.
pub(crate) fn fits(what: &str, bytes: &[u8], expected: Digest) -> Result<(), PackageError> {
    let found = Digest::of(bytes);
    if found == expected {
        return Ok(());
    }
    Err(PackageError::Tampered { what: what.to_owned(), expected, found })
}

fn manifest_of(files: &BTreeMap<FileKind, Vec<u8>>) -> Result<PluginManifest, PackageError> {
    let bytes = files.get(&FileKind::Manifest);
    let bytes = bytes.ok_or_else(|| PackageError::not_a_package("it has no plugin.toml"))?;
    let text = std::str::from_utf8(bytes).map_err(|error| PackageError::Malformed {
        file: "plugin.toml".to_owned(),
        problem: format!("not UTF-8 from byte {}", error.valid_up_to()),
    })?;
    PluginManifest::parse(text)
}
