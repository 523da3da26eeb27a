//! Deferred work with deadlines: e-mail, claims, back office.
//!
//! Source: the demand criterion of earliest deadline first (Dertouzos 1974; Baruah, Rosier, Howell
//! 1990): if any order of work meets all deadlines, to take the piece due first does, and one does
//! just if in every window [s, d] the work released at s or later and due by d is at most what the
//! agents can do between s and d. Work is a fluid here: any part of any piece may be done by any
//! agent, so that pieces must be many and short against the deadlines.
//!
//! Times are seconds from the beginning of the plan.

use super::StaffingError;

/// The most pieces of work, and spans of capacity, of one plan.
pub const ENTRIES_MAX: usize = 5_000;

/// Some work that is there from one time on and is due at another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// From when on it can be done.
    pub released: f64,
    /// When it must be done.
    pub due: f64,
    /// How long one agent needs for it, in seconds.
    pub amount: f64,
}

/// How many agents work from one time to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// From when on.
    pub from: f64,
    /// Until when.
    pub to: f64,
    /// How many, productive without a break; a part of an agent is one who works part of the time.
    pub agents: f64,
}

/// When how many agents work: spans in order, with nobody between them and after them.
#[derive(Clone, Debug, PartialEq)]
pub struct Capacity {
    spans: Vec<Span>,
    /// What has been possible at the beginning of each span, in agent-seconds.
    before: Vec<f64>,
}

/// The window that asks for the most of its capacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Its beginning.
    pub from: f64,
    /// Its end.
    pub to: f64,
    /// The work released and due inside of it, in agent-seconds.
    pub demand: f64,
    /// What the agents can do in it, in agent-seconds.
    pub capacity: f64,
}

/// What becomes of one piece of work, if the piece that is due first is always done first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// When it is done; `None` if not before the last span ends.
    pub done: Option<f64>,
    /// How much of it is not done when it is due, in agent-seconds.
    pub late: f64,
}

/// What is open at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenWork {
    /// When.
    pub at: f64,
    /// How old each piece is (seconds since its release), and how much of it is left; oldest first.
    pub by_age: Vec<(f64, f64)>,
    /// How much of the open work is past its due time.
    pub overdue: f64,
}

/// The course of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// For each piece of work, in the order given.
    pub outcomes: Vec<Outcome>,
    /// At each of the times asked for.
    pub open: Vec<OpenWork>,
}

impl Work {
    fn check(&self) -> Result<(), StaffingError> {
        let times = [self.released, self.due, self.amount];
        if let Some(&got) = times.iter().find(|time| !(0.0..=f64::MAX).contains(*time)) {
            return Err(StaffingError::out_of_range("work", "of times and amounts from 0 on", got));
        }
        if self.due <= self.released {
            let accepted = "due after its release";
            return Err(StaffingError::out_of_range("work", accepted, self.due - self.released));
        }
        Ok(())
    }
}

impl Capacity {
    /// Takes the spans, in order.
    ///
    /// # Errors
    ///
    /// [`StaffingError`] if one is empty, begins before the one before it ends, or has less than no
    /// agents; or of more than [`ENTRIES_MAX`].
    pub fn new(spans: &[Span]) -> Result<Self, StaffingError> {
        few("spans", spans.len())?;
        let (mut end, mut sum, mut before) = (0.0, 0.0, Vec::with_capacity(spans.len()));
        for span in spans {
            if !(end <= span.from && span.from < span.to && span.to.is_finite()) {
                let accepted = "spans in order that do not overlap";
                return Err(StaffingError::out_of_range("capacity", accepted, span.from));
            }
            if !(0.0..=f64::from(super::AGENTS_MAX)).contains(&span.agents) {
                let accepted = "0 to 100000";
                return Err(StaffingError::out_of_range("agents", accepted, span.agents));
            }
            before.push(sum);
            sum += (span.to - span.from) * span.agents;
            end = span.to;
        }
        Ok(Self { spans: spans.to_vec(), before })
    }

    /// As many agents all the time, from 0 to `to`.
    ///
    /// # Errors
    ///
    /// As [`Capacity::new`].
    pub fn constant(agents: f64, to: f64) -> Result<Self, StaffingError> {
        Self::new(&[Span { from: 0.0, to, agents }])
    }

    /// What can be done between two times, in agent-seconds.
    pub fn between(&self, from: f64, to: f64) -> f64 {
        (self.until(to) - self.until(from)).max(0.0)
    }

    fn until(&self, time: f64) -> f64 {
        let place = self.spans.partition_point(|span| span.from <= time);
        let last = place.checked_sub(1).and_then(|at| Some((self.spans.get(at)?, at)));
        let Some((span, at)) = last else { return 0.0 };
        let before = self.before.get(at).copied().unwrap_or_default();
        before + (time.min(span.to) - span.from) * span.agents
    }
}

impl Window {
    /// Demand over capacity: how many times the capacity would be needed. At most 1 can be done.
    pub fn ratio(&self) -> f64 {
        if self.demand == 0.0 { 0.0 } else { self.demand / self.capacity }
    }
}

