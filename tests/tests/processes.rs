//! Every way to start a program, on every runtime, under the three kinds of rule.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use gambeson_tests::{Outcome, Try, available, one_rule};
use serde_json::{Value, json};

macro_rules! on_each_runtime {
    ($($name:ident $runtime:literal $folder:literal)*) => { $(
        mod $name {
            #[test]
            fn refuses_every_program_under_the_shipped_rule() {
                super::refuses_every_program_under_the_shipped_rule($runtime, $folder);
            }

            #[test]
            fn reports_and_runs_every_program_with_effect_alert() {
                super::reports_and_runs_every_program_with_effect_alert($runtime, $folder);
            }

            #[test]
            fn runs_what_is_listed_and_nothing_else() {
                super::runs_what_is_listed_and_nothing_else($runtime, $folder);
            }
        }
    )* };
}

on_each_runtime! {
    python2_7 "python2.7" "python"
    python3_6 "python3.6" "python"
    python3_7 "python3.7" "python"
    python3_9 "python3.9" "python"
    python3_11 "python3.11" "python"
    python3_12 "python3.12" "python"
    python3_13 "python3.13" "python"
    node10 "nodejs10.x" "nodejs"
    node12 "nodejs12.x" "nodejs"
    node16 "nodejs16.x" "nodejs"
    node20 "nodejs20.x" "nodejs"
    node22 "nodejs22.x" "nodejs"
    node24 "nodejs24.x" "nodejs"
}

fn refuses_every_program_under_the_shipped_rule(runtime: &'static str, folder: &str) {
    let Some(attacks) = attacks(runtime, folder) else { return };
    let outcomes =
        probe(runtime, folder).events(attacks.iter().cloned()).event(json!({ "attack": "none" })).run();
    for (attack, outcome) in attacks.iter().zip(&outcomes) {
        assert!(!outcome.ran(), "{runtime}: {attack} ran: {}", outcome.0);
        let audit = only_audit(runtime, attack, outcome);
        assert_eq!(audit["effect"], "prevent", "{audit}");
        assert_eq!(audit["attackType"], "unexpectedProcess", "{audit}");
        assert_eq!(audit["rule"], "Default - block all processes except the main process", "{audit}");
        for field in ["id", "time", "function", "region", "requestId", "msg", "processPath", "command", "pid"]
        {
            assert!(!audit[field].is_null(), "{field} is missing in {audit}");
        }
    }
    let alive = outcomes.last().expect("the last event");
    assert_eq!(alive.response()["detail"], "alive", "{runtime}: the function is not alive: {}", alive.0);
}

fn reports_and_runs_every_program_with_effect_alert(runtime: &'static str, folder: &str) {
    let Some(attacks) = attacks(runtime, folder) else { return };
    let rule = one_rule(json!({ "effect": "alert", "blockAllBinaries": true }));
    let outcomes = probe(runtime, folder).policy(rule).events(attacks.iter().cloned()).run();
    for (attack, outcome) in attacks.iter().zip(&outcomes) {
        assert!(outcome.ran(), "{runtime}: {attack} did not run: {}", outcome.0);
        assert_eq!(only_audit(runtime, attack, outcome)["effect"], "alert");
    }
}

fn runs_what_is_listed_and_nothing_else(runtime: &'static str, folder: &str) {
    if !available(runtime) {
        return;
    }
    let rule = one_rule(json!({ "effect": "prevent", "whitelist": ["/bin/echo", "expr"] }));
    let program = |command: Value| json!({ "attack": "program", "command": command });
    let outcomes = probe(runtime, folder)
        .policy(rule)
        .event(program(json!(["/bin/echo", "listed by path"])))
        .event(program(json!(["expr", "40", "+", "2"])))
        .event(program(json!(["/usr/bin/env", "echo", "not listed"])))
        .event(program(json!(["/bin/sh", "-c", "/bin/echo hidden"])))
        .run();
    let ran: Vec<bool> = outcomes.iter().map(Outcome::ran).collect();
    assert_eq!(ran, [true, true, false, false], "{runtime}: {outcomes:?}");
    let audits: Vec<usize> = outcomes.iter().map(|outcome| outcome.audits().len()).collect();
    assert_eq!(audits, [0, 0, 1, 1], "{runtime}: {outcomes:?}");
}

fn probe(runtime: &'static str, folder: &str) -> Try {
    Try::new(runtime, folder, "probe.handler")
}

/// The events that attack, as the probe lists them; `None` if the runtime is skipped.
fn attacks(runtime: &'static str, folder: &str) -> Option<Vec<Value>> {
    if !available(runtime) {
        return None;
    }
    let outcomes =
        probe(runtime, folder).arguments(&["--without-layer"]).event(json!({ "attack": "list" })).run();
    let names = outcomes[0].response().as_array().expect("a list of attacks").clone();
    assert!(names.len() >= 12, "{runtime}: only {} attacks", names.len());
    Some(names.into_iter().map(|name| json!({ "attack": name })).collect())
}

fn only_audit<'a>(runtime: &str, attack: &Value, outcome: &'a Outcome) -> &'a Value {
    match outcome.audits() {
        [audit] => audit,
        // Since Python 3.4 the `spawn` method also starts a program that keeps track of what the others leave behind.
        [audit, _tracker] if attack["attack"] == "multiprocessing.spawn" => audit,
        audits => panic!("{runtime}: {attack} made {} audits: {}", audits.len(), outcome.0),
    }
}
