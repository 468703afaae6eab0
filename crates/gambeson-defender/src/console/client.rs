//! The Defender's two calls to the Console, over HTTPS.

use std::fmt::Display;
use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use gambeson_audit::Batch;
use ureq::http::{Response, StatusCode, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, Proxy};

/// No answer of the Console is larger; what is fetched is a few KB.
const LONGEST_ANSWER: u64 = 384 * 1024;
const CONNECT: Duration = Duration::from_secs(3);
const WHOLE_CALL: Duration = Duration::from_secs(10);

/// Where the Console is and who asks.
#[derive(Clone)]
pub(crate) struct Settings {
    /// Base addresses, the one to try first in front.
    pub(crate) addresses: Vec<String>,
    pub(crate) function: String,
    pub(crate) region: String,
    /// `id.secret`.
    pub(crate) token: String,
    /// The runtime with its version, for the Console's list of what is deployed.
    pub(crate) runtime: String,
    pub(crate) proxy: Option<gambeson_policy::Proxy>,
    /// The certificate in the layer, if the Console's own is not from a public authority.
    pub(crate) authority: Option<Vec<u8>>,
    /// How often to ask if the Console does not say.
    pub(crate) interval: Duration,
}

/// What the Console answered to the question for the policy.
pub(super) enum Policy {
    /// The one we have is the newest.
    Unchanged {
        /// When to ask again.
        next: Option<Duration>,
    },
    /// A signed policy text.
    New { text: String, etag: Option<String>, next: Option<Duration> },
}

/// Why a call failed, in words for the log.
pub(super) struct Failure {
    pub(super) reason: String,
    /// What the Console said about when to come back.
    pub(super) retry_after: Option<Duration>,
    /// Sending the same again will fail the same way.
    pub(super) permanent: bool,
}

impl Failure {
    pub(super) fn new(reason: impl Display) -> Self {
        Self { reason: reason.to_string(), retry_after: None, permanent: false }
    }
}

/// Keeps what makes the next call cheaper: TLS sessions and the ETag. Not connections: the sandbox is frozen between
/// invocations and they would be dead.
pub(super) struct Client {
    agent: Option<Agent>,
    etag: Option<String>,
    /// The address that worked last.
    preferred: usize,
}

impl Client {
    pub(super) fn new() -> Self {
        Self { agent: None, etag: None, preferred: 0 }
    }

    /// The policy with this tag was taken: only ask for a newer one.
    pub(super) fn keep_etag(&mut self, etag: Option<String>) {
        self.etag = etag;
    }

    pub(super) fn policy(&mut self, settings: &Settings) -> Result<Policy, Failure> {
        let etag = self.etag.clone();
        let response = self.with_each_address(settings, |agent, address| {
            let mut request = agent
                .get(format!("{address}/api/v1/defender/policy"))
                .query("function", &settings.function)
                .query("region", &settings.region)
                .header("Authorization", format!("Bearer {}", settings.token))
                .header("Gambeson-Runtime", &settings.runtime)
                .header("Gambeson-Version", env!("CARGO_PKG_VERSION"));
            if let Some(etag) = &etag {
                request = request.header("If-None-Match", etag);
            }
            request.call()
        })?;
        let next = seconds(&response, "gambeson-next-refresh").filter(|next| !next.is_zero());
        match response.status() {
            StatusCode::NOT_MODIFIED => Ok(Policy::Unchanged { next }),
            StatusCode::OK => {
                let etag = text_of(&response, header::ETAG.as_str());
                let mut body = response.into_body();
                let text = body.with_config().limit(LONGEST_ANSWER).read_to_string().map_err(|error| {
                    Failure::new(format_args!("the Console's policy could not be read: {error}"))
                })?;
                Ok(Policy::New { text, etag, next })
            }
            _ => Err(refused("for the policy", response)),
        }
    }

    pub(super) fn audits(&mut self, settings: &Settings, batch: &Batch) -> Result<(), Failure> {
        let body = compressed(batch)?;
        let response = self.with_each_address(settings, |agent, address| {
            agent
                .post(format!("{address}/api/v1/defender/audits"))
                .header("Authorization", format!("Bearer {}", settings.token))
                .header("Content-Type", "application/json")
                .header("Content-Encoding", "gzip")
                .send(&body)
        })?;
        if response.status() == StatusCode::ACCEPTED {
            Ok(())
        } else {
            Err(refused("to take audits", response))
        }
    }

