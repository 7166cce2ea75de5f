use survey::codebook::Comparability;
use survey::columns;
use survey::design::Design;

use super::*;
use crate::{Influence, Linearisation, decide_kept, point};

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

/// A wave's estimate with the respondent of each row.
struct WaveEstimate<'a> {
    linearisation: &'a Linearisation,
    influence: &'a Influence,
    units: &'a [u64],
}

/// Standard error of the difference from both waves' scaled unit totals: √Σ (t₂ - t₁)² over the union of the units.
fn standard_error_of_change(waves: [WaveEstimate<'_>; 2]) -> f64 {
    let mut difference: BTreeMap<u64, f64> = BTreeMap::new();
    for (sign, wave) in [-1.0, 1.0].into_iter().zip(waves) {
        let contributions = wave.linearisation.adjusted(wave.influence).unwrap();
        let totals = wave.linearisation.scaled_unit_totals(&contributions);
        for (unit, row) in wave.units.iter().zip(&wave.linearisation.selections[0].unit_of_row) {
            *difference.entry(*unit).or_default() += sign * totals[*row as usize];
        }
    }
    difference.values().map(|total| total * total).sum::<f64>().sqrt()
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
            // p of a share follows from its interval.
            ("statistic", f64::NAN),
        ],
    );
    let words = |duplicate_of| {
        [("call", "increased"), ("overlap", "independent"), ("duplicate_of", duplicate_of)]
    };
    found.check_words("users gp 2022 total total previous_wave", &words(""));
    found.check_words("users gp 2022 total total first_wave", &words("previous_wave"));
    let error = found.number("score gp 2022 total total previous_wave", "standard_error");
    let difference = found.number("score gp 2022 total total previous_wave", "difference");
    found.check(
        "score gp 2022 total total previous_wave",
        &[("statistic", difference / error), ("degrees_of_freedom", 200.0)],
    );
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
    let expected = standard_error_of_change([
        WaveEstimate { linearisation: &linearisation, influence: &before, units: &units[0] },
        WaveEstimate { linearisation: &linearisation, influence: &after, units: &units[1] },
    ]);
    let own = found.number("users gp 2022 total total previous_wave", "standard_error");
    assert!((own / expected - 1.0).abs() < 1e-9, "{own} {expected}");
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
    let linearised = linearised(&plan, &handoffs);
    let linearisations = [0, 1].map(|wave: usize| linearised[wave].linearisation().unwrap());
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
    let expected = standard_error_of_change([wave(0), wave(1)]);
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
    // Nobody changed: the sample says nothing about how large a change could be.
    let key = "users gp 2022 total total previous_wave";
    found.check_words(key, &[("call", "no_test"), ("overlap", "overlapping")]);
    found.check(key, &[("difference", 0.0), ("p", f64::NAN), ("ci_upper", f64::NAN)]);
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
fn a_family_decided_again_from_what_is_kept_is_the_same_and_a_part_of_it_has_fewer_tests() {
    let mut settings = settings("gp", &[2021, 2022]);
    for adjustment in [Adjustment::None, Adjustment::Holm, Adjustment::BenjaminiHochberg] {
        settings.significance.adjustment = adjustment;
        let made = made(&[wave(2021, 0, 100, 35), wave(2022, 500, 100, 52)], &settings);
        let found = changes(&made);
        let keys: Vec<String> = ["users", "score"]
            .iter()
            .flat_map(|name| {
                ["female", "male"].map(|sex| format!("{name} gp 2022 sex {sex} previous_wave"))
            })
            .collect();
        let kept: Vec<Vec<f64>> =
            keys.iter().map(|key| found.numbers(key, columns::TEST)).collect();
        let tests: Vec<(&[f64], bool)> = kept.iter().map(|kept| (kept.as_slice(), false)).collect();
        let again = decide_kept(&tests, &settings.significance).unwrap();
        for (key, decision) in keys.iter().zip(&again) {
            found.check(
                key,
                &[
                    ("p_adjusted", decision.p_adjusted),
                    ("ci_adjusted_lower", decision.interval.0),
                    ("ci_adjusted_upper", decision.interval.1),
                    ("detectable_difference", decision.detectable),
                ],
            );
        }
        let alone = decide_kept(&tests[..1], &settings.significance).unwrap();
        assert_eq!(alone[0].p_adjusted, found.number(&keys[0], "p"));
        assert!(alone[0].detectable <= again[0].detectable);
    }
    assert_eq!(decide_kept(&[(&[0.1, 0.2], false)], &settings.significance), None);
    assert_eq!(decide_kept(&[(&[0.1; 9], false)], &settings.significance), None);
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
    let rounded = made(&waves, &settings);
    let key = "users gp 2022 total total previous_wave";
    let number = |column: &str| changes(&rounded).number(key, column);
    assert!(number("ci_adjusted_lower") <= 0.0 && number("ci_lower") > 0.0);
    assert!(number("detectable_difference") >= number("difference"));
    settings.indicators[0].decimals = 1;
    assert_eq!(call(&settings), "increased", "44.7 and 45.4 percent");
}

