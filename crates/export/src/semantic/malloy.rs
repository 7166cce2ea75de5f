//! The model in Malloy: a source a mart, joins as the relations say, the measures.

use std::fmt::Write;
use std::path::Path;

use super::measures::FACT;
use super::model::{Star, Table};

pub fn text(star: &Star, release: &Path) -> String {
    let mut text = String::from("// The marts of a release, with their joins and measures.\n");
    let (dimensions, facts): (Vec<&Table>, Vec<&Table>) =
        star.tables.iter().partition(|table| table.is_dimension());
    // What is joined must stand above; dimensions that point at others come last among them.
    let depth = |table: &&&Table| star.relations.iter().filter(|it| it.from == table.name).count();
    let mut dimensions: Vec<&&Table> = dimensions.iter().collect();
    dimensions.sort_by_key(depth);
    let facts_last = facts.iter().filter(|table| table.name != FACT);
    let fact = facts.iter().filter(|table| table.name == FACT);
    for table in dimensions.into_iter().chain(facts_last).chain(fact) {
        text.push_str(&source(star, table, release));
    }
    text
}

fn source(star: &Star, table: &Table, release: &Path) -> String {
    let path = release.join("public").join(format!("{}.parquet", table.name));
    let path = path.to_string_lossy().replace('\\', "\\\\").replace('\'', "\\'");
    let mut lines = Vec::new();
    for relation in star.relations.iter().filter(|relation| relation.from == table.name) {
        lines.push(join(&relation.to, &relation.to, &relation.pairs));
    }
    if table.name == FACT {
        lines.extend(measures(star, table));
    }
    let body = lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n");
    let mut text = format!(
        "\nsource: {} is duckdb.table('{path}') extend {{\n{body}\n}}\n",
        name(&table.name)
    );
    for measure in star.measures.iter().filter(|measure| measure.table == table.name) {
        if let Some((by, value)) = measure.only {
            let _ = write!(
                text,
                "\nsource: {} is {} extend {{\n  where: {} = '{value}'\n}}\n",
                name(&format!("{}_{value}", table.name)),
                name(&table.name),
                name(by)
            );
        }
    }
    text
}

fn join(alias: &str, source: &str, keys: &[String]) -> String {
    let on = keys.iter().map(|key| format!("{0} = {1}.{0}", name(key), name(alias)));
    let is = if alias == source { String::new() } else { format!(" is {}", name(source)) };
    format!("join_one: {}{is} on {}", name(alias), on.collect::<Vec<_>>().join(" and "))
}

fn measures(star: &Star, fact: &Table) -> Vec<String> {
    let keys: Vec<String> = fact.key().into_iter().map(str::to_owned).collect();
    let mut lines = Vec::new();
    for measure in &star.measures {
        let from = match measure.only {
            Some((_, value)) => {
                let joined = format!("{}_{value}", measure.table);
                let line = join(&joined, &joined, &keys);
                if !lines.contains(&line) {
                    lines.push(line);
                }
                format!("{}.{}", name(&joined), name(measure.column))
            }
            None => name(measure.column),
        };
        // A measure may not be called as a column is.
        let called = measure.name.to_lowercase();
        let called = if fact.has(&called) { format!("{called}_shown") } else { called };
        lines.push(format!(
            "measure: {} is pick max({from}) when count() = 1 else null",
            name(&called)
        ));
    }
    lines
}

fn name(name: &str) -> String {
    format!("`{}`", name.replace('`', "\\`"))
}
