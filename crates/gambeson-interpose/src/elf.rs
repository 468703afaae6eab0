//! Where the functions of an ELF object begin and end, read from the object as it is mapped or from a view of its file.

use std::cell::Cell;
use std::mem::{MaybeUninit, size_of};

use crate::maps::Maps;
use crate::table::Table;

/// An object whose virtual addresses can be read.
pub(crate) struct Image {
    segments: [Segment; MAX_SEGMENTS],
    count: usize,
    unwind_table: Option<u64>,
    dynamic: Option<(u64, u64)>,
}

#[derive(Clone, Copy, Default)]
struct Segment {
    address: u64,
    offset: u64,
    len: u64,
    at: usize,
    executable: bool,
}

// Linkers make 2 to 5 loadable segments.
const MAX_SEGMENTS: usize = 16;

const LOAD: u32 = 1;
const DYNAMIC: u32 = 2;
const GNU_EH_FRAME: u32 = 0x6474_e550;

impl Image {
    /// The object whose first page is mapped at `base`.
    pub(crate) fn in_memory(maps: &Maps, base: usize) -> Option<Self> {
        let first = maps.containing(base)?;
        if !maps.readable(first.start..first.end) {
            return None;
        }
        // SAFETY: readable, as just looked up; nobody unmaps a loaded object's first page while it is in use.
        let head = unsafe { std::slice::from_raw_parts(base as *const u8, first.end - base) };
        let mut bias = None;
        Self::parse(head, |address, offset, len| {
            let bias = *bias.get_or_insert((base as u64).wrapping_sub(address.wrapping_sub(offset)));
            let at = bias.wrapping_add(address) as usize;
            maps.readable(at..at.checked_add(len as usize)?).then_some(at)
        })
    }

    /// The object in `file`, a view of all of it.
    pub(crate) fn in_file(file: &[u8]) -> Option<Self> {
        Self::parse(file, |_, offset, len| {
            let part = file.get(offset as usize..(offset.checked_add(len)?) as usize)?;
            Some(part.as_ptr() as usize)
        })
    }

    /// How much higher addresses are than offsets in the file, for the code at `offset` and `len` bytes on.
    pub(crate) fn code_shift(&self, offset: u64, len: u64) -> Option<u64> {
        let segment = self.segments[..self.count].iter().find(|segment| {
            segment.executable && segment.offset < offset + len && offset < segment.offset + segment.len
        })?;
        Some(segment.address.wrapping_sub(segment.offset))
    }

    /// The bytes from virtual address `address` to the end of its segment.
    pub(crate) fn bytes(&self, address: u64) -> Option<&[u8]> {
        let segment = self.segments[..self.count]
            .iter()
            .find(|segment| (segment.address..segment.address + segment.len).contains(&address))?;
        let skipped = (address - segment.address) as usize;
        // SAFETY: the segment was found readable when the image was made, and lies within its bounds.
        Some(unsafe {
            std::slice::from_raw_parts((segment.at + skipped) as *const u8, segment.len as usize - skipped)
        })
    }

    /// The functions, by the unwind table; by the dynamic symbols if they know more (musl is built without unwind tables, but
    /// for its assembly).
    pub(crate) fn functions(&self) -> Option<Functions<'_>> {
        match Functions::by_unwind_table(self) {
            Some(functions) if functions.len() >= FEW => Some(functions),
            few => Functions::by_symbols(self)
                .filter(|all| few.as_ref().is_none_or(|few| few.len() < all.len()))
                .or(few),
        }
    }

    fn parse(head: &[u8], mut place: impl FnMut(u64, u64, u64) -> Option<usize>) -> Option<Self> {
        if head.get(..6)? != b"\x7fELF\x02\x01" {
            return None;
        }
        let table = read::<u64>(head, 32)? as usize;
        let entry_size = read::<u16>(head, 54)? as usize;
        let entries = read::<u16>(head, 56)? as usize;
        let mut image = Self {
            segments: [Segment::default(); MAX_SEGMENTS],
            count: 0,
            unwind_table: None,
            dynamic: None,
        };
        for index in 0..entries {
            let entry = head.get(table.checked_add(index * entry_size)?..)?;
            let (offset, address) = (read::<u64>(entry, 8)?, read::<u64>(entry, 16)?);
            let len = read::<u64>(entry, 32)?;
            match read::<u32>(entry, 0)? {
                LOAD if image.count < MAX_SEGMENTS && address.checked_add(len).is_some() => {
                    if let Some(at) = place(address, offset, len) {
                        let executable = read::<u32>(entry, 4)? & 1 != 0;
                        image.segments[image.count] = Segment { address, offset, len, at, executable };
                        image.count += 1;
                    }
                }
                DYNAMIC => image.dynamic = Some((address, len)),
                GNU_EH_FRAME => image.unwind_table = Some(address),
                _ => {}
            }
        }
        Some(image)
    }

    fn read<T: Plain>(&self, address: u64) -> Option<T> {
        read(self.bytes(address)?, 0)
    }
}

