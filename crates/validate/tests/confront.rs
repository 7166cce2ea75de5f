//! What `validate::confront` promises.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod fixture;

use std::collections::BTreeMap;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use config::Rule;
use config::panel::Filter;
use fixture::{Fake, Values, code, concept, confront_settings, flag, harmonised, number};
use survey::codebook::{Kind, Role};
use survey::{Checked, Fate, Finding, Hinted, MissingReason, Severity, columns};
use validate::{Error, ErrorKind, columns_before, confront};

const YES_NO: &[&str] = &["yes", "no"];
const DONT_KNOW: MissingReason = MissingReason::DontKnow;

fn found<'a>(findings: &'a [Finding], code: &str) -> Vec<&'a Finding> {
    findings.iter().filter(|finding| finding.code == code).collect()
}

fn no_sql() -> Fake {
    Fake(BTreeMap::new())
}

fn rule(name: &str, condition: &str) -> Rule {
    Rule {
        name: name.to_owned(),
        label: survey::Labels::same(name),
        condition: condition.to_owned(),
        severity: Severity::Error,
        panels: Vec::new(),
        waves: Vec::new(),
        first_wave: None,
        last_wave: None,
        gate_percent: None,
        hint: "look again".to_owned(),
    }
}

fn adult() -> Fake {
    Fake(BTreeMap::from([
        (
            "age >= 18",
            (
                vec!["age"],
                (|batch, row| number(batch, "age", row).map(|age| age >= 18.0)) as fixture::Row,
            ),
        ),
        (
            "100 / age > 1",
            (vec!["age"], |batch, row| {
                number(batch, "age", row).filter(|age| *age > 0.0).map(|age| 100.0 / age > 1.0)
            }),
        ),
        (
            "working = 'yes'",
            (vec!["working"], |batch, row| code(batch, "working", row).map(|code| code == "yes")),
        ),
        (
            "use = 'yes'",
            (vec!["use"], |batch, row| code(batch, "use", row).map(|code| code == "yes")),
        ),
    ]))
}

fn outcome(checked: &Checked) -> (Vec<i64>, String) {
    let table = &checked.extra["rule_outcome"];
    let count =
        |name: &str| table.column_by_name(name).unwrap().as_primitive::<Int64Type>().value(0);
    let status = table.column_by_name("status").unwrap().as_string::<i32>().value(0).to_owned();
    (["passes", "fails", "cannot_tell", "broke"].map(count).to_vec(), status)
}

#[test]
fn passes_fails_cannot_tell_and_rule_broke_are_four_different_things() {
    let mut settings = confront_settings(vec![concept("age", Kind::Number, Role::Background, "")]);
    let ages = || {
        harmonised(
            2024,
            vec![("age", Values::Numbers(vec![Ok(30.0), Ok(200.0), Err(DONT_KNOW), Ok(0.0)]))],
        )
    };
    settings.rules = vec![rule("old", "100 / age > 1")];
    let checked = confront(&ages(), None, &settings, &adult()).unwrap();
    assert_eq!(outcome(&checked), (vec![1, 1, 1, 1], "applied".to_owned()));
    assert_eq!(found(&checked.findings, "rule_broke")[0].count, 1);
    let failed = found(&checked.findings, "rule_failed")[0];
    assert_eq!(
        (failed.rule.as_deref(), failed.record, failed.line),
        (Some("old"), Some(2), Some(3))
    );
    assert_eq!((failed.cell.as_deref(), failed.concept.as_deref()), (Some("B3"), Some("age")));
    assert_eq!((failed.expected.as_str(), failed.hint.as_str()), ("100 / age > 1", "look again"));
}

#[test]
fn a_rule_whose_gate_is_exceeded_stops_the_panel_wave() {
    let mut settings = confront_settings(vec![concept("age", Kind::Number, Role::Background, "")]);
    let ages = harmonised(2024, vec![("age", Values::Numbers(vec![Ok(30.0), Ok(12.0)]))]);
    settings.rules = vec![Rule { gate_percent: Some(40.0), ..rule("adult", "age >= 18") }];
    let error = confront(&ages, None, &settings, &adult()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Gate);
    let message = error.with_hints();
    assert!(message.starts_with("nurse 2024: `nurses_2024`: gate `adult`: rule `adult`: 1 of 2 rows fail: found 50.00 %, expected at most 40.00 %\n    cell B3, line 3, record 2, column `Q1`: "), "{message}");
    settings.rules[0].gate_percent = Some(50.0);
    assert!(confront(&ages, None, &settings, &adult()).is_ok());
}

