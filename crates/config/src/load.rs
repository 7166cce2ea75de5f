//! The configuration folder, read whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::agreement::Unread;
use super::codebook_files::{self, CodebookTexts};
use super::configuration::{Configuration, MartFile};
use super::mistake::Mistake;
use super::name::{GRAMMAR, is_name};
use super::publication::FigureFile;
use super::rule::RuleFile;
use super::words::Words;
use super::{
    ExportProfile, Monitor, Panel, PipelineFile, PopulationTotal, Rule, agreement, figure_files,
    schema, tables, toml_file,
};
use survey::Labels;
use survey::codebook::Codebook;

impl Configuration {
    /// Reads and checks all files; every mistake at once.
    pub fn load(folder: &Path) -> Result<Self, Vec<Mistake>> {
        let mut reader = Reader {
            folder,
            mistakes: Vec::new(),
            unread_panels: Vec::new(),
            is_table_unread: false,
        };
        let monitor = reader.toml::<Monitor>("monitor.toml");
        let languages = monitor.as_ref().map(Monitor::languages);
        let panels = reader.panels();
        let targets = reader.targets();
        let exports = reader.exports();
        let languages = languages.unwrap_or_else(|| reader.languages());
        let codebook = reader.codebook(&languages);
        let indicators = reader.table("indicators.csv", |file, text, mistakes| {
            figure_files::indicators(file, text, (&languages, &codebook), mistakes)
        });
        let breakdowns = reader.table("breakdowns.csv", |file, text, mistakes| {
            figure_files::breakdowns(file, text, &languages, mistakes)
        });
        let figures = reader.optional_toml::<FigureFile>("figures.toml").figure;
        let (rules, rule_files) = reader.rules();
        let marts = reader.marts();
        let words = reader.words();
        let is_read = monitor.is_some();
        // Where monitor.toml is not to be read, the other files are checked all the same.
        let mut monitor = monitor.unwrap_or_default();
        monitor.languages = languages;
        monitor.complete(codebook.items.iter().map(|item| item.wave));
        let mut configuration = Self {
            folder: folder.to_owned(),
            monitor,
            panels,
            targets,
            exports,
            codebook,
            indicators,
            breakdowns,
            figures,
            rules,
            rule_files,
            marts,
            words,
            warnings: Vec::new(),
        };
        agreement::expand_panels(&mut configuration);
        let unread = Unread { monitor: !is_read, panels: reader.unread_panels };
        if !reader.is_table_unread {
            // What other files name would seem to be missing.
            reader.mistakes.extend(agreement::check(&configuration, &unread));
        }
        let (warnings, errors): (Vec<_>, Vec<_>) =
            reader.mistakes.into_iter().partition(|mistake| mistake.is_warning);
        if !errors.is_empty() {
            return Err(errors);
        }
        configuration.warnings = warnings;
        Ok(configuration)
    }
}

impl PipelineFile {
    /// The `config` folder that a pipeline file names, resolved against its own folder.
    pub fn config_folder(path: &Path) -> Result<PathBuf, Vec<Mistake>> {
        let file = Self::read(path)?;
        let folder = resolved(path, &file.config);
        if folder.is_dir() {
            return Ok(folder);
        }
        let line = agreement::line_of(&fs::read_to_string(path).unwrap_or_default(), "config", 0);
        let found = format!("`config`: {} is no folder", folder.display());
        Err(vec![
            Mistake::new(path, line, found)
                .expected("the folder of the configuration, relative to the pipeline file"),
        ])
    }

    /// Reads a pipeline file and checks it against the configuration; its paths come out relative to where it was called.
    pub fn load(path: &Path, configuration: &Configuration) -> Result<Self, Vec<Mistake>> {
        let mut file = Self::read(path)?;
        let text = fs::read_to_string(path).unwrap_or_default();
        let mistakes = agreement::check_pipeline(path, &text, &file, configuration);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        file.take_addresses();
        for own in [&mut file.config, &mut file.store, &mut file.marts, &mut file.cache] {
            *own = resolved(path, own);
        }
        if let super::pipeline::PseudonymKey::File(key) = &mut file.pseudonym_key {
            *key = resolved(path, key);
        }
        if let Some(lineage) = &mut file.lineage {
            lineage.file = resolved(path, &lineage.file);
        }
        for delivery in &mut file.deliveries {
            delivery.file = resolved(path, &delivery.file);
        }
        let mistakes = agreement::check_places(path, &text, &file);
        if mistakes.is_empty() { Ok(file) } else { Err(mistakes) }
    }

    /// Reads the file; names that it leaves out are those of the files.
    fn read(path: &Path) -> Result<Self, Vec<Mistake>> {
        let text = read(path).map_err(|mistake| vec![mistake])?;
        let mut file: Self = toml_file::parse(path, &text)
            .map_err(|mistakes| told_once(path, &text, "pipeline", mistakes))?;
        if file.name.is_empty() {
            file.name = stem(path);
        }
        for delivery in file.deliveries.iter_mut().filter(|delivery| delivery.name.is_empty()) {
            delivery.name = stem(&delivery.file);
        }
        Ok(file)
    }
}

