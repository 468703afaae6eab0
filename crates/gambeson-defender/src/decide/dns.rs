//! Messages of the name service (RFC 1035), as far as a policy needs them: which names are asked for, and which addresses
//! the answers hold. Reads what a function or the network sent; allocates nothing and trusts nothing.

/// The longest message that is read: what resolvers send over UDP (RFC 6891) fits, and so does every query.
pub(crate) const LONGEST: usize = 4096;
/// The longest name, written with dots.
const LONGEST_NAME: usize = 255;
const HEADER: usize = 12;
const TYPE_A: u16 = 1;
const TYPE_AAAA: u16 = 28;
const CLASS_INTERNET: u16 = 1;

/// A name in lower case, written with dots and without one at the end.
pub(crate) struct Name {
    bytes: [u8; LONGEST_NAME],
    length: usize,
}

impl Name {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn push(&mut self, byte: u8) -> Option<()> {
        *self.bytes.get_mut(self.length)? = byte;
        self.length = self.length.wrapping_add(1);
        Some(())
    }
}

/// Walks through a message.
struct Reader<'a> {
    message: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = *self.message.get(self.at..)?.first_chunk::<N>()?;
        self.at = self.at.checked_add(N)?;
        Some(bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        self.bytes().map(u16::from_be_bytes)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.at = self.at.checked_add(count)?;
        (self.at <= self.message.len()).then_some(())
    }

    /// The name of a question, which has no reason to be compressed. A dot inside a label would make two names look alike.
    fn plain_name(&mut self) -> Option<Name> {
        let mut name = Name { bytes: [0; LONGEST_NAME], length: 0 };
        loop {
            let [length] = self.bytes()?;
            match length {
                0 => return Some(name),
                1..=63 => {
                    if name.length > 0 {
                        name.push(b'.')?;
                    }
                    for _ in 0..length {
                        let [byte] = self.bytes()?;
                        if byte == b'.' || byte == 0 {
                            return None;
                        }
                        name.push(byte.to_ascii_lowercase())?;
                    }
                }
                _ => return None,
            }
        }
    }

    /// Passes over a name that may be compressed.
    fn skip_name(&mut self) -> Option<()> {
        loop {
            let [length] = self.bytes()?;
            match length {
                0 => return Some(()),
                1..=63 => self.skip(usize::from(length))?,
                0xc0.. => return self.skip(1),
                _ => return None,
            }
        }
    }
}

/// Calls `ask` with each name that the query asks for, until it answers false. `None` if the message is no query.
pub(crate) fn each_question(message: &[u8], mut ask: impl FnMut(&Name) -> bool) -> Option<()> {
    let mut reader = Reader { message, at: 0 };
    let [_, _, flags, _] = reader.bytes()?;
    // Neither an answer nor another operation than a query.
    if flags & 0xf8 != 0 {
        return None;
    }
    let questions = reader.u16()?;
    reader.skip(HEADER - 6)?;
    if questions == 0 {
        return None;
    }
    for _ in 0..questions {
        let name = reader.plain_name()?;
        reader.skip(4)?;
        if !ask(&name) {
            break;
        }
    }
    Some(())
}

