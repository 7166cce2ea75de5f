use std::sync::Arc;

use arrow::array::{BooleanArray, Float64Array, Int32Array, RecordBatch, StringArray};
use survey::design::LonelyPsu;

use super::errors::with_design;
use super::figures::{sexes, ten, uses, values};
use super::*;

/// Weights of each replicate, with the factors of the replicates and of all.
fn with_replicates(
    mut weighted: Weighted,
    replicates: &[Vec<f64>],
    factors: &[f64],
    (scale, centre): (f64, bool),
) -> Weighted {
    let columns = replicates.iter().enumerate().map(|(index, weights)| {
        let column: ArrayRef = Arc::new(Float64Array::from(weights.clone()));
        (columns::replicate(index), column)
    });
    let table = RecordBatch::try_from_iter(columns).unwrap();
    let count = replicates.len();
    let scales: Vec<(&str, ArrayRef)> = vec![
        (columns::REPLICATE, Arc::new((1..=count as i32).collect::<Int32Array>())),
        (columns::REPLICATE_SCALE, Arc::new(Float64Array::from(factors.to_vec()))),
        (columns::SCALE, Arc::new(Float64Array::from(vec![scale; count]))),
        (columns::MEAN_SQUARED_ERROR, Arc::new(BooleanArray::from(vec![centre; count]))),
    ];
    weighted.extra.insert("replicate".to_owned(), table);
    let scales = RecordBatch::try_from_iter(scales).unwrap();
    weighted.extra.insert("replicate_scale".to_owned(), scales);
    weighted
}

/// Ten respondents with the jackknife that deletes each in turn.
fn jackknifed(rows: &[Respondent], centre: bool) -> (Weighted, Vec<Vec<f64>>) {
    let n = rows.len() as f64;
    let column = |deleted: usize| {
        let weight = |(row, respondent): (usize, &Respondent)| {
            if row == deleted { 0.0 } else { respondent.weight * n / (n - 1.0) }
        };
        rows.iter().enumerate().map(weight).collect::<Vec<f64>>()
    };
    let replicates: Vec<Vec<f64>> = (0..rows.len()).map(column).collect();
    let weighted = weighted("gp", 2021, &["sex"], rows);
    let factors = vec![1.0; rows.len()];
    let scale = ((n - 1.0) / n, centre);
    (with_replicates(weighted, &replicates, &factors, scale), replicates)
}

/// What svrepdesign computes: scale Σ (θ_r - θ)², around the estimate or the mean of the replicates.
fn by_hand(
    rows: &[Respondent],
    replicates: &[Vec<f64>],
    centre: bool,
    of: impl Fn(&Respondent) -> Option<f64>,
) -> f64 {
    let mean = |weights: &[f64]| {
        let pairs = rows.iter().zip(weights).filter_map(|(row, weight)| Some((of(row)?, weight)));
        let (sum, size) =
            pairs.fold((0.0, 0.0), |(s, w), (y, weight)| (s + weight * y, w + weight));
        sum / size
    };
    let full = mean(&rows.iter().map(|row| row.weight).collect::<Vec<_>>());
    let means: Vec<f64> = replicates.iter().map(|weights| mean(weights)).collect();
    let n = means.len() as f64;
    let middle = if centre { full } else { means.iter().sum::<f64>() / n };
    ((n - 1.0) / n * means.iter().map(|mean| (mean - middle).powi(2)).sum::<f64>()).sqrt()
}

#[test]
fn replicate_weights_give_the_error_of_svrepdesign_for_every_domain() {
    let rows = ten();
    for centre in [true, false] {
        let (weighted, replicates) = jackknifed(&rows, centre);
        let made = made(&[weighted], &settings("gp", &[2021]));
        let error = by_hand(&rows, &replicates, centre, uses);
        let of_women =
            by_hand(&rows, &replicates, centre, |row| uses(row).filter(|_| row.sex == 0));
        let figures = figures(&made);
        for (key, error) in
            [("users gp 2021 total total", error), ("users gp 2021 sex female", of_women)]
        {
            let found = figures.number(key, "standard_error");
            assert!((found - error).abs() < 1e-12 * error, "{key}: {found} {error}");
        }
        figures.check("users gp 2021 sex female", &[("degrees_of_freedom", 4.0), ("n", 5.0)]);
    }
}