/// Keys that are missing from a file, all at once and each with a line as it may be written, in place of the first one.
fn told_once(path: &Path, text: &str, name: &str, mistakes: Vec<Mistake>) -> Vec<Mistake> {
    let missing = toml::from_str(text).map(|value| schema::missing(name, &value));
    let Some(missing) = missing.ok().filter(|missing| !missing.is_empty()) else { return mistakes };
    let mut others: Vec<Mistake> =
        mistakes.into_iter().filter(|one| !one.message.starts_with("missing field")).collect();
    let (keys, lines): (Vec<String>, Vec<String>) = missing.into_iter().unzip();
    others.push(
        Mistake::new(path, None, format!("missing: {}", keys.join(", ")))
            .hint(format!("e.g.\n{}", lines.join("\n"))),
    );
    others
}

/// A file's name up to its first point, as a name: other signs become `_`.
fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.split('.').next().unwrap_or_default();
    let plain = |sign: char| if sign.is_ascii_alphanumeric() || sign == '-' { sign } else { '_' };
    name.chars().map(plain).collect::<String>().trim_matches(['_', '-']).to_owned()
}

/// A path of a file's settings, which are relative to the file; `..` is folded where it can be.
fn resolved(file: &Path, path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in file.parent().unwrap_or(Path::new("")).join(path).components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir
                if matches!(
                    whole.components().next_back(),
                    Some(std::path::Component::Normal(_))
                ) =>
            {
                whole.pop();
            }
            part => whole.push(part),
        }
    }
    whole
}

fn read(path: &Path) -> Result<String, Mistake> {
    fs::read(path)
        .map_err(|error| Mistake::new(path, None, format!("cannot be read: {error}")))
        .and_then(|bytes| {
            String::from_utf8(bytes).map_err(|error| {
                let read = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = String::from_utf8_lossy(read).matches('\n').count();
                Mistake::new(path, Some(line as u32 + 1), "the file is not UTF-8")
                    .hint("save it as \"CSV UTF-8\" or as UTF-8 text")
            })
        })
}

/// Reads files of the folder and gathers the mistakes.
struct Reader<'a> {
    folder: &'a Path,
    mistakes: Vec<Mistake>,
    /// Panels whose file has mistakes.
    unread_panels: Vec<String>,
    /// A table of names has no rows, or none that can be relied on, because of its text or its header.
    is_table_unread: bool,
}

