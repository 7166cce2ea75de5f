//! Marts that are a SQL file over the public tables, with a contract.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use survey::SqlTables;
use survey::condition::SqlMistake;
use survey::config::MartFile;

use crate::contract::Contract;
use crate::contracts::Folder;
use crate::error::Error;

/// The contracts of the SQL marts; a name may be taken only once.
pub fn contracts(
    marts: &[MartFile],
    built_in: &BTreeMap<(Folder, String), Contract>,
) -> Result<BTreeMap<String, Contract>, Error> {
    let mut contracts = BTreeMap::new();
    for mart in marts {
        let taken =
            Folder::ALL.iter().any(|folder| built_in.contains_key(&(*folder, mart.name.clone())));
        let contract = Contract::parse(&mart.name, &mart.contract)?;
        if taken || contracts.insert(mart.name.clone(), contract).is_some() {
            return Err(Error::NameTaken { mart: mart.name.clone() });
        }
    }
    Ok(contracts)
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
    let restricted = ["estimate_exact", "change_exact", "contrast_exact", "dim_respondent", "fact_answer", "respondent_wide"];
    let named = restricted.iter().find(|table| mistake.message.contains(*table));
    let hint = named.map(|table| {
        format!("`{table}` is restricted; a public mart may only read public tables, e.g. estimate, change, contrast, gap")
    });
    SqlMistake { hint: hint.or(mistake.hint), ..mistake }
}
