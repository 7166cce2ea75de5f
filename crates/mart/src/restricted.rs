//! The restricted marts, written panel-wave by panel-wave: respondents, their answers in rows, and in columns.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Float64Array, Int32Array, RecordBatch, StringArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int16Type, Int32Type};
use survey::codebook::{Codebook, Concept, Kind};
use survey::{PanelWave, Weighted, columns};

use crate::contract::{Contract, duplicates};
use crate::contracts::{Folder, in_fact};
use crate::error::{Breach, Error};
use crate::manifest::Manifest;
use crate::parquet_file::{ParquetFile, Written};
use crate::parts::Earlier;
use crate::prepared::EarlierRelease;
use crate::replicate;
use crate::respondent_columns::{Told, columns, constant, constant_number, reason_texts};

/// The four files while they are written.
pub struct Restricted<'a> {
    codebook: &'a Codebook,
    dimension: (&'a Contract, ParquetFile),
    fact: (&'a Contract, ParquetFile),
    wide: (&'a Contract, ParquetFile),
    replicates: (&'a Contract, ParquetFile),
}

/// Rows of the fact table that are made at once.
const FACT_ROWS: usize = 250_000;

impl<'a> Restricted<'a> {
    /// Panel-waves are taken over from the release before, where it has them just so.
    pub fn create(
        folder: &Path,
        codebook: &'a Codebook,
        contracts: &'a BTreeMap<(Folder, String), Contract>,
        run_id: &str,
        earlier: Option<&EarlierRelease<'_>>,
    ) -> Result<Self, Error> {
        let open = |mart: &str| -> Result<(&'a Contract, ParquetFile), Error> {
            let missing = || Error::NameTaken { mart: mart.to_owned() };
            let contract =
                contracts.get(&(Folder::Restricted, mart.to_owned())).ok_or_else(missing)?;
            let name = format!("{mart}.parquet");
            let earlier = earlier.and_then(|earlier| sound(earlier, &name));
            let path = folder.join(&name);
            Ok((contract, ParquetFile::create(&path, &contract.schema(), run_id, earlier)?))
        };
        Ok(Self {
            codebook,
            dimension: open("dim_respondent")?,
            fact: open("fact_answer")?,
            wide: open("respondent_wide")?,
            replicates: open("replicate_weight")?,
        })
    }

    /// What the rows of a panel-wave follow from: its weighted hand-off, what the tables promise, and the program.
    pub fn part(&self, of: &PanelWave, weighted: &str, sources: &str) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("{of} {weighted} {sources}\n").as_bytes());
        for (contract, _) in [&self.dimension, &self.fact, &self.wide, &self.replicates] {
            hasher.update(format!("{contract:?}\n").as_bytes());
        }
        let asked = self.codebook.concepts.iter().filter(|concept| in_fact(concept));
        asked.for_each(|concept| {
            hasher.update(format!("{} {:?}\n", concept.concept, concept.kind).as_bytes());
        });
        hasher.finalize().to_hex().to_string()
    }

    /// Whether the release before has a part in all tables.
    pub fn has_earlier(&self, part: &str) -> bool {
        let files = [&self.dimension, &self.fact, &self.wide, &self.replicates];
        files.iter().all(|(_, file)| file.has_earlier(part))
    }

    /// Takes a part over from the release before.
    pub fn take_over(&mut self, part: &str) -> Result<(), Error> {
        let Self { dimension, fact, wide, replicates, .. } = self;
        let in_columns = || {
            [dimension, wide, replicates].into_iter().try_for_each(|(_, file)| file.take_over(part))
        };
        let (columns, rows) = rayon::join(in_columns, || fact.1.take_over(part));
        columns.and(rows)
    }

    pub fn write(&mut self, part: &str, weighted: &Weighted) -> Result<(), Error> {
        let of = &weighted.about.panel_wave;
        self.check(of, &weighted.table)?;
        let Self { codebook, dimension, fact, wide, replicates } = self;
        let in_columns = || -> Result<(), Error> {
            for (contract, file) in [dimension, wide] {
                let table = columns(contract, of, &weighted.about.delivery, &weighted.table)?;
                file.begin(part)?;
                file.write(&table)?;
            }
            replicates.1.begin(part)?;
            let own = weighted.extra.get("replicate");
            own.map_or(Ok(()), |own| replicate::write(replicates, weighted, own))
        };
        let asked = codebook.concepts.iter().filter(|concept| in_fact(concept));
        let asked: Vec<&Concept> =
            asked.filter(|concept| weighted.about.asked.contains(&concept.concept)).collect();
        let in_rows = || {
            fact.1.begin(part)?;
            write_facts(fact, weighted, &asked)
        };
        let (columns, rows) = rayon::join(in_columns, in_rows);
        columns.and(rows)
    }

    /// What was written, by mart.
    pub fn finish(self) -> Result<Vec<(&'a Contract, Written)>, Error> {
        [self.dimension, self.fact, self.wide, self.replicates]
            .into_iter()
            .map(|(contract, file)| Ok((contract, file.finish()?)))
            .collect()
    }

    /// One respondent, one row: the key of all tables.
    fn check(&self, of: &PanelWave, table: &RecordBatch) -> Result<(), Error> {
        let broken = |found: String, expected: &str| {
            let expected = expected.to_owned();
            self.dimension.0.broken(vec![Breach {
                column: columns::plain(columns::RESPONDENT).to_owned(),
                found: format!("{of}: {found}"),
                expected,
            }])
        };
        let Some(respondents) = table.column_by_name(columns::RESPONDENT) else {
            return Err(broken("no such column".to_owned(), "text"));
        };
        if respondents.null_count() > 0 {
            return Err(broken(format!("{} empty cells", respondents.null_count()), "none"));
        }
        match duplicates(table, &[columns::RESPONDENT.to_owned()])? {
            0 => Ok(()),
            doubles => Err(broken(
                format!("{doubles} rows with the pseudonym of another row"),
                "each once",
            )),
        }
    }
}

/// A table of the release before, where its bytes are those that its manifest names.
fn sound(earlier: &EarlierRelease<'_>, name: &str) -> Option<Earlier> {
    let manifest = Manifest::read(earlier.folder).ok()?;
    let path = format!("{}/{name}", Folder::Restricted.name());
    Earlier::open(&earlier.sound(&manifest, &path)?)
}

/// The answers of a panel-wave, some rows at a time.
fn write_facts(
    (contract, file): &mut (&Contract, ParquetFile),
    weighted: &Weighted,
    asked: &[&Concept],
) -> Result<(), Error> {
    let rows = weighted.table.num_rows();
    let piece = (FACT_ROWS / asked.len().max(1)).max(1);
    for start in (0..rows).step_by(piece).filter(|_| !asked.is_empty()) {
        let table = weighted.table.slice(start, piece.min(rows - start));
        file.write(&facts(contract, &weighted.about.panel_wave, &table, asked)?)?;
    }
    Ok(())
}

/// Respondent by respondent, concept by concept.
fn facts(
    contract: &Contract,
    of: &PanelWave,
    table: &RecordBatch,
    asked: &[&Concept],
) -> Result<RecordBatch, Error> {
    let (rows, width) = (table.num_rows(), asked.len());
    let answers = Answers::of(table, asked)?;
    let repeated =
        Int32Array::from_iter_values((0..rows * width).map(|place| (place / width) as i32));
    let respondents = cast(crate::table::found(table, columns::RESPONDENT)?, &DataType::Utf8)?;
    let concepts =
        StringArray::from_iter_values(asked.iter().map(|concept| concept.concept.as_str()));
    let in_turn =
        Int32Array::from_iter_values((0..rows * width).map(|place| (place % width) as i32));
    let dictionary = |keys: Int32Array, values: ArrayRef| -> Result<ArrayRef, Error> {
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values)?))
    };
    let arrays = vec![
        constant(&of.panel, rows * width)?,
        constant_number(of.wave as i32, rows * width)?,
        dictionary(repeated, respondents)?,
        dictionary(in_turn, Arc::new(concepts))?,
        dictionary(answers.codes, Arc::new(answers.texts))?,
        dictionary(answers.reasons, Arc::new(reason_texts()))?,
        Arc::new(answers.values),
    ];
    let named = contract.columns.iter().map(|column| column.name.as_str()).zip(arrays);
    Ok(RecordBatch::try_from_iter_with_nullable(named.map(|(name, array)| (name, array, true)))?)
}

