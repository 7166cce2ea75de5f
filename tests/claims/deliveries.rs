//! What people do with one delivery: a first look, its receipt, a marked copy for its supplier.

use std::fs;
use std::path::Path;

use crate::marts::{Row, rows};
use crate::program::{Outcome, peil, root, sample_run, tiny_survey};

fn look(folder: &Path, arguments: &[&str]) -> Outcome {
    peil(folder, &[&["ingest"], arguments].concat())
}

#[test]
fn a_first_look_outside_a_project_names_the_producer_and_proposes_what_to_paste() {
    let folder = tempfile::tempdir().unwrap();
    let file = root().join("sample-data/2024/verpleegkundigen_2024.csv");
    let outcome = look(folder.path(), &[file.to_str().unwrap()]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("the profiles that come with peil"), "{}", outcome.stderr);
    for part in ["`qualtrics_csv`", "id column `ResponseId` in row 1", "panel,wave,concept,column"]
    {
        assert!(outcome.stdout.contains(part), "{part}\n{}", outcome.stdout);
    }
}

#[test]
fn a_first_look_inside_the_project_matches_columns_to_concepts() {
    let file = "sample-data/2025/artsen_2025.xlsx";
    let outcome = look(root(), &[file, "--format", "json"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let look: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(look["nearest"]["wave"], 2025);
    let items = look["items_proposal"].as_str().unwrap();
    assert!(items.contains(",2025,") || items.contains("WAVE,care_function,V1,"), "{items}");
    assert!(items.contains("WAVE,respondent,respnr,"), "{items}");
}

#[test]
fn a_file_that_cannot_be_read_ends_with_exit_code_3_and_an_unknown_profile_with_2() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("empty.csv"), "").unwrap();
    fs::write(folder.path().join("half.xlsx"), b"PK\x03\x04 broken off").unwrap();
    fs::write(folder.path().join("a.csv"), "id;a\n1;x\n").unwrap();
    for (file, code, words) in [
        (&["empty.csv"][..], 3, "the file is empty"),
        (&["half.xlsx"], 3, "the workbook is damaged"),
        (&["gone.csv"], 3, "no such file"),
        (&["."], 3, "found a folder"),
        (&["a.csv", "--profile", "none_such"], 2, "no such export profile"),
        (&["a.csv", "--profile", "none_such.toml"], 2, "cannot be read"),
    ] {
        let outcome = look(folder.path(), file);
        assert_eq!(outcome.code, code, "{file:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(words), "{file:?}: {}", outcome.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_as_delivery_is_refused_at_once_by_run_and_look() {
    let folder = tiny_survey();
    let file = folder.path().join("input/gp_2024.csv");
    fs::remove_file(&file).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    // Nobody writes into the pipe: who waits for it waits for ever.
    let run = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("found a named pipe, expected a file"), "{}", run.stderr);
    let look = look(folder.path(), &["input/gp_2024.csv"]);
    assert_eq!(look.code, 3, "{}", look.stderr);
    assert!(look.stderr.contains("found a named pipe, expected a file"), "{}", look.stderr);
}

#[test]
fn every_container_of_the_torture_set_gets_a_first_look() {
    let folder = root().join("tests/torture/files");
    for file in [
        "sheetjs-plain.xlsb",
        "sheetjs-plain.xlsb.gz",
        "gzip-plain.xls.gz",
        "gzip-plain.xlsx.gz",
        "libreoffice-types.ods",
        "libreoffice-types.xls",
        "macros.xlsm",
        "pandas-comma.csv.gz",
        "pandas-comma.csv.zip",
        "pandas-tab.tsv",
        "zip-plain.xlsx.zip",
    ] {
        let outcome = look(&folder, &[file]);
        assert_eq!(outcome.code, 0, "{file}: {}", outcome.stderr);
        assert!(outcome.stdout.contains("id column `respnr`"), "{file}: {}", outcome.stdout);
    }
}

#[test]
fn every_delivery_has_a_receipt_in_the_release_that_the_manifest_lists() {
    let run = sample_run();
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(run.marts.join("manifest.json")).unwrap()).unwrap();
    let listed: Vec<&str> = manifest["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["path"].as_str().unwrap())
        .collect();
    let read = |input: &&serde_json::Value| {
        input.get("replaced_by").is_none_or(serde_json::Value::is_null)
    };
    for input in manifest["inputs"].as_array().unwrap().iter().filter(read) {
        let name = input["delivery"].as_str().unwrap();
        for extension in ["json", "html"] {
            let path = format!("receipts/{name}.{extension}");
            assert!(listed.contains(&path.as_str()), "{path}");
        }
        let receipt = fs::read(run.marts.join(format!("receipts/{name}.json"))).unwrap();
        let receipt: serde_json::Value = serde_json::from_slice(&receipt).unwrap();
        assert_eq!(receipt["blake3"], input["blake3"]);
        let cells: u64 = receipt["columns"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|column| column["cells"].as_object().unwrap().values())
            .map(|count| count.as_u64().unwrap())
            .sum();
        let columns = receipt["columns"].as_array().unwrap().len() as u64;
        assert_eq!(cells, receipt["rows"]["read"].as_u64().unwrap() * columns, "{name}");
        let page = fs::read_to_string(run.marts.join(format!("receipts/{name}.html"))).unwrap();
        assert!(!page.contains("<script") && !page.contains("http"), "{name} needs nothing else");
    }
}

#[test]
fn a_marked_copy_goes_where_the_caller_says_and_never_among_the_marts() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let annotate = |out: &str| {
        let arguments =
            ["findings", "--pipeline", "pipeline.toml", "--annotate", "gp_2025", "--out", out];
        peil(folder.path(), &arguments)
    };
    let outcome = annotate("supplier");
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("hold the raw answers"), "{}", outcome.stderr);
    assert!(folder.path().join("supplier/gp_2025_findings.xlsx").exists());
    for own in ["marts/supplier", "store"] {
        let outcome = annotate(own);
        assert_eq!(outcome.code, 2, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("raw answers"), "{}", outcome.stderr);
    }
    let outcome = peil(
        folder.path(),
        &["findings", "--pipeline", "pipeline.toml", "--annotate", "none_such", "--out", "x"],
    );
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("gp_2025"), "{}", outcome.stderr);
}

