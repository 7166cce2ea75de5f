//! Which release readers see: a link and a pointer file, switched together or not at all.
//!
//! Two names cannot change in one instant. What is about to change is therefore written down first: whoever comes next ends
//! or undoes it, and knows a name that somebody else has set.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Damage, Error};
use crate::files::{self, Step};

/// Link that BI follows, where links are allowed.
pub const LINK: &str = "current";
/// File that names the current release, for readers without links.
pub const POINTER: &str = "current.txt";
/// Beside the releases: the last switch.
/// The folder of all releases among the marts.
pub(crate) const RELEASES: &str = "releases";
const RECORD: &str = ".switch.json";
/// Beside the releases: says that this file system knows no links.
const LINKLESS: &str = ".no-links";

/// What link and pointer say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signs {
    /// Where the link leads, as it is written in it.
    pub link: Option<PathBuf>,
    /// The pointer's text without the line end.
    pub pointer: Option<String>,
}

/// The last switch: from what to which release, and whether it came to its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Switch {
    from: Signs,
    pub to: String,
    pub done: bool,
}

impl Signs {
    /// What readers are told now; anything but a link and a file in these places is an error.
    pub fn read(marts: &Path) -> Result<Self, Error> {
        let (link, pointer) = (marts.join(LINK), marts.join(POINTER));
        let link_is = kind(&link)?;
        if link_is.is_some_and(|kind| !kind.is_symlink()) {
            return Err(Error::NotALink { path: link });
        }
        if kind(&pointer)?.is_some_and(|kind| !kind.is_file()) {
            return Err(Error::NotAPointer { path: pointer });
        }
        let text = match fs::read(&pointer) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).trim().to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::file(&pointer)(error)),
        };
        let link = link_is.map(|_| fs::read_link(&link).map_err(Error::file(&link))).transpose()?;
        Ok(Self { link, pointer: text })
    }

    /// Both name this release, as a switch writes them.
    fn of(marts: &Path, release: &str) -> Self {
        let linkless = marts.join(RELEASES).join(LINKLESS).exists();
        let link = (!linkless).then(|| Path::new(RELEASES).join(release));
        Self { link, pointer: Some(format!("{RELEASES}/{release}")) }
    }

    /// The release that a reader of the link sees, without a link that of the pointer.
    pub fn release(&self) -> Option<String> {
        self.link.as_deref().map_or_else(|| self.pointed(), name)
    }

    fn pointed(&self) -> Option<String> {
        self.pointer.as_deref().and_then(|text| name(Path::new(text)))
    }

    /// All releases that some reader sees.
    pub fn releases(&self) -> Vec<String> {
        self.link.as_deref().and_then(name).into_iter().chain(self.pointed()).collect()
    }

    /// What of them does not name this release.
    pub fn against(&self, marts: &Path, release: &str) -> Vec<Damage> {
        let expected = Self::of(marts, release);
        let shown =
            |sign: Option<String>| sign.map_or("nothing".to_owned(), |sign| format!("`{sign}`"));
        let link = |signs: &Self| shown(signs.link.as_ref().map(|link| link.display().to_string()));
        let pointer = |signs: &Self| shown(signs.pointer.clone());
        let signs =
            [(LINK, link(self), link(&expected)), (POINTER, pointer(self), pointer(&expected))];
        let differ = signs.into_iter().filter(|(_, found, expected)| found != expected);
        differ
            .map(|(file, found, expected)| Damage { file: file.to_owned(), found, expected })
            .collect()
    }

    fn write(&self, marts: &Path) -> Result<(), Error> {
        let (link, pointer) = (marts.join(LINK), marts.join(POINTER));
        match &self.link {
            Some(to) => files::replace_link(&link, to)?,
            None => files::remove(&link)?,
        }
        match &self.pointer {
            Some(text) => files::replace(&pointer, format!("{text}\n").as_bytes()),
            None => files::remove(&pointer),
        }
    }
}

/// The last part of `releases/NAME`.
fn name(path: &Path) -> Option<String> {
    path.file_name().map(|name| name.to_string_lossy().into_owned())
}

