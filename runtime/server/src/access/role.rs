//! What somebody may do: rights, the roles of people and the scopes of access tokens that have them.

/// One thing that may be done. Every route asks for one.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Right {
    /// See queues, agents and what they do now.
    Look,
    /// Serve customers as an agent: one's own state, offers, conversations, callbacks.
    Serve,
    /// Act on all agents, queues and waiting contacts.
    Supervise,
    /// See customers' cards.
    ReadContacts,
    /// Change customers' cards.
    EditContacts,
    /// Import customers' cards and remove them.
    ManageContacts,
    /// See interactions and their stories.
    ReadInteractions,
    /// Listen to recordings.
    Listen,
    /// See reports.
    Report,
    /// Read the journal, which has everything.
    Journal,
    /// See what agents are planned to do.
    ReadPlan,
    /// Change what agents are planned to do.
    Plan,
    /// See flows, and have scripts checked.
    ReadFlows,
    /// Publish flows and roll them back.
    EditFlows,
    /// Replay the past with candidates.
    Replay,
    /// See plugins.
    ReadPlugins,
    /// Install plugins, activate them, roll them back.
    ManagePlugins,
    /// Change users of the tenant.
    ManageUsers,
    /// Read the audit log: who changed what.
    Audit,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 19] = [
        Self::Look,
        Self::Serve,
        Self::Supervise,
        Self::ReadContacts,
        Self::EditContacts,
        Self::ManageContacts,
        Self::ReadInteractions,
        Self::Listen,
        Self::Report,
        Self::Journal,
        Self::ReadPlan,
        Self::Plan,
        Self::ReadFlows,
        Self::EditFlows,
        Self::Replay,
        Self::ReadPlugins,
        Self::ManagePlugins,
        Self::ManageUsers,
        Self::Audit,
    ];

    /// Its name in refusals, in the interface and in its document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Serve => "serve",
            Self::Supervise => "supervise",
            Self::ReadContacts => "read-contacts",
            Self::EditContacts => "edit-contacts",
            Self::ManageContacts => "manage-contacts",
            Self::ReadInteractions => "read-interactions",
            Self::Listen => "listen",
            Self::Report => "report",
            Self::Journal => "journal",
            Self::ReadPlan => "read-plan",
            Self::Plan => "plan",
            Self::ReadFlows => "read-flows",
            Self::EditFlows => "edit-flows",
            Self::Replay => "replay",
            Self::ReadPlugins => "read-plugins",
            Self::ManagePlugins => "manage-plugins",
            Self::ManageUsers => "manage-users",
            Self::Audit => "audit",
        }
    }
}

/// Some rights.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rights(u32);

impl Rights {
    /// Every right.
    pub fn all() -> Self {
        Self::of(&Right::ALL)
    }

    /// These rights.
    pub fn of(rights: &[Right]) -> Self {
        Self(rights.iter().fold(0, |all, right| all | 1 << *right as u8))
    }

    /// Whether `right` is one of them.
    pub const fn has(self, right: Right) -> bool {
        self.0 >> right as u8 & 1 == 1
    }

    /// These and those.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether these are all among those of `other`.
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Their names, in the order of [`Right::ALL`].
    pub fn names(self) -> Vec<&'static str> {
        Right::ALL.iter().filter(|right| self.has(**right)).map(|right| right.name()).collect()
    }
}

