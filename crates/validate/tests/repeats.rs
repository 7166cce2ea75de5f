//! Of the rows of one respondent the most complete one is kept, and a finding says what happened.
#![allow(clippy::unwrap_used, reason = "tests")]

mod fixture;

use std::collections::BTreeMap;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use fixture::{admit_settings, cells, codebook, concept, crosswalk, item, raw};
use survey::codebook::{Codebook, Item, Kind, Role};
use survey::{Admitted, Finding, Hinted, Severity};
use validate::{AdmitSettings, Error, admit};

/// Yes-no questions c1–c3, and the age from the register.
fn questions() -> Codebook {
    let mut codebook = Codebook { items: Vec::new(), concepts: Vec::new(), ..codebook() };
    for name in ["c1", "c2", "c3"] {
        codebook.concepts.push(concept(name, Kind::Category, Role::Answer, "yes_no"));
        codebook.items.push(item(name, name, "yn"));
    }
    codebook.concepts.push(concept("age", Kind::Number, Role::Background, ""));
    codebook.items.push(item("age", "age", ""));
    codebook.crosswalks.extend([crosswalk("yn", &["1=yes", "2=no", "9=!unanswered"])]);
    codebook
}

fn settings() -> AdmitSettings {
    admit_settings(questions())
}

fn kept(admitted: &Admitted) -> Vec<i64> {
    admitted
        .table
        .column_by_name(survey::columns::RECORD)
        .unwrap()
        .as_primitive::<Int64Type>()
        .values()
        .to_vec()
}

/// The rows below `id|c1|c2|c3|age`: which records are kept, and why the others are not.
fn check(rows: &[&str], expected: &[i64], reasons: &[(&str, u64)]) -> Vec<Finding> {
    let lines: Vec<&str> = ["id|c1|c2|c3|age"].into_iter().chain(rows.iter().copied()).collect();
    let admitted = admit(&raw(&lines), &settings()).unwrap();
    assert_eq!(kept(&admitted), expected, "{rows:?}");
    let reasons: BTreeMap<String, u64> =
        reasons.iter().map(|(reason, rows)| ((*reason).to_owned(), *rows)).collect();
    assert_eq!(admitted.about.rows_quarantined, reasons, "{rows:?}");
    admitted.findings
}

#[test]
fn the_most_complete_row_of_a_respondent_is_kept_and_of_equal_ones_the_last() {
    check(&["a|1|1|1|40", "a|1|1|2|40", "a|1|||40"], &[2], &[("duplicate_id", 2)]);
    check(&["a|1|||40", "a|1|1||40"], &[2], &[("duplicate_id", 1)]);
    check(&["a|1|1||40", "a|||1|40"], &[1], &[("duplicate_id", 1)]);
    check(&["a|1|1|1|", "b|1|1|1|", "a|1|1|1|"], &[2, 3], &[("duplicate_id", 1)]);
}

#[test]
fn a_row_without_any_answer_is_no_rival_of_one_with_answers() {
    check(&["a|1|2|1|40", "a||||40"], &[1], &[("repeat_without_answers", 1)]);
    check(&["a||||40", "a|||1|"], &[2], &[("repeat_without_answers", 1)]);
    check(&["a|9|9|9|", "a||1||"], &[2], &[("repeat_without_answers", 1)]);
    check(&["a||||", "a||||"], &[2], &[("duplicate_id", 1)]);
    check(&["a||||40"], &[1], &[]);
}

#[test]
fn rows_of_repeating_instruments_take_no_answer_from_their_respondent() {
    let mut codebook = codebook();
    codebook.concepts = vec![
        concept("n", Kind::Number, Role::Answer, ""),
        concept("c", Kind::Category, Role::Answer, "yes_no"),
    ];
    codebook.items = vec![item("n", "n", ""), item("c", "c", "yn")];
    let lines = ["id|n|c|bp", "1|5|1|", "1|||110", "1|||112", "2|6|2|", "2|||120", "3|7|1|"];
    let mut settings = admit_settings(codebook);
    settings.gates.quarantined_row_percent = 0.0;
    let admitted = admit(&raw(&lines), &settings).unwrap();
    let answers: Vec<Option<String>> =
        cells(&admitted.table, "n").into_iter().map(|(text, _)| text).collect();
    assert_eq!(answers, ["5", "6", "7"].map(|text| Some(text.to_owned())));
}

#[test]
fn an_answer_that_means_nothing_is_an_answer_but_a_worse_one() {
    check(&["a|x|||", "a||||"], &[1], &[("repeat_without_answers", 1)]);
    check(&["a|1|1|1|", "a|1|1|x|"], &[1], &[("duplicate_id", 1)]);
}

#[test]
fn background_tells_rows_apart_only_where_their_answers_are_as_complete() {
    check(&["a|1|1|1|40", "a|1|1|1|"], &[1], &[("duplicate_id", 1)]);
    check(&["a|1|1||40", "a|1|1|1|"], &[2], &[("duplicate_id", 1)]);
    check(&["a||||40", "a||||"], &[1], &[("duplicate_id", 1)]);
}

