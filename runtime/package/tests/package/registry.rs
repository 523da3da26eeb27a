//! With a real registry: Debian's `docker-registry`.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jackfield_package::{
    Credentials, Digest, Index, Limits, Package, PackageError, Policy, Reference, Registry,
    SecretKey, TrustStore,
};

use crate::{package, signed};

/// A registry of one test, in a folder of its own.
struct Running {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Running {
    fn start(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("jackfield-registry-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:{port}\n",
            folder.join("data").display()
        );
        let file = folder.join("config.yml");
        fs::write(&file, config).unwrap();
        let log = fs::File::create(folder.join("log")).unwrap();
        let mut child = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("docker-registry is installed by `.ci/packages test`");
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(child.try_wait().unwrap().is_none(), "the registry stopped, see {folder:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, folder, port }
    }

    fn reference(&self, rest: &str) -> Reference {
        format!("127.0.0.1:{}/{rest}", self.port).parse().unwrap()
    }

    /// The files in which the registry keeps what was pushed.
    fn blobs(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.join("data/docker/registry/v2/blobs")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { found.push(path) }
            }
        }
        found.sort();
        found
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn registry() -> Registry {
    Registry::new(&Credentials::Anonymous, &[], Limits::default()).unwrap()
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_package_is_pushed_and_pulled() {
    let running = Running::start("pull");
    let key = SecretKey::generate().unwrap();
    let package = signed("1.2.0", &key);
    let pinned = registry().push(&package, &running.reference("plugins/sample")).await.unwrap();
    assert_eq!(pinned.digest().unwrap(), package.digest().to_string());
    for from in [running.reference("plugins/sample:1.2.0"), pinned] {
        let pulled = registry().pull(&from).await.unwrap();
        assert_eq!(pulled.to_archive().unwrap(), package.to_archive().unwrap());
    }
    let nothing = registry().pull(&running.reference("plugins/sample:9.9.9")).await;
    let said = nothing.unwrap_err().to_string();
    assert!(said.ends_with("/plugins/sample:9.9.9`"), "{said}");
}

#[tokio::test]
async fn signatures_add_up() {
    let running = Running::start("sign");
    let (one, other) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
    let at = running.reference("plugins/sample");
    registry().push(&signed("1.2.0", &one), &at).await.unwrap();
    registry().push(&signed("1.2.0", &other), &at).await.unwrap();
    let pulled = registry().pull(&running.reference("plugins/sample:1.2.0")).await.unwrap();
    let mut by: Vec<Digest> = pulled.signatures().iter().flat_map(|s| s.key_ids()).collect();
    by.sort();
    let mut expected = vec![one.public().id(), other.public().id()];
    expected.sort();
    assert_eq!(by, expected);
}

#[tokio::test]
async fn what_was_changed_in_the_registry_is_refused() {
    let running = Running::start("tamper");
    let key = SecretKey::generate().unwrap();
    let package = signed("1.2.0", &key);
    let trust = format!("[publishers.acme]\nkeys = [\"{}\"]\n", key.public());
    let trust = TrustStore::parse("trust.toml", &trust).unwrap();
    let policy = Policy { require_signature: true, ..Policy::default() };
    let pinned = registry().push(&package, &running.reference("plugins/sample")).await.unwrap();
    let accepted = async || -> Result<Package, PackageError> {
        let pulled = registry().pull(&pinned).await?;
        trust.verify(&pulled, &policy)?;
        Ok(pulled)
    };
    assert_eq!(accepted().await.unwrap().digest(), package.digest());
    let blobs = running.blobs();
    // Component, configuration, the empty one, five files, the envelope; root, two lists, one index.
    assert_eq!(blobs.len(), 13, "{blobs:?}");
    let mut refused = 0;
    for blob in &blobs {
        let length = fs::read(blob).unwrap().len();
        // Every byte of short ones, every byte range of long ones.
        for at in (0..length).step_by(length.div_ceil(16)) {
            flip(blob, at);
            match accepted().await {
                Err(_) => refused += 1,
                // A change that touches nothing of the package: the bytes are the ones pushed.
                Ok(pulled) => {
                    assert_eq!(pulled.to_archive().unwrap(), package.to_archive().unwrap())
                }
            }
            flip(blob, at);
        }
    }
    assert!(100 < refused, "{refused} were refused");
    assert_eq!(accepted().await.unwrap().digest(), package.digest());
}

#[tokio::test]
async fn a_catalogue_is_pushed_searched_and_compared() {
    let running = Running::start("index");
    let at = running.reference("market/index:latest");
    assert_eq!(registry().pull_index(&at).await.unwrap(), None);
    let mut index = Index::default();
    let repository = running.reference("plugins/sample").repository();
    for version in ["1.0.0", "1.2.0", "1.1.0", "2.0.0-rc.1"] {
        index.list(&package(version, "\"log\""), &repository);
    }
    registry().push_index(&index, &at).await.unwrap();
    let index = registry().pull_index(&at).await.unwrap().unwrap();
    let found = index.search("fair IDLE");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].version.to_string(), "1.2.0");
    assert!(index.search("chatbot").is_empty());
    let pre = "2.0.0-rc.1".parse().unwrap();
    assert!(index.find("router-sample", Some(&pre)).is_some());
    assert_eq!(index.find("router-sample", None).unwrap().repository, repository);
}

#[tokio::test]
async fn errors_of_registries_say_what_would_help() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let at: Reference = format!("127.0.0.1:{closed}/a/b:1").parse().unwrap();
    let said = registry().pull(&at).await.unwrap_err().to_string();
    assert!(said.contains("cannot be reached"), "{said}");
    for wrong in ["sample", "plugins/sample:1", "UPPER.example/A B:1"] {
        let said = wrong.parse::<Reference>().unwrap_err().to_string();
        assert!(said.contains("is no reference"), "{said}");
    }
}