impl Reader<'_> {
    fn text(&mut self, path: &Path) -> String {
        read(path).unwrap_or_else(|mistake| {
            self.mistakes.push(mistake);
            String::new()
        })
    }

    fn toml<T: serde::de::DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let path = self.folder.join(name);
        self.toml_at(&path)
    }

    fn optional_toml<T: serde::de::DeserializeOwned + Default>(&mut self, name: &str) -> T {
        let is_there = self.folder.join(name).exists();
        is_there.then(|| self.toml(name)).flatten().unwrap_or_default()
    }

    fn toml_at<T: serde::de::DeserializeOwned>(&mut self, path: &Path) -> Option<T> {
        let text = read(path).map_err(|mistake| self.mistakes.push(mistake)).ok()?;
        let told = |mistakes| match schema::name_of(self.folder, path) {
            Some(name) => told_once(path, &text, name, mistakes),
            None => mistakes,
        };
        let parsed = toml_file::parse(path, &text).map_err(told);
        parsed.map_err(|mistakes| self.mistakes.extend(mistakes)).ok()
    }

    fn table<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&Path, &str, &mut Vec<Mistake>) -> Vec<T>,
    ) -> Vec<T> {
        let path = self.folder.join(name);
        if !path.exists() {
            return Vec::new();
        }
        let before = self.mistakes.len();
        let text = self.text(&path);
        let rows = if self.mistakes.len() > before {
            Vec::new()
        } else {
            parse(&path, &text, &mut self.mistakes)
        };
        self.look_at_headers(before);
        rows
    }

    /// Whether one of the mistakes since is of a table as a whole.
    fn look_at_headers(&mut self, before: usize) {
        let is_whole =
            |mistake: &Mistake| !mistake.is_warning && mistake.line.is_none_or(|line| line <= 1);
        self.is_table_unread |= self.mistakes[before..].iter().any(is_whole);
    }

    /// Files of a subfolder with an extension, by name: (name without extension, path).
    fn files(&mut self, subfolder: &str, extension: &str) -> Vec<(String, PathBuf)> {
        let folder = self.folder.join(subfolder);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            // A folder without files need not be there.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                self.mistakes.push(Mistake::new(&folder, None, format!("cannot be read: {error}")));
                return Vec::new();
            }
        };
        let mut files: Vec<(String, PathBuf)> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|found| found == extension))
            .filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)))
            .filter(|(name, _)| !name.starts_with(['.', '~']))
            .collect();
        files.sort();
        for (name, path) in &files {
            let other =
                files.iter().find(|(other, _)| other != name && other.eq_ignore_ascii_case(name));
            if !is_name(name) {
                let message = format!("{name:?} is no name");
                self.mistakes.push(Mistake::new(path, None, message).expected(GRAMMAR));
            } else if let Some((other, _)) = other.filter(|(other, _)| other < name) {
                let message = format!("`{name}` is the name of `{other}` but for capitals");
                self.mistakes.push(Mistake::new(path, None, message).expected("another name"));
            }
        }
        files
    }

    fn panels(&mut self) -> BTreeMap<String, Panel> {
        let mut panels = BTreeMap::new();
        for (name, path) in self.files("panels", "toml") {
            if let Some(mut panel) = self.toml_at::<Panel>(&path) {
                panel.panel.clone_from(&name);
                if panel.label.is_empty() {
                    panel.label = Labels::same(name.as_str());
                }
                if panel.population.is_empty() {
                    panel.population = panel.label.clone();
                }
                panels.insert(name, panel);
            } else {
                self.unread_panels.push(name);
            }
        }
        panels
    }

    fn exports(&mut self) -> BTreeMap<String, ExportProfile> {
        let mut exports = BTreeMap::new();
        for (name, path) in self.files("exports", "toml") {
            if let Some(mut profile) = self.toml_at::<ExportProfile>(&path) {
                profile.profile.clone_from(&name);
                exports.insert(name, profile);
            }
        }
        exports
    }

    fn targets(&mut self) -> Vec<PopulationTotal> {
        let mut totals = Vec::new();
        for (panel, path) in self.files("targets", "csv") {
            let text = self.text(&path);
            totals.extend(figure_files::targets(&path, &text, &panel, &mut self.mistakes));
        }
        totals
    }

    /// The languages of the labels, where monitor.toml cannot say them.
    fn languages(&self) -> Vec<String> {
        let text = read(&self.folder.join("codebook/concepts.csv")).unwrap_or_default();
        let header = text.lines().next().unwrap_or_default();
        let names = header.split([',', ';']).filter_map(|name| name.trim().strip_prefix("label_"));
        names.map(str::to_owned).collect()
    }

    fn codebook(&mut self, languages: &[String]) -> Codebook {
        let path = |name: &str| self.folder.join("codebook").join(name);
        let paths = ["concepts.csv", "answers.csv", "items.csv", "crosswalks.csv"].map(path);
        let before = self.mistakes.len();
        // Who asks for numbers only has neither answers nor crosswalks.
        let needed = [true, false, true, false];
        let texts = std::array::from_fn::<String, 4, _>(|place| {
            if needed[place] || paths[place].exists() {
                self.text(&paths[place])
            } else {
                tables::ALL[place].header(languages).join(",")
            }
        });
        if self.mistakes.len() > before {
            self.look_at_headers(before);
            return Codebook::default();
        }
        let texts = CodebookTexts {
            concepts: (&paths[0], &texts[0]),
            answers: (&paths[1], &texts[1]),
            items: (&paths[2], &texts[2]),
            crosswalks: (&paths[3], &texts[3]),
        };
        let codebook = codebook_files::parse(&texts, languages, &mut self.mistakes);
        self.look_at_headers(before);
        codebook
    }

    fn words(&mut self) -> Words {
        let mut words = Words::shipped();
        for (language, path) in self.files("words", "toml") {
            if let Some(own) = self.toml_at::<BTreeMap<String, String>>(&path) {
                words.add(&language, own);
            }
        }
        words
    }

    fn rules(&mut self) -> (Vec<Rule>, BTreeMap<String, PathBuf>) {
        let (mut rules, mut places) = (Vec::new(), BTreeMap::new());
        for (_, path) in self.files("rules", "toml") {
            for mut rule in self.toml_at::<RuleFile>(&path).into_iter().flat_map(|file| file.rule) {
                if rule.label.is_empty() {
                    rule.label = Labels::same(rule.name.as_str());
                }
                if let Some(before) = places.insert(rule.name.clone(), path.clone()) {
                    let message =
                        format!("rule `{}` stands in {} already", rule.name, before.display());
                    self.mistakes.push(Mistake::new(&path, None, message));
                }
                rules.push(rule);
            }
        }
        (rules, places)
    }

    fn marts(&mut self) -> Vec<MartFile> {
        let contracts: BTreeMap<String, PathBuf> =
            self.files("marts", "toml").into_iter().collect();
        let mut marts = Vec::new();
        for (name, path) in self.files("marts", "sql") {
            let sql = self.text(&path);
            let Some(contract) = contracts.get(&name) else {
                let hint = format!("add {}", path.with_extension("toml").display());
                self.mistakes
                    .push(Mistake::new(&path, None, "the mart has no contract").hint(hint));
                continue;
            };
            let contract = self.text(contract);
            marts.push(MartFile { name, sql, contract });
        }
        for (name, path) in &contracts {
            if !marts.iter().any(|mart| mart.name == *name) {
                self.mistakes.push(
                    Mistake::new(path, None, "a contract without a mart")
                        .expected(format!("{name}.sql")),
                );
            }
        }
        marts
    }
}
