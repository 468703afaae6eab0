//! Telling of a violation: what the decision path leaves in the ring.

use core::fmt::{self, Write};

use gambeson_policy::Effect;

use super::kernel::{self, PATH_MAX};
use super::state;
use crate::attack::Attack;
use crate::shared::Facts;
use crate::snapshot::Snapshot;

/// Reports that the process itself violates the policy. `what` comes in pieces, which are put together. Answers whether the
/// call is to be refused.
#[inline(never)]
pub(crate) fn refused(snapshot: &Snapshot, verdict: (Attack, Effect), what: &[&[u8]]) -> bool {
    let (attack, effect) = verdict;
    let prevented = effect == Effect::Prevent;
    if let Some(shared) = state::shared() {
        let facts = Facts {
            attack: attack as u8,
            prevented: u8::from(prevented),
            process: kernel::process_id(),
            time: kernel::unix_milliseconds(),
            generation: snapshot.generation,
        };
        if let Some(mut entry) = shared.entry(facts) {
            let mut room = [0u8; PATH_MAX];
            let length = kernel::own_program(&mut room);
            entry.path(room.get(..length).unwrap_or_default());
            let mut bytes = what.iter().flat_map(|piece| piece.iter());
            while let Some(byte) = bytes.next()
                && entry.command(*byte)
            {}
            entry.publish();
        }
    }
    prevented
}

/// A short text that is put together without allocating; what does not fit is left out.
pub(crate) struct Text<const ROOM: usize> {
    bytes: [u8; ROOM],
    length: usize,
}

impl<const ROOM: usize> Text<ROOM> {
    pub(crate) fn new(content: fmt::Arguments<'_>) -> Self {
        let mut text = Self { bytes: [0; ROOM], length: 0 };
        // Writing here cannot fail.
        let _written = text.write_fmt(content);
        text
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl<const ROOM: usize> Write for Text<ROOM> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            let Some(place) = self.bytes.get_mut(self.length) else { break };
            *place = byte;
            self.length = self.length.wrapping_add(1);
        }
        Ok(())
    }
}
