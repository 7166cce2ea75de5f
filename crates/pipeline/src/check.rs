//! What can be wrong before anything runs: all SQL, the marts against the tables that they may read, panel-waves without figures.

use std::path::{Path, PathBuf};

use config::{MartFile, Mistake, toml_file};
use mart::{Breach, Contract, Readable};
use survey::condition::SqlMistake;
use survey::{Hinted, PanelWave, SqlTables};

use crate::project::Project;

impl Project {
    /// Mistakes of all SQL in the configuration.
    pub fn sql_mistakes(&self) -> Vec<Mistake> {
        let mut mistakes = self.configuration.check_sql(self.expressions());
        match mart::readable(&self.configuration) {
            Ok(tables) => {
                let marts = self.configuration.marts.iter();
                mistakes.extend(marts.flat_map(|mart| self.mart(mart, &tables)));
                if let Err(error) = mart::readable_in_order(&self.configuration) {
                    let folder = self.configuration.folder.join("marts");
                    mistakes.push(of_error(&folder, &error));
                }
            }
            Err(error) => {
                mistakes.push(of_error(&self.configuration.folder, &error));
            }
        }
        mistakes
    }

    /// SQL marts that promise something else than the current release does, under the same version. The tables of the program
    /// have their versions from it, and their languages from monitor.toml.
    pub fn broken_promises(&self) -> Vec<Mistake> {
        let current = mart::current(&self.pipeline.marts).ok().flatten();
        let manifest = current.and_then(|current| mart::Manifest::read(&current.folder).ok());
        let (Some(manifest), Ok(now)) = (manifest, mart::promised(&self.configuration)) else {
            return Vec::new();
        };
        let told = |broken: mart::Broken| {
            let folder = self.configuration.folder.join("marts");
            let (version, what) = (broken.version, broken.what.join("; "));
            let message = format!("{what}: the current release promises version {version}");
            Mistake::new(&folder.join(format!("{}.toml", broken.mart)), None, message)
                .expected(format!("`version = {}` or higher", version + 1))
                .hint("whoever reads the mart may break; of a mart that is to go, publish `deprecated_by` first")
        };
        let codebook = &self.configuration.codebook;
        let is_own =
            |broken: &mart::Broken| !matches!(mart::is_free(&broken.mart, codebook), Ok(false));
        mart::broken(&manifest.schemas, &now).into_iter().filter(is_own).map(told).collect()
    }

    /// A mart against the tables that it may read and against its contract.
    fn mart(&self, mart: &MartFile, tables: &Readable) -> Vec<Mistake> {
        let tables = tables.by(&mart.contract, &mart.name);
        let files = Files::of(&self.configuration.folder, mart);
        let (schema, found) = self.engine.look(&tables, &mart.sql);
        let mut mistakes: Vec<Mistake> =
            found.into_iter().map(|mistake| files.of_sql(mistake)).collect();
        if let Ok(false) = mart::is_free(&mart.name, &self.configuration.codebook) {
            let message = format!("`{}` is the name of a built-in mart", mart.name);
            mistakes.push(Mistake::new(&files.sql, None, message).hint("rename the two files"));
        }
        match toml_file::parse::<Contract>(&files.contract, &mart.contract) {
            Err(found) => mistakes.extend(found),
            // Its own agreement: the key is among the columns, which are named once.
            Ok(_) => match Contract::parse(&mart.name, &mart.contract) {
                Err(error) => {
                    mistakes.push(of_error(&files.contract, &error));
                }
                Ok(contract) => {
                    let unmet = schema.iter().flat_map(|schema| contract.unmet(schema));
                    mistakes.extend(unmet.map(|breach| files.of_contract(mart, &breach)));
                }
            },
        }
        mistakes
    }

    /// Delivered panel-waves of which no indicator is made.
    pub fn without_figures(&self) -> Vec<Mistake> {
        let file = self.configuration.folder.join("indicators.csv");
        let told = |of: PanelWave| {
            Mistake::new(&file, None, format!("{of} is delivered, but no indicator is made of it"))
                .hint("see `panels`, `first_wave` and `last_wave`; an empty end is open")
                .warning()
        };
        let panel_waves = self.panel_waves().into_iter().flat_map(|(panel, waves)| {
            waves.into_iter().map(move |wave| PanelWave::new(panel.clone(), wave))
        });
        panel_waves.filter(|of| !self.has_figures(of)).map(told).collect()
    }

    fn has_figures(&self, of: &PanelWave) -> bool {
        let codebook = &self.configuration.codebook;
        let asked = |name: &str| {
            let derived =
                codebook.concept(name).is_some_and(|concept| !concept.derivation.is_empty());
            derived
                || codebook.items.iter().any(|item| {
                    item.panel == of.panel && item.wave == of.wave && item.concept == name
                })
        };
        self.configuration.indicators.iter().any(|indicator| {
            indicator.is_for(&of.panel)
                && indicator.is_made_in(of.wave)
                && asked(&indicator.concept)
        })
    }
}

/// The two files of a mart.
struct Files {
    sql: PathBuf,
    contract: PathBuf,
}

impl Files {
    fn of(folder: &Path, mart: &MartFile) -> Self {
        let file =
            |extension: &str| folder.join("marts").join(format!("{}.{extension}", mart.name));
        Self { sql: file("sql"), contract: file("toml") }
    }

    fn of_sql(&self, found: SqlMistake) -> Mistake {
        let line = found.position.map(|(line, _)| line as u32);
        let column = found.position.map(|(_, column)| format!(" (column {column})"));
        let message = format!("{}{}", found.message, column.unwrap_or_default());
        Mistake::new(&self.sql, line, message).hinted(found.hint)
    }

    /// Where the contract speaks of the column, else where the SQL does.
    fn of_contract(&self, mart: &MartFile, breach: &Breach) -> Mistake {
        let quoted = format!("\"{}\"", breach.column);
        let in_contract = line_with(&mart.contract, &quoted);
        let (file, line) = match in_contract {
            Some(line) => (&self.contract, Some(line)),
            None => (&self.sql, line_with(&mart.sql, &breach.column)),
        };
        let message = format!("column `{}`: {}", breach.column, breach.found);
        Mistake::new(file, line, message).expected(breach.expected.clone())
    }
}

fn line_with(text: &str, part: &str) -> Option<u32> {
    text.lines().position(|line| line.contains(part)).map(|line| line as u32 + 1)
}

fn of_error(file: &Path, error: &mart::Error) -> Mistake {
    Mistake::new(file, None, error.to_string()).hinted(error.hint())
}
