//! What went wrong behind the interface, in its words.

use jackfield_store::StoreError;

use crate::app::{FlowError, PluginError};
use crate::http::centre::{Fault, Mistake};
use crate::replay::ReplayError;

/// Says what the store said in the interface's words.
pub fn fault(error: StoreError) -> Fault {
    let invalid = |field: &str, reason: String| Fault::Invalid { field: field.to_owned(), reason };
    match error {
        StoreError::Busy { .. } => Fault::Busy("the disk is behind".to_owned()),
        StoreError::Closed => Fault::Busy("the process is ending".to_owned()),
        StoreError::TooLarge { .. } => Fault::TooLarge(error.to_string()),
        StoreError::Conflict { field, ref value, ref owner } => Fault::Conflict {
            // As the request has it: there is one of the last, and any number of the others.
            field: match field {
                "phone" => "phones".to_owned(),
                "email" => "emails".to_owned(),
                other => other.to_owned(),
            },
            reason: format!("`{value}` belongs to the contact `{owner}`"),
        },
        StoreError::Phone(_) => invalid("phones", error.to_string()),
        StoreError::Email { .. } => invalid("emails", error.to_string()),
        StoreError::BadName { what, .. } => invalid(what, error.to_string()),
        StoreError::Csv { reason } => invalid("body", reason),
        StoreError::NotFound { what, name } => Fault::NotFound { what, name },
        other => Fault::Internal(other.chain()),
    }
}

/// Says what was wrong with a flow.
pub fn flow_fault(error: FlowError) -> Fault {
    match error {
        FlowError::Script(mistake) => Fault::Script(vec![Mistake {
            line: mistake.line,
            column: mistake.column,
            message: mistake.message,
        }]),
        FlowError::TooLong { .. } => Fault::TooLarge(error.to_string()),
        FlowError::UnknownFlow(name) => Fault::NotFound { what: "flow", name },
        FlowError::UnknownVersion { .. } => {
            Fault::Invalid { field: "version".to_owned(), reason: error.to_string() }
        }
        FlowError::Publish(_)
        | FlowError::Install(_)
        | FlowError::NotInstalled(_)
        | FlowError::Revoked(_)
        | FlowError::Migration(_)
        | FlowError::LostComponent(_) => Fault::Refused(error.to_string()),
        FlowError::Store(error) => fault(error),
    }
}

/// Says why a replay was not made.
pub fn replay_fault(error: ReplayError) -> Fault {
    match error {
        ReplayError::Order { key, wanted } => {
            Fault::Invalid { field: key.to_owned(), reason: wanted }
        }
        ReplayError::Store(reason) => Fault::Internal(reason),
        ReplayError::Script { ref of, ref reason } => {
            Fault::Invalid { field: "script".to_owned(), reason: format!("`{of}`: {reason}") }
        }
        ReplayError::Nothing { .. } => {
            Fault::Invalid { field: "from".to_owned(), reason: error.to_string() }
        }
        other => Fault::Refused(other.to_string()),
    }
}

/// Says what was wrong with a plugin.
pub fn plugin_fault(error: PluginError) -> Fault {
    match error {
        PluginError::Unknown(name) => Fault::NotFound { what: "plugin", name },
        PluginError::UnknownVersion { .. } => {
            Fault::Invalid { field: "digest".to_owned(), reason: error.to_string() }
        }
        PluginError::Script(mistake) => Fault::Script(vec![Mistake {
            line: mistake.line,
            column: mistake.column,
            message: mistake.message,
        }]),
        PluginError::TooLong { .. } => Fault::TooLarge(error.to_string()),
        PluginError::Rollout { field, reason } => {
            Fault::Invalid { field: field.to_owned(), reason }
        }
        PluginError::Flow(error) => flow_fault(*error),
        PluginError::OtherWorld { .. }
        | PluginError::NoEntry { .. }
        | PluginError::Settings { .. }
        | PluginError::Gate(_)
        | PluginError::Install(_)
        | PluginError::Load(_)
        | PluginError::Migration(_)
        | PluginError::Publish(_) => Fault::Refused(error.to_string()),
        PluginError::Package(error) => Fault::Refused(crate::cli::error::in_full(&*error)),
        PluginError::Store(error) => fault(error),
    }
}
