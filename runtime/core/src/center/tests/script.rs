//! A small language for everything that can happen to a centre.
//!
//! ```text
//! queue sales ring=20 wrap=10        defines a queue (see `queue` below for the words)
//! agent ann sales,support russian:5  defines an agent: queues, then skills (see `agent`)
//! blend day calls=sales deferred=mail peak=2 calm=0 calm-for=30   moves staff by load
//! certificates                       offers are told with what they were decided upon
//! SECONDS VERB ...                   something happens; the set-up is fed before the first one
//! ```
//!
//! `crash` is the death of the process and its new start.
//! What is due between two lines is done at its time, but before `late` it is done then, all at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::*;

/// A centre after a script.
pub(super) struct Played {
    pub(super) center: Center,
    pub(super) log: String,
    pub(super) journal: Vec<JournalRecord>,
    certificates: bool,
}

pub(super) fn play(script: &str) -> Played {
    let (center, log, journal) = (Center::new(), String::new(), Vec::new());
    let mut played = Played { center, log, journal, certificates: false };
    let mut config = CenterConfig::default();
    let mut configured = false;
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["queue", name, ref rest @ ..] => {
                config.queues.insert(name.parse().unwrap(), queue(rest));
            }
            ["agent", name, queues, ref words @ ..] => {
                config.agents.insert(name.parse().unwrap(), agent(queues, words));
            }
            ["blend", name, ref words @ ..] => {
                config.blends.insert(name.to_owned(), blend(words));
            }
            ["certificates"] => played.certificates = true,
            ["remove", "queue", name] => {
                config.queues.remove(&name.parse().unwrap());
            }
            ["remove", "agent", name] => {
                config.agents.remove(&name.parse().unwrap());
            }
            ["limit", limit] => config.limits.interactions = limit.parse().unwrap(),
            [at, ref event @ ..] => {
                let at = moment(at);
                if !configured {
                    configured = true;
                    let config = Arc::new(config.clone());
                    played.feed(Instant::default(), Input::Configured { config });
                }
                if *event == ["late"] {
                    played.step(at, Input::TimeElapsed);
                    continue;
                }
                if *event == ["crash"] {
                    played.crash(at, &config);
                    continue;
                }
                if let ["why", id, agent] = *event {
                    played.why(at, interaction(id), agent);
                    continue;
                }
                for input in inputs(event, &config) {
                    played.feed(at, input);
                }
            }
            [] => unreachable!("empty lines are left out"),
        }
    }
    played
}

impl Played {
    fn feed(&mut self, at: Instant, input: Input) {
        while let Some(due) = self.center.next_deadline().filter(|due| *due <= at) {
            self.step(due, Input::TimeElapsed);
        }
        self.step(at, input);
    }

    pub(super) fn step(&mut self, at: Instant, input: Input) {
        let record = JournalRecord::take(&mut self.center, at, input);
        for output in &record.outputs {
            self.log.push_str(&format!("{} {}\n", seconds(at), with_callbacks(said(output))));
            if let Output::Offer { certificate: Some(made), .. } = output
                && self.certificates
            {
                self.log.push_str(&format!("    {}\n", certificate(made)));
            }
        }
        self.journal.push(record);
    }

    /// The process dies and starts again: the new engine knows what the journal tells.
    fn crash(&mut self, at: Instant, config: &CenterConfig) {
        self.feed(at, Input::TimeElapsed);
        let mut reader = CheckpointReader::default();
        let mut agents = BTreeMap::new();
        for record in &self.journal {
            reader.take(record);
            for output in &record.outputs {
                if let Output::AgentChanged { agent, state, .. } = output {
                    agents.insert(agent.clone(), state.clone());
                }
            }
        }
        self.log.push_str(&format!("{} a crash\n", seconds(at)));
        self.center = Center::new();
        self.step(at, Input::Configured { config: Arc::new(config.clone()) });
        let (agents, checkpoint) = (agents.into_iter().collect(), reader.checkpoint(at).into());
        self.step(at, Input::Restarted { agents, checkpoint });
    }

