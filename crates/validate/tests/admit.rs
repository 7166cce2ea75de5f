//! What `validate::admit` promises.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod fixture;

use std::collections::BTreeMap;

use arrow::array::{AsArray, StringArray};
use arrow::datatypes::Int16Type;
use config::panel::Split;
use fixture::{admit_settings, answers, cells, codebook, concept, crosswalk, item, raw};
use survey::codebook::{Codebook, Kind, Role};
use survey::{Admitted, Fate, Finding, Hinted, MissingReason, Severity};
use validate::{Completion, Error, ErrorKind, admit};

const KEPT: Fate = Fate::Kept;
const RECODED: Fate = Fate::Recoded;
const EMPTY: Fate = Fate::Missing(MissingReason::Unanswered);
const NOT_ROUTED: Fate = Fate::Missing(MissingReason::NotRouted);
const BROKE_OFF: Fate = Fate::Missing(MissingReason::BrokeOff);
const DONT_KNOW: Fate = Fate::Missing(MissingReason::DontKnow);
const INVALID: Fate = Fate::Quarantined;

fn admitted(lines: &[&str], codebook: Codebook) -> Admitted {
    admit(&raw(lines), &admit_settings(codebook)).unwrap()
}

fn found<'a>(findings: &'a [Finding], code: &str) -> Vec<&'a Finding> {
    findings.iter().filter(|finding| finding.code == code).collect()
}

fn fates(admitted: &Admitted, concept: &str) -> Vec<Fate> {
    cells(&admitted.table, concept).into_iter().map(|(_, fate)| fate).collect()
}

fn values(admitted: &Admitted, concept: &str) -> Vec<Option<String>> {
    cells(&admitted.table, concept).into_iter().map(|(value, _)| value).collect()
}

#[test]
fn a_column_that_changed_place_is_nothing() {
    let here = admitted(&["id|Q1|Q2", "a|1|30"], codebook());
    let there = admitted(&["id|Q2|Q1", "a|30|1"], codebook());
    assert!(there.findings.is_empty(), "{:?}", there.findings);
    assert_eq!(cells(&here.table, "use"), cells(&there.table, "use"));
    assert_eq!(there.about.sources["use"], (2, "Q1".to_owned()));
}

#[test]
fn a_header_with_other_case_or_spaces_is_read_and_said() {
    let admitted = admitted(&["id|q1 |Q2", "a|1|30"], codebook());
    let finding = found(&admitted.findings, "column_spelled_otherwise")[0].clone();
    assert_eq!(
        (finding.found.as_str(), finding.expected.as_str()),
        ("column `q1 `", "column `Q1`")
    );
    assert_eq!(finding.severity, Severity::Warning);
}

#[test]
fn an_alias_is_read_and_said() {
    let mut codebook = codebook();
    codebook.items[0].aliases = vec!["Gebruik".to_owned()];
    let admitted = admitted(&["id|Gebruik|Q2", "a|1|30"], codebook);
    assert_eq!(found(&admitted.findings, "column_by_alias").len(), 1);
    assert_eq!(fates(&admitted, "use"), [RECODED]);
}

#[test]
fn equal_headers_are_told_apart_by_their_occurrence() {
    let mut codebook = codebook();
    codebook.concepts.push(concept("use_again", Kind::Category, Role::Answer, "yes_no"));
    codebook.items.push(survey::codebook::Item { occurrence: 2, ..item("use_again", "Q1", "yn") });
    let admitted = admitted(&["id|Q1|Q2|Q1", "a|1|30|2"], codebook);
    assert_eq!(values(&admitted, "use")[0].as_deref(), Some("yes"));
    assert_eq!(values(&admitted, "use_again")[0].as_deref(), Some("no"));
}

