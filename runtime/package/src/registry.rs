//! Registries: the OCI distribution protocol, by `oci-client`.

use std::collections::BTreeMap;
use std::str::FromStr;

use bytes::Bytes;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::errors::OciDistributionError;
use oci_client::manifest::{
    OCI_IMAGE_INDEX_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE, OciDescriptor, OciImageIndex,
    OciImageManifest,
};
use oci_client::secrets::RegistryAuth;

use crate::archive::{Limits, file_titles, referrers_index, wanted_files};
use crate::digest::Digest;
use crate::error::PackageError;
use crate::market::{INDEX, Index};
use crate::package::{
    Artifact, FILES, Package, Parts, RootShape, SIGNATURE, descriptor, fits, json, read_manifest,
};
use crate::signature::Envelope;

/// The largest manifest or index that is read.
const MANIFEST_MAX: u64 = 4 << 20;

/// Who asks a registry.
#[derive(Clone, Debug, Default)]
pub enum Credentials {
    /// Nobody in particular.
    #[default]
    Anonymous,
    /// A user with a password or a token.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
}

/// Where a package lies: `registry.example/path/name:1.2.0` or `…@sha256:…`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reference(oci_client::Reference);

impl FromStr for Reference {
    type Err = PackageError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || PackageError::BadReference { got: text.to_owned() };
        // Docker's rule would make `name` one of its own hub's; here a registry is always named.
        let (registry, _) = text.split_once('/').ok_or_else(bad)?;
        if !(registry.contains('.') || registry.contains(':') || registry == "localhost") {
            return Err(bad());
        }
        let reference: oci_client::Reference = text.parse().map_err(|_| bad())?;
        Ok(Self(reference))
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Reference {
    /// Returns the registry and the path, without tag and digest.
    pub fn repository(&self) -> String {
        format!("{}/{}", self.0.registry(), self.0.repository())
    }

    /// Returns the tag, if one was written and no digest.
    pub fn tag(&self) -> Option<&str> {
        self.0.tag()
    }

    /// Returns the digest that was written.
    pub fn digest(&self) -> Option<&str> {
        self.0.digest()
    }

    /// The same place by another tag.
    pub fn tagged(&self, tag: &str) -> Self {
        let (registry, path) = (self.0.registry().to_owned(), self.0.repository().to_owned());
        Self(oci_client::Reference::with_tag(registry, path, tag.to_owned()))
    }

    fn pinned(&self, digest: Digest) -> Self {
        let (registry, path) = (self.0.registry().to_owned(), self.0.repository().to_owned());
        Self(oci_client::Reference::with_digest(registry, path, digest.to_string()))
    }
}

/// A way to registries.
pub struct Registry {
    tls: oci_client::Client,
    plain: oci_client::Client,
    plain_http: Vec<String>,
    auth: RegistryAuth,
    limits: Limits,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Registry {
    /// Returns a way to registries: by TLS, but those of this machine and those in `plain_http`
    /// (`host:port`), which are asked by plain HTTP.
    ///
    /// # Errors
    ///
    /// [`PackageError::Registry`] if there is no TLS to be had.
    pub fn new(
        credentials: &Credentials,
        plain_http: &[String],
        limits: Limits,
    ) -> Result<Self, PackageError> {
        // Another part of the process may have chosen one already, which will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = |protocol| {
            let config = ClientConfig {
                protocol,
                user_agent: concat!("jackfield/", env!("CARGO_PKG_VERSION")),
                ..ClientConfig::default()
            };
            oci_client::Client::try_from(config).map_err(|error| PackageError::Registry {
                registry: "of any name".to_owned(),
                problem: format!("cannot be asked: {error}"),
            })
        };
        let auth = match credentials {
            Credentials::Anonymous => RegistryAuth::Anonymous,
            Credentials::Basic { user, password } => {
                RegistryAuth::Basic(user.clone(), password.clone())
            }
        };
        let (tls, plain) = (client(ClientProtocol::Https)?, client(ClientProtocol::Http)?);
        Ok(Self { tls, plain, plain_http: plain_http.to_vec(), auth, limits })
    }

