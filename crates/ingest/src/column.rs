//! The cells of one column: texts end to end, with a class each.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int8Array, StringArray};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use survey::Class;

/// A column of a chunk as it is filled.
#[derive(Debug, Clone)]
pub(crate) struct Cells {
    /// All texts, valid UTF-8, and room for more behind them.
    values: Vec<u8>,
    /// Where each text begins, and where the last one ends.
    offsets: Vec<i32>,
    classes: Vec<i8>,
}

/// Cells that were added to a column and are to be written.
pub(crate) struct Added<'a> {
    values: &'a mut Vec<u8>,
    /// Where the last text ends.
    pub(crate) end: usize,
    ends: &'a mut [i32],
    classes: &'a mut [i8],
}

impl Default for Cells {
    fn default() -> Self {
        Self { values: Vec::new(), offsets: vec![0], classes: Vec::new() }
    }
}

impl Cells {
    pub(crate) fn rows(&self) -> usize {
        self.classes.len()
    }

    /// Of its texts.
    pub(crate) fn bytes(&self) -> usize {
        self.offsets.last().map_or(0, |end| *end as usize)
    }

    /// Makes room for a piece of `bytes` of which the first `read` were read.
    pub(crate) fn reserve_for(&mut self, bytes: usize, read: usize) {
        let more = |so_far: usize| {
            (so_far as u64 * (bytes - read) as u64 / read.max(1) as u64) as usize * 17 / 16
        };
        let end = self.bytes();
        self.values.resize(self.values.len().max(end + more(end)), 0);
        self.offsets.reserve(more(self.offsets.len()));
        self.classes.reserve(more(self.classes.len()));
    }

    pub(crate) fn push(&mut self, class: Class, text: &[u8]) {
        self.values.truncate(self.bytes());
        self.values.extend_from_slice(text);
        // Beyond that the column is too long and never closed.
        self.offsets.push(i32::try_from(self.values.len()).unwrap_or(i32::MAX));
        self.classes.push(class as i8);
    }

    /// Adds cells for the caller to write.
    pub(crate) fn add(&mut self, rows: usize) -> Added<'_> {
        let (before, end) = (self.rows(), self.bytes());
        self.offsets.resize(before + 1 + rows, 0);
        self.classes.resize(before + rows, Class::Empty as i8);
        Added {
            values: &mut self.values,
            end,
            ends: &mut self.offsets[before + 1..],
            classes: &mut self.classes[before..],
        }
    }

    /// Empty cells until there are `rows`.
    pub(crate) fn pad_to(&mut self, rows: usize) {
        if rows > self.rows() {
            self.offsets.resize(rows + 1, self.bytes() as i32);
            self.classes.resize(rows, Class::Empty as i8);
        }
    }

    /// The column when all its rows are there; none where its text is too long for one column.
    pub(crate) fn close(mut self, rows: usize) -> Option<Column> {
        if self.values.len() > i32::MAX as usize {
            return None;
        }
        self.pad_to(rows);
        self.values.truncate(self.bytes());
        let counts = counts(&self.classes);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.offsets));
        let texts = StringArray::try_new(offsets, Buffer::from_vec(self.values), None).ok()?;
        Some(Column { texts, classes: Int8Array::from(self.classes), counts })
    }
}

impl Added<'_> {
    /// From this row on: where the next text goes (what stands there is void), the ends and the classes.
    pub(crate) fn parts(&mut self, row: usize) -> (&mut [u8], &mut [i32], &mut [i8]) {
        let until = self.values.len().min(i32::MAX as usize);
        let room = self.values.get_mut(self.end..until).unwrap_or_default();
        (room, &mut self.ends[row..], &mut self.classes[row..])
    }

    /// The cell of this row, whatever its length.
    pub(crate) fn write(&mut self, row: usize, class: Class, text: &[u8]) {
        let end = self.end + text.len();
        if self.values.len() < end {
            self.values.resize((2 * self.values.len()).max(end + 64), 0);
        }
        self.values[self.end..end].copy_from_slice(text);
        self.end = end;
        self.ends[row] = i32::try_from(end).unwrap_or(i32::MAX);
        self.classes[row] = class as i8;
    }
}

/// A column of a chunk that is filled.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    texts: StringArray,
    classes: Int8Array,
    pub(crate) counts: [u64; 7],
}

impl Column {
    pub(crate) fn empty(rows: usize) -> Self {
        let mut counts = [0; 7];
        counts[Class::Empty as usize] = rows as u64;
        let classes = Int8Array::from_value(Class::Empty as i8, rows);
        Self { texts: StringArray::new_repeated("", rows), classes, counts }
    }

    /// The first row that is not empty.
    pub(crate) fn first_used(&self) -> Option<usize> {
        self.classes.values().iter().position(|class| *class != Class::Empty as i8)
    }

    pub(crate) fn rows_with(&self, wanted: Class) -> impl Iterator<Item = usize> {
        let classes = self.classes.values().iter().enumerate();
        classes.filter(move |(_, class)| **class == wanted as i8).map(|(row, _)| row)
    }

    /// Rows that are not empty and have no text.
    pub(crate) fn rows_without_text(&self) -> impl Iterator<Item = usize> {
        let rows = self.classes.values().iter().zip(self.texts.offsets().windows(2));
        let rows = rows.enumerate();
        let is_without =
            |class: i8, ends: &[i32]| class != Class::Empty as i8 && ends[0] == ends[1];
        rows.filter(move |(_, (class, ends))| is_without(**class, ends)).map(|(row, _)| row)
    }

    /// The first rows of it.
    pub(crate) fn cut(self, rows: usize) -> Self {
        if rows >= self.classes.len() {
            return self;
        }
        let classes = self.classes.slice(0, rows);
        let counts = counts(classes.values());
        Self { texts: self.texts.slice(0, rows), classes, counts }
    }

    pub(crate) fn arrays(self) -> [ArrayRef; 2] {
        [Arc::new(self.texts), Arc::new(self.classes)]
    }
}

/// How often each class occurs.
fn counts(classes: &[i8]) -> [u64; 7] {
    let mut counts = [0; 7];
    let mut left = classes.len() as u64;
    // The commonest first: most columns have a class or two.
    for class in [Class::Number, Class::Empty].into_iter().chain(Class::ALL) {
        if left > 0 && counts[class as usize] == 0 {
            counts[class as usize] = times(classes, class);
            left -= counts[class as usize];
        }
    }
    counts
}

/// How often a class occurs; sums of single bytes, so that many are added at once.
fn times(classes: &[i8], wanted: Class) -> u64 {
    let of_few = |few: &[i8]| few.iter().map(|class| u8::from(*class == wanted as i8)).sum::<u8>();
    classes.chunks(255).map(|few| u64::from(of_few(few))).sum()
}

/// Cells that are not empty.
pub(crate) fn filled(counts: &[u64; 7]) -> u64 {
    counts.iter().sum::<u64>() - counts[Class::Empty as usize]
}
