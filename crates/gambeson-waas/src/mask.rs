//! Keeps secrets out of what is logged.

use crate::json::{Kind, Tape};

const MASK: &str = "***";

/// Whether a field of this name holds a secret: `Authorization`, cookies, passwords, tokens, keys.
pub fn is_secret_name(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    ["authorization", "cookie", "cookies", "setcookie", "pwd", "pass", "pin", "otp", "sid"]
        .contains(&plain.as_str())
        || [
            "password",
            "passwd",
            "passphrase",
            "secret",
            "token",
            "apikey",
            "accesskey",
            "privatekey",
            "credential",
            "sessionid",
            "signature",
            "csrf",
            "jwt",
            "cvv",
            "cardnumber",
            "authcode",
        ]
        .iter()
        .any(|word| plain.contains(word))
}

/// An event's JSON with the values of secret fields masked, cut to `limit` bytes.
pub fn mask_event(event: &[u8], limit: usize) -> String {
    let tape = Tape::read(event);
    let mut out = String::with_capacity(event.len().min(limit) + 16);
    let mut at = 0;
    let mut id = 0u32;
    while (id as usize) < tape.nodes.len() && out.len() <= limit {
        let node = tape.nodes[id as usize];
        let (from, to) = tape.span(id);
        if is_secret_name(&String::from_utf8_lossy(&tape.key(id))) && to > from {
            out.push_str(&String::from_utf8_lossy(&event[at..from]));
            // A whole object or array becomes one string; a number stays a value of JSON.
            out.push_str(if node.kind == Kind::String { MASK } else { "\"***\"" });
            at = to;
            id = node.next;
        } else if node.kind == Kind::String {
            out.push_str(&String::from_utf8_lossy(&event[at..from]));
            out.push_str(&mask_pairs(&String::from_utf8_lossy(&event[from..to])));
            at = to;
            id += 1;
        } else {
            id += 1;
        }
    }
    if out.len() <= limit && tape.is_document() {
        out.push_str(&String::from_utf8_lossy(&event[at..]));
    }
    truncate(&mut out, limit);
    out
}

/// A fragment of the field `field` as it may be shown: masked as a whole if the field is secret.
pub fn mask_fragment(field: &str, fragment: &str) -> String {
    let secret = field.split(['.', ' ', '[', ']']).any(is_secret_name);
    if secret { MASK.to_owned() } else { mask_pairs(fragment) }
}

/// Masks `password=…` in a form or query, `"token": "…"` in JSON within a string, and bearer tokens.
fn mask_pairs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(sign) = rest.find(['=', ':']) {
        let (before, after) = rest.split_at(sign);
        let name = before.trim_end_matches(['"', '\\', ' ', '\'']);
        let start = name
            .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
            .map_or(0, |i| i + name[i..].chars().next().map_or(1, char::len_utf8));
        out.push_str(before);
        out.push_str(&after[..1]);
        rest = &after[1..];
        if is_secret_name(&name[start..]) {
            let lead = rest.len() - rest.trim_start_matches(['"', '\\', ' ', '\'']).len();
            let end = rest[lead..]
                .find(['&', '"', '\'', ';', ',', '\n', '\\', '}'])
                .map_or(rest.len(), |e| lead + e);
            if end > lead {
                out.push_str(&rest[..lead]);
                out.push_str(MASK);
                rest = &rest[end..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn truncate(text: &mut String, limit: usize) {
    if text.len() > limit {
        let mut end = limit;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_an_event_are_masked() {
        let event = br#"{"headers":{"Authorization":"Bearer abc","cookie":"a=b","x":"y"},"body":"user=u&password=p1&z=1","user":{"apiToken":{"v":"q"}}}"#;
        let masked = mask_event(event, 10_000);
        assert_eq!(
            masked,
            r#"{"headers":{"Authorization":"***","cookie":"***","x":"y"},"body":"user=u&password=***&z=1","user":{"apiToken":"***"}}"#
        );
    }

    #[test]
    fn json_in_a_string_is_masked() {
        let masked = mask_event(br#"{"body":"{\"password\":\"p1\",\"a\":1}"}"#, 1000);
        assert_eq!(masked, r#"{"body":"{\"password\":\"***\",\"a\":1}"}"#);
    }

    #[test]
    fn ordinary_words_are_no_secrets() {
        assert!(!is_secret_name("passenger"));
        assert!(!is_secret_name("id"));
        assert!(is_secret_name("X-Api-Key"));
    }
}
