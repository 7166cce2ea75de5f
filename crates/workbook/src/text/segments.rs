//! Cuts a text at ends of records, so that the pieces can be read side by side.

use super::dialect::{Dialect, END_MARK};
use super::encoding::Failure;
use super::reader::TextReader;
use super::record::{End, Span};
use super::signs::Signs;

/// Gives pieces of about one size, always cut at the same places whatever the number of threads.
pub struct Segments {
    reader: TextReader,
    dialect: Dialect,
    pending: Vec<u8>,
    ended: bool,
    /// Cut by reading every record: slower, and right also where quotation marks stray.
    exact: bool,
    piece: usize,
    longest_record: usize,
    failed: Option<Cutting>,
    /// Room of pieces that were read.
    spare: Vec<Vec<u8>>,
    /// The text ended with the end mark of DOS, which is left out.
    has_end_mark: bool,
}

/// Places in a piece are kept in 31 bits.
const LARGEST_BYTES: usize = 1 << 29;

/// Why no more pieces are cut.
#[derive(Debug)]
pub enum Cutting {
    Failure(Failure),
    /// No end of a record within the limit.
    RecordTooLong,
}

impl Segments {
    pub fn new(reader: TextReader, dialect: Dialect, piece: usize, longest_record: usize) -> Self {
        Self {
            reader,
            dialect,
            pending: Vec::new(),
            ended: false,
            exact: false,
            piece: piece.clamp(1, LARGEST_BYTES),
            longest_record: longest_record.min(LARGEST_BYTES),
            failed: None,
            spare: Vec::new(),
            has_end_mark: false,
        }
    }

    pub fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
        self.end();
    }

    /// What stands behind the last line of the text is none of it: end marks of DOS, and one newline where lines end with another sign.
    fn end(&mut self) {
        while self.ended && self.pending.pop_if(|last| *last == END_MARK).is_some() {
            self.has_end_mark = true;
        }
        if self.ended && self.dialect.newline == b'\r' {
            self.pending.pop_if(|last| *last == b'\n');
        }
    }

    pub fn has_end_mark(&self) -> bool {
        self.has_end_mark
    }

    /// The text that was read and not given out yet.
    pub fn pending(&self) -> &[u8] {
        &self.pending
    }

    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Whether the end of the pieces is that of the text, and the last one was cut by reading every record.
    pub fn end_exactly(&self) -> bool {
        self.exact && self.failed.is_none()
    }

    pub fn skip(&mut self, bytes: usize) {
        self.pending.drain(..bytes);
    }

    /// Reads one more piece.
    pub fn grow(&mut self) -> Result<(), Failure> {
        if !self.ended {
            self.ended = !self.reader.fill(&mut self.pending, self.piece)?;
            self.end();
        }
        Ok(())
    }

    /// Up to `pieces` pieces; none at the end, or where it failed.
    pub fn batch(&mut self, pieces: usize) -> Vec<Vec<u8>> {
        let mut batch = Vec::with_capacity(pieces);
        while batch.len() < pieces && self.failed.is_none() {
            match self.next() {
                Ok(Some(piece)) => batch.push(piece),
                Ok(None) => break,
                Err(cutting) => self.failed = Some(cutting),
            }
        }
        batch
    }

    /// Why the pieces ended before the text did.
    pub fn failed(&mut self) -> Option<Cutting> {
        self.failed.take()
    }

    /// Pieces that are done with: the next ones take their place in memory.
    pub fn reuse(&mut self, pieces: Vec<Vec<u8>>) {
        self.spare = pieces;
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, Cutting> {
        let mut window = self.piece;
        loop {
            while !self.ended && self.pending.len() < window {
                let want = window - self.pending.len();
                self.ended =
                    !self.reader.fill(&mut self.pending, want).map_err(Cutting::Failure)?;
                self.end();
            }
            if self.pending.len() <= window && self.ended {
                return Ok(
                    Some(std::mem::take(&mut self.pending)).filter(|piece| !piece.is_empty())
                );
            }
            let seen = &self.pending[..window];
            let cut = if self.exact {
                self.last_record_end(seen)
            } else {
                last_even_newline(seen, self.dialect)
            };
            if let Some(cut) = cut {
                let mut rest = self.spare.pop().unwrap_or_default();
                rest.clear();
                rest.reserve(self.piece + (self.piece >> 3));
                rest.extend_from_slice(&self.pending[cut..]);
                self.pending.truncate(cut);
                return Ok(Some(std::mem::replace(&mut self.pending, rest)));
            }
            if window > self.longest_record && self.exact {
                return Err(Cutting::RecordTooLong);
            }
            if window > self.longest_record {
                self.exact = true;
                window = self.piece;
            } else {
                window += self.piece;
            }
        }
    }

    /// Takes pieces back, in the order in which they were given, and cuts exactly from here on.
    pub fn take_back(&mut self, pieces: &[Vec<u8>]) {
        let mut all: Vec<u8> = pieces.concat();
        all.append(&mut self.pending);
        self.pending = all;
        self.exact = true;
        self.failed.take_if(|cutting| matches!(cutting, Cutting::RecordTooLong));
    }

    fn last_record_end(&self, bytes: &[u8]) -> Option<usize> {
        let (mut spans, mut signs): (Vec<Span>, _) = (Vec::new(), Signs::default());
        let mut at = 0;
        loop {
            spans.clear();
            let record = self.dialect.record(bytes, at, &mut spans, &mut signs);
            if record.end != End::Newline {
                return Some(at).filter(|at| *at > 0);
            }
            at = record.next;
            if at == bytes.len() {
                return Some(at);
            }
        }
    }
}

/// End of the last line that has an even number of quotation marks before it.
fn last_even_newline(bytes: &[u8], dialect: Dialect) -> Option<usize> {
    let quotes = |bytes: &[u8]| memchr::memchr_iter(dialect.quote, bytes).count();
    let mut before = quotes(bytes);
    let mut end = bytes.len();
    while let Some(newline) = memchr::memrchr(dialect.newline, &bytes[..end]) {
        before -= quotes(&bytes[newline..end]);
        if before.is_multiple_of(2) {
            return Some(newline + 1);
        }
        end = newline;
    }
    None
}
