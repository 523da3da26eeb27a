//! What a script sees of a question, and the functions that read it.

use jackfield_sdk::order::Lots;
use jackfield_sdk::router::{Ask, Candidate, QueueView};
use jackfield_sdk::{Attribute, SkillLevel};
use rhai::{Dynamic, Engine, FLOAT, INT, Map};
use rhai_script::{Reply, kind, wrong};

/// Adds the functions: they give 0 or an empty text for what is missing.
pub fn register(engine: &mut Engine) {
    engine.register_fn("skill", |agent: &mut Map, name: &str| -> Reply<INT> {
        let found = inner(agent, "skill", "skills", name)?;
        Ok(found.as_int().unwrap_or(0))
    });
    engine.register_fn("rank", |agent: &mut Map, queue: &str| -> Reply<INT> {
        let found = inner(agent, "rank", "ranks", queue)?;
        Ok(found.as_int().unwrap_or(0))
    });
    engine.register_fn("attribute", |of: &mut Map, name: &str| -> Reply<String> {
        let found = inner(of, "attribute", "attributes", name)?;
        Ok(found.into_string().unwrap_or_default())
    });
    engine.register_fn("number", |text: &str, otherwise: Dynamic| -> Reply<Dynamic> {
        match (text.trim().parse::<INT>(), text.trim().parse::<FLOAT>()) {
            (Ok(whole), _) => Ok(whole.into()),
            (_, Ok(number)) if number.is_finite() => Ok(number.into()),
            _ => Ok(otherwise),
        }
    });
}

/// The value of a name in a map within a map.
fn inner(of: &Map, function: &str, field: &str, name: &str) -> Reply<Dynamic> {
    let Some(map) = of.get(field).and_then(|field| field.read_lock::<Map>()) else {
        let found = of.get(field).map_or("nothing", kind);
        return wrong(format!(
            "`{function}` reads `{field}` of an agent or a contact: {found} there"
        ));
    };
    Ok(map.get(name).cloned().unwrap_or_default())
}

/// The contact, with its queue and the others.
pub fn contact(ask: &Ask, lots: &mut Lots) -> Map {
    let contact = &ask.contact;
    let others = ask.others.iter().map(|other| (other.queue.as_str().into(), queue(other).into()));
    map([
        ("id", contact.id.as_str().into()),
        ("channel", contact.channel.name().into()),
        ("queue", contact.queue.as_str().into()),
        ("waited", seconds(contact.waited_ms)),
        ("priority", INT::from(contact.priority).into()),
        ("step", INT::from(contact.step).into()),
        ("required", levels(&contact.required).into()),
        ("preferred", levels(&contact.preferred).into()),
        ("attributes", texts(&contact.attributes).into()),
        ("settings", texts(&ask.queue.attributes).into()),
        ("line", queue(&ask.queue).into()),
        ("others", others.collect::<Map>().into()),
        ("now", ask.now_seconds.into()),
        ("random", random(lots)),
    ])
}

/// An agent.
pub fn agent(agent: &Candidate, lots: &mut Lots) -> Map {
    let ranks = agent.ranks.iter();
    let ranks = ranks.map(|ranked| (ranked.queue.as_str().into(), INT::from(ranked.rank).into()));
    map([
        ("name", agent.agent.as_str().into()),
        ("level", INT::from(agent.level).into()),
        ("skills", levels(&agent.skills).into()),
        ("idle", seconds(agent.idle_ms)),
        ("contacts", INT::from(agent.contacts).into()),
        ("talk", INT::from(agent.talk_seconds).into()),
        ("load", INT::from(agent.load).into()),
        ("ranks", ranks.collect::<Map>().into()),
        ("attributes", texts(&agent.attributes).into()),
        ("random", random(lots)),
    ])
}

fn queue(view: &QueueView) -> Map {
    map([
        ("waiting", INT::from(view.waiting).into()),
        ("longest_wait", seconds(view.longest_wait_ms)),
        ("ready", INT::from(view.agents_ready).into()),
        ("busy", INT::from(view.agents_busy).into()),
        ("counted", INT::from(view.counted).into()),
        ("service_level", view.service_level.into()),
        ("target", view.target_share.into()),
        ("within", seconds(view.target_within_ms)),
        ("last_offered", view.last_offered.clone().unwrap_or_default().into()),
    ])
}

fn map<const N: usize>(fields: [(&str, Dynamic); N]) -> Map {
    fields.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

fn levels(skills: &[SkillLevel]) -> Map {
    let all = skills.iter();
    all.map(|skill| (skill.name.as_str().into(), INT::from(skill.level).into())).collect()
}

fn texts(attributes: &[Attribute]) -> Map {
    let all = attributes.iter();
    all.map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect()
}

fn seconds(ms: u32) -> Dynamic {
    (FLOAT::from(ms) / 1_000.0).into()
}

/// From 0 up to 1, in steps of 2⁻³²: exact.
fn random(lots: &mut Lots) -> Dynamic {
    (lots.below(1 << 32) as FLOAT / (1_u64 << 32) as FLOAT).into()
}