#[test]
fn a_missing_column_is_an_error_that_names_the_similar_header_and_the_line() {
    let mut codebook = codebook();
    codebook.items[0].column = "Q14_3".to_owned();
    let error = admit(&raw(&["id|Q14.3|Q2", "a|1|30"]), &admit_settings(codebook)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        error.with_hints(),
        "nurse 2024: `nurses_2024`: column not found: `Q14_3`, expected for item `use`\nhint: the file has `Q14.3`; if that is the question, add it to the aliases in config/codebook/items.csv, line 212"
    );
}

#[test]
fn a_missing_second_column_of_a_name_is_told_as_such() {
    let mut codebook = codebook();
    codebook.items[0].occurrence = 2;
    let error = admit(&raw(&["id|Q1|Q2", "a|1|30"]), &admit_settings(codebook)).unwrap_err();
    let message = error.to_string();
    let expected = "column not found: `Q1` (number 2 of that name), expected for item `use`; the file has 1 of that name";
    assert!(message.contains(expected), "{message}");
}

#[test]
fn a_column_without_item_is_counted_as_not_in_the_codebook() {
    let admitted = admitted(&["id|Q1|Q2|extra", "a|1|30|x", "b|2|40|y"], codebook());
    let finding = found(&admitted.findings, "column_not_in_codebook")[0];
    assert_eq!(finding.column.as_deref(), Some("extra"));
    assert_eq!(finding.expected, "an item of the codebook");
    assert_eq!(finding.action, "not read; its cells count as not in the codebook");
    assert!(finding.hint.contains("config/codebook/items.csv"), "{}", finding.hint);
    let fate = &admitted.about.fates[0];
    assert_eq!((fate.column, fate.fate, fate.cells), (3, Fate::NotInCodebook, 2));
}

#[test]
fn a_column_without_item_is_told_with_the_items_whose_columns_are_like_it() {
    let told = |header: &str| {
        let rows = [format!("id|Q1|Q2|{header}"), "a|1|30|x".to_owned()];
        let admitted = admitted(&rows.each_ref().map(String::as_str), codebook());
        found(&admitted.findings, "column_not_in_codebook")[0].found.clone()
    };
    assert_eq!(told("Q1 (oud)"), "column `Q1 (oud)`; like it: `Q1` (item `use`)");
    assert_eq!(told("opmerkingen"), "column `opmerkingen`");
    assert_eq!(told(""), "a column without a header");
}

#[test]
fn an_unknown_answer_is_a_finding_with_its_place_that_never_shows_the_value() {
    let admitted = admitted(&["id|Q1|Q2", "a|1|30", "b|geheim!|40"], codebook());
    assert_eq!(cells(&admitted.table, "use"), [(Some("yes".to_owned()), RECODED), (None, INVALID)]);
    let finding = found(&admitted.findings, "unknown_answer")[0].clone();
    assert_eq!(finding.cell.as_deref(), Some("B3"));
    assert_eq!(
        (finding.record, finding.line, finding.column.as_deref()),
        (Some(2), Some(3), Some("Q1"))
    );
    assert_eq!(finding.found, "text of 7 characters");
    assert_eq!(finding.expected, "one of `1`, `2`, `9`");
    assert_eq!(finding.hint, "add a row `yn,<value>,<code>` to config/codebook/crosswalks.csv");
    assert_eq!(finding.severity, Severity::Error);
    assert!(!format!("{admitted:?}").contains("geheim"));
}

#[test]
fn unknown_answers_above_the_gate_stop_the_panel_wave() {
    let mut settings = admit_settings(codebook());
    settings.gates.unknown_answer_percent = 40.0;
    let delivery = raw(&["id|Q1|Q2", "a|1|30", "b|geheim!|40"]);
    let error = admit(&delivery, &settings).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Gate);
    let message = error.to_string();
    assert!(!message.contains("geheim"), "{message}");
    assert!(message.starts_with("nurse 2024: `nurses_2024`: gate `unknown_answer_percent`: column `Q1` (item `use`): 1 of 2 cells: found 50.00 %, expected at most 40.00 %\n    cell B3, line 3, record 2, column `Q1`: found text of 7 characters, expected one of"), "{message}");
    settings.gates.unknown_answer_percent = 50.0;
    assert!(admit(&delivery, &settings).is_ok());
}

