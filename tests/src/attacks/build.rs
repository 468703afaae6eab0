//! The function that attacks: the techniques, and what of C they need, compiled for it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Language, entries, folder};

/// Copies the language's half of the battery into `to` and compiles the C sources beside it:
/// a comment `// gcc: ARGUMENTS` in the first line of each says how, and what it is called.
pub(super) fn function(language: Language, to: &Path) {
    copy(&folder().join(language.folder()), to);
    for source in entries(&folder().join("c")) {
        let text = std::fs::read_to_string(&source).expect("a source can be read");
        let Some(arguments) = text.lines().next().and_then(|line| line.strip_prefix("// gcc: ")) else {
            continue;
        };
        let output = Command::new("gcc")
            .args(arguments.split(' '))
            .arg(&source)
            .current_dir(to)
            .output()
            .expect("gcc can be run: `make test` installs it");
        assert!(output.status.success(), "{}: {}", source.display(), String::from_utf8_lossy(&output.stderr));
    }
}

/// The layer's ZIP in a file, which is removed with this.
pub(super) struct LayerFile {
    pub(super) path: String,
}

/// Writes the layer once: packing it for each of thirty runs would take longer than they do.
pub(super) fn layer(language: Language, to: PathBuf) -> LayerFile {
    let output = Command::new(crate::gambeson())
        .args(["layer", "build", "--runtime", language.folder(), "--out"])
        .arg(&to)
        .output()
        .expect("gambeson can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    LayerFile { path: to.to_str().expect("a plain path").to_owned() }
}

impl Drop for LayerFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Copies a folder into another one.
pub(super) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for path in entries(from) {
        let target: PathBuf = to.join(path.file_name().expect("a name"));
        if path.is_dir() && !path.is_symlink() {
            copy(&path, &target);
        } else if path.is_symlink() {
            let to = std::fs::read_link(&path).expect("a link can be read");
            std::os::unix::fs::symlink(to, &target).expect("a link can be made");
        } else {
            std::fs::copy(&path, &target).expect("a file can be copied");
        }
    }
}