    fn client(&self, at: &Reference) -> &oci_client::Client {
        let registry = at.0.registry();
        let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
        let here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        let plain = here || self.plain_http.iter().any(|known| known == registry);
        if plain { &self.plain } else { &self.tls }
    }

    /// Puts a package and its signatures into a registry, under its version if `to` has no tag.
    /// Returns where it lies now, by digest. What is there already is not sent again.
    ///
    /// # Errors
    ///
    /// [`PackageError::Registry`] with what the registry said.
    pub async fn push(&self, package: &Package, to: &Reference) -> Result<Reference, PackageError> {
        let Artifact { root, blobs, referrers } = package.artifact()?;
        let version = package.version().to_string().replace('+', "_");
        let to = if to.tag().is_some_and(|tag| tag != "latest") {
            to.clone()
        } else {
            to.tagged(&version)
        };
        self.sign_in(&to, oci_client::RegistryOperation::Push).await?;
        for blob in blobs {
            self.push_blob(&to, blob).await?;
        }
        let pinned = to.pinned(Digest::of(&root));
        // Whoever finds the tag finds its signatures: they go first.
        for referrer in &referrers {
            let at = to.pinned(Digest::of(&referrer.manifest));
            self.push_manifest(&at, referrer.manifest.clone(), OCI_IMAGE_MEDIA_TYPE).await?;
        }
        let referrers_tag = to.tagged(&Digest::of(&root).to_string().replace(':', "-"));
        let known = self.index(&referrers_tag).await?;
        let index = json(&referrers_index(known, &referrers))?;
        self.push_manifest(&referrers_tag, index, OCI_IMAGE_INDEX_MEDIA_TYPE).await?;
        self.push_manifest(&to, root, OCI_IMAGE_MEDIA_TYPE).await?;
        Ok(pinned)
    }

    /// Gets a package with its files and signatures, and checks all of it but the signatures.
    ///
    /// # Errors
    ///
    /// [`PackageError::Registry`], [`PackageError::Tampered`], [`PackageError::NotAPackage`],
    /// [`PackageError::TooLarge`].
    pub async fn pull(&self, from: &Reference) -> Result<Package, PackageError> {
        self.sign_in(from, oci_client::RegistryOperation::Pull).await?;
        let root = self.manifest(from).await?;
        if let Some(wanted) = from.digest() {
            fits("its manifest", &root, wanted.parse()?)?;
        }
        let shape = RootShape::read(&root)?;
        let manifest = read_manifest("its manifest", &root)?;
        let mut budget = self.limits.package_bytes;
        let config = self.blob(from, &manifest.config, &mut budget).await?;
        let layer =
            manifest.layers.first().ok_or_else(|| PackageError::not_a_package("no layer"))?;
        let component = self.blob(from, layer, &mut budget).await?;
        let referrers_tag = from.tagged(&Digest::of(&root).to_string().replace(':', "-"));
        let index = self.index(&referrers_tag).await?;
        let referrers = index.map(|index| index.manifests).unwrap_or_default();
        let of_kind = |kind: &'static str| {
            referrers.iter().filter(move |entry| entry.artifact_type.as_deref() == Some(kind))
        };
        let mut files = BTreeMap::new();
        for entry in of_kind(FILES) {
            let listed = self.manifest(&from.pinned(entry.digest.parse()?)).await?;
            let listed = read_manifest("its list of files", &listed)?;
            let titles = file_titles(&listed);
            for (kind, digest) in wanted_files(&shape) {
                if titles.get(kind.name()) != Some(&digest) || files.contains_key(&kind) {
                    continue;
                }
                let wanted = digest.to_string();
                let Some(layer) = listed.layers.iter().find(|l| l.digest == wanted) else {
                    continue;
                };
                files.insert(kind, self.blob(from, layer, &mut budget).await?);
            }
        }
        let mut signatures = Vec::new();
        for entry in of_kind(SIGNATURE).take(self.limits.signatures) {
            let signed = self.manifest(&from.pinned(entry.digest.parse()?)).await?;
            for layer in &read_manifest("a signature", &signed)?.layers {
                let envelope = self.blob(from, layer, &mut budget).await?;
                signatures.push(Envelope::from_bytes(&envelope)?);
            }
        }
        signatures.sort_by_key(Envelope::key_ids);
        Package::assemble(Parts { root, config, component, files, signatures })
    }

