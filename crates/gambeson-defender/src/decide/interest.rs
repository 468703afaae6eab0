//! Which system calls a policy speaks of: the others never leave the fast path.

use gambeson_interpose::Interest;

use super::files::CHANGES;
#[cfg(target_arch = "x86_64")]
use super::legacy;
use super::paths;
use crate::snapshot::Snapshot;

/// What is to be judged under `snapshot`.
pub(crate) fn interest(snapshot: &Snapshot) -> Vec<Interest> {
    if !snapshot.enforces {
        return Vec::new();
    }
    let mut chosen = every(&[libc::SYS_execve, libc::SYS_execveat]);
    chosen.extend(tampering());
    chosen.extend(network(snapshot));
    chosen.extend(files(snapshot));
    chosen
}

fn every(numbers: &[libc::c_long]) -> Vec<Interest> {
    numbers.iter().map(|number| Interest::every(*number as u32)).collect()
}

fn with_bits(number: libc::c_long, argument: u8, mask: u64) -> Interest {
    Interest::with_bits(number as u32, argument, mask as u32)
}

fn tampering() -> Vec<Interest> {
    let mut chosen = every(&[
        libc::SYS_mmap,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_shmat,
        libc::SYS_close_range,
        libc::SYS_tkill,
        libc::SYS_tgkill,
        libc::SYS_rt_tgsigqueueinfo,
        libc::SYS_io_uring_setup,
        libc::SYS_personality,
        libc::SYS_prctl,
        libc::SYS_process_vm_writev,
        libc::SYS_process_madvise,
        libc::SYS_ptrace,
        libc::SYS_seccomp,
    ]);
    let changes = (libc::PROT_WRITE | libc::PROT_EXEC) as u64;
    chosen.push(with_bits(libc::SYS_mprotect, 2, changes));
    chosen.push(with_bits(libc::SYS_pkey_mprotect, 2, changes));
    // The Defender's descriptors have both of these bits; those of most functions have neither.
    const HIGH: u64 = 0x30;
    chosen.push(with_bits(libc::SYS_close, 0, HIGH));
    chosen.push(with_bits(libc::SYS_dup3, 1, HIGH));
    chosen.push(with_bits(libc::SYS_fcntl, 0, HIGH));
    #[cfg(target_arch = "x86_64")]
    {
        chosen.push(with_bits(libc::SYS_dup2, 1, HIGH));
        chosen.extend(every(&[libc::SYS_modify_ldt]));
    }
    chosen
}

fn network(snapshot: &Snapshot) -> Vec<Interest> {
    let rule = &snapshot.network;
    let mut chosen = Vec::new();
    if rule.judges_outbound() {
        chosen.extend(every(&[libc::SYS_connect, libc::SYS_sendmsg, libc::SYS_sendmmsg]));
        // With the length of an address; without one it goes where the socket is connected to.
        chosen.push(with_bits(libc::SYS_sendto, 5, u64::from(u32::MAX)));
    }
    if rule.judges_names() {
        let sending =
            [libc::SYS_sendto, libc::SYS_write, libc::SYS_writev, libc::SYS_sendfile, libc::SYS_splice];
        chosen.extend(every(&sending));
    }
    if rule.learns_addresses() {
        let receiving =
            [libc::SYS_read, libc::SYS_readv, libc::SYS_recvfrom, libc::SYS_recvmsg, libc::SYS_recvmmsg];
        chosen.extend(every(&receiving));
    }
    if rule.judges_listening() {
        chosen.extend(every(&[libc::SYS_listen, libc::SYS_bind]));
    }
    chosen
}

fn files(snapshot: &Snapshot) -> Vec<Interest> {
    // Opening to write is always of interest: it may be the process's own memory.
    let openings = |open: u64| {
        let mut chosen = vec![with_bits(libc::SYS_openat, 2, open)];
        #[cfg(target_arch = "x86_64")]
        chosen.extend([with_bits(libc::SYS_open, 1, open), Interest::every(libc::SYS_creat as u32)]);
        chosen.push(Interest::every(libc::SYS_openat2 as u32));
        chosen
    };
    if !snapshot.files.judges() {
        return openings((libc::O_WRONLY | libc::O_RDWR) as u64);
    }
    let mut chosen = openings(CHANGES);
    if snapshot.files.judges_reads() {
        chosen.extend(every(&[libc::SYS_openat]));
        #[cfg(target_arch = "x86_64")]
        chosen.extend(every(&[libc::SYS_open]));
    }
    chosen.extend(every(&[
        libc::SYS_mkdirat,
        libc::SYS_mknodat,
        libc::SYS_unlinkat,
        libc::SYS_symlinkat,
        libc::SYS_renameat,
        libc::SYS_renameat2,
        libc::SYS_linkat,
        libc::SYS_truncate,
        libc::SYS_fchmodat,
        libc::SYS_fchownat,
        libc::SYS_fchmod,
        libc::SYS_fchown,
        libc::SYS_bind,
        paths::FCHMODAT2 as libc::c_long,
    ]));
    #[cfg(target_arch = "x86_64")]
    chosen.extend(every(&legacy::NUMBERS));
    chosen
}

#[cfg(test)]
mod tests {
    use gambeson_policy::{Document, EffectivePolicy};
    use serde_json::{Value, json};

    use super::*;
    use crate::snapshot::Surroundings;

    fn numbers(rule: Value) -> Vec<u32> {
        let runtime = serde_json::from_value(rule).unwrap();
        let document = Document { policy: EffectivePolicy { runtime, waas: None }, ..Document::default() };
        let snapshot = Snapshot::new(document, &Surroundings::default(), 1);
        interest(&snapshot).into_iter().map(|interest| interest.number).collect()
    }

    #[test]
    fn nothing_is_asked_about_that_no_rule_speaks_of() {
        assert!(numbers(Value::Null).is_empty());
        let processes = numbers(json!({ "processes": { "effect": "prevent", "blockAllBinaries": true } }));
        assert!(processes.contains(&(libc::SYS_execve as u32)));
        for number in [libc::SYS_connect, libc::SYS_write, libc::SYS_read, libc::SYS_bind, libc::SYS_mkdirat]
        {
            assert!(!processes.contains(&(number as u32)), "{number}");
        }
    }

    #[test]
    fn each_tab_asks_for_its_calls() {
        let network = numbers(json!({ "network": { "effect": "alert", "blacklistIPs": ["10.0.0.1"] } }));
        assert!(
            network.contains(&(libc::SYS_connect as u32)) && !network.contains(&(libc::SYS_write as u32))
        );
        let names = numbers(json!({ "dns": { "effect": "alert", "whitelist": ["a.example"] } }));
        assert!(names.contains(&(libc::SYS_write as u32)) && names.contains(&(libc::SYS_recvfrom as u32)));
        let files = numbers(json!({ "filesystem": { "effect": "alert", "blacklist": ["/tmp"] } }));
        assert!(files.contains(&(libc::SYS_renameat as u32)) && !files.contains(&(libc::SYS_connect as u32)));
    }
}
