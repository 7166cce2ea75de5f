//! Marts on three workers beside the same marts on one machine: equal after sorting, to the last bit.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a panic is the test's failure

mod base;

use std::fs;
use std::time::Instant;

use expression::Engine;
use mart::Contract;
use survey::SqlTables;

use base::{assert_same, check, command, mart, marts, read, release, tables, text, three};

#[test]
fn every_mart_of_the_release_is_the_same() {
    let release = release();
    let (_workers, urls) = three();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let began = Instant::now();
    let ran = command(&release, &marts(), &out, &urls).output().unwrap();
    let on_workers = began.elapsed();
    check(&ran, 0, &["marts of release", "on 3 workers"]);
    println!("{}on workers, checks and files as well: {on_workers:.2?}", text(&ran));
    let names: Vec<String> = (fs::read_dir(&out).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut identical = 0;
    for name in &names {
        let (found, expected) = (out.join(name), release.join("public").join(name));
        assert_same(name, &read(&found), &read(&expected));
        identical += usize::from(fs::read(found).unwrap() == fs::read(expected).unwrap());
    }
    let sql = fs::read_dir(marts()).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(names.len(), sql.filter(|path| path.extension().unwrap() == "sql").count());
    println!("{identical} of {} files are the same bytes in their own order too", names.len());
    for line in text(&ran).lines().filter(|line| line.ends_with(" tasks")) {
        assert!(!line.ends_with("  0 tasks"), "nothing of it ran on a worker: {line}");
    }
    local_time(&release);
}

/// How long the same marts take in one process, with the tables read from their files.
fn local_time(release: &std::path::Path) {
    let began = Instant::now();
    let tables = tables(release);
    let read = began.elapsed();
    for path in fs::read_dir(marts()).unwrap().map(|entry| entry.unwrap().path()) {
        if path.extension().unwrap() == "sql" {
            Engine::new().query(&tables, &fs::read_to_string(&path).unwrap()).unwrap();
        }
    }
    println!("in one process: {:.2?}, of which reading {read:.2?}", began.elapsed());
}

/// Name, key, columns and SQL: what the marts of the sample do not do.
const OTHERS: [(&str, &str, &[(&str, &str)], &str); 8] = [
    (
        "counts",
        "panel",
        &[
            ("panel", "text"),
            ("rows", "int64"),
            ("n", "int64"),
            ("least", "float64"),
            ("most", "float64"),
        ],
        "SELECT panel, COUNT(*) AS rows, SUM(n) AS n, MIN(estimate) AS least, MAX(ci_upper) AS most FROM estimate GROUP BY panel ORDER BY panel",
    ),
    (
        "functions",
        "key",
        &[
            ("key", "text"),
            ("half", "float64"),
            ("rounded", "float64"),
            ("rest", "float64"),
            ("number", "int32"),
            ("word", "text"),
        ],
        "SELECT indicator || panel || wave || cell AS key, estimate / 2 AS half, round(estimate / 7, 1) AS rounded, estimate % 3 AS rest, \
         CAST(panel AS INTEGER) AS number, upper(left(panel, 3)) AS word FROM estimate ORDER BY key",
    ),
    (
        "divided_by_nothing",
        "key",
        &[("key", "text"), ("share", "float64")],
        "SELECT indicator || panel || wave || cell AS key, estimate / (wave - 2023) AS share FROM estimate WHERE wave % 2 = 1 ORDER BY key",
    ),
    (
        "sides",
        "indicator",
        &[("indicator", "text"), ("unit", "text"), ("rows", "int64")],
        "SELECT COALESCE(i.indicator, 'none') AS indicator, i.unit, COUNT(e.n) AS rows FROM dim_indicator AS i FULL JOIN estimate AS e ON e.indicator = i.indicator AND e.n > 500 \
         GROUP BY i.indicator, i.unit ORDER BY indicator",
    ),
    (
        "missing",
        "indicator",
        &[("indicator", "text")],
        "SELECT DISTINCT indicator FROM dim_indicator WHERE indicator NOT IN (SELECT indicator FROM change WHERE call = 'increased') ORDER BY indicator",
    ),
    (
        "ranks",
        "key",
        &[("key", "text"), ("place", "int64"), ("before", "float64")],
        "SELECT indicator || panel || wave || cell AS key, RANK() OVER (PARTITION BY panel, wave ORDER BY estimate DESC, indicator, cell) AS place, \
         LAG(estimate) OVER (PARTITION BY indicator, panel, cell ORDER BY wave) AS before FROM estimate ORDER BY key",
    ),
    (
        "above",
        "key",
        &[("key", "text"), ("estimate", "float64")],
        "SELECT indicator || panel || wave || cell AS key, estimate FROM estimate WHERE estimate > (SELECT MIN(estimate) + 10 FROM estimate) ORDER BY estimate, key LIMIT 50",
    ),
    (
        "together",
        "name",
        &[("name", "text"), ("kind", "text")],
        "SELECT name, MIN(kind) AS kind FROM (SELECT panel AS name, 'panel' AS kind FROM dim_panel UNION ALL SELECT indicator, 'indicator' FROM dim_indicator \
         UNION ALL SELECT cell, 'cell' FROM dim_breakdown) AS names GROUP BY name ORDER BY name",
    ),
];

#[test]
fn sql_of_other_kinds_is_the_same() {
    let release = release();
    let (_workers, urls) = three();
    let folder = tempfile::tempdir().unwrap();
    let (own, out) = (folder.path().join("marts"), folder.path().join("out"));
    fs::create_dir(&own).unwrap();
    for (name, key, columns, sql) in OTHERS {
        mart(&own, name, key, columns, sql);
    }
    let ran = command(&release, &own, &out, &urls).output().unwrap();
    check(&ran, 0, &[]);
    println!("{}", text(&ran));
    let tables = tables(&release);
    for (name, _, _, sql) in OTHERS {
        let contract = fs::read_to_string(own.join(format!("{name}.toml"))).unwrap();
        let contract = Contract::parse(name, &contract).unwrap();
        let expected = contract.conform(&Engine::new().query(&tables, sql).unwrap()).unwrap();
        let mut found = read(&out.join(format!("{name}.parquet")));
        found.remove_column(found.schema().index_of("run_id").unwrap());
        assert!(expected.num_rows() > 0, "{name}: a mart without rows shows nothing");
        assert_same(name, &found, &expected);
    }
}
