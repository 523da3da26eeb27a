//! Figures of a time, from the journal or as they were counted live.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use jackfield_core::{AgentStats, Instant};
use jackfield_figures::kpi::{
    Attribution, GenesysSwitches, Grouping, Language, Parameters, RepeatRule, Report, WaitFrom,
    to_csv, to_json, to_table,
};
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::call::{Answer, Call, ok, text};
use super::centre::Tenancy;
use super::problem::Problem;
use super::{events, queues};
use crate::config::figures::standard_times;
use crate::config::units::parse_time;
use crate::rfc3339;
use crate::tenant::{LiveReport, now};

/// How each figure is made: so that nobody has to guess what another system means by it.
const DEFINITIONS: &[(&str, &str)] = &[
    (
        "offered",
        "contacts that joined the queue, by their flow or from another queue; = answered + abandoned + short_abandoned + left + overflowed_out + still waiting",
    ),
    ("answered", "contacts that an agent answered"),
    ("answered_in_target", "of these, within the queue's service level target"),
    ("abandoned", "customers who left while they waited, without the short ones"),
    ("short_abandoned", "customers who left sooner than the queue's `short_abandon`; in no ratio"),
    ("left", "contacts that left without an agent and without hanging up, by reason"),
    (
        "service_level",
        "answered_in_target / (answered + abandoned), a ratio from 0 to 1; null is no data",
    ),
    (
        "average_speed_of_answer_ms",
        "ASA: mean wait of answered contacts, from joining the first queue of the stay; null is no data",
    ),
    (
        "average_handle_time_ms",
        "AHT: (talk + after-call work) / conversations that ended; null is no data",
    ),
    ("handled", "conversations that ended"),
    ("contacts", "an agent's conversations that ended"),
    (
        "range",
        "a figure counts when it happens: a call that began before `from` and was answered within the range is in answered, not in offered",
    ),
];

/// How often a watcher of the figures is told, if they have changed: within one second.
const TOLD_EVERY: Duration = Duration::from_millis(500);
/// The shortest interval.
const INTERVAL_MIN: Duration = Duration::from_secs(60);

/// What the answer looks like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Shape {
    /// The engine's own figures and the report.
    Whole,
    /// The report alone, as JSON.
    Kpi,
    /// The report alone, as CSV.
    Csv,
    /// The report alone, as text for people.
    Table(Language),
}

impl Shape {
    fn answer(self, report: &Report, records: Option<u64>) -> Result<Response, Problem> {
        match self {
            Self::Whole | Self::Kpi => {
                let mut answer = to_json(report);
                if let Some(records) = records {
                    answer["journal_records"] = json!(records);
                }
                ok(&answer)
            }
            Self::Csv => Ok(text("text/csv; charset=utf-8", to_csv(report))),
            Self::Table(language) => {
                Ok(text("text/plain; charset=utf-8", to_table(report, language)))
            }
        }
    }
}

fn shape(call: &Call) -> Result<Shape, Problem> {
    match call.query("as") {
        None => Ok(Shape::Whole),
        Some("kpi") => Ok(Shape::Kpi),
        Some("csv") => Ok(Shape::Csv),
        Some("table") => Ok(Shape::Table(Language::English)),
        Some("table-ru") => Ok(Shape::Table(Language::Russian)),
        Some(other) => {
            let accepted = "`kpi`, `csv`, `table` or `table-ru` is accepted";
            Err(Problem::bad_query("as", format!("{accepted}, got `{other}`")))
        }
    }
}

fn counted_live(call: &Call) -> Result<bool, Problem> {
    match call.query("counted") {
        None | Some("journal") => Ok(false),
        Some("live") => Ok(true),
        Some(other) => {
            let accepted = "`journal` or `live` is accepted";
            Err(Problem::bad_query("counted", format!("{accepted}, got `{other}`")))
        }
    }
}