/// The answers of all asked concepts, row by row.
struct Answers {
    texts: StringArray,
    codes: Int32Array,
    reasons: Int32Array,
    values: Float64Array,
}

/// One concept's column, ready to be read by row.
enum Values<'a> {
    /// Keys, and where the concept's codes begin among all texts.
    Codes(&'a arrow::array::Int16Array, i32),
    Numbers(&'a Float64Array),
    Absent,
}

impl Answers {
    fn of(table: &RecordBatch, asked: &[&Concept]) -> Result<Self, Error> {
        // All texts: none, the reasons, then the codes of each concept.
        let mut texts: Vec<String> = reason_texts().iter().flatten().map(str::to_owned).collect();
        let mut columns = Vec::with_capacity(asked.len());
        for concept in asked {
            let values = match (concept.kind, table.column_by_name(&concept.concept)) {
                (Kind::Category, Some(array)) => codes(array, &mut texts)?,
                (_, Some(array)) => {
                    array.as_primitive_opt::<Float64Type>().map_or(Values::Absent, Values::Numbers)
                }
                (_, None) => Values::Absent,
            };
            columns.push((values, Told::of(table, &concept.concept)));
        }
        let places =
            (0..table.num_rows()).flat_map(|row| columns.iter().map(move |column| (row, column)));
        let count = table.num_rows() * asked.len();
        let (mut codes, mut reasons) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut values = Vec::with_capacity(count);
        for (row, (column, told)) in places {
            let (code, value) = match column {
                Values::Codes(keys, first) => {
                    (keys.is_valid(row).then(|| first + i32::from(keys.value(row))), None)
                }
                Values::Numbers(numbers) if numbers.is_valid(row) => {
                    (Some(0), Some(numbers.value(row)))
                }
                Values::Numbers(_) | Values::Absent => (None, None),
            };
            let reason = if code.is_some() { 0 } else { told.reason(row) };
            codes.push(code.unwrap_or(reason));
            reasons.push(reason);
            values.push(value);
        }
        Ok(Self {
            texts: StringArray::from(texts),
            codes: Int32Array::from(codes),
            reasons: Int32Array::from(reasons),
            values: Float64Array::from(values),
        })
    }
}

fn codes<'a>(array: &'a ArrayRef, texts: &mut Vec<String>) -> Result<Values<'a>, Error> {
    let wrong = || {
        let message =
            format!("found a category as {}, expected a dictionary of texts", array.data_type());
        Error::Arrow(arrow::error::ArrowError::SchemaError(message))
    };
    let dictionary = array.as_dictionary_opt::<Int16Type>().ok_or_else(wrong)?;
    let own = dictionary.values().as_string_opt::<i32>().ok_or_else(wrong)?;
    let first = texts.len() as i32;
    texts.extend(own.iter().map(|text| text.unwrap_or_default().to_owned()));
    Ok(Values::Codes(dictionary.keys(), first))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop
    use std::collections::BTreeSet;

    use arrow::array::Int16Array;
    use survey::codebook::Role;

    use arrow::array::Int8Array;
    use survey::MissingReason;

    use super::*;
    use crate::contracts::built_in;

    fn concept(name: &str, kind: Kind) -> Concept {
        Concept {
            concept: name.to_owned(),
            theme: String::new(),
            kind,
            role: Role::Answer,
            answers: String::new(),
            unit: String::new(),
            label: survey::Labels::default(),
            base_includes: BTreeSet::new(),
            derivation: String::new(),
            line: survey::Line(1),
        }
    }

    /// Four rows: an answer, a reason that is told, none that is told, a reason beside an answer.
    fn table() -> RecordBatch {
        let keys = Int16Array::from(vec![Some(0), None, None, Some(0)]);
        let codes = Arc::new(StringArray::from(vec!["yes"]));
        let told = Some(MissingReason::DontKnow as i8);
        let reasons = || Arc::new(Int8Array::from(vec![None, told, None, told])) as ArrayRef;
        let numbers = Float64Array::from(vec![Some(1.5), None, None, Some(2.0)]);
        let (use_missing, age_missing) = (columns::missing("use"), columns::missing("age"));
        let named: Vec<(&str, ArrayRef)> = vec![
            (columns::RESPONDENT, Arc::new(StringArray::from(vec!["a", "b", "c", "d"]))),
            ("use", Arc::new(DictionaryArray::<Int16Type>::try_new(keys, codes).unwrap())),
            (&use_missing, reasons()),
            ("age", Arc::new(numbers)),
            (&age_missing, reasons()),
        ];
        let named = named.into_iter().map(|(name, array)| (name, array, true));
        RecordBatch::try_from_iter_with_nullable(named).unwrap()
    }

    fn texts(table: &RecordBatch, name: &str) -> Vec<String> {
        let column = cast(table.column_by_name(name).unwrap(), &DataType::Utf8).unwrap();
        column.as_string::<i32>().iter().map(|text| text.unwrap_or("-").to_owned()).collect()
    }

    #[test]
    fn a_missing_answer_without_a_reason_was_not_answered_in_rows_and_in_columns() {
        let of = PanelWave::new("gp", 2024);
        let concepts = [concept("use", Kind::Category), concept("age", Kind::Number)];
        let more = [concept("robot", Kind::Category)];
        let codebook = Codebook {
            concepts: concepts.iter().chain(&more).cloned().collect(),
            ..Codebook::default()
        };
        let contracts = built_in(&codebook).unwrap();
        let contract = |mart: &str| &contracts[&(Folder::Restricted, mart.to_owned())];
        let told = ["", "dont_know", "unanswered", ""];

        let asked: Vec<&Concept> = concepts.iter().collect();
        let facts = facts(contract("fact_answer"), &of, &table(), &asked).unwrap();
        let both = told.iter().flat_map(|reason| [*reason; 2]).collect::<Vec<_>>();
        assert_eq!(texts(&facts, "missing_reason"), both);
        let codes = ["yes", "", "dont_know", "dont_know", "unanswered", "unanswered", "yes", ""];
        assert_eq!(texts(&facts, "code"), codes);

        let wide = super::columns(contract("respondent_wide"), &of, "gp_2024", &table()).unwrap();
        assert_eq!(texts(&wide, "use__missing"), told);
        assert_eq!(texts(&wide, "age__missing"), told);
        assert_eq!(texts(&wide, "use"), ["yes", "-", "-", "yes"]);
        assert_eq!(texts(&wide, "robot__missing"), ["not_asked"; 4]);
    }
}