#[test]
fn a_rule_that_every_row_passes_or_fails_was_applied() {
    let mut settings = confront_settings(vec![concept("age", Kind::Number, Role::Background, "")]);
    settings.rules = vec![rule("adult", "age >= 18")];
    for (age, [passes, fails]) in [(30.0, [2, 0]), (12.0, [0, 2])] {
        let ages = harmonised(2024, vec![("age", Values::Numbers(vec![Ok(age); 2]))]);
        let checked = confront(&ages, None, &settings, &adult()).unwrap();
        assert_eq!(outcome(&checked), (vec![passes, fails, 0, 0], "applied".to_owned()));
        let of_rule = checked.findings.iter().filter(|one| one.rule.as_deref() == Some("adult"));
        let codes: Vec<&str> = of_rule.map(|finding| finding.code.name()).collect();
        assert_eq!(codes, vec!["rule_failed"; fails as usize]);
    }
}

#[test]
fn a_rule_of_another_wave_does_not_run() {
    let mut settings = confront_settings(vec![concept("age", Kind::Number, Role::Background, "")]);
    settings.rules = vec![
        Rule { waves: vec![2023], ..rule("then", "age >= 18") },
        Rule { panels: vec!["gp".to_owned()], ..rule("they", "age >= 18") },
    ];
    let ages = harmonised(2024, vec![("age", Values::Numbers(vec![Ok(12.0)]))]);
    let checked = confront(&ages, None, &settings, &adult()).unwrap();
    assert_eq!(checked.extra["rule_outcome"].num_rows(), 0);
}

#[test]
fn a_rule_that_never_applies_is_reported_and_is_no_pass() {
    let concepts = vec![
        concept("age", Kind::Number, Role::Background, ""),
        concept("q", Kind::Number, Role::Answer, ""),
    ];
    let mut settings = confront_settings(concepts);
    settings.rules = vec![rule("adult", "age >= 18")];
    let known = || ("q", Values::Numbers(vec![Ok(1.0)]));
    for (reason, status) in [(MissingReason::NotAsked, "not_asked"), (DONT_KNOW, "matches_nothing")]
    {
        let ages = harmonised(2024, vec![("age", Values::Numbers(vec![Err(reason)])), known()]);
        let checked = confront(&ages, None, &settings, &adult()).unwrap();
        let (counts, found_status) = outcome(&checked);
        assert_eq!((counts[0], found_status.as_str()), (0, status));
        assert_eq!(found(&checked.findings, "rule_never_applied").len(), 1);
    }
}

