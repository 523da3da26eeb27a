//! Chats, e-mails and tasks: brought in, accepted, ended and finished by HTTP.

use expect_test::expect;

use super::Desk;

/// Asks one thing after the other; `ID` is the interaction made last.
async fn script(desk: &Desk, lines: &str) -> String {
    let (mut told, mut id) = (String::new(), String::new());
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (request, body) = line
            .split_once(" {")
            .map_or((line, String::new()), |(head, rest)| (head, format!("{{{rest}")));
        let (method, path) = request.split_once(' ').expect("a method and a path");
        let path = path.replace("ID", &id);
        let given =
            desk.ask(&format!("{method} /api/v1/tenants/acme{path}"), "acme-all", &body).await;
        let answer = given.json();
        if let Some(made) = answer["id"].as_str() {
            made.clone_into(&mut id);
        }
        told.push_str(&format!("{request}\n  {}", given.status));
        let shown = ["detail", "state", "channel", "ani", "attributes", "offer", "works", "load"];
        for key in shown {
            if let Some(value) = answer.get(key).filter(|value| !value.is_null()) {
                told.push_str(&format!(" {key}={value}"));
            }
        }
        told.push('\n');
    }
    told
}

#[tokio::test]
async fn a_chat_is_accepted_ended_and_finished_by_its_agent() {
    let desk = Desk::new();
    let told = script(
        &desk,
        r#"
        POST /interactions {"channel":"chat","queue":"sales","address":"eva@example.com","subject":"a bill","attributes":{"page":"/prices"}}
        POST /agents/alice/interactions/ID/accept
        PUT /agents/alice/state {"state":"ready"}
        GET /agents/alice
        POST /agents/alice/interactions/ID/end
        POST /agents/alice/interactions/ID/accept
        POST /agents/alice/interactions/ID/accept
        POST /agents/alice/interactions/ID/finish
        POST /agents/alice/interactions/ID/end
        POST /agents/alice/interactions/ID/end
        POST /agents/alice/interactions/ID/finish
        POST /agents/alice/interactions/ID/finish
        POST /interactions {"channel":"email","queue":"sales","address":"ben@example.com"}
        POST /agents/alice/interactions/ID/decline
        POST /agents/alice/interactions/ID/decline
        GET /agents/alice
        "#,
    )
    .await;
    expect![[r#"
        POST /interactions
          201 channel="chat" ani="eva@example.com" attributes=[["subject","a bill"],["page","/prices"]]
        POST /agents/alice/interactions/ID/accept
          409 detail="`001k0rpayd100` is not offered to `alice`"
        PUT /agents/alice/state
          200 state="reserved" offer={"channel":"chat","interaction":"001k0rpayd100","queue":"sales","until":"2026-11-21T09:00:19.000Z"} works=[] load=0
        GET /agents/alice
          200 state="reserved" offer={"channel":"chat","interaction":"001k0rpayd100","queue":"sales","until":"2026-11-21T09:00:19.000Z"} works=[] load=0
        POST /agents/alice/interactions/ID/end
          409 detail="`alice` does not have `001k0rpayd100`"
        POST /agents/alice/interactions/ID/accept
          200 state="busy" works=[{"aside_for":null,"channel":"chat","interaction":"001k0rpayd100","queue":"sales","state":"talking","wrapping_up_since":null}] load=100
        POST /agents/alice/interactions/ID/accept
          409 detail="`001k0rpayd100` is not offered to `alice`"
        POST /agents/alice/interactions/ID/finish
          409 detail="the conversation `001k0rpayd100` goes on: end it first"
        POST /agents/alice/interactions/ID/end
          200 state="after_call_work" works=[{"aside_for":null,"channel":"chat","interaction":"001k0rpayd100","queue":"sales","state":"wrapping_up","wrapping_up_since":"2026-11-21T09:00:06.000Z"}] load=100
        POST /agents/alice/interactions/ID/end
          409 detail="the conversation `001k0rpayd100` is over: finish the work after it"
        POST /agents/alice/interactions/ID/finish
          200 state="ready" works=[] load=0
        POST /agents/alice/interactions/ID/finish
          409 detail="`alice` does not have `001k0rpayd100`"
        POST /interactions
          201 channel="email" ani="ben@example.com" attributes=[]
        POST /agents/alice/interactions/ID/decline
          200 state="ready" works=[] load=0
        POST /agents/alice/interactions/ID/decline
          409 detail="`001k0rpayd101` is not offered to `alice`"
        GET /agents/alice
          200 state="ready" works=[] load=0
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn what_cannot_be_brought_in_is_told() {
    let desk = Desk::new();
    let told = script(
        &desk,
        r#"
        POST /interactions {"channel":"voice","queue":"sales","address":"100"}
        POST /interactions {"channel":"fax","queue":"sales","address":"100"}
        POST /interactions {"channel":"chat","queue":"nowhere","address":"eva"}
        POST /interactions {"channel":"chat","queue":"sales"}
        POST /interactions {"channel":"task","queue":"sales","required":{"russian":11}}
        POST /interactions {"channel":"task","queue":"sales","due":"tomorrow"}
        POST /interactions {"channel":"task","queue":"sales","attributes":{"due":"tomorrow"}}
        POST /interactions {"channel":"task","queue":"sales","subject":" "}
        POST /interactions {"channel":"task","queue":"sales","priority":200}
        POST /interactions {"channel":"task","queue":"sales","due":"2026-11-21T12:00:00+02:00"}
        POST /interactions/01jd8x2k4m7qa/end
        POST /interactions/01jd8x2k4m7qz/end
        POST /agents/bob/interactions/ID/accept
        "#,
    )
    .await;
    expect![[r#"
        POST /interactions
          422 detail="`channel`: a call comes in by the telephone: `chat`, `email`, `message` or `task` is accepted"
        POST /interactions
          400 detail="`channel`: unknown variant `fax`, expected one of `voice`, `chat`, `email`, `message`, `task` at line 1 column 16"
        POST /interactions
          422 detail="`queue`: there is no queue `nowhere`"
        POST /interactions
          422 detail="`address`: only a task may be without one"
        POST /interactions
          422 detail="`required.russian`: a level is 1 to 10, got 11"
        POST /interactions
          422 detail="`due`: a moment such as `2026-11-21T09:00:00Z` is accepted, got `tomorrow`"
        POST /interactions
          422 detail="`attributes.due`: `due` is a field of its own"
        POST /interactions
          422 detail="`subject`: 1 to 1024 printable characters are accepted"
        POST /interactions
          400 detail="`priority`: invalid value: integer `200`, expected i8 at line 1 column 48"
        POST /interactions
          201 channel="task" attributes=[["due","2026-11-21T10:00:00.000Z"]]
        POST /interactions/01jd8x2k4m7qa/end
          409 detail="`01jd8x2k4m7qa` is a call: it ends when one side hangs up"
        POST /interactions/01jd8x2k4m7qz/end
          404 detail="there is no interaction `01jd8x2k4m7qz`"
        POST /agents/bob/interactions/ID/accept
          404 detail="there is no agent `bob`"
    "#]].assert_eq(&told);
}
