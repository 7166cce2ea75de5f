//! A first look at a file that no pipeline names: by a profile, or by whichever known one fits; inside a project and outside one.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use config::{Configuration, ExportProfile, LimitsSpec};
use ingest::{Delivery, Known, Look};
use store::Step;
use survey::codebook::Codebook;
use survey::header::visible;

use crate::error::{Error, StageError};
use crate::reading::Reading;

/// What to look at, and with what.
#[derive(Debug, Clone)]
pub struct LookRequest {
    pub file: PathBuf,
    /// A name of config/exports, or a path to a profile's own file.
    pub profile: Option<String>,
    /// Without it: the folder `config` where there is one.
    pub config: Option<PathBuf>,
    pub sheet: Option<String>,
    /// What the reading may hold in memory; as usual where it is left out.
    pub memory_mib: Option<u64>,
    /// Whether calamine reads a workbook too.
    pub read_twice: bool,
}

/// The look, and what a person must know of how it came about.
#[derive(Debug)]
pub struct FirstLook {
    pub look: Look,
    pub note: Option<String>,
}

/// The look as people read it.
pub fn page(look: &Look) -> String {
    ingest::look_text(look)
}

/// Rows in which a header is looked for by eye.
const ROWS_SHOWN: usize = 5;

/// The first rows of the file as they stand, for somebody who may see answers; a cell a line.
pub fn header_page(request: &LookRequest) -> Result<String, Error> {
    let (delivery, limits) = request.delivery();
    let rows = ingest::first_rows(&delivery, &limits, ROWS_SHOWN);
    let rows = rows.map_err(|error| Error::Stage {
        step: Step::ingest(&delivery.name),
        error: StageError::from(error),
    })?;
    let mut page = String::from("The first rows as they stand in the file; they may be answers\n");
    for (number, row) in rows {
        let _ = writeln!(page, "  row {number}");
        for (place, text) in row.iter().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            let letters = survey::cell::column_letters(place as u32);
            let _ = writeln!(page, "    {letters:<4}{}", visible(text));
        }
    }
    Ok(page + "\n")
}

impl LookRequest {
    fn delivery(&self) -> (Delivery, ingest::Limits) {
        let name = self.file.file_stem().unwrap_or_default().to_string_lossy();
        let name = visible(&name).into_owned();
        let delivery =
            Delivery { sheet: self.sheet.clone(), ..Delivery::new(name, self.file.clone()) };
        let spec = LimitsSpec { memory_mib: self.memory_mib, ..LimitsSpec::default() };
        (delivery, Reading::of(&spec, 1).limits)
    }
}

struct Holds {
    profiles: Vec<ExportProfile>,
    codebook: Option<Codebook>,
    note: Option<String>,
}

pub fn first_look(request: &LookRequest) -> Result<FirstLook, Error> {
    let holds = Holds::of(request.config.as_deref(), request.profile.is_some())?;
    let asked = request.profile.as_deref().map(|name| holds.profile(name, request)).transpose()?;
    let profiles: Vec<&ExportProfile> = holds.profiles.iter().collect();
    let codebook = holds.codebook.as_ref();
    let known = Known { profiles: &profiles, codebook, read_twice: request.read_twice };
    let (delivery, limits) = request.delivery();
    let look = ingest::look_within(&delivery, &known, asked.as_ref(), &limits);
    let look = look.map_err(|error| Error::Stage {
        step: Step::ingest(&delivery.name),
        error: StageError::from(error),
    })?;
    Ok(FirstLook { look, note: holds.note })
}

