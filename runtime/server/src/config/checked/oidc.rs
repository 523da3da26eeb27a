//! Other providers of identity.

use std::collections::BTreeMap;

use jackfield_core::TenantId;

use super::tenants::Tenants;
use super::{Checker, join, raw};
use crate::access::Role;
use crate::oidc::{OidcConfig, check_address};

impl Checker<'_> {
    /// Builds `[oidc]`.
    pub(super) fn oidc(
        &mut self,
        raw: BTreeMap<String, raw::Oidc>,
        tenants: &Tenants,
    ) -> Vec<OidcConfig> {
        let one = |(name, raw)| self.provider(name, raw, tenants);
        raw.into_iter().filter_map(one).collect()
    }

    fn provider(&mut self, name: String, raw: raw::Oidc, tenants: &Tenants) -> Option<OidcConfig> {
        let key = join("oidc", &name);
        let (issuer, client_id) = (raw.issuer?, raw.client_id?);
        for (what, address) in [("issuer", Some(&issuer)), ("url", raw.url.as_ref())] {
            if let Some(Err(why)) = address.map(|address| check_address(address)) {
                self.problem(&format!("{key}.{what}"), why);
            }
        }
        if let Some(tenant) = &raw.tenant
            && !TenantId::new(tenant).is_ok_and(|id| tenants.contains_key(&id))
        {
            let names = tenants.keys().map(TenantId::as_str);
            self.unknown(&format!("{key}.tenant"), "tenant", tenant, names);
        }
        let roles: Option<Vec<Role>> =
            raw.roles.map(|all| all.iter().filter_map(|name| Role::named(name)).collect());
        let fits = |role: &Role| (*role == Role::Provider) == raw.tenant.is_none();
        if roles.as_ref().is_some_and(|all| !all.iter().all(fits)) {
            let key = format!("{key}.roles");
            self.problem(
                &key,
                "`provider` is the role of users without a tenant, and theirs alone",
            );
        }
        Some(OidcConfig {
            label: raw.label.unwrap_or_else(|| name.clone()),
            name,
            issuer,
            client_id,
            client_secret: raw.client_secret,
            scopes: raw.scopes,
            tenant: raw.tenant.unwrap_or_default(),
            roles,
            claim: raw.claim,
            url: raw.url,
        })
    }
}
