//! Every threshold of `confront` at its boundary: what is at the limit stays, what is beyond it is said.
#![allow(clippy::unwrap_used, reason = "tests")]

mod fixture;

use std::collections::BTreeMap;

use fixture::{Fake, Values, concept, confront_settings, flag, harmonised};
use survey::codebook::{Concept, Kind, Role};
use survey::{Checked, Code, Finding, MissingReason, Severity, columns};
use validate::{ConfrontSettings, confront};

const YES_NO: &[&str] = &["yes", "no"];
const DONT_KNOW: MissingReason = MissingReason::DontKnow;

fn no_sql() -> Fake {
    Fake(BTreeMap::new())
}

fn checked(settings: &ConfrontSettings, columns: Vec<(&str, Values<'_>)>) -> Checked {
    confront(&harmonised(2024, columns), None, settings, &no_sql()).unwrap()
}

fn category(name: &str) -> Concept {
    concept(name, Kind::Category, Role::Answer, "yes_no")
}

/// So many yes, no and don't know.
fn shares(yes: usize, no: usize, missing: usize) -> Values<'static> {
    let values = std::iter::repeat_n(Ok("yes"), yes)
        .chain(std::iter::repeat_n(Ok("no"), no))
        .chain(std::iter::repeat_n(Err(DONT_KNOW), missing));
    Values::Codes(YES_NO, values.collect())
}

/// Findings on `use` in 2024, against 2023.
fn drift(settings: &ConfrontSettings, now: Values<'_>, before: Values<'_>) -> Vec<Finding> {
    let (now, before) =
        (harmonised(2024, vec![("use", now)]), harmonised(2023, vec![("use", before)]));
    let checked = confront(&now, Some(&before), settings, &no_sql()).unwrap();
    let of_use = |finding: &Finding| finding.concept.as_deref() == Some("use");
    checked.findings.into_iter().filter(of_use).collect()
}

fn check_drift(now: Values<'_>, before: Values<'_>, codes: &[&str]) {
    let settings = confront_settings(vec![category("use")]);
    let found = drift(&settings, now, before);
    let found: Vec<&str> = found.iter().map(|finding| finding.code.name()).collect();
    assert_eq!(found, codes);
}

#[test]
fn a_category_vanished_where_five_answers_would_be_expected_and_not_where_fewer() {
    check_drift(shares(100, 0, 0), shares(95, 5, 0), &["category_vanished"]);
    check_drift(shares(100, 0, 0), shares(96, 4, 0), &[]);
    // Five in a hundred are ten in two hundred, and two in fifty.
    check_drift(shares(200, 0, 0), shares(97, 3, 0), &["category_vanished"]);
    check_drift(shares(50, 0, 0), shares(91, 9, 0), &[]);
    check_drift(shares(50, 0, 0), shares(90, 10, 0), &["category_vanished"]);
}

#[test]
fn a_category_is_new_where_five_answers_would_be_expected_before_and_not_where_fewer() {
    check_drift(shares(95, 5, 0), shares(100, 0, 0), &["category_new"]);
    check_drift(shares(96, 4, 0), shares(100, 0, 0), &[]);
    check_drift(shares(97, 3, 0), shares(200, 0, 0), &["category_new"]);
    check_drift(shares(91, 9, 0), shares(50, 0, 0), &[]);
    check_drift(shares(90, 10, 0), shares(50, 0, 0), &["category_new"]);
}

#[test]
fn shares_of_answers_are_those_of_all_answers_and_missing_ones_are_none() {
    // 5 of 95 and 10 answers.
    check_drift(shares(50, 0, 5), shares(90, 10, 10), &["category_vanished"]);
    check_drift(shares(40, 40, 20), shares(40, 40, 20), &[]);
    check_drift(shares(30, 50, 20), shares(40, 40, 20), &["category_share_drift"; 2]);
    check_drift(shares(32, 48, 20), shares(40, 40, 20), &[]);
}

#[test]
fn a_share_drifts_beyond_the_limit_and_not_at_it_in_both_directions() {
    let twice = ["category_share_drift"; 2];
    check_drift(shares(60, 40, 0), shares(50, 50, 0), &[]);
    check_drift(shares(61, 39, 0), shares(50, 50, 0), &twice);
    check_drift(shares(40, 60, 0), shares(50, 50, 0), &[]);
    check_drift(shares(39, 61, 0), shares(50, 50, 0), &twice);
}

