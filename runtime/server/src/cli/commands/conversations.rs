//! `jackfield interaction create`, `interaction end`, and an agent's side of such conversations.

use std::time::SystemTime;

use clap::{Args, ValueEnum};
use hyper::Method;
use serde_json::{Value, json};

use crate::cli::args::Global;
use crate::cli::client::{Client, escaped};
use crate::cli::error::CliError;
use crate::cli::output::{object, plain, print, print_json};
use crate::cli::time::show_rfc3339;

/// What can be brought in.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ChannelArg {
    /// A web chat.
    Chat,
    /// An e-mail.
    Email,
    /// A message of a messenger.
    Message,
    /// Work without a customer at the other end.
    Task,
}

impl ChannelArg {
    const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Email => "email",
            Self::Message => "message",
            Self::Task => "task",
        }
    }
}

/// What `interaction create` is told.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// The tenant
    pub tenant: String,
    /// The queue
    pub queue: String,
    /// What it is
    #[arg(long)]
    pub channel: ChannelArg,
    /// The customer's address; only a task may be without one
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<String>,
    /// What it is about
    #[arg(long)]
    pub subject: Option<String>,
    /// Something for routers and agents to know; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub attribute: Vec<String>,
    /// A skill that the agent must have, such as russian:3; may be repeated
    #[arg(long, value_name = "NAME:LEVEL")]
    pub skill: Vec<String>,
    /// -128 to 127; higher is served earlier
    #[arg(long, allow_negative_numbers = true, default_value_t = 0)]
    pub priority: i8,
    /// When it is to be done: a moment, or from now such as 4h
    #[arg(long)]
    pub due: Option<String>,
}

/// Whom and what an agent's deed is about.
#[derive(Clone, Debug, Args)]
pub struct WorkArgs {
    /// The tenant
    pub tenant: String,
    /// The agent
    pub agent: String,
    /// The interaction [default: the only one that it can be]
    pub id: Option<String>,
}

/// What an agent does with a conversation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Deed {
    /// Accepts an offer.
    Accept,
    /// Declines an offer.
    Decline,
    /// Ends a conversation.
    End,
    /// Finishes after-call work.
    Finish,
}

fn pairs(flag: &str, given: &[String], between: char) -> Result<Vec<(String, String)>, CliError> {
    let pair = |text: &String| match text.rsplit_once(between) {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(CliError::Usage(format!("{flag} is `NAME{between}VALUE`, got `{text}`"))),
    };
    given.iter().map(pair).collect()
}

fn due(text: &str) -> Result<String, CliError> {
    match crate::config::units::parse_time(text) {
        Some(span) => Ok(show_rfc3339(SystemTime::now() + span)),
        None => crate::cli::time::moment(text, SystemTime::now()),
    }
}

/// Runs `jackfield interaction create`.
pub async fn create(client: &Client, global: &Global, args: &CreateArgs) -> Result<(), CliError> {
    let mut body = json!({
        "channel": args.channel.name(), "queue": args.queue, "priority": args.priority,
    });
    let texts = [("address", &args.from), ("subject", &args.subject)];
    for (name, value) in texts {
        if let Some(value) = value {
            body[name] = json!(value);
        }
    }
    if let Some(text) = &args.due {
        body["due"] = json!(due(text)?);
    }
    for (name, value) in pairs("--attribute", &args.attribute, '=')? {
        body["attributes"][name] = json!(value);
    }
    for (name, level) in pairs("--skill", &args.skill, ':')? {
        let level: u8 = level.parse().map_err(|_| {
            CliError::Usage(format!(
                "--skill is such as `russian:3`, with a level of 1 to 10, got `{level}`"
            ))
        })?;
        body["required"][name] = json!(level);
    }
    let path = format!("tenants/{}/interactions", escaped(&args.tenant));
    let made = client.send(Method::POST, &path, &body).await?;
    if global.json {
        return print_json(&made);
    }
    let id = made.get("id").map_or("?".to_owned(), plain);
    print(&format!("{} {id} waits in `{}`", args.channel.name(), args.queue));
    Ok(())
}

/// Runs `jackfield interaction end`.
pub async fn end(client: &Client, global: &Global, tenant: &str, id: &str) -> Result<(), CliError> {
    let path = format!("tenants/{}/interactions/{}/end", escaped(tenant), escaped(id));
    let ended = client.call(Method::POST, &path, None).await?;
    if global.json {
        return print_json(&ended);
    }
    let end = ended.get("end").map_or("?".to_owned(), plain);
    print(&format!("{id} has ended: {}", end.replace('_', " ")));
    Ok(())
}

/// Runs `jackfield agent accept`, `decline`, `end` and `finish`.
pub async fn work(
    client: &Client,
    global: &Global,
    deed: Deed,
    args: &WorkArgs,
) -> Result<(), CliError> {
    let WorkArgs { tenant, agent, id } = args;
    let path = format!("tenants/{}/agents/{}", escaped(tenant), escaped(agent));
    let id = match id {
        Some(id) => id.clone(),
        None => only(&client.get(&path).await?, deed, agent)?,
    };
    let word = match deed {
        Deed::Accept => "accept",
        Deed::Decline => "decline",
        Deed::End => "end",
        Deed::Finish => "finish",
    };
    let path = format!("{path}/interactions/{}/{word}", escaped(&id));
    let answer = client.call(Method::POST, &path, None).await?;
    if global.json {
        return print_json(&answer);
    }
    print(&object(&answer));
    Ok(())
}

/// The only interaction of the agent that the deed can be about.
fn only(known: &Value, deed: Deed, agent: &str) -> Result<String, CliError> {
    let text = |work: &Value, key: &str| work.get(key).map(plain).unwrap_or_default();
    let works = known.get("works").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let over = |work: &&Value| text(work, "state") == "wrapping_up";
    let (found, what): (Vec<&Value>, _) = match deed {
        Deed::Accept | Deed::Decline => {
            (known.get("offer").filter(|offer| !offer.is_null()).into_iter().collect(), "offers")
        }
        Deed::End => (works.iter().filter(|work| !over(work)).collect(), "conversations"),
        Deed::Finish => (works.iter().filter(over).collect(), "conversations to finish"),
    };
    match &found[..] {
        [one] => Ok(text(one, "interaction")),
        [] => Err(CliError::Usage(format!("`{agent}` has no {what}"))),
        several => {
            let names: Vec<String> = several.iter().map(|work| text(work, "interaction")).collect();
            Err(CliError::Usage(format!("`{agent}` has {}: name one", names.join(", "))))
        }
    }
}

/// `jackfield interaction write`
pub async fn write(
    client: &Client,
    tenant: &str,
    id: &str,
    text: &str,
    agent: Option<&str>,
) -> Result<(), CliError> {
    let path = format!("tenants/{}/interactions/{}/messages", escaped(tenant), escaped(id));
    client.send(Method::POST, &path, &json!({ "text": text, "agent": agent })).await?;
    Ok(())
}

/// `jackfield interaction transcript`
pub async fn transcript(
    client: &Client,
    global: &Global,
    tenant: &str,
    id: &str,
    file: &std::path::Path,
) -> Result<(), CliError> {
    let path = format!("tenants/{}/interactions/{}/transcript", escaped(tenant), escaped(id));
    let body = ("application/json", super::read(file)?);
    let answer = client.call(Method::POST, &path, Some(body)).await?;
    if global.json {
        return print_json(&answer);
    }
    print(&crate::cli::story::story(&answer));
    Ok(())
}
