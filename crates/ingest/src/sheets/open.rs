//! A delivered workbook's bytes, out of their wrapper.

use std::io::{BufReader, Cursor, Read};
use std::sync::Arc;

use workbook::{Format, Open, ReadSeek, Workbook};

use crate::error::{Error, WORKBOOK};
use crate::file::open_file;
use crate::limits::Limits;
use crate::opened::{Opened, Wrapper};

/// The delivery as a workbook whose list of sheets was read.
pub(crate) fn workbook<'a>(opened: &'a Opened, limits: &Limits) -> Result<Workbook<'a>, Error> {
    let book = Workbook::open(open(opened, limits)?, limits.workbook());
    book.map_err(|error| Error::of_workbook(&opened.place, error))
}

/// How the workbook is written.
pub(crate) fn format_of(opened: &Opened, limits: &Limits) -> Result<Format, Error> {
    let format = Workbook::format_of(&open(opened, limits)?, &limits.workbook());
    format.map_err(|error| Error::of_workbook(&opened.place, error))
}

fn open<'a>(opened: &'a Opened, limits: &Limits) -> Result<Open<'a>, Error> {
    if !workbook::is_workbook(&opened.start) {
        return Err(not_a_workbook(opened));
    }
    if opened.wrapper == Wrapper::None {
        return Ok(Box::new(|| {
            let file = BufReader::with_capacity(1 << 16, open_file(&opened.path)?);
            Ok(Box::new(file) as Box<dyn ReadSeek>)
        }));
    }
    // A workbook is read from its end: out of a wrapper it has to be in memory as a whole.
    let (mut bytes, limit) = (Vec::new(), limits.memory_bytes as u64 / 2);
    let (content, _) = opened.content(limits)?;
    content.take(limit + 1).read_to_end(&mut bytes).map_err(|source| opened.broken(source))?;
    let found = bytes.len() as u64;
    if found > limit {
        let what = "bytes of a packed workbook".to_owned();
        let error = workbook::Error::Limit { what, found, limit };
        return Err(Error::of_workbook(&opened.place, error));
    }
    let bytes: Arc<[u8]> = bytes.into();
    Ok(Box::new(move || Ok(Box::new(Cursor::new(Arc::clone(&bytes))) as Box<dyn ReadSeek>)))
}

fn not_a_workbook(opened: &Opened) -> Error {
    let is_markup = opened.start.trim_ascii_start().starts_with(b"<");
    let found = if is_markup { "a web page or XML" } else { "no workbook, perhaps delimited text" };
    Error::WrongContainer {
        place: opened.place.clone(),
        found: found.to_owned(),
        expected: WORKBOOK,
        advice: "choose a profile with container `csv`, or ask for a workbook".to_owned(),
    }
}
