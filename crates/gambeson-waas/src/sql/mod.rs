//! SQL injection: the value is read as the attacker hopes the database will read it, as it stands and as if it stood
//! inside a string, and what comes out must be a piece of SQL that changes the statement around it.

mod token;

use token::{Kind, Token, tokens};

use crate::text::{Hit, Needles, documentation, find, find_any, hit, lower};

/// Tokens of one reading: enough for any statement, few enough for any text.
const TOKENS: usize = 6000;

/// Tokens that one operand may have: what is longer is read as if it ended there, so that the cost stays linear.
const REACH: usize = 200;

/// Reads a value as the inside of an SQL statement.
pub(crate) fn recognise(value: &[u8]) -> Option<Hit> {
    let text = lower(value);
    let mut best = Reading::new(&text, None).judge();
    for quote in [b'\'', b'"', b'`'] {
        if text.contains(&quote) {
            let found = Reading::new(&text, Some(quote)).judge();
            if found.as_ref().map_or(0, |hit| hit.score) > best.as_ref().map_or(0, |hit| hit.score) {
                best = found;
            }
        }
    }
    let best = best?;
    // What documents a database speaks SQL without meaning harm.
    hit(best.score.saturating_sub(documentation(&text)), best.span.0, best.span.1, best.reason)
}

/// The value in one context.
struct Reading<'a> {
    text: &'a [u8],
    tokens: Vec<Token>,
    /// Whether it breaks out of a string.
    quoted: bool,
}

impl<'a> Reading<'a> {
    fn new(text: &'a [u8], quote: Option<u8>) -> Self {
        Self { text, tokens: tokens(text, quote, TOKENS), quoted: quote.is_some() }
    }

    fn judge(&self) -> Option<Hit> {
        let mut best: Option<Hit> = None;
        for i in 0..self.tokens.len() {
            let found = match self.tokens[i].kind {
                Kind::Logic => self.logic(i),
                Kind::Word | Kind::Function => self.word(i),
                Kind::Semicolon => self.stacked(i),
                Kind::Compare | Kind::Operator => self.operator(i),
                Kind::Comment => self.cut(i),
                Kind::Variable => self.variable(i),
                _ => None,
            };
            if let Some(found) = found
                && best.as_ref().is_none_or(|best| best.score < found.score)
            {
                let certain = found.score >= 85;
                best = Some(found);
                if certain {
                    break;
                }
            }
        }
        best
    }

    fn kind(&self, i: usize) -> Option<Kind> {
        self.tokens.get(i).map(|token| token.kind)
    }

    fn word_at(&self, i: usize) -> &[u8] {
        self.tokens.get(i).map_or(b"", |token| &self.text[token.from..token.to])
    }

    fn is(&self, i: usize, words: &[&[u8]]) -> bool {
        matches!(self.kind(i), Some(Kind::Word | Kind::Function | Kind::Operator))
            && words.contains(&self.word_at(i))
    }

    fn found(&self, from: usize, to: usize, score: u8, reason: &'static str) -> Option<Hit> {
        let last = to.min(self.tokens.len()).saturating_sub(1).max(from);
        hit(score, self.tokens[from].from, self.tokens[last].to, reason)
    }

    /// The end of an operand that starts at `i`, and what it is made of.
    fn operand(&self, mut i: usize) -> Option<(usize, Operand)> {
        let limit = i + REACH;
        while i < limit
            && (self.kind(i) == Some(Kind::Operator)
                || self.kind(i) == Some(Kind::Open) && !self.is(i + 1, &[b"select"]))
        {
            i += 1;
        }
        let mut kind = match self.kind(i)? {
            Kind::Number | Kind::Text => Operand::Literal,
            Kind::Variable => Operand::Call,
            Kind::Word if matches!(self.word_at(i), b"true" | b"false" | b"null") => Operand::Literal,
            Kind::Word => Operand::Name,
            Kind::Function => {
                return Some((
                    self.after_parens(i + 1),
                    if known_function(self.word_at(i)) { Operand::Call } else { Operand::Name },
                ));
            }
            Kind::Open => return Some((self.after_parens(i), Operand::Call)),
            _ => return None,
        };
        i += 1;
        // 2*3, 'a'||'b', 'a' 'b'
        while let Some(next) = self.kind(i).filter(|_| i < limit) {
            let binary = next == Kind::Operator || next == Kind::Logic && self.word_at(i) == b"||";
            match next {
                Kind::Close => i += 1,
                Kind::Text => i += 1,
                _ if binary && matches!(self.kind(i + 1), Some(Kind::Number | Kind::Text)) => i += 2,
                _ if binary && self.kind(i + 1) == Some(Kind::Function) => {
                    i = self.after_parens(i + 2);
                    kind = Operand::Call;
                }
                _ => break,
            }
        }
        Some((i, kind))
    }

