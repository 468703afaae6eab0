//! Expressions that a template engine or a logger would run.

use crate::text::{Hit, find, find_any, hit, is_word, needles, words_of_prose};

/// `${jndi:…}`, however its letters are looked up.
pub(super) fn lookup(text: &[u8]) -> Option<Hit> {
    let start = find(text, b"${")?;
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    // A stack of where each `${` began: the innermost is replaced by its default, or by what it makes lower case.
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(b"${") {
            open.push(out.len());
            out.extend_from_slice(b"${");
            at += 2;
        } else if text[at] == b'}' && !open.is_empty() {
            let from = open.pop().unwrap_or(0);
            let inner = out[from + 2..].to_vec();
            if inner.starts_with(b"jndi:") {
                break;
            }
            let value = match find(&inner, b":-") {
                Some(default) => inner[default + 2..].to_vec(),
                None => match inner.iter().position(|&b| b == b':') {
                    Some(colon) => inner[colon + 1..].to_vec(),
                    None => inner,
                },
            };
            out.truncate(from);
            out.extend_from_slice(&value);
            at += 1;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    if find(&out, b"${jndi:").is_some()
        || find(&out, b"jndi:ldap:").is_some()
        || find(&out, b"jndi:rmi:").is_some()
        || find(&out, b"jndi:dns:").is_some()
    {
        return hit(90, start, text.len().min(start + 100), "a JNDI look-up");
    }
    if find_any(
        text,
        needles!["${env:", "${sys:", "${java:", "${ctx:", "${script:", "${dns:", "${url:", "${base64"],
    )
    .is_some()
        && !text.contains(&b'\n')
    {
        return hit(60, start, text.len().min(start + 60), "a look-up in a log message");
    }
    None
}

const OPENERS: &[(&[u8], &[u8])] = &[
    (b"{{", b"}}"),
    (b"${", b"}"),
    (b"#{", b"}"),
    (b"*{", b"}"),
    (b"@{", b"}"),
    (b"~{", b"}"),
    (b"<%", b"%>"),
    (b"{%", b"%}"),
    (b"[[", b"]]"),
    (b"@(", b")"),
    (b"[=", b"]"),
    (b"%{", b"}"),
    (b"{#", b"}"),
    (b"{php}", b"{/php}"),
];

/// Expressions of template engines that compute or call; a bare name is a placeholder, as many texts have.
pub(super) fn template(text: &[u8]) -> Option<Hit> {
    // {7*7} on its own: braces are common, sums in them are not.
    if let Some(inner) = text.trim_ascii().strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"))
        && expression(inner, b"[[").is_some_and(|score| score == 65)
    {
        return hit(60, 0, text.len(), "an expression that a template engine would run");
    }
    let opens = |b: &u8| matches!(b, b'{' | b'<' | b'[' | b'@');
    for (open, close) in OPENERS.iter().filter(|_| text.iter().any(opens)) {
        let mut at = 0;
        while let Some(offset) = find(&text[at..], open) {
            let from = at + offset;
            let start = from + open.len();
            at = start;
            let end = match find(&text[start..text.len().min(start + 400)], close) {
                Some(end) => start + end,
                None if text.len() < 120 => text.len(),
                None => continue,
            };
            let inner = text[start..end].trim_ascii();
            let sign = inner.first().is_some_and(|b| matches!(b, b'=' | b'@' | b'-' | b'~'));
            let inner = inner[usize::from(sign)..].trim_ascii();
            if matches!(*open, b"%{" | b"${") && inner.starts_with(b"#") {
                let name = inner[1..].iter().take_while(|&&b| is_word(b)).count();
                if name > 0 && matches!(inner.get(name + 1), Some(b'=' | b'[' | b'.')) {
                    return hit(70, from, end, "an expression that OGNL would run");
                }
            }
            if open == b"{%" && statement(inner) && text.len() < 200 && words_of_prose(text) <= 8 {
                return hit(55, from, end, "a statement that a template engine would run");
            }
            let call = || (called(inner) && text.len() < 200 && words_of_prose(text) <= 4).then_some(55);
            if let Some(score) = expression(inner, open).or_else(call) {
                return hit(
                    score,
                    from,
                    (end + close.len()).min(text.len()),
                    "an expression that a template engine would run",
                );
            }
        }
    }
    if let Some((from, to)) = find_any(
        text,
        needles![
            "#set($",
            "#set ($",
            "#evaluate(",
            "<#assign",
            "<#include",
            "freemarker.template",
            "#foreach($",
            "{php}",
            "{{constructor",
            "{{_self",
            "{{self",
            "{$smarty",
            "{{request}}",
            "{{ request }}",
            "{{config}}",
            "{{config.items",
            "{{config|",
            "{{config.__",
            "{{config[",
            "{{request.",
            "{{app.request",
            "{{app.",
            "{{settings",
            "{{dump(",
            "{{#with",
            "{{range.",
            "{{joiner",
            "{{cycler",
            "{{lipsum",
            "{{url_for",
            "{{get_flashed",
            "{system(",
            "{{ config }}",
            "{{ config.items",
            "{{ config|",
            "{{ config.__",
            "{{ config[",
            "{{ self",
            "{{''.",
            "{{[].",
            "{{().",
            "{{\"\"",
            "{% debug",
            "{% import",
            "{% include",
            "<c:set",
            "<esi:",
            "<xsl:value-of",
            "php:function",
        ],
    ) {
        return hit(75, from, to, "an expression that a template engine would run");
    }
    None
}

/// `{% for a in b %}`
fn statement(inner: &[u8]) -> bool {
    let inner = inner.strip_prefix(b"-").unwrap_or(inner).trim_ascii_start();
    let word = &inner[..inner.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(inner.len())];
    inner.len() > word.len()
        && matches!(
            word,
            b"for" | b"if" | b"set" | b"macro" | b"extends" | b"with" | b"call" | b"from" | b"do"
        )
}

/// `name("…")`, `'a'.upper()`: a call, where a placeholder would only name something.
fn called(inner: &[u8]) -> bool {
    let Some(open) = inner.iter().position(|&b| b == b'(') else { return false };
    let name = &inner[..open];
    inner.ends_with(b")")
        && name.last().is_some_and(|&b| crate::text::is_word(b))
        && name.iter().all(|&b| {
            crate::text::is_word(b)
                || matches!(b, b'.' | b'\'' | b'"' | b'[' | b']' | b'$' | b':' | b'@' | b'#')
        })
}

fn expression(inner: &[u8], open: &[u8]) -> Option<u8> {
    if inner.is_empty() || inner.len() > 400 {
        return None;
    }
    let operator = |b: &u8| matches!(b, b'*' | b'+' | b'/' | b'%' | b'-');
    // 1970-01-31, 1/2 and 10.0.0.1 are values, not sums.
    let computes = |b: &u8| matches!(b, b'*' | b'+' | b'%');
    let arithmetic = inner.iter().all(|b| {
        b.is_ascii_digit() || operator(b) || matches!(b, b' ' | b'\'' | b'"' | b'(' | b')' | b'.' | b'`')
    }) && inner.iter().any(u8::is_ascii_digit)
        && inner.iter().enumerate().any(|(i, b)| computes(b) && i > 0);
    if arithmetic {
        return Some(if open == b"[[" || open == b"@(" { 65 } else { 75 });
    }
    // What engines put into the scope of every template.
    let scope: &[&[u8]] = &[b"app", b"request", b"config", b"self", b"settings", b"_self", b"session"];
    let of_scope = |name: &&&[u8]| {
        inner.starts_with(name)
            && matches!(inner.get(name.len()), Some(b'.' | b'|' | b'['))
            && inner.iter().any(|b| matches!(b, b'|' | b'[' | b'('))
    };
    if open == b"{{" && scope.iter().find(of_scope).is_some() {
        return Some(75);
    }
    if find_any(
        inner,
        needles![
            "__",
            "getruntime",
            "java.lang",
            "java.util",
            ".exec(",
            ".constructor",
            "popen",
            "system(",
            "getclass",
            "forname",
            ".mro",
            "process.",
            "require(",
            "file.open",
            "|attr",
            "|map",
            "|filter",
            "|sort",
            "|reduce",
            "phpinfo",
            "passthru",
            "shell_exec",
            "new java",
            "subclasses",
            "globals",
            "\\x5f",
            "eval(",
            "exec(",
            "file_get_contents",
            "alert(",
            "@java",
            "#context",
            "#_member",
            "ognl",
            "$eval",
            "env(",
            "dir.entries",
            "io.popen",
            "`",
            "readfile",
            "file_excerpt",
            "urlopen",
            "id')",
            "sleep",
            "t(",
            "$class",
            "$x=",
            "getengine",
            "?new()",
            "openconnection",
            "charat",
            "fromcharcode",
        ],
    )
    .is_some_and(|(at, to)| &inner[at..to] != b"t(" || at == 0)
    {
        return Some(80);
    }
    None
}
