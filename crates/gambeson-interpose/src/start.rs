//! The pass over all that is mapped when protection begins.

use std::ffi::CStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::arch;
use crate::call::{Handler, Interest};
use crate::elf::Image;
use crate::kernel::{EXEC, PAGE, READ, WRITE};
use crate::maps::{Mapping, Maps};
use crate::plan::plan;
use crate::pool::Pools;
use crate::report::{Libc, Object, Reason, Refused, Report, StartError};
use crate::rewrite::{Found, Rewrite, Text, Way};
use crate::{cancel, dispatch, ranges};

/// Code larger than this is not searched: reading it costs more than a function's whole start may. In practice that is
/// the `node` program (50 MB), which holds no system call of its own.
pub(crate) const MAX_CODE: usize = 16 << 20;

/// Takes over every system call of the process, and asks `handler` about those of `interest`.
///
/// Call it once, early. Other threads may run meanwhile. Every system-call instruction of every object that is mapped now is
/// replaced, whatever its number; objects that are mapped later are seen to when they are mapped. What could not be replaced
/// is in the report.
pub fn start(handler: Handler, interest: &[Interest]) -> Result<Report, StartError> {
    let begin = Instant::now();
    if STARTED.swap(true, Ordering::AcqRel) {
        return Err(StartError::AlreadyStarted);
    }
    // SAFETY: asks for a constant of the process.
    match unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize {
        PAGE => {}
        other => return Err(StartError::PageSize(other)),
    }
    arch::prepare();
    let maps = Maps::read().map_err(StartError::Maps)?;
    let mut report = Report {
        libc: libc_kind(&maps),
        patched: 0,
        refused: Vec::new(),
        objects: Vec::new(),
        verified: false,
        elapsed: Default::default(),
    };
    let mut pass =
        Pass { maps: &maps, pools: Pools::new().map_err(StartError::Memory)?, planned: Vec::new() };
    for mapping in maps.iter().filter(|mapping| mapping.prot & EXEC != 0 && mapping.inode != 0) {
        pass.plan(mapping, &mut report);
    }
    dispatch::install(handler, interest);
    pass.apply(&mut report)?;
    cancel::wrap_present_handler();
    report.patched = report.objects.iter().map(|object| object.patched).sum();
    report.verified = probe();
    report.elapsed = begin.elapsed();
    Ok(report)
}

static STARTED: AtomicBool = AtomicBool::new(false);

struct Pass<'a> {
    maps: &'a Maps,
    pools: Pools,
    planned: Vec<Planned<'a>>,
}

struct Planned<'a> {
    text: Text<'a>,
    found: Found,
    rewrite: Rewrite,
    object: usize,
}

impl<'a> Pass<'a> {
    fn plan(&mut self, mapping: &Mapping, report: &mut Report) {
        let maps = self.maps;
        let path = maps.path(mapping);
        let object = report.objects.len();
        let mut entry = Object {
            path: String::from_utf8_lossy(path).into_owned(),
            patched: 0,
            passed_over: passed_over(mapping),
        };
        if entry.passed_over.is_none() {
            let text = Text {
                start: mapping.start,
                len: mapping.end - mapping.start,
                offset: mapping.offset,
                prot: mapping.prot,
                path,
            };
            match self.plan_text(text, object, &entry.path, &mut report.refused) {
                Ok(()) => {}
                Err(_) => entry.passed_over = Some("no memory to search it"),
            }
        }
        report.objects.push(entry);
    }

    fn plan_text(
        &mut self,
        text: Text<'a>,
        object: usize,
        path: &str,
        refused: &mut Vec<Refused>,
    ) -> Result<(), i32> {
        let Some(found) = text.system_calls()? else { return Ok(()) };
        let image = self.base_of(&text).and_then(|base| Image::in_memory(self.maps, base));
        let mut refuse = |offset: usize, reason| {
            let offset = (text.offset + offset) as u64;
            refused.push(Refused { object: path.to_owned(), offset, reason });
        };
        let rewrite = plan(&text, &found, image.as_ref(), &mut self.pools, &mut None, &mut refuse)?;
        self.planned.push(Planned { text, found, rewrite, object });
        Ok(())
    }

    /// Where the object's first page is: the last mapping of the same file's start before the code.
    fn base_of(&self, text: &Text<'_>) -> Option<usize> {
        let candidates =
            self.maps.iter().filter(|mapping| mapping.start <= text.start && mapping.offset == 0);
        candidates.filter(|mapping| self.maps.path(mapping) == text.path).last().map(|mapping| mapping.start)
    }

    fn apply(&mut self, report: &mut Report) -> Result<(), StartError> {
        self.pools.seal(ranges::protect).map_err(StartError::Memory)?;
        for Planned { text, found, rewrite, object } in &self.planned {
            let reason = match rewrite.apply(text, Way::Exchange) {
                Ok(()) if rewrite.holds() => {
                    report.objects[*object].patched = rewrite.sites();
                    ranges::protect(text.start..text.start + text.len);
                    continue;
                }
                Ok(()) => Reason::NotKept,
                Err(errno) => Reason::Exchange(errno),
            };
            for offset in found.offsets() {
                let object = report.objects[*object].path.clone();
                report.refused.push(Refused {
                    object,
                    offset: text.offset as u64 + u64::from(*offset),
                    reason,
                });
            }
        }
        Ok(())
    }
}

fn passed_over(mapping: &Mapping) -> Option<&'static str> {
    // The object that this code is in: its own system calls must not come back to it.
    let own = start as *const () as usize;
    if (mapping.start..mapping.end).contains(&own) {
        Some("it is the interposer")
    } else if mapping.prot & READ == 0 {
        Some("its code cannot be read")
    } else if mapping.prot & WRITE != 0 {
        Some("its code is writable")
    } else if mapping.shared {
        Some("its code is shared with its file")
    } else if mapping.end - mapping.start > MAX_CODE {
        Some("its code is too large to be searched at start")
    } else {
        None
    }
}

/// Whether the C library's own `syscall()` leads to the dispatcher.
fn probe() -> bool {
    // SAFETY: a number that no kernel has, without arguments.
    let answer = unsafe { libc::syscall(dispatch::PROBE as libc::c_long) };
    answer as i64 == dispatch::PROBE_ANSWER
}

fn libc_kind(maps: &Maps) -> Libc {
    // SAFETY: looks a name up; the function behind it takes nothing and returns a constant string.
    unsafe {
        let version = libc::dlsym(libc::RTLD_DEFAULT, c"gnu_get_libc_version".as_ptr());
        if !version.is_null() {
            let version: extern "C" fn() -> *const libc::c_char = std::mem::transmute(version);
            return Libc::Glibc(CStr::from_ptr(version()).to_string_lossy().into_owned());
        }
    }
    let musl = |path: &[u8]| path.windows(7).any(|part| part == b"ld-musl") || path.ends_with(b"/libc.so");
    if maps.iter().any(|mapping| musl(maps.path(mapping))) { Libc::Musl } else { Libc::Unknown }
}