#[test]
fn rules_that_read_what_is_not_there_are_reported_all_at_once() {
    let mut settings = confront_settings(vec![concept("age", Kind::Number, Role::Background, "")]);
    settings.rules = vec![rule("first", "working = 'yes'"), rule("second", "use = 'yes'")];
    let ages = harmonised(2024, vec![("age", Values::Numbers(vec![Ok(12.0)]))]);
    let error = confront(&ages, None, &settings, &adult()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let message = error.with_hints();
    assert!(message.contains("rule `first`") && message.contains("rule `second`"), "{message}");
}

#[test]
fn rows_out_of_scope_are_dropped_by_the_name_of_their_filter_and_every_cell_is_counted() {
    let concepts = vec![
        concept("working", Kind::Category, Role::Background, "yes_no"),
        concept("age", Kind::Number, Role::Background, ""),
    ];
    let mut settings = confront_settings(concepts);
    let filter = |name: &str, condition: &str| Filter {
        name: name.to_owned(),
        condition: condition.to_owned(),
    };
    settings.eligibility =
        vec![filter("in_practice", "working = 'yes'"), filter("adult", "age >= 18")];
    let working =
        Values::Codes(YES_NO, vec![Ok("yes"), Ok("no"), Err(DONT_KNOW), Ok("yes"), Ok("no")]);
    let ages = Values::Numbers(vec![Ok(30.0), Ok(12.0), Ok(30.0), Ok(12.0), Err(DONT_KNOW)]);
    let checked = confront(
        &harmonised(2024, vec![("working", working), ("age", ages)]),
        None,
        &settings,
        &adult(),
    )
    .unwrap();
    let dropped: BTreeMap<&str, u64> =
        checked.about.rows_dropped.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(
        dropped,
        BTreeMap::from([("in_practice", 2), ("in_practice:cannot_tell", 1), ("adult", 1)])
    );
    assert_eq!(
        (checked.about.rows_in, checked.about.rows_kept, checked.table.num_rows()),
        (5, 1, 1)
    );
    let cells: u64 = checked.about.fates.iter().map(|fate| fate.cells).sum();
    assert_eq!(cells, 5 * 2, "rows x columns");
    let adult = checked.about.fates.iter().filter(|fate| fate.reason == "filter:adult");
    assert!(adult.clone().count() == 2 && adult.clone().all(|fate| fate.fate == Fate::Dropped));
}

#[test]
fn a_filter_on_a_concept_that_was_not_asked_drops_nobody_and_is_reported() {
    let concepts = vec![
        concept("working", Kind::Category, Role::Background, "yes_no"),
        concept("age", Kind::Number, Role::Background, ""),
    ];
    let mut settings = confront_settings(concepts);
    settings.eligibility =
        vec![Filter { name: "in_practice".to_owned(), condition: "working = 'yes'".to_owned() }];
    let working = Values::Codes(YES_NO, vec![Err(MissingReason::NotAsked)]);
    let table =
        harmonised(2024, vec![("working", working), ("age", Values::Numbers(vec![Ok(30.0)]))]);
    let checked = confront(&table, None, &settings, &adult()).unwrap();
    assert_eq!(checked.about.rows_kept, 1);
    let told = found(&checked.findings, "filter_not_applied")[0];
    assert_eq!(told.severity, Severity::Warning);
    assert_eq!(told.hint, "see config/panels/nurse.toml, eligibility `in_practice`");
}

#[test]
fn nobody_left_in_scope_is_a_gate() {
    let mut settings = confront_settings(vec![concept("age", Kind::Number, Role::Background, "")]);
    settings.eligibility =
        vec![Filter { name: "adult".to_owned(), condition: "age >= 18".to_owned() }];
    let ages = harmonised(2024, vec![("age", Values::Numbers(vec![Ok(12.0)]))]);
    assert!(matches!(confront(&ages, None, &settings, &adult()), Err(Error::Gate { .. })));
}

#[test]
fn speeders_took_less_than_a_share_of_the_median() {
    let settings = confront_settings(vec![concept("duration", Kind::Number, Role::Paradata, "")]);
    let durations =
        Values::Numbers(vec![Ok(600.0), Ok(500.0), Ok(199.0), Ok(200.0), Err(DONT_KNOW)]);
    // median of 199, 200, 500, 600 is 350, its 0.4 is 140
    let checked =
        confront(&harmonised(2024, vec![("duration", durations)]), None, &settings, &no_sql())
            .unwrap();
    assert_eq!(
        flag(&checked.table, columns::FLAG_SPEEDER),
        [Some(false), Some(false), Some(false), Some(false), None]
    );
    let durations = Values::Numbers(vec![Ok(600.0), Ok(500.0), Ok(199.0), Ok(199.0), Ok(500.0)]);
    let checked =
        confront(&harmonised(2024, vec![("duration", durations)]), None, &settings, &no_sql())
            .unwrap();
    assert_eq!(
        flag(&checked.table, columns::FLAG_SPEEDER),
        [false, false, true, true, false].map(Some)
    );
    assert_eq!(checked.about.flagged["speeder"], 2);
}

#[test]
fn a_mark_that_cannot_be_told_is_no_false() {
    let settings = confront_settings(vec![concept("age", Kind::Number, Role::Background, "")]);
    let ages = harmonised(2024, vec![("age", Values::Numbers(vec![Ok(30.0)]))]);
    let checked = confront(&ages, None, &settings, &no_sql()).unwrap();
    for name in columns::FLAGS {
        assert_eq!(flag(&checked.table, name), [None]);
    }
    assert_eq!(found(&checked.findings, "flag_not_told").len(), 3);
}

#[test]
fn straightliners_give_the_same_answer_to_a_whole_block() {
    let names = ["s1", "s2", "s3", "s4"];
    let mut settings = confront_settings(
        names.iter().map(|name| concept(name, Kind::Category, Role::Answer, "agree")).collect(),
    );
    let block = names.iter().map(|name| (*name).to_owned()).collect();
    settings.quality.straightliner_blocks = BTreeMap::from([("statements".to_owned(), block)]);
    let agree: &[&str] = &["1", "2", "3"];
    let unanswered = MissingReason::Unanswered;
    let columns = vec![
        ("s1", Values::Codes(agree, vec![Ok("2"), Ok("2"), Ok("2"), Ok("2")])),
        ("s2", Values::Codes(agree, vec![Ok("2"), Ok("1"), Ok("2"), Err(unanswered)])),
        ("s3", Values::Codes(agree, vec![Ok("2"), Ok("2"), Err(unanswered), Err(unanswered)])),
        ("s4", Values::Codes(agree, vec![Ok("2"), Ok("2"), Ok("2"), Ok("2")])),
    ];
    let checked = confront(&harmonised(2024, columns), None, &settings, &no_sql()).unwrap();
    assert_eq!(
        flag(&checked.table, columns::FLAG_STRAIGHTLINER),
        [Some(true), Some(false), Some(true), None]
    );
}

#[test]
fn equal_answers_to_all_questions_mark_both_rows() {
    let names = ["s1", "s2", "s3"];
    let settings = confront_settings(
        names.iter().map(|name| concept(name, Kind::Number, Role::Answer, "")).collect(),
    );
    let missing = Err(MissingReason::Unanswered);
    let columns = vec![
        ("s1", Values::Numbers(vec![Ok(1.0), Ok(1.0), Ok(2.0), missing])),
        ("s2", Values::Numbers(vec![Ok(2.0), Ok(2.0), Ok(1.0), Ok(2.0)])),
        ("s3", Values::Numbers(vec![Ok(3.0), Ok(3.0), Ok(3.0), Ok(3.0)])),
    ];
    let checked = confront(&harmonised(2024, columns), None, &settings, &no_sql()).unwrap();
    assert_eq!(
        flag(&checked.table, columns::FLAG_DUPLICATE),
        [Some(true), Some(true), Some(false), None]
    );
}

fn shares(yes: usize, no: usize, missing: usize) -> Values<'static> {
    let values = std::iter::repeat_n(Ok("yes"), yes)
        .chain(std::iter::repeat_n(Ok("no"), no))
        .chain(std::iter::repeat_n(Err(DONT_KNOW), missing));
    Values::Codes(YES_NO, values.collect())
}

