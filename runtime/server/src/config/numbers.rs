//! The number plan: which flow of which tenant takes a call.

use std::collections::BTreeMap;
use std::fmt;

use jackfield_core::TenantId;

/// A number, or all numbers with a prefix.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Pattern {
    /// This number.
    Exact(String),
    /// Every number that starts so; empty is every number.
    Prefix(String),
}

impl Pattern {
    /// Reads `100` or `37167*`, or returns `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "+-_.#*".contains(c);
        if text.is_empty() || !text.chars().all(fits) {
            return None;
        }
        match text.strip_suffix('*') {
            Some(prefix) => Some(Self::Prefix(prefix.to_owned())),
            None => Some(Self::Exact(text.to_owned())),
        }
    }

    /// Whether `dialled` is meant.
    pub fn fits(&self, dialled: &str) -> bool {
        match self {
            Self::Exact(number) => number == dialled,
            Self::Prefix(prefix) => dialled.starts_with(prefix.as_str()),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(number) => f.write_str(number),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
        }
    }
}

/// Where a call goes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Route {
    /// Whose call it is.
    pub tenant: TenantId,
    /// The tenant's flow that takes it.
    pub flow: String,
}

/// All numbers and prefixes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NumberPlan {
    routes: BTreeMap<Pattern, Route>,
}

impl NumberPlan {
    /// Adds a route; of two for the same pattern the later one counts.
    pub fn insert(&mut self, pattern: Pattern, route: Route) {
        self.routes.insert(pattern, route);
    }

    /// Returns where `dialled` goes: an exact number comes first, then the longest prefix.
    pub fn lookup(&self, dialled: &str) -> Option<&Route> {
        if let Some(route) = self.routes.get(&Pattern::Exact(dialled.to_owned())) {
            return Some(route);
        }
        let mut ends = dialled.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
        ends.push(dialled.len());
        let prefixes = ends.into_iter().rev().map(|end| dialled[..end].to_owned());
        prefixes.into_iter().find_map(|prefix| self.routes.get(&Pattern::Prefix(prefix)))
    }

    /// Returns every pattern with its route.
    pub fn iter(&self) -> impl Iterator<Item = (&Pattern, &Route)> {
        self.routes.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_number_comes_before_the_longest_prefix() {
        let mut plan = NumberPlan::default();
        for (pattern, flow) in [("100", "exact"), ("1*", "one"), ("10*", "ten"), ("*", "rest")] {
            let tenant = TenantId::new("acme").expect("a name");
            plan.insert(
                Pattern::parse(pattern).expect(pattern),
                Route { tenant, flow: flow.to_owned() },
            );
        }
        let flow = |dialled| plan.lookup(dialled).map(|route| route.flow.as_str());
        assert_eq!(flow("100"), Some("exact"));
        assert_eq!(flow("1001"), Some("ten"));
        assert_eq!(flow("12"), Some("one"));
        assert_eq!(flow("7"), Some("rest"));
    }
}