impl Holds {
    /// The project's profiles, and those that come with peil; where a profile is asked for, mistakes elsewhere do not matter.
    fn of(config: Option<&Path>, is_asked_for: bool) -> Result<Self, Error> {
        let usual = Path::new("config");
        let folder = config.or_else(|| usual.is_dir().then_some(usual));
        let Some(folder) = folder else {
            let note = "there is no project here: the profiles that come with peil are tried, and there is no codebook; `peil init FILE` begins a project from the file";
            return Ok(Self::shipped(note.to_owned()));
        };
        match Configuration::load(folder) {
            Ok(configuration) => Ok(Self {
                profiles: with_shipped(configuration.exports.into_values().collect()),
                codebook: Some(configuration.codebook),
                note: None,
            }),
            Err(mistakes) if config.is_some() && !is_asked_for => {
                Err(Error::Configuration(mistakes))
            }
            Err(mistakes) => Ok(Self {
                profiles: with_shipped(readable_profiles(&folder.join("exports"))),
                codebook: None,
                note: Some(format!(
                    "the configuration has {} mistakes (`peil check` lists them): its profiles that can be read and those that come with peil are tried, and there is no codebook",
                    mistakes.len()
                )),
            }),
        }
    }

    fn shipped(note: String) -> Self {
        Self { profiles: shipped_profiles(), codebook: None, note: Some(note) }
    }

    fn profile(&self, name: &str, request: &LookRequest) -> Result<ExportProfile, Error> {
        if Path::new(name).extension().is_some_and(|extension| extension == "toml") {
            return ExportProfile::load(Path::new(name)).map_err(Error::Configuration);
        }
        let known = self.profiles.iter().find(|profile| profile.profile == name);
        known.cloned().ok_or_else(|| {
            let folder = request.config.as_deref().unwrap_or(Path::new("config"));
            let there: Vec<String> =
                self.profiles.iter().map(|profile| format!("`{}`", profile.profile)).collect();
            Error::Settings {
                path: folder.join("exports").join(format!("{name}.toml")),
                problem: "there is no such export profile".to_owned(),
                hint: format!(
                    "there is: {}; or leave `--profile` out, and each is tried",
                    there.join(", ")
                ),
            }
        })
    }
}

/// A project's own profiles, then those that come with peil under other names.
fn with_shipped(mut own: Vec<ExportProfile>) -> Vec<ExportProfile> {
    let names: BTreeSet<String> = own.iter().map(|profile| profile.profile.clone()).collect();
    own.extend(shipped_profiles().into_iter().filter(|shipped| !names.contains(&shipped.profile)));
    own
}

/// Profiles of a folder in which others may have mistakes.
fn readable_profiles(folder: &Path) -> Vec<ExportProfile> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = files.map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files.iter().filter_map(|file| ExportProfile::load(file).ok()).collect()
}

/// The text of a profile that comes with peil.
pub fn shipped_text(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The files of config/exports as they were when the program was built.
pub fn shipped_profiles() -> Vec<ExportProfile> {
    SHIPPED.iter().filter_map(|(name, text)| ExportProfile::parse(name, text).ok()).collect()
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../config/exports/", $name, ".toml")))),*]
    };
}

const SHIPPED: [(&str, &str); 28] = shipped![
    "castor_csv",
    "excel_en_csv",
    "excel_en_tsv",
    "excel_en_xlsx",
    "excel_nl_csv",
    "excel_nl_tsv",
    "excel_two_headers_xlsx",
    "excel_xlsx",
    "google_forms_csv",
    "kobo_csv",
    "kobo_xlsx",
    "limesurvey_csv",
    "limesurvey_labels_csv",
    "limesurvey_spss_csv",
    "limesurvey_text_csv",
    "microsoft_forms_en_xlsx",
    "microsoft_forms_nl_xlsx",
    "odk_csv",
    "qualtrics_csv",
    "qualtrics_legacy_csv",
    "qualtrics_tsv",
    "qualtrics_xlsx",
    "redcap_csv",
    "spss_csv",
    "spss_en_csv",
    "spss_xlsx",
    "surveymonkey_csv",
    "surveymonkey_xlsx",
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;

    #[test]
    fn all_profiles_of_the_folder_come_with_the_program_and_can_be_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/exports");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        there.sort();
        let shipped: Vec<String> =
            shipped_profiles().into_iter().map(|profile| profile.profile).collect();
        assert_eq!(shipped, there);
    }
}
