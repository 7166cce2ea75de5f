//! A first look tells what a file seems to be, and no value of it.

use std::path::PathBuf;

use config::ExportProfile;
use ingest::{Look, ReadBy};

use crate::support::{delivery, profile, read};

fn look_at(file: &str, bytes: &[u8]) -> Look {
    let (_folder, delivery) = delivery(file, bytes);
    crate::support::look_at(&delivery)
}

const UNKNOWN: &str = "Levering 2025;;;\nkenmerk;naam bij ons;bedrag;wie\nA1;Jansen;1,50;jan@example.org\nA2;de Vries;22,75;ank@example.org\nA3;Bakker;3,00;bas@example.org\n";

#[test]
fn a_look_tells_dialect_header_and_shapes_but_no_value() {
    let look = look_at("a.csv", UNKNOWN.as_bytes());
    assert_eq!((look.read_by, look.delimiter), (ReadBy::Nothing, Some(';')));
    assert_eq!(look.headers[0].row, 2);
    let shapes: Vec<&str> = look.looks.iter().map(|column| column.shapes[0].0.as_str()).collect();
    assert_eq!(shapes, ["A9", "Aaaaa…", "9,99", "aaa@aaaa….aaa"]);
    assert_eq!(look.looks[2].classes[2], 3, "decimal comma");
    let page = ingest::look_text(&look);
    for value in ["Jansen", "Vries", "Bakker", "22,75", "example"] {
        assert!(!page.contains(value), "{value}");
        assert!(!serde_json::to_string(&look).unwrap().contains(value), "{value}");
    }
}

#[test]
fn the_proposed_profile_reads_the_file_that_it_was_made_from() {
    let look = look_at("a.csv", UNKNOWN.as_bytes());
    let proposed = &look.profile_proposal;
    for line in
        ["id = [\"kenmerk\"]", "delimiter = ';'", "decimal_comma = true", "columns = [\"wie\"]"]
    {
        assert!(proposed.replace('"', "'").contains(&line.replace('"', "'")), "{line}\n{proposed}");
    }
    let profile = ExportProfile::parse("proposed", proposed).unwrap();
    let raw = read("a.csv", UNKNOWN.as_bytes(), &profile).unwrap();
    assert_eq!(raw.about.rows_out, 3);
    assert_eq!(crate::support::headers(&raw), ["kenmerk", "naam bij ons", "bedrag", "wie"]);
    assert!(
        look.items_proposal.contains("PANEL,WAVE,naam_bij_ons,naam bij ons,,1,"),
        "{}",
        look.items_proposal
    );
}

#[test]
fn a_file_without_a_header_shows_nothing_of_its_first_row() {
    let look = look_at("a.csv", b"4711,Jansen,1950-01-31\n4712,Bakker,1960-12-01\n");
    let page = ingest::look_text(&look) + &serde_json::to_string(&look).unwrap();
    for value in ["4711", "Jansen", "1950"] {
        assert!(!page.contains(value), "{value}");
    }
    assert!(page.contains("row 1 looks like answers"));
}

#[test]
fn a_page_fits_on_a_hundred_columns_but_for_what_is_to_be_pasted() {
    let look = look_at("a.csv", UNKNOWN.as_bytes());
    let page = ingest::look_text(&look);
    let to_read = page.lines().filter(|line| {
        !["identical", "THEME", "comparability"].iter().any(|part| line.contains(part))
    });
    for line in to_read {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn every_sample_delivery_is_recognised_as_what_it_is() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("pipelines/monitor.toml")).unwrap();
    let pipeline: toml::Table = toml::from_str(&text).unwrap();
    for delivery in pipeline["delivery"].as_array().unwrap() {
        let text = |key: &str| delivery[key].as_str().unwrap();
        let path = root.join("pipelines").join(text("file"));
        let look = crate::support::look_at(&ingest::Delivery::new(text("name"), path));
        // Plain ASCII does not tell which program wrote the semicolons, nor a plain workbook its language.
        let best = look.candidates[0].score;
        let likeliest: Vec<&str> = look
            .candidates
            .iter()
            .filter(|candidate| candidate.fits && candidate.score == best)
            .map(|candidate| candidate.profile.as_str())
            .collect();
        assert!(likeliest.contains(&text("profile")), "{}: {likeliest:?}", text("name"));
        assert!(likeliest.len() <= 3, "{}: {likeliest:?}", text("name"));
    }
}

