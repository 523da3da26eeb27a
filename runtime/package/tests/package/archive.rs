use expect_test::expect;
use jackfield_package::{FileKind, Limits, Package, PackageError, SecretKey};

use crate::{package, signed};

fn read(bytes: &[u8]) -> Result<Package, PackageError> {
    Package::from_archive(bytes, &Limits::default())
}

#[test]
fn the_same_contents_make_the_same_bytes() {
    let (one, other) = (package("1.0.0", "\"log\""), package("1.0.0", "\"log\""));
    assert_eq!(one.to_archive().unwrap(), other.to_archive().unwrap());
    assert_ne!(one.digest(), package("1.0.1", "\"log\"").digest());
    assert_ne!(one.digest(), package("1.0.0", "").digest());
}

#[test]
fn what_is_written_is_read() {
    let package = signed("1.2.0", &SecretKey::generate().unwrap());
    let again = read(&package.to_archive().unwrap()).unwrap();
    assert_eq!(again.digest(), package.digest());
    assert_eq!(again.component(), package.component());
    assert_eq!(again.manifest(), package.manifest());
    assert_eq!(again.signatures(), package.signatures());
    for kind in FileKind::ALL {
        assert_eq!(again.file(kind), package.file(kind));
        assert!(again.file(kind).is_some());
    }
}

#[test]
fn a_change_of_any_byte_is_noticed() {
    let whole = signed("1.2.0", &SecretKey::generate().unwrap()).to_archive().unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        assert!(read(&changed).is_err(), "byte {at} of {} was changed", whole.len());
    }
}

#[test]
fn bytes_that_are_missing_or_too_many_are_noticed() {
    let whole = signed("1.2.0", &SecretKey::generate().unwrap()).to_archive().unwrap();
    for end in (0..whole.len()).step_by(256) {
        assert!(read(&whole[..end]).is_err(), "the first {end} of {} bytes", whole.len());
    }
    assert!(read(&[&whole[..], &[0]].concat()).is_err());
    assert!(read(&[&whole[..], &[0; 512]].concat()).is_err());
}

#[test]
fn errors_say_what_is_wrong() {
    let whole = package("1.2.0", "").to_archive().unwrap();
    let needle = b"a component of";
    let at = whole.windows(needle.len()).position(|part| part == needle).unwrap();
    let mut changed = whole.clone();
    changed[at] = b'A';
    let component = read(&changed).unwrap_err().to_string();
    let not_tar = read(b"hello").unwrap_err().to_string();
    let limits = Limits { package_bytes: 100, ..Limits::default() };
    let large = Package::from_archive(&whole, &limits).unwrap_err().to_string();
    expect![[r#"
        the component was changed: it is sha256:f3406b5ad1f521577629c5e45c1c1ac2af4f05a731c6bc70e1020e31952d2b0e, the package says sha256:57798706f4219636290ce2655f9bc4d768e0451470e975baefe47c4603824b41
        not a package: its tar cannot be read: failed to read entire block
        the package has 15360 bytes, at most 100 are accepted"#]]
    .assert_eq(&[component, not_tar, large].join("\n"));
}
