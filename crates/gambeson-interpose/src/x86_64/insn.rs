//! Instructions: where they end, and which of them may be moved.
//!
//! A decoder of lengths only, because a whole one takes 2 of the 8 ms that a function's start may cost (measured with
//! iced-x86: 0.4 ms to set up, 28 ns an instruction; this one: nothing, and 4 ns). The tests compare it with iced-x86 over
//! all code of the C library and of this program.

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
    /// `int $0x80` or `sysenter`.
    OlderGate,
    /// Does nothing, or stops: what fills the room between functions.
    Padding,
    /// Plain data instruction that works the same at any address.
    Movable,
    /// The same, once the 4 bytes at this offset, a distance from its end, are corrected.
    Relative(usize),
    /// Anything else: stays where it is.
    Fixed,
}

/// The instructions of `code`, which stands at `address`; ends at the first bytes that are none.
pub(super) fn instructions(code: &[u8], address: u64) -> impl Iterator<Item = Insn> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (len, kind) = decode(&code[at..])?;
        let insn = Insn { at: address + at as u64, len, kind };
        at += len;
        Some(insn)
    })
}

/// No instruction is longer.
pub(super) const LONGEST: usize = 15;

/// Length and kind of the first instruction. Takes a few byte sequences for instructions that no processor does.
fn decode(code: &[u8]) -> Option<(usize, Kind)> {
    let code = &code[..code.len().min(LONGEST)];
    let prefixes = Prefixes::read(code)?;
    let at = prefixes.len;
    let opcode = *code.get(at)?;
    let escaped = |skip: usize| Some((*code.get(at + skip)?, at + skip + 1));
    let (form, opcode_end, padding, movable) = match opcode {
        0x0f => match escaped(1)? {
            (0x05, end) => return (code.len() >= end).then_some((end, Kind::Syscall)),
            (0x34, end) => return (code.len() >= end).then_some((end, Kind::OlderGate)),
            (0x38, end) => (MODRM, end + 1, false, false),
            (0x3a, end) => (MODRM | IMM8, end + 1, false, false),
            (second, end) => (
                two_byte(second, &prefixes)?,
                end,
                second == 0x1f && code.get(end)? >> 3 & 7 == 0,
                moves_two_byte(second),
            ),
        },
        0xcd if code.get(at + 1) == Some(&0x80) => return Some((at + 2, Kind::OlderGate)),
        // VEX and EVEX: payload, then an opcode of the map that the payload names.
        0xc5 => (vector(1, *code.get(at + 2)?), at + 3, false, false),
        0xc4 => (vector(code.get(at + 1)? & 0x1f, *code.get(at + 3)?), at + 4, false, false),
        0x62 => (vector(code.get(at + 1)? & 0x07, *code.get(at + 4)?), at + 5, false, false),
        _ => {
            let nop = opcode == 0x90 && !prefixes.repeat && !prefixes.rex_b;
            (one_byte(opcode)?, at + 1, nop || opcode == 0xcc, moves_one_byte(opcode))
        }
    };
    let mut end = opcode_end;
    let mut relative = None;
    let mut form = form;
    let mut movable = movable && !prefixes.lock;
    if form & MODRM != 0 {
        let modrm = *code.get(end)?;
        let (mode, reg, rm) = (modrm >> 6, modrm >> 3 & 7, modrm & 7);
        end += 1;
        // Moves to and from control and debug registers ignore the mode.
        let mode = if opcode == 0x0f && matches!(code[at + 1], 0x20..=0x23) { 3 } else { mode };
        let mut displacement = [0, 1, 4, 0][usize::from(mode)];
        if mode != 3 && rm == 4 {
            let base = *code.get(end)? & 7;
            end += 1;
            displacement = if mode == 0 && base == 5 { 4 } else { displacement };
        } else if mode == 0 && rm == 5 {
            displacement = 4;
            relative = Some(end);
        }
        end += displacement;
        match opcode {
            // Of this group only `test` has an operand in the code.
            0xf6 | 0xf7 if reg > 1 => form &= !(IMM8 | IMMZ),
            // `xabort` and `xbegin`.
            0xc6 | 0xc7 if reg == 7 => movable = false,
            // AMD's XOP.
            0x8f if reg != 0 => return None,
            _ => {}
        }
    }
    let word = if prefixes.operand && !prefixes.rex_w { 2 } else { 4 };
    end += usize::from(form & IMM8 != 0)
        + if form & IMMZ != 0 { word } else { 0 }
        + if form & REL32 != 0 { 4 } else { 0 }
        + if form & IMM16 != 0 { 2 } else { 0 }
        + if form & IMMV != 0 { if prefixes.rex_w { 8 } else { word } } else { 0 }
        + if form & MOFFS != 0 { if prefixes.address { 4 } else { 8 } } else { 0 };
    let kind = match (padding, movable, relative) {
        (true, ..) => Kind::Padding,
        (_, true, None) => Kind::Movable,
        (_, true, Some(offset)) if !prefixes.address => Kind::Relative(offset),
        _ => Kind::Fixed,
    };
    (end <= code.len()).then_some((end, kind))
}

