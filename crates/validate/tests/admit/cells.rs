//! What a cell means, and what is said of one that means nothing.

use super::*;

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
    let message = error.with_hints();
    assert!(!message.contains("geheim"), "{message}");
    assert!(message.starts_with("nurse 2024: `nurses_2024`: gate `unknown_answer_percent`: column `Q1` (item `use`): 1 of 2 cells: found 50.00 %, expected at most 40.00 %\n    cell B3, line 3, record 2, column `Q1`: found text of 7 characters, expected one of"), "{message}");
    settings.gates.unknown_answer_percent = 50.0;
    assert!(admit(&delivery, &settings).is_ok());
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
fn the_dictionary_is_the_answer_list_in_its_order_whatever_occurs() {
    let admitted = admitted(&["id|Q1|Q2", "a|2|30"], codebook());
    let column = admitted.table.column_by_name("use").unwrap().as_dictionary::<Int16Type>();
    assert_eq!(column.values().as_string::<i32>(), &StringArray::from(vec!["yes", "no"]));
    assert_eq!(column.keys().value(0), 1);
}
