//! Runs techniques and says what came of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Language, Technique, build, folder, pending, techniques};
use crate::network::{Network, RESOLVER};
use crate::{Outcome, Try};

/// Whether the rule is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The Defender is there and its policy has no rule.
    Off,
    /// The technique's own rule, with effect prevent.
    On,
}

/// What came of one technique.
#[derive(Clone, Debug)]
pub struct Result {
    /// Whether what it wanted has happened.
    pub worked: bool,
    /// The attack types that were reported as prevented.
    pub audits: Vec<String>,
    /// What it said.
    pub detail: String,
}

/// What came of each technique, by its id.
pub type Results = BTreeMap<String, Result>;

/// Runs every technique that this runtime can run, those of one rule in one environment.
pub fn run(runtime: &'static str, side: Side, network: &Network) -> Results {
    let language = Language::of(runtime);
    let code = tempfile::tempdir().expect("a temporary directory");
    build::function(language, code.path());
    let layer = build::layer(language, code.path().with_extension("zip"));
    let mut results = Results::new();
    let rules = rules();
    for group in &groups(runtime) {
        let started = Instant::now();
        let rule = match side {
            Side::Off => json!([]),
            Side::On => json!([with_name(&rules[&group[0].policy])]),
        };
        let attempt = attempt(runtime, code.path(), group).arguments(&["--layer", &layer.path]);
        let outcomes = attempt.policy(json!({ "rules": rule })).run();
        collect(group, &outcomes, network, &mut results);
        if started.elapsed() > Duration::from_secs(20) {
            eprintln!("{runtime}: the techniques of {} took {:?}", group[0].policy, started.elapsed());
        }
    }
    results
}

/// The techniques of this runtime, those that share an environment together.
pub(super) fn groups(runtime: &str) -> Vec<Vec<Technique>> {
    let mut groups: BTreeMap<String, Vec<Technique>> = BTreeMap::new();
    for technique in chosen(runtime) {
        // Two that harm each other meet in no environment.
        let own = if technique.alone { technique.id.clone() } else { String::new() };
        let category = technique.id.split('/').next().unwrap_or_default();
        groups.entry(format!("{category} {} {own}", technique.policy)).or_default().push(technique);
    }
    groups.into_values().collect()
}

/// The techniques of this runtime; of those, while somebody works on one, the ones whose id holds `GAMBESON_ATTACKS`.
fn chosen(runtime: &str) -> Vec<Technique> {
    let part = std::env::var("GAMBESON_ATTACKS").unwrap_or_default();
    let all = techniques(Language::of(runtime)).into_iter();
    all.filter(|technique| technique.runs_on(runtime) && technique.id.contains(&part)).collect()
}

/// A run of `gambeson try` with these techniques, one an event.
pub(super) fn attempt(runtime: &'static str, code: &Path, group: &[Technique]) -> Try {
    let language = Language::of(runtime);
    // What is there before the Defender starts: files that a rule will not let the function make.
    let before = match language {
        Language::Python => "PYTHONPATH=/var/task:/opt/python:/var/runtime",
        Language::Nodejs => "NODE_OPTIONS=--require /var/task/before.js",
    };
    Try::new(runtime, language.folder(), "run.handler")
        .code(code)
        .arguments(&["--resolver", RESOLVER, "--env", before, "--timeout", "40"])
        .events(group.iter().map(|technique| json!({ "technique": technique.id, "token": token(technique) })))
}

/// Adds what came of these techniques.
pub(super) fn collect(group: &[Technique], outcomes: &[Outcome], network: &Network, results: &mut Results) {
    if group.iter().any(|technique| technique.arrival) {
        network.settle();
    }
    for (technique, outcome) in group.iter().zip(outcomes) {
        let says = outcome.0["response"]["worked"] == true;
        let worked = if technique.arrival { network.saw(&token(technique)) } else { says };
        let prevented = outcome.audits().iter().filter(|audit| audit["effect"] == "prevent");
        let mut audits: Vec<String> =
            prevented.map(|audit| audit["attackType"].as_str().unwrap_or("?").to_owned()).collect();
        audits.sort();
        audits.dedup();
        let detail = match outcome.0.get("error") {
            Some(error) => error.to_string(),
            None => outcome.0["response"]["detail"].as_str().unwrap_or("").to_owned(),
        };
        results.insert(technique.id.clone(), Result { worked, audits, detail });
    }
    network.forget();
}

/// What differs from what each technique expects, as sentences; empty if all is as it should be.
pub fn judge(runtime: &str, off: &Results, on: &Results) -> Vec<String> {
    let language = Language::of(runtime);
    let mut complaints = Vec::new();
    for technique in &chosen(runtime) {
        let (off, on) = (&off[&technique.id], &on[&technique.id]);
        let mut complain = |what: String| complaints.push(format!("{runtime} {}: {what}", technique.id));
        if off.worked != technique.never_works.is_none() {
            complain(format!("worked without its rule: {} ({})", off.worked, off.detail));
        }
        let held = held(technique, on);
        match (&technique.not_stopped, pending::reason(language.folder(), &technique.id)) {
            (Some(_), _) if !on.worked => {
                complain(format!("is said not to be stopped, and was: {} ({:?})", on.detail, on.audits))
            }
            (None, None) if held.is_err() => complain(held.err().unwrap_or_default()),
            (_, Some(reason)) if held.is_ok() => {
                complain(format!("holds: take it off the list of what is pending ({reason})"))
            }
            _ => {}
        }
    }
    complaints
}

/// Whether the technique was stopped and reported as it should be.
fn held(technique: &Technique, on: &Result) -> std::result::Result<(), String> {
    if on.worked {
        return Err(format!("was not stopped ({}), audits {:?}", on.detail, on.audits));
    }
    let expected = |audit: &String| technique.audits.contains(audit);
    if !technique.silent && !on.audits.iter().any(expected) {
        return Err(format!(
            "was stopped without the audit {:?}: {:?} ({})",
            technique.audits, on.audits, on.detail
        ));
    }
    if !on.audits.iter().all(expected) {
        return Err(format!("was reported as {:?}, not as {:?} alone", on.audits, technique.audits));
    }
    Ok(())
}

/// What a technique sends to show that it could: a text that no other one sends, valid as a label of a name.
fn token(technique: &Technique) -> String {
    format!("tk-{}-kt", technique.id.replace(['/', '_'], "-"))
}

fn rules() -> Value {
    let text = std::fs::read_to_string(folder().join("policies.json")).expect("the rules can be read");
    serde_json::from_str(&text).expect("the rules are JSON")
}

fn with_name(rule: &Value) -> Value {
    assert!(rule.is_object(), "a technique names a rule that is not in policies.json");
    let mut rule = rule.clone();
    rule["name"] = json!("test rule");
    rule["collections"] = json!([{ "name": "All" }]);
    rule
}
