//! Back office and e-mail: work that waits for hours and days, not for seconds.
//!
//! Erlang's formulas do not apply: nobody hangs on the line, a backlog is carried over the night,
//! and what counts is its age against a deadline. Two questions are answered here:
//!
//! - the customary plan: how many agents clear the backlog in so many days **and** keep up with what
//!   comes meanwhile, ⌈(backlog / days + inflow per day) / (hours · 3600 / AHT)⌉;
//! - the deadline: how many are enough for no case to be late, if the case that is due first is
//!   always done first ([`super::deadline`]).
//!
//! Cases come, and agents work, evenly over the day; [`super::deadline`] takes any calendar.

use super::deadline::{Capacity, Work, busiest_window, forecast};
use super::shrinkage::whole_up;
use super::{StaffingError, agents_in_range, seconds};

const DAY: f64 = 86_400.0;

/// The most steps of a forecast.
const STEPS_MAX: u32 = 400;

/// Cases to be handled, and by when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackOffice {
    /// Cases that lie there at the beginning, all due within `deadline_seconds` from then.
    pub backlog: f64,
    /// Cases that come per day (24 hours).
    pub inflow_per_day: f64,
    /// How long an agent works on one of them, in seconds.
    pub handle_seconds: f64,
    /// How long after its arrival a case must be done, in seconds; and in which time the backlog is
    /// to be cleared.
    pub deadline_seconds: f64,
    /// How many hours of a day (24 hours) an agent works on cases.
    pub hours_per_day: f64,
}

/// The figures of a number of agents.
#[derive(Clone, Debug, PartialEq)]
pub struct BackOfficeStaffing {
    /// How many agents.
    pub agents: f64,
    /// Cases that they can do per day.
    pub cases_per_day: f64,
    /// The share of their time until the deadline that is spent on cases.
    pub occupancy: f64,
    /// Days until the backlog is gone and only fresh cases are open; `None` if it never is.
    pub days_to_clear: Option<f64>,
    /// Of the cases due within the forecast the share that is done in time.
    pub on_time: f64,
    /// The course, step by step.
    pub forecast: Vec<BackOfficeStep>,
}

/// The end of one step (a day, or an hour if the deadline is shorter than a day).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackOfficeStep {
    /// Days since the beginning.
    pub day: f64,
    /// Cases that came in this step.
    pub arrived: f64,
    /// Cases done in this step.
    pub done: f64,
    /// Cases open at its end.
    pub open: f64,
    /// The age of the oldest of them since it arrived, in days; those of the backlog are counted
    /// from the beginning. 0.0 if none is open.
    pub oldest_days: f64,
    /// Open cases whose deadline has passed.
    pub overdue: f64,
}

/// Backlog tomorrow: backlog today + arrivals - what can be done, at least 0.
pub fn backlog_after(backlog: f64, arrivals: f64, can_be_done: f64) -> f64 {
    (backlog + arrivals - can_be_done).max(0.0)
}

impl BackOffice {
    /// Checks the numbers.
    ///
    /// # Errors
    ///
    /// [`StaffingError::OutOfRange`] with the name of the first that makes no sense; also of no
    /// cases at all.
    pub fn check(&self) -> Result<(), StaffingError> {
        seconds("aht", self.handle_seconds)?;
        seconds("deadline", self.deadline_seconds)?;
        if self.deadline_seconds < self.handle_seconds {
            let accepted = "at least the aht of one case (what must be answered at once is staffed \
                            by Erlang's formulas)";
            return Err(StaffingError::out_of_range("deadline", accepted, self.deadline_seconds));
        }
        if !(0.0 < self.hours_per_day && self.hours_per_day <= 24.0) {
            let accepted = "more than 0h and at most 24h a day";
            return Err(StaffingError::out_of_range("hours", accepted, self.hours_per_day));
        }
        for (what, cases) in [("backlog", self.backlog), ("calls", self.inflow_per_day)] {
            if !(0.0..=1e9).contains(&cases) {
                let accepted = "0 to 1000000000 cases (a day)";
                return Err(StaffingError::out_of_range(what, accepted, cases));
            }
        }
        if self.backlog + self.inflow_per_day <= 0.0 {
            let accepted = "more than 0 if there is no --backlog";
            return Err(StaffingError::out_of_range("calls", accepted, self.inflow_per_day));
        }
        Ok(())
    }

    /// Cases that one agent does per day.
    pub fn cases_per_agent(&self) -> f64 {
        self.hours_per_day * 3_600.0 / self.handle_seconds
    }

    /// Cases per day that clear the backlog by the deadline and keep up with the inflow.
    pub fn cases_to_clear(&self) -> f64 {
        self.backlog / (self.deadline_seconds / DAY) + self.inflow_per_day
    }

    /// Agents who clear the backlog by the deadline and keep up with the inflow; not rounded.
    ///
    /// # Errors
    ///
    /// As [`BackOffice::check`].
    pub fn agents_to_clear(&self) -> Result<f64, StaffingError> {
        self.check()?;
        Ok(self.cases_to_clear() / self.cases_per_agent())
    }