/// Reads what the figures depend on.
fn parameters(call: &Call) -> Result<Parameters, Problem> {
    let (from_us, to_us) = call.query_range()?;
    let time = |key: &str| -> Result<Option<u64>, Problem> {
        let Some(text) = call.query(key) else { return Ok(None) };
        let accepted =
            || Problem::bad_query(key, format!("a time such as `20s` is accepted, got `{text}`"));
        let time = parse_time(text).ok_or_else(accepted)?;
        Ok(Some(u64::try_from(time.as_micros()).unwrap_or(u64::MAX)))
    };
    let mut usual = call.tenant()?.figures_config().usual.clone();
    let by = call.query("by").map(Grouping::list).transpose();
    let interval_us = time("interval")?.unwrap_or(usual.interval_us);
    if u128::from(interval_us) < INTERVAL_MIN.as_micros() {
        return Err(Problem::bad_query("interval", "it is 1m at least"));
    }
    let mut repeat = usual.repeat.clone();
    repeat.window_us = time("window")?.unwrap_or(repeat.window_us);
    repeat.same_reason = call.query_flag("same_reason")?.unwrap_or(repeat.same_reason);
    repeat.exclude_transferred =
        call.query_flag("exclude_transferred")?.unwrap_or(repeat.exclude_transferred);
    repeat.exclude_abandoned =
        call.query_flag("exclude_abandoned")?.unwrap_or(repeat.exclude_abandoned);
    if let Some(text) = call.query("repeat_channels") {
        let channels = RepeatRule::channels_of(text.split(','));
        repeat.channels =
            channels.map_err(|problem| Problem::bad_query("repeat_channels", problem))?;
    }
    let mut genesys = usual.genesys;
    if let Some(text) = call.query("genesys_exclude") {
        let parts = text.split(',').filter(|part| !part.is_empty());
        genesys = GenesysSwitches::without(parts)
            .map_err(|problem| Problem::bad_query("genesys_exclude", problem))?;
    }
    if let Some(text) = call.query("standard_time") {
        let times =
            standard_times(text).map_err(|problem| Problem::bad_query("standard_time", problem))?;
        usual.set_standard_times(times);
    }
    Ok(Parameters {
        from_us,
        to_us,
        within_us: time("within")?,
        short_abandon_us: time("short_abandon")?,
        interval_us,
        by: by.map_err(|problem| Problem::bad_query("by", problem))?.unwrap_or(usual.by),
        attribute: match call.query("attribute") {
            None | Some("enter") => Attribution::Enter,
            Some("exit") => Attribution::Exit,
            Some(other) => {
                let problem = format!("`enter` or `exit` is accepted, got `{other}`");
                return Err(Problem::bad_query("attribute", problem));
            }
        },
        wait_from: match call.query("wait_from") {
            None | Some("first-queue") => WaitFrom::FirstQueue,
            Some("this-queue") => WaitFrom::ThisQueue,
            Some(other) => {
                let problem = format!("`first-queue` or `this-queue` is accepted, got `{other}`");
                return Err(Problem::bad_query("wait_from", problem));
            }
        },
        genesys,
        repeat,
        standard_times_us: usual.standard_times_us,
    })
}

/// Counts live; without a beginning, what of the past is still counted.
async fn live_report(
    tenant: &dyn Tenancy,
    mut parameters: Parameters,
    seen: Option<u64>,
) -> Result<Option<LiveReport>, Problem> {
    let asked = parameters.from_us;
    if asked.is_none() {
        parameters.from_us = Some(today());
    }
    let live = tenant.live_report(parameters, seen).await?;
    let since = live.as_ref().map(|live| live.since.as_micros());
    if let Some((_, since)) = asked.zip(since).filter(|(asked, since)| asked < since) {
        let since = rfc3339::format(since);
        let problem = format!("live figures begin with {since}; the journal has all of them");
        return Err(Problem::bad_query("from", problem));
    }
    Ok(live)
}

/// The beginning of this day in UTC, in microseconds.
fn today() -> u64 {
    const DAY: u64 = 86_400_000_000;
    now().as_micros() / DAY * DAY
}

struct Watch {
    tenant: Box<dyn Tenancy>,
    parameters: Parameters,
    shape: Shape,
    seen: Option<u64>,
    every: tokio::time::Interval,
    heartbeat: tokio::time::Interval,
    stop: CancellationToken,
    _permit: OwnedSemaphorePermit,
}

impl Watch {
    /// Waits for figures that are new, and returns them as an event.
    async fn next(&mut self) -> Option<String> {
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return None,
                _ = self.every.tick() => {
                    let live = live_report(&*self.tenant, self.parameters.clone(), self.seen);
                    // A fault ends the stream: who comes back is told it with a status.
                    if let Some(live) = live.await.ok()? {
                        self.seen = Some(live.records);
                        self.heartbeat.reset();
                        return Some(self.tell(&live));
                    }
                }
                _ = self.heartbeat.tick() => return Some(": alive\n\n".to_owned()),
            }
        }
    }

    fn tell(&self, live: &LiveReport) -> String {
        let data = match self.shape {
            Shape::Whole | Shape::Kpi => {
                let mut data = to_json(&live.report);
                data["journal_records"] = json!(live.records);
                data.to_string()
            }
            Shape::Csv => to_csv(&live.report),
            Shape::Table(language) => to_table(&live.report, language),
        };
        let data: String = data.lines().map(|line| format!("data: {line}\n")).collect();
        format!("id: {}\nevent: report\n{data}\n", live.records)
    }
}

