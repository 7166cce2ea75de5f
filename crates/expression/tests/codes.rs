//! Texts that are compared with a category and are none of its codes are mistakes, in conditions and in marts.
#![allow(clippy::unwrap_used)] // a test may stop where it breaks

use std::collections::BTreeMap;

use arrow::datatypes::{DataType, Field, Schema};
use expression::Engine;
use survey::condition::{SqlMistake, with_codes};
use survey::{Expressions, SqlTables};

fn schema() -> Schema {
    let category = || DataType::Dictionary(Box::new(DataType::Int16), Box::new(DataType::Utf8));
    Schema::new(vec![
        with_codes(Field::new("fan", category(), true), ["yes", "no"]),
        with_codes(Field::new("other", category(), true), ["often", "never"]),
        Field::new("age", DataType::Float64, true),
        Field::new("text", DataType::Utf8, true),
    ])
}

fn told(condition: &str) -> Vec<String> {
    let said = |mistake: SqlMistake| {
        assert!(mistake.position.is_some(), "{condition}: without a place");
        format!("{}; {}", mistake.message, mistake.hint.unwrap_or_default())
    };
    let found = Engine::new().check(&schema(), condition).err().unwrap_or_default();
    found.into_iter().map(said).collect()
}

const YES: &str = "`Yes` is no answer of `fan`; did you mean `yes`?";

#[test]
fn a_text_that_is_no_code_of_the_category_is_a_mistake_wherever_it_is_compared() {
    for condition in [
        "fan = 'Yes'",
        "'Yes' = fan",
        "fan <> 'Yes'",
        "fan IN ('no', 'Yes')",
        "fan NOT IN ('Yes')",
        "NOT (age > 3 AND (fan = 'Yes'))",
        "CASE fan WHEN 'Yes' THEN true ELSE false END",
        "CASE WHEN fan = 'Yes' THEN age ELSE 0 END > 2",
        "fan IS DISTINCT FROM 'Yes'",
        "nullif(fan, 'Yes') = 'no'",
        "coalesce(fan, 'none') = 'Yes'",
        "CAST(fan AS VARCHAR) = 'Yes'",
        "trim(fan) = 'Yes'",
        "age = CASE WHEN fan = 'Yes' THEN 1 ELSE 2 END",
        "CASE WHEN age > 3 THEN fan ELSE 'none' END = 'Yes'",
    ] {
        let found = told(condition);
        assert_eq!(found.len(), 1, "{condition}: {found:?}");
        assert!(found[0].starts_with("`Yes` is no answer of `fan`"), "{condition}: {found:?}");
    }
    assert_eq!(told("fan = 'Yes'"), [YES]);
    assert_eq!(
        told("fan = 'Yes' OR other = 'fan' OR fan = 'no'"),
        [YES, "`fan` is no answer of `other`; there is: never, often"]
    );
}

#[test]
fn a_pattern_that_no_code_fits_is_a_mistake() {
    assert_eq!(told("fan LIKE 'Yes'").len(), 1);
    assert_eq!(told("fan LIKE 'Y%'").len(), 1);
    assert_eq!(told("fan NOT LIKE '%x%'").len(), 1);
    assert_eq!(told("starts_with(other, 'al')").len(), 1);
    for fits in [
        "fan LIKE 'y%'",
        "fan LIKE '_o'",
        "fan ILIKE 'YES'",
        "fan LIKE '%'",
        "ends_with(other, 'ten')",
    ] {
        assert!(told(fits).is_empty(), "{fits}");
    }
}

#[test]
fn what_can_be_true_is_no_mistake() {
    for condition in [
        "fan = 'yes'",
        "upper(fan) = 'YES'",
        "coalesce(fan, 'none') = 'none'",
        "CASE WHEN age > 3 THEN 'high' ELSE fan END = 'high'",
        "text = 'Yes'",
        "text = fan",
        "fan || 'x' = 'yesx'",
        "fan < 'zzz'",
        "fan IS NULL",
    ] {
        assert!(told(condition).is_empty(), "{condition}: {:?}", told(condition));
    }
    assert_eq!(
        told("fan = other"),
        [
            "`fan` and `other` have no answer in common; compare their answers in config/codebook/answers.csv"
        ]
    );
}

#[test]
fn a_derivation_gives_answers_of_its_own_list() {
    let none_of = |sql: &str| {
        let found = Engine::new().none_of(sql, &["young", "old"]);
        found.into_iter().map(|mistake| mistake.message).collect::<Vec<_>>()
    };
    let sql = "CASE WHEN age < 40 THEN 'Young' WHEN text = 'x' THEN coalesce(NULL, 'olde') ELSE 'old' END";
    assert_eq!(none_of(sql), ["`Young` is none of the answers", "`olde` is none of the answers"]);
    assert!(none_of("CASE WHEN text = 'x' THEN 'young' ELSE 'old' END").is_empty());
}

