//! Starting the Defender: policy, interposition, threads. Once per process.

use std::ffi::{CStr, CString};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use gambeson_audit::{Disabled, Started};
use gambeson_policy::{Document, PublicKey, envelope};

use crate::console::{Console, Fetched, Settings, Sink};
use crate::decide::{self, carry::Carry, kernel, state};
use crate::environment::Environment;
use crate::inspect::Answers;
use crate::log;
use crate::report::Reporter;
use crate::shared::Shared;
use crate::snapshot::{Snapshot, Surroundings};

/// A Defender that protects this process.
pub(crate) struct Defender {
    pub(crate) reporter: Arc<Reporter>,
    pub(crate) console: Option<Arc<Console>>,
    pub(crate) shared: &'static Shared,
    pub(crate) answers: Answers,
    /// The process it was started in: a forked child has its memory but not its threads.
    pub(crate) process: u32,
}

/// How a start ended, as the shims are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Protecting = 0,
    Disabled = 1,
    MustNotRun = 2,
}

/// Why the Defender cannot protect. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error(
        "TW_POLICY is not set; copy its value from the Console (Manage > Defenders > Deploy) or make one with \
         `gambeson policy encode`"
    )]
    NoPolicy,
    #[error("TW_POLICY cannot be used: {0}; make a new one for this function and region")]
    BadPolicy(#[from] envelope::OpenError),
    #[error("TW_POLICY is not for this function: {0}; make one for it")]
    OtherFunction(#[from] gambeson_policy::WrongFunction),
    #[error("no memory could be shared with children: {0}")]
    Memory(std::io::Error),
    #[error("system calls cannot be interposed: {0}")]
    Interpose(#[from] gambeson_interpose::StartError),
    #[error("a system call that was to be interposed was not; the function would not be protected")]
    NotVerified,
    #[error("a thread could not be started: {0}")]
    Thread(std::io::Error),
    #[error("the Defender panicked while starting; this is a defect of Gambeson")]
    Panicked,
}

static STARTED: OnceLock<(Status, Option<Defender>)> = OnceLock::new();

/// The running Defender, if there is one in this very process.
pub(crate) fn running() -> Option<&'static Defender> {
    let defender = STARTED.get()?.1.as_ref()?;
    (defender.process == kernel::process_id()).then_some(defender)
}

/// Starts the Defender unless it was started before (Node's worker threads load the layer again).
pub(crate) fn start(runtime: &str, version: &str) -> Status {
    STARTED.get_or_init(|| first_start(runtime, version)).0
}

fn first_start(runtime: &str, version: &str) -> (Status, Option<Defender>) {
    let began = Instant::now();
    log::open();
    let environment = Environment::read();
    let attempt = std::panic::AssertUnwindSafe(|| protect(&environment, &format!("{runtime}{version}")));
    match std::panic::catch_unwind(attempt).unwrap_or(Err(StartError::Panicked)) {
        Ok((defender, report)) => {
            let document = Snapshot::current().map(|snapshot| &snapshot.document);
            let line = Started {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                sites: report.patched as u64,
                policy_revision: document.map_or(0, |document| document.revision),
                in_force: document.map(|document| document.policy.in_force()).unwrap_or_default(),
                start_ms: began.elapsed().as_secs_f64() * 1000.0,
                runtime: format!("{runtime}{version}"),
                libc: report.libc.to_string(),
                refused: refused(&report, environment.debug),
            };
            log::write(&line.log_line());
            (Status::Protecting, Some(defender))
        }
        Err(error) => {
            // No half protection: what is said to be disabled refuses nothing.
            gambeson_interpose::set_interest(&[]);
            log::write(
                &Disabled { reason: error.to_string(), fail_closed: environment.fail_closed }.log_line(),
            );
            (if environment.fail_closed { Status::MustNotRun } else { Status::Disabled }, None)
        }
    }
}

fn protect(
    environment: &Environment,
    runtime: &str,
) -> Result<(Defender, gambeson_interpose::Report), StartError> {
    let text = environment.policy.as_deref().ok_or(StartError::NoPolicy)?;
    let document = envelope::open(text)?;
    document.applies_to(&environment.function, &environment.region)?;
    let settings = settings(environment, &document, runtime);

    let (shared, descriptor) = Shared::create().map_err(StartError::Memory)?;
    state::set_shared(shared);
    let reporter = Arc::new(Reporter::new(shared, environment, runtime.to_owned()));
    let policies = Policies::new(environment, document.keys.clone(), Arc::clone(&reporter), shared);
    policies.put_in_force(text, document);
    publish_carry(text, descriptor);
    let interest = Snapshot::current().map(decide::interest).unwrap_or_default();
    let report = gambeson_interpose::start(decide::on_call, &interest)?;
    if !report.verified {
        return Err(StartError::NotVerified);
    }
    protect_own_code();
    reporter.start().map_err(StartError::Thread)?;
    let console = match settings {
        Some(settings) => {
            let link = Link { policies, settings, debug: environment.debug, problem: None };
            Some(Console::start(link).map_err(StartError::Thread)?)
        }
        None => None,
    };
    if let Some(console) = &console {
        reporter.set_console(Arc::clone(console));
    }
    let answers = Answers::new(environment.custom_response.as_deref()).unwrap_or_else(|problem| {
        log::write(&gambeson_audit::warning(&problem));
        Answers::default()
    });
    Ok((Defender { reporter, console, shared, answers, process: kernel::process_id() }, report))
}

/// The sites that could not be taken over, by name. Not the returns from signal handlers, which are left on purpose and
/// start no program.
fn refused(report: &gambeson_interpose::Report, all: bool) -> Vec<String> {
    const SHOWN: usize = 4;
    let mut names: Vec<String> = report
        .refused
        .iter()
        .filter(|site| site.reason != gambeson_interpose::Reason::SignalReturn)
        .map(ToString::to_string)
        .collect();
    if names.len() > SHOWN && !all {
        let more = names.len() - SHOWN;
        names.truncate(SHOWN);
        names.push(format!("and {more} more, which TW_DEBUG_ENABLED shows"));
    }
    names
}

/// What the policy says of its Console; `None` if it was made without one.
fn settings(environment: &Environment, document: &Document, runtime: &str) -> Option<Settings> {
    let token = document.token.as_ref()?;
    if document.console.is_empty() {
        return None;
    }
    Some(Settings {
        addresses: document.console.clone(),
        function: environment.function.clone(),
        region: environment.region.clone(),
        token: format!("{}.{}", token.id, token.secret),
        runtime: runtime.to_owned(),
        proxy: document.proxy.clone(),
        authority: authority(),
        interval: interval(document),
    })
}

/// Asking more than once a second helps nobody.
fn interval(document: &Document) -> Duration {
    Duration::from_millis(document.interval_ms.max(1000))
}

/// The certificate beside our library in the layer.
fn authority() -> Option<Vec<u8>> {
    let library = own_path()?;
    let path = std::path::Path::new(library.to_str().ok()?).parent()?.join("console-ca.pem");
    std::fs::read(path).ok()
}

fn publish_carry(policy: &str, descriptor: i32) {
    let library = own_path().unwrap_or_default();
    let policy = CString::new(policy).unwrap_or_default();
    let state = CString::new(format!("/proc/{}/fd/{descriptor}", kernel::process_id())).unwrap_or_default();
    Carry::publish(&library, &policy, &state);
}

/// Makes this library's code and constants part of what may not be changed: the handler of all calls is in them.
fn protect_own_code() {
    /// Called for each object; stops at the one that this code is in.
    unsafe extern "C" fn visit(info: *mut libc::dl_phdr_info, _: usize, _: *mut libc::c_void) -> libc::c_int {
        // SAFETY: the loader passes an object's description, valid during the call.
        let (base, headers) = unsafe {
            let info = &*info;
            (
                info.dlpi_addr as usize,
                std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)),
            )
        };
        let range = |header: &libc::Elf64_Phdr| {
            let start = base.wrapping_add(header.p_vaddr as usize);
            start..start.wrapping_add(header.p_memsz as usize)
        };
        let loaded = || headers.iter().filter(|header| header.p_type == libc::PT_LOAD);
        if !loaded().any(|header| range(header).contains(&(protect_own_code as *const () as usize))) {
            return 0;
        }
        for header in loaded().filter(|header| header.p_flags & libc::PF_W == 0) {
            gambeson_interpose::protect(range(header));
        }
        1
    }
    // SAFETY: the callback does as it says and keeps nothing.
    unsafe { libc::dl_iterate_phdr(Some(visit), core::ptr::null_mut()) };
}

