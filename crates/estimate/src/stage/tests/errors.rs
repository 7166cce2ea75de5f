use std::sync::Arc;

use arrow::array::{BooleanArray, Float64Array, Int32Array, RecordBatch, StringArray};
use survey::design::LonelyPsu;

use super::figures::{sexes, ten, uses, values};
use super::*;

/// A design that says what is true without one.
fn in_one_stratum(weighted: Weighted) -> Weighted {
    let rows = weighted.table.num_rows();
    with_design(weighted, &vec![0; rows], None)
}

fn with_design(mut weighted: Weighted, strata: &[i32], units: Option<&[&str]>) -> Weighted {
    let mut columns: Vec<(&str, ArrayRef)> =
        vec![("stratum", Arc::new(Int32Array::from(strata.to_vec())))];
    if let Some(units) = units {
        columns.push(("unit", Arc::new(StringArray::from(units.to_vec()))));
    }
    let design = RecordBatch::try_from_iter(columns).unwrap();
    weighted.extra.insert("design".to_owned(), design);
    weighted
}

/// Weights of each replicate, with the factors of the replicates and of all.
fn with_replicates(
    mut weighted: Weighted,
    replicates: &[Vec<f64>],
    factors: &[f64],
    (scale, centre): (f64, bool),
) -> Weighted {
    let columns = replicates.iter().enumerate().map(|(index, weights)| {
        let column: ArrayRef = Arc::new(Float64Array::from(weights.clone()));
        (format!("replicate_{}", index + 1), column)
    });
    let table = RecordBatch::try_from_iter(columns).unwrap();
    let count = replicates.len();
    let scales: Vec<(&str, ArrayRef)> = vec![
        ("replicate", Arc::new((1..=count as i32).collect::<Int32Array>())),
        ("replicate_scale", Arc::new(Float64Array::from(factors.to_vec()))),
        ("scale", Arc::new(Float64Array::from(vec![scale; count]))),
        ("mean_squared_error", Arc::new(BooleanArray::from(vec![centre; count]))),
    ];
    weighted.extra.insert("replicate".to_owned(), table);
    let scales = RecordBatch::try_from_iter(scales).unwrap();
    weighted.extra.insert("replicate_scale".to_owned(), scales);
    weighted
}

#[test]
fn pairs_of_levels_use_their_covariance() {
    let rows = ten();
    let made = made(&[weighted("gp", 2021, &["sex"], &rows)], &settings("gp", &[2021]));
    let pairs = Found(&made.extra["contrast"]);
    assert_eq!(pairs.text("level_a"), ["female", "female"]);
    assert_eq!(pairs.text("level_b"), ["male", "male"]);
    let number = |column: &str| {
        made.extra["contrast"]
            .column_by_name(column)
            .unwrap()
            .as_primitive::<Float64Type>()
            .value(0)
    };
    assert!((number("difference") - (0.2 - 0.6)).abs() < 1e-12);
    // Levels are the calibration's own cells: scores of women and men touch nobody in common.
    let error = |sex: i16| {
        standard_error(
            &values(&rows, |row| uses(row).filter(|_| row.sex == sex)),
            Some(&sexes(&rows)),
        )
    };
    let expected = (error(0).powi(2) + error(1).powi(2)).sqrt();
    assert!((number("standard_error") - expected).abs() < 1e-12);
    assert_eq!(number("degrees_of_freedom"), 8.0);
}

#[test]
fn errors_and_covariances_are_those_of_the_linearisation() {
    let mut rows = ten();
    for (row, respondent) in rows.iter_mut().enumerate() {
        respondent.base = 1.0 + row as f64 / 7.0;
        respondent.sex = if row == 4 { -1 } else { respondent.sex };
    }
    let settings = settings("gp", &[2021]);
    let handoffs = [weighted("gp", 2021, &["sex"], &rows)];
    let plan = crate::tabulate::Plan::new(std::slice::from_ref(&settings));
    let bases = Bases::new();
    let waves = crate::stage::by_wave(&plan, &[&handoffs], &[&bases]).unwrap();
    let computed = crate::stage::Computed::new(&plan, waves).unwrap();
    let linearisation = &computed.samples[0].as_ref().unwrap().linearisation;
    let weights = linearisation.weights();
    let scores: Vec<f64> = rows.iter().map(|row| row.score).collect();
    let influences: Vec<_> = (0..2)
        .map(|sex| {
            let domain: Vec<bool> = rows.iter().map(|row| row.sex == sex).collect();
            crate::point::mean(weights, &scores, &domain).unwrap()
        })
        .collect();
    let expected = linearisation.covariance(&influences).unwrap();
    let found = computed.errors[0].as_ref().unwrap().covariance(1, 1).unwrap();
    for (found, expected) in found.iter().zip(expected.iter()) {
        assert!((found - expected).abs() < 1e-12 * expected.abs().max(1e-3), "{found} {expected}");
    }
}

