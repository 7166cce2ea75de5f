//! Why a reading of a text ends, and what else may be tried.

use std::io::Read;

use config::ExportProfile;
use config::export::Encoding;
use workbook::text::{Decision, Declared, Failure, Misfit};

use crate::error::{Error, Place};
use crate::limits::Limits;
use crate::opened::Opened;

/// Why a reading ended: for good, or because another encoding may do better.
pub(crate) enum Stop {
    Misfit(Misfit),
    Error(Box<Error>),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(Box::new(error))
    }
}

impl Opened {
    pub(crate) fn stop(&self, failure: Failure) -> Stop {
        match failure {
            Failure::Io(source) => self.broken(source).into(),
            Failure::Misfit(misfit) => Stop::Misfit(misfit),
        }
    }
}

impl Stop {
    /// As an error, where no other encoding is left to try.
    pub(crate) fn into_error(self, of_misfit: impl FnOnce(Misfit) -> Error) -> Error {
        match self {
            Self::Misfit(misfit) => of_misfit(misfit),
            Self::Error(error) => *error,
        }
    }
}

/// What the profile says of the encoding.
pub(crate) fn declared(encoding: Encoding) -> Declared {
    match encoding {
        Encoding::Detect => Declared::Unknown,
        Encoding::Utf8 => Declared::Utf8,
        Encoding::Utf16 => Declared::Utf16,
        Encoding::Windows1252 => Declared::Windows1252,
        Encoding::Latin1 => Declared::Latin1,
    }
}

/// Windows-1252, with a guess over the first bytes, or where these are plain ASCII over those from the first sign beyond it on.
pub(crate) fn fall_back(
    opened: &Opened,
    limits: &Limits,
    misfit: &Misfit,
) -> Result<Decision, Error> {
    let wanted = opened.start.len();
    let (mut sample, mut which) = (opened.start.clone(), format!("the first {wanted} bytes"));
    if sample.is_ascii() {
        let (mut content, _) = opened.content(limits)?;
        let mut read_on = |bytes: &mut Vec<u8>, many: usize| {
            content.by_ref().take(many as u64).read_to_end(bytes)
        };
        let mut look = || -> std::io::Result<Vec<u8>> {
            let mut piece = Vec::new();
            while read_on(&mut piece, 1 << 18)? > 0 {
                if let Some(at) = piece.iter().position(|byte| !byte.is_ascii()) {
                    piece.drain(..at);
                    read_on(&mut piece, wanted)?;
                    break;
                }
                piece.clear();
            }
            piece.truncate(wanted);
            Ok(piece)
        };
        sample = look().map_err(|source| opened.broken(source))?;
        which = format!("{} bytes from its first non-ASCII character on", sample.len());
    }
    Ok(workbook::text::fall_back(&sample, &which, misfit))
}

pub(super) fn limit(opened: &Opened, what: &str, found: u64, limit: u64, advice: String) -> Error {
    Error::Limit { place: opened.place.clone(), what: what.to_owned(), found, limit, advice }
}

pub(crate) fn wrong_encoding(place: &Place, profile: &ExportProfile, misfit: Misfit) -> Error {
    let expected = match profile.csv.encoding {
        Encoding::Detect => "UTF-8, UTF-16 or Windows-1252",
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf16 => "UTF-16",
        Encoding::Windows1252 => "Windows-1252",
        Encoding::Latin1 => "Latin-1",
    };
    wrong_encoding_of(place, expected, misfit)
}

pub(crate) fn wrong_encoding_of(place: &Place, expected: &'static str, misfit: Misfit) -> Error {
    let Misfit { line, found, mut advice } = misfit;
    if expected.contains(" or ") {
        "ask for UTF-8".clone_into(&mut advice);
    }
    Error::WrongEncoding { place: place.clone(), line, found: found.into(), expected, advice }
}
