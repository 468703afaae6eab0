//! What the end-to-end tests share: running a function through `gambeson try`, exactly as a user would.
//!
//! The tests use the built `gambeson` binary (`make test` builds it with the Defender inside) and drive real runtime
//! clients in the jail. A runtime that this machine does not have is skipped, which is said; with `GAMBESON_NO_SKIP`
//! set, as in CI, it is a failure.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

pub mod attacks;
pub mod console;
pub mod network;
pub mod packages;

/// One run of `gambeson try`.
pub struct Try {
    runtime: &'static str,
    code: PathBuf,
    handler: String,
    events: Vec<Value>,
    policy: Option<Value>,
    arguments: Vec<String>,
}

/// What came of one event.
#[derive(Debug)]
pub struct Outcome(pub Value);

impl Try {
    /// A function of this project's `tests/functions/FOLDER`, with the layer and the shipped policy.
    pub fn new(runtime: &'static str, folder: &str, handler: &str) -> Self {
        let code = Path::new(env!("CARGO_MANIFEST_DIR")).join("functions").join(folder);
        Self {
            runtime,
            code,
            handler: handler.to_owned(),
            events: Vec::new(),
            policy: None,
            arguments: Vec::new(),
        }
    }

    /// Takes the function's code from another folder.
    pub fn code(mut self, folder: &Path) -> Self {
        self.code = folder.to_owned();
        self
    }

    /// Uses another handler of the same code.
    pub fn handler(mut self, handler: &str) -> Self {
        handler.clone_into(&mut self.handler);
        self
    }

    /// Adds an event.
    pub fn event(mut self, event: Value) -> Self {
        self.events.push(event);
        self
    }

    /// Adds many events.
    pub fn events(mut self, events: impl IntoIterator<Item = Value>) -> Self {
        self.events.extend(events);
        self
    }

    /// Uses this runtime policy instead of the shipped one.
    pub fn policy(mut self, runtime: Value) -> Self {
        self.policy = Some(json!({ "runtime": runtime, "waas": { "rules": [] } }));
        self
    }

    /// Uses one WAAS rule with this application, and no runtime rule.
    pub fn waas(mut self, application: Value) -> Self {
        self.policy = Some(json!({ "runtime": { "rules": [] }, "waas": one_waas_rule(application) }));
        self
    }

    /// Passes further arguments to `gambeson try`.
    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    /// Runs it and returns what came of each event, in order.
    pub fn run(self) -> Vec<Outcome> {
        let count = self.events.len();
        let output = self.output();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let outcomes: Vec<Outcome> = text
            .lines()
            .map(|line| {
                Outcome(serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line:?}")))
            })
            .collect();
        assert_eq!(
            outcomes.len(),
            count,
            "gambeson try answered {} of {count} events: {text}\n{}",
            outcomes.len(),
            String::from_utf8_lossy(&output.stderr)
        );
        outcomes
    }

    /// Runs it and returns the program's own output.
    pub fn output(self) -> Output {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut command = Command::new(gambeson());
        command.args(["try", "--json", "--runtime", self.runtime, "--handler", &self.handler, "--code"]);
        command.arg(&self.code);
        for (index, event) in self.events.iter().enumerate() {
            let path = directory.path().join(format!("event-{index}.json"));
            std::fs::write(&path, event.to_string()).expect("an event file");
            command.arg("--event").arg(path);
        }
        if let Some(policy) = &self.policy {
            let path = directory.path().join("policy.json");
            std::fs::write(&path, policy.to_string()).expect("a policy file");
            command.arg("--policy").arg(path);
        }
        command.args(&self.arguments).output().expect("gambeson can be run")
    }
}

impl Outcome {
    /// What the handler returned.
    pub fn response(&self) -> &Value {
        self.0.get("response").unwrap_or_else(|| panic!("no response: {}", self.0))
    }

    /// The type and message of the error, if the invocation failed.
    pub fn error(&self) -> Option<(&str, &str)> {
        let error = self.0.get("error")?;
        Some((error["type"].as_str()?, error["message"].as_str()?))
    }

    /// The audits of this invocation.
    pub fn audits(&self) -> &[Value] {
        self.0["audits"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The log lines of this invocation (and of the start, for the first).
    pub fn log(&self) -> Vec<&str> {
        self.0["log"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The Defender's own line of this kind (`started`, `disabled`, `warning`), if there is one.
    pub fn line(&self, kind: &str) -> Option<Value> {
        self.lines(kind).into_iter().next()
    }

    /// All of the Defender's own lines of this kind.
    pub fn lines(&self, kind: &str) -> Vec<Value> {
        let parsed = self.log().into_iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        parsed.filter(|line| line["gambeson"] == kind).collect()
    }

    /// Whether the probe's program ran.
    pub fn ran(&self) -> bool {
        self.response()["ran"].as_bool().unwrap_or_else(|| panic!("the probe did not say: {}", self.0))
    }
}

/// The `gambeson` binary of this program's own profile: beside it, or above it if it is a test.
pub fn gambeson() -> PathBuf {
    let own = std::env::current_exe().expect("a program has a path");
    let folder = own.parent().expect("target/PROFILE or target/PROFILE/deps");
    let folder = if folder.ends_with("deps") { folder.parent().expect("target/PROFILE") } else { folder };
    let path = folder.join("gambeson");
    assert!(path.is_file(), "{} is missing: run the tests with `make test`, which builds it", path.display());
    path
}

/// A CPython of this version that can install packages: pyenv's, since its own program on `PATH` answers only for the versions
/// that its user has switched on, or the one on `PATH`.
pub fn interpreter(version: &str) -> PathBuf {
    let home = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pyenv")));
    let versions = home.and_then(|home| std::fs::read_dir(home.join("versions")).ok());
    let program = format!("python{version}");
    let mut found = versions.into_iter().flatten().flatten().map(|entry| entry.path());
    let found = found.find(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("{version}.")))
    });
    found.map(|path| path.join("bin").join(&program)).unwrap_or_else(|| program.into())
}

/// Whether `runtime` can be run here; if not, says that the test is skipped and why.
pub fn available(runtime: &str) -> bool {
    let output =
        Command::new(gambeson()).args(["try", "--install", runtime]).output().expect("gambeson can be run");
    if output.status.success() {
        return true;
    }
    let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert!(
        std::env::var_os("GAMBESON_NO_SKIP").is_none(),
        "{runtime} is missing and nothing may be skipped: {reason}"
    );
    eprintln!("SKIPPED {runtime}: {reason}");
    false
}

/// A WAAS policy of one rule for all functions.
pub fn one_waas_rule(application: Value) -> Value {
    json!({ "rules": [{
        "name": "test rule", "collections": [{ "name": "All" }], "applicationsSpec": [application],
    }] })
}

/// A runtime policy of one rule for all functions.
pub fn one_rule(processes: Value) -> Value {
    json!({ "rules": [{ "name": "test rule", "collections": [{ "name": "All" }], "processes": processes }] })
}