#[test]
fn a_contrast_takes_its_covariance_from_the_replicates() {
    let rows = ten();
    let (weighted, replicates) = jackknifed(&rows, true);
    let made = made(&[weighted], &settings("gp", &[2021]));
    let mean = |weights: &[f64], sex: i16| {
        let own = rows.iter().zip(weights).filter(|(row, _)| row.sex == sex);
        let (sum, size) = own.fold((0.0, 0.0), |(s, w), (row, weight)| {
            (s + weight * uses(row).unwrap(), w + weight)
        });
        sum / size
    };
    let gap = |weights: &[f64]| mean(weights, 1) - mean(weights, 0);
    let full = gap(&rows.iter().map(|row| row.weight).collect::<Vec<_>>());
    let squares: f64 = replicates.iter().map(|weights| (gap(weights) - full).powi(2)).sum();
    let table = &made.extra["contrast"];
    let column =
        |name: &str| table.column_by_name(name).unwrap().as_primitive::<Float64Type>().value(0);
    assert!((column("difference") - full).abs() < 1e-12);
    assert!((column("standard_error") - (0.9 * squares).sqrt()).abs() < 1e-12);
    assert_eq!(column("degrees_of_freedom"), 8.0, "ten units less one stratum and one");
}

#[test]
fn a_change_adds_the_replicated_variances_of_both_waves() {
    let rows = ten();
    let (first, replicates) = jackknifed(&rows, true);
    let mut second = jackknifed(&rows, true).0;
    second.about.panel_wave.wave = 2022;
    // Other people: no name is shared.
    let names: StringArray = (0..10).map(|row| Some(format!("other{row}"))).collect();
    let schema = second.table.schema();
    let place = schema.index_of(columns::RESPONDENT).unwrap();
    let mut columns = second.table.columns().to_vec();
    columns[place] = Arc::new(names);
    second.table = RecordBatch::try_new(schema, columns).unwrap();
    let made = made(&[first, second], &settings("gp", &[2021, 2022]));
    let error = by_hand(&rows, &replicates, true, uses);
    changes(&made).check(
        "users gp 2022 total total previous_wave",
        &[("standard_error", error * 2.0_f64.sqrt()), ("difference", 0.0)],
    );
}

#[test]
fn returning_respondents_never_make_a_negative_variance_of_replicates() {
    let answers = |changed: usize| -> Vec<Respondent> {
        let one = |row: usize| {
            let yes = (row * 7) % 10 < 4;
            let uses = if yes == (row < changed) { No } else { Yes };
            Respondent { score: row as f64, ..respondent(row, 1.0, (row % 2) as i16, uses) }
        };
        (0..40).map(one).collect()
    };
    // Bootstraps drawn apart in each wave: their variances differ by chance.
    let bootstrapped = |wave: Wave, rows: &[Respondent]| {
        let draw = |replicate: usize| -> Vec<f64> {
            let mut counts = vec![0.0; rows.len()];
            for draw in 1..rows.len() {
                let mixed =
                    (draw * 7919 + replicate * 104_729 + (wave as usize) * 1_299_709) % 7927;
                counts[mixed * (mixed + 3) % rows.len()] += 40.0 / 39.0;
            }
            counts
        };
        let replicates: Vec<Vec<f64>> = (0..30).map(draw).collect();
        let weighted = weighted("gp", wave, &[], rows);
        with_replicates(weighted, &replicates, &[1.0; 30], (1.0 / 30.0, true))
    };
    for changed in [1, 2, 5] {
        let waves = [bootstrapped(2021, &answers(0)), bootstrapped(2022, &answers(changed))];
        let made = made(&waves, &settings("gp", &[2021, 2022]));
        let key = "users gp 2022 total total previous_wave";
        changes(&made).check_words(key, &[("overlap", "overlapping")]);
        let error = |wave: Wave| {
            figures(&made).number(&format!("users gp {wave} total total"), "standard_error")
        };
        let found = changes(&made).number(key, "standard_error");
        assert!(found >= (error(2021) - error(2022)).abs(), "{changed}: {found}");
        assert!(changes(&made).number(key, "p") > 1e-6);
        assert!(made.warnings.is_empty(), "{:?}", made.warnings);
    }
}

