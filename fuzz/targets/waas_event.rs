//! Any bytes as an event: nothing panics, nothing hangs, and what is found can be shown.

#![no_main]

use std::time::{Duration, Instant};

use gambeson_waas::{Inspector, mask_event, mask_fragment};
use libfuzzer_sys::fuzz_target;

/// An input has at most 4 KiB, of which a log batch may unzip to a thousand times as much; the Defender takes some tens of
/// microseconds for the like, so that only an explosion gets here, even with instrumentation on a busy machine.
const LIMIT: Duration = Duration::from_secs(3);

fuzz_target!(|event: &[u8]| {
    let start = Instant::now();
    let inspection = Inspector::default().inspect(event);
    assert!(start.elapsed() < LIMIT, "took {:?}", start.elapsed());
    assert!(inspection.findings.len() <= 64);
    assert!(inspection.request.is_none() || !inspection.findings.is_empty());
    for finding in &inspection.findings {
        let _ = mask_fragment(&finding.field, finding.fragment());
    }
    assert!(mask_event(event, 100).len() <= 100);
});
