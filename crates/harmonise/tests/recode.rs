//! What `harmonise::recode` promises.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int8Array, Int64Array, StringArray,
};
use arrow::datatypes::{Field, Float64Type, Int8Type, Int16Type, Schema};
use arrow::record_batch::RecordBatch;
use harmonise::{Error, ErrorKind, Settings, recode};
use survey::codebook::{Answer, Codebook, Concept, Kind, Role};
use survey::condition::SqlMistake;
use survey::handoff::AdmittedAbout;
use survey::{
    Admitted, Code, Expressions, Fate, Finding, Harmonised, Hinted, MissingReason, PanelWave,
    Severity, columns,
};

fn concept(name: &str, kind: Kind, answers: &str, derivation: &str) -> Concept {
    Concept {
        concept: name.to_owned(),
        theme: String::new(),
        kind,
        role: Role::Answer,
        answers: answers.to_owned(),
        unit: String::new(),
        label: survey::Labels::default(),
        base_includes: BTreeSet::new(),
        derivation: derivation.to_owned(),
        line: survey::Line(7),
    }
}

fn answers(name: &str, codes: &[&str]) -> (String, Vec<Answer>) {
    let answer = |code: &&str| Answer {
        answers: name.to_owned(),
        code: (*code).to_owned(),
        order: 1,
        label: survey::Labels::default(),
        line: survey::Line(1),
    };
    (name.to_owned(), codes.iter().map(answer).collect())
}

/// A number, or an answer of yes and no, with its fate.
type Cell<'a> = (Option<&'a str>, Fate);

fn given(value: &str) -> Cell<'_> {
    (Some(value), Fate::Kept)
}

fn gone<'a>(reason: MissingReason) -> Cell<'a> {
    (None, Fate::Missing(reason))
}

