//! Zero false refusals: real libraries under a rule that allows exactly what they need, with effect prevent.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gambeson_tests::network::{self, RESOLVER};
use gambeson_tests::{Try, available, interpreter, packages};
use serde_json::{Value, json};

/// The servers of AWS's services: their control plane in one process.
const MOTO: &str = "moto[server]==5.2.5";
/// Where it listens in the test's own network; the name server leads `*.amazonaws.test` there.
const SERVICES: &str = "203.0.113.80:5000";
/// What the uses of the functions may change.
const SCRATCH: &str = "/tmp/scratch";

macro_rules! legitimate {
    ($($name:ident $runtime:literal)*) => { $(
        #[test]
        fn $name() {
            every_use(stringify!($name), $runtime);
        }
    )* };
}

legitimate! {
    python3_12 "python3.12"
    node20 "nodejs20.x"
    node24 "nodejs24.x"
}

/// The rules: each allows what the uses need in another way, and nothing else.
fn rules() -> [(&'static str, Value); 4] {
    let processes = json!({
        "effect": "prevent", "whitelist": ["/bin/echo", "/var/lang/bin/python3.12"], "checkCryptoMiners": true,
    });
    let writes = json!({ "effect": "prevent", "whitelist": [SCRATCH, "/dev/null"] });
    [
        (
            "names and paths",
            json!({
                "processes": processes, "filesystem": writes,
                "dns": { "effect": "prevent", "whitelist": ["*.us-east-1.amazonaws.test", "good.test"] },
                "cloudMetadataEnforcement": true,
            }),
        ),
        (
            "addresses and ports",
            json!({
                "processes": processes, "filesystem": writes,
                "network": {
                    "effect": "prevent", "whitelistIPs": ["203.0.113.80/32", "fd00:80::/32"],
                    "whitelistOutboundPorts": [{ "start": 5000, "end": 5000 }, { "start": 8080, "end": 8090 }],
                    "blacklistListeningPorts": [{ "start": 1, "end": 65535 }],
                },
            }),
        ),
        (
            "what is read, too",
            json!({
                "processes": processes,
                "filesystem": {
                    "effect": "prevent", "reads": true,
                    "whitelist": [SCRATCH, "/dev", "/proc", "/sys", "/etc"],
                },
            }),
        ),
        (
            "what is denied",
            json!({
                "processes": { "effect": "prevent", "blacklist": ["/bin/sh"] },
                "network": { "effect": "prevent", "blacklistIPs": ["203.0.113.81", "10.0.0.0/8"] },
                "dns": { "effect": "prevent", "blacklist": ["*.evil.test"] },
                "filesystem": { "effect": "prevent", "blacklist": ["/tmp/secret", "/var/task/*.key"], "reads": true },
            }),
        ),
    ]
}

fn every_use(test: &str, runtime: &'static str) {
    if !available(runtime) {
        return;
    }
    let code = code(runtime);
    let moto = packages::python("legitimate/moto", &[MOTO]);
    network::alone(&["--exact", test, "--nocapture"], |_| {
        let _services = Services::start(&moto);
        let uses = run(runtime, &code, &json!({}), &[json!({ "use": "list" })])[0]["response"].clone();
        let uses: Vec<Value> =
            uses.as_array().expect("a list").iter().map(|name| json!({ "use": name })).collect();
        assert!(uses.len() >= 11, "{uses:?}");
        let mut complaints = Vec::new();
        for (name, rule) in rules() {
            for (wanted, outcome) in uses.iter().zip(run(runtime, &code, &rule, &uses)) {
                if outcome["response"]["right"] != true || outcome["audits"] != json!([]) {
                    complaints.push(format!("{runtime}, {name}: {wanted}: {outcome}"));
                }
            }
        }
        assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
    });
}

fn run(runtime: &'static str, code: &Path, rule: &Value, events: &[Value]) -> Vec<Value> {
    let mut rule = rule.clone();
    rule["name"] = json!("test rule");
    rule["collections"] = json!([{ "name": "All" }]);
    let scratch = format!("TMPDIR={SCRATCH}");
    let outcomes = Try::new(runtime, "", "use.handler")
        .code(code)
        .policy(json!({ "rules": [rule] }))
        .arguments(&["--resolver", RESOLVER, "--env", &scratch, "--timeout", "60"])
        .events(events.iter().cloned())
        .run();
    // Each rule starts with an empty set of services.
    let _ = ureq::post(format!("http://{SERVICES}/moto-api/reset")).send_empty();
    outcomes.into_iter().map(|outcome| outcome.0).collect()
}

/// The function's code with the packages that it uses.
fn code(runtime: &str) -> PathBuf {
    let functions = Path::new(env!("CARGO_MANIFEST_DIR")).join("functions/legitimate");
    let (folder, file) = if runtime.starts_with("python") {
        let requirements = functions.join("python/requirements.txt");
        let folder = packages::python("legitimate/python", &["-r", requirements.to_str().unwrap()]);
        (folder, functions.join("python/use.py"))
    } else {
        let wanted: Value =
            serde_json::from_slice(&std::fs::read(functions.join("nodejs/package.json")).unwrap()).unwrap();
        let wanted: Vec<String> = wanted["dependencies"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, version)| format!("{name}@{}", version.as_str().unwrap()))
            .collect();
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        (packages::nodejs("legitimate/nodejs", &wanted), functions.join("nodejs/use.js"))
    };
    let target = folder.join(file.file_name().unwrap());
    // Two tests may do this at once: the file is there whole or not at all.
    let new = target.with_extension(format!("new-{}-{:?}", std::process::id(), std::thread::current().id()));
    std::fs::copy(&file, &new).and_then(|_| std::fs::rename(&new, &target)).unwrap();
    folder
}

/// A running moto server; ends when dropped.
struct Services(Child);

impl Services {
    fn start(moto: &Path) -> Self {
        let (host, port) = SERVICES.split_once(':').unwrap();
        let mut server = Command::new(interpreter("3.12"))
            .args(["-m", "moto.server", "-H", host, "-p", port])
            .env("PYTHONPATH", moto)
            // It would take the first label of every host for a bucket.
            .env("S3_IGNORE_SUBDOMAIN_BUCKETNAME", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("moto can be started");
        let started = Instant::now();
        while TcpStream::connect(SERVICES).is_err() {
            assert!(server.try_wait().unwrap().is_none(), "moto has ended");
            assert!(started.elapsed() < Duration::from_secs(60), "moto does not listen");
            std::thread::sleep(Duration::from_millis(100));
        }
        Self(server)
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
