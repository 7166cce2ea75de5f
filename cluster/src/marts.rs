//! The SQL marts of a folder: read, looked at, and put in the order in which they can be made.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use arrow::datatypes::{Schema, SchemaRef};
use expression::Engine;
use mart::Contract;
use survey::SqlTables;

use crate::error::Error;
use crate::release::Table;

pub struct SqlMart {
    pub name: String,
    pub path: PathBuf,
    pub sql: String,
    pub contract: Contract,
}

/// The marts, each behind those that it reads.
pub fn read(folder: &Path) -> Result<Vec<SqlMart>, Error> {
    let mut marts = BTreeMap::new();
    let mut errors = Vec::new();
    for path in sql_files(folder)? {
        match read_one(&path) {
            Ok(mart) => drop(marts.insert(mart.name.clone(), mart)),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(Error::several(errors));
    }
    if marts.is_empty() {
        return Err(Error::NoMarts { path: folder.to_owned() });
    }
    let contracts: BTreeMap<String, Contract> =
        marts.iter().map(|(name, mart)| (name.clone(), mart.contract.clone())).collect();
    let order = mart::in_order(&contracts)?;
    Ok(order.into_iter().filter_map(|name| marts.remove(name)).collect())
}

fn sql_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let path = entry.map_err(Error::file(folder))?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read_one(path: &Path) -> Result<SqlMart, Error> {
    let sql = fs::read_to_string(path).map_err(Error::file(path))?;
    let contract = path.with_extension("toml");
    if !contract.exists() {
        return Err(Error::NoContract { path: path.to_owned() });
    }
    let text = fs::read_to_string(&contract).map_err(Error::file(&contract))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let contract = Contract::parse(&name, &text)?;
    Ok(SqlMart { name, path: path.to_owned(), sql, contract })
}

/// What a mart may read: the release's tables but those that are made here, and the marts that its contract names.
pub fn readable<T>(
    mart: &SqlMart,
    all: &[SqlMart],
    tables: &BTreeMap<String, Table>,
    of: impl Fn(&Table) -> T,
    made: impl Fn(&str) -> Option<T>,
) -> BTreeMap<String, T> {
    let is_made = |name: &String| all.iter().any(|mart| mart.name == *name);
    let of_release = tables.iter().filter(|(name, _)| !is_made(name));
    let of_release = of_release.map(|(name, table)| (name.clone(), of(table)));
    let reads = mart.contract.reads.iter();
    of_release.chain(reads.filter_map(|name| Some((name.clone(), made(name)?)))).collect()
}

/// Every mistake in the SQL of the marts, without running it.
pub fn look(marts: &[SqlMart], tables: &BTreeMap<String, Table>) -> Result<(), Error> {
    let engine = Engine::new();
    let schema_of = |name: &str| {
        let read = marts.iter().find(|mart| mart.name == name)?;
        Some(plain(&read.contract.schema()))
    };
    let mut errors = Vec::new();
    for mart in marts {
        let readable = readable(mart, marts, tables, |table| plain(&table.schema), schema_of);
        let (found, mistakes) = engine.look(&readable, &mart.sql);
        let sql = |mistake| Error::Sql { path: mart.path.clone(), mistake };
        errors.extend(mistakes.into_iter().map(sql));
        let unmet = found.map(|schema| mart.contract.unmet(&schema)).unwrap_or_default();
        if !unmet.is_empty() {
            errors.push(mart.contract.broken(unmet).into());
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::several(errors)) }
}

fn plain(schema: &SchemaRef) -> Schema {
    schema.as_ref().clone()
}
