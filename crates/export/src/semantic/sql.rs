//! The measures as a SQL view over the marts, for DuckDB and whoever reads Parquet by SQL.

use std::path::Path;

use super::measures::{FACT, Measure};
use super::model::Star;

pub fn text(star: &Star, release: &Path) -> String {
    let Some(fact) = star.table(FACT) else { return String::new() };
    let keys = fact.key();
    let file = |mart: &str| {
        let path = release.join("public").join(format!("{mart}.parquet"));
        format!("read_parquet('{}')", path.to_string_lossy().replace('\'', "''"))
    };
    let listed: Vec<String> = keys.iter().map(|key| format!("f.{}", name(key))).collect();
    let measures: Vec<String> = star.measures.iter().map(column).collect();
    let mut others: Vec<&Measure> = star.measures.iter().filter(|it| it.table != FACT).collect();
    others.dedup_by_key(|measure| measure.table);
    let joins: Vec<String> = others
        .iter()
        .map(|measure| {
            let on = keys.iter().map(|key| format!("{0}.{1} = f.{1}", measure.table, name(key)));
            let only = measure.only.iter();
            let only =
                only.map(|(by, value)| format!("{}.{} = '{value}'", measure.table, name(by)));
            let on: Vec<String> = on.chain(only).collect();
            format!(
                "LEFT JOIN {} AS {}\n    ON {}",
                file(measure.table),
                measure.table,
                on.join(" AND ")
            )
        })
        .collect();
    format!(
        "-- One row a figure, with the measures of the model.\nCREATE OR REPLACE VIEW measures AS\nSELECT\n    {},\n    {}\nFROM {} AS f\n{}\nGROUP BY {};\n",
        listed.join(", "),
        measures.join(",\n    "),
        file(FACT),
        joins.join("\n"),
        listed.join(", ")
    )
}

fn column(measure: &Measure) -> String {
    let table = if measure.table == FACT { "f" } else { measure.table };
    let column = name(measure.column);
    format!("CASE WHEN count(*) = 1 THEN max({table}.{column}) END AS {}", name(measure.name))
}

fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
