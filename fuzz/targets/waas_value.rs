//! Any bytes as one value: every recogniser reads it, and each sees the same whether the others are on or not.

#![no_main]

use gambeson_waas::{Inspector, Protection, Protections, Settings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|value: &[u8]| {
    let all = Inspector::default().inspect_value(value);
    for protection in Protection::ALL {
        let settings = Settings { protections: Protections::none().with(protection), ..Settings::default() };
        let one = Inspector::new(settings).inspect_value(value);
        let expected: Vec<_> = all.iter().filter(|finding| finding.protection == protection).collect();
        assert!(one.iter().eq(expected));
        for finding in one {
            let _ = finding.fragment();
            assert!((50..=100).contains(&finding.score));
        }
    }
});
