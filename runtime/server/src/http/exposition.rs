//! Prometheus' text format, version 0.0.4.

use std::fmt::Write as _;

/// What a metric is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
}

/// A page of metrics in the making. Samples of one metric follow its [`Exposition::metric`].
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
    name: &'static str,
}

impl Exposition {
    /// Begins a metric. Its unit is in its name: `_seconds`, `_bytes`; a counter ends in `_total`.
    pub fn metric(&mut self, name: &'static str, kind: Kind, help: &str) -> &mut Self {
        let kind = if kind == Kind::Counter { "counter" } else { "gauge" };
        self.name = name;
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "# HELP {name} {}\n# TYPE {name} {kind}", escape(help, false));
        self
    }

    /// Adds a sample of the metric with these labels.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: f64) -> &mut Self {
        self.text.push_str(self.name);
        for (place, (name, text)) in labels.iter().enumerate() {
            let open = if place == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{open}{name}=\"{}\"", escape(text, true));
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
        self
    }

    /// Adds the only sample of a metric.
    pub fn only(&mut self, name: &'static str, kind: Kind, help: &str, value: f64) -> &mut Self {
        self.metric(name, kind, help).sample(&[], value)
    }

    /// Returns the page.
    pub fn finish(self) -> String {
        self.text
    }
}

fn escape(text: &str, quoted: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    if quoted { text.replace('"', "\\\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::{Exposition, Kind};
    use expect_test::expect;

    #[test]
    fn samples_follow_their_metric() {
        let mut page = Exposition::default();
        page.metric("jackfield_calls_total", Kind::Counter, "Calls \\ of\nall kinds.")
            .sample(&[("tenant", "acme"), ("why", "said \"no\"\\\n")], 3.0)
            .sample(&[], 0.5);
        page.only("jackfield_up", Kind::Gauge, "Up.", 1.0);
        expect![[r#"
            # HELP jackfield_calls_total Calls \\ of\nall kinds.
            # TYPE jackfield_calls_total counter
            jackfield_calls_total{tenant="acme",why="said \"no\"\\\n"} 3
            jackfield_calls_total 0.5
            # HELP jackfield_up Up.
            # TYPE jackfield_up gauge
            jackfield_up 1
        "#]]
        .assert_eq(&page.finish());
    }
}
