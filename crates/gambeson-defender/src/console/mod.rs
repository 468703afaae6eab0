//! The Console thread: newest policy in, audits out, never in the function's way.
//!
//! It fetches once at the start and then at the first invocation after the interval. While the Console is away the
//! last good policy stays in force and audits wait in a bounded queue; the log has them in any case.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gambeson_audit::{Audit, Batch};

mod backoff;
mod client;

use backoff::Backoff;
pub(crate) use client::Settings;
use client::{Client, Failure};

/// How long the end of an invocation may wait for the Console to take its audits.
const FLUSH: Duration = Duration::from_secs(1);
/// How long the beginning of an invocation may wait for a policy that is due, from a Console that answered the last
/// time. So a change is in force at the first invocation after the interval.
const REFRESH: Duration = Duration::from_millis(500);
/// Audits that wait for the Console at most; further ones are counted.
const QUEUE: usize = 1000;
/// Audits in one request.
const BATCH: usize = 100;

/// The handle that the rest of the Defender has on the thread.
pub(crate) struct Console {
    state: Mutex<State>,
    /// Something for the thread to do.
    work: Condvar,
    /// Something has been done.
    done: Condvar,
}

#[derive(Default)]
struct State {
    queue: std::collections::VecDeque<Audit>,
    dropped: u64,
    /// Audits handed to the client and not answered yet.
    in_flight: usize,
    refresh_wanted: bool,
    refreshing: bool,
    /// When the policy is due again.
    refresh_at: Option<Instant>,
    /// Whether the last fetch was successful.
    healthy: bool,
    policy_backoff: Backoff,
    audit_backoff: Backoff,
}

/// What the thread has to know of a policy that was taken.
pub(crate) struct Fetched {
    /// When to ask again if the Console did not say.
    pub(crate) interval: Duration,
}

/// What the thread calls with what it learned.
pub(crate) trait Sink: Send + 'static {
    /// A policy text arrived. `Err` says why it is not taken.
    fn policy(&mut self, text: &str) -> Result<Fetched, String>;
    /// Something is wrong with the Console, or (`None`) not any more.
    fn problem(&mut self, problem: Option<String>);
    /// The connection settings in force.
    fn settings(&self) -> Settings;
}

impl Console {
    /// Starts the thread, which fetches the policy at once.
    pub(crate) fn start(sink: impl Sink) -> std::io::Result<Arc<Self>> {
        let console = Arc::new(Self { state: Mutex::default(), work: Condvar::new(), done: Condvar::new() });
        console.lock().refresh_wanted = true;
        let worker = Arc::clone(&console);
        std::thread::Builder::new().name("gambeson-console".to_owned()).stack_size(512 * 1024).spawn(
            move || {
                crate::thread::stand_back();
                worker.run(sink);
            },
        )?;
        Ok(console)
    }

    /// An invocation begins: refreshes the policy if it is due.
    pub(crate) fn begin(&self) {
        let now = Instant::now();
        let mut state = self.lock();
        if state.refresh_at.is_none_or(|at| at > now) || !state.policy_backoff.is_over(now) {
            return;
        }
        if !state.refreshing && !state.refresh_wanted {
            state.refresh_wanted = true;
            self.work.notify_one();
        }
        if !state.healthy {
            return;
        }
        let _unused = self
            .done
            .wait_timeout_while(state, REFRESH, |state| state.refreshing || state.refresh_wanted)
            .unwrap_or_else(PoisonError::into_inner);
    }

    /// Takes audits to be sent.
    pub(crate) fn send(&self, audits: Vec<Audit>, dropped: u64) {
        let mut state = self.lock();
        state.dropped += dropped;
        for audit in audits {
            if state.queue.len() < QUEUE {
                state.queue.push_back(audit);
            } else {
                state.dropped += 1;
            }
        }
        self.work.notify_one();
    }