    fn why(&mut self, at: Instant, contact: InteractionId, agent: &str) {
        self.feed(at, Input::TimeElapsed);
        let why = self.center.why_not(contact, &agent.parse().unwrap());
        let why: Vec<String> = why.iter().map(ToString::to_string).collect();
        let line = format!("{} why not {agent} for c{}: ", seconds(at), contact.0);
        self.log.push_str(&format!("{line}{}\n", why.join("; ")));
    }
}

fn inputs(event: &[&str], config: &CenterConfig) -> Vec<Input> {
    let input = match *event {
        ["call", id, queue, ref rest @ ..] => {
            let (kinds, rest): (Vec<&str>, Vec<&str>) =
                rest.iter().partition(|word| !word.contains('='));
            let mut both = inputs(&[&["arrive", id], kinds.as_slice()].concat(), config);
            both.extend(inputs(&[&["enqueue", id, queue], rest.as_slice()].concat(), config));
            return both;
        }
        ["configure"] => Input::Configured { config: Arc::new(config.clone()) },
        ["restart", ref states @ ..] => {
            let agents = states.iter().map(|state| agent_state(state)).collect();
            Input::Restarted { agents, checkpoint: Box::default() }
        }
        ["login", agent] => Input::AgentLoggedIn { agent: agent.parse().unwrap() },
        ["logout", agent] => Input::AgentLoggedOut { agent: agent.parse().unwrap() },
        ["ready", agent] => Input::AgentReady { agent: agent.parse().unwrap() },
        ["pause", agent, reason] => {
            let reason = NotReadyReason(reason.to_owned());
            Input::AgentNotReady { agent: agent.parse().unwrap(), reason }
        }
        ["arrive", id, ref words @ ..] => Input::InteractionArrived {
            interaction: interaction(id),
            channel: words.iter().find_map(|word| is_channel(word)).unwrap_or_default(),
            ani: words.iter().find(|word| is_channel(word).is_none()).map(ToString::to_string),
            dnis: "sip:shop".to_owned(),
        },
        ["enqueue", id, queue, ref rest @ ..] => Input::InteractionEnqueued {
            interaction: interaction(id),
            queue: queue.parse().unwrap(),
            options: options(rest),
        },
        ["key", id, key] => {
            Input::InteractionLeftQueue { interaction: interaction(id), key: key.parse().unwrap() }
        }
        ["hangup", id] => {
            Input::InteractionEnded { interaction: interaction(id), cause: EndCause::CustomerLeft }
        }
        ["complete", id] => {
            Input::InteractionEnded { interaction: interaction(id), cause: EndCause::Completed }
        }
        ["accept", offer] => Input::OfferAccepted { offer: OfferId(offer.parse().unwrap()) },
        ["fail", offer, why] => {
            Input::OfferFailed { offer: OfferId(offer.parse().unwrap()), failure: failure(why) }
        }
        ["part", id, by] => {
            Input::ConversationEnded { interaction: interaction(id), by: party(by) }
        }
        ["reply", ask, answer] => Input::RouterReplied {
            ask: AskId(ask.parse().unwrap()),
            answer: RoutingAnswer {
                decision: decision(answer),
                because: Vec::new(),
                scores: Vec::new(),
            },
            plugin: "v1".to_owned(),
        },
        ["trap", ask] => Input::RouterFailed {
            ask: AskId(ask.parse().unwrap()),
            failure: PluginFailure::Trapped("unreachable".to_owned()),
            plugin: "v1".to_owned(),
        },
        ["callback", id, ref rest @ ..] => callback_request(interaction(id), rest),
        ["uncallback", id] => {
            Input::CallbackCancelled { callback: callback(id), by: "eve".to_owned() }
        }
        ["reach", id, call, ani] => {
            let mut both = inputs(&["arrive", call, ani], config);
            let interaction = interaction(call);
            both.push(Input::CallbackReached { callback: callback(id), interaction });
            return both;
        }
        ["miss", id, why] => {
            Input::CallbackNotReached { callback: callback(id), failure: failure(why) }
        }
        ["estimate", ask, ref p50_p90 @ ..] => Input::EstimatorReplied {
            ask: AskId(ask.parse().unwrap()),
            estimate: match *p50_p90 {
                [p50, p90] => Some(Estimate { p50: span(p50), p90: span(p90) }),
                _ => None,
            },
            plugin: "e1".to_owned(),
        },
        ["estimate-trap", ask] => Input::EstimatorFailed {
            ask: AskId(ask.parse().unwrap()),
            failure: PluginFailure::Trapped("unreachable".to_owned()),
            plugin: "e1".to_owned(),
        },
        ["close", queue, ref message @ ..] => Input::QueueClosed {
            queue: queue.parse().unwrap(),
            message: (!message.is_empty()).then(|| message.join(" ")),
            by: "eve".to_owned(),
        },
        ["open", queue] => {
            Input::QueueOpened { queue: queue.parse().unwrap(), by: "eve".to_owned() }
        }
        ["move", id, queue] => Input::InteractionMoved {
            interaction: interaction(id),
            queue: queue.parse().unwrap(),
            by: "eve".to_owned(),
        },
        ["prioritise", id, priority] => Input::InteractionPrioritised {
            interaction: interaction(id),
            priority: priority.parse().unwrap(),
            by: "eve".to_owned(),
        },
        ["finish", agent, id] => {
            Input::WrapUpFinished { interaction: interaction(id), agent: agent.parse().unwrap() }
        }
        ["wait"] => Input::TimeElapsed,
        _ => panic!("unknown event: {event:?}"),
    };
    vec![input]
}

