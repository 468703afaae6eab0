//! Unpacks layers the way Lambda does.

use std::fs;
use std::io::{Cursor, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use zip::ZipArchive;

use crate::Layer;

/// Lambda's limit on a function and its layers, unpacked.
const MAX_UNPACKED: u64 = 250 << 20;

/// A layer that cannot be put under `/opt`.
#[derive(Debug, thiserror::Error)]
pub enum LayerZipError {
    /// Not a ZIP archive, or a broken one.
    #[error("the layer is no ZIP archive that can be read: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// The archive names a place outside of itself.
    #[error("the layer's entry {0:?} lies outside the layer")]
    Outside(String),
    /// More than Lambda takes.
    #[error("the layers unpack to more than Lambda's 250 MB")]
    TooLarge,
    /// The files cannot be written.
    #[error("cannot unpack the layer: {0}")]
    Io(#[from] std::io::Error),
}

/// Merges layers into `to`; later ones win.
pub(crate) fn unpack(layers: &[Layer], to: &Path) -> Result<(), LayerZipError> {
    let mut room = MAX_UNPACKED;
    for layer in layers {
        match layer {
            Layer::Zip(bytes) => unzip(bytes, to, &mut room)?,
            Layer::Directory(from) => copy(from, to)?,
        }
    }
    Ok(())
}

fn unzip(bytes: &[u8], to: &Path, room: &mut u64) -> Result<(), LayerZipError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.enclosed_name().ok_or_else(|| LayerZipError::Outside(entry.name().to_owned()))?;
        let target = to.join(name);
        if entry.is_dir() {
            fs::create_dir_all(&target)?;
            continue;
        }
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut content = Vec::new();
        let taken = (&mut entry).take(*room + 1).read_to_end(&mut content)? as u64;
        *room = room.checked_sub(taken).ok_or(LayerZipError::TooLarge)?;
        fs::write(&target, content)?;
        // Lambda's user is another one than the owner of the files.
        let executable = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
        fs::set_permissions(&target, fs::Permissions::from_mode(if executable { 0o755 } else { 0o644 }))?;
    }
    Ok(())
}

/// Copies a tree so that everybody can read it.
pub(crate) fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), &target)?;
            let mode = entry.metadata()?.permissions().mode();
            fs::set_permissions(&target, fs::Permissions::from_mode(mode & 0o755 | 0o444))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;

    use super::*;

    #[test]
    fn an_archive_becomes_files_that_lambdas_user_can_read() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("python/a.py", SimpleFileOptions::default().unix_permissions(0o600)).expect("starts");
        zip.write_all(b"x = 1\n").expect("writes");
        zip.start_file("bin/run", SimpleFileOptions::default().unix_permissions(0o700)).expect("starts");
        let bytes = zip.finish().expect("finishes").into_inner();
        let to = tempfile::tempdir().expect("a directory");
        unpack(&[Layer::Zip(bytes)], to.path()).expect("unpacks");
        assert_eq!(fs::read(to.path().join("python/a.py")).expect("reads"), b"x = 1\n");
        let mode =
            |name: &str| fs::metadata(to.path().join(name)).expect("is there").permissions().mode() & 0o777;
        assert_eq!((mode("python/a.py"), mode("bin/run")), (0o644, 0o755));
    }

    #[test]
    fn an_entry_outside_the_layer_is_refused() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("../escape", SimpleFileOptions::default()).expect("starts");
        let bytes = zip.finish().expect("finishes").into_inner();
        let to = tempfile::tempdir().expect("a directory");
        assert!(matches!(unpack(&[Layer::Zip(bytes)], to.path()), Err(LayerZipError::Outside(_))));
        assert!(matches!(unpack(&[Layer::Zip(b"PK".to_vec())], to.path()), Err(LayerZipError::Zip(_))));
    }
}
