//! A program that the policy allows carries the policy on: its environment names the Defender again, whatever the
//! function made of it.

use std::ffi::{CStr, CString};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use gambeson_interpose::syscall;

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

const PRELOAD: &[u8] = b"LD_PRELOAD=";
/// How many variables are put together on the stack. All of a function's variables share 4 KB, so real environments
/// have a tenth of it; larger ones go into memory of their own.
const POINTERS: usize = 512;
/// Room for our library together with those that the function preloads itself.
const PRELOADED: usize = 1024;

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
        let mut preload = [0u8; PRELOADED];
        if count + OURS < POINTERS {
            let mut room = [0u64; POINTERS];
            carry.compose(environment, &mut room, &mut preload);
            return perform(room.as_ptr() as u64);
        }
        carry.with_mapped(environment, count, &mut preload, perform)
    }

    /// As `with`, for an environment too large for the stack. Given back if the call fails; if it succeeds in a child
    /// of vfork, the parent keeps some pages it cannot know of: rare, and better than a child without a policy.
    fn with_mapped(
        &self,
        environment: u64,
        count: usize,
        preload: &mut [u8; PRELOADED],
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
        self.compose(environment, room, preload);
        let answer = perform(start as u64);
        // SAFETY: the slice is not used any more.
        unsafe { syscall(libc::SYS_munmap as u64, [start as u64, length as u64, 0, 0, 0, 0]) };
        answer
    }

    /// Fills `room` with the pointers of `environment`, ours in the place of older ones, and a final NULL.
    fn compose(&self, environment: u64, room: &mut [u64], preload: &mut [u8; PRELOADED]) {
        let mut places = room.iter_mut();
        let mut put = |pointer: u64| {
            if let Some(place) = places.next() {
                *place = pointer;
            }
        };
        let mut preloaded = self.preload.as_ptr() as u64;
        for variable in Pointers::new(environment) {
            if let Some(others) = value_of(variable, PRELOAD) {
                if join(self.preload.to_bytes(), others, preload) {
                    preloaded = preload.as_ptr() as u64;
                }
            } else if value_of(variable, b"TW_POLICY=").is_none()
                && value_of(variable, b"GAMBESON_STATE=").is_none()
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

/// Writes `ours:others` with a terminator to `room`, ours only once; false if that is all, or if it does not fit
/// (then the child is left with our library alone).
fn join(ours: &[u8], others: u64, room: &mut [u8; PRELOADED]) -> bool {
    let library = ours.strip_prefix(PRELOAD).unwrap_or(ours);
    if is_list_that_begins_with(others, library) {
        return copy_after(PRELOAD, others, room);
    }
    let Some(rest) = room.get_mut(ours.len()..) else { return false };
    let written = copy_after(b":", others, rest);
    for (place, byte) in room.iter_mut().zip(ours) {
        *place = *byte;
    }
    written
}

fn is_list_that_begins_with(list: u64, library: &[u8]) -> bool {
    match value_of(list, library) {
        Some(end) => matches!(Readable::default().byte(end), Some(0 | b':' | b' ')),
        None => false,
    }
}

/// Writes `prefix` and the string at `address` with its terminator; false if the string is empty or does not fit.
fn copy_after(prefix: &[u8], address: u64, room: &mut [u8]) -> bool {
    let mut readable = Readable::default();
    let mut places = room.iter_mut();
    for (byte, place) in prefix.iter().zip(places.by_ref()) {
        *place = *byte;
    }
    let mut at = address;
    for place in places {
        let Some(byte) = readable.byte(at) else { return false };
        *place = byte;
        if byte == 0 {
            return at != address;
        }
        at = at.wrapping_add(1);
    }
    false
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
        let mut preload = [0u8; PRELOADED];
        carry.compose(environment.as_ptr() as u64, &mut room, &mut preload);
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
    fn other_preloaded_libraries_stay_behind_ours() {
        let variables = composed(&[c"LD_PRELOAD=/opt/lib/jemalloc.so"]);
        assert_eq!(variables[0], "LD_PRELOAD=/opt/twistlock/libdefender.so:/opt/lib/jemalloc.so");
        let variables = composed(&[c"LD_PRELOAD=/opt/twistlock/libdefender.so:/opt/lib/jemalloc.so"]);
        assert_eq!(variables[0], "LD_PRELOAD=/opt/twistlock/libdefender.so:/opt/lib/jemalloc.so");
        assert_eq!(composed(&[c"LD_PRELOAD="])[0], OURS_ALONE[0]);
    }

    #[test]
    fn a_preload_too_long_to_join_leaves_ours() {
        let long = CString::new(format!("LD_PRELOAD={}", "x".repeat(PRELOADED))).unwrap();
        assert_eq!(composed(&[&long]), OURS_ALONE);
    }
}
