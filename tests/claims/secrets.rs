//! Secrets are planted in deliveries, and every file that a run writes and every word that it says is searched for them.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::Workbook;

use crate::marts::table_rows;
use crate::program::{peil, tiny_survey};

/// A name, an e-mail address, an IP address, a place, an answer in somebody's own words, ids.
const SECRETS: [&str; 9] = [
    "Grietje Zilverschoon",
    "Zilverschoon",
    "g.zilverschoon@example.org",
    "192.0.2.231",
    "52.370216917",
    "woont boven de bakker",
    "R_geheim4711",
    "R_geheim4712",
    "LID-889977",
];

/// All files below a folder.
fn all_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(all_files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}

fn holds(bytes: &[u8], secret: &[u8]) -> bool {
    bytes.windows(secret.len()).any(|window| window.eq_ignore_ascii_case(secret))
}

/// As text, as UTF-16 and, in a Parquet file, as a value of any column.
fn search(path: &Path) {
    let bytes = fs::read(path).unwrap();
    for secret in SECRETS {
        let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let found = holds(&bytes, secret.as_bytes()) || holds(&bytes, &wide);
        assert!(!found, "`{secret}` in {}", path.display());
    }
    if path.extension().is_some_and(|extension| extension == "parquet") {
        for row in table_rows(path) {
            for (column, value) in row {
                search_text(&value, &format!("{}, column {column}", path.display()));
            }
        }
    }
}

fn search_text(text: &str, place: &str) {
    let text = text.to_lowercase();
    for secret in SECRETS {
        assert!(!text.contains(&secret.to_lowercase()), "`{secret}` in {place}");
    }
}

fn search_all(folder: &Path) -> usize {
    let written: Vec<PathBuf> =
        ["store", "marts"].iter().flat_map(|part| all_files(&folder.join(part))).collect();
    for path in &written {
        search(path);
    }
    written.len()
}

