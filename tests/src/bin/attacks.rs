//! Writes docs/security-attacks.md from a run of the whole battery: `make attacks`. With names of runtimes only on those.

use std::path::Path;

use gambeson_tests::attacks::{self, Language, Runs, Side};
use gambeson_tests::{available, network};

const PYTHONS: [&str; 4] = ["python2.7", "python3.11", "python3.12", "python3.13"];
const NODES: [&str; 4] = ["nodejs10.x", "nodejs20.x", "nodejs22.x", "nodejs24.x"];
/// The runtimes on which the peer runs.
const PEERS: [(Language, &str); 2] = [(Language::Python, "python3.12"), (Language::Nodejs, "nodejs20.x")];

fn main() {
    // Without a network of its own there is no table: half of it would be missing.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let wanted = |runtime: &&&'static str| arguments.is_empty() || arguments.contains(*runtime);
    for runtime in PYTHONS.iter().chain(&NODES).filter(wanted) {
        assert!(available(runtime), "{runtime} is missing");
    }
    attacks::install_peer();
    network::alone(&arguments, |network| {
        let mut languages = Vec::new();
        let mut complaints = 0;
        for (language, behind_peer) in PEERS {
            let of_language = if language == Language::Python { PYTHONS } else { NODES };
            let runtimes = of_language
                .iter()
                .filter(wanted)
                .map(|&runtime| {
                    eprintln!("{runtime}");
                    let (off, on) =
                        (attacks::run(runtime, Side::Off, network), attacks::run(runtime, Side::On, network));
                    for complaint in attacks::judge(runtime, &off, &on) {
                        eprintln!("  {complaint}");
                        complaints += 1;
                    }
                    (runtime, off, on)
                })
                .collect();
            eprintln!("{behind_peer}, behind the peer");
            languages.push((language, Runs { runtimes, peer: attacks::peer(behind_peer, network) }));
        }
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/security-attacks.md");
        std::fs::write(&page, attacks::table(&languages)).expect("the page can be written");
        assert_eq!(complaints, 0, "the page is written, but not all is as it should be");
    });
}
