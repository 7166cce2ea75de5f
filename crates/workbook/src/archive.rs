//! The parts of a workbook in its zip archive, their sizes checked in the directory before any is unpacked.

use std::io::{self, Read, Seek};

use zip::ZipArchive;

use crate::ahead::ReadAhead;
use crate::error::Error;
use crate::limits::Limits;

/// Where a workbook's bytes are read from.
pub trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// Opens a workbook's bytes, as often as it is called.
pub type Open<'a> = Box<dyn Fn() -> io::Result<Box<dyn ReadSeek>> + 'a>;

pub(crate) type Archive = ZipArchive<Box<dyn ReadSeek>>;

pub(crate) fn open(reader: Box<dyn ReadSeek>) -> Result<Archive, Error> {
    ZipArchive::new(reader).map_err(|error| Error::Damaged(error.to_string()))
}

/// Compares the number of parts and their sizes, as the archive's directory states them, with the limits.
pub fn check_archive<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    limits: &Limits,
) -> Result<(), Error> {
    let (found, limit) = (archive.len() as u64, limits.archive_entries as u64);
    if found > limit {
        return Err(Error::limit("files in the archive", found, limit));
    }
    let mut total: u64 = 0;
    for index in 0..archive.len() {
        let entry =
            archive.by_index_raw(index).map_err(|error| Error::Damaged(error.to_string()))?;
        total = total.saturating_add(entry.size());
    }
    if total > limits.uncompressed_bytes {
        return Err(Error::limit("uncompressed bytes", total, limits.uncompressed_bytes));
    }
    Ok(())
}

/// The path of a part by its name, whatever its case and kind of slash.
pub fn path_of<R: Read + Seek>(archive: &ZipArchive<R>, wanted: &str) -> Option<String> {
    let plain = |name: &str| name.replace('\\', "/").trim_start_matches('/').to_lowercase();
    let wanted = plain(wanted);
    archive
        .file_names()
        .flatten()
        .find(|name| plain(name) == wanted)
        .map(std::borrow::Cow::into_owned)
}

/// A part's bytes; none where there is no such part.
pub(crate) fn part<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    wanted: &str,
    limits: &Limits,
) -> Result<Option<Vec<u8>>, Error> {
    let Some(path) = path_of(archive, wanted) else { return Ok(None) };
    let entry = archive.by_name(&path).map_err(|error| error.to_string())?;
    let stated = entry.size();
    if stated > limits.memory_bytes {
        let what = format!("bytes in `{wanted}`");
        return Err(Error::limit(what, stated, limits.memory_bytes));
    }
    let mut bytes = Vec::new();
    // A directory that lies about sizes is not followed further than it says.
    entry.take(stated + 1).read_to_end(&mut bytes).map_err(|error| format!("{wanted}: {error}"))?;
    if bytes.len() as u64 > stated {
        return Err(format!("{wanted}: more bytes than its directory says").into());
    }
    Ok(Some(bytes))
}

/// The path of a sheet's part in the archive.
pub(crate) fn path_of_sheet(archive: &Archive, path: Option<&String>) -> Result<String, Error> {
    let path = path.ok_or_else(|| "it has no part in the workbook".to_owned())?;
    Ok(path_of(archive, path).ok_or_else(|| "its part is missing".to_owned())?)
}

/// A part that is read bit by bit, no further than the archive's directory says.
pub(crate) fn streamed<'a>(
    archive: &'a mut Archive,
    path: &str,
) -> Result<impl Read + use<'a>, Error> {
    let part = archive.by_name(path).map_err(|error| Error::Damaged(error.to_string()))?;
    let stated = part.size();
    Ok(part.take(stated.saturating_add(1)))
}

/// Whether a part has so many bytes that reading it ahead is worth a thread.
pub(crate) fn is_long(archive: &mut Archive, path: &str) -> bool {
    const LONG: u64 = 1 << 20;
    archive.by_name(path).is_ok_and(|part| part.size() >= LONG)
}

/// As `streamed`, unpacked by a thread of its own out of an archive of its own.
pub(crate) fn streamed_ahead(mut archive: Archive, path: String) -> io::Result<ReadAhead> {
    ReadAhead::new(move |read| match streamed(&mut archive, &path) {
        Ok(mut part) => read(Ok(&mut part)),
        Err(error) => read(Err(io::Error::other(error))),
    })
}