/// The functions of an image, sorted by address.
pub(crate) enum Functions<'a> {
    /// The binary search table of `.eh_frame_hdr`.
    Unwind(UnwindTable<'a>),
    /// Starts and ends of function symbols.
    Symbols(Table<(u64, u64)>),
}

// Encodings of .eh_frame_hdr; the only ones that GNU ld, gold, lld and mold write.
const UDATA4: u8 = 0x03;
const DATAREL_SDATA4: u8 = 0x3b;
const PCREL_SDATA4: u8 = 0x1b;

// musl's table has 4 entries, glibc's 3,700.
const FEW: usize = 64;

const MAX_SYMBOLS: usize = 1 << 20;

impl<'a> Functions<'a> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Unwind(table) => table.pairs.len() / 8,
            Self::Symbols(symbols) => symbols.len(),
        }
    }

    pub(crate) fn start(&self, index: usize) -> Option<u64> {
        match self {
            Self::Unwind(table) => table.word(index * 8),
            Self::Symbols(symbols) => symbols.get(index).map(|&(start, _)| start),
        }
    }

    pub(crate) fn end(&self, index: usize) -> Option<u64> {
        match self {
            Self::Unwind(table) => {
                table.word(index * 8)?.checked_add(table.function_length(table.word(index * 8 + 4)?)?)
            }
            Self::Symbols(symbols) => symbols.get(index).map(|&(_, end)| end),
        }
    }

    /// Whether there are functions between these, as symbols do not name the static ones.
    pub(crate) fn have_gaps(&self) -> bool {
        matches!(self, Self::Symbols(_))
    }

    /// The last function that starts at or before `address`. It may end before it, too.
    pub(crate) fn at(&self, address: u64) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.start(middle)? <= address { low = middle + 1 } else { high = middle }
        }
        low.checked_sub(1)
    }

    fn by_unwind_table(image: &'a Image) -> Option<Self> {
        let header = image.unwind_table?;
        let [version, frame_encoding, count_encoding, table_encoding] = image.read::<[u8; 4]>(header)?;
        let known = (1, PCREL_SDATA4, UDATA4, DATAREL_SDATA4);
        if (version, frame_encoding, count_encoding, table_encoding) != known {
            return None;
        }
        let count = image.read::<u32>(header + 8)? as usize;
        let pairs = image.bytes(header + 12)?.get(..count.checked_mul(8)?)?;
        let frames_at = (header + 4).wrapping_add_signed(image.read::<i32>(header + 4)?.into());
        let frames = image.bytes(frames_at)?;
        Some(Self::Unwind(UnwindTable { header, pairs, frames_at, frames, last: Cell::new((0, 0)) }))
    }

    fn by_symbols(image: &'a Image) -> Option<Self> {
        let (mut symbols_at, mut hash) = (None, None);
        let (dynamic, len) = image.dynamic?;
        for entry in 0..len / 16 {
            let value = image.read::<u64>(dynamic + entry * 16 + 8)?;
            match image.read::<u64>(dynamic + entry * 16)? {
                0 => break,
                DT_HASH => hash = Some(value),
                DT_SYMTAB => symbols_at = Some(value),
                _ => {}
            }
        }
        // In memory, the loader has turned these addresses into absolute ones (glibc) or left them (musl).
        let symbols_at = image.relative(symbols_at?);
        let count = image.read::<u32>(image.relative(hash?) + 4)?;
        let mut symbols = Table::new(MAX_SYMBOLS.min(count as usize)).ok()?;
        for index in 0..u64::from(count) {
            let symbol = symbols_at + index * 24;
            let info = image.read::<u8>(symbol + 4)?;
            let section = image.read::<u16>(symbol + 6)?;
            let (value, size) = (image.read::<u64>(symbol + 8)?, image.read::<u64>(symbol + 16)?);
            if info & 0xf == STT_FUNC
                && section != 0
                && size != 0
                && !symbols.push((value, value.checked_add(size)?))
            {
                break;
            }
        }
        symbols.sort_unstable();
        (!symbols.is_empty()).then_some(Self::Symbols(symbols))
    }
}