#[derive(Default)]
struct Prefixes {
    len: usize,
    operand: bool,
    address: bool,
    repeat: bool,
    lock: bool,
    rex_w: bool,
    rex_b: bool,
}

impl Prefixes {
    fn read(code: &[u8]) -> Option<Self> {
        let mut prefixes = Self::default();
        loop {
            let byte = *code.get(prefixes.len)?;
            match byte {
                0x66 => prefixes.operand = true,
                0x67 => prefixes.address = true,
                0xf2 | 0xf3 => prefixes.repeat = true,
                0xf0 => prefixes.lock = true,
                0x26 | 0x2e | 0x36 | 0x3e | 0x64 | 0x65 => {}
                0x40..=0x4f => {
                    (prefixes.rex_w, prefixes.rex_b) = (byte & 8 != 0, byte & 1 != 0);
                    prefixes.len += 1;
                    // Counts only just before the opcode.
                    match code.get(prefixes.len)? {
                        0x26 | 0x2e | 0x36 | 0x3e | 0x40..=0x4f | 0x64..=0x67 | 0xf0 | 0xf2 | 0xf3 => {
                            (prefixes.rex_w, prefixes.rex_b) = (false, false);
                            continue;
                        }
                        _ => return Some(prefixes),
                    }
                }
                _ => return Some(prefixes),
            }
            prefixes.len += 1;
        }
    }
}

// What follows an opcode.
const NOTHING: u8 = 0;
const MODRM: u8 = 1;
const IMM8: u8 = 1 << 1;
const IMM16: u8 = 1 << 2;
const IMMZ: u8 = 1 << 3; // 4 bytes, 2 with an operand-size prefix
const IMMV: u8 = 1 << 4; // the same, 8 with REX.W
const MOFFS: u8 = 1 << 5; // an address
const REL32: u8 = 1 << 6;

fn one_byte(opcode: u8) -> Option<u8> {
    Some(match opcode {
        0x00..=0x3f => match opcode & 7 {
            0..=3 => MODRM,
            4 => IMM8,
            5 => IMMZ,
            _ => return None,
        },
        0x50..=0x5f | 0x6c..=0x6f | 0x90..=0x99 | 0x9b..=0x9f | 0xa4..=0xa7 | 0xaa..=0xaf => NOTHING,
        0x63 | 0x84..=0x8f | 0xd0..=0xd3 | 0xd8..=0xdf | 0xfe | 0xff => MODRM,
        0x68 | 0xa9 => IMMZ,
        0x69 | 0x81 | 0xc7 | 0xf7 => MODRM | IMMZ,
        0x6a | 0x70..=0x7f | 0xa8 | 0xb0..=0xb7 | 0xcd | 0xe0..=0xe7 | 0xeb => IMM8,
        0x6b | 0x80 | 0x83 | 0xc0 | 0xc1 | 0xc6 | 0xf6 => MODRM | IMM8,
        0xa0..=0xa3 => MOFFS,
        0xb8..=0xbf => IMMV,
        0xc2 | 0xca => IMM16,
        0xc8 => IMM16 | IMM8,
        0xc3 | 0xc9 | 0xcb | 0xcc | 0xcf | 0xd7 | 0xec..=0xef | 0xf1 | 0xf4 | 0xf5 | 0xf8..=0xfd => NOTHING,
        0xe8 | 0xe9 => REL32,
        _ => return None,
    })
}

