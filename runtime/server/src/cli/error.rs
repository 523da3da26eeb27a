//! What goes wrong on the command line: said in words, with an exit code.

use std::fmt::{self, Write as _};
use std::process::ExitCode;

use serde_json::Value;

use crate::config::ConfigProblems;

/// An error with its causes, in one line.
pub fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text.push_str(": ");
        text.push_str(&source.to_string());
        cause = source.source();
    }
    text
}

/// Why a command did not do as told.
#[derive(Debug)]
pub enum CliError {
    /// Refused, not found or failed: exit code 1.
    Failed(String),
    /// Asked for in a way that cannot be understood: exit code 2.
    Usage(String),
    /// The server cannot be reached: exit code 3.
    Unreachable {
        /// Where it was looked for.
        url: String,
        /// Why it was not found.
        why: String,
    },
}

impl CliError {
    /// A failure, in words.
    pub fn failed(what: impl Into<String>) -> Self {
        Self::Failed(what.into())
    }

    /// Reads the refusal of the server: a problem of RFC 9457, or whatever text came.
    pub fn of_response(status: u16, body: &[u8]) -> Self {
        let Ok(problem) = serde_json::from_slice::<Value>(body) else {
            let text = String::from_utf8_lossy(body);
            let text = text.trim();
            let colon = if text.is_empty() { "" } else { ": " };
            return Self::Failed(format!("the server answered {status}{colon}{text}"));
        };
        let word = |name: &str| problem.get(name).and_then(Value::as_str);
        let title =
            word("title").map_or_else(|| format!("the server answered {status}"), str::to_owned);
        let mut text = title;
        if let Some(detail) = word("detail") {
            let _ = write!(text, ": {detail}");
        }
        let said = |error: &Value| {
            let message = error.get("message").and_then(Value::as_str);
            message.is_some_and(|message| text.ends_with(message))
        };
        let errors = problem.get("errors").and_then(Value::as_array);
        let errors = errors.into_iter().flatten().filter(|error| !said(error));
        let fields: String = errors.map(|error| format!("\n  {}", field_error(error))).collect();
        text += &fields;
        if status == 401 {
            text.push_str(
                "\n  give a token by --token or JACKFIELD_TOKEN; on the server's machine it is read \
                 from `admin.token` in store.path",
            );
        }
        Self::Failed(text)
    }

    /// Prints the error and returns the exit code.
    pub fn report(&self) -> ExitCode {
        eprintln!("error: {self}");
        ExitCode::from(match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Unreachable { .. } => 3,
        })
    }
}

/// Shows one entry of `errors`: the field, what is wrong, the value and what is accepted.
fn field_error(error: &Value) -> String {
    let Value::Object(fields) = error else { return super::output::plain(error) };
    let find = |names: &[&str]| names.iter().find_map(|name| fields.get(*name));
    let mut text = String::new();
    if let Some(place) = find(&["field", "pointer", "path", "line"]) {
        let _ = write!(text, "{}: ", super::output::plain(place));
    }
    if let Some(what) = find(&["message", "detail", "reason"]) {
        text.push_str(&super::output::plain(what));
    }
    if let Some(value) = fields.get("value") {
        let _ = write!(text, ", got {value}");
    }
    if let Some(accepted) = fields.get("accepted") {
        let _ = write!(text, "; accepted: {}", super::output::plain(accepted));
    }
    text
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(what) | Self::Usage(what) => f.write_str(what),
            Self::Unreachable { url, why } => write!(
                f,
                "cannot reach the server at {url}: {why}\n  \
                 start it with `jackfield serve`, or say where it is with --url or JACKFIELD_URL"
            ),
        }
    }
}

impl From<ConfigProblems> for CliError {
    fn from(problems: ConfigProblems) -> Self {
        Self::Failed(format!("the configuration is not in order\n{problems}"))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_problem_is_shown_with_its_fields() {
        let body = br#"{"type":"about:blank","status":422,"title":"The flow was refused",
            "detail":"2 mistakes in `main`",
            "errors":[{"line":3,"message":"`enqueu` is not a verb: did you mean `enqueue`?"},
                {"field":"state","message":"is not a state","value":"redy",
                 "accepted":["ready","not_ready"]}]}"#;
        expect![[r#"
            The flow was refused: 2 mistakes in `main`
              3: `enqueu` is not a verb: did you mean `enqueue`?
              state: is not a state, got "redy"; accepted: ready, not_ready"#]]
        .assert_eq(&CliError::of_response(422, body).to_string());
    }

    #[test]
    fn text_that_is_no_problem_is_shown_as_it_is() {
        let error = CliError::of_response(502, b"Bad Gateway\n");
        assert_eq!(error.to_string(), "the server answered 502: Bad Gateway");
    }

    #[test]
    fn an_absent_server_is_said_with_what_to_do() {
        let url = "http://127.0.0.1:8080".to_owned();
        let error = CliError::Unreachable { url, why: "connection refused".to_owned() };
        expect![[r#"
            cannot reach the server at http://127.0.0.1:8080: connection refused
              start it with `jackfield serve`, or say where it is with --url or JACKFIELD_URL"#]]
        .assert_eq(&error.to_string());
    }
}