#[test]
fn from_nobody_to_everybody_is_an_increase_without_standard_error() {
    let made =
        made(&[wave(2021, 0, 50, 0), wave(2022, 500, 50, 50)], &settings("gp", &[2021, 2022]));
    let found = changes(&made);
    let key = "users gp 2022 total total previous_wave";
    found.check(key, &[("difference", 1.0), ("statistic", f64::NAN), ("standard_error", f64::NAN)]);
    found.check_words(key, &[("call", "increased")]);
    let p = found.number(key, "p");
    assert!(0.0 < p && p < 1e-10, "{p}");
    assert!(found.number(key, "ci_lower") < 0.95, "nobody and everybody are not certain");
}

#[test]
fn nobody_in_two_waves_is_stable_with_an_interval_as_wide_as_theirs() {
    let made =
        made(&[wave(2021, 0, 50, 0), wave(2022, 500, 80, 0)], &settings("gp", &[2021, 2022]));
    let found = changes(&made);
    let key = "users gp 2022 total total previous_wave";
    let upper =
        |wave: Wave| figures(&made).number(&format!("users gp {wave} total total"), "ci_upper");
    found.check(
        key,
        &[("difference", 0.0), ("p", 1.0), ("ci_lower", -upper(2021)), ("ci_upper", upper(2022))],
    );
    found.check_words(key, &[("call", "stable")]);
}

#[test]
fn nobody_of_60_against_10_of_1000_is_no_increase() {
    let made =
        made(&[wave(2021, 0, 60, 0), wave(2022, 500, 1000, 10)], &settings("gp", &[2021, 2022]));
    let key = "users gp 2022 total total previous_wave";
    changes(&made).check_words(key, &[("call", "stable")]);
    // Fisher's exact test: p = 1.
    changes(&made).check(key, &[("p", 1.0)]);
    assert!(changes(&made).number(key, "detectable_difference") > 0.01);
}

#[test]
fn a_mean_of_equal_answers_is_no_test() {
    let same = |wave: Wave, first: usize, score: f64| {
        let rows: Vec<Respondent> = (0..40)
            .map(|row| Respondent {
                score: if score.is_nan() { (row % 5) as f64 } else { score },
                ..respondent(first + row, 1.0 + (row % 3) as f64, (row % 2) as i16, Yes)
            })
            .collect();
        weighted("gp", wave, &["sex"], &rows)
    };
    for second in [7.3, f64::NAN] {
        let waves = [same(2021, 0, 6.1), same(2022, 500, second)];
        let made = made(&waves, &settings("gp", &[2021, 2022]));
        let key = "score gp 2022 total total previous_wave";
        changes(&made).check_words(key, &[("call", "no_test")]);
        let nothing = ["p", "p_adjusted", "ci_lower", "ci_adjusted_upper", "standard_error"];
        changes(&made).check(key, &nothing.map(|column| (column, f64::NAN)));
        assert!(changes(&made).number(key, "difference").is_finite());
    }
}

#[test]
fn one_respondent_is_no_test() {
    let made =
        made(&[wave(2021, 0, 1, 1), wave(2022, 500, 100, 10)], &settings("gp", &[2021, 2022]));
    let key = "users gp 2022 total total previous_wave";
    changes(&made).check_words(key, &[("call", "no_test")]);
    changes(&made).check(key, &[("p", f64::NAN)]);
}

