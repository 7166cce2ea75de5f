use survey::codebook::Comparability;
use survey::design::Design;

use super::*;
use crate::change::{WaveEstimate, overlapping};
use crate::{Linearisation, point};

/// `n` respondents from `first` on with weight 1, of whom every `k`-th uses.
fn wave(wave: Wave, first: usize, n: usize, yes: usize) -> Weighted {
    let rows: Vec<Respondent> = (0..n)
        .map(|row| {
            respondent(
                first + row,
                1.0,
                (row % 2) as i16,
                if (row * 7) % n < yes { Yes } else { No },
            )
        })
        .collect();
    weighted("gp", wave, &[], &rows)
}

fn error(share: f64, n: f64) -> f64 {
    (share * (1.0 - share) / (n - 1.0)).sqrt()
}

#[test]
fn independent_waves_have_the_root_of_the_sum_of_squares() {
    let made =
        made(&[wave(2021, 0, 101, 20), wave(2022, 500, 101, 60)], &settings("gp", &[2021, 2022]));
    let found = changes(&made);
    let (before, after) = (20.0 / 101.0, 60.0 / 101.0);
    let expected = (error(before, 101.0).powi(2) + error(after, 101.0).powi(2)).sqrt();
    found.check(
        "users gp 2022 total total previous_wave",
        &[
            ("difference", after - before),
            ("standard_error", expected),
            ("statistic", (after - before) / expected),
        ],
    );
    let words = [("call", "increased"), ("overlap", "independent")];
    found.check_words("users gp 2022 total total previous_wave", &words);
    found.check_words("users gp 2022 total total first_wave", &words);
    assert!(found.number("users gp 2022 total total previous_wave", "p") < 1e-6);
}

#[test]
fn respondents_in_both_waves_bring_their_covariance() {
    let (first, second) = (wave(2021, 0, 100, 30), wave(2022, 40, 100, 45));
    let made = made(&[first.clone(), second.clone()], &settings("gp", &[2021, 2022]));
    let found = changes(&made);
    found.check_words("users gp 2022 total total previous_wave", &[("overlap", "overlapping")]);
    let linearisation = Linearisation::new(Design::of_elements(vec![1.0; 100])).unwrap();
    let uses = |yes: usize| -> Vec<f64> {
        (0..100).map(|row| f64::from(u8::from((row * 7) % 100 < yes))).collect()
    };
    let influence = |yes| point::mean(&[1.0; 100], &uses(yes), &[true; 100]).unwrap();
    let (before, after) = (influence(30), influence(45));
    let units: [Vec<u64>; 2] = [(0..100).collect(), (40..140).collect()];
    let core = overlapping(
        WaveEstimate { linearisation: &linearisation, influence: &before, units: &units[0] },
        WaveEstimate { linearisation: &linearisation, influence: &after, units: &units[1] },
        0.95,
    )
    .unwrap();
    let own = found.number("users gp 2022 total total previous_wave", "standard_error");
    assert!((own / core.standard_error - 1.0).abs() < 1e-9, "{own} {}", core.standard_error);
    let independent = (error(0.3, 100.0).powi(2) + error(0.45, 100.0).powi(2)).sqrt();
    assert!((own / independent - 1.0).abs() > 0.01, "the covariance counts");
}

#[test]
fn the_covariance_of_a_calibrated_level_is_that_of_the_linearisation() {
    let rows = |first: usize| -> Vec<Respondent> {
        let one = |row: usize| {
            let id = first + row;
            let uses = if (id * 5 + first) % 7 < 3 { Yes } else { No };
            let sex = if id.is_multiple_of(11) { -1 } else { (id % 2) as i16 };
            Respondent {
                base: 1.0 + (id % 4) as f64,
                ..respondent(id, 1.0 + (id % 3) as f64, sex, uses)
            }
        };
        (0..50).map(one).collect()
    };
    let handoffs =
        [weighted("gp", 2021, &["sex"], &rows(0)), weighted("gp", 2022, &["sex"], &rows(20))];
    let settings = settings("gp", &[2021, 2022]);
    let plan = crate::tabulate::Plan::new(std::slice::from_ref(&settings));
    let bases = Bases::new();
    let waves = crate::stage::by_wave(&plan, &[&handoffs], &[&bases]).unwrap();
    let computed = crate::stage::Computed::new(&plan, waves).unwrap();
    let linearisations =
        [0, 1].map(|wave: usize| &computed.samples[wave].as_ref().unwrap().linearisation);
    let influences = [0, 1].map(|wave: usize| {
        let rows = rows(20 * wave);
        let uses: Vec<f64> =
            rows.iter().map(|row| f64::from(u8::from(matches!(row.uses, Yes)))).collect();
        let women: Vec<bool> = rows.iter().map(|row| row.sex == 0).collect();
        point::mean(linearisations[wave].weights(), &uses, &women).unwrap()
    });
    let units: [Vec<u64>; 2] = [(0..50).collect(), (20..70).collect()];
    let wave = |at: usize| WaveEstimate {
        linearisation: linearisations[at],
        influence: &influences[at],
        units: &units[at],
    };
    let expected = overlapping(wave(0), wave(1), 0.95).unwrap().standard_error;
    let key = "users gp 2022 sex female previous_wave";
    let made = made(&handoffs, &settings);
    changes(&made).check(key, &[("standard_error", expected)]);
    changes(&made).check_words(key, &[("overlap", "overlapping")]);
}

