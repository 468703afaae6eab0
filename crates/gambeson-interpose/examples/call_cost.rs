//! What an interposed call costs: the same calls made past the interposer, through it with no interest in them, with a
//! filter that lets them pass, and judged and allowed. The four take turns in small rounds, and of each the fastest tenth counts, so that a busy machine does not decide.
//!
//! `cargo run --release --example call_cost` prints one line a call; with `--json` one object.

use std::hint::black_box;
use std::time::Instant;

use gambeson_interpose::{Action, Call, Interest, set_interest};

const ROUNDS: usize = 400;
const CALLS: usize = 500;

unsafe extern "C" fn allow(call: *mut Call) -> Action {
    black_box(call);
    Action::Proceed
}

fn main() {
    let report = gambeson_interpose::start(allow, &[]).expect("this machine is supported");
    assert!(report.verified);
    let mut rows = Vec::new();
    for (name, subject) in subjects() {
        let [past, passed, filtered, judged] = measure(&subject);
        rows.push(format!(
            r#""{name}":{{"past_ns":{past:.1},"no_interest_ns":{passed:.1},"filtered_ns":{filtered:.1},"allowed_ns":{judged:.1}}}"#
        ));
        if !json() {
            let added = |way: f64| format!("{:+6.1} ns ({:.3})", way - past, way / past);
            println!(
                "{name:10} {past:7.1} ns   no interest {}   filtered {}   allowed {}",
                added(passed),
                added(filtered),
                added(judged)
            );
        }
    }
    let start = report.elapsed.as_secs_f64() * 1e3;
    if json() {
        println!(r#"{{"sites":{},"start_ms":{start:.3},{}}}"#, report.patched, rows.join(","));
    } else {
        println!("{} sites in {start:.2} ms", report.patched);
    }
}

type Syscall = unsafe fn(libc::c_long, [u64; 6]) -> i64;
type Subject = Box<dyn Fn(Syscall)>;

fn subjects() -> [(&'static str, Subject); 3] {
    // SAFETY: an ordinary socket; its address is refused before anything is sent.
    let socket = unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0) } as u64;
    let address =
        libc::sockaddr_un { sun_family: libc::AF_UNIX as u16, sun_path: [b'x' as libc::c_char; 108] };
    let open = [libc::AT_FDCWD as u64, c"/dev/null".as_ptr() as u64, libc::O_RDONLY as u64, 0, 0, 0];
    [
        // SAFETY: takes nothing.
        (
            "getppid",
            // SAFETY: takes nothing.
            Box::new(|call| unsafe {
                black_box(call(libc::SYS_getppid, [0; 6]));
            }),
        ),
        (
            "open+close",
            // SAFETY: a constant path; the descriptor is closed at once.
            Box::new(move |call| unsafe {
                let fd = call(libc::SYS_openat, open) as u64;
                call(libc::SYS_close, [fd, 0, 0, 0, 0, 0]);
            }),
        ),
        (
            "connect",
            Box::new(move |call| {
                let address = &raw const address as u64;
                // SAFETY: the address is 12 bytes long and more.
                unsafe { call(libc::SYS_connect, [socket, address, 12, 0, 0, 0]) };
            }),
        ),
    ]
}

unsafe fn past(number: libc::c_long, args: [u64; 6]) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { gambeson_interpose::syscall(number as u64, args) }
}

unsafe fn through(number: libc::c_long, [a, b, c, d, e, f]: [u64; 6]) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { libc::syscall(number, a, b, c, d, e, f) }
}

fn measure(subject: &Subject) -> [f64; 4] {
    let all =
        [libc::SYS_getppid, libc::SYS_openat, libc::SYS_close, libc::SYS_connect].map(|number| number as u32);
    let filtered = all.map(|number| Interest::with_bits(number, 5, 1));
    let judged = all.map(Interest::every);
    let ways: [(Syscall, &[Interest]); 4] =
        [(past, &[]), (through, &[]), (through, &filtered), (through, &judged)];
    let mut rounds = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        for ((call, interest), rounds) in ways.iter().zip(&mut rounds) {
            set_interest(interest);
            let begin = Instant::now();
            (0..CALLS).for_each(|_| subject(*call));
            rounds.push(begin.elapsed().as_secs_f64() * 1e9 / CALLS as f64);
        }
    }
    rounds.map(|mut rounds| {
        rounds.sort_by(f64::total_cmp);
        rounds[ROUNDS / 10]
    })
}

fn json() -> bool {
    std::env::args().any(|argument| argument == "--json")
}
