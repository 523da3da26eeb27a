//! Certification: a plugin meets made-up worlds, and what must hold is looked at in each.
//!
//! A world whose answers are decisions ([`decisions`]: routers, estimators) is played by the simulator,
//! with the real component in it, metered by fuel; a world that leads a contact ([`flow`]) meets made-up
//! customers; one that is called once in a while ([`called`]) meets made-up questions. [`run`] is the only
//! place that knows which world has which suite. What is broken is made small ([`examiner`], [`caller`])
//! and told as a trace; who passes gets a report, which the same seeds give again to the byte. Nothing
//! here looks at a clock.

mod called;
mod caller;
mod decisions;
mod examiner;
mod flow;
mod property;
mod simpler;
mod subject;
mod tell;

use std::collections::BTreeMap;

use jackfield_package::{Certification, Cost, Digest, FORMAT, Limited, Spread};
use jackfield_plugin_host::{MeteredConfig, MeteredHost, World, target_versions};

use property::{Property, Tally};

/// The version of wasmtime counts fuel; the pin in `Cargo.toml` says the same.
const TOOL: &str = concat!("jackfield ", env!("CARGO_PKG_VERSION"), ", wasmtime 48.0.8");

/// What is to be certified, by how much.
#[derive(Clone, Debug)]
pub struct Order {
    /// The component.
    pub wasm: Vec<u8>,
    /// Its world.
    pub world: World,
    /// The first seed.
    pub seed: u64,
    /// How many worlds, each with the next seed.
    pub worlds: u64,
    /// Settings of the queues in all of them.
    pub settings: BTreeMap<String, String>,
}

/// How far it is: worlds and decisions so far.
pub type Progress<'p> = &'p mut dyn FnMut(u64, u64);

/// What came of it.
#[derive(Debug)]
pub enum Verdict {
    /// Everything held.
    Passed(Box<Certification>),
    /// Something did not.
    Broken(Broken),
}

/// What did not hold, and the least that shows it.
#[derive(Debug)]
pub struct Broken {
    /// What should have held.
    pub property: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// What was wrong.
    pub wrong: String,
    /// The seed of the world that showed it.
    pub seed: u64,
    /// The smallest trace, in words.
    pub trace: String,
}

impl Broken {
    fn new(property: Property, wrong: impl Into<String>, seed: u64, trace: String) -> Self {
        let (property, meaning) = (property.name(), property.meaning());
        Self { property, meaning, wrong: wrong.into(), seed, trace }
    }
}

/// What a suite found out: what was looked at how often, or what was broken.
type Examined = Result<Tally, Broken>;

/// Certifies a plugin.
///
/// # Errors
///
/// The reason in words, if this world has no suite.
pub fn run(
    config: MeteredConfig,
    order: &Order,
    progress: Progress<'_>,
) -> Result<Verdict, String> {
    let limits = Limited {
        fuel: match order.world {
            World::Flow => config.flow_fuel,
            world if World::CALLED.contains(&world) => config.call_fuel,
            _ => config.answer_fuel,
        },
        memory_bytes: config.host.memory_bytes_max as u64,
    };
    let host = MeteredHost::new(config).map_err(|error| error.to_string())?;
    let examined = match order.world {
        World::Router => decisions::router(&host, order, progress),
        World::Estimator => decisions::estimator(&host, order, progress),
        World::Flow => flow::examine(&host, order, progress),
        World::Chatbot | World::Channel | World::Connector | World::Analyst | World::Pacer => {
            called::examine(&host, order, progress)
        }
        World::Interpreter | World::RouterInterpreter => {
            let published = order.world.published().map_or("plugin", World::name);
            return Err(format!(
                "a component of the world {} is certified with a script, as the {published} that it \
                 becomes: `--script FILE`",
                order.world
            ));
        }
    };
    Ok(match examined {
        Ok(tally) => Verdict::Passed(Box::new(report(order, limits, tally))),
        Err(broken) => Verdict::Broken(broken),
    })
}

fn report(order: &Order, limits: Limited, tally: Tally) -> Certification {
    let Tally { decisions, refused, properties, warm_fuel, fresh_fuel, memory_bytes } = tally;
    let warm_fuel = (!warm_fuel.is_empty()).then(|| Spread::of(warm_fuel));
    let property = |(property, checked): (Property, u64)| jackfield_package::Property {
        name: property.name().to_owned(),
        meaning: property.meaning().to_owned(),
        checked,
    };
    Certification {
        format: FORMAT,
        digest: Digest::of(&order.wasm),
        world: order.world.name().to_owned(),
        contract: target_versions().last().map_or_else(String::new, ToString::to_string),
        tool: TOOL.to_owned(),
        seed: order.seed,
        worlds: order.worlds,
        settings: order.settings.clone(),
        decisions,
        refused,
        properties: properties.into_iter().map(property).collect(),
        cost: Cost { warm_fuel, fresh_fuel: Spread::of(fresh_fuel), memory_bytes },
        limits,
    }
}
