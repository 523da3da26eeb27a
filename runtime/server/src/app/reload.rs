//! Reading the configuration again while calls go on: all of a change takes effect, or none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jackfield_core::{Input, QueueId, TenantId};
use jackfield_package::TrustStore;
use jackfield_telephony::Registration;
use jackfield_telephony::speech::Audio;

use super::revocations::trust_of;
use super::start::trunk_registrations;
use super::{App, music};
use crate::cli::error::in_full;
use crate::config::{Config, ConfigProblems, Origin, Problem};

/// Why a reload changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The file has mistakes.
    #[error(transparent)]
    Problems(#[from] ConfigProblems),
    /// These keys differ and take effect only by a restart.
    #[error("a restart is needed for {}", .0.join(", "))]
    NeedsRestart(Vec<String>),
}

impl ReloadError {
    /// What is wrong, by key; a mistake of the file as a whole has none.
    pub fn by_key(self) -> Vec<(String, String)> {
        match self {
            Self::Problems(found) => {
                let problems = found.problems.into_iter();
                problems.map(|problem| (problem.key.clone(), problem.to_string())).collect()
            }
            Self::NeedsRestart(keys) => {
                let says = |key: String| {
                    let message = format!("`{key}` takes effect by a restart only");
                    (key, message)
                };
                keys.into_iter().map(says).collect()
            }
        }
    }
}

impl App {
    /// Reads the configuration again and lets it take effect. Returns the keys that changed. Calls
    /// in progress go on; what they ask from now on, such as an offer's ring time, is answered anew.
    ///
    /// # Errors
    ///
    /// [`ReloadError`] if anything of it cannot take effect: then nothing has changed. What is wrong
    /// is in the log too.
    pub async fn reload(&self) -> Result<Vec<String>, ReloadError> {
        // One after another: two at once could leave parts of each.
        let _turn = self.reloading.lock().await;
        let old = self.config();
        let new = match read(&old) {
            Ok(new) => Arc::new(new),
            Err(error) => {
                tell(&error);
                return Err(error);
            }
        };
        let mut music = match music_of_queues(&new) {
            Ok(music) => music,
            Err(error) => {
                tell(&error);
                return Err(error);
            }
        };
        let trust = match trust(&new) {
            Ok(trust) => trust,
            Err(error) => {
                tell(&error);
                return Err(error);
            }
        };
        let changed = Config::diff(&old, &new).live;
        self.config.set(Arc::clone(&new));
        for (id, tenant) in &self.tenants {
            let Some(config) = new.tenants.get(id) else { continue };
            let center = (tenant.config().center != config.center).then(|| config.center.clone());
            tenant.reconfigure(config.clone(), music.remove(id).unwrap_or_default());
            if let Some(center) = center {
                tenant.input(Input::Configured { config: Arc::new(center) }).await;
            }
            self.look_for_revoked(tenant, &trust);
        }
        tracing::info!(changed = changed.join(", "), "the configuration was read again");
        Ok(changed)
    }
}

/// Reads the file of `old`; refuses what a running process cannot change.
fn read(old: &Config) -> Result<Config, ReloadError> {
    let new = Config::load(&old.path, std::env::vars())?;
    let mut restart = Config::diff(old, &new).restart;
    // A tenant is made of keys that are live each, but has an engine and a journal.
    let names = |config: &Config| config.tenants.keys().cloned().collect::<BTreeSet<_>>();
    let tenants = names(old).symmetric_difference(&names(&new)).cloned().collect::<Vec<_>>();
    restart.extend(tenants.iter().map(|tenant| format!("tenants.{tenant}")));
    // Credentials may change for calls, not for a registration that is kept up.
    let (before, after) = (trunk_registrations(old), trunk_registrations(&new));
    let only = |some: &[Registration], others: &[Registration]| {
        let changed = some.iter().filter(|one| !others.contains(one));
        changed.map(|one| format!("trunks.{}.outbound", one.name)).collect::<Vec<_>>()
    };
    restart.extend(only(&before, &after));
    restart.extend(only(&after, &before));
    restart.sort();
    restart.dedup();
    if restart.is_empty() { Ok(new) } else { Err(ReloadError::NeedsRestart(restart)) }
}

/// Reads whom the new configuration trusts, and what was revoked.
fn trust(new: &Config) -> Result<TrustStore, ReloadError> {
    trust_of(new).map_err(|error| {
        let (key, message) = ("plugins.trust".to_owned(), in_full(&error));
        let problems = vec![Problem { key, message, origin: Origin::Nowhere }];
        ReloadError::Problems(ConfigProblems { path: new.path.clone(), problems })
    })
}

type MusicOfQueues = BTreeMap<QueueId, Arc<Audio>>;

fn music_of_queues(config: &Config) -> Result<BTreeMap<TenantId, MusicOfQueues>, ReloadError> {
    let mut found = BTreeMap::new();
    for (id, tenant) in &config.tenants {
        let music = music::of_queues(tenant).map_err(|error| {
            let key = format!("tenants.{id}.{}", error.key);
            let problems = vec![Problem { key, message: error.what, origin: Origin::Nowhere }];
            ReloadError::Problems(ConfigProblems { path: config.path.clone(), problems })
        })?;
        found.insert(id.clone(), music);
    }
    Ok(found)
}

fn tell(error: &ReloadError) {
    match error {
        ReloadError::Problems(found) => {
            for problem in &found.problems {
                tracing::error!(file = %found.path.display(), "not reloaded: {problem}");
            }
        }
        ReloadError::NeedsRestart(keys) => {
            for key in keys {
                tracing::error!(key, "not reloaded: a change of this key needs a restart");
            }
        }
    }
}
