//! A name in a directory: the form in which changes to the tree of files are judged and made.

use super::kernel::{self, PATH_MAX};

/// A name in a directory, together with the path that both make.
pub(super) struct Located {
    /// Gives no access. Whoever has it closes it.
    pub(super) directory: u64,
    /// Where the name begins in the room that was given, and where the path ends; a terminator follows.
    start: usize,
    end: usize,
}

impl Located {
    /// Looks the directory of `path` up. `None` if the path has no name at its end that could be created or removed.
    pub(super) fn new(
        from: u64,
        path: &mut [u8; PATH_MAX],
        length: usize,
        resolve: u64,
        room: &mut [u8; PATH_MAX],
    ) -> Result<Option<Self>, i64> {
        let mut name_end = length;
        while name_end > 0 && path.get(name_end.wrapping_sub(1)) == Some(&b'/') {
            name_end = name_end.wrapping_sub(1);
        }
        let text = path.get(..name_end).unwrap_or_default();
        let name_start = text.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash.wrapping_add(1));
        let name = text.get(name_start..).unwrap_or_default();
        if name.is_empty() || name == b"." || name == b".." {
            return Ok(None);
        }
        let mut copied = [0u8; NAME_MAX];
        let name_length = name.len();
        let Some(place) = copied.get_mut(..name_length) else { return Err(-i64::from(libc::ENAMETOOLONG)) };
        place.copy_from_slice(name);
        // The directory's part, terminated where the name began.
        let directory_path = if name_start == 0 {
            c".".as_ptr() as u64
        } else {
            if let Some(byte) = path.get_mut(name_start) {
                *byte = 0;
            }
            path.as_ptr() as u64
        };
        let directory = kernel::open_directory(from, directory_path, resolve);
        if let (Some(byte), Some(first)) = (path.get_mut(name_start), copied.first()) {
            *byte = *first;
        }
        let directory = u64::try_from(directory).map_err(|_| directory)?;
        let Some(mut start) = kernel::path_of(directory, room) else {
            // Deeper than a path can say: what cannot be judged is not done.
            kernel::close(directory);
            return Err(-i64::from(libc::ENAMETOOLONG));
        };
        // The root's path ends with a slash already.
        if start != 1 {
            if let Some(byte) = room.get_mut(start) {
                *byte = b'/';
            }
            start = start.wrapping_add(1);
        }
        let end = start.wrapping_add(name_length);
        // With the slash that the function may have written, which says that it means a directory.
        let slash: &[u8] = if name_end < length { b"/\0" } else { b"\0" };
        let (Some(place), Some(after)) = (room.get_mut(start..end), end.checked_add(slash.len())) else {
            kernel::close(directory);
            return Err(-i64::from(libc::ENAMETOOLONG));
        };
        place.copy_from_slice(copied.get(..name_length).unwrap_or_default());
        let Some(place) = room.get_mut(end..after) else {
            kernel::close(directory);
            return Err(-i64::from(libc::ENAMETOOLONG));
        };
        place.copy_from_slice(slash);
        Ok(Some(Self { directory, start, end }))
    }

    /// The resolved path.
    pub(super) fn resolved<'a>(&self, room: &'a [u8; PATH_MAX]) -> &'a [u8] {
        room.get(..self.end).unwrap_or_default()
    }

    /// Copies the name alone to `path`, terminated; its length.
    pub(super) fn copy_name(&self, room: &[u8; PATH_MAX], path: &mut [u8; PATH_MAX]) -> Option<usize> {
        let name = room.get(self.start..self.end)?;
        path.get_mut(..name.len())?.copy_from_slice(name);
        *path.get_mut(name.len())? = 0;
        Some(name.len())
    }

    /// The name in the directory, terminated.
    pub(super) fn name(&self, room: &[u8; PATH_MAX]) -> u64 {
        room.get(self.start..).unwrap_or_default().as_ptr() as u64
    }
}

/// The longest name of a file, and a terminator.
const NAME_MAX: usize = 256;

/// Whether a path is absolute and holds nothing that the kernel would resolve but links.
pub(super) fn is_plain(path: &[u8]) -> bool {
    let [b'/', rest @ ..] = path else { return false };
    let mut components = rest.split(|byte| *byte == b'/');
    components.all(|component| !component.is_empty() && component != b"." && component != b"..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_are_those_that_only_links_could_change() {
        for plain in ["/a", "/a/b.c/..d"] {
            assert!(is_plain(plain.as_bytes()), "{plain}");
        }
        for other in ["", "a", "./a", "/", "/a/", "/a//b", "/a/./b", "/a/../b", "/.."] {
            assert!(!is_plain(other.as_bytes()), "{other}");
        }
    }
}
