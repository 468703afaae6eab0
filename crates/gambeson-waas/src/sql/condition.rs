//! What changes the condition around it: another condition, an operator after a string, a comment that cuts it off.

use super::names::strong_function;
use super::token::Kind;
use super::{Operand, Reading};
use crate::text::Hit;

impl Reading<'_> {
    /// `or 1=1`, `and (select …)`, `|| sleep(5)`.
    pub(super) fn logic(&self, i: usize) -> Option<Hit> {
        // SKU-OR-1=1 is a name.
        if !self.quoted && self.tokens[i].from > 0 && self.text[self.tokens[i].from - 1] == b'-' {
            return None;
        }
        let (end, left) = self.operand(i + 1)?;
        let spelled = self.word_at(i).first().is_some_and(u8::is_ascii_alphabetic);
        if self.kind(end) == Some(Kind::Compare) {
            let mut next = end + 1;
            while self.kind(next) == Some(Kind::Compare) {
                next += 1;
            }
            let (last, right) = self.operand(next)?;
            let reason = "adds a condition of its own to the statement";
            return match (left, right) {
                (Operand::Literal, Operand::Literal) => self.found(
                    i,
                    last,
                    if spelled || self.quoted { 85 } else { 70 },
                    "adds a condition that compares constants",
                ),
                (Operand::Call, _) | (_, Operand::Call) => {
                    self.found(i, last, 80, "adds a condition with a function or a sub-query")
                }
                (Operand::Name, _) if self.broken_out(i) && self.ends_string(last) => {
                    self.found(i, last, 70, reason)
                }
                (Operand::Name, Operand::Name)
                    if self.word_at(i + 1) == self.word_at(next) && last == next + 1 =>
                {
                    self.found(i, last, 65, "adds a condition that is always true")
                }
                (_, Operand::Name)
                    if self.broken_out(i)
                        && left == Operand::Literal
                        && !self.text[self.tokens[end].from].is_ascii_alphabetic() =>
                {
                    self.found(i, last, 65, reason)
                }
                _ if self.kind(last) == Some(Kind::Comment) => self.found(i, last + 1, 70, reason),
                _ if i > 0 && self.kind(i - 1) == Some(Kind::Number) && i == 1 && spelled => {
                    self.found(i, last, 65, reason)
                }
                _ => None,
            };
        }
        let commented = self.kind(end) == Some(Kind::Comment);
        // `1 or true`, `1 || 1`; "1 or 2" is said by people.
        let truth = self.is(i + 1, &[b"true", b"false", b"not"]) || !spelled;
        match left {
            Operand::Literal
                if truth
                    && i == 1
                    && self.kind(0) == Some(Kind::Number)
                    && end == self.tokens.len()
                    && !self.quoted =>
            {
                self.found(0, end, 60, "adds a condition that is always true")
            }
            Operand::Literal
                if commented
                    && (self.broken_out(i) || i > 0 && self.kind(i - 1) == Some(Kind::Number) || i == 0) =>
            {
                self.found(
                    i,
                    end + 1,
                    75,
                    "adds a condition that is always true, then cuts off the statement",
                )
            }
            Operand::Literal
                if self.broken_out(i) && i <= 2 && end == self.tokens.len() && self.tokens[0].to <= 2 =>
            {
                self.found(i, end, 60, "closes the string and adds a condition")
            }
            Operand::Literal
                if self.broken_out(i)
                    && i <= 2
                    && end == self.tokens.len()
                    && self.tokens.last().is_some_and(|t| t.kind == Kind::Number) =>
            {
                self.found(i, end, 60, "closes the string and adds a condition")
            }
            Operand::Literal
                if self.broken_out(i)
                    && self.after_value(i)
                    && self.closes_a_value()
                    && self.terse(i + 1, end) =>
            {
                self.found(i, end, 60, "closes the string and adds a condition")
            }
            // "1 or 2" is said by people, "1 or -2" and "1 or(2)" are not.
            Operand::Literal
                if !self.quoted
                    && self.after_value(i)
                    && (matches!(self.word_at(i + 1), b"-" | b"+" | b"~" | b"!")
                        || self.word_at(i + 1) == b"(" && self.tokens[i + 1].from == self.tokens[i].to)
                    && end == self.tokens.len() =>
            {
                self.found(0, end, 55, "adds a condition to the statement")
            }
            Operand::Call => {
                let telling = (i + 1..end).any(|at| {
                    self.is(at, &[b"select"])
                        || self.kind(at) == Some(Kind::Function) && tells(self.word_at(at))
                });
                if commented || !self.quoted && self.after_value(i) && self.nothing_from(end) && telling {
                    return self.found(i, end + 1, 70, "adds a function of the database");
                }
                let sub = self.word_at(i + 1) == b"(" || strong_function(self.word_at(i + 1));
                if sub {
                    self.found(i, end, 80, "adds a sub-query or a function of the database")
                } else if self.broken_out(i) {
                    self.found(i, end, 60, "adds a function of the database")
                } else {
                    None
                }
            }
            _ => None,
        }
    }

    /// The string that a breakout leaves open ends the value: `' or name='x`.
    fn ends_string(&self, i: usize) -> bool {
        self.ends(i) || self.kind(i) == Some(Kind::Logic) || self.kind(i) == Some(Kind::Semicolon)
    }

    /// `having 1=1`, `case when 1=1 then`, `if(1=1,…)`, `where 1=1`.
    pub(super) fn clause(&self, i: usize) -> Option<Hit> {
        let at = if self.is(i, &[b"case"]) && self.is(i + 1, &[b"when"]) { i + 2 } else { i + 1 };
        let (end, left) = self.operand(at)?;
        if self.kind(end) == Some(Kind::Compare) {
            let (last, right) = self.operand(end + 1)?;
            if (left, right) == (Operand::Literal, Operand::Literal)
                || left == Operand::Call
                || right == Operand::Call
            {
                return self.found(i, last, 80, "adds a clause with a condition that compares constants");
            }
        }
        let after_number = !self.quoted && self.after_value(i);
        if self.is(i, &[b"limit"])
            && after_number
            && left == Operand::Literal
            && (self.ends(end) || self.kind(end) == Some(Kind::Comma) || self.is(end, &[b"offset"]))
        {
            return self.found(i, end, 60, "appends a clause to the statement");
        }
        if self.is(i, &[b"having", b"limit"])
            && self.broken_out(i)
            && self.after_value(i)
            && self.closes_a_value()
            && (self.kind(end) == Some(Kind::Comment) || left == Operand::Literal)
        {
            return self.found(i, end, 65, "appends a clause to the statement");
        }
        if self.is(i, &[b"rlike"]) && left == Operand::Call {
            return self.found(i, end, 75, "compares with a sub-query");
        }
        None
    }

    /// `'='`, `'||(select …)||'`, `' like '%`, `1'-'0`.
    pub(super) fn operator(&self, i: usize) -> Option<Hit> {
        if !self.quoted && self.after_value(i) && self.kind(i + 1) == Some(Kind::Function) {
            let end = self.after_parens(i + 2);
            let tells = end == self.tokens.len() && tells(self.word_at(i + 1));
            return if tells {
                self.found(0, end, 60, "computes with what the database tells")
            } else {
                None
            };
        }
        if !self.broken_out(i) || i > 3 || !self.tokens[1..i].iter().all(|t| t.kind == Kind::Close) {
            return None;
        }
        let comparison = self.kind(i) == Some(Kind::Compare);
        let (end, right) = self.operand(i + 1)?;
        let start = self.tokens[0].to <= 2;
        let reason = "closes the string and goes on with an operator";
        match right {
            Operand::Call
                if self.is(i + 1, &[b"select"])
                    || strong_function(self.word_at(i + 1))
                    || self.kind(i + 1) == Some(Kind::Open) =>
            {
                self.found(0, end, 75, reason)
            }
            Operand::Call
                if self.closes_a_value()
                    && !matches!(self.word_at(i), b":" | b"." | b"\\" | b"?" | b"{" | b"}" | b"!") =>
            {
                self.found(0, end, 60, reason)
            }
            Operand::Literal if self.kind(end) == Some(Kind::Comment) => self.found(0, end + 1, 75, reason),
            Operand::Literal if self.kind(end) == Some(Kind::Logic) && self.is(i, &[b"div", b"mod"]) => {
                self.found(0, end + 1, 65, reason)
            }
            Operand::Literal
                if comparison
                    && (start || self.kind(end) == Some(Kind::Logic))
                    && end >= self.tokens.len().saturating_sub(6) =>
            {
                self.found(0, end, 65, reason)
            }
            Operand::Literal
                if start
                    && end == self.tokens.len()
                    && !matches!(self.word_at(i), b":" | b"." | b"/" | b"\\" | b"?" | b"{" | b"}" | b"!") =>
            {
                self.found(0, end, 60, reason)
            }
            _ => None,
        }
    }

    /// `x', role='admin`: another column gets a value, too.
    pub(super) fn assignment(&self, i: usize) -> Option<Hit> {
        let assigned = i == 1
            && self.closes_a_value()
            && self.kind(2) == Some(Kind::Word)
            && self.word_at(3) == b"="
            && matches!(self.kind(4), Some(Kind::Text | Kind::Number))
            && self.ends(5);
        if assigned { self.found(0, 5, 60, "closes the string and sets another column") } else { None }
    }

    /// `admin'--`, `') #`, `1)/*`.
    pub(super) fn cut(&self, i: usize) -> Option<Hit> {
        let reason = "closes the string and cuts off the rest of the statement";
        let between = &self.tokens[usize::from(self.quoted).min(i)..i];
        let closers = between.iter().all(|t| matches!(t.kind, Kind::Close | Kind::Semicolon));
        let tail = &self.text[self.tokens[i].from..];
        let bare = tail.iter().filter(|b| b.is_ascii_alphanumeric()).count() <= 2;
        if self.quoted && i > 0 && closers && self.tokens[0].to <= 64 && bare {
            return self.found(0, i + 1, 75, reason);
        }
        // 1/*, 1--: nothing else, and at once.
        if !self.quoted && i == 1 && self.tokens[0].kind == Kind::Number && self.tokens[0].from == 0 {
            let apart = self.tokens[1].from > self.tokens[0].to;
            let empty = tail.iter().all(|b| matches!(b, b'-' | b'+' | b'/' | b'*' | b' '));
            if empty && (!apart || tail.starts_with(b"-- -") || tail.starts_with(b"--+")) {
                return self.found(0, 2, 50, "cuts off the rest of the statement after a number");
            }
        }
        if !self.quoted
            && i > 1
            && bare
            && self.tokens[0].kind == Kind::Number
            && self.tokens[1..i].iter().all(|t| matches!(t.kind, Kind::Close | Kind::Semicolon))
        {
            return self.found(0, i + 1, 65, "ends the statement after a number and cuts off the rest");
        }
        None
    }

    /// One number or an unfinished word from `i` to `end`, and nothing behind it but what ends a statement.
    fn terse(&self, i: usize, end: usize) -> bool {
        let last = &self.tokens[end - 1];
        let short = last.kind == Kind::Number || last.to - last.from <= 3;
        short && end <= i + 4 && self.nothing_from(end)
    }

    fn nothing_from(&self, i: usize) -> bool {
        self.tokens[i..].iter().all(|token| token.kind == Kind::Semicolon)
    }
}

/// Functions without which nobody computes with a value, but somebody who wants to see whether a database does.
fn tells(function: &[u8]) -> bool {
    const NAMES: &[&[u8]] = &[
        b"user",
        b"version",
        b"database",
        b"schema",
        b"current_user",
        b"session_user",
        b"system_user",
        b"db_name",
        b"user_name",
        b"host_name",
        b"sqlite_version",
        b"current_database",
        b"connection_id",
        b"char",
        b"chr",
        b"ascii",
        b"ord",
        b"benchmark",
    ];
    NAMES.contains(&function)
}
