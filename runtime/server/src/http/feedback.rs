//! What a contact was about, and what the customer thought of it. Both may come long after its end.

use jackfield_core::{Attribute, Input, InteractionId};
use serde::Deserialize;
use serde_json::json;

use super::call::{Answer, Call, ok};
use super::problem::Problem;

/// The interaction of the path, for as long as its history is kept.
async fn known(call: &Call) -> Result<InteractionId, Problem> {
    let id = call.interaction()?;
    call.tenant()?.interaction(call.name("interaction")).await?;
    Ok(id)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rating {
    #[serde(default)]
    csat: Option<u8>,
    #[serde(default)]
    nps: Option<u8>,
    #[serde(default)]
    ces: Option<u8>,
}

/// `POST /interactions/{interaction}/rating`
pub fn rate(call: Call) -> Answer {
    Box::pin(async move {
        let rating: Rating = call.json()?;
        // By the names that the journal has for them.
        let grades = [
            ("csat", "satisfaction", rating.csat, 1, 5),
            ("nps", "recommend", rating.nps, 0, 10),
            ("ces", "effort", rating.ces, 1, 7),
        ];
        let mut details: Vec<Attribute> = Vec::new();
        for (field, name, grade, least, most) in grades {
            let Some(grade) = grade else { continue };
            if !(least..=most).contains(&grade) {
                let reason = format!("{least} to {most} is accepted, got {grade}");
                return Err(Problem::invalid(field, reason));
            }
            details.push((name.to_owned(), grade.to_string()));
        }
        let interaction = known(&call).await?;
        let what = "rating".to_owned();
        call.tenant()?.input(Input::Noted { interaction, what, details }).await;
        let Rating { csat, nps, ces } = rating;
        ok(&json!({ "interaction": interaction, "csat": csat, "nps": nps, "ces": ces }))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

/// `POST /interactions/{interaction}/reason`
pub fn reason(call: Call) -> Answer {
    Box::pin(async move {
        let Reason { reason } = call.json()?;
        let most = call.tenant()?.figures_config().max_reason;
        let reason = reason.trim().to_owned();
        if reason.is_empty() || most < reason.chars().count() || reason.contains(char::is_control) {
            let wanted = format!("1 to {most} printable characters are accepted (`max_reason`)");
            return Err(Problem::invalid("reason", wanted));
        }
        let interaction = known(&call).await?;
        let details = vec![("reason".to_owned(), reason.clone())];
        let what = "reason".to_owned();
        call.tenant()?.input(Input::Noted { interaction, what, details }).await;
        ok(&json!({ "interaction": interaction, "reason": reason }))
    })
}
