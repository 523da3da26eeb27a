//! `jackfield simulate`

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jackfield_core::JournalRecord;
use jackfield_plugin_host::MeteredHost;
use jackfield_sim::{
    BUNDLED, Cast, Checks, Failure, Native, NativeEstimator, Options, Plan, Scenario, Study,
    Teller, Trial, show_time, trial,
};
use serde_json::json;

use crate::cli::args::{Global, SimulateArgs};
use crate::cli::error::CliError;
use crate::cli::output::{print, print_json};

/// What is played if nothing else is asked for.
const USUAL: &str = "busy-day";
/// The made-up centres in which everything breaks; each seed is another.
const CHAOS: &str = "chaos";
const CHAOS_LENGTH: Duration = Duration::from_secs(3_600);
/// How often somebody who waits hears how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// The name of the router that is a component.
const COMPONENT: &str = "component";

/// A router or an estimator that is a component.
struct Component {
    host: MeteredHost,
    wasm: Vec<u8>,
    digest: String,
}

/// The components that take part, by the names that queues know them by.
#[derive(Default)]
struct Components {
    router: Option<Component>,
    estimators: Vec<(String, Component)>,
}

/// What is played.
enum Source {
    Scenario(Box<Scenario>),
    Chaos,
}

/// Runs `jackfield simulate`.
pub fn run(global: &Global, args: &SimulateArgs) -> Result<(), CliError> {
    let named = args.file.as_deref().or(args.scenario.as_deref());
    let name = named.unwrap_or(USUAL);
    let mut components = Components {
        router: args.router.as_deref().map(component).transpose()?.flatten(),
        estimators: Vec::new(),
    };
    let is_component = components.router.is_some();
    let router = args.router.as_deref().map(|name| if is_component { COMPONENT } else { name });
    let source = source(name, router, &args.estimators, &mut components)?;
    let mut study = Study::default();
    let (mut steps, mut crashes) = (0, 0);
    let began = Instant::now();
    let at_most = match &args.at_most {
        None => Duration::MAX,
        Some(text) => jackfield_sim::parse_time(text).ok_or_else(|| {
            CliError::Usage(format!("--at-most is a time such as `90s` or `10m`, got `{text}`"))
        })?,
    };
    if args.journal.is_some() && args.runs != 1 {
        let wanted = "a journal is of one run: leave --runs away".to_owned();
        return Err(CliError::Usage(wanted));
    }
    for number in 0..args.runs {
        let seed = args.seed.wrapping_add(number);
        let run = play(&source, &components, seed, number, args)?;
        if let Some(failure) = &run.failure {
            return Err(CliError::failed(failed(name, seed, failure, args)));
        }
        (steps, crashes) = (steps + run.steps, crashes + run.crashes);
        study.add(&run.report);
        if at_most <= began.elapsed() {
            break;
        }
    }
    let about = match &source {
        Source::Scenario(scenario) => scenario.about.as_str(),
        Source::Chaos => "Made-up centres in which everything breaks",
    };
    if global.json {
        return print_json(&json!({
            "scenario": name,
            "about": about,
            "seed": args.seed,
            "runs": study.runs(),
            "steps": steps,
            "crashes": crashes,
            "confidence": jackfield_sim::CONFIDENCE,
            "total": study.total(),
            "queues": study.queues(),
        }));
    }
    print(&format!("{name}: {about}\n{}", study.to_table()));
    let rules = if args.unchecked { "unchecked" } else { "nothing wrong" };
    eprintln!("{steps} steps, {crashes} crashes, {rules}, {:.1} s", began.elapsed().as_secs_f64());
    if named.is_none() {
        print("\nbundled scenarios, `jackfield simulate NAME`:");
        for (name, text) in BUNDLED {
            let about = Scenario::read(text).map(|scenario| scenario.about).unwrap_or_default();
            print(&format!("  {name:<14} {about}"));
        }
        print(&format!("  {CHAOS:<14} Made-up centres in which everything breaks, one a seed"));
    }
    Ok(())
}

/// Reads a router that is a file.
fn component(name: &str) -> Result<Option<Component>, CliError> {
    if !name.ends_with(".wasm") {
        return Ok(None);
    }
    let wasm = std::fs::read(name)
        .map_err(|error| CliError::failed(format!("cannot read {name}: {error}")))?;
    let (host, digest) = (super::replay::host()?, jackfield_store::component_digest(&wasm));
    Ok(Some(Component { host, wasm, digest }))
}

fn source(
    name: &str,
    router: Option<&str>,
    estimators: &[String],
    components: &mut Components,
) -> Result<Source, CliError> {
    if name == CHAOS {
        if let Some(estimator) = estimators.first() {
            return Err(CliError::Usage(format!(
                "`{CHAOS}` makes up its own estimators: `--estimator {estimator}` is for scenarios"
            )));
        }
        return Ok(Source::Chaos);
    }
    let text = match Scenario::bundled(name) {
        Some(text) => text.to_owned(),
        None if Path::new(name).exists() => std::fs::read_to_string(name)
            .map_err(|error| CliError::failed(format!("cannot read {name}: {error}")))?,
        None => {
            let known: Vec<&str> = BUNDLED.iter().map(|(name, _)| *name).collect();
            return Err(CliError::Usage(format!(
                "there is no file and no bundled scenario `{name}`; bundled are {}, {CHAOS}",
                known.join(", ")
            )));
        }
    };
    let mut scenario = Scenario::read(&text)
        .map_err(|problems| CliError::failed(format!("{name}\n{problems}")))?;
    if let Some(router) = router {
        scenario.use_router(router);
    }
    let routers = scenario.routers();
    let unknown = |name: &&String| Native::named(name).is_none() && *name != COMPONENT;
    if let Some(unknown) = routers.iter().find(unknown) {
        let known: Vec<&str> = Native::ALL.iter().map(|native| native.name()).collect();
        return Err(CliError::failed(format!(
            "there is no router `{unknown}`; there are built-in, {}, and files *.wasm by --router",
            known.join(", ")
        )));
    }
    for written in estimators {
        estimator(written, &mut scenario, components)?;
    }
    let given = |name: &String| components.estimators.iter().any(|(known, _)| known == name);
    let estimators = scenario.estimators();
    let unknown = |name: &&String| NativeEstimator::named(name).is_none() && !given(name);
    if let Some(unknown) = estimators.iter().find(unknown) {
        let known: Vec<&str> = NativeEstimator::ALL.iter().map(|native| native.name()).collect();
        return Err(CliError::failed(format!(
            "there is no estimator `{unknown}`; there are built-in, {}, and files by \
             --estimator {unknown}=FILE.wasm",
            known.join(", ")
        )));
    }
    Ok(Source::Scenario(Box::new(scenario)))
}

