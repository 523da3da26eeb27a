//! From rhai's values to the contract's, with errors that name what would be accepted.

use jackfield_sdk::SkillLevel;
use jackfield_sdk::flow::{CallbackOptions, GatherOptions, Prompt, QueueOptions, SessionError};
use rhai::{Array, Dynamic, EvalAltResult, Map, Position};

use rhai_script::kind;
pub use rhai_script::{Reply, wrong};

/// An error of the session. The customer's end is none for the script: it stops, uncatchably.
pub fn refused<T>(error: SessionError) -> Reply<T> {
    match error {
        SessionError::Ended => {
            Err(Box::new(EvalAltResult::ErrorTerminated(Dynamic::UNIT, Position::NONE)))
        }
        SessionError::UnknownName(name) => {
            wrong(format!("there is no prompt, queue, language or destination `{name}`"))
        }
        SessionError::NotPossible(why) => wrong(format!("not possible: {why}")),
        SessionError::Limit(which) => wrong(format!("limit reached: {which}")),
    }
}

/// A span in seconds, whole or not, as milliseconds.
pub fn millis(name: &str, value: &Dynamic) -> Reply<u32> {
    let seconds = match (value.as_int(), value.as_float()) {
        (Ok(whole), _) => whole as f64,
        (_, Ok(seconds)) => seconds,
        _ => return wrong(format!("`{name}` is a number of seconds, not {}", kind(value))),
    };
    if !(0.0..=86_400.0).contains(&seconds) {
        return wrong(format!("`{name}` must be 0 to 86400 seconds, got {seconds}"));
    }
    Ok((seconds * 1_000.0) as u32)
}

/// A whole number from `min` to `max`.
pub fn number(name: &str, value: &Dynamic, min: i64, max: i64) -> Reply<i64> {
    match value.as_int() {
        Ok(number) if (min..=max).contains(&number) => Ok(number),
        Ok(number) => wrong(format!("`{name}` must be {min} to {max}, got {number}")),
        Err(_) => wrong(format!("`{name}` is a whole number, not {}", kind(value))),
    }
}

/// A text.
pub fn text(name: &str, value: &Dynamic) -> Reply<String> {
    match value.clone().into_string() {
        Ok(text) => Ok(text),
        Err(_) => wrong(format!("`{name}` is a text, not {}", kind(value))),
    }
}

/// Prompts: a text, `#{ play: "name" }`, `#{ pause: seconds }`, or a list of these.
pub fn prompts(value: &Dynamic) -> Reply<Vec<Prompt>> {
    if let Ok(text) = value.clone().into_string() {
        return Ok(if text.is_empty() { Vec::new() } else { vec![Prompt::Text(text)] });
    }
    if let Some(list) = value.read_lock::<Array>() {
        let mut all = Vec::new();
        for one in list.iter() {
            all.extend(prompts(one)?);
        }
        return Ok(all);
    }
    if let Some(map) = value.read_lock::<Map>() {
        check_keys("a prompt", &map, &["say", "play", "pause"])?;
        let mut all = Vec::new();
        for (key, value) in map.iter() {
            all.push(match key.as_str() {
                "say" => Prompt::Text(text("say", value)?),
                "play" => Prompt::Named(text("play", value)?),
                _ => Prompt::PauseMs(millis("pause", value)?),
            });
        }
        return Ok(all);
    }
    let found = kind(value);
    wrong(format!("a prompt is a text, #{{ play: \"name\" }} or a list of these, not {found}"))
}

/// The keys of a menu: of a map of choices, or a list of keys.
pub fn keys(choices: &Dynamic) -> Reply<Vec<String>> {
    let example = "#{ \"1\": \"sales\" } or [\"1\", \"2\"]";
    let keys = if let Some(map) = choices.read_lock::<Map>() {
        map.keys().map(ToString::to_string).collect()
    } else if let Some(list) = choices.read_lock::<Array>() {
        // A key may be written as a number as well.
        list.iter().map(ToString::to_string).collect::<Vec<_>>()
    } else {
        return wrong(format!("a menu's choices are {example}, not {}", kind(choices)));
    };
    match keys.iter().find(|key| key.chars().count() != 1) {
        Some(key) => wrong(format!("a choice of a menu is one key such as \"1\", not `{key}`")),
        None if keys.is_empty() => wrong(format!("a menu needs choices: {example}")),
        None => Ok(keys),
    }
}

