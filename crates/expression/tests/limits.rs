//! Any SQL ends: the longest that is let in fits on the stack, longer ones and endless ones are refused with a message.
#![allow(clippy::unwrap_used)] // a test may stop where it breaks

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Float64Array, Int32Array};
use arrow::record_batch::RecordBatch;
use expression::{Engine, QueryLimits};
use survey::{Expressions, SqlTables};

/// As many words and signs as are let in.
const MOST_OF_A_CONDITION: usize = 1_000;
const MOST_OF_A_QUERY: usize = 4_000;

fn batch() -> RecordBatch {
    let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0]));
    RecordBatch::try_from_iter([("a", numbers)]).unwrap()
}

fn tables(rows: i32) -> BTreeMap<String, Vec<RecordBatch>> {
    let numbers: ArrayRef = Arc::new((0..rows).collect::<Int32Array>());
    let table = RecordBatch::try_from_iter([("n", numbers)]).unwrap();
    [("t".to_owned(), vec![table])].into()
}

/// A chain of a part and joined parts, as long as is let in.
fn chain(first: &str, joined: &str, words_of_first: usize, words_of_joined: usize) -> String {
    format!("{first}{}", joined.repeat((MOST_OF_A_CONDITION - words_of_first) / words_of_joined))
}

#[test]
fn the_longest_condition_of_any_shape_fits_on_the_stack() {
    for (shape, is_condition) in [
        (chain("a > 0", " AND a > 0", 3, 4), true),
        (chain("a > 0", " OR a > 0", 3, 4), true),
        (chain("true", " AND true", 1, 2), true),
        (chain("a", " + a", 1, 2), false),
        (chain("'a'", " || 'a'", 1, 2), false),
        (format!("a{}", " / 1".repeat(50)), false),
        (vec!["a / 2"; 100].join(" + "), false),
        (format!("a IN (1{})", ", 1".repeat((MOST_OF_A_CONDITION - 6) / 2)), true),
    ] {
        let engine = Engine::new();
        engine.check(batch().schema_ref(), &shape).unwrap();
        engine.columns(&shape).unwrap();
        let values = engine.evaluate(&batch(), &shape).unwrap();
        assert_eq!(values.len(), 2);
        assert!(!is_condition || engine.condition(&batch(), &shape).is_ok());
    }
}

#[test]
fn a_condition_beyond_the_limit_is_refused_with_its_place() {
    let long = vec!["a > 0"; 500].join(" AND ");
    let mistakes = Engine::new().check(batch().schema_ref(), &long).unwrap_err();
    assert!(mistakes[0].message.contains("more than 1000 words and signs"), "{mistakes:?}");
    assert!(mistakes[0].position.is_some());
    assert!(Engine::new().condition(&batch(), &long).is_err());
    let divided = format!("a{} > 0", " / 1".repeat(51));
    let mistakes = Engine::new().check(batch().schema_ref(), &divided).unwrap_err();
    assert!(mistakes[0].message.contains("more than 50 divisions"), "{mistakes:?}");
    let deep = format!("{}a > 0{}", "(".repeat(1_000), ")".repeat(1_000));
    assert!(Engine::new().check(batch().schema_ref(), &deep).is_err());
    let nots = format!("{} a > 0", "NOT ".repeat(1_000));
    assert!(Engine::new().check(batch().schema_ref(), &nots).is_err());
}

#[test]
fn a_mart_of_many_unions_is_made_or_refused() {
    let union =
        |count: usize| format!("{} ORDER BY n", vec!["SELECT n FROM t"; count].join(" UNION ALL "));
    let engine = Engine::new();
    let message = engine.query(&tables(2), &union(3_000)).unwrap_err().message;
    assert!(message.contains("more than 4000 words and signs"), "{message}");
    // SELECT n FROM t UNION ALL: six words a part.
    let made = engine.query(&tables(2), &union(MOST_OF_A_QUERY / 6)).unwrap();
    assert_eq!(made.num_rows(), 2 * (MOST_OF_A_QUERY / 6));
}

fn within(seconds: u64, memory_mib: u64, sql: &str) -> String {
    let started = Instant::now();
    let engine = Engine::within(QueryLimits { seconds, memory_mib });
    let mistake = engine.query(&tables(10_000), sql).unwrap_err();
    assert!(started.elapsed() < Duration::from_mins(1), "{sql}");
    assert!(mistake.hint.is_some_and(|hint| hint.contains("[limits]")), "{}", mistake.message);
    mistake.message
}

#[test]
fn endless_queries_end_by_time_or_memory() {
    let endless = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT n FROM r ORDER BY n";
    let message = within(3, 64, endless);
    assert!(message.starts_with("it "), "{message}");
    let crossed = "SELECT count(*) AS n FROM t AS a, t AS b, t AS c, t AS d WHERE a.n + b.n + c.n + d.n < 0 ORDER BY n";
    let message = within(3, 4096, crossed);
    assert!(message.starts_with("it "), "{message}");
    let wide = "SELECT a.n FROM t AS a CROSS JOIN t AS b ORDER BY a.n";
    let message = within(120, 64, wide);
    assert!(message.contains("needs more than 64 MiB"), "{message}");
}