    fn after_parens(&self, mut i: usize) -> usize {
        let mut depth = 0usize;
        let limit = i + REACH;
        while let Some(kind) = self.kind(i).filter(|_| i < limit) {
            i += 1;
            match kind {
                Kind::Open => depth += 1,
                Kind::Close if depth <= 1 => return i,
                Kind::Close => depth -= 1,
                _ => {}
            }
        }
        i
    }

    fn broken_out(&self, i: usize) -> bool {
        self.quoted && i > 0
    }

    fn ends(&self, i: usize) -> bool {
        matches!(self.kind(i), None | Some(Kind::Comment))
    }

    /// `or 1=1`, `and (select …)`, `|| sleep(5)`.
    fn logic(&self, i: usize) -> Option<Hit> {
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
        match left {
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
            Operand::Call => {
                if commented {
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

    fn word(&self, i: usize) -> Option<Hit> {
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
    fn whole(&self, from: usize) -> bool {
        let rest = &self.tokens[from.min(self.tokens.len())..];
        let words = rest.iter().filter(|t| t.kind == Kind::Word).count();
        words * 2 <= rest.len() || words <= 1
    }

    fn union(&self, i: usize) -> Option<Hit> {
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

    fn select(&self, i: usize) -> Option<Hit> {
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

    /// `having 1=1`, `case when 1=1 then`, `if(1=1,…)`, `where 1=1`.
    fn clause(&self, i: usize) -> Option<Hit> {
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
        if self.is(i, &[b"having", b"limit"])
            && self.broken_out(i)
            && i <= 3
            && (self.kind(end) == Some(Kind::Comment) || left == Operand::Literal)
        {
            return self.found(i, end, 65, "appends a clause to the statement");
        }
        if self.is(i, &[b"rlike"]) && left == Operand::Call {
            return self.found(i, end, 75, "compares with a sub-query");
        }
        None
    }

    /// The end of the head of a statement that starts at `i`, if one does.
    fn statement(&self, i: usize) -> Option<usize> {
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
            b"or",
            b"temporary",
            b"temp",
        ];
        let next = i + 1;
        match self.word_at(i) {
            b"drop" | b"alter" | b"create" | b"truncate"
                if self.is(next, objects) && self.kind(next + 1).is_some() =>
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

    fn stacked(&self, i: usize) -> Option<Hit> {
        let end = self.statement(i + 1).or_else(|| {
            matches!(self.kind(i + 1), Some(Kind::Open)).then(|| self.statement(i + 2)).flatten()
        })?;
        let first = i == 0
            || self.quoted
            || matches!(self.kind(i - 1), Some(Kind::Number | Kind::Text | Kind::Close | Kind::Word));
        if first { self.found(i, end, 80, "ends the statement and starts another") } else { None }
    }

    /// Functions and tables that only an attacker passes.
    fn function(&self, i: usize, word: &[u8]) -> Option<Hit> {
        let called = self.kind(i) == Some(Kind::Function);
        if called && strong_function(word) {
            let alone = i == 0 || !matches!(self.kind(i - 1), Some(Kind::Word));
            let sleeps = matches!(word, b"sleep" | b"delay");
            let counted = matches!(self.kind(i + 2), Some(Kind::Number | Kind::Open | Kind::Function));
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

    fn variable(&self, i: usize) -> Option<Hit> {
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

    /// `'='`, `'||(select …)||'`, `' like '%`, `1'-'0`.
    fn operator(&self, i: usize) -> Option<Hit> {
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
            Operand::Literal if self.kind(end) == Some(Kind::Comment) => self.found(0, end + 1, 75, reason),
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

    /// `admin'--`, `') #`, `1)/*`.
    fn cut(&self, i: usize) -> Option<Hit> {
        let reason = "closes the string and cuts off the rest of the statement";
        let between = &self.tokens[usize::from(self.quoted).min(i)..i];
        let closers = between.iter().all(|t| matches!(t.kind, Kind::Close | Kind::Semicolon));
        let tail = &self.text[self.tokens[i].from..];
        let bare = tail.iter().filter(|b| b.is_ascii_alphanumeric()).count() <= 2;
        if self.quoted && i > 0 && closers && self.tokens[0].to <= 64 && bare {
            return self.found(0, i + 1, 75, reason);
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
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Operand {
    Literal,
    Name,
    /// A sub-query, a function of the database, a variable of the server.
    Call,
}

static SYSTEM_TABLES: Needles = Needles::new(&[
    "information_schema",
    "sysobjects",
    "syscolumns",
    "sysusers",
    "sysdatabases",
    "sys.",
    "pg_catalog",
    "pg_user",
    "pg_shadow",
    "pg_tables",
    "pg_class",
    "pg_sleep",
    "sqlite_master",
    "all_tables",
    "all_users",
    "all_tab",
    "user_tables",
    "user_tab",
    "mysql.",
    "dual",
    "msysaccessobjects",
    "v$",
    "dba_",
    "rdb$",
    "syscat",
    "sysibm",
    "master..",
    "syslogins",
    "domain.",
    "generate_series",
    "systables",
]);

fn strong_function(name: &[u8]) -> bool {
    const NAMES: &[&[u8]] = &[
        b"sleep",
        b"benchmark",
        b"pg_sleep",
        b"extractvalue",
        b"updatexml",
        b"load_file",
        b"xmltype",
        b"randomblob",
        b"load_extension",
        b"gtid_subset",
        b"json_keys",
        b"pg_read_file",
        b"pg_ls_dir",
        b"lo_import",
        b"lo_export",
        b"dblink_connect",
        b"dblink",
        b"query_to_xml",
        b"database_to_xml",
        b"current_setting",
        b"name_const",
        b"openrowset",
        b"opendatasource",
        b"xp_cmdshell",
        b"make_set",
        b"elt",
        b"ora_hash",
        b"bitmap_convert",
        b"st_latfromgeohash",
        b"st_longfromgeohash",
        b"st_pointfromgeohash",
        b"linestring",
        b"multipoint",
        b"multilinestring",
        b"geometrycollection",
    ];
    NAMES.contains(&name)
        || name.starts_with(b"utl_")
        || name.starts_with(b"dbms_")
        || name.starts_with(b"ctxsys.")
        || name.starts_with(b"pg_sleep")
}

fn known_function(name: &[u8]) -> bool {
    const NAMES: &[&[u8]] = &[
        b"ascii",
        b"char",
        b"chr",
        b"concat",
        b"concat_ws",
        b"group_concat",
        b"substring",
        b"substr",
        b"mid",
        b"left",
        b"right",
        b"length",
        b"len",
        b"count",
        b"sum",
        b"floor",
        b"rand",
        b"exp",
        b"cast",
        b"convert",
        b"hex",
        b"unhex",
        b"ord",
        b"user",
        b"database",
        b"version",
        b"current_user",
        b"session_user",
        b"system_user",
        b"schema",
        b"if",
        b"ifnull",
        b"isnull",
        b"coalesce",
        b"exists",
        b"md5",
        b"sha1",
        b"lower",
        b"upper",
        b"db_name",
        b"user_name",
        b"host_name",
        b"object_id",
        b"sqlite_version",
        b"strftime",
        b"instr",
        b"locate",
        b"position",
        b"reverse",
        b"replace",
        b"row_count",
        b"found_rows",
        b"last_insert_rowid",
        b"row",
        b"power",
        b"abs",
        b"sign",
        b"nullif",
        b"bin",
        b"conv",
        b"like",
        b"unicode",
        b"nchar",
        b"json_extract",
        b"loadfile",
        b"min",
        b"max",
        b"decode",
        b"crc32",
        b"procedure",
        b"round",
        b"sqlite_compileoption_used",
        b"connection_id",
        b"current_database",
        b"is_srvrolemember",
        b"pi",
        b"has_dbaccess",
        b"compress",
        b"aes_encrypt",
        b"select",
        b"iif",
        b"case",
        b"not",
        b"polygon",
        b"rawtohex",
    ];
    NAMES.contains(&name) || strong_function(name)
}
