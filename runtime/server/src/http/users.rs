//! Users of a tenant, and those of the provider, who have none.

use serde::Deserialize;
use serde_json::{Value, json};

use jackfield_store::User;

use super::auth::forbidden;
use super::call::{Answer, Call, created, done, ok};
use super::problem::Problem;
use super::session::{moment, refusal};
use super::view::Page;
use crate::access::{Rights, Role, UserChange, rights_of};
use crate::tenant::now;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToAdd {
    name: String,
    #[serde(default)]
    full_name: String,
    roles: Vec<String>,
    #[serde(default)]
    agent: Option<String>,
    #[serde(default)]
    password: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToChange {
    #[serde(default)]
    full_name: String,
    roles: Vec<String>,
    #[serde(default)]
    agent: Option<String>,
    #[serde(default)]
    disabled: bool,
}

fn view(user: &User) -> Value {
    json!({
        "name": user.name,
        "full_name": user.full_name,
        "roles": user.roles,
        "agent": user.agent,
        "disabled": user.disabled,
        "must_change": user.must_change,
        "totp": user.totp.is_some(),
        "external": user.external.is_some(),
        "created_at": moment(user.created_at),
        "updated_at": moment(user.updated_at),
    })
}

fn added(user: &User, password: Option<String>) -> Value {
    json!({ "user": view(user), "password": password })
}

/// The tenant of the path; empty for the provider's users.
fn tenant(call: &Call) -> &str {
    call.name("tenant")
}

fn roles(names: &[String]) -> Result<Vec<Role>, Problem> {
    let role = |name: &String| {
        Role::named(name).ok_or_else(|| {
            let all: Vec<_> = Role::ALL.iter().map(|role| format!("`{}`", role.name())).collect();
            Problem::invalid("roles", format!("{} are accepted, got `{name}`", all.join(", ")))
        })
    };
    names.iter().map(role).collect()
}

/// Refuses an agent that the tenant does not have.
fn agent(call: &Call, agent: Option<String>) -> Result<Option<String>, Problem> {
    let Some(agent) = agent.filter(|agent| !agent.is_empty()) else { return Ok(None) };
    if call.tenant.is_some() {
        let known = call.tenant()?.center();
        if !known.agents.keys().any(|one| one.as_str() == agent) {
            return Err(Problem::invalid("agent", format!("there is no agent `{agent}`")));
        }
    }
    Ok(Some(agent))
}

/// Nobody gives or takes rights that they do not have.
fn no_more_than_own(call: &Call, rights: Rights) -> Result<(), Problem> {
    if rights.within(call.principal.rights()) {
        return Ok(());
    }
    Err(forbidden("the user has rights that you do not have"))
}

/// `GET /users`
pub fn list(call: Call) -> Answer {
    Box::pin(async move {
        let users = call.front.centre.people().of_tenant(tenant(&call));
        ok(&Page::whole(users.iter().map(view).collect()))
    })
}

/// `GET /users/{user}`
pub fn show(call: Call) -> Answer {
    Box::pin(async move {
        let user = call.front.centre.people().user(tenant(&call), call.name("user"));
        ok(&view(&user.map_err(refusal)?))
    })
}

/// `POST /users`
pub fn add(call: Call) -> Answer {
    Box::pin(async move {
        let ToAdd { name, full_name, roles: named, agent: which, password } = call.json()?;
        let (roles, agent) = (roles(&named)?, agent(&call, which)?);
        let all = roles.iter().fold(Rights::default(), |all, role| all.with(role.rights()));
        no_more_than_own(&call, all)?;
        let change = UserChange { full_name, roles, agent, external: None, disabled: false };
        let people = call.front.centre.people();
        let done = people.add(tenant(&call), &name, change, password, now().as_micros()).await;
        let (user, password) = done.map_err(refusal)?;
        let by = call.principal.name();
        tracing::info!(tenant = user.tenant, user = user.name, by, "a user was added");
        let location = match tenant(&call) {
            "" => format!("/api/v1/users/{}", user.name),
            tenant => format!("/api/v1/tenants/{tenant}/users/{}", user.name),
        };
        created(&location, &added(&user, password))
    })
}

/// The user of the path, if whoever asks may change one with such rights.
fn theirs(call: &Call) -> Result<User, Problem> {
    let user = call.front.centre.people().user(tenant(call), call.name("user"));
    let user = user.map_err(refusal)?;
    no_more_than_own(call, rights_of(&user))?;
    Ok(user)
}

/// `PUT /users/{user}`
pub fn change(call: Call) -> Answer {
    Box::pin(async move {
        let before = theirs(&call)?;
        let ToChange { full_name, roles: named, agent: which, disabled } = call.json()?;
        let (roles, agent) = (roles(&named)?, agent(&call, which)?);
        let all = roles.iter().fold(Rights::default(), |all, role| all.with(role.rights()));
        no_more_than_own(&call, all)?;
        let change = UserChange { full_name, roles, agent, external: before.external, disabled };
        let people = call.front.centre.people();
        let done = people.change(tenant(&call), &before.name, change, now().as_micros()).await;
        ok(&view(&done.map_err(refusal)?))
    })
}

/// `DELETE /users/{user}`
pub fn remove(call: Call) -> Answer {
    Box::pin(async move {
        let user = theirs(&call)?;
        let people = call.front.centre.people();
        people.remove(tenant(&call), &user.name).await.map_err(refusal)?;
        let by = call.principal.name();
        tracing::info!(tenant = user.tenant, user = user.name, by, "a user was removed");
        Ok(done())
    })
}

/// `POST /users/{user}/reset`
pub fn reset(call: Call) -> Answer {
    Box::pin(async move {
        let user = theirs(&call)?;
        let people = call.front.centre.people();
        let done = people.reset(tenant(&call), &user.name, now().as_micros()).await;
        let (user, password) = done.map_err(refusal)?;
        ok(&added(&user, Some(password)))
    })
}
