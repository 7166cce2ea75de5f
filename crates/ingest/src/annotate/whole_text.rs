//! A delimited text with all its records, for the copy that goes back to its supplier.

use config::ExportProfile;
use workbook::text::{Decision, Misfit, TextReader, TextRow, all_rows, count, decide};

use crate::delimited::stop::{Stop, declared, fall_back, wrong_encoding};
use crate::error::Error;
use crate::limits::Limits;
use crate::opened::Opened;

const PIECE_BYTES: usize = 1 << 20;

/// All records, headers and footers too.
pub(super) fn rows_of(
    opened: &Opened,
    profile: &ExportProfile,
    limits: &Limits,
) -> Result<Vec<TextRow>, Error> {
    let decision = decide(declared(profile.csv.encoding), &opened.start)
        .map_err(|misfit| wrong_encoding(&opened.place, profile, misfit))?;
    let text = match text(opened, limits, &decision) {
        Err(Stop::Misfit(found)) if decision.open => {
            text(opened, limits, &fall_back(opened, limits, &found)?)
        }
        result => result,
    };
    let text = text
        .map_err(|stop| stop.into_error(|misfit| wrong_encoding(&opened.place, profile, misfit)))?;
    let (delimiter, quote) = (profile.csv.delimiter as u8, profile.csv.quote as u8);
    all_rows(&text, delimiter, quote).map_err(|unclosed| Error::QuoteNeverClosed {
        place: opened.place.clone(),
        line: unclosed.line,
    })
}

/// The file as UTF-8.
fn text(opened: &Opened, limits: &Limits, decision: &Decision) -> Result<Vec<u8>, Stop> {
    let (content, _) = opened.content(limits)?;
    let mut reader = TextReader::new(content, decision);
    let mut text = Vec::new();
    while reader.fill(&mut text, PIECE_BYTES).map_err(|failure| opened.stop(failure))? {}
    if let Err(error) = std::str::from_utf8(&text) {
        let line = 1 + count(&text[..error.valid_up_to()], b'\n');
        return Err(Stop::Misfit(Misfit {
            line,
            found: "bytes that are not UTF-8".to_owned(),
            advice: String::new(),
        }));
    }
    Ok(text)
}