fn two_byte(opcode: u8, prefixes: &Prefixes) -> Option<u8> {
    Some(match opcode {
        0x06..=0x09 | 0x0b | 0x0e | 0x30..=0x35 | 0x37 | 0x77 | 0xa0..=0xa2 | 0xa8..=0xaa | 0xc8..=0xcf => {
            NOTHING
        }
        0x0f | 0x70..=0x73 | 0xa4 | 0xac | 0xba | 0xc2 | 0xc4..=0xc6 => MODRM | IMM8,
        0x80..=0x8f => REL32,
        // SSE4a's `extrq` and `insertq`.
        0x78 if prefixes.operand || prefixes.repeat => return None,
        0x04 | 0x0a | 0x0c | 0x24..=0x27 | 0x36 | 0x39 | 0x3b..=0x3f | 0x7a | 0x7b | 0xa6 | 0xa7 => {
            return None;
        }
        _ => MODRM,
    })
}

fn vector(map: u8, opcode: u8) -> u8 {
    match (map, opcode) {
        (1, 0x77) => NOTHING,
        (1, 0x70..=0x73 | 0xc2 | 0xc4..=0xc6) | (3, _) => MODRM | IMM8,
        _ => MODRM,
    }
}

/// Moves, arithmetic and comparisons: no control flow, no return address, no other dependence on where they stand.
fn moves_one_byte(opcode: u8) -> bool {
    matches!(opcode, 0x00..=0x3f | 0x63 | 0x69 | 0x6b | 0x80..=0x85 | 0x88..=0x8b | 0x8d | 0xa8 | 0xa9 | 0xb0..=0xbf
        | 0xc6 | 0xc7)
}

