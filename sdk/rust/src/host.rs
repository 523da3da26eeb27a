//! What a plugin may ask of its host: in WebAssembly the host answers, in a unit test the
//! [`MockHost`](crate::testing::MockHost).

/// Functions that ask the host; in a test of the plugin, the mock host's of the same name.
macro_rules! asked {
    ($host:path; $(
        $(#[$doc:meta])* $name:ident as $mock:ident($($arg:ident: $type:ty),*) -> $answer:ty;
    )*) => {$(
        $(#[$doc])*
        pub fn $name($($arg: $type),*) -> $answer {
            use $host as host;
            if cfg!(target_family = "wasm") {
                host::$name($($arg),*)
            } else {
                crate::testing::with_host(|mock| mock.$mock($($arg),*))
            }
        }
    )*};
}

/// Time and chance as the host recorded them, so that a replay sees the same.
pub mod clock {
    pub use crate::bindings::flow::jackfield::clock::clock::Civil;

    asked! { crate::bindings::flow::jackfield::clock::clock;
        /// Engine time since the start of the journal, in seconds.
        now_seconds as now_seconds() -> f64;
        /// This moment in Coordinated Universal Time.
        utc as utc() -> Civil;
        /// Uniform from 0.0 up to, not including, 1.0.
        random as random() -> f64;
    }
}

/// Figures of the plugin's own, published with tenant and plugin as labels.
pub mod metrics {
    asked! { crate::bindings::flow::jackfield::metrics::metrics;
        /// Adds to a counter.
        add as add(counter: &str, amount: u32) -> ();
        /// Adds an observation to a distribution: its sum and count are published.
        observe as observe(distribution: &str, value: f64) -> ();
    }
}

/// What the plugin keeps between two calls.
pub mod state {
    pub use crate::bindings::flow::jackfield::state::state::StateError;

    asked! { crate::bindings::flow::jackfield::state::state;
        /// Reads a value; none if there is none, or it has expired.
        get as state_get(key: &str) -> Result<Option<Vec<u8>>, StateError>;
        /// Keeps a value, for `ttl_seconds` or for ever. Durable when it returns.
        set as state_set(key: &str, value: &[u8], ttl_seconds: Option<u32>) -> Result<(), StateError>;
        /// Replaces only if the value is still `expected`; answers whether it did.
        compare_and_set as state_compare_and_set(
            key: &str, expected: Option<&[u8]>, value: &[u8]
        ) -> Result<bool, StateError>;
    }
}

/// What the tenant's configuration says to this plugin.
pub mod settings {
    use crate::Attribute;

    asked! { crate::bindings::chatbot::jackfield::settings::settings;
        /// The value of this name as text: `true`, `12`, `0.5` or the text itself; none if it is not set.
        get as setting(name: &str) -> Option<String>;
        /// All of them, sorted by name.
        all as settings() -> Vec<Attribute>;
    }
}

/// The use of secrets that the plugin never sees: needs the grant `secrets`.
pub mod secrets {
    pub use crate::bindings::chatbot::jackfield::secrets::secrets::SecretError;

    asked! { crate::bindings::chatbot::jackfield::secrets::secrets;
        /// Tells whether there is a secret of this name.
        known as secret_known(name: &str) -> bool;
        /// The code by which whoever knows the secret proves who wrote `data`: HMAC with SHA-256.
        hmac_sha256 as hmac_sha256(name: &str, data: &[u8]) -> Result<Vec<u8>, SecretError>;
        /// Tells whether `code` is that of `data`.
        verify_hmac_sha256 as verify_hmac_sha256(
            name: &str, data: &[u8], code: &[u8]
        ) -> Result<bool, SecretError>;
        /// Tells whether `candidate` is the secret.
        equals as secret_equals(name: &str, candidate: &str) -> Result<bool, SecretError>;
    }
}

/// Messages to customers through a channel of the tenant: needs the grant `messaging`.
pub mod messaging {
    use crate::Attribute;
    pub use crate::bindings::chatbot::jackfield::messaging::messaging::{MessagingError, Receipt};

    asked! { crate::bindings::chatbot::jackfield::messaging::messaging;
        /// Sends one message. It has left when this returns.
        send as send_message(
            channel: &str, to: &str, text: &str, attributes: &[Attribute]
        ) -> Result<Receipt, MessagingError>;
    }
}

/// Requests to the world outside.
pub mod outbound {
    pub use crate::bindings::chatbot::jackfield::http::outbound::{
        HttpError, Method, Request, Response,
    };

    asked! { crate::bindings::chatbot::jackfield::http::outbound;
        /// Sends one request and waits for the whole answer: needs the grant `http`.
        send as send_request(request: &Request) -> Result<Response, HttpError>;
    }
}

/// The tenant's customers.
pub mod customers {
    use crate::Attribute;
    pub use crate::bindings::chatbot::jackfield::crm::address::Addresses;
    pub use crate::bindings::chatbot::jackfield::crm::segment::CustomerKind;
    pub use crate::bindings::flow::jackfield::crm::read::{Card, CrmError};

    asked! { crate::bindings::flow::jackfield::crm::read;
        /// Finds by E.164 number, e-mail or contact id: needs the grant `crm.read`.
        find as find(address: &str) -> Result<Card, CrmError>;
    }
    asked! { crate::bindings::chatbot::jackfield::crm::segment;
        /// Finds as [`find`] does, and tells less: needs the grant `crm.segment`.
        kind as kind(address: &str) -> Result<CustomerKind, CrmError>;
    }
    asked! { crate::bindings::chatbot::jackfield::crm::address;
        /// Where this customer is reached: needs the grant `crm.address`.
        of as addresses_of(contact: &str) -> Result<Addresses, CrmError>;
    }
    asked! { crate::bindings::flow::jackfield::crm::write;
        /// Creates the customer with this address, or changes the one who has it. Fields not named stay.
        upsert as upsert(
            address: &str, name: Option<&str>, fields: &[Attribute]
        ) -> Result<String, CrmError>;
        /// Adds a note to the customer.
        note as note(contact: &str, interaction: Option<&str>, text: &str) -> Result<(), CrmError>;
    }
}

/// Earlier contacts of the customer who waits.
pub mod history {
    pub use crate::bindings::router::jackfield::crm::history::PastContact;

    asked! { crate::bindings::router::jackfield::crm::history;
        /// Those of the customer whom the question at hand is about, latest first.
        recent as recent() -> Vec<PastContact>;
    }
}
