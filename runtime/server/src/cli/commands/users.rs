//! `jackfield user`

use hyper::Method;
use serde_json::{Value, json};

use super::items;
use crate::cli::args::{Global, UserCommand};
use crate::cli::client::escaped;
use crate::cli::error::CliError;
use crate::cli::output::{plain, print, print_json, table};

/// Runs `jackfield user`.
pub async fn run(global: &Global, command: &UserCommand) -> Result<(), CliError> {
    let client = crate::cli::client(global)?;
    let all = |tenant: &Option<String>| match tenant {
        Some(tenant) => format!("tenants/{}/users", escaped(tenant)),
        None => "users".to_owned(),
    };
    let one = |tenant: &Option<String>, user: &str| format!("{}/{}", all(tenant), escaped(user));
    let (answer, said) = match command {
        UserCommand::List { tenant } => {
            let answer = client.get(&all(tenant)).await?;
            let said = users(&answer);
            (answer, said)
        }
        UserCommand::Add { tenant, user, roles, full_name, agent, password_stdin } => {
            let mut body = json!({ "name": user, "roles": roles });
            if let Some(full_name) = full_name {
                body["full_name"] = json!(full_name);
            }
            if let Some(agent) = agent {
                body["agent"] = json!(agent);
            }
            if *password_stdin {
                body["password"] = json!(password()?);
            }
            let answer = client.send(Method::POST, &all(tenant), &body).await?;
            let said = told(&answer, "was added");
            (answer, said)
        }
        UserCommand::Reset { tenant, user } => {
            let path = format!("{}/reset", one(tenant, user));
            let answer = client.send(Method::POST, &path, &json!({})).await?;
            let said = told(&answer, "is signed out everywhere");
            (answer, said)
        }
        UserCommand::Remove { tenant, user } => {
            let answer = client.call(Method::DELETE, &one(tenant, user), None).await?;
            (answer, format!("`{user}` was removed and is signed out"))
        }
    };
    if global.json {
        return print_json(&answer);
    }
    print(&said);
    Ok(())
}

/// The first line of the standard input.
fn password() -> Result<String, CliError> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(|error| CliError::failed(format!("cannot read the password: {error}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn told(answer: &Value, what: &str) -> String {
    let name = answer.pointer("/user/name").map_or("-".to_owned(), plain);
    match answer.get("password").and_then(Value::as_str) {
        Some(password) => {
            format!("`{name}` {what}; the password, to be changed at the first sign-in: {password}")
        }
        None => format!("`{name}` {what}"),
    }
}

fn users(answer: &Value) -> String {
    let cell = |user: &Value, key: &str| user.get(key).map_or("-".to_owned(), plain);
    let row = |user: &Value| {
        let roles = user.get("roles").and_then(Value::as_array).into_iter().flatten();
        let roles: Vec<String> = roles.map(plain).collect();
        let yes = |key: &str| {
            if user.get(key).and_then(Value::as_bool) == Some(true) { "yes" } else { "no" }
                .to_owned()
        };
        vec![
            cell(user, "name"),
            cell(user, "full_name"),
            roles.join(" "),
            cell(user, "agent"),
            yes("totp"),
            yes("disabled"),
        ]
    };
    let rows: Vec<_> = items(answer).iter().map(row).collect();
    if rows.is_empty() {
        return "no users: jackfield user add --tenant TENANT NAME --role ROLE".to_owned();
    }
    table(&["USER", "NAME", "ROLES", "AGENT", "CODES", "DISABLED"], &rows)
}
