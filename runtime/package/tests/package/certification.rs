//! Certification reports: one form, about one component, compared place by place.

use std::collections::BTreeMap;

use expect_test::expect;
use jackfield_package::{Certification, Contents, FileKind, Index, Package, Surface, differences};

use crate::{certification, package, plugin_toml};

#[test]
fn a_report_has_one_form() {
    let report = certification(b"x");
    let bytes = report.to_bytes().unwrap();
    assert_eq!(Certification::parse(&bytes).unwrap(), report);
    expect![[r#"{"contract":"0.2","cost":{"fresh_fuel":{"max":1000,"p50":500,"p99":990},"memory_bytes":1179648,"warm_fuel":{"max":3,"p50":2,"p99":3}},"decisions":19000,"digest":"sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881","format":1,"limits":{"fuel":50000000,"memory_bytes":67108864},"properties":[{"checked":38000,"meaning":"no call traps","name":"no-trap"}],"refused":0,"seed":1,"settings":{},"tool":"jackfield 0.1.0","world":"router","worlds":1000}"#]]
    .assert_eq(&String::from_utf8(bytes).unwrap());
}

#[test]
fn a_report_on_another_component_is_not_packed() {
    let files = BTreeMap::from([
        (FileKind::Manifest, plugin_toml("1.0.0", "").into_bytes()),
        (FileKind::Certification, certification(b"another").to_bytes().unwrap()),
    ]);
    let pack = |files: &BTreeMap<FileKind, Vec<u8>>| {
        let (component, surface) = (b"one".to_vec(), Surface::default());
        Package::pack(Contents { component, surface, files: files.clone() })
    };
    expect!["certification.json: it is about sha256:ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5, the component is sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed: certify it again"].assert_eq(&pack(&files).unwrap_err().to_string());
    let mut broken = files.clone();
    broken.insert(FileKind::Certification, b"{\"format\":1}".to_vec());
    expect!["certification.json: missing field `digest` at line 1 column 12"]
        .assert_eq(&pack(&broken).unwrap_err().to_string());
    let mut later = certification(b"one");
    later.format = 2;
    broken.insert(FileKind::Certification, later.to_bytes().unwrap());
    expect!["certification.json: it has the form 2, 1 is accepted"]
        .assert_eq(&pack(&broken).unwrap_err().to_string());
}

#[test]
fn a_catalogue_says_who_is_certified() {
    let package = package("1.0.0", "");
    let mut index = Index::default();
    index.list(&package, "registry.example/plugins/sample");
    let certified = index.packages[0].certified.as_deref();
    assert_eq!(certified, Some("1000 worlds from seed 1, 19000 decisions, by jackfield 0.1.0"));
}

#[test]
fn differences_are_told_place_by_place() {
    let one = certification(b"x");
    let mut other = one.clone();
    assert!(differences(&one, &other).is_empty());
    other.decisions += 1;
    other.properties[0].checked = 7;
    other.cost.warm_fuel = None;
    other.settings.insert("order".to_owned(), "anna".to_owned());
    expect![[r#"
        /cost/warm_fuel: {"max":3,"p50":2,"p99":3}, now null
        /decisions: 19000, now 19001
        /properties/0/checked: 38000, now 7
        /settings/order: null, now "anna""#]]
    .assert_eq(&differences(&one, &other).join("\n"));
}
