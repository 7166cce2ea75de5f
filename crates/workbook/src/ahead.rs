//! Work that a thread of its own does ahead of whoever takes what it made.

use std::io::{self, Read};
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use crate::error::Error;
use crate::row::{Row, Rows};

/// Things that are made before they are taken, at most.
const AHEAD: usize = 4;
/// Bytes that are handed over at once.
const PIECE: usize = 1 << 17;
/// Rows that are handed over at once, and the bytes of text from which on they are fewer.
const ROWS: usize = 64;
const ROW_BYTES: usize = 1 << 18;
/// Behind a row with so many bytes of text none is read ahead, and its memory is not kept: it may have many megabytes.
const LARGE: usize = 1 << 16;

/// What a thread makes one after the other; its memory goes round.
struct Ahead<T, E> {
    /// Things, then none or an error; let go of where nobody takes more, and so is the way back.
    made: Option<Receiver<Result<Option<T>, E>>>,
    used: Option<SyncSender<T>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread has of it.
struct Maker<T, E> {
    give: SyncSender<Result<Option<T>, E>>,
    take: Receiver<T>,
}

/// Whether there was one more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    Nothing,
    One,
    /// So large that no other is made before it was used, and that its memory is not kept.
    Large,
}

impl<T: Default, E> Maker<T, E> {
    /// `make` makes the next thing in the memory of an earlier one.
    fn make(&self, mut make: impl FnMut(&mut T) -> Result<Made, E>) {
        // Things that were given and did not come back.
        let mut out = 0_usize;
        loop {
            let memory = self.take.try_recv().ok();
            out -= usize::from(memory.is_some());
            let mut thing = memory.unwrap_or_default();
            let made = make(&mut thing);
            let is_large = matches!(made, Ok(Made::Large));
            let next = made.map(|made| (made != Made::Nothing).then_some(thing));
            let is_last = !matches!(next, Ok(Some(_)));
            if self.give.send(next).is_err() || is_last {
                return;
            }
            out += 1;
            while is_large && out > 0 {
                if self.take.recv().is_err() {
                    return;
                }
                out -= 1;
            }
        }
    }
}

impl<T: Default + Send + 'static, E: Send + 'static> Ahead<T, E> {
    fn new(name: &str, work: impl FnOnce(Maker<T, E>) + Send + 'static) -> io::Result<Self> {
        let (give, made) = sync_channel(AHEAD);
        // Room for all that there can be, so that giving back never waits.
        let (used, take) = sync_channel(AHEAD + 3);
        let work = move || work(Maker { give, take });
        let thread = Builder::new().name(name.to_owned()).spawn(work)?;
        Ok(Self { made: Some(made), used: Some(used), thread: Some(thread) })
    }

    /// Gives the thing that was used back and puts the next one in its place; false after the last one.
    fn next(&mut self, thing: &mut Option<T>) -> Result<bool, E> {
        // Whether the thread still wants the memory does not matter.
        if let (Some(used), Some(give)) = (thing.take(), &self.used) {
            drop(give.try_send(used));
        }
        let Some(made) = &self.made else { return Ok(false) };
        match made.recv() {
            Ok(Ok(Some(next))) => {
                *thing = Some(next);
                Ok(true)
            }
            Ok(Ok(None)) => {
                self.made = None;
                Ok(false)
            }
            Ok(Err(error)) => {
                self.made = None;
                Err(error)
            }
            // The thread ended without a last word: it panicked, and so does whoever waits for it.
            Err(_) => match self.thread.take().map(JoinHandle::join) {
                Some(Err(panic)) => resume_unwind(panic),
                _ => Ok(false),
            },
        }
    }
}

