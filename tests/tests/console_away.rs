//! A Console that is away, slow, or lies: the policy in `TW_POLICY` stays in force, the handler does not wait, and one
//! log line says what is wrong.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gambeson_policy::{
    Document, EffectivePolicy, FunctionId, RuntimePolicy, SigningKey, Token, WaasPolicy, envelope,
};
use gambeson_tests::{Outcome, Try, available};
use serde_json::json;

const RUNTIME: &str = "python3.12";
const FUNCTION: &str = "away";
const REGION: &str = "eu-west-1";
/// What the end of an invocation may wait for the Console, with room for a busy machine.
const FLUSH_BOUND_MS: f64 = 1000.0 + 700.0;

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    check(&address, "cannot be reached");
}

#[test]
fn it_accepts_and_never_answers() {
    let console = Liar::start(|mut stream| {
        // Holds the connection open until the Defender gives up.
        let _end = stream.read_to_end(&mut Vec::new());
    });
    check(&console.address, "cannot be reached");
    assert!(console.asked() > 0);
}

#[test]
fn it_answers_garbage() {
    let console = Liar::start(|mut stream| {
        let _sent = stream.write_all(b"\x16\x03\x01garbage\r\n\r\n");
    });
    check(&console.address, "cannot be reached");
    assert!(console.asked() > 0);
}

#[test]
fn it_refuses_the_token() {
    let console = Liar::answering("401 Unauthorized", String::new);
    check(&console.address, "401");
}

#[test]
fn it_answers_a_text_that_is_no_policy() {
    let console = Liar::answering("200 OK", || "AAAA".repeat(50));
    check(&console.address, "is not taken");
}

#[test]
fn it_answers_more_than_any_policy_is_long() {
    let console = Liar::answering("200 OK", || "A".repeat(3_000_000));
    check(&console.address, "");
}

#[test]
fn it_answers_a_policy_that_somebody_else_signed() {
    let console = Liar::answering("200 OK", || {
        let stranger = key(99);
        envelope::seal_unbounded(&document("", 2, FUNCTION, &stranger), &stranger).unwrap()
    });
    check(&console.address, "is not taken");
}

#[test]
fn it_answers_the_policy_of_another_function() {
    let console = Liar::answering("200 OK", || {
        envelope::seal_unbounded(&document("", 2, "another", &key(1)), &key(1)).unwrap()
    });
    check(&console.address, "another function");
}

#[test]
fn it_answers_an_older_policy() {
    let console = Liar::answering("200 OK", || {
        envelope::seal_unbounded(&document("", 0, FUNCTION, &key(1)), &key(1)).unwrap()
    });
    check(&console.address, "older policy");
}

/// Runs attacks under a `TW_POLICY` that names this Console.
fn check(address: &str, complaint: &str) {
    if !available(RUNTIME) {
        return;
    }
    let policy = envelope::seal(&document(address, 1, FUNCTION, &key(1)), &key(1)).unwrap();
    let outcomes = Try::new(RUNTIME, "python", "probe.handler")
        .arguments(&["--function", FUNCTION, "--region", REGION, "--tw-policy", &policy])
        .event(json!({ "attack": "none" }))
        .events((0..3).map(|_| json!({ "attack": "os.system" })))
        .event(json!({ "attack": "none" }))
        .run();
    for attacked in &outcomes[1..4] {
        assert!(!attacked.ran(), "{}", attacked.0);
        assert_eq!(attacked.audits().len(), 1, "{}", attacked.0);
    }
    for outcome in &outcomes {
        let invoke = outcome.0["ms"]["invoke"].as_f64().unwrap();
        assert!(invoke < FLUSH_BOUND_MS, "an invocation took {invoke} ms: {}", outcome.0);
    }
    let lines: Vec<String> =
        outcomes.iter().flat_map(|outcome| outcome.lines("warning")).map(|l| l.to_string()).collect();
    if !complaint.is_empty() {
        let said = lines.iter().filter(|line| line.contains(complaint)).count();
        let waited = outcomes.iter().map(Outcome::log).map(|log| log.len()).sum::<usize>();
        assert!(
            said >= 1 || complaint == "cannot be reached",
            "nobody said {complaint:?} in {lines:?} ({waited} lines)"
        );
    }
    let distinct: std::collections::HashSet<&String> = lines.iter().collect();
    assert_eq!(distinct.len(), lines.len(), "the same complaint came twice: {lines:?}");
}

fn document(console: &str, revision: u64, function: &str, key: &SigningKey) -> Document {
    let id = FunctionId { name: function, region: REGION, account: None, labels: &[] };
    Document {
        console: vec![console.to_owned()],
        function: function.to_owned(),
        region: REGION.to_owned(),
        token: Some(Token { id: "id".to_owned(), secret: "secret".to_owned() }),
        keys: vec![key.public()],
        interval_ms: 1000,
        revision,
        policy: EffectivePolicy::for_function(&RuntimePolicy::default_policy(), &WaasPolicy::default(), &id),
        ..Document::default()
    }
}

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes([number; 32])
}

/// A server that does to every connection what it was told.
struct Liar {
    address: String,
    connections: Arc<AtomicUsize>,
}

impl Liar {
    fn start(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::Relaxed);
                let answer = Arc::clone(&answer);
                std::thread::spawn(move || answer(stream));
            }
        });
        Self { address, connections }
    }

    /// Answers every request with this status and body.
    fn answering(status: &'static str, body: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self::start(move |mut stream| {
            let _timeout = stream.set_read_timeout(Some(Duration::from_secs(5)));
            let mut seen = Vec::new();
            let mut room = [0u8; 4096];
            while !seen.windows(4).any(|window| window == b"\r\n\r\n") {
                match stream.read(&mut room) {
                    Ok(0) | Err(_) => return,
                    Ok(count) => seen.extend_from_slice(&room[..count]),
                }
            }
            let body = body();
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        })
    }

    fn asked(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}