/// Finds the window that asks for the most of its capacity; `None` without work.
///
/// If its ratio is at most 1 all deadlines can be met, and are by doing first what is due first. If
/// the capacity is that of **one** agent, the ratio is the number of agents needed.
///
/// # Errors
///
/// [`StaffingError`] of more than [`ENTRIES_MAX`] pieces, or one that makes no sense.
pub fn busiest_window(work: &[Work], capacity: &Capacity) -> Result<Option<Window>, StaffingError> {
    few("work", work.len())?;
    work.iter().try_for_each(Work::check)?;
    let mut by_due: Vec<&Work> = work.iter().filter(|piece| 0.0 < piece.amount).collect();
    by_due.sort_by(|one, other| one.due.total_cmp(&other.due));
    let mut starts: Vec<f64> = by_due.iter().map(|piece| piece.released).collect();
    starts.sort_by(f64::total_cmp);
    starts.dedup();
    let mut busiest: Option<Window> = None;
    for from in starts {
        let mut demand = 0.0;
        for piece in by_due.iter().filter(|piece| from <= piece.released) {
            demand += piece.amount;
            let (to, capacity) = (piece.due, capacity.between(from, piece.due));
            let window = Window { from, to, demand, capacity };
            if busiest.is_none_or(|busiest| busiest.ratio() < window.ratio()) {
                busiest = Some(window);
            }
        }
    }
    Ok(busiest)
}

/// Plays the plan: the piece that is due first is done first, and at the times in `looks` (ascending)
/// what is open is written down. Late work is done all the same, in its turn.
///
/// # Errors
///
/// As [`busiest_window`]; also of more than [`ENTRIES_MAX`] looks.
pub fn forecast(
    work: &[Work],
    capacity: &Capacity,
    looks: &[f64],
) -> Result<Forecast, StaffingError> {
    few("work", work.len())?;
    few("looks", looks.len())?;
    work.iter().try_for_each(Work::check)?;
    // Between two of these times nothing begins, ends or is asked.
    let mut times: Vec<f64> = looks.to_vec();
    times.extend(work.iter().flat_map(|piece| [piece.released, piece.due]));
    times.extend(capacity.spans.iter().flat_map(|span| [span.from, span.to]));
    times.push(0.0);
    times.sort_by(f64::total_cmp);
    times.dedup();
    let mut order: Vec<usize> = (0..work.len()).collect();
    order.sort_by(|&one, &other| {
        let (one, other) = (&work[one], &work[other]);
        one.due.total_cmp(&other.due).then(one.released.total_cmp(&other.released))
    });
    let mut play = Play {
        work,
        left: work.iter().map(|piece| piece.amount).collect(),
        outcomes: vec![Outcome { done: None, late: 0.0 }; work.len()],
        order,
    };
    let mut open = Vec::with_capacity(looks.len());
    let mut looks = looks.iter().copied().peekable();
    for (index, &now) in times.iter().enumerate() {
        play.deadlines(now);
        while looks.next_if(|&look| look <= now).is_some() {
            open.push(play.open(now));
        }
        if let Some(&next) = times.get(index + 1) {
            play.advance(now, next, capacity);
        }
    }
    Ok(Forecast { outcomes: play.outcomes, open })
}

/// How little of a piece is nothing, in agent-seconds: less than any handle time by far.
const NOTHING: f64 = 1e-6;

struct Play<'a> {
    work: &'a [Work],
    left: Vec<f64>,
    outcomes: Vec<Outcome>,
    /// Those not done, first due first.
    order: Vec<usize>,
}

impl Play<'_> {
    /// Writes down what is due at `now` and not done.
    fn deadlines(&mut self, now: f64) {
        for &piece in &self.order {
            if self.work[piece].due == now {
                self.outcomes[piece].late = self.left[piece];
            }
        }
    }

    /// Works from `now` until `next`, in which time the number of agents does not change.
    fn advance(&mut self, now: f64, next: f64, capacity: &Capacity) {
        let mut possible = capacity.between(now, next);
        let agents = possible / (next - now);
        let mut time = now;
        for place in 0..self.order.len() {
            let piece = self.order[place];
            if possible <= 0.0 {
                break;
            }
            if now < self.work[piece].released {
                continue;
            }
            let spent = self.left[piece].min(possible);
            self.left[piece] -= spent;
            possible -= spent;
            time += spent / agents;
            if self.left[piece] <= NOTHING {
                self.left[piece] = 0.0;
                self.outcomes[piece].done = Some(time.min(next));
            }
        }
        let left = &self.left;
        self.order.retain(|&piece| 0.0 < left[piece]);
    }

    fn open(&self, now: f64) -> OpenWork {
        let there = self.order.iter().filter(|&&piece| self.work[piece].released <= now);
        let mut by_age: Vec<(f64, f64)> = there
            .clone()
            .map(|&piece| (now - self.work[piece].released, self.left[piece]))
            .collect();
        by_age.sort_by(|one, other| other.0.total_cmp(&one.0));
        let overdue = there.filter(|&&piece| self.work[piece].due <= now);
        OpenWork {
            at: now,
            by_age,
            overdue: overdue.fold(0.0, |sum, &piece| sum + self.left[piece]),
        }
    }
}

fn few(what: &'static str, got: usize) -> Result<(), StaffingError> {
    if got <= ENTRIES_MAX {
        return Ok(());
    }
    Err(StaffingError::TooMany { what, max: ENTRIES_MAX, got })
}

#[cfg(test)]
mod tests;
