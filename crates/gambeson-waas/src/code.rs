//! Code injection: what Node, Python, PHP, Ruby, Java, template engines and log4j would run.

use crate::text::{Hit, Needles, documentation, find, find_any, hit, lower, needles, skip_space};

/// Reads a value as code.
pub(crate) fn recognise(value: &[u8]) -> Option<Hit> {
    let text = lower(value);
    let squeezed = squeeze(&text);
    let mut best: Option<Hit> = None;
    for found in [lookup(&text), template(&text), marks(&squeezed, &text), calls(&text), serialised(value)]
        .into_iter()
        .flatten()
    {
        if best.as_ref().is_none_or(|best| best.score < found.score) {
            best = Some(found);
        }
    }
    let best = best?;
    hit(best.score.saturating_sub(documentation(&text)), best.span.0, best.span.1, best.reason)
}

/// Without white space and comments, with strings joined: `'ev'+'al'` becomes `eval`.
fn squeeze(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(b"/*")
            && let Some(end) = find(&rest[2..], b"*/")
        {
            at += end + 4;
        } else if rest.len() >= 3
            && matches!(rest[0], b'\'' | b'"')
            && matches!(rest[1], b'+' | b'.')
            && rest[2] == rest[0]
        {
            at += 3;
        } else if rest[0].is_ascii_whitespace() {
            at += 1;
        } else {
            out.push(rest[0]);
            at += 1;
        }
    }
    out
}