#[test]
fn the_other_of_a_crosswalk_takes_every_text_that_no_row_names_and_hands_on_none_of_it() {
    let rows = ["1=yes", "2=no", "<other>=no"];
    let codebook = Codebook { crosswalks: BTreeMap::from([crosswalk("yn", &rows)]), ..codebook() };
    let admitted = admitted(&["id|Q1|Q2", "a|1|30", "b|geheim|40", "c||40"], codebook);
    assert_eq!(fates(&admitted, "use"), [RECODED, RECODED, EMPTY]);
    assert_eq!(values(&admitted, "use")[1].as_deref(), Some("no"));
    assert!(!format!("{admitted:?}").contains("geheim"));
    assert!(found(&admitted.findings, "unknown_answer").is_empty());
}

#[test]
fn whole_numbers_equal_their_code_however_the_workbook_writes_them() {
    let admitted = admitted(&["id|Q1|Q2", "a|1.0|30", "b|1,0|30", "c| 2 |30"], codebook());
    assert_eq!(values(&admitted, "use"), ["yes", "yes", "no"].map(|code| Some(code.to_owned())));
}

#[test]
fn numbers_are_read_by_the_decimal_comma_and_held_to_their_range() {
    let mut codebook = codebook();
    codebook.items[1].minimum = Some(18.0);
    codebook.items[1].maximum = Some(110.0);
    let admitted =
        admitted(&["id|Q1|Q2", "a|1|30,5", "b|1|17", "c|1|1.110", "d|1|weet niet"], codebook);
    assert_eq!(cells(&admitted.table, "age")[0], (Some("30.5".to_owned()), KEPT));
    assert_eq!(fates(&admitted, "age")[1..], [INVALID, INVALID, INVALID]);
    let ranges = found(&admitted.findings, "out_of_range");
    assert_eq!(ranges[0].expected, "a number from 18 to 110");
    assert_eq!(ranges[1].found, "a number above the maximum");
    let words = found(&admitted.findings, "not_a_number");
    assert_eq!(words.len(), 1);
    assert!(words[0].hint.starts_with("give the item a crosswalk with `<number>`"), "{words:?}");
}

#[test]
fn every_finding_of_a_workbook_names_its_sheet() {
    let mut delivery = raw(&["id|Q1|Q2", "a|7|weet niet", "|1|30"]);
    delivery.about.sheet = Some("Data".to_owned());
    let mut settings = admit_settings(codebook());
    settings.gates.quarantined_row_percent = 100.0;
    settings.gates.invalid_cell_percent = 100.0;
    settings.gates.unknown_answer_percent = 100.0;
    let admitted = admit(&delivery, &settings).unwrap();
    assert!(admitted.findings.len() >= 3, "{:?}", admitted.findings);
    for finding in &admitted.findings {
        assert_eq!(finding.sheet.as_deref(), Some("Data"), "{finding:?}");
    }
}

#[test]
fn a_cell_of_blanks_is_empty() {
    let admitted = admitted(&["id|Q1|Q2", "a|  |30", "b|1| "], codebook());
    assert_eq!(
        (fates(&admitted, "use"), fates(&admitted, "age")[1]),
        (vec![EMPTY, RECODED], EMPTY)
    );
    assert!(admitted.findings.is_empty(), "{:?}", admitted.findings);
}

#[test]
fn a_crosswalk_lets_words_and_missing_codes_stand_in_a_number_column() {
    let mut codebook = codebook();
    codebook.items[1].crosswalk = "age".to_owned();
    codebook.items[1].maximum = Some(110.0);
    codebook
        .crosswalks
        .extend([crosswalk("age", &["weet niet=!dont_know", "999=!refused", "<number>=<number>"])]);
    let admitted =
        admitted(&["id|Q1|Q2", "a|1|30", "b|1|weet niet", "c|1|999,0", "d|1|oud"], codebook);
    let refused = Fate::Missing(MissingReason::Refused);
    assert_eq!(fates(&admitted, "age"), [KEPT, DONT_KNOW, refused, INVALID]);
    assert_eq!(values(&admitted, "age"), [Some("30".to_owned()), None, None, None]);
    assert_eq!(admitted.findings.len(), 1);
    assert_eq!(
        admitted.findings[0].expected,
        "a number of at most 110, or one of `999`, `weet niet`"
    );
}

