use arrow::array::BooleanArray;

use super::*;
use crate::settings::{Followed, Pair};
use crate::{GroupSettings, tabulate_group};

/// Yes and no to one question: their difference is 1 less twice the share of yes.
fn opposites(panel: &str, waves: &[Wave]) -> Settings {
    let mut settings = settings(panel, waves);
    let non_users = indicator("non_users", "use", IndicatorKind::Proportion, &["no"]);
    settings.pairs = vec![Pair::new("use", "all", &settings.indicators[0], &non_users)];
    settings.indicators.push(non_users);
    settings
}

/// `n` respondents of different weights, of whom some say yes and some nothing.
fn people(wave: Wave, first: usize, n: usize, yes: usize) -> Weighted {
    let answer = |row: usize| match (row * 7) % n {
        place if place < yes => Yes,
        place if place + 5 > n => Missing(NONE),
        _ => No,
    };
    let person =
        |row: usize| respondent(first + row, 1.0 + (row % 3) as f64, (row % 2) as i16, answer(row));
    weighted("gp", wave, &["sex"], &(0..n).map(person).collect::<Vec<_>>())
}

fn gaps(made: &Estimates) -> Found<'_> {
    Found(&made.extra["gap"])
}

fn gap_changes(made: &Estimates) -> Found<'_> {
    Found(&made.extra["gap_change"])
}

#[test]
fn a_gap_has_the_error_of_the_difference_of_each_respondents_own_answers() {
    let by_cell = [people(2021, 0, 60, 10)];
    let strata: Vec<i32> = (0..60).map(|row| row / 30).collect();
    let units: Vec<String> = (0..60).map(|row| format!("u{}", row / 5)).collect();
    let units: Vec<&str> = units.iter().map(String::as_str).collect();
    let clustered = [super::errors::with_design(people(2021, 0, 60, 10), &strata, Some(&units))];
    for weighted in [by_cell, clustered] {
        let made = made(&weighted, &opposites("gp", &[2021]));
        for cell in ["total total", "sex female", "sex male"] {
            let users = format!("users gp 2021 {cell}");
            let [share, error, degrees] = ["estimate", "standard_error", "degrees_of_freedom"]
                .map(|name| figures(&made).number(&users, name));
            gaps(&made).check(
                &format!("non_users gp 2021 {cell}"),
                &[
                    ("difference", 1.0 - 2.0 * share),
                    ("standard_error", 2.0 * error),
                    ("degrees_of_freedom", degrees),
                ],
            );
        }
        assert_eq!(gaps(&made).text("gap"), ["use"; 3]);
        assert_eq!(gaps(&made).text("minus"), ["users"; 3]);
        gaps(&made).check_words("non_users gp 2021 total total", &[("call", "higher")]);
    }
}

#[test]
fn who_is_in_one_base_only_counts_on_that_side() {
    let rows: Vec<Respondent> = (0..40)
        .map(|row| Respondent {
            score: ((row * 13) % 11) as f64,
            ..respondent(row, 1.0 + (row % 4) as f64, (row % 2) as i16, Yes)
        })
        .collect();
    let weighted = [weighted("gp", 2021, &["sex"], &rows)];
    let mut settings = settings("gp", &[2021]);
    let young = indicator("young", "score", IndicatorKind::Mean, &[]);
    settings.pairs = vec![Pair::new("age", "score", &settings.indicators[1], &young)];
    settings.indicators.push(young);
    let is_young = |row: usize| row < 25;
    let mask: BooleanArray = (0..40).map(|row| Some(is_young(row))).collect();
    let bases = Bases::from([("young".to_owned(), vec![mask])]);
    let made = tabulate(&weighted, &bases, &settings).unwrap();
    let key = "young gp 2021 total total";

    let size = |of: &dyn Fn(usize) -> bool| -> f64 {
        (0..40).filter(|row| of(*row)).map(|row| rows[row].weight).sum()
    };
    let mean = |of: &dyn Fn(usize) -> bool| -> f64 {
        let sum: f64 =
            (0..40).filter(|row| of(*row)).map(|row| rows[row].weight * rows[row].score).sum();
        sum / size(of)
    };
    let everybody = |_: usize| true;
    let influence: Vec<f64> = (0..40)
        .map(|row| {
            let own = |of: &dyn Fn(usize) -> bool| {
                if of(row) { (rows[row].score - mean(of)) / size(of) } else { 0.0 }
            };
            own(&is_young) - own(&everybody)
        })
        .collect();
    // Calibrated on sex: less the mean of the sex, by base weight.
    let explained = |row: usize| {
        let same = (0..40).filter(|other| rows[*other].sex == rows[row].sex);
        same.map(|other| influence[other]).sum::<f64>() / 20.0
    };
    let scores: Vec<f64> =
        (0..40).map(|row| rows[row].weight * (influence[row] - explained(row))).collect();
    let centre = scores.iter().sum::<f64>() / 40.0;
    let squares = scores.iter().map(|score| (score - centre).powi(2)).sum::<f64>();
    let error = (40.0 / 39.0 * squares).sqrt();
    let difference = mean(&is_young) - mean(&everybody);
    gaps(&made).check(
        key,
        &[
            ("difference", difference),
            ("standard_error", error),
            ("statistic", difference / error),
            ("degrees_of_freedom", 39.0),
        ],
    );
}

