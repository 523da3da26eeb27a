//! The vocabulary of scripts. Every verb waits until it is done; the host serves others meanwhile.

use jackfield_sdk::crm::{self, Card, CrmError};
use jackfield_sdk::flow::{
    CallbackOptions, GatherOptions, Gathered, Prompt, QueueEnd, QueueOptions, Session, SessionError,
};
use jackfield_sdk::{clock, log};
use rhai::{Dynamic, Engine, FLOAT, INT, ImmutableString, Map};

use crate::SESSION;
use crate::values::{self, Reply, check_keys, refused, wrong};

/// How often a menu asks.
const MENU_TRIES: usize = 3;

/// Adds the vocabulary to the engine.
pub fn register(engine: &mut Engine) {
    voice(engine);
    input(engine);
    journey(engine);
    knowledge(engine);
}

fn voice(engine: &mut Engine) {
    engine.register_fn("answer", || act(Session::answer));
    engine.register_fn("say", |text: ImmutableString| act(|session| session.say(&text)));
    engine.register_fn("play", |name: &str| play(Prompt::Named(name.to_owned())));
    engine.register_fn("pause", |ms: INT| {
        let ms = values::number("pause", &ms.into(), 0, 600_000)?;
        play(Prompt::PauseMs(ms as u32))
    });
    engine.register_fn("language", || know(Session::language));
    engine
        .register_fn("language", |tag: ImmutableString| act(|session| session.set_language(&tag)));
}

fn input(engine: &mut Engine) {
    engine.register_fn("menu", menu);
    engine.register_fn("gather", |options: Map| {
        let (prompts, options) = values::gather_options(&options)?;
        gather(&prompts, options)
    });
    engine.register_fn("digits", |count: INT, prompt: Dynamic| {
        let count = values::number("digits", &count.into(), 1, 128)? as u8;
        let options =
            GatherOptions { min_digits: count, max_digits: count, ..GatherOptions::default() };
        gather(&values::prompts(&prompt)?, options)
    });
    engine.register_fn("record", || record(&Map::new()));
    engine.register_fn("record", |options: Map| record(&options));
    engine.register_fn("send_digits", |keys: ImmutableString| {
        act(|session| session.send_digits(&keys))
    });
}

fn journey(engine: &mut Engine) {
    engine
        .register_fn("enqueue", |queue: ImmutableString| enqueue(&queue, &QueueOptions::default()));
    engine.register_fn("enqueue", |queue: ImmutableString, options: Map| {
        enqueue(&queue, &values::queue_options(&options)?)
    });
    engine.register_fn("callback", |queue: ImmutableString| {
        callback(&queue, &CallbackOptions::default())
    });
    engine.register_fn("callback", |queue: ImmutableString, options: Map| {
        callback(&queue, &values::callback_options(&options)?)
    });
    engine.register_fn("is_open", |queue: ImmutableString| act(|session| session.is_open(&queue)));
    engine.register_fn("transfer", |to: ImmutableString| act(|session| session.transfer(&to)));
    engine.register_fn("hang_up", || know(|session| session.hang_up(None)));
    engine.register_fn("hang_up", |reason: ImmutableString| {
        know(|session| session.hang_up(Some(&reason)))
    });
}

fn knowledge(engine: &mut Engine) {
    engine.register_fn("caller", || know(|session| session.caller().unwrap_or_default()));
    engine.register_fn("dialled", || know(Session::dialled));
    engine.register_fn("channel", || know(|session| session.channel().name()));
    engine.register_fn("attribute", |name: ImmutableString| {
        know(|session| session.attribute(&name).unwrap_or_default())
    });
    engine.register_fn("attribute", |name: ImmutableString, value: Dynamic| {
        act(|session| session.set_attribute(&name, &value.to_string()))
    });
    engine.register_fn("contact", || match know(Session::caller)? {
        Some(caller) => find(&caller),
        None => Ok(Dynamic::UNIT),
    });
    engine.register_fn("find_contact", |address: ImmutableString| find(&address));
    engine.register_fn("note", |text: ImmutableString| note(&text));
    engine.register_fn("log", |line: ImmutableString| log::info(&line));
    engine.register_fn("now", now);
    engine.register_fn("random", || clock::random() as FLOAT);
}

/// Asks the session something that cannot fail.
fn know<T>(ask: impl FnOnce(&Session) -> T) -> Reply<T> {
    SESSION.with_borrow(|session| match session {
        Some(session) => Ok(ask(session)),
        None => wrong("there is no customer yet"),
    })
}

