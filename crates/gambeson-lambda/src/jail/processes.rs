//! Every process of an environment at once: stop, continue, kill, and how much memory one had.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpid};

/// Stops every process below init and waits until all are stopped. What is forked meanwhile is stopped too.
pub(super) fn stop() {
    // A signal is delivered when its thread next runs: normally at once, later if the machine is busy.
    let deadline = Instant::now() + Duration::from_secs(2);
    loop {
        let running: Vec<_> = descendants().into_iter().filter(|pid| !is_stopped(*pid)).collect();
        if running.is_empty() || Instant::now() > deadline {
            return;
        }
        signal(&running, Signal::SIGSTOP);
        std::thread::yield_now();
    }
}

/// Lets every process run again.
pub(super) fn resume() {
    signal(&descendants(), Signal::SIGCONT);
}

/// Kills every process below init.
pub(super) fn kill_all() {
    // A process may fork between the look and the signal; a stopped one cannot.
    stop();
    signal(&descendants(), Signal::SIGKILL);
}

/// The most memory that a process ever had resident, in KiB.
pub(super) fn peak_kb(pid: Pid) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

fn signal(pids: &[Pid], signal: Signal) {
    for pid in pids {
        // It may have ended since: then there is nothing to signal.
        let _ = kill(*pid, signal);
    }
}

/// All processes below this one. With a process-ID namespace that is all that `/proc` shows; without one, init is the
/// subreaper, so that orphans come back to it and are found too.
fn descendants() -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let parents: Vec<(i32, i32)> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid: i32| Some((pid, stat(Path::new(&format!("/proc/{pid}")))?.1)))
        .collect();
    let mut family = BTreeSet::from([getpid().as_raw()]);
    loop {
        let before = family.len();
        family.extend(
            parents
                .iter()
                .filter(|(_, parent)| family.contains(parent))
                .map(|(pid, _)| *pid)
                .collect::<Vec<_>>(),
        );
        if family.len() == before {
            break;
        }
    }
    family.into_iter().filter(|pid| *pid != getpid().as_raw()).map(Pid::from_raw).collect()
}

/// Whether every thread of the process is stopped or ended, or there is no such process any more.
fn is_stopped(pid: Pid) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return true };
    threads
        .filter_map(|entry| stat(&entry.ok()?.path()))
        .all(|(state, _)| matches!(state, 'T' | 't' | 'Z' | 'X'))
}

/// State and parent of a process or thread.
fn stat(directory: &Path) -> Option<(char, i32)> {
    let stat = fs::read_to_string(directory.join("stat")).ok()?;
    // The name, in parentheses, may hold spaces and parentheses itself.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}
