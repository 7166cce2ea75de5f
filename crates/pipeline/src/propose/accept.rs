//! Accepted rows go into the configuration: checked as a whole first, then written so that every state in between is a right one.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ::propose::accept::{DraftTexts, Merged, Tables, accept as merge};
use config::{Configuration, Mistake, PipelineFile, toml_file};
use store::files;
use survey::Wave;

use super::{CROSSWALKS, DELIVERY, ITEMS, TARGETS, settings};
use crate::error::Error;

/// What was taken over.
#[derive(Debug)]
pub struct Accepted {
    pub merged: Merged,
    /// Files that were changed.
    pub files: Vec<PathBuf>,
    /// Waves that monitor.toml has now.
    pub waves: Vec<Wave>,
    /// The delivery that the pipeline file has now.
    pub delivery: Option<String>,
    /// Reservations of the configuration about what is new.
    pub warnings: Vec<Mistake>,
}

/// Takes over the rows of a draft that were accepted or pass the bar; refuses what would clash, and then changes nothing.
pub fn accept(folder: &Path, pipeline: &Path, bar: f64) -> Result<Accepted, Error> {
    let config = PipelineFile::config_folder(pipeline).map_err(Error::Configuration)?;
    let configuration = Configuration::load(&config).map_err(Error::Configuration)?;
    let before = PipelineFile::load(pipeline, &configuration).map_err(Error::Configuration)?;
    let paths = [ITEMS, CROSSWALKS, TARGETS, DELIVERY].map(|name| folder.join(name));
    let mut texts = Vec::new();
    for path in &paths {
        texts.push(fs::read_to_string(path).map_err(|error| {
            settings(
                path,
                &format!("cannot be read: {error}"),
                "name the folder that `peil propose FILE` wrote; save its tables as \"CSV UTF-8\"",
            )
        })?);
    }
    let draft = DraftTexts {
        items: (&paths[0], &texts[0]),
        crosswalks: (&paths[1], &texts[1]),
        targets: (&paths[2], &texts[2]),
    };
    let tables = tables(&config, &configuration)?;
    let merged = merge(&draft, &configuration, &tables, bar).map_err(Error::Configuration)?;
    let mut changes = Changes::default();
    let path = |name: &str| config.join("codebook").join(name);
    changes.add(path("crosswalks.csv"), &tables.crosswalks, &merged.tables.crosswalks);
    let waves = changes.waves(&config, &configuration, &merged)?;
    for (panel, text) in &merged.tables.targets {
        let old = tables.targets.get(panel).map_or("", String::as_str);
        changes.add(config.join("targets").join(format!("{panel}.csv")), old, text);
    }
    changes.add(path("items.csv"), &tables.items, &merged.tables.items);
    let delivery = changes.delivery(pipeline, &before, (&paths[3], &texts[3]), &merged)?;
    let warnings = changes.check(&config, &configuration, pipeline)?;
    let files = changes.write()?;
    Ok(Accepted { merged, files, waves, delivery, warnings })
}

fn tables(config: &Path, configuration: &Configuration) -> Result<Tables, Error> {
    let read = |path: PathBuf| {
        fs::read_to_string(&path)
            .map_err(|error| settings(&path, &error.to_string(), "make it readable"))
    };
    let mut targets = BTreeMap::new();
    for panel in configuration.panels.keys() {
        let path = config.join("targets").join(format!("{panel}.csv"));
        if path.exists() {
            targets.insert(panel.clone(), read(path)?);
        }
    }
    Ok(Tables {
        items: read(config.join("codebook/items.csv"))?,
        crosswalks: read(config.join("codebook/crosswalks.csv"))?,
        targets,
    })
}

/// New texts of files, in the order in which they are written: after each of them the configuration is a right one.
#[derive(Debug, Default)]
struct Changes(Vec<Change>);

#[derive(Debug)]
struct Change {
    path: PathBuf,
    /// None where the file is new.
    old: Option<String>,
    new: String,
}

impl Changes {
    fn add(&mut self, path: PathBuf, old: &str, new: &str) {
        if old != new {
            let old = path.exists().then(|| old.to_owned());
            self.0.push(Change { path, old, new: new.to_owned() });
        }
    }

    /// Adds the waves of the taken items to monitor.toml.
    fn waves(
        &mut self,
        config: &Path,
        configuration: &Configuration,
        merged: &Merged,
    ) -> Result<Vec<Wave>, Error> {
        let mut waves: Vec<Wave> = merged.waves.iter().map(|(_, wave)| *wave).collect();
        waves.sort_unstable();
        waves.dedup();
        let known: Vec<Wave> = configuration.monitor.waves().collect();
        waves.retain(|wave| !known.contains(wave));
        if waves.is_empty() {
            return Ok(waves);
        }
        let path = config.join("monitor.toml");
        let old = fs::read_to_string(&path);
        let old = old.map_err(|error| settings(&path, &error.to_string(), "make it readable"))?;
        let new = with_waves(&old, &waves).ok_or_else(|| {
            let all: Vec<String> = waves.iter().map(ToString::to_string).collect();
            let hint = format!("add {} to `waves` by hand, then accept again", all.join(", "));
            settings(&path, "the line `waves = [...]` was not found", &hint)
        })?;
        self.add(path, &old, &new);
        Ok(waves)
    }

