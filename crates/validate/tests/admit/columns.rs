//! Which column is which item.

use super::*;

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
    let message = error.with_hints();
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
