//! Calls that newer architectures have in one form only: relative to a directory.

/// The working directory.
const HERE: u64 = libc::AT_FDCWD as i64 as u64;

/// The numbers, for those who choose what is judged.
pub(crate) const NUMBERS: [libc::c_long; 10] = [
    libc::SYS_mkdir,
    libc::SYS_mknod,
    libc::SYS_unlink,
    libc::SYS_rmdir,
    libc::SYS_symlink,
    libc::SYS_rename,
    libc::SYS_link,
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
];

/// The same call in its modern form.
pub(super) fn as_modern(number: u64, [a, b, c, ..]: [u64; 6]) -> Option<(u64, [u64; 6])> {
    let modern = |number: libc::c_long, args: [u64; 6]| Some((number as u64, args));
    match number as libc::c_long {
        libc::SYS_mkdir => modern(libc::SYS_mkdirat, [HERE, a, b, 0, 0, 0]),
        libc::SYS_mknod => modern(libc::SYS_mknodat, [HERE, a, b, c, 0, 0]),
        libc::SYS_unlink => modern(libc::SYS_unlinkat, [HERE, a, 0, 0, 0, 0]),
        libc::SYS_rmdir => modern(libc::SYS_unlinkat, [HERE, a, libc::AT_REMOVEDIR as u64, 0, 0, 0]),
        libc::SYS_symlink => modern(libc::SYS_symlinkat, [a, HERE, b, 0, 0, 0]),
        libc::SYS_rename => modern(libc::SYS_renameat, [HERE, a, HERE, b, 0, 0]),
        libc::SYS_link => modern(libc::SYS_linkat, [HERE, a, HERE, b, 0, 0]),
        libc::SYS_chmod => modern(libc::SYS_fchmodat, [HERE, a, b, 0, 0, 0]),
        libc::SYS_chown => modern(libc::SYS_fchownat, [HERE, a, b, c, 0, 0]),
        libc::SYS_lchown => modern(libc::SYS_fchownat, [HERE, a, b, c, libc::AT_SYMLINK_NOFOLLOW as u64, 0]),
        _ => None,
    }
}
