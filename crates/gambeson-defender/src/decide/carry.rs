//! A program that the policy allows carries the policy on: its environment names the Defender again, whatever the
//! function made of it.

use std::ffi::{CStr, CString};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use gambeson_interpose::syscall;

use super::kernel::{self, PATH_MAX};
use super::memory::{Pointers, Readable};

/// The strings that a child's environment must hold.
pub(crate) struct Carry {
    /// `LD_PRELOAD=/opt/twistlock/libdefender.so`
    preload: CString,
    /// `TW_POLICY=…`
    policy: CString,
    /// `GAMBESON_STATE=/proc/PID/fd/N`, see `crate::shared`.
    state: CString,
}

/// The variable that names the shared memory to a child.
pub(crate) const STATE: &CStr = c"GAMBESON_STATE";

/// Libraries that the loader takes before those of the program.
const PRELOAD: &[u8] = b"LD_PRELOAD=";
/// Where the loader looks for libraries.
const LIBRARY_PATH: &[u8] = b"LD_LIBRARY_PATH=";
/// Libraries that watch the loader, which run before everything else.
const AUDIT: &[u8] = b"LD_AUDIT=";
/// How many variables are put together on the stack. All of a function's variables share 4 KB, so real environments
/// have a tenth of it; larger ones go into memory of their own.
const POINTERS: usize = 512;
/// Room for a list of libraries or of folders, ours included. What does not fit is left out.
const LIST: usize = 2048;

/// The lists that are made anew for a child.
struct Lists {
    preload: [u8; LIST],
    library_path: [u8; LIST],
}

static CARRY: AtomicPtr<Carry> = AtomicPtr::new(ptr::null_mut());

impl Carry {
    /// From now on every program that is executed gets these.
    pub(crate) fn publish(library: &CStr, policy: &CStr, state: &CStr) {
        let variable = |name: &CStr, value: &CStr| {
            let text = [name.to_bytes(), b"=", value.to_bytes()].concat();
            // The parts are C strings: there is no terminator inside.
            CString::new(text).unwrap_or_default()
        };
        let carry = Self {
            preload: variable(c"LD_PRELOAD", library),
            policy: variable(c"TW_POLICY", policy),
            state: variable(STATE, state),
        };
        CARRY.store(Box::leak(Box::new(carry)), Ordering::Release);
    }

    /// Calls `perform` with an environment like the one at `environment`, our variables included.
    pub(crate) fn with(environment: u64, perform: impl FnOnce(u64) -> i64) -> i64 {
        // SAFETY: null or a leaked `Carry`.
        let Some(carry) = (unsafe { CARRY.load(Ordering::Acquire).as_ref() }) else {
            return perform(environment);
        };
        let mut given = Pointers::new(environment);
        let count = given.by_ref().count();
        if given.faulted {
            // The kernel will say EFAULT, as it would without us.
            return perform(environment);
        }
        let mut lists = Lists { preload: [0; LIST], library_path: [0; LIST] };
        if count + OURS < POINTERS {
            let mut room = [0u64; POINTERS];
            carry.compose(environment, &mut room, &mut lists, is_deployed);
            return perform(room.as_ptr() as u64);
        }
        carry.with_mapped(environment, count, &mut lists, perform)
    }