#[test]
fn an_error_cell_is_invalid_and_told_by_ingest_alone() {
    let admitted = admitted(&["id|Q1|Q2", "a|#N/A|#REF!"], codebook());
    assert_eq!(admitted.findings, []);
    assert_eq!((fates(&admitted, "use"), fates(&admitted, "age")), (vec![INVALID], vec![INVALID]));
}

#[test]
fn dates_come_in_one_spelling_and_impossible_ones_are_invalid() {
    let mut codebook = codebook();
    codebook.concepts.push(concept("start", Kind::Date, Role::Paradata, ""));
    codebook.items.push(item("start", "Start", ""));
    let admitted =
        admitted(&["id|Q1|Q2|Start", "a|1|30|2024-03-01 9:05:00", "b|1|30|2024-02-30"], codebook);
    assert_eq!(
        cells(&admitted.table, "start"),
        [(Some("2024-03-01T09:05:00".to_owned()), KEPT), (None, INVALID)]
    );
    assert_eq!(found(&admitted.findings, "not_a_date").len(), 1);
}

/// `use` (Q1) routes to `often` (Q3) where it is yes, which routes to `why` (Q4) where it is daily.
fn routed() -> Codebook {
    let mut codebook = codebook();
    for (name, column, by, code) in [("why", "Q4", "often", "yes"), ("often", "Q3", "use", "yes")] {
        codebook.concepts.push(concept(name, Kind::Category, Role::Answer, "yes_no"));
        let mut item = item(name, column, "yn");
        (item.routed_by, item.routed_codes) = (by.to_owned(), vec![code.to_owned()]);
        codebook.items.push(item);
    }
    codebook
}

#[test]
fn routing_follows_the_codes_of_the_item_that_leads_there() {
    let lines = [
        "id|Q1|Q2|Q4|Q3",
        "a|1|30|1|1",
        "b|2|30||",
        "c|1|30||2",
        "d|1|30||",
        "e|9|30||",
        "f||30||",
        "g|2|30|1|",
    ];
    let mut settings = admit_settings(routed());
    settings.broke_off_minimum_items = 9;
    let admitted = admit(&raw(&lines), &settings).unwrap();
    assert_eq!(
        fates(&admitted, "often"),
        [RECODED, NOT_ROUTED, RECODED, EMPTY, NOT_ROUTED, NOT_ROUTED, NOT_ROUTED]
    );
    assert_eq!(
        fates(&admitted, "why"),
        [RECODED, NOT_ROUTED, NOT_ROUTED, NOT_ROUTED, NOT_ROUTED, NOT_ROUTED, INVALID]
    );
}

#[test]
fn an_answer_that_was_not_routed_is_invalid_and_said() {
    let admitted = admitted(&["id|Q1|Q2|Q3|Q4", "a|2|30|1|"], routed());
    assert_eq!(fates(&admitted, "often"), [INVALID]);
    let finding = found(&admitted.findings, "answered_not_routed")[0].clone();
    assert_eq!(finding.expected, "empty, unless `use` is one of `yes`");
}

#[test]
fn routing_by_a_concept_without_item_is_a_warning_not_a_pass() {
    let mut codebook = codebook();
    codebook.items[0].routed_by = "function".to_owned();
    let admitted = admitted(&["id|Q1|Q2", "a|1|30"], codebook);
    assert_eq!(admitted.warnings[0].code, "routing_not_evaluated");
}

