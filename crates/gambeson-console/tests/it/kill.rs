//! A Console that is killed: what it acknowledged is there afterwards, once.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use gambeson_console::{Config, Console, Role};
use serde_json::json;

use crate::audits::{AUDITS, LIST, audit};
use crate::harness::{Running, agent};

const DIR: &str = "GAMBESON_TEST_DIR";

#[test]
fn what_was_acknowledged_survives_kill_9_and_nothing_is_there_twice() {
    let dir = tempfile::tempdir().unwrap();
    let bearer = {
        let console = Running::start_with_users(Config::new(dir.path()), &[("ann", Role::Admin)]);
        let token = console.sign_in("ann");
        console.encode(&token, "*").1
    };
    let (mut child, url) = console_in_a_process(dir.path());
    let agent = agent(dir.path());
    let send = |id: &str| {
        let body = json!({"audits": [audit(id, json!({}))], "dropped": 0}).to_string();
        let request =
            agent.post(format!("{url}{AUDITS}")).header("authorization", format!("Bearer {bearer}"));
        request.send(body.as_bytes()).is_ok_and(|response| response.status() == 202)
    };
    let mut acknowledged = HashSet::new();
    let sent = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..4)
            .map(|sender| {
                let send = &send;
                scope.spawn(move || {
                    let ids = (0..10_000).map(|i| format!("s{sender}-{i}"));
                    ids.map(|id| (send(&id), id))
                        .take_while(|(done, _)| *done)
                        .map(|(_, id)| id)
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        // Killed in the middle of it all: when the database shows that some have arrived.
        while std::fs::metadata(dir.path().join("gambeson.db-wal")).map_or(0, |file| file.len()) < 200_000 {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect::<Vec<_>>()
    });
    acknowledged.extend(sent);
    assert!(!acknowledged.is_empty());

    let console = Running::start(Config::new(dir.path()));
    let token = console.sign_in("ann");
    // A Defender that got no answer sends the same again.
    let again = json!({"audits": acknowledged.iter().take(100).map(|id| audit(id, json!({}))).collect::<Vec<_>>(), "dropped": 0});
    assert_eq!(console.send("POST", AUDITS, &bearer, &again).status, 202);
    let mut found = Vec::new();
    loop {
        let page = console.get(&format!("{LIST}?limit=1000&offset={}", found.len()), &token).json();
        let page = page.as_array().unwrap();
        if page.is_empty() {
            break;
        }
        found.extend(page.iter().map(|audit| audit["_id"].as_str().unwrap().to_owned()));
    }
    let unique: HashSet<_> = found.iter().cloned().collect();
    assert_eq!(unique.len(), found.len(), "an audit is there twice");
    let lost: Vec<_> = acknowledged.difference(&unique).collect();
    assert!(lost.is_empty(), "acknowledged but lost: {lost:?}");
}

/// This test program again, as a Console that can be killed.
fn console_in_a_process(dir: &Path) -> (Child, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::a_console_to_kill", "--ignored", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url =
        lines.map_while(Result::ok).find_map(|line| Some(line.split_once("listening on ")?.1.to_owned()));
    (child, url.expect("the Console in the child says its address"))
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn a_console_to_kill() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let console = Console::open(Config::new(dir)).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        println!("listening on https://{}", listener.local_addr().unwrap());
        console.serve(listener, std::future::pending()).await.unwrap();
    });
}

#[test]
fn audits_that_wait_when_the_console_is_stopped_are_stored_first() {
    let dir = tempfile::tempdir().unwrap();
    let console = Running::start_with_users(Config::new(dir.path()), &[("ann", Role::Admin)]);
    let token = console.sign_in("ann");
    let (_, bearer) = console.encode(&token, "*");
    let audits: Vec<_> = (0..200).map(|i| audit(&format!("a{i}"), json!({}))).collect();
    assert_eq!(console.send("POST", AUDITS, &bearer, &json!({"audits": audits, "dropped": 0})).status, 202);
    drop(console);
    assert!(!dir.path().join("gambeson.db-wal").exists(), "a clean end leaves no log to replay");
    let console = Running::start(Config::new(dir.path()));
    let token = console.sign_in("ann");
    assert_eq!(console.get(LIST, &token).header("total-count"), "200");
}