    /// As `with`, for an environment too large for the stack. Given back if the call fails; if it succeeds in a child
    /// of vfork, the parent keeps some pages it cannot know of: rare, and better than a child without a policy.
    fn with_mapped(
        &self,
        environment: u64,
        count: usize,
        lists: &mut Lists,
        perform: impl FnOnce(u64) -> i64,
    ) -> i64 {
        let length = (count + OURS + 1) * size_of::<u64>();
        let protection = (libc::PROT_READ | libc::PROT_WRITE) as u64;
        let flags = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS) as u64;
        // SAFETY: a new private mapping, used here only.
        let start =
            unsafe { syscall(libc::SYS_mmap as u64, [0, length as u64, protection, flags, u64::MAX, 0]) };
        if start <= 0 {
            return start;
        }
        // SAFETY: mapped above, zeroed, page-aligned, and long enough for the slice.
        let room = unsafe { core::slice::from_raw_parts_mut(start as *mut u64, count + OURS + 1) };
        self.compose(environment, room, lists, is_deployed);
        let answer = perform(start as u64);
        // SAFETY: the slice is not used any more.
        unsafe { syscall(libc::SYS_munmap as u64, [start as u64, length as u64, 0, 0, 0, 0]) };
        answer
    }

    /// Fills `room` with the pointers of `environment`, ours in the place of older ones, and a final NULL.
    ///
    /// The constructors of other libraries would run before the Defender has taken the program over, and so before anything
    /// could be refused them. So only libraries and folders stay that the function was deployed with, and ours comes last, as
    /// the loader begins with the last.
    fn compose(&self, environment: u64, room: &mut [u64], lists: &mut Lists, keep: impl Fn(&[u8]) -> bool) {
        let mut places = room.iter_mut();
        let mut put = |pointer: u64| {
            if let Some(place) = places.next() {
                *place = pointer;
            }
        };
        let ours = self.preload.to_bytes().strip_prefix(PRELOAD).unwrap_or_default();
        let mut preloaded = self.preload.as_ptr() as u64;
        for variable in Pointers::new(environment) {
            let starts_with = |name: &[u8]| value_of(variable, name);
            if let Some(list) = starts_with(PRELOAD) {
                // By name alone, it is found in one of those folders.
                let keep = |entry: &[u8]| entry != ours && (!entry.contains(&b'/') || keep(entry));
                compose_list(PRELOAD, list, ours, &mut lists.preload, keep);
                preloaded = lists.preload.as_ptr() as u64;
            } else if let Some(list) = starts_with(LIBRARY_PATH) {
                compose_list(LIBRARY_PATH, list, b"", &mut lists.library_path, &keep);
                put(lists.library_path.as_ptr() as u64);
            } else if starts_with(AUDIT).is_none()
                && starts_with(b"TW_POLICY=").is_none()
                && starts_with(b"GAMBESON_STATE=").is_none()
            {
                put(variable);
            }
        }
        put(preloaded);
        put(self.policy.as_ptr() as u64);
        put(self.state.as_ptr() as u64);
        put(0);
    }
}

/// Whether the function was deployed with what is at `path`: it is there, and the function could not have put it there.
fn is_deployed(path: &[u8]) -> bool {
    let mut room = [0u8; PATH_MAX];
    let Some(place) = room.get_mut(..path.len()) else { return false };
    place.copy_from_slice(path);
    if path.first() != Some(&b'/') || !kernel::is_there(&room) || kernel::may_write(&room) {
        return false;
    }
    // The folder that it is in.
    let folder = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0).max(1);
    let Some(end) = room.get_mut(folder) else { return false };
    *end = 0;
    !kernel::may_write(&room)
}

/// How many variables are ours.
const OURS: usize = 4;

/// The address of the value if the variable at `address` begins with `name` (`=` included).
fn value_of(address: u64, name: &[u8]) -> Option<u64> {
    let mut readable = Readable::default();
    let mut at = address;
    for expected in name {
        if readable.byte(at)? != *expected {
            return None;
        }
        at = at.wrapping_add(1);
    }
    Some(at)
}

