//! Process 1 of an environment: builds the root, starts the runtime, reaps, freezes, thaws. When its line closes, it ends, and so does everything.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use nix::errno::Errno;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use super::enter::Entry;
use super::{COMMAND, Order, Plan, Privileges, Report, processes, receive, root, send};

/// Runs the environment whose plan comes first on standard input.
pub(super) fn run(privileges: Privileges) -> u8 {
    let Ok(line) = io::stdin().as_fd().try_clone_to_owned().map(UnixStream::from) else { return 1 };
    let plan = match receive::<Plan>(&line) {
        Ok(Some(plan)) => plan,
        Ok(None) => return 0,
        Err(error) => return fail(&line, error.to_string()),
    };
    match prepare(&plan, privileges) {
        Ok(gaps) => {
            let _ = send(&line, &Report::Ready { gaps });
        }
        Err(message) => return fail(&line, message),
    }
    let runtime = match start(&line, &plan, privileges) {
        Ok(runtime) => Pid::from_raw(runtime.id() as i32),
        Err(message) => return fail(&line, message),
    };
    obey(&line, runtime);
    reap(&line, runtime)
}

fn fail(line: &UnixStream, message: String) -> u8 {
    let _ = send(line, &Report::Failed { message });
    1
}

/// What could be had of the root, and sentences about what could not.
fn prepare(plan: &Plan, privileges: Privileges) -> Result<Vec<String>, String> {
    if privileges == Privileges::Nothing {
        // Orphans of the function come to this process, so that they are still found and killed.
        nix::sys::prctl::set_child_subreaper(true).map_err(|e| format!("cannot adopt orphans: {e}"))?;
        return Ok(Vec::new());
    }
    // On Lambda the host name is an address in 169.254.0.0/16; here it only has to be nobody's.
    let _ = nix::unistd::sethostname("sandbox");
    root::enter(plan, privileges)
}

/// Starts the runtime through the enter step and waits until it is on its way.
fn start(line: &UnixStream, plan: &Plan, privileges: Privileges) -> Result<Child, String> {
    let failed = |error: &dyn std::fmt::Display| format!("cannot start the runtime: {error}");
    let (ours, theirs) = UnixStream::pair().map_err(|e| failed(&e))?;
    let mut enter = Command::new("/proc/self/exe");
    enter.args([COMMAND, "enter"]).stdin(Stdio::from(OwnedFd::from(theirs)));
    let runtime = enter.spawn().map_err(|e| failed(&e))?;
    // The command still holds the other end; without this the line would never close.
    drop(enter);
    let entry = Entry {
        privileges: privileges.to_string(),
        command: plan.command.clone(),
        directory: plan.directory.clone(),
        variables: plan.variables.clone(),
    };
    send(&ours, &entry).map_err(|e| failed(&e))?;
    loop {
        match receive::<Report>(&ours).map_err(|e| failed(&e))? {
            Some(Report::Failed { message }) => return Err(message),
            Some(started) => send(line, &started).map_err(|e| failed(&e))?,
            // Closed by exec: it has become the runtime.
            None => return Ok(runtime),
        }
    }
}

/// Whether the runtime has ended: its number may be another process's by now.
static ENDED: AtomicBool = AtomicBool::new(false);

/// Carries out orders on a thread of its own until the line closes.
fn obey(line: &UnixStream, runtime: Pid) {
    let Ok(line) = line.try_clone() else { std::process::exit(1) };
    thread::spawn(move || {
        while let Ok(Some(order)) = receive::<Order>(&line) {
            let report = match order {
                Order::Freeze => {
                    processes::stop();
                    let ended = ENDED.load(Ordering::SeqCst);
                    Report::Frozen { peak_kb: if ended { 0 } else { processes::peak_kb(runtime) } }
                }
                Order::Thaw => {
                    processes::resume();
                    Report::Thawed
                }
            };
            if send(&line, &report).is_err() {
                break;
            }
        }
        processes::kill_all();
        std::process::exit(0);
    });
}

/// Reaps until nothing is left; says how the runtime ended, and ends the rest with it.
fn reap(line: &UnixStream, runtime: Pid) -> u8 {
    loop {
        let (ended, code, signal) = match waitpid(None, None) {
            Ok(WaitStatus::Exited(pid, code)) => (pid, Some(code), None),
            Ok(WaitStatus::Signaled(pid, signal, _)) => (pid, None, Some(signal as i32)),
            Ok(_) | Err(Errno::EINTR) => continue,
            Err(_) => return 0,
        };
        if ended == runtime {
            ENDED.store(true, Ordering::SeqCst);
            processes::kill_all();
            // In KiB on Linux. The largest of all processes reaped so far: the runtime, unless a child of its was larger.
            let peak_kb = getrusage(UsageWho::RUSAGE_CHILDREN).map_or(0, |usage| usage.max_rss() as u64);
            let _ = send(line, &Report::Exited { code, signal, peak_kb });
        }
    }
}