#[test]
fn the_call_agrees_with_the_adjusted_interval_and_the_detectable_difference() {
    for adjustment in
        [Adjustment::None, Adjustment::Bonferroni, Adjustment::Holm, Adjustment::BenjaminiHochberg]
    {
        for equal_is_stable in [false, true] {
            let mut settings = settings("gp", &[2021, 2022, 2023]);
            settings.significance.adjustment = adjustment;
            settings.significance.equal_when_rounded_is_stable = equal_is_stable;
            let waves = [wave(2021, 0, 160, 20), wave(2022, 90, 150, 33), wave(2023, 170, 140, 36)];
            let made = made(&waves, &settings);
            let found = changes(&made);
            for row in 0..found.0.num_rows() {
                let number = |name: &str| {
                    found.0.column_by_name(name).unwrap().as_primitive::<Float64Type>().value(row)
                };
                let called = ["increased", "decreased"].contains(&found.text("call")[row].as_str());
                let (low, high) = (number("ci_adjusted_lower"), number("ci_adjusted_upper"));
                assert_eq!(called, low > 0.0 || high < 0.0, "{adjustment:?} {row}: {low} {high}");
                let detectable = number("detectable_difference");
                assert_eq!(called, number("difference").abs() > detectable, "{row} {detectable}");
                let plain = (number("ci_lower"), number("ci_upper"));
                assert_eq!(number("p") < 0.05, plain.0 > 0.0 || plain.1 < 0.0, "{plain:?}");
                assert!(low <= plain.0 + 1e-12 && high >= plain.1 - 1e-12, "{row}");
            }
        }
    }
}

#[test]
fn overlapping_waves_have_the_degrees_of_freedom_of_their_union() {
    let made =
        made(&[wave(2021, 0, 100, 30), wave(2022, 40, 100, 45)], &settings("gp", &[2021, 2022]));
    let found = changes(&made);
    // 140 people in one stratum; women: the even ones, 70.
    for (level, expected) in [("total total", 139.0), ("sex female", 69.0)] {
        let key = format!("users gp 2022 {level} previous_wave");
        found.check(&key, &[("degrees_of_freedom", expected)]);
    }
}

#[test]
fn a_trend_is_one_row_over_all_comparable_waves() {
    let mut settings = settings("gp", &[2021, 2022, 2024]);
    let waves = [wave(2021, 0, 200, 40), wave(2022, 500, 200, 70), wave(2024, 900, 200, 120)];
    let found = made(&waves, &settings);
    let key = "users gp 2024 total total trend";
    // Least squares over 2021, 2022 and 2024: -4, -1 and 5 over 14 times the scores less their mean.
    let slope = (-4.0 * 0.2 - 0.35 + 5.0 * 0.6) / 14.0;
    changes(&found).check(key, &[("difference", slope)]);
    changes(&found).check_words(key, &[("call", "increased"), ("duplicate_of", "")]);
    assert_eq!(changes(&found).waves("reference_wave")[changes(&found).row(key)], 2021);
    let mean = "score gp 2024 total total trend";
    let error = |wave: Wave| {
        figures(&found).number(&format!("score gp {wave} total total"), "standard_error")
    };
    let expected = [(-4.0, 2021), (-1.0, 2022), (5.0, 2024)]
        .map(|(score, wave): (f64, Wave)| (score / 14.0 * error(wave)).powi(2));
    changes(&found).check(mean, &[("standard_error", expected.iter().sum::<f64>().sqrt())]);
    // A break leaves too few waves for a trend.
    asked(&mut settings, "use", 2022, Comparability::Incompatible, "");
    let broken = made(&waves, &settings);
    changes(&broken).check_words(key, &[("call", "not_comparable")]);
    changes(&broken).check(key, &[("difference", f64::NAN), ("p", f64::NAN)]);
}

#[test]
fn two_waves_have_no_trend() {
    let made =
        made(&[wave(2021, 0, 100, 20), wave(2022, 500, 100, 60)], &settings("gp", &[2021, 2022]));
    assert!(!changes(&made).text("against").contains(&"trend".to_owned()));
}

#[test]
fn a_trend_over_returning_respondents_has_their_covariances() {
    let waves = [wave(2021, 0, 120, 40), wave(2022, 40, 120, 50), wave(2023, 70, 120, 60)];
    let made = made(&waves, &settings("gp", &[2021, 2022, 2023]));
    let key = "score gp 2023 total total trend";
    // The slope of three waves is half of last less first: scores are ids, w z / n.
    let totals = |wave: usize| -> BTreeMap<usize, f64> {
        let first = [0, 40, 70][wave];
        let mean = first as f64 + 59.5;
        let factor = (120.0_f64 / 119.0).sqrt() / 120.0;
        (first..first + 120).map(|id| (id, factor * (id as f64 - mean))).collect()
    };
    let (before, after) = (totals(0), totals(2));
    let ids = 0..190;
    let value = |of: &BTreeMap<usize, f64>, id: usize| of.get(&id).copied().unwrap_or(0.0);
    let variance: f64 =
        ids.map(|id| (0.5 * (value(&after, id) - value(&before, id))).powi(2)).sum();
    changes(&made)
        .check(key, &[("standard_error", variance.sqrt()), ("degrees_of_freedom", 189.0)]);
    changes(&made).check_words(key, &[("overlap", "overlapping")]);
}