const DT_HASH: u64 = 4;
const DT_SYMTAB: u64 = 6;
const STT_FUNC: u8 = 2;

impl Image {
    fn relative(&self, address: u64) -> u64 {
        let absolute = self.segments[..self.count]
            .iter()
            .find(|segment| (segment.at as u64..segment.at as u64 + segment.len).contains(&address));
        absolute.map_or(address, |segment| address - segment.at as u64 + segment.address)
    }
}

/// `.eh_frame_hdr` and `.eh_frame`.
pub(crate) struct UnwindTable<'a> {
    /// Address that the pairs are relative to.
    header: u64,
    /// Function start and frame description, 4 bytes each.
    pairs: &'a [u8],
    frames_at: u64,
    frames: &'a [u8],
    /// The common information entry looked at last, and the encoding that it says: all functions have two or three.
    last: Cell<(usize, u8)>,
}

impl UnwindTable<'_> {
    fn word(&self, at: usize) -> Option<u64> {
        Some(self.header.wrapping_add_signed(read::<i32>(self.pairs, at)?.into()))
    }

    /// The length of the function that a frame description entry describes.
    fn function_length(&self, entry: u64) -> Option<u64> {
        let entry = entry.checked_sub(self.frames_at)? as usize;
        let (length, back) = (read::<u32>(self.frames, entry)?, read::<u32>(self.frames, entry + 4)?);
        if length == u32::MAX || back == 0 {
            return None;
        }
        let common = (entry + 4).checked_sub(back as usize)?;
        let encoding = match self.last.get() {
            (last, encoding) if last == common && encoding != 0 => encoding,
            _ => pointer_encoding(self.frames.get(common..)?)?,
        };
        self.last.set((common, encoding));
        match encoding & 0x0f {
            0x03 | 0x0b => read::<u32>(self.frames, entry + 12).map(u64::from),
            0x00 | 0x04 | 0x0c => read::<u64>(self.frames, entry + 16),
            _ => None,
        }
    }
}

/// How the frame description entries of a common information entry write addresses.
fn pointer_encoding(bytes: &[u8]) -> Option<u8> {
    let version = *bytes.get(8)?;
    let augmentation = bytes.get(9..)?.split(|&byte| byte == 0).next()?;
    let Some((b'z', letters)) = augmentation.split_first() else {
        return augmentation.is_empty().then_some(0);
    };
    let mut rest = bytes.get(9 + augmentation.len() + 1..)?.iter();
    skip_leb(&mut rest)?; // code alignment
    skip_leb(&mut rest)?; // data alignment
    if version == 1 {
        rest.next().map(drop)?
    } else {
        skip_leb(&mut rest)?
    } // return address register
    skip_leb(&mut rest)?; // length of what follows
    for letter in letters {
        match letter {
            b'R' => return rest.next().copied(),
            b'L' => drop(rest.next()?),
            b'P' => {
                let bytes = match rest.next()? & 0x0f {
                    0x02 | 0x0a => 2,
                    0x03 | 0x0b => 4,
                    0x00 | 0x04 | 0x0c => 8,
                    _ => return None,
                };
                rest.nth(bytes - 1)?;
            }
            b'S' | b'B' => {}
            _ => return None,
        }
    }
    Some(0)
}

fn skip_leb(bytes: &mut std::slice::Iter<'_, u8>) -> Option<()> {
    bytes.find(|&&byte| byte & 0x80 == 0).map(drop)
}

/// Types that any bytes make a value of.
trait Plain: Copy {}
impl Plain for u8 {}
impl Plain for u16 {}
impl Plain for u32 {}
impl Plain for i32 {}
impl Plain for u64 {}
impl Plain for [u8; 4] {}

fn read<T: Plain>(bytes: &[u8], at: usize) -> Option<T> {
    let source = bytes.get(at..at.checked_add(size_of::<T>())?)?;
    let mut value = MaybeUninit::<T>::uninit();
    // SAFETY: as many bytes as the value has, and any bytes make one.
    unsafe {
        std::ptr::copy_nonoverlapping(source.as_ptr(), value.as_mut_ptr().cast(), source.len());
        Some(value.assume_init())
    }
}
