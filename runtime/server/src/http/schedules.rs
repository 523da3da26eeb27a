//! Schedules: what agents are planned to do.

use jackfield_core::{AgentId, Input, Instant, PlannedActivity, PlannedSpan};
use jackfield_figures::kpi::record::ScheduleSpan;
use serde::{Deserialize, Serialize};

use super::call::{Answer, Call, ok};
use super::problem::Problem;
use super::tenants::stopped;
use super::view::Page;
use crate::rfc3339;

#[derive(Serialize)]
struct Entry {
    agent: String,
    activity: &'static str,
    from: String,
    to: String,
    paid: bool,
}

fn view(span: ScheduleSpan) -> Entry {
    Entry {
        agent: span.agent,
        activity: span.activity.name(),
        from: rfc3339::format(span.from),
        to: rfc3339::format(span.to),
        paid: span.paid,
    }
}

/// The entries of one agent or all that lie, in part at least, between two moments.
async fn entries(
    call: &Call,
    agent: Option<&str>,
    (from, to): (Option<u64>, Option<u64>),
) -> Result<Vec<Entry>, Problem> {
    let spans = call.tenant()?.schedule().await?.into_iter().filter(|span| {
        agent.is_none_or(|agent| agent == span.agent)
            && from.is_none_or(|from| from < span.to)
            && to.is_none_or(|to| span.from < to)
    });
    Ok(spans.map(view).collect())
}

fn agent(call: &Call, name: &str) -> Result<AgentId, Problem> {
    let agents = &call.tenant()?.center().agents;
    let known = AgentId::new(name).ok().filter(|agent| agents.contains_key(agent));
    known.ok_or_else(|| Problem::not_found("agent", name))
}

/// `GET /schedule`
pub fn list(call: Call) -> Answer {
    Box::pin(async move {
        let range = call.query_range()?;
        ok(&Page::whole(entries(&call, call.query("agent"), range).await?))
    })
}

/// `GET /agents/{agent}/schedule`
pub fn show(call: Call) -> Answer {
    Box::pin(async move {
        let range = call.query_range()?;
        let agent = agent(&call, call.name("agent"))?;
        ok(&Page::whole(entries(&call, Some(agent.as_str()), range).await?))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    activities: Vec<Wanted>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    activity: String,
    from: String,
    to: String,
    #[serde(default)]
    paid: Option<bool>,
}

/// Reads a moment in a field of the body.
pub fn moment(field: &str, text: &str) -> Result<Instant, Problem> {
    let moment = rfc3339::parse(text).map(Instant::from_micros);
    moment.ok_or_else(|| {
        let accepted = "a moment such as `2026-11-21T09:00:00Z` is accepted";
        Problem::invalid(field, format!("{accepted}, got `{text}`"))
    })
}

fn span(place: usize, wanted: &Wanted) -> Result<PlannedSpan, Problem> {
    let field = |name: &str| format!("activities[{place}].{name}");
    let activity = PlannedActivity::by_name(&wanted.activity);
    let activity = activity.map_err(|problem| Problem::invalid(&field("activity"), problem))?;
    let (from, to) = (moment(&field("from"), &wanted.from)?, moment(&field("to"), &wanted.to)?);
    if to <= from {
        return Err(Problem::invalid(&field("to"), "it is not after `from`"));
    }
    let paid = wanted.paid.unwrap_or(activity.is_usually_paid());
    Ok(PlannedSpan { activity, from, to, paid })
}

impl Change {
    /// Reads the plan and the time it is for, which without its borders is that of the plan.
    fn read(&self, most: usize) -> Result<(Instant, Instant, Vec<PlannedSpan>), Problem> {
        if most < self.activities.len() {
            let reason = format!("{most} are accepted at once, as `max_schedule_entries` has it");
            return Err(Problem::invalid("activities", reason));
        }
        let read = self.activities.iter().enumerate().map(|(place, wanted)| span(place, wanted));
        let spans = read.collect::<Result<Vec<_>, _>>()?;
        for (place, pair) in spans.windows(2).enumerate() {
            if let [before, next] = pair
                && next.from < before.to
            {
                let field = format!("activities[{}].from", place + 1);
                return Err(Problem::invalid(&field, "it lies before the end of the one before"));
            }
        }
        let border = |name: &str, text: &Option<String>, own: Option<Instant>| match text {
            Some(text) => moment(name, text),
            None => own.ok_or_else(|| Problem::invalid(name, "it is needed without activities")),
        };
        let from = border("from", &self.from, spans.first().map(|span| span.from))?;
        let to = border("to", &self.to, spans.last().map(|span| span.to))?;
        if to <= from {
            return Err(Problem::invalid("to", "it is not after `from`"));
        }
        let outside = spans.iter().position(|span| span.from < from || to < span.to);
        if let Some(place) = outside {
            let field = format!("activities[{place}]");
            return Err(Problem::invalid(&field, "it does not lie between `from` and `to`"));
        }
        Ok((from, to, spans))
    }
}

/// `PUT /agents/{agent}/schedule`
pub fn replace(call: Call) -> Answer {
    Box::pin(async move {
        let change: Change = call.json()?;
        let agent = agent(&call, call.name("agent"))?;
        let tenant = call.tenant()?;
        let (from, to, spans) = change.read(tenant.figures_config().max_schedule_entries)?;
        let input = Input::Scheduled { agent: agent.clone(), from, to, spans };
        tenant.input(input).await;
        // The engine answers in order: what it was told before is done.
        tenant.snapshot().await.ok_or_else(stopped)?;
        let range = (Some(from.as_micros()), Some(to.as_micros()));
        ok(&Page::whole(entries(&call, Some(agent.as_str()), range).await?))
    })
}