#[test]
fn who_was_led_past_a_question_lacks_no_answer() {
    let mut settings = settings();
    for item in &mut settings.codebook.items[1..3] {
        "c1".clone_into(&mut item.routed_by);
        item.routed_codes = vec!["yes".to_owned()];
    }
    let lines = ["id|c1|c2|c3|age", "a|1|1|1|", "a|2|||", "b|2|||", "b|1|1||"];
    let admitted = admit(&raw(&lines), &settings).unwrap();
    assert_eq!(kept(&admitted), [2, 3]);
}

#[test]
fn the_options_of_one_cell_are_one_question() {
    let mut settings = settings();
    for (number, option) in ["app", "fax", "mail"].iter().enumerate() {
        let name = format!("o{number}");
        settings.codebook.concepts.push(concept(&name, Kind::Category, Role::Answer, "yes_no"));
        let option = (*option).to_owned();
        settings.codebook.items.push(Item { option, ..item(&name, "Q", "") });
    }
    let lines = ["id|c1|c2|c3|age|Q", "a|1|1|1||", "a|1||||app"];
    assert_eq!(kept(&admit(&raw(&lines), &settings).unwrap()), [1]);
}

#[test]
fn a_finding_says_which_row_is_kept_and_why() {
    let findings = check(&["a|1||1|40", "a|1|1|1|40", "a|||1|"], &[2], &[("duplicate_id", 2)]);
    let actions: Vec<&str> = findings.iter().map(|finding| finding.action.as_str()).collect();
    let kept = "record 2 is kept as the respondent's most complete row: 0 questions unanswered";
    assert_eq!(
        actions,
        [
            format!("row quarantined: 1 question unanswered; {kept}"),
            format!("row quarantined: 2 questions unanswered; {kept}")
        ]
    );
    assert_eq!((findings[0].cell.as_deref(), findings[0].record), (Some("A2"), Some(1)));
    assert_eq!(findings[0].severity, Severity::Error);
    let findings = check(&["a|1|1|1|", "a|1|1|1|"], &[2], &[("duplicate_id", 1)]);
    assert!(findings[0].action.contains("as the respondent's last row"), "{findings:?}");
    let findings = check(&["a|1|1|1|", "a||||"], &[1], &[("repeat_without_answers", 1)]);
    assert_eq!(findings[0].severity, Severity::Warning);
    assert_eq!(findings[0].found, "a respondent's further row, without any answer");
}

#[test]
fn rows_without_an_id_are_quarantined_whatever_they_answer() {
    let findings = check(&["|1|1|1|", "a|1|1|1|", " |1|1|1|"], &[2], &[("missing_id", 2)]);
    assert_eq!(findings[0].code, "missing_id");
    assert_eq!(findings[0].found, "empty");
}

#[test]
fn rows_with_a_spoilt_id_are_quarantined_as_such_and_told_by_ingest_alone() {
    let rows = ["#N/A|1|1|1|", "a|1|1|1|", "|1|1|1|", "#N/A|1|1|1|"];
    let findings = check(&rows, &[2], &[("missing_id", 1), ("spoilt_id", 2)]);
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.name()).collect();
    assert_eq!(codes, ["missing_id"]);
}

#[test]
fn the_gate_of_quarantined_rows_names_the_place_of_a_spoilt_id() {
    let mut settings = settings();
    settings.gates.quarantined_row_percent = 49.0;
    let lines = ["id|c1|c2|c3|age", "a|1|1|1|", "#N/A|1|1|1|"];
    let message = admit(&raw(&lines), &settings).unwrap_err().with_hints();
    assert!(message.contains("1 of 2 rows quarantined: found 50.00 %"), "{message}");
    let place = "cell A3, line 3, record 2, column `id`: found no id, expected a respondent id";
    assert!(message.contains(place), "{message}");
}

#[test]
fn the_gate_of_quarantined_rows_counts_what_is_lost_and_is_exceeded_only_above_its_limit() {
    let refused = |rows: &[&str], limit: f64| {
        let mut settings = settings();
        settings.gates.quarantined_row_percent = limit;
        let lines: Vec<&str> =
            ["id|c1|c2|c3|age"].into_iter().chain(rows.iter().copied()).collect();
        match admit(&raw(&lines), &settings) {
            Ok(_) => None,
            Err(Error::Gate { gates, .. }) => Some((gates[0].gate.clone(), gates[0].places.len())),
            Err(error) => unreachable!("{error}"),
        }
    };
    let rows = ["|1|1|1|", "a|1|1|1|", "a|1|1|1|", "b|1|1|1|"];
    assert_eq!(refused(&rows, 50.0), None, "50 % is not above 50 %");
    assert_eq!(refused(&rows, 49.9), Some(("quarantined_row_percent".to_owned(), 2)));
    let empty = ["a|1|1|1|", "a||||", "b|1|1|1|", "b||||"];
    assert_eq!(refused(&empty, 0.0), None, "nothing is lost with a row without answers");
}
