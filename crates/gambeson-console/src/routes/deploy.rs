//! What a person needs to protect a function: the layer, and the value of TW_POLICY.

use std::fmt::Display;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gambeson_layer::{Architecture, LayerError, Runtime};
use gambeson_policy::Proxy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::input::{Caller, JsonBody};
use crate::app::App;
use crate::defender::{DefenderToken, TokenSettings};
use crate::error::ApiError;
use crate::layers::BuildError;

/// The port of the system that we follow, and our default: an address without one means it.
const DEFAULT_PORT: u16 = 8083;
const DEFAULT_INTERVAL_MS: u64 = 120_000;
/// Below a second the requests would cost more than the functions; a policy older than a day is not a policy in force.
const INTERVALS_MS: std::ops::RangeInclusive<u64> = 1_000..=86_400_000;

/// What TW_POLICY is to be made for.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EncodeRequest {
    /// Where the function finds the Console: a name, `name:port` or a URL; several with commas between.
    console_addr: String,
    /// The function's name, or a pattern with `*`.
    function: String,
    region: String,
    /// `aws`
    #[serde(default)]
    provider: Option<String>,
    #[serde(default, rename = "accountID")]
    account_id: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    proxy: Option<Proxy>,
    /// How often the function asks for a newer policy; 120,000 if not given.
    #[serde(default)]
    update_interval_ms: Option<u64>,
}

/// The value of TW_POLICY.
#[derive(Serialize, ToSchema)]
pub(super) struct Encoded {
    data: String,
}

/// Make the value of TW_POLICY for one function and region, with a new Defender token. The two newest tokens of a function stay valid.
#[utoipa::path(
    post, path = "/policies/runtime/serverless/encode", tag = "deploy", request_body = EncodeRequest,
    responses((status = 200, body = Encoded), (status = 400, description = "A field is wrong, or the policy has no room in TW_POLICY")),
    security(("session" = []))
)]
pub(super) async fn encode(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(request): JsonBody<EncodeRequest>,
) -> Result<Json<Encoded>, ApiError> {
    only_aws(request.provider.as_deref())?;
    let function = check_function(&request.function)?;
    let region = check_region(&request.region)?;
    let settings = TokenSettings {
        console: console_addresses(&request.console_addr)?,
        account: request.account_id.filter(|id| !id.is_empty()).map(check_account).transpose()?,
        interval_ms: check_interval(request.update_interval_ms)?,
        proxy: request.proxy,
    };
    let minted = DefenderToken::mint(function, region, settings);
    let document = app.policies.document_for_environment(&minted.token, &minted.secret);
    // Sealed before it is stored: a policy that is too large must not cost a function its older token.
    let data = app.policies.seal(&document).map_err(|error| ApiError::Invalid(error.to_string()))?;
    tracing::info!(token = %minted.token.id, %function, %region, by = %caller.session.user, "TW_POLICY made");
    app.tokens.add(&*app.store, minted.token, &caller.author()).await?;
    Ok(Json(Encoded { data }))
}

/// Which layer is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = shared::ServerlessLayerBundleRequest)]
pub(super) struct LayerRequest {
    /// As Lambda names it (`python3.12`, `nodejs20.x`), or `python` or `nodejs`: one layer is good for all versions.
    runtime: String,
    /// `aws`
    #[serde(default)]
    provider: Option<String>,
    /// `x86_64` (if not given) or `arm64`
    #[serde(default)]
    architecture: Option<String>,
    /// PEM of a proxy's authority that the Defender is to trust too.
    #[serde(default, rename = "proxyCA")]
    proxy_ca: Option<String>,
}

/// The layer's ZIP.
#[utoipa::path(
    post, path = "/images/twistlock_defender_layer.zip", tag = "deploy", request_body = LayerRequest,
    responses(
        (status = 200, content_type = "application/zip", description = "The ZIP; `Digest` has its SHA-256", headers(("Digest" = String))),
        (status = 400, description = "There is no layer for this runtime or architecture"),
        (status = 501, description = "This Console was built without a Defender for the architecture"),
    ),
    security(("session" = []))
)]
pub(super) async fn layer(
    State(app): State<Arc<App>>,
    JsonBody(request): JsonBody<LayerRequest>,
) -> Result<Response, ApiError> {
    only_aws(request.provider.as_deref())?;
    let runtime: Runtime = named("runtime", &request.runtime)?;
    let architecture = match request.architecture.as_deref() {
        None | Some("") => Architecture::X86_64,
        Some(name) => named("architecture", name)?,
    };
    let extra_ca = request.proxy_ca.filter(|pem| !pem.trim().is_empty());
    let layer = app.layers.build(runtime, architecture, extra_ca).await?;
    let hex: String = layer.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    let headers = [
        (CONTENT_TYPE.as_str(), "application/zip".to_owned()),
        (CONTENT_DISPOSITION.as_str(), "attachment; filename=\"twistlock_defender_layer.zip\"".to_owned()),
        ("digest", format!("sha-256={}", STANDARD.encode(layer.sha256))),
        ("gambeson-sha256", hex),
    ];
    Ok((headers, layer.zip.clone()).into_response())
}