#[test]
fn the_same_answers_of_the_same_people_differ_by_exactly_nothing() {
    let rows: Vec<Respondent> = (0..60)
        .map(|id| {
            respondent(
                id,
                1.0 + (id % 3) as f64,
                (id % 2) as i16,
                if id % 3 == 0 { Yes } else { No },
            )
        })
        .collect();
    let made = made(
        &[weighted("gp", 2021, &["sex"], &rows), weighted("gp", 2022, &["sex"], &rows)],
        &settings("gp", &[2021, 2022]),
    );
    let found = changes(&made);
    assert!(found.number("users gp 2022 total total previous_wave", "standard_error") < 1e-7);
    found.check_words("users gp 2022 total total previous_wave", &[("call", "stable")]);
    assert!(found.number("users gp 2022 total total previous_wave", "p") > 0.999);
}

#[test]
fn a_series_break_in_between_is_not_comparable() {
    let mut settings = settings("gp", &[2021, 2022, 2023]);
    asked(&mut settings, "use", 2022, Comparability::Incompatible, "");
    let waves = [wave(2021, 0, 100, 20), wave(2022, 500, 100, 60), wave(2023, 900, 100, 20)];
    let made = made(&waves, &settings);
    let found = changes(&made);
    for key in ["users gp 2022 total total previous_wave", "users gp 2023 total total first_wave"] {
        found.check_words(key, &[("call", "not_comparable")]);
        found.check(key, &[("difference", f64::NAN), ("p", f64::NAN), ("p_adjusted", f64::NAN)]);
    }
    found.check_words("users gp 2023 total total previous_wave", &[("call", "decreased")]);
    assert_eq!(
        found.waves("reference_wave")[found.row("users gp 2023 total total first_wave")],
        2021
    );
}

#[test]
fn the_wave_before_is_the_one_in_which_it_was_asked() {
    let mut middle = wave(2022, 500, 100, 60);
    middle.about.asked.remove("use");
    let made = made(
        &[wave(2021, 0, 100, 20), middle, wave(2023, 900, 100, 60)],
        &settings("gp", &[2021, 2022, 2023]),
    );
    let found = changes(&made);
    assert_eq!(
        found.waves("reference_wave")[found.row("users gp 2023 total total previous_wave")],
        2021
    );
    assert_eq!(found.text("indicator").iter().filter(|name| *name == "users").count(), 6);
}

#[test]
fn a_change_from_or_to_a_withheld_figure_is_withheld() {
    let mut settings = settings("gp", &[2021, 2022]);
    settings.disclosure.minimum_base = 60;
    let made = made(&[wave(2021, 0, 59, 20), wave(2022, 500, 100, 60)], &settings);
    let found = changes(&made);
    found.check_words("users gp 2022 total total previous_wave", &[("call", "withheld")]);
    found.check("users gp 2022 total total previous_wave", &[("p_adjusted", f64::NAN)]);
}

#[test]
fn p_is_adjusted_once_within_wave_breakdown_and_reference() {
    let mut settings = settings("gp", &[2021, 2022]);
    settings.significance.adjustment = Adjustment::Bonferroni;
    let made = made(&[wave(2021, 0, 100, 35), wave(2022, 500, 100, 45)], &settings);
    let found = changes(&made);
    // The total has two tests (two indicators), the breakdown four (two levels each).
    for (level, tests) in [("total total", 2.0), ("sex female", 4.0), ("sex male", 4.0)] {
        for against in ["previous_wave", "first_wave"] {
            let key = format!("users gp 2022 {level} {against}");
            let p = found.number(&key, "p");
            found.check(&key, &[("p_adjusted", (p * tests).min(1.0))]);
        }
    }
}

#[test]
fn withheld_changes_are_no_tests() {
    let mut settings = settings("gp", &[2021, 2022]);
    settings.significance.adjustment = Adjustment::Bonferroni;
    settings.disclosure.minimum_cell = 3;
    let made = made(&[wave(2021, 0, 100, 1), wave(2022, 500, 100, 45)], &settings);
    let found = changes(&made);
    found.check_words("users gp 2022 total total previous_wave", &[("call", "withheld")]);
    let p = found.number("score gp 2022 total total previous_wave", "p");
    found.check("score gp 2022 total total previous_wave", &[("p_adjusted", p)]);
}

#[test]
fn equal_when_rounded_is_stable_as_an_option() {
    let n = 100_001;
    let waves = [wave(2021, 0, n, 44_700), wave(2022, 200_000, n, 45_400)];
    let mut settings = settings("gp", &[2021, 2022]);
    let call = |settings: &Settings| {
        let made = made(&waves, settings);
        changes(&made).word("users gp 2022 total total previous_wave", "call")
    };
    assert_eq!(call(&settings), "increased");
    settings.significance.equal_when_rounded_is_stable = true;
    assert_eq!(call(&settings), "stable", "both are 45 percent");
    settings.indicators[0].decimals = 1;
    assert_eq!(call(&settings), "increased", "44.7 and 45.4 percent");
}

#[test]
fn from_nobody_to_everybody_is_an_increase_without_statistic() {
    let made =
        made(&[wave(2021, 0, 50, 0), wave(2022, 500, 50, 50)], &settings("gp", &[2021, 2022]));
    let found = changes(&made);
    found.check(
        "users gp 2022 total total previous_wave",
        &[("difference", 1.0), ("p", 0.0), ("statistic", f64::NAN)],
    );
    found.check_words("users gp 2022 total total previous_wave", &[("call", "increased")]);
}

#[test]
fn everybody_the_same_in_both_waves_is_stable() {
    let made =
        made(&[wave(2021, 0, 50, 50), wave(2022, 500, 50, 50)], &settings("gp", &[2021, 2022]));
    let found = changes(&made);
    found.check("users gp 2022 total total previous_wave", &[("difference", 0.0), ("p", 1.0)]);
    found.check_words("users gp 2022 total total previous_wave", &[("call", "stable")]);
}