/// `ring=` and `wrap=` in seconds, `wait=`, `size=`, `over=` (the overflow queue), `target=` (of the
/// service level), `short=`, `router=`; `staffed` needs agents, `lenient` keeps who did not answer
/// ready. `hours=09:00-17:00,18:00-20:00` (every day, UTC), `branches=`, `closed=` (what is told),
/// `release` (at the end of the hours). `tell=FIRST,EVERY,position,wait,TEXT` are announcements,
/// `estimator=` says how long the wait is. Callbacks: `abandoned=` (the least wait), `attempts=`,
/// `retry=`, `deadline=`, `owner=` (for how long alone), `customer-first`.
/// `refusals=`, `weight=`, `age=` and `age-limit=`, `join=` and
/// `stay=` (who must be there), `eligible=` (an expression without spaces),
/// `step=AFTER,lower,russian:3,drop,billing` (what is needed from then on).
fn queue(words: &[&str]) -> QueueConfig {
    let within = Duration::from_secs(20);
    let mut queue = QueueConfig {
        service_level: ServiceLevelTarget { share: 0.8, within },
        short_abandon: Duration::from_secs(2),
        ..QueueConfig::default()
    };
    for word in words {
        match word.split_once('=') {
            Some(("ring", time)) => queue.ring_time = span(time),
            Some(("wait", time)) => queue.max_wait = Some(span(time)),
            Some(("size", size)) => queue.max_size = size.parse().unwrap(),
            Some(("wrap", time)) => queue.wrap_up = span(time),
            Some(("over", name)) => queue.overflow = Some(name.parse().unwrap()),
            Some(("target", time)) => queue.service_level.within = span(time),
            Some(("short", time)) => queue.short_abandon = span(time),
            Some(("router", name)) => queue.router = RouterChoice::Plugin(name.to_owned()),
            None if *word == "staffed" => {
                (queue.join_needs, queue.stay_needs) = (Staffing::LoggedIn, Staffing::LoggedIn);
            }
            Some(("hours", spans)) => queue.hours = Some(hours(spans)),
            Some(("branches", names)) => {
                queue.branches = names.split(',').map(|name| name.parse().unwrap()).collect();
            }
            Some(("closed", message)) => queue.closed_message = Some(message.to_owned()),
            Some(("tell", what)) => queue.announcements = Some(announcements(what)),
            Some(("refusals", most)) => queue.refusals_max = Some(most.parse().unwrap()),
            Some(("weight", weight)) => queue.weight = weight.parse().unwrap(),
            Some(("age", time)) => queue.age_every = Some(span(time)),
            Some(("age-limit", limit)) => queue.age_limit = limit.parse().unwrap(),
            Some(("eligible", text)) => queue.eligible = Some(text.parse().unwrap()),
            Some(("step", what)) => queue.steps.push(step(what)),
            Some(("join", who)) => queue.join_needs = staffing(who),
            Some(("stay", who)) => queue.stay_needs = staffing(who),
            Some(("estimator", name)) => queue.estimator = Some(name.to_owned()),
            Some(("abandoned", least)) => queue.callbacks.after_abandon = Some(span(least)),
            Some(("attempts", number)) => queue.callbacks.attempts = number.parse().unwrap(),
            Some(("retry", time)) => queue.callbacks.retry = span(time),
            Some(("deadline", time)) => queue.callbacks.deadline = span(time),
            Some(("owner", time)) => queue.callbacks.owner_only = span(time),
            None if *word == "customer-first" => {
                queue.callbacks.mode = CallbackMode::CustomerFirst;
            }
            None if *word == "release" => queue.at_closing = AtClosing::Release,
            None if *word == "lenient" => queue.not_ready_on_no_answer = false,
            _ => panic!("unknown word of a queue: {word}"),
        }
    }
    queue
}

