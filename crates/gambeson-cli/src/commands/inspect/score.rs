//! Recall, false positives, evasions and times over labelled rows.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use super::batch::Row;

const CLASSES: [&str; 5] = ["sqli", "xss", "cmdi", "codei", "lfi"];

/// What the engine said of one row.
pub(super) struct Verdict<'a> {
    pub(super) classes: Vec<&'a str>,
    pub(super) us: f64,
}

#[derive(Default)]
struct Count {
    rows: usize,
    own: usize,
    any: usize,
}

/// Counts by class and source.
#[derive(Default)]
pub(super) struct Score {
    attacks: BTreeMap<(String, String), Count>,
    benign: BTreeMap<String, Count>,
    evasions: BTreeMap<String, Count>,
    benign_us: Vec<f64>,
    attack_us: Vec<f64>,
}

impl Score {
    pub(super) fn add(&mut self, row: &Row<'_>, verdict: &Verdict<'_>) {
        let count = match row.class.as_str() {
            "benign" => {
                self.benign_us.push(verdict.us);
                self.benign.entry(row.source.clone()).or_default()
            }
            class => {
                self.attack_us.push(verdict.us);
                if row.source == "evasion" {
                    self.evasions.entry(row.tag.clone().unwrap_or_default()).or_default()
                } else {
                    self.attacks.entry((class.to_owned(), row.source.clone())).or_default()
                }
            }
        };
        count.rows += 1;
        count.own += usize::from(verdict.classes.contains(&row.class.as_str()));
        count.any += usize::from(!verdict.classes.is_empty());
    }

    /// Rows, recall over all rows, and the mean of each source's recall (of ten rows or more), of any class.
    fn recall(&self, class: &str) -> (usize, f64, f64) {
        let counts: Vec<&Count> = self
            .attacks
            .iter()
            .filter(|((c, source), _)| c == class && in_headline(source))
            .map(|(_, count)| count)
            .collect();
        let rows: usize = counts.iter().map(|count| count.rows).sum();
        let any: usize = counts.iter().map(|count| count.any).sum();
        let large: Vec<f64> = counts
            .iter()
            .filter(|count| count.rows >= 10)
            .map(|count| ratio(count.any, count.rows))
            .collect();
        (rows, ratio(any, rows), large.iter().sum::<f64>() / large.len().max(1) as f64)
    }

    pub(super) fn as_json(&self) -> Value {
        let recall: serde_json::Map<String, Value> = CLASSES
            .iter()
            .map(|class| {
                let (rows, micro, macro_) = self.recall(class);
                ((*class).to_owned(), json!({ "rows": rows, "micro": micro, "macro": macro_ }))
            })
            .collect();
        let benign: serde_json::Map<String, Value> = self
            .benign
            .iter()
            .map(|(source, count)| (source.clone(), json!({ "rows": count.rows, "false": count.any })))
            .collect();
        let evasions: serde_json::Map<String, Value> = self
            .evasions
            .iter()
            .map(|(tag, count)| (tag.clone(), json!(ratio(count.any, count.rows))))
            .collect();
        let us = |list: &[f64]| json!({ "mean": mean(list), "p50": quantile(list, 0.5), "p99": quantile(list, 0.99) });
        json!({ "recall": recall, "benign": benign, "evasions": evasions, "us": { "benign": us(&self.benign_us), "attack": us(&self.attack_us) } })
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "class    rows  recall  by source   (any class)")?;
        for class in CLASSES {
            let (rows, micro, macro_) = self.recall(class);
            write!(f, "{class:6} {rows:6}   {micro:.3}      {macro_:.3}  ")?;
            for ((_, source), count) in self.attacks.iter().filter(|((c, _), _)| c == class) {
                write!(f, " {source}:{:.2}({})", ratio(count.any, count.rows), count.rows)?;
            }
            writeln!(f)?;
        }
        let rows: usize = self.benign.values().map(|count| count.rows).sum();
        let any: usize = self.benign.values().map(|count| count.any).sum();
        write!(f, "benign {rows:6}   false positives {:.2} % ", 100.0 * ratio(any, rows))?;
        for (source, count) in &self.benign {
            write!(f, " {source}:{}/{}", count.any, count.rows)?;
        }
        write!(f, "\nevasions ")?;
        for (tag, count) in &self.evasions {
            write!(f, " {tag}:{:.2}", ratio(count.any, count.rows))?;
        }
        let (benign, attack) = (&self.benign_us, &self.attack_us);
        writeln!(
            f,
            "\nµs       benign mean {:.1} p50 {:.1} p99 {:.1}; attack mean {:.1} p50 {:.1}",
            mean(benign),
            quantile(benign, 0.5),
            quantile(benign, 0.99),
            mean(attack),
            quantile(attack, 0.5)
        )
    }
}

/// Sources of noise, of base64 and of fragments of rules are shown, but are not in the headline.
fn in_headline(source: &str) -> bool {
    !source.ends_with("-exotic") && !source.ends_with("-b64") && source != "crs-tests"
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn mean(list: &[f64]) -> f64 {
    list.iter().sum::<f64>() / list.len().max(1) as f64
}

fn quantile(list: &[f64], q: f64) -> f64 {
    let mut sorted = list.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
        .get(((q * sorted.len() as f64) as usize).min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0.0)
}