#[test]
fn the_change_of_a_gap_knows_who_was_asked_in_both_waves() {
    let weighted = [people(2021, 0, 60, 20), people(2022, 30, 60, 35)];
    let made = made(&weighted, &opposites("gp", &[2021, 2022]));
    for cell in ["total total", "sex female"] {
        let users = format!("users gp 2022 {cell} previous_wave");
        let [difference, error] =
            ["difference", "standard_error"].map(|name| changes(&made).number(&users, name));
        let key = format!("non_users gp 2022 {cell} previous_wave");
        gap_changes(&made)
            .check(&key, &[("difference", -2.0 * difference), ("standard_error", 2.0 * error)]);
        gap_changes(&made).check_words(&key, &[("overlap", "overlapping"), ("subject", "all")]);
    }
}

#[test]
fn a_gap_from_a_share_of_nobody_is_tested_and_its_change_is_not() {
    let weighted = [people(2021, 0, 60, 0), people(2022, 30, 60, 35)];
    let made = made(&weighted, &opposites("gp", &[2021, 2022]));
    let key = "non_users gp 2021 total total";
    assert!(gaps(&made).number(key, "p") < 0.05 && gaps(&made).number(key, "ci_lower") > 0.5);
    assert!(gaps(&made).number(key, "standard_error").is_nan());
    let key = "non_users gp 2022 total total previous_wave";
    gap_changes(&made).check_words(key, &[("call", "no_test")]);
}

#[test]
fn the_gaps_of_a_group_have_the_errors_of_its_figures() {
    let waves = [2021, 2022];
    let panel = |name: &str, first: usize, yes: usize| -> Vec<Weighted> {
        let waves = waves.iter().enumerate();
        let wave = |(at, &wave): (usize, &Wave)| {
            let mut handoff = people(wave, first + 20 * at, 50, yes + 8 * at);
            handoff.about.panel_wave = PanelWave::new(name, wave);
            handoff
        };
        waves.map(wave).collect()
    };
    let panels = [panel("gp", 0, 10), panel("nurse", 500, 25)];
    let settings = GroupSettings {
        group: "providers".to_owned(),
        panels: vec![opposites("gp", &waves), opposites("nurse", &waves)],
    };
    let bases = vec![Bases::new(); 2];
    let made = tabulate_group(&panels, &bases, &settings).unwrap();
    for measure in ["providers_pooled", "providers_mean_of_groups"] {
        for cell in ["total total", "sex male"] {
            let users = format!("users {measure} 2022 {cell}");
            let [share, error] =
                ["estimate", "standard_error"].map(|name| figures(&made).number(&users, name));
            let key = format!("non_users {measure} 2022 {cell}");
            gaps(&made)
                .check(&key, &[("difference", 1.0 - 2.0 * share), ("standard_error", 2.0 * error)]);
            let error = changes(&made).number(&format!("{users} previous_wave"), "standard_error");
            let key = format!("{key} previous_wave");
            gap_changes(&made).check(&key, &[("standard_error", 2.0 * error)]);
        }
    }
}

