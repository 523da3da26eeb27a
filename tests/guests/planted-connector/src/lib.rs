//! Takes for granted that every contact was in a queue.

use jackfield_sdk::PluginError;
use jackfield_sdk::connector::{
    Connector, Customer, Event, Incoming, InteractionLog, Lead, Recording, Reply,
};

struct Planted;

impl Connector for Planted {
    fn handle_event(event: Event) -> Result<(), PluginError> {
        if event.kind == "ended" {
            assert!(event.queue.is_some(), "a contact without a queue");
        }
        Ok(())
    }

    fn find_contact(_: String) -> Result<Option<Customer>, PluginError> {
        Ok(None)
    }

    fn create_lead(lead: Lead) -> Result<String, PluginError> {
        Ok(lead.address)
    }

    fn log_interaction(log: InteractionLog) -> Result<Option<String>, PluginError> {
        Ok(Some(log.id))
    }

    fn attach_recording(_: Recording) -> Result<(), PluginError> {
        Ok(())
    }

    fn receive(_: Incoming) -> Result<Reply, PluginError> {
        Ok(Reply { status: 204, headers: Vec::new(), body: Vec::new() })
    }

    fn run_schedule() -> Result<(), PluginError> {
        Ok(())
    }
}

jackfield_sdk::export_connector!(Planted);
