//! What a call costs under a rule that speaks of it and allows it, beside the same call in a process without the Defender.
//!
//! Every way runs in processes of its own, which take turns; of each the fastest tenth of its rounds counts, so that a busy
//! machine does not decide. `cargo run --release -p gambeson-defender --example rule_cost` prints one line a call; with
//! `--json` one object.

use std::ffi::CString;
use std::io::Write;
use std::time::Instant;

use gambeson_policy::{Document, EffectivePolicy, SigningKey, envelope};
use serde_json::{Value, json};

const PROCESSES: usize = 12;
const ROUNDS: usize = 60;
const CALLS: usize = 200;
/// As many as fit into `TW_POLICY`; `list_cost` of gambeson-policy shows how little the number matters.
const PATHS: usize = 200;
const NETWORKS: usize = 300;

/// The ways in which each call is made: a name and the runtime rule.
fn ways() -> Vec<(&'static str, Option<Value>)> {
    let paths: Vec<String> = (0..PATHS).map(|n| format!("/tmp/p{n}")).collect();
    let networks: Vec<String> = (0..NETWORKS).map(|n| format!("10.1.{}.{}", n / 100, n % 100 * 2)).collect();
    let processes = json!({ "effect": "prevent", "blockAllBinaries": true });
    vec![
        ("plain", None),
        ("processes", Some(json!({ "processes": processes }))),
        ("files", Some(json!({ "filesystem": { "effect": "prevent", "whitelist": paths, "reads": true } }))),
        ("network", Some(json!({ "network": { "effect": "prevent", "blacklistIPs": networks } }))),
        ("names", Some(json!({ "dns": { "effect": "prevent", "whitelist": ["*.example.com"] } }))),
    ]
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, way] = arguments.as_slice()
        && way != "--json"
    {
        return measure(way);
    }
    let own = std::env::current_exe().expect("a program has a path");
    let mut results: Vec<(&str, Vec<[f64; 4]>)> =
        ways().iter().map(|(name, _)| (*name, Vec::new())).collect();
    for _ in 0..PROCESSES {
        for ((name, rule), (_, rows)) in ways().iter().zip(&mut results) {
            let mut command = std::process::Command::new(&own);
            command.arg(name).env("AWS_LAMBDA_FUNCTION_NAME", "f").env("AWS_REGION", "r");
            if let Some(rule) = rule {
                command.env("TW_POLICY", tw_policy(rule));
            }
            let output = command.output().expect("the program runs again");
            let line = String::from_utf8_lossy(&output.stdout);
            let line = line.lines().last().unwrap_or_else(|| panic!("{name} said nothing: {output:?}"));
            rows.push(serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}: {line}")));
        }
    }
    print(&results, arguments.len() > 1);
}

fn print(results: &[(&str, Vec<[f64; 4]>)], json: bool) {
    let calls = ["open+close to read", "open+close to write", "connect", "write"];
    let best = |rows: &[[f64; 4]], call: usize| {
        let mut times: Vec<f64> = rows.iter().map(|row| row[call]).collect();
        times.sort_by(f64::total_cmp);
        times[times.len() / 4]
    };
    let plain = &results[0].1;
    let mut object = serde_json::Map::new();
    for (call, call_name) in calls.into_iter().enumerate() {
        let without = best(plain, call);
        let added: Vec<(&str, f64)> =
            results[1..].iter().map(|(name, rows)| (*name, best(rows, call) - without)).collect();
        let added_json: Value = added
            .iter()
            .map(|(name, ns)| ((*name).to_owned(), json!(ns)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        object.insert(call_name.to_owned(), json!({ "plain_ns": without, "added_ns": added_json }));
        if !json {
            let added: Vec<String> = added
                .iter()
                .map(|(name, ns)| format!("{name} {ns:+.0} ({:.2})", 1.0 + ns / without))
                .collect();
            println!("{call_name:20} {without:6.0} ns   {}", added.join("   "));
        }
    }
    if json {
        println!("{}", Value::Object(object));
    }
}

fn tw_policy(rule: &Value) -> String {
    let mut rule = rule.clone();
    rule["name"] = json!("r");
    let runtime = serde_json::from_value(rule).expect("a rule");
    let key = SigningKey::from_bytes([7; 32]);
    let document = Document {
        function: "f".to_owned(),
        region: "r".to_owned(),
        keys: vec![key.public()],
        policy: EffectivePolicy { runtime: Some(runtime), waas: None },
        ..Document::default()
    };
    envelope::seal(&document, &key).expect("it fits")
}

/// In a process of its own: starts the Defender unless the way is plain, and prints the times of each call in nanoseconds.
fn measure(way: &str) {
    if way != "plain" {
        // SAFETY: two terminated strings.
        let status = unsafe { defender::abi::defender_start(c"bench".as_ptr(), c"1".as_ptr()) };
        assert_eq!(status, 0, "the Defender did not start");
    }
    let directory = std::path::Path::new("/tmp/p7");
    std::fs::create_dir_all(directory).expect("a directory in /tmp");
    let path = directory.join("file");
    std::fs::write(&path, "x").expect("a file in it");
    let c_path = CString::new(path.to_str().expect("UTF-8")).expect("no NUL");
    let open = |flags: i32| {
        // SAFETY: a terminated path; the descriptor is closed at once.
        unsafe {
            let descriptor = libc::open(c_path.as_ptr(), flags);
            assert!(descriptor >= 0, "open failed");
            libc::close(descriptor);
        }
    };
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let target =
        std::net::UdpSocket::bind("127.0.0.1:0").expect("another").local_addr().expect("its address");
    let mut null = std::fs::File::create("/dev/null").expect("/dev/null");
    let times = [
        time(|| open(libc::O_RDONLY)),
        time(|| open(libc::O_WRONLY)),
        time(|| socket.connect(target).expect("connect failed")),
        time(|| assert_eq!(null.write(b"x").expect("write failed"), 1)),
    ];
    println!("{}", json!(times));
}

fn time(mut call: impl FnMut()) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            (0..CALLS).for_each(|_| call());
            begin.elapsed().as_secs_f64() * 1e9 / CALLS as f64
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 10]
}