/// Where this library was loaded from, made absolute: a child may have another working directory.
fn own_path() -> Option<CString> {
    // SAFETY: an all-zero Dl_info is valid; `own_path` is an address in this library; the name lives as long as it.
    let name = unsafe {
        let mut info: libc::Dl_info = core::mem::zeroed();
        let address: fn() -> Option<CString> = own_path;
        if libc::dladdr(address as *const libc::c_void, &mut info) == 0 || info.dli_fname.is_null() {
            return None;
        }
        CStr::from_ptr(info.dli_fname)
    };
    let absolute = std::fs::canonicalize(name.to_str().ok()?).ok()?;
    CString::new(absolute.into_os_string().into_encoded_bytes()).ok()
}

/// Puts one policy after the other in force.
struct Policies {
    function: String,
    region: String,
    reporter: Arc<Reporter>,
    shared: &'static Shared,
    generation: AtomicU32,
    surroundings: Surroundings,
    /// Keys that a fetched policy may be signed with.
    keys: Mutex<Vec<PublicKey>>,
}

impl Policies {
    fn new(
        environment: &Environment,
        keys: Vec<PublicKey>,
        reporter: Arc<Reporter>,
        shared: &'static Shared,
    ) -> Self {
        Self {
            function: environment.function.clone(),
            region: environment.region.clone(),
            reporter,
            shared,
            generation: AtomicU32::new(0),
            surroundings: Surroundings::of_function(),
            keys: Mutex::new(keys),
        }
    }

