//! Delimited text, in pieces that are read side by side.

mod fill;
pub(crate) mod head;
mod parse;
mod pieces;
mod plan;
pub(crate) mod stop;

use std::io::Read;

use config::ExportProfile;
use config::export::Encoding;
use survey::{Code, Raw, Severity};
use workbook::text::{Charset, Decision, Dialect, Segments, TextReader, decide};

use crate::assemble::{Assembly, Source};
use crate::classify::Classifier;
use crate::error::Error;
use crate::findings::finding;
use crate::key::Key;
use crate::layout::Layout;
use crate::limits::Limits;
use crate::opened::Opened;
use crate::receipt::about;
use pieces::read_pieces;
use plan::Plan;
use stop::{Stop, declared, fall_back, limit, wrong_encoding};

pub(crate) fn read(
    opened: &Opened,
    profile: &ExportProfile,
    key: &Key,
    limits: &Limits,
    mut assembly: Assembly<'_>,
) -> Result<Raw, Error> {
    check_profile(opened, profile)?;
    if workbook::is_workbook(&opened.start) {
        return Err(Error::WrongContainer {
            place: opened.place.clone(),
            found: "a workbook".to_owned(),
            expected: "delimited text",
            advice: "choose a profile with container `workbook`, or save the sheet as CSV UTF-8"
                .to_owned(),
        });
    }
    let misfit = |misfit| wrong_encoding(&opened.place, profile, misfit);
    let decision = decide(declared(profile.csv.encoding), &opened.start).map_err(misfit)?;
    let task = Task { opened, profile, key, limits };
    let source = match read_as(&task, &decision, &mut assembly) {
        Err(Stop::Misfit(found)) if decision.open => {
            let misfit_line = found.line;
            if is_utf8_up_to_misfit(opened, limits)? {
                let found = "bytes that are not UTF-8, below characters that are".to_owned().into();
                let advice =
                    "the file is damaged or was pasted together from two files; ask for UTF-8"
                        .to_owned();
                let expected = "one encoding throughout the file";
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
    .map_err(|stop| stop.into_error(misfit))?;
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
    if decision.charset == Charset::Windows1252 && profile.csv.encoding != Encoding::Windows1252 {
        let words =
            [decision.reason.as_str(), "UTF-8", "read as Windows-1252", "save it as CSV UTF-8"];
        findings.push(finding(&opened.place, Code::EncodingFallback, Severity::Info, words));
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
        about.notes.push("the DOS end-of-file mark (Ctrl-Z) was left out".to_owned());
    }
    about.blake3 = match digest {
        Some(digest) => digest.hex(),
        None => opened.hash()?,
    };
    let header_sheet_row = head.header_sheet_row;
    Ok(Source { place: opened.place.clone(), about, findings, header_sheet_row })
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
