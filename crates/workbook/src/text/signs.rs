//! Where the signs of a dialect stand in a text, 64 bytes at a time: a bit each.

use super::dialect::Dialect;

/// The 64 bytes of one text that were looked at last.
#[derive(Debug, Default)]
pub struct Signs {
    /// Which, from 1; 0 at the start.
    window: usize,
    pub(super) delimiters: u64,
    /// Quotation marks and line ends.
    pub(super) others: u64,
}

pub(super) const WINDOW: usize = 64;

impl Signs {
    /// Looks at the bytes from `window` times 64 on; behind the text there are no signs.
    #[inline]
    pub(super) fn look(&mut self, dialect: Dialect, bytes: &[u8], window: usize) {
        if self.window == window + 1 {
            return;
        }
        self.window = window + 1;
        let rest = bytes.get(window * WINDOW..).unwrap_or_default();
        if let Some(block) = rest.first_chunk::<WINDOW>() {
            self.delimiters = bits(block, [dialect.delimiter]);
            self.others = bits(block, [dialect.quote, dialect.newline]);
        } else {
            let mut block = [0; WINDOW];
            block[..rest.len()].copy_from_slice(rest);
            let text = (1 << rest.len()) - 1;
            self.delimiters = bits(&block, [dialect.delimiter]) & text;
            self.others = bits(&block, [dialect.quote, dialect.newline]) & text;
        }
    }

    /// The first quotation mark or line end at `from` or behind it.
    #[inline]
    pub(super) fn next_other(
        &mut self,
        dialect: Dialect,
        bytes: &[u8],
        from: usize,
    ) -> Option<usize> {
        let mut window = from / WINDOW;
        let mut behind = u64::MAX << (from % WINDOW);
        while window * WINDOW < bytes.len() {
            self.look(dialect, bytes, window);
            let others = self.others & behind;
            if others != 0 {
                return Some(window * WINDOW + others.trailing_zeros() as usize);
            }
            (window, behind) = (window + 1, u64::MAX);
        }
        None
    }
}

/// A bit for each byte that is one of the wanted.
#[inline]
fn bits<const SIGNS: usize>(block: &[u8; WINDOW], wanted: [u8; SIGNS]) -> u64 {
    let is_wanted = |byte| wanted.iter().fold(0, |found, sign| found | u8::from(byte == *sign));
    let found = block.map(is_wanted);
    let (eights, _) = found.as_chunks::<8>();
    // The product moves the lowest bit of each of eight bytes into one byte.
    let byte = |eight| u64::from_le_bytes(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().zip(0..).fold(0, |bits, (eight, at)| bits | byte(*eight) << (8 * at))
}

/// How often a sign stands in a text.
pub fn count(bytes: &[u8], wanted: u8) -> u64 {
    memchr::memchr_iter(wanted, bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_found_wherever_they_stand_in_sixty_four_bytes() {
        // A delimiter of zero is what fills up the last bytes that are looked at.
        for delimiter in [b';', 0] {
            let dialect = Dialect { delimiter, quote: b'"', newline: b'\n' };
            for length in [1, 63, 64, 65, 127, 128, 200] {
                for at in 0..length {
                    let mut bytes = vec![b'x'; length];
                    bytes[at] = [delimiter, b'"', b'\n'][at % 3];
                    let mut signs = Signs::default();
                    for window in 0..=length / WINDOW {
                        signs.look(dialect, &bytes, window);
                        let here = at / WINDOW == window;
                        let expected = if here { 1 << (at % WINDOW) } else { 0 };
                        assert_eq!(signs.delimiters | signs.others, expected);
                        assert_eq!(signs.delimiters != 0, here && at % 3 == 0);
                    }
                    let other = Some(at).filter(|at| at % 3 > 0);
                    assert_eq!(signs.next_other(dialect, &bytes, 0), other);
                    assert_eq!(signs.next_other(dialect, &bytes, at), other);
                    assert_eq!(signs.next_other(dialect, &bytes, at + 1), None);
                }
            }
        }
    }
}
