//! Calls of functions that run things.

use crate::text::{Hit, Needles, find, find_any, hit, needles, skip_space};

/// Calls of functions that run things, with an argument as code has it.
pub(super) fn calls(text: &[u8]) -> Option<Hit> {
    static NAMES: Needles = Needles::new(&[
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
        "phpversion",
        "php_uname",
        "getcwd",
        "globals",
    ]);
    static STRONG: Needles = Needles::new(&[
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
        "phpversion",
        "php_uname",
    ]);
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
        if name.is_empty() || !NAMES.has(name) {
            continue;
        }
        let argument = text.get(skip_space(text, paren + 1)).copied();
        // array_map('system', …): the function is an argument of another.
        if matches!(argument, Some(b'\'' | b'"')) && matches!(name, b"array_map" | b"array_filter" | b"usort")
        {
            let quoted = &text[skip_space(text, paren + 1) + 1..];
            let length = quoted.iter().take(32).take_while(|&&b| crate::text::is_word(b)).count();
            if STRONG.has(&quoted[..length]) {
                return hit(
                    70,
                    from,
                    text.len().min(paren + 40),
                    "has a function called that runs code or commands",
                );
            }
        }
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
        let alone = name == b"eval" && prose == 0 && matches!(text.last(), Some(b')' | b';'));
        if !coded && !alone {
            continue;
        }
        if STRONG.has(name) {
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
        let loads = matches!(
            name,
            b"include" | b"include_once" | b"require" | b"require_once" | b"file_put_contents"
        );
        if loads && prose <= 4 && matches!(argument, Some(b'\'' | b'"')) {
            return hit(55, from, text.len().min(paren + 40), "loads or writes a file of code");
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