fn drift(now: Values<'_>, before: Values<'_>) -> Vec<String> {
    let settings = confront_settings(vec![concept("use", Kind::Category, Role::Answer, "yes_no")]);
    let (now, before) =
        (harmonised(2024, vec![("use", now)]), harmonised(2023, vec![("use", before)]));
    let checked = confront(&now, Some(&before), &settings, &no_sql()).unwrap();
    let drift =
        checked.findings.into_iter().filter(|finding| finding.concept.as_deref() == Some("use"));
    drift.map(|finding| format!("{}: {}", finding.code, finding.found)).collect()
}

#[test]
fn drift_against_the_wave_before_is_a_finding() {
    assert_eq!(drift(shares(50, 50, 0), shares(45, 55, 0)), Vec::<String>::new());
    assert_eq!(
        drift(shares(70, 30, 0), shares(45, 55, 0)),
        [
            "category_share_drift: share of `no` -25.0 percentage points against 2023",
            "category_share_drift: share of `yes` +25.0 percentage points against 2023"
        ]
    );
    assert_eq!(
        drift(shares(40, 40, 20), shares(50, 50, 0)),
        ["missing_share_drift: missing answers +20.0 percentage points against 2023"]
    );
    assert_eq!(
        drift(shares(100, 0, 0), shares(91, 9, 0)),
        ["category_vanished: nobody chose `no`, unlike in 2023"]
    );
    assert_eq!(
        drift(shares(91, 9, 0), shares(100, 0, 0)),
        ["category_new: `no` was chosen, unlike in 2023"]
    );
    assert_eq!(
        drift(shares(98, 2, 0), shares(100, 0, 0)),
        Vec::<String>::new(),
        "two answers may be chance"
    );
}

#[test]
fn of_the_wave_before_what_is_compared_is_read_and_what_says_who_counts() {
    let concepts = vec![
        concept("use", Kind::Category, Role::Answer, "yes_no"),
        concept("duration", Kind::Number, Role::Paradata, ""),
        concept("age", Kind::Number, Role::Paradata, ""),
    ];
    let mut settings = confront_settings(concepts);
    settings.eligibility = vec![Filter {
        name: "adult".to_owned(),
        condition: "wave > 2000 AND age >= 18".to_owned(),
    }];
    let reads: fixture::Row = |_, _| Some(true);
    let sql = Fake(BTreeMap::from([("wave > 2000 AND age >= 18", (vec!["wave", "age"], reads))]));
    let found = columns_before(&settings, &sql);
    assert_eq!(found, ["use", "age", columns::WAVE].map(str::to_owned).into());
}

#[test]
fn an_item_without_any_answer_is_an_error_finding_without_a_wave_before_too() {
    let settings = confront_settings(vec![concept("use", Kind::Category, Role::Answer, "yes_no")]);
    let checked =
        confront(&harmonised(2024, vec![("use", shares(0, 0, 3))]), None, &settings, &no_sql())
            .unwrap();
    assert_eq!(found(&checked.findings, "item_wholly_missing")[0].severity, Severity::Error);
}