fn kind(path: &Path) -> Result<Option<fs::FileType>, Error> {
    match fs::symlink_metadata(path) {
        Ok(about) => Ok(Some(about.file_type())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file(path)(error)),
    }
}

fn record(marts: &Path) -> PathBuf {
    marts.join(RELEASES).join(RECORD)
}

impl Switch {
    /// The last switch, where there was one.
    pub fn last(marts: &Path) -> Result<Option<Self>, Error> {
        let path = record(marts);
        match fs::read(&path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::file(&path)(error)),
        }
    }

    fn write(&self, marts: &Path) -> Result<(), Error> {
        let path = record(marts);
        let text = serde_json::to_vec(self).map_err(|error| Error::file(&path)(error.into()))?;
        files::replace(&path, &text)
    }

    /// The release that readers see if nobody but peil touched link and pointer.
    pub fn expected(&self) -> Option<String> {
        if self.done { Some(self.to.clone()) } else { self.from.release() }
    }
}

/// Writes down what is about to be switched to.
pub(crate) fn note(marts: &Path, release: &str, step: Step<'_>) -> Result<(), Error> {
    let from = Signs::read(marts)?;
    files::step(step, "note the switch")?;
    Switch { from, to: release.to_owned(), done: false }.write(marts)
}

/// Readers see the release from here on, by the link and by the pointer; where one of them cannot be switched, neither is.
pub(crate) fn switch(marts: &Path, release: &str, step: Step<'_>) -> Result<(), Error> {
    note(marts, release, step)?;
    let from = Signs::read(marts)?;
    match switch_both(marts, release, step) {
        Ok(()) => {
            // Without it the next one finds both switched, and writes it down then.
            let _ = Switch { from, to: release.to_owned(), done: true }.write(marts);
            Ok(())
        }
        Err(error) => match from.write(marts) {
            Ok(()) => Err(error),
            Err(_) => {
                Err(Error::HalfSwitched { release: release.to_owned(), source: Box::new(error) })
            }
        },
    }
}

/// Both are on the disk under other names before the first of them is switched, so that a full disk stops neither.
fn switch_both(marts: &Path, release: &str, step: Step<'_>) -> Result<(), Error> {
    let to = format!("{RELEASES}/{release}");
    let pointer = files::Replacement::of_file(&marts.join(POINTER), format!("{to}\n").as_bytes())?;
    let link = files::Replacement::of_link(&marts.join(LINK), Path::new(&to))?;
    let linkless = marts.join(RELEASES).join(LINKLESS);
    files::step(step, "switch the link")?;
    match link {
        Some(link) => {
            files::remove(&linkless)?;
            link.place()?;
        }
        None => files::replace(&linkless, b"")?,
    }
    files::step(step, "switch the pointer")?;
    pointer.place()
}

/// No reader sees a release, and none is about to.
pub(crate) fn clear(marts: &Path) -> Result<(), Error> {
    Signs::default().write(marts)?;
    files::remove(&record(marts))
}

/// Whether a switch was cut off, or is under way, such that link or pointer is not what it was.
pub(crate) fn is_half_done(marts: &Path) -> Result<bool, Error> {
    let last = Switch::last(marts)?.filter(|last| !last.done);
    last.map_or(Ok(false), |last| Ok(Signs::read(marts)? != last.from))
}

/// Ends a switch that was cut off: one that reached both names is done, any other is undone. Gives the release that readers
/// were about to see where it was undone.
pub(crate) fn recover(marts: &Path) -> Result<Option<String>, Error> {
    let Some(last) = Switch::last(marts)?.filter(|last| !last.done) else { return Ok(None) };
    let signs = Signs::read(marts)?;
    if signs.against(marts, &last.to).is_empty() {
        Switch { done: true, ..last }.write(marts)?;
        return Ok(None);
    }
    if signs == last.from {
        return Ok(None);
    }
    last.from.write(marts)?;
    Ok(Some(last.to))
}
