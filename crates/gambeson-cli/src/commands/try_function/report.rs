//! What a person or a script gets to see of an event.

use std::io::{self, Write};

use gambeson_lambda::{Environment, Function, FunctionError, InitFailure, Invocation, audits};
use serde_json::{Value, json};

/// One event and what came of it.
pub(super) struct Outcome<'a> {
    result: Result<Value, &'a FunctionError>,
    log: Vec<&'a str>,
    init_ms: Option<f64>,
    invoke_ms: Option<f64>,
    peak_kb: u64,
    gaps: &'a [String],
}

impl<'a> Outcome<'a> {
    /// A function that answered or failed. `started` is its environment if this was the first event in it.
    pub(super) fn invoked(invocation: &'a Invocation, started: Option<&'a Environment>) -> Self {
        let init_log = started.map_or(&[][..], Environment::init_log);
        Self {
            result: invocation.outcome.as_ref().map(|response| response.json()),
            log: init_log.iter().chain(&invocation.log).map(String::as_str).collect(),
            init_ms: started.map(Environment::init_ms),
            invoke_ms: Some(invocation.ms),
            peak_kb: invocation.peak_kb,
            gaps: started.map_or(&[], Environment::gaps),
        }
    }

    /// A function that did not become ready.
    pub(super) fn not_ready(failure: &'a InitFailure) -> Self {
        Self {
            result: Err(&failure.error),
            log: failure.log.iter().map(String::as_str).collect(),
            init_ms: Some(failure.ms),
            invoke_ms: None,
            peak_kb: 0,
            gaps: &failure.gaps,
        }
    }

    fn audits(&self) -> Vec<Value> {
        audits(&self.log.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
    }

    fn json(&self) -> Value {
        let (key, value) = match &self.result {
            Ok(response) => ("response", response.clone()),
            Err(error) => ("error", json!(error)),
        };
        json!({
            key: value,
            "audits": self.audits(),
            "log": self.log,
            "ms": { "init": self.init_ms.map(rounded), "invoke": self.invoke_ms.map(rounded) },
            "peakKb": self.peak_kb,
            "notEnforced": self.gaps,
        })
    }
}

/// Writes outcomes, in the form that was asked for.
pub(super) struct Report {
    json: bool,
}

impl Report {
    pub(super) fn new(json: bool, function: &Function, version: &str, protected: bool) -> Self {
        if !json {
            let with = if protected { "with" } else { "without" };
            print(&format!(
                "{} {} on {} ({version}), {with} the Defender\n",
                function.name, function.region, function.runtime
            ));
        }
        Self { json }
    }

    pub(super) fn event(&mut self, name: &str, outcome: &Outcome<'_>) {
        if self.json {
            print(&format!("{}\n", outcome.json()));
        } else {
            print(&human(name, outcome));
        }
    }
}

fn human(name: &str, outcome: &Outcome<'_>) -> String {
    let mut text = String::new();
    if let Some(ms) = outcome.init_ms {
        text += &format!("\ninit      {ms:.1} ms\n");
        for gap in outcome.gaps {
            text += &format!("  not as on Lambda: {gap}\n");
        }
    }
    text += &format!("\nevent     {name}\n");
    match &outcome.result {
        Ok(response) => {
            text += &format!(
                "response  {}\n",
                indented(&serde_json::to_string_pretty(response).unwrap_or_default())
            )
        }
        Err(error) => {
            text += &format!("error     {error}\n");
            for frame in &error.trace {
                text += &format!("          {}\n", frame.trim_end());
            }
        }
    }
    let audits = outcome.audits();
    for audit in &audits {
        let field = |name: &str| audit[name].as_str().unwrap_or("-").to_owned();
        text += &format!(
            "audit     {}  {}  {}\n            rule \"{}\"  id {}\n",
            field("effect"),
            field("attackType"),
            field("msg"),
            field("rule"),
            field("id")
        );
    }
    if audits.is_empty() {
        text += "audits    none\n";
    }
    for line in outcome.log.iter().filter(|line| !line.starts_with("{\"gambeson\":\"audit\"")) {
        // Clients write one event of several lines with carriage returns between them.
        text += &format!("log       {}\n", indented(&line.replace('\r', "\n")));
    }
    if let Some(ms) = outcome.invoke_ms {
        text +=
            &format!("time      {ms:.2} ms, at most {:.1} MB resident\n", outcome.peak_kb as f64 / 1024.0);
    }
    text
}

/// Lines after the first stand under it.
fn indented(text: &str) -> String {
    text.replace('\n', "\n          ")
}

/// Microseconds are what the measurement is good for.
fn rounded(ms: f64) -> f64 {
    (ms * 1000.0).round() / 1000.0
}

/// Writes to standard output; a reader that has gone away ends the program as it does others.
fn print(text: &str) {
    let mut out = io::stdout().lock();
    if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}
