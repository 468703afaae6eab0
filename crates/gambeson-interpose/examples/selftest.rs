//! Runs the scenarios of this crate's tests one after the other, each in a process of its own, and says what held. Built for
//! glibc 2.17, it runs in the trees of other C libraries; see `tests/userlands.rs`.
//!
//! `selftest` runs all; `selftest NAME` runs one in this very process.

#[path = "../tests/scenarios/mod.rs"]
mod scenarios;

use std::env;
use std::process::{Command, ExitCode};

const SKIPPED: u8 = 77;

fn main() -> ExitCode {
    if let Some(name) = env::args().nth(1) {
        let (_, scenario) =
            scenarios::ALL.iter().find(|(known, _)| *known == name).expect("a scenario of this name");
        return match scenario() {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => {
                println!("{reason}");
                ExitCode::from(SKIPPED)
            }
        };
    }
    let mut failed = 0;
    for (name, _) in scenarios::ALL {
        let program = env::current_exe().expect("the path of this program");
        let status = Command::new(program).arg(name).status().expect("it runs again");
        let word = match status.code() {
            Some(0) => "ok",
            Some(code) if code == i32::from(SKIPPED) => "skipped",
            _ => "FAILED",
        };
        failed += u8::from(word == "FAILED");
        println!("{name} ... {word}");
    }
    ExitCode::from(failed)
}
