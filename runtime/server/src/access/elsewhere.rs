//! Users whom another provider of identity vouches for.

use jackfield_store::User;

use super::people::{People, PeopleError, UserChange, accepted_name, changed, write};
use super::role::Role;

/// Somebody another provider of identity vouches for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Vouched {
    /// Issuer and subject, as `issuer subject`.
    pub external: String,
    /// The name there, which is that of our user.
    pub name: String,
    /// The name as shown.
    pub full_name: String,
}

impl People {
    /// The user of a tenant, or of the provider, whom somebody vouched for is: bound to that person at the
    /// first sign-in, or made then if `roles` are given. Durable when it returns.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Unknown`] if there is no such user, or one who may not sign in or is bound to
    /// somebody else.
    pub async fn vouched(
        &self,
        tenant: &str,
        who: Vouched,
        roles: Option<&[Role]>,
        now: u64,
    ) -> Result<User, PeopleError> {
        let name = accepted_name(&who.name)?;
        let unknown = || PeopleError::Unknown(name.clone());
        let (user, written) = {
            // Held from the look to the write: a user is bound once.
            let mut users = write(&self.users);
            let of_tenant = |user: &&User| user.tenant == tenant;
            let bound = |user: &&User| user.external.as_ref() == Some(&who.external);
            let bound = users.values().filter(of_tenant).find(bound).cloned();
            if let Some(user) = bound {
                return if user.disabled { Err(unknown()) } else { Ok(user) };
            }
            let key = (tenant.to_owned(), name.clone());
            let user = match (users.get(&key).cloned(), roles) {
                (Some(user), _) if user.disabled || user.external.is_some() => {
                    return Err(unknown());
                }
                (Some(user), _) => bound_to(user, who.external, now),
                (None, None) => return Err(unknown()),
                (None, Some(roles)) => {
                    let count = users.values().filter(of_tenant).count();
                    if self.policy.users <= count {
                        return Err(PeopleError::Full(count));
                    }
                    made(tenant, &name, who, roles, now)?
                }
            };
            let written = self.put(&user)?;
            users.insert(key, user.clone());
            (user, written)
        };
        self.durable(written).await?;
        Ok(user)
    }
}

/// A password that somebody else has given opens nothing any more.
fn bound_to(user: User, external: String, now: u64) -> User {
    let password = user.password.filter(|_| !user.must_change);
    User { external: Some(external), password, must_change: false, updated_at: now, ..user }
}

fn made(
    tenant: &str,
    name: &str,
    who: Vouched,
    roles: &[Role],
    now: u64,
) -> Result<User, PeopleError> {
    let (tenant, name) = (tenant.to_owned(), name.to_owned());
    let user = User { tenant, name, created_at: now, ..User::default() };
    let (full_name, external) = (who.full_name, Some(who.external));
    let change = UserChange { full_name, roles: roles.to_vec(), external, ..UserChange::default() };
    changed(user, change, now)
}

#[cfg(test)]
mod tests {
    use super::Vouched;
    use crate::access::{People, Policy, Role, UserChange};

    fn vouched(subject: &str, name: &str) -> Vouched {
        let (external, name) = (format!("https://id.example {subject}"), name.to_owned());
        Vouched { external, name, full_name: String::new() }
    }

    #[tokio::test]
    async fn a_user_is_bound_once_and_made_only_where_roles_are_given() {
        let people = People::open(None, Policy::default()).expect("no store");
        let change = UserChange { roles: vec![Role::Quality], ..UserChange::default() };
        people.add("acme", "vera@acme.example", change, None, 1).await.expect("added");
        let ask = async |tenant: &str, subject: &str, name: &str, roles: Option<&[Role]>| {
            let user = people.vouched(tenant, vouched(subject, name), roles, 2).await;
            user.map(|user| user.name).map_err(|error| error.to_string())
        };
        let name = || Ok("vera@acme.example".to_owned());
        let none = |name: &str| Err(format!("there is no user `{name}`"));
        // In another tenant there is no such user.
        assert_eq!(
            ask("romashka", "1", "vera@acme.example", None).await,
            none("vera@acme.example")
        );
        assert_eq!(ask("acme", "1", "Vera@acme.example", None).await, name());
        let user = people.user("acme", "vera@acme.example").expect("known");
        assert!(
            !user.must_change && user.password.is_none(),
            "the given password is none any more"
        );
        // Whatever the name is meanwhile; and who takes the name over is somebody else.
        assert_eq!(ask("acme", "1", "vera.new@acme.example", None).await, name());
        assert_eq!(ask("acme", "2", "vera@acme.example", None).await, none("vera@acme.example"));
        assert_eq!(ask("acme", "3", "ivan@acme.example", None).await, none("ivan@acme.example"));
        let roles = Some(&[Role::Agent][..]);
        assert_eq!(
            ask("acme", "3", "ivan@acme.example", roles).await,
            Ok("ivan@acme.example".to_owned())
        );
        let change =
            UserChange { disabled: true, roles: vec![Role::Agent], ..UserChange::default() };
        people.change("acme", "ivan@acme.example", change, 3).await.expect("changed");
        assert_eq!(ask("acme", "3", "ivan@acme.example", roles).await, none("ivan@acme.example"));
    }
}
