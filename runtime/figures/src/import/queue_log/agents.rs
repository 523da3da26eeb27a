//! The time of Asterisk's queue members: logged in, paused, on a call.

use std::collections::{BTreeMap, BTreeSet};

use crate::kpi::record::{Activity, AgentSpan};

/// What each member does.
#[derive(Default)]
pub(super) struct Clocks {
    members: BTreeMap<String, Member>,
    spans: Vec<AgentSpan>,
}

#[derive(Default)]
struct Member {
    /// The queues it was added to; `NONE` stands for a log-in as an agent.
    queues: BTreeSet<String>,
    paused_in: BTreeSet<String>,
    paused: bool,
    calls: u64,
    since: u64,
}

impl Member {
    fn activity(&self) -> Option<Activity> {
        if self.queues.is_empty() {
            return None;
        }
        if self.calls != 0 {
            return Some(Activity::Talking);
        }
        let paused = self.paused || self.queues.iter().all(|queue| self.paused_in.contains(queue));
        Some(if paused { Activity::Unavailable } else { Activity::Available })
    }
}

impl Clocks {
    /// Takes an event of a member; returns whether it is one.
    pub(super) fn event(&mut self, name: &str, at: u64, queue: &str, agent: &str) -> bool {
        let change: fn(&mut Member, &str) = match name {
            "ADDMEMBER" | "AGENTLOGIN" | "AGENTCALLBACKLOGIN" => |member, queue| {
                member.queues.insert(queue.to_owned());
            },
            "REMOVEMEMBER" => |member, queue| {
                member.queues.remove(queue);
                member.paused_in.remove(queue);
            },
            "AGENTLOGOFF" | "AGENTCALLBACKLOGOFF" => |member, _| member.queues.clear(),
            "PAUSE" => |member, queue| {
                member.paused_in.insert(queue.to_owned());
            },
            "UNPAUSE" => |member, queue| {
                member.paused_in.remove(queue);
            },
            "PAUSEALL" => |member, _| member.paused = true,
            "UNPAUSEALL" => |member, _| {
                member.paused = false;
                member.paused_in.clear();
            },
            _ => return false,
        };
        self.change(at, agent, |member| change(member, queue));
        true
    }

    /// A call of the member began or ended.
    pub(super) fn talks(&mut self, at: u64, agent: &str, begins: bool) {
        self.change(at, agent, |member| {
            member.calls = if begins { member.calls + 1 } else { member.calls.saturating_sub(1) };
        });
    }

    fn change(&mut self, at: u64, agent: &str, change: impl FnOnce(&mut Member)) {
        let member = self.members.entry(agent.to_owned()).or_default();
        let before = member.activity();
        change(member);
        if member.activity() != before {
            let ended = before.map(|activity| span(agent, activity, member.since, at));
            self.spans.extend(ended.filter(|span| span.from < span.to));
            member.since = at;
        }
    }

    /// Asterisk stopped: nobody is logged in as far as the log knows.
    pub(super) fn stop(&mut self, at: u64) {
        for (agent, member) in std::mem::take(&mut self.members) {
            let ended = member.activity().map(|activity| span(&agent, activity, member.since, at));
            self.spans.extend(ended.filter(|span| span.from < span.to));
        }
    }

    /// Returns all spans up to `at`.
    pub(super) fn finish(&mut self, at: u64) -> Vec<AgentSpan> {
        self.stop(at);
        std::mem::take(&mut self.spans)
    }
}

fn span(agent: &str, activity: Activity, from: u64, to: u64) -> AgentSpan {
    let slots_busy = u64::from(activity == Activity::Talking);
    AgentSpan { agent: agent.to_owned(), activity, from, to, slots_busy, slots: 1 }
}