#[test]
fn every_cell_is_that_of_the_kernel() {
    let mut rows = ten();
    rows[2].weight = 0.0;
    rows[3].sex = -1;
    rows[6].uses = Missing(MissingReason::Refused);
    let settings = settings("gp", &[2021]);
    let handoffs = [weighted("gp", 2021, &["sex"], &rows)];
    check_cells(&handoffs, &settings, &rows);
    // The same sample with its design said in words goes the other way.
    check_cells(&[in_one_stratum(handoffs[0].clone())], &settings, &rows);
}

fn check_cells(handoffs: &[Weighted], settings: &Settings, rows: &[Respondent]) {
    let plan = crate::tabulate::Plan::new(std::slice::from_ref(settings));
    let bases = Bases::new();
    let waves = crate::stage::by_wave(&plan, &[handoffs], &[&bases]).unwrap();
    let computed = crate::stage::Computed::new(&plan, waves).unwrap();
    let used: Vec<u8> = rows.iter().map(|row| uses(row).map_or(2, |value| value as u8)).collect();
    let scores: Vec<f64> = rows.iter().map(|row| row.score).collect();
    let sexes: Vec<u32> =
        rows.iter().map(|row| u32::try_from(row.sex).unwrap_or(u32::MAX)).collect();
    let expected = crate::kernel::means(
        &computed.samples[0].as_ref().unwrap().linearisation,
        &[crate::kernel::Values::Binary(&used), crate::kernel::Values::Numeric(&scores)],
        &[
            crate::kernel::Breakdown { codes: &[0; 10], levels: 1 },
            crate::kernel::Breakdown { codes: &sexes, levels: 2 },
        ],
    )
    .unwrap();
    let numbers = |cell: &crate::kernel::Cell| {
        let counts = [cell.respondents as f64, cell.degrees_of_freedom as f64];
        let sizes = [cell.weight_sum, cell.effective_sample_size, cell.mean];
        let spread = [cell.standard_deviation, cell.standard_error, cell.design_effect];
        [counts.as_slice(), &sizes, &spread].concat()
    };
    for (indicator, cuts) in expected.iter().enumerate() {
        for (cut, cells) in cuts.iter().enumerate() {
            for (level, cell) in cells.iter().enumerate() {
                let found = computed.errors[0].as_ref().unwrap();
                let found = numbers(found.cell(indicator, cut, level).unwrap());
                for (found, expected) in found.iter().zip(numbers(cell)) {
                    assert!(
                        (found - expected).abs() < 1e-12 * expected.abs().max(1.0),
                        "{found} {expected}"
                    );
                }
            }
        }
    }
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
    let place = schema.index_of("respondent").unwrap();
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
fn clusters_and_strata_give_the_textbook_error() {
    let rows = ten();
    let units = ["a", "a", "b", "b", "c", "c", "d", "d", "e", "e"];
    let strata = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1];
    let weighted = with_design(weighted("gp", 2021, &[], &rows), &strata, Some(&units));
    let made = made(&[weighted], &settings("gp", &[2021]));
    let size: f64 = rows.iter().map(|row| row.weight).sum();
    let mean = rows.iter().map(|row| row.weight * uses(row).unwrap()).sum::<f64>() / size;
    let total = |unit: &str| -> f64 {
        let own = rows.iter().zip(units).filter(|(_, own)| *own == unit);
        own.map(|(row, _)| row.weight * (uses(row).unwrap() - mean) / size).sum()
    };
    let of_stratum = |units: &[&str]| {
        let totals: Vec<f64> = units.iter().map(|unit| total(unit)).collect();
        let m = totals.len() as f64;
        let centre = totals.iter().sum::<f64>() / m;
        m / (m - 1.0) * totals.iter().map(|total| (total - centre).powi(2)).sum::<f64>()
    };
    let variance = of_stratum(&["a", "b", "c"]) + of_stratum(&["d", "e"]);
    figures(&made).check(
        "users gp 2021 total total",
        &[("standard_error", variance.sqrt()), ("degrees_of_freedom", 3.0)],
    );
}

