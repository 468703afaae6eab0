//! Instructions: where they end, and which of them may be moved.

use iced_x86::{Decoder, DecoderOptions, Mnemonic, OpKind, Register};

/// A decoded instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Insn {
    /// Its address.
    pub(super) at: u64,
    /// Its length in bytes.
    pub(super) len: usize,
    /// What it is, as far as that matters here.
    pub(super) kind: Kind,
}

/// What matters about an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A system call.
    Syscall,
    /// Does nothing, or stops: what fills the room between functions.
    Padding,
    /// Works the same at any address.
    Movable,
    /// Works at any address once the 4 bytes at this offset, a distance from its end, are corrected.
    Relative(usize),
    /// Anything else: stays where it is.
    Fixed,
}

/// The instructions of `code`, which stands at `address`; ends at the first bytes that are none.
pub(super) fn instructions(code: &[u8], address: u64) -> impl Iterator<Item = Insn> {
    let mut decoder = Decoder::with_ip(64, code, address, DecoderOptions::NONE);
    std::iter::from_fn(move || {
        if !decoder.can_decode() {
            return None;
        }
        let instruction = decoder.decode();
        if instruction.is_invalid() {
            return None;
        }
        let kind = match instruction.mnemonic() {
            Mnemonic::Syscall => Kind::Syscall,
            Mnemonic::Nop | Mnemonic::Int3 => Kind::Padding,
            // A move to the stack segment holds interrupts back for one more instruction, which must stay that one.
            _ if instruction.op0_kind() == OpKind::Register && instruction.op0_register() == Register::SS => {
                Kind::Fixed
            }
            mnemonic if !moves(mnemonic) => Kind::Fixed,
            _ if !instruction.is_ip_rel_memory_operand() => Kind::Movable,
            _ => match decoder.get_constant_offsets(&instruction).displacement_offset() {
                0 => Kind::Fixed,
                offset => Kind::Relative(offset),
            },
        };
        Some(Insn { at: instruction.ip(), len: instruction.len(), kind })
    })
}

/// Plain data instructions: no control flow, no return address, no dependence on where they stand but through memory
/// operands relative to the instruction pointer.
fn moves(mnemonic: Mnemonic) -> bool {
    use Mnemonic as M;
    matches!(
        mnemonic,
        M::Mov
            | M::Lea
            | M::Cmp
            | M::Test
            | M::Add
            | M::Sub
            | M::And
            | M::Or
            | M::Xor
            | M::Movzx
            | M::Movsxd
            | M::Movsx
            | M::Movups
            | M::Movaps
            | M::Movdqa
            | M::Movdqu
            | M::Movq
            | M::Movd
            | M::Imul
            | M::Bt
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(code: &[u8]) -> Vec<(usize, Kind)> {
        instructions(code, 0x1000).map(|insn| (insn.len, insn.kind)).collect()
    }

    #[test]
    fn what_may_be_moved() {
        assert_eq!(kinds(&[0x0f, 0x05]), [(2, Kind::Syscall)]);
        assert_eq!(
            kinds(&[0x66, 0x90, 0x0f, 0x1f, 0x40, 0, 0xcc]),
            [(2, Kind::Padding), (4, Kind::Padding), (1, Kind::Padding)]
        );
        assert_eq!(kinds(&[0x48, 0x3d, 0, 0xf0, 0xff, 0xff]), [(6, Kind::Movable)]); // cmp $-4096,%rax
        assert_eq!(kinds(&[0x48, 0x8b, 0x0d, 1, 2, 3, 4]), [(7, Kind::Relative(3))]); // mov 0x4030201(%rip),%rcx
        assert_eq!(kinds(&[0x80, 0x3d, 1, 2, 3, 4, 0]), [(7, Kind::Relative(2))]); // cmpb $0,0x4030201(%rip)
        assert_eq!(kinds(&[0xe8, 0, 0, 0, 0]), [(5, Kind::Fixed)]); // call
        assert_eq!(kinds(&[0x74, 0]), [(2, Kind::Fixed)]); // je
        assert_eq!(kinds(&[0x06]), []); // not an instruction in 64-bit code
    }
}