    /// Agents with whom no case is late, now or ever, if the case due first is done first; not
    /// rounded. Never more than [`BackOffice::agents_to_clear`].
    ///
    /// # Errors
    ///
    /// As [`BackOffice::check`].
    pub fn agents_by_deadline(&self) -> Result<f64, StaffingError> {
        self.check()?;
        let horizon = self.horizon();
        let one = self.capacity(1.0)?;
        let window = busiest_window(&self.work(horizon), &one)?;
        let windows = window.map_or(0.0, |window| window.ratio());
        // In the long run as much must be done as comes.
        Ok(windows.max(self.inflow_per_day / self.cases_per_agent()))
    }

    /// The larger of the two questions in whole heads: the plan.
    ///
    /// # Errors
    ///
    /// As [`BackOffice::check`]; [`StaffingError::Unreachable`] if too many would be needed.
    pub fn smallest_agents(&self) -> Result<BackOfficeStaffing, StaffingError> {
        let agents = whole_up(self.agents_to_clear()?.max(self.agents_by_deadline()?)).max(1.0);
        if f64::from(super::AGENTS_MAX) < agents {
            return Err(StaffingError::Unreachable { what: "the deadline" });
        }
        self.staffing(agents)
    }

    /// The figures and the course of `agents`.
    ///
    /// # Errors
    ///
    /// As [`BackOffice::check`], and of a number of agents that makes no sense.
    pub fn staffing(&self, agents: f64) -> Result<BackOfficeStaffing, StaffingError> {
        self.check()?;
        let agents = agents_in_range(agents)?;
        let cases_per_day = agents * self.cases_per_agent();
        let horizon = self.horizon();
        let step = self.step();
        let work = self.work(horizon);
        let capacity = self.capacity(agents)?;
        let looks: Vec<f64> = (1..=self.steps()).map(|at| f64::from(at) * step).collect();
        let told = forecast(&work, &capacity, &looks)?;

        let arrives = self.inflow_per_day * step / DAY;
        let mut before = self.backlog;
        let steps = told.open.iter().map(|open| {
            // What arrives at the very end of a step belongs to the next one.
            let there = open.by_age.iter().filter(|(age, _)| 0.0 < *age);
            let amount = there.clone().fold(0.0, |sum, (_, amount)| sum + amount);
            let cases = amount / self.handle_seconds;
            let done = before + arrives - cases;
            before = cases;
            BackOfficeStep {
                day: open.at / DAY,
                arrived: arrives,
                done: done.max(0.0),
                open: cases,
                oldest_days: there.map(|(age, _)| age / DAY).fold(0.0, f64::max),
                overdue: open.overdue / self.handle_seconds,
            }
        });
        let forecast: Vec<BackOfficeStep> = steps.collect();

        let due = work.iter().zip(&told.outcomes).filter(|(piece, _)| piece.due <= horizon);
        let (due, late) = due.fold((0.0, 0.0), |(due, late), (piece, outcome)| {
            (due + piece.amount, late + outcome.late)
        });
        let spare = cases_per_day - self.inflow_per_day;
        let days = self.deadline_seconds / DAY;
        let possible = (self.backlog + self.inflow_per_day * days).min(cases_per_day * days);
        Ok(BackOfficeStaffing {
            agents,
            cases_per_day,
            occupancy: possible / (cases_per_day * days),
            days_to_clear: match self.backlog {
                0.0 => Some(0.0),
                backlog => (0.0 < spare).then(|| backlog / spare),
            },
            on_time: if due == 0.0 { 1.0 } else { 1.0 - late / due },
            forecast,
        })
    }

    /// A day, or an hour if a day is longer than the deadline.
    fn step(&self) -> f64 {
        if self.deadline_seconds < DAY { DAY / 24.0 } else { DAY }
    }

    /// As many steps as show the backlog due and as long again, and no fewer than ten.
    fn steps(&self) -> u32 {
        let wanted = whole_up(2.0 * self.deadline_seconds / self.step()).max(10.0);
        wanted.min(f64::from(STEPS_MAX)) as u32
    }

    fn horizon(&self) -> f64 {
        (f64::from(self.steps()) * self.step()).max(self.deadline_seconds)
    }

    /// Until all that comes within the forecast is due.
    fn capacity(&self, agents: f64) -> Result<Capacity, StaffingError> {
        let end = self.horizon() + self.deadline_seconds;
        Capacity::constant(agents * self.hours_per_day / 24.0, end)
    }

    /// The backlog, and the inflow of each step at its beginning.
    fn work(&self, horizon: f64) -> Vec<Work> {
        let due = self.deadline_seconds;
        let backlog = Work { released: 0.0, due, amount: self.backlog * self.handle_seconds };
        let amount = self.inflow_per_day * self.step() / DAY * self.handle_seconds;
        let inflow = (0..self.steps())
            .map(|at| f64::from(at) * self.step())
            .filter(|&released| released < horizon)
            .map(|released| Work { released, due: released + self.deadline_seconds, amount });
        std::iter::once(backlog).chain(inflow).collect()
    }
}

#[cfg(test)]
mod tests;
