//! Local file inclusion: paths that climb, files nobody should ask for, stream wrappers.

use crate::text::{Hit, find, find_any, hit, lower};

const FILES: &[&str] = &[
    "etc/passwd",
    "etc/shadow",
    "etc/group",
    "etc/hosts",
    "etc/hostname",
    "etc/issue",
    "etc/motd",
    "etc/fstab",
    "etc/crontab",
    "etc/mtab",
    "etc/sudoers",
    "etc/my.cnf",
    "etc/mysql/",
    "etc/ssh/",
    "etc/apache",
    "etc/httpd",
    "etc/nginx",
    "etc/php",
    "etc/resolv.conf",
    "etc/security/",
    "etc/init.d/",
    "etc/proftpd",
    "etc/vsftpd",
    "etc/pam.",
    "etc/redhat-release",
    "etc/network",
    "etc/cron",
    "etc/inetd",
    "etc/lighttpd",
    "etc/mail/",
    "etc/samba",
    "etc/syslog",
    "etc/logrotate",
    "etc/rc.",
    "etc/profile",
    "etc/bash",
    "etc/environment",
    "etc/gshadow",
    "etc/master.passwd",
    "etc/chrootusers",
    "etc/pure-ftpd",
    "etc/ftp",
    "etc/wu-ftpd",
    "etc/sysconfig",
    "etc/os-release",
    "etc/kubernetes",
    "etc/ldap",
    "etc/openldap",
    "proc/self",
    "proc/version",
    "proc/cmdline",
    "proc/mounts",
    "proc/cpuinfo",
    "proc/net/",
    "proc/sched_debug",
    "proc/meminfo",
    "proc/stat",
    "proc/1/",
    "dev/fd/",
    "var/log/",
    "var/run/secrets",
    "var/task/",
    "var/runtime/",
    "var/mail/",
    "var/spool/",
    "var/www/",
    "var/lib/mysql",
    "var/lib/mlocate",
    "var/apache",
    "var/adm/",
    "var/cpanel",
    "var/local/www",
    "var/nm2",
    "var/webmin",
    ".aws/credentials",
    ".aws/config",
    ".ssh/",
    ".bash_history",
    ".mysql_history",
    ".bashrc",
    ".bash_profile",
    ".htpasswd",
    ".htaccess",
    ".git/config",
    ".git/head",
    ".env.local",
    ".kube/config",
    ".docker/config",
    ".npmrc",
    "boot.ini",
    "win.ini",
    "system.ini",
    "windows/system32",
    "winnt/",
    "windows/repair",
    "windows/win",
    "windows/php",
    "windows/panther",
    "inetpub/",
    "web-inf/",
    "wp-config.php",
    "usr/local/apache",
    "usr/local/etc",
    "usr/local/php",
    "usr/local/lib/php",
    "usr/local/www",
    "usr/local/pgsql",
    "usr/local/cpanel",
    "usr/lib/php",
    "usr/lib/security",
    "usr/lib/cron",
    "usr/pkg/etc",
    "usr/share/",
    "usr/apache",
    "usr/sbin/",
    "usr/home/",
    "usr/ports",
    "opt/apache",
    "opt/lampp",
    "opt/nsconfig",
    "opt/xampp",
    "opt/coldfusion",
    "opt/webapp",
    "root/.",
    "home/user/",
    "xampp/",
    "program files",
    "apache/logs",
    "apache/conf",
    "apache2/",
    "httpd.conf",
    "my.cnf",
    "my.ini",
    "php.ini",
    "access_log",
    "access.log",
    "error_log",
    "error.log",
    "global.asa",
    "lampp/",
    "nuke/",
    "volumes/",
    "private/etc",
    "library/webserver",
    "users/all users",
    "minint/",
    "sysprep",
    "unattend",
    "mysql/data",
    "mysql/bin",
    "logs/",
];

const WRAPPERS: &[&str] = &[
    "php://",
    "file://",
    "expect://",
    "zip://",
    "phar://",
    "data://",
    "data:text/plain",
    "compress.zlib://",
    "glob://",
    "netdoc:",
    "jar:file",
    "ogg://",
    "rar://",
    "ssh2://",
    "zlib:",
];

