//! Taking over state: a version says how what the one before has kept becomes what it wants to find.

use std::sync::Arc;

use jackfield_core::PluginFailure;

use crate::account::PluginAccount;
use crate::flow::failure;
use crate::guest::Guest;
use crate::host::{Entry, Loaded, PluginHost};
use crate::track::migrating::exports::jackfield::state::migration;
use crate::track::migrating::{Migrating, MigratingPre};
use crate::{NotInstalled, Services, World};

/// One value that a plugin keeps.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StateEntry {
    /// Under which key.
    pub key: String,
    /// The value.
    pub value: Vec<u8>,
    /// How long it is kept, in seconds; `None` for ever.
    pub ttl_seconds: Option<u32>,
}

/// Why a version did not take over what the one before has kept.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MigrationError {
    /// It was never installed here.
    #[error(transparent)]
    NotInstalled(#[from] NotInstalled),
    /// It trapped, took too long, or wanted more than it may.
    #[error("it {0}")]
    Failed(PluginFailure),
    /// It said itself that it cannot.
    #[error("it says: {0}")]
    Refused(String),
}

/// Longest error text that is kept.
const ERROR_CHARS: usize = 1_000;

impl PluginHost {
    /// Whether an installed version takes over what the one before has kept.
    ///
    /// # Errors
    ///
    /// [`NotInstalled`] unless a component of this world was installed under `digest`.
    pub fn migrates(&self, digest: &str, world: World) -> Result<bool, NotInstalled> {
        Ok(exported(&*self.inner.find(digest, world)?).is_some())
    }

    /// Lets an installed version turn `entries` into what it wants to find, in an instance of its own that
    /// is billed to `account`. Nothing is kept here.
    ///
    /// # Errors
    ///
    /// [`MigrationError`] says why there is nothing to be kept.
    pub async fn migrate(
        &self,
        (digest, world): (&str, World),
        entries: Vec<StateEntry>,
        services: Arc<dyn Services>,
        account: &Arc<PluginAccount>,
    ) -> Result<Vec<StateEntry>, MigrationError> {
        let loaded = self.inner.find(digest, world)?;
        let (host, billed, digest) = (self.clone(), Arc::clone(account), Arc::from(digest));
        let work = async move {
            let Some(pre) = exported(&loaded) else { return Err(PluginFailure::NotLoaded) };
            let _place = billed.instance()?;
            let config = &host.inner.config;
            let mut store = host.inner.question_store(&loaded, config.migrate_time);
            // All that a plugin keeps comes back at once.
            let state = usize::try_from(config.tenant.plugin_state_bytes).unwrap_or(usize::MAX);
            store.set_hostcall_fuel(config.output_bytes_max.max(state.saturating_mul(2)));
            store.data_mut().bill(&billed, &digest);
            store.data_mut().services = Some(services);
            store.data_mut().begin();
            let started = pre.instantiate_async(&mut store).await;
            let guest: Migrating = started.map_err(|error| failure(&error, store.data()))?;
            let theirs: Vec<migration::Entry> = entries.into_iter().map(into_theirs).collect();
            let told = guest.jackfield_state_migration().call_migrate(&mut store, &theirs).await;
            let told = told.map_err(|error| failure(&error, store.data()))?;
            store.into_data().end();
            Ok(told)
        };
        let tenant = account.tenant();
        let ran = self.inner.lanes.run(tenant, Box::pin(work)).await;
        let ran = ran.unwrap_or_else(|| Err(PluginFailure::Trapped("the host failed".to_owned())));
        match ran.map_err(MigrationError::Failed)? {
            Ok(entries) => Ok(entries.into_iter().map(from_theirs).collect()),
            Err(why) => Err(MigrationError::Refused(why.chars().take(ERROR_CHARS).collect())),
        }
    }
}

/// The export, if the component has it.
fn exported(loaded: &Loaded) -> Option<MigratingPre<Guest>> {
    let pre = match &loaded.entry {
        Entry::Flow(pre) => pre.instance_pre(),
        Entry::Router(pre) => pre.instance_pre(),
        Entry::Estimator(pre) => pre.instance_pre(),
        Entry::Called(called) => called.instance_pre(),
    };
    MigratingPre::new(pre.clone()).ok()
}

fn into_theirs(entry: StateEntry) -> migration::Entry {
    let StateEntry { key, value, ttl_seconds } = entry;
    migration::Entry { key, value, ttl_seconds }
}

fn from_theirs(entry: migration::Entry) -> StateEntry {
    let migration::Entry { key, value, ttl_seconds } = entry;
    StateEntry { key, value, ttl_seconds }
}
