//! What `harmonise::recode` promises.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int8Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field, Float64Type, Int8Type, Int16Type, Schema};
use arrow::record_batch::RecordBatch;
use harmonise::{Error, ErrorKind, Settings, recode};
use survey::codebook::{
    Answer, Becomes, Codebook, Comparability, Concept, Crosswalk, Item, Kind, Recode, Role,
};
use survey::condition::SqlMistake;
use survey::handoff::{AdmittedAbout, CellState};
use survey::{
    Admitted, Expressions, Fate, Finding, Harmonised, MissingReason, PanelWave, Severity, columns,
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

fn item(concept: &str, crosswalk: &str) -> Item {
    Item {
        panel: "gp".to_owned(),
        wave: 2024,
        concept: concept.to_owned(),
        column: concept.to_uppercase(),
        aliases: Vec::new(),
        occurrence: 1,
        option: String::new(),
        crosswalk: crosswalk.to_owned(),
        minimum: None,
        maximum: None,
        routed_by: String::new(),
        routed_codes: Vec::new(),
        comparability: Comparability::Identical,
        question: survey::Labels::default(),
        note: String::new(),
        line: survey::Line(212),
    }
}

/// `value=code`, `value=!reason`, `<number>=<number>`.
fn crosswalk(name: &str, rows: &[&str]) -> (String, Crosswalk) {
    let recode = |row: &&str| {
        let (value, to) = row.split_once('=').unwrap();
        let becomes = match to.strip_prefix('!') {
            Some(reason) => Becomes::Missing(MissingReason::from_name(reason).unwrap()),
            None if to == "<number>" => Becomes::Itself,
            None => Becomes::Code(to.to_owned()),
        };
        (
            value.to_owned(),
            Recode {
                crosswalk: name.to_owned(),
                value: value.to_owned(),
                becomes,
                line: survey::Line(3),
            },
        )
    };
    (name.to_owned(), Crosswalk { recodes: rows.iter().map(recode).collect() })
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

type Cell<'a> = (Option<&'a str>, CellState);

fn given(text: &str) -> Cell<'_> {
    (Some(text), CellState::Admitted)
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
        let texts: StringArray = cells.iter().map(|(text, _)| *text).collect();
        let states = Int8Array::from_iter_values(cells.iter().map(|(_, state)| *state as i8));
        columns.push(((*name).to_owned(), Arc::new(texts)));
        columns.push((columns::state(name), Arc::new(states)));
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
    };
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let table = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    Admitted { table, extra: BTreeMap::new(), findings: Vec::new(), warnings: Vec::new(), about }
}

fn codebook(
    concepts: Vec<Concept>,
    items: Vec<Item>,
    crosswalks: &[(String, Crosswalk)],
) -> Codebook {
    let lists = [answers("yes_no", &["yes", "no"]), answers("scale", &["1", "2", "3", "4", "5"])];
    Codebook {
        languages: Vec::new(),
        concepts,
        answers: lists.into(),
        items,
        crosswalks: crosswalks.iter().cloned().collect(),
    }
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
fn an_unmapped_value_is_an_error_that_names_the_line_and_never_the_value() {
    let book = codebook(
        vec![concept("a", Kind::Category, "yes_no", "")],
        vec![item("a", "yn")],
        &[crosswalk("yn", &["1=yes", "2=no"])],
    );
    let error = run(&admitted(&[("a", 3, &[given("1"), given("geheim"), given("geheim")])]), book)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Gate);
    assert_eq!(
        error.to_string(),
        "gp 2024: `doctors_2024`: column `Q3`, record 2: value without a meaning for item `a` (2 cells): found text of 6 characters, expected a value of crosswalk `yn` that leads to a code of `a`: `1`, `2`; hint: add a row `yn,<value>,<code>` to config/codebook/crosswalks.csv (the item: items.csv, line 212)"
    );
}

#[test]
fn a_crosswalk_to_a_code_that_is_no_answer_is_an_error() {
    let book = codebook(
        vec![concept("a", Kind::Category, "yes_no", "")],
        vec![item("a", "yn")],
        &[crosswalk("yn", &["1=maybe"])],
    );
    assert!(matches!(
        run(&admitted(&[("a", 3, &[given("1")])]), book),
        Err(Error::Unmapped { .. })
    ));
}

#[test]
fn recodes_read_a_snapshot_so_that_three_to_four_and_four_to_five_do_not_chain() {
    let rows = ["1=1", "2=2", "3=4", "4=5"];
    let book = codebook(
        vec![concept("a", Kind::Category, "scale", "")],
        vec![item("a", "four_to_five")],
        &[crosswalk("four_to_five", &rows)],
    );
    let harmonised =
        run(&admitted(&[("a", 3, &[given("3"), given("4"), given("2")])]), book).unwrap();
    assert_eq!(codes(&harmonised.table, "a"), ["4", "5", "2"].map(|code| Some(code.to_owned())));
    assert_eq!(fates(&harmonised, 3), [Fate::Recoded, Fate::Recoded, Fate::Kept]);
}

