//! The version after `router-remembers`: it keeps its count as four bytes, and takes over the text. The value of
//! the key `spoil`, if the first version left one, names what goes wrong then.

use std::hint::black_box;

use jackfield_sdk::migration::{Entry, Migration};
use jackfield_sdk::router::{Answer, Ask, Router};
use jackfield_sdk::{PluginError, state};

struct Remembers;

impl Router for Remembers {
    fn choose(ask: Ask) -> Result<Answer, PluginError> {
        let failed = |what: &str| PluginError::Unavailable(what.to_owned());
        let agents = ask.candidates.into_iter().map(|one| one.agent);
        let Ok(kept) = state::get("count") else { return Ok(Answer::offer(agents)) };
        let count = match kept {
            Some(bytes) => {
                let bytes = bytes.try_into().map_err(|_| failed("the count has another form"))?;
                u32::from_le_bytes(bytes)
            }
            None => 0,
        };
        let next = count + 1;
        state::set("count", &next.to_le_bytes(), None).map_err(|_| failed("not kept"))?;
        Ok(Answer::offer(agents).because("count", format!("{next} in bytes")))
    }
}

impl Migration for Remembers {
    fn migrate(entries: Vec<Entry>) -> Result<Vec<Entry>, String> {
        let spoil = entries.iter().find(|entry| entry.key == "spoil");
        match spoil.map(|entry| entry.value.as_slice()) {
            Some(b"trap") => panic!("as told"),
            Some(b"refuse") => return Err("the count is not to be trusted".to_owned()),
            Some(b"loop") => loop {
                black_box(());
            },
            Some(b"flood") => {
                let one = |n: u32| Entry {
                    key: format!("k{n}"),
                    value: vec![7; 300 << 10],
                    ttl_seconds: None,
                };
                return Ok((0..4).map(one).collect());
            }
            Some(b"long-key") => {
                let entry = Entry { key: "k".repeat(1_000), value: Vec::new(), ttl_seconds: None };
                return Ok(vec![entry]);
            }
            _ => {}
        }
        let one = |entry: Entry| {
            let text = String::from_utf8_lossy(&entry.value);
            let count: u32 = text.parse().map_err(|_| format!("`{}` is no count", entry.key))?;
            Ok(Entry { value: count.to_le_bytes().to_vec(), ..entry })
        };
        entries.into_iter().filter(|entry| entry.key == "count").map(one).collect()
    }
}

jackfield_sdk::export_router!(Remembers);
jackfield_sdk::export_migration!(Remembers);
