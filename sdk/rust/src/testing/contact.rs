//! A contact without a host, for the tests of flows.

use std::cell::RefCell;
use std::collections::VecDeque;

use crate::flow::{Contact, GatherOptions, Prompt, QueueEnd, QueueOptions, SessionError};

/// One contact in a flow: what the customer enters is given, what happens is written down.
#[derive(Debug)]
pub struct MockContact {
    keys: RefCell<VecDeque<String>>,
    /// How the stay in a queue ends.
    pub ends: QueueEnd,
    /// Whether queues are open.
    pub open: bool,
    lines: RefCell<Vec<String>>,
}

impl MockContact {
    /// A customer who enters these, one for each question, and is served.
    pub fn new(keys: &[&str]) -> Self {
        let keys = keys.iter().map(|&key| key.to_owned()).collect();
        let (keys, lines) = (RefCell::new(keys), RefCell::default());
        Self { keys, ends: QueueEnd::Served, open: true, lines }
    }

    /// What happened to the customer, a line each.
    pub fn lines(&self) -> Vec<String> {
        self.lines.borrow().clone()
    }

    fn line(&self, text: String) {
        self.lines.borrow_mut().push(text);
    }
}

impl Contact for MockContact {
    fn caller(&self) -> Option<String> {
        Some("+441632960011".to_owned())
    }
    fn answer(&self) -> Result<(), SessionError> {
        self.line("answer".to_owned());
        Ok(())
    }
    fn say(&self, text: &str) -> Result<(), SessionError> {
        self.line(format!("say {text}"));
        Ok(())
    }
    fn ask(&self, prompts: &[Prompt], _: GatherOptions) -> Result<Option<String>, SessionError> {
        for prompt in prompts {
            self.line(match prompt {
                Prompt::Text(text) => format!("play {text}"),
                Prompt::Named(name) => format!("play <{name}>"),
                Prompt::PauseMs(span) => format!("pause {span} ms"),
            });
        }
        let key = self.keys.borrow_mut().pop_front();
        self.line(
            key.as_ref().map_or("nothing pressed".to_owned(), |key| format!("pressed {key}")),
        );
        Ok(key)
    }
    fn set_attribute(&self, name: &str, value: &str) -> Result<(), SessionError> {
        self.line(format!("set {name} {value}"));
        Ok(())
    }
    fn enqueue(&self, queue: &str, _: &QueueOptions) -> Result<QueueEnd, SessionError> {
        self.line(format!("enqueue {queue}"));
        Ok(self.ends)
    }
    fn is_open(&self, _: &str) -> Result<bool, SessionError> {
        Ok(self.open)
    }
    fn hang_up(&self, reason: Option<&str>) {
        self.line(format!("hang up {}", reason.unwrap_or_default()));
    }
}
