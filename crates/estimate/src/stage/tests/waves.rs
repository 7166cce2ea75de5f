//! Waves that share respondents or clusters, held to R and to simulation.

use std::path::Path;

use arrow::array::Float64Array;

use super::errors::with_design;
use super::*;
use crate::{Linearisation, point};
use survey::design::{Design, Stage};

/// Columns of a golden case by name; the cases say how R made their numbers.
fn golden(case: &str) -> BTreeMap<String, Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(case);
    let text = std::fs::read_to_string(folder.join("data.csv")).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let names: Vec<String> = lines.next().unwrap().collect();
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        for (name, cell) in names.iter().zip(line) {
            columns.entry(name.clone()).or_default().push(cell);
        }
    }
    columns
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// The design of a wave with the number of units in the population of every stratum.
fn of_population(weighted: Weighted, units: Option<&[&str]>, population: f64) -> Weighted {
    let rows = weighted.table.num_rows();
    let mut weighted = with_design(weighted, &vec![0; rows], units);
    let design = &weighted.extra["design"];
    let names =
        design.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
    let columns = names.into_iter().zip(design.columns().iter().cloned());
    let sizes: ArrayRef = Arc::new(Float64Array::from(vec![population; rows]));
    let columns = columns.chain([(columns::POPULATION.to_owned(), sizes)]);
    let design = RecordBatch::try_from_iter(columns).unwrap();
    weighted.extra.insert("design".to_owned(), design);
    weighted
}

#[test]
fn apiclus1_in_both_waves_has_the_degrees_of_freedom_of_its_fifteen_districts() {
    let data = golden("taylor-apiclus1");
    let wave = |wave: Wave, score: &str| {
        let rows: Vec<Respondent> = (0..data["row"].len())
            .map(|row| Respondent {
                score: number(&data[score][row]),
                // Domain H as one of the two levels.
                ..respondent(
                    row,
                    number(&data["pw"][row]),
                    i16::from(data["stype"][row] != "H"),
                    Yes,
                )
            })
            .collect();
        let units: Vec<&str> = data["dnum"].iter().map(String::as_str).collect();
        of_population(weighted("gp", wave, &[], &rows), Some(&units), 757.0)
    };
    let mut settings = settings("gp", &[2021, 2022]);
    settings.design.clusters_persist = Some(true);
    let made = made(&[wave(2021, "api99"), wave(2022, "api00")], &settings);
    let found = changes(&made);
    // R: degf() of the stacked design, and of its subset stype == "H".
    found.check("score gp 2022 total total previous_wave", &[("degrees_of_freedom", 14.0)]);
    found.check("score gp 2022 sex female previous_wave", &[("degrees_of_freedom", 7.0)]);
    // The same schools in both: the error of svymean(~I(api00 - api99)).
    let weights: Vec<f64> = data["pw"].iter().map(|weight| number(weight)).collect();
    let rows = weights.len();
    let units = data["dnum"].iter().map(|name| name.parse().unwrap()).collect();
    let stage = Stage { strata: vec![0; rows], units, population: Some(vec![757.0; rows]) };
    let design = Design { stages: vec![stage], ..Design::of_elements(weights.clone()) };
    let difference: Vec<f64> =
        (0..rows).map(|row| number(&data["api00"][row]) - number(&data["api99"][row])).collect();
    let influence = point::mean(&weights, &difference, &vec![true; rows]).unwrap();
    let variance = Linearisation::new(design).unwrap().variance(&influence).unwrap();
    let key = "score gp 2022 total total previous_wave";
    found.check(key, &[("standard_error", variance.sqrt()), ("difference", influence.estimate)]);
}