/// What somebody is in a contact centre.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// Serves customers.
    Agent,
    /// Runs the floor: agents, queues, waiting contacts.
    Supervisor,
    /// Listens to recordings and rates conversations.
    Quality,
    /// Plans who works when.
    Planner,
    /// Writes and publishes the flows that callers go through.
    FlowEditor,
    /// Everything in one tenant.
    Admin,
    /// Everything in every tenant.
    Provider,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Agent,
        Self::Supervisor,
        Self::Quality,
        Self::Planner,
        Self::FlowEditor,
        Self::Admin,
        Self::Provider,
    ];

    /// Its name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Quality => "quality",
            Self::Planner => "planner",
            Self::FlowEditor => "flow-editor",
            Self::Admin => "admin",
            Self::Provider => "provider",
        }
    }

    /// The role of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// What it may do; a provider in every tenant, the others in their own.
    pub fn rights(self) -> Rights {
        use Right::{
            EditContacts, EditFlows, Listen, Look, ManageContacts, Plan, ReadContacts, ReadFlows,
            ReadInteractions, ReadPlan, ReadPlugins, Replay, Report, Serve, Supervise,
        };
        match self {
            Self::Agent => Rights::of(&[Look, Serve, ReadContacts, EditContacts, ReadInteractions]),
            Self::Supervisor => Rights::of(&[
                Look,
                Serve,
                Supervise,
                ReadContacts,
                EditContacts,
                ManageContacts,
                ReadInteractions,
                Listen,
                Report,
                ReadPlan,
                ReadFlows,
            ]),
            Self::Quality => Rights::of(&[Look, ReadContacts, ReadInteractions, Listen, Report]),
            Self::Planner => Rights::of(&[Look, Report, ReadPlan, Plan]),
            Self::FlowEditor => Rights::of(&[
                Look,
                ReadInteractions,
                Report,
                ReadFlows,
                EditFlows,
                Replay,
                ReadPlugins,
            ]),
            Self::Admin | Self::Provider => Rights::all(),
        }
    }
}

/// What an access token may do. Every scope that changes something includes [`Scope::Read`].
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// Look at everything of the tenant.
    Read,
    /// Act on agents, queues and conversations.
    Agents,
    /// Change contacts.
    Contacts,
    /// Publish flows and roll them back.
    Flows,
    /// Install plugins, activate them and roll them back.
    Plugins,
    /// Change users.
    Users,
    /// Read the audit log.
    Audit,
}

impl Scope {
    /// What it may do.
    pub fn rights(self) -> Rights {
        use Right::{
            Audit, EditContacts, EditFlows, Journal, Listen, Look, ManageContacts, ManagePlugins,
            ManageUsers, Plan, ReadContacts, ReadFlows, ReadInteractions, ReadPlan, ReadPlugins,
            Replay, Report, Serve, Supervise,
        };
        let read = Rights::of(&[
            Look,
            ReadContacts,
            ReadInteractions,
            Listen,
            Report,
            Journal,
            ReadPlan,
            ReadFlows,
            ReadPlugins,
        ]);
        read.with(match self {
            Self::Read => Rights::default(),
            Self::Agents => Rights::of(&[Serve, Supervise, Plan]),
            Self::Contacts => Rights::of(&[EditContacts, ManageContacts]),
            Self::Flows => Rights::of(&[EditFlows]),
            Self::Plugins => Rights::of(&[ManagePlugins, Replay]),
            Self::Users => Rights::of(&[ManageUsers]),
            Self::Audit => Rights::of(&[Audit]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Right, Rights, Role, Scope};

    #[test]
    fn names_lead_back_to_roles() {
        for role in Role::ALL {
            assert_eq!(Role::named(role.name()), Some(role));
        }
        assert_eq!(Role::named("root"), None);
    }

    #[test]
    fn all_rights_are_those_of_an_administrator() {
        assert_eq!(Role::Admin.rights(), Rights::all());
        assert_eq!(Rights::all().names().len(), Right::ALL.len());
        for role in Role::ALL {
            assert!(role.rights().within(Rights::all()));
        }
    }

    #[test]
    fn every_scope_includes_reading() {
        for scope in [
            Scope::Agents,
            Scope::Contacts,
            Scope::Flows,
            Scope::Plugins,
            Scope::Users,
            Scope::Audit,
        ] {
            assert!(Scope::Read.rights().within(scope.rights()));
            assert!(!scope.rights().within(Scope::Read.rights()));
        }
    }
}
