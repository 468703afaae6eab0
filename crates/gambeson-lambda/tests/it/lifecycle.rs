//! Freeze, thaw, time-out, crash, and the end of everything.

use std::thread::sleep;
use std::time::Duration;

use super::{code, function, installed, program, start};
use gambeson_lambda::{Environment, EnvironmentError, VariablesError};

/// A thread and a child process that each count as fast as they can.
const COUNTING: &str = r#"
import subprocess, sys, threading, time

count = 0
def run():
    global count
    while True:
        count += 1
        time.sleep(0.001)

threading.Thread(target=run, daemon=True).start()
child = subprocess.Popen([sys.executable, "-u", "-c", "import time\nfor i in range(10**9):\n  print(i, flush=True)\n  time.sleep(0.001)"], stdout=open("/tmp/count", "w"))

def handler(event, context):
    if event.get("wait"):
        time.sleep(event["wait"])
    lines = sum(1 for _ in open("/tmp/count"))
    return [count, lines]
"#;

#[test]
fn between_invocations_neither_threads_nor_children_run() {
    let Some(installed) = installed("python3.12") else { return };
    let code = code("app.py", COUNTING);
    let mut environment = start(&installed, code.path(), "app.handler").expect("starts");
    let mut counts = |event: &[u8]| -> Vec<i64> {
        serde_json::from_value(environment.invoke(event).expect("invokes").outcome.expect("answers").json())
            .expect("two numbers")
    };
    let first = counts(br#"{"wait": 0.3}"#);
    // A second in which, unfrozen, each would count several hundred.
    sleep(Duration::from_secs(1));
    let second = counts(b"{}");
    for (before, after) in first.iter().zip(&second) {
        assert!(after - before < 200, "{first:?} {second:?}");
    }
    let third = counts(br#"{"wait": 0.3}"#);
    assert!(third[0] > second[0] && third[1] > second[1], "thawed, both go on: {second:?} {third:?}");
}

#[test]
fn a_function_that_takes_too_long_is_ended_with_lambdas_words() {
    let Some(installed) = installed("python3.12") else { return };
    let code = code(
        "app.py",
        "import time\ndef handler(event, context):\n    print('before', flush=True)\n    time.sleep(60)\n",
    );
    let mut slow = function(&installed, code.path(), "app.handler");
    slow.timeout = Duration::from_secs(1);
    let mut environment = Environment::start(program(), &installed, &slow).expect("starts");
    let invocation = environment.invoke(b"{}").expect("invokes");
    let error = invocation.outcome.expect_err("times out");
    assert_eq!(error.kind, "Sandbox.Timedout");
    assert_eq!(
        error.message,
        format!("RequestId: {} Error: Task timed out after 1.00 seconds", invocation.request_id)
    );
    assert_eq!(invocation.log, ["before"]);
    assert!(!environment.is_alive());
    assert!(matches!(environment.invoke(b"{}"), Err(EnvironmentError::Ended)));
}

#[test]
fn a_runtime_that_ends_is_reported_with_how_it_ended() {
    let Some(installed) = installed("python3.12") else { return };
    let text = "import os\ndef handler(event, context):\n    print('last', flush=True)\n    os._exit(3) if event['exit'] else os.kill(os.getpid(), 9)\n";
    let code = code("app.py", text);
    for (event, how) in
        [(&br#"{"exit": true}"#[..], "exit status 3"), (br#"{"exit": false}"#, "signal: killed")]
    {
        let mut environment = start(&installed, code.path(), "app.handler").expect("starts");
        let invocation = environment.invoke(event).expect("invokes");
        let error = invocation.outcome.expect_err("crashes");
        assert_eq!(error.kind, "Runtime.ExitError");
        assert_eq!(
            error.message,
            format!("RequestId: {} Error: Runtime exited with error: {how}", invocation.request_id)
        );
        assert_eq!(invocation.log, ["last"]);
    }
}

#[test]
fn no_process_outlives_its_environment() {
    let Some(installed) = installed("python3.12") else { return };
    // A grandchild that has left session and parent, as a daemon does, with a name that can be looked for.
    let name = format!("gambeson-orphan-{}", std::process::id());
    let text = format!(
        "import subprocess\nsubprocess.Popen(['/bin/sh', '-c', 'setsid /bin/sh -c \"exec sleep 600 {name} || sleep 600 # {name}\" & exit 0'])\n\
         subprocess.Popen(['/bin/sh', '-c', 'while :; do sleep 600; done', '{name}'], start_new_session=True)\n\
         def handler(event, context):\n    return 1\n"
    );
    let code = code("app.py", &text);
    let mut environment = start(&installed, code.path(), "app.handler").expect("starts");
    environment.invoke(b"{}").expect("invokes").outcome.expect("answers");
    assert!(running(&name) > 0, "the child is there while the environment is");
    environment.stop();
    assert_eq!(running(&name), 0);
}

/// How many processes of this machine have `name` in their command line.
fn running(name: &str) -> usize {
    let entries = std::fs::read_dir("/proc").expect("/proc");
    entries
        .filter_map(|entry| std::fs::read(entry.ok()?.path().join("cmdline")).ok())
        .filter(|line| String::from_utf8_lossy(line).contains(name))
        .count()
}

#[test]
fn more_than_4_kb_of_variables_is_refused_before_anything_starts() {
    let Some(installed) = installed("python3.12") else { return };
    let code = code("app.py", "def handler(event, context):\n    pass\n");
    let mut large = function(&installed, code.path(), "app.handler");
    large.variables.push(("BIG".to_owned(), "x".repeat(4096)));
    match Environment::start(program(), &installed, &large) {
        Err(EnvironmentError::Variables(VariablesError::TooLarge { largest, .. })) => {
            assert_eq!(largest, "BIG")
        }
        other => panic!("{other:?}"),
    }
}