#[test]
fn a_rotating_panel_has_rs_errors_of_change_and_trend() {
    let data = golden("s-panel-waves");
    let handoff = |(wave, name): (Wave, &str)| {
        let own: Vec<usize> =
            (0..data["row"].len()).filter(|&row| data["wave"][row] == name).collect();
        let one = |&row: &usize| Respondent {
            score: number(&data["y"][row]),
            ..respondent(data["id"][row].parse().unwrap(), number(&data["w"][row]), 0, Yes)
        };
        let rows: Vec<Respondent> = own.iter().map(one).collect();
        let regions = own
            .iter()
            .map(|&row| ["n", "s", "w"].iter().position(|name| data["region"][row] == *name));
        let strata: Vec<i32> = regions.map(|region| region.unwrap() as i32).collect();
        with_design(weighted("gp", wave, &[], &rows), &strata, None)
    };
    let handoffs = [(2021, "w1"), (2022, "w2"), (2024, "w3")].map(handoff);
    let made = made(&handoffs, &settings("gp", &[2021, 2022, 2024]));
    let answered = |waves: &[&str]| {
        let ids = (0..data["row"].len()).filter(|&row| {
            waves.contains(&data["wave"][row].as_str()) && !data["y"][row].is_empty()
        });
        ids.map(|row| &data["id"][row]).collect::<BTreeSet<_>>().len() as f64
    };
    // R 4.2.2, survey 4.1-1: c21 and trend of the case, where who is in a stratum but not in a wave counts as 0.
    for (key, estimate, error, waves) in [
        (
            "score gp 2022 total total previous_wave",
            0.416_234_308,
            0.132_936_129,
            &["w1", "w2"][..],
        ),
        ("score gp 2024 total total trend", 0.280_786_552, 0.049_015_869, &["w1", "w2", "w3"]),
    ] {
        let found = changes(&made);
        let difference = found.number(key, "difference");
        assert!((difference - estimate).abs() < 1e-8, "{key}: {difference}");
        let own = found.number(key, "standard_error");
        assert!((own / error - 1.0).abs() < 0.02, "{key}: {own} {error}");
        found.check(key, &[("degrees_of_freedom", answered(waves) - 3.0)]);
        found.check_words(key, &[("overlap", "overlapping"), ("call", "increased")]);
    }
}

/// Shares of 1,000 draws that a 95 % interval of the change holds, from a population of 200 in both waves.
fn coverage(draw: impl Fn(&mut dyn FnMut() -> f64) -> [Vec<usize>; 2]) -> f64 {
    const PEOPLE: usize = 200;
    const DRAWS: usize = 400;
    let mut state = 11_u64;
    let mut uniform = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    let truth: Vec<[f64; 2]> = (0..PEOPLE)
        .map(|_| {
            let common = uniform() + uniform() + uniform();
            [5.0 + common + 0.5 * uniform(), 5.2 + common + 0.5 * uniform()]
        })
        .collect();
    let change = truth.iter().map(|both| both[1] - both[0]).sum::<f64>() / PEOPLE as f64;
    let settings = settings("gp", &[2021, 2022]);
    let mut held = 0;
    for _ in 0..DRAWS {
        let samples = draw(&mut uniform);
        let wave = |at: usize| {
            let one = |&person: &usize| Respondent {
                score: truth[person][at],
                ..respondent(person, PEOPLE as f64 / samples[at].len() as f64, 0, Yes)
            };
            let rows: Vec<Respondent> = samples[at].iter().map(one).collect();
            of_population(weighted("gp", 2021 + at as Wave, &[], &rows), None, PEOPLE as f64)
        };
        let made = made(&[wave(0), wave(1)], &settings);
        let number = |name| changes(&made).number("score gp 2022 total total previous_wave", name);
        held += u32::from((number("ci_lower")..=number("ci_upper")).contains(&change));
    }
    f64::from(held) / DRAWS as f64
}

/// A random order of the 200 people.
fn shuffled(uniform: &mut dyn FnMut() -> f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..200).collect();
    for place in (1..order.len()).rev() {
        order.swap(place, (uniform() * (place + 1) as f64) as usize);
    }
    order
}

#[test]
fn samples_of_one_finite_population_cover_the_change_however_they_overlap() {
    // Of 200 people 80 in each wave: nobody twice, half of them, and who comes by chance (32 on average).
    let disjoint = coverage(|uniform| {
        let order = shuffled(uniform);
        [order[..80].to_vec(), order[80..160].to_vec()]
    });
    let half = coverage(|uniform| {
        let order = shuffled(uniform);
        [order[..80].to_vec(), order[40..120].to_vec()]
    });
    let chance =
        coverage(|uniform| [shuffled(uniform)[..80].to_vec(), shuffled(uniform)[..80].to_vec()]);
    // Three standard errors of 400 draws below 95 %; 85 % without the covariance of the disjoint.
    for (name, found) in [("disjoint", disjoint), ("half", half), ("chance", chance)] {
        assert!((0.917..=0.99).contains(&found), "{name}: {found}");
    }
}

#[test]
fn disjoint_samples_of_one_population_widen_the_interval() {
    let wave = |wave: Wave, first: usize, population: f64| {
        let rows: Vec<Respondent> = (first..first + 50)
            .map(|id| Respondent { score: (id % 7) as f64, ..respondent(id, 2.0, 0, Yes) })
            .collect();
        of_population(weighted("gp", wave, &[], &rows), None, population)
    };
    let found = |first: usize| {
        made(&[wave(2021, 0, 100.0), wave(2022, first, 100.0)], &settings("gp", &[2021, 2022]))
    };
    let (made, key) = (found(50), "score gp 2022 total total previous_wave");
    let error = |wave: Wave| {
        figures(&made).number(&format!("score gp {wave} total total"), "standard_error")
    };
    // Both halves of the population: what one has the other lacks, correlation -1 (with answers that do not change).
    changes(&made).check(key, &[("standard_error", error(2021) + error(2022))]);
    changes(&made).check_words(key, &[("overlap", "disjoint")]);
}

