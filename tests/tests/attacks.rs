//! The attack battery: each technique works without its rule and fails, reported, under it.

use gambeson_tests::attacks::{self, Side};
use gambeson_tests::{available, network};

macro_rules! battery {
    ($($name:ident $runtime:literal)*) => { $(
        #[test]
        fn $name() {
            every_technique(stringify!($name), $runtime);
        }
    )* };
}

// Old interpreters run those techniques that are valid for them.
battery! {
    python2_7 "python2.7"
    python3_11 "python3.11"
    python3_12 "python3.12"
    python3_13 "python3.13"
    node10 "nodejs10.x"
    node20 "nodejs20.x"
    node22 "nodejs22.x"
    node24 "nodejs24.x"
}

fn every_technique(test: &str, runtime: &'static str) {
    if !available(runtime) {
        return;
    }
    network::alone(&["--exact", test, "--nocapture"], |network| {
        let off = attacks::run(runtime, Side::Off, network);
        let on = attacks::run(runtime, Side::On, network);
        let complaints = attacks::judge(runtime, &off, &on);
        assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
    });
}
