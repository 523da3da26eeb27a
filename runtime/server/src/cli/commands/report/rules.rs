//! What adherence, earned hours, first contact resolution and vendors' formulas depend on.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use jackfield_core::Channel;
use jackfield_figures::kpi::{GenesysSwitches, Parameters, RepeatRule, channel_name};

use super::{micros, time};
use crate::config::figures::{show_standard_times, standard_times};
use crate::config::units::show_time;

/// Rules of figures. What is not said is as the tenant's `figures` have it.
#[derive(Clone, Debug, Args)]
pub struct Rules {
    /// W: who comes again within it was not served at the first contact [default: the tenant's
    /// figures.window, else 7d]
    #[arg(long, visible_alias = "window", value_name = "TIME", value_parser = time)]
    pub repeat_window: Option<Duration>,
    /// Only a contact with the same reason repeats another one
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true")]
    pub same_reason: Option<bool>,
    /// Only contacts of these channels are looked at for FCR and containment
    #[arg(long, value_name = "CHANNEL,...", value_parser = channels)]
    pub repeat_channels: Option<Channels>,
    /// Contacts that were transferred are not asked about in FCR
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true")]
    pub exclude_transferred: Option<bool>,
    /// Contacts that were abandoned do not repeat another one
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true")]
    pub exclude_abandoned: Option<bool>,
    /// The standard time of a contact of this queue, for the earned-hours index; 0s is none
    #[arg(long, value_name = "QUEUE=TIME", value_parser = standard_times)]
    pub standard_time: Vec<BTreeMap<String, u64>>,
    /// What Genesys Cloud's service level leaves out: flow-outs, short-abandons, abandons
    #[arg(long, value_name = "WHAT,...", value_parser = genesys)]
    pub genesys_exclude: Option<GenesysSwitches>,
}

/// The channels that are looked at.
#[derive(Clone, Debug)]
pub struct Channels(Vec<Channel>);

fn channels(text: &str) -> Result<Channels, String> {
    RepeatRule::channels_of(text.split(',')).map(Channels)
}

fn genesys(text: &str) -> Result<GenesysSwitches, String> {
    GenesysSwitches::without(text.split(','))
}

impl Rules {
    /// Changes what is said.
    pub fn apply(&self, parameters: &mut Parameters) {
        let repeat = &mut parameters.repeat;
        if let Some(window) = self.repeat_window {
            repeat.window_us = micros(window);
        }
        if let Some(Channels(channels)) = &self.repeat_channels {
            repeat.channels.clone_from(channels);
        }
        repeat.same_reason = self.same_reason.unwrap_or(repeat.same_reason);
        repeat.exclude_transferred = self.exclude_transferred.unwrap_or(repeat.exclude_transferred);
        repeat.exclude_abandoned = self.exclude_abandoned.unwrap_or(repeat.exclude_abandoned);
        parameters.set_standard_times(self.standard_times());
        parameters.genesys = self.genesys_exclude.unwrap_or(parameters.genesys);
    }

    fn standard_times(&self) -> impl Iterator<Item = (String, u64)> {
        self.standard_time.iter().flatten().map(|(queue, time)| (queue.clone(), *time))
    }

    /// The same as keys of the query.
    pub fn query(&self) -> [(&'static str, Option<String>); 7] {
        let flag = |value: Option<bool>| value.map(|value| value.to_string());
        let times: BTreeMap<_, _> = self.standard_times().collect();
        let times = Some(show_standard_times(&times)).filter(|text| !text.is_empty());
        let channels = self.repeat_channels.as_ref().map(|Channels(channels)| {
            channels.iter().copied().map(channel_name).collect::<Vec<_>>().join(",")
        });
        let genesys = self.genesys_exclude.map(|switches| switches.left_out().join(","));
        [
            ("window", self.repeat_window.map(show_time)),
            ("same_reason", flag(self.same_reason)),
            ("repeat_channels", channels),
            ("exclude_transferred", flag(self.exclude_transferred)),
            ("exclude_abandoned", flag(self.exclude_abandoned)),
            ("standard_time", times),
            ("genesys_exclude", genesys),
        ]
    }
}
