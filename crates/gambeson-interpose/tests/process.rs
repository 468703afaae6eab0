//! Runs each scenario in a process of its own, because a process can be patched once. `cargo test -- NAME` picks some.

#[path = "scenarios/mod.rs"]
mod scenarios;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

const RUN: &str = "GAMBESON_SCENARIO";

// Races are met by trying often: this many processes for a scenario about threads.
const TRIES_WITH_THREADS: usize = 25;

fn main() -> ExitCode {
    if let Ok(name) = env::var(RUN) {
        return run_here(&name);
    }
    let wanted: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let probe = build_probe(folder.path());
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for (name, _) in scenarios::ALL {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            continue;
        }
        match run_apart(name, &probe) {
            Outcome::Passed => passed += 1,
            Outcome::Skipped(reason) => {
                skipped += 1;
                println!("scenario {name} ... SKIPPED: {reason}");
                continue;
            }
            Outcome::Failed(output) => {
                failed += 1;
                println!("scenario {name} ... FAILED\n{output}");
                continue;
            }
        }
        println!("scenario {name} ... ok");
    }
    // In CI everything can be had, so nothing may be skipped.
    let good = failed == 0 && (skipped == 0 || std::env::var_os("GAMBESON_NO_SKIP").is_none());
    let word = if good { "ok" } else { "FAILED" };
    println!("\ntest result: {word}. {passed} passed; {failed} failed; {skipped} ignored");
    ExitCode::from(u8::from(!good))
}

enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

const SKIPPED: i32 = 77;

fn run_here(name: &str) -> ExitCode {
    let (_, scenario) =
        scenarios::ALL.iter().find(|(known, _)| *known == name).expect("a scenario of this name");
    match scenario() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            println!("{reason}");
            ExitCode::from(SKIPPED as u8)
        }
    }
}

fn run_apart(name: &str, probe: &Path) -> Outcome {
    let tries = if name.contains("threads_run") { TRIES_WITH_THREADS } else { 1 };
    for _ in 0..tries {
        let program = env::current_exe().expect("the path of this program");
        let output = Command::new("timeout")
            .arg("60")
            .arg(program)
            .env(RUN, name)
            .env("GAMBESON_PROBE", probe)
            .output()
            .expect("timeout is part of coreutils");
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => {}
            Some(SKIPPED) => return Outcome::Skipped(text.trim().to_owned()),
            _ => return Outcome::Failed(format!("{}\n{text}", output.status)),
        }
    }
    Outcome::Passed
}

fn build_probe(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/probe_x86_64.S");
    let object = folder.join("probe.so");
    let status = Command::new("cc").args(["-shared", "-nostdlib", "-o"]).arg(&object).arg(&source).status();
    assert!(status.expect("cc, which links this test, too").success());
    assert!(fs::metadata(&object).is_ok());
    object
}
