//! `jackfield staff`: how many agents a load needs. Computed here; no server is asked.

mod input;
mod print;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jackfield_figures::staffing::back_office::{BackOffice, BackOfficeStaffing};
use jackfield_figures::staffing::shrinkage::Shrinkage;
use jackfield_figures::staffing::{
    Load, Model, Redials, Staffing, StaffingError, Target, smallest_agents,
};

use input::{Agents, Seconds};

use super::args::Global;
use super::error::CliError;
use super::output;

/// The service level that is aimed at if nothing is said.
const TARGET: f64 = 0.8;
/// T, if nothing is said.
const WITHIN: f64 = 20.0;

/// By what the agents are counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum ModelArg {
    /// Calls that find all agents busy are lost (no queue)
    ErlangB,
    /// Callers wait as long as it takes
    ErlangC,
    /// Callers give up after their patience (needs --patience)
    ErlangA,
    /// As erlang-a, and some of them call again (needs --patience, --redial)
    ErlangX,
    /// E-mail, claims: a backlog and a deadline (needs --deadline)
    BackOffice,
}

/// What is to be staffed.
#[derive(Clone, Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct StaffArgs {
    /// The model
    #[arg(long, value_enum)]
    pub model: ModelArg,
    /// How many calls (or cases) come in each interval
    #[arg(long, value_name = "NUMBER", value_parser = input::calls, allow_hyphen_values = true)]
    pub calls: f64,
    /// The interval, such as 30m
    #[arg(long, value_name = "TIME", value_parser = input::positive, default_value = "1h", allow_hyphen_values = true)]
    pub interval: Seconds,
    /// Average handle time of one call (or case): talk, hold and after-call work
    #[arg(long, value_name = "TIME", value_parser = input::positive, allow_hyphen_values = true)]
    pub aht: Seconds,
    /// How many agents are there: 30, 30.5, or 28..34 for a row of each; without it the smallest
    /// number that meets the targets is found
    #[arg(long, value_name = "NUMBER|FROM..TO", value_parser = input::agents, allow_hyphen_values = true)]
    pub agents: Option<Agents>,

    /// T of the service level [default: 20s]; with back-office another word for --deadline
    #[arg(long, value_name = "TIME", value_parser = input::time, allow_hyphen_values = true)]
    pub within: Option<Seconds>,
    /// The least share of callers served within T [default without --agents: 80%]
    #[arg(long, value_name = "SHARE", value_parser = input::proper_share, allow_hyphen_values = true)]
    pub target: Option<f64>,
    /// The greatest share of the agents' time spent on calls
    #[arg(long, value_name = "SHARE", value_parser = input::proper_share, allow_hyphen_values = true)]
    pub max_occupancy: Option<f64>,
    /// The greatest mean wait of those served
    #[arg(long, value_name = "TIME", value_parser = input::positive, allow_hyphen_values = true)]
    pub max_asa: Option<Seconds>,
    /// The greatest share of callers who give up
    #[arg(long, value_name = "SHARE", value_parser = input::proper_share, allow_hyphen_values = true)]
    pub max_abandon: Option<f64>,

    /// Mean patience of callers
    #[arg(long, value_name = "TIME", value_parser = input::positive, allow_hyphen_values = true)]
    pub patience: Option<Seconds>,
    /// The share of those who gave up that call again
    #[arg(long, value_name = "SHARE", value_parser = input::part, allow_hyphen_values = true)]
    pub redial: Option<f64>,
    /// How many callers can talk and wait at once: who finds all lines taken is turned away
    /// [default: no limit]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=200_000), allow_hyphen_values = true)]
    pub lines: Option<u32>,
    /// The share of paid time in which staff are away: tells how many to schedule
    #[arg(long, value_name = "SHARE", value_parser = input::part, allow_hyphen_values = true)]
    pub shrinkage: Option<f64>,

    /// Cases that lie there already [default: 0]
    #[arg(long, value_name = "NUMBER", value_parser = input::cases, allow_hyphen_values = true)]
    pub backlog: Option<f64>,
    /// How long after its arrival a case must be done; the backlog is cleared in the same time
    #[arg(long, value_name = "TIME", value_parser = input::positive, conflicts_with = "within", allow_hyphen_values = true)]
    pub deadline: Option<Seconds>,
    /// How long an agent works on cases in a day of 24 hours [default: 24h, a post always staffed]
    #[arg(long, value_name = "TIME", value_parser = input::positive, allow_hyphen_values = true)]
    pub hours: Option<Seconds>,
}

