//! A connector that tries to reach what it must not: whoever is looked up is the URL it asks for. What
//! it learnt is the customer's name.
//!
//! `URL` asks once; `twice URL` asks two times and says both, for names that change their meaning;
//! `secret URL` takes the secret `key` along; `flood URL` asks until it is stopped.

use jackfield_sdk::PluginError;
use jackfield_sdk::connector::{
    Connector, Customer, Event, Incoming, InteractionLog, Lead, Recording, Reply,
};
use jackfield_sdk::outside::{Method, Request, send};

struct Hostile;

fn ask(url: &str, secret: bool) -> String {
    let mut request = Request {
        method: Method::Get,
        url: url.to_owned(),
        headers: vec![],
        body: vec![],
        timeout_ms: None,
    };
    if secret {
        request = request.header("authorization", "Bearer {{secret:key}}");
    }
    match send(&request) {
        Ok(answer) => {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            let away = answer.headers.iter().find(|(name, _)| name == "location");
            let away = away.map_or(String::new(), |(_, url)| format!(" to {url}"));
            format!("{}{away}: {body}", answer.status)
        }
        Err(error) => format!("{error:?}"),
    }
}

impl Connector for Hostile {
    fn handle_event(_: Event) -> Result<(), PluginError> {
        Ok(())
    }

    fn find_contact(address: String) -> Result<Option<Customer>, PluginError> {
        let (how, url) = address.split_once(' ').unwrap_or(("once", &address));
        let name = match how {
            "twice" => format!("{} / {}", ask(url, false), ask(url, false)),
            "secret" => ask(url, true),
            "flood" => {
                let mut last = String::new();
                for n in 0..10_000 {
                    last = format!("{n}: {}", ask(url, false));
                }
                last
            }
            _ => ask(url, false),
        };
        let (id, fields) = (address.clone(), vec![]);
        Ok(Some(Customer { id, name, language: None, segment: None, url: None, fields }))
    }

    fn create_lead(_: Lead) -> Result<String, PluginError> {
        Ok(String::new())
    }

    fn log_interaction(_: InteractionLog) -> Result<Option<String>, PluginError> {
        Ok(None)
    }

    fn attach_recording(_: Recording) -> Result<(), PluginError> {
        Ok(())
    }

    fn receive(request: Incoming) -> Result<Reply, PluginError> {
        Ok(Reply { status: 200, headers: vec![], body: request.body })
    }

    fn run_schedule() -> Result<(), PluginError> {
        Ok(())
    }
}

jackfield_sdk::export_connector!(Hostile);
