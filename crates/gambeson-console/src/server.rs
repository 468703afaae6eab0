//! Connections: TLS, limits against slow and greedy clients, headers on every answer, and a clean end.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::TokioTimer;
use rustls::ServerConfig;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

/// For the TLS handshake, and then for each request's head: a client that is slower holds a connection for nothing.
const HEAD: Duration = Duration::from_secs(15);
/// Between two pieces of a body.
const BODY: Duration = Duration::from_secs(15);
/// From a request's head to its answer.
const ANSWER: Duration = Duration::from_secs(60);
/// For requests that are being answered when the Console is told to stop. Lambda's own limit for a shutdown is 2 s, systemd's 90.
const FAREWELL: Duration = Duration::from_secs(10);
const HEADERS: usize = 64;
const HEAD_BYTES: usize = 32 << 10;
const STREAMS: u32 = 128;

/// Serves until `shutdown` is done, then lets running requests end.
pub(crate) async fn serve(
    router: Router,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let secure = tls.is_some();
    let service = router
        .layer(RequestBodyTimeoutLayer::new(BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER))
        .layer(from_fn(move |request, next| headers(secure, request, next)))
        .layer(from_fn(log))
        .into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    tokio::spawn({
        let handle = handle.clone();
        async move {
            shutdown.await;
            handle.graceful_shutdown(Some(FAREWELL));
        }
    });
    let mut server = axum_server::from_tcp(listener)?
        .handle(handle)
        .first_request_timeout(HEAD)
        .accept_error_handler(|address, error| tracing::debug!(?address, %error, "connection not accepted"));
    let http = server.http_builder();
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_BYTES);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD)
        .keep_alive_timeout(HEAD)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD_BYTES as u32);
    match tls {
        Some(config) => {
            let config = RustlsConfig::from_config(config);
            server.acceptor(RustlsAcceptor::new(config).handshake_timeout(HEAD)).serve(service).await
        }
        None => server.serve(service).await,
    }
}

/// What every answer carries (OWASP Secure Headers).
async fn headers(secure: bool, request: Request, next: Next) -> Response {
    const COMMON: [(HeaderName, &str); 7] = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // The set-up link has a token in its address.
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    let mut response = next.run(request).await;
    for (name, value) in COMMON {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if secure {
        let year = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

/// One line for each request. Never logged, here or anywhere: query strings (the set-up link's token is in one), bodies, passwords,
/// session tokens, Defender tokens' secrets, TW_POLICY values, private keys. Log lines name users and tokens' ids.
async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let start = Instant::now();
    let response = next.run(request).await;
    let (status, ms) = (response.status().as_u16(), start.elapsed().as_millis() as u64);
    let address = address.map(|ip| ip.to_string()).unwrap_or_default();
    // Defenders ask all the time; people and scripts do not.
    if path.contains("/defender/") && status < 400 {
        tracing::debug!(%method, path, status, ms, address, "answered");
    } else {
        tracing::info!(%method, path, status, ms, address, "answered");
    }
    response
}
