//! The filter that makes this kernel refuse what Lambda's sandbox refuses.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter,
};

/// Puts the calling thread, and all that it starts, under the filter. Sets `no_new_privs`, which is why it is done before the filter that refuses that.
pub(super) fn install() -> Result<(), seccompiler::Error> {
    let architecture = std::env::consts::ARCH.try_into()?;
    let filter = |rules, action: SeccompAction| -> Result<BpfProgram, seccompiler::Error> {
        Ok(SeccompFilter::new(rules, SeccompAction::Allow, action, architecture)?.try_into()?)
    };
    // glibc looks for clone3 first and falls back to clone, whose flags a filter can see, only at ENOSYS.
    apply_filter(&filter(
        BTreeMap::from([(libc::SYS_clone3, vec![])]),
        SeccompAction::Errno(libc::ENOSYS as u32),
    )?)?;
    apply_filter(&filter(refused()?, SeccompAction::Errno(libc::EPERM as u32))?)
}

/// The calls that get `EPERM`: always (no rules), or under any of the rules.
fn refused() -> Result<BTreeMap<c_long, Vec<SeccompRule>>, seccompiler::Error> {
    let mut calls = BTreeMap::new();
    // A nested filter, and other processes' memory.
    for number in
        [libc::SYS_seccomp, libc::SYS_ptrace, libc::SYS_process_vm_readv, libc::SYS_process_vm_writev]
    {
        calls.insert(number, vec![]);
    }
    // Other ways to confine or to watch: namespaces, Landlock, eBPF, performance events.
    for number in [
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_landlock_create_ruleset,
        libc::SYS_landlock_add_rule,
        libc::SYS_landlock_restrict_self,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
    ] {
        calls.insert(number, vec![]);
    }
    calls.insert(
        libc::SYS_prctl,
        vec![
            rule(vec![is(0, libc::PR_SET_SECCOMP as u64)?])?,
            rule(vec![is(0, libc::PR_SET_NO_NEW_PRIVS as u64)?])?,
        ],
    );
    let namespaces = [
        libc::CLONE_NEWNS,
        libc::CLONE_NEWCGROUP,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWNET,
    ];
    calls.insert(
        libc::SYS_clone,
        namespaces
            .iter()
            .map(|flag| rule(vec![has(0, *flag as u64, *flag as u64)?]))
            .collect::<Result<_, _>>()?,
    );
    // Raw IP and packet sockets. AF_NETLINK also says SOCK_RAW, and getaddrinfo needs it. 0xf leaves SOCK_CLOEXEC and SOCK_NONBLOCK out.
    let raw = || has(1, 0xf, libc::SOCK_RAW as u64);
    calls.insert(
        libc::SYS_socket,
        vec![
            rule(vec![is(0, libc::AF_INET as u64)?, raw()?])?,
            rule(vec![is(0, libc::AF_INET6 as u64)?, raw()?])?,
            rule(vec![is(0, libc::AF_PACKET as u64)?])?,
        ],
    );
    Ok(calls)
}

fn rule(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, seccompiler::Error> {
    Ok(SeccompRule::new(conditions)?)
}

fn is(argument: u8, value: u64) -> Result<SeccompCondition, seccompiler::Error> {
    Ok(SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)?)
}

fn has(argument: u8, mask: u64, value: u64) -> Result<SeccompCondition, seccompiler::Error> {
    Ok(SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(mask), value)?)
}
