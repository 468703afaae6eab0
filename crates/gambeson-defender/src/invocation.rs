//! What the Defender does around the handler.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::inspect;
use crate::log;
use crate::snapshot::Snapshot;
use crate::start::{self, Defender};

/// What becomes of an invocation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The handler runs with the event as it is.
    Allow,
    /// The policy inspects events: call again with this one's JSON.
    EventWanted,
    /// The handler does not run; this JSON is the answer.
    Prevent(String),
    /// The handler runs with this event, JSON.
    Replaced(String),
}

/// An invocation begins. Without an event it is asked whether one is wanted; asked again with it, it is judged.
pub(crate) fn begin(event: Option<&[u8]>, context: &[u8]) -> Verdict {
    let Some(defender) = start::running() else { return Verdict::Allow };
    let context: Value = serde_json::from_slice(context).unwrap_or(Value::Null);
    let request = context.get("requestId").and_then(Value::as_str).unwrap_or_default();
    defender.shared.set_request(request);
    if let Some(account) = context.get("invokedFunctionArn").and_then(Value::as_str).and_then(account_of) {
        defender.reporter.set_account(account);
    }
    if let Some(console) = &defender.console {
        console.begin();
    }
    let Some(snapshot) = Snapshot::current().filter(|snapshot| snapshot.waas.is_some()) else {
        return Verdict::Allow;
    };
    match event {
        None => Verdict::EventWanted,
        Some(event) => judge(defender, snapshot, request, event),
    }
}

fn judge(defender: &Defender, snapshot: &Snapshot, request: &str, event: &[u8]) -> Verdict {
    let Some(rule) = &snapshot.waas else { return Verdict::Allow };
    let judgement = inspect::judge(rule, &defender.answers, event);
    if judgement.uninspected > 0 && judgement.violations.is_empty() {
        say_once_that_events_exceed_limits(judgement.uninspected);
    }
    if !judgement.violations.is_empty() {
        defender.reporter.event(snapshot, request, judgement.violations, &judgement.request);
    }
    judgement.verdict
}

/// A rule that wants no audit of it is still no reason to pass over it in silence.
fn say_once_that_events_exceed_limits(bytes: usize) {
    static SAID: AtomicBool = AtomicBool::new(false);
    if !SAID.swap(true, Ordering::Relaxed) {
        log::write(&gambeson_audit::warning(&format!(
            "an event has {bytes} bytes more than are inspected; body.inspectionSizeBytes of the WAAS rule says how many are, and \
             body.inspectionLimitExceededEffect has such events reported or prevented"
        )));
    }
}

/// An invocation ends.
pub(crate) fn end() {
    let Some(defender) = start::running() else { return };
    defender.reporter.drain();
    if let Some(console) = &defender.console {
        console.flush();
    }
}

/// The account in `arn:aws:lambda:REGION:ACCOUNT:function:NAME`.
fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_the_fifth_part_of_the_arn() {
        assert_eq!(account_of("arn:aws:lambda:eu-west-1:123456789012:function:ping"), Some("123456789012"));
        assert_eq!(account_of("arn:aws:lambda"), None);
        assert_eq!(account_of("::::::"), None);
    }

    #[test]
    fn an_invocation_without_a_defender_is_allowed() {
        assert_eq!(begin(Some(b"{"), b"\xff"), Verdict::Allow);
        end();
    }
}
