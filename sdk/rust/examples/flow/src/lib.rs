//! Leads a customer through a menu of two queues.

use jackfield_sdk::flow::{
    Contact, Flow, GatherOptions, Prompt, QueueEnd, QueueOptions, Session, SessionError,
};
use jackfield_sdk::{PluginError, log};

struct Menu;

impl Flow for Menu {
    fn run(session: Session) -> Result<(), PluginError> {
        Ok(lead(&session)?)
    }
}

jackfield_sdk::export_flow!(Menu);

/// The flow, for any contact: a test has one without a host.
fn lead(contact: &impl Contact) -> Result<(), SessionError> {
    contact.answer()?;
    let which = Prompt::Text("For sales press 1, for support press 2.".to_owned());
    let pressed = contact.ask(&[which], GatherOptions::default())?;
    let queue = if pressed.as_deref() == Some("2") { "support" } else { "sales" };
    contact.set_attribute("chosen", queue)?;
    let end = contact.enqueue(queue, &QueueOptions::default())?;
    log::info(&format!("the stay in {queue} ended: {end:?}"));
    if end != QueueEnd::Served {
        contact.say("Nobody is free. Please call again later.")?;
    }
    contact.hang_up(Some("done"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use jackfield_sdk::flow::QueueEnd;
    use jackfield_sdk::testing::{MockContact, logged};

    use super::lead;

    #[test]
    fn two_is_support() {
        let contact = MockContact::new(&["2"]);
        lead(&contact).unwrap();
        let expected = [
            "answer",
            "play For sales press 1, for support press 2.",
            "pressed 2",
            "set chosen support",
            "enqueue support",
            "hang up done",
        ];
        assert_eq!(contact.lines(), expected);
    }

    #[test]
    fn who_is_not_served_hears_so() {
        let mut contact = MockContact::new(&[]);
        contact.ends = QueueEnd::TimedOut;
        lead(&contact).unwrap();
        let lines = contact.lines();
        assert!(lines.contains(&"say Nobody is free. Please call again later.".to_owned()));
        assert_eq!(logged()[0].1, "the stay in sales ended: QueueEnd::TimedOut");
    }
}
