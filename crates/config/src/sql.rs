//! The SQL in the configuration (derivations, bases, eligibility, rules) against the columns it will meet.

use std::path::{Path, PathBuf};

use arrow::datatypes::{DataType, Field, Schema};

use super::{Configuration, Mistake};
use survey::codebook::{Codebook, Concept, Kind};
use survey::condition::{SqlMistake, with_codes};
use survey::{Expressions, columns};

/// The columns of a harmonised table: pseudonym, wave and record, then each concept and its missing reason.
pub fn harmonised_schema<'a>(
    codebook: &Codebook,
    concepts: impl IntoIterator<Item = &'a Concept>,
) -> Schema {
    let mut fields = vec![
        Field::new(columns::RESPONDENT, DataType::Utf8, false),
        Field::new(columns::WAVE, DataType::Int32, false),
        Field::new(columns::RECORD, DataType::Int64, false),
    ];
    for concept in concepts {
        let field = Field::new(&concept.concept, data_type(concept.kind), true);
        fields.push(match concept.kind {
            Kind::Category => with_codes(field, codebook.codes(concept)),
            _ => field,
        });
        fields.push(Field::new(columns::missing(&concept.concept), DataType::Int8, true));
    }
    Schema::new(fields)
}

/// How a kind stands in a hand-off.
fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Category => DataType::Dictionary(Box::new(DataType::Int16), Box::new(DataType::Utf8)),
        Kind::Number => DataType::Float64,
        Kind::Date | Kind::Text => DataType::Utf8,
    }
}

/// Where a SQL text stands.
struct Place {
    file: PathBuf,
    line: Option<u32>,
    what: String,
}

impl Place {
    fn mistake(&self, found: SqlMistake) -> Mistake {
        let position = found.position.map_or(String::new(), |(line, column)| {
            if line > 1 {
                format!(" (line {line}, column {column} of the SQL)")
            } else {
                format!(" (column {column} of the SQL)")
            }
        });
        let message = format!("{}: {}{position}", self.what, found.message);
        Mistake::new(&self.file, self.line, message).hinted(found.hint)
    }
}

/// The line of a TOML file on which something gives its name.
fn line_of(file: &Path, name: &str) -> Option<u32> {
    let text = std::fs::read_to_string(file).ok()?;
    let quoted = format!("\"{name}\"");
    let named = |line: &str| line.contains("name") && line.contains(&quoted);
    text.lines().position(named).map(|line| line as u32 + 1)
}

impl Configuration {
    /// Looks at every SQL text with the engine; all mistakes at once.
    pub fn check_sql(&self, expressions: &dyn Expressions) -> Vec<Mistake> {
        let mut mistakes = self.derivations(expressions);
        let schema = harmonised_schema(&self.codebook, &self.codebook.concepts);
        for (place, sql) in self.bases().chain(self.eligibility()).chain(self.conditions()) {
            let found = expressions.check(&schema, sql).err().into_iter().flatten();
            mistakes.extend(found.map(|mistake| place.mistake(mistake)));
        }
        mistakes
    }

    /// A derivation reads what is asked and the derived concepts above it, and gives answers of its own list.
    fn derivations(&self, expressions: &dyn Expressions) -> Vec<Mistake> {
        let concepts = &self.codebook.concepts;
        let derived =
            concepts.iter().enumerate().filter(|(_, concept)| !concept.derivation.is_empty());
        let check = |(position, concept): (usize, &Concept)| {
            let readable = concepts.iter().enumerate().filter(|(other, readable)| {
                *other < position || (readable.derivation.is_empty() && *other != position)
            });
            let schema = harmonised_schema(&self.codebook, readable.map(|(_, concept)| concept));
            let mut found =
                expressions.check(&schema, &concept.derivation).err().unwrap_or_default();
            if concept.kind == Kind::Category {
                let codes = self.codebook.codes(concept);
                found.extend(expressions.none_of(&concept.derivation, &codes));
            }
            let place = Place {
                file: self.folder.join("codebook/concepts.csv"),
                line: Some(concept.line.0),
                what: format!("derivation of `{}`", concept.concept),
            };
            found.into_iter().map(|mistake| place.mistake(mistake)).collect::<Vec<_>>()
        };
        derived.flat_map(check).collect()
    }

    fn bases(&self) -> impl Iterator<Item = (Place, &str)> {
        let with_base = self.indicators.iter().filter(|indicator| !indicator.base.is_empty());
        with_base.map(|indicator| {
            let place = Place {
                file: self.folder.join("indicators.csv"),
                line: Some(indicator.line.0),
                what: format!("base of `{}`", indicator.indicator),
            };
            (place, indicator.base.as_str())
        })
    }

    fn eligibility(&self) -> impl Iterator<Item = (Place, &str)> {
        self.panels.iter().flat_map(|(name, panel)| {
            let file = self.folder.join(format!("panels/{name}.toml"));
            panel.eligibility.iter().map(move |filter| {
                let what = format!("eligibility `{}`", filter.name);
                let place = Place { line: line_of(&file, &filter.name), file: file.clone(), what };
                (place, filter.condition.as_str())
            })
        })
    }

    fn conditions(&self) -> impl Iterator<Item = (Place, &str)> {
        self.rules.iter().map(|rule| {
            let file = self.rule_files[&rule.name].clone();
            let what = format!("rule `{}`", rule.name);
            (Place { line: line_of(&file, &rule.name), file, what }, rule.condition.as_str())
        })
    }
}
