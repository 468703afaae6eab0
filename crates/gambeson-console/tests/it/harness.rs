//! A running Console and a client that trusts it.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use gambeson_console::{Config, Console, Role};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A Console in a thread of its own. Dropped, it is stopped and waited for.
pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) setup_path: Option<String>,
    agent: Agent,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A request to be sent.
pub(crate) struct Call<'a> {
    running: &'a Running,
    request: ureq::http::request::Builder,
}

/// A Console in `dir` with the admin `ann`, and her token.
pub(crate) fn with_admin() -> (TempDir, Running, String) {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::start_with_users(Config::new(dir.path()), &[("ann", Role::Admin)]);
    let token = running.sign_in("ann");
    (dir, running, token)
}

pub(crate) fn agent(dir: &Path) -> Agent {
    let pem = std::fs::read(dir.join("console-ca.pem")).unwrap();
    let root = Certificate::from_pem(&pem).unwrap().to_owned();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[root]))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    Agent::config_builder().http_status_as_error(false).max_redirects(0).tls_config(tls).build().into()
}

impl Running {
    pub(crate) fn start(config: Config) -> Self {
        Self::start_with_users(config, &[])
    }

    pub(crate) fn start_with_users(config: Config, users: &[(&str, Role)]) -> Self {
        let dir = config.data_dir.clone();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let console = runtime.block_on(async {
            let console = Console::open(config).await.unwrap();
            for (name, role) in users {
                console.add_user(name, PASSWORD, *role).await.unwrap();
            }
            console
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let setup_path = console.setup_path();
        let (stop, stopped) = oneshot::channel();
        let server = std::thread::spawn(move || {
            let stopped = async move {
                let _ = stopped.await;
            };
            runtime.block_on(console.serve(listener, stopped)).unwrap();
        });
        Self { url, setup_path, agent: agent(&dir), stop: Some(stop), server: Some(server) }
    }

    pub(crate) fn call(&self, method: &str, path: &str) -> Call<'_> {
        let request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        Call { running: self, request }
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Answer {
        self.call("GET", path).token(token).send(b"")
    }

    pub(crate) fn send(&self, method: &str, path: &str, token: &str, body: &Value) -> Answer {
        self.call(method, path).token(token).send(body.to_string().as_bytes())
    }

    pub(crate) fn sign_in(&self, name: &str) -> String {
        let answer = self
            .call("POST", "/api/v1/authenticate")
            .send(json!({"username": name, "password": PASSWORD}).to_string().as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// A TW_POLICY for this function in eu-west-1, and the bearer token in it.
    pub(crate) fn encode(&self, token: &str, function: &str) -> (gambeson_policy::Document, String) {
        let request = json!({
            "consoleAddr": self.url, "function": function, "region": "eu-west-1", "provider": "aws",
            "updateIntervalMs": 60_000,
        });
        let answer = self.send("POST", "/api/v1/policies/runtime/serverless/encode", token, &request);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let document = gambeson_policy::envelope::open(answer.json()["data"].as_str().unwrap()).unwrap();
        let bearer = document.token.as_ref().map(|token| format!("{}.{}", token.id, token.secret)).unwrap();
        (document, bearer)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(server) = self.server.take()
            && server.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the server ended badly");
        }
    }
}

impl Call<'_> {
    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub(crate) fn send(self, body: &[u8]) -> Answer {
        let request = self.request.body(body).unwrap();
        let mut response = self.running.agent.run(request).unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap(),
        }
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e} in {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.headers)).to_str().unwrap()
    }

    /// The error's sentence.
    #[track_caller]
    pub(crate) fn error(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()["err"].as_str().unwrap().to_owned()
    }
}
