//! Errors as published: what an analyst computes from the marts is what the marts say, and every setting is reachable.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::marts::{Row, rows};
use crate::program::{peil, tiny_survey};

/// The tiny survey with other settings of its panel, run; the folder and the release.
fn run_with(weighting: &str, tables: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tiny_survey();
    settings(folder.path(), weighting, tables);
    if weighting.contains("hours") {
        // All hours of 1000 people, a little above the sample's mean.
        let file = folder.path().join("config/targets/gp.csv");
        let totals = fs::read_to_string(&file).unwrap();
        let hours =
            ["2024", "2025"].map(|wave| format!("{wave},hours,total,37000,test,illustrative\n"));
        fs::write(&file, totals + &hours.concat()).unwrap();
    }
    let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(outcome.code, 0, "{weighting}\n{tables}\n{}", outcome.stderr);
    let release = folder.path().join("marts/current");
    (folder, release)
}

/// Replaces `method` and `margins` of the panel and adds tables.
fn settings(folder: &Path, weighting: &str, tables: &str) {
    let file = folder.join("config/panels/gp.toml");
    let text = fs::read_to_string(&file).unwrap();
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| {
            weighting.is_empty() || !(line.starts_with("method") || line.starts_with("margins"))
        })
        .collect();
    let whole = kept.join("\n").replace("[weighting]", &format!("[weighting]\n{weighting}"));
    fs::write(&file, format!("{whole}\n{tables}\n")).unwrap();
}

fn number(row: &Row, column: &str) -> Option<f64> {
    row[column].parse().ok()
}

fn numbers(list: &str) -> Vec<f64> {
    list.trim_matches(['[', ']']).split(", ").map(|number| number.parse().unwrap()).collect()
}

/// Weighted mean over the respondents who have a value.
fn mean(values: &[Option<f64>], weights: &[f64]) -> f64 {
    let (sum, size) =
        values.iter().zip(weights).fold((0.0, 0.0), |(sum, size), (value, weight)| {
            value.map_or((sum, size), |value| (sum + weight * value, size + weight))
        });
    sum / size
}

#[test]
fn a_published_error_follows_from_the_published_replicate_weights() {
    let strata = "[design]\nstrata = [\"sex\"]\n[variance]\n";
    for variance in [
        "method = \"rao_wu\"\nreplicates = 50",
        "method = \"jkn\"",
        "method = \"subbootstrap\"\nreplicates = 30\nseed = 7\ncentre = \"mean_of_replicates\"",
    ] {
        let (_folder, release) = run_with("", &format!("{strata}{variance}"));
        let compared = compare(&release);
        assert!(compared >= 8, "{variance}: only {compared} figures");
    }
}

/// Recomputes published figures of the total and by sex as R's svrepdesign does; how many there were.
fn compare(release: &Path) -> usize {
    let of_wave = |mart: &str, wave: &str| -> Vec<Row> {
        rows(release, mart).into_iter().filter(|row| row["wave"] == wave).collect()
    };
    let mut compared = 0;
    for wave in ["2024", "2025"] {
        let design = &of_wave("replicate_design", wave)[0];
        let (scale, scales) =
            (number(design, "scale").unwrap(), numbers(&design["replicate_scales"]));
        let respondents = of_wave("replicate_weight", wave);
        let answers: BTreeMap<String, Row> = of_wave("respondent_wide", wave)
            .into_iter()
            .map(|row| (row["respondent"].clone(), row))
            .collect();
        let full: Vec<f64> = respondents.iter().map(|row| number(row, "weight").unwrap()).collect();
        let replicates: Vec<Vec<f64>> =
            respondents.iter().map(|row| numbers(&row["replicate_weights"])).collect();
        for figure in of_wave("estimate_exact", wave) {
            let value = |row: &Row| {
                let answers = &answers[&row["respondent"]];
                let inside = figure["breakdown"] == "total" || answers["sex"] == figure["level"];
                match figure["indicator"].as_str() {
                    "impact_workload" => number(answers, "impact"),
                    _ => Some(f64::from(answers["portal_use"] == "yes"))
                        .filter(|_| !answers["portal_use"].is_empty()),
                }
                .filter(|_| inside)
            };
            if figure["status"] != "published" || figure["indicator"] == "portal_offered" {
                continue;
            }
            let values: Vec<Option<f64>> = respondents.iter().map(value).collect();
            let of_replicate = |index: usize| {
                let weights: Vec<f64> = replicates.iter().map(|weights| weights[index]).collect();
                mean(&values, &weights)
            };
            let means: Vec<f64> = (0..scales.len()).map(of_replicate).collect();
            let estimate = mean(&values, &full);
            let centre = match design["mean_squared_error"].as_str() {
                "true" => estimate,
                _ => means.iter().sum::<f64>() / means.len() as f64,
            };
            let squares =
                means.iter().zip(&scales).map(|(mean, scale)| scale * (mean - centre).powi(2));
            let expected = (scale * squares.sum::<f64>()).sqrt();
            let unit = (number(&figure, "estimate").unwrap() / estimate).round();
            let found = number(&figure, "standard_error").unwrap() / unit;
            assert!(
                (found - expected).abs() <= 1e-12,
                "{} {} {}: {found}, expected {expected}",
                figure["indicator"],
                figure["breakdown"],
                figure["level"]
            );
            compared += 1;
        }
    }
    compared
}

