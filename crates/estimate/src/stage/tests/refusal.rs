use arrow::array::BooleanArray;
use survey::Hinted;
use survey::codebook::Kind;

use super::*;
use crate::{Error, GroupSettings, tabulate_group};

fn one() -> Weighted {
    weighted("gp", 2021, &["sex"], &[respondent(0, 1.0, 0, Yes), respondent(1, 1.0, 1, No)])
}

fn refusal(weighted: &[Weighted], bases: &Bases, settings: &Settings) -> String {
    let error = tabulate(weighted, bases, settings).unwrap_err();
    assert!(matches!(error, Error::Stage(_)), "{error}");
    error.with_hints()
}

fn check(change: &dyn Fn(&mut Settings), expected: &str) {
    let mut settings = settings("gp", &[2021]);
    change(&mut settings);
    assert_eq!(refusal(&[one()], &Bases::new(), &settings), expected);
}

#[test]
fn an_indicator_on_a_concept_that_nobody_knows_is_an_error() {
    check(
        &|settings| settings.indicators[0].concept = "usage".to_owned(),
        "config/indicators.csv: `users`: concept `usage` is not in the codebook, expected a category for a proportion\nhint: \
         make it a mean, or derive a category",
    );
}

#[test]
fn a_mean_of_a_category_is_an_error() {
    check(
        &|settings| settings.indicators[1].concept = "sex".to_owned(),
        "config/indicators.csv: `score`: concept `sex` is a category, expected a number for a mean\nhint: make it a \
         proportion, or derive a number",
    );
}

#[test]
fn a_code_that_the_concept_does_not_have_is_an_error() {
    check(
        &|settings| settings.indicators[0].codes = vec!["ja".to_owned()],
        "config/indicators.csv: `users`: code `ja`, expected codes of the concept's answer list\nhint: answers of `use` are \
         yes, no",
    );
    check(
        &|settings| settings.indicators[0].codes = vec!["dont_know".to_owned()],
        "config/indicators.csv: `users`: code `dont_know`, expected codes of the concept's answer list\nhint: answers of \
         `use` are yes, no",
    );
    check(
        &|settings| settings.indicators[0].codes.clear(),
        "config/indicators.csv: `users`: no codes, expected the codes that count as yes\nhint: fill the column codes",
    );
}

#[test]
fn a_breakdown_on_a_number_is_an_error() {
    check(
        &|settings| settings.concepts.get_mut("sex").unwrap().kind = Kind::Number,
        "config/breakdowns.csv: `sex`: concept `sex` is a number, expected a category\nhint: derive a category from it in \
         config/codebook/concepts.csv",
    );
}

#[test]
fn a_wave_handed_in_twice_is_an_error() {
    let message = refusal(&[one(), one()], &Bases::new(), &settings("gp", &[2021]));
    assert_eq!(
        message,
        "gp 2021: handed in twice, expected once\nhint: two releases of one wave? name in the pipeline file which one replaces \
         the other"
    );
}

#[test]
fn another_panels_wave_is_an_error() {
    let message = refusal(&[one()], &Bases::new(), &settings("nurse", &[2021]));
    assert_eq!(message, "gp 2021: handed in for panel `nurse`, expected that panel's own waves");
}

#[test]
fn a_base_of_another_length_is_an_error() {
    let bases = Bases::from([("users".to_owned(), vec![BooleanArray::from(vec![true])])]);
    let message = refusal(&[one()], &bases, &settings("gp", &[2021]));
    assert!(message.starts_with(
        "gp 2021: base of `users`: another number of rows or hand-offs, expected 2 rows\nhint:"
    ));
    let bases = Bases::from([("users".to_owned(), Vec::new())]);
    assert!(
        refusal(&[one()], &bases, &settings("gp", &[2021])).starts_with("gp 2021: base of `users`")
    );
}

#[test]
fn a_hand_off_without_its_calibration_is_an_error() {
    let mut handoff = one();
    handoff.extra.clear();
    let message = refusal(&[handoff], &Bases::new(), &settings("gp", &[2021]));
    assert!(message.starts_with(
        "gp 2021: extra `calibration`: no column `@margin_0`, expected a level for every respondent"
    ));
}

#[test]
fn a_weight_that_is_no_number_is_an_error() {
    let rows = [respondent(0, f64::NAN, 0, Yes), respondent(1, -1.0, 1, No)];
    let message =
        refusal(&[weighted("gp", 2021, &[], &rows)], &Bases::new(), &settings("gp", &[2021]));
    assert!(message.starts_with(
        "gp 2021: column `weight`: 2 rows that are no weight, expected 0 or more\nhint:"
    ));
}

#[test]
fn a_group_needs_waves_and_bases_of_every_panel() {
    let settings =
        GroupSettings { group: "providers".to_owned(), panels: vec![settings("gp", &[2021])] };
    let error = tabulate_group(&[], &[], &settings).unwrap_err();
    assert_eq!(
        error.to_string(),
        "group `providers`: 1 panels, 0 lists of waves and 0 of bases, expected one or more, of each as many"
    );
}

#[test]
fn weights_of_another_sum_than_the_weighting_recorded_are_an_error() {
    let mut weighted = one();
    weighted.about.sum_of_weights *= 1.0 + 1e-6;
    let message = refusal(&[weighted], &Bases::new(), &settings("gp", &[2021]));
    assert!(message.starts_with("gp 2021: column `weight`: a sum of "), "{message}");
    assert!(message.contains("as weighting recorded"), "{message}");
}
