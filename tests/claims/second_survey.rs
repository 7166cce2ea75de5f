//! A survey that is nothing like the monitor runs from settings alone, and its figures are those of the files.

use std::collections::BTreeMap;
use std::fs;

use crate::marts::rows;
use crate::program::{copy, peil, root};

/// The weighted share of rows of a delivery that meet a condition, in percent, counted here.
fn share(wave: u16, meets: impl Fn(&BTreeMap<&str, &str>) -> Option<bool>) -> f64 {
    let file = root().join(format!("sample-data/commuting/deliveries/commuting_{wave}.csv"));
    let text = fs::read_to_string(file).unwrap();
    // The one header with a comma is quoted; no cell is.
    let head =
        text.lines().next().unwrap().replace("\"Overall, how", "Overall how").replace('"', "");
    let (mut yes, mut all) = (0.0, 0.0);
    for line in text.lines().skip(1) {
        let row: BTreeMap<&str, &str> = head.split(',').zip(line.split(',')).collect();
        let weight: f64 = row["weight"].parse().unwrap();
        if let Some(meets) = meets(&row) {
            yes += weight * f64::from(u8::from(meets));
            all += weight;
        }
    }
    100.0 * yes / all
}

#[test]
fn a_second_survey_needs_settings_only_and_publishes_what_its_files_say() {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("sample-data/commuting"), folder.path());
    for made in ["store", "marts"] {
        let _ = fs::remove_dir_all(folder.path().join(made));
    }
    let checked = peil(folder.path(), &["check", "pipelines/commuting.toml"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    let run = peil(folder.path(), &["run", "pipelines/commuting.toml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let release = folder.path().join("marts/current");

    let estimate = |indicator: &str, wave: u16| -> f64 {
        let all = rows(&release, "estimate");
        let row = all.iter().find(|row| {
            row["indicator"] == indicator
                && row["wave"] == wave.to_string()
                && row["breakdown"] == "total"
        });
        row.unwrap()["estimate"].parse().unwrap()
    };
    for wave in [2024, 2025] {
        let mode = |name: &'static str| {
            share(wave, move |row| {
                Some(row["How do you usually travel to work?"].split(';').any(|mode| mode == name))
            })
        };
        assert!((estimate("car", wave) - mode("Car")).abs() <= 0.5, "{wave}");
        assert!((estimate("bicycle", wave) - mode("Bicycle")).abs() <= 0.5, "{wave}");
        // Under its old and its new wording the question is one series; "don't know" stays in its base.
        let satisfied = share(wave, |row| {
            let (_, answer) = row.iter().find(|(header, _)| header.contains("satisfied")).unwrap();
            Some(answer.ends_with("atisfied") && !answer.contains("issatisfied"))
        });
        assert!((estimate("satisfied", wave) - satisfied).abs() <= 0.5, "{wave}");
    }
    assert!((estimate("e_bike", 2025) - 12.0).abs() < 5.0);

    let changes = rows(&release, "change");
    let called =
        changes.iter().any(|row| row["indicator"] == "satisfied" && row["breakdown"] == "total");
    assert!(called, "the renamed question has no change");
    let indicators = rows(&release, "dim_indicator");
    assert!(indicators[0].contains_key("label_en") && !indicators[0].contains_key("label_nl"));
    // `codes = *`: one indicator for each answer.
    let of_satisfaction =
        indicators.iter().filter(|row| row["indicator"].starts_with("satisfaction_"));
    assert_eq!(of_satisfaction.count(), 5);
}