#[test]
fn a_column_that_is_gone_is_a_finding_with_the_headers_that_are_like_it() {
    let folder = tiny_survey();
    let path = folder.path().join("input/gp_2024.csv");
    let text = fs::read_to_string(&path).unwrap().replacen(";V6\n", ";V6_\n", 1);
    fs::write(&path, text.replacen(";V6\r\n", ";V6_\r\n", 1)).unwrap();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 2);
    let outcome = peil(
        folder.path(),
        &[
            "findings",
            "--pipeline",
            "pipeline.toml",
            "--code",
            "column_not_found",
            "--format",
            "json",
        ],
    );
    let finding: serde_json::Value = serde_json::from_str(outcome.stdout.trim()).unwrap();
    assert_eq!(finding["concept"], "hours");
    assert!(finding["found"].as_str().unwrap().contains("like it: `V6_`"), "{finding}");
}

/// The rows of a mart without what names the release and the place in the file.
fn without_places(release: &Path, mart: &str) -> Vec<Row> {
    let mut rows = rows(release, mart);
    for row in &mut rows {
        row.retain(|column, _| column != "run_id");
    }
    rows
}

#[test]
fn a_column_that_changed_places_or_its_name_by_an_alias_changes_no_figure_and_no_answer() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let marts = folder.path().join("marts/current");
    let names =
        ["estimate", "change", "portal", "dim_respondent", "fact_answer", "respondent_wide"];
    let before = names.map(|mart| without_places(&marts, mart));
    let path = folder.path().join("input/gp_2024.csv");
    let text = fs::read_to_string(&path).unwrap();
    let moved: Vec<String> = text
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(';').collect();
            [6, 3, 1, 0, 5, 4, 2].map(|from| cells[from]).join(";")
        })
        .collect();
    fs::write(&path, moved.join("\n") + "\n").unwrap();
    let items = folder.path().join("config/codebook/items.csv");
    let text = fs::read_to_string(&items).unwrap();
    fs::write(&items, text.replace("gp,2024,hours,V6,,", "gp,2024,hours,uren,V6|u.,")).unwrap();
    let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    for (mart, before) in names.iter().zip(before) {
        assert!(!before.is_empty(), "{mart}");
        assert_eq!(without_places(&marts, mart), before, "{mart}");
    }
    let outcome = peil(
        folder.path(),
        &[
            "findings",
            "--pipeline",
            "pipeline.toml",
            "--code",
            "column_by_alias",
            "--format",
            "json",
        ],
    );
    assert_eq!(outcome.stdout.lines().count(), 1, "{}", outcome.stdout);
}

#[test]
fn the_receipt_of_a_delivery_that_was_refused_can_be_read() {
    let survey = tiny_survey();
    let delivery = survey.path().join("input/gp_2024.csv");
    let text = fs::read_to_string(&delivery).unwrap();
    fs::write(&delivery, text.replacen("V5", "V5_nieuw", 1)).unwrap();
    let refused = peil(survey.path(), &["run", "pipeline.toml"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("`peil show ingest:gp:2024` is the receipt"),
        "{}",
        refused.stderr
    );
    let show = ["show", "ingest:gp:2024", "--pipeline", "pipeline.toml"];
    let shown = peil(survey.path(), &show);
    for part in ["receipt", "V5_nieuw", "pseudonymised", "rows          60 in, 60 out"] {
        assert!(shown.stdout.contains(part), "{part}\n{}{}", shown.stdout, shown.stderr);
    }
    assert!(!shown.stdout.contains("1001"), "an id is shown:\n{}", shown.stdout);
    let json = peil(survey.path(), &[&show[..], &["--format", "json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["receipt"]["rows_out"], 60);
}

#[test]
fn a_workbook_that_is_read_twice_has_the_same_cells() {
    let file = "sample-data/2025/artsen_2025.xlsx";
    let outcome = look(root(), &[file, "--second-reader", "--format", "json"]);
    let look: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let twice = &look["second_reading"];
    assert!(twice["cells_alike"].as_u64().unwrap() > 1000, "{twice}");
    assert_eq!(twice["otherwise"], serde_json::json!([]));
}
