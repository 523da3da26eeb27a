//! Which hosts a plugin may reach.

use std::fmt;

use crate::address_of::host_name;

/// One entry of the list: `api.example.com`, `*.example.com`, either with `:port`.
///
/// Without a port it is `https` on 443 and nothing else; with one it is that port, by `https` or
/// `http`. A wildcard stands for one or more labels, not for none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HostRule {
    name: String,
    below: bool,
    port: Option<u16>,
}

impl HostRule {
    /// Reads an entry.
    ///
    /// # Errors
    ///
    /// What would be accepted.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = || {
            format!(
                "`{text}` is no host: `api.example.com`, `*.example.com`, or either with `:port` is accepted"
            )
        };
        let (host, port) = match text.rsplit_once(':') {
            // An IPv6 address has colons of its own and stands in brackets.
            Some((host, port)) if !port.contains(']') => {
                (host, Some(port.parse().ok().filter(|port| *port != 0).ok_or_else(bad)?))
            }
            _ => (text, None),
        };
        let (host, below) = match host.strip_prefix("*.") {
            Some(rest) => (rest, true),
            None => (host, false),
        };
        // The same reading as of URLs, so that both are spelled alike.
        let name = host_name(host).ok_or_else(bad)?;
        let address = name.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok();
        // A wildcard over a whole top-level domain is a mistake.
        if below && (address || !name.contains('.')) {
            return Err(bad());
        }
        Ok(Self { name, below, port })
    }

    /// Tells whether it lets `host` be reached on `port`.
    pub fn allows(&self, host: &str, port: u16, tls: bool) -> bool {
        let named = match self.below {
            false => host == self.name,
            true => host
                .strip_suffix(&self.name)
                .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        };
        named && self.port.map_or(tls && port == 443, |wanted| wanted == port)
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let below = if self.below { "*." } else { "" };
        write!(f, "{below}{}", self.name)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}
