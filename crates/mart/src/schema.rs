//! What the contract of a mart promises, as a release keeps it, and what of it a later contract breaks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contract::{Column, ColumnType, Contract};
use crate::contracts::Folder;

/// The promise of one mart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MartSchema {
    pub version: u32,
    /// Hash of key and columns.
    pub fingerprint: String,
    pub key: Vec<String>,
    pub columns: Vec<SchemaColumn>,
    /// The mart that will take its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaColumn {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ColumnType,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nullable: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated_by: Option<String>,
}

/// One difference between two promises.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SchemaChange {
    pub mart: String,
    /// Whoever reads the mart may break.
    pub is_major: bool,
    pub what: String,
}

/// A mart whose promise is broken in silence: without another version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub mart: String,
    pub version: u32,
    /// What changed.
    pub what: Vec<String>,
}

impl MartSchema {
    pub fn of(contract: &Contract) -> Self {
        let column = |column: &Column| SchemaColumn {
            name: column.name.clone(),
            kind: column.kind,
            nullable: column.nullable,
            values: column.values.clone(),
            deprecated_by: column.deprecated_by.clone(),
        };
        let columns: Vec<SchemaColumn> = contract.columns.iter().map(column).collect();
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("{:?}\n", contract.key).as_bytes());
        for SchemaColumn { name, kind, nullable, values, .. } in &columns {
            hasher.update(format!("{name} {} {nullable} {values:?}\n", kind.name()).as_bytes());
        }
        Self {
            version: contract.version,
            fingerprint: hasher.finalize().to_hex()[..16].to_owned(),
            key: contract.key.clone(),
            columns,
            deprecated_by: contract.deprecated_by.clone(),
        }
    }

    fn column(&self, name: &str) -> Option<&SchemaColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// What is promised otherwise; `self` came first.
    fn changes(&self, later: &Self) -> Vec<(bool, String)> {
        let mut changes = Vec::new();
        if self.key != later.key {
            let (from, to) = (self.key.join(", "), later.key.join(", "));
            changes.push((true, format!("its key was {from}, and is {to}")));
        }
        for column in &self.columns {
            match later.column(&column.name) {
                None => changes.push((true, format!("column `{}` is gone", column.name))),
                Some(now) => changes.extend(column.changes(now)),
            }
        }
        let new = later.columns.iter().filter(|column| self.column(&column.name).is_none());
        changes.extend(new.map(|column| (false, format!("column `{}` is new", column.name))));
        if self.deprecated_by != later.deprecated_by {
            changes.push((false, deprecated("the mart", later.deprecated_by.as_deref())));
        }
        changes
    }
}

impl SchemaColumn {
    fn changes(&self, now: &Self) -> Vec<(bool, String)> {
        let name = &self.name;
        let mut changes = Vec::new();
        if self.kind != now.kind {
            let (from, to) = (self.kind.name(), now.kind.name());
            changes.push((true, format!("column `{name}` was {from}, and is {to}")));
        }
        match (self.nullable, now.nullable) {
            (false, true) => changes.push((true, format!("column `{name}` may be NULL now"))),
            (true, false) => changes.push((false, format!("column `{name}` is never NULL now"))),
            _ => {}
        }
        if self.values != now.values {
            let of = |values: &[String]| {
                if values.is_empty() { "any".to_owned() } else { values.join(", ") }
            };
            let (from, to) = (of(&self.values), of(&now.values));
            changes.push((true, format!("values of column `{name}` were {from}, and are {to}")));
        }
        if self.deprecated_by != now.deprecated_by {
            let what = format!("column `{name}`");
            changes.push((false, deprecated(&what, now.deprecated_by.as_deref())));
        }
        changes
    }
}

fn deprecated(what: &str, by: Option<&str>) -> String {
    match by {
        Some(by) => format!("{what} is deprecated by `{by}`"),
        None => format!("{what} is no longer deprecated"),
    }
}

/// The promises of all marts by their place in a release, e.g. `public/estimate`.
pub fn schemas(contracts: &BTreeMap<(Folder, String), Contract>) -> BTreeMap<String, MartSchema> {
    let schema = |((folder, mart), contract): (&(Folder, String), &Contract)| {
        (format!("{}/{mart}", folder.name()), MartSchema::of(contract))
    };
    contracts.iter().map(schema).collect()
}