#[test]
fn a_look_at_a_workbook_names_its_sheet_and_header() {
    let bytes = crate::workbook::simple(&[
        &["Voorblad"],
        &[],
        &["respnr", "q1", "q2"],
        &["1", "ja", "nee"],
        &["2", "nee", "ja"],
    ]);
    let look = look_at("a.xlsx", &bytes);
    assert_eq!(look.headers[0].row, 3);
    let fitting: Vec<&str> = look
        .candidates
        .iter()
        .filter(|candidate| candidate.fits)
        .map(|candidate| candidate.profile.as_str())
        .collect();
    assert_eq!(fitting, ["excel_en_xlsx", "excel_xlsx", "spss_xlsx", "excel_two_headers_xlsx"]);
    assert_eq!(look.looks.len(), 3);
    assert_eq!(look.about.sheet.as_deref(), Some("Sheet1"));
}

#[test]
fn a_separator_line_goes_before_what_the_look_counts() {
    let look = look_at("a.csv", b"sep=;\r\nnummer;a\r\n1;x\r\n2;y\r\n");
    assert_eq!(look.candidates[0].profile, "excel_nl_csv");
    assert_eq!(look.about.rows_out, 2);
}

#[test]
fn a_receipt_reads_as_a_page_and_as_json() {
    let raw = read(
        "a.csv",
        b"respnr;e-mail;q1;q1\r\n1;a@b.nl;3,5;\r\n\r\nBron: bureau;;;\r\n",
        &profile("excel_nl_csv"),
    )
    .unwrap();
    let page = ingest::receipt_text(&raw.about);
    let expected = "  delivery      test
  file          a.csv (55 bytes)
  blake3        HASH
  profile       excel_nl_csv (csv)
  encoding      UTF-8: the whole file is valid UTF-8
  numbers       decimal comma
  used range    A1:D2
  header        row 1
  rows          2 in, 1 out, 1 blank
  rows cut      1 by rule `footer:Bron:`
  columns       2 kept, 1 pseudonymised, 1 personal, dropped
  cells         1 empty
  cells         1 text
  cells         2 number

  column                                  treatment             cells by class
  respnr                                  pseudonymised         1 number
  e-mail                                  personal, dropped     1 text
  q1                                      kept                  1 number
  q1 (2.)                                 kept                  1 empty
";
    assert_eq!(page.replace(&raw.about.blake3, "HASH"), expected);
    let json = serde_json::to_string(&raw.about).unwrap();
    assert_eq!(serde_json::from_str::<survey::handoff::RawAbout>(&json).unwrap(), raw.about);
}

#[test]
fn a_tie_goes_to_no_profile_whose_reasons_against_it_are_known() {
    // Three header rows read by the profile of the older release leave one of them among the answers.
    let text = "ResponseId,Q1\nResponse ID,Vraag\n\"{\"\"ImportId\"\":\"\"_recordId\"\"}\",\"{\"\"ImportId\"\":\"\"QID1\"\"}\"\nR_1,3\nR_2,4\n";
    let look = look_at("a.csv", text.as_bytes());
    assert_eq!(look.candidates[0].profile, "qualtrics_csv");
    let legacy = look.candidates.iter().find(|one| one.profile == "qualtrics_legacy_csv").unwrap();
    assert!(!legacy.fits && legacy.reasons_against[0].contains("header rows"), "{legacy:?}");
}

#[test]
fn profiles_with_as_many_points_are_said_to_be_a_matter_of_choice() {
    let look = look_at("a.csv", b"respnr;a\r\n1;x\r\n2;y\r\n");
    let page = ingest::look_text(&look);
    assert_eq!(look.candidates[0].score, look.candidates[1].score);
    let text = "nothing in the file distinguishes the first 2: `excel_nl_csv` was chosen";
    assert!(page.contains(text), "{page}");
}

#[test]
fn a_header_that_lacks_its_first_column_is_suspected() {
    let page = |text: &[u8]| ingest::look_text(&look_at("a.csv", text));
    let text = "every row has more cells than the header";
    assert!(page(b"respnr;a\r\n1;101;x\r\n2;102;y\r\n").contains(text));
    assert!(!page(b"respnr;a\r\n101;x\r\n102;y;z\r\n").contains(text));
}

#[test]
fn a_finding_tells_where_it_stands_first_and_what_was_expected() {
    let look = look_at("a.csv", b"respnr;a\r\n1;x\r\n2;y;z\r\n");
    let page = ingest::look_text(&look);
    assert!(page.contains("`ragged_row` ×1, first in line 3: 3 cells, expected 2"), "{page}");
}

#[test]
fn no_item_is_proposed_for_a_column_without_a_header_or_by_a_name_of_scraps() {
    let look = look_at("a.csv", "respnr;één;;\r\n1;ja;x;#N/B\r\n2;nee;y;#N/B\r\n".as_bytes());
    let rows: Vec<&str> = look.items_proposal.lines().skip(2).collect();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert!(rows[0].starts_with("PANEL,WAVE,een,één,,1,"), "{rows:?}");
}
