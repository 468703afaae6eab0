//! The attack battery: every technique of `tests/attacks`, with its rule off and on.
//!
//! A technique is a file. It begins with its title, a line that says what it does, and what it expects:
//!
//! ```text
//! """Title
//! What it does, in one line.
//! policy: no-programs          the name of a rule in policies.json that must stop it
//! audit: unexpectedProcess     the attackType that must be reported then (several: separated by spaces; `none`: nothing is)
//! since: 3.8                   the oldest interpreter that it works on (2.7 and 10 if not said)
//! until: 22                    the newest
//! proof: arrival               it worked only if the event's token arrived on the test's network (else: its own word)
//! stopped: no, WHY             known not to be stopped: the table and the security page say so
//! works: no, WHY               refused without us, too: Lambda's own sandbox does
//! alone: yes                   harms what comes after it: an environment of its own
//! """
//! ```

use std::path::{Path, PathBuf};

mod battery;
mod build;
mod peer;
mod pending;
mod table;

pub use battery::{Results, Side, judge, run};
pub use peer::{install as install_peer, peer};
pub use table::{Runs, table};

/// A way to do what a rule forbids.
#[derive(Clone, Debug)]
pub struct Technique {
    /// Its file's place, without the ending: `process/os_system`.
    pub id: String,
    /// The first line.
    pub title: String,
    /// What it does.
    pub what: String,
    /// The rule that must stop it.
    pub policy: String,
    /// The attack types that may be reported.
    pub audits: Vec<String>,
    /// Whether it is refused without an audit, on purpose.
    pub silent: bool,
    /// The oldest interpreter that it works on.
    pub since: (u8, u8),
    /// The newest.
    pub until: (u8, u8),
    /// Whether only a token on the network proves it.
    pub arrival: bool,
    /// Why it is not stopped, if it is known not to be.
    pub not_stopped: Option<String>,
    /// Why it does not work without us either.
    pub never_works: Option<String>,
    /// Whether nothing else may run in its environment.
    pub alone: bool,
}

/// A language of functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// CPython.
    Python,
    /// Node.js.
    Nodejs,
}

impl Language {
    /// The language of a runtime.
    pub fn of(runtime: &str) -> Self {
        if runtime.starts_with("python") { Self::Python } else { Self::Nodejs }
    }

    /// Its folder in `tests/attacks`.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Nodejs => "nodejs",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Python => "py",
            Self::Nodejs => "js",
        }
    }
}

/// The folder of the battery.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks")
}

/// The techniques of a language, in order of their names.
pub fn techniques(language: Language) -> Vec<Technique> {
    let root = folder().join(language.folder());
    let mut all = Vec::new();
    for category in entries(&root).into_iter().filter(|path| path.is_dir()) {
        for file in entries(&category) {
            if file.extension().is_some_and(|ending| ending == language.ending()) {
                all.push(Technique::read(&root, &file));
            }
        }
    }
    all
}

impl Technique {
    fn read(root: &Path, file: &Path) -> Self {
        let text = std::fs::read_to_string(file).expect("a technique can be read");
        let id = file.strip_prefix(root).expect("below the root").with_extension("");
        let id = id.to_str().expect("a plain name").to_owned();
        let mut lines =
            text.lines().map(|line| line.trim_start_matches("// ").trim_matches('"')).map(str::trim);
        let mut line = || lines.next().unwrap_or_default().to_owned();
        let mut technique = Self {
            title: line(),
            what: line(),
            policy: String::new(),
            audits: Vec::new(),
            silent: false,
            since: (0, 0),
            until: (u8::MAX, 0),
            arrival: false,
            not_stopped: None,
            never_works: None,
            alone: false,
            id,
        };
        for line in lines {
            let Some((key, value)) = line.split_once(": ") else { break };
            let because = |value: &str| value.strip_prefix("no, ").map(str::to_owned);
            match key {
                "policy" => technique.policy = value.to_owned(),
                "audit" if value == "none" => technique.silent = true,
                "audit" => technique.audits = value.split(' ').map(str::to_owned).collect(),
                "since" => technique.since = version(value),
                "until" => technique.until = version(value),
                "proof" => technique.arrival = value == "arrival",
                "stopped" => technique.not_stopped = because(value),
                "works" => technique.never_works = because(value),
                "alone" => technique.alone = value == "yes",
                _ => panic!("{}: unknown line {line:?}", technique.id),
            }
        }
        assert!(!technique.policy.is_empty(), "{}: no policy", technique.id);
        assert!(
            technique.audits.is_empty() == (technique.silent || technique.not_stopped.is_some()),
            "{}: either an audit or a reason why it is not stopped",
            technique.id
        );
        technique
    }

    /// Whether `runtime` is new enough for it.
    pub fn runs_on(&self, runtime: &str) -> bool {
        let version = version(runtime.trim_start_matches(char::is_alphabetic));
        self.since <= version && version <= self.until
    }
}

/// `3.12` or `20.x`.
fn version(text: &str) -> (u8, u8) {
    let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
    (major.parse().expect("a version"), minor.parse().unwrap_or(0))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = listed.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}
