//! Plugins that are asked once in a while: chatbots, channels, connectors, analysts, pacers. Each call
//! has a fresh instance, so nothing of one customer is left for the next; what a plugin may remember
//! goes through `state`.

use std::pin::Pin;
use std::sync::Arc;

use jackfield_core::PluginFailure;
use tokio::sync::SemaphorePermit;
use wasmtime::Store;
use wasmtime::component::{HasSelf, InstancePre, Linker};

use crate::account::{InstancePlace, PluginAccount};
use crate::contract::World;
use crate::error::NotInstalled;
use crate::flow::failure;
use crate::guest::Guest;
use crate::host::{Entry, Loaded, PluginHost};
use crate::track::{analyst, channel, chatbot, connector, pacer, types};
use crate::{Limit, Services, convert};

/// What these plugins are asked and answer: the records of `wit/`, whose comments say what they mean.
pub mod asked {
    pub use crate::track::types::types::{Channel, SkillLevel};
    pub use crate::track::{
        analysis, channels, connecting, conversation, messaging, outbound, pacing, webhook,
    };

    /// A kind of conversation in the contract's words.
    pub fn channel_of(channel: jackfield_core::Channel) -> Channel {
        crate::convert::channel(channel)
    }
}

/// How one of these components is entered.
pub enum Called {
    Chatbot(chatbot::ChatbotPre<Guest>),
    Channel(channel::ChannelPre<Guest>),
    Connector(connector::ConnectorPre<Guest>),
    Analyst(analyst::AnalystPre<Guest>),
    Pacer(pacer::PacerPre<Guest>),
}

impl Called {
    /// Finds the exports of `world`; `None` if its plugins are not of this kind.
    pub fn find(pre: InstancePre<Guest>, world: World) -> wasmtime::Result<Option<Self>> {
        Ok(Some(match world {
            World::Chatbot => Self::Chatbot(chatbot::ChatbotPre::new(pre)?),
            World::Channel => Self::Channel(channel::ChannelPre::new(pre)?),
            World::Connector => Self::Connector(connector::ConnectorPre::new(pre)?),
            World::Analyst => Self::Analyst(analyst::AnalystPre::new(pre)?),
            World::Pacer => Self::Pacer(pacer::PacerPre::new(pre)?),
            _ => return Ok(None),
        }))
    }

    /// What is instantiated.
    pub fn instance_pre(&self) -> &InstancePre<Guest> {
        match self {
            Self::Chatbot(pre) => pre.instance_pre(),
            Self::Channel(pre) => pre.instance_pre(),
            Self::Connector(pre) => pre.instance_pre(),
            Self::Analyst(pre) => pre.instance_pre(),
            Self::Pacer(pre) => pre.instance_pre(),
        }
    }
}

/// Adds what these worlds may import.
pub fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    chatbot::Chatbot::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?;
    channel::Channel::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?;
    connector::Connector::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?;
    analyst::Analyst::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?;
    pacer::Pacer::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)
}

/// Why a call has no answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{failure}")]
pub struct CallFailure {
    /// What happened.
    pub failure: PluginFailure,
    /// Whether the same call may succeed later: another system did not answer, or there was no place.
    pub again: bool,
}

impl From<PluginFailure> for CallFailure {
    fn from(failure: PluginFailure) -> Self {
        Self { failure, again: false }
    }
}

/// One version of such a plugin. Cheap to clone.
#[derive(Clone)]
pub struct CalledPlugin {
    host: PluginHost,
    digest: Arc<str>,
    loaded: Arc<Loaded>,
    account: Arc<PluginAccount>,
    world: World,
}

impl std::fmt::Debug for CalledPlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CalledPlugin").field("world", &self.world).finish_non_exhaustive()
    }
}

impl PluginHost {
    /// Returns the installed chatbot, channel, connector, analyst or pacer.
    ///
    /// # Errors
    ///
    /// [`NotInstalled`] unless a plugin of this world was installed under `digest`.
    pub fn called(&self, digest: &str, world: World) -> Result<CalledPlugin, NotInstalled> {
        let loaded = self.inner.find(digest, world)?;
        let account = self.account_of_nobody(digest);
        Ok(CalledPlugin { host: self.clone(), digest: digest.into(), loaded, account, world })
    }
}

