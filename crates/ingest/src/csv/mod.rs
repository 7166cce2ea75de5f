//! Delimited text, in pieces that are read side by side.

mod encoding;
mod fill;
mod first_look;
mod head;
mod parse;
mod pieces;
mod quoted_rows;
mod segment;
mod signs;
mod tokenise;
mod whole;

use std::io::Read;

use config::ExportProfile;
use survey::{Raw, Severity};

use crate::assemble::{Assembly, Source};
use crate::classify::Classifier;
use crate::delivery::Opened;
use crate::error::{Error, Place};
use crate::findings::finding;
use crate::key::Key;
use crate::layout::Layout;
use crate::limits::Limits;
use crate::receipt::about;
use encoding::{Decision, Failure, Misfit, TextReader, decide};
use parse::Plan;
use pieces::read_pieces;
use segment::Segments;
use tokenise::Dialect;

pub(crate) use first_look::first_look;
pub(crate) use whole::{WholeRow, whole};

pub(crate) fn read(
    opened: &Opened,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
    mut assembly: Assembly<'_>,
) -> Result<Raw, Error> {
    check_profile(opened, profile)?;
    if crate::workbook::is_workbook(&opened.start) {
        return Err(Error::WrongContainer {
            place: opened.place.clone(),
            found: "a workbook".to_owned(),
            expected: "delimited text",
            advice: "choose a profile with container `workbook`, or save the sheet as CSV UTF-8"
                .to_owned(),
        });
    }
    let misfit = |misfit| wrong_encoding(&opened.place, profile, misfit);
    let decision = decide(profile.csv.encoding, &opened.start).map_err(misfit)?;
    let task = Task { opened, profile, key, limits };
    let source = match read_as(&task, &decision, &mut assembly) {
        Err(Stop::Misfit(found)) if decision.open => {
            let misfit_line = found.line;
            if is_utf8_up_to_misfit(opened, limits)? {
                let found = "bytes that are not UTF-8, below characters that are".to_owned().into();
                let advice =
                    "the file is damaged or pasted together of two; ask for UTF-8".to_owned();
                let expected = "one encoding in all of the file";
                let line = misfit_line;
                return Err(Error::WrongEncoding {
                    place: opened.place.clone(),
                    line,
                    found,
                    expected,
                    advice,
                });
            }
            let second = fall_back(opened, limits, &found)?;
            read_as(&task, &second, &mut assembly)
        }
        result => result,
    }
    .map_err(|stop| match stop {
        Stop::Misfit(found) => misfit(found),
        Stop::Error(error) => *error,
    })?;
    assembly.finish(source)
}

/// What reading a text needs besides the decision on its encoding.
struct Task<'a> {
    opened: &'a Opened,
    profile: &'a ExportProfile,
    key: &'a Key,
    limits: &'a Limits,
}

/// Whether characters beyond ASCII that are valid UTF-8 stand above the first bytes that are not.
fn is_utf8_up_to_misfit(opened: &Opened, limits: &Limits) -> Result<bool, Error> {
    let (mut content, _) = opened.content(limits)?;
    let mut rest = Vec::new();
    loop {
        let before = rest.len();
        content
            .by_ref()
            .take(1 << 18)
            .read_to_end(&mut rest)
            .map_err(|source| opened.broken(source))?;
        match std::str::from_utf8(&rest) {
            Ok(text) if !text.is_ascii() => return Ok(true),
            Err(error) if !rest[..error.valid_up_to()].is_ascii() => return Ok(true),
            Err(error) if error.error_len().is_some() => return Ok(false),
            _ if rest.len() == before => return Ok(false),
            Ok(text) => drop(rest.drain(..text.len())),
            Err(error) => drop(rest.drain(..error.valid_up_to())),
        }
    }
}

/// Windows-1252, with a guess over the first bytes, or where these are plain ASCII over those from the first sign beyond it on.
fn fall_back(opened: &Opened, limits: &Limits, misfit: &Misfit) -> Result<Decision, Error> {
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
        which = format!("{} bytes from its first sign beyond ASCII on", sample.len());
    }
    Ok(encoding::fall_back(&sample, &which, misfit))
}

/// Why a reading ended: for good, or because another encoding may do better.
enum Stop {
    Misfit(Misfit),
    Error(Box<Error>),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(Box::new(error))
    }
}

