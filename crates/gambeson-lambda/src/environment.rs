//! One execution environment: a function that was started once and is invoked again and again.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

use crate::install::Installation;
use crate::invocation::{FunctionError, Invocation, Response};
use crate::jail::{Jail, Order, Privileges, Report};
use crate::layer::LayerZipError;
use crate::log::Log;
use crate::runtime_api::{Event, Offer, RuntimeApi};
use crate::stands::Stands;
use crate::variables::VariablesError;
use crate::{Function, random};

/// A started function. Dropping it ends every process of it.
#[derive(Debug)]
pub struct Environment {
    // In the order in which they are to be dropped: the processes, what they talk to, what they stand on.
    jail: Jail,
    api: RuntimeApi,
    log: Log,
    _directory: TempDir,
    happenings: Receiver<Happening>,
    function: Function,
    init_ms: f64,
    init_log: Vec<String>,
    gaps: Vec<String>,
    state: State,
    peak_kb: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    Frozen,
    Ended,
}

/// Why there is no environment, or none any more.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// Lambda would not take the function's variables.
    #[error(transparent)]
    Variables(#[from] VariablesError),
    /// A layer cannot be unpacked.
    #[error(transparent)]
    Layer(#[from] LayerZipError),
    /// The code directory is not one.
    #[error("there is no directory with code at {0}")]
    NoCode(PathBuf),
    /// This machine failed, not the function.
    #[error("cannot {what}: {error}")]
    Machine {
        /// What was attempted.
        what: &'static str,
        /// What the system said.
        error: std::io::Error,
    },
    /// The sandbox cannot be built.
    #[error("the sandbox cannot be built: {0}")]
    Jail(String),
    /// The function did not become ready: what Lambda reports as the result of the invocation.
    #[error(transparent)]
    Init(#[from] Box<InitFailure>),
    /// The environment has ended (a crash, a time-out): start another, as Lambda does.
    #[error("the environment has ended; Lambda would start another one")]
    Ended,
}

/// A function that did not become ready.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{error}")]
pub struct InitFailure {
    /// As Lambda reports it.
    pub error: FunctionError,
    /// What was printed until then.
    pub log: Vec<String>,
    /// Milliseconds from the start of the runtime.
    pub ms: f64,
    /// What the jail could not do.
    pub gaps: Vec<String>,
}

#[derive(Debug)]
enum Happening {
    Api(Event),
    Jail(Report),
}

impl Environment {
    /// Starts `function` and waits until it asks for its first event. `program` is one that gives [`crate::jail::COMMAND`] to
    /// [`crate::jail::run`]: the `gambeson` binary.
    pub fn start(
        program: &Path,
        installation: &Installation,
        function: &Function,
    ) -> Result<Self, EnvironmentError> {
        let machine = |what| move |error| EnvironmentError::Machine { what, error };
        if !function.code.is_dir() {
            return Err(EnvironmentError::NoCode(function.code.clone()));
        }
        let privileges = Privileges::probe(program).map_err(machine("ask what the sandbox can do"))?;
        let directory =
            tempfile::Builder::new().prefix("gambeson-").tempdir().map_err(machine("make a directory"))?;
        let stands = Stands::prepare(directory.path(), function)?;
        let (sender, happenings) = channel();
        let from_api = sender.clone();
        let api = RuntimeApi::start(move |event| {
            let _ = from_api.send(Happening::Api(event));
        })
        .map_err(machine("listen on the loopback interface"))?;
        let plan = stands.plan(installation, function, privileges, &api)?;
        let log = Log::new().map_err(machine("make a pipe"))?;
        let jail = Jail::start(program, &plan, log.writer(), move |report| {
            sender.send(Happening::Jail(report)).is_ok()
        })
        .map_err(machine("start the sandbox"))?;
        let mut environment = Self {
            jail,
            api,
            log,
            _directory: directory,
            happenings,
            function: function.clone(),
            init_ms: 0.0,
            init_log: Vec::new(),
            gaps: gaps(privileges, function),
            state: State::Running,
            peak_kb: 0,
        };
        environment.wait_until_ready()?;
        Ok(environment)
    }

    /// Gives the function an event (JSON) and waits until it has answered and asks for the next. Then it is frozen, if the function says so.
    pub fn invoke(&mut self, event: &[u8]) -> Result<Invocation, EnvironmentError> {
        if self.state == State::Ended {
            return Err(EnvironmentError::Ended);
        }
        self.thaw()?;
        let request_id = request_id()
            .map_err(|error| EnvironmentError::Machine { what: "draw a random number", error })?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let started = Instant::now();
        let deadline = started + self.function.timeout;
        self.api.offer(Offer {
            request_id: request_id.clone(),
            deadline_ms: (now + self.function.timeout).as_millis() as u64,
            function_arn: self.function.arn(),
            trace_id: format!(
                "Root=1-{:08x}-{};Parent={};Sampled=0",
                now.as_secs(),
                &request_id.replace('-', "")[..24],
                &request_id.replace('-', "")[..16]
            ),
            event: event.to_vec(),
        });
        let (outcome, answered) = self.wait_for_answer(&request_id, deadline);
        let log = self.settle();
        Ok(Invocation {
            request_id,
            outcome,
            log,
            ms: answered.saturating_duration_since(started).as_secs_f64() * 1000.0,
            peak_kb: self.peak_kb,
        })
    }

    /// Stops every process of the environment, as Lambda does between invocations.
    pub fn freeze(&mut self) -> Result<(), EnvironmentError> {
        if self.state == State::Running {
            self.order(Order::Freeze)?;
        }
        Ok(())
    }

    /// Lets every process run again.
    pub fn thaw(&mut self) -> Result<(), EnvironmentError> {
        if self.state == State::Frozen {
            self.order(Order::Thaw)?;
        }
        Ok(())
    }

    /// Ends every process of the environment and returns what was printed since the last invocation.
    pub fn stop(mut self) -> Vec<String> {
        self.jail.stop();
        self.log.take()
    }

    /// Whether the environment can still be invoked.
    pub fn is_alive(&self) -> bool {
        self.state != State::Ended
    }

    /// Milliseconds from the moment the runtime was executed to its first request for an event: Lambda's `Init Duration`.
    pub fn init_ms(&self) -> f64 {
        self.init_ms
    }

    /// What was printed before the first event.
    pub fn init_log(&self) -> &[String] {
        &self.init_log
    }

    /// What Lambda's sandbox does and this one could not, as sentences.
    pub fn gaps(&self) -> &[String] {
        &self.gaps
    }

    /// The most memory that the runtime's process ever had resident, in KiB, as of the last freeze.
    pub fn peak_kb(&self) -> u64 {
        self.peak_kb
    }

    fn wait_until_ready(&mut self) -> Result<(), EnvironmentError> {
        let deadline = Instant::now() + self.function.init_timeout;
        let mut started = None;
        let since =
            |started: Option<u64>, at: u64| started.map_or(0.0, |from| at.saturating_sub(from) as f64 / 1e6);
        let mut reported = None;
        let error = loop {
            match self.next(deadline) {
                Some(Happening::Api(Event::Next { at })) => {
                    self.init_ms = since(started, at);
                    self.init_log = self.log.take();
                    return Ok(());
                }
                // The client ends itself after this; how is of no interest.
                Some(Happening::Api(Event::InitError { error })) => reported = Some(error),
                Some(Happening::Jail(Report::Ready { gaps })) => self.gaps.extend(gaps),
                Some(Happening::Jail(Report::Started { at })) => started = Some(at),
                Some(Happening::Jail(Report::Failed { message })) => {
                    return Err(EnvironmentError::Jail(message));
                }
                Some(Happening::Jail(Report::Exited { .. })) if started.is_none() => {
                    return Err(EnvironmentError::Jail(format!(
                        "init ended at once: {}",
                        self.log.take().join(" ")
                    )));
                }
                Some(Happening::Jail(Report::Exited { code, signal, .. })) => {
                    break reported.unwrap_or_else(|| exit_error(None, code, signal));
                }
                Some(_) => {}
                None => {
                    break FunctionError {
                        kind: "Sandbox.Timedout".to_owned(),
                        message: format!(
                            "init timed out after {:.2} seconds",
                            self.function.init_timeout.as_secs_f64()
                        ),
                        trace: Vec::new(),
                    };
                }
            }
        };
        let ms = since(started, crate::jail::monotonic());
        self.end();
        Err(Box::new(InitFailure { error, log: self.log.take(), ms, gaps: std::mem::take(&mut self.gaps) })
            .into())
    }

    /// The outcome, and when it was there. An invocation is over when the client asks for the next event.
    fn wait_for_answer(
        &mut self,
        request_id: &str,
        deadline: Instant,
    ) -> (Result<Response, FunctionError>, Instant) {
        let mut answer = None;
        loop {
            match self.next(deadline) {
                Some(Happening::Api(Event::Response { at, response })) => answer = Some((Ok(response), at)),
                Some(Happening::Api(Event::Error { at, error })) => answer = Some((Err(error), at)),
                Some(Happening::Api(Event::Next { .. })) => {
                    if let Some(answer) = answer {
                        return answer;
                    }
                }
                Some(Happening::Jail(Report::Exited { code, signal, peak_kb })) => {
                    self.peak_kb = self.peak_kb.max(peak_kb);
                    self.end();
                    return answer.unwrap_or_else(|| {
                        (Err(exit_error(Some(request_id), code, signal)), Instant::now())
                    });
                }
                Some(_) => {}
                None => {
                    self.end();
                    let message = format!(
                        "RequestId: {request_id} Error: Task timed out after {:.2} seconds",
                        self.function.timeout.as_secs_f64()
                    );
                    let error =
                        FunctionError { kind: "Sandbox.Timedout".to_owned(), message, trace: Vec::new() };
                    return (Err(error), Instant::now());
                }
            }
        }
    }

    /// Freezes if that is wanted, then takes what was printed: nothing more can come.
    fn settle(&mut self) -> Vec<String> {
        if self.function.freeze {
            // A runtime that has ended meanwhile is noticed at the next invocation.
            let _ = self.freeze();
        }
        self.log.take()
    }

    fn order(&mut self, order: Order) -> Result<(), EnvironmentError> {
        if self.jail.order(order).is_err() {
            self.end();
            return Err(EnvironmentError::Ended);
        }
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            match self.next(deadline) {
                Some(Happening::Jail(Report::Frozen { peak_kb })) => {
                    self.peak_kb = self.peak_kb.max(peak_kb);
                    self.state = State::Frozen;
                    return Ok(());
                }
                Some(Happening::Jail(Report::Thawed)) => {
                    self.state = State::Running;
                    return Ok(());
                }
                Some(Happening::Jail(Report::Exited { .. })) | None => {
                    self.end();
                    return Err(EnvironmentError::Ended);
                }
                Some(_) => {}
            }
        }
    }

    fn end(&mut self) {
        self.jail.stop();
        self.state = State::Ended;
    }

    fn next(&self, deadline: Instant) -> Option<Happening> {
        self.happenings.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
    }
}

/// What these privileges cannot do for this function.
fn gaps(privileges: Privileges, function: &Function) -> Vec<String> {
    let mut gaps = privileges.gaps();
    if let (Privileges::Nothing, Some(resolver)) = (privileges, function.resolver) {
        gaps.push(format!("names are asked of this machine's name server, not of {resolver}"));
    }
    gaps
}

/// As Lambda words it.
fn exit_error(request_id: Option<&str>, code: Option<i32>, signal: Option<i32>) -> FunctionError {
    let prefix = request_id.map(|id| format!("RequestId: {id} Error: ")).unwrap_or_default();
    let how = match (code, signal) {
        (Some(0), _) => "Runtime exited without providing a reason".to_owned(),
        (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
        (_, Some(signal)) => format!("Runtime exited with error: signal: {}", signal_name(signal)),
        _ => "Runtime exited".to_owned(),
    };
    FunctionError {
        kind: "Runtime.ExitError".to_owned(),
        message: format!("{prefix}{how}"),
        trace: Vec::new(),
    }
}

/// Lambda's words for the signals that end runtimes.
fn signal_name(signal: i32) -> String {
    match nix::sys::signal::Signal::try_from(signal) {
        Ok(nix::sys::signal::Signal::SIGKILL) => "killed".to_owned(),
        Ok(nix::sys::signal::Signal::SIGSEGV) => "segmentation fault".to_owned(),
        Ok(nix::sys::signal::Signal::SIGABRT) => "aborted".to_owned(),
        Ok(nix::sys::signal::Signal::SIGTERM) => "terminated".to_owned(),
        Ok(other) => other.to_string(),
        Err(_) => signal.to_string(),
    }
}

/// A random UUID (version 4).
fn request_id() -> std::io::Result<String> {
    let mut bytes: [u8; 16] = random()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}