/// The options of `gather`, with its prompts.
pub fn gather_options(map: &Map) -> Reply<(Vec<Prompt>, GatherOptions)> {
    let keys = ["prompt", "max", "min", "terminator", "first", "next", "barge_in"];
    check_keys("gather", map, &keys)?;
    let mut options = GatherOptions { max_digits: 32, ..GatherOptions::default() };
    let mut said = Vec::new();
    for (key, value) in map {
        match key.as_str() {
            "prompt" => said = prompts(value)?,
            "max" => options.max_digits = number(key, value, 1, 128)? as u8,
            "min" => options.min_digits = number(key, value, 0, 128)? as u8,
            "terminator" => options.terminator = terminator(value)?,
            "first" => options.first_digit_timeout_ms = millis(key, value)?,
            "next" => options.next_digit_timeout_ms = millis(key, value)?,
            _ => options.barge_in = flag(key, value)?,
        }
    }
    Ok((said, options))
}

fn terminator(value: &Dynamic) -> Reply<Option<char>> {
    let text = text("terminator", value)?;
    let mut all = text.chars();
    match (all.next(), all.next()) {
        (first, None) => Ok(first),
        _ => wrong("`terminator` is one key such as \"#\", or \"\" for none"),
    }
}

/// The options of `enqueue`.
pub fn queue_options(map: &Map) -> Reply<QueueOptions> {
    check_keys("enqueue", map, &["priority", "skills", "prefer", "max_wait", "attributes"])?;
    let mut options = QueueOptions::default();
    for (key, value) in map {
        match key.as_str() {
            "priority" => options.priority = number(key, value, -128, 127)? as i8,
            "skills" => options.required = skills(key, value)?,
            "prefer" => options.preferred = skills(key, value)?,
            "max_wait" => options.max_wait_ms = Some(millis(key, value)?),
            _ => options.attributes = attributes(value)?,
        }
    }
    Ok(options)
}

/// The options of `callback`.
pub fn callback_options(map: &Map) -> Reply<CallbackOptions> {
    check_keys("callback", map, &["address", "owner", "deadline", "voicemail"])?;
    let mut options = CallbackOptions::default();
    for (key, value) in map {
        match key.as_str() {
            "address" => options.address = Some(named(key, value)?),
            "owner" => options.owner = Some(named(key, value)?),
            "deadline" => options.deadline_ms = Some(millis(key, value)?),
            _ => options.voicemail = flag(key, value)?,
        }
    }
    Ok(options)
}

/// A text that is not empty: `""` is what verbs give for "nothing".
fn named(name: &str, value: &Dynamic) -> Reply<String> {
    match text(name, value)? {
        text if text.is_empty() => wrong(format!("`{name}` is empty; leave it out instead")),
        text => Ok(text),
    }
}

fn flag(name: &str, value: &Dynamic) -> Reply<bool> {
    match value.as_bool() {
        Ok(flag) => Ok(flag),
        Err(_) => wrong(format!("`{name}` is true or false, not {}", kind(value))),
    }
}

fn skills(name: &str, value: &Dynamic) -> Reply<Vec<SkillLevel>> {
    let Some(map) = value.read_lock::<Map>() else {
        return wrong(format!("`{name}` is a map of skills to levels: #{{ english: 5 }}"));
    };
    let mut all = Vec::new();
    for (skill, level) in map.iter() {
        let level = number(skill, level, 1, 10)? as u8;
        all.push(SkillLevel { name: skill.to_string(), level });
    }
    Ok(all)
}

fn attributes(value: &Dynamic) -> Reply<Vec<(String, String)>> {
    let Some(map) = value.read_lock::<Map>() else {
        return wrong("`attributes` is a map: #{ topic: \"refund\" }");
    };
    Ok(map.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect())
}

/// Refuses a key that means nothing: most often it is misspelt.
pub fn check_keys(verb: &str, map: &Map, known: &[&str]) -> Reply<()> {
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => wrong(format!("{verb} has no option `{key}`; it has {}", known.join(", "))),
        None => Ok(()),
    }
}
