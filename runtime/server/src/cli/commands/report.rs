//! `jackfield report`: the figures of a tenant, or of another system's log.

mod rules;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use jackfield_core::JournalRecord;
use jackfield_figures::import::{EndedMs, ImportError, Imported, read_csv, read_queue_log};
use jackfield_figures::kpi::{
    Attribution, Folder, Grouping, Language, Parameters, Report, WaitFrom, recompute_from, to_csv,
    to_json, to_table,
};
use serde_json::{Value, json};

use self::rules::Rules;
use super::tenants::moments;
use crate::cli::args::{Global, Range};
use crate::cli::client::{Client, escaped, with_query};
use crate::cli::error::CliError;
use crate::cli::output::{print, print_json};
use crate::config::units::{parse_time, show_time};

/// The largest log that is read: it is held in memory.
const LOG_MAX: u64 = 1 << 30;
/// The shortest interval: a day of them is 1,440 rows.
const INTERVAL_MIN: Duration = Duration::from_secs(60);

/// `jackfield report`
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  \
    jackfield report demo --from 2h\n  \
    jackfield report --tenant demo --day today --recompute\n  \
    jackfield report --import asterisk-queue-log queue_log --within 20s --short-abandon 5s\n  \
    jackfield report --tenant demo --day today --standard-time sales=5m --repeat-window 7d --same-reason\n  \
    jackfield report --import csv contacts.csv --within 20s --json --by queue,agent,interval\n\n\
    Every figure is shown with its formula; runtime/figures/KPI.md explains them.")]
pub struct ReportArgs {
    /// The tenant
    #[arg(value_name = "TENANT", required_unless_present_any = ["tenant", "import"])]
    pub positional: Option<String>,
    /// The tenant, by name
    #[arg(long, conflicts_with = "positional")]
    pub tenant: Option<String>,
    /// Report another system's log: asterisk-queue-log or csv, and the file; `-` is the standard input
    #[arg(
        long,
        num_args = 2,
        value_names = ["FORMAT", "FILE"],
        conflicts_with_all = ["positional", "tenant"]
    )]
    pub import: Option<Vec<String>>,
    /// What range of time
    #[command(flatten)]
    pub range: Range,
    /// One day in UTC: 2026-01-31, `today` or `yesterday`
    #[arg(long, value_name = "DAY", conflicts_with_all = ["from", "to"])]
    pub day: Option<String>,
    /// Count the journal again here and compare with what the server counted live: exit code 1 if
    /// they differ
    #[arg(long, conflicts_with_all = ["import", "csv"])]
    pub recompute: bool,
    /// T of the service levels: answered within, inclusive [default: each queue's own, else 20s]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub within: Option<Duration>,
    /// s: an abandon is short up to this wait, inclusive [default: each queue's own, else 5s]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub short_abandon: Option<Duration>,
    /// The tables: queue, agent, interval, channel; `interval+queue` is one with both
    #[arg(long, value_name = "WHAT,...", value_parser = tables, default_value = "queue,agent")]
    pub by: Tables,
    /// The length of an interval: 15m, 30m, 1h, 1d
    #[arg(long, value_name = "TIME", value_parser = interval, default_value = "30m")]
    pub interval: Duration,
    /// Whether entering or leaving the queue decides to what interval a contact belongs
    #[arg(long, value_enum, default_value_t = AttributeArg::Enter)]
    pub attribute: AttributeArg,
    /// Since when a wait is counted after an overflow
    #[arg(long, value_enum, default_value_t = WaitArg::FirstQueue)]
    pub wait_from: WaitArg,
    /// What further figures depend on
    #[command(flatten)]
    pub rules: Rules,
    /// What agents were planned to do, for --import: a CSV with agent,from,to,activity
    #[arg(
        long,
        value_name = "FILE",
        requires = "import",
        conflicts_with_all = ["positional", "tenant"]
    )]
    pub schedule: Option<PathBuf>,
    /// What ended_ms of a CSV is the end of
    #[arg(long, value_enum, default_value_t = EndedArg::Wait, requires = "import")]
    pub ended_ms: EndedArg,
    /// Print CSV: one line for each figure of each row
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// The language of names in tables
    #[arg(long, value_enum, default_value_t = LanguageArg::En)]
    pub language: LanguageArg,
}

/// The tables of a report.
#[derive(Clone, Debug)]
pub struct Tables(Vec<Grouping>);

/// What decides to what interval a contact belongs.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum AttributeArg {
    /// Entering the queue.
    Enter,
    /// Leaving it.
    Exit,
}

