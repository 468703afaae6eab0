//! Packages from PyPI and npm that functions under test use: installed once, into `.cache/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::interpreter;

/// The folder `name` of the cache with these packages for CPython 3.12 (arguments of `pip install`: names or `-r FILE`).
pub fn python(name: &str, packages: &[&str]) -> PathBuf {
    cached(name, |folder| {
        let mut command = Command::new(interpreter("3.12"));
        command
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--root-user-action=ignore",
            ])
            .arg("--target")
            .arg(folder)
            .args(packages);
        command
    })
}

/// The same for Node.js.
pub fn nodejs(name: &str, packages: &[&str]) -> PathBuf {
    cached(name, |folder| {
        let mut command = Command::new("npm");
        command
            .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
            .arg(folder)
            .args(packages);
        command
    })
}

/// A folder of the cache, which `install` fills; a new name asks for it to be filled again.
fn cached(name: &str, install: impl FnOnce(&Path) -> Command) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.cache").join(name);
    std::fs::create_dir_all(folder.parent().expect("it is in the cache"))
        .expect("the cache can be written to");
    // Two tests, which may be two processes, may want the same packages.
    let installing =
        std::fs::File::create(folder.with_extension("lock")).expect("the cache can be written to");
    installing.lock().expect("a file of the cache can be locked");
    if folder.is_dir() {
        return folder;
    }
    let new = folder.with_extension("new");
    let _ = std::fs::remove_dir_all(&new);
    std::fs::create_dir_all(&new).expect("the cache can be written to");
    eprintln!("installing packages into .cache/{name}");
    let mut command = install(&new);
    let output = command.output().expect("pip and npm can be run");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    std::fs::rename(&new, &folder).expect("the cache can be written to");
    folder
}
