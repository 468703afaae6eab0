//! From the ring to the log and the Console.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gambeson_audit::{Audit, Kind, Request, message};

use crate::attack::{Attack, Told};
use crate::console::Console;
use crate::environment::Environment;
use crate::inspect::Violation;
use crate::log;
use crate::shared::{Record, Shared};
use crate::snapshot::Snapshot;

/// Turns records into audits, in one place for the reporter thread and the end of an invocation.
pub(crate) struct Reporter {
    shared: &'static Shared,
    function: String,
    region: String,
    runtime: String,
    /// Which account the function is in, known from the first invocation on.
    account: OnceLock<String>,
    console: OnceLock<Arc<Console>>,
    inner: Mutex<Inner>,
}

struct Inner {
    /// Every snapshot so far: an audit names the rule that judged it.
    snapshots: Vec<&'static Snapshot>,
    /// `published` as of the last look.
    seen: u32,
    /// How many drops have been reported.
    dropped: u64,
}

impl Reporter {
    pub(crate) fn new(shared: &'static Shared, environment: &Environment, runtime: String) -> Self {
        let inner = Inner { snapshots: Vec::new(), seen: 0, dropped: 0 };
        Self {
            shared,
            function: environment.function.clone(),
            region: environment.region.clone(),
            runtime,
            account: OnceLock::new(),
            console: OnceLock::new(),
            inner: Mutex::new(inner),
        }
    }

    /// From now on audits go to this Console as well.
    pub(crate) fn set_console(&self, console: Arc<Console>) {
        // Set once, at the start.
        let _already_set = self.console.set(console);
    }

    /// Remembers the account that an invocation named.
    pub(crate) fn set_account(&self, account: &str) {
        let _already_set = self.account.set(account.to_owned());
    }

    /// Audits that carry this snapshot's generation are its rule's.
    pub(crate) fn know(&self, snapshot: &'static Snapshot) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).snapshots.push(snapshot);
    }

    /// Reports everything in the ring.
    pub(crate) fn drain(&self) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        // Most invocations add nothing; the ring is a page per slot, and looking through it is not free.
        let published = self.shared.published.load(Ordering::Acquire);
        if inner.seen == published && inner.dropped == self.shared.dropped.load(Ordering::Relaxed) {
            return;
        }
        inner.seen = published;
        let audits: Vec<Audit> =
            self.shared.take(is_alive).into_iter().filter_map(|record| self.audit(&inner, record)).collect();
        let all_dropped = self.shared.dropped.load(Ordering::Relaxed);
        let dropped = all_dropped.saturating_sub(std::mem::replace(&mut inner.dropped, all_dropped));
        for audit in &audits {
            log::write_audit(&audit.log_line());
        }
        if dropped > 0 {
            log::write(&gambeson_audit::warning(&format!(
                "{dropped} audits were dropped: more violations at once than there is room for"
            )));
        }
        if let Some(console) = self.console.get()
            && (!audits.is_empty() || dropped > 0)
        {
            console.send(audits, dropped);
        }
    }

    /// Reports what is wrong with an event.
    pub(crate) fn event(
        &self,
        snapshot: &Snapshot,
        request: &str,
        violations: Vec<Violation>,
        about: &Request,
    ) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
        let rule = snapshot.waas.as_ref().map_or("", |rule| &rule.name);
        let audits: Vec<Audit> = violations
            .into_iter()
            .map(|violation| Audit {
                id: new_id(),
                time: now,
                kind: Kind::Waas,
                attack_type: violation.attack,
                effect: violation.effect,
                rule: rule.to_owned(),
                msg: message::waas(violation.attack, &violation.field, &violation.what),
                request_id: (!request.is_empty()).then(|| request.to_owned()),
                pid: std::process::id(),
                policy_revision: snapshot.document.revision,
                request: Some(Request { attack_field: violation.field, ..about.clone() }),
                ..self.template()
            })
            .collect();
        for audit in &audits {
            log::write_audit(&audit.log_line());
        }
        if let Some(console) = self.console.get() {
            console.send(audits, 0);
        }
    }

    /// What every audit of this environment says.
    fn template(&self) -> Audit {
        Audit {
            function: self.function.clone(),
            region: self.region.clone(),
            account: self.account.get().cloned(),
            runtime: self.runtime.clone(),
            count: 1,
            ..Audit::default()
        }
    }

    /// Starts the thread that reports as soon as something happens.
    pub(crate) fn start(self: &Arc<Self>) -> std::io::Result<()> {
        let reporter = Arc::clone(self);
        let run = move || {
            crate::thread::stand_back();
            loop {
                let seen = reporter.shared.published.load(Ordering::Acquire);
                reporter.drain();
                wait_for_change(&reporter.shared.published, seen);
            }
        };
        std::thread::Builder::new().name("gambeson-report".to_owned()).stack_size(256 * 1024).spawn(run)?;
        Ok(())
    }

    fn audit(&self, inner: &Inner, record: Record) -> Option<Audit> {
        let attack = Attack::from_byte(record.facts.attack)?;
        let generation = record.facts.generation;
        let snapshot = inner.snapshots.iter().rev().find(|snapshot| snapshot.generation == generation)?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let path = text(record.path);
        let mut command = text(record.command);
        if record.cut {
            command.push('…');
        }
        let effect = if record.facts.prevented != 0 {
            gambeson_policy::Effect::Prevent
        } else {
            gambeson_policy::Effect::Alert
        };
        let Told { kind, attack_type, message, target, command } = attack.told(&path, &command);
        Some(Audit {
            id: new_id(),
            time: record.facts.time,
            kind,
            attack_type,
            effect,
            rule: snapshot.runtime_rule().to_owned(),
            request_id: (!record.request.is_empty()).then(|| text(record.request)),
            pid: record.facts.process,
            msg: message,
            process_path: Some(path),
            command,
            target,
            policy_revision: snapshot.document.revision,
            ..self.template()
        })
    }
}

/// An id that nothing else has. Drawn anew for each audit: environments that were restored from one snapshot (SnapStart)
/// would go on from the same state, and the Console would take their audits for repetitions.
fn new_id() -> String {
    let mut random = [0u8; 16];
    // SAFETY: a buffer of ours; up to 256 bytes come whole. Not in glibc 2.17, hence the plain system call.
    unsafe { libc::syscall(libc::SYS_getrandom, random.as_mut_ptr(), random.len(), 0) };
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a process that began to write an audit may still finish it.
fn is_alive(process: u32) -> bool {
    // SAFETY: signal 0 only asks.
    let asked = unsafe { libc::kill(process as libc::pid_t, 0) };
    asked == 0 || std::io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
}

/// Sleeps until `word` is no longer `seen`. Also wakes now and then: a writer that died half-way wakes nobody.
fn wait_for_change(word: &AtomicU32, seen: u32) {
    const AT_MOST: Duration = Duration::from_secs(30);
    let timeout = libc::timespec { tv_sec: AT_MOST.as_secs() as libc::time_t, tv_nsec: 0 };
    // SAFETY: the word is mapped and aligned, the timeout is ours; not FUTEX_PRIVATE, since children wake it too.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAIT, seen, &timeout) };
}