#[test]
fn the_dictionary_is_the_answer_list_in_its_order_whatever_occurs() {
    let book = codebook(vec![concept("a", Kind::Category, "yes_no", "")], vec![item("a", "")], &[]);
    let harmonised = run(&admitted(&[("a", 3, &[given("no")])]), book).unwrap();
    let column = harmonised.table.column_by_name("a").unwrap();
    let kind = DataType::Dictionary(Box::new(DataType::Int16), Box::new(DataType::Utf8));
    assert_eq!(*column.data_type(), kind);
    let column = column.as_dictionary::<Int16Type>();
    assert_eq!(column.values().as_string::<i32>(), &StringArray::from(vec!["yes", "no"]));
    assert_eq!(column.keys().value(0), 1);
}

#[test]
fn a_missing_code_holds_only_in_the_wave_whose_crosswalk_has_it() {
    let concepts = || vec![concept("age", Kind::Number, "", "")];
    let cells = admitted(&[("age", 3, &[given("99"), given("50.5")])]);
    let earlier = codebook(
        concepts(),
        vec![item("age", "age_2021")],
        &[crosswalk("age_2021", &["99=!refused", "<number>=<number>"])],
    );
    let later = codebook(concepts(), vec![item("age", "")], &[]);
    let earlier = run(&cells, earlier).unwrap();
    let later = run(&cells, later).unwrap();
    assert_eq!(missing(&earlier.table, "age"), [Some(MissingReason::Refused), None]);
    assert_eq!(missing(&later.table, "age"), [None, None]);
    assert_eq!(
        later.table.column_by_name("age").unwrap().as_primitive::<Float64Type>().values().to_vec(),
        [99.0, 50.5]
    );
    assert_eq!(fates(&earlier, 3), [Fate::Missing(MissingReason::Refused), Fate::Kept]);
}