#[test]
fn every_setting_of_design_weighting_and_variance_is_reachable_from_a_panels_file() {
    let margins = "margins = [[\"sex\"], [\"age_group\"]]\n";
    let weightings = [
        format!("method = \"raking_ratio\"\n{margins}bounds = [0.3, 3.0]\n"),
        format!("method = \"linear\"\n{margins}bounds = [0.3, 3.0]\n"),
        format!("method = \"logit\"\n{margins}bounds = [0.3, 3.0]\n"),
        format!("method = \"raking\"\n{margins}errors = \"r_sweeps\"\n"),
        format!(
            "method = \"raking\"\n{margins}bounds = [0.5, 1.5]\ntrim = \"to_stable\"\nredistribute = \"equal\"\n"
        ),
        format!(
            "method = \"raking\"\n{margins}bounds = [0.5, 1.5]\ntrim = \"once\"\nredistribute = \"none\"\n"
        ),
        "method = \"post_stratification\"\nmargins = [[\"sex\"]]\n".to_owned(),
    ];
    for weighting in weightings {
        run_with(&weighting, "");
    }
    let numeric = format!(
        "method = \"linear\"\n{margins}numeric = [\"hours\"]\nvariance_of = \"birth_year\"\nbounds = [0.2, 5.0]\n"
    );
    let equal = format!("method = \"linear\"\n{margins}equal_within_clusters = true\n");
    for (weighting, tables) in [(numeric, ""), (equal, "[design]\nclusters = \"birth_year\"")] {
        run_with(&weighting, tables);
    }
    let tables = [
        "[design]\nstrata = [\"sex\"]\npopulation = \"sex\"",
        "[design]\nclusters = \"birth_year\"\nlonely_psu = \"average\"",
        "[design]\nstrata = [\"sex\"]\nclusters = \"birth_year\"\nnested = true\nlonely_psu = \"adjust\"",
        "[variance]\nmethod = \"jk1\"\nrecalibrate = false",
        "[nonresponse]\nclasses = [\"sex\"]\nresponded = { concept = \"portal_offered\", code = \"yes\" }",
    ];
    for table in tables {
        run_with("", table);
    }
}

#[test]
fn raking_that_stops_early_is_told_in_the_findings_and_in_the_diagnostics() {
    let weighting =
        "method = \"raking\"\nmargins = [[\"sex\"], [\"age_group\"]]\nmaximum_rounds = 2\n";
    let (_folder, release) = run_with(weighting, "");
    let told: Vec<Row> = rows(&release, "finding")
        .into_iter()
        .filter(|row| row["code"] == "raking_not_converged")
        .collect();
    assert!(!told.is_empty());
    for row in &told {
        assert_eq!((row["stage"].as_str(), row["kind"].as_str()), ("weight", "warning"));
        assert!(
            row["found"].contains("margin `") && row["found"].contains("(distance "),
            "{row:?}"
        );
    }
    let measured = |measure: &str| -> Vec<f64> {
        let diagnostics = rows(&release, "weight_diagnostic");
        let own =
            diagnostics.iter().filter(|row| row["measure"] == measure && row["margin"].is_empty());
        own.map(|row| number(row, "value").unwrap()).collect()
    };
    let stopped = measured("converged").into_iter().filter(|converged| *converged == 0.0).count();
    assert_eq!(stopped, told.len());
    assert!(measured("largest_distance").into_iter().any(|distance| distance > 1e-9));
}

#[test]
fn without_replicates_their_marts_are_there_and_empty() {
    let (_folder, release) = run_with("", "");
    assert!(rows(&release, "replicate_weight").is_empty());
    assert!(rows(&release, "replicate_design").is_empty());
}