#[test]
fn missing_answers_drift_beyond_the_limit_and_not_at_it_in_both_directions() {
    let code = ["missing_share_drift"];
    check_drift(shares(40, 40, 20), shares(45, 45, 10), &[]);
    check_drift(shares(40, 39, 21), shares(45, 45, 10), &code);
    check_drift(shares(45, 45, 10), shares(40, 40, 20), &[]);
    check_drift(shares(45, 46, 9), shares(40, 40, 20), &code);
}

#[test]
fn drift_says_by_how_much_and_against_what() {
    let settings = confront_settings(vec![category("use")]);
    let found = drift(&settings, shares(39, 40, 21), shares(45, 45, 10));
    assert_eq!(found[0].found, "missing answers +11.0 percentage points against 2023");
    assert_eq!(found[0].expected, "about as in 2023: at most 10 percentage points apart");
    assert_eq!((found[0].severity, found[0].count), (Severity::Warning, 1));
    assert_eq!(found[0].column.as_deref(), Some("Q1"));
    assert_eq!(found[0].hint, "compare routing, column and missing codes of the two waves");
    let found = drift(&settings, shares(61, 39, 0), shares(50, 50, 0));
    let texts: Vec<&str> = found.iter().map(|finding| finding.found.as_str()).collect();
    assert_eq!(
        texts,
        [
            "share of `no` -11.0 percentage points against 2023",
            "share of `yes` +11.0 percentage points against 2023"
        ]
    );
}

#[test]
fn what_was_not_answered_at_all_in_one_of_the_waves_is_not_compared() {
    check_drift(shares(50, 50, 0), shares(0, 0, 100), &[]);
    check_drift(shares(0, 0, 100), shares(50, 50, 0), &["item_wholly_missing"]);
    let settings = confront_settings(vec![concept("use", Kind::Number, Role::Answer, "")]);
    let numbers = |known: usize, missing: usize| {
        let known = std::iter::repeat_n(Ok(1.0), known);
        Values::Numbers(known.chain(std::iter::repeat_n(Err(DONT_KNOW), missing)).collect())
    };
    assert_eq!(drift(&settings, numbers(80, 20), numbers(100, 0))[0].code, "missing_share_drift");
    assert!(drift(&settings, numbers(90, 10), numbers(100, 0)).is_empty());
}

#[test]
fn only_answers_background_and_design_are_compared() {
    for (role, compared) in [
        (Role::Answer, true),
        (Role::Background, true),
        (Role::Design, true),
        (Role::Paradata, false),
    ] {
        let settings = confront_settings(vec![concept("use", Kind::Category, role, "yes_no")]);
        let found = drift(&settings, shares(90, 10, 0), shares(10, 90, 0));
        assert_eq!(!found.is_empty(), compared, "{role:?}");
        let missing = drift(&settings, shares(0, 0, 10), shares(10, 0, 0));
        assert_eq!(!missing.is_empty(), compared, "{role:?}");
    }
}

#[test]
fn an_item_is_wholly_missing_only_where_nobody_answers() {
    let settings = confront_settings(vec![category("use")]);
    let found = |values| {
        let all = checked(&settings, vec![("use", values)]).findings;
        all.into_iter().filter(|finding| finding.code == "item_wholly_missing").collect::<Vec<_>>()
    };
    assert!(found(shares(1, 0, 99)).is_empty());
    let missing = found(shares(0, 0, 3));
    assert_eq!((missing[0].count, missing[0].severity), (3, Severity::Error));
    assert_eq!(missing[0].found, "no answer in any of 3 rows");
    let not_asked = Values::Codes(YES_NO, vec![Err(MissingReason::NotAsked)]);
    assert!(found(not_asked).is_empty());
}

fn speeders(durations: &[f64]) -> Vec<Option<bool>> {
    let settings = confront_settings(vec![concept("duration", Kind::Number, Role::Paradata, "")]);
    let values = Values::Numbers(durations.iter().map(|duration| Ok(*duration)).collect());
    flag(&checked(&settings, vec![("duration", values)]).table, columns::FLAG_SPEEDER)
}

