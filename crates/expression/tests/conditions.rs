//! What conditions and derivations promise, each as a claim.
#![allow(clippy::unwrap_used)] // a test may stop where it breaks

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int8Array,
    Int16Array, Int32Array, Int64Array, StringArray,
};
use arrow::datatypes::{Float64Type, Int16Type};
use arrow::record_batch::RecordBatch;
use expression::Engine;
use survey::Expressions;
use survey::condition::SqlMistake;

/// Four respondents; the last one answered nothing.
fn respondents() -> RecordBatch {
    let sex = DictionaryArray::<Int16Type>::new(
        Int16Array::from(vec![Some(0), Some(1), Some(0), None]),
        Arc::new(StringArray::from(vec!["female", "male", "other"])),
    );
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("respondent", Arc::new(StringArray::from(vec!["a", "b", "c", "d"]))),
        ("wave", Arc::new(Int32Array::from(vec![2024, 2024, 2025, 2025]))),
        ("sex", Arc::new(sex)),
        ("Age", Arc::new(Float64Array::from(vec![Some(34.0), Some(71.0), Some(18.0), None]))),
        ("hours", Arc::new(Float64Array::from(vec![Some(0.0), Some(8.0), Some(36.0), None]))),
        ("large", Arc::new(Int64Array::from(vec![Some(i64::MAX), Some(1), Some(2), None]))),
        (
            "postcode",
            Arc::new(StringArray::from(vec![Some("1012"), Some("x"), Some(" 9711"), None])),
        ),
        ("sex__missing", Arc::new(Int8Array::from(vec![None, None, None, Some(4)]))),
        (
            "flag_speeder",
            Arc::new(BooleanArray::from(vec![Some(true), Some(false), Some(false), None])),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap()
}

fn condition(text: &str, expected: [Option<bool>; 4]) {
    let found = Engine::new().condition(&respondents(), text).unwrap();
    assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{text}");
}

fn number(text: &str, expected: [Option<f64>; 4]) {
    let found = Engine::new().evaluate(&respondents(), text).unwrap();
    let found = found.as_primitive::<Float64Type>().iter().collect::<Vec<_>>();
    assert_eq!(found, expected, "{text}");
}

fn text(text: &str, expected: [Option<&str>; 4]) {
    let found = Engine::new().evaluate(&respondents(), text).unwrap();
    assert_eq!(found.as_string::<i32>().iter().collect::<Vec<_>>(), expected, "{text}");
}

fn mistakes(text: &str) -> Vec<SqlMistake> {
    Engine::new().check(respondents().schema_ref(), text).expect_err(text)
}

fn mistake(text: &str, message: &str, position: (u64, u64), hint: Option<&str>) {
    let found = mistakes(text);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    assert_eq!((found[0].message.as_str(), found[0].hint.as_deref()), (message, hint), "{text}");
    assert_eq!(found[0].position, Some(position), "{text}");
}

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

#[test]
fn a_category_compares_with_text_and_its_missing_is_cannot_tell() {
    condition("sex = 'female'", [YES, NO, YES, None]);
    condition("sex IN ('female', 'other')", [YES, NO, YES, None]);
    condition("sex <> 'female' OR sex IS NULL", [NO, YES, NO, YES]);
    condition("sex__missing = 4", [None, None, None, YES]);
    condition("sex LIKE 'fe%'", [YES, NO, YES, None]);
}

#[test]
fn numbers_compare_across_integer_and_float() {
    condition("Age BETWEEN 18 AND 110", [YES, YES, YES, None]);
    condition("wave >= 2025 AND Age < 20.5", [NO, NO, YES, None]);
    condition("flag_speeder OR Age > 70", [YES, YES, NO, None]);
    condition("NOT flag_speeder", [NO, YES, YES, None]);
}

#[test]
fn names_keep_their_capitals() {
    condition("Age = 34", [YES, NO, NO, None]);
    mistake("age = 34", "no column `age`", (1, 1), Some("did you mean `Age`?"));
}

#[test]
fn division_by_zero_is_null_for_that_row_only() {
    number("Age / hours", [None, Some(8.875), Some(0.5), None]);
    number("wave % 5", [Some(4.0), Some(4.0), Some(0.0), Some(0.0)]);
    number("1 / 0", [None; 4]);
    number("Age % 0", [None; 4]);
    condition("Age / hours > 1", [None, YES, NO, None]);
}

#[test]
fn division_of_whole_numbers_is_not_cut_off() {
    number("5 / 2", [Some(2.5); 4]);
}

#[test]
fn a_cast_that_fails_is_null_for_that_row_only() {
    number("CAST(postcode AS BIGINT)", [Some(1012.0), None, Some(9711.0), None]);
    condition("CAST(trim(postcode) AS DOUBLE) > 2000", [NO, None, YES, None]);
    number("postcode::INT + 1", [Some(1013.0), None, Some(9712.0), None]);
}

#[test]
fn integer_overflow_does_not_wrap() {
    number("large + 1", [Some(9_223_372_036_854_775_808.0), Some(2.0), Some(3.0), None]);
    condition("large * 2 > 0", [YES, YES, YES, None]);
    condition("large + large > 0", [YES, YES, YES, None]);
    number("9223372036854775807 + 1", [Some(9_223_372_036_854_775_808.0); 4]);
    let least: ArrayRef = Arc::new(Int64Array::from(vec![i64::MIN]));
    let batch = RecordBatch::try_from_iter([("least", least)]).unwrap();
    let found = Engine::new().evaluate(&batch, "-least").unwrap();
    assert_eq!(found.as_primitive::<Float64Type>().value(0), 9_223_372_036_854_775_808.0);
}

#[test]
fn an_undefined_number_is_null() {
    number("sqrt(Age - 34)", [Some(0.0), Some(37_f64.sqrt()), None, None]);
    number("ln(hours)", [None, Some(8_f64.ln()), Some(36_f64.ln()), None]);
    condition("sqrt(Age - 34) > 5", [NO, YES, None, None]);
    // Also where every number of a column is infinite.
    number("1e308 * 10", [None; 4]);
    number("Age * 1e308 * 1e308", [None; 4]);
}

#[test]
fn rounding_is_half_away_from_zero() {
    number("round(2.5)", [Some(3.0); 4]);
    number("round(-2.5)", [Some(-3.0); 4]);
    number("round(1.25, 1)", [Some(1.3); 4]);
}

#[test]
fn derived_categories_come_from_case() {
    text(
        "CASE WHEN Age < 35 THEN '18-34' WHEN Age < 65 THEN '35-64' WHEN Age >= 65 THEN '65+' END",
        [Some("18-34"), Some("65+"), Some("18-34"), None],
    );
    text(
        "CASE sex WHEN 'female' THEN 'f' ELSE 'm' END",
        [Some("f"), Some("m"), Some("f"), Some("m")],
    );
    text(
        "coalesce(sex, 'unknown')",
        [Some("female"), Some("male"), Some("female"), Some("unknown")],
    );
    text("sex", [Some("female"), Some("male"), Some("female"), None]);
    text("substr(postcode, 1, 2)", [Some("10"), Some("x"), Some(" 9"), None]);
    text("left(postcode, 1 + 1)", [Some("10"), Some("x"), Some(" 9"), None]);
    text(
        "upper(left(sex, 1)) || '-' || postcode",
        [Some("F-1012"), Some("M-x"), Some("F- 9711"), None],
    );
    number("coalesce(Age, -1) * 2 + 1", [Some(69.0), Some(143.0), Some(37.0), Some(-1.0)]);
    number("greatest(Age, hours)", [Some(34.0), Some(71.0), Some(36.0), None]);
    number("length(postcode)", [Some(4.0), Some(1.0), Some(5.0), None]);
}

#[test]
fn every_allowed_function_runs() {
    let calls = [
        "abs(Age)",
        "ceil(Age)",
        "exp(Age)",
        "floor(Age)",
        "ln(Age)",
        "log10(Age)",
        "power(Age, 2)",
        "round(Age, 1)",
        "sqrt(Age)",
        "trunc(Age)",
        "btrim(postcode)",
        "character_length(postcode)",
        "char_length(postcode)",
        "contains(postcode, '1')",
        "ends_with(postcode, '1')",
        "left(postcode, 2)",
        "length(postcode)",
        "lower(postcode)",
        "lpad(postcode, 6, '0')",
        "ltrim(postcode)",
        "regexp_like(postcode, '^[0-9]+$')",
        "replace(postcode, '1', '2')",
        "right(postcode, 2)",
        "rtrim(postcode)",
        "split_part(postcode, '1', 1)",
        "starts_with(postcode, '1')",
        "strpos(postcode, '1')",
        "substr(postcode, 2)",
        "trim(postcode)",
        "upper(postcode)",
        "coalesce(Age, hours, 1)",
        "nullif(Age, hours)",
        "greatest(Age, 1)",
        "least(Age, 1)",
        "concat(sex, postcode)",
        "least(sex, postcode)",
        "position('1' IN postcode)",
        "substring(postcode FROM 2 FOR 2)",
        "ceil(wave)",
        "abs(large)",
        "substr(postcode, wave - 2023)",
        "left(postcode, wave - 2023)",
        "sex IS DISTINCT FROM 'male'",
        "Age IS NOT DISTINCT FROM hours",
    ];
    for call in calls {
        let engine = Engine::new();
        engine
            .check(respondents().schema_ref(), call)
            .unwrap_or_else(|found| panic!("{call}: {found:?}"));
        assert_eq!(engine.evaluate(&respondents(), call).unwrap().len(), 4, "{call}");
    }
}

#[test]
fn text_against_number_is_refused_before_it_runs() {
    mistake(
        "Age = '34'",
        "`Age = '34'`: `Age` is a number, `'34'` is text",
        (1, 7),
        Some("write 34 for the number"),
    );
    mistake(
        "postcode > 1000",
        "`postcode > 1000`: `postcode` is text, `1000` is a number",
        (1, 12),
        Some("write '1000' for the text"),
    );
    mistake(
        "sex IN ('female', 2)",
        "`sex IN ('female', 2)`: `sex` is text, `2` is a number",
        (1, 19),
        Some("write '2' for the text"),
    );
    assert_eq!(mistakes("Age BETWEEN '18' AND 110").len(), 1);
    assert_eq!(mistakes("postcode + 1").len(), 1);
    assert_eq!(mistakes("sqrt('hello')").len(), 1);
    assert_eq!(mistakes("coalesce(sex, 1)").len(), 1);
    assert_eq!(mistakes("CASE WHEN Age > 1 THEN 'a' ELSE 1 END").len(), 1);
    assert_eq!(mistakes("Age AND flag_speeder").len(), 1);
}

#[test]
fn null_is_not_compared_by_accident() {
    mistake(
        "sex = NULL",
        "`sex = NULL`: nothing equals NULL",
        (1, 1),
        Some("write `… IS NULL` or `… IS NOT NULL`"),
    );
    assert_eq!(mistakes("sex NOT IN ('male', NULL)").len(), 1);
}

#[test]
fn all_mistakes_are_said_at_once_with_their_places() {
    let found = mistakes("sax = 'female'\n AND rund(Age) > 2 AND Age > 'x'");
    let positions: Vec<_> = found.iter().map(|mistake| mistake.position.unwrap()).collect();
    assert_eq!(positions, [(1, 1), (2, 6), (2, 30)], "{found:?}");
    assert_eq!(found[0].hint.as_deref(), Some("did you mean `sex`?"));
    assert_eq!(found[1].hint.as_deref(), Some("did you mean `round`?"));
}

#[test]
fn what_looks_beyond_one_row_is_refused() {
    for text in [
        "avg(Age) > 3",
        "Age > (SELECT 1)",
        "EXISTS (SELECT 1)",
        "row_number() OVER () = 1",
        "sex IN (SELECT 'a')",
        "random() > 0.5",
        "now() > 1",
        "abs(DISTINCT Age)",
        "a.b = 1",
        "Age & 1 = 1",
        "Age = $1",
    ] {
        assert!(!mistakes(text).is_empty(), "{text}");
    }
}

#[test]
fn an_allowed_function_over_other_rows_is_refused_as_a_form_of_its_call() {
    for call in [
        "abs(Age) OVER ()",
        "abs(Age) FILTER (WHERE Age > 1)",
        "abs(Age) WITHIN GROUP (ORDER BY Age)",
    ] {
        let found = mistakes(&format!("{call} > 1"));
        assert_eq!(found.len(), 1, "{call}: {found:?}");
        assert!(found[0].message.ends_with("this form of a call is not allowed here"), "{found:?}");
    }
}

#[test]
fn a_call_with_too_few_or_too_many_arguments_says_how_many_are_expected() {
    for (call, expected) in [
        ("abs(Age, 1)", "`abs` is given 2 arguments, expected 1"),
        ("power(Age)", "`power` is given 1 arguments, expected 2"),
        ("round(Age, 1, 2)", "`round` is given 3 arguments, expected 1 to 2"),
        ("nullif(Age)", "`nullif` is given 1 arguments, expected 2"),
        ("nullif(Age, 1, 2)", "`nullif` is given 3 arguments, expected 2"),
        ("coalesce()", "`coalesce` is given 0 arguments, expected at least 1"),
        ("concat()", "`concat` is given 0 arguments, expected at least 1"),
    ] {
        let found = mistakes(call);
        let messages: Vec<&str> = found.iter().map(|mistake| mistake.message.as_str()).collect();
        assert_eq!(messages, [expected], "{call}");
    }
}

#[test]
fn what_has_a_mistake_in_it_keeps_its_kind_for_what_stands_around_it() {
    let found = mistakes("coalesce(Age, agee) = 'a'");
    let messages: Vec<&str> = found.iter().map(|mistake| mistake.message.as_str()).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert_eq!(messages[0], "no column `agee`");
    assert!(messages[1].ends_with("is a number, `'a'` is text"), "{messages:?}");
    // Of what is wrong in itself nothing more is told.
    assert_eq!(mistakes("coalesce(NULL, agee) = 'a' AND agee + 1 > 2").len(), 2);
}

#[test]
fn a_column_of_another_kind_cannot_be_used() {
    let days: ArrayRef = Arc::new(Date32Array::from(vec![0]));
    let batch = RecordBatch::try_from_iter([("day", days)]).unwrap();
    let found = Engine::new().check(batch.schema_ref(), "day > 3").unwrap_err();
    assert_eq!(found[0].message, "column `day` cannot be used in SQL");
}

#[test]
fn text_in_double_quotes_is_explained() {
    mistake("sex = \"zzz\"", "no column `zzz`", (1, 7), Some("text stands in single quotes"));
}

#[test]
fn a_text_that_is_not_sql_is_a_mistake_with_a_place() {
    assert_eq!(mistakes("Age >").len(), 1);
    assert_eq!(mistakes("").len(), 1);
    mistake("Age > 1 sex", "found `sex`, expected the end of the expression", (1, 9), None);
    mistake(
        "Age > 1;",
        "found `;`, expected the end of the expression",
        (1, 8),
        Some("leave out the semicolon"),
    );
    assert!(mistakes("Age > 'x").iter().all(|mistake| mistake.position.is_some()));
}

#[test]
fn a_number_is_not_a_condition() {
    assert!(Engine::new().condition(&respondents(), "Age + 1").is_err());
}

#[test]
fn columns_are_named_once_in_their_order() {
    let found =
        Engine::new().columns("Age > 1 AND (sex = 'a' OR Age IS NULL) AND coalesce(b, c)").unwrap();
    assert_eq!(found, ["Age", "sex", "b", "c"]);
}

#[test]
fn a_row_on_which_the_engine_breaks_is_null_and_the_others_stand() {
    // A pattern that is no regular expression stands in one row.
    let patterns = StringArray::from(vec!["^a", "(", "b$", "c"]);
    let values = StringArray::from(vec!["ab", "ab", "ab", "ab"]);
    let columns: [(&str, ArrayRef); 2] =
        [("pattern", Arc::new(patterns)), ("value", Arc::new(values))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let found = Engine::new().condition(&batch, "regexp_like(value, pattern)").unwrap();
    assert_eq!(found.iter().collect::<Vec<_>>(), [YES, None, YES, NO]);
}

#[test]
fn a_kept_plan_is_not_used_for_other_types() {
    let engine = Engine::new();
    let of = |array: ArrayRef| RecordBatch::try_from_iter([("value", array)]).unwrap();
    let numbers = of(Arc::new(Float64Array::from(vec![1.0, 2.0])));
    let texts = of(Arc::new(StringArray::from(vec!["1", "2"])));
    assert!(engine.condition(&numbers, "value > 1").is_ok());
    assert!(engine.condition(&texts, "value > 1").is_err());
    assert!(engine.condition(&texts, "value > '1'").is_ok());
}

#[test]
fn an_empty_batch_gives_no_rows() {
    let batch = respondents().slice(0, 0);
    assert_eq!(Engine::new().condition(&batch, "Age > 1").unwrap().len(), 0);
    assert_eq!(Engine::new().condition(&respondents(), "1 = 1").unwrap().len(), 4);
}