/// Writes two methods for each export: how a store enters it, and how a centre calls it.
macro_rules! calls {
    ($($(#[$doc:meta])* $world:ident $guest:ident $name:ident($($arg:ident: $kind:ty),*) -> $answer:ty = $call:ident;)*) => {
        impl Called {
            $(
                $(#[$doc])*
                /// The instance is a fresh one.
                pub async fn $name(
                    &self,
                    store: &mut Store<Guest>,
                    $($arg: $kind,)*
                ) -> Result<$answer, CallFailure> {
                    let Self::$world(pre) = self else { return Err(PluginFailure::NotLoaded.into()) };
                    let started = pre.instantiate_async(&mut *store).await;
                    let plugin = started.map_err(|error| failure(&error, store.data()))?;
                    let replied = plugin.$guest().$call(&mut *store, $($arg),*).await;
                    let reply = replied.map_err(|error| failure(&error, store.data()))?;
                    reply.map_err(refused)
                }
            )*
        }

        impl CalledPlugin {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                ///
                /// [`CallFailure`]; [`PluginFailure::NotLoaded`] if the plugin is of another world.
                pub async fn $name(
                    &self,
                    $($arg: $kind,)*
                    services: Arc<dyn Services>,
                ) -> Result<$answer, CallFailure> {
                    $(let $arg = $arg.to_owned();)*
                    self.call(services, move |called, store| {
                        Box::pin(async move { called.$name(store, $(&$arg),*).await })
                    })
                    .await
                }
            )*
        }
    };
}

calls! {
    /// Has a chatbot take one turn.
    Chatbot jackfield_plugin_chatbot_guest
        take_turn(turn: &asked::conversation::Turn) -> asked::conversation::Reply = call_take_turn;
    /// Asks a channel what it can do.
    Channel jackfield_plugin_channel_guest
        describe() -> asked::channels::Capabilities = call_describe;
    /// Has a channel read what a webhook brought.
    Channel jackfield_plugin_channel_guest
        receive(request: &asked::webhook::Incoming) -> asked::channels::Received = call_receive;
    /// Has a channel send one message.
    Channel jackfield_plugin_channel_guest
        send(message: &asked::channels::Outgoing) -> asked::channels::Receipt = call_send;
    /// Tells a connector what happened.
    Connector jackfield_plugin_connector_guest
        handle_event(event: &asked::connecting::Event) -> () = call_handle_event;
    /// Has a connector find a customer.
    Connector jackfield_plugin_connector_guest
        find_contact(address: &str) -> Option<asked::connecting::Customer> = call_find_contact;
    /// Has a connector create a lead; answers its id there.
    Connector jackfield_plugin_connector_guest
        create_lead(lead: &asked::connecting::Lead) -> String = call_create_lead;
    /// Has a connector write down a contact that is over; answers the entry's id there, if it has one.
    Connector jackfield_plugin_connector_guest
        log_interaction(log: &asked::connecting::InteractionLog) -> Option<String>
        = call_log_interaction;
    /// Tells a connector where a recording is.
    Connector jackfield_plugin_connector_guest
        attach_recording(recording: &asked::connecting::Recording) -> () = call_attach_recording;
    /// Has a connector take a request of the other system.
    Connector jackfield_plugin_connector_guest
        take_webhook(request: &asked::webhook::Incoming) -> asked::webhook::Reply = call_receive;
    /// Has a connector do what is due.
    Connector jackfield_plugin_connector_guest run_schedule() -> () = call_run_schedule;
    /// Has an analyst read a conversation.
    Analyst jackfield_plugin_analyst_guest
        analyse(transcript: &asked::analysis::Transcript) -> asked::analysis::Findings
        = call_analyse;
    /// Asks a pacer how many calls to place.
    Pacer jackfield_plugin_pacer_guest
        decide(campaign: &asked::pacing::Campaign) -> asked::pacing::Pace = call_decide;
}

impl CalledPlugin {
    /// What it is.
    pub fn world(&self) -> World {
        self.world
    }

    /// Bills its instances to this account, which also says whether it is asked at all.
    #[must_use]
    pub fn billed_to(mut self, account: &Arc<PluginAccount>) -> Self {
        self.account = Arc::clone(account);
        self
    }

    /// Tells that an answer was found impossible after it had arrived.
    pub fn reject(&self, failure: &PluginFailure) {
        self.account.reject(&self.digest, failure);
    }

    /// One of the tenant's instances and one of the host's.
    async fn places(&self) -> Result<(InstancePlace, SemaphorePermit<'_>), CallFailure> {
        let ours = self.account.instance();
        let ours = ours.map_err(|failure| CallFailure { failure, again: true })?;
        Ok((ours, self.host.inner.call_place().await?))
    }

    fn store(&self, services: Arc<dyn Services>) -> Store<Guest> {
        let mut store = self.host.inner.call_store(&self.loaded);
        store.data_mut().bill(&self.account, &self.digest);
        store.data_mut().services = Some(services);
        store
    }

    /// Makes one call with a fresh instance, where guests run, and breaks it off if it takes longer
    /// than any may, whatever it waits for.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        services: Arc<dyn Services>,
        enter: impl for<'c> FnOnce(&'c Called, &'c mut Store<Guest>) -> Call<'c, T> + Send + 'static,
    ) -> Result<T, CallFailure> {
        let this = self.clone();
        let work = async move {
            let Entry::Called(called) = &this.loaded.entry else {
                return Err(PluginFailure::NotLoaded.into());
            };
            let places = this.places().await?;
            let mut store = this.store(services);
            let reply = enter(called, &mut store).await;
            // The slot of the pool is free before the places are.
            store.into_data().end();
            drop(places);
            reply
        };
        self.run(Box::pin(work)).await
    }

    async fn run<T: Send + 'static>(&self, work: Call<'static, T>) -> Result<T, CallFailure> {
        let permit = self.account.admit(&self.digest)?;
        let run = self.host.inner.lanes.run(self.account.tenant(), work);
        let done = match tokio::time::timeout(self.host.inner.config.call_time, run).await {
            Ok(Some(done)) => done,
            Ok(None) => Err(PluginFailure::Trapped("the host failed".to_owned()).into()),
            Err(_) => {
                self.account.met(Limit::Deadline);
                Err(CallFailure { failure: PluginFailure::DeadlineExceeded, again: true })
            }
        };
        match &done {
            // It said itself that it cannot do this.
            Ok(_) | Err(CallFailure { failure: PluginFailure::Refused(_), .. }) => {
                permit.ended(Ok(()));
            }
            Err(failed) => permit.ended::<()>(Err(&failed.failure)),
        }
        done
    }
}

/// A call that is under way.
pub type Call<'c, T> = Pin<Box<dyn Future<Output = Result<T, CallFailure>> + Send + 'c>>;

/// The plugin's own error, and whether the call may succeed later.
fn refused(error: types::types::PluginError) -> CallFailure {
    let again = matches!(error, types::types::PluginError::Unavailable(_));
    CallFailure { failure: convert::refusal(error).0, again }
}