#[test]
fn a_speeder_is_below_the_share_of_the_median_and_not_at_it() {
    // The share is 0.4: of a median of 100 that is 40.
    assert_eq!(speeders(&[100.0, 100.0, 40.0]), [false, false, false].map(Some));
    assert_eq!(speeders(&[100.0, 100.0, 39.9]), [false, false, true].map(Some));
    // The middle of two is the median of an even number.
    assert_eq!(speeders(&[110.0, 90.0, 40.0, 200.0]), [false; 4].map(Some));
    assert_eq!(speeders(&[110.0, 90.0, 39.9, 200.0]), [false, false, true, false].map(Some));
    assert_eq!(speeders(&[5.0]), [Some(false)]);
}

#[test]
fn without_any_duration_nobody_can_be_told_a_speeder() {
    let settings = confront_settings(vec![concept("duration", Kind::Number, Role::Paradata, "")]);
    let values = Values::Numbers(vec![Err(DONT_KNOW), Err(DONT_KNOW)]);
    let checked = checked(&settings, vec![("duration", values)]);
    assert_eq!(flag(&checked.table, columns::FLAG_SPEEDER), [None, None]);
}

/// Straightliners among rows of answers to a block, of which `-` is none; the minimum is three.
fn straightliners(minimum: usize, rows: &[&str]) -> Vec<Option<bool>> {
    let width = rows[0].len();
    let names: Vec<String> = (0..width).map(|number| format!("s{number}")).collect();
    let mut settings = confront_settings(names.iter().map(|name| category(name)).collect());
    settings.quality.straightliner_minimum_items = minimum as u32;
    settings.quality.straightliner_blocks = BTreeMap::from([("block".to_owned(), names.clone())]);
    let codes: &[&str] = &["1", "2", "3"];
    let columns = names.iter().enumerate().map(|(at, name)| {
        let answer = |row: &&str| match &row[at..=at] {
            "-" => Err(MissingReason::Unanswered),
            code => Ok(codes.iter().copied().find(|known| *known == code).unwrap()),
        };
        (name.as_str(), Values::Codes(codes, rows.iter().map(answer).collect()))
    });
    flag(&checked(&settings, columns.collect()).table, columns::FLAG_STRAIGHTLINER)
}

#[test]
fn a_straightliner_gives_one_answer_to_at_least_the_minimum_of_items() {
    let rows = ["2222", "222-", "22--", "2221", "-222", "1222", "----", "2-2-"];
    let flags = [Some(true), Some(true), None, Some(false), Some(true), Some(false), None, None];
    assert_eq!(straightliners(3, &rows), flags);
    // One answer is no line, whatever the setting says.
    assert_eq!(straightliners(0, &["2-", "22", "21"]), [None, Some(true), Some(false)]);
}

#[test]
fn one_block_of_equal_answers_is_enough_for_a_straightliner() {
    let names = ["a1", "a2", "a3", "b1", "b2", "b3"];
    let mut settings = confront_settings(names.iter().map(|name| category(name)).collect());
    let block = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    settings.quality.straightliner_blocks = BTreeMap::from([
        ("a".to_owned(), block(&names[..3])),
        ("b".to_owned(), block(&names[3..])),
    ]);
    let same = || Values::Codes(YES_NO, vec![Ok("yes"), Ok("yes"), Ok("yes")]);
    let other = || Values::Codes(YES_NO, vec![Ok("no"), Ok("yes"), Ok("no")]);
    let columns = vec![
        ("a1", same()),
        ("a2", same()),
        ("a3", Values::Codes(YES_NO, vec![Ok("yes"), Ok("no"), Ok("no")])),
        ("b1", same()),
        ("b2", same()),
        ("b3", other()),
    ];
    let flags = flag(&checked(&settings, columns).table, columns::FLAG_STRAIGHTLINER);
    assert_eq!(flags, [Some(true), Some(true), Some(false)]);
}

#[test]
fn a_block_of_what_was_not_asked_tells_nothing() {
    let names = ["a1", "a2", "a3"];
    let mut settings = confront_settings(names.iter().map(|name| category(name)).collect());
    let block = names.iter().map(|name| (*name).to_owned()).collect();
    settings.quality.straightliner_blocks = BTreeMap::from([("a".to_owned(), block)]);
    let not_asked = || Values::Codes(YES_NO, vec![Err(MissingReason::NotAsked)]);
    let columns = vec![("a1", not_asked()), ("a2", not_asked()), ("a3", not_asked())];
    assert_eq!(flag(&checked(&settings, columns).table, columns::FLAG_STRAIGHTLINER), [None]);
}

