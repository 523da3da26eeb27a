//! What guests import: each function is a step from the track's words to the server's traits.

use wasmtime::Result;
use wasmtime::component::Resource;

use crate::guest::Guest;
use crate::track::telephony::session::{
    CallbackOptions, GatherOptions, Gathered, Host, HostSession, Prompt, QueueEnd, QueueOptions,
    Recorded, SessionError,
};
use crate::track::types::types;
use crate::track::{SessionMark, clock, crm, estimating, history, log, metrics, queueing, state};
use crate::{Prompt as OurPrompt, convert};

type Verb<T> = Result<Result<T, SessionError>>;
type Handle = Resource<SessionMark>;

impl types::Host for Guest {}

impl queueing::routing::Host for Guest {}

impl estimating::Host for Guest {}

impl Host for Guest {}

impl HostSession for Guest {
    async fn id(&mut self, _: Handle) -> Result<String> {
        Ok(self.verb()?.id().to_string())
    }

    async fn channel(&mut self, _: Handle) -> Result<types::Channel> {
        Ok(convert::channel(self.verb()?.channel()))
    }

    async fn caller(&mut self, _: Handle) -> Result<Option<String>> {
        Ok(self.verb()?.caller())
    }

    async fn dialled(&mut self, _: Handle) -> Result<String> {
        Ok(self.verb()?.dialled())
    }

    async fn language(&mut self, _: Handle) -> Result<String> {
        Ok(self.verb()?.language())
    }

    async fn set_language(&mut self, _: Handle, tag: String) -> Verb<()> {
        Ok(self.verb()?.set_language(&tag).map_err(convert::session_error))
    }

    async fn attribute(&mut self, _: Handle, name: String) -> Result<Option<String>> {
        Ok(self.verb()?.attribute(&name))
    }

    async fn set_attribute(&mut self, _: Handle, name: String, value: String) -> Verb<()> {
        Ok(self.verb()?.set_attribute(&name, &value).map_err(convert::session_error))
    }

    async fn answer(&mut self, _: Handle) -> Verb<()> {
        Ok(self.verb()?.answer().await.map_err(convert::session_error))
    }

    async fn play(&mut self, _: Handle, prompts: Vec<Prompt>) -> Verb<()> {
        let prompts = convert::prompts(prompts);
        Ok(self.verb()?.play(prompts).await.map_err(convert::session_error))
    }

    async fn say(&mut self, _: Handle, text: String) -> Verb<()> {
        let prompts = vec![OurPrompt::Text(text)];
        Ok(self.verb()?.play(prompts).await.map_err(convert::session_error))
    }

    async fn gather(
        &mut self,
        _: Handle,
        prompts: Vec<Prompt>,
        options: GatherOptions,
    ) -> Verb<Gathered> {
        let (prompts, options) = (convert::prompts(prompts), convert::gather_options(options));
        let gathered = self.verb()?.gather(prompts, options).await;
        Ok(gathered.map(convert::gathered).map_err(convert::session_error))
    }

    async fn record(&mut self, _: Handle, max_ms: u32, silence_ms: u32) -> Verb<Recorded> {
        let recorded = self.verb()?.record(max_ms, silence_ms).await;
        Ok(recorded.map(convert::recorded).map_err(convert::session_error))
    }

    async fn enqueue(&mut self, _: Handle, queue: String, options: QueueOptions) -> Verb<QueueEnd> {
        let end = self.verb()?.enqueue(&queue, convert::queue_options(options)).await;
        Ok(end.map(convert::queue_end).map_err(convert::session_error))
    }

    async fn callback(&mut self, _: Handle, queue: String, options: CallbackOptions) -> Verb<()> {
        let asked = self.verb()?.callback(&queue, convert::callback_options(options)).await;
        Ok(asked.map_err(convert::session_error))
    }

    async fn is_open(&mut self, _: Handle, queue: String) -> Verb<bool> {
        Ok(self.verb()?.is_open(&queue).await.map_err(convert::session_error))
    }

    async fn transfer(&mut self, _: Handle, destination: String) -> Verb<()> {
        Ok(self.verb()?.transfer(&destination).await.map_err(convert::session_error))
    }

    async fn send_digits(&mut self, _: Handle, digits: String) -> Verb<()> {
        Ok(self.verb()?.send_digits(&digits).await.map_err(convert::session_error))
    }

    async fn hang_up(&mut self, _: Handle, reason: Option<String>) -> Result<()> {
        self.verb()?.hang_up(reason);
        Ok(())
    }

    async fn drop(&mut self, _: Handle) -> Result<()> {
        // The session is the store's, not the guest's: a guest that drops it early only loses it.
        Ok(())
    }
}

impl history::Host for Guest {
    async fn recent(&mut self) -> Result<Vec<history::PastContact>> {
        self.host_call()?;
        Ok(self.history.iter().map(convert::past_contact).collect())
    }
}

