//! The files of a project for some exports, as texts by their paths.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use survey::Wave;

use crate::codebook::{Counts, tables};
use crate::column::Role;
use crate::error::Error;
use crate::example;
use crate::file::{Export, file_stem};
use crate::profile::Profile;
use crate::request::Request;
use crate::settings::{self, Deliveries};
use crate::table::{free, header};

/// A project that is not written yet.
#[derive(Debug, Default)]
pub struct Draft {
    /// By path from the project's folder.
    pub files: BTreeMap<PathBuf, String>,
    /// What a person must know, a line a panel-wave.
    pub told: Vec<String>,
}

/// Looks at all exports and drafts the project; nothing is written.
pub fn draft(request: &Request) -> Result<Draft, Error> {
    let mut draft = Draft::default();
    if request.files.is_empty() {
        let path =
            PathBuf::from("deliveries").join(format!("{}.csv", example::name(request.this_year)));
        let text = example::export();
        draft.files.insert(path.clone(), text.clone());
        return example::with_file(&path, &text, |folder| {
            let files = vec![folder.join(&path)];
            project(&Request { files, ..request.clone() }, Some(&path), draft)
        });
    }
    project(request, None, draft)
}

/// `written`: where the one export will lie in the project, if it is part of it.
fn project(request: &Request, written: Option<&Path>, mut draft: Draft) -> Result<Draft, Error> {
    let panels = panels(request)?;
    let waves = waves(request)?;
    let mut seen = BTreeSet::new();
    for ((panel, wave), file) in panels.iter().zip(&waves).zip(&request.files) {
        if !seen.insert((panel, wave)) {
            return Err(Error::Flags {
                problem: format!(
                    "`{}` is the second file of {panel} {wave}: a panel-wave has one delivery",
                    file.display()
                ),
                hint: "name the panels or waves in the order of the files: `--panel NAME --panel NAME`, `--wave YEAR --wave YEAR`".to_owned(),
            });
        }
    }
    let mut exports = Vec::new();
    for ((file, panel), wave) in request.files.iter().zip(panels).zip(waves) {
        exports.push(Export::read(file, panel, wave, request)?);
    }
    named_apart(&mut exports);
    let counts = codebook(&exports, &mut draft);
    let profiles = profiles(&exports);
    for profile in profiles.values() {
        let path = PathBuf::from(format!("config/exports/{}.toml", profile.name));
        draft.files.insert(path, format!("{}{}", settings::PROFILE, profile.text));
    }
    let deliveries = Deliveries { exports: &exports, folder: &request.folder, written };
    draft.files.insert("pipelines/monitor.toml".into(), deliveries.pipeline());
    draft.files.insert("config/monitor.toml".into(), settings::monitor(&exports));
    draft.files.insert("config/draft.md".into(), settings::page(&exports, &profiles));
    for (name, schema) in
        config::schema::FILES.iter().filter_map(|(name, _)| Some((name, config::schema::of(name)?)))
    {
        let path = format!("config/schemas/{name}.json");
        draft.files.insert(path.into(), config::schema::text(&schema));
    }
    draft.files.insert("config/breakdowns.csv".into(), header(&config::tables::BREAKDOWNS));
    draft.files.insert("config/rules/rules.toml".into(), settings::RULES.to_owned());
    draft.files.insert("config/marts/README.md".into(), settings::MARTS.to_owned());
    for panel in exports.iter().map(|export| export.panel.as_str()).collect::<BTreeSet<_>>() {
        let path =
            |folder: &str, extension: &str| format!("config/{folder}/{panel}.{extension}").into();
        draft.files.insert(path("panels", "toml"), settings::panel(panel));
        draft.files.insert(path("targets", "csv"), header(&config::tables::TARGETS));
    }
    tell(&exports, counts, &mut draft);
    Ok(draft)
}

