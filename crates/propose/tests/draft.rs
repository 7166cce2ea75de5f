//! What a draft says of questions that stayed, changed, came and went.
#![allow(clippy::unwrap_used)] // a panic is the test's failure

use std::collections::BTreeMap;
use std::path::Path;

use config::{CodebookTexts, parse_codebook};
use propose::{Column, Decision, Delivered, Draft, DraftRow, Earlier, Request, Values, propose};
use survey::codebook::Codebook;

const CONCEPTS: &str = "\
concept,theme,kind,role,answers,unit,label_nl,label_en,base_includes,derivation
respondent,f,text,identifier,,,Respondent,Respondent,,
birth_year,b,number,background,,,Geboortejaar,Year of birth,,
trust,a,category,answer,agree,,Vertrouwen,Trust,,
score,a,number,answer,,points,Cijfer,Mark,,
calls,a,category,answer,yes_no,,Bellen,Calls,,
garden,a,category,answer,yes_no,,Tuin,Garden,,
";
const ANSWERS: &str = "\
answers,code,order,label_nl,label_en
agree,agree,1,Eens,Agree
agree,neutral,2,Neutraal,Neutral
agree,disagree,3,Oneens,Disagree
yes_no,yes,1,Ja,Yes
yes_no,no,2,Nee,No
";
const ITEMS: &str = "\
panel,wave,concept,column,aliases,occurrence,option,crosswalk,minimum,maximum,routed_by,routed_codes,comparability,question_nl,note
gp,2024,respondent,nr,,1,,,,,,,identical,,
gp,2024,birth_year,q1,,1,,,1920,2006,,,identical,In welk jaar bent u geboren?,
gp,2024,trust,q2,,1,,agree_number,,,,,identical,Ik vertrouw digitale zorg,
gp,2024,score,q3,,1,,,0,10,,,identical,Welk cijfer geeft u de zorg (0 = slecht; 10 = goed)?,
gp,2024,calls,q4,,1,,yes_no_label,,,,,identical,Belt u uw huisarts via telefoon of video?,
gp,2024,garden,q5,,1,,yes_no_label,,,,,identical,Hebt u een tuin bij uw huis?,
";
const CROSSWALKS: &str = "\
crosswalk,value,code,missing,note
agree_number,1,agree,,
agree_number,2,neutral,,
agree_number,3,disagree,,
yes_no_label,Ja,yes,,
yes_no_label,Nee,no,,
";

fn codebook() -> Codebook {
    let path = Path::new("x.csv");
    let texts = CodebookTexts {
        concepts: (path, CONCEPTS),
        answers: (path, ANSWERS),
        items: (path, ITEMS),
        crosswalks: (path, CROSSWALKS),
    };
    let mut mistakes = Vec::new();
    let codebook = parse_codebook(&texts, &["nl".to_owned(), "en".to_owned()], &mut mistakes);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    codebook
}

/// A column whose cells hold each text so often.
fn column(header: &str, question: &str, cells: &[(&str, u32)]) -> Column {
    let mut values = Values::default();
    for (text, count) in cells {
        (0..*count).for_each(|_| values.add(text));
    }
    let (header, question) = (header.to_owned(), question.to_owned());
    Column { header, question, occurrence: 1, values, ..Column::default() }
}

fn delivered(columns: Vec<Column>) -> Delivered {
    let numbered = columns.into_iter().zip(0..);
    let columns = numbered.map(|(column, position)| Column { position, ..column }).collect();
    Delivered { columns, option_separator: ';', decimal_comma: false }
}

fn ids() -> Column {
    let cells: Vec<String> = (0..100).map(|number| format!("p{number}")).collect();
    let cells: Vec<(&str, u32)> = cells.iter().map(|text| (text.as_str(), 1)).collect();
    Column { is_id: true, ..column("nr", "", &cells) }
}

fn before() -> Delivered {
    delivered(vec![
        ids(),
        column("q1", "", &[("1960", 50), ("1980", 50)]),
        column("q2", "", &[("1", 70), ("2", 20), ("3", 10)]),
        column("q3", "", &[("5", 20), ("7", 50), ("10", 30)]),
        column("q4", "", &[("Ja", 60), ("Nee", 40)]),
        column("q5", "", &[("Ja", 30), ("Nee", 70)]),
        column("remarks", "", &[("a", 1), ("b", 1)]),
    ])
}

fn draft(columns: Vec<Column>) -> Draft {
    let codebook = codebook();
    let mut earlier = Earlier::default();
    earlier.add(&codebook, "gp", 2024, &before());
    let panels = ["gp".to_owned()];
    propose(&Request {
        codebook: &codebook,
        targets: &[],
        panels: &panels,
        wave: 2025,
        delivered: &delivered([vec![ids()], columns].concat()),
        earlier: &earlier,
        questions: &BTreeMap::new(),
    })
}

fn row<'a>(draft: &'a Draft, column: &str) -> &'a DraftRow {
    draft.items.iter().find(|row| row.item.column == column).unwrap()
}