#[test]
fn each_answer_has_the_share_that_an_indicator_of_it_would_have() {
    let mut settings = opposites("gp", &[2021]);
    let share =
        |code: &str| indicator(&format!("use={code}"), "use", IndicatorKind::Proportion, &[code]);
    settings.shares = vec![share("yes"), share("no")];
    let made = made(&[people(2021, 0, 60, 20)], &settings);
    let shares = Found(&made.extra["answer_distribution"]);
    for (share, figure) in [("use=yes", "users"), ("use=no", "non_users")] {
        let key = |name: &str| format!("{name} gp 2021 total total");
        let names = ["n", "n_yes", "estimate", "standard_error", "ci_lower", "ci_upper"];
        let expected = names.map(|name| (name, figures(&made).number(&key(figure), name)));
        shares.check(&key(share), &expected);
    }
    assert_eq!(shares.0.num_rows(), 2);
}

/// Followed by sex: users and scores.
fn followed(waves: &[Wave]) -> Settings {
    let mut settings = settings("gp", waves);
    let names = ["users", "score"].map(str::to_owned);
    settings.breakdowns[0].followed = names.to_vec();
    settings.followed = Followed::of(&settings.breakdowns[0], &settings.indicators);
    settings
}

/// The row of an indicator against the wave before.
fn level_change(made: &Estimates, indicator: &str, column: &str) -> f64 {
    let table = &made.extra["contrast_change"];
    let found = Found(table);
    let (names, against) = (found.text("indicator"), found.text("against"));
    let is_it = |row: &usize| names[*row] == indicator && against[*row] == "previous_wave";
    let rows: Vec<usize> = (0..table.num_rows()).filter(is_it).collect();
    assert_eq!(rows.len(), 1, "{indicator}");
    assert_eq!(
        (found.text("level_a")[rows[0]].as_str(), found.text("level_b")[rows[0]].as_str()),
        ("female", "male")
    );
    let numbers = table.column_by_name(column).unwrap().as_primitive::<Float64Type>();
    if numbers.is_null(rows[0]) { f64::NAN } else { numbers.value(rows[0]) }
}

/// Difference and standard error of the levels in one wave.
fn level_contrast(weighted: &Weighted) -> (f64, f64) {
    let wave = weighted.about.panel_wave.wave;
    let made = made(std::slice::from_ref(weighted), &settings("gp", &[wave]));
    let table = &made.extra["contrast"];
    let names = Found(table).text("indicator");
    let row = names.iter().position(|name| name == "score").unwrap();
    let number =
        |name: &str| table.column_by_name(name).unwrap().as_primitive::<Float64Type>().value(row);
    (number("difference"), number("standard_error"))
}

#[test]
fn the_change_of_a_difference_between_levels_has_the_errors_of_both_waves() {
    let waves = [people(2021, 0, 60, 20), people(2022, 1000, 60, 35)];
    let made = made(&waves, &followed(&[2021, 2022]));
    let [first, second] = waves.each_ref().map(level_contrast);
    let change = level_change(&made, "score", "difference");
    assert!((change - (second.0 - first.0)).abs() < 1e-9, "{change}");
    let error = level_change(&made, "score", "standard_error");
    assert!((error - first.1.hypot(second.1)).abs() < 1e-9 * error, "{error}");
    // Shares: the difference of the differences of the figures.
    let share = |wave: Wave, sex: &str| {
        figures(&made).number(&format!("users gp {wave} sex {sex}"), "estimate")
    };
    let expected = (share(2022, "male") - share(2022, "female"))
        - (share(2021, "male") - share(2021, "female"));
    assert!((level_change(&made, "users", "difference") - expected).abs() < 1e-12);
}

#[test]
fn who_returns_narrows_the_change_of_a_difference() {
    let apart =
        made(&[people(2021, 0, 60, 20), people(2022, 1000, 60, 22)], &followed(&[2021, 2022]));
    let again = made(&[people(2021, 0, 60, 20), people(2022, 0, 60, 22)], &followed(&[2021, 2022]));
    let error = |made: &Estimates| level_change(made, "users", "standard_error");
    assert!(error(&again) < 0.5 * error(&apart), "{} and {}", error(&again), error(&apart));
}
