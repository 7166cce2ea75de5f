//! Settings with one thing wrong end with a place, in `check` or in the run.

use std::fs;

use crate::program::{peil, root, tiny_survey};

#[path = "../../crates/config/tests/mutated/generator.rs"]
mod generator;

#[test]
fn a_config_folder_that_is_none_is_one_mistake_on_its_line_of_the_pipeline_file() {
    let folder = tiny_survey();
    for wrong in ["confg", "pipeline.toml"] {
        let text = fs::read_to_string(root().join("tests/base/pipeline.toml")).unwrap();
        let changed = text.replace("config = \"config\"", &format!("config = \"{wrong}\""));
        fs::write(folder.path().join("pipeline.toml"), changed).unwrap();
        let outcome = peil(folder.path(), &["check", "pipeline.toml"]);
        assert_eq!(outcome.code, 2, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("pipeline.toml:2"), "{}", outcome.stderr);
        let told = format!("`config`: {wrong} is no folder");
        assert!(outcome.stderr.contains(&told), "{}", outcome.stderr);
        assert_eq!(outcome.stderr.matches("error: ").count(), 1, "{}", outcome.stderr);
    }
}

#[test]
fn an_export_profile_that_names_no_id_column_is_refused_by_check() {
    let folder = tiny_survey();
    let profile = folder.path().join("config/exports/excel_nl_csv.toml");
    let text = fs::read_to_string(&profile).unwrap();
    let mut table: toml::Table = text.parse().unwrap();
    for none in [Vec::new(), vec![toml::Value::String(" ".to_owned())]] {
        table.insert("id".to_owned(), toml::Value::Array(none));
        fs::write(&profile, toml::to_string(&table).unwrap()).unwrap();
        let outcome = peil(folder.path(), &["check", "pipeline.toml"]);
        assert_eq!(outcome.code, 2, "{}", outcome.stderr);
        let told = "excel_nl_csv.toml: `id` names no column";
        assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
    }
}

/// `SETTINGS` asks for more of them, as `make torture` does.
fn settings_to_try() -> u64 {
    const SETTINGS: u64 = 150;
    std::env::var("SETTINGS").ok().and_then(|count| count.parse().ok()).unwrap_or(SETTINGS)
}

#[test]
fn mutated_settings_end_in_exit_0_or_2_with_a_place_and_what_check_accepts_runs_or_is_refused_with_a_place()
 {
    let settings = settings_to_try();
    let folder = tiny_survey();
    let config = folder.path().join("config");
    let files = generator::files(&[config.clone(), folder.path().join("pipeline.toml")]);
    let (mut refused, mut ran, mut wrong) = (0, 0, Vec::new());
    for seed in 1_000_000..1_000_000 + settings {
        generator::with(&files, seed, |file| {
            let check = peil(folder.path(), &["check", "pipeline.toml"]);
            match check.code {
                0 => {}
                2 if has_place(&check.stderr) => return refused += 1,
                code => return wrong.push(format!("seed {seed}: {code} {}", check.stderr)),
            }
            // A pipeline file may name any folder to write to.
            if file.starts_with(&config) {
                ran += 1;
                // Nobody holds releases of thousands of settings beside each other.
                let _ = fs::remove_dir_all(folder.path().join("marts"));
                let run = peil(folder.path(), &["run", "pipeline.toml"]);
                let is_right = run.code == 0 || (run.code <= 3 && has_place(&run.stderr));
                if !is_right {
                    wrong.push(format!("seed {seed}: run {} {}", run.code, run.stderr));
                }
            }
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused > settings / 3 && ran > settings / 10, "{refused} refused, {ran} ran");
}

fn has_place(told: &str) -> bool {
    ["config/", "pipeline.toml", "gp_2024.csv", "gp_2025.xlsx"]
        .iter()
        .any(|place| told.contains(place))
}