/// Forty respondents in eight clusters `c0`..`c7` with ids from `first` on.
fn clustered(wave: Wave, first: usize) -> Weighted {
    let rows: Vec<Respondent> = (0..40)
        .map(|row| Respondent {
            score: (row / 5 + row % 3 + (row * 3 + (wave as usize)) % 4) as f64,
            ..respondent(first + row, 1.0, (row % 2) as i16, if row % 3 == 0 { Yes } else { No })
        })
        .collect();
    let names: Vec<String> = (0..40).map(|row| format!("c{}", row / 5)).collect();
    let units: Vec<&str> = names.iter().map(String::as_str).collect();
    with_design(weighted("gp", wave, &[], &rows), &[0; 40], Some(&units))
}

#[test]
fn clusters_of_one_name_are_the_same_only_where_the_settings_say_so() {
    let key = "score gp 2022 total total previous_wave";
    let found = |persist: Option<bool>, first: usize| {
        let mut settings = settings("gp", &[2021, 2022]);
        settings.design.clusters_persist = persist;
        made(&[clustered(2021, 0), clustered(2022, first)], &settings)
    };
    let codes = |made: &Estimates| -> Vec<survey::Code> {
        made.warnings.iter().map(|warning| warning.code).collect()
    };
    // New respondents in clusters of the same name.
    let unsaid = found(None, 500);
    changes(&unsaid).check_words(key, &[("overlap", "independent")]);
    let degrees = changes(&unsaid).number(key, "degrees_of_freedom");
    assert!((13.0..=14.0).contains(&degrees), "Welch: {degrees}");
    assert_eq!(codes(&unsaid), ["clusters_share_names"]);
    assert!(unsaid.warnings[0].message.contains("8 clusters bear names of clusters of 2021"));
    let others = found(Some(false), 500);
    changes(&others).check_words(key, &[("overlap", "independent")]);
    assert!(codes(&others).is_empty());
    let same = found(Some(true), 500);
    changes(&same).check_words(key, &[("overlap", "overlapping"), ("call", "stable")]);
    assert_eq!(codes(&same), ["clusters_without_respondents"]);
    assert!(codes(&found(Some(true), 20)).is_empty(), "half of the respondents return");
    // Respondents return, in clusters that do not: their own answers go together, and clusters may be the same.
    let returned = found(Some(false), 0);
    changes(&returned).check_words(key, &[("overlap", "overlapping")]);
    changes(&returned).check(key, &[("degrees_of_freedom", 7.0)]);
    let error = |made: &Estimates| changes(made).number(key, "standard_error");
    assert!(error(&returned) < error(&others));
}

#[test]
fn a_design_said_in_words_gives_the_covariances_of_none() {
    let wave = |wave: Wave, first: usize, said: bool| {
        let rows: Vec<Respondent> = (first..first + 60)
            .map(|id| Respondent {
                score: ((id * 5 + (wave as usize)) % 13) as f64,
                ..respondent(
                    id,
                    1.0 + (id % 3) as f64,
                    (id % 2) as i16,
                    if (id + (wave as usize)).is_multiple_of(3) { Yes } else { No },
                )
            })
            .collect();
        let weighted = weighted("gp", wave, &["sex"], &rows);
        if said { with_design(weighted, &[0; 60], None) } else { weighted }
    };
    let settings = settings("gp", &[2021, 2022, 2023]);
    let [plain, said] = [false, true].map(|said| {
        made(&[wave(2021, 0, said), wave(2022, 25, said), wave(2023, 40, said)], &settings)
    });
    let names = ["standard_error", "degrees_of_freedom", "p", "ci_adjusted_lower"];
    let (found, expected) = (&said.extra["change"], &plain.extra["change"]);
    assert_eq!(Found(found).text("overlap"), Found(expected).text("overlap"));
    for name in names {
        let of = |table: &RecordBatch| {
            table.column_by_name(name).unwrap().as_primitive::<Float64Type>().clone()
        };
        for (found, expected) in of(found).iter().zip(&of(expected)) {
            let (found, expected) = (found.unwrap(), expected.unwrap());
            assert!(
                (found - expected).abs() < 1e-9 * expected.abs().max(1e-3),
                "{name}: {found} {expected}"
            );
        }
    }
}
