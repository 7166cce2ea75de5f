//! The cells of one column as they are read: texts end to end, with a class each.

use survey::Class;

/// A column of a chunk; lengths rather than ends keep it small while it is being filled.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cells {
    /// All texts, valid UTF-8.
    values: Vec<u8>,
    /// Of each text; `LONG` where the next of `long` holds it.
    lengths: Vec<u8>,
    long: Vec<u32>,
    classes: Vec<i8>,
    pub(crate) counts: [u64; 7],
}

const LONG: u8 = u8::MAX;

impl Cells {
    pub(crate) fn rows(&self) -> usize {
        self.lengths.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.values.len()
    }

    /// Makes room for a piece of `bytes` of which the first `read` were read.
    pub(crate) fn reserve_for(&mut self, bytes: usize, read: usize) {
        let more = |so_far: usize| {
            (so_far as u64 * (bytes - read) as u64 / read.max(1) as u64) as usize * 17 / 16
        };
        self.values.reserve(more(self.values.len()));
        self.lengths.reserve(more(self.lengths.len()));
        self.classes.reserve(more(self.classes.len()));
    }

    /// The first row that is not empty.
    pub(crate) fn first_used(&self) -> Option<usize> {
        self.classes.iter().position(|class| *class != Class::Empty as i8)
    }

    pub(crate) fn classes(&self) -> &[i8] {
        &self.classes
    }

    #[inline]
    pub(crate) fn push(&mut self, class: Class, text: &[u8]) {
        self.values.extend_from_slice(text);
        if text.len() < usize::from(LONG) {
            self.lengths.push(text.len() as u8);
        } else {
            self.lengths.push(LONG);
            self.long.push(text.len() as u32);
        }
        self.classes.push(class as i8);
        self.counts[class as usize] += 1;
    }

    /// Empty cells until there are `rows`.
    pub(crate) fn pad_to(&mut self, rows: usize) {
        let missing = rows.saturating_sub(self.rows());
        if missing > 0 {
            self.lengths.resize(rows, 0);
            self.classes.resize(rows, Class::Empty as i8);
            self.counts[Class::Empty as usize] += missing as u64;
        }
    }
}

/// A whole column.
#[derive(Debug, Clone, Default)]
pub(crate) struct Column {
    pub(crate) values: Vec<u8>,
    /// Where each text begins, and where the last one ends.
    pub(crate) offsets: Vec<i32>,
    pub(crate) classes: Vec<i8>,
    pub(crate) counts: [u64; 7],
}

impl Column {
    /// One column out of its parts, cut to the rows that stay; none where its text is too long for one column.
    pub(crate) fn join(parts: Vec<Cells>, kept: usize) -> Option<Self> {
        let bytes: usize = parts.iter().map(Cells::bytes).sum();
        let rows: usize = parts.iter().map(Cells::rows).sum();
        if bytes > i32::MAX as usize {
            return None;
        }
        let mut column = Self {
            values: Vec::with_capacity(bytes),
            offsets: Vec::with_capacity(rows + 1),
            classes: Vec::with_capacity(rows),
            counts: [0; 7],
        };
        let mut end = 0;
        column.offsets.push(end);
        for part in parts {
            column.values.extend_from_slice(&part.values);
            column.classes.extend_from_slice(&part.classes);
            let mut long = part.long.into_iter();
            column.offsets.extend(part.lengths.iter().map(|length| {
                end += if *length == LONG {
                    long.next().unwrap_or_default() as i32
                } else {
                    i32::from(*length)
                };
                end
            }));
            for (sum, count) in column.counts.iter_mut().zip(part.counts) {
                *sum += count;
            }
        }
        column.truncate(kept);
        Some(column)
    }

    fn truncate(&mut self, rows: usize) {
        if rows < self.classes.len() {
            for class in self.classes.drain(rows..) {
                self.counts[class as usize] -= 1;
            }
            self.offsets.truncate(rows + 1);
            self.values.truncate(self.offsets[rows] as usize);
        }
    }
}
