//! Questions that were not shown, and respondents who broke off.

use super::*;

/// `use` (Q1) routes to `often` (Q3) where it is yes, which routes to `why` (Q4) where it is daily.
pub fn routed() -> Codebook {
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
fn a_code_that_stands_for_not_shown_is_no_answer() {
    let mut codebook = routed();
    codebook
        .crosswalks
        .extend([crosswalk("yn", &["1=yes", "2=no", "9=!dont_know", "N/A=!not_routed"])]);
    let admitted = admitted(&["id|Q1|Q2|Q3|Q4", "a|2|30|N/A|N/A"], codebook);
    assert_eq!(fates(&admitted, "often"), [NOT_ROUTED]);
    assert!(admitted.findings.is_empty(), "{:?}", admitted.findings);
}
