//! Cells of several answers, and what people write beside the answers that they could choose.
#![allow(clippy::unwrap_used, reason = "tests")]

mod fixture;

use fixture::{admit_settings, cells, codebook, concept, crosswalk, item, raw};
use survey::codebook::{Codebook, Item, Kind, Role};
use survey::{Admitted, Fate, Finding, MissingReason, Severity};
use validate::{Error, admit};

/// Yes-no items `o1`, `o2`, … on column `Q`, one an option.
fn items(options: &[&str]) -> Codebook {
    let mut codebook = Codebook { items: Vec::new(), concepts: Vec::new(), ..codebook() };
    for (option, number) in options.iter().zip(1..) {
        let name = format!("o{number}");
        codebook.concepts.push(concept(&name, Kind::Category, Role::Answer, "yes_no"));
        let option = (*option).to_owned();
        codebook.items.push(Item { option, ..item(&name, "Q", "") });
    }
    codebook
}

fn admitted(codebook: Codebook, separator: char, column: &[&str]) -> Admitted {
    let rows = column.iter().enumerate().map(|(row, cell)| format!("r{row}|{cell}"));
    let lines: Vec<String> = std::iter::once("id|Q".to_owned()).chain(rows).collect();
    let mut raw = raw(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    raw.about.option_separator = separator;
    admit(&raw, &admit_settings(codebook)).unwrap()
}

/// Each row's answers to the options: `y`, `n`, `-` unanswered, `!` invalid.
fn read(admitted: &Admitted, options: usize) -> Vec<String> {
    let columns: Vec<Vec<(Option<String>, Fate)>> =
        (1..=options).map(|number| cells(&admitted.table, &format!("o{number}"))).collect();
    let sign = |(code, fate): &(Option<String>, Fate)| match code.as_deref() {
        Some("yes") => 'y',
        Some("no") => 'n',
        None if *fate == Fate::Quarantined => '!',
        _ => '-',
    };
    let rows = 0..admitted.table.num_rows();
    rows.map(|row| columns.iter().map(|column| sign(&column[row])).collect()).collect()
}

/// Over the options, how the cells are read and what is found.
fn check(options: &[&str], column: &[&str], expected: &[&str], findings: &[(&str, u64)]) {
    let admitted = admitted(items(options), ';', column);
    assert_eq!(read(&admitted, options.len()), expected, "{column:?}");
    let found: Vec<(&str, u64)> =
        admitted.findings.iter().map(|finding| (finding.code.name(), finding.count)).collect();
    assert_eq!(found, findings, "{:?}", admitted.findings);
}

fn unknown(admitted: &Admitted) -> Vec<&Finding> {
    admitted.findings.iter().filter(|finding| finding.code == "unknown_answer").collect()
}

#[test]
fn a_cell_with_several_answers_feeds_an_item_an_option() {
    let column = ["app;", "portaal;app;", "", "portaal"];
    check(&["app", "portaal"], &column, &["yn", "yy", "--", "ny"], &[]);
}

#[test]
fn several_answers_in_a_cell_are_cut_at_the_sign_of_the_profile_and_never_inside_an_option() {
    let options = ["app", "mail, sms", "app, mail"];
    let column = ["app,mail, sms", "mail, sms", "app, mail,app", "mail"];
    let admitted = admitted(items(&options), ',', &column);
    assert_eq!(read(&admitted, 3), ["yyn", "nyn", "yny", "!!!"]);
    assert_eq!(unknown(&admitted)[0].expected, "options separated by `,`, each named by an item");
}

#[test]
fn one_unknown_option_loses_no_known_one_and_is_one_finding() {
    let column = ["app;portaal;de website van mijn huisarts;", "app;", "fax;portaal"];
    let admitted = admitted(items(&["app", "portaal", "balie"]), ';', &column);
    assert_eq!(read(&admitted, 3), ["yyn", "ynn", "nyn"]);
    let found = unknown(&admitted);
    assert_eq!(found.len(), 2, "one a cell, not one an option");
    assert_eq!(found[0].found, "an option nobody names, text of 28 characters");
    assert_eq!(found[0].action, "the other answers of the cell are kept");
    assert_eq!(
        found[0].hint,
        "give the option an item of its own beside config/codebook/items.csv: nurse,2024,o1, or one item the option `<other>`"
    );
    assert_eq!((found[0].severity, found[0].record), (Severity::Error, Some(1)));
    assert_eq!(found[1].record, Some(3));
    assert!(!format!("{admitted:?}").contains("website"), "the text is never handed on");
}

#[test]
fn a_cell_of_which_nothing_is_known_says_nothing_of_any_option() {
    let admitted = admitted(items(&["app", "portaal"]), ';', &["fax", "fax;telex", "app"]);
    assert_eq!(read(&admitted, 2), ["!!", "!!", "yn"]);
    assert_eq!(unknown(&admitted)[0].action, "cell set to missing: invalid");
}

#[test]
fn unnamed_texts_are_counted_by_the_gate_of_unknown_answers_once_a_cell() {
    let delivery = raw(&["id|Q", "a|app;fax", "b|app", "c|app", "d|app"]);
    let mut settings = admit_settings(items(&["app", "portaal"]));
    settings.gates.unknown_answer_percent = 24.9;
    let error = admit(&delivery, &settings).unwrap_err();
    assert!(matches!(&error, Error::Gate { gates, .. } if gates.len() == 1), "{error}");
    settings.gates.unknown_answer_percent = 25.0;
    assert!(admit(&delivery, &settings).is_ok());
}

#[test]
fn an_item_for_other_texts_is_yes_where_a_text_is_no_option_and_no_finding() {
    let column = ["app;", "app;een eigen antwoord;", "iets anders", "x; y", ""];
    check(&["app", "portaal", "<other>"], &column, &["ynn", "yny", "nny", "nny", "---"], &[]);
}

#[test]
fn an_item_for_other_texts_follows_its_crosswalk() {
    let mut codebook = items(&["app", "<other>"]);
    codebook.crosswalks.extend([
        crosswalk("chosen", &["<chosen>=yes", "<not_chosen>=no", "weet niet=!dont_know"]),
        crosswalk("named", &["<other>=yes", "<empty>=no"]),
    ]);
    for name in ["chosen", "named"] {
        codebook.items[1].crosswalk = name.to_owned();
        let admitted = admitted(codebook.clone(), ';', &["app;iets", "app", "iets"]);
        let recoded = |code: &str| (Some(code.to_owned()), Fate::Recoded);
        let expected = ["yes", "no", "yes"].map(recoded);
        assert_eq!(cells(&admitted.table, "o2"), expected);
        assert!(!format!("{admitted:?}").contains("iets"), "the text is never handed on");
    }
    codebook.items[1].crosswalk = "chosen".to_owned();
    let whole = admitted(codebook, ';', &["weet niet"]);
    let dont_know = Fate::Missing(MissingReason::DontKnow);
    assert_eq!(cells(&whole.table, "o2"), [(None, dont_know)]);
}

#[test]
fn spaces_that_do_not_break_equal_plain_ones_in_options_and_answers() {
    let column = ["app\u{a0};in\u{a0}de spreekkamer;", "in\u{202f}de\u{2009}spreekkamer\u{3000}"];
    check(&["app", "in de spreekkamer"], &column, &["yy", "ny"], &[]);
    let mut codebook = codebook();
    codebook.crosswalks.extend([crosswalk("yn", &["Ja zeker=yes", "2=no"])]);
    let delivery = raw(&["id|Q1|Q2", "a|Ja\u{a0}zeker|30", "b|\u{a0}2\u{a0}|30"]);
    let admitted = admit(&delivery, &admit_settings(codebook)).unwrap();
    let texts: Vec<Option<String>> =
        cells(&admitted.table, "use").into_iter().map(|cell| cell.0).collect();
    assert_eq!(texts, [Some("yes".to_owned()), Some("no".to_owned())]);
    assert!(admitted.findings.is_empty(), "{:?}", admitted.findings);
}

#[test]
fn an_option_but_for_case_or_spaces_is_neither_chosen_nor_other_and_is_said() {
    for options in [["app", "in de spreekkamer", "<other>"], ["app", "in de spreekkamer", "fax"]] {
        let admitted = admitted(items(&options), ';', &["app;In de  spreekkamer"]);
        assert_eq!(read(&admitted, 3), ["y!n"]);
        let found = unknown(&admitted);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].found, "text of 18 characters, a known answer but for case or spaces");
        assert_eq!(found[0].concept.as_deref(), Some("o2"));
    }
}

