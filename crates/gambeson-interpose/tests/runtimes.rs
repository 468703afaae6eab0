//! Takes over real interpreters: every CPython and Node that is found here.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

fn main() -> ExitCode {
    let Some(library) = build_library() else {
        println!("test result: FAILED. 0 passed; 1 failed; 0 ignored: the library could not be built");
        return ExitCode::FAILURE;
    };
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for (interpreters, script) in [(pythons(), "check.py"), (nodes(), "check.js")] {
        if interpreters.is_empty() {
            skipped += 1;
            println!("runtimes {script} ... SKIPPED: no interpreter found");
        }
        for interpreter in interpreters {
            let held = run(&interpreter, script, &library);
            *(if held { &mut passed } else { &mut failed }) += 1;
        }
    }
    // In CI everything can be had, so nothing may be skipped.
    let good = failed == 0 && (skipped == 0 || env::var_os("GAMBESON_NO_SKIP").is_none());
    let word = if good { "ok" } else { "FAILED" };
    println!("\ntest result: {word}. {passed} passed; {failed} failed; {skipped} ignored");
    ExitCode::from(u8::from(!good))
}

fn run(interpreter: &Path, script: &str, library: &Path) -> bool {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runtimes").join(script);
    let output = Command::new("timeout").arg("60").arg(interpreter).arg(&script).arg(library).output();
    let output = output.expect("timeout is part of coreutils");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let held = output.status.success() && out.trim_end().ends_with("held");
    println!("{} ... {}", interpreter.display(), if held { "ok" } else { "FAILED" });
    if held {
        err.lines().filter(|line| line.contains("taken over")).for_each(|line| println!("    {line}"));
    } else {
        println!("{}\n{out}\n{err}", output.status);
    }
    held
}

fn pythons() -> Vec<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let pyenv = env::var_os("PYENV_ROOT").map_or_else(|| home.join(".pyenv"), PathBuf::from);
    let mut found: Vec<PathBuf> = fs::read_dir(pyenv.join("versions"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin/python"))
        .filter(|python| python.exists())
        .collect();
    found.sort();
    if found.is_empty() { on_path("python3").into_iter().collect() } else { found }
}

fn nodes() -> Vec<PathBuf> {
    on_path("node").into_iter().collect()
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

fn build_library() -> Option<PathBuf> {
    let program = env::current_exe().expect("the path of this program");
    let target = program.ancestors().nth(3).expect("cargo puts it three folders deep");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--package", env!("CARGO_PKG_NAME"), "--example", "inside"])
        .arg("--target-dir")
        .arg(target)
        .status();
    let library = target.join("release/examples/libinside.so");
    (status.is_ok_and(|status| status.success()) && library.exists()).then_some(library)
}