impl Opened {
    fn stop(&self, failure: Failure) -> Stop {
        match failure {
            Failure::Io(source) => self.broken(source).into(),
            Failure::Misfit(misfit) => Stop::Misfit(misfit),
        }
    }
}

fn read_as(
    task: &Task<'_>,
    decision: &Decision,
    assembly: &mut Assembly<'_>,
) -> Result<Source, Stop> {
    let Task { opened, profile, key, limits } = *task;
    let (content, digest) = opened.content(limits)?;
    let reader = TextReader::new(content, decision);
    let dialect = Dialect {
        delimiter: profile.csv.delimiter as u8,
        quote: profile.csv.quote as u8,
        newline: b'\n',
    };
    let mut segments = Segments::new(reader, dialect, limits.segment_bytes, limits.record_bytes);
    segments.grow().map_err(|failure| opened.stop(failure))?;
    let mut about = about(opened, profile, "csv");
    about.encoding = Some(decision.charset.name().to_owned());
    about.encoding_reason = Some(decision.reason.clone());
    let mut findings = Vec::new();
    if decision.charset == encoding::Charset::Windows1252
        && profile.csv.encoding != config::export::Encoding::Windows1252
    {
        let words =
            [decision.reason.as_str(), "UTF-8", "read as Windows-1252", "save it as CSV UTF-8"];
        findings.push(finding(&opened.place, "encoding_fallback", Severity::Info, words));
    }
    let head = head::head(opened, profile, limits, &mut segments, dialect)?;
    about.header_row = head.header_line;
    about.notes.extend(head.notes);
    let layout = Layout::new(&head.rows, profile);
    if layout.width() > limits.columns {
        let advice = "look for another delimiter".to_owned();
        return Err(
            limit(opened, "columns", layout.width() as u64, limits.columns as u64, advice).into()
        );
    }
    let classifier = Classifier::new(&profile.values);
    let plan =
        Plan { dialect: head.dialect, layout: &layout, classifier: &classifier, key, limits };
    assembly.begin(&opened.place, &layout, head.start, false)?;
    read_pieces(opened, &mut segments, &plan, head.start.line, assembly)?;
    if segments.has_end_mark() {
        about.notes.push("the end mark of DOS (control-Z) was left out".to_owned());
    }
    about.blake3 = match digest {
        Some(digest) => digest.hex(),
        None => opened.hash()?,
    };
    let header_sheet_row = head.header_sheet_row;
    Ok(Source { place: opened.place.clone(), about, findings, header_sheet_row })
}

fn limit(opened: &Opened, what: &str, found: u64, limit: u64, advice: String) -> Error {
    Error::Limit { place: opened.place.clone(), what: what.to_owned(), found, limit, advice }
}

fn wrong_encoding(place: &Place, profile: &ExportProfile, misfit: Misfit) -> Error {
    use config::export::Encoding;
    let expected = match profile.csv.encoding {
        Encoding::Detect => "UTF-8, UTF-16 or Windows-1252",
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf16 => "UTF-16",
        Encoding::Windows1252 => "Windows-1252",
        Encoding::Latin1 => "Latin-1",
    };
    wrong_encoding_of(place, expected, misfit)
}

fn wrong_encoding_of(place: &Place, expected: &'static str, misfit: Misfit) -> Error {
    let Misfit { line, found, mut advice } = misfit;
    if expected.contains(" or ") {
        "ask for UTF-8".clone_into(&mut advice);
    }
    Error::WrongEncoding { place: place.clone(), line, found: found.into(), expected, advice }
}

fn check_profile(opened: &Opened, profile: &ExportProfile) -> Result<(), Error> {
    let (delimiter, quote) = (profile.csv.delimiter, profile.csv.quote);
    let sign = |sign: char| sign.is_ascii() && !matches!(sign, '\n' | '\r');
    let what = if !sign(delimiter) || !sign(quote) {
        "has a delimiter or quote that is not one ASCII character"
    } else if delimiter == quote {
        "has the same sign for delimiter and quote"
    } else {
        return Ok(());
    };
    Err(Error::Profile {
        place: opened.place.clone(),
        profile: profile.profile.clone(),
        what: what.to_owned(),
    })
}
