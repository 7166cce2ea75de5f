//! The different values of a chunk, and where each of them stands.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, StringArray};
use arrow::datatypes::Int32Type;
use foldhash::fast::FixedState;
use parquet::data_type::ByteArray;
use parquet::file::statistics::{Statistics, ValueStatistics};

/// The dictionary of an array.
pub(crate) enum Delivered<'a> {
    /// Of numbers of a byte: all of them.
    SmallNumbers,
    Texts(&'a StringArray),
    Numbers(&'a Int32Array),
}

impl<'a> Delivered<'a> {
    pub fn of(values: &'a ArrayRef) -> Option<Self> {
        let numbers = values.as_primitive_opt::<Int32Type>().map(Self::Numbers);
        numbers.or_else(|| values.as_string_opt::<i32>().map(Self::Texts))
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Texts(texts) => texts.len(),
            Self::Numbers(numbers) => numbers.len(),
            Self::SmallNumbers => 256,
        }
    }
}

/// The values of a chunk in the order in which rows have them, each once.
#[derive(Default)]
pub(crate) struct Values {
    /// As the dictionary page holds them, before compression.
    plain: Vec<u8>,
    texts: HashMap<Box<str>, u32, FixedState>,
    numbers: HashMap<i32, u32>,
    /// Where each text begins in `plain`, by its place.
    starts: Vec<usize>,
    /// Sign and place of texts that were asked for lately; empty before the first.
    lately: Vec<(Sign, u32)>,
}

/// What tells texts apart: all of the bytes of up to eight, the first and the last of longer ones.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sign {
    bytes: u64,
    length: usize,
}

/// Texts of more bytes do not stand in a footer.
const LONG: usize = 1024;
/// Places for texts that were asked for lately: few enough for the nearest cache.
const LATELY: usize = 256;

impl Sign {
    const NOTHING: Self = Self { bytes: 0, length: usize::MAX };

    fn of(text: &[u8]) -> Self {
        let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
        let bytes = match (text.first_chunk(), text.last_chunk()) {
            (Some(first), Some(last)) if text.len() > 8 => word(first) ^ word(last).rotate_left(29),
            (Some(all), _) => word(all),
            // Byte by byte is faster than to copy so few.
            _ => text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        Self { bytes, length: text.len() }
    }

    fn slot(self) -> usize {
        const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
        ((self.bytes ^ self.length as u64).wrapping_mul(MIX) >> 56) as usize % LATELY
    }
}

impl Values {
    /// As the dictionary page holds them.
    pub fn plain(&self) -> &[u8] {
        &self.plain
    }

    /// Where a text of a row stands; rows have few different ones.
    #[inline]
    pub fn often(&mut self, text: &str) -> u32 {
        if self.lately.is_empty() {
            self.lately = vec![(Sign::NOTHING, 0); LATELY];
        }
        let sign = Sign::of(text.as_bytes());
        let slot = sign.slot();
        let (known, place) = self.lately[slot];
        let begins = |place: u32| &self.plain[self.starts[place as usize]..];
        if known == sign && (text.len() <= 8 || begins(place).starts_with(text.as_bytes())) {
            return place;
        }
        let place = self.text(text);
        self.lately[slot] = (sign, place);
        place
    }

    pub fn count(&self) -> u32 {
        (self.texts.len() + self.numbers.len()) as u32
    }

    /// Where the value of an array's dictionary stands in that of the chunk; it is added where it is new.
    pub fn place(&mut self, values: &Delivered<'_>, key: usize) -> u32 {
        match values {
            Delivered::Texts(texts) => self.text(texts.value(key)),
            Delivered::Numbers(numbers) => self.number(numbers.value(key)),
            Delivered::SmallNumbers => self.number(i32::from((key as u8).cast_signed())),
        }
    }

    fn text(&mut self, text: &str) -> u32 {
        let next = self.count();
        if let Some(place) = self.texts.get(text) {
            return *place;
        }
        self.texts.insert(text.into(), next);
        self.plain.extend((text.len() as u32).to_le_bytes());
        self.starts.push(self.plain.len());
        self.plain.extend(text.as_bytes());
        next
    }

    fn number(&mut self, number: i32) -> u32 {
        let next = self.count();
        *self.numbers.entry(number).or_insert_with(|| {
            self.plain.extend(number.to_le_bytes());
            next
        })
    }

    /// Least and greatest; not of texts of which one is long, since they would stand in the file's footer.
    pub fn statistics(&self, nulls: u64) -> Statistics {
        if self.numbers.is_empty() {
            let text = |text: Option<&Box<str>>| text.map(|text| ByteArray::from(&**text));
            let is_long = self.texts.keys().any(|text| text.len() > LONG);
            let texts = || self.texts.keys().filter(|_| !is_long);
            let (least, greatest) = (texts().min(), texts().max());
            Statistics::byte_array(text(least), text(greatest), None, Some(nulls), false)
        } else {
            let (least, greatest) = (self.numbers.keys().min(), self.numbers.keys().max());
            let bounds =
                ValueStatistics::new(least.copied(), greatest.copied(), None, Some(nulls), false);
            Statistics::Int32(bounds.with_backwards_compatible_min_max(true))
        }
    }
}
