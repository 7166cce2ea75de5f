//! From an export as it was downloaded to published figures, with `peil init` and `peil run` and no edit.

mod exports;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Instant;

use exports::{Export, all};

use crate::marts::{Row, rows};
use crate::program::{Outcome, peil, root, tiny_survey};

/// Fields of each line of a table of the configuration.
fn table(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(fields).collect()
}

fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut inside) = (vec![String::new()], false);
    let mut signs = line.chars().peekable();
    while let Some(sign) = signs.next() {
        let field = fields.last_mut().unwrap();
        match sign {
            '"' if inside && signs.peek() == Some(&'"') => field.extend(signs.next()),
            '"' => inside = !inside,
            ',' if !inside => fields.push(String::new()),
            sign => field.push(sign),
        }
    }
    fields
}

/// Indicator by its English label.
fn indicators(folder: &Path) -> BTreeMap<String, String> {
    let rows = table(&folder.join("config/indicators.csv"));
    // The name first, the label last.
    rows.into_iter().filter_map(|row| Some((row.last()?.clone(), row.first()?.clone()))).collect()
}

fn done(outcome: &Outcome) {
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
}

fn total<'a>(rows: &'a [Row], indicator: &str) -> &'a Row {
    let is_it = |row: &&Row| row["indicator"] == indicator && row["breakdown"] == "total";
    rows.iter().find(is_it).unwrap_or_else(|| panic!("no figure `{indicator}`"))
}

/// From the export to the release, and every figure against the count in the file.
fn publishes_what_is_counted(export: &Export) {
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    fs::write(folder.path().join(export.file), &export.bytes).unwrap();
    let init = peil(folder.path(), &["init", export.file]);
    done(&init);
    assert!(init.stderr.contains(&format!("by `{}`", export.profile)), "{}", init.stderr);
    done(&peil(folder.path(), &["check"]));
    done(&peil(folder.path(), &["run"]));
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    let current = folder.path().join("marts/current");
    let (public, exact) = (rows(&current, "estimate"), rows(&current, "estimate_exact"));
    let indicators = indicators(folder.path());
    for (label, expected) in &export.expected {
        let indicator = indicators.get(label);
        let indicator = indicator
            .unwrap_or_else(|| panic!("{}: no `{label}`: {indicators:#?}", export.profile));
        let row = total(&public, indicator);
        assert_eq!(row["status"], "published", "{}: {label}", export.profile);
        let published: f64 = row["estimate"].parse().unwrap();
        assert!(
            (published - expected.value).abs() <= 0.05 + 1e-9,
            "{}: {label}: {published} {}",
            export.profile,
            expected.value
        );
        let n: u64 = total(&exact, indicator)["n"].parse().unwrap();
        assert_eq!(n, expected.base, "{}: {label}", export.profile);
    }
}

#[test]
fn from_an_export_of_each_producer_to_a_release_without_edits_and_with_the_shares_counted_in_the_file()
 {
    let exports = all();
    for wanted in ["surveymonkey_csv", "qualtrics_csv", "limesurvey_csv", "microsoft_forms_en_xlsx"]
    {
        assert!(exports.iter().any(|export| export.profile == wanted));
    }
    exports.iter().for_each(publishes_what_is_counted);
}

#[test]
fn sample_deliveries_of_four_producers_run_without_edits() {
    for file in [
        "2022/sociaal_geneeskundigen_2022.csv",
        "2023/sociaal_geneeskundigen_2023.xlsx",
        "2023/medisch_specialisten_2023.csv",
        "2025/verpleegkundigen_2025.csv",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = root().join("sample-data").join(file);
        done(&peil(folder.path(), &["init", path.to_str().unwrap()]));
        let run = peil(folder.path(), &["run"]);
        assert!(run.code == 0 && run.stdout.is_empty(), "{file}: {}", run.stderr);
        let published = rows(&folder.path().join("marts/current"), "estimate");
        let shown = published.iter().filter(|row| row["status"] == "published").count();
        assert!(shown >= 10, "{file}: {shown}");
    }
}

#[test]
fn from_nothing_a_synthetic_survey_is_begun_that_checks_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let next = peil(folder.path(), &[]);
    assert!(next.code == 0 && next.stderr.contains("peil init"), "{}", next.stderr);
    let early = peil(folder.path(), &["run"]);
    assert!(early.code == 2 && early.stderr.contains("peil init"), "{}", early.stderr);
    done(&peil(folder.path(), &["init"]));
    let check = peil(folder.path(), &["check"]);
    assert!(check.code == 0 && !check.stderr.contains("warning"), "{}", check.stderr);
    done(&peil(folder.path(), &["run"]));
    let next = peil(folder.path(), &[]);
    assert!(next.stderr.contains("peil run"), "{}", next.stderr);
}

#[test]
fn a_project_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    done(&peil(folder.path(), &["init"]));
    let key = fs::read(folder.path().join("pseudonym.key")).unwrap();
    let items = fs::read(folder.path().join("config/codebook/items.csv")).unwrap();
    let again = peil(folder.path(), &["init"]);
    assert!(again.code == 2 && again.stderr.contains("is there already"), "{}", again.stderr);
    assert_eq!(fs::read(folder.path().join("pseudonym.key")).unwrap(), key);
    assert_eq!(fs::read(folder.path().join("config/codebook/items.csv")).unwrap(), items);
}