    /// Puts a catalogue into a registry.
    ///
    /// # Errors
    ///
    /// [`PackageError::Registry`].
    pub async fn push_index(&self, index: &Index, to: &Reference) -> Result<(), PackageError> {
        self.sign_in(to, oci_client::RegistryOperation::Push).await?;
        let listed = json(index)?;
        let manifest = OciImageManifest {
            media_type: Some(OCI_IMAGE_MEDIA_TYPE.to_owned()),
            artifact_type: Some(INDEX.to_owned()),
            config: descriptor("application/vnd.oci.empty.v1+json", b"{}"),
            layers: vec![descriptor(INDEX, &listed)],
            ..OciImageManifest::default()
        };
        self.push_blob(to, listed).await?;
        self.push_blob(to, b"{}".to_vec()).await?;
        self.push_manifest(to, json(&manifest)?, OCI_IMAGE_MEDIA_TYPE).await
    }

    /// Gets a catalogue; `None` if there is none yet.
    ///
    /// # Errors
    ///
    /// [`PackageError::Registry`], [`PackageError::Malformed`].
    pub async fn pull_index(&self, from: &Reference) -> Result<Option<Index>, PackageError> {
        self.sign_in(from, oci_client::RegistryOperation::Pull).await?;
        let accepted = &[OCI_IMAGE_MEDIA_TYPE];
        let manifest =
            match self.client(from).pull_manifest_raw(&from.0, &self.auth, accepted).await {
                Ok((bytes, _)) => bytes,
                Err(error) if is_missing(&error) => return Ok(None),
                Err(error) => return Err(said(from, &error)),
            };
        let manifest = read_manifest("the catalogue", &manifest)?;
        let layer = manifest.layers.iter().find(|layer| layer.media_type == INDEX);
        let layer = layer.ok_or_else(|| PackageError::Registry {
            registry: from.0.registry().to_owned(),
            problem: format!("has no catalogue at `{from}`"),
        })?;
        let mut budget = self.limits.package_bytes;
        let bytes = self.blob(from, layer, &mut budget).await?;
        Index::parse(&from.to_string(), &bytes).map(Some)
    }

    async fn sign_in(
        &self,
        at: &Reference,
        operation: oci_client::RegistryOperation,
    ) -> Result<(), PackageError> {
        let signed_in = self.client(at).auth(&at.0, &self.auth, operation).await;
        signed_in.map(drop).map_err(|error| said(at, &error))
    }

    async fn push_blob(&self, to: &Reference, blob: Vec<u8>) -> Result<(), PackageError> {
        let digest = Digest::of(&blob).to_string();
        let there = self.client(to).blob_exists(&to.0, &digest).await;
        if there.map_err(|error| said(to, &error))? {
            return Ok(());
        }
        let pushed = self.client(to).push_blob(&to.0, Bytes::from(blob), &digest).await;
        pushed.map(drop).map_err(|error| said(to, &error))
    }

    async fn push_manifest(
        &self,
        to: &Reference,
        manifest: Vec<u8>,
        media_type: &'static str,
    ) -> Result<(), PackageError> {
        let media_type = http::HeaderValue::from_static(media_type);
        let pushed =
            self.client(to).push_manifest_raw(&to.0, Bytes::from(manifest), media_type).await;
        pushed.map(drop).map_err(|error| said(to, &error))
    }

