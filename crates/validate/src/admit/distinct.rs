//! Gives each distinct text of a column a small number, so that a value's meaning is looked up once.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Distinct texts of one column in the order in which they appear.
pub(super) struct Distinct<'a> {
    numbers: HashMap<(Option<&'a str>, i8), u32, BuildHasherDefault<ShortTextHasher>>,
    /// Short texts that were asked for lately.
    lately: Vec<Lately>,
}

/// A text of at most eight bytes, or none, with its class and number.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Short {
    bytes: u64,
    length: u8,
    class: i8,
}

#[derive(Clone, Copy)]
struct Lately {
    of: Short,
    number: u32,
}

/// Places for short texts: few enough for the nearest cache.
const LATELY: usize = 256;

impl Short {
    /// No text.
    const NULL: u8 = 9;
    /// Of no text at all.
    const NOTHING: Self = Self { bytes: 0, length: u8::MAX, class: 0 };

    fn of(text: Option<&str>, class: i8) -> Option<Self> {
        let Some(text) = text else {
            return Some(Self { bytes: 0, length: Self::NULL, class });
        };
        if text.len() > 8 {
            return None;
        }
        // Byte by byte is faster than to copy so few.
        let bytes = text.bytes().fold(0, |word, byte| word << 8 | u64::from(byte));
        Some(Self { bytes, length: text.len() as u8, class })
    }

    fn place(self) -> usize {
        let mut hasher = ShortTextHasher(u64::from(self.length) << 8 | u64::from(self.class as u8));
        hasher.mix(self.bytes);
        (hasher.0 >> 56) as usize % LATELY
    }
}

impl<'a> Distinct<'a> {
    pub fn new() -> Self {
        let nothing = Lately { of: Short::NOTHING, number: 0 };
        Self { numbers: HashMap::default(), lately: vec![nothing; LATELY] }
    }

    /// The number of a text with its class, and whether it is new.
    pub fn number(&mut self, text: Option<&'a str>, class: i8) -> (u32, bool) {
        let Some(short) = Short::of(text, class) else { return self.looked_up(text, class) };
        let place = short.place();
        if self.lately[place].of == short {
            return (self.lately[place].number, false);
        }
        let (number, is_new) = self.looked_up(text, class);
        self.lately[place] = Lately { of: short, number };
        (number, is_new)
    }

    fn looked_up(&mut self, text: Option<&'a str>, class: i8) -> (u32, bool) {
        let next = self.numbers.len() as u32;
        let number = *self.numbers.entry((text, class)).or_insert(next);
        (number, number == next)
    }
}

/// Multiply and rotate over eight bytes at a time: answers are short and not hostile, and only lookups use it.
#[derive(Default)]
pub(super) struct ShortTextHasher(u64);

impl ShortTextHasher {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for ShortTextHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.mix(u64::from(byte));
    }

    fn write_usize(&mut self, word: usize) {
        self.mix(word as u64);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::hash::BuildHasher;

    use super::*;

    #[test]
    fn equal_texts_share_a_number_and_an_empty_text_is_not_null() {
        let mut distinct = Distinct::new();
        let numbers: Vec<u32> = [Some("a"), Some("b"), Some("a"), None, Some(""), None]
            .map(|text| distinct.number(text, 1).0)
            .to_vec();
        assert_eq!(numbers, [0, 1, 0, 2, 3, 2]);
    }

    #[test]
    fn texts_spread_over_the_buckets_whether_they_begin_or_end_alike() {
        let hash = |text: &str, class: i8| {
            BuildHasherDefault::<ShortTextHasher>::default().hash_one((Some(text), class))
        };
        for pattern in ["{}", "the same beginning {}", "{} and the same ending"] {
            let texts = (0..1000).map(|number| pattern.replace("{}", &number.to_string()));
            let hashes: BTreeSet<u64> = texts.map(|text| hash(&text, 1)).collect();
            assert_eq!(hashes.len(), 1000, "{pattern}");
            let buckets: BTreeSet<u64> = hashes.iter().map(|hash| hash & 0xff).collect();
            assert!(buckets.len() > 200, "{pattern}: {} of 256", buckets.len());
        }
        assert_ne!(hash("1", 1), hash("1", 2));
    }

    #[test]
    fn every_text_keeps_its_number_however_many_there_are() {
        let texts: Vec<String> = (0..5000).map(|number| format!("{:x}", number * 7919)).collect();
        let long = texts.iter().map(|text| format!("{text} and more"));
        let texts: Vec<String> =
            texts.iter().cloned().chain(long).chain(["\0".into(), String::new()]).collect();
        let mut distinct = Distinct::new();
        for round in 0..2 {
            for (number, text) in texts.iter().enumerate() {
                assert_eq!(distinct.number(Some(text), 2), (number as u32, round == 0), "{text}");
            }
        }
        assert_eq!(distinct.number(None, 2), (texts.len() as u32, true));
    }

    #[test]
    fn the_class_tells_equal_texts_apart() {
        let mut distinct = Distinct::new();
        assert_eq!((distinct.number(Some("1"), 1).0, distinct.number(Some("1"), 2).0), (0, 1));
    }
}
