//! Runs the scenarios inside trees of other Debian releases, that is with other C libraries: glibc 2.31, 2.36 and 2.41. The
//! program is one and the same, built for glibc 2.17 as the Defender is.
//!
//! It needs root, `cargo zigbuild` and a Debian mirror, and says so where one is missing.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

const SUITES: [(&str, &str); 3] =
    [("bullseye", "glibc 2.31"), ("bookworm", "glibc 2.36"), ("trixie", "glibc 2.41")];

fn main() -> ExitCode {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    let program = missing().map_or_else(build_program, Err);
    for (suite, libc) in SUITES {
        match program.as_ref().map_err(Clone::clone).and_then(|program| run(suite, libc, program)) {
            Ok(true) => passed += 1,
            Ok(false) => failed += 1,
            Err(reason) => {
                skipped += 1;
                println!("userland {suite} ... SKIPPED: {reason}");
            }
        }
    }
    // In CI everything can be had, so nothing may be skipped.
    let good = failed == 0 && (skipped == 0 || env::var_os("GAMBESON_NO_SKIP").is_none());
    let word = if good { "ok" } else { "FAILED" };
    println!("\ntest result: {word}. {passed} passed; {failed} failed; {skipped} ignored");
    ExitCode::from(u8::from(!good))
}

fn missing() -> Option<String> {
    // SAFETY: takes nothing.
    if unsafe { libc::geteuid() } != 0 {
        return Some("only root may enter a tree".to_owned());
    }
    for (program, argument) in [
        ("cargo-zigbuild", "--version"),
        ("apt-get", "--version"),
        ("dpkg-deb", "--version"),
        ("unshare", "--version"),
    ] {
        if !Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success()) {
            return Some(format!("{program} is not installed"));
        }
    }
    None
}

fn build_program() -> Result<PathBuf, String> {
    let target = target_folder();
    let status = Command::new("cargo")
        .args([
            "zigbuild",
            "--quiet",
            "--release",
            "--package",
            env!("CARGO_PKG_NAME"),
            "--example",
            "selftest",
        ])
        .args(["--target", "x86_64-unknown-linux-gnu.2.17", "--target-dir"])
        .arg(&target)
        .status();
    match status {
        Ok(status) if status.success() => {
            Ok(target.join("x86_64-unknown-linux-gnu/release/examples/selftest"))
        }
        _ => Err("the program could not be built for glibc 2.17".to_owned()),
    }
}

/// Whether all scenarios hold in `suite`'s tree.
fn run(suite: &str, libc: &str, program: &Path) -> Result<bool, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tree = here.join("../../.cache/userlands").join(suite);
    if tree.join("bin/true").symlink_metadata().is_err() {
        fs::create_dir_all(tree.parent().expect("it has a name")).map_err(|error| error.to_string())?;
        let fetched = Command::new(here.join("tests/userlands/fetch")).arg(suite).arg(&tree).status();
        if !fetched.is_ok_and(|status| status.success()) {
            return Err("its packages could not be had".to_owned());
        }
    }
    fs::copy(program, tree.join("selftest")).map_err(|error| error.to_string())?;
    let probe = Command::new("cc")
        .args(["-shared", "-nostdlib", "-o"])
        .arg(tree.join("probe.so"))
        .arg(here.join("tests/scenarios/probe_x86_64.S"))
        .status();
    assert!(probe.expect("cc, which links this test, too").success());
    let enter = "mount -t proc proc \"$1/proc\" && mount --bind /dev \"$1/dev\" && exec timeout 120 chroot \"$1\" /selftest";
    let output = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh", "-c", enter, "sh"])
        .arg(&tree)
        .env("GAMBESON_PROBE", "/probe.so")
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    println!("userland {suite}:");
    text.lines().for_each(|line| println!("    {line}"));
    let skipped = text.lines().filter(|line| line.ends_with("... skipped")).count();
    let held = output.status.success() && text.contains(libc) && skipped == 0;
    if !held {
        println!("{}", String::from_utf8_lossy(&output.stderr));
    }
    println!("userland {suite} ... {}", if held { "ok" } else { "FAILED" });
    Ok(held)
}

fn target_folder() -> PathBuf {
    // target/debug/deps/userlands-…
    let program = env::current_exe().expect("the path of this program");
    program.ancestors().nth(3).expect("cargo puts it three folders deep").to_owned()
}
