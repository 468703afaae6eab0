use crate::decode;
use crate::event::{EventSource, Field, Limits, walk};
use crate::gate::suspicious;
use crate::request::Request;
use crate::settings::{Location, Protection, Protections, Settings};
use crate::text::Hit;

/// Inspects events by one rule's settings.
#[derive(Clone, Debug, Default)]
pub struct Inspector {
    settings: Settings,
}

/// What an inspection saw.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The source of the event, by its shape.
    pub source: EventSource,
    /// What looks like an attack, at most one finding per field and protection.
    pub findings: Vec<Finding>,
    /// Bytes that a limit left out.
    pub uninspected_bytes: usize,
    /// The request behind the findings; read only if there are any.
    pub request: Option<Request>,
}

/// One field that looks like an attack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The class of attack.
    pub protection: Protection,
    /// The field in a form that a person can find, such as `queryStringParameters.id`.
    pub field: String,
    /// The field's value as it was read, decoded, cut to 1 KiB around what matched.
    pub value: String,
    /// The part that matched, in bytes of `value`.
    pub span: (usize, usize),
    /// Why, in words.
    pub reason: &'static str,
    /// How sure, from 50 to 100.
    pub score: u8,
    /// Where it stands, for exceptions.
    pub location: Location,
    /// The field's key, for exceptions.
    pub key: String,
    /// The record of a batch.
    pub record: Option<usize>,
}

impl Finding {
    /// The part of the value that matched.
    pub fn fragment(&self) -> &str {
        &self.value[self.span.0..self.span.1]
    }
}

/// Evidence from this score on is a finding.
const THRESHOLD: u8 = 50;
/// Values are read in windows of this size, so that no value costs more than its length.
pub(crate) const WINDOW: usize = 16 * 1024;
const OVERLAP: usize = 1024;
/// Bytes of windows that pass the gate, per event, all variants counted.
const BUDGET: usize = 4 << 20;
const MAX_FINDINGS: usize = 64;

impl Inspector {
    /// An inspector for a rule.
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Inspects one event, given as JSON text. Any bytes are taken.
    pub fn inspect(&self, event: &[u8]) -> Inspection {
        let mut findings = Vec::new();
        let mut budget = BUDGET;
        let mut dropped = 0;
        let limits = Limits { body: self.settings.body_limit, skip_body: self.settings.skip_body };
        let (source, left_out) =
            walk(event, &limits, &mut |field| self.field(field, &mut findings, &mut budget, &mut dropped));
        let request = if findings.is_empty() { None } else { Request::read(event, source) };
        Inspection { source, findings, uninspected_bytes: left_out + dropped, request }
    }

    /// Inspects one decoded value on its own.
    pub fn inspect_value(&self, value: &[u8]) -> Vec<Finding> {
        let mut findings = Vec::new();
        let name = || "value".to_owned();
        let field = Field { value, location: Location::QueryValues, key: b"", record: None, name: &name };
        self.field(&field, &mut findings, &mut BUDGET.clone(), &mut 0);
        findings
    }

    fn field(&self, field: &Field<'_>, findings: &mut Vec<Finding>, budget: &mut usize, dropped: &mut usize) {
        let mut at = 0;
        while at < field.value.len() {
            let end = field.value.len().min(at + WINDOW);
            if findings.len() >= MAX_FINDINGS {
                *dropped += field.value.len() - at;
                return;
            }
            self.window(field, &field.value[at..end], findings, budget, dropped);
            if end == field.value.len() {
                return;
            }
            at = end - OVERLAP;
        }
    }

    fn window(
        &self,
        field: &Field<'_>,
        value: &[u8],
        findings: &mut Vec<Finding>,
        budget: &mut usize,
        dropped: &mut usize,
    ) {
        if !suspicious(value, None) {
            return;
        }
        if *budget < value.len() {
            *dropped += value.len();
            return;
        }
        *budget -= value.len();
        let mut seen = Protections::none();
        self.recognise(field, value, &mut seen, findings);
        for variant in decode::variants(value) {
            *budget = budget.saturating_sub(variant.len());
            self.recognise(field, &variant, &mut seen, findings);
        }
    }

    fn recognise(
        &self,
        field: &Field<'_>,
        value: &[u8],
        seen: &mut Protections,
        findings: &mut Vec<Finding>,
    ) {
        for protection in Protection::ALL {
            if !self.settings.protections.contains(protection) || seen.contains(protection) {
                continue;
            }
            let hit = match protection {
                Protection::Sqli => crate::sql::recognise(value),
                Protection::Cmdi => crate::shell::recognise(value),
                Protection::CodeInjection => crate::code::recognise(value),
                Protection::Xss => crate::html::recognise(value),
                Protection::Lfi => crate::path::recognise(value, field.location == Location::Path),
            };
            let Some(hit) = hit.filter(|hit| hit.score >= THRESHOLD) else { continue };
            let key = String::from_utf8_lossy(field.key).into_owned();
            let text = String::from_utf8_lossy(value);
            let excepted =
                self.settings.exceptions.iter().any(|e| e.matches(protection, field.location, &key, &text));
            *seen = seen.with(protection);
            let name = (field.name)();
            let known = findings
                .iter()
                .any(|f| f.protection == protection && f.field == name && f.record == field.record);
            if excepted || known {
                continue;
            }
            let (value, span) = excerpt(value, &hit);
            findings.push(Finding {
                protection,
                field: name,
                value,
                span,
                reason: hit.reason,
                score: hit.score,
                location: field.location,
                key,
                record: field.record,
            });
        }
    }
}

/// The value as text, at most 1 KiB of it around the hit, with the hit's place in it.
fn excerpt(value: &[u8], hit: &Hit) -> (String, (usize, usize)) {
    let (from, to) =
        (hit.span.0.min(value.len()), hit.span.1.clamp(hit.span.0.min(value.len()), value.len()));
    let to = to.min(from + 512);
    let start = from.saturating_sub(256);
    let end = value.len().min(to + 256);
    let mut text = String::from_utf8_lossy(&value[start..from]).into_owned();
    let first = text.len();
    text.push_str(&String::from_utf8_lossy(&value[from..to]));
    let last = text.len();
    text.push_str(&String::from_utf8_lossy(&value[to..end]));
    (text, (first, last))
}
