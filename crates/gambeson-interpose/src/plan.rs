//! Decides what changes in one piece of code, and has the stubs for it built.

use crate::arch::Planner;
use crate::elf::Image;
use crate::maps::Maps;
use crate::pool::Pools;
use crate::report::Reason;
use crate::rewrite::{Found, Rewrite, Text};

/// Plans the change of each system call and builds its stub. Those that stay are told to `refused` by offset in the text.
pub(crate) fn plan(
    text: &Text<'_>,
    found: &Found,
    image: Option<&Image>,
    pools: &mut Pools,
    maps: &mut Option<Maps>,
    refused: &mut dyn FnMut(usize, Reason),
) -> Result<Rewrite, i32> {
    let mut rewrite = Rewrite::new(found)?;
    let mut refuse_all = |reason| found.offsets().iter().for_each(|&offset| refused(offset as usize, reason));
    let shift = image.and_then(|image| image.code_shift(text.offset as u64, text.len as u64));
    let (Some(image), Some(shift)) = (image, shift) else {
        refuse_all(Reason::NoHeaders);
        return Ok(rewrite);
    };
    let Some(functions) = image.functions() else {
        refuse_all(Reason::NoFunction);
        return Ok(rewrite);
    };
    let pool = match pools.near(text.range(), found.offsets().len(), maps) {
        Ok(pool) => pool,
        Err(reason) => {
            refuse_all(reason);
            return Ok(rewrite);
        }
    };
    let bias = (text.start as u64).wrapping_sub(text.offset as u64).wrapping_sub(shift);
    let code = Code { bytes: text.bytes(), address: text.start as u64, bias };
    let mut planner = Planner::new(code, functions, found.offsets().len())?;
    for &offset in found.offsets() {
        let site = text.start + offset as usize;
        if let Err(reason) = planner.take_over(site, &mut rewrite, pools, pool) {
            refused(offset as usize, reason);
        }
    }
    Ok(rewrite)
}

/// Code to look at: `bytes`, which run at `address`; the object's own addresses are lower by `bias` (wrapping).
#[derive(Clone, Copy)]
pub(crate) struct Code<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) address: u64,
    pub(crate) bias: u64,
}

impl<'a> Code<'a> {
    /// The bytes between two addresses of the object, as far as they are in this code.
    pub(crate) fn between(&self, start: u64, end: u64) -> &'a [u8] {
        let offset =
            |address: u64| address.wrapping_add(self.bias).checked_sub(self.address).map(|at| at as usize);
        let Some(start) = offset(start) else { return &[] };
        let end = offset(end).unwrap_or(0).min(self.bytes.len());
        self.bytes.get(start..end).unwrap_or(&[])
    }
}
