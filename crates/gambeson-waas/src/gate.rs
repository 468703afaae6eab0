//! The gate: most values are names, numbers, times and sentences, which no recogniser needs to see.

use crate::decode;
use crate::text::{Needles, has_word, needles, starts_with_word};

/// What kinds of bytes a value is made of, one bit each; letters have none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Classes(u16);

impl Classes {
    const OTHER: u16 = 1;
    const DIGIT: u16 = 1 << 1;
    const SPACE: u16 = 1 << 2;
    const PLUS: u16 = 1 << 3;
    const DASH_OR_DOT: u16 = 1 << 4;
    const LOW_LINE: u16 = 1 << 5;
    const AT: u16 = 1 << 6;
    /// Commas, and what ends a sentence.
    const STOP: u16 = 1 << 7;
    const HIGH: u16 = 1 << 8;
    const COLON: u16 = 1 << 9;
    /// What ends a string of JSON, or escapes in it.
    const QUOTE_OR_BACKSLASH: u16 = 1 << 10;

    const OF: [u16; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            table[byte] = match byte as u8 {
                b'0'..=b'9' => Self::DIGIT,
                b' ' => Self::SPACE,
                b'+' => Self::PLUS,
                b'-' | b'.' => Self::DASH_OR_DOT,
                b'_' => Self::LOW_LINE,
                b'@' => Self::AT,
                b':' => Self::COLON,
                b',' | b'?' | b'!' => Self::STOP,
                b'a'..=b'z' | b'A'..=b'Z' => 0,
                b'"' | b'\\' => Self::OTHER | Self::QUOTE_OR_BACKSLASH,
                0x80.. => Self::HIGH,
                _ => Self::OTHER,
            };
            byte += 1;
        }
        table
    };

    fn of(value: &[u8]) -> Self {
        Self(value.iter().fold(0, |classes, &byte| classes | Self::OF[byte as usize]))
    }

    /// The first quote or backslash from a place on, and what stands before it.
    #[inline]
    pub(crate) fn until_quote_or_backslash(text: &[u8], from: usize) -> Option<(usize, Self)> {
        let mut classes = 0;
        for (length, &byte) in text.get(from..)?.iter().enumerate() {
            let class = Self::OF[byte as usize];
            if class & Self::QUOTE_OR_BACKSLASH != 0 {
                return Some((from + length, Self(classes)));
            }
            classes |= class;
        }
        None
    }

    /// Letters, digits and what joins them, as names of fields have them.
    pub(crate) fn of_a_name(self) -> bool {
        self.0 & !(Self::DIGIT | Self::DASH_OR_DOT | Self::LOW_LINE) == 0
    }

    fn has(self, classes: u16) -> bool {
        self.0 & classes != 0
    }
}

/// Whether a recogniser needs to see the value; `classes` if somebody knows them already.
pub(crate) fn suspicious(value: &[u8], classes: Option<Classes>) -> bool {
    let classes = classes.unwrap_or_else(|| Classes::of(value));
    let has = |class| classes.has(class);
    if has(Classes::OTHER)
        || has(Classes::COLON) && !times(value)
        || has(Classes::HIGH) && decode::folds(value)
    {
        return true;
    }
    if value.len() >= 12 && !has(Classes::SPACE) {
        // A word is harmless but for what it encodes; a plus may be a space.
        if has(Classes::PLUS) || crate::code::serialised(value).is_some() || decode::base64(value).is_some() {
            return true;
        }
    }
    let pair = |wanted: &[u8]| value.windows(2).any(|pair| pair == wanted);
    if has(Classes::DASH_OR_DOT)
        && (pair(b"..") || pair(b"--") || [&b".ini"[..], b".env"].iter().any(|end| value.ends_with(end)))
    {
        return true;
    }
    if has(Classes::LOW_LINE) && pair(b"__") || has(Classes::AT) && pair(b"@@") {
        return true;
    }
    // Short ones may be a condition or a command with an option, all in letters.
    let short = value.len() < 100
        && (has(Classes::DASH_OR_DOT) && pair(b" -")
            || has(Classes::DIGIT) && has_word(value, needles!["or ", "and ", "or-", "and-"]));
    short || value.len() < 100 && starts_with_word(value, &COMMANDS) || has_word(value, &WORDS)
}

/// Colons between digits only, as in `10:30` and `2026-11-24T10:30:00Z`.
fn times(value: &[u8]) -> bool {
    value.iter().enumerate().filter(|&(_, &byte)| byte == b':').all(|(at, _)| {
        at > 0 && value[at - 1].is_ascii_digit() && value.get(at + 1).is_some_and(u8::is_ascii_digit)
    })
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