/// Since when a wait is counted.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum WaitArg {
    /// Since joining the first queue: what the customer waited.
    FirstQueue,
    /// Since joining the queue where the wait ended.
    ThisQueue,
}

/// What `ended_ms` is the end of.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum EndedArg {
    /// The wait.
    Wait,
    /// The conversation.
    Talk,
    /// The after-call work.
    Acw,
}

/// A language.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LanguageArg {
    /// English.
    En,
    /// Russian.
    Ru,
}

fn time(text: &str) -> Result<Duration, String> {
    parse_time(text).ok_or_else(|| "write a length of time such as 500ms, 20s or 5m".to_owned())
}

fn interval(text: &str) -> Result<Duration, String> {
    let interval = time(text)?;
    if interval < INTERVAL_MIN {
        return Err("an interval is 1m at least, such as 15m, 30m, 1h or 1d".to_owned());
    }
    Ok(interval)
}

fn tables(text: &str) -> Result<Tables, String> {
    Grouping::list(text).map(Tables)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl ReportArgs {
    /// What is asked for, without the range.
    fn parameters(&self) -> Parameters {
        let mut parameters = Parameters {
            within_us: self.within.map(micros),
            short_abandon_us: self.short_abandon.map(micros),
            attribute: match self.attribute {
                AttributeArg::Enter => Attribution::Enter,
                AttributeArg::Exit => Attribution::Exit,
            },
            wait_from: match self.wait_from {
                WaitArg::FirstQueue => WaitFrom::FirstQueue,
                WaitArg::ThisQueue => WaitFrom::ThisQueue,
            },
            interval_us: micros(self.interval),
            by: self.by.0.clone(),
            ..Parameters::default()
        };
        self.rules.apply(&mut parameters);
        parameters
    }

    /// The range, as RFC 3339.
    fn range(&self) -> Result<(Option<String>, Option<String>), CliError> {
        let Some(day) = &self.day else { return moments(&self.range) };
        let (from, to) = crate::cli::time::day(day, None, SystemTime::now())?;
        let text = |moment| Some(crate::rfc3339::format(moment));
        Ok((text(from), text(to)))
    }

    /// A path with everything that is asked for.
    fn query(&self, path: &str, more: &[(&str, Option<&str>)]) -> Result<String, CliError> {
        let (from, to) = self.range()?;
        let within = self.within.map(show_time);
        let short = self.short_abandon.map(show_time);
        let by: Vec<String> = self.by.0.iter().cloned().map(String::from).collect();
        let (by, interval) = (by.join(","), show_time(self.interval));
        let rules = self.rules.query();
        let word = |value: Option<PossibleValue>| value.map(|value| value.get_name().to_owned());
        let attribute = word(self.attribute.to_possible_value());
        let wait_from = word(self.wait_from.to_possible_value());
        let mut query = vec![
            ("from", from.as_deref()),
            ("to", to.as_deref()),
            ("within", within.as_deref()),
            ("short_abandon", short.as_deref()),
            ("by", Some(&*by)),
            ("interval", Some(&*interval)),
            ("attribute", attribute.as_deref()),
            ("wait_from", wait_from.as_deref()),
        ];
        query.extend(rules.iter().map(|(key, value)| (*key, value.as_deref())));
        query.extend_from_slice(more);
        Ok(with_query(path, &query))
    }

    fn show(&self, global: &Global, report: &Report) -> Result<(), CliError> {
        if global.json {
            return print_json(&to_json(report));
        }
        if self.csv {
            print(&to_csv(report));
            return Ok(());
        }
        let language = match self.language {
            LanguageArg::En => Language::English,
            LanguageArg::Ru => Language::Russian,
        };
        print(&to_table(report, language));
        Ok(())
    }
}

/// Runs `jackfield report --import`: no server is asked.
pub fn import(global: &Global, args: &ReportArgs) -> Result<(), CliError> {
    args.show(global, &imported(args)?)
}

fn imported(args: &ReportArgs) -> Result<Report, CliError> {
    let [format, file] = args.import.as_deref().unwrap_or_default() else {
        return Err(CliError::Usage("--import takes a format and a file".to_owned()));
    };
    let read: fn(&[u8], EndedMs) -> Result<Imported, ImportError> = match format.as_str() {
        "asterisk-queue-log" => |bytes, _| read_queue_log(bytes),
        "csv" => read_csv,
        other => {
            return Err(CliError::Usage(format!(
                "`{other}` is no format of a log: asterisk-queue-log and csv are accepted, \
                 then the file"
            )));
        }
    };
    let bytes = log(file)?;
    let ended = match args.ended_ms {
        EndedArg::Wait => EndedMs::Wait,
        EndedArg::Talk => EndedMs::Talk,
        EndedArg::Acw => EndedMs::AfterCallWork,
    };
    let mut imported =
        read(&bytes, ended).map_err(|error| CliError::failed(format!("{file}: {error}")))?;
    let mut parameters = args.parameters();
    let (from, to) = args.range()?;
    let moment = |text: Option<String>| text.and_then(|text| crate::rfc3339::parse(&text));
    (parameters.from_us, parameters.to_us) = (moment(from), moment(to));
    if let Some(path) = &args.schedule {
        if format == "csv" {
            return Err(CliError::Usage(
                "--schedule needs a log that says when agents worked, and a csv of contacts does \
                 not: asterisk-queue-log does"
                    .to_owned(),
            ));
        }
        imported.records.schedule = super::schedules::read_file(path)?;
    }
    let mut report = Report::of(&imported.records, &parameters);
    report.notes = imported.notes;
    Ok(report)
}

/// Reads a log, or the standard input.
fn log(file: &str) -> Result<Vec<u8>, CliError> {
    let failed = |error: std::io::Error| CliError::failed(format!("cannot read {file}: {error}"));
    let source: Box<dyn std::io::Read> = match file {
        "-" => Box::new(std::io::stdin().lock()),
        path => Box::new(std::fs::File::open(PathBuf::from(path)).map_err(failed)?),
    };
    let mut bytes = Vec::new();
    source.take(LOG_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if LOG_MAX < bytes.len() as u64 {
        return Err(CliError::failed(format!(
            "{} is larger than {} MiB, the most that is read at once: split it",
            Path::new(file).display(),
            LOG_MAX >> 20
        )));
    }
    Ok(bytes)
}

/// Runs `jackfield report` for a tenant.
pub async fn ask(global: &Global, args: &ReportArgs) -> Result<(), CliError> {
    let tenant = args.positional.as_ref().or(args.tenant.as_ref()).map_or("", String::as_str);
    let path = format!("tenants/{}", escaped(tenant));
    let client = crate::cli::client(global)?;
    if args.recompute {
        return recomputed(global, args, &client, &path).await;
    }
    let shape = match (args.csv, args.language) {
        (true, _) => "csv",
        (false, LanguageArg::En) => "table",
        (false, LanguageArg::Ru) => "table-ru",
    };
    let report = format!("{path}/report");
    if !global.json {
        let path = args.query(&report, &[("as", Some(shape))])?;
        print(&client.text(&path).await?);
        return Ok(());
    }
    let mut answer = client.get(&args.query(&report, &[])?).await?;
    let Some(fields) = answer.as_object_mut() else { return print_json(&answer) };
    // The same keys as for another system's log, beside the engine's own figures.
    if let Some(Value::Object(kpi)) = fields.remove("kpi") {
        let own = fields.remove("definitions").unwrap_or_default();
        fields.extend(kpi);
        if let (Value::Object(own), Some(definitions)) = (own, fields.get_mut("definitions")) {
            for (name, definition) in own {
                if definitions.get(&name).is_none() {
                    definitions[&name] = definition;
                }
            }
        }
    }
    print_json(&answer)
}

/// Compares what was counted live with what the journal gives.
async fn recomputed(
    global: &Global,
    args: &ReportArgs,
    client: &Client,
    path: &str,
) -> Result<(), CliError> {
    let live = [("as", Some("kpi")), ("counted", Some("live"))];
    let stored = client.get(&args.query(&format!("{path}/report"), &live)?).await?;
    let records = stored.get("journal_records").and_then(Value::as_u64);
    let records = records
        .ok_or_else(|| CliError::failed("the server does not say of how many records it counts"))?;
    let mut folder = Folder::new();
    client
        .text_lines(&format!("{path}/journal"), |line| {
            // A record of another version is passed over, as the server does.
            if let Ok(record) = serde_json::from_slice::<JournalRecord>(line) {
                folder.take(&record);
            }
            folder.folded() < records
        })
        .await?;
    if folder.folded() < records {
        return Err(CliError::failed(format!(
            "the journal has {} records, but the report was made of {records}",
            folder.folded()
        )));
    }
    let compared = recompute_from(&stored, &folder);
    let verdict = match &compared {
        Ok(()) => format!("equal: {records} records give the same report to the last digit"),
        Err(error) => error.to_string(),
    };
    if global.json {
        let difference = compared.as_ref().err().map(ToString::to_string);
        print_json(&json!({
            "equal": compared.is_ok(),
            "records": records,
            "difference": difference,
            "report": stored,
        }))?;
    }
    match compared {
        Ok(()) if global.json => Ok(()),
        Ok(()) => {
            print(&verdict);
            Ok(())
        }
        Err(_) => Err(CliError::failed(verdict)),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use expect_test::expect;

    use super::*;
    use crate::cli::args::{Cli, Command};

    const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../figures/src/samples");

    #[track_caller]
    fn args(line: &str) -> Box<ReportArgs> {
        let line = line.replace("SAMPLES", SAMPLES);
        match Cli::try_parse_from(line.split(' ')).expect("understood").command {
            Command::Report(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn refused(line: &str) -> String {
        let line = line.replace("SAMPLES", SAMPLES);
        match Cli::try_parse_from(line.split(' ')).map(|cli| cli.command) {
            Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned() + "\n",
            Ok(Command::Report(args)) => {
                let error = imported(&args).expect_err("must be refused");
                error.to_string().replace(SAMPLES, "SAMPLES") + "\n"
            }
            Ok(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_log_is_reported_without_a_server() {
        let line = "jackfield report --import csv SAMPLES/golden.csv --within 20s \
                    --short-abandon 5s --json --by queue,agent,interval";
        let report = to_json(&imported(&args(line)).expect("a report"));
        let levels = ["SL1", "SL2", "SL3", "SL4", "SL5", "SL6"].map(|id| &report["total"][id]);
        assert_eq!(
            levels,
            [&json!(0.7), &json!(0.6), &json!(0.3), &json!(0.5), &json!(0.5), &json!(0.375)]
        );
        assert_eq!(report["by_queue"][0]["queue"], "sales");
        assert_eq!(report["by_agent"][1]["answered"], 2);
        assert_eq!(report["by_interval"][0]["interval"], "1970-01-01T00:00:00Z");
        let line = "jackfield report --import asterisk-queue-log SAMPLES/queue_log --within 20s";
        let report = to_json(&imported(&args(line)).expect("a report"));
        let asterisk = &report["by_queue"][1]["vendor"]["asterisk"];
        assert_eq!(report["by_queue"][1]["queue"], "sales");
        assert_eq!(asterisk["service_level"], 0.6);
        assert_eq!(asterisk["holdtime_seconds"], 26);
    }

    /// SIP/101 is there for 1,800 s but paused from 1,155 to 1,600; the plan is work to 1,200, a break
    /// to 1,500 and work to 1,800. SIP/102 is there all the time and has no plan.
    #[test]
    fn a_log_is_held_against_a_schedule_and_standard_times() {
        let line = "jackfield report --import asterisk-queue-log SAMPLES/queue_log \
                    --schedule SAMPLES/schedule.csv --standard-time sales=300s";
        let report = to_json(&imported(&args(line)).expect("a report"));
        let total = &report["total"];
        // Right for 1,155 s of work, all of the break, and 200 s of work.
        assert_eq!(total["adherence"], 1_655.0 / 1_800.0);
        assert_eq!(total["conformance"], 1_355.0 / 1_500.0);
        // Five calls of 300 s; 1,355 s worked by the plan, and 1,800 s by who has none.
        assert_eq!(total["earned_hours_index"], 1_500.0 / 3_155.0);
        let agent = &report["by_agent"][0];
        assert_eq!(
            (&agent["agent"], &agent["adherence"]),
            (&json!("SIP/101"), &total["adherence"])
        );
        assert_eq!(agent["earned_hours_index"], 900.0 / 1_355.0);
        assert_eq!(report["by_agent"][1]["adherence"], Value::Null);
    }

    #[test]
    fn vendors_switches_change_what_they_say() {
        let line =
            "jackfield report --import csv SAMPLES/golden.csv --within 20s --short-abandon 5s";
        let level = |more: &str| {
            let report = to_json(&imported(&args(&format!("{line}{more}"))).expect("a report"));
            report["total"]["vendor"]["genesys"]["service_level"].clone()
        };
        // A≤T is 3, A 5, B 5 of which 2 are short, F 1.
        assert_eq!(level(""), 3.0 / 11.0);
        assert_eq!(level(" --genesys-exclude flow-outs"), 3.0 / 10.0);
        assert_eq!(level(" --genesys-exclude flow-outs,short-abandons"), 3.0 / 8.0);
        assert_eq!(level(" --genesys-exclude flow-outs,abandons"), 3.0 / 5.0);
    }

    #[test]
    fn rules_are_asked_of_the_server_only_where_they_are_said() {
        let query = |line: &str| args(line).query("report", &[]).expect("a path");
        let told = [
            query("jackfield report demo"),
            query(
                "jackfield report demo --repeat-window 1d --same-reason --repeat-channels voice,chat \
                 --exclude-transferred --exclude-abandoned=false --standard-time sales=5m \
                 --standard-time help=90s --genesys-exclude flow-outs",
            ),
        ];
        expect![[r#"
            report?by=queue%2Cagent&interval=30m&attribute=enter&wait_from=first-queue
            report?by=queue%2Cagent&interval=30m&attribute=enter&wait_from=first-queue&window=1d&same_reason=true&repeat_channels=voice%2Cchat&exclude_transferred=true&exclude_abandoned=false&standard_time=help%3D1m30s%2Csales%3D5m&genesys_exclude=flow-outs"#]].assert_eq(&told.join("\n"));
    }

    #[test]
    fn what_cannot_be_reported_is_said() {
        let told = [
            "jackfield report",
            "jackfield report --import csv",
            "jackfield report --import vicidial x",
            "jackfield report --import csv SAMPLES/none.csv",
            "jackfield report --import csv SAMPLES/queue_log",
            "jackfield report --import csv SAMPLES/golden.csv --by team",
            "jackfield report --import csv SAMPLES/golden.csv --interval 1s",
            "jackfield report --import csv SAMPLES/golden.csv --within soon",
            "jackfield report --import csv SAMPLES/golden.csv --day 31.1.",
            "jackfield report demo --import csv SAMPLES/golden.csv",
            "jackfield report --import csv SAMPLES/golden.csv --schedule SAMPLES/schedule.csv",
            "jackfield report --import csv SAMPLES/golden.csv --standard-time sales",
            "jackfield report --import csv SAMPLES/golden.csv --repeat-channels fax",
            "jackfield report --import asterisk-queue-log SAMPLES/queue_log --schedule SAMPLES/golden.csv",
        ]
        .map(refused);
        expect![[r#"
            error: the following required arguments were not provided:
            error: 2 values required for '--import <FORMAT> <FILE>' but 1 was provided
            `vicidial` is no format of a log: asterisk-queue-log and csv are accepted, then the file
            cannot read SAMPLES/none.csv: No such file or directory (os error 2)
            SAMPLES/queue_log: line 1: missing column contact, queue, arrived_ms, ended_ms, outcome, agent, talk_ms, hold_ms, acw_ms; found 1700000000|NONE|NONE|NONE|QUEUESTART|
            error: invalid value 'team' for '--by <WHAT,...>': `team` cannot be grouped by: interval, queue, agent, channel are accepted, joined by `+`
            error: invalid value '1s' for '--interval <TIME>': an interval is 1m at least, such as 15m, 30m, 1h or 1d
            error: invalid value 'soon' for '--within <TIME>': write a length of time such as 500ms, 20s or 5m
            `31.1.` is not a day: 2026-01-31, `today` or `yesterday` is accepted, and an offset such as `+03:00`
            error: the argument '[TENANT]' cannot be used with '--import <FORMAT> <FILE>'
            --schedule needs a log that says when agents worked, and a csv of contacts does not: asterisk-queue-log does
            error: invalid value 'sales' for '--standard-time <QUEUE=TIME>': `sales`: a queue and a time up to 1d such as `sales=300s` are accepted
            error: invalid value 'fax' for '--repeat-channels <CHANNEL,...>': `fax` is no channel; voice, chat, email, message, task are accepted
            SAMPLES/golden.csv: line 1: missing column from, to, activity; found contact, queue, arrived_ms, ended_ms, outcome, agent, talk_ms, hold_ms, acw_ms
        "#]].assert_eq(&told.concat());
    }

    #[test]
    fn a_day_is_from_midnight_to_midnight() {
        let query = args("jackfield report --tenant demo --day 2026-02-28 --within 1m30s")
            .query("report", &[("as", Some("csv"))])
            .expect("a path");
        expect!["report?from=2026-02-28T00%3A00%3A00.000Z&to=2026-03-01T00%3A00%3A00.000Z&within=1m30s&by=queue%2Cagent&interval=30m&attribute=enter&wait_from=first-queue&as=csv"].assert_eq(&query);
    }
}