/// Does something with the session.
fn act<T>(verb: impl FnOnce(&Session) -> Result<T, SessionError>) -> Reply<T> {
    know(verb)?.or_else(refused)
}

fn play(prompt: Prompt) -> Reply<()> {
    act(|session| session.play(&[prompt]))
}

fn gather(prompts: &[Prompt], options: GatherOptions) -> Reply<ImmutableString> {
    Ok(match act(|session| session.gather(prompts, options))? {
        Gathered::Input(input) => input.into(),
        Gathered::Nothing => ImmutableString::new(),
    })
}

/// Says the prompt until a key of the menu is pressed; `""` after three tries.
fn menu(prompt: Dynamic, choices: Dynamic) -> Reply<ImmutableString> {
    let keys = values::keys(&choices)?;
    let prompts = values::prompts(&prompt)?;
    // Every key is a choice here, the hash key too.
    let options = GatherOptions { terminator: None, ..GatherOptions::default() };
    for _ in 0..MENU_TRIES {
        let pressed = gather(&prompts, options)?;
        if keys.iter().any(|key| *key == pressed.as_str()) {
            return Ok(pressed);
        }
    }
    Ok(ImmutableString::new())
}

fn record(options: &Map) -> Reply<Map> {
    check_keys("record", options, &["max", "silence"])?;
    let span = |name: &str, usual: u32| match options.get(name) {
        Some(value) => values::millis(name, value),
        None => Ok(usual),
    };
    let (max, silence) = (span("max", 120_000)?, span("silence", 3_000)?);
    let kept = act(|session| session.record(max, silence))?;
    let mut map = Map::new();
    map.insert("seconds".into(), (f64::from(kept.length_ms) / 1_000.0).into());
    map.insert("name".into(), kept.name.into());
    Ok(map)
}

fn enqueue(queue: &str, options: &QueueOptions) -> Reply<ImmutableString> {
    let end = act(|session| session.enqueue(queue, options))?;
    let word = match end {
        QueueEnd::Served => "served",
        QueueEnd::TimedOut => "timed_out",
        QueueEnd::Full => "full",
        QueueEnd::Closed => "closed",
        QueueEnd::NoAgents => "no_agents",
        QueueEnd::LeftByKey(_) => "left_by_key",
        QueueEnd::Callback => "callback",
    };
    Ok(word.into())
}

fn callback(queue: &str, options: &CallbackOptions) -> Reply<()> {
    act(|session| session.callback(queue, options))
}

fn find(address: &str) -> Reply<Dynamic> {
    match crm::find(address) {
        Ok(card) => Ok(card_map(card).into()),
        Err(CrmError::NotFound) => Ok(Dynamic::UNIT),
        Err(error) => crm_refused(error),
    }
}

fn card_map(card: Card) -> Map {
    let mut map = Map::new();
    map.insert("id".into(), card.id.into());
    map.insert("name".into(), card.name.into());
    map.insert("language".into(), card.language.unwrap_or_default().into());
    map.insert("segment".into(), card.segment.unwrap_or_default().into());
    let fields = card.fields.into_iter().map(|(name, value)| (name.into(), value.into()));
    map.insert("fields".into(), fields.collect::<Map>().into());
    map
}

/// Adds a note to the customer's card, making a card for a new customer.
fn note(text: &str) -> Reply<()> {
    let Some(caller) = know(Session::caller)? else {
        return wrong("the customer's address is withheld: there is no card for the note");
    };
    let contact = match crm::find(&caller) {
        Ok(card) => Ok(card.id),
        Err(CrmError::NotFound) => crm::upsert(&caller, None, &[]),
        Err(error) => Err(error),
    };
    let interaction = know(Session::id)?;
    let kept = contact.and_then(|contact| crm::note(&contact, Some(&interaction), text));
    kept.or_else(crm_refused)
}

fn crm_refused<T>(error: CrmError) -> Reply<T> {
    match error {
        CrmError::NotFound => wrong("there is no such customer"),
        CrmError::Invalid(why) => wrong(format!("the CRM cannot keep this: {why}")),
        CrmError::Limit(which) => wrong(format!("limit reached: {which}")),
        CrmError::Unavailable => wrong("the CRM does not answer"),
    }
}

/// This moment in Coordinated Universal Time.
fn now() -> Map {
    let at = clock::utc();
    let parts: [(&str, INT); 6] = [
        ("year", at.year.into()),
        ("month", at.month.into()),
        ("day", at.day.into()),
        ("hour", at.hour.into()),
        ("minute", at.minute.into()),
        ("weekday", at.weekday.into()),
    ];
    parts.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}
