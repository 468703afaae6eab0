//! Lambda's Runtime API, as one environment's runtime client meets it.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::invocation::{FunctionError, Response};

mod http;

use http::{Connection, Request};

/// Lambda's limit on a response that is not streamed: 6 MB and 100 bytes.
const MAX_RESPONSE: usize = 6 * 1024 * 1024 + 100;
/// Lambda's limit on a streamed one.
const MAX_STREAM: usize = 200 * 1024 * 1024;

const INVOCATION: &str = "/2018-06-01/runtime/invocation/";
const INIT_ERROR: &str = "/2018-06-01/runtime/init/error";

/// What the runtime client has done.
#[derive(Debug)]
pub(crate) enum Event {
    /// It waits for an event: it is ready, or has done with the last one.
    Next { at: u64 },
    /// It has answered the current invocation.
    Response { at: Instant, response: Response },
    /// It has reported that the current invocation failed.
    Error { at: Instant, error: FunctionError },
    /// It could not load the function.
    InitError { error: FunctionError },
}

/// An event on its way to the function.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) request_id: String,
    pub(crate) deadline_ms: u64,
    pub(crate) function_arn: String,
    pub(crate) trace_id: String,
    pub(crate) event: Vec<u8>,
}

/// A server on a port of its own on the loopback interface, for one environment.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    on_event: Box<dyn Fn(Event) + Send + Sync>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("state", &self.state).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct State {
    offered: Option<Offer>,
    /// The invocation that the client has and has not answered.
    current: Option<String>,
    closed: bool,
    connections: Vec<TcpStream>,
}

impl RuntimeApi {
    /// Starts to listen; `on_event` is called on the server's threads.
    pub(crate) fn start(on_event: impl Fn(Event) + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: Condvar::new(),
            on_event: Box::new(on_event),
        });
        let server = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut state = server.state();
                if state.closed {
                    return;
                }
                if let Ok(stream) = stream.try_clone() {
                    state.connections.push(stream);
                }
                drop(state);
                let server = Arc::clone(&server);
                thread::spawn(move || {
                    // A client that breaks off has ended or was killed: whoever waits for it learns that from the jail.
                    let _ = server.serve(stream);
                });
            }
        });
        Ok(Self { address, shared })
    }

    /// Where it listens: the value of `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives the function an event, at once if its client waits for one.
    pub(crate) fn offer(&self, offer: Offer) {
        self.shared.state().offered = Some(offer);
        self.shared.changed.notify_all();
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.closed = true;
        for connection in state.connections.drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
        drop(state);
        self.shared.changed.notify_all();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        let mut connection = Connection::new(stream)?;
        while let Some(request) = connection.read(MAX_STREAM)? {
            let at = Instant::now();
            let path = request.path.clone();
            match (
                request.method.as_str(),
                path.strip_prefix(INVOCATION).and_then(|rest| rest.split_once('/').or(Some((rest, "")))),
            ) {
                ("GET", Some(("next", ""))) => self.next(&mut connection)?,
                ("POST", Some((id, "response"))) => self.response(&mut connection, request, id, at)?,
                ("POST", Some((id, "error"))) => {
                    if self.take(id) {
                        connection.write("202 Accepted", &[], br#"{"status":"OK"}"#)?;
                        (self.on_event)(Event::Error { at, error: reported(&request) });
                    } else {
                        refuse(&mut connection, "400 Bad Request", "InvalidRequestID", "Invalid request ID")?;
                    }
                }
                ("POST", None) if path == INIT_ERROR => {
                    connection.write("202 Accepted", &[], br#"{"status":"OK"}"#)?;
                    (self.on_event)(Event::InitError { error: reported(&request) });
                }
                _ => refuse(&mut connection, "404 Not Found", "NotFound", "no such path")?,
            }
        }
        Ok(())
    }

    /// Waits for an event and hands it over.
    fn next(&self, connection: &mut Connection) -> io::Result<()> {
        (self.on_event)(Event::Next { at: crate::jail::monotonic() });
        let mut state = self.state();
        let offer = loop {
            if state.closed {
                return Ok(());
            }
            if let Some(offer) = state.offered.take() {
                break offer;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        };
        state.current = Some(offer.request_id.clone());
        drop(state);
        connection.write(
            "200 OK",
            &[
                ("Lambda-Runtime-Aws-Request-Id", &offer.request_id),
                ("Lambda-Runtime-Deadline-Ms", &offer.deadline_ms.to_string()),
                ("Lambda-Runtime-Invoked-Function-Arn", &offer.function_arn),
                ("Lambda-Runtime-Trace-Id", &offer.trace_id),
            ],
            &offer.event,
        )
    }

    fn response(
        &self,
        connection: &mut Connection,
        request: Request,
        id: &str,
        at: Instant,
    ) -> io::Result<()> {
        if !self.take(id) {
            return refuse(connection, "400 Bad Request", "InvalidRequestID", "Invalid request ID");
        }
        let streamed = request
            .header("lambda-runtime-function-response-mode")
            .is_some_and(|mode| mode.eq_ignore_ascii_case("streaming"));
        let limit = if streamed { MAX_STREAM } else { MAX_RESPONSE };
        if request.body.len() > limit {
            let message =
                format!("Response payload size exceeded maximum allowed payload size ({limit} bytes).");
            refuse(connection, "413 Content Too Large", "RequestEntityTooLarge", &message)?;
            let error = FunctionError {
                kind: "Function.ResponseSizeTooLarge".to_owned(),
                message,
                trace: Vec::new(),
            };
            (self.on_event)(Event::Error { at, error });
            return Ok(());
        }
        connection.write("202 Accepted", &[], br#"{"status":"OK"}"#)?;
        // A stream that broke half-way says so after its body, in base64.
        let broken = request.trailer("lambda-runtime-function-error-type").map(|kind| {
            let body = request
                .trailer("lambda-runtime-function-error-body")
                .and_then(|body| STANDARD.decode(body).ok());
            FunctionError::parse(&body.unwrap_or_default(), Some(kind))
        });
        let event = match broken {
            Some(error) => Event::Error { at, error },
            None => {
                let content_type = request.header("content-type").unwrap_or_default().to_owned();
                Event::Response { at, response: Response { body: request.body, content_type, streamed } }
            }
        };
        (self.on_event)(event);
        Ok(())
    }

    /// Whether `id` is the invocation that is to be answered; it is answered from now on.
    fn take(&self, id: &str) -> bool {
        let mut state = self.state();
        if state.current.as_deref() == Some(id) {
            state.current = None;
            true
        } else {
            false
        }
    }
}

/// The error that a client reports in a request.
fn reported(request: &Request) -> FunctionError {
    FunctionError::parse(&request.body, request.header("lambda-runtime-function-error-type"))
}

fn refuse(connection: &mut Connection, status: &str, kind: &str, message: &str) -> io::Result<()> {
    let body = serde_json::json!({ "errorMessage": message, "errorType": kind });
    connection.write(status, &[], body.to_string().as_bytes())
}