/// Takes an estimator as it is written: `NAME=FILE.wasm` is the one that queues call NAME, a file or a
/// name alone the one of all queues that tell waits.
fn estimator(
    written: &str,
    scenario: &mut Scenario,
    components: &mut Components,
) -> Result<(), CliError> {
    let (name, file) = match written.split_once('=') {
        Some((name, file)) => (Some(name), file),
        None => (None, written),
    };
    match (name, component(file)?) {
        (Some(name), Some(component)) => {
            if !scenario.estimators().contains(name) {
                let known: Vec<String> = scenario.estimators().into_iter().collect();
                return Err(CliError::Usage(format!(
                    "no queue of the scenario asks an estimator `{name}`; they ask: {}",
                    if known.is_empty() { "none".to_owned() } else { known.join(", ") }
                )));
            }
            components.estimators.push((name.to_owned(), component));
        }
        (None, Some(component)) => {
            scenario.use_estimator(COMPONENT);
            components.estimators.push((COMPONENT.to_owned(), component));
        }
        (None, None) => scenario.use_estimator(file),
        (Some(name), None) => {
            return Err(CliError::Usage(format!(
                "--estimator {name}={file}: accepted after `=` is a component, FILE.wasm"
            )));
        }
    }
    Ok(())
}

fn play(
    source: &Source,
    components: &Components,
    seed: u64,
    number: u64,
    args: &SimulateArgs,
) -> Result<Trial, CliError> {
    let mut cast = Cast::native();
    for (name, Component { host, wasm, digest }) in &components.estimators {
        let estimator = crate::replay::estimator_of(host, wasm, digest);
        cast.estimators.insert(name.clone(), estimator.map_err(CliError::failed)?);
    }
    if let Some(Component { host, wasm, digest }) = &components.router {
        let router = crate::replay::router_of(host, wasm, digest).map_err(CliError::failed)?;
        cast.routers.insert(COMPONENT.to_owned(), router);
    }
    let (plan, warm_up) = match source {
        Source::Scenario(scenario) => (scenario.plan(seed), scenario.warm_up),
        Source::Chaos => (Plan::chaos(seed, CHAOS_LENGTH), Duration::ZERO),
    };
    let checks = if args.unchecked { Checks::Off } else { Checks::Every(1) };
    let steps_max = args.steps.unwrap_or(u64::MAX);
    let options = Options { checks, steps_max, ..Options::default() };
    let (start, length) = (plan.start, plan.length);
    let mut teller = Teller::new(start);
    let mut told = Instant::now();
    let runs = args.runs;
    let mut journal = args.journal.as_deref().map(Journal::create).transpose()?;
    let played = trial(plan, warm_up, cast, options, |world, record| {
        if args.trace {
            print(&teller.tell(record));
        }
        if let Some(journal) = &mut journal {
            journal.write(record);
        }
        if world.steps().is_multiple_of(1_024) && PROGRESS_EVERY <= told.elapsed() {
            told = Instant::now();
            let now = show_time(Duration::from_secs((world.now() - start).as_secs()));
            let (number, length) = (number + 1, show_time(length));
            eprintln!("run {number} of {runs}: {now} of {length}, {} steps", world.steps());
        }
    });
    journal.map(Journal::end).transpose()?;
    Ok(played)
}

/// A journal that is written, a record a line.
struct Journal {
    path: PathBuf,
    file: BufWriter<File>,
    /// The first thing that failed: nothing is written after it.
    failed: Option<std::io::Error>,
}

impl Journal {
    fn create(path: &Path) -> Result<Self, CliError> {
        let file = File::create(path).map_err(|error| unwritten(path, &error))?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file), failed: None })
    }

    fn write(&mut self, record: &JournalRecord) {
        if self.failed.is_none() {
            let written = serde_json::to_writer(&mut self.file, record).map_err(Into::into);
            self.failed = written.and_then(|()| self.file.write_all(b"\n")).err();
        }
    }

    fn end(mut self) -> Result<(), CliError> {
        let ended = self.failed.take().map_or_else(|| self.file.flush(), Err);
        ended.map_err(|error| unwritten(&self.path, &error))
    }
}

fn unwritten(path: &Path, error: &std::io::Error) -> CliError {
    CliError::failed(format!("cannot write {}: {error}", path.display()))
}

fn failed(name: &str, seed: u64, failure: &Failure, args: &SimulateArgs) -> String {
    let router = args.router.as_ref().map(|name| format!(" --router {name}")).unwrap_or_default();
    let estimators: String =
        args.estimators.iter().map(|name| format!(" --estimator {name}")).collect();
    let step = failure.step;
    format!(
        "{failure}\nagain, with every step told: \
         jackfield simulate --scenario {name}{router}{estimators} --seed {seed} --steps {step} --trace"
    )
}
