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

    /// A cell of one sign, as most answers are: no call to copy it.
    #[inline]
    pub(crate) fn push_sign(&mut self, class: Class, sign: u8) {
        self.values.push(sign);
        self.lengths.push(1);
        self.classes.push(class as i8);
    }

    #[inline]
    pub(crate) fn push_empty(&mut self) {
        self.lengths.push(0);
        self.classes.push(Class::Empty as i8);
    }

    pub(crate) fn push(&mut self, class: Class, text: &[u8]) {
        self.values.extend_from_slice(text);
        if text.len() < usize::from(LONG) {
            self.lengths.push(text.len() as u8);
        } else {
            self.lengths.push(LONG);
            self.long.push(text.len() as u32);
        }
        self.classes.push(class as i8);
    }

    /// Empty cells until there are `rows`.
    pub(crate) fn pad_to(&mut self, rows: usize) {
        let missing = rows.saturating_sub(self.rows());
        if missing > 0 {
            self.lengths.resize(rows, 0);
            self.classes.resize(rows, Class::Empty as i8);
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
    pub(crate) fn join(mut parts: Vec<Cells>, kept: usize) -> Option<Self> {
        let bytes: usize = parts.iter().map(Cells::bytes).sum();
        let rows: usize = parts.iter().map(Cells::rows).sum();
        if bytes > i32::MAX as usize {
            return None;
        }
        let mut column = Self { offsets: Vec::with_capacity(rows + 1), ..Self::default() };
        if let [only] = parts.as_mut_slice() {
            column.values = std::mem::take(&mut only.values);
            column.classes = std::mem::take(&mut only.classes);
        } else {
            column.values.reserve_exact(bytes);
            column.classes.reserve_exact(rows);
        }
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
        }
        column.truncate(kept);
        for (count, class) in column.counts.iter_mut().zip(Class::ALL) {
            *count = times(&column.classes, class);
        }
        Some(column)
    }

    fn truncate(&mut self, rows: usize) {
        if rows < self.classes.len() {
            self.classes.truncate(rows);
            self.offsets.truncate(rows + 1);
            self.values.truncate(self.offsets[rows] as usize);
        }
    }
}

/// How often a class occurs; sums of single bytes, so that many are added at once.
pub(crate) fn times(classes: &[i8], wanted: Class) -> u64 {
    let of_few = |few: &[i8]| few.iter().map(|class| u8::from(*class == wanted as i8)).sum::<u8>();
    classes.chunks(255).map(|few| u64::from(of_few(few))).sum()
}