/// `queue=`, `to=` (the address), `owner=`, `deadline=`.
fn callback_request(interaction: InteractionId, words: &[&str]) -> Input {
    let (mut queue, mut address, mut owner, mut deadline) = (None, None, None, None);
    for word in words {
        match word.split_once('=') {
            Some(("queue", name)) => queue = Some(name.parse().unwrap()),
            Some(("to", number)) => address = Some(number.to_owned()),
            Some(("owner", agent)) => owner = Some(agent.parse().unwrap()),
            Some(("deadline", time)) => deadline = Some(span(time)),
            _ => panic!("unknown word of a callback: {word}"),
        }
    }
    let origin = CallbackOrigin::Queue;
    Input::CallbackRequested { interaction, queue, address, origin, owner, deadline }
}

/// Skills are `russian:5`, attributes `@branch=riga`, capacities `chat=3/30` (slots, weight) or
/// `email=2/40!` (interruptible), hours kept for other work `kept=09:00-12:00/email,task`.
fn agent(queues: &str, words: &[&str]) -> AgentConfig {
    let level = Proficiency::new(5).unwrap();
    let queues = queues.split(',').map(|q| (q.parse().unwrap(), level)).collect();
    let mut agent = AgentConfig { queues, ..AgentConfig::default() };
    for word in words {
        match word.split_once('=') {
            None => agent.skills.push(skill_level(word)),
            Some(("kept", what)) => {
                let (spans, channels) = what.split_once('/').unwrap();
                let channels = channels.split(',').map(channel).collect();
                let queues = Vec::new();
                agent.protected.push(ProtectedBlock { hours: hours(spans), channels, queues });
            }
            Some((name, value)) if name.starts_with('@') => {
                agent.attributes.push((name[1..].to_owned(), value.to_owned()));
            }
            Some((name, value)) => {
                let (slots, weight) = value.split_once('/').unwrap();
                let capacity = ChannelCapacity {
                    slots: slots.parse().unwrap(),
                    weight: weight.trim_end_matches('!').parse().unwrap(),
                    interruptible: weight.ends_with('!'),
                };
                agent.capacity.insert(channel(name), capacity);
            }
        }
    }
    agent
}

fn blend(words: &[&str]) -> Blend {
    let mut blend = Blend {
        calls: Vec::new(),
        deferred: Vec::new(),
        peak_waiting: u32::MAX,
        peak_wait: Duration::from_secs(100_000),
        calm_waiting: 0,
        calm_for: Duration::ZERO,
    };
    let queues = |names: &str| names.split(',').map(|name| name.parse().unwrap()).collect();
    for word in words {
        match word.split_once('=').unwrap() {
            ("calls", names) => blend.calls = queues(names),
            ("deferred", names) => blend.deferred = queues(names),
            ("peak", count) => blend.peak_waiting = count.parse().unwrap(),
            ("peak-wait", time) => blend.peak_wait = span(time),
            ("calm", count) => blend.calm_waiting = count.parse().unwrap(),
            ("calm-for", time) => blend.calm_for = span(time),
            _ => panic!("unknown word of a blend: {word}"),
        }
    }
    blend
}

fn channel(name: &str) -> Channel {
    is_channel(name).unwrap()
}

fn is_channel(name: &str) -> Option<Channel> {
    serde_json::from_value(name.into()).ok()
}

fn staffing(name: &str) -> Staffing {
    serde_json::from_value(name.into()).unwrap()
}

