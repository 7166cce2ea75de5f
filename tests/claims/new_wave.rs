//! A new wave: proposed from its delivery, accepted, run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::marts::rows;
use crate::program::{change, copy, peil, root, sample_pipeline, sample_run, tiny_survey};

/// Lines of a file that a test keeps.
fn keep(path: &Path, stays: impl Fn(&str) -> bool) {
    let text = fs::read_to_string(path).unwrap();
    let kept: Vec<&str> = text.split_inclusive('\n').filter(|line| stays(line)).collect();
    fs::write(path, kept.concat()).unwrap();
}

/// The monitor without its last wave: configuration and pipeline file in a folder of their own.
fn without_2025() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    copy(&root().join("config"), &config);
    keep(&config.join("codebook/items.csv"), |line| line.split(',').nth(1) != Some("2025"));
    for entry in fs::read_dir(config.join("targets")).unwrap() {
        keep(&entry.unwrap().path(), |line| !line.starts_with("2025,"));
    }
    change(folder.path(), "config/monitor.toml", ", 2024, 2025]", ", 2024]");
    let pipeline = sample_pipeline(folder.path());
    let text = fs::read_to_string(&pipeline).unwrap();
    let mut file: toml::Table = toml::from_str(&text).unwrap();
    file["config"] = toml::Value::String("config".to_owned());
    let deliveries = file["delivery"].as_array_mut().unwrap();
    deliveries.retain(|delivery| delivery["wave"].as_integer() != Some(2025));
    fs::write(&pipeline, toml::to_string(&file).unwrap()).unwrap();
    (folder, pipeline)
}

/// Rows of a table of the draft by column; no field of these has a line end.
fn draft(folder: &Path, table: &str) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(folder.join(table)).unwrap();
    let mut lines = text.lines().map(fields);
    let header = lines.next().unwrap();
    lines.map(|fields| header.iter().cloned().zip(fields).collect()).collect()
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    for sign in line.chars() {
        match sign {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            sign => fields.last_mut().unwrap().push(sign),
        }
    }
    fields
}

#[test]
fn a_wave_that_is_proposed_accepted_and_run_gives_the_figures_of_the_project_as_it_stands() {
    let (folder, pipeline) = without_2025();
    let at = ["--pipeline", pipeline.to_str().unwrap()];
    let file = root().join("sample-data/2025/artsen_2025.xlsx");
    let asked = ["propose", file.to_str().unwrap(), "--panel", "gp", "--wave", "2025"];
    let outcome = peil(folder.path(), &[&asked[..], &at].concat());
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let proposal = folder.path().join("proposal-gp-2025");
    let panels: BTreeSet<String> =
        draft(&proposal, "items.csv").iter().map(|row| row["panel"].clone()).collect();
    assert_eq!(panels, ["gp", "social_physician", "specialist"].map(str::to_owned).into());

    let accept = ["propose", "--accept", proposal.to_str().unwrap()];
    let outcome = peil(folder.path(), &[&accept[..], &at].concat());
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    // The new totals come from elsewhere; until somebody has them, those of the wave before stand there and say so.
    for panel in &panels {
        let file = folder.path().join(format!("config/targets/{panel}.csv"));
        let text = fs::read_to_string(&file).unwrap();
        let new: Vec<&str> = text.lines().filter(|line| line.starts_with("2025,")).collect();
        assert!(!new.is_empty() && new.iter().all(|line| line.contains("carried over from 2024")));
        fs::copy(root().join(format!("config/targets/{panel}.csv")), file).unwrap();
    }
    let outcome = peil(folder.path(), &["run", pipeline.to_str().unwrap()]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);

    let taken = fs::read_to_string(folder.path().join("config/codebook/items.csv")).unwrap();
    let taken: BTreeSet<(String, String)> = taken
        .lines()
        .map(fields)
        .filter(|row| row[1] == "2025")
        .map(|row| (row[0].clone(), row[2].clone()))
        .collect();
    assert!(taken.len() > 60, "{}", taken.len());
    let concepts: BTreeMap<String, String> =
        fs::read_to_string(root().join("config/indicators.csv"))
            .unwrap()
            .lines()
            .map(fields)
            .map(|row| (row[0].clone(), row[2].clone()))
            .collect();
    let figures = |marts: &Path| -> BTreeMap<[String; 4], [String; 4]> {
        let rows = rows(marts, "estimate_exact").into_iter();
        rows.filter(|row| {
            let key = (row["panel"].clone(), concepts[&row["indicator"]].clone());
            row["wave"] == "2025" && taken.contains(&key)
        })
        .map(|row| {
            let of = |columns: [&str; 4]| columns.map(|column| row[column].clone());
            let key = of(["indicator", "panel", "breakdown", "level"]);
            (key, of(["n", "estimate", "standard_error", "sum_of_weights"]))
        })
        .collect()
    };
    let (new, old) = (figures(&folder.path().join("marts/current")), figures(&sample_run().marts));
    assert!(new.len() > 500, "{}", new.len());
    for (key, expected) in &old {
        assert_eq!(new.get(key), Some(expected), "{key:?}");
    }
}

