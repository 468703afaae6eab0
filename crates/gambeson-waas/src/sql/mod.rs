//! SQL injection: the value is read as the attacker hopes the database will read it, as it stands and as if it stood
//! inside a string, and what comes out must be a piece of SQL that changes the statement around it.

mod condition;
mod names;
mod statement;
mod token;

use names::known_function;
use token::{Kind, Token, tokens};

use crate::text::{Hit, documentation, hit, lower};

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
                Kind::Comma => self.assignment(i),
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
                    kind = if known_function(self.word_at(i + 1)) { Operand::Call } else { Operand::Name };
                    i = self.after_parens(i + 2);
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

    /// Only what ends expressions stands before: `1) `, `x')) `.
    fn after_value(&self, i: usize) -> bool {
        let value = if self.kind(0) == Some(Kind::Operator) { 1 } else { 0 };
        let first = if self.quoted { Kind::Text } else { Kind::Number };
        // Bounded: each token asks.
        (value + 1..10).contains(&i)
            && self.kind(value) == Some(first)
            && self.tokens[value + 1..i].iter().all(|token| token.kind == Kind::Close)
    }

    /// The string that the value closes has no space and no other quote: it is a value, and no sentence with an apostrophe.
    fn closes_a_value(&self) -> bool {
        let Some(string) = self.tokens.first().filter(|_| self.quoted) else { return false };
        let inside = &self.text[..string.to.saturating_sub(1)];
        inside.len() < 32 && !inside.iter().any(|b| matches!(b, b' ' | b'\'' | b'"' | b'`'))
    }

    fn ends(&self, i: usize) -> bool {
        matches!(self.kind(i), None | Some(Kind::Comment))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Operand {
    Literal,
    Name,
    /// A sub-query, a function of the database, a variable of the server.
    Call,
}