#[test]
fn a_bootstrap_has_no_more_degrees_of_freedom_than_replicates_less_one() {
    let rows = ten();
    let (mut weighted, replicates) = jackknifed(&rows, true);
    weighted = with_replicates(weighted, &replicates[..4], &[1.0; 4], (0.25, true));
    let mut settings = settings("gp", &[2021]);
    settings.variance = VarianceMethod::RaoWu;
    figures(&made(&[weighted], &settings))
        .check("users gp 2021 total total", &[("degrees_of_freedom", 3.0)]);
}

#[test]
fn one_respondent_has_no_error_in_any_design() {
    let rows = vec![respondent(0, 4.0, 0, Yes)];
    let clustered = with_design(weighted("gp", 2021, &[], &rows), &[0], Some(&["a"]));
    let replicates = vec![vec![0.0], vec![8.0]];
    let replicated =
        with_replicates(weighted("gp", 2021, &[], &rows), &replicates, &[1.0; 2], (0.5, true));
    for handoff in [clustered, replicated] {
        let mut settings = settings("gp", &[2021]);
        settings.design.lonely_psu = LonelyPsu::Remove;
        let made = made(&[handoff], &settings);
        let nan = f64::NAN;
        figures(&made).check(
            "users gp 2021 total total",
            &[("n", 1.0), ("estimate", 1.0), ("standard_error", nan), ("ci_lower", nan)],
        );
    }
}

#[test]
fn a_domain_without_anybody_has_no_figure_in_any_design_and_its_change_no_test() {
    let mut rows = ten();
    for row in &mut rows {
        row.sex = 0;
    }
    let (first, mut second) = (jackknifed(&ten(), true).0, jackknifed(&rows, true).0);
    second.about.panel_wave.wave = 2022;
    let made = made(&[first, second], &settings("gp", &[2021, 2022]));
    let nan = f64::NAN;
    let figures = figures(&made);
    figures
        .check("users gp 2022 sex male", &[("n", 0.0), ("estimate", nan), ("standard_error", nan)]);
    figures.check_words(
        "users gp 2022 sex male",
        &[("status", "no_answers"), ("reason", "no_answers")],
    );
    let changes = changes(&made);
    let key = "users gp 2022 sex male previous_wave";
    changes.check_words(key, &[("call", "no_test")]);
    changes.check(key, &[("difference", nan), ("p_adjusted", nan)]);
}

#[test]
fn a_replicate_without_anybody_in_a_domain_adds_nothing_to_it() {
    let mut rows = ten();
    for row in &mut rows[1..5] {
        row.sex = -1;
    }
    let (weighted, replicates) = jackknifed(&rows, true);
    let made = made(&[weighted], &settings("gp", &[2021]));
    assert_eq!(replicates[0][0], 0.0, "the only woman is deleted");
    figures(&made).check("score gp 2021 sex female", &[("n", 1.0), ("standard_error", f64::NAN)]);
    let men = by_hand(&rows, &replicates, true, |row| Some(row.score).filter(|_| row.sex == 1));
    figures(&made).check("score gp 2021 sex male", &[("standard_error", men)]);
}

#[test]
fn all_answers_equal_have_no_error_by_replicates_either() {
    let mut rows = ten();
    for row in &mut rows {
        row.uses = Yes;
    }
    let made = made(&[jackknifed(&rows, true).0], &settings("gp", &[2021]));
    let figures = figures(&made);
    figures.check("users gp 2021 total total", &[("estimate", 1.0), ("ci_upper", 1.0)]);
    assert!(figures.number("users gp 2021 total total", "standard_error") < 1e-12);
    assert!(figures.number("users gp 2021 total total", "ci_lower") < 1.0);
}

