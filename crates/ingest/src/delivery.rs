//! A file as it came: found, opened, hashed while it is read, taken out of its gzip or zip wrapper.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use flate2::read::{DeflateDecoder, MultiGzDecoder};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Place};
use crate::file::{MinimumAge, hash_of, open_file};
use crate::limits::Limits;
use crate::suggest::similar;

/// A file that a supplier sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// How findings and marts speak of it.
    pub name: String,
    pub path: PathBuf,
    /// Sheet by name; it goes before the profile's choice.
    pub sheet: Option<String>,
    /// Another number of kept rows is refused.
    pub expected_rows: Option<u64>,
    pub minimum_age: Option<MinimumAge>,
}

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
}

const START_BYTES: u64 = 8192;

impl Delivery {
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
            sheet: None,
            expected_rows: None,
            minimum_age: None,
        }
    }

    pub(crate) fn place(&self) -> Place {
        let file = self.path.file_name().unwrap_or(self.path.as_os_str());
        Place {
            delivery: self.name.as_str().into(),
            file: file.to_string_lossy().into(),
            sheet: None,
        }
    }

    pub(crate) fn open(&self, limits: &Limits) -> Result<Opened, Error> {
        let place = self.place();
        let mut file = match open_file(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(self.not_found(place));
            }
            Err(source) => return Err(Error::Unopened { place, source }),
        };
        let metadata =
            file.metadata().map_err(|source| Error::Unopened { place: place.clone(), source })?;
        self.check_age(&metadata)?;
        if metadata.len() == 0 {
            return Err(Error::EmptyFile { place });
        }
        let broken = |source| Error::Broken { place: place.clone(), source };
        let mut magic = Vec::new();
        file.by_ref().take(4).read_to_end(&mut magic).map_err(broken)?;
        file.seek(SeekFrom::Start(0)).map_err(broken)?;
        let wrapper = wrapper(&magic, file, limits, &place)?;
        let mut opened = Opened {
            place,
            path: self.path.clone(),
            bytes: metadata.len(),
            wrapper,
            start: Vec::new(),
        };
        let mut start = Vec::new();
        let (content, _) = opened.content(limits)?;
        content
            .take(START_BYTES)
            .read_to_end(&mut start)
            .map_err(|source| opened.broken(source))?;
        opened.start = start;
        if opened.start.is_empty() {
            return Err(Error::EmptyFile { place: opened.place });
        }
        Ok(opened)
    }

    fn not_found(&self, place: Place) -> Error {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.map_or_else(|| PathBuf::from("."), PathBuf::from);
        let mut names: Vec<String> = std::fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        let similar = similar(&[&place.file], names.iter().map(String::as_str));
        Error::FileNotFound { place, folder: folder.display().to_string(), similar }
    }
}

fn wrapper(magic: &[u8], file: File, limits: &Limits, place: &Place) -> Result<Wrapper, Error> {
    if magic.starts_with(&[0x1f, 0x8b]) {
        return Ok(Wrapper::Gzip);
    }
    if !magic.starts_with(b"PK\x03\x04") && !magic.starts_with(b"PK\x05\x06") {
        return Ok(Wrapper::None);
    }
    let damaged = |what: String| Error::Damaged { place: place.clone(), what };
    let mut archive = zip::ZipArchive::new(file).map_err(|error| damaged(error.to_string()))?;
    check_archive(&mut archive, limits, place)?;
    let names: Vec<String> = (0..archive.len())
        .filter_map(|index| {
            archive.by_index_raw(index).ok().map(|entry| entry.name().map(|name| name.to_string()))
        })
        .flatten()
        .collect();
    // Workbooks and OpenDocument files are zip archives themselves.
    if names
        .iter()
        .any(|name| name == "[Content_Types].xml" || name == "mimetype" || name == "content.xml")
    {
        return Ok(Wrapper::None);
    }
    let mut files: Vec<&String> = names
        .iter()
        .filter(|name| {
            let last = name.rsplit('/').next().unwrap_or(name);
            !last.is_empty() && !last.starts_with('.') && !name.starts_with("__MACOSX/")
        })
        .collect();
    match (files.pop(), files.is_empty()) {
        (Some(name), true) => Ok(Wrapper::Zip(name.clone())),
        (None, _) => Err(Error::EmptyFile { place: place.clone() }),
        (Some(_), false) => Err(Error::WrongContainer {
            place: place.clone(),
            found: format!("a zip archive of {} files", files.len() + 1),
            expected: "one file in it",
            advice: "unpack it and name each file as a delivery of its own".to_owned(),
        }),
    }
}

/// Sizes as the archive's directory states them, against the limits.
pub(crate) fn check_archive<R: Read + Seek>(
    archive: &mut zip::ZipArchive<R>,
    limits: &Limits,
    place: &Place,
) -> Result<(), Error> {
    let limit = |what: &str, found: u64, limit: u64| Error::Limit {
        place: place.clone(),
        what: what.to_owned(),
        found,
        limit,
        advice:
            "a file of answers is far smaller; do not open it before you know where it comes from"
                .to_owned(),
    };
    if archive.len() > limits.archive_entries {
        return Err(limit(
            "files in the archive",
            archive.len() as u64,
            limits.archive_entries as u64,
        ));
    }
    let mut total: u64 = 0;
    for index in 0..archive.len() {
        let entry = archive
            .by_index_raw(index)
            .map_err(|error| Error::Damaged { place: place.clone(), what: error.to_string() })?;
        total = total.saturating_add(entry.size());
    }
    if total > limits.uncompressed_bytes {
        return Err(limit("uncompressed bytes", total, limits.uncompressed_bytes));
    }
    Ok(())
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
            return Err(io::Error::other("the bytes unpacked are not those that were packed"));
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
        let start = entry.data_start().ok_or_else(|| damaged("an entry without a place".into()))?;
        drop(entry);
        let mut file = archive.into_inner();
        file.seek(SeekFrom::Start(start)).map_err(|source| self.broken(source))?;
        let packed = io::BufReader::with_capacity(1 << 16, file.take(packed));
        let inner: Box<dyn Read + Send> = match method {
            zip::CompressionMethod::Stored => Box::new(packed),
            zip::CompressionMethod::Deflated => Box::new(DeflateDecoder::new(packed)),
            method => {
                return Err(damaged(format!("it is packed by a method unknown here: {method}")));
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