    async fn manifest(&self, from: &Reference) -> Result<Vec<u8>, PackageError> {
        let accepted = &[OCI_IMAGE_MEDIA_TYPE];
        let (bytes, _) = self
            .client(from)
            .pull_manifest_raw(&from.0, &self.auth, accepted)
            .await
            .map_err(|error| said(from, &error))?;
        if MANIFEST_MAX < bytes.len() as u64 {
            let (what, got) = ("a manifest".to_owned(), bytes.len() as u64);
            return Err(PackageError::TooLarge { what, got, limit: MANIFEST_MAX });
        }
        Ok(bytes.to_vec())
    }

    /// The index at a tag; `None` if there is none.
    async fn index(&self, at: &Reference) -> Result<Option<OciImageIndex>, PackageError> {
        let accepted = &[OCI_IMAGE_INDEX_MEDIA_TYPE];
        match self.client(at).pull_manifest_raw(&at.0, &self.auth, accepted).await {
            Ok((bytes, _)) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
                PackageError::not_a_package(format!("its index cannot be read: {error}"))
            }),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(said(at, &error)),
        }
    }

    /// A blob, no larger than its descriptor says and the budget allows.
    async fn blob(
        &self,
        from: &Reference,
        wanted: &OciDescriptor,
        budget: &mut u64,
    ) -> Result<Vec<u8>, PackageError> {
        let size = u64::try_from(wanted.size).unwrap_or(u64::MAX);
        if *budget < size {
            let limit = self.limits.package_bytes;
            return Err(PackageError::TooLarge {
                what: "the package".to_owned(),
                got: size,
                limit,
            });
        }
        *budget -= size;
        let mut sink = Sink { bytes: Vec::new(), most: size };
        let pulled = self.client(from).pull_blob(&from.0, wanted, &mut sink).await;
        pulled.map_err(|error| said(from, &error))?;
        fits("a part of it", &sink.bytes, wanted.digest.parse()?)?;
        Ok(sink.bytes)
    }
}

/// Takes no more than was announced.
struct Sink {
    bytes: Vec<u8>,
    most: u64,
}

impl tokio::io::AsyncWrite for Sink {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        part: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        if self.most < (self.bytes.len() + part.len()) as u64 {
            let problem = "it sends more than the package says";
            return std::task::Poll::Ready(Err(std::io::Error::other(problem)));
        }
        self.bytes.extend_from_slice(part);
        std::task::Poll::Ready(Ok(part.len()))
    }

    fn poll_flush(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn poll_shutdown(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }
}

fn is_missing(error: &OciDistributionError) -> bool {
    use oci_client::errors::OciErrorCode;
    match error {
        OciDistributionError::ImageManifestNotFoundError(_)
        | OciDistributionError::ServerError { code: 404, .. } => true,
        OciDistributionError::RegistryError { envelope, .. } => envelope.errors.iter().any(|one| {
            matches!(
                one.code,
                OciErrorCode::ManifestUnknown | OciErrorCode::NameUnknown | OciErrorCode::NotFound
            )
        }),
        _ => false,
    }
}

fn said(at: &Reference, error: &OciDistributionError) -> PackageError {
    let registry = at.0.registry().to_owned();
    let problem = match error {
        error if is_missing(error) => format!("has no `{at}`"),
        OciDistributionError::UnauthorizedError { .. }
        | OciDistributionError::AuthenticationFailure(_) => {
            format!("does not let you at `{at}`: `--user` and JACKFIELD_REGISTRY_PASSWORD sign in")
        }
        OciDistributionError::RequestError(error) if error.is_connect() => {
            "cannot be reached: is its name right, and does it speak TLS (`--plain-http` if not)?"
                .to_owned()
        }
        other => format!("says: {other}"),
    };
    PackageError::Registry { registry, problem }
}
