//! Takes over this process and prints what was done, as a first look at a C library.
use gambeson_interpose::{Action, Call};

unsafe extern "C" fn refuse_shadow(call: *mut Call) -> Action {
    // SAFETY: the dispatcher's.
    let call = unsafe { &mut *call };
    call.fail(libc::EACCES)
}

fn main() {
    let report = gambeson_interpose::start(refuse_shadow, &[libc::SYS_getppid as u32]).expect("start");
    for object in &report.objects {
        println!("{} {} {}", object.path, object.patched, object.passed_over.unwrap_or(""));
    }
    for refused in &report.refused {
        println!("refused {refused}");
    }
    println!(
        "{} patched {} refused {} verified {} in {:?}",
        report.libc,
        report.patched,
        report.refused.len(),
        report.verified,
        report.elapsed
    );
    println!("{}", unsafe { libc::getppid() });
    println!("{:?}", std::fs::read("/proc/self/status").map(|b| b.len()));
    println!("{:?}", std::process::Command::new("/bin/true").status());
    println!("{}", std::fs::read_to_string("/proc/self/maps").unwrap());
}