fn step(what: &str) -> EligibilityStep {
    let mut words = what.split(',');
    let after = span(words.next().unwrap());
    let mut step = EligibilityStep { after, eligible: None, skills: Vec::new() };
    while let Some(verb) = words.next() {
        let mut object = || words.next().unwrap();
        match verb {
            "add" => step.skills.push(SkillChange::Add(skill_level(object()))),
            "lower" => step.skills.push(SkillChange::Lower(skill_level(object()))),
            "lower-all" => step.skills.push(SkillChange::LowerAll(object().parse().unwrap())),
            "drop" => step.skills.push(SkillChange::Drop(object().to_owned())),
            "drop-all" => step.skills.push(SkillChange::DropAll),
            "eligible" => step.eligible = Some(object().parse().unwrap()),
            _ => panic!("unknown word of a step: {verb}"),
        }
    }
    step
}

fn announcements(what: &str) -> Announcements {
    let mut words = what.split(',');
    let mut next = || span(words.next().unwrap());
    let (first, every) = (next(), next());
    let (mut position, mut wait, mut message) = (false, false, None);
    for word in words {
        match word {
            "position" => position = true,
            "wait" => wait = true,
            text => message = Some(text.to_owned()),
        }
    }
    Announcements { first, every, position, wait, message }
}

fn hours(spans: &str) -> Hours {
    let span = |span: &str| {
        let (from, to) = span.split_once('-').unwrap();
        WeeklySpan { days: Days::DAILY, from: from.parse().unwrap(), to: to.parse().unwrap() }
    };
    let raw = RawHours { weekly: spans.split(',').map(span).collect(), ..RawHours::default() };
    raw.try_into().unwrap()
}

/// `priority=`, `wait=` in seconds, `skill=NAME:LEVEL`, attributes `@tier=gold`.
fn options(words: &[&str]) -> QueueOptions {
    let mut options = QueueOptions::default();
    for word in words {
        match word.split_once('=') {
            Some(("priority", priority)) => options.priority = priority.parse().unwrap(),
            Some(("wait", time)) => options.max_wait = Some(span(time)),
            Some(("since", at)) => options.waiting_since = Some(Instant::default() + span(at)),
            Some(("skill", skill)) => options.required.push(skill_level(skill)),
            Some((name, value)) if name.starts_with('@') => {
                options.attributes.push((name[1..].to_owned(), value.to_owned()));
            }
            _ => panic!("unknown word of a contact: {word}"),
        }
    }
    options
}

fn skill_level(text: &str) -> SkillLevel {
    let (name, level) = text.split_once(':').unwrap();
    let level = Proficiency::new(level.parse().unwrap()).unwrap();
    SkillLevel { name: name.to_owned(), level }
}

fn agent_state(text: &str) -> AgentStateOf {
    let (agent, state) = text.split_once('=').unwrap();
    let state = match state {
        "logged-out" => AgentState::LoggedOut,
        "ready" => AgentState::Ready,
        "reserved" => AgentState::Reserved,
        "busy" => AgentState::Busy,
        "wrapping" => AgentState::AfterCallWork,
        reason => AgentState::NotReady { reason: NotReadyReason(reason.to_owned()) },
    };
    (agent.parse().unwrap(), state)
}

/// Names of agents; `nobody`; `wait=MILLIS`; `all=a,b`; `turn=MILLIS:a,b`; `move=QUEUE`; `priority=5`.
fn decision(answer: &str) -> RoutingDecision {
    let names = |list: &str| list.split(',').map(str::to_owned).collect();
    match answer.split_once('=') {
        Some(("wait", millis)) => RoutingDecision::WaitMs(millis.parse().unwrap()),
        Some(("all", list)) => RoutingDecision::OfferAll(names(list)),
        Some(("turn", rest)) => {
            let (millis, list) = rest.split_once(':').unwrap();
            let step_ms = millis.parse().unwrap();
            RoutingDecision::OfferProgressive { agents: names(list), step_ms }
        }
        Some(("move", queue)) => RoutingDecision::MoveTo(queue.to_owned()),
        Some(("priority", priority)) => RoutingDecision::SetPriority(priority.parse().unwrap()),
        _ if answer == "nobody" => RoutingDecision::Offer(Vec::new()),
        _ => RoutingDecision::Offer(names(answer)),
    }
}

