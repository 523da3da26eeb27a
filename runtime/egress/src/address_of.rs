//! Reads URLs: what RFC 3986 calls an absolute http or https URI, and nothing more lenient.
//!
//! Browsers accept much more (backslashes, `0x7f.1`, letters of other scripts that fold to a dot), and
//! each leniency is a way to make two readers see two hosts. Here a host is a name of letters, digits
//! and hyphens whose last label is no number, an IPv4 address in four decimal parts, or an IPv6 address
//! in brackets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest URL.
const URL_BYTES_MAX: usize = 4 << 10;

/// Where a request goes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// In lower case, without a dot at the end; an IPv6 address in brackets.
    pub host: String,
    pub port: u16,
    pub tls: bool,
    /// With the query, beginning with `/`.
    pub path: String,
}

impl Target {
    /// Reads and judges a URL.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = |why: &str| Err(format!("the URL {why}"));
        if URL_BYTES_MAX < text.len() {
            return bad("has more than 4096 bytes");
        }
        if text.contains("{{secret:") {
            return bad("has a secret in it, which would end up in logs: put it into a header");
        }
        if let Some(odd) =
            text.chars().find(|c| !c.is_ascii_graphic() || "\\\"<>^`{|}".contains(*c))
        {
            return bad(&format!("has {odd:?} in it: write it percent-encoded"));
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return bad("does not begin with `https://` or `http://`");
        };
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            other => {
                return bad(&format!("begins with `{other}`: `https` and `http` are accepted"));
            }
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return bad("has a user's name in it: put what identifies you into a header");
        }
        let (host, port) = match authority.rsplit_once(':') {
            // An IPv6 address has colons of its own.
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let port = match port {
            None => {
                if tls {
                    443
                } else {
                    80
                }
            }
            Some(port) => match port.parse() {
                Ok(port) if port != 0 => port,
                _ => return bad("has a port that is none"),
            },
        };
        let Some(host) = host_name(host) else {
            return bad("has no host that can be reached: a name, or an address in the usual form");
        };
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { host, port, tls, path })
    }

    /// The address, if the host is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.trim_matches(['[', ']']).parse().ok()
    }
}

/// Returns a host in its one spelling.
pub fn host_name(text: &str) -> Option<String> {
    if let Some(six) = text.strip_prefix('[') {
        let six: Ipv6Addr = six.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{six}]"));
    }
    // `example.com.` is the same host, said completely.
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    let last = name.rsplit('.').next()?;
    let number = last.bytes().all(|c| c.is_ascii_digit()) || last.starts_with("0x");
    if number {
        let four: Ipv4Addr = name.parse().ok()?;
        return Some(four.to_string());
    }
    let fits = |label: &str| {
        let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (name.len() <= 253 && name.split('.').all(fits)).then_some(name)
}
