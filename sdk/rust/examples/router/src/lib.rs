//! Decides who serves a waiting contact: the highest level in the queue first, then the longest idle.

use std::cmp::Reverse;

use jackfield_sdk::router::{Answer, Ask};
use jackfield_sdk::{PluginError, log};

jackfield_sdk::router!(choose);

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let order = ask.by_key(|one| Reverse(one.level));
    log::debug(&format!("{} agents could take {}", order.len(), ask.contact.id));
    let level = order.first().map_or(0, |first| first.level);
    Ok(Answer::offer_to(order).because("rule", "highest-level").because("level", level))
}

#[cfg(test)]
mod tests {
    use jackfield_sdk::testing::{ask, check, hold, logged};

    use super::choose;

    #[test]
    fn the_highest_level_comes_first_equals_by_idle_time() {
        check(
            choose,
            "agent ann level=3 idle=9
            agent bob level=8 idle=1
            agent cat level=8 idle=2",
            "offer cat bob ann
            because rule=highest-level level=8",
        );
    }

    #[test]
    fn it_says_how_many_there_were() {
        choose(&ask("agent ann")).unwrap();
        assert_eq!(logged()[0].1, "1 agents could take 0000000000000");
    }

    #[test]
    fn what_is_true_of_every_router() {
        hold(choose, "");
    }
}