fn failure(text: &str) -> OfferFailure {
    match text {
        "busy" => OfferFailure::Busy,
        "declined" => OfferFailure::Declined,
        "no-answer" => OfferFailure::NoAnswer,
        "unreachable" => OfferFailure::Unreachable,
        "failed" => OfferFailure::Failed,
        _ => panic!("unknown failure: {text}"),
    }
}

fn party(text: &str) -> Party {
    match text {
        "agent" => Party::Agent,
        "customer" => Party::Customer,
        "system" => Party::System,
        _ => panic!("unknown party: {text}"),
    }
}

fn interaction(text: &str) -> InteractionId {
    InteractionId(text.trim_start_matches('c').parse().unwrap())
}

fn moment(text: &str) -> Instant {
    Instant::default() + span(text)
}

/// Seconds, or a time of day: `9:00` is 32400.
fn span(text: &str) -> Duration {
    if let Some((hours, minutes)) = text.split_once(':') {
        let number = |text: &str| text.parse::<u64>().unwrap();
        return Duration::from_secs(number(hours) * 3_600 + number(minutes) * 60);
    }
    let seconds: f64 = text.parse().unwrap_or_else(|_| panic!("not a number of seconds: {text}"));
    Duration::from_micros((seconds * 1e6).round() as u64)
}

fn seconds(at: Instant) -> String {
    format!("{:.2}", at.as_micros() as f64 / 1e6)
}

fn callback(text: &str) -> CallbackId {
    CallbackId(text.trim_start_matches('b').parse().unwrap())
}

/// A callback in line is shown as `b1`.
fn with_callbacks(said: String) -> String {
    (1..10).fold(said, |said, number| {
        let name = InteractionId::of_callback(CallbackId(number)).0;
        said.replace(&format!("c{name}"), &format!("b{number}"))
    })
}