#[test]
fn the_same_units_in_two_waves_bring_their_covariance_in_any_design() {
    let rows = ten();
    let units = ["a", "a", "b", "b", "c", "c", "d", "d", "e", "e"];
    let wave = |wave| with_design(weighted("gp", wave, &[], &rows), &[0; 10], Some(&units));
    let made = made(&[wave(2021), wave(2022)], &settings("gp", &[2021, 2022]));
    let changes = changes(&made);
    let key = "users gp 2022 total total previous_wave";
    changes.check_words(key, &[("overlap", "overlapping"), ("call", "stable")]);
    assert!(changes.number(key, "standard_error") < 1e-9, "the same answers of the same units");
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
fn a_domain_without_anybody_is_withheld_in_any_design_and_its_change_too() {
    let mut rows = ten();
    rows.iter_mut().for_each(|row| row.sex = 0);
    let (first, second) = (jackknifed(&ten(), true).0, jackknifed(&rows, true).0);
    let mut second = second;
    second.about.panel_wave.wave = 2022;
    let made = made(&[first, second], &settings("gp", &[2021, 2022]));
    let nan = f64::NAN;
    let figures = figures(&made);
    figures
        .check("users gp 2022 sex male", &[("n", 0.0), ("estimate", nan), ("standard_error", nan)]);
    figures.check_words(
        "users gp 2022 sex male",
        &[("status", "withheld"), ("reason", "base_below_minimum")],
    );
    let changes = changes(&made);
    let key = "users gp 2022 sex male previous_wave";
    changes.check_words(key, &[("call", "withheld")]);
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
    rows.iter_mut().for_each(|row| row.uses = Yes);
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
fn rs_sweeps_give_rs_error_of_a_raked_mean() {
    // With equal base weights both ways are the same; with one margin each sweep is the cell mean at once.
    let rows = ten();
    let plain = made(&[weighted("gp", 2021, &["sex"], &rows)], &settings("gp", &[2021]));
    let mut swept = weighted("gp", 2021, &["sex"], &rows);
    let multiplier: Vec<f64> = rows.iter().map(|row| row.weight).collect();
    with_calibration(&mut swept, "multiplier_0", multiplier);
    let swept = made(&[swept], &settings("gp", &[2021]));
    let key = "score gp 2021 total total";
    let expected = figures(&plain).number(key, "standard_error");
    figures(&swept).check(key, &[("standard_error", expected)]);
}

#[test]
fn a_numeric_auxiliary_takes_its_part_out_of_the_error() {
    let rows = ten();
    let mut handoff = weighted("gp", 2021, &["sex"], &rows);
    with_calibration(&mut handoff, "numeric_0", rows.iter().map(|row| row.score).collect());
    let made = made(&[handoff], &settings("gp", &[2021]));
    let figures = figures(&made);
    let error = figures.number("score gp 2021 total total", "standard_error");
    assert!(error < 1e-9, "the mean of what was calibrated has no error: {error}");
    assert!(figures.number("users gp 2021 total total", "standard_error") > 0.01);
}

fn with_calibration(weighted: &mut Weighted, name: &str, values: Vec<f64>) {
    let table = &weighted.extra["calibration"];
    let schema = table.schema();
    let names = schema.fields().iter().map(|field| field.name().clone());
    let columns: Vec<(String, ArrayRef)> = names
        .zip(table.columns().iter().cloned())
        .chain([(name.to_owned(), Arc::new(Float64Array::from(values)) as ArrayRef)])
        .collect();
    let table = RecordBatch::try_from_iter(columns).unwrap();
    weighted.extra.insert("calibration".to_owned(), table);
}