/// `GET /report/live`
pub fn watch(mut call: Call) -> Answer {
    Box::pin(async move {
        let front = Arc::clone(&call.front);
        let permit = Arc::clone(&front.streams).try_acquire_owned();
        let permit = permit.map_err(|_| Problem::busy("too many event streams are open"))?;
        let (parameters, shape) = (parameters(&call)?, shape(&call)?);
        let tenant = call.tenant.take();
        let tenant = tenant.ok_or_else(|| Problem::internal("the route has no tenant"))?;
        let mut every = tokio::time::interval(TOLD_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let beat = front.limits.heartbeat;
        let heartbeat = tokio::time::interval_at(tokio::time::Instant::now() + beat, beat);
        let mut watch = Watch {
            tenant,
            parameters,
            shape,
            seen: None,
            every,
            heartbeat,
            stop: front.stop.clone(),
            _permit: permit,
        };
        // The first is counted before the answer, so that a bad range is a refusal.
        let first = live_report(&*watch.tenant, watch.parameters.clone(), None).await?;
        let first = first.map(|live| {
            watch.seen = Some(live.records);
            watch.tell(&live)
        });
        let told = stream::unfold((first, watch), |(first, mut watch)| async move {
            let text = match first {
                Some(first) => first,
                None => watch.next().await?,
            };
            Some((Ok::<_, Infallible>(Bytes::from(text)), (None, watch)))
        });
        Ok(events::response(Body::from_stream(told)))
    })
}

/// `GET /journal`
pub fn journal(call: Call) -> Answer {
    Box::pin(async move {
        let permit = Arc::clone(&call.front.streams).try_acquire_owned();
        let permit = permit.map_err(|_| Problem::busy("too many event streams are open"))?;
        let (from, to) = call.query_range()?;
        let (from, to) = (from.map(Instant::from_micros), to.map(Instant::from_micros));
        let chunks = call.tenant()?.journal(from, to).await?;
        let told = chunks.map(move |chunk| {
            let _held = &permit;
            Ok::<_, Infallible>(chunk)
        });
        let mut response = Response::new(Body::from_stream(told));
        let kind = HeaderValue::from_static("application/x-ndjson");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        Ok(response)
    })
}

/// `GET /report`
pub fn show(call: Call) -> Answer {
    Box::pin(async move {
        let (from, to) = call.query_range()?;
        let parameters = parameters(&call)?;
        let counted_live = counted_live(&call)?;
        let shape = shape(&call)?;
        let tenant = call.tenant()?;
        if counted_live {
            let live = live_report(tenant, parameters, None).await?;
            let live = live.ok_or_else(|| Problem::internal("nothing was counted"))?;
            return shape.answer(&live.report, Some(live.records));
        }
        let moments = (from.map(Instant::from_micros), to.map(Instant::from_micros));
        let (stats, report) = tenant.figures(moments.0, moments.1, parameters).await?;
        if shape != Shape::Whole {
            return shape.answer(&report, None);
        }
        let moment = |at: Option<Instant>| at.map(|at| rfc3339::format(at.as_micros()));
        let queues = stats.queues.iter().map(|(name, queue)| {
            let config = tenant.center().queues.get(name);
            json!({
                "queue": name,
                "target": config.map(|config| queues::target(&config.service_level)),
                "figures": queues::figures(queue),
            })
        });
        let agents = stats.agents.iter().map(|(name, stats)| agent(name.as_str(), stats));
        ok(&json!({
            "from": from.map(rfc3339::format),
            "to": to.map(rfc3339::format),
            "first": moment(stats.since),
            "last": moment(stats.until),
            "queues": queues.collect::<Vec<_>>(),
            "agents": agents.collect::<Vec<_>>(),
            "definitions": DEFINITIONS.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
            "kpi": to_json(&report),
        }))
    })
}

fn agent(name: &str, stats: &AgentStats) -> Value {
    json!({
        "agent": name,
        "contacts": stats.contacts,
        "talk_ms": stats.talk.as_millis(),
        "after_call_work_ms": stats.wrap_up.as_millis(),
        "ready_ms": stats.ready.as_millis(),
        "not_ready_ms": stats.not_ready.as_millis(),
    })
}