/// Five questions Q1–Q5, then the age from the panel's register.
fn five_questions() -> Codebook {
    let mut codebook = Codebook { items: Vec::new(), concepts: Vec::new(), ..codebook() };
    for number in 1..=5 {
        codebook.concepts.push(concept(
            &format!("q{number}"),
            Kind::Category,
            Role::Answer,
            "yes_no",
        ));
        codebook.items.push(item(&format!("q{number}"), &format!("Q{number}"), "yn"));
    }
    codebook.concepts.push(concept("age", Kind::Number, Role::Background, ""));
    codebook.items.push(item("age", "Age", ""));
    codebook
}

#[test]
fn empty_cells_after_the_last_answer_are_broken_off_only_from_the_minimum_on() {
    let lines = ["id|Q1|Q2|Q3|Q4|Q5|Age", "a|1||1|||40", "b|1|1|1|1||40", "c||||||40"];
    let admitted = admitted(&lines, five_questions());
    assert_eq!(fates(&admitted, "q2"), [EMPTY, RECODED, BROKE_OFF]);
    assert_eq!(fates(&admitted, "q4"), [BROKE_OFF, RECODED, BROKE_OFF]);
    assert_eq!(fates(&admitted, "q5"), [BROKE_OFF, EMPTY, BROKE_OFF]);
    assert_eq!(fates(&admitted, "age"), [KEPT; 3]);
}

#[test]
fn questions_skipped_before_the_last_answer_are_no_sign_of_breaking_off() {
    let lines = ["id|Q1|Q2|Q3|Q4|Q5|Age", "a||||1||40", "b|||#N/A|||40", "c|||nonsense|1||40"];
    let admitted = admitted(&lines, five_questions());
    assert_eq!(fates(&admitted, "q1"), [EMPTY; 3]);
    assert_eq!(fates(&admitted, "q5"), [EMPTY, BROKE_OFF, EMPTY]);
}

#[test]
fn a_code_for_unanswered_after_the_last_answer_is_no_answer_to_who_broke_off() {
    let mut codebook = five_questions();
    codebook.crosswalks.extend([crosswalk("zero", &["1=yes", "2=no", "0=!unanswered"])]);
    codebook.items[4].crosswalk = "zero".to_owned();
    let lines = ["id|Q1|Q2|Q3|Q4|Q5|Age", "a|1||||0|40", "b|1||||2|40"];
    let admitted = admitted(&lines, codebook);
    assert_eq!(fates(&admitted, "q3"), [BROKE_OFF, EMPTY]);
}

#[test]
fn who_reached_the_last_page_did_not_break_off() {
    let mut codebook = five_questions();
    codebook.concepts.push(concept("last_page", Kind::Number, Role::LastPage, ""));
    codebook.items.push(item("last_page", "lastpage", ""));
    let mut settings = admit_settings(codebook);
    settings.completion = Completion::of(&settings.codebook);
    let lines = ["id|Q1|Q2|Q3|Q4|Q5|Age|lastpage", "a|1|1|1|||40|7", "b|1|1|1|||40|3"];
    let admitted = admit(&raw(&lines), &settings).unwrap();
    assert_eq!(fates(&admitted, "q5"), [EMPTY, BROKE_OFF]);
}

#[test]
fn an_option_that_was_not_chosen_is_a_value_unless_the_respondent_broke_off() {
    let mut codebook = five_questions();
    codebook.crosswalks.extend([crosswalk("chosen", &["Y=yes", "<empty>=no"])]);
    codebook.items[4].crosswalk = "chosen".to_owned();
    let admitted = admitted(&["id|Q1|Q2|Q3|Q4|Q5|Age", "a|1|1|1|1||40", "b|1|1||||40"], codebook);
    assert_eq!(cells(&admitted.table, "q5"), [(Some("no".to_owned()), RECODED), (None, BROKE_OFF)]);
}