/// The tiny survey with both deliveries as producers of personal data write them.
fn planted() -> tempfile::TempDir {
    let folder = tiny_survey();
    let input = folder.path().join("input");
    let base = fs::read_to_string(input.join("gp_2024.csv")).unwrap();
    let mut text = String::from(
        "ResponseId,Status,IPAddress,RecipientLastName,RecipientEmail,LocationLatitude,V1,V2,V3,V4,V5,V6,Q9_TEXT\n",
    );
    text.push_str(&(["x"; 13].join(",") + "\n"));
    text.push_str(&(["{}"; 13].join(",") + "\n"));
    for (number, line) in base.lines().skip(1).enumerate() {
        let mut cells: Vec<String> =
            line.split(';').map(|cell| cell.replace(',', ".").clone()).collect();
        cells[0] = format!("R_geheim{}", 4711 + number);
        let (id, answers) = cells.split_first().unwrap();
        let status = if number == 5 { "Survey Preview" } else { "IP Address" };
        let _ = writeln!(
            text,
            "{id},{status},192.0.2.231,Grietje Zilverschoon,g.zilverschoon@example.org,52.370216917,{},woont boven de bakker",
            answers.join(",")
        );
    }
    fs::write(input.join("gp_2024.csv"), text).unwrap();
    plant_in_workbook(&input.join("gp_2025.xlsx"));
    let replace = |path: &str, from: &str, to: &str| {
        let path = folder.path().join(path);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    replace(
        "config/codebook/items.csv",
        "gp,2024,respondent,respnr",
        "gp,2024,respondent,ResponseId",
    );
    replace("pipeline.toml", "excel_nl_csv", "qualtrics_csv");
    folder
}

/// The same respondents of 2025 with a name and an address beside their answers.
fn plant_in_workbook(path: &Path) {
    let header = [
        "respnr",
        "Geslacht",
        "Geboortejaar",
        "Portaal",
        "Portaal zelf",
        "Impact",
        "Uren",
        "Naam",
        "E-mail",
    ];
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Data").unwrap();
    for (column, name) in (0..).zip(header) {
        sheet.write_string(0, column, name).unwrap();
    }
    for row in 1_u32..=60 {
        let id = if row == 1 { "LID-889977".to_owned() } else { format!("LID-{row}") };
        let answers = [
            id.as_str(),
            if row % 2 == 0 { "Man" } else { "Vrouw" },
            if row % 3 == 0 { "1970" } else { "1985" },
            "Ja",
            if row % 4 == 0 { "Nee" } else { "Ja" },
            "6",
            "36",
            "Grietje Zilverschoon",
            "g.zilverschoon@example.org",
        ];
        for (column, answer) in (0..).zip(answers) {
            sheet.write_string(row, column, answer).unwrap();
        }
    }
    let hidden = workbook.add_worksheet();
    hidden.set_name("Adressen").unwrap().set_hidden(true);
    hidden.write_string(0, 0, "Grietje Zilverschoon").unwrap();
    workbook.save(path).unwrap();
}

#[test]
fn no_secret_is_in_any_file_or_word_of_a_run_that_publishes() {
    for form in
        [["--log", "trace", "--log-format", "text"], ["--log", "trace", "--log-format", "json"]]
    {
        let folder = planted();
        let outcome = peil(folder.path(), &[&["run", "pipeline.toml"], &form[..]].concat());
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        search_text(&outcome.stderr, "the log");
        search_text(&outcome.stdout, "the output");
        let written = search_all(folder.path());
        assert!(written > 60, "only {written} files were written");
        for arguments in [
            &["plan", "pipeline.toml"][..],
            &["findings", "--pipeline", "pipeline.toml", "--format", "json"],
            &["show", "ingest:gp:2024", "--pipeline", "pipeline.toml"],
            &["show", "harmonise:gp:2024", "--pipeline", "pipeline.toml", "--format", "json"],
            &["ingest", "input/gp_2024.csv", "--format", "json"],
            &["ingest", "input/gp_2024.csv"],
            &["ingest", "input/gp_2025.xlsx"],
            &["ingest", "input/gp_2024.csv", "--profile", "excel_en_csv"],
        ] {
            let outcome = peil(folder.path(), arguments);
            search_text(&(outcome.stdout + &outcome.stderr), &arguments.join(" "));
        }
    }
}

#[test]
fn no_secret_is_in_any_file_or_word_of_a_run_that_is_refused() {
    type Spoil = fn(String) -> String;
    let spoils: [(&str, Spoil); 5] = [
        ("an answer that nobody knows", |text| {
            text.replace(",1,6,40,", ",woont boven de bakker,6,40,")
        }),
        ("a quotation mark that is never closed", |text| text.replacen(",woont", ",\"woont", 1)),
        ("no header", |text| text.lines().skip(3).map(|line| line.to_owned() + "\n").collect()),
        ("one respondent over and over", |text| {
            (4711..4790)
                .fold(text, |text, id| text.replace(&format!("R_geheim{id},"), "R_geheim4711,"))
        }),
        ("more cells than headers, numbers that are none", |text| {
            text.replace(",40,woont", ",Zilverschoon,woont,boven,Zilverschoon,woont")
        }),
    ];
    for (name, spoil) in spoils {
        let folder = planted();
        let path = folder.path().join("input/gp_2024.csv");
        let text = fs::read_to_string(&path).unwrap();
        let spoilt = spoil(text.clone());
        assert_ne!(text, spoilt, "{name}");
        fs::write(&path, spoilt).unwrap();
        let outcome = peil(folder.path(), &["run", "pipeline.toml", "--log", "trace"]);
        assert_ne!(outcome.code, 70, "{name}: {}", outcome.stderr);
        search_text(&(outcome.stdout + &outcome.stderr), name);
        let findings = ["findings", "--pipeline", "pipeline.toml", "--format", "csv"];
        let outcome = peil(folder.path(), &findings);
        search_text(&(outcome.stdout + &outcome.stderr), name);
        assert!(!folder.path().join("marts").exists(), "{name}: nothing is published");
        let answers = table_of_answers(folder.path());
        for path in all_files(&folder.path().join("store")) {
            // Where somebody typed a secret into the cell of an answer, the store's table of the delivery has it, and no other file.
            if answers.as_deref() != path.file_stem().and_then(|stem| stem.to_str()) {
                search(&path);
            }
        }
    }
}

/// The name of the object with the delivery's cells, where it was read.
fn table_of_answers(folder: &Path) -> Option<String> {
    let record = fs::read(folder.join("store/records/ingest/gp_2024.json")).ok()?;
    let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
    Some(record["output"]["files"]["table"].as_str().unwrap().to_owned())
}

#[test]
fn a_profile_that_forgets_its_personal_columns_is_caught_by_the_search() {
    let folder = planted();
    let path = folder.path().join("config/exports/qualtrics_csv.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"RecipientLastName\", ", "")).unwrap();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    assert!(std::panic::catch_unwind(|| search_all(folder.path())).is_err());
}

#[test]
fn the_search_finds_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    let wide: Vec<u8> = "x Zilverschoon".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(&path, wide).unwrap();
    assert!(std::panic::catch_unwind(|| search(&path)).is_err());
}