impl<T, E> Drop for Ahead<T, E> {
    fn drop(&mut self) {
        // The thread ends where nobody takes what it makes.
        (self.made, self.used) = (None, None);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Bytes that are read, and unpacked, ahead.
pub(crate) struct ReadAhead {
    ahead: Ahead<Vec<u8>, io::Error>,
    piece: Option<Vec<u8>>,
    at: usize,
}

impl ReadAhead {
    /// `open` runs on the thread and hands on the reader, or why there is none.
    pub(crate) fn new(
        open: impl FnOnce(&mut dyn FnMut(io::Result<&mut dyn Read>)) + Send + 'static,
    ) -> io::Result<Self> {
        let work = |maker: Maker<Vec<u8>, io::Error>| {
            open(&mut |reader| match reader {
                Ok(reader) => maker.make(pieces(reader)),
                Err(error) => {
                    let mut error = Some(error);
                    maker.make(|_| error.take().map_or(Ok(Made::Nothing), Err));
                }
            });
        };
        Ok(Self { ahead: Ahead::new("unpack", work)?, piece: None, at: 0 })
    }
}

/// Reads the next piece; what was read before a fault is handed on before it is told.
fn pieces(reader: &mut dyn Read) -> impl FnMut(&mut Vec<u8>) -> io::Result<Made> {
    let mut fault = None;
    move |piece| {
        piece.clear();
        piece.reserve_exact(PIECE);
        let read = match fault.take() {
            Some(error) => Err(error),
            None => reader.take(PIECE as u64).read_to_end(piece),
        };
        match read {
            Err(error) if piece.is_empty() => Err(error),
            Err(error) => {
                fault = Some(error);
                Ok(Made::One)
            }
            Ok(0) => Ok(Made::Nothing),
            Ok(_) => Ok(Made::One),
        }
    }
}

impl Read for ReadAhead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.piece.as_ref().map_or(0, Vec::len);
        if self.at == length {
            self.at = 0;
            if !self.ahead.next(&mut self.piece)? {
                return Ok(0);
            }
        }
        let rest = self.piece.as_ref().map_or(&[][..], |piece| &piece[self.at..]);
        let size = rest.len().min(buffer.len());
        buffer[..size].copy_from_slice(&rest[..size]);
        self.at += size;
        Ok(size)
    }
}

/// Rows that are read ahead.
pub(crate) struct RowsAhead {
    ahead: Ahead<Batch, Error>,
    batch: Option<Batch>,
    at: usize,
}

#[derive(Default)]
struct Batch {
    rows: Vec<Row>,
    /// Rows that were read; the others are memory.
    filled: usize,
}

impl RowsAhead {
    pub(crate) fn new(mut rows: impl Rows + Send + 'static) -> io::Result<Self> {
        let (mut fault, mut ended) = (None, false);
        let mut make = move |batch: &mut Batch| {
            batch.filled = 0;
            let (mut bytes, mut is_large) = (0, false);
            while batch.filled < ROWS && bytes < ROW_BYTES && !is_large && fault.is_none() && !ended
            {
                if batch.rows.len() == batch.filled {
                    batch.rows.push(Row::default());
                }
                let row = &mut batch.rows[batch.filled];
                match rows.next(row) {
                    Ok(true) => {
                        bytes += row.bytes();
                        is_large = row.bytes() > LARGE;
                        batch.filled += 1;
                    }
                    Ok(false) => ended = true,
                    Err(error) => fault = Some(error),
                }
            }
            // The rows before a fault are handed on before it is told.
            match fault.take() {
                Some(error) if batch.filled == 0 => Err(error),
                of_next => {
                    fault = of_next;
                    Ok(match batch.filled {
                        0 => Made::Nothing,
                        _ if is_large => Made::Large,
                        _ => Made::One,
                    })
                }
            }
        };
        let work = move |maker: Maker<Batch, Error>| maker.make(&mut make);
        Ok(Self { ahead: Ahead::new("rows", work)?, batch: None, at: 0 })
    }
}

impl Rows for RowsAhead {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        if self.batch.as_ref().is_none_or(|batch| batch.filled == self.at) {
            self.at = 0;
            if !self.ahead.next(&mut self.batch)? {
                return Ok(false);
            }
        }
        if let Some(next) = self.batch.as_mut().and_then(|batch| batch.rows.get_mut(self.at)) {
            if row.bytes() > LARGE {
                *row = Row::default();
            }
            std::mem::swap(row, next);
            self.at += 1;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;

    /// Bytes that end with a fault, or not.
    struct Bytes(Vec<u8>, bool);

    impl Read for Bytes {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() && self.1 {
                return Err(io::Error::other("torn"));
            }
            let size = buffer.len().min(self.0.len()).min(1000);
            buffer[..size].copy_from_slice(&self.0[..size]);
            self.0.drain(..size);
            Ok(size)
        }
    }

    fn bytes(count: usize) -> Vec<u8> {
        (0..count).map(|at| (at % 251) as u8).collect()
    }