    /// An invocation ends: waits until the Console has the audits, if there are any and it takes them.
    pub(crate) fn flush(&self) {
        let state = self.lock();
        let pending = |state: &mut State| {
            (!state.queue.is_empty() || state.in_flight > 0) && state.audit_backoff.is_over(Instant::now())
        };
        let _unused =
            self.done.wait_timeout_while(state, FLUSH, pending).unwrap_or_else(PoisonError::into_inner);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic of the thread leaves the state whole: it is only ever changed in single steps.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, mut sink: impl Sink) {
        let mut client = Client::new();
        loop {
            let task = self.next_task();
            let perform = std::panic::AssertUnwindSafe(|| match task {
                Task::Refresh => self.refresh(&mut client, &mut sink),
                Task::Send(batch) => self.deliver(&mut client, &mut sink, batch),
            });
            if std::panic::catch_unwind(perform).is_err() {
                self.give_up();
                client = Client::new();
            }
        }
    }

    /// After a panic, which is a defect: nobody may wait for what will not come.
    fn give_up(&self) {
        let mut state = self.lock();
        let now = Instant::now();
        state.dropped += std::mem::take(&mut state.in_flight) as u64;
        state.refreshing = false;
        state.policy_backoff.failed(now, None);
        state.audit_backoff.failed(now, None);
        state.refresh_at = state.policy_backoff.until();
        drop(state);
        self.done.notify_all();
    }

    fn next_task(&self) -> Task {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            if state.refresh_wanted && state.policy_backoff.is_over(now) {
                state.refresh_wanted = false;
                state.refreshing = true;
                return Task::Refresh;
            }
            if !state.queue.is_empty() && state.audit_backoff.is_over(now) {
                return Task::Send(state.batch());
            }
            let wake = [
                state.refresh_wanted.then(|| state.policy_backoff.until()).flatten(),
                (!state.queue.is_empty()).then(|| state.audit_backoff.until()).flatten(),
            ];
            state = match wake.into_iter().flatten().min() {
                None => self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let wait = at.saturating_duration_since(now).max(Duration::from_millis(1));
                    self.work.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn refresh(&self, client: &mut Client, sink: &mut impl Sink) {
        let settings = sink.settings();
        let outcome = client.policy(&settings).and_then(|answer| match answer {
            client::Policy::Unchanged { next } => Ok(next),
            client::Policy::New { text, etag, next } => match sink.policy(&text) {
                Ok(fetched) => {
                    client.keep_etag(etag);
                    Ok(next.or(Some(fetched.interval)))
                }
                Err(reason) => Err(Failure::new(reason)),
            },
        });
        let mut state = self.lock();
        state.refreshing = false;
        let now = Instant::now();
        match outcome {
            Ok(next) => {
                let interval = next.unwrap_or(settings.interval);
                state.refresh_at = Some(now + backoff::jittered(interval));
                state.healthy = true;
                state.policy_backoff.reset();
                drop(state);
                sink.problem(None);
            }
            Err(failure) => {
                state.healthy = false;
                state.policy_backoff.failed(now, failure.retry_after);
                state.refresh_at = state.policy_backoff.until();
                drop(state);
                sink.problem(Some(failure.reason));
            }
        }
        self.done.notify_all();
    }

    fn deliver(&self, client: &mut Client, sink: &mut impl Sink, batch: Batch) {
        let outcome = client.audits(&sink.settings(), &batch);
        let mut state = self.lock();
        state.in_flight = 0;
        let now = Instant::now();
        match outcome {
            Ok(()) => {
                state.audit_backoff.reset();
                drop(state);
                sink.problem(None);
            }
            Err(failure) => {
                if failure.permanent {
                    state.dropped += batch.audits.len() as u64;
                } else {
                    state.put_back(batch);
                }
                state.audit_backoff.failed(now, failure.retry_after);
                drop(state);
                sink.problem(Some(failure.reason));
            }
        }
        self.done.notify_all();
    }
}

enum Task {
    Refresh,
    Send(Batch),
}

impl State {
    fn batch(&mut self) -> Batch {
        let count = self.queue.len().min(BATCH);
        self.in_flight = count;
        Batch { audits: self.queue.drain(..count).collect(), dropped: std::mem::take(&mut self.dropped) }
    }

    /// Puts a batch back in front: the order of events is worth keeping.
    fn put_back(&mut self, batch: Batch) {
        self.dropped += batch.dropped;
        for audit in batch.audits.into_iter().rev() {
            if self.queue.len() < QUEUE {
                self.queue.push_front(audit);
            } else {
                self.dropped += 1;
            }
        }
    }
}