#[test]
fn accepting_again_adds_nothing_and_a_clash_changes_nothing() {
    let (folder, pipeline) = without_2025();
    let at = ["--pipeline", pipeline.to_str().unwrap()];
    let file = root().join("sample-data/2025/verpleegkundigen_2025.csv");
    let asked = ["propose", file.to_str().unwrap(), "--panel", "nurse", "--wave", "2025"];
    let outcome = peil(folder.path(), &[&asked[..], &at, &["--out", "draft"]].concat());
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let accept = || peil(folder.path(), &[&["propose", "--accept", "draft"][..], &at].concat());
    let texts = || {
        [
            "config/codebook/items.csv",
            "config/codebook/crosswalks.csv",
            "config/monitor.toml",
            "monitor.toml",
        ]
        .map(|file| fs::read_to_string(folder.path().join(file)).unwrap())
    };
    let before = texts();
    change(folder.path(), "draft/items.csv", "decide", "perhaps");
    let outcome = accept();
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("`decision` is `perhaps`"), "{}", outcome.stderr);
    assert_eq!(texts(), before);
    change(folder.path(), "draft/items.csv", "perhaps", "decide");

    let outcome = accept();
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("new wave: 2025"), "{}", outcome.stdout);
    let after = texts();
    assert_ne!(after, before);
    let outcome = accept();
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("nothing new"), "{}", outcome.stdout);
    assert_eq!(texts(), after);

    // Another row of the same name stands in the configuration meanwhile.
    change(
        folder.path(),
        "config/codebook/items.csv",
        "nurse,2025,birth_year,",
        "nurse,2025,birth_year,other_",
    );
    let before = texts();
    let outcome = accept();
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("nurse 2025: `birth_year` has another row"),
        "{}",
        outcome.stderr
    );
    assert_eq!(texts(), before);
}

#[test]
fn a_draft_shows_no_answer_that_is_not_in_the_codebook_or_frequent() {
    let folder = tiny_survey();
    let mut text = String::from("respnr;V1;V2;V3;V4;V5;V6;V7\n");
    for row in 0..60 {
        let rare = if row == 7 { "zeldzaam antwoord" } else { "1" };
        let often = if row % 6 == 0 { "vaak gegeven" } else { rare };
        let (id, sex, born) = (2000 + row, row % 2 + 1, 1960 + row % 30);
        writeln!(text, "{id};{sex};{born};1;{often};5;40;eigen woorden {row}").unwrap();
    }
    fs::write(folder.path().join("input/gp_2026.csv"), text).unwrap();
    let arguments = [
        "propose",
        "input/gp_2026.csv",
        "--panel",
        "gp",
        "--wave",
        "2026",
        "--pipeline",
        "pipeline.toml",
    ];
    let outcome = peil(folder.path(), &[&arguments[..], &["--profile", "excel_nl_csv"]].concat());
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let mut shown = outcome.stdout + &outcome.stderr;
    for table in ["items.csv", "crosswalks.csv", "targets.csv", "delivery.toml"] {
        shown += &fs::read_to_string(folder.path().join("proposal-gp-2026").join(table)).unwrap();
    }
    for hidden in ["zeldzaam", "eigen woorden", "2001"] {
        assert!(!shown.contains(hidden), "{hidden}\n{shown}");
    }
}

#[test]
fn what_cannot_be_proposed_says_why_and_writes_nothing() {
    let folder = tiny_survey();
    let at = ["--pipeline", "pipeline.toml"];
    for (arguments, code, words) in [
        (&["input/gp_2025.xlsx", "--panel", "gpp", "--wave", "2026"][..], 2, "did you mean `gp`?"),
        (&["input/gone.csv", "--panel", "gp", "--wave", "2026"], 3, "no such file"),
        (
            &["input/gp_2025.xlsx", "--panel", "gp", "--wave", "2026", "--profile", "none"],
            2,
            "no such export profile",
        ),
        (&["input/gp_2025.xlsx", "--wave", "2026"], 2, "--panel"),
        (&["--accept", "nothing_here"], 2, "cannot be read"),
        (
            &["input/gp_2025.xlsx", "--panel", "gp", "--wave", "2026", "--out", "config"],
            2,
            "is there already",
        ),
    ] {
        let outcome = peil(folder.path(), &[&["propose"], arguments, &at].concat());
        assert_eq!(outcome.code, code, "{arguments:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(words), "{arguments:?}: {}", outcome.stderr);
        assert!(!folder.path().join("proposal-gp-2026").exists());
    }
}