const AFTER_HELP: &str = "Shares are written 80% or 0.8, times 1500ms, 30s, 5m, 1.5h or 2d.

Examples:
  jackfield staff --model erlang-c --calls 350 --interval 1h --aht 300s --within 30s --target 80%
      the fewest agents with whom 80 % of the callers are served within 30 s
  jackfield staff --model erlang-a --calls 350 --aht 5m --patience 2m --within 30s --agents 26..34
      the figures of each number of agents
  jackfield staff --model erlang-x --calls 350 --aht 5m --patience 2m --redial 40% --shrinkage 30%
      with redials, and how many to schedule
  jackfield staff --model back-office --backlog 200 --calls 80 --interval 1d --aht 25m \\
                  --deadline 5d --hours 5.5h
      10 agents clear 200 cases in 5 days and keep up with 80 new ones a day

What the figures are:
  service_level      served within T / all offered; erlang-b: served at all; erlang-x: of all attempts
  asa_seconds        mean wait of those served
  mean_wait_seconds  mean wait of all callers, also of those who gave up
  p_wait             share that finds no free agent and enters the queue
  p_abandon          share that gives up; p_block (erlang-b, --lines): share that is turned away
  null or -          the model has no such thing: erlang-b no wait, erlang-c nobody who gives up
back-office has no service level of seconds: its figures are the age and the lateness of cases.";

/// Runs `jackfield staff`.
pub fn run(global: &Global, args: &StaffArgs) -> Result<ExitCode, CliError> {
    let text = answer(args, global.json)?;
    output::print(&text);
    Ok(ExitCode::SUCCESS)
}

/// Computes what was asked for and returns it as text or as JSON.
fn answer(args: &StaffArgs, json: bool) -> Result<String, CliError> {
    belongs(args)?;
    let shrinkage =
        args.shrinkage.map(Shrinkage::new).transpose().map_err(|error| usage(&error))?;
    if args.model == ModelArg::BackOffice {
        let (office, rows) = back_office(args)?;
        return print::back_office(args, &office, &rows, shrinkage, json);
    }
    let (target, rows) = erlang(args)?;
    print::erlang(args, &target, &rows, shrinkage, json)
}

/// Refuses options that another model has, and asks for those that are missing.
fn belongs(args: &StaffArgs) -> Result<(), CliError> {
    use ModelArg::{BackOffice, ErlangA, ErlangB, ErlangC, ErlangX};
    const BACK_OFFICE_ONLY: &str = "the Erlang formulas are for callers who wait on the line: for \
        e-mail and back office use --model back-office";
    const NOT_BACK_OFFICE: &str = "back-office work waits for hours and days and nobody hangs up: \
        Erlang's figures do not apply to it; say --deadline 5d";
    const QUEUE_ONLY: &str = "with erlang-b nobody waits: use erlang-c, erlang-a or erlang-x";
    const IMPATIENT: &str = "callers give up with erlang-a and erlang-x only";
    let model = args.model;
    let erlang = model != BackOffice;
    let impatient = matches!(model, ErlangA | ErlangX);
    let rules = [
        ("--backlog", args.backlog.is_some(), !erlang, BACK_OFFICE_ONLY),
        ("--deadline", args.deadline.is_some(), !erlang, BACK_OFFICE_ONLY),
        ("--hours", args.hours.is_some(), !erlang, BACK_OFFICE_ONLY),
        ("--target", args.target.is_some(), erlang, NOT_BACK_OFFICE),
        ("--max-occupancy", args.max_occupancy.is_some(), erlang, NOT_BACK_OFFICE),
        ("--max-asa", args.max_asa.is_some(), erlang, NOT_BACK_OFFICE),
        ("--max-asa", args.max_asa.is_some(), model != ErlangB, QUEUE_ONLY),
        ("--max-abandon", args.max_abandon.is_some(), impatient, IMPATIENT),
        ("--patience", args.patience.is_some(), impatient, IMPATIENT),
        (
            "--lines",
            args.lines.is_some(),
            model == ErlangX,
            "lines are limited with erlang-x only (--redial 0: nobody calls again)",
        ),
        ("--redial", args.redial.is_some(), model == ErlangX, "callers redial with erlang-x only"),
    ];
    for (flag, given, fits, why) in rules {
        if given && !fits {
            let name = name(model);
            return Err(CliError::Usage(format!("{flag} does not go with --model {name}: {why}")));
        }
    }
    let missing = |flag: &str, example: &str| {
        let name = name(model);
        Err(CliError::Usage(format!("--model {name} needs {flag}, such as {flag} {example}")))
    };
    match model {
        ErlangA | ErlangX if args.patience.is_none() => missing("--patience", "120s"),
        ErlangX if args.redial.is_none() => missing("--redial", "40%"),
        BackOffice if args.deadline.or(args.within).is_none() => missing("--deadline", "5d"),
        ErlangB
            if args.agents.is_none() && args.target.is_none() && args.max_occupancy.is_none() =>
        {
            Err(CliError::Usage(
                "say --agents, or what is to be met: --target 98% for 2% of the calls lost"
                    .to_owned(),
            ))
        }
        ErlangB | ErlangC | ErlangA | ErlangX | BackOffice => Ok(()),
    }
}