#[test]
fn a_cell_with_one_option_is_no_whole_cell_of_the_crosswalk_of_another() {
    let mut codebook = items(&["app", "portaal"]);
    let shared = ["app=yes", "portaal=yes", "<not_chosen>=no", "niet getoond=!not_routed"];
    codebook.crosswalks.extend([crosswalk("shared", &shared)]);
    for item in &mut codebook.items {
        "shared".clone_into(&mut item.crosswalk);
    }
    let admitted = admitted(codebook, ';', &["portaal", "niet getoond"]);
    let expected = |code: &str| {
        let not_shown = (None, Fate::Missing(MissingReason::NotRouted));
        [(Some(code.to_owned()), Fate::Recoded), not_shown]
    };
    assert_eq!(cells(&admitted.table, "o1"), expected("no"));
    assert_eq!(cells(&admitted.table, "o2"), expected("yes"));
}

#[test]
fn an_option_to_which_the_crosswalk_gives_nothing_is_invalid_and_says_which() {
    let mut codebook = items(&["app"]);
    codebook.crosswalks.extend([crosswalk("empty", &["x=yes"])]);
    "empty".clone_into(&mut codebook.items[0].crosswalk);
    codebook.items.push(Item { option: "fax".to_owned(), ..codebook.items[0].clone() });
    "o2".clone_into(&mut codebook.items[1].concept);
    codebook.concepts.push(concept("o2", Kind::Category, Role::Answer, "yes_no"));
    let admitted = admitted(codebook, ';', &["app"]);
    assert_eq!(read(&admitted, 2), ["!!"]);
    let found: Vec<&str> =
        unknown(&admitted).iter().map(|finding| finding.found.as_str()).collect();
    assert_eq!(found, ["the item's option", "other options only"]);
}

#[test]
fn options_of_another_column_or_occurrence_are_not_named_here() {
    let mut codebook = items(&["app", "portaal"]);
    "R".clone_into(&mut codebook.items[1].column);
    let delivery = raw(&["id|Q|R", "a|app;portaal|portaal"]);
    let admitted = admit(&delivery, &admit_settings(codebook)).unwrap();
    assert_eq!(read(&admitted, 2), ["yy"]);
    assert_eq!(unknown(&admitted).len(), 1);
}
