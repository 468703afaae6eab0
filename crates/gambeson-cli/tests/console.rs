//! `gambeson console` as a person starts it: what it prints, what it logs, how it ends.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery staple";

struct Console {
    child: Child,
    started: Value,
}

fn gambeson(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gambeson"));
    command.args(args).stdin(Stdio::null());
    command
}

fn start(dir: &str) -> Console {
    let args = ["console", "--http", "--listen", "127.0.0.1:0", "--json", "--data-dir", dir];
    let mut command = gambeson(&args);
    let mut child =
        command.env("GAMBESON_LOG", "trace").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    Console { child, started: serde_json::from_str(&line).unwrap() }
}

impl Console {
    fn call(&self, method: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/api/v1{path}", self.started["console"].as_str().unwrap());
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = ureq::http::Request::builder().method(method).uri(url);
        let request = request.header("authorization", format!("Bearer {token}")).body(body).unwrap();
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut response = agent.run(request).unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Ends it as a supervisor would; answers what it had logged.
    fn stop(mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(self.child.wait().unwrap().success(), "{log}");
        log
    }
}

#[test]
fn the_log_says_what_happens_and_never_a_secret() {
    let dir = tempfile::tempdir().unwrap();
    let console = start(dir.path().to_str().unwrap());
    let link = console.started["setup"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
    let admin = json!({"token": link, "username": "ann", "password": PASSWORD});
    assert_eq!(console.call("POST", "/signup", "", &admin).0, 200);
    let page = format!("/setup?token={link}");
    let url = format!("{}{page}", console.started["console"].as_str().unwrap());
    ureq::get(url).call().unwrap();
    let credentials = json!({"username": "ann", "password": PASSWORD});
    let session =
        console.call("POST", "/authenticate", "", &credentials).1["token"].as_str().unwrap().to_owned();
    let request = json!({
        "consoleAddr": console.started["console"], "function": "ping", "region": "eu-west-1",
        "proxy": {"httpProxy": "http://proxy:3128", "user": "u", "password": "of the proxy"},
    });
    let (status, encoded) = console.call("POST", "/policies/runtime/serverless/encode", &session, &request);
    assert_eq!(status, 200, "{encoded}");
    let tw_policy = encoded["data"].as_str().unwrap().to_owned();
    let token = gambeson_policy::envelope::open(&tw_policy).unwrap().token.unwrap();
    let bearer = format!("{}.{}", token.id, token.secret);
    assert_eq!(
        console.call("GET", "/defender/policy?function=ping&region=eu-west-1", &bearer, &Value::Null).0,
        200
    );
    console.call("POST", "/authenticate", "", &json!({"username": "ann", "password": "a guess that fails"}));

    let log = console.stop();
    for said in [
        "/api/v1/signup",
        "the first admin is made",
        "signed in",
        "TW_POLICY made",
        &token.id,
        "a sign-in failed",
        "stopping",
    ] {
        assert!(log.contains(said), "`{said}` is not in the log: {log}");
    }
    for (what, secret) in [
        ("the set-up link's token", link.as_str()),
        ("the password", PASSWORD),
        ("a wrong password", "a guess that fails"),
        ("the session", session.as_str()),
        ("the TW_POLICY", tw_policy.as_str()),
        ("the Defender's secret", token.secret.as_str()),
        ("the proxy's password", "of the proxy"),
    ] {
        assert!(!log.contains(secret), "{what} is in the log: {log}");
    }
}

#[test]
fn wrong_usage_is_told_and_leaves_nothing_behind() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("data");
    let dir_text = dir.to_str().unwrap();
    let run = |args: &[&str]| {
        let output = gambeson(args).args(["--data-dir", dir_text]).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, error) = run(&["console", "--http", "--listen", "0.0.0.0:0"]);
    assert!(code == 2 && error.contains("loopback"), "{code} {error}");
    assert!(!dir.exists());
    let (code, error) = run(&["console", "--database", "postgres://localhost/x", "--listen", "127.0.0.1:0"]);
    assert!(code == 78 && error.contains("sqlite://"), "{code} {error}");
    let password = place.path().join("password");
    std::fs::write(&password, "short\n").unwrap();
    let init = ["console", "init", "--admin", "ann", "--password-file", password.to_str().unwrap()];
    let (code, error) = run(&init);
    assert!(code == 1 && error.contains("at least 12"), "{code} {error}");
    std::fs::write(&password, format!("{PASSWORD}\n")).unwrap();
    assert_eq!(run(&init).0, 0);
    let (code, error) = run(&init);
    assert!(code == 1 && error.contains("already"), "{code} {error}");
}