    /// Makes the call at the address that worked last, then at the others.
    fn with_each_address(
        &mut self,
        settings: &Settings,
        call: impl Fn(&Agent, &str) -> Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>, Failure> {
        let agent = self.agent(settings)?;
        let count = settings.addresses.len();
        let mut failure = Failure::new("the policy names no address of a Console");
        for turn in 0..count {
            let index = (self.preferred + turn) % count;
            let Some(address) = settings.addresses.get(index) else { continue };
            match call(&agent, address.trim_end_matches('/')) {
                Ok(response) => {
                    self.preferred = index;
                    return Ok(response);
                }
                Err(error) => {
                    failure =
                        Failure::new(format_args!("the Console at {address} cannot be reached: {error}"))
                }
            }
        }
        Err(failure)
    }

    fn agent(&mut self, settings: &Settings) -> Result<Agent, Failure> {
        if let Some(agent) = &self.agent {
            return Ok(agent.clone());
        }
        let tls = TlsConfig::builder().root_certs(roots(settings)?).build();
        let mut config = Agent::config_builder()
            .tls_config(tls)
            // Plain HTTP is for a Console on the same machine, while developing; a token never goes further in the clear.
            .https_only(!settings.addresses.iter().all(|address| is_on_this_machine(address)))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections(0)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(WHOLE_CALL))
            .user_agent(concat!("gambeson-defender/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = &settings.proxy {
            config = config.proxy(Some(proxy_of(proxy)?));
        }
        let agent = Agent::new_with_config(config.build());
        self.agent = Some(agent.clone());
        Ok(agent)
    }
}

/// The Console's own authority if the layer holds one, else the public ones.
fn roots(settings: &Settings) -> Result<RootCerts, Failure> {
    let own = settings.authority.as_deref().map(|pem| (pem, "console-ca.pem in the layer"));
    let proxy = settings.proxy.as_ref().and_then(|proxy| proxy.ca.as_deref());
    let proxy = proxy
        .filter(|pem| !pem.is_empty())
        .map(|pem| (pem.as_bytes(), "the proxy's certificate in TW_POLICY"));
    let mut certificates = Vec::new();
    for (pem, place) in own.into_iter().chain(proxy) {
        let before = certificates.len();
        for item in ureq::tls::parse_pem(pem) {
            match item {
                Ok(ureq::tls::PemItem::Certificate(certificate)) => certificates.push(certificate),
                Ok(_) => {}
                Err(error) => return Err(Failure::new(format_args!("{place} is not readable: {error}"))),
            }
        }
        if certificates.len() == before {
            return Err(Failure::new(format_args!("{place} holds no certificate")));
        }
    }
    let certificates: Vec<Certificate<'static>> = certificates;
    Ok(if certificates.is_empty() { RootCerts::WebPki } else { RootCerts::from(certificates) })
}

fn proxy_of(proxy: &gambeson_policy::Proxy) -> Result<Proxy, Failure> {
    let plain = Proxy::new(&proxy.http_proxy).map_err(|error| {
        Failure::new(format_args!("the proxy {} is not an address: {error}", proxy.http_proxy))
    })?;
    let mut builder = Proxy::builder(plain.protocol()).host(plain.host()).port(plain.port());
    if let Some(user) = proxy.user.as_deref().filter(|user| !user.is_empty()) {
        builder = builder.username(user).password(proxy.password.as_deref().unwrap_or_default());
    }
    for host in proxy
        .no_proxy
        .as_deref()
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|host| !host.is_empty())
    {
        builder = builder.no_proxy(host);
    }
    builder.build().map_err(|error| Failure::new(format_args!("the proxy cannot be used: {error}")))
}

fn is_on_this_machine(address: &str) -> bool {
    let Ok(uri) = address.parse::<ureq::http::Uri>() else { return false };
    matches!(uri.host(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

fn compressed(batch: &Batch) -> Result<Vec<u8>, Failure> {
    let failed = |error: &dyn Display| Failure::new(format_args!("audits could not be written: {error}"));
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    serde_json::to_writer(&mut encoder, batch).map_err(|error| failed(&error))?;
    encoder.flush().and_then(|()| encoder.finish()).map_err(|error| failed(&error))
}

fn refused(what: &str, response: Response<Body>) -> Failure {
    let status = response.status();
    let reason = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            " (the token in TW_POLICY is not valid for this function: make a new TW_POLICY)"
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => " (it is busy)",
        _ => "",
    };
    let retry_after = seconds(&response, header::RETRY_AFTER.as_str());
    // Audits that the Console finds wrong will not get better by sending them again.
    let permanent = matches!(status, StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE);
    Failure {
        reason: format!("the Console answered {status} when asked {what}{reason}"),
        retry_after,
        permanent,
    }
}

fn text_of(response: &Response<Body>, name: &str) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// A header that holds a number of seconds.
fn seconds(response: &Response<Body>, name: &str) -> Option<Duration> {
    let number: u32 = text_of(response, name)?.trim().parse().ok()?;
    Some(Duration::from_secs(number.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        assert!(is_on_this_machine("http://127.0.0.1:8083"));
        assert!(is_on_this_machine("http://[::1]:8083"));
        for address in [
            "http://127.0.0.1.example.com",
            "http://console.example.com",
            "http://localhost@evil.example",
            "x",
        ] {
            assert!(!is_on_this_machine(address), "{address}");
        }
    }
}
