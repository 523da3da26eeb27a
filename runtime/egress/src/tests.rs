//! The parts that decide, without a network.

use std::collections::BTreeMap;
use std::net::IpAddr;

mod wire;

use crate::address_of::Target;
use crate::{HostRule, Network, refused_address, secrets};

#[track_caller]
fn refused(text: &str) -> Option<&'static str> {
    refused_address(text.parse::<IpAddr>().unwrap(), &[])
}

#[test]
fn what_is_not_public_is_refused_in_every_spelling() {
    for address in [
        "0.0.0.0",
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "169.254.1.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "100.100.100.200",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001::1",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "100::1",
    ] {
        assert!(refused(address).is_some(), "{address}");
    }
    for address in [
        "1.1.1.1",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700::1111",
        "::ffff:1.1.1.1",
        "64:ff9b::1.1.1.1",
        "2002:101:101::1",
    ] {
        assert_eq!(refused(address), None, "{address}");
    }
}

#[test]
fn an_operator_opens_networks_but_never_where_credentials_are_handed_out() {
    let open: Vec<Network> = ["10.0.0.0/8", "169.254.0.0/16", "fd00::/8"]
        .iter()
        .filter_map(|text| Network::parse(text))
        .collect();
    let refused = |text: &str| refused_address(text.parse().unwrap(), &open).is_some();
    assert!(!refused("10.1.2.3") && !refused("::ffff:10.1.2.3") && !refused("fd12::1"));
    assert!(
        refused("169.254.169.254") && refused("::ffff:169.254.169.254") && refused("fd00:ec2::254")
    );
    assert!(refused("192.168.0.1"));
}

#[test]
fn hosts_are_exact_or_below_a_name() {
    let allows =
        |rule: &str, host: &str, port, tls| HostRule::parse(rule).unwrap().allows(host, port, tls);
    assert!(allows("api.example.com", "api.example.com", 443, true));
    assert!(!allows("api.example.com", "api.example.com", 80, false));
    assert!(!allows("api.example.com", "xapi.example.com", 443, true));
    assert!(allows("*.example.com", "a.b.example.com", 443, true));
    assert!(!allows("*.example.com", "example.com", 443, true));
    assert!(!allows("*.example.com", "evilexample.com", 443, true));
    assert!(allows("crm.local.test:8069", "crm.local.test", 8069, false));
    for bad in ["", "*", "*.com", "a b", "host:0", "*.10.0.0.1", "http://x.example"] {
        assert!(HostRule::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn urls_have_one_reading() {
    let host = |text: &str| Target::parse(text).map(|target| (target.host, target.port));
    assert_eq!(host("HTTPS://API.Example.com./x?y#z"), Ok(("api.example.com".to_owned(), 443)));
    assert_eq!(host("http://[::1]:8080"), Ok(("[::1]".to_owned(), 8080)));
    for bad in [
        "ftp://a.example",
        "https://",
        "https://user@a.example",
        "https://a.example\\@b.example",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://a..example/",
        "https://a.example:0/",
        "//a.example",
        "https://a.example/{{secret:x}}",
    ] {
        assert!(host(bad).is_err(), "{bad}");
    }
}

#[test]
fn secrets_go_out_and_do_not_come_back() {
    let all = BTreeMap::from([("key".to_owned(), "s3cret".to_owned())]);
    let mut used = Vec::new();
    let sent = secrets::put_in(b"a {{secret:key}} b {{secret", &all, &mut used).unwrap();
    assert_eq!(sent, b"a s3cret b {{secret");
    assert_eq!(secrets::hide(b"s3crets3cret x".to_vec(), &used), b"[secret][secret] x");
    assert_eq!(secrets::put_in(b"{{secret:other}}", &all, &mut used), Err("other".to_owned()));
}
