//! Which table points at which: one column to one column, and never two ways from one table to another.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Column, Kind, Made, Table};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    pub from: String,
    pub to: String,
    /// The one column on either side.
    pub column: String,
    /// The columns of the marts that it stands for.
    pub pairs: Vec<String>,
}

/// A pair of tables that could be related.
struct Candidate {
    from: usize,
    to: usize,
    key: Vec<String>,
}

/// Relates facts to dimensions of one key, then of several, then dimensions to dimensions; adds keys where they take
/// several columns, and hides the columns that only serve a relation.
pub fn between(tables: &mut [Table]) -> Vec<Relation> {
    let mut relations: Vec<Relation> = Vec::new();
    let mut ways = Ways::default();
    for candidate in candidates(tables) {
        let (from, to) = (&tables[candidate.from].name, &tables[candidate.to].name);
        if ways.would_cross(to, from) {
            continue;
        }
        let (from, to) = (from.clone(), to.clone());
        ways.add(&to, &from);
        let column = match candidate.key.as_slice() {
            [only] => only.clone(),
            several => several.join("__"),
        };
        for place in [candidate.from, candidate.to] {
            add_key(&mut tables[place], &column, &candidate.key);
        }
        // What the reader picks is the dimension's.
        if !tables[candidate.from].is_dimension() {
            for name in candidate.key.iter().chain([&column]) {
                if let Some(column) = tables[candidate.from].column(name) {
                    column.is_hidden = true;
                }
            }
        }
        relations.push(Relation { from, to, column, pairs: candidate.key });
    }
    relations
}

fn candidates(tables: &[Table]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (from, table) in tables.iter().enumerate() {
        for (to, dimension) in tables.iter().enumerate() {
            if from == to || !dimension.is_dimension() {
                continue;
            }
            // A cell's key of one column stands for its two.
            let is_keyed = dimension.has("cell") && table.has("cell");
            let key: Vec<String> = if is_keyed {
                vec!["cell".to_owned()]
            } else {
                dimension.key().into_iter().map(str::to_owned).collect()
            };
            if !key.is_empty() && key.iter().all(|column| table.has(column)) {
                found.push(Candidate { from, to, key });
            }
        }
    }
    found.sort_by_key(|candidate| {
        // Between dimensions, those that stand for one thing come first: an indicator before an answer.
        let from = &tables[candidate.from];
        let between = if from.is_dimension() { from.key().len() } else { 0 };
        (between, candidate.key.len(), candidate.from, candidate.to)
    });
    found
}

fn add_key(table: &mut Table, name: &str, of: &[String]) {
    if table.has(name) {
        return;
    }
    table.columns.push(Column {
        name: name.to_owned(),
        kind: Kind::Text,
        meaning: format!("key of {}", of.join(" and ")),
        is_key: true,
        is_hidden: true,
        sort_by: None,
        made: Some(Made::Key(of.to_vec())),
    });
}

/// Ways that a filter takes: from a dimension to what points at it.
#[derive(Default)]
struct Ways(BTreeMap<String, BTreeSet<String>>);

impl Ways {
    fn add(&mut self, from: &str, to: &str) {
        self.0.entry(from.to_owned()).or_default().insert(to.to_owned());
    }

    /// A table with all that a filter on it reaches.
    fn reached(&self, from: &str) -> BTreeSet<String> {
        let mut reached = BTreeSet::from([from.to_owned()]);
        let mut open = vec![from.to_owned()];
        while let Some(next) = open.pop() {
            for to in self.0.get(&next).into_iter().flatten() {
                if reached.insert(to.clone()) {
                    open.push(to.clone());
                }
            }
        }
        reached
    }

    /// Whether a way from one table to another would give some table a second way to a third.
    fn would_cross(&self, from: &str, to: &str) -> bool {
        let beyond = self.reached(to);
        let sources = self.0.keys().filter(|source| self.reached(source).contains(from));
        let sources: BTreeSet<&str> = sources.map(String::as_str).chain([from]).collect();
        sources
            .into_iter()
            .any(|source| beyond.contains(source) || !self.reached(source).is_disjoint(&beyond))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, keys: &[&str], others: &[&str]) -> Table {
        let column = |name: &&str, is_key| Column {
            name: (*name).to_owned(),
            kind: Kind::Text,
            meaning: String::new(),
            is_key,
            is_hidden: false,
            sort_by: None,
            made: None,
        };
        let keys = keys.iter().map(|name| column(name, true));
        let columns = keys.chain(others.iter().map(|name| column(name, false))).collect();
        Table { name: name.to_owned(), grain: String::new(), columns }
    }

    fn named(relations: &[Relation]) -> Vec<String> {
        relations.iter().map(|it| format!("{}>{}", it.from, it.to)).collect()
    }

    #[test]
    fn a_dimension_never_reaches_a_fact_in_two_ways() {
        let mut tables = [
            table("dim_concept", &["concept"], &[]),
            table("dim_indicator", &["indicator"], &["concept"]),
            table("dim_breakdown", &["breakdown", "level"], &["concept"]),
            table("estimate", &["indicator", "breakdown", "level"], &[]),
        ];
        // Breakdowns point at a concept too, but that would be its second way to the estimates.
        assert_eq!(
            named(&between(&mut tables)),
            ["estimate>dim_indicator", "estimate>dim_breakdown", "dim_indicator>dim_concept"]
        );
    }

    #[test]
    fn a_key_of_several_columns_becomes_one_hidden_column_on_either_side() {
        let mut tables = [
            table("dim_breakdown", &["breakdown", "level"], &[]),
            table("estimate", &["indicator", "breakdown", "level"], &[]),
        ];
        let relations = between(&mut tables);
        assert_eq!(relations[0].column, "breakdown__level");
        for table in &mut tables {
            assert!(table.column("breakdown__level").is_some_and(|column| column.is_hidden));
        }
    }
}