/// Reads a value as a path.
pub(crate) fn recognise(value: &[u8]) -> Option<Hit> {
    if value.len() > 4096 {
        return in_long_text(value);
    }
    let mut plain: Vec<u8> = lower(value).into_iter().map(|b| if b == b'\\' { b'/' } else { b }).collect();
    plain.retain(|&b| b != 0);
    while let Some(at) = find(&plain, b"/./") {
        plain.drain(at..at + 2);
    }
    let words = plain.split(|b| b.is_ascii_whitespace()).filter(|w| !w.is_empty()).count();
    let climbs = climbs(&plain);
    if climbs >= 1 && words <= 6 {
        let at = find(&plain, b"..").unwrap_or(0);
        if let Some((_, _)) = find_any(&plain, FILES) {
            return hit(95, at, value.len(), "climbs out of its directory to a file of the system");
        }
        if climbs >= 2 && !looks_like_source(&plain) {
            return hit(85, at, value.len(), "climbs out of its directory more than once");
        }
        if words == 1
            && !looks_like_source(&plain)
            && (plain.starts_with(b"..") || plain.starts_with(b"/.."))
            && plain.len() < 200
        {
            return hit(60, at, value.len(), "starts by climbing out of its directory");
        }
    }
    if words <= 3 {
        if let Some((from, to)) = find_any(&plain, WRAPPERS)
            && (from == 0 || matches!(plain[from - 1], b'=' | b'"' | b'\''))
        {
            return hit(
                85,
                from,
                to.max(value.len().min(to)),
                "a stream wrapper that reads files of the server",
            );
        }
        let absolute = plain.first() == Some(&b'/') || plain.get(1..3) == Some(b":/");
        if let Some((from, to)) = find_any(&plain, FILES) {
            let rooted = absolute
                && (from <= 1 || plain.get(1) == Some(&b':') || plain[..from].iter().all(|&b| b == b'/'));
            if (rooted || absolute && words == 1 && !plain.contains(&b'?')) && !web_asset(&plain) {
                return hit(80, from, to, "a file of the system by its absolute path");
            }
            if [
                &b"etc/passwd"[..],
                b"etc/shadow",
                b"web-inf/web.xml",
                b"proc/self/environ",
                b".aws/credentials",
                b"boot.ini",
                b"win.ini",
                b".htpasswd",
                b".ssh/id_",
                b".bash_history",
            ]
            .contains(&&plain[from..to])
                || &plain[from..to] == b".ssh/" && words == 1
            {
                return hit(75, from, to, "names a file that holds secrets of the system");
            }
        }
    }
    None
}

/// Long text: only a climb that ends at a file of the system counts, wherever it stands.
fn in_long_text(value: &[u8]) -> Option<Hit> {
    let mut from = 0;
    while let Some(at) = find(&value[from..], b"../../") {
        let start = from + at;
        let window: Vec<u8> = lower(&value[start..value.len().min(start + 200)]);
        let end = window
            .iter()
            .position(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'<' | b')'))
            .unwrap_or(window.len());
        if find_any(&window[..end], &FILES[..60]).is_some() {
            return hit(85, start, start + end, "climbs out of its directory to a file of the system");
        }
        from = start + end.max(6);
        if from >= value.len() {
            break;
        }
    }
    None
}

/// How many times a path goes up: `../`, `..;/`, `....//`, `..` at its end.
fn climbs(path: &[u8]) -> usize {
    let mut count = 0;
    let mut at = 0;
    while let Some(offset) = find(&path[at..], b"..") {
        let mut end = at + offset + 2;
        while path.get(end) == Some(&b'.') {
            end += 1;
        }
        let start = at + offset;
        let before = start == 0 || !path[start - 1].is_ascii_alphanumeric();
        match path.get(end) {
            Some(b'/') if before => count += 1,
            Some(b';' | b'%' | b'?') if path.get(end + 1) == Some(&b'/') => count += 1,
            _ => {}
        }
        at = end;
    }
    count
}

fn looks_like_source(path: &[u8]) -> bool {
    [&b".js"[..], b".css", b".png", b".jpg", b".svg", b".ts", b".md", b".html", b".gif", b".woff"]
        .iter()
        .any(|end| path.ends_with(end))
        && find(path, b"etc/").is_none()
        || path.starts_with(b"http")
}

fn web_asset(path: &[u8]) -> bool {
    [&b".js"[..], b".css", b".png", b".jpg", b".svg", b".html"].iter().any(|end| path.ends_with(end))
}
