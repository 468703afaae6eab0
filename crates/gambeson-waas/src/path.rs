//! Local file inclusion: paths that climb, files nobody should ask for, stream wrappers.

use crate::text::{Hit, Needles, find, find_any, hit, lower};

static FILES: Needles = Needles::new(&[
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
    "run/secrets/",
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
    "private/etc",
    "library/webserver",
    "users/all users",
    "sysprep",
    "unattend",
    "tomcat/conf",
    "tomcat-users.xml",
    "mysql/data",
    "mysql/bin",
]);

static WRAPPERS: Needles = Needles::new(&[
    "php://",
    "jar:file",
    "file://",
    "expect://",
    "zip://",
    "phar://",
    "data://",
    "data:text/plain",
    "compress.zlib://",
    "glob://",
    "netdoc:",
    "dict://",
    "http://169.254.",
    "http://[fd00:ec2",
    "ogg://",
    "rar://",
    "ssh2://",
    "zlib:",
]);

/// Files that nobody names to a function but to have them.
const SECRETS: &[&str] = &[
    "/etc/passwd",
    "/etc/shadow",
    "web-inf/web.xml",
    "web-inf/classes/",
    "meta-inf/context.xml",
    "/run/secrets/kubernetes.io",
    "/proc/self/environ",
    ".aws/credentials",
    "boot.ini",
    "win.ini",
    ".htpasswd",
    ".ssh/id_",
    ".bash_history",
];

static SECRET_NEEDLES: Needles = Needles::new(SECRETS);

/// The longest word that is read as a path; of longer ones the end is read.
const PATH: usize = 2048;

/// Reads a value as a path. A request's own path is `absolute` by nature, so that only climbing counts in it.
pub(crate) fn recognise(value: &[u8], request_path: bool) -> Option<Hit> {
    let words = value.split(|b| b.is_ascii_whitespace()).filter(|w| !w.is_empty()).take(200).count();
    let rooted = matches!(value.first(), Some(b'/' | b'\\')) || value.get(1) == Some(&b':');
    if words > if rooted { 5 } else { 2 } || value.len() > PATH {
        return in_text(value, words);
    }
    let plain = plain(value);
    let climbs = climbs(&plain);
    if climbs >= 1 {
        let at = find(&plain, b"..").unwrap_or(0).min(value.len());
        if find_any(&plain, &FILES).is_some() {
            return hit(95, at, value.len(), "climbs out of its directory to a file of the system");
        }
        if looks_like_source(&plain) || stays_inside(&plain) {
            return None;
        }
        if climbs >= 2 {
            return hit(85, at, value.len(), "climbs out of its directory more than once");
        }
        if words == 1 && (plain.starts_with(b"..") || plain.starts_with(b"/..")) && plain.len() < 200 {
            return hit(60, at, value.len(), "starts by climbing out of its directory");
        }
    }
    if let Some((from, to)) = find_any(&plain, &WRAPPERS)
        && (from == 0 || matches!(plain[from - 1], b'=' | b'"' | b'\''))
    {
        return hit(85, from, to, "a stream wrapper that reads files of the server");
    }
    if request_path {
        return None;
    }
    let last = plain.rsplit(|&b| b == b'/').next().unwrap_or_default();
    if words == 1 && plain.len() < 200 && !plain.starts_with(b"http") {
        let end = plain.strip_suffix(b"/").unwrap_or(&plain);
        let secret = matches!(last, b".env" | b".netrc" | b".pgpass" | b".htpasswd")
            || [&b".git/config"[..], b".git/head", b".svn/entries", b"etc/passwd", b"etc/shadow"]
                .iter()
                .any(|name| end == *name || end.ends_with(name) && end[end.len() - name.len() - 1] == b'/');
        if secret {
            return hit(65, 0, value.len(), "names a file that is nobody's to read");
        }
    }
    let drive = plain.get(1..3) == Some(b":/");
    let slashes = plain.iter().take_while(|&&b| b == b'/').count();
    let rooted = &plain[slashes..];
    if (slashes > 0 || drive) && !web_asset(&plain) {
        let system = [
            &b"etc/"[..],
            b"proc/",
            b"boot/",
            b"root/",
            b"var/log",
            b"var/run/",
            b"var/adm",
            b"var/lp/",
            b"var/spool/",
            b"var/cron/",
            b"var/lock/",
            b"usr/spool/",
        ]
        .iter()
        .any(|dir| rooted.starts_with(dir) && rooted.len() > dir.len());
        if system && slashes > 0 && words == 1 {
            return hit(75, 0, value.len(), "a file of the system by its absolute path");
        }
        if let Some((from, to)) = find_any(&plain, &FILES)
            && (from <= slashes || drive || !plain.contains(&b'?') && words == 1)
        {
            return hit(75, from, to, "a file of the system by its absolute path");
        }
    }
    if let Some((from, to)) = find_any(&plain, &SECRET_NEEDLES) {
        return hit(70, from, to, "names a file that holds secrets of the system");
    }
    None
}

/// The value with one kind of slash, in lower case, without what changes nothing.
fn plain(value: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(value.len());
    for byte in lower(value) {
        match byte {
            0 => continue,
            b'\\' => out.push(b'/'),
            other => out.push(other),
        }
        if out.ends_with(b"/./") {
            out.truncate(out.len() - 2);
        }
    }
    out
}

/// Sentences and long values: only what no sentence has counts, word by word.
fn in_text(value: &[u8], words: usize) -> Option<Hit> {
    let mut at = 0;
    for word in value.split(|b| b.is_ascii_whitespace()) {
        let start = at;
        at += word.len() + 1;
        if word.len() < 6 || !word.iter().any(|b| matches!(b, b'/' | b'\\')) {
            continue;
        }
        let from = word.len().saturating_sub(512);
        let plain = plain(&word[from..]);
        let score =
            if climbs(&plain) >= 2 && find_any(&plain, &FILES).is_some() && !plain.starts_with(b"http") {
                if words > 60 { 45 } else { 75 }
            } else if words <= 12
                && (plain.starts_with(b"file:///") || SECRETS.iter().any(|s| plain == s.as_bytes()))
            {
                55
            } else if words <= 2 && SECRETS.iter().any(|s| plain.ends_with(s.as_bytes())) {
                70
            } else {
                continue;
            };
        return hit(score, start + from, start + word.len(), "names a file of the system");
    }
    None
}

/// `a/b/c/../../d` goes up no further than it went down.
fn stays_inside(path: &[u8]) -> bool {
    let mut depth = 0i32;
    for step in path.split(|&b| b == b'/') {
        match step {
            b"" | b"." => {}
            b".." => depth -= 1,
            _ => depth += 1,
        }
        if depth < 0 {
            return false;
        }
    }
    path.first() != Some(&b'/')
        && path.first() != Some(&b'.')
        && !path.contains(&b':')
        && path.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'-' | b'_'))
        && depth > 0
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
            Some(b'2' | b'5') if matches!(path.get(end + 1..end + 4), Some(b"f.." | b"c.." | b"fet")) => {
                count += 1
            }
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
