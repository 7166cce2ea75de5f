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
use crate::schema::{self, MartSchema};

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
    in_order(&contracts)?;
    Ok(contracts)
}

/// The SQL marts, each behind those that it reads.
pub fn in_order(contracts: &BTreeMap<String, Contract>) -> Result<Vec<&str>, Error> {
    let mut order: Vec<&str> = Vec::new();
    while order.len() < contracts.len() {
        let is_ready =
            |contract: &Contract| contract.reads.iter().all(|read| order.contains(&read.as_str()));
        let open = contracts.iter().filter(|(name, _)| !order.contains(&name.as_str()));
        let ready: Vec<&str> = open
            .filter(|(_, contract)| is_ready(contract))
            .map(|(name, _)| name.as_str())
            .collect();
        if ready.is_empty() {
            let stuck = contracts.keys().find(|name| !order.contains(&name.as_str()));
            let mart = stuck.cloned().unwrap_or_default();
            let reads = contracts[&mart].reads.join(", ");
            let message = format!("`reads` names {reads}: no SQL mart, or one that reads this one");
            return Err(Error::ContractText { mart, message, position: None });
        }
        order.extend(ready);
    }
    Ok(order)
}

/// Whether every SQL mart stands behind those that it reads; contracts that cannot be read are told elsewhere.
pub fn readable_in_order(configuration: &Configuration) -> Result<(), Error> {
    let parsed = configuration.marts.iter().filter_map(|mart| {
        let contract = Contract::parse(&mart.name, &mart.contract).ok()?;
        Some((mart.name.clone(), contract))
    });
    in_order(&parsed.collect()).map(|_| ())
}

/// What the public marts of a configuration promise; contracts that cannot be read are told elsewhere.
pub fn promised(configuration: &Configuration) -> Result<BTreeMap<String, MartSchema>, Error> {
    let mut contracts = contracts::built_in(&configuration.codebook)?;
    let parsed = configuration.marts.iter().filter_map(|mart| {
        let contract = Contract::parse(&mart.name, &mart.contract).ok()?;
        Some(((Folder::Public, mart.name.clone()), contract))
    });
    contracts.extend(parsed);
    Ok(schema::schemas(&contracts))
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
const CODES: [(&str, &str, &str); 16] = [
    ("indicator", "dim_indicator", "indicator"),
    ("minus", "dim_indicator", "indicator"),
    ("panel", "dim_panel", "panel"),
    ("member", "dim_panel", "panel"),
    ("other_panel", "dim_panel", "panel"),
    ("breakdown", "dim_breakdown", "breakdown"),
    ("level", "dim_breakdown", "level"),
    ("level_a", "dim_breakdown", "level"),
    ("level_b", "dim_breakdown", "level"),
    ("cell", "dim_breakdown", "cell"),
    ("concept", "dim_concept", "concept"),
    ("answers", "dim_concept", "answers"),
    ("answer", "dim_answer", "answer"),
    ("code", "dim_answer", "code"),
    ("figure", "dim_figure", "figure"),
    ("gap", "dim_gap", "gap"),
];

/// The tables that SQL marts may read, each by its columns; a column of codes carries them (`codes_of`).
pub struct Readable {
    built_in: BTreeMap<String, Schema>,
    /// SQL marts by name, for those whose contract says that they read them.
    marts: BTreeMap<String, Schema>,
}

impl Readable {
    /// What one of them may read: the public tables of the program, and the marts that its contract names.
    pub fn by(&self, contract: &str, mart: &str) -> BTreeMap<String, Schema> {
        let reads = Contract::parse(mart, contract).map(|contract| contract.reads);
        let named = reads.unwrap_or_default().into_iter();
        let named = named.filter_map(|name| Some((name.clone(), self.marts.get(&name)?.clone())));
        self.built_in.clone().into_iter().chain(named).collect()
    }
}

/// The tables that the SQL marts of a configuration may read.
pub fn readable(configuration: &Configuration) -> Result<Readable, Error> {
    let dimensions = dimension::tables(configuration)?;
    let contracts = contracts::built_in(&configuration.codebook)?;
    let public = contracts.into_iter().filter(|((folder, _), _)| *folder == Folder::Public);
    let built_in = public
        .map(|((_, mart), contract)| Ok((mart, schema(&contract, &dimensions)?)))
        .collect::<Result<_, Error>>()?;
    let marts = configuration.marts.iter();
    let parsed = marts.filter_map(|mart| Contract::parse(&mart.name, &mart.contract).ok());
    let marts = parsed
        .map(|contract| Ok((contract.mart.clone(), schema(&contract, &dimensions)?)))
        .collect::<Result<_, Error>>()?;
    Ok(Readable { built_in, marts })
}

fn schema(
    contract: &Contract,
    dimensions: &BTreeMap<String, RecordBatch>,
) -> Result<Schema, Error> {
    // A dimension has its own codes, e.g. those of `dim_code`.
    let own = dimensions.get(&contract.mart);
    let fields = contract.columns.iter().map(|column| {
        let field = Field::new(&column.name, column.kind.data_type(), column.nullable);
        if !column.values.is_empty() {
            return Ok(with_codes(field, column.values.iter().map(String::as_str)));
        }
        let of_dimension = CODES.iter().find(|(name, _, _)| *name == column.name);
        let Some((_, dimension, name)) = of_dimension else { return Ok(field) };
        let codes = match own {
            Some(table) => codes(Some(table), &column.name)?,
            None => codes(dimensions.get(*dimension), name)?,
        };
        Ok(with_codes(field, codes.iter().map(String::as_str)))
    });
    Ok(Schema::new(fields.collect::<Result<Vec<_>, Error>>()?))
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
    let table = contract.conform(&found)?;
    contract.without_blanks(&table)?;
    Ok(table)
}

/// Tables that only analysts may read are not there for a mart that everybody may read.
fn with_hint(mistake: SqlMistake) -> SqlMistake {
    let restricted = [
        "estimate_exact",
        "change_exact",
        "contrast_exact",
        "panel_contrast_exact",
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
