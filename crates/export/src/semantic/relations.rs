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

/// Relates tables; adds keys where they take several columns, and hides the columns that only serve a relation.
/// `is_complete` says whether every row of a table has a value in a column.
pub fn between(tables: &mut [Table], is_complete: impl Fn(&str, &str) -> bool) -> Vec<Relation> {
    let mut relations: Vec<Relation> = Vec::new();
    let mut ways = Ways::default();
    for candidate in candidates(tables) {
        let (from, to) = (&tables[candidate.from].name, &tables[candidate.to].name);
        if ways.would_cross(to, from) {
            continue;
        }
        // A dimension that points at another now and then would hide rows that have nothing to do with it.
        let is_dimension = tables[candidate.from].is_dimension();
        if is_dimension && !candidate.key.iter().all(|column| is_complete(from, column)) {
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

/// All pairs, those that matter most first: a dimension of one key at another (an indicator at its concept), facts at
/// dimensions of one key and of several, then the other dimensions.
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
    let between = found.iter().filter(|candidate| tables[candidate.from].is_dimension());
    let finer: BTreeSet<usize> = between.map(|candidate| candidate.from).collect();
    found.sort_by_key(|candidate| {
        let from = &tables[candidate.from];
        let rank = match (from.is_dimension(), from.key().len()) {
            (true, 1) => 0,
            (false, _) => 1,
            (true, _) => 2,
        };
        // Of two dimensions the finer one: the coarser is reached through it.
        let is_coarse = !finer.contains(&candidate.to);
        (rank, candidate.key.len(), candidate.from, is_coarse, candidate.to)
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

    fn complete(_: &str, _: &str) -> bool {
        true
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
            named(&between(&mut tables, complete)),
            ["dim_indicator>dim_concept", "estimate>dim_indicator", "estimate>dim_breakdown"]
        );
    }

    #[test]
    fn a_key_of_several_columns_becomes_one_hidden_column_on_either_side() {
        let mut tables = [
            table("dim_breakdown", &["breakdown", "level"], &[]),
            table("estimate", &["indicator", "breakdown", "level"], &[]),
        ];
        let relations = between(&mut tables, complete);
        assert_eq!(relations[0].column, "breakdown__level");
        for table in &mut tables {
            assert!(table.column("breakdown__level").is_some_and(|column| column.is_hidden));
        }
    }

    #[test]
    fn a_dimension_that_points_now_and_then_is_not_related() {
        let mut tables = [
            table("dim_breakdown", &["cell"], &["concept"]),
            table("dim_concept", &["concept"], &[]),
            table("estimate", &["cell"], &[]),
        ];
        let found = between(&mut tables, |table, _| table != "dim_breakdown");
        assert_eq!(named(&found), ["estimate>dim_breakdown"]);
    }

    #[test]
    fn the_finer_of_two_dimensions_is_the_one_that_is_related() {
        let mut tables = [
            table("dim_concept", &["concept"], &[]),
            table("dim_indicator", &["indicator"], &["concept"]),
            table("indicator_code", &["indicator", "concept", "code"], &[]),
        ];
        assert_eq!(
            named(&between(&mut tables, complete)),
            ["dim_indicator>dim_concept", "indicator_code>dim_indicator"]
        );
    }

    #[test]
    fn answers_keep_their_labels_where_concepts_filter_them_too() {
        let mut tables = [
            table("answer_distribution", &["concept", "code", "panel"], &[]),
            table("dim_answer", &["concept", "code"], &[]),
            table("dim_concept", &["concept"], &[]),
        ];
        assert_eq!(
            named(&between(&mut tables, complete)),
            ["answer_distribution>dim_concept", "answer_distribution>dim_answer"]
        );
    }
}