#[test]
fn every_reason_for_a_missing_answer_is_kept() {
    let book = codebook(
        vec![
            concept("a", Kind::Category, "yes_no", ""),
            concept("never", Kind::Category, "yes_no", ""),
        ],
        vec![item("a", "yn")],
        &[crosswalk("yn", &["1=yes", "8=!dont_know", "9=!refused", "-1=!not_applicable"])],
    );
    let cells = [
        given("1"),
        given("8"),
        given("9"),
        given("-1"),
        (None, CellState::Empty),
        (None, CellState::NotRouted),
        (None, CellState::BrokeOff),
        (None, CellState::Invalid),
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

#[test]
fn an_empty_cell_may_mean_not_chosen() {
    let book = codebook(
        vec![concept("a", Kind::Category, "yes_no", "")],
        vec![item("a", "chosen")],
        &[crosswalk("chosen", &["Y=yes", "<empty>=no"])],
    );
    let harmonised =
        run(&admitted(&[("a", 3, &[given("Y"), (None, CellState::Admitted)])]), book).unwrap();
    assert_eq!(codes(&harmonised.table, "a"), ["yes", "no"].map(|code| Some(code.to_owned())));
}

fn derived(reason: CellState) -> Harmonised {
    let book = codebook(
        vec![
            concept("a", Kind::Category, "yes_no", ""),
            concept("b", Kind::Category, "yes_no", ""),
            concept("any_use", Kind::Category, "yes_no", "any(a, b)"),
        ],
        vec![item("a", ""), item("b", "")],
        &[],
    );
    let a = [given("yes"), given("no"), (None, reason), (None, reason)];
    let b = [given("no"), given("no"), given("yes"), given("no")];
    run(&admitted(&[("a", 3, &a), ("b", 4, &b)]), book).unwrap()
}

#[test]
fn a_derived_concept_takes_the_reason_of_the_input_that_is_missing() {
    let harmonised = derived(CellState::BrokeOff);
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
    let book = codebook(
        vec![
            concept("q", Kind::Category, "yes_no", ""),
            concept("a", Kind::Category, "yes_no", ""),
            concept("b", Kind::Category, "yes_no", ""),
            concept("any_use", Kind::Category, "yes_no", "any(a, b)"),
        ],
        vec![item("q", "")],
        &[],
    );
    let harmonised = run(&admitted(&[("q", 3, &[given("yes")])]), book).unwrap();
    assert_eq!(missing(&harmonised.table, "any_use"), [Some(MissingReason::NotAsked)]);
    assert!(!harmonised.about.asked.contains("any_use"));
}

#[test]
fn a_derivation_without_a_value_is_invalid_and_said() {
    let book = codebook(
        vec![
            concept("age", Kind::Number, "", ""),
            concept("old", Kind::Category, "yes_no", "band(age)"),
        ],
        vec![item("age", "")],
        &[],
    );
    let cells = [given("70"), given("12"), (None, CellState::Empty)];
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
        ..Finding::new("derived_without_value", Severity::Warning, "doctors_2024")
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
    let book = codebook(
        vec![
            concept("age", Kind::Number, "", ""),
            concept("old", Kind::Category, "yes_no", "band(age)"),
        ],
        vec![item("age", "")],
        &[],
    );
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
    let book = codebook(concepts(), vec![item("age", "")], &[]);
    let nobody = run(&admitted(&[("age", 3, &[])]), book).unwrap();
    assert!(nobody.about.asked.contains("old"));
    let book = codebook(
        concepts(),
        vec![item("age", "ages")],
        &[crosswalk("ages", &["x=!not_asked", "70=<number>"])],
    );
    let of = |cells: &[Cell<'_>]| run(&admitted(&[("age", 3, cells)]), book.clone()).unwrap();
    assert!(!of(&[given("x"), given("x")]).about.asked.contains("old"));
    assert!(of(&[given("x"), given("70")]).about.asked.contains("old"));
}

#[test]
fn mistakes_in_derivations_come_all_at_once_with_their_line() {
    let book = codebook(
        vec![
            concept("a", Kind::Category, "yes_no", ""),
            concept("x", Kind::Category, "yes_no", "any(a, nowhere)"),
            concept("y", Kind::Category, "yes_no", "nonsense(a)"),
        ],
        vec![item("a", "")],
        &[],
    );
    let error = run(&admitted(&[("a", 3, &[given("yes")])]), book).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "gp 2024: 2 problems\n  config/codebook/concepts.csv, line 7: derivation of `x`: no concept `nowhere`\n  config/codebook/concepts.csv, line 7: derivation of `y`: found a code that its answers do not have (1 rows), expected one of yes, no; hint: add it to config/codebook/answers.csv (`yes_no`), or mend the derivation"
    );
}

#[test]
fn a_column_that_feeds_several_items_has_the_worst_fate() {
    let book = codebook(
        vec![
            concept("a", Kind::Category, "yes_no", ""),
            concept("b", Kind::Category, "yes_no", ""),
        ],
        vec![item("a", ""), item("b", "yn")],
        &[crosswalk("yn", &["yes=no"])],
    );
    let a = [given("yes"), given("yes"), (None, CellState::Empty)];
    let b = [given("yes"), (None, CellState::Invalid), (None, CellState::NotRouted)];
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
fn crosswalk_rows_that_no_cell_used_are_reported() {
    let book = codebook(
        vec![concept("a", Kind::Category, "yes_no", "")],
        vec![item("a", "yn")],
        &[crosswalk("yn", &["1=yes", "2=no", "3=no"])],
    );
    let mut delivered = admitted(&[("a", 3, &[given("1")])]);
    delivered.about.sheet = Some("Data".to_owned());
    let harmonised = run(&delivered, book).unwrap();
    assert_eq!(harmonised.about.unused_recodes, ["yn: 2", "yn: 3"]);
    let expected = Finding {
        sheet: Some("Data".to_owned()),
        found: "2 crosswalk rows that no cell used: `yn: 2`, `yn: 3`".to_owned(),
        expected: "every row to be met".to_owned(),
        action: "none".to_owned(),
        hint: "an answer nobody gave, or a row of config/codebook/crosswalks.csv that is no longer needed"
            .to_owned(),
        count: 2,
        ..Finding::new("recode_unused", Severity::Info, "doctors_2024").of(&PanelWave::new("gp", 2024))
    };
    assert_eq!(harmonised.findings, [expected]);
}

#[test]
fn a_text_that_is_a_code_is_unmapped_where_the_crosswalk_does_not_have_it() {
    let book = codebook(
        vec![concept("a", Kind::Category, "yes_no", "")],
        vec![item("a", "yn")],
        &[crosswalk("yn", &["1=yes", "2=no"])],
    );
    assert!(matches!(
        run(&admitted(&[("a", 3, &[given("yes")])]), book),
        Err(Error::Unmapped { .. })
    ));
}

#[test]
fn not_asked_is_a_derived_reason_only_where_no_other_input_has_one() {
    let book = codebook(
        vec![
            concept("a", Kind::Category, "yes_no", ""),
            concept("b", Kind::Category, "yes_no", ""),
            concept("any_use", Kind::Category, "yes_no", "any(a, b)"),
        ],
        vec![item("b", "")],
        &[],
    );
    let b = [given("yes"), given("no"), (None, CellState::BrokeOff)];
    let harmonised = run(&admitted(&[("b", 4, &b)]), book).unwrap();
    assert_eq!(
        missing(&harmonised.table, "any_use"),
        [None, Some(MissingReason::NotAsked), Some(MissingReason::BrokeOff)]
    );
}