/// Writes `name` and those entries of the list at `address` that `keep` says, then `last`, with a terminator.
fn compose_list(name: &[u8], address: u64, last: &[u8], room: &mut [u8; LIST], keep: impl Fn(&[u8]) -> bool) {
    let mut end = 0;
    let mut readable = Readable::default();
    let mut at = address;
    // Room is kept for `last` and the terminator.
    let limit = LIST.saturating_sub(last.len()).saturating_sub(1);
    for (place, byte) in room.iter_mut().zip(name) {
        *place = *byte;
        end += 1;
    }
    let mut start = end;
    loop {
        let byte = readable.byte(at).unwrap_or(0);
        at = at.wrapping_add(1);
        if !matches!(byte, 0 | b':' | b';' | b' ') {
            let Some(place) = room.get_mut(end).filter(|_| end < limit) else { break };
            *place = byte;
            end += 1;
            continue;
        }
        if start < end && keep(room.get(start..end).unwrap_or_default()) {
            let Some(place) = room.get_mut(end).filter(|_| end < limit) else { break };
            *place = b':';
            end += 1;
            start = end;
        } else {
            end = start;
        }
        if byte == 0 {
            break;
        }
    }
    end = start;
    // Without a separator at the end, which would be the working directory.
    if last.is_empty() && end > name.len() {
        end -= 1;
    }
    let terminated = last.iter().copied().chain([0]);
    for (place, byte) in room.iter_mut().skip(end).zip(terminated) {
        *place = byte;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(variables: &[&CStr]) -> Vec<String> {
        let carry = Carry {
            preload: c"LD_PRELOAD=/opt/twistlock/libdefender.so".to_owned(),
            policy: c"TW_POLICY=ours".to_owned(),
            state: c"GAMBESON_STATE=/proc/1/fd/3".to_owned(),
        };
        let mut environment: Vec<u64> = variables.iter().map(|variable| variable.as_ptr() as u64).collect();
        environment.push(0);
        let mut room = vec![0u64; environment.len() + OURS];
        let mut lists = Lists { preload: [0; LIST], library_path: [0; LIST] };
        let keep = |entry: &[u8]| entry.starts_with(b"/opt/");
        carry.compose(environment.as_ptr() as u64, &mut room, &mut lists, keep);
        room.iter()
            .take_while(|pointer| **pointer != 0)
            // SAFETY: each pointer leads to a C string that is still alive here.
            .map(|pointer| unsafe { CStr::from_ptr(*pointer as *const _) }.to_str().unwrap().to_owned())
            .collect()
    }

    const OURS_ALONE: [&str; 3] =
        ["LD_PRELOAD=/opt/twistlock/libdefender.so", "TW_POLICY=ours", "GAMBESON_STATE=/proc/1/fd/3"];

    #[test]
    fn a_cleaned_environment_gets_ours() {
        assert_eq!(composed(&[]), OURS_ALONE);
    }

    #[test]
    fn what_the_function_set_is_kept_and_ours_cannot_be_replaced() {
        let variables =
            composed(&[c"PATH=/bin", c"TW_POLICY=forged", c"GAMBESON_STATE=/tmp/x", c"TW_POLICY_X=kept"]);
        assert_eq!(variables[..2], ["PATH=/bin", "TW_POLICY_X=kept"]);
        assert_eq!(variables[2..], OURS_ALONE);
    }

    #[test]
    fn libraries_of_the_deployment_stay_and_ours_comes_last() {
        const BOTH: &str = "LD_PRELOAD=/opt/lib/jemalloc.so:/opt/twistlock/libdefender.so";
        for list in [
            c"LD_PRELOAD=/opt/lib/jemalloc.so",
            c"LD_PRELOAD=/opt/twistlock/libdefender.so:/opt/lib/jemalloc.so",
            c"LD_PRELOAD=/tmp/evil.so /opt/lib/jemalloc.so:./evil.so:",
        ] {
            assert_eq!(composed(&[list])[0], BOTH, "{list:?}");
        }
        assert_eq!(composed(&[c"LD_PRELOAD="])[0], OURS_ALONE[0]);
        assert_eq!(composed(&[c"LD_PRELOAD=/tmp/evil.so"])[0], OURS_ALONE[0]);
        let by_name = composed(&[c"LD_PRELOAD=libjemalloc.so.2"]);
        assert_eq!(by_name[0], "LD_PRELOAD=libjemalloc.so.2:/opt/twistlock/libdefender.so");
    }

    #[test]
    fn the_loader_looks_only_where_the_function_cannot_write() {
        let variables =
            composed(&[c"LD_LIBRARY_PATH=/opt/lib::/tmp/evil:lib;/opt/other", c"LD_AUDIT=/tmp/evil.so"]);
        assert_eq!(variables[0], "LD_LIBRARY_PATH=/opt/lib:/opt/other");
        assert_eq!(variables[1..], OURS_ALONE);
        assert_eq!(composed(&[c"LD_LIBRARY_PATH=/tmp"])[0], "LD_LIBRARY_PATH=");
    }

    #[test]
    fn what_does_not_fit_into_a_list_is_left_out() {
        let long = CString::new(format!("LD_PRELOAD=/opt/a:/opt/{}", "x".repeat(LIST))).unwrap();
        assert_eq!(composed(&[&long])[0], "LD_PRELOAD=/opt/a:/opt/twistlock/libdefender.so");
    }

    #[test]
    fn what_the_function_can_write_was_not_deployed() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("lib.so");
        std::fs::write(&file, "x").unwrap();
        assert!(!is_deployed(file.to_str().unwrap().as_bytes()));
        assert!(!is_deployed(b"/no/such/file") && !is_deployed(b"lib.so") && !is_deployed(b""));
    }
}
