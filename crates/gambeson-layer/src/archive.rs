//! A ZIP whose bytes depend on nothing but its content.

use std::collections::BTreeSet;
use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::error::LayerError;

/// Writes the files, and an entry for each folder, in the order of their paths. Lambda unpacks with the modes given here:
/// the function runs as an ordinary user, who must be able to read all of it.
pub(crate) fn zip(mut files: Vec<(&str, &[u8])>) -> Result<Vec<u8>, LayerError> {
    files.sort_unstable_by_key(|(path, _)| *path);
    let folders: BTreeSet<&str> = files.iter().flat_map(|(path, _)| folders(path)).collect();

    // `DateTime::default()` is 1980-01-01, where the format's time begins.
    let options = SimpleFileOptions::default()
        .last_modified_time(DateTime::default())
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9));
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for folder in folders {
        writer.add_directory(
            folder,
            options.compression_method(CompressionMethod::Stored).unix_permissions(0o755),
        )?;
    }
    for (path, content) in files {
        writer.start_file(path, options.unix_permissions(0o644))?;
        writer.write_all(content)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// The folders above a path, each with its final `/`.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..=at])
}