    #[test]
    fn all_bytes_come_in_their_order_and_then_the_end_for_ever() {
        for count in [0, 1, PIECE, PIECE * 9 + 5] {
            let mut bytes_of = Bytes(bytes(count), false);
            let mut reader = ReadAhead::new(move |read| read(Ok(&mut bytes_of))).unwrap();
            let mut read = Vec::new();
            reader.read_to_end(&mut read).unwrap();
            assert_eq!(read, bytes(count));
            assert_eq!(reader.read(&mut [0; 8]).unwrap(), 0);
        }
    }

    #[test]
    fn what_stands_before_a_fault_is_read_before_it_is_told() {
        let mut torn = Bytes(bytes(PIECE + 7), true);
        let mut reader = ReadAhead::new(move |read| read(Ok(&mut torn))).unwrap();
        let mut read = Vec::new();
        assert_eq!(reader.read_to_end(&mut read).unwrap_err().to_string(), "torn");
        assert_eq!(read, bytes(PIECE + 7));
    }

    #[test]
    fn a_panic_of_the_thread_is_no_end() {
        struct Panics;
        impl Read for Panics {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                std::panic::resume_unwind(Box::new("planned"));
            }
        }
        let mut reader = ReadAhead::new(|read| read(Ok(&mut Panics))).unwrap();
        let read =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| reader.read(&mut [0; 8])));
        assert_eq!(read.unwrap_err().downcast_ref::<&str>(), Some(&"planned"));
    }

    /// Rows 0 to the number; then the end, or a fault.
    struct Numbers(u32, u32, bool);

    impl Rows for Numbers {
        fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
            if self.0 == self.1 {
                return if self.2 { Err(Error::damaged("torn")) } else { Ok(false) };
            }
            row.start(self.0, false);
            self.0 += 1;
            Ok(true)
        }
    }

    /// Rows that must not be asked for again after the last one.
    struct Once(Numbers, bool);

    impl Rows for Once {
        fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
            assert!(!self.1, "asked again");
            let found = self.0.next(row)?;
            self.1 = !found;
            Ok(found)
        }
    }

    #[test]
    fn rows_come_in_their_order_and_a_fault_after_the_rows_before_it() {
        for (count, torn) in [(0, false), (0, true), (64, true), (1000, false), (1001, true)] {
            let mut rows = RowsAhead::new(Once(Numbers(0, count, torn), false)).unwrap();
            let mut row = Row::default();
            for number in 0..count {
                assert!(rows.next(&mut row).unwrap());
                assert_eq!(row.number, number);
            }
            assert_eq!(rows.next(&mut row).is_err(), torn);
            assert!(!rows.next(&mut row).unwrap());
        }
    }

    /// So many large rows; how many were made.
    struct Large(u32, Arc<AtomicU32>);

    impl Rows for Large {
        fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
            assert_eq!(row.bytes(), 0, "the memory of a large row is not kept");
            let number = self.1.load(Ordering::SeqCst);
            if number == self.0 {
                return Ok(false);
            }
            row.start(number, false);
            row.put(0, |text| {
                text.resize(LARGE + 1, b'x');
                crate::row::Kind::Text
            });
            self.1.store(number + 1, Ordering::SeqCst);
            Ok(true)
        }
    }

    #[test]
    fn large_rows_are_made_one_by_one_in_memory_of_their_own() {
        let made = Arc::new(AtomicU32::new(0));
        let mut rows = RowsAhead::new(Large(20, Arc::clone(&made))).unwrap();
        let mut row = Row::default();
        for number in 0..20 {
            assert!(rows.next(&mut row).unwrap());
            assert_eq!((row.number, row.bytes()), (number, LARGE + 1));
            // Time enough for the thread to make another.
            std::thread::sleep(Duration::from_millis(if number == 0 { 100 } else { 1 }));
            assert_eq!(made.load(Ordering::SeqCst), number + 1);
        }
        assert!(!rows.next(&mut row).unwrap());
    }

    #[test]
    fn a_thread_whose_rows_nobody_wants_ends() {
        drop(RowsAhead::new(Numbers(0, u32::MAX, false)).unwrap());
        let mut rows = RowsAhead::new(Large(20, Arc::default())).unwrap();
        assert!(rows.next(&mut Row::default()).unwrap());
        drop(rows);
    }
}
