//! `gambeson try --install`: everything that the tests need, before they run.

use std::sync::Mutex;
use std::thread;

use gambeson_lambda::{InstallError, Installation, Runtime, Runtimes, default_cache};
use serde_json::json;

use crate::failure::Failure;

/// Installs every runtime; fails, after all of them were tried, if some could not be had.
pub(super) fn run(wanted: &[Runtime], json: bool) -> Result<(), Failure> {
    let runtimes = Runtimes::new(default_cache(), |line| eprintln!("{line}"));
    // Two at a time: one builds while the other downloads.
    let queue = Mutex::new(wanted.iter().copied());
    let results: Mutex<Vec<(Runtime, Result<Installation, InstallError>)>> = Mutex::default();
    let work = || {
        loop {
            let Some(runtime) = queue.lock().ok().and_then(|mut queue| queue.next()) else { return };
            let result = runtimes.ensure(runtime);
            if let Ok(mut results) = results.lock() {
                results.push((runtime, result));
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(runtime, _)| wanted.iter().position(|w| w == runtime));
    let mut missing = Vec::new();
    for (runtime, result) in &results {
        match result {
            Ok(installed) if json => {
                println!("{}", json!({ "runtime": runtime, "version": installed.version() }))
            }
            Ok(installed) => println!("{runtime}\t{}", installed.version()),
            Err(error) if json => println!("{}", json!({ "runtime": runtime, "error": error.to_string() })),
            Err(error) => eprintln!("{error}"),
        }
        if result.is_err() {
            missing.push(runtime.to_string());
        }
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Failure::failed(format_args!("not installed: {}", missing.join(", "))))
    }
}
