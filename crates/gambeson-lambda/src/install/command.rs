//! Runs the programs that an installation needs.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::InstallError;

/// What of a failed command's output is worth reading.
const TAIL_LINES: usize = 20;

/// Runs a program in a directory and returns its standard output; fails with the command and the end of what it said.
pub(super) fn run<S: AsRef<OsStr>>(
    directory: &Path,
    program: &str,
    arguments: &[S],
) -> Result<String, InstallError> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory).stdin(Stdio::null());
    // Builds use as many processors as there are; a figure that somebody set stays.
    if std::env::var_os("MAKEFLAGS").is_none() {
        command
            .env("MAKEFLAGS", format!("-j{}", std::thread::available_parallelism().map_or(1, usize::from)));
    }
    let typed = || {
        let arguments = arguments.iter().map(|a| a.as_ref().to_string_lossy());
        std::iter::once(program.into()).chain(arguments).collect::<Vec<_>>().join(" ")
    };
    let output = command.output().map_err(|error| InstallError::Command {
        command: typed(),
        how: error.to_string(),
        tail: String::new(),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    let lines: Vec<_> = said.lines().collect();
    Err(InstallError::Command {
        command: typed(),
        how: output.status.to_string(),
        tail: lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n"),
    })
}

/// What it takes to build the native half of a runtime client: programs, and Debian's packages with them.
const TOOLS: [(&str, &str); 6] = [
    ("cmake", "cmake"),
    ("autoconf", "autoconf"),
    ("automake", "automake"),
    ("libtoolize", "libtool"),
    ("g++", "g++"),
    ("make", "make"),
];

/// Makes sure that the build tools are there: installs them where that is possible, else says how.
pub(super) fn ensure_tools(say: fn(&str)) -> Result<(), InstallError> {
    if missing().is_empty() {
        return Ok(());
    }
    let lacking = missing();
    let packages: Vec<_> = lacking.iter().map(|(_, package)| *package).collect();
    if nix::unistd::geteuid().is_root() && on_path("apt-get") {
        say(&format!("installing {} (apt-get)", packages.join(" ")));
        let here = Path::new("/");
        run(here, "apt-get", &["update"])?;
        let mut arguments = vec!["install", "-y", "--no-install-recommends"];
        arguments.extend(&packages);
        run(here, "apt-get", &arguments)?;
    }
    let lacking = missing();
    if lacking.is_empty() {
        return Ok(());
    }
    Err(InstallError::NoTools {
        missing: lacking.iter().map(|(program, _)| *program).collect::<Vec<_>>().join(", "),
        packages: packages.join(" "),
    })
}

fn missing() -> Vec<(&'static str, &'static str)> {
    TOOLS.into_iter().filter(|(program, _)| !on_path(program)).collect()
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}
