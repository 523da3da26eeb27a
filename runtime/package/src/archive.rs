//! A package as one file: a tar of an OCI image layout, for machines that reach no registry.
//!
//! Written in one way only, and read only if it is written that way: a byte that is changed
//! anywhere, be it in padding, is noticed.

use std::collections::BTreeMap;
use std::io::Read as _;

use oci_client::manifest::{
    ImageIndexEntry, OCI_IMAGE_INDEX_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE, OciImageIndex,
};

use crate::digest::Digest;
use crate::error::PackageError;
use crate::package::{
    FILES, FileKind, Package, Parts, Referrer, RootShape, SIGNATURE, json, read_manifest,
};
use crate::signature::Envelope;

const LAYOUT_NAME: &str = "oci-layout";
const LAYOUT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;
const INDEX_NAME: &str = "index.json";
/// Entries of a package's tar: more than any package has.
const ENTRIES_MAX: usize = 256;

/// How much is accepted from outside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// The most bytes of a whole package.
    pub package_bytes: u64,
    /// The most signatures that are looked at.
    pub signatures: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { package_bytes: 128 << 20, signatures: 16 }
    }
}

impl Limits {
    pub(crate) fn check(&self, what: &str, got: u64) -> Result<(), PackageError> {
        if got <= self.package_bytes {
            return Ok(());
        }
        Err(PackageError::TooLarge { what: what.to_owned(), got, limit: self.package_bytes })
    }
}

impl Package {
    /// Returns the package as one file.
    ///
    /// # Errors
    ///
    /// [`PackageError::NotAPackage`] if it cannot be written, which does not happen.
    pub fn to_archive(&self) -> Result<Vec<u8>, PackageError> {
        let artifact = self.artifact()?;
        let mut manifests = vec![entry(None, &artifact.root)];
        manifests.extend(artifact.referrers.iter().map(|r| entry(Some(r.kind), &r.manifest)));
        let index = OciImageIndex {
            schema_version: 2,
            media_type: Some(OCI_IMAGE_INDEX_MEDIA_TYPE.to_owned()),
            manifests,
            artifact_type: None,
            annotations: None,
        };
        let referrers = artifact.referrers.into_iter().map(|Referrer { manifest, .. }| manifest);
        let all = artifact.blobs.into_iter().chain([artifact.root]).chain(referrers);
        let blobs: BTreeMap<Digest, Vec<u8>> =
            all.map(|bytes| (Digest::of(&bytes), bytes)).collect();
        written(&json(&index)?, &blobs)
            .map_err(|error| PackageError::not_a_package(error.to_string()))
    }

    /// Reads a package from one file, and checks all of it but its signatures.
    ///
    /// # Errors
    ///
    /// [`PackageError::Tampered`] and [`PackageError::NotAPackage`] say what does not fit,
    /// [`PackageError::TooLarge`] what is too much.
    pub fn from_archive(archive: &[u8], limits: &Limits) -> Result<Self, PackageError> {
        limits.check("the package", archive.len() as u64)?;
        let entries = entries(archive)?;
        let index = entries
            .get(INDEX_NAME)
            .ok_or_else(|| PackageError::not_a_package("it has no index.json"))?;
        let index: OciImageIndex = serde_json::from_slice(index).map_err(|error| {
            PackageError::not_a_package(format!("its index.json cannot be read: {error}"))
        })?;
        let blob = |what: &str, digest: Digest| {
            let bytes = entries.get(&blob_name(&digest)).ok_or_else(|| {
                PackageError::not_a_package(format!("{what} is missing ({digest})"))
            })?;
            crate::package::fits(what, bytes, digest)?;
            Ok::<_, PackageError>(bytes.clone())
        };
        let mut roots = index.manifests.iter().filter(|entry| entry.artifact_type.is_none());
        let (Some(root), None) = (roots.next(), roots.next()) else {
            return Err(PackageError::not_a_package("its index names not exactly one package"));
        };
        let root = blob("its manifest", root.digest.parse()?)?;
        let shape = RootShape::read(&root)?;
        let mut files = BTreeMap::new();
        for (kind, digest) in &shape.files {
            files.insert(*kind, blob(kind.name(), *digest)?);
        }
        let signed =
            index.manifests.iter().filter(|e| e.artifact_type.as_deref() == Some(SIGNATURE));
        let mut signatures = Vec::new();
        for entry in signed.take(limits.signatures) {
            let manifest = blob("a signature", entry.digest.parse()?)?;
            let manifest = read_manifest("a signature", &manifest)?;
            for layer in &manifest.layers {
                signatures
                    .push(Envelope::from_bytes(&blob("a signature", layer.digest.parse()?)?)?);
            }
        }
        let package = Self::assemble(Parts {
            config: blob("the configuration", shape.config)?,
            component: blob("the component", shape.component)?,
            root,
            files,
            signatures,
        })?;
        if package.to_archive()? != archive {
            let problem = "it has bytes that belong to nothing, or is not written as packages are";
            return Err(PackageError::not_a_package(problem));
        }
        Ok(package)
    }
}

