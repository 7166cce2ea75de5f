//! Old and binary workbooks: what is the same in every format reads the same, and no byte of one makes the reader give up.

use std::io::{Cursor, Read, Write};
use std::path::PathBuf;

use ingest::Limits;
use survey::Raw;
use zip::write::SimpleFileOptions;

use crate::support::{cell, delivery, findings, key, profile, read, rows};

fn file(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/torture/files");
    std::fs::read(folder.join(name)).unwrap()
}

fn read_file(name: &str, by: &str) -> Raw {
    read("a.xlsx", &file(name), &profile(by)).unwrap()
}

#[test]
fn a_workbook_reads_the_same_from_xls_xlsx_and_ods() {
    for name in ["long", "merged", "many-empty", "offset", "signs"] {
        let [xlsx, xls, ods] = ["xlsx", "xls", "ods"]
            .map(|kind| read_file(&format!("libreoffice-{name}.{kind}"), "excel_xlsx"));
        for (kind, other) in [("xls", xls), ("ods", ods)] {
            assert_eq!(rows(&other), rows(&xlsx), "{name} {kind}");
            assert_eq!(findings(&other), findings(&xlsx), "{name} {kind}");
            assert_eq!(other.about.rows_in, xlsx.about.rows_in, "{name} {kind}");
        }
    }
}

/// With the stream in which office programs describe a file.
fn described(mut bytes: Vec<u8>) -> Vec<u8> {
    let units = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let wanted = units("Workbook");
    let entry = bytes.windows(wanted.len()).rposition(|window| window == wanted).unwrap() + 128;
    let name = units("\u{5}SummaryInformation");
    bytes[entry..entry + name.len()].copy_from_slice(&name);
    bytes[entry + 64..entry + 66].copy_from_slice(&(name.len() as u16 + 2).to_le_bytes());
    bytes[entry + 66] = 2;
    bytes
}

#[test]
fn an_empty_text_of_a_formula_was_calculated_where_an_office_program_saved_the_xls() {
    let bytes = file("biff8-uncalculated.xls");
    let cells = |bytes: &[u8]| rows(&read("a.xls", bytes, &profile("excel_xlsx")).unwrap());
    assert_eq!(cells(&bytes), ["1 2 n:id f: f: f:"]);
    assert_eq!(cells(&described(bytes)), ["1 2 n:id f: -: f:"]);
}

#[test]
fn merged_headers_of_an_xls_hold_for_all_their_cells() {
    let raw = read_file("biff8-merged.xls", "excel_two_headers_xlsx");
    let headers: Vec<_> =
        raw.about.columns.iter().map(|column| column.header_rows.clone()).collect();
    assert_eq!(headers[1], ["Blok A", "v1"]);
    assert_eq!(headers[2], ["Blok A", "v2"]);
    assert_eq!(headers[3], ["Blok B", "v3"]);
}

/// SheetJS writes cells in a short form that calamine passes over.
#[test]
fn an_xlsb_reads_as_the_values_that_were_written_whatever_the_form_of_its_cells() {
    let expected = [
        "1 2 n:id d:2025-03-01 n:3.5 b:TRUE t:één & twee e:#N/A",
        "2 3 n:id d:2025-12-31T23:59:58 n:-7 b:FALSE t:0001 e:#DIV/0!",
        "3 4 n:id -: n:0.1 -: t: spatie  -:",
    ];
    for name in ["sheetjs-plain.xlsb", "sheetjs-in-place.xlsb", "sheetjs-plain.xlsb.gz"] {
        let raw = read_file(name, "excel_xlsx");
        assert_eq!(rows(&raw), expected, "{name}");
        let told = raw.about.notes.iter().any(|note| note.contains("were not looked at"));
        assert!(told, "{name}: {:?}", raw.about.notes);
    }
    let formulas = ["1 2 n:id n:7 b:TRUE t:laag e:#N/A", "2 3 n:id n:0 b:FALSE -: e:#DIV/0!"];
    assert_eq!(rows(&read_file("sheetjs-formulas.xlsb", "excel_xlsx")), formulas);
}

