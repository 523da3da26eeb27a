//! What a route is: who may ask, what the body and the answer are, how long it may take.

use super::call::{Answer, Call};
use crate::access::Right;

/// A method.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Verb {
    /// Looks.
    Get,
    /// Adds or does; not the same when repeated, unless it has an `Idempotency-Key`.
    Post,
    /// Replaces.
    Put,
    /// Removes.
    Delete,
}

/// Who may ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Anybody where that is configured, else the administrator.
    Metrics,
    /// The administrator and the provider's users.
    Admin,
    /// Whoever has a token or has signed in.
    Known,
    /// Whoever has this right in the path's tenant.
    Tenant(Right),
    /// Whoever may manage plugins; of a flow also who may edit flows.
    Rollout,
    /// Whoever may act on the agent in the path: that agent, and supervisors.
    Agent,
    /// Anybody: the tenant's plugin looks at who it is.
    Plugin,
    /// Anybody on a page of a site that the tenant lists.
    Visitor,
}

/// What the body is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Accepts {
    /// Nothing.
    Nothing,
    /// JSON of this schema.
    Json(&'static str),
    /// `text/csv`.
    Csv,
    /// `application/wasm`.
    Wasm,
    /// Whatever it is.
    Anything,
}

/// What the answer is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gives {
    /// JSON of this schema, with this status.
    Json(u16, &'static str),
    /// A list of this schema.
    List(&'static str),
    /// Nothing: 204.
    Nothing,
    /// A redirection: 303, for browsers alone.
    Elsewhere,
    /// Text of this media type; its end may be far.
    Text(&'static str),
    /// A WebSocket of this subprotocol: 101.
    Socket(&'static str),
}

/// How long it may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Patience {
    /// A read or a small write.
    Usual,
    /// A compilation, or reading the whole journal.
    Long,
}

/// A key of the query.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Param {
    /// The key.
    pub name: &'static str,
    /// Its JSON schema type: `string`, `integer`, `boolean`, `date-time`.
    pub kind: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

/// One route.
pub struct Route {
    /// The method.
    pub verb: Verb,
    /// The path, with `{names}`.
    pub path: &'static str,
    /// Names it in the document and in metrics.
    pub operation: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Who may ask.
    pub access: Access,
    /// The keys of its query.
    pub query: &'static [Param],
    /// Its body.
    pub accepts: Accepts,
    /// Its answer.
    pub gives: Gives,
    /// How long it may take.
    pub patience: Patience,
    /// Does it.
    pub run: fn(Call) -> Answer,
}

/// Starts a route that reads as part of a tenant; the rest is said by the methods below.
pub const fn get(
    path: &'static str,
    operation: &'static str,
    summary: &'static str,
    gives: Gives,
    run: fn(Call) -> Answer,
) -> Route {
    Route {
        verb: Verb::Get,
        path,
        operation,
        summary,
        access: Access::Tenant(Right::Look),
        query: &[],
        accepts: Accepts::Nothing,
        gives,
        patience: Patience::Usual,
        run,
    }
}

impl Route {
    /// Another method than GET.
    pub const fn verb(mut self, verb: Verb) -> Self {
        self.verb = verb;
        self
    }

    /// Who may ask.
    pub const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Whoever has this right in the path's tenant may ask.
    pub const fn right(self, right: Right) -> Self {
        self.access(Access::Tenant(right))
    }

    /// The keys of the query.
    pub const fn query(mut self, query: &'static [Param]) -> Self {
        self.query = query;
        self
    }

    /// The body.
    pub const fn accepts(mut self, accepts: Accepts) -> Self {
        self.accepts = accepts;
        self
    }

    /// It may take long.
    pub const fn long(mut self) -> Self {
        self.patience = Patience::Long;
        self
    }
}