#[test]
fn a_pooled_group_adds_the_variances_of_its_panels_each_in_its_own_way() {
    use crate::settings::GroupSettings;
    let rows = ten();
    let (replicated, _) = jackknifed(&rows, true);
    let linearised = |panel: &str| {
        let mut one = weighted("gp", 2021, &["sex"], &rows);
        one.about.panel_wave.panel = panel.to_owned();
        one
    };
    let group = |first: Weighted| {
        let panels = vec![settings("gp", &[2021]), settings("nurse", &[2021])];
        let settings = GroupSettings { group: "all".to_owned(), panels };
        let bases = [Bases::new(), Bases::new()];
        let made =
            crate::tabulate_group(&[vec![first], vec![linearised("nurse")]], &bases, &settings);
        Found(&made.unwrap().table).number("score all_pooled 2021 total total", "standard_error")
    };
    let (both, mixed) = (group(linearised("gp")), group(replicated));
    // The jackknife of a mean without recalibration has the error of an uncalibrated one.
    let own = standard_error(&values(&rows, |row| Some(row.score)), None) / 2.0;
    let other = standard_error(&values(&rows, |row| Some(row.score)), Some(&sexes(&rows))) / 2.0;
    assert!((both - (2.0 * other * other).sqrt()).abs() < 1e-9, "{both}");
    assert!((mixed / (own * own + other * other).sqrt() - 1.0).abs() < 0.05, "{mixed}");
}

#[test]
fn a_difference_has_the_replicates_of_its_linearised_form_whichever_base_holds_the_other() {
    use crate::settings::{Followed, Pair};
    let rows: Vec<Respondent> = (0..40)
        .map(|row| Respondent {
            score: ((row * 13) % 11) as f64,
            ..respondent(row, 1.0 + (row % 4) as f64, (row % 2) as i16, Yes)
        })
        .collect();
    // Weights of any sign, as some calibrations make them.
    let column = |replicate: usize| -> Vec<f64> {
        let weight = |row: usize| ((row * 31 + replicate * 17) % 23) as f64 / 4.0 - 0.5;
        (0..40).map(weight).collect()
    };
    let replicates: Vec<Vec<f64>> = (0..12).map(column).collect();
    let bases = |inside: &dyn Fn(usize) -> bool| -> Vec<BooleanArray> {
        vec![(0..40).map(|row| Some(inside(row))).collect()]
    };
    let bases = Bases::from([
        ("young".to_owned(), bases(&|row| row < 25)),
        ("old".to_owned(), bases(&|row| row > 18)),
    ]);
    let mut settings = settings("gp", &[2021]);
    let [young, old] =
        ["young", "old"].map(|name| indicator(name, "score", IndicatorKind::Mean, &[]));
    let score = settings.indicators[1].clone();
    settings.pairs = vec![
        Pair::new("union", "age", &old, &young),
        Pair::new("held", "age", &young, &score),
        Pair::new("holds", "age", &score, &old),
    ];
    settings.indicators.extend([young, old]);
    settings.breakdowns[0].followed = vec!["users".to_owned(), "score".to_owned()];
    settings.followed = Followed::of(&settings.breakdowns[0], &settings.indicators);

    for centre in [true, false] {
        let weighted = weighted("gp", 2021, &["sex"], &rows);
        let weighted = with_replicates(weighted, &replicates, &[1.0; 12], (0.3, centre));
        let handoffs = [weighted];
        let plan = crate::tabulate::Plan::new(std::slice::from_ref(&settings));
        let samples = samples_of(&plan, &handoffs, &bases);
        let kinds = [crate::pairs::Pairs::new(&plan), crate::pairs::Pairs::of_levels(&plan)];
        let computed = crate::computed::Computed::new(&plan, &samples).unwrap();
        let mut compared = 0;
        for pairs in &kinds {
            let found = pairs.compute(&computed).unwrap().computed;
            let (sample, values) = (samples[0].as_ref().unwrap(), found.values[0].as_ref());
            // As figures of their own: a pass over what each respondent adds.
            let asks = [(&pairs.plan, values.unwrap())];
            let passed = crate::tabulate::WaveErrors::all(sample, &asks).unwrap();
            let found = found.errors[0].as_ref().unwrap();
            for (pair, cuts) in pairs.plan.cuts_of.iter().enumerate() {
                for &cut in cuts {
                    let found = found.covariance(pair, cut).unwrap();
                    let expected = passed[0].covariance(pair, cut).unwrap();
                    for (found, expected) in found.iter().zip(expected.iter()) {
                        let scale = expected.abs().max(1e-6);
                        assert!((found - expected).abs() < 1e-9 * scale, "{found} {expected}");
                        compared += usize::from(*expected > 1e-6);
                    }
                }
            }
        }
        assert!(compared >= 10, "{compared}");
    }
}
