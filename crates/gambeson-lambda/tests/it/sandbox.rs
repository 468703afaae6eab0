//! What the function meets when it tries what Lambda refuses.

use std::path::Path;

use gambeson_lambda::Environment;
use serde_json::json;

use super::{code, function, installed, is_root, program, start};

#[test]
fn the_sandbox_refuses_what_lambdas_refuses() {
    if !is_root() {
        return;
    }
    let Some(installed) = installed("python3.12") else { return };
    let code = code("probe.py", include_str!("probe.py"));
    let mut environment = start(&installed, code.path(), "probe.handler").expect("starts");
    assert!(environment.gaps().is_empty(), "{:?}", environment.gaps());
    let seen = environment.invoke(b"{}").expect("invokes").outcome.expect("answers").json();
    let expected = json!({
        "uid": [993, 993, 993], "gid": [990, 990, 990], "groups": [], "user": "sbx_user1051",
        "capabilities": ["0000000000000000", "0000000000000000", "0000000000000000"],
        "limits": [1024, 1024],
        "writable": ["/tmp"],
        "shm": false,
        "semaphore": "OSError",
        "tmp_mb": 512,
        "calls": {
            "seccomp": "EPERM", "prctl seccomp": "EPERM", "prctl no_new_privs": "EPERM", "prctl name": "ok",
            "ptrace": "EPERM", "process_vm_readv": "EPERM", "process_vm_writev": "EPERM",
            "unshare user": "EPERM", "unshare mount": "EPERM", "setns": "EPERM", "clone user": "EPERM", "clone3": "ENOSYS",
            "landlock_create_ruleset": "EPERM", "bpf": "EPERM", "mount": "EPERM", "chroot": "EPERM",
        },
        "sockets": { "tcp": "ok", "raw": "EPERM", "raw6": "EPERM", "packet": "EPERM", "netlink": "ok" },
        "thread": true, "child": "child\n", "pty": "ok",
        "strangers": [],
        "read_only": ["/", "/opt", "/usr", "/etc/ssl", "/var/lang", "/var/runtime", "/var/task"], "host": [],
    });
    for (name, expected) in expected.as_object().expect("an object") {
        assert_eq!(&seen[name], expected, "{name} in {seen:#}");
    }
}

#[test]
fn what_the_jail_mounts_stays_in_the_jail() {
    if !is_root() {
        return;
    }
    let Some(installed) = installed("python3.12") else { return };
    let code = code("app.py", "def handler(event, context):\n    return 1\n");
    let before = std::fs::read_to_string("/proc/self/mounts").expect("mounts");
    let environment = start(&installed, code.path(), "app.handler").expect("starts");
    let during = std::fs::read_to_string("/proc/self/mounts").expect("mounts");
    assert_eq!(before.lines().count(), during.lines().count());
    drop(environment);
    assert!(!Path::new("/var/runtime/bootstrap.py").exists());
}

#[test]
fn the_function_asks_the_name_server_that_it_was_given() {
    if !is_root() {
        return;
    }
    let Some(installed) = installed("python3.12") else { return };
    let code = code("app.py", "def handler(event, context):\n    return open('/etc/resolv.conf').read()\n");
    let mut asked = function(&installed, code.path(), "app.handler");
    asked.resolver = Some("127.0.0.53".parse().expect("an address"));
    let mut environment = Environment::start(program(), &installed, &asked).expect("starts");
    let seen = environment.invoke(b"{}").expect("invokes").outcome.expect("answers").json();
    assert_eq!(seen, "nameserver 127.0.0.53\n");
}
