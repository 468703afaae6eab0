//! The side of the program that wants a function run: starts the steps and talks to init.

use std::fmt;
use std::io::{self, PipeWriter};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::str::FromStr;

use super::{COMMAND, Order, Plan, Report, receive, send};

/// How far the caller's privileges reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privileges {
    /// Everything: `CAP_SYS_ADMIN` on this machine.
    Root,
    /// Everything that a user namespace gives an ordinary user.
    User,
    /// No namespaces: a container without the right to make any, or a hardened kernel.
    Nothing,
}

impl Privileges {
    /// Asks the program at `program` (one that gives [`super::COMMAND`] to [`super::run`]) to try.
    pub(crate) fn probe(program: &Path) -> io::Result<Self> {
        let output = Command::new(program).args([COMMAND, "probe"]).stdin(Stdio::null()).output()?;
        String::from_utf8_lossy(&output.stdout).trim().parse().map_err(|()| {
            io::Error::other(format!(
                "{} has no {COMMAND} command: {}",
                program.display(),
                String::from_utf8_lossy(&output.stderr)
            ))
        })
    }

    /// What Lambda's sandbox does and this one does not, as sentences for the person who reads the results.
    pub fn gaps(self) -> Vec<String> {
        match self {
            Self::Root | Self::User => Vec::new(),
            Self::Nothing => [
                "the function sees this machine's files and can write where you can (no mount namespace)",
                "code, layer and runtime are not at /var/task, /opt and /var/lang",
                "the function runs as you, not as uid 993 (sbx_user1051)",
                "/dev/shm is there",
                "the function sees this machine's processes (no process-ID namespace)",
            ]
            .map(str::to_owned)
            .into(),
        }
    }
}

impl fmt::Display for Privileges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "root",
            Self::User => "user",
            Self::Nothing => "nothing",
        })
    }
}

impl FromStr for Privileges {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        [Self::Root, Self::User, Self::Nothing].into_iter().find(|p| p.to_string() == name).ok_or(())
    }
}

/// A started process tree. Dropping it ends every process in it.
#[derive(Debug)]
pub(crate) struct Jail {
    outer: Child,
    line: Option<UnixStream>,
}

impl Jail {
    /// Starts the steps; what the tree prints goes to `log`, what init reports to `on_report`, until it returns false.
    pub(crate) fn start(
        program: &Path,
        plan: &Plan,
        log: &PipeWriter,
        mut on_report: impl FnMut(Report) -> bool + Send + 'static,
    ) -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut command = Command::new(program);
        command
            .args([COMMAND, "outer"])
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::from(OwnedFd::from(log.try_clone()?)))
            .stderr(Stdio::from(OwnedFd::from(log.try_clone()?)))
            .env_clear();
        let outer = command.spawn()?;
        drop(command);
        send(&ours, plan)?;
        let reports = ours.try_clone()?;
        std::thread::spawn(move || {
            while let Ok(Some(report)) = receive::<Report>(&reports) {
                if !on_report(report) {
                    return;
                }
            }
            // Init is gone, whatever it said before.
            on_report(Report::Exited { code: None, signal: None, peak_kb: 0 });
        });
        Ok(Self { outer, line: Some(ours) })
    }

    pub(crate) fn order(&self, order: Order) -> io::Result<()> {
        let line = self.line.as_ref().ok_or_else(|| io::Error::other("stopped"))?;
        send(line, &order)
    }

    /// Ends every process and waits until they have ended.
    pub(crate) fn stop(&mut self) {
        if let Some(line) = self.line.take() {
            let _ = line.shutdown(std::net::Shutdown::Both);
        }
        let _ = self.outer.wait();
    }
}

impl Drop for Jail {
    fn drop(&mut self) {
        self.stop();
    }
}