impl crm::read::Host for Guest {
    async fn find(
        &mut self,
        address: String,
    ) -> Result<Result<crm::read::Card, crm::read::CrmError>> {
        let Some(services) = self.service()? else {
            return Ok(Err(crm::read::CrmError::Unavailable));
        };
        let found = services.find_contact(&address).await;
        Ok(found.map(convert::card).map_err(convert::crm_error))
    }
}

impl crm::write::Host for Guest {
    async fn upsert(
        &mut self,
        address: String,
        name: Option<String>,
        fields: Vec<(String, String)>,
    ) -> Result<Result<String, crm::read::CrmError>> {
        let Some(services) = self.service()? else {
            return Ok(Err(crm::read::CrmError::Unavailable));
        };
        let id = services.upsert_contact(&address, name.as_deref(), fields).await;
        Ok(id.map_err(convert::crm_error))
    }

    async fn note(
        &mut self,
        contact: String,
        interaction: Option<String>,
        text: String,
    ) -> Result<Result<(), crm::read::CrmError>> {
        let Some(services) = self.service()? else {
            return Ok(Err(crm::read::CrmError::Unavailable));
        };
        let kept = services.add_note(&contact, interaction.as_deref(), &text).await;
        Ok(kept.map_err(convert::crm_error))
    }
}

impl state::state::Host for Guest {
    async fn get(
        &mut self,
        key: String,
    ) -> Result<Result<Option<Vec<u8>>, state::state::StateError>> {
        let Some(services) = self.service()? else {
            return Ok(Err(state::state::StateError::Unavailable));
        };
        Ok(services.state_get(&key).await.map_err(convert::state_error))
    }

    async fn set(
        &mut self,
        key: String,
        value: Vec<u8>,
        ttl_seconds: Option<u32>,
    ) -> Result<Result<(), state::state::StateError>> {
        let Some(services) = self.service()? else {
            return Ok(Err(state::state::StateError::Unavailable));
        };
        Ok(services.state_set(&key, value, ttl_seconds).await.map_err(convert::state_error))
    }

    async fn compare_and_set(
        &mut self,
        key: String,
        expected: Option<Vec<u8>>,
        value: Vec<u8>,
    ) -> Result<Result<bool, state::state::StateError>> {
        let Some(services) = self.service()? else {
            return Ok(Err(state::state::StateError::Unavailable));
        };
        let done = services.state_compare_and_set(&key, expected, value).await;
        Ok(done.map_err(convert::state_error))
    }
}

impl metrics::metrics::Host for Guest {
    async fn add(&mut self, counter: String, amount: u32) -> Result<()> {
        self.host_call()?;
        self.count(&counter, amount);
        Ok(())
    }

    async fn observe(&mut self, distribution: String, value: f64) -> Result<()> {
        self.host_call()?;
        Self::observe(self, &distribution, value);
        Ok(())
    }
}

impl clock::clock::Host for Guest {
    async fn now_seconds(&mut self) -> Result<f64> {
        Ok(self.service()?.map_or(0.0, |services| services.now_micros() as f64 / 1e6))
    }

    async fn utc(&mut self) -> Result<clock::clock::Civil> {
        Ok(civil(self.service()?.map_or(0, |services| services.now_micros())))
    }

    async fn random(&mut self) -> Result<f64> {
        Ok(self.service()?.map_or(0.5, |services| services.random()))
    }
}

impl log::log::Host for Guest {
    async fn write(&mut self, level: log::log::Level, message: String) -> Result<()> {
        self.host_call()?;
        self.log(convert::log_level(level), &message);
        Ok(())
    }
}

/// The date of a moment: Howard Hinnant's `civil_from_days`, for days since 1970 only.
fn civil(micros: u64) -> clock::clock::Civil {
    let seconds = micros / 1_000_000;
    let days = seconds / 86_400;
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    clock::clock::Civil {
        year: u16::try_from(year).unwrap_or(u16::MAX),
        month: month as u8,
        day: (day_of_year - (153 * from_march + 2) / 5 + 1) as u8,
        hour: (seconds / 3_600 % 24) as u8,
        minute: (seconds / 60 % 60) as u8,
        // 1970-01-01 was a Thursday.
        weekday: ((days + 3) % 7 + 1) as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_known_moments() {
        let date = |seconds: u64| {
            let at = civil(seconds * 1_000_000);
            (at.year, at.month, at.day, at.hour, at.minute, at.weekday)
        };
        assert_eq!(date(0), (1970, 1, 1, 0, 0, 4));
        assert_eq!(date(951_782_400), (2000, 2, 29, 0, 0, 2));
        assert_eq!(date(1_772_323_199), (2026, 2, 28, 23, 59, 6));
        assert_eq!(date(1_772_323_200), (2026, 3, 1, 0, 0, 7));
    }
}
