//! A real Console on a free port, with its data in a temporary folder.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::gambeson;

/// A running Console, stopped when dropped.
pub struct Console {
    /// Its address.
    pub address: String,
    process: Child,
    agent: ureq::Agent,
    token: String,
    data: TempDir,
}

impl Console {
    /// Starts one with a first admin.
    pub fn start() -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let folder = data.path().join("console");
        let password = "correct horse battery staple";
        let password_file = data.path().join("password");
        std::fs::write(&password_file, password).expect("a password file");
        let init = Command::new(gambeson())
            .args(["console", "init", "--admin", "test", "--password-file"])
            .arg(&password_file)
            .arg("--data-dir")
            .arg(&folder)
            .output()
            .expect("gambeson can be run");
        assert!(init.status.success(), "console init: {}", String::from_utf8_lossy(&init.stderr));
        let port = free_port();
        let process = Command::new(gambeson())
            .args(["console", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gambeson can be run");
        let address = format!("https://127.0.0.1:{port}");
        let agent = agent(&folder.join("console-ca.pem"));
        let mut console = Self { address, process, agent, token: String::new(), data };
        console.wait_until_it_answers();
        let answer = console.call(
            "POST",
            "/api/v1/authenticate",
            Some(json!({ "username": "test", "password": password })),
        );
        console.token = answer["token"].as_str().expect("a token").to_owned();
        console
    }

    /// Calls the API and returns the answer; anything but success ends the test.
    pub fn call(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, text) = self.try_call(method, path, body).expect("the Console answers");
        assert!((200..300).contains(&status), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// A `TW_POLICY` for this function, asked for again every second.
    pub fn encode(&self, function: &str, region: &str) -> String {
        let request = json!({
            "consoleAddr": self.address, "function": function, "region": region, "provider": "aws",
            "updateIntervalMs": 1000,
        });
        let answer = self.call("POST", "/api/v1/policies/runtime/serverless/encode", Some(request));
        answer["data"].as_str().expect("a TW_POLICY").to_owned()
    }

    /// The layer as the Console hands it out, in a file.
    pub fn layer(&self, runtime: &str) -> PathBuf {
        let request = json!({ "runtime": runtime, "provider": "aws" });
        let url = format!("{}/api/v1/images/twistlock_defender_layer.zip", self.address);
        let mut response = self
            .agent
            .post(url)
            .header("Authorization", format!("Bearer {}", self.token))
            .send_json(request)
            .expect("the Console hands out the layer");
        assert!(response.status().is_success(), "layer: {}", response.status());
        let path = self.data.path().join(format!("layer-{runtime}.zip"));
        let bytes =
            response.body_mut().with_config().limit(50_000_000).read_to_vec().expect("the whole layer");
        std::fs::write(&path, bytes).expect("a layer file");
        path
    }

    /// Waits until there are this many audits under rules of a kind (`runtime`, `firewall/app`); newest first.
    pub fn wait_for_audits(&self, kind: &str, count: usize) -> Vec<Value> {
        let path = format!("/api/v1/audits/{kind}/serverless?limit=100");
        let began = Instant::now();
        loop {
            let audits = self.call("GET", &path, None).as_array().cloned().unwrap_or_default();
            if audits.len() >= count {
                return audits;
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "only {} of {count} audits came",
                audits.len()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn try_call(&self, method: &str, path: &str, body: Option<Value>) -> Result<(u16, String), ureq::Error> {
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.address));
        if !self.token.is_empty() {
            request = request.header("Authorization", format!("Bearer {}", self.token));
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = request.header("Content-Type", "application/json").body(body)?;
        let mut response = self.agent.run(request)?;
        Ok((response.status().as_u16(), response.body_mut().read_to_string()?))
    }

    fn wait_until_it_answers(&mut self) {
        let began = Instant::now();
        while self.try_call("GET", "/api/v1/_ping", None).is_err() {
            let ended = self.process.try_wait().expect("the Console's state");
            assert!(ended.is_none(), "the Console ended: {ended:?}");
            assert!(began.elapsed() < Duration::from_secs(30), "the Console does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.process.kill();
        let _status = self.process.wait();
    }
}

fn agent(authority: &std::path::Path) -> ureq::Agent {
    let pem = std::fs::read(authority).expect("the Console's certificate");
    let certificate = Certificate::from_pem(&pem).expect("a certificate");
    let tls = TlsConfig::builder().root_certs(RootCerts::from(vec![certificate])).build();
    let config = ureq::Agent::config_builder().tls_config(tls).http_status_as_error(false);
    ureq::Agent::new_with_config(config.timeout_global(Some(Duration::from_secs(30))).build())
}

/// A port that nobody listens on just now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its number").port()
}
