//! The data dictionary beside the tables: a row a column, as CSV that Excel opens.

use std::collections::BTreeMap;

use survey::spreadsheet::neutral;

use crate::contract::{ColumnType, Contract};
use crate::contracts::Folder;
use crate::error::Error;
use crate::parquet_file::RUN_ID;

pub fn data_dictionary(contracts: &BTreeMap<(Folder, String), Contract>) -> Result<Vec<u8>, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "folder",
        "readers",
        "mart",
        "version",
        "grain",
        "column",
        "type",
        "nullable",
        "in_key",
        "values",
        "meaning",
        "deprecated_by",
    ];
    let mut rows = vec![header.map(str::to_owned)];
    for ((folder, mart), contract) in contracts {
        for column in &contract.columns {
            rows.push([
                folder.name().to_owned(),
                folder.readers().to_owned(),
                mart.clone(),
                contract.version.to_string(),
                contract.grain.clone(),
                column.name.clone(),
                column.kind.name().to_owned(),
                yes_no(column.nullable),
                yes_no(contract.key.contains(&column.name)),
                column.values.join("|"),
                column.meaning.clone(),
                column.deprecated_by.clone().or(contract.deprecated_by.clone()).unwrap_or_default(),
            ]);
        }
        let kind = ColumnType::Text.name();
        let meaning = "release in which the row stands; the same in all tables of it";
        let (readers, version) = (folder.readers(), contract.version.to_string());
        let about = [folder.name(), readers, mart, &version, &contract.grain];
        let run_id = [RUN_ID, kind, "no", "no", "", meaning];
        let [folder, readers, mart, version, grain] = about.map(str::to_owned);
        let [column, kind, nullable, in_key, values, meaning] = run_id.map(str::to_owned);
        rows.push([
            folder,
            readers,
            mart,
            version,
            grain,
            column,
            kind,
            nullable,
            in_key,
            values,
            meaning,
            String::new(),
        ]);
    }
    for row in rows {
        writer
            .write_record(row.each_ref().map(|field| neutral(field).into_owned()))
            .map_err(std::io::Error::from)
            .map_err(Error::file("data_dictionary.csv".as_ref()))?;
    }
    writer
        .into_inner()
        .map_err(|error| Error::file("data_dictionary.csv".as_ref())(error.into_error()))
}

fn yes_no(truth: bool) -> String {
    if truth { "yes" } else { "no" }.to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;
    use crate::contract::Column;

    #[test]
    fn a_meaning_that_a_spreadsheet_would_run_is_made_a_text() {
        let column = Column {
            name: "answer".to_owned(),
            kind: ColumnType::Text,
            nullable: false,
            values: vec!["=1+1".to_owned(), "no".to_owned()],
            meaning: "@SUM(A1)\n=2".to_owned(),
            deprecated_by: None,
        };
        let contract = Contract {
            version: 1,
            mart: "own".to_owned(),
            grain: "+one".to_owned(),
            key: Vec::new(),
            minimum_rows: 0,
            reads: Vec::new(),
            deprecated_by: None,
            leaves_out_others: false,
            columns: vec![column],
        };
        let contracts = BTreeMap::from([((Folder::Public, "own".to_owned()), contract)]);
        let text = String::from_utf8(data_dictionary(&contracts).unwrap()).unwrap();
        for field in ["'+one,", ",'=1+1|no,", "\"'@SUM(A1)\n'=2\""] {
            assert!(text.contains(field), "{field} in {text}");
        }
    }
}
