use std::sync::Arc;

use arrow::array::{Float64Array, Int32Array, RecordBatch, StringArray};

use super::figures::{sexes, ten, uses, values};
use super::*;

/// A design that says what is true without one.
fn in_one_stratum(weighted: Weighted) -> Weighted {
    let rows = weighted.table.num_rows();
    with_design(weighted, &vec![0; rows], None)
}

pub(super) fn with_design(
    mut weighted: Weighted,
    strata: &[i32],
    units: Option<&[&str]>,
) -> Weighted {
    let mut columns: Vec<(&str, ArrayRef)> =
        vec![(columns::STRATUM, Arc::new(Int32Array::from(strata.to_vec())))];
    if let Some(units) = units {
        columns.push((columns::UNIT, Arc::new(StringArray::from(units.to_vec()))));
    }
    let design = RecordBatch::try_from_iter(columns).unwrap();
    weighted.extra.insert("design".to_owned(), design);
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
    let samples = samples_of(&plan, &handoffs, &bases);
    let computed = crate::computed::Computed::new(&plan, &samples).unwrap();
    let linearised = linearised(&plan, &handoffs);
    let linearisation = linearised[0].linearisation().unwrap();
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
    let samples = samples_of(&plan, handoffs, &bases);
    let computed = crate::computed::Computed::new(&plan, &samples).unwrap();
    let used: Vec<u8> = rows.iter().map(|row| uses(row).map_or(2, |value| value as u8)).collect();
    let scores: Vec<f64> = rows.iter().map(|row| row.score).collect();
    let sexes: Vec<u32> =
        rows.iter().map(|row| u32::try_from(row.sex).unwrap_or(u32::MAX)).collect();
    let expected = crate::kernel::means(
        linearised(&plan, handoffs)[0].linearisation().unwrap(),
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
    let mut settings = settings("gp", &[2021, 2022]);
    settings.design.clusters_persist = Some(true);
    let made = made(&[wave(2021), wave(2022)], &settings);
    let changes = changes(&made);
    let key = "users gp 2022 total total previous_wave";
    changes.check_words(key, &[("overlap", "overlapping"), ("call", "no_test")]);
    changes.check(key, &[("difference", 0.0)]);
}

#[test]
fn rs_sweeps_give_rs_error_of_a_raked_mean() {
    // With equal base weights both ways are the same; with one margin each sweep is the cell mean at once.
    let rows = ten();
    let plain = made(&[weighted("gp", 2021, &["sex"], &rows)], &settings("gp", &[2021]));
    let mut swept = weighted("gp", 2021, &["sex"], &rows);
    let multiplier: Vec<f64> = rows.iter().map(|row| row.weight).collect();
    with_calibration(&mut swept, &columns::multiplier(0), multiplier);
    let swept = made(&[swept], &settings("gp", &[2021]));
    let key = "score gp 2021 total total";
    let expected = figures(&plain).number(key, "standard_error");
    figures(&swept).check(key, &[("standard_error", expected)]);
}

#[test]
fn a_numeric_auxiliary_takes_its_part_out_of_the_error() {
    let rows = ten();
    let mut handoff = weighted("gp", 2021, &["sex"], &rows);
    with_calibration(
        &mut handoff,
        &columns::numeric(0),
        rows.iter().map(|row| row.score).collect(),
    );
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

#[test]
fn a_level_whose_answers_are_all_equal_has_no_error_and_no_design_effect() {
    let mut rows = ten();
    for (row, respondent) in rows.iter_mut().enumerate() {
        respondent.base = 1.0 + row as f64 / 7.0;
        respondent.weight *= 1.0 + row as f64 / 3.0;
        respondent.score = if respondent.sex == 0 { 6.1 } else { row as f64 };
    }
    let settings = settings("gp", &[2021]);
    let handoffs = [weighted("gp", 2021, &["sex"], &rows)];
    let plan = crate::tabulate::Plan::new(std::slice::from_ref(&settings));
    let bases = Bases::new();
    let samples = samples_of(&plan, &handoffs, &bases);
    let computed = crate::computed::Computed::new(&plan, &samples).unwrap();
    let cell = computed.errors[0].as_ref().unwrap().cell(1, 1, 0).unwrap();
    assert_eq!((cell.standard_deviation, cell.standard_error), (0.0, 0.0), "{cell:?}");
    assert!(cell.design_effect.is_nan() && (cell.mean - 6.1).abs() < 1e-12, "{cell:?}");
}

/// Forty respondents with numeric auxiliaries of their own; every third returns in the wave after.
fn with_numbers(panel: &str, wave: Wave, auxiliaries: usize, is_spread: bool) -> Weighted {
    let uses = |row: usize| match row * 7 % 5 {
        0 | 1 => Yes,
        4 => Missing(NONE),
        _ => No,
    };
    let later = (wave - 2021) as usize;
    let person = |row: usize| {
        let id = if row.is_multiple_of(3) { row } else { 100 * (later + 1) + row };
        let sex = if row == 8 { -1 } else { (row * 5 % 7 % 2) as i16 };
        let weight = if row == 11 { 0.0 } else { 1.0 + ((row + later) * 13 % 9) as f64 / 4.0 };
        let base = if row == 11 { 0.0 } else { 1.0 + (row % 4) as f64 / 5.0 };
        let score = ((row * 11 + later) % 8) as f64;
        Respondent { base, score, ..respondent(id, weight, sex, uses(row + later)) }
    };
    let mut made = weighted(panel, wave, &["sex"], &(0..40).map(person).collect::<Vec<_>>());
    for k in 0..auxiliaries {
        let number = |row: usize| 1e4 * k as f64 + 20.0 + ((row * (17 + k) + later) % 61) as f64;
        with_calibration(&mut made, &columns::numeric(k), (0..40).map(number).collect());
    }
    if is_spread {
        let spread = |row: usize| 1.0 + (row % 6) as f64;
        with_calibration(&mut made, columns::HETEROSCEDASTICITY, (0..40).map(spread).collect());
    }
    made
}

/// Every number of every table, as far as it is told.
fn numbers_of(made: &Estimates) -> Vec<(String, f64)> {
    let tables = made.extra.iter().map(|(name, table)| (name.as_str(), table));
    let mut numbers = Vec::new();
    for (name, table) in tables.chain([("estimate", &made.table)]) {
        for (field, column) in table.schema().fields().iter().zip(table.columns()) {
            let Some(column) = column.as_primitive_opt::<Float64Type>() else { continue };
            let of_row = |(row, number): (usize, Option<f64>)| {
                (format!("{name} {} {row}", field.name()), number.unwrap_or(f64::NAN))
            };
            numbers.extend(column.iter().enumerate().map(of_row));
        }
    }
    numbers
}

#[test]
fn numeric_auxiliaries_by_cell_give_what_the_linearisation_gives_in_all_tables() {
    use crate::GroupSettings;
    use crate::settings::{Followed, Pair};
    let with_pairs = |panel: &str| {
        let mut settings = settings(panel, &[2021, 2022]);
        let non_users = indicator("non_users", "use", IndicatorKind::Proportion, &["no"]);
        settings.pairs = vec![
            Pair::new("use", "all", &settings.indicators[0], &non_users),
            Pair::new("score", "all", &settings.indicators[0], &settings.indicators[1]),
        ];
        settings.indicators.push(non_users);
        settings.breakdowns[0].followed = vec!["users".to_owned()];
        settings.followed = Followed::of(&settings.breakdowns[0], &settings.indicators);
        settings
    };
    // The same sample, its design said in words, goes the way of the linearisation.
    let waves = |panel: &str, auxiliaries: usize, is_spread: bool| {
        let of = |wave| with_numbers(panel, wave, auxiliaries, is_spread);
        let by_cell = vec![of(2021), of(2022)];
        [by_cell.clone(), by_cell.into_iter().map(in_one_stratum).collect()]
    };
    let check = |found: &Estimates, expected: &Estimates| {
        let (found, expected) = (numbers_of(found), numbers_of(expected));
        assert_eq!(found.len(), expected.len());
        let mut told = 0;
        for ((name, found), (_, expected)) in found.iter().zip(&expected) {
            assert_eq!(found.is_nan(), expected.is_nan(), "{name}: {found} {expected}");
            // Degrees of freedom of a difference between the ways of counting apart.
            let scale = expected.abs().max(1e-3);
            let is_near = found.is_nan() || (found - expected).abs() < 1e-8 * scale;
            assert!(is_near, "{name}: {found} {expected}");
            told += usize::from(!found.is_nan());
        }
        assert!(told > 200, "{told}");
    };
    for (auxiliaries, is_spread) in [(1, false), (2, true), (0, true)] {
        let [by_cell, in_words] = waves("gp", auxiliaries, is_spread);
        check(&made(&by_cell, &with_pairs("gp")), &made(&in_words, &with_pairs("gp")));
    }
    let group = |which: usize| {
        let panels = vec![
            waves("gp", 2, true)[which].clone(),
            waves("nurse", 0, false)[which].clone(),
            waves("specialist", 1, false)[which].clone(),
        ];
        let of_panels = ["gp", "nurse", "specialist"].map(with_pairs).to_vec();
        let settings = GroupSettings { group: "all".to_owned(), panels: of_panels };
        let bases = [Bases::new(), Bases::new(), Bases::new()];
        crate::tabulate_group(&panels, &bases, &settings).unwrap()
    };
    check(&group(0), &group(1));
}