fn moves_two_byte(opcode: u8) -> bool {
    matches!(
        opcode,
        0x10 | 0x11 | 0x28 | 0x29 | 0x40
            ..=0x4f | 0x6e | 0x6f | 0x7e | 0x7f | 0xaf | 0xb6 | 0xb7 | 0xbe | 0xbf | 0xd6
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use iced_x86::{Decoder, DecoderOptions, FlowControl, Mnemonic};

    use super::*;

    fn kinds(code: &[u8]) -> Vec<(usize, Kind)> {
        instructions(code, 0x1000).map(|insn| (insn.len, insn.kind)).collect()
    }

    #[test]
    fn what_may_be_moved() {
        use Kind::{Fixed, Movable, Padding, Relative, Syscall};
        assert_eq!(kinds(&[0x0f, 0x05]), [(2, Syscall)]);
        assert_eq!(
            kinds(&[0x66, 0x90, 0x0f, 0x1f, 0x40, 0, 0xcc]),
            [(2, Padding), (4, Padding), (1, Padding)]
        );
        assert_eq!(kinds(&[0xf3, 0x90, 0x41, 0x90]), [(2, Fixed), (2, Fixed)]); // pause; xchg %r8,%rax
        assert_eq!(kinds(&[0x48, 0x3d, 0, 0xf0, 0xff, 0xff]), [(6, Movable)]); // cmp $-4096,%rax
        assert_eq!(kinds(&[0x48, 0x8b, 0x0d, 1, 2, 3, 4]), [(7, Relative(3))]); // mov 0x4030201(%rip),%rcx
        assert_eq!(kinds(&[0x80, 0x3d, 1, 2, 3, 4, 0]), [(7, Relative(2))]); // cmpb $0,0x4030201(%rip)
        assert_eq!(kinds(&[0xe8, 0, 0, 0, 0]), [(5, Fixed)]); // call
        assert_eq!(kinds(&[0x74, 0]), [(2, Fixed)]); // je
        assert_eq!(kinds(&[0xff, 0x25, 0, 0, 0, 0]), [(6, Fixed)]); // jmp *(%rip)
        assert_eq!(kinds(&[0x06]), []); // no instruction in 64-bit code
        assert_eq!(kinds(&[0x0f]), []);
        assert_eq!(kinds(&[0x66; 20]), []);
    }

    #[test]
    fn lengths_are_those_of_a_whole_decoder() {
        let maps = fs::read_to_string("/proc/self/maps").expect("/proc is mounted");
        let mut compared = 0;
        for line in maps.lines().filter(|line| line.contains(" r-xp ") && line.contains('/')) {
            let (from, rest) = line.split_once('-').expect("a range");
            let (to, _) = rest.split_once(' ').expect("a range");
            let number = |text| usize::from_str_radix(text, 16).expect("a hexadecimal number");
            // SAFETY: mapped readable, says the kernel.
            let code =
                unsafe { std::slice::from_raw_parts(number(from) as *const u8, number(to) - number(from)) };
            compared += compare(code);
        }
        assert!(compared > 300_000, "{compared} instructions");
    }

    #[test]
    fn lengths_are_those_of_a_whole_decoder_on_noise() {
        // xorshift: the same noise every time.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .take(2_000_000)
        .collect();
        assert!(compare(&noise) > 300_000);
    }

    /// Wherever the whole decoder sees an instruction, this one sees the same.
    fn compare(code: &[u8]) -> usize {
        let mut decoder = Decoder::with_ip(64, code, 0, DecoderOptions::NONE);
        let mut compared = 0;
        while decoder.can_decode() {
            let at = decoder.position();
            let expected = decoder.decode();
            let bytes = &code[at..code.len().min(at + LONGEST)];
            // Instructions of processors that no cloud runs, and reserved ones.
            let rare = matches!(
                expected.mnemonic(),
                Mnemonic::INVALID | Mnemonic::Extrq | Mnemonic::Insertq | Mnemonic::Jmpe
            );
            let xop = bytes.contains(&0x8f) && decode(bytes).is_none();
            if expected.is_invalid() || rare || xop {
                let _ = decoder.set_position(at + 1);
                continue;
            }
            let (len, kind) = decode(bytes).unwrap_or_else(|| panic!("{at:#x} {bytes:02x?}: {expected:?}"));
            assert_eq!(len, expected.len(), "{at:#x} {bytes:02x?}: {expected:?}");
            assert_eq!(
                kind == Kind::Syscall,
                expected.mnemonic() == Mnemonic::Syscall,
                "{bytes:02x?}: {expected:?}"
            );
            if kind == Kind::Padding {
                assert!(
                    matches!(expected.mnemonic(), Mnemonic::Nop | Mnemonic::Int3),
                    "{bytes:02x?}: {expected:?}"
                );
            }
            if matches!(kind, Kind::Movable | Kind::Relative(_)) {
                assert_eq!(expected.flow_control(), FlowControl::Next, "{bytes:02x?}: {expected:?}");
                let offset = match kind {
                    Kind::Relative(offset) => offset,
                    _ => 0,
                };
                let relative = if expected.is_ip_rel_memory_operand() {
                    decoder.get_constant_offsets(&expected).displacement_offset()
                } else {
                    0
                };
                assert_eq!(offset, relative, "{bytes:02x?}: {expected:?}");
            }
            compared += 1;
        }
        compared
    }
}
