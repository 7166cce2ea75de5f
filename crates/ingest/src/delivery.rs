//! A file as it came: found and opened, if it may be read.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use survey::header::visible;

use crate::error::{Error, Place};
use crate::file::{MinimumAge, open_file};
use crate::header::KnownHeaders;
use crate::limits::Limits;
use crate::names::similar;
use crate::opened::{Opened, Wrapper};

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
    /// What the codebook calls its columns.
    #[serde(default)]
    pub headers: KnownHeaders,
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
            headers: KnownHeaders::default(),
        }
    }

    pub(crate) fn place(&self) -> Place {
        let file = self.path.file_name().unwrap_or(self.path.as_os_str());
        Place {
            delivery: self.name.as_str().into(),
            file: visible(&file.to_string_lossy()).into(),
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
            headers: self.headers.clone(),
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

    /// Refuses a file that was changed a moment ago.
    pub(crate) fn check_age(&self, metadata: &Metadata) -> Result<(), Error> {
        let (Some(minimum), Ok(modified)) = (self.minimum_age, metadata.modified()) else {
            return Ok(());
        };
        // A file from the future is one of a wrong clock: it may be new.
        let age = minimum.now.duration_since(modified).unwrap_or_default();
        if age >= minimum.age {
            return Ok(());
        }
        let (found, expected) = (age.as_secs(), minimum.age.as_secs());
        Err(Error::TooYoung { place: self.place(), found, expected })
    }

    pub(crate) fn check_rows(&self, found: u64) -> Result<(), Error> {
        match self.expected_rows {
            Some(expected) if expected != found => {
                Err(Error::UnexpectedRows { place: self.place(), found, expected })
            }
            _ => Ok(()),
        }
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
    workbook::check_archive(&mut archive, &limits.workbook())
        .map_err(|error| Error::of_archive(place, error))?;
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
            advice: "unpack it and add each file as a delivery".to_owned(),
        }),
    }
}