fn only_aws(provider: Option<&str>) -> Result<(), ApiError> {
    match provider {
        None | Some("" | "aws") => Ok(()),
        Some(other) => Err(ApiError::Invalid(format!("provider: `{other}` is not supported, only aws is"))),
    }
}

fn named<T: FromStr<Err: Display>>(field: &str, name: &str) -> Result<T, ApiError> {
    name.parse().map_err(|error| ApiError::Invalid(format!("{field}: {error}")))
}

impl From<BuildError> for ApiError {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Layer(LayerError::NoDefender(_)) => Self::Absent(error.to_string()),
            BuildError::Layer(LayerError::CaTooLong(_) | LayerError::CaMalformed(_)) => {
                Self::Invalid(format!("proxyCA: {error}"))
            }
            _ => Self::internal(error),
        }
    }
}

/// Lambda's names have at most 64 characters of these; a pattern may have `*` too.
fn check_function(name: &str) -> Result<&str, ApiError> {
    let fit = (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'*'));
    if fit {
        return Ok(name);
    }
    Err(ApiError::Invalid(
        "function: must be a name of 1 to 64 letters, digits, - and _, with * for anything".into(),
    ))
}

fn check_region(region: &str) -> Result<&str, ApiError> {
    let fit = (1..=32).contains(&region.len())
        && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fit { Ok(region) } else { Err(ApiError::Invalid("region: must be one such as eu-west-1".into())) }
}

fn check_account(id: String) -> Result<String, ApiError> {
    let fit = id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit());
    if fit { Ok(id) } else { Err(ApiError::Invalid("accountID: must have 12 digits".into())) }
}

fn check_interval(interval: Option<u64>) -> Result<u64, ApiError> {
    match interval {
        None | Some(0) => Ok(DEFAULT_INTERVAL_MS),
        Some(ms) if INTERVALS_MS.contains(&ms) => Ok(ms),
        Some(ms) => Err(ApiError::Invalid(format!(
            "updateIntervalMs: {ms} is not between {} and {}",
            INTERVALS_MS.start(),
            INTERVALS_MS.end()
        ))),
    }
}

/// Base URLs from what people write. HTTP is for a Console on the same machine only.
fn console_addresses(text: &str) -> Result<Vec<String>, ApiError> {
    let wrong = |part: &str, why: &str| ApiError::Invalid(format!("consoleAddr: `{part}` {why}"));
    let addresses = text
        .split(',')
        .map(str::trim)
        .map(|part| {
            let (scheme, rest) = part.split_once("://").unwrap_or(("https", part));
            let authority = rest.strip_suffix('/').unwrap_or(rest);
            let parsed: axum::http::uri::Authority =
                authority.parse().map_err(|_| wrong(part, "is not a name, name:port or URL"))?;
            let port = parsed.port_u16().map(|port| format!(":{port}"));
            // Whatever is neither host nor port (a user, a port that is none) would be lost below.
            if parsed.host().is_empty()
                || authority != format!("{}{}", parsed.host(), port.as_deref().unwrap_or(""))
            {
                return Err(wrong(part, "is not a name, name:port or URL"));
            }
            let bare = parsed.host().trim_matches(['[', ']']);
            let loopback = bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
            match scheme {
                "https" => {}
                "http" if loopback => {}
                "http" => return Err(wrong(part, "would send policy and audits in clear: use https")),
                _ => return Err(wrong(part, "must begin with https://")),
            }
            let written = part.contains("://");
            let port = match port {
                Some(port) => port,
                None if written => String::new(),
                None => format!(":{DEFAULT_PORT}"),
            };
            Ok(format!("{scheme}://{}{port}", parsed.host()))
        })
        .collect::<Result<Vec<_>, _>>()?;
    if addresses.len() > 4 {
        return Err(ApiError::Invalid("consoleAddr: at most 4 addresses fit".into()));
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_write_them() {
        let one = |text: &str| console_addresses(text).map(|list| list.join(" ")).map_err(|e| e.to_string());
        assert_eq!(one("console.example.com").unwrap(), "https://console.example.com:8083");
        assert_eq!(one("https://console.example.com/").unwrap(), "https://console.example.com");
        assert_eq!(one("10.0.0.1:9000, [::1]").unwrap(), "https://10.0.0.1:9000 https://[::1]:8083");
        assert_eq!(one("http://127.0.0.1:1").unwrap(), "http://127.0.0.1:1");
        for wrong in
            ["", "http://example.com", "ftp://x", "a b", "https://u:p@host", "https://host/path", "a:99999"]
        {
            assert!(one(wrong).unwrap_err().starts_with("consoleAddr: "), "{wrong}");
        }
    }

    #[test]
    fn wrong_fields_are_named() {
        assert!(check_function("a b").is_err() && check_function("orders-*").is_ok());
        assert!(check_region("eu west").is_err() && check_region("us-gov-west-1").is_ok());
        assert!(check_interval(Some(10)).is_err());
        assert_eq!(check_interval(None).unwrap(), 120_000);
    }
}
