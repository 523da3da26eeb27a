//! Addresses that plugins may not reach: everything that is not a host of the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::network::Network;

/// Where clouds tell their machines who they are and hand out credentials. Opened by nothing.
const METADATA_V4: [Ipv4Addr; 3] = [
    Ipv4Addr::new(169, 254, 169, 254),
    // Alibaba Cloud.
    Ipv4Addr::new(100, 100, 100, 200),
    // Azure's wire server.
    Ipv4Addr::new(168, 63, 129, 16),
];
/// Amazon's, in a network that is private anyhow.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254);

/// IPv4 networks that are none of the public internet's (IANA's registry of special purposes, RFC
/// 6890 and its successors).
const REFUSED_V4: [([u8; 4], u8, &str); 16] = [
    ([0, 0, 0, 0], 8, "unspecified"),
    ([10, 0, 0, 0], 8, "private"),
    ([100, 64, 0, 0], 10, "shared by a carrier"),
    ([127, 0, 0, 0], 8, "loopback"),
    ([169, 254, 0, 0], 16, "link-local"),
    ([172, 16, 0, 0], 12, "private"),
    ([192, 0, 0, 0], 24, "reserved"),
    ([192, 0, 2, 0], 24, "for documentation"),
    ([192, 88, 99, 0], 24, "a 6to4 relay"),
    ([192, 168, 0, 0], 16, "private"),
    ([198, 18, 0, 0], 15, "for benchmarks"),
    ([198, 51, 100, 0], 24, "for documentation"),
    ([203, 0, 113, 0], 24, "for documentation"),
    ([224, 0, 0, 0], 4, "multicast"),
    ([240, 0, 0, 0], 4, "reserved"),
    ([255, 255, 255, 255], 32, "broadcast"),
];

/// IPv6 networks within the part that is public.
const REFUSED_V6: [(Ipv6Addr, u32, &str); 5] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, "a Teredo tunnel"),
    (Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48, "for benchmarks"),
    (Ipv6Addr::new(0x2001, 0x10, 0, 0, 0, 0, 0, 0), 27, "an identifier, not an address"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "for documentation"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "for documentation"),
];

/// Says why plugins may not reach `address`; `None` if they may. `allowed` are networks that the
/// operator has opened; the addresses at which clouds hand out credentials stay closed in them.
pub fn refused_address(address: IpAddr, allowed: &[Network]) -> Option<&'static str> {
    // An address within another one is judged as the one that is reached in the end.
    let meant = match address {
        IpAddr::V6(six) => inner(six).map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    };
    let metadata = match meant {
        IpAddr::V4(four) => METADATA_V4.contains(&four),
        IpAddr::V6(six) => six == METADATA_V6,
    };
    if metadata {
        return Some("a cloud's own service");
    }
    if allowed.iter().any(|network| network.contains(meant)) {
        return None;
    }
    match meant {
        IpAddr::V4(four) => refused_v4(four),
        IpAddr::V6(six) => refused_v6(six),
    }
}

/// The IPv4 address that stands within an IPv6 address: mapped, translated (NAT64) or tunnelled
/// (6to4).
fn inner(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = address.to_bits();
    let last = Ipv4Addr::from_bits(bits as u32);
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, ..] => Some(last),
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(last),
        [0x2002, ..] => Some(Ipv4Addr::from_bits((bits >> 80) as u32)),
        _ => None,
    }
}

fn refused_v4(address: Ipv4Addr) -> Option<&'static str> {
    let within = |&&(base, bits, _): &&([u8; 4], u8, &str)| {
        let differ = Ipv4Addr::from(base).to_bits() ^ address.to_bits();
        differ.leading_zeros() >= u32::from(bits)
    };
    REFUSED_V4.iter().find(within).map(|(_, _, why)| *why)
}

fn refused_v6(address: Ipv6Addr) -> Option<&'static str> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => return Some("unspecified"),
        [0, 0, 0, 0, 0, 0, 0, 1] => return Some("loopback"),
        [0, 0, 0, 0, 0, 0, ..] => return Some("IPv4-compatible, which is no longer in use"),
        [first, ..] if first & 0xfe00 == 0xfc00 => return Some("private"),
        [first, ..] if first & 0xffc0 == 0xfe80 => return Some("link-local"),
        [first, ..] if first & 0xffc0 == 0xfec0 => return Some("site-local"),
        [first, ..] if first & 0xff00 == 0xff00 => return Some("multicast"),
        // All that has been given to anybody so far.
        [first, ..] if first & 0xe000 != 0x2000 => return Some("reserved"),
        _ => {}
    }
    let within = |&&(base, bits, _): &&(Ipv6Addr, u32, &str)| {
        (base.to_bits() ^ address.to_bits()).leading_zeros() >= bits
    };
    REFUSED_V6.iter().find(within).map(|(_, _, why)| *why)
}
