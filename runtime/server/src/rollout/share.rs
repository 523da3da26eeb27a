//! Which contacts a candidate has: chosen by what is known of them, and by chance that is the same for
//! the same contact and candidate however often it is asked.

use jackfield_core::{Attribute, InteractionId, QueueId};
use jackfield_plugin_host::World;
use serde::{Deserialize, Serialize};

/// Which contacts a candidate has: those that fit all that is said, and of them the per cent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Of a hundred contacts that fit, more than 0 and at most 100.
    #[serde(default = "whole")]
    pub percent: f64,
    /// Only contacts of this queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// Only contacts who dialled this; one that ends in `*` stands for all that begin like it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Only contacts with this attribute: name and value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<(String, String)>,
}

const fn whole() -> f64 {
    100.0
}

/// What is wrong with a share.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ShareError {
    /// The field.
    pub field: &'static str,
    /// Why, and what would be accepted.
    pub reason: String,
}

/// What is known of a contact when a version is chosen for it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Who.
    pub interaction: InteractionId,
    /// Where it waits; a flow has it before it waits anywhere.
    pub queue: Option<&'a QueueId>,
    /// What was dialled; a router is not told.
    pub dialled: Option<&'a str>,
    /// What the flow handed over to the router, what the channel knows of who writes, or what is known
    /// of the customer.
    pub attributes: &'a [Attribute],
}

impl Subject<'_> {
    /// A call that belongs to no contact, such as a webhook: chosen by these words.
    pub fn of_words(words: &str) -> Self {
        let interaction = InteractionId(fnv(words.bytes()));
        Self { interaction, queue: None, dialled: None, attributes: &[] }
    }
}

/// What is known of a contact when a version of a plugin is chosen: what it is called, or why it is not.
struct Known {
    world: World,
    queue: Result<&'static str, &'static str>,
    number: Result<&'static str, &'static str>,
    attribute: Result<&'static str, &'static str>,
}

impl Known {
    fn of(world: World) -> Self {
        let (queue, number, attribute) = match world {
            World::Router | World::RouterInterpreter | World::Estimator => {
                (Ok("queue"), Err("does not know what was dialled"), Ok("attribute"))
            }
            World::Flow | World::Interpreter => (
                Err("has its contacts before they are in a queue"),
                Ok("number"),
                Ok("the customer's attribute"),
            ),
            World::Chatbot => (
                Err("has its conversations before they are in a queue"),
                Ok("channel (number)"),
                Ok("attribute"),
            ),
            World::Channel => (
                Err("has its messages before they are in a queue"),
                Err("is a channel itself"),
                Err("does not know the customer"),
            ),
            World::Connector => (
                Err("is told of contacts before they are in a queue"),
                Ok("number"),
                Ok("the customer's attribute"),
            ),
            World::Analyst => (Ok("queue"), Ok("number"), Ok("attribute")),
            World::Pacer => (
                Err("has a campaign and no queue"),
                Err("has a campaign and no number"),
                Ok("the campaign's attribute"),
            ),
        };
        Self { world, queue, number, attribute }
    }

    fn sentence(&self, why: &str) -> String {
        let article = if self.world.name().starts_with(['a', 'e', 'i']) { "an" } else { "a" };
        format!("{article} {} {why}", self.world)
    }

    /// `percent, queue or attribute`.
    fn list(&self) -> String {
        let mut all = vec!["percent"];
        all.extend([self.queue, self.number, self.attribute].into_iter().flatten());
        let last = all.pop().unwrap_or_default();
        if all.is_empty() { last.to_owned() } else { format!("{} or {last}", all.join(", ")) }
    }
}

/// Which version a contact has, and whether it is compared with the others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Arm {
    /// The candidate.
    Candidate,
    /// The active version, and it is what the candidate is compared with.
    Active,
    /// The active version, because the contact does not fit.
    Outside,
}

impl Share {
    /// Checks it for a kind of plugin.
    ///
    /// # Errors
    ///
    /// [`ShareError`] with the first that is wrong.
    pub fn check(&self, world: World) -> Result<(), ShareError> {
        let wrong = |field, reason: &str| Err(ShareError { field, reason: reason.to_owned() });
        if !(0.0 < self.percent && self.percent <= 100.0) {
            return wrong("percent", "more than 0 and at most 100 is accepted");
        }
        let narrowed = self.queue.is_some() || self.number.is_some() || self.attribute.is_some();
        if !narrowed && self.percent == 100.0 {
            let all = "all contacts is no canary: give a percentage below 100, or a queue, number or attribute; or activate it";
            return wrong("percent", all);
        }
        let known = Known::of(world);
        let refuse = |field, why: &str| {
            let reason =
                format!("{}: its canary is chosen by {}", known.sentence(why), known.list());
            Err(ShareError { field, reason })
        };
        match known {
            Known { queue: Err(why), .. } if self.queue.is_some() => refuse("queue", why),
            Known { number: Err(why), .. } if self.number.is_some() => refuse("number", why),
            Known { attribute: Err(why), .. } if self.attribute.is_some() => {
                refuse("attribute", why)
            }
            _ => Ok(()),
        }
    }

    /// Chooses for one contact. The same question always has the same answer.
    pub(super) fn arm(&self, candidate: &str, subject: &Subject<'_>) -> Arm {
        if !self.fits(subject) {
            // With chance among those who fit, others say nothing; without it they are all there is
            // to compare with.
            return if self.percent < 100.0 { Arm::Outside } else { Arm::Active };
        }
        if self.percent <= 100.0 * chance(candidate, subject.interaction) {
            Arm::Active
        } else {
            Arm::Candidate
        }
    }

    fn fits(&self, subject: &Subject<'_>) -> bool {
        let queue = self
            .queue
            .as_ref()
            .is_none_or(|wanted| subject.queue.is_some_and(|queue| queue.as_str() == wanted));
        let number = self.number.as_ref().is_none_or(|wanted| {
            subject.dialled.is_some_and(|dialled| match wanted.strip_suffix('*') {
                Some(start) => dialled.starts_with(start),
                None => dialled == wanted,
            })
        });
        let attribute = self
            .attribute
            .as_ref()
            .is_none_or(|wanted| subject.attributes.iter().any(|known| known == wanted));
        queue && number && attribute
    }

    /// In words: `10 % of queue sales`.
    pub fn words(&self) -> String {
        let mut words = format!("{} %", self.percent);
        if let Some(queue) = &self.queue {
            words += &format!(" of queue {queue}");
        }
        if let Some(number) = &self.number {
            words += &format!(" of calls to {number}");
        }
        if let Some((name, value)) = &self.attribute {
            words += &format!(" of contacts with {name} = {value}");
        }
        words
    }
}

/// From 0 up to 1, the same for the same pair, and even over contacts: FNV-1a of the candidate, mixed
/// with the contact's name as SplitMix64 does (Steele, Lea, Flood 2014).
fn chance(candidate: &str, interaction: InteractionId) -> f64 {
    let mut z =
        interaction.0.wrapping_add(fnv(candidate.bytes())).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// FNV-1a.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.fold(0xcbf2_9ce4_8422_2325, step)
}
