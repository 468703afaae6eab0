//! What is a statement or a query of its own, and the functions and tables that only an attacker names.

use super::names::{SYSTEM_TABLES, known_function, strong_function};
use super::token::Kind;
use super::{Operand, Reading};
use crate::text::{Hit, find, find_any};

impl Reading<'_> {
    pub(super) fn word(&self, i: usize) -> Option<Hit> {
        let word = self.word_at(i);
        match word {
            b"union" => self.union(i),
            b"select" => self.select(i),
            b"order" | b"group" if self.is(i + 1, &[b"by"]) => {
                let after_value = i > 0
                    && (self.broken_out(i) || matches!(self.kind(i - 1), Some(Kind::Number | Kind::Close)));
                let (end, what) = self.operand(i + 2)?;
                let constant = matches!(self.kind(i + 2), Some(Kind::Number));
                let cut = self.kind(end) == Some(Kind::Comment);
                if i == 0 && constant && self.ends(end) && self.text.len() < 60 {
                    return self.found(i, end, 60, "appends an ordering to the statement");
                }
                if after_value && i <= 4 && (constant || cut || what == Operand::Call) {
                    self.found(i, end, 75, "appends an ordering to the statement")
                } else {
                    None
                }
            }
            b"having" | b"where" | b"when" | b"limit" | b"rlike" | b"if" | b"iif" | b"case" | b"elt"
            | b"make_set" => self.clause(i),
            b"waitfor" if self.is(i + 1, &[b"delay", b"time"]) => {
                self.found(i, i + 3, 90, "makes the database wait")
            }
            b"procedure" if self.word_at(i + 1).starts_with(b"analyse") => {
                self.found(i, i + 3, 85, "calls analyse of the database")
            }
            b"on" if i > 0 && self.is(i + 1, &[b"duplicate"]) && self.is(i + 2, &[b"key"]) => {
                self.found(i, i + 4, 75, "appends a clause to the statement")
            }
            b"into" if self.is(i + 1, &[b"outfile", b"dumpfile"]) => {
                self.found(i, i + 3, 85, "makes the database write a file")
            }
            b"drop" | b"insert" | b"update" | b"delete" | b"truncate" | b"alter" | b"create" | b"exec"
            | b"execute" | b"declare" | b"load" | b"grant" | b"copy"
                if i == 0
                    || i == 1 && self.tokens[0].kind == Kind::Number
                    || self.is(i - 1, &[b"begin", b"then", b"else"]) =>
            {
                self.statement(i).and_then(|end| {
                    let certain = self.whole(end);
                    self.found(i, end, if certain { 65 } else { 40 }, "is a statement of its own")
                })
            }
            _ => self.function(i, word),
        }
    }

    /// Whether an SQL statement and not a sentence is what the value is.
    pub(super) fn whole(&self, from: usize) -> bool {
        let rest = &self.tokens[from.min(self.tokens.len())..];
        let words = rest.iter().filter(|t| t.kind == Kind::Word).count();
        words * 2 <= rest.len() || words <= 1
    }

    pub(super) fn union(&self, i: usize) -> Option<Hit> {
        let mut at = i + 1;
        while self.is(at, &[b"all", b"distinct", b"distinctrow"])
            || matches!(self.kind(at), Some(Kind::Open | Kind::Operator))
        {
            at += 1;
        }
        if !self.is(at, &[b"select", b"values", b"table"]) {
            return None;
        }
        let next = self.kind(at + 1);
        let listed = match next {
            None => true,
            Some(Kind::Word) => {
                matches!(self.word_at(at + 1), b"null" | b"top" | b"distinct" | b"all" | b"user" | b"from")
                    || matches!(self.kind(at + 2), Some(Kind::Comma | Kind::Comment))
                    || self.is(at + 2, &[b"from"])
                    || self.quoted
            }
            _ => true,
        };
        if listed {
            self.found(i, at + 2, 90, "adds the rows of a query of its own (union select)")
        } else {
            None
        }
    }

    pub(super) fn select(&self, i: usize) -> Option<Hit> {
        let before = i.checked_sub(1).and_then(|b| self.kind(b));
        let nested = matches!(before, Some(Kind::Open | Kind::Compare | Kind::Operator | Kind::Semicolon));
        let mut list = i + 1;
        while self.is(list, &[b"distinct", b"all", b"top"]) {
            list += 1;
        }
        let end = self.tokens.len().min(list + 60);
        let from = (list..end).find(|&at| self.is(at, &[b"from"]));
        let symbolic = |to: usize| {
            (list..to).any(|at| {
                matches!(
                    self.kind(at),
                    Some(
                        Kind::Function
                            | Kind::Variable
                            | Kind::Comma
                            | Kind::Operator
                            | Kind::Number
                            | Kind::Text
                    )
                )
            })
        };
        if let Some(from) = from.filter(|&from| from > list) {
            if !matches!(
                self.kind(from + 1),
                Some(Kind::Word | Kind::Function | Kind::Open | Kind::Variable | Kind::Text)
            ) {
                return None;
            }
            let table = self.word_at(from + 1);
            let system = find_any(table, &SYSTEM_TABLES).is_some();
            let score = match () {
                () if system => 85,
                () if nested && (symbolic(from) || from == list + 1) => 80,
                () if i == 0 && symbolic(from) => 65,
                () if i == 0 && from == list + 1 && self.whole(from + 1) => 55,
                () if symbolic(from) && self.broken_out(i) => 65,
                () => 0,
            };
            return self.found(i, from + 2, score, "a query of its own");
        }
        let constant = matches!(self.kind(list), Some(Kind::Variable | Kind::Number | Kind::Text))
            || self.kind(list) == Some(Kind::Function) && known_function(self.word_at(list));
        if constant && (nested || i == 0) {
            return self.found(i, list + 1, if nested { 75 } else { 60 }, "a query of its own");
        }
        None
    }

    /// The end of the head of a statement that starts at `i`, if one does.
    pub(super) fn statement(&self, i: usize) -> Option<usize> {
        let objects: &[&[u8]] = &[
            b"table",
            b"database",
            b"user",
            b"view",
            b"procedure",
            b"function",
            b"index",
            b"schema",
            b"login",
            b"role",
            b"trigger",
            b"column",
            b"session",
            b"temporary",
            b"temp",
        ];
        let next = i + 1;
        match self.word_at(i) {
            b"drop" | b"alter" | b"create" | b"truncate"
                if (self.is(next, objects) || self.word_at(next) == b"or")
                    && self.kind(next + 1).is_some() =>
            {
                Some(next + 2)
            }
            b"insert" | b"replace" if self.is(next, &[b"into"]) && self.kind(next + 1).is_some() => {
                Some(next + 2)
            }
            b"delete" if self.is(next, &[b"from"]) => Some(next + 2),
            b"update" if self.is(next + 1, &[b"set"]) => Some(next + 2),
            b"exec" | b"execute"
                if self.word_at(next).starts_with(b"xp_")
                    || self.word_at(next).starts_with(b"sp_")
                    || self.word_at(next).starts_with(b"master")
                    || matches!(self.kind(next), Some(Kind::Open | Kind::Variable))
                    || self.is(next, &[b"immediate"]) =>
            {
                Some(next + 1)
            }
            b"declare" if self.kind(next) == Some(Kind::Variable) => Some(next + 1),
            b"load" if self.is(next, &[b"data", b"extension"]) => Some(next + 2),
            b"grant" if self.is(next + 1, &[b"on", b"to"]) || self.kind(next + 1) == Some(Kind::Comma) => {
                Some(next + 2)
            }
            b"copy" if self.is(next + 1, &[b"from", b"to"]) || self.kind(next) == Some(Kind::Open) => {
                Some(next + 2)
            }
            b"shutdown" | b"waitfor" if i > 0 => Some(next),
            b"if" | b"begin" | b"set" | b"call" | b"print" | b"vacuum" | b"attach" | b"handler" | b"do"
                if matches!(self.kind(next), Some(Kind::Open | Kind::Variable | Kind::Function))
                    || self.is(next, &[b"database", b"not", b"exists"]) =>
            {
                Some(next + 1)
            }
            b"select"
                if matches!(
                    self.kind(next),
                    Some(
                        Kind::Function
                            | Kind::Variable
                            | Kind::Number
                            | Kind::Text
                            | Kind::Open
                            | Kind::Operator
                    )
                ) || (next..next + 8).any(|at| self.is(at, &[b"from"])) =>
            {
                Some(next + 1)
            }
            _ => None,
        }
    }

    pub(super) fn stacked(&self, i: usize) -> Option<Hit> {
        let end = self.statement(i + 1).or_else(|| {
            matches!(self.kind(i + 1), Some(Kind::Open)).then(|| self.statement(i + 2)).flatten()
        })?;
        let first = i == 0
            || self.quoted
            || matches!(self.kind(i - 1), Some(Kind::Number | Kind::Text | Kind::Close | Kind::Word));
        if first { self.found(i, end, 80, "ends the statement and starts another") } else { None }
    }

    /// Functions and tables that only an attacker passes.
    pub(super) fn function(&self, i: usize, word: &[u8]) -> Option<Hit> {
        let called = self.kind(i) == Some(Kind::Function);
        // ascii(substr(…)) and nothing else: how data is read one character at a time.
        if i == 0
            && called
            && matches!(word, b"ascii" | b"ord" | b"hex" | b"bin" | b"unicode")
            && self.kind(2) == Some(Kind::Function)
            && matches!(self.word_at(2), b"substr" | b"substring" | b"mid" | b"left" | b"right")
        {
            return self.found(0, self.after_parens(1), 55, "reads a value character by character");
        }
        if called && strong_function(word) {
            let alone = i == 0 || !matches!(self.kind(i - 1), Some(Kind::Word));
            let sleeps = matches!(word, b"sleep" | b"delay");
            // "sleep (8 hours)" is said by people.
            let counted = matches!(self.kind(i + 2), Some(Kind::Number | Kind::Open | Kind::Function))
                && !self
                    .tokens
                    .get(i + 3)
                    .is_some_and(|next| next.kind == Kind::Word && next.from > self.tokens[i + 2].to);
            let score = match () {
                () if sleeps && !counted => 0,
                () if sleeps && i == 0 => 50,
                () if self.broken_out(i) => 85,
                () if alone => 75,
                () => 55,
            };
            return self.found(
                i,
                i + 3,
                score,
                "calls a function of the database that leaks, waits or reads files",
            );
        }
        if word.starts_with(b"xp_") && word.len() > 5
            || [
                &b"sp_oacreate"[..],
                b"sp_addlogin",
                b"sp_executesql",
                b"sp_password",
                b"sp_makewebtask",
                b"sp_addsrvrolemember",
            ]
            .contains(&word)
            || find(word, b".xp_").is_some()
            || find(word, b"..sp_").is_some()
        {
            return self.found(i, i + 1, 75, "names a system procedure of SQL Server");
        }
        if [
            &b"utl_http."[..],
            b"utl_inaddr.",
            b"dbms_pipe.",
            b"dbms_lock.",
            b"dbms_java.",
            b"dbms_ldap.",
            b"dbms_xmlgen.",
            b"dbms_utility.",
            b"ctxsys.",
            b"information_schema.",
            b"dbms_assert.",
            b"dbms_export",
            b"sys.database_name",
        ]
        .iter()
        .any(|p| word.starts_with(p))
        {
            return self.found(i, i + 1, 75, "names a package or table of the database itself");
        }
        None
    }

    pub(super) fn variable(&self, i: usize) -> Option<Hit> {
        let word = self.word_at(i);
        let server = matches!(
            word,
            b"@@version"
                | b"@@servername"
                | b"@@hostname"
                | b"@@datadir"
                | b"@@basedir"
                | b"@@version_compile_os"
                | b"@@spid"
                | b"@@microsoftversion"
                | b"@@connections"
                | b"@@cpu_busy"
                | b"@@pack_received"
                | b"@@global.version"
        );
        if server { self.found(i, i + 1, 65, "reads a variable of the database server") } else { None }
    }
}
