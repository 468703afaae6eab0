//! The bytes that take over one system call.

use super::sites::{Landing, PAIR, Planner};
use super::stub;
use crate::pool::Pools;
use crate::report::Reason;
use crate::rewrite::{Edit, Rewrite};

impl Planner<'_> {
    /// Adds what takes over the instruction at `site` (in memory) to `rewrite`, and builds its stub in `pool`. Nothing, if
    /// these bytes are no instruction of their own.
    pub(crate) fn take_over(
        &mut self,
        site: usize,
        rewrite: &mut Rewrite,
        pools: &mut Pools,
        pool: usize,
    ) -> Result<(), Reason> {
        let code = self.code();
        let Some(landing) = self.landing((site as u64).wrapping_sub(code.bias))? else { return Ok(()) };
        let landing = landing.moved(code.bias);
        let moved = match landing {
            Landing::Host(insn) | Landing::Next(insn) => {
                &code.bytes[(insn.at - code.address) as usize..][..insn.len]
            }
            Landing::Padding(_) => &[],
        };
        let jumps = stub::build(pools, pool, site, &landing, moved).ok_or(Reason::NoPool)?;
        let at = landing.bytes().start as usize;
        let to_landing = match landing {
            Landing::Padding(_) => Some(at),
            Landing::Host(_) => Some(at + 2),
            Landing::Next(_) => None,
        };
        let long = Edit { at, bytes: jumps.bytes, len: jumps.len };
        let short = to_landing.map(|landing| {
            let mut bytes = [0; PAIR];
            bytes[..2].copy_from_slice(&[0xeb, landing.wrapping_sub(site + 2) as u8]);
            Edit { at: site, bytes, len: 2 }
        });
        let added = match short {
            Some(short) => rewrite.add(&[long, short]),
            None => rewrite.add(&[long]),
        };
        if added { Ok(()) } else { Err(Reason::NoPool) }
    }
}
