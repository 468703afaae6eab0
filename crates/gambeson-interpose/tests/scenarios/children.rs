//! Processes that come of this one.

use std::ffi::CString;
use std::process::Command;
use std::sync::atomic::Ordering;

use super::{ANSWER, PROCEED, SEEN, emulated, getppid, start};

// Present in every tree that has a shell; the minimal trees have none.
const PROGRAM: &str = "/bin/true";

pub(super) fn forked_children_stay_interposed() -> Result<(), String> {
    start(&[libc::SYS_getppid]);
    ANSWER.store(42, Ordering::Relaxed);
    // SAFETY: the child makes two calls and leaves.
    let status = unsafe {
        let child = libc::fork();
        if child == 0 {
            libc::_exit(getppid() as i32);
        }
        assert!(child > 0);
        wait(child)
    };
    assert_eq!((libc::WIFEXITED(status), libc::WEXITSTATUS(status)), (true, 42));
    Ok(())
}

pub(super) fn spawned_programs_are_seen_and_refused() -> Result<(), String> {
    start(&[libc::SYS_execve, libc::SYS_execveat]);
    ANSWER.store(-i64::from(libc::EACCES), Ordering::Relaxed);
    // Through posix_spawn, which is vfork and a stack of its own.
    for _ in 0..20 {
        match Command::new("/no/such/program").status() {
            Err(refused) => assert_eq!(refused.raw_os_error(), Some(libc::EACCES)),
            // The emulator's vfork is a fork, so the parent does not see the error that its child writes to memory; but
            // nothing else than a refusal ends the child like this.
            Ok(status) => assert!(emulated() && status.code() == Some(127), "{status}"),
        }
    }
    // Through fork: a working directory that posix_spawn cannot change to makes the standard library fork.
    let refused = forks(Command::new("/no/such/program")).status().expect_err("execve is answered");
    assert_eq!(refused.raw_os_error(), Some(libc::EACCES));
    let before = SEEN.load(Ordering::Relaxed);
    // SAFETY: constant strings.
    unsafe {
        let arguments = [c"id".as_ptr(), std::ptr::null()];
        let environment = [std::ptr::null()];
        assert_eq!(libc::execve(c"/usr/bin/id".as_ptr(), arguments.as_ptr(), environment.as_ptr()), -1);
        assert_eq!(super::errno(), libc::EACCES);
        assert_eq!(
            libc::syscall(
                libc::SYS_execve,
                c"/usr/bin/id".as_ptr(),
                arguments.as_ptr(),
                environment.as_ptr()
            ),
            -1
        );
        // system() answers as if the shell could not be run; before glibc 2.33, as if there could be no child.
        let command = CString::new("exit 0").expect("no zero byte");
        let status = libc::system(command.as_ptr());
        assert!(status == -1 || status == 127 << 8, "status {status:#x}");
    }
    assert!(SEEN.load(Ordering::Relaxed) >= before + 2);
    Ok(())
}

pub(super) fn allowed_programs_run() -> Result<(), String> {
    if !std::path::Path::new(PROGRAM).exists() {
        return Err(format!("no {PROGRAM} here"));
    }
    start(&[libc::SYS_execve]);
    ANSWER.store(PROCEED, Ordering::Relaxed);
    for _ in 0..20 {
        assert!(Command::new(PROGRAM).status().expect("it runs").success());
    }
    assert!(forks(Command::new(PROGRAM)).status().expect("it runs").success());
    Ok(())
}

fn forks(mut command: Command) -> Command {
    use std::os::unix::process::CommandExt;
    // SAFETY: does nothing.
    unsafe { command.pre_exec(|| Ok(())) };
    command
}

/// # Safety
/// `child` must be a child.
unsafe fn wait(child: i32) -> i32 {
    let mut status = 0;
    // SAFETY: the caller's promise.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    status
}