fn written(index: &[u8], blobs: &BTreeMap<Digest, Vec<u8>>) -> std::io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut put = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, bytes)
    };
    put(LAYOUT_NAME, LAYOUT)?;
    put(INDEX_NAME, index)?;
    for (digest, bytes) in blobs {
        put(&blob_name(digest), bytes)?;
    }
    tar.into_inner()
}

fn entry(kind: Option<&str>, manifest: &[u8]) -> ImageIndexEntry {
    ImageIndexEntry {
        media_type: OCI_IMAGE_MEDIA_TYPE.to_owned(),
        digest: Digest::of(manifest).to_string(),
        size: i64::try_from(manifest.len()).unwrap_or(i64::MAX),
        platform: None,
        annotations: None,
        artifact_type: kind.map(str::to_owned),
    }
}

/// The index of what refers to `root`, with `referrers` added to what `known` has.
pub(crate) fn referrers_index(
    known: Option<OciImageIndex>,
    referrers: &[Referrer],
) -> OciImageIndex {
    let mut index = known.unwrap_or_else(|| OciImageIndex {
        schema_version: 2,
        media_type: Some(OCI_IMAGE_INDEX_MEDIA_TYPE.to_owned()),
        manifests: Vec::new(),
        artifact_type: None,
        annotations: None,
    });
    for referrer in referrers {
        let new = entry(Some(referrer.kind), &referrer.manifest);
        // One list of files belongs to a root; signatures add up.
        let replaced = |old: &ImageIndexEntry| {
            old.digest == new.digest
                || referrer.kind == FILES && old.artifact_type.as_deref() == Some(FILES)
        };
        index.manifests.retain(|old| !replaced(old));
        index.manifests.push(new);
    }
    index
}

fn blob_name(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

fn entries(archive: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, PackageError> {
    let unreadable = |error: std::io::Error| {
        PackageError::not_a_package(format!("its tar cannot be read: {error}"))
    };
    let mut found = BTreeMap::new();
    let mut tar = tar::Archive::new(archive);
    for entry in tar.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        if ENTRIES_MAX <= found.len() {
            let problem = format!("its tar has more than {ENTRIES_MAX} entries");
            return Err(PackageError::not_a_package(problem));
        }
        if !entry.header().entry_type().is_file() {
            return Err(PackageError::not_a_package("its tar has more than plain files"));
        }
        let name = entry.path().map_err(unreadable)?.display().to_string();
        // The whole archive is in memory already, so no entry is longer than the limit.
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(unreadable)?;
        if found.insert(name.clone(), bytes).is_some() {
            return Err(PackageError::not_a_package(format!("its tar has `{name}` twice")));
        }
    }
    Ok(found)
}

/// What a file is called among a referrer's layers.
pub(crate) fn file_titles(
    manifest: &oci_client::manifest::OciImageManifest,
) -> BTreeMap<String, Digest> {
    let titled = manifest.layers.iter().filter_map(|layer| {
        let title = layer.annotations.as_ref()?.get("org.opencontainers.image.title")?;
        Some((title.clone(), layer.digest.parse().ok()?))
    });
    titled.collect()
}

/// The files of a root that a referrer has.
pub(crate) fn wanted_files(shape: &RootShape) -> impl Iterator<Item = (FileKind, Digest)> {
    shape.files.iter().map(|(kind, digest)| (*kind, *digest))
}
