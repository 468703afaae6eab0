//! Runs the scenarios on arm64, in an emulator of its user mode, with the C libraries of Debian 11, 12 and 13: glibc 2.31, 2.36
//! and 2.41. The program is one and the same, built for glibc 2.17 as the Defender is. `cargo test -- NAME` picks some.
//!
//! It needs a Debian machine with `qemu-user-static`, and says so where something is missing. What emulation cannot show: caches
//! (the emulator sees each write), and programs that a scenario starts (they would need the emulator, too).

#[path = "scenarios/mod.rs"]
mod scenarios;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::{env, fs};

const SUITES: [(&str, &str); 3] =
    [("bullseye", "glibc 2.31"), ("bookworm", "glibc 2.36"), ("trixie", "glibc 2.41")];

/// These start programs of this machine, which the emulator hands to the kernel as they are; that shows nothing on arm64.
const NOT_EMULATED: [&str; 1] = ["allowed_programs_run"];

fn main() -> ExitCode {
    let wanted: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    let program = emulator().and_then(|_| build_program());
    for (suite, libc) in SUITES {
        let ready = program.clone().and_then(|program| Ok((program, tree(suite)?)));
        match ready {
            Ok((program, tree)) if run_all(suite, libc, &program, &tree, &wanted) => passed += 1,
            Ok(_) => failed += 1,
            Err(reason) => {
                skipped += 1;
                println!("arm64 {suite} ... SKIPPED: {reason}");
            }
        }
    }
    if let (Ok(_), Ok(tree)) = (&program, tree(SUITES[0].0)) {
        let good = unit_tests(&tree);
        *(if good { &mut passed } else { &mut failed }) += 1;
        println!("arm64 unit tests ... {}", if good { "ok" } else { "FAILED" });
    }
    // In CI everything can be had, so nothing may be skipped.
    let good = failed == 0 && (skipped == 0 || env::var_os("GAMBESON_NO_SKIP").is_none());
    let word = if good { "ok" } else { "FAILED" };
    println!("\ntest result: {word}. {passed} passed; {failed} failed; {skipped} ignored");
    ExitCode::from(u8::from(!good))
}

/// Whether all scenarios hold in `suite`'s tree.
fn run_all(suite: &str, libc: &str, program: &Path, tree: &Path, wanted: &[String]) -> bool {
    println!("arm64 {suite}:");
    let mut held = build_probe(tree);
    for (name, _) in scenarios::ALL {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            continue;
        }
        if NOT_EMULATED.contains(name) {
            println!("    {name} ... left out: it starts programs");
            continue;
        }
        let output = run(name, program, tree);
        let text = String::from_utf8_lossy(&output.stdout);
        let good = output.status.success() && (*name != "every_site_is_taken_over" || text.contains(libc));
        held &= good;
        text.lines().filter(|line| line.contains("taken over")).for_each(|line| println!("      {line}"));
        println!("    {name} ... {}", if good { "ok" } else { "FAILED" });
        if !good {
            println!("{}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr));
        }
    }
    println!("arm64 {suite} ... {}", if held { "ok" } else { "FAILED" });
    held
}

fn run(name: &str, program: &Path, tree: &Path) -> Output {
    Command::new("timeout")
        .args(["120", EMULATOR, "-L"])
        .arg(tree)
        .arg(program)
        .arg(name)
        .env("GAMBESON_PROBE", tree.join("probe.so"))
        .env("GAMBESON_EMULATED", "1")
        .output()
        .expect("timeout is part of coreutils")
}

const EMULATOR: &str = "qemu-aarch64-static";

fn emulator() -> Result<(), String> {
    let found = Command::new(EMULATOR).arg("--version").output().is_ok_and(|output| output.status.success());
    if found { Ok(()) } else { Err(format!("{EMULATOR} is not installed (Debian's qemu-user-static)")) }
}

fn build_program() -> Result<PathBuf, String> {
    let target = target_folder();
    match cargo("build").args(["--release", "--example", "selftest"]).status() {
        Ok(status) if status.success() => {
            Ok(target.join("aarch64-unknown-linux-gnu/release/examples/selftest"))
        }
        _ => Err("the program could not be built for arm64".to_owned()),
    }
}

/// Whether the crate's own tests pass, those of what depends on the instruction set among them.
fn unit_tests(tree: &Path) -> bool {
    let runner = format!("{EMULATOR} -L {}", tree.display());
    let tested = cargo("test")
        .args(["--release", "--lib"])
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", runner)
        .status();
    tested.is_ok_and(|status| status.success())
}

fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(here().join("../../scripts/zigbuild"));
    cargo.args(["arm64", command, "--quiet", "--package", env!("CARGO_PKG_NAME"), "--target-dir"]);
    // Those that cargo sets for this test are of the other toolchain.
    cargo.arg(target_folder()).env_remove("RUSTC").env_remove("CARGO");
    cargo
}

fn build_probe(tree: &Path) -> bool {
    let zig = here().join("../../.cache/zig/bin/python");
    let status = Command::new(zig)
        .args(["-m", "ziglang", "cc", "-target", "aarch64-linux-gnu", "-shared", "-nostdlib", "-o"])
        .arg(tree.join("probe.so"))
        .arg(here().join("tests/scenarios/probe_aarch64.S"))
        .status();
    status.is_ok_and(|status| status.success())
}

fn tree(suite: &str) -> Result<PathBuf, String> {
    let tree = here().join("../../.cache/userlands").join(format!("{suite}-arm64"));
    if tree.join("bin/true").symlink_metadata().is_err() {
        fs::create_dir_all(tree.parent().expect("it has a name")).map_err(|error| error.to_string())?;
        let fetched =
            Command::new(here().join("tests/userlands/fetch")).arg(suite).arg(&tree).arg("arm64").status();
        if !fetched.is_ok_and(|status| status.success()) {
            return Err("its packages could not be had".to_owned());
        }
    }
    Ok(tree)
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn target_folder() -> PathBuf {
    // target/debug/deps/emulated-…
    let program = env::current_exe().expect("the path of this program");
    program.ancestors().nth(3).expect("cargo puts it three folders deep").to_owned()
}