#[test]
fn a_row_without_id_is_quarantined_and_too_many_are_a_gate() {
    let mut settings = admit_settings(codebook());
    let delivery = raw(&["id|Q1|Q2", "|1|30", "b|1|30", "c|1|30", "d|1|30"]);
    let admitted = admit(&delivery, &settings).unwrap();
    assert_eq!(admitted.about.rows_quarantined, BTreeMap::from([("missing_id".to_owned(), 1)]));
    assert_eq!((admitted.about.rows_in, admitted.about.rows_kept), (4, 3));
    settings.gates.quarantined_row_percent = 20.0;
    assert!(matches!(admit(&delivery, &settings), Err(Error::Gate { .. })));
}

#[test]
fn findings_on_quarantined_rows_are_not_reported_twice() {
    let admitted = admitted(&["id|Q1|Q2", "|nonsense|30", "b|1|30"], codebook());
    assert!(found(&admitted.findings, "unknown_answer").is_empty());
}

fn split_settings(panel: &str) -> validate::AdmitSettings {
    let mut codebook = codebook();
    codebook.concepts.push(concept("function", Kind::Category, Role::Background, "functions"));
    codebook.items.push(item("function", "F", "functions"));
    codebook.answers.extend([answers("functions", &["gp", "specialist", "other"])]);
    codebook.crosswalks.extend([crosswalk(
        "functions",
        &["huisarts=gp", "specialist=specialist", "anders=other"],
    )]);
    let mut settings = admit_settings(codebook);
    let other = if panel == "gp" { "specialist" } else { "gp" };
    panel.clone_into(&mut settings.panel_wave.panel);
    settings.delivered_panels = vec!["gp".to_owned(), "specialist".to_owned()];
    settings.split = Some(Split { concept: "function".to_owned(), code: panel.to_owned() });
    settings.other_splits = vec![other.to_owned()];
    settings
}

#[test]
fn a_delivery_of_several_panels_is_split_and_every_cell_is_counted_once() {
    let delivery = raw(&[
        "id|Q1|Q2|F|extra",
        "a|1|30|huisarts|x",
        "b|1|30|specialist|x",
        "c|1|30|anders|x",
        "d|1|30||x",
        "e|1|30|chirurg|x",
        "f|1|30|huisarts|x",
        "g|1|30|anders|x",
        "h|1|30|anders|x",
    ]);
    let panels: Vec<Admitted> = ["gp", "specialist"]
        .iter()
        .map(|panel| admit(&delivery, &split_settings(panel)).unwrap())
        .collect();
    assert_eq!(panels.iter().map(|panel| panel.about.rows_in).collect::<Vec<_>>(), [2, 1]);
    let unassigned: BTreeMap<String, u64> =
        [("split:other_function", 3), ("split:unanswered", 1), ("split:unknown_answer", 1)]
            .map(|(why, rows)| (why.to_owned(), rows))
            .into();
    assert_eq!(panels[0].about.rows_unassigned, unassigned);
    assert!(
        panels[1].about.rows_unassigned.is_empty(),
        "rows of no panel are counted once a delivery"
    );
    let settled = |position: u32| -> u64 {
        panels
            .iter()
            .flat_map(|panel| &panel.about.fates)
            .filter(|fate| fate.column == position)
            .map(|fate| fate.cells)
            .sum()
    };
    assert_eq!(settled(4), 8, "column `extra`: five rows of no panel, three not in the codebook");
    assert_eq!(settled(1), 5, "column `Q1`: the rest is settled by harmonise and confront");
    assert_eq!(found(&panels[0].findings, "unknown_answer").len(), 1);
    let told: Vec<(&str, &str, u64)> = found(&panels[0].findings, "rows_of_no_panel")
        .iter()
        .map(|finding| (finding.action.as_str(), finding.found.as_str(), finding.count))
        .collect();
    let expected = [
        ("dropped as `split:other_function`", "3 rows of no panel", 3),
        ("dropped as `split:unanswered`", "1 rows of no panel", 1),
        ("dropped as `split:unknown_answer`", "1 rows of no panel", 1),
    ];
    assert_eq!(told, expected);
    let finding = found(&panels[0].findings, "rows_of_no_panel")[0];
    assert_eq!(
        (finding.column.as_deref(), finding.concept.as_deref()),
        (Some("F"), Some("function"))
    );
    assert_eq!(finding.expected, "a function that one of the delivery's panels is for");
}