fn values(cells: &[Cell<'_>]) -> ArrayRef {
    let codes = ["yes", "no"];
    let key = |value: &str| codes.iter().position(|code| *code == value).map(|key| key as i16);
    let given = || cells.iter().map(|(value, _)| *value);
    if given().flatten().any(|value| key(value).is_some()) {
        let keys = given().map(|value| value.map(|value| key(value).unwrap()));
        return Arc::new(columns::category(keys.collect(), &codes));
    }
    let numbers = given().map(|value| value.map(|value| value.parse::<f64>().unwrap()));
    Arc::new(numbers.collect::<Float64Array>())
}

/// Items by concept, column position and cells.
fn admitted(items: &[(&str, u32, &[Cell<'_>])]) -> Admitted {
    let rows = items[0].2.len() as i64;
    let ids: StringArray = (0..rows).map(|row| Some(format!("r{row}"))).collect();
    let mut columns: Vec<(String, ArrayRef)> = vec![
        (columns::RESPONDENT.to_owned(), Arc::new(ids)),
        (columns::RECORD.to_owned(), Arc::new(Int64Array::from_iter_values(1..=rows))),
        (columns::LINE.to_owned(), Arc::new(Int64Array::from_iter_values(2..=rows + 1))),
        (columns::SHEET_ROW.to_owned(), Arc::new(Int64Array::from_iter_values(2..=rows + 1))),
    ];
    let mut sources = BTreeMap::new();
    for (name, position, cells) in items {
        let fates = Int8Array::from_iter_values(cells.iter().map(|(_, fate)| fate.code()));
        columns.push(((*name).to_owned(), values(cells)));
        columns.push((columns::item_fate(name), Arc::new(fates)));
        sources.insert((*name).to_owned(), (*position, format!("Q{position}")));
    }
    let about = AdmittedAbout {
        panel_wave: PanelWave::new("gp", 2024),
        delivery: "doctors_2024".to_owned(),
        sheet: None,
        first_column: 0,
        sources,
        identifier: (0, "id".to_owned(), true),
        rows_in: rows as u64,
        rows_kept: rows as u64,
        rows_quarantined: BTreeMap::new(),
        rows_unassigned: BTreeMap::new(),
        fates: Vec::new(),
        unused_recodes: Vec::new(),
    };
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let table = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    Admitted { table, extra: BTreeMap::new(), findings: Vec::new(), warnings: Vec::new(), about }
}

fn codebook(concepts: Vec<Concept>) -> Codebook {
    let answers = BTreeMap::from([answers("yes_no", &["yes", "no"])]);
    Codebook { concepts, answers, ..Codebook::default() }
}

fn run(admitted: &Admitted, codebook: Codebook) -> Result<Harmonised, Error> {
    recode(admitted, &Settings { panel_wave: PanelWave::new("gp", 2024), codebook }, &Fake)
}

fn codes(table: &RecordBatch, concept: &str) -> Vec<Option<String>> {
    let column = table.column_by_name(concept).unwrap().as_dictionary::<Int16Type>();
    let values = column.values().as_string::<i32>();
    column.keys().iter().map(|key| key.map(|key| values.value(key as usize).to_owned())).collect()
}

fn missing(table: &RecordBatch, concept: &str) -> Vec<Option<MissingReason>> {
    let column =
        table.column_by_name(&columns::missing(concept)).unwrap().as_primitive::<Int8Type>();
    column.iter().map(|reason| reason.and_then(MissingReason::from_code)).collect()
}

fn fates(harmonised: &Harmonised, position: u32) -> Vec<Fate> {
    let column = harmonised.extra["fate"]
        .column_by_name(&columns::fate(position))
        .unwrap()
        .as_primitive::<Int8Type>();
    column.values().iter().map(|code| Fate::from_code(*code).unwrap()).collect()
}

/// `any(a, b)`: yes where one of two is yes; `band(age)`: old from 65 on, null below 18; `nonsense(a)`: a code nobody knows.
struct Fake;

impl Expressions for Fake {
    fn check(&self, schema: &Schema, expression: &str) -> Result<(), Vec<SqlMistake>> {
        let unknown = self
            .columns(expression)
            .unwrap()
            .into_iter()
            .filter(|name| schema.column_with_name(name).is_none());
        let mistakes: Vec<SqlMistake> = unknown
            .map(|name| SqlMistake {
                message: format!("no concept `{name}`"),
                position: None,
                hint: None,
            })
            .collect();
        if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
    }

    fn columns(&self, expression: &str) -> Result<Vec<String>, SqlMistake> {
        let inner = expression.split(['(', ')']).nth(1).unwrap();
        Ok(inner.split(", ").map(str::to_owned).collect())
    }

    fn evaluate(&self, batch: &RecordBatch, expression: &str) -> Result<ArrayRef, SqlMistake> {
        let result: StringArray = match expression {
            "any(a, b)" => codes(batch, "a")
                .into_iter()
                .zip(codes(batch, "b"))
                .map(|answers| match answers {
                    (Some(a), Some(b)) => Some(if a == "yes" || b == "yes" { "yes" } else { "no" }),
                    (Some(known), None) | (None, Some(known)) if known == "yes" => Some("yes"),
                    _ => None,
                })
                .collect(),
            "band(age)" => {
                let ages = batch.column_by_name("age").unwrap().as_primitive::<Float64Type>();
                let band =
                    |age: f64| (age >= 18.0).then_some(if age >= 65.0 { "yes" } else { "no" });
                ages.iter().map(|age| age.and_then(band)).collect()
            }
            _ => StringArray::from(vec!["nonsense"; batch.num_rows()]),
        };
        Ok(Arc::new(result))
    }

    fn condition(&self, _: &RecordBatch, _: &str) -> Result<BooleanArray, SqlMistake> {
        unreachable!("recode asks for values only")
    }
}

#[test]
fn every_reason_for_a_missing_answer_is_kept() {
    let book = codebook(vec![
        concept("a", Kind::Category, "yes_no", ""),
        concept("never", Kind::Category, "yes_no", ""),
    ]);
    let cells = [
        given("yes"),
        gone(MissingReason::DontKnow),
        gone(MissingReason::Refused),
        gone(MissingReason::NotApplicable),
        gone(MissingReason::Unanswered),
        gone(MissingReason::NotRouted),
        gone(MissingReason::BrokeOff),
        (None, Fate::Quarantined),
    ];
    let harmonised = run(&admitted(&[("a", 3, &cells)]), book).unwrap();
    let reasons = [
        None,
        Some(MissingReason::DontKnow),
        Some(MissingReason::Refused),
        Some(MissingReason::NotApplicable),
        Some(MissingReason::Unanswered),
        Some(MissingReason::NotRouted),
        Some(MissingReason::BrokeOff),
        Some(MissingReason::Invalid),
    ];
    assert_eq!(missing(&harmonised.table, "a"), reasons);
    assert_eq!(missing(&harmonised.table, "never"), [Some(MissingReason::NotAsked); 8]);
    assert_eq!(harmonised.about.asked, BTreeSet::from(["a".to_owned()]));
    assert_eq!(harmonised.about.missing["a"][&MissingReason::BrokeOff], 1);
    assert_eq!(*fates(&harmonised, 3).last().unwrap(), Fate::Quarantined);
}

fn derived(reason: MissingReason) -> Harmonised {
    let book = codebook(vec![
        concept("a", Kind::Category, "yes_no", ""),
        concept("b", Kind::Category, "yes_no", ""),
        concept("any_use", Kind::Category, "yes_no", "any(a, b)"),
    ]);
    let a = [given("yes"), given("no"), gone(reason), gone(reason)];
    let b = [given("no"), given("no"), given("yes"), given("no")];
    run(&admitted(&[("a", 3, &a), ("b", 4, &b)]), book).unwrap()
}

#[test]
fn a_derived_concept_takes_the_reason_of_the_input_that_is_missing() {
    let harmonised = derived(MissingReason::BrokeOff);
    assert_eq!(
        codes(&harmonised.table, "any_use"),
        [Some("yes"), Some("no"), Some("yes"), None].map(|code| code.map(str::to_owned))
    );
    assert_eq!(
        missing(&harmonised.table, "any_use"),
        [None, None, None, Some(MissingReason::BrokeOff)]
    );
    assert!(harmonised.about.asked.contains("any_use"));
}

#[test]
fn a_derived_concept_of_what_was_not_asked_is_not_asked() {
    let book = codebook(vec![
        concept("q", Kind::Category, "yes_no", ""),
        concept("a", Kind::Category, "yes_no", ""),
        concept("b", Kind::Category, "yes_no", ""),
        concept("any_use", Kind::Category, "yes_no", "any(a, b)"),
    ]);
    let harmonised = run(&admitted(&[("q", 3, &[given("yes")])]), book).unwrap();
    assert_eq!(missing(&harmonised.table, "any_use"), [Some(MissingReason::NotAsked)]);
    assert!(!harmonised.about.asked.contains("any_use"));
}

#[test]
fn a_derivation_without_a_value_is_invalid_and_said() {
    let book = codebook(vec![
        concept("age", Kind::Number, "", ""),
        concept("old", Kind::Category, "yes_no", "band(age)"),
    ]);
    let cells = [given("70"), given("12"), gone(MissingReason::Unanswered)];
    let harmonised = run(&admitted(&[("age", 3, &cells)]), book).unwrap();
    assert_eq!(
        missing(&harmonised.table, "old"),
        [None, Some(MissingReason::Invalid), Some(MissingReason::Unanswered)]
    );
    let expected = Finding {
        concept: Some("old".to_owned()),
        found: "1 rows without a value though all that the derivation reads is there".to_owned(),
        expected: "a value".to_owned(),
        action: "set to missing: invalid".to_owned(),
        hint: "see the derivation in config/codebook/concepts.csv: old".to_owned(),
        count: 1,
        ..Finding::new(Code::DerivedWithoutValue, Severity::Warning, "doctors_2024")
            .of(&PanelWave::new("gp", 2024))
    };
    assert_eq!(harmonised.findings, [expected]);
    assert_eq!(
        harmonised.about.missing["old"],
        BTreeMap::from([(MissingReason::Invalid, 1), (MissingReason::Unanswered, 1)]),
        "reasons that occur, and no others"
    );
}

#[test]
fn a_derivation_without_a_value_in_two_rows_is_one_finding_that_counts_both() {
    let book = codebook(vec![
        concept("age", Kind::Number, "", ""),
        concept("old", Kind::Category, "yes_no", "band(age)"),
    ]);
    let harmonised =
        run(&admitted(&[("age", 3, &[given("12"), given("13"), given("70")])]), book).unwrap();
    let counts: Vec<u64> = harmonised.findings.iter().map(|finding| finding.count).collect();
    assert_eq!(counts, [2]);
}

#[test]
fn a_derived_concept_is_asked_without_rows_and_not_where_nobody_was_asked_what_it_reads() {
    let concepts = || {
        vec![
            concept("age", Kind::Number, "", ""),
            concept("old", Kind::Category, "yes_no", "band(age)"),
        ]
    };
    let book = codebook(concepts());
    let nobody = run(&admitted(&[("age", 3, &[])]), book).unwrap();
    assert!(nobody.about.asked.contains("old"));
    let book = codebook(concepts());
    let of = |cells: &[Cell<'_>]| run(&admitted(&[("age", 3, cells)]), book.clone()).unwrap();
    assert!(
        !of(&[gone(MissingReason::NotAsked), gone(MissingReason::NotAsked)])
            .about
            .asked
            .contains("old")
    );
    assert!(of(&[gone(MissingReason::NotAsked), given("70")]).about.asked.contains("old"));
}

#[test]
fn mistakes_in_derivations_come_all_at_once_with_their_line() {
    let book = codebook(vec![
        concept("a", Kind::Category, "yes_no", ""),
        concept("x", Kind::Category, "yes_no", "any(a, nowhere)"),
        concept("y", Kind::Category, "yes_no", "nonsense(a)"),
    ]);
    let error = run(&admitted(&[("a", 3, &[given("yes")])]), book).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        error.with_hints(),
        "gp 2024: 2 problems\n  config/codebook/concepts.csv, line 7: derivation of `x`: no concept `nowhere`\n  config/codebook/concepts.csv, line 7: derivation of `y`: found a code that its answers do not have (1 rows), expected one of yes, no\nhint: add it to config/codebook/answers.csv (`yes_no`), or mend the derivation"
    );
}

#[test]
fn a_column_that_feeds_several_items_has_the_worst_fate() {
    let book = codebook(vec![
        concept("a", Kind::Category, "yes_no", ""),
        concept("b", Kind::Category, "yes_no", ""),
    ]);
    let a = [given("yes"), given("yes"), gone(MissingReason::Unanswered)];
    let b =
        [(Some("no"), Fate::Recoded), (None, Fate::Quarantined), gone(MissingReason::NotRouted)];
    let harmonised = run(&admitted(&[("a", 3, &a), ("b", 3, &b)]), book).unwrap();
    assert_eq!(
        fates(&harmonised, 3),
        [Fate::Recoded, Fate::Quarantined, Fate::Missing(MissingReason::Unanswered)]
    );
    assert_eq!(fates(&harmonised, 0), [Fate::Recoded; 3], "hashed ids");
    assert_eq!(
        harmonised.about.headers,
        BTreeMap::from([(0, "id".to_owned()), (3, "Q3".to_owned())])
    );
}

#[test]
fn not_asked_is_a_derived_reason_only_where_no_other_input_has_one() {
    let book = codebook(vec![
        concept("a", Kind::Category, "yes_no", ""),
        concept("b", Kind::Category, "yes_no", ""),
        concept("any_use", Kind::Category, "yes_no", "any(a, b)"),
    ]);
    let b = [given("yes"), given("no"), gone(MissingReason::BrokeOff)];
    let harmonised = run(&admitted(&[("b", 4, &b)]), book).unwrap();
    assert_eq!(
        missing(&harmonised.table, "any_use"),
        [None, Some(MissingReason::NotAsked), Some(MissingReason::BrokeOff)]
    );
}

#[test]
fn crosswalk_rows_that_no_cell_used_are_reported() {
    let book = codebook(vec![concept("a", Kind::Category, "yes_no", "")]);
    let mut delivered = admitted(&[("a", 3, &[given("yes")])]);
    delivered.about.sheet = Some("Data".to_owned());
    delivered.about.unused_recodes = vec!["yn: 2".to_owned(), "yn: 3".to_owned()];
    let harmonised = run(&delivered, book).unwrap();
    let expected = Finding {
        sheet: Some("Data".to_owned()),
        found: "2 crosswalk rows that no cell used: `yn: 2`, `yn: 3`".to_owned(),
        expected: "every row to be met".to_owned(),
        action: "none".to_owned(),
        hint: "an answer nobody gave, or a row of config/codebook/crosswalks.csv that is no longer needed"
            .to_owned(),
        count: 2,
        ..Finding::new(Code::RecodeUnused, Severity::Info, "doctors_2024").of(&PanelWave::new("gp", 2024))
    };
    assert_eq!(harmonised.findings, [expected]);
}
