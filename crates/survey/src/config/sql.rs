//! The SQL in the configuration (derivations, bases, eligibility, rules) against the columns it will meet.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};

use super::{Configuration, Mistake};
use crate::codebook::{Concept, Kind};
use crate::{Expressions, columns};

/// The columns of a harmonised table: pseudonym, wave and record, then each concept and its missing reason.
pub fn harmonised_schema<'a>(concepts: impl IntoIterator<Item = &'a Concept>) -> Schema {
    let mut fields = vec![
        Field::new(columns::RESPONDENT, DataType::Utf8, false),
        Field::new(columns::WAVE, DataType::Int32, false),
        Field::new(columns::RECORD, DataType::Int64, false),
    ];
    for concept in concepts {
        fields.push(Field::new(&concept.concept, data_type(concept.kind), true));
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

impl Configuration {
    /// Looks at every SQL text with the engine; all mistakes at once.
    pub fn check_sql(&self, expressions: &dyn Expressions) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut check =
            |schema: &Schema, sql: &str, file: PathBuf, line: Option<u32>, what: String| {
                for mistake in expressions.check(schema, sql).err().into_iter().flatten() {
                    let place = mistake.position.map_or(String::new(), |(line, column)| {
                        if line > 1 {
                            format!(" (line {line}, column {column} of the SQL)")
                        } else {
                            format!(" (column {column} of the SQL)")
                        }
                    });
                    let mut said =
                        Mistake::new(&file, line, format!("{what}: {}{place}", mistake.message));
                    said.hint = mistake.hint;
                    mistakes.push(said);
                }
            };
        let concepts = &self.codebook.concepts;
        for (position, concept) in
            concepts.iter().enumerate().filter(|(_, concept)| !concept.derivation.is_empty())
        {
            // A derivation reads what is asked and the derived concepts above it.
            let readable = concepts.iter().enumerate().filter(|(other, readable)| {
                *other < position || (readable.derivation.is_empty() && *other != position)
            });
            let schema = harmonised_schema(readable.map(|(_, concept)| concept));
            let file = self.folder.join("codebook/concepts.csv");
            check(
                &schema,
                &concept.derivation,
                file,
                Some(concept.line.0),
                format!("derivation of `{}`", concept.concept),
            );
        }
        let schema = Arc::new(harmonised_schema(concepts));
        for indicator in self.indicators.iter().filter(|indicator| !indicator.base.is_empty()) {
            let what = format!("base of `{}`", indicator.indicator);
            check(
                &schema,
                &indicator.base,
                self.folder.join("indicators.csv"),
                Some(indicator.line.0),
                what,
            );
        }
        for (name, panel) in &self.panels {
            for filter in &panel.eligibility {
                let file = self.folder.join(format!("panels/{name}.toml"));
                check(
                    &schema,
                    &filter.condition,
                    file,
                    None,
                    format!("eligibility `{}`", filter.name),
                );
            }
        }
        for rule in &self.rules {
            check(
                &schema,
                &rule.condition,
                self.rule_files[&rule.name].clone(),
                None,
                format!("rule `{}`", rule.name),
            );
        }
        mistakes
    }
}