#[test]
fn two_files_are_two_waves_by_the_years_in_their_names_or_two_panels_by_a_flag() {
    let folder = tempfile::tempdir().unwrap();
    let export = exports::plain();
    for name in ["a_2023.csv", "a_2024.csv", "b.csv", "c.csv"] {
        fs::write(folder.path().join(name), &export.bytes).unwrap();
    }
    let twice = peil(folder.path(), &["init", "b.csv", "c.csv"]);
    assert!(twice.code == 2 && twice.stderr.contains("--panel NAME"), "{}", twice.stderr);
    done(&peil(folder.path(), &["init", "a_2023.csv", "a_2024.csv"]));
    done(&peil(folder.path(), &["run"]));
    let change = rows(&folder.path().join("marts/current"), "change");
    assert!(change.iter().any(|row| row["wave"] == "2024"), "two waves are compared");
    let panels = ["--panel", "gp", "--panel", "nurse", "--wave", "2024", "--dir", "other"];
    done(&peil(folder.path(), &[&["init", "b.csv", "c.csv"][..], &panels].concat()));
    let other = folder.path().join("other");
    done(&peil(&other, &["run"]));
    let estimates = rows(&other.join("marts/current"), "estimate");
    for panel in ["gp", "nurse"] {
        assert!(estimates.iter().any(|row| row["panel"] == panel && row["wave"] == "2024"));
    }
}

#[test]
fn answers_that_fewer_than_five_gave_and_free_text_are_written_nowhere() {
    let mut text = String::from("id,Work,Why?\n");
    for number in 0..60 {
        let work = if number < 2 {
            "lighthouse keeper"
        } else if number % 2 == 0 {
            "Paid"
        } else {
            "None"
        };
        let _ = writeln!(text, "{number},{work},Mijn reden is nummer {number} van alle redenen");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a_2025.csv"), text).unwrap();
    done(&peil(folder.path(), &["init", "a_2025.csv"]));
    let all = ["answers", "crosswalks", "items", "concepts"].map(|name| {
        fs::read_to_string(folder.path().join(format!("config/codebook/{name}.csv"))).unwrap()
    });
    let all = all.join("\n") + &fs::read_to_string(folder.path().join("config/draft.md")).unwrap();
    assert!(
        all.contains("Paid") && !all.contains("lighthouse") && !all.contains("reden is"),
        "{all}"
    );
    done(&peil(folder.path(), &["run"]));
    let exact = rows(&folder.path().join("marts/current"), "estimate_exact");
    assert_eq!(total(&exact, "work_rare")["n_yes"], "2");
    assert_eq!(total(&exact, "work_paid")["n"], "60", "rare answers stay in the base");
    let asked = ["init", "a_2025.csv", "--include-values", "--dir", "other"];
    done(&peil(folder.path(), &asked));
    let answers =
        fs::read_to_string(folder.path().join("other/config/codebook/answers.csv")).unwrap();
    assert!(answers.contains("lighthouse keeper"), "{answers}");
}

#[test]
fn a_table_without_ids_is_read_by_record_number_and_the_run_says_so() {
    let mut text = String::from("Age group,Portal\n");
    for number in 0..80 {
        let (age, portal) = ([18, 35, 55][number % 3], ["Yes", "No"][number / 3 % 2]);
        let _ = writeln!(text, "{age}+,{portal}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a_2025.csv"), text).unwrap();
    let init = peil(folder.path(), &["init", "a_2025.csv"]);
    assert!(init.code == 0 && init.stderr.contains("has no column of ids"), "{}", init.stderr);
    let run = peil(folder.path(), &["run"]);
    assert!(run.code == 0 && run.stderr.contains("record number"), "{}", run.stderr);
}

#[test]
fn a_pipeline_is_named_with_a_flag_or_without_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    done(&peil(folder.path(), &["init"]));
    let file = "pipelines/monitor.toml";
    done(&peil(folder.path(), &["run", "--pipeline", file]));
    for command in [
        &["check"][..],
        &["plan"],
        &["runs"],
        &["releases"],
        &["findings"],
        &["verify"],
        &["audit"],
        &["show", "weight:respondents:2026"],
    ] {
        let plain = peil(folder.path(), &[command, &[file]].concat());
        let named = peil(folder.path(), &[command, &["--pipeline", file]].concat());
        assert_eq!(
            (plain.code, &plain.stdout),
            (named.code, &named.stdout),
            "{command:?}: {}{}",
            plain.stderr,
            named.stderr
        );
    }
}

#[test]
fn a_first_look_in_a_project_knows_shipped_profiles_and_goes_on_while_its_configuration_has_mistakes()
 {
    let folder = tiny_survey();
    fs::remove_file(folder.path().join("config/exports/kobo_csv.toml")).unwrap();
    let kobo = exports::all().into_iter().find(|export| export.profile == "kobo_csv").unwrap();
    fs::write(folder.path().join("kobo.csv"), kobo.bytes).unwrap();
    let look = |arguments: &[&str]| {
        let looked = peil(folder.path(), &[&["ingest", "kobo.csv"], arguments].concat());
        assert_eq!(looked.code, 0, "{arguments:?}: {}", looked.stderr);
        assert!(looked.stdout.contains("profile       kobo_csv"), "{}", looked.stdout);
    };
    look(&[]);
    fs::write(folder.path().join("config/monitor.toml"), "name = ").unwrap();
    look(&[]);
    look(&["--profile", "kobo_csv"]);
    look(&["--profile", "kobo_csv", "--config", "config"]);
}

#[test]
fn shells_complete_every_command_and_each_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = peil(folder.path(), &["completions", shell]);
        assert!(script.code == 0 && script.stdout.contains("init"), "{shell}");
    }
    done(&peil(folder.path(), &["man", "pages"]));
    for page in ["peil.1", "peil-init.1", "peil-run.1"] {
        assert!(folder.path().join("pages").join(page).exists(), "{page}");
    }
}