/// Calls `found` with each address of the answer and its time to live in seconds, if `wanted` says that of the name that
/// was asked for. An answer that is cut off yields what there is of it.
pub(crate) fn each_answer(
    message: &[u8],
    wanted: impl FnOnce(&Name) -> bool,
    mut found: impl FnMut(u128, u32),
) -> Option<()> {
    let mut reader = Reader { message, at: 0 };
    let [_, _, flags, code] = reader.bytes()?;
    if flags & 0xf8 != 0x80 || code & 0x0f != 0 {
        return None;
    }
    let (questions, answers) = (reader.u16()?, reader.u16()?);
    reader.skip(4)?;
    if questions != 1 {
        return None;
    }
    let name = reader.plain_name()?;
    reader.skip(4)?;
    if !wanted(&name) {
        return None;
    }
    for _ in 0..answers {
        reader.skip_name()?;
        let (kind, class) = (reader.u16()?, reader.u16()?);
        let ttl = u32::from_be_bytes(reader.bytes()?);
        let length = reader.u16()?;
        match (kind, class, length) {
            (TYPE_A, CLASS_INTERNET, 4) => {
                found(0xffff_0000_0000 | u128::from(u32::from_be_bytes(reader.bytes()?)), ttl);
            }
            (TYPE_AAAA, CLASS_INTERNET, 16) => found(u128::from_be_bytes(reader.bytes()?), ttl),
            _ => reader.skip(usize::from(length))?,
        }
    }
    Some(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A query for `name`.
    pub(crate) fn query(name: &str) -> Vec<u8> {
        let mut message = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            message.push(label.len() as u8);
            message.extend_from_slice(label.as_bytes());
        }
        message.extend_from_slice(&[0, 0, 1, 0, 1]);
        message
    }

    /// The answer to it: an alias, then these addresses.
    pub(crate) fn answer(name: &str, addresses: &[[u8; 4]]) -> Vec<u8> {
        let mut message = query(name);
        message[2] = 0x81;
        message[7] = addresses.len() as u8 + 1;
        message.extend_from_slice(&[0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, b'x', 0xc0, 12]);
        for address in addresses {
            message.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4]);
            message.extend_from_slice(address);
        }
        message
    }

    fn asked(message: &[u8]) -> Option<Vec<String>> {
        let mut names = Vec::new();
        each_question(message, |name| {
            names.push(String::from_utf8(name.bytes().to_vec()).unwrap());
            true
        })?;
        Some(names)
    }

    #[test]
    fn a_query_says_which_name_it_asks_for() {
        assert_eq!(asked(&query("Api.Example.COM")).unwrap(), ["api.example.com"]);
        let mut answer = query("example.com");
        answer[2] |= 0x80;
        assert_eq!(asked(&answer), None);
        let mut compressed = query("example.com");
        compressed[12] = 0xc0;
        assert_eq!(asked(&compressed), None);
        let mut dotted = query("evil.example.com");
        dotted[14] = b'.';
        assert_eq!(asked(&dotted), None);
        for length in 0..query("example.com").len() {
            assert_eq!(asked(&query("example.com")[..length]), None);
        }
    }

    #[test]
    fn an_answer_yields_its_addresses() {
        let message = answer("example.com", &[[192, 0, 2, 1], [192, 0, 2, 2]]);
        let mut found = Vec::new();
        each_answer(
            &message,
            |name| name.bytes() == b"example.com",
            |address, ttl| found.push((address, ttl)),
        )
        .unwrap();
        assert_eq!(found, [(0xffff_c000_0201, 256), (0xffff_c000_0202, 256)]);
        let none = each_answer(&message, |_| false, |_, _| panic!("of no interest"));
        assert_eq!(none, None);
        // What came of it, if the rest is missing.
        let mut count = 0;
        assert_eq!(each_answer(&message[..message.len() - 1], |_| true, |_, _| count += 1), None);
        assert_eq!(count, 1);
        // A query is no answer.
        assert_eq!(each_answer(&query("example.com"), |_| true, |_, _| {}), None);
    }

    #[test]
    fn any_bytes_are_survived() {
        let mut state = 1u64;
        for _ in 0..20_000 {
            let mut message = answer("example.com", &[[192, 0, 2, 1]]);
            for _ in 0..3 {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let place = (state >> 33) as usize % message.len();
                message[place] = (state >> 25) as u8;
            }
            let _ = asked_bytes(&message);
            let _ = each_answer(&message, |_| true, |_, _| {});
        }
    }

    fn asked_bytes(message: &[u8]) -> Option<()> {
        each_question(message, |_| true)
    }
}
