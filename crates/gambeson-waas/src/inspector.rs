use crate::decode;
use crate::event::{EventSource, Field, Limits, walk};
use crate::request::Request;
use crate::settings::{Location, Protection, Protections, Settings};
use crate::text::{Hit, Needles, has_word, needles, starts_with_word};

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
const WINDOW: usize = 16 * 1024;
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
        if !suspicious(value) {
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

/// Most values are names, numbers and sentences, which no recogniser needs to see.
fn suspicious(value: &[u8]) -> bool {
    const OTHER: u8 = 1;
    const DIGIT: u8 = 2;
    const SPACE: u8 = 4;
    const PLUS: u8 = 8;
    const DASH_OR_DOT: u8 = 16;
    const LOW_LINE: u8 = 32;
    const AT: u8 = 64;
    const CLASSES: [u8; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            table[byte] = match byte as u8 {
                b'0'..=b'9' => DIGIT,
                b' ' => SPACE,
                b'+' => PLUS,
                b'-' | b'.' => DASH_OR_DOT,
                b'_' => LOW_LINE,
                b'@' => AT,
                b'a'..=b'z' | b'A'..=b'Z' | b',' | b'?' | b'!' => 0,
                _ => OTHER,
            };
            byte += 1;
        }
        table
    };
    let classes = value.iter().fold(0, |classes, &byte| classes | CLASSES[byte as usize]);
    let has = |class| classes & class != 0;
    if has(OTHER) {
        return true;
    }
    if value.len() >= 12 && !has(SPACE) {
        // A word is harmless but for what it encodes; a plus may be a space.
        if has(PLUS) || crate::code::serialised(value).is_some() || decode::base64(value).is_some() {
            return true;
        }
    }
    let pair = |wanted: &[u8]| value.windows(2).any(|pair| pair == wanted);
    if has(DASH_OR_DOT)
        && (pair(b"..") || pair(b"--") || [&b".ini"[..], b".env"].iter().any(|end| value.ends_with(end)))
    {
        return true;
    }
    if has(LOW_LINE) && pair(b"__") || has(AT) && pair(b"@@") {
        return true;
    }
    // Short ones may be a condition or a command with an option, all in letters.
    let short = value.len() < 100
        && (has(DASH_OR_DOT) && pair(b" -") || has(DIGIT) && has_word(value, needles!["or ", "and "]));
    short || value.len() < 100 && starts_with_word(value, &COMMANDS) || has_word(value, &WORDS)
}

/// What makes letters alone suspicious: names and keywords of each recogniser that need no other sign.
static WORDS: Needles = Needles::new(&[
    "select",
    "union",
    "order by",
    "waitfor",
    "xp_",
    "sp_",
    "dbms_",
    "utl_",
    "ctxsys.",
    "information_schema",
    "sys.database_name",
    "constructor",
    "java.",
    "javax.",
    "org.apache.",
    "com.sun.",
    "processbuilder",
    "child_process",
    "process.",
    "subprocess",
    "classloader",
    "class.forname",
    "class.getclass",
    "_memberaccess",
    "ognlcontext",
    "runtime.exec",
    "getruntime",
    "scriptengine",
    "kernel.exec",
    "instance_eval",
    "auto_prepend_file",
    "allow_url_include",
    "db.collection",
    "system.diagnostics",
    "fs.read",
    "deno.run",
    "nsenter",
    "htpasswd",
    "bash_history",
    "cmd.exe",
    "powershell",
]);

/// Commands that are an attack as a whole value, without a sign.
static COMMANDS: Needles = Needles::new(&[
    "whoami",
    "ifconfig",
    "ipconfig",
    "systeminfo",
    "sysinfo",
    "netstat",
    "tasklist",
    "lsb_release",
    "printenv",
    "lsof",
    "sleep ",
    "which ",
    "whereis ",
    "net ",
    "netsh ",
    "reg ",
]);

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
