//! An opened delivery: its content out of its gzip or zip wrapper, hashed while it is read.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use flate2::read::{DeflateDecoder, MultiGzDecoder};

use crate::error::{Error, Place};
use crate::file::{hash_of, open_file};
use crate::header::KnownHeaders;
use crate::limits::Limits;

/// What stands around the file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrapper {
    None,
    Gzip,
    /// A zip archive with this one entry in it that counts.
    Zip(String),
}

impl Wrapper {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => "gzip",
            Self::Zip(_) => "zip",
        }
    }
}

/// The first bytes of what was found, and how to get at the content.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) place: Place,
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) wrapper: Wrapper,
    /// First bytes of the content, out of its wrapper.
    pub(crate) start: Vec<u8>,
    pub(crate) headers: KnownHeaders,
}

/// Hashes what goes through, so that a file is read once.
#[derive(Clone, Default)]
pub(crate) struct Digest(Arc<Mutex<blake3::Hasher>>);

impl Digest {
    pub(crate) fn update(&self, bytes: &[u8]) {
        if let Ok(mut hasher) = self.0.lock() {
            hasher.update(bytes);
        }
    }

    pub(crate) fn hex(&self) -> String {
        self.0.lock().map(|hasher| hasher.finalize().to_hex().to_string()).unwrap_or_default()
    }
}

struct Hashing {
    file: File,
    digest: Digest,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.digest.update(&buffer[..read]);
        Ok(read)
    }
}

/// Ends with an error where a wrapper unpacks to more than the limit.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other("it unpacks to more bytes than the limit allows"))?;
        Ok(read)
    }
}

/// Ends with an error where the bytes are not those that were packed.
struct Checked<R> {
    inner: R,
    sum: flate2::Crc,
    expected: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.sum.update(&buffer[..read]);
        if read == 0 && !buffer.is_empty() && self.sum.sum() != self.expected {
            return Err(io::Error::other("the checksum of the unpacked bytes does not match"));
        }
        Ok(read)
    }
}

impl Opened {
    pub(crate) fn broken(&self, source: io::Error) -> Error {
        Error::Broken { place: self.place.clone(), source }
    }

    /// The content out of its wrapper; the digest is that of the file as delivered once all is read (`None`: hash it apart).
    pub(crate) fn content(
        &self,
        limits: &Limits,
    ) -> Result<(Box<dyn Read + Send>, Option<Digest>), Error> {
        let open = || {
            open_file(&self.path)
                .map_err(|source| Error::Unopened { place: self.place.clone(), source })
        };
        let digest = Digest::default();
        Ok(match &self.wrapper {
            Wrapper::None => {
                (Box::new(Hashing { file: open()?, digest: digest.clone() }), Some(digest))
            }
            Wrapper::Gzip => {
                let inner = MultiGzDecoder::new(io::BufReader::with_capacity(1 << 16, open()?));
                (Box::new(Bounded { inner, left: limits.uncompressed_bytes }), None)
            }
            Wrapper::Zip(name) => (self.unzipped(name, open()?, limits)?, None),
        })
    }

    /// The entry's bytes as they are unpacked: it is never in memory as a whole.
    fn unzipped(
        &self,
        name: &str,
        file: File,
        limits: &Limits,
    ) -> Result<Box<dyn Read + Send>, Error> {
        let damaged = |what: String| Error::Damaged { place: self.place.clone(), what };
        let mut archive = zip::ZipArchive::new(file).map_err(|error| damaged(error.to_string()))?;
        let entry = archive.by_name(name).map_err(|error| damaged(error.to_string()))?;
        let (packed, crc, method) = (entry.compressed_size(), entry.crc32(), entry.compression());
        let start =
            entry.data_start().ok_or_else(|| damaged("an entry without a position".into()))?;
        drop(entry);
        let mut file = archive.into_inner();
        file.seek(SeekFrom::Start(start)).map_err(|source| self.broken(source))?;
        let packed = io::BufReader::with_capacity(1 << 16, file.take(packed));
        let inner: Box<dyn Read + Send> = match method {
            zip::CompressionMethod::Stored => Box::new(packed),
            zip::CompressionMethod::Deflated => Box::new(DeflateDecoder::new(packed)),
            method => {
                return Err(damaged(format!("unsupported compression method: {method}")));
            }
        };
        let inner = Checked { inner, sum: flate2::Crc::new(), expected: crc };
        Ok(Box::new(Bounded { inner, left: limits.uncompressed_bytes }))
    }

    /// Blake3 of the file as delivered.
    pub(crate) fn hash(&self) -> Result<String, Error> {
        hash_of(&self.path).map_err(|source| self.broken(source))
    }
}
