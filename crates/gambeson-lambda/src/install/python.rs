//! CPython: found on this machine; its runtime client comes from PyPI.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{InstallError, Installation, Runtimes, command, write_file};
use crate::Runtime;

const BOOTSTRAP: &str = include_str!("../clients/bootstrap.py");
/// There is no published client for 2.7.
const BOOTSTRAP_27: &str = include_str!("../clients/bootstrap27.py");

pub(super) fn ensure(
    runtimes: &Runtimes,
    runtime: Runtime,
    major: u8,
    minor: u8,
) -> Result<Installation, InstallError> {
    let name = format!("python{major}.{minor}");
    let (language, version) = find(&name, &format!("{major}.{minor}"))
        .ok_or_else(|| InstallError::NoInterpreter { runtime, version: format!("{major}.{minor}") })?;
    let python = language.join("bin").join(&name);
    let client = runtimes.component(&format!("clients/{name}"), |to| {
        if major == 2 {
            return Ok(());
        }
        let package = client_package(minor);
        (runtimes.say)(&format!("installing {package} for {name} (pip)"));
        if minor == 6 {
            // Published as source only.
            command::ensure_tools(runtimes.say)?;
        }
        let to = to.to_string_lossy();
        let arguments = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-cache-dir",
            "--disable-pip-version-check",
            "--target",
            &to,
            package,
        ];
        command::run(Path::new("/"), &python.to_string_lossy(), &arguments).map(drop)
    })?;
    write_file(&client.join("bootstrap.py"), if major == 2 { BOOTSTRAP_27 } else { BOOTSTRAP })?;
    let masked = vec![PathBuf::from(format!("lib/{name}/site-packages"))];
    Ok(Installation { runtime, language, client, masked, version })
}

/// The newest client for each version, pinned so that figures can be compared.
fn client_package(minor: u8) -> &'static str {
    match minor {
        6 => "awslambdaric==1.2.2",
        7 | 8 => "awslambdaric==2.2.1",
        9 => "awslambdaric==4.0.4",
        _ => "awslambdaric==4.2.2",
    }
}

/// The prefix of an interpreter of that version, and its exact version.
fn find(name: &str, version: &str) -> Option<(PathBuf, String)> {
    pyenv(version)
        .into_iter()
        .chain([PathBuf::from("/var/lang")])
        .find_map(|prefix| ask(&prefix.join("bin").join(name)))
        .or_else(|| ask(Path::new(name)))
}

/// pyenv's installations of a version, newest first.
fn pyenv(version: &str) -> Vec<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".pyenv")));
    let entries = root.and_then(|root| std::fs::read_dir(root.join("versions")).ok());
    let mut found: Vec<(u32, PathBuf)> = entries
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let patch = path.file_name()?.to_str()?.strip_prefix(version)?.strip_prefix('.')?.parse().ok()?;
            Some((patch, path))
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}

/// Prefix and version of an interpreter, if it runs.
fn ask(python: &Path) -> Option<(PathBuf, String)> {
    // `base_prefix` leads out of a virtual environment; 2.7 has none.
    let question = "import sys; print(getattr(sys, 'base_prefix', sys.prefix)); print('%d.%d.%d' % sys.version_info[:3])";
    let output = Command::new(python)
        .args(["-E", "-c", question])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (prefix, version) = text.trim().split_once('\n')?;
    let prefix = PathBuf::from(prefix).canonicalize().ok()?;
    let name = format!("python{}", version.rsplit_once('.')?.0);
    prefix.join("bin").join(name).is_file().then(|| (prefix, version.to_owned()))
}