/// `${jndi:…}`, however its letters are looked up.
fn lookup(text: &[u8]) -> Option<Hit> {
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
fn template(text: &[u8]) -> Option<Hit> {
    for (open, close) in OPENERS {
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
            let inner = inner.strip_prefix(b"=").unwrap_or(inner).trim_ascii();
            if let Some(score) = expression(inner, open) {
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

/// Names that only code has, in text without white space.
fn marks(squeezed: &[u8], text: &[u8]) -> Option<Hit> {
    static SURE: Needles = Needles::new(&[
        "<?php",
        "<?=",
        "$_get[",
        "$_post[",
        "$_request[",
        "$_server[",
        "$_cookie[",
        "${@",
        "require('child_process",
        "require(\"child_process",
        "require(`child_process",
        "child_process",
        "process.mainmodule",
        "global.process",
        "_$$nd_func$$_",
        "process.binding(",
        "constructor.constructor(",
        "new function(",
        "this.constructor",
        "process.env",
        "process.exit(",
        "process.kill(",
        "__import__(",
        "os.system(",
        "os.popen(",
        "subprocess.",
        "__class__",
        "__mro__",
        "__subclasses__",
        "__globals__",
        "__builtins__",
        "__proto__",
        "constructor.prototype",
        "constructor[prototype",
        "java.lang.runtime",
        "java.lang.process",
        "java.lang.system",
        "getruntime().exec",
        "processbuilder",
        "class.forname",
        "t(java.lang",
        "#_memberaccess",
        "_memberaccess",
        "#context[",
        "ognlcontext",
        "@java.lang",
        "javax.script",
        "javax.naming",
        "class.module.classloader",
        "class.classloader",
        "class.getclass",
        "getclass().",
        "gopher://",
        "io.popen(",
        "kernel.exec",
        "file.open('/etc",
        ".instance_eval",
        "open('/etc/",
        "open(\"/etc/",
        "fs.readfilesync",
        "fs.readdirsync",
        "execsync(",
        "spawnsync(",
        "res.end(",
        "response.end(",
        "res.write(",
        "require('fs')",
        "require(\"fs\")",
        "eval(compile",
        "compile('",
        "cos\nsystem",
        "java.net.",
        "java.io.",
        "org.apache.",
        "com.sun.",
        "base64_decode(",
        "phpinfo()",
        "php://filter",
        "auto_prepend_file",
        "allow_url_include",
        "getenv('",
        "[$ne]",
        "[$gt]",
        "[$lt]",
        "[$nin]",
        "[$regex]",
        "[$in]",
        "[$exists]",
        "[$where]",
        "{\"$ne\"",
        "{\"$gt\"",
        "{$gt:",
        "{$ne:",
        "\"$where\"",
        "$where:",
        "db.collection",
        "$function:",
        "system.diagnostics",
        "xp_cmdshell(",
        "runtime.exec",
        "scriptenginemanager",
        "/usr/bin/env",
        "nsenter",
        "globalthis.process",
        "deno.run",
        "function(){return",
    ]);
    let (from, to) = find_any(squeezed, &SURE)?;
    let mark = &squeezed[from..to];
    let ratio = crate::text::words_of_prose(text);
    let score: u8 = match mark {
        b"process.env" | b"child_process" | b"getclass()." | b"java.io." | b"java.net." | b"org.apache."
        | b"com.sun." | b"/usr/bin/env" | b"compile('" | b"subprocess." | b"function(){return"
            if ratio > 4 =>
        {
            35
        }
        _ if ratio > 12 => 50,
        _ => 75,
    };
    // White space is gone from the squeezed text: the mark is looked up again where it can be underlined.
    let (from, to) = find(text, mark).map_or((0, text.len().min(80)), |at| (at, at + mark.len()));
    hit(score, from, to, "code that a server would run")
}

/// Calls of functions that run things, with an argument as code has it.
fn calls(text: &[u8]) -> Option<Hit> {
    const NAMES: &[&str] = &[
        "eval",
        "exec",
        "system",
        "passthru",
        "shell_exec",
        "popen",
        "proc_open",
        "pcntl_exec",
        "assert",
        "phpinfo",
        "preg_replace",
        "create_function",
        "call_user_func",
        "call_user_func_array",
        "include",
        "include_once",
        "require",
        "require_once",
        "file_get_contents",
        "file_put_contents",
        "readfile",
        "fopen",
        "show_source",
        "highlight_file",
        "array_map",
        "array_filter",
        "usort",
        "var_dump",
        "print_r",
        "unserialize",
        "gzinflate",
        "str_rot13",
        "sleep",
        "time.sleep",
        "usleep",
        "settimeout",
        "execfile",
        "getattr",
        "compile",
        "input",
        "print",
        "die",
        "echo",
        "unlink",
        "chr",
        "scandir",
        "glob",
        "ini_set",
        "move_uploaded_file",
        "parse_str",
        "extract",
        "base64_decode",
        "`",
        "putenv",
        "error_log",
        "curl_exec",
        "spawn",
        "execsync",
        "system.exec",
        "opendir",
        "file",
        "set_time_limit",
        "fsockopen",
        "syscall",
        "ob_start",
        "register_shutdown_function",
        "posix_getpwuid",
        "globals",
    ];
    const STRONG: &[&str] = &[
        "system",
        "passthru",
        "shell_exec",
        "popen",
        "proc_open",
        "phpinfo",
        "call_user_func",
        "call_user_func_array",
        "create_function",
        "pcntl_exec",
        "file_get_contents",
        "show_source",
        "highlight_file",
        "readfile",
        "unserialize",
        "gzinflate",
        "execfile",
        "eval",
        "exec",
        "base64_decode",
        "assert",
        "move_uploaded_file",
        "scandir",
        "fsockopen",
    ];
    let mut at = 0;
    let mut weak = 0;
    let mut first = None;
    let prose = crate::text::words_of_prose(text);
    while let Some(offset) = text[at..].iter().position(|&b| b == b'(') {
        let paren = at + offset;
        at = paren + 1;
        let mut end = paren;
        while end > 0 && matches!(text[end - 1], b' ' | b'\'' | b'"' | b')' | b']') {
            end -= 1;
        }
        let mut from = end;
        while from > 0 && (crate::text::is_word(text[from - 1]) || text[from - 1] == b'.') {
            from -= 1;
        }
        let name = &text[from..end];
        if name.is_empty() || !NAMES.iter().any(|n| n.as_bytes() == name) {
            continue;
        }
        let argument = text.get(skip_space(text, paren + 1)).copied();
        let coded = argument.is_none_or(|b| {
            matches!(b, b'\'' | b'"' | b'$' | b')' | b'`' | b'_' | b'\\' | b'/' | b'[') || b.is_ascii_digit()
        }) || find_any(
            &text[paren..text.len().min(paren + 24)],
            needles![
                "base64",
                "chr(",
                "gzinflate",
                "name",
                "compile",
                "atob",
                "ls",
                "id",
                "whoami",
                "cat",
                "document",
                "string.",
                "req",
            ],
        )
        .is_some();
        if !coded {
            continue;
        }
        if STRONG.iter().any(|n| n.as_bytes() == name) {
            let statement = find_any(&text[paren..], needles![");", ")"]).is_some() || argument.is_none();
            let score = if prose > 12 || prose > 4 && argument == Some(b')') {
                40
            } else if statement {
                70
            } else {
                55
            };
            return hit(
                score,
                from,
                text.len().min(paren + 40),
                "calls a function that runs code or commands",
            );
        }
        weak += 1;
        first.get_or_insert((from, paren));
        let tail = &text[paren..];
        if find(tail, b");").is_some()
            && prose <= 4
            && (text[..from].iter().any(|b| matches!(b, b';' | b'\'' | b'"' | b'}')) || from == 0)
            && name != b"sleep"
            && name != b"input"
            && name != b"file"
        {
            return hit(55, from, text.len().min(paren + 40), "a statement that a server would run");
        }
    }
    let (from, to) = first.filter(|_| weak >= 2 && prose <= 6)?;
    hit(55, from, to, "several calls as only code has them")
}

/// Objects of PHP, Java, .NET, Python and Ruby that are code once they are read back.
pub(crate) fn serialised(value: &[u8]) -> Option<Hit> {
    for mark in [&b"O:"[..], b"C:", b"a:"] {
        if !value.contains(&b':') {
            break;
        }
        if let Some(at) = find(value, mark) {
            let rest = &value[at + 2..];
            let digits = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'+').count();
            let next = &rest[digits..];
            if digits > 0
                && (mark != b"a:" && next.starts_with(b":\"") && find(next, b":{").is_some()
                    || mark == b"a:" && next.starts_with(b":{") && find(next, b"O:").is_some())
            {
                return hit(75, at, value.len().min(at + 60), "a serialised object of PHP");
            }
        }
    }
    let start = value.trim_ascii_start();
    if start.starts_with(b"rO0AB") || start.starts_with(&[0xAC, 0xED, 0, 5]) {
        return hit(80, 0, value.len().min(40), "a serialised object of Java");
    }
    if start.starts_with(b"AAEAAAD/////") || start.starts_with(b"gASV") {
        return hit(70, 0, value.len().min(40), "a serialised object");
    }
    None
}