/// All differences between the promises of two releases, mart by mart.
pub fn changes(
    from: &BTreeMap<String, MartSchema>,
    to: &BTreeMap<String, MartSchema>,
) -> Vec<SchemaChange> {
    let mut changes = Vec::new();
    let mut add = |mart: &str, is_major: bool, what: String| {
        changes.push(SchemaChange { mart: mart.to_owned(), is_major, what });
    };
    for (mart, before) in from {
        match to.get(mart) {
            None => add(mart, true, "the mart is gone".to_owned()),
            Some(now) => {
                for (is_major, what) in before.changes(now) {
                    add(mart, is_major, what);
                }
            }
        }
    }
    for mart in to.keys().filter(|mart| !from.contains_key(*mart)) {
        add(mart, false, "the mart is new".to_owned());
    }
    changes
}

/// Public marts of which a reader may break though their version is what it was; a mart that goes was deprecated before.
pub fn broken(
    published: &BTreeMap<String, MartSchema>,
    now: &BTreeMap<String, MartSchema>,
) -> Vec<Broken> {
    let public = format!("{}/", Folder::Public.name());
    let of = |(place, before): (&String, &MartSchema)| {
        let mart = place.strip_prefix(&public)?;
        let broken = |version, what| Some(Broken { mart: mart.to_owned(), version, what });
        let Some(later) = now.get(place) else {
            let is_told = before.deprecated_by.is_some();
            let what = vec!["the mart is gone, and was not deprecated before".to_owned()];
            return if is_told { None } else { broken(before.version, what) };
        };
        let major = before.changes(later).into_iter().filter(|(is_major, _)| *is_major);
        let what: Vec<String> = major.map(|(_, what)| what).collect();
        let is_silent = !what.is_empty() && later.version <= before.version;
        if is_silent { broken(before.version, what) } else { None }
    };
    published.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a panic is the test's failure
    use super::*;

    const BEFORE: &str = r#"
        grain = "one row a thing"
        key = ["name"]
        columns = [
            { name = "name", type = "text", meaning = "name" },
            { name = "kind", type = "text", values = ["a", "b"], meaning = "kind" },
            { name = "number", type = "int32", meaning = "number" },
        ]"#;

    fn schemas(text: &str) -> BTreeMap<String, MartSchema> {
        let contract = Contract::parse("things", text).unwrap();
        BTreeMap::from([("public/things".to_owned(), MartSchema::of(&contract))])
    }

    fn check(change: [&str; 2], expected: &[&str]) {
        let before = schemas(BEFORE);
        let after = BEFORE.replace(change[0], change[1]);
        assert_ne!(after, BEFORE, "nothing is changed");
        let found = broken(&before, &schemas(&after));
        let what: Vec<&str> = found.iter().flat_map(|one| &one.what).map(String::as_str).collect();
        assert_eq!(what, expected);
        let raised = after.replace("grain", "version = 2\n        grain");
        assert_eq!(broken(&before, &schemas(&raised)), [], "with another version");
    }

    #[test]
    fn whoever_breaks_a_reader_raises_the_version() {
        check([r#"name = "number""#, r#"name = "count""#], &["column `number` is gone"]);
        check(["int32", "int64"], &["column `number` was int32, and is int64"]);
        check(
            [r#"key = ["name"]"#, r#"key = ["name", "kind"]"#],
            &["its key was name, and is name, kind"],
        );
        check(
            [r#""a", "b""#, r#""a", "b", "c""#],
            &["values of column `kind` were a, b, and are a, b, c"],
        );
        check(
            ["type = \"int32\"", "type = \"int32\", nullable = true"],
            &["column `number` may be NULL now"],
        );
    }

    #[test]
    fn a_new_column_and_another_meaning_break_nobody() {
        let added = "columns = [\n{ name = \"new\", type = \"text\", meaning = \"new\" },";
        check(["columns = [", added], &[]);
        check([r#"meaning = "number""#, r#"meaning = "how many""#], &[]);
    }

    #[test]
    fn a_mart_goes_after_it_was_deprecated() {
        let nothing = BTreeMap::new();
        assert_eq!(broken(&schemas(BEFORE), &nothing).len(), 1);
        let told = BEFORE.replace("grain", "deprecated_by = \"others\"\n        grain");
        assert_eq!(broken(&schemas(&told), &nothing), []);
    }

    #[test]
    fn all_changes_are_told_also_those_that_break_nobody() {
        let after = BEFORE.replace("int32", "int64").replace("grain", "version = 2\n        grain");
        let added = "columns = [\n{ name = \"new\", type = \"text\", meaning = \"new\" },";
        let after = after.replace("columns = [", added);
        let told = changes(&schemas(BEFORE), &schemas(&after));
        let told: Vec<(bool, &str)> =
            told.iter().map(|change| (change.is_major, change.what.as_str())).collect();
        assert_eq!(
            told,
            [(true, "column `number` was int32, and is int64"), (false, "column `new` is new")]
        );
    }
}