/// Near-duplicates over answers to numbers; the minimum of answers is three.
fn duplicates(rows: &[[Result<f64, MissingReason>; 4]]) -> Vec<Option<bool>> {
    let names = ["q1", "q2", "q3", "q4"];
    let concepts = names.iter().map(|name| concept(name, Kind::Number, Role::Answer, "")).collect();
    let columns = names
        .iter()
        .enumerate()
        .map(|(at, name)| (*name, Values::Numbers(rows.iter().map(|row| row[at]).collect())));
    flag(&checked(&confront_settings(concepts), columns.collect()).table, columns::FLAG_DUPLICATE)
}

#[test]
fn a_near_duplicate_has_all_answers_of_another_row_and_at_least_the_minimum_of_them() {
    let (one, two) = (Ok(1.0), Ok(2.0));
    let (gone, other) = (Err(MissingReason::Unanswered), Err(DONT_KNOW));
    let both = [Some(true), Some(true)];
    assert_eq!(duplicates(&[[one; 4], [one; 4]]), both);
    assert_eq!(duplicates(&[[one, one, one, gone], [one, one, one, gone]]), both);
    assert_eq!(duplicates(&[[one, one, gone, gone], [one, one, gone, gone]]), [None, None]);
    let not = [Some(false), Some(false)];
    assert_eq!(duplicates(&[[one; 4], [one, one, one, two]]), not);
    assert_eq!(duplicates(&[[one, one, one, gone], [one, one, one, other]]), not);
    assert_eq!(duplicates(&[[one, two, one, one], [two, one, one, one]]), not);
}

#[test]
fn near_duplicates_are_told_by_what_was_asked_and_not_derived() {
    let names = ["q1", "q2", "q3"];
    let same = || Values::Numbers(vec![Ok(1.0), Ok(1.0)]);
    let other = || Values::Numbers(vec![Ok(1.0), Ok(2.0)]);
    let flags = |more: Concept, values: Values<'_>| {
        let mut concepts: Vec<Concept> =
            names.iter().map(|name| concept(name, Kind::Number, Role::Answer, "")).collect();
        concepts.push(more.clone());
        let columns = vec![("q1", same()), ("q2", same()), ("q3", same()), ("more", values)];
        flag(&checked(&confront_settings(concepts), columns).table, columns::FLAG_DUPLICATE)[0]
    };
    let number = |role| concept("more", Kind::Number, role, "");
    assert_eq!(flags(number(Role::Answer), other()), Some(false));
    assert_eq!(flags(number(Role::Background), other()), Some(false));
    assert_eq!(flags(number(Role::Paradata), other()), Some(true));
    assert_eq!(flags(number(Role::Design), other()), Some(true));
    let derived = Concept { derivation: "q1 + 1".to_owned(), ..number(Role::Answer) };
    assert_eq!(flags(derived, other()), Some(true));
    let text = concept("more", Kind::Text, Role::Answer, "");
    assert_eq!(flags(text, other()), Some(true));
}

#[test]
fn rows_that_are_flagged_are_counted_and_said_and_nobody_flagged_is_not() {
    let settings = confront_settings(vec![concept("duration", Kind::Number, Role::Paradata, "")]);
    let found = |durations: Vec<f64>| {
        let values = Values::Numbers(durations.into_iter().map(Ok).collect());
        let checked = checked(&settings, vec![("duration", values)]);
        let of_speeders = |finding: &Finding| finding.rule.as_deref() == Some("flag_speeder");
        let found: Vec<(Code, u64, String)> = checked
            .findings
            .into_iter()
            .filter(of_speeders)
            .map(|finding| (finding.code, finding.count, finding.found))
            .collect();
        (found, checked.about.flagged["speeder"])
    };
    let flagged = |count: u64| (Code::RowsFlagged, count, format!("{count} rows"));
    assert_eq!(found(vec![100.0, 100.0, 100.0, 1.0, 1.0]), (vec![flagged(2)], 2));
    assert_eq!(found(vec![100.0, 100.0, 100.0]), (Vec::new(), 0));
}

#[test]
fn a_panel_wave_without_a_wave_before_does_not_drift() {
    let settings = confront_settings(vec![category("use")]);
    let checked = checked(&settings, vec![("use", shares(1, 99, 0))]);
    assert!(checked.findings.iter().all(|finding| !finding.code.name().contains("drift")));
}