#[track_caller]
fn check(draft: &Draft, column: &str, concept: &str, decision: Decision, reason: &str) {
    let row = row(draft, column);
    assert_eq!((row.item.concept.as_str(), row.decision), (concept, decision), "{}", row.reason);
    assert!(row.reason.contains(reason), "{}", row.reason);
}

const TRUST: &str = "Ik vertrouw digitale zorg";
const SCORE: &str = "Welk cijfer geeft u de zorg (0 = slecht; 10 = goed)?";

#[test]
fn a_question_that_stayed_is_proposed_as_it_was_and_years_move_on() {
    let draft = draft(vec![
        column("A1", "In welk jaar bent u geboren?", &[("1961", 60), ("1982", 40)]),
        column("A2", TRUST, &[("1", 65), ("2", 25), ("3", 10)]),
    ]);
    check(&draft, "A1", "birth_year", Decision::Proposed, "as gp 2024");
    check(&draft, "A2", "trust", Decision::Proposed, "agree_number");
    let item = &row(&draft, "A1").item;
    assert_eq!((item.minimum, item.maximum), (Some(1921.0), Some(2007.0)));
    let dropped = draft.items.iter().filter(|row| row.decision == Decision::Dropped);
    let dropped: Vec<&str> = dropped.map(|row| row.item.concept.as_str()).collect();
    assert_eq!(dropped, ["score", "calls", "garden"]);
}

#[test]
fn answers_that_were_turned_around_or_put_on_another_scale_need_a_decision() {
    let turned = draft(vec![column("q2", TRUST, &[("1", 10), ("2", 20), ("3", 70)])]);
    check(&turned, "q2", "trust", Decision::Decide, "reversed?");
    let shorter = draft(vec![column("q2", TRUST, &[("1", 80), ("3", 20)])]);
    check(&shorter, "q2", "trust", Decision::Decide, "rescaled? no cell is `neutral`");
    let five = draft(vec![column("q3", SCORE, &[("3", 50), ("5", 50)])]);
    check(&five, "q3", "score", Decision::Decide, "rescaled? the greatest number is 5");
    let hundred: Vec<String> = (0..100).map(|number| number.to_string()).collect();
    let hundred: Vec<(&str, u32)> = hundred.iter().map(|text| (text.as_str(), 1)).collect();
    let hundred = draft(vec![column("q3", SCORE, &hundred)]);
    check(&hundred, "q3", "score", Decision::Decide, "rescaled?");
    let ends = "Welk cijfer geeft u de zorg (0 = goed; 10 = slecht)?";
    let ends = draft(vec![column("q3", ends, &[("5", 20), ("7", 50), ("10", 30)])]);
    check(&ends, "q3", "score", Decision::Decide, "the ends of the scale changed places");
}

#[test]
fn a_question_that_was_split_and_one_that_is_new_need_a_decision() {
    let answers = [("Ja", 50), ("Nee", 50)];
    let halves = draft(vec![
        column("b1", "Belt u uw huisarts via telefoon?", &answers),
        column("b2", "Belt u uw huisarts via video?", &answers),
        column("b3", "Hoe vaak reist u met de trein naar uw werk?", &answers),
    ]);
    for half in ["b1", "b2"] {
        let row = row(&halves, half);
        assert_eq!(row.decision, Decision::Decide);
        assert!(row.reason.contains("split?"), "{}", row.reason);
    }
    check(&halves, "b3", "", Decision::Decide, "new: it needs a concept");
}

#[test]
fn a_column_that_no_item_read_before_stays_unread() {
    let draft = draft(vec![column("Remarks", "", &[("c", 1), ("d", 1)])]);
    check(&draft, "Remarks", "", Decision::Unread, "no item read it in gp 2024 either");
}

#[test]
fn answers_in_other_words_get_a_crosswalk_of_their_own_and_rare_ones_are_not_shown() {
    let garden = "Hebt u een tuin bij uw huis?";
    let labels = draft(vec![column("q5", garden, &[("Yes", 30), ("No", 70)])]);
    check(&labels, "q5", "garden", Decision::Proposed, "a crosswalk of its own");
    let codes: Vec<(&str, &str)> =
        labels.crosswalks.iter().map(|row| (row.value.as_str(), row.code.as_str())).collect();
    assert!(codes.contains(&("Yes", "yes")) && codes.contains(&("No", "no")), "{codes:?}");

    let others = [("Ja", 60), ("Nee", 25), ("Soms", 12), ("mijn eigen woorden", 3)];
    let others = draft(vec![column("q5", garden, &others)]);
    check(&others, "q5", "garden", Decision::Decide, "1 different texts are unknown and not shown");
    let open: Vec<&str> = others
        .crosswalks
        .iter()
        .filter(|row| row.decision == Decision::Decide)
        .map(|row| row.value.as_str())
        .collect();
    assert_eq!(open, ["Soms"]);
}