/// Computes each number of agents that was named, or finds the smallest that is enough.
fn erlang(args: &StaffArgs) -> Result<(Target, Vec<Staffing>), CliError> {
    let rate = args.calls / args.interval.0;
    let load = Load::of_rate(rate, args.aht.0).map_err(|error| usage(&error))?;
    let patience_seconds = args.patience.map_or(0.0, |patience| patience.0);
    let model = match args.model {
        ModelArg::ErlangB => Model::ErlangB,
        ModelArg::ErlangA => Model::ErlangA { patience_seconds },
        ModelArg::ErlangX => {
            let redial = args.redial.unwrap_or_default();
            let (redials, lines) = (Redials::Repeated, args.lines);
            Model::ErlangX { patience_seconds, redial, redials, lines }
        }
        ModelArg::ErlangC | ModelArg::BackOffice => Model::ErlangC,
    };
    let mut target = Target {
        within_seconds: args.within.map_or(WITHIN, |within| within.0),
        service_level: args.target,
        occupancy_max: args.max_occupancy,
        asa_seconds_max: args.max_asa.map(|asa| asa.0),
        abandon_max: args.max_abandon,
    };
    let rows = match &args.agents {
        Some(agents) => agents
            .each()
            .map(|agents| Staffing::of(model, &load, agents, target.within_seconds))
            .collect::<Result<Vec<_>, _>>(),
        None => {
            let limits = [target.occupancy_max, target.asa_seconds_max, target.abandon_max];
            if limits.iter().all(Option::is_none) {
                target.service_level.get_or_insert(TARGET);
            }
            smallest_agents(model, &load, &target).map(|found| vec![found])
        }
    };
    Ok((target, rows.map_err(|error| usage(&error))?))
}

/// The same for work with a deadline.
fn back_office(args: &StaffArgs) -> Result<(BackOffice, Vec<BackOfficeStaffing>), CliError> {
    let office = BackOffice {
        backlog: args.backlog.unwrap_or_default(),
        inflow_per_day: args.calls / args.interval.0 * input::DAY,
        handle_seconds: args.aht.0,
        deadline_seconds: args.deadline.or(args.within).map_or(0.0, |deadline| deadline.0),
        hours_per_day: args.hours.map_or(24.0, |hours| hours.0 / 3_600.0),
    };
    let rows = match &args.agents {
        Some(agents) => {
            agents.each().map(|agents| office.staffing(agents)).collect::<Result<Vec<_>, _>>()
        }
        None => office.smallest_agents().map(|found| vec![found]),
    };
    Ok((office, rows.map_err(|error| usage(&error))?))
}

/// An error of the formulas, with the option's name as it is written.
fn usage(error: &StaffingError) -> CliError {
    match error {
        StaffingError::OutOfRange { .. } => CliError::Usage(format!("--{error}")),
        StaffingError::Unreachable { .. } => {
            CliError::failed(format!("{error}: ask for less, or for another model"))
        }
        _ => CliError::failed(error.to_string()),
    }
}

fn name(model: ModelArg) -> String {
    model.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}
