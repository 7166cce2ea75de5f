//! A table on its way into the store: written batch by batch while it is read, so that memory does not grow with it.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use arrow::array::AsArray;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use parquet::errors::ParquetError;
use survey::handoff::About;
use survey::{Handoff, Message};
use tempfile::NamedTempFile;

use crate::error::NEEDS;
use crate::files;
use crate::fingerprint::Fingerprint;
use crate::parquet_file::Writer;

/// Takes a table batch by batch into a file beside where it will stand; without `written` nothing stays of it.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    writing: Option<Writer<Hashing<NamedTempFile>>>,
    rows: u64,
    /// Bytes of text so far, a column.
    text_bytes: Vec<usize>,
}

/// A whole table in a file that has no name yet.
#[derive(Debug)]
pub struct Written {
    pub file: NamedTempFile,
    pub fingerprint: Fingerprint,
    pub rows: u64,
}

/// A hand-off whose rows went into a spool.
#[derive(Debug)]
pub struct Spooled<K> {
    handoff: Handoff<K>,
    rows: Spool,
}

/// What a step's function gives: a hand-off with its table, or one whose rows were written meanwhile.
pub trait Made {
    type About: About;
    fn parts(self) -> (Handoff<Self::About>, Option<Spool>);
}

impl<K: About> Made for Handoff<K> {
    type About = K;

    fn parts(self) -> (Self, Option<Spool>) {
        (self, None)
    }
}

impl<K: About> Made for Spooled<K> {
    type About = K;

    fn parts(self) -> (Handoff<K>, Option<Spool>) {
        (self.handoff, Some(self.rows))
    }
}

impl Spool {
    /// A spool in a folder of the store; nothing is written before the first row.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, writing: None, rows: 0, text_bytes: Vec::new() }
    }

    /// The hand-off whose rows went in here.
    pub fn of<K>(self, handoff: Handoff<K>) -> Spooled<K> {
        Spooled { handoff, rows: self }
    }

    /// Ends the table.
    pub fn written(self) -> io::Result<Written> {
        let writing = self.writing.ok_or_else(|| io::Error::other("the table was never begun"))?;
        let sink = writing.finish().map_err(io_error)?;
        let (fingerprint, file) = sink.finish()?;
        Ok(Written { file, fingerprint, rows: self.rows })
    }
}

impl Spool {
    /// Says where it could not be written.
    fn in_store(&self, error: &io::Error) -> io::Error {
        let folder = self.folder.display();
        let text = format!("store: `{folder}`: {error}");
        io::Error::new(error.kind(), Message::new(text, Some(NEEDS.to_owned())))
    }

    fn open(&self, schema: &SchemaRef) -> io::Result<Writer<Hashing<NamedTempFile>>> {
        let file = Hashing::new(files::begin(&self.folder)?);
        Writer::new(file, schema).map_err(io_error)
    }
}

impl ingest::Batches for Spool {
    fn begin(&mut self, schema: &SchemaRef) -> io::Result<()> {
        self.writing = Some(self.open(schema).map_err(|error| self.in_store(&error))?);
        self.rows = 0;
        self.text_bytes = vec![0; schema.fields().len()];
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> io::Result<()> {
        for (bytes, column) in self.text_bytes.iter_mut().zip(batch.columns()) {
            let text = column.as_string_opt::<i32>();
            *bytes += text.map_or(0, |text| text.value_data().len());
            if *bytes > i32::MAX as usize {
                // The next stage reads a column as one array.
                return Err(io::Error::other(Message::new(
                    "a column with more than 2 GiB of text",
                    Some("split the delivery".to_owned()),
                )));
            }
        }
        self.rows += batch.num_rows() as u64;
        let Some(writing) = &mut self.writing else { return Ok(()) };
        let written = writing.write(&batch).map_err(io_error);
        written.map_err(|error| self.in_store(&error))
    }
}

/// The disk's own word where it was the disk.
pub fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}

/// Bytes that are hashed and written at once: small pieces are hashed several times slower.
const PIECE: usize = 1 << 17;

/// Hashes what passes.
#[derive(Debug)]
pub struct Hashing<W: Write>(BufWriter<Sink<W>>);

#[derive(Debug)]
struct Sink<W> {
    hasher: blake3::Hasher,
    inner: W,
}

impl<W: Write> Hashing<W> {
    pub fn new(inner: W) -> Self {
        Self(BufWriter::with_capacity(PIECE, Sink { hasher: blake3::Hasher::new(), inner }))
    }

    /// The fingerprint of all that has passed, and where it went.
    pub fn finish(self) -> io::Result<(Fingerprint, W)> {
        let sink = self.0.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((Fingerprint(sink.hasher.finalize().to_hex().to_string()), sink.inner))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<W: Write> Write for Sink<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