fn tables() -> BTreeMap<String, Schema> {
    let text = |name: &str| Field::new(name, DataType::Utf8, false);
    let estimate = Schema::new(vec![
        with_codes(text("indicator"), ["portal_use", "portal_offered"]),
        with_codes(text("breakdown"), ["total", "sex"]),
        Field::new("wave", DataType::Int32, false),
        Field::new("estimate", DataType::Float64, true),
    ]);
    let panel = Schema::new(vec![with_codes(text("panel"), ["gp"]), text("label_en")]);
    [("estimate".to_owned(), estimate), ("dim_panel".to_owned(), panel)].into()
}

fn looked(sql: &str) -> (Vec<String>, Vec<(u64, String)>) {
    let (schema, mistakes) = Engine::new().look(&tables(), sql);
    let fields = schema.iter().flat_map(|schema| schema.fields().iter());
    let fields = fields.map(|field| format!("{} {}", field.name(), field.data_type()));
    let told = mistakes
        .into_iter()
        .map(|mistake| (mistake.position.map_or(0, |(line, _)| line), mistake.message));
    (fields.collect(), told.collect())
}

#[test]
fn a_mart_is_planned_against_schemas_and_says_what_it_gives() {
    let (fields, mistakes) = looked(
        "SELECT e.wave, 100 * e.estimate AS value, count(*) AS n\nFROM estimate AS e GROUP BY e.wave, e.estimate ORDER BY e.wave",
    );
    assert!(mistakes.is_empty(), "{mistakes:?}");
    assert_eq!(fields, ["wave Int32", "value Float64", "n Int64"]);
}

#[test]
fn all_mistakes_of_a_mart_come_at_once_with_their_lines() {
    let (fields, mistakes) = looked(
        "SELECT e.wav, e.estimate AS value,\n e.lvel\nFROM estimate AS e\nWHERE e.indicator = 'Portal_use'\nAND e.breakdown IN ('total', 'age')",
    );
    let expected = [
        (0, "the order of the rows is left open"),
        (1, "no column `wav` in `e`"),
        (2, "no column `lvel` in `e`"),
        (4, "`Portal_use` is no value of `indicator`"),
        (5, "`age` is no value of `breakdown`"),
    ];
    let found: Vec<(u64, &str)> =
        mistakes.iter().map(|(line, text)| (*line, text.as_str())).collect();
    assert_eq!(found, expected);
    assert_eq!(fields, ["wav Null", "value Float64", "lvel Null"]);
}

#[test]
fn the_nearest_column_is_one_of_the_table_that_is_asked() {
    let hints = |sql: &str| {
        let (_, mistakes) = Engine::new().look(&tables(), sql);
        mistakes.into_iter().map(|mistake| mistake.hint).collect::<Vec<_>>()
    };
    let joined = "FROM estimate AS e JOIN dim_panel AS p ON p.panel = 'gp' ORDER BY e.wave";
    assert_eq!(
        hints(&format!("SELECT e.wav, p.wav, estimat {joined}")),
        [
            Some("did you mean `wave`?".to_owned()),
            None,
            Some("did you mean `estimate`?".to_owned())
        ]
    );
}

#[test]
fn of_very_many_columns_that_do_not_exist_the_first_fifty_are_told() {
    let columns: Vec<String> = (0..60).map(|at| format!("nothing_{at}")).collect();
    let (fields, mistakes) =
        looked(&format!("SELECT {} FROM estimate ORDER BY wave", columns.join(", ")));
    assert_eq!((fields.len(), mistakes.len()), (0, 50), "{mistakes:?}");
}

#[test]
fn codes_are_followed_through_subqueries_joins_and_case() {
    for sql in [
        "WITH x AS (SELECT indicator AS i FROM estimate) SELECT i FROM x WHERE i = 'Portal' ORDER BY i",
        "SELECT e.wave FROM estimate AS e JOIN dim_panel AS p ON p.panel = 'GP' ORDER BY e.wave",
        "SELECT CASE e.breakdown WHEN 'Total' THEN 1 END AS x FROM estimate AS e ORDER BY 1",
        "SELECT wave FROM estimate WHERE indicator IN (SELECT indicator FROM estimate WHERE breakdown = 'Sex') ORDER BY wave",
        "SELECT wave FROM estimate WHERE indicator LIKE 'Portal%' ORDER BY wave",
    ] {
        let (_, mistakes) = looked(sql);
        assert_eq!(mistakes.len(), 1, "{sql}: {mistakes:?}");
        assert!(mistakes[0].1.contains("is no value of"), "{sql}: {mistakes:?}");
    }
    let (_, none) =
        looked("SELECT label_en FROM dim_panel WHERE label_en = 'anything' ORDER BY label_en");
    assert!(none.is_empty(), "{none:?}");
}
