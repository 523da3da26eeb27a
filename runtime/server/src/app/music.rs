//! What callers hear while they wait or are on hold: the tenant's music, and that of single queues.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::QueueId;
use jackfield_telephony::speech::Audio;

use crate::config::TenantConfig;

/// The longest music read from a file.
const MUSIC_MAX: Duration = Duration::from_secs(30 * 60);

/// A file that is no music.
#[derive(Debug)]
pub struct NoMusic {
    /// The key below the tenant's that names it.
    pub key: String,
    /// What is wrong with it and what would be accepted.
    pub what: String,
}

/// Returns the tenant's music; without a file a soft tone.
pub fn of_tenant(tenant: &TenantConfig) -> Result<Arc<Audio>, NoMusic> {
    let file = tenant.music.as_ref().map(|path| read(path, "music".to_owned()));
    file.unwrap_or_else(|| Ok(Arc::new(Audio::music_on_hold())))
}

/// Returns the music of the queues that have their own.
pub fn of_queues(tenant: &TenantConfig) -> Result<BTreeMap<QueueId, Arc<Audio>>, NoMusic> {
    let own = tenant.queue_extras.iter();
    let own = own.filter_map(|(queue, extras)| Some((queue, extras.music.as_ref()?)));
    own.map(|(queue, path)| Ok((queue.clone(), read(path, format!("queues.{queue}.music"))?)))
        .collect()
}

fn read(path: &std::path::Path, key: String) -> Result<Arc<Audio>, NoMusic> {
    match Audio::from_wav(path, MUSIC_MAX) {
        Ok(audio) if audio.duration().is_zero() => {
            Err(NoMusic { key, what: format!("{} holds no sound", path.display()) })
        }
        Ok(audio) => Ok(Arc::new(audio)),
        Err(error) => Err(NoMusic { key, what: error.to_string() }),
    }
}
