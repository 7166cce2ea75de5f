//! Running again.

use std::fs;

use serde_json::Value;

use crate::program::{change, peil, program, sample_run, tiny_survey};

#[test]
fn running_again_does_nothing_and_says_so() {
    let folder = tiny_survey();
    let first = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let second = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(second.code, 0, "{}", second.stderr);
    assert!(second.stderr.contains("nothing to do"), "{}", second.stderr);
}

#[test]
fn a_touched_file_a_moved_folder_a_comment_a_reordered_key_or_an_inserted_row_reruns_nothing() {
    let first = tiny_survey();
    assert_eq!(peil(first.path(), &["run", "pipeline.toml"]).code, 0);
    let there = tempfile::tempdir().unwrap();
    let folder = there.path().join("elsewhere");
    fs::rename(first.path(), &folder).unwrap();
    let change = |file: &str, from: &str, to: &str| {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert!(text.contains(from), "{file}");
        fs::write(folder.join(file), text.replacen(from, to, 1)).unwrap();
    };
    for file in ["input/gp_2024.csv", "input/gp_2025.xlsx"] {
        let bytes = fs::read(folder.join(file)).unwrap();
        fs::write(folder.join(file), bytes).unwrap();
    }
    let swapped = "marts = \"marts\"\n# kept\nstore = \"store\"";
    change("pipeline.toml", "store = \"store\"\nmarts = \"marts\"", swapped);
    change("config/codebook/items.csv", "\ngp,2025,", "\n\ngp,2025,");
    change("config/panels/gp.toml", "", "# general practice\n\n");
    let plan = peil(&folder, &["plan", "pipeline.toml"]);
    assert_eq!(plan.code, 0, "{}{}", plan.stdout, plan.stderr);
    let again = peil(&folder, &["run", "pipeline.toml"]);
    assert!(again.stderr.contains("nothing to do: all 12 steps"), "{}", again.stderr);
}

