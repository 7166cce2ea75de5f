//! Marts that are a SQL file over the public tables, with a contract.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use config::{Configuration, MartFile};
use survey::SqlTables;
use survey::codebook::Codebook;
use survey::condition::{SqlMistake, with_codes};

use crate::contract::Contract;
use crate::contracts::{self, Folder};
use crate::dimension;
use crate::error::Error;

/// The contracts of the SQL marts; a name may be taken only once.
pub fn contracts(
    marts: &[MartFile],
    built_in: &BTreeMap<(Folder, String), Contract>,
) -> Result<BTreeMap<String, Contract>, Error> {
    let mut contracts = BTreeMap::new();
    for mart in marts {
        let taken = is_built_in(&mart.name, built_in);
        let contract = Contract::parse(&mart.name, &mart.contract)?;
        if taken || contracts.insert(mart.name.clone(), contract).is_some() {
            return Err(Error::NameTaken { mart: mart.name.clone() });
        }
    }
    Ok(contracts)
}

/// Whether the program makes a mart of this name itself.
fn is_built_in(name: &str, built_in: &BTreeMap<(Folder, String), Contract>) -> bool {
    Folder::ALL.iter().any(|folder| built_in.contains_key(&(*folder, name.to_owned())))
}

/// Whether a mart's name is free for a SQL file.
pub fn is_free(name: &str, codebook: &Codebook) -> Result<bool, Error> {
    Ok(!is_built_in(name, &contracts::built_in(codebook)?))
}

/// Columns of codes by name, and the dimension that has them all.
const CODES: [(&str, &str, &str); 9] = [
    ("indicator", "dim_indicator", "indicator"),
    ("panel", "dim_panel", "panel"),
    ("breakdown", "dim_breakdown", "breakdown"),
    ("level", "dim_breakdown", "level"),
    ("level_a", "dim_breakdown", "level"),
    ("level_b", "dim_breakdown", "level"),
    ("concept", "dim_concept", "concept"),
    ("answers", "dim_answer", "answers"),
    ("code", "dim_answer", "code"),
];

/// The tables that a SQL mart may read, each by its columns; a column of codes carries them (`codes_of`).
pub fn readable(configuration: &Configuration) -> Result<BTreeMap<String, Schema>, Error> {
    let dimensions = dimension::tables(configuration)?;
    let contracts = contracts::built_in(&configuration.codebook)?;
    let public = contracts.into_iter().filter(|((folder, _), _)| *folder == Folder::Public);
    let schema = |((_, mart), contract): ((Folder, String), Contract)| {
        let fields = contract.columns.iter().map(|column| {
            let field = Field::new(&column.name, column.kind.data_type(), column.nullable);
            if !column.values.is_empty() {
                return Ok(with_codes(field, column.values.iter().map(String::as_str)));
            }
            let of_dimension = CODES.iter().find(|(name, _, _)| *name == column.name);
            let Some((_, dimension, name)) = of_dimension else { return Ok(field) };
            let codes = codes(dimensions.get(*dimension), name)?;
            Ok(with_codes(field, codes.iter().map(String::as_str)))
        });
        Ok((mart, Schema::new(fields.collect::<Result<Vec<_>, Error>>()?)))
    };
    public.map(schema).collect()
}

/// The different texts of a column.
fn codes(table: Option<&RecordBatch>, column: &str) -> Result<BTreeSet<String>, Error> {
    let column = table.and_then(|table| table.column_by_name(column));
    let Some(column) = column else { return Ok(BTreeSet::new()) };
    let texts = cast(column, &DataType::Utf8)?;
    Ok(texts.as_string::<i32>().iter().flatten().map(str::to_owned).collect())
}

/// Runs one over the public tables, and holds it to its contract.
pub fn run(
    mart: &MartFile,
    contract: &Contract,
    tables: &dyn SqlTables,
    public: &BTreeMap<String, Vec<RecordBatch>>,
) -> Result<RecordBatch, Error> {
    let _span = tracing::info_span!("mart", name = mart.name).entered();
    let found = tables.query(public, &mart.sql).map_err(|mistake| {
        let mistake = with_hint(mistake);
        Error::Sql { mart: mart.name.clone(), mistake }
    })?;
    contract.conform(&found)
}

/// Tables that only analysts may read are not there for a mart that everybody may read.
fn with_hint(mistake: SqlMistake) -> SqlMistake {
    let restricted = [
        "estimate_exact",
        "change_exact",
        "contrast_exact",
        "dim_respondent",
        "fact_answer",
        "respondent_wide",
    ];
    let named = restricted.iter().find(|table| mistake.message.contains(*table));
    let hint = named.map(|table| {
        format!("`{table}` is restricted; a public mart may only read public tables, e.g. estimate, change, contrast, gap")
    });
    SqlMistake { hint: hint.or(mistake.hint), ..mistake }
}