    /// Adds the delivery to the pipeline file, where something of it is taken and it is not there.
    fn delivery(
        &mut self,
        pipeline: &Path,
        before: &PipelineFile,
        (path, entry): (&Path, &str),
        merged: &Merged,
    ) -> Result<Option<String>, Error> {
        if entry.trim().is_empty() || merged.waves.is_empty() {
            return Ok(None);
        }
        let parsed: Entry = toml_file::parse(path, entry).map_err(Error::Configuration)?;
        let [spec] = parsed.delivery.as_slice() else {
            return Err(settings(
                path,
                "expected one `[[delivery]]`",
                "leave the file empty to add none",
            ));
        };
        let same = before.deliveries.iter().find(|other| other.name == spec.name);
        match same {
            Some(other)
                if (other.wave, &other.panels, &other.profile)
                    == (spec.wave, &spec.panels, &spec.profile) =>
            {
                return Ok(None);
            }
            Some(_) => {
                let problem = format!("the pipeline file has another delivery `{}`", spec.name);
                return Err(settings(
                    path,
                    &problem,
                    "give it another name, or leave the file empty to add none",
                ));
            }
            None => {}
        }
        let old = fs::read_to_string(pipeline);
        let old =
            old.map_err(|error| settings(pipeline, &error.to_string(), "make it readable"))?;
        let new = format!("{}\n\n{}\n", old.trim_end(), entry.trim());
        self.add(pipeline.to_owned(), &old, &new);
        Ok(Some(spec.name.clone()))
    }

    /// Reads the configuration as it would be, from a copy.
    fn check(
        &self,
        config: &Path,
        before: &Configuration,
        pipeline: &Path,
    ) -> Result<Vec<Mistake>, Error> {
        let failed = |error: io::Error| {
            settings(config, &format!("cannot be copied: {error}"), "free some space")
        };
        let beside = pipeline.parent().filter(|folder| !folder.as_os_str().is_empty());
        let copy = tempfile::tempdir().map_err(failed)?;
        copy_folder(config, copy.path()).map_err(failed)?;
        let mut trial = None;
        for change in &self.0 {
            if let Ok(inside) = change.path.strip_prefix(config) {
                fs::write(copy.path().join(inside), &change.new).map_err(failed)?;
            } else {
                let mut file = files::begin(beside.unwrap_or(Path::new("."))).map_err(failed)?;
                io::Write::write_all(&mut file, change.new.as_bytes()).map_err(failed)?;
                trial = Some(file);
            }
        }
        let named = |mut mistakes: Vec<Mistake>| {
            for mistake in &mut mistakes {
                if let Ok(inside) = mistake.file.strip_prefix(copy.path()) {
                    mistake.file = config.join(inside);
                } else if trial.as_ref().is_some_and(|trial| trial.path() == mistake.file) {
                    pipeline.clone_into(&mut mistake.file);
                }
            }
            mistakes
        };
        let refused = |mistakes| Error::Configuration(named(mistakes));
        let after = Configuration::load(copy.path()).map_err(refused)?;
        let file = trial.as_ref().map_or(pipeline, |trial| trial.path());
        PipelineFile::load(file, &after).map_err(refused)?;
        let is_new = |mistake: &Mistake| {
            before.warnings.iter().all(|before| before.message != mistake.message)
        };
        Ok(named(after.warnings).into_iter().filter(is_new).collect())
    }

    /// Writes all files, or none: where one cannot be written, those before it get their old text again.
    fn write(self) -> Result<Vec<PathBuf>, Error> {
        for (at, change) in self.0.iter().enumerate() {
            let Err(error) = files::replace(&change.path, change.new.as_bytes()) else { continue };
            for done in &self.0[..at] {
                let _ = match &done.old {
                    Some(old) => files::replace(&done.path, old.as_bytes()),
                    None => fs::remove_file(&done.path),
                };
            }
            let problem = format!("cannot be written: {error}");
            return Err(settings(&change.path, &problem, "nothing was changed; make it writable"));
        }
        Ok(self.0.into_iter().map(|change| change.path).collect())
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    delivery: Vec<config::DeliverySpec>,
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?.path();
        let Some(name) = entry.file_name() else { continue };
        if entry.is_dir() {
            copy_folder(&entry, &to.join(name))?;
        } else {
            fs::copy(&entry, to.join(name))?;
        }
    }
    Ok(())
}

/// The text of monitor.toml with more waves; none where their list is not found.
fn with_waves(text: &str, waves: &[Wave]) -> Option<String> {
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let is_list = line.trim_start().strip_prefix("waves");
        let is_list = is_list.is_some_and(|rest| rest.trim_start().starts_with('='));
        if is_list {
            let open = from + line.find('[')?;
            let close = open + text[open..].find(']')?;
            let inside = text[open + 1..close].trim_end().trim_end_matches(',');
            let added: Vec<String> = waves.iter().map(ToString::to_string).collect();
            let between = if inside.trim().is_empty() { "" } else { ", " };
            let list = format!("{inside}{between}{}", added.join(", "));
            return Some(format!("{}{list}{}", &text[..=open], &text[close..]));
        }
        from += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_is_added_to_the_list_and_nothing_else_changes() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(with_waves(text, &[2026]).as_deref(), expected, "{text}");
        };
        check(
            "a = 1\nwaves = [2024, 2025]\n[b]\n",
            Some("a = 1\nwaves = [2024, 2025, 2026]\n[b]\n"),
        );
        check("waves=[\n  2025,\n]\n", Some("waves=[\n  2025, 2026]\n"));
        check("waves = []", Some("waves = [2026]"));
        check("waves_before = [2024]", None);
    }
}