#[test]
fn the_same_cells_in_other_bytes_stop_behind_ingest() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let file = folder.path().join("input/gp_2024.csv");
    let text = fs::read_to_string(&file).unwrap();
    let other =
        if text.contains('\r') { text.replace('\r', "") } else { text.replace('\n', "\r\n") };
    fs::write(&file, other).unwrap();
    let again = peil(folder.path(), &["run", "pipeline.toml", "--log-format", "json"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    let events = again.stderr.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let started = events.filter(|event| event["event"] == "step_started");
    let ran: Vec<String> = started
        .map(|event| event["span"]["name"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(ran, ["ingest", "publish"], "{}", again.stderr);
}

/// Processor time of a call and all that it starts, by the shell's own count.
#[cfg(unix)]
fn processor_seconds(command: &str) -> f64 {
    let script = format!("{command} >/dev/null 2>&1; times");
    let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    // The second line is about the children: `0m0.017s 0m0.016s`.
    let seconds = |text: &str| -> f64 {
        let (minutes, seconds) = text.trim_end_matches('s').split_once('m').unwrap();
        minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
    };
    text.lines().nth(1).unwrap().split_whitespace().map(seconds).sum()
}

/// Of the processor: a clock on the wall would measure the machine's other work too.
#[cfg(unix)]
#[test]
fn nothing_to_do_over_thirty_panel_waves_costs_less_than_100_ms() {
    let run = sample_run();
    let (folder, program) = (run.folder.path().display(), program());
    let call = format!("cd {folder} && {} run monitor.toml", program.display());
    let best = (0..5).map(|_| processor_seconds(&call)).fold(f64::INFINITY, f64::min);
    assert!(best > 0.0 && best < 0.1, "{best} s");
}

/// The sample's e-mail addresses are of example.org, its IP addresses of the documentation range.
fn is_personal(text: &str) -> bool {
    text.contains("@example") || text.contains("192.0.2.")
}

#[test]
fn no_personal_data_leave_ingest() {
    let run = sample_run();
    let mut stack = vec![run.folder.path().to_owned()];
    while let Some(path) = stack.pop() {
        if path.is_dir() && !path.is_symlink() {
            stack.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.is_file()
            && path.extension().is_some_and(|extension| extension == "json" || extension == "jsonl")
        {
            let text = fs::read_to_string(&path).unwrap_or_default();
            assert!(!is_personal(&text), "an address in {}", path.display());
        }
    }
    for mart in ["respondent_wide", "finding", "dim_respondent", "delivery", "conservation"] {
        for row in crate::marts::rows(&run.marts, mart) {
            assert!(!row.values().any(|value| is_personal(value)), "an address in `{mart}`");
        }
    }
}

/// Steps that would run, with their reasons.
fn due(folder: &std::path::Path) -> Vec<(String, String)> {
    let plan = peil(folder, &["plan", "pipeline.toml", "--format", "json"]);
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    let steps = plan["steps"].as_array().unwrap().iter();
    let due = steps.filter(|step| step["decision"] == "run" || step["decision"] == "may_run");
    due.map(|step| (step["name"].as_str().unwrap().to_owned(), step["because"].to_string()))
        .collect()
}

#[test]
fn a_comment_or_another_layout_of_any_sql_reruns_nothing() {
    let folder = tiny_survey();
    let base = "portal_use,F2,portal_use,proportion,yes,";
    let with_base = format!("{base}hours > 8 AND impact >= 0");
    change(folder.path(), "config/indicators.csv", base, &with_base);
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    for (file, from, to) in [
        (
            "config/indicators.csv",
            "hours > 8 AND impact >= 0",
            "hours>8 /* a week */ AND  impact>=0",
        ),
        (
            "config/codebook/concepts.csv",
            "CASE WHEN wave - birth_year",
            "CASE  WHEN /* age */ wave-birth_year",
        ),
        ("config/rules/plausible.toml", "hours <= 80", "hours<=80 -- a week"),
        (
            "config/marts/portal.sql",
            "SELECT e.panel, e.wave,",
            "-- Again.\nSELECT\n\te.panel , e.wave,",
        ),
        ("config/marts/portal.toml", "grain =", "# what a row is\ngrain   ="),
    ] {
        change(folder.path(), file, from, to);
        assert_eq!(due(folder.path()), [], "{file}");
    }
    let again = peil(folder.path(), &["run", "pipeline.toml"]);
    assert!(again.stderr.contains("nothing to do: all 12 steps"), "{}", again.stderr);
    for (file, from, to, step) in [
        ("config/marts/portal.sql", "'portal_offered'", "'portal_use'", "publish"),
        ("config/rules/plausible.toml", "hours<=80", "hours<=8 0", "confront:gp:2024"),
        ("config/indicators.csv", "impact>=0", "impact>0", "estimate:gp"),
        ("config/codebook/concepts.csv", "< 45", "< 46", "harmonise:gp:2025"),
    ] {
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        change(folder.path(), file, from, to);
        // A text that says something else is due, also where only a blank made it so.
        let due = due(folder.path());
        let refused = peil(folder.path(), &["check", "pipeline.toml"]).code == 2;
        assert!(refused || due.iter().any(|(name, _)| name == step), "{file}: {due:?}");
        fs::write(path, text).unwrap();
    }
}

#[test]
fn a_concept_that_nobody_asks_is_due_nowhere_but_in_the_marts() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let row = "pets,background,number,background,,pets,Huisdieren,Pets,,\n";
    let derived = "has_pets,background,category,background,yes_no,,Huisdier,Pet,,CASE WHEN pets > 0 THEN 'yes' ELSE 'no' END\n";
    let path = folder.path().join("config/codebook/concepts.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}{row}{derived}")).unwrap();
    let names: Vec<String> = due(folder.path()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["publish"]);
    let again = peil(folder.path(), &["run", "pipeline.toml"]);
    assert!(again.code == 0 && again.stderr.contains(" 1 of 12 steps ran"), "{}", again.stderr);
}

#[test]
fn a_concept_that_one_wave_asks_is_due_in_that_wave_and_where_its_rows_go() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let append = |file: &str, row: &str| {
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text + row).unwrap();
    };
    append(
        "config/codebook/concepts.csv",
        "again,background,number,background,,hours,Uren,Hours,,\n",
    );
    append("config/codebook/items.csv", "gp,2024,again,V6,,1,,,0,100,,,identical,,\n");
    let names: Vec<String> = due(folder.path()).into_iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"admit:gp:2024".to_owned()), "{names:?}");
    for unmoved in ["admit:gp:2025", "harmonise:gp:2025"] {
        assert!(!names.contains(&unmoved.to_owned()), "{names:?}");
    }
    let again = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
}