/// One output in the words of the trade. `c` is a contact, `o` an offer, `a` a question.
fn said(output: &Output) -> String {
    match output {
        Output::AskRouter { ask, router, request, .. } => {
            let candidates: Vec<_> = request.candidates.iter().map(|c| c.agent.as_str()).collect();
            let contact = request.contact.id.0;
            format!("ask {router} a{ask} about c{contact}: {}", candidates.join(", "))
        }
        Output::Offer { offer, interaction, agent, queue, routed_by, .. } => {
            let by = match routed_by {
                RoutedBy::BuiltIn => String::new(),
                RoutedBy::Plugin(version) => format!(" by {version}"),
                RoutedBy::Fallback => " by fallback".to_owned(),
            };
            format!("offer o{offer}: c{} to {agent} from {queue}{by}", interaction.0)
        }
        Output::Withdraw { offer, interaction, agent, reason } => {
            format!("withdraw o{offer}: c{} from {agent}: {reason:?}", interaction.0)
        }
        Output::Connect { interaction, agent, waited, in_target, .. } => {
            let target = if *in_target { "in target" } else { "late" };
            format!("connect c{} with {agent} after {waited:?}, {target}", interaction.0)
        }
        Output::Disconnect { interaction, agent, by, talked, .. } => {
            format!("disconnect c{} from {agent} after {talked:?} by {by:?}", interaction.0)
        }
        Output::WrapUpEnded { interaction, agent, lasted, .. } => {
            format!("{agent} has wrapped up c{} after {lasted:?}", interaction.0)
        }
        Output::LeaveQueue { interaction, queue, end, waited, message } => {
            let told = message.as_ref().map(|told| format!(", told {told:?}")).unwrap_or_default();
            format!("c{} leaves {queue} after {waited:?}: {end:?}{told}", interaction.0)
        }
        Output::Dial { callback, address, agent, .. } => {
            let agent = agent.as_ref().map(|agent| format!(" for {agent}")).unwrap_or_default();
            format!("dial {address} of b{callback}{agent}")
        }
        Output::StopDialling { callback } => format!("stop dialling b{callback}"),
        Output::CallbackChanged { callback, interaction, queue, state } => {
            let state = match state {
                CallbackState::Waiting { address, origin, owner, deadline, .. } => {
                    let owner = owner.as_ref().map(|owner| format!(" by {owner}"));
                    let (owner, deadline) = (owner.unwrap_or_default(), seconds(*deadline));
                    format!("waits: {origin:?}, {address}{owner} until {deadline}")
                }
                CallbackState::Retry { at, failure } => {
                    format!("is tried again at {}: {failure:?}", seconds(*at))
                }
                other => format!("is {other:?}"),
            };
            format!("b{callback} of c{} in {queue} {state}", interaction.0)
        }
        Output::Announce { interaction, position, wait, message, .. } => {
            let place = position.map(|position| format!(" place {position}")).unwrap_or_default();
            let wait =
                wait.map(|e| format!(" wait {:?} to {:?}", e.p50, e.p90)).unwrap_or_default();
            let text = message.as_ref().map(|text| format!(" {text:?}")).unwrap_or_default();
            format!("tell c{}{place}{wait}{text}", interaction.0)
        }
        Output::AskEstimator { ask, estimator, request, .. } => {
            let (contact, position) = (request.interaction.0, request.position);
            format!(
                "ask {estimator} a{ask} about c{contact}: at {position} after {} ms, {} agents, {} \
                 ready, waits {:?}, handles {:?}, {} abandon",
                request.waited_ms,
                request.agents,
                request.agents_ready,
                request.recent_waits,
                request.recent_handles_ms,
                request.abandon_share
            )
        }
        Output::Estimated { interaction, position, estimate: e, told, plugin, .. } => {
            let told = if *told { "told" } else { "not told" };
            format!(
                "c{} at {position} waits {:?} to {:?} says {plugin}, {told}",
                interaction.0, e.p50, e.p90
            )
        }
        Output::EstimatorFailed { ask, failure, .. } => {
            format!("estimator failed a{ask}: {failure}")
        }
        Output::QueueChanged { queue, open, by } => {
            format!("{queue} {} by {by}", if *open { "opens" } else { "closes" })
        }
        Output::Queued { interaction, queue, position } => {
            format!("c{} joins {queue} at {position}", interaction.0)
        }
        Output::Overflowed { interaction, from, to } => {
            format!("c{} overflows from {from} to {to}", interaction.0)
        }
        Output::Abandoned { interaction, queue, waited, short } => {
            let short = if *short { ", short" } else { "" };
            format!("c{} abandons {queue} after {waited:?}{short}", interaction.0)
        }
        Output::AgentChanged { agent, state, lasted, before } => {
            format!("{agent} is {state}, was {before} for {lasted:?}")
        }
        Output::RouterFailed { ask, failure, .. } => format!("router failed a{ask}: {failure}"),
        Output::OfferLost { offer, interaction, agent, failure, .. } => {
            format!("lost o{offer}: c{} by {agent}: {failure:?}", interaction.0)
        }
        Output::Closed { interaction, cause, lasted } => {
            format!("c{} is closed after {lasted:?}: {cause:?}", interaction.0)
        }
        Output::Interrupt { interaction, agent, in_favour_of } => {
            format!("{agent} puts c{} aside for c{}", interaction.0, in_favour_of.0)
        }
        Output::Resume { interaction, agent } => {
            format!("{agent} takes c{} up again", interaction.0)
        }
        Output::Moved { interaction, from, to, by } => {
            format!("c{} is moved from {from} to {to} by {by}", interaction.0)
        }
        Output::Prioritised { interaction, from, to, by, .. } => {
            format!("c{} has priority {to}, had {from}, by {by}", interaction.0)
        }
        Output::Relaxed { interaction, step, need, .. } => {
            format!("c{} is at step {step}: {need}", interaction.0)
        }
        Output::BlendChanged { blend, peak } => {
            format!("{blend} is {}", if *peak { "in its peak" } else { "calm" })
        }
        Output::Refused { interaction, why } => format!("c{} is refused: {why}", interaction.0),
    }
}

fn certificate(made: &Certificate) -> String {
    let considered = made.considered.iter().map(|one| match &one.passed {
        Some(passed) => format!("{} ({passed})", one.agent),
        None => format!("{} idle {} ms", one.agent, one.idle_ms),
    });
    format!(
        "of {}: {}; step {}, priority {}, {:?}{}",
        made.candidates,
        considered.collect::<Vec<_>>().join(", "),
        made.step,
        made.priority,
        made.tie_break,
        made.ask.map(|ask| format!(", a{ask}")).unwrap_or_default()
    )
}