    /// Makes `document` the policy of every call from now on.
    fn put_in_force(&self, text: &str, document: Document) {
        let generation = self.generation.fetch_add(1, Ordering::Relaxed) + 1;
        let names = |document: &Document| document.policy.runtime.as_ref().map(|rule| rule.dns.clone());
        let same_names =
            Snapshot::current().is_some_and(|before| names(&before.document) == names(&document));
        let snapshot = Snapshot::new(document, &self.surroundings, generation).publish();
        if !same_names {
            decide::forget_addresses();
        }
        for problem in &snapshot.problems {
            log::write(&gambeson_audit::warning(problem));
        }
        self.reporter.know(snapshot);
        self.shared.set_policy(text, generation);
        gambeson_interpose::set_interest(&decide::interest(snapshot));
    }

    /// Takes a policy that the Console answered with, if it is signed, ours, and not older than the one in force.
    fn take(&self, text: &str) -> Result<Fetched, String> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let document = envelope::open_trusted(text.trim(), &keys)
            .map_err(|error| format!("the Console's policy is not taken: {error}"))?;
        document
            .applies_to(&self.function, &self.region)
            .map_err(|error| format!("the Console answered with another function's policy: {error}"))?;
        let current = Snapshot::current().map_or(0, |snapshot| snapshot.document.revision);
        if document.revision < current {
            return Err(format!(
                "the Console answered with an older policy (revision {}, in force is {current})",
                document.revision
            ));
        }
        let fetched = Fetched { interval: interval(&document) };
        if document.revision > current {
            keys.clone_from(&document.keys);
            self.put_in_force(text.trim(), document);
        }
        Ok(fetched)
    }
}

/// What the Console thread is given.
struct Link {
    policies: Policies,
    settings: Settings,
    debug: bool,
    /// The problem that was last said, so that it is said once.
    problem: Option<String>,
}

impl Sink for Link {
    fn policy(&mut self, text: &str) -> Result<Fetched, String> {
        let fetched = self.policies.take(text)?;
        if let Some(snapshot) = Snapshot::current().filter(|_| self.debug) {
            log::write(&gambeson_audit::debug(&format!(
                "policy revision {} is in force",
                snapshot.document.revision
            )));
        }
        Ok(fetched)
    }

    fn problem(&mut self, problem: Option<String>) {
        if problem == self.problem {
            return;
        }
        match &problem {
            Some(reason) => log::write(&gambeson_audit::warning(&format!(
                "{reason}; the last good policy stays in force"
            ))),
            None if self.debug => log::write(&gambeson_audit::debug("the Console answers again")),
            None => {}
        }
        self.problem = problem;
    }

    fn settings(&self) -> Settings {
        self.settings.clone()
    }
}

/// Starts the Defender in a program that the policy allowed: the same policy, audits through the parent's ring.
/// Nothing is said and no thread is started: the program is not ours to talk in.
pub(crate) fn start_in_child(state: &CStr) -> Result<(), StartError> {
    let environment = Environment::read();
    let text = environment.policy.as_deref().ok_or(StartError::NoPolicy)?;
    let mut document = envelope::open(text)?;
    let mut generation = 1;
    if let Ok(shared) = Shared::open(state) {
        state::set_shared(shared);
        if let Some((newest, number)) = shared.policy()
            && let Ok(fetched) = envelope::open_trusted(&newest, &document.keys)
            && fetched.revision >= document.revision
        {
            document = fetched;
            generation = number;
        }
    }
    let snapshot = Snapshot::new(document, &Surroundings::of_child(), generation).publish();
    Carry::publish(&own_path().unwrap_or_default(), &CString::new(text).unwrap_or_default(), state);
    gambeson_interpose::start(decide::on_call, &decide::interest(snapshot))?;
    protect_own_code();
    Ok(())
}