fn codebook(exports: &[Export], draft: &mut Draft) -> Counts {
    let tables = tables(exports);
    let all = [
        ("codebook/concepts", tables.concepts),
        ("codebook/answers", tables.answers),
        ("codebook/items", tables.items),
        ("codebook/crosswalks", tables.crosswalks),
        ("indicators", tables.indicators),
    ];
    for (name, text) in all {
        draft.files.insert(format!("config/{name}.csv").into(), text);
    }
    tables.counts
}

/// A profile a name; what any file has to drop, all that are read by it drop.
fn profiles(exports: &[Export]) -> BTreeMap<String, Profile> {
    let mut profiles: BTreeMap<String, Profile> = BTreeMap::new();
    for export in exports {
        let known = profiles.entry(export.profile.name.clone());
        let profile = known.or_insert_with(|| export.profile.clone());
        *profile = profile.dropping(&export.to_drop());
    }
    profiles
}

/// Proposed profiles of two files may differ under one name.
fn named_apart(exports: &mut [Export]) {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for export in exports {
        let name = free(&export.profile.name, |name| {
            known.get(name).is_some_and(|text| *text != export.profile.text)
        });
        known.insert(name.clone(), export.profile.text.clone());
        export.profile.name = name;
    }
}

fn tell(exports: &[Export], counts: Counts, draft: &mut Draft) {
    for export in exports {
        let left_out = export.columns.iter().filter(|one| matches!(one.role, Role::LeftOut(_)));
        draft.told.push(format!(
            "{} {}: {} rows by `{}`; {} columns, {} of them left out (config/draft.md says why)",
            export.panel,
            export.wave,
            export.rows,
            export.profile.name,
            export.columns.len(),
            left_out.count(),
        ));
        if !export.has_id {
            draft.told.push(format!(
                "warning: `{}` has no column of ids: the record's number is the id, so that nobody is recognised in another delivery",
                export.path.display()
            ));
        }
    }
    draft.told.push(format!("{} concepts, {} indicators", counts.concepts, counts.indicators));
}

const PANEL: &str = "respondents";

fn panels(request: &Request) -> Result<Vec<String>, Error> {
    let files = request.files.len();
    let panels = spread(&request.panels, files, "--panel")?;
    let panels = panels.unwrap_or_else(|| vec![PANEL.to_owned(); files]);
    match panels.iter().find(|panel| !config::name::is_name(panel)) {
        None => Ok(panels),
        Some(panel) => Err(Error::Flags {
            problem: format!("{panel:?} cannot name a panel"),
            hint: format!("a name is {}", config::name::GRAMMAR),
        }),
    }
}

fn waves(request: &Request) -> Result<Vec<Wave>, Error> {
    let files = request.files.len();
    let given = spread(&request.waves, files, "--wave")?;
    let found = |file: &PathBuf| year(&file_stem(file)).unwrap_or(request.this_year);
    Ok(given.unwrap_or_else(|| request.files.iter().map(found).collect()))
}

/// One for all, or one each.
fn spread<T: Clone>(given: &[T], files: usize, flag: &str) -> Result<Option<Vec<T>>, Error> {
    match given {
        [] => Ok(None),
        [one] => Ok(Some(vec![one.clone(); files])),
        several if several.len() == files => Ok(Some(several.to_vec())),
        several => Err(Error::Flags {
            problem: format!("`{flag}` is given {} times for {files} files", several.len()),
            hint: "once for all files, or once a file in their order".to_owned(),
        }),
    }
}

/// The last four digits of a name that are a year.
fn year(name: &str) -> Option<Wave> {
    let parts = name.split(|sign: char| !sign.is_ascii_digit());
    let mut years = parts.filter(|part| part.len() == 4).filter_map(|part| part.parse().ok());
    years.rfind(|year| (1950..=2100).contains(year))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_is_the_last_year_in_the_name() {
        assert_eq!(year("survey_2024_export"), Some(2024));
        assert_eq!(year("2019-2021"), Some(2021));
        assert_eq!(year("export_12345"), None);
        assert_eq!(year("survey"), None);
    }
}
