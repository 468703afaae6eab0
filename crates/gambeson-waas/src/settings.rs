use std::fmt;

use regex_lite::Regex;

/// What an inspector looks for, and where it does not.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The protections that are on.
    pub protections: Protections,
    /// Fields that are left out, each for one protection.
    pub exceptions: Vec<Exception>,
    /// The number of bytes of a body that are inspected; the rest is reported as uninspected.
    pub body_limit: usize,
    /// Whether bodies are left out altogether.
    pub skip_body: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            protections: Protections::all(),
            exceptions: Vec::new(),
            body_limit: 131_072,
            skip_body: false,
        }
    }
}

/// A class of attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protection {
    /// SQL injection.
    Sqli,
    /// Command injection.
    Cmdi,
    /// Code injection: Node, Python, PHP, Ruby, Java, templates, JNDI.
    CodeInjection,
    /// Cross-site scripting.
    Xss,
    /// Local file inclusion.
    Lfi,
}

impl Protection {
    /// Every protection, in the order of the Console.
    pub const ALL: [Self; 5] = [Self::Sqli, Self::Cmdi, Self::CodeInjection, Self::Xss, Self::Lfi];

    /// The Compute API's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqli => "sqli",
            Self::Cmdi => "cmdi",
            Self::CodeInjection => "codeInjection",
            Self::Xss => "xss",
            Self::Lfi => "lfi",
        }
    }

    /// The category of the OWASP Top 10 of 2021 that the class belongs to.
    pub fn owasp(self) -> &'static str {
        match self {
            Self::Sqli | Self::Cmdi | Self::CodeInjection | Self::Xss => "A03:2021 Injection",
            // Path traversal (CWE-22) is a failure of access control there.
            Self::Lfi => "A01:2021 Broken Access Control",
        }
    }

    /// The technique of MITRE ATT&CK that an attacker would get to with it.
    pub fn technique(self) -> Technique {
        let (id, name) = match self {
            Self::Sqli => ("T1190", "Exploit Public-Facing Application"),
            Self::Cmdi => ("T1059.004", "Command and Scripting Interpreter: Unix Shell"),
            Self::CodeInjection => ("T1059", "Command and Scripting Interpreter"),
            Self::Xss => ("T1189", "Drive-by Compromise"),
            Self::Lfi => ("T1005", "Data from Local System"),
        };
        Technique { id, name }
    }
}

/// A technique of MITRE ATT&CK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Technique {
    /// Such as `T1190`.
    pub id: &'static str,
    /// Its name there.
    pub name: &'static str,
}

impl fmt::Display for Technique {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.name)
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of protections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protections(u8);

impl Protections {
    /// No protection.
    pub const fn none() -> Self {
        Self(0)
    }

    /// All five.
    pub const fn all() -> Self {
        Self(0b1_1111)
    }

    /// This set and one more.
    #[must_use]
    pub const fn with(self, protection: Protection) -> Self {
        Self(self.0 | 1 << protection as u8)
    }

    /// Whether a protection is on.
    pub const fn contains(self, protection: Protection) -> bool {
        self.0 & (1 << protection as u8) != 0
    }

    /// Whether nothing is on.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Protection> for Protections {
    fn from_iter<I: IntoIterator<Item = Protection>>(iter: I) -> Self {
        iter.into_iter().fold(Self::none(), Self::with)
    }
}

/// Where in a request a field stands, as exceptions name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// The path of the request.
    Path,
    /// A query parameter, by name.
    Query,
    /// The values of the query, whatever their names.
    QueryValues,
    /// A cookie.
    Cookie,
    /// The header `User-Agent`.
    UserAgentHeader,
    /// Another header.
    Header,
    /// A parameter of a form body.
    Body,
    /// The body as a whole.
    RawBody,
    /// A place in an XML body.
    XmlPath,
    /// A place in a JSON body, or in an event that is no HTTP request.
    JsonPath,
}

impl Location {
    /// Reads the Compute API's name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "path" => Self::Path,
            "query" => Self::Query,
            "queryValues" => Self::QueryValues,
            "cookie" => Self::Cookie,
            "UserAgentHeader" => Self::UserAgentHeader,
            "header" => Self::Header,
            "body" => Self::Body,
            "rawBody" => Self::RawBody,
            "XMLPath" => Self::XmlPath,
            "JSONPath" => Self::JsonPath,
            _ => return None,
        })
    }

    fn covers(self, field: Self) -> bool {
        self == field
            || match self {
                Self::QueryValues => field == Self::Query,
                Self::Header => field == Self::UserAgentHeader,
                Self::RawBody => matches!(field, Self::Body | Self::XmlPath | Self::JsonPath),
                _ => false,
            }
    }
}

/// A field that one protection does not look at. Patterns match in time linear in the value.
#[derive(Clone, Debug)]
pub struct Exception {
    protection: Protection,
    location: Location,
    key: Option<Key>,
    value: Option<Regex>,
}

#[derive(Clone, Debug)]
enum Key {
    Exact(String),
    Pattern(Regex),
}

/// A pattern of an exception that is no regular expression.
#[derive(Debug)]
pub struct InvalidPattern(String);

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid pattern: {}", self.0)
    }
}

impl std::error::Error for InvalidPattern {}

impl Exception {
    /// An exception for one protection. An empty `key` stands for every key; with `key_is_pattern` it is a regular
    /// expression. `value` is a regular expression that the value must match, too.
    pub fn new(
        protection: Protection,
        location: Location,
        key: &str,
        key_is_pattern: bool,
        value: Option<&str>,
    ) -> Result<Self, InvalidPattern> {
        let compile =
            |text: &str| Regex::new(text).map_err(|error| InvalidPattern(format!("`{text}`: {error}")));
        let key = match (key, key_is_pattern) {
            ("", _) => None,
            (key, true) => Some(Key::Pattern(compile(key)?)),
            (key, false) => Some(Key::Exact(key.to_owned())),
        };
        let value = value.filter(|value| !value.is_empty()).map(compile).transpose()?;
        Ok(Self { protection, location, key, value })
    }

    pub(crate) fn matches(&self, protection: Protection, location: Location, key: &str, value: &str) -> bool {
        self.protection == protection
            && self.location.covers(location)
            && match &self.key {
                None => true,
                // Header names do not care for case; a query parameter that differs in case only is as good as the same.
                Some(Key::Exact(exact)) => exact.eq_ignore_ascii_case(key),
                Some(Key::Pattern(pattern)) => pattern.is_match(key),
            }
            && self.value.as_ref().is_none_or(|pattern| pattern.is_match(value))
    }
}