/// Settings of the tiny survey and what R 4.2 with survey 4.1-1 gives for the mean `impact` of 2024: estimate and
/// standard error of all, then the standard errors of women and men.
///
/// `pop = c("(Intercept)"=1000, sexmale=400, age_group45_and_over=550)`, data from the marts `dim_respondent` and `respondent_wide`.
struct InR {
    weighting: &'static str,
    tables: &'static str,
    call: &'static str,
    expected: [f64; 4],
    /// Relative; of methods with iteration that of the weights.
    tolerance: f64,
}

const IN_R: [InR; 6] = [
    InR {
        weighting: "method = \"linear\"\n",
        tables: "[design]\nstrata = [\"sex\"]\npopulation = \"sex\"",
        call: "calibrate(svydesign(ids=~1, strata=~sex, fpc=~N, weights=~base_weight), ~sex+age_group, pop)",
        expected: [
            5.461_523_929_471_032,
            0.192_794_278_885_814_07,
            0.261_629_688_038_547_3,
            0.283_219_725_169_189_7,
        ],
        tolerance: 1e-12,
    },
    InR {
        weighting: "method = \"raking_ratio\"\n",
        tables: "[design]\nclusters = \"birth_year\"",
        call: "calibrate(svydesign(ids=~birth_year, weights=~base_weight), ~sex+age_group, pop, calfun='raking', epsilon=1e-12)",
        expected: [
            5.461_716_546_398_231,
            0.211_231_322_953_300_85,
            0.296_838_477_236_010_7,
            0.275_864_462_785_620_6,
        ],
        tolerance: 1e-8,
    },
    InR {
        weighting: "method = \"linear\"\nequal_within_clusters = true\n",
        tables: "[design]\nclusters = \"birth_year\"",
        call: "calibrate(svydesign(ids=~birth_year, weights=~base_weight), ~sex+age_group, pop, aggregate.stage=1)",
        expected: [
            5.476_798_846_592_306,
            0.219_314_393_218_019_1,
            0.313_766_529_279_225_05,
            0.278_314_172_203_174_95,
        ],
        tolerance: 1e-12,
    },
    InR {
        weighting: "method = \"raking\"\nbase_weight = \"hours\"\nerrors = \"r_sweeps\"\n",
        tables: "",
        call: "rake(svydesign(ids=~1, weights=~base_weight), list(~sex,~age_group), list(s,a), control=list(maxit=500, epsilon=1e-13))",
        expected: [
            5.527_538_189_856_998,
            0.192_484_866_593_748_2,
            0.262_183_039_875_091_3,
            0.283_896_506_586_243_77,
        ],
        tolerance: 1e-8,
    },
    InR {
        weighting: "method = \"raking\"\nbase_weight = \"hours\"\n",
        tables: "",
        call: "calibrate(svydesign(ids=~1, weights=~base_weight), ~sex+age_group, pop, calfun='raking', epsilon=1e-12)",
        expected: [
            5.527_538_189_856_938,
            0.191_974_396_700_307_47,
            0.261_577_155_046_314_24,
            0.281_638_988_402_265_87,
        ],
        tolerance: 1e-8,
    },
    InR {
        weighting: "method = \"linear\"\nnumeric = [\"hours\"]\nvariance_of = \"birth_year\"\n",
        tables: "",
        call: "calibrate(svydesign(ids=~1, weights=~d), ~sex+age_group+hours, c(pop, hours=37000), variance=birth_year), d = 1000/60",
        expected: [
            5.480_861_962_629_636,
            0.189_622_367_527_078,
            0.262_682_078_022_834_6,
            0.282_342_877_466_341_35,
        ],
        tolerance: 1e-12,
    },
];

#[test]
fn the_published_errors_are_those_of_r_survey() {
    for InR { weighting, tables, call, expected, tolerance } in IN_R {
        let weighting = format!("{weighting}margins = [[\"sex\"], [\"age_group\"]]\n");
        let (_folder, release) = run_with(&weighting, tables);
        let estimates = rows(&release, "estimate_exact");
        let of = |level: &str, column: &str| {
            let own = |row: &&Row| {
                row["wave"] == "2024"
                    && row["indicator"] == "impact_workload"
                    && row["level"] == level
            };
            number(estimates.iter().find(own).unwrap(), column).unwrap()
        };
        let found = [
            of("total", "estimate"),
            of("total", "standard_error"),
            of("female", "standard_error"),
            of("male", "standard_error"),
        ];
        for (found, expected) in found.into_iter().zip(expected) {
            assert!(
                (found / expected - 1.0).abs() < tolerance,
                "{call}: {found}, R gives {expected}"
            );
        }
    }
}
