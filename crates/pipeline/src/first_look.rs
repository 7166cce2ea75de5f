//! A first look at a file that no pipeline names: by a profile, or by whichever known one fits; inside a project and outside one.

use std::path::{Path, PathBuf};

use ingest::{Delivery, Known, Look};
use survey::codebook::Codebook;
use survey::config::{Configuration, ExportProfile, LimitsSpec};

use crate::error::{Error, StageError};
use crate::reading::Reading;
use crate::step::Step;

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

struct Holds {
    profiles: Vec<ExportProfile>,
    codebook: Option<Codebook>,
    note: Option<String>,
}

pub fn first_look(request: &LookRequest) -> Result<FirstLook, Error> {
    let holds = Holds::of(request.config.as_deref())?;
    let asked = request.profile.as_deref().map(|name| holds.profile(name, request)).transpose()?;
    let profiles: Vec<&ExportProfile> = holds.profiles.iter().collect();
    let codebook = holds.codebook.as_ref();
    let known = Known { profiles: &profiles, codebook, read_twice: request.read_twice };
    let name = request.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let delivery = Delivery { sheet: request.sheet.clone(), ..Delivery::new(&name, &request.file) };
    let spec = LimitsSpec { memory_mib: request.memory_mib, ..LimitsSpec::default() };
    let limits = Reading::of(&spec, 1).limits;
    let look = ingest::look_within(&delivery, &known, asked.as_ref(), &limits);
    let look = look.map_err(|error| Error::Stage {
        step: Step::ingest(&name),
        error: StageError::from(error),
    })?;
    Ok(FirstLook { look, note: holds.note })
}

impl Holds {
    fn of(config: Option<&Path>) -> Result<Self, Error> {
        let usual = Path::new("config");
        let folder = config.or_else(|| usual.is_dir().then_some(usual));
        let Some(folder) = folder else {
            let note = "there is no folder `config` here: the profiles that come with peil are tried, and there is no codebook";
            return Ok(Self::shipped(note.to_owned()));
        };
        match Configuration::load(folder) {
            Ok(configuration) => Ok(Self {
                profiles: configuration.exports.into_values().collect(),
                codebook: Some(configuration.codebook),
                note: None,
            }),
            Err(mistakes) if config.is_some() => Err(Error::Configuration(mistakes)),
            Err(mistakes) => Ok(Self::shipped(format!(
                "the folder `config` has {} mistakes (`peil check` lists them): the profiles that come with peil are tried, and there is no codebook",
                mistakes.len()
            ))),
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

/// The files of config/exports as they were when the program was built.
fn shipped_profiles() -> Vec<ExportProfile> {
    SHIPPED.iter().filter_map(|(name, text)| ExportProfile::parse(name, text).ok()).collect()
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../config/exports/", $name, ".toml")))),*]
    };
}

const SHIPPED: [(&str, &str); 23] = shipped![
    "castor_csv",
    "excel_en_csv",
    "excel_en_tsv",
    "excel_en_xlsx",
    "excel_nl_csv",
    "excel_nl_tsv",
    "excel_two_headers_xlsx",
    "excel_xlsx",
    "limesurvey_csv",
    "limesurvey_labels_csv",
    "limesurvey_spss_csv",
    "limesurvey_text_csv",
    "microsoft_forms_en_xlsx",
    "microsoft_forms_nl_xlsx",
    "qualtrics_csv",
    "qualtrics_legacy_csv",
    "qualtrics_tsv",
    "qualtrics_xlsx",
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
