//! The table of docs/security-attacks.md, from a run.

use std::fmt::Write;

use super::battery::Result;
use super::{Language, Results, Technique, peer, pending, techniques};

/// What one language's run came to.
pub struct Runs {
    /// The runtimes, with what came without the rules and with them.
    pub runtimes: Vec<(&'static str, Results, Results)>,
    /// What came behind the peer, on one of them.
    pub peer: Results,
}

const CATEGORIES: [(&str, &str); 5] = [
    ("process", "Processes"),
    ("network", "Networking: addresses, ports, metadata"),
    ("dns", "Networking: names"),
    ("file", "File System"),
    ("tamper", "Tampering with the Defender"),
];

/// The whole page.
pub fn table(languages: &[(Language, Runs)]) -> String {
    let mut page = format!(
        "# The attack battery\n\n\
         Written by `make attacks`; do not edit. Each technique is a file of [tests/attacks](../tests/attacks), run in the Lambda jail by somebody who \
         already runs code in the function: first with the Defender and no rule, where it must work (a byte arrived, a file changed, a program \
         answered), then under the rule that forbids it. `refused`: it did not work, and there was the right audit. `not stopped`: it worked in \
         spite of the rule; the reason is below the table.\n\n\
         The last column is the same technique behind {}, blocking, with everything that the technique uses of commands, paths, hosts \
         and names as the user's input of the request that is being handled, because Zen looks for that: in Node.js as its page for AWS Lambda says, in \
         Python inside a request to Flask, because its wrapper for Lambda does nothing. `works`: the technique worked. Zen is made against \
         injection and does not claim to stop somebody who runs code; nor does it have rules for paths or listening ports.\n",
        peer::NAME
    );
    for (language, runs) in languages {
        let title = match language {
            Language::Python => "Python",
            Language::Nodejs => "Node.js",
        };
        let all = techniques(*language);
        let _ = write!(page, "\n## {title}\n\n{}\n", summary(&all, runs));
        for (folder, name) in CATEGORIES {
            let of_category: Vec<_> =
                all.iter().filter(|technique| technique.id.split('/').next() == Some(folder)).collect();
            if !of_category.is_empty() {
                category(&mut page, *language, name, &of_category, runs);
            }
        }
    }
    page
}

/// What the tables below come to.
fn summary(all: &[Technique], runs: &Runs) -> String {
    let mut text = format!("{} techniques.", all.len());
    for (runtime, off, on) in &runs.runtimes {
        let tried: Vec<_> = all
            .iter()
            .filter(|technique| off.get(&technique.id).is_some_and(|result| result.worked))
            .collect();
        let refused = tried.iter().filter(|technique| !on[&technique.id].worked).count();
        let _ =
            write!(text, " {runtime}: {} work without the rule, {refused} of them are refused.", tried.len());
    }
    let refused = runs.peer.values().filter(|result| !result.worked).count();
    let _ = write!(text, " Behind Zen: {refused} of {} do not work.", runs.peer.len());
    text
}

fn category(page: &mut String, language: Language, name: &str, techniques: &[&Technique], runs: &Runs) {
    let _ = write!(page, "\n### {name}\n\n| technique | what it does | audit | without the rule |");
    for (runtime, ..) in &runs.runtimes {
        let _ = write!(page, " {runtime} |");
    }
    let _ = write!(page, " Zen |\n|{}\n", " --- |".repeat(5 + runs.runtimes.len()));
    let mut reasons = Vec::new();
    for technique in techniques {
        let tried: Vec<_> = runs
            .runtimes
            .iter()
            .filter_map(|(_, off, _)| off.get(&technique.id))
            .map(|off| off.worked)
            .collect();
        let without = match tried[..] {
            [] => "–",
            _ if tried.iter().all(|worked| *worked) => "works",
            _ => "does not work",
        };
        let audits = technique.audits.iter().map(|audit| format!("`{audit}`")).collect::<Vec<_>>().join(" ");
        let _ = write!(page, "| {} | {} | {audits} | {without} |", technique.title, technique.what);
        for (_, off, on) in &runs.runtimes {
            let _ = write!(
                page,
                " {} |",
                under_the_rule(technique.silent, off.get(&technique.id), on.get(&technique.id))
            );
        }
        let behind_peer = match runs.peer.get(&technique.id) {
            None => "–",
            Some(result) if result.worked => "works",
            Some(_) => "refused",
        };
        let _ = writeln!(page, " {behind_peer} |");
        let reason = |what, why: Option<&str>| why.map(|why| (what, why.to_owned()));
        let all = [
            reason("not stopped", technique.not_stopped.as_deref()),
            reason("not stopped yet", pending::reason(language.folder(), &technique.id)),
            reason("does not work", technique.never_works.as_deref()),
        ];
        for (what, why) in all.into_iter().flatten() {
            reasons.push(format!("- **{}**: {what}: {why}.", technique.title));
        }
    }
    if !reasons.is_empty() {
        let _ = write!(page, "\n{}\n", reasons.join("\n"));
    }
}

fn under_the_rule(silent: bool, off: Option<&Result>, on: Option<&Result>) -> &'static str {
    match (off, on) {
        (Some(_), Some(on)) if on.worked => "not stopped",
        (Some(_), Some(on)) if on.audits.is_empty() && !silent => "no audit",
        (Some(_), Some(_)) => "refused",
        _ => "–",
    }
}