#[test]
fn rows_whose_function_nobody_knows_are_a_gate_only_above_its_limit() {
    let mut settings = split_settings("gp");
    let delivery = raw(&["id|Q1|Q2|F", "a|1|30|huisarts", "b|1|30|chirurg"]);
    settings.gates.unknown_answer_percent = 50.0;
    assert!(admit(&delivery, &settings).is_ok());
    settings.gates.unknown_answer_percent = 49.0;
    let message = admit(&delivery, &settings).unwrap_err().to_string();
    assert!(message.contains("which shares out the rows: found 50.00 %"), "{message}");
}

#[test]
fn a_delivery_of_several_panels_without_a_split_is_an_error() {
    let mut settings = split_settings("gp");
    settings.split = None;
    let error = admit(&raw(&["id|Q1|Q2|F", "a|1|30|huisarts"]), &settings).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(
        error
            .to_string()
            .starts_with("gp 2024: config/panels/gp.toml, [split]: `nurses_2024` feeds 2 panels"),
        "{error}"
    );
}

#[test]
fn a_code_that_stands_for_not_shown_is_no_answer() {
    let mut codebook = routed();
    codebook
        .crosswalks
        .extend([crosswalk("yn", &["1=yes", "2=no", "9=!dont_know", "N/A=!not_routed"])]);
    let admitted = admitted(&["id|Q1|Q2|Q3|Q4", "a|2|30|N/A|N/A"], codebook);
    assert_eq!(fates(&admitted, "often"), [NOT_ROUTED]);
    assert!(admitted.findings.is_empty(), "{:?}", admitted.findings);
}

#[test]
fn many_findings_of_a_kind_become_one_with_a_count() {
    let rows: Vec<String> = (0..1000).map(|row| format!("r{row}|nonsense|30")).collect();
    let mut lines = vec!["id|Q1|Q2"];
    lines.extend(rows.iter().map(String::as_str));
    let admitted = admitted(&lines, codebook());
    let unknown = found(&admitted.findings, "unknown_answer");
    assert_eq!(unknown.len(), 21);
    assert_eq!(unknown.iter().map(|finding| finding.count).sum::<u64>(), 1000);
    assert_eq!((unknown[19].record, unknown[19].line), (Some(20), Some(21)));
    let rest = unknown[20];
    assert_eq!((rest.cell.as_deref(), rest.record, rest.line), (None, None, None));
    assert_eq!((rest.count, rest.found.as_str()), (980, "980 more like the 20 shown singly"));
    assert_eq!(rest.column.as_deref(), Some("Q1"));
}

#[test]
fn a_panel_without_a_row_is_refused() {
    let error = admit(&raw(&["id|Q1|Q2"]), &admit_settings(codebook())).unwrap_err();
    assert!(error.to_string().contains("no row of this panel in the delivery"), "{error}");
}

#[test]
fn recodes_read_a_snapshot_so_that_one_to_two_and_two_to_three_do_not_chain() {
    let rows = crosswalk("yn", &["1=2", "2=3", "3=3"]);
    let codebook = Codebook {
        answers: BTreeMap::from([answers("yes_no", &["1", "2", "3"])]),
        crosswalks: BTreeMap::from([rows]),
        ..codebook()
    };
    let admitted = admitted(&["id|Q1|Q2", "a|1|30", "b|2|30", "c|3|30"], codebook);
    assert_eq!(values(&admitted, "use"), ["2", "3", "3"].map(|code| Some(code.to_owned())));
    assert_eq!(fates(&admitted, "use"), [RECODED, RECODED, KEPT]);
}

#[test]
fn the_dictionary_is_the_answer_list_in_its_order_whatever_occurs() {
    let admitted = admitted(&["id|Q1|Q2", "a|2|30"], codebook());
    let column = admitted.table.column_by_name("use").unwrap().as_dictionary::<Int16Type>();
    assert_eq!(column.values().as_string::<i32>(), &StringArray::from(vec!["yes", "no"]));
    assert_eq!(column.keys().value(0), 1);
}

