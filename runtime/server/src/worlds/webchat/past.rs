//! What was written before, read from the stories of conversations.

use jackfield_core::InteractionId;
use jackfield_store::{InteractionFilter, InteractionRecord, StoreError};
use serde_json::Value;

use super::{CHANNEL, Post, shown_name};
use crate::tenant::Tenant;

/// Conversations that are looked at for what a visitor has written before.
const CONVERSATIONS_MAX: usize = 20;

/// The messages of a conversation, in order.
pub fn messages(record: &InteractionRecord) -> Vec<Post> {
    let said = record.timeline.iter().filter(|event| event.what == "message");
    let post = |(place, event): (usize, &jackfield_store::TimelineEvent)| {
        let detail = |wanted: &str| {
            let found = event.details.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone())
        };
        let choices = event.details.iter().filter(|(name, _)| name == "choice");
        Post {
            interaction: record.id,
            seq: u32::try_from(place + 1).unwrap_or(u32::MAX),
            id: detail("id").unwrap_or_default(),
            from: match detail("by").as_deref() {
                Some("agent") => "agent",
                Some("bot") => "bot",
                _ => "customer",
            },
            agent: detail("agent"),
            text: detail("text").unwrap_or_default(),
            choices: choices.map(|(_, value)| value.clone()).collect(),
            at_micros: event.at_micros,
        }
    };
    said.enumerate().map(post).collect()
}

/// What a visitor has written and was answered, the newest `most` messages, the oldest first, as pages
/// are sent them; nothing up to and including `after`.
///
/// # Errors
///
/// What the store says.
pub fn frames(
    tenant: &Tenant,
    visitor: &str,
    most: usize,
    after: Option<(InteractionId, u32)>,
) -> Result<Vec<Value>, StoreError> {
    let filter = InteractionFilter { ani: Some(visitor.to_owned()), ..Default::default() };
    let mut found = tenant.store.interactions(&filter, None, CONVERSATIONS_MAX)?.items;
    found.retain(|record| record.dnis == CHANNEL);
    found.reverse();
    let mut posts: Vec<Post> = found.iter().flat_map(messages).collect();
    posts.drain(..posts.len().saturating_sub(most));
    posts.retain(|post| after.is_none_or(|after| after < (post.interaction, post.seq)));
    let frame = |post: &Post| {
        post.frame(post.agent.as_deref().and_then(|agent| shown_name(tenant, agent)).as_deref())
    };
    Ok(posts.iter().map(frame).collect())
}

/// Reads `INTERACTION/SEQ`.
pub fn place(text: &str) -> Option<(InteractionId, u32)> {
    let (interaction, seq) = text.split_once('/')?;
    Some((interaction.parse().ok()?, seq.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{messages, place};
    use jackfield_core::{Channel, InteractionId};
    use jackfield_store::{InteractionRecord, TimelineEvent};

    #[test]
    fn messages_have_the_place_that_they_have_in_the_story() {
        let mut record = InteractionRecord::arrived(InteractionId(7), Channel::Chat, "web", 1);
        let mut happens = |what: &str, details: &[(&str, &str)]| {
            let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let details = details.iter().map(pair).collect();
            record.timeline.push(TimelineEvent { at_micros: 1, what: what.to_owned(), details });
        };
        happens("arrived", &[]);
        happens("message", &[("by", "customer"), ("text", "hi"), ("id", "m1")]);
        happens("message", &[("by", "bot"), ("text", "Yes?"), ("choice", "a"), ("choice", "b")]);
        happens("queued", &[]);
        happens("message", &[("by", "agent"), ("text", "Hello"), ("agent", "anna")]);
        let told: Vec<_> = messages(&record)
            .into_iter()
            .map(|post| (post.seq, post.from, post.id, post.text, post.choices.len(), post.agent))
            .collect();
        let row = |seq, from, id: &str, text: &str, choices, agent: Option<&str>| {
            (seq, from, id.to_owned(), text.to_owned(), choices, agent.map(str::to_owned))
        };
        assert_eq!(
            told,
            [
                row(1, "customer", "m1", "hi", 0, None),
                row(2, "bot", "", "Yes?", 2, None),
                row(3, "agent", "", "Hello", 0, Some("anna")),
            ]
        );
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let id = InteractionId(7);
        assert_eq!(place(&format!("{id}/3")), Some((id, 3)));
        for wrong in ["", "/", "x/1", &format!("{id}/x"), &id.to_string()] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