#[test]
fn the_used_range_is_the_one_that_the_sheet_states() {
    for (name, range) in [
        ("sheetjs-offset.xlsb", "A1:D7"),
        ("libreoffice-offset.xls", "C1:E9"),
        ("libreoffice-offset.ods", "C5:E9"),
        ("biff5-plain.xls", "A1:I9"),
    ] {
        assert_eq!(
            read_file(name, "excel_xlsx").about.used_range.as_deref(),
            Some(range),
            "{name}"
        );
    }
}

#[test]
fn a_text_that_goes_on_over_several_records_is_whole() {
    let raw = read_file("biff8-cells.xls", "excel_xlsx");
    let expected = "lang ".repeat(1800) + &"€ ".repeat(10);
    for row in [0, 2] {
        assert_eq!(cell(&raw, 9, row).0, expected);
    }
}

/// Small enough that a length that lies can reach each of them.
fn limits() -> Limits {
    Limits {
        record_bytes: 1 << 14,
        cells: 3_000_000,
        rows: 70_000,
        memory_bytes: 1 << 20,
        uncompressed_bytes: 1 << 22,
        ..Limits::default()
    }
}

/// Reads the file with each byte of a part of it changed, and cut short there.
fn disturb(
    name: &str,
    bytes: &[u8],
    places: impl Iterator<Item = usize>,
    whole: impl Fn(&[u8]) -> Vec<u8>,
) {
    let (_folder, delivery) = delivery("a.xlsx", b"");
    let (profile, key, limits) = (profile("excel_xlsx"), key(), limits());
    let mut read = 0;
    let mut try_to_read = |bytes: &[u8]| {
        std::fs::write(&delivery.path, whole(bytes)).unwrap();
        read += u32::from(ingest::read_within(&delivery, &profile, &key, &limits).is_ok());
    };
    for at in places.filter(|at| *at < bytes.len()) {
        for value in [0, 0x7f, 0xff, bytes[at] ^ 1] {
            let mut changed = bytes.to_vec();
            changed[at] = value;
            try_to_read(&changed);
        }
        try_to_read(&bytes[..at]);
    }
    // Most bytes are answers: a reader that refuses all has seen none.
    assert!(read > 0, "{name}");
}

#[test]
fn an_xls_with_any_byte_changed_is_read_or_refused() {
    for name in ["biff5-plain.xls", "biff8-merged.xls", "biff8-uncalculated.xls"] {
        let bytes = file(name);
        // The header, then the stream; behind it stand the tables and the directory.
        let places = (24..80).chain(512..1500).step_by(5).chain((4608..bytes.len()).step_by(11));
        disturb(name, &bytes, places, <[u8]>::to_vec);
    }
    let bytes = file("biff8-cells.xls");
    disturb("biff8-cells.xls", &bytes, (512..bytes.len()).step_by(97), <[u8]>::to_vec);
}

/// The parts of a zip archive.
fn parts_of(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).unwrap();
            let (name, mut part) = (entry.name().unwrap().to_string(), Vec::new());
            entry.read_to_end(&mut part).unwrap();
            (name, part)
        })
        .collect()
}

fn archive_of(parts: &[(String, Vec<u8>)], changed: &str, by: &[u8]) -> Vec<u8> {
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in parts {
        zip.start_file(name.as_str(), stored).unwrap();
        zip.write_all(if name == changed { by } else { part }).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn an_xlsb_or_ods_with_any_byte_of_a_part_changed_is_read_or_refused() {
    for (name, part, step) in [
        ("sheetjs-plain.xlsb", "xl/worksheets/sheet1.bin", 3),
        ("sheetjs-in-place.xlsb", "xl/worksheets/sheet1.bin", 4),
        ("sheetjs-plain.xlsb", "xl/workbook.bin", 5),
        ("sheetjs-plain.xlsb", "xl/sharedStrings.bin", 3),
        ("sheetjs-plain.xlsb", "xl/styles.bin", 11),
        ("libreoffice-hidden.ods", "content.xml", 97),
    ] {
        let parts = parts_of(&file(name));
        let bytes = &parts.iter().find(|(path, _)| path == part).unwrap().1;
        disturb(name, bytes, (0..bytes.len()).step_by(step), |changed| {
            archive_of(&parts, part, changed)
        });
    }
}