#[test]
fn a_missing_code_holds_only_in_the_wave_whose_crosswalk_has_it() {
    let mut earlier = codebook();
    earlier.crosswalks.extend([crosswalk("age", &["99=!refused", "<number>=<number>"])]);
    "age".clone_into(&mut earlier.items[1].crosswalk);
    let read = |codebook: Codebook| {
        cells(&admitted(&["id|Q1|Q2", "a|1|99", "b|1|50,5"], codebook).table, "age")
    };
    let kept = |number: &str| (Some(number.to_owned()), KEPT);
    assert_eq!(read(earlier), [(None, Fate::Missing(MissingReason::Refused)), kept("50.5")]);
    assert_eq!(read(codebook()), [kept("99"), kept("50.5")]);
}

#[test]
fn a_text_that_is_a_code_is_unknown_where_the_crosswalk_does_not_have_it() {
    let admitted = admitted(&["id|Q1|Q2", "a|yes|30"], codebook());
    assert_eq!(cells(&admitted.table, "use"), [(None, INVALID)]);
}

#[test]
fn a_crosswalk_to_what_the_concept_cannot_have_is_an_error_that_never_shows_the_value() {
    for (place, rows) in [(0, ["geheim=maybe"]), (1, ["geheim=many"])] {
        let mut codebook = codebook();
        codebook.crosswalks.extend([crosswalk("wrong", &rows)]);
        "wrong".clone_into(&mut codebook.items[place].crosswalk);
        let concept = codebook.items[place].concept.clone();
        let error = admit(&raw(&["id|Q1|Q2", "a|geheim|geheim"]), &admit_settings(codebook));
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(
            error.with_hints(),
            format!(
                "nurse 2024: config/codebook/items.csv, line 212: crosswalk `wrong` gives what `{concept}` cannot have\nhint: see its rows in config/codebook/crosswalks.csv"
            )
        );
    }
}

#[test]
fn a_crosswalk_of_texts_reads_words_and_numbers_and_keeps_the_rest() {
    let mut codebook = codebook();
    codebook.concepts.push(concept("remark", Kind::Text, Role::Answer, ""));
    codebook.items.push(item("remark", "R", "remarks"));
    codebook.crosswalks.extend([crosswalk("remarks", &["-=!refused", "<number>=!invalid"])]);
    let lines = ["id|Q1|Q2|R", "a|1|30|-", "b|1|30|12", "c|1|30|goed zo"];
    let admitted = admitted(&lines, codebook);
    let missing = |reason| (None, Fate::Missing(reason));
    assert_eq!(
        cells(&admitted.table, "remark"),
        [
            missing(MissingReason::Refused),
            missing(MissingReason::Invalid),
            (Some("goed zo".to_owned()), KEPT)
        ]
    );
    assert_eq!(admitted.about.unused_recodes, ["yn: 2", "yn: 9"]);
}

#[test]
fn crosswalk_rows_are_used_by_cells_that_count_only() {
    let lines = ["id|Q1|Q2|Q3|Q4", "a|1|30|2|", "b|9|30|N/A|", "|2|30|2|2"];
    let mut codebook = routed();
    codebook.crosswalks.extend([
        crosswalk("yn", &["1=yes", "2=no", "9=!dont_know"]),
        crosswalk("often", &["2=no", "N/A=!not_routed", "<empty>=no"]),
        crosswalk("of_no_item", &["1=yes"]),
    ]);
    let often = codebook.items.iter_mut().find(|item| item.concept == "often").unwrap();
    "often".clone_into(&mut often.crosswalk);
    let admitted = admitted(&lines, codebook);
    assert_eq!(
        admitted.about.unused_recodes,
        ["often: <empty>", "often: N/A", "yn: 2"],
        "not by rows without id, nor where routing decides"
    );
}
