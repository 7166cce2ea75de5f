use config::export::Encoding;
use ingest::{Delivery, Kind, KnownHeaders, Limits};
use survey::Hinted;

use crate::support::{delivery, key, plain_csv, profile, read};

fn check(result: Result<survey::Raw, ingest::Error>, kind: Kind, expected: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind);
    assert_eq!(error.with_hints(), expected);
}

#[test]
fn a_missing_file_is_told_with_the_names_like_it() {
    let (folder, _) = delivery("huisartsen_2025.csv", b"x");
    let missing = Delivery::new("gp 2025", folder.path().join("huisarts_2025.csv"));
    let expected = format!(
        "gp 2025: `huisarts_2025.csv`: no such file in `{}`\nhint: the folder has `huisartsen_2025.csv`",
        folder.path().display()
    );
    check(ingest::read(&missing, &plain_csv(), &key()), Kind::NotFound, &expected);
}

#[test]
fn an_empty_file_and_one_without_rows_are_told() {
    check(
        read("a.csv", b"", &plain_csv()),
        Kind::Unreadable,
        "test: `a.csv`: the file is empty (0 bytes)\nhint: ask for the delivery again",
    );
    check(
        read("a.csv", b"id,a\n\n", &plain_csv()),
        Kind::Unreadable,
        "test: `a.csv`: no data rows below the header in row 1\nhint: ask for the delivery again, or name another sheet",
    );
}

#[test]
fn a_header_that_is_not_found_is_told_with_the_likeliest_cause() {
    check(
        read("a.csv", b"idd,a\n1,x\n", &plain_csv()),
        Kind::NotFound,
        "test: `a.csv`: no header row: none of the first 2 rows has an id column; expected `id`\nhint: the delivery may come from another producer, or have no header; `peil ingest FILE --show-header` shows the first rows; they may contain answers",
    );
    let (_folder, known) = delivery("a.csv", b"idd,a\n1,x\n");
    let known = Delivery { headers: KnownHeaders::of(["a"]), ..known };
    check(
        ingest::read(&known, &plain_csv(), &key()),
        Kind::NotFound,
        "test: `a.csv`: no header row: none of the first 2 rows has an id column; expected `id`\nhint: the header has `idd`; add it to `id` in config/exports/test.toml",
    );
    check(
        read("a.csv", b"id;a;b\n1;x;y\n", &plain_csv()),
        Kind::NotFound,
        "test: `a.csv`: no header row: none of the first 2 rows has an id column; expected `id`\nhint: the first row has 2 `;` and no `,`: declare another delimiter",
    );
}

#[test]
fn a_declared_encoding_that_does_not_fit_is_told_with_its_line() {
    let with = |encoding| {
        let mut profile = plain_csv();
        profile.csv.encoding = encoding;
        profile
    };
    check(
        read("a.csv", b"id,a\n1,x\n2,caf\xe9\n", &with(Encoding::Utf8)),
        Kind::Unreadable,
        "test: `a.csv`: line 3: found bytes that are not UTF-8, expected UTF-8\nhint: declare encoding `windows-1252` or `detect`, or ask for UTF-8",
    );
    check(
        read("a.csv", "id,a\n1,café\n".as_bytes(), &with(Encoding::Windows1252)),
        Kind::Unreadable,
        "test: `a.csv`: line 2: found UTF-8, expected Windows-1252\nhint: declare encoding `utf-8` or `detect`",
    );
    check(
        read("a.csv", b"id,a\n1,x\n2,\x81\n", &with(Encoding::Windows1252)),
        Kind::Unreadable,
        "test: `a.csv`: line 3: found byte 0x81, which Windows-1252 does not have, expected Windows-1252\nhint: declare encoding `utf-8` or `detect`, or ask for UTF-8",
    );
    check(
        read("a.csv", b"id,a\n1,\x93x\x94\n", &with(Encoding::Latin1)),
        Kind::Unreadable,
        "test: `a.csv`: line 2: found byte 0x93, which Latin-1 does not have, expected Latin-1\nhint: declare encoding `windows-1252`",
    );
    check(
        read("a.csv", b"\xef\xbb\xbfid,a\n1,x\n", &with(Encoding::Utf16)),
        Kind::Unreadable,
        "test: `a.csv`: line 1: found the byte-order mark of UTF-8, expected UTF-16\nhint: declare encoding `utf-8` or `detect`",
    );
}

#[test]
fn a_quote_that_is_never_closed_is_told_with_its_line() {
    check(
        read("a.csv", b"id,a\n1,x\n2,\"y\n3,z\n", &plain_csv()),
        Kind::Unreadable,
        "test: `a.csv`: line 3: a quoted field opens in this record and is never closed\nhint: a quotation mark inside a quoted field must be doubled",
    );
}

#[test]
fn the_wrong_container_is_told() {
    check(
        read("a.xlsx", b"id;a\n1;2\n", &profile("excel_xlsx")),
        Kind::Unreadable,
        "test: `a.xlsx`: found no workbook, perhaps delimited text, expected a workbook (xlsx, xlsm, xlsb, xls or ods)\nhint: choose a profile with container `csv`, or ask for a workbook",
    );
    let bytes = crate::workbook::simple(&[&["id"], &["1"]]);
    check(
        read("a.csv", &bytes, &plain_csv()),
        Kind::Unreadable,
        "test: `a.csv`: found a workbook, expected delimited text\nhint: choose a profile with container `workbook`, or save the sheet as CSV UTF-8",
    );
}

#[test]
fn a_damaged_workbook_is_told_wherever_it_is_cut() {
    let bytes = crate::workbook::simple(&[&["id", "a"], &["1", "x"]]);
    for length in (4..bytes.len()).step_by(97) {
        let error = read("a.xlsx", &bytes[..length], &profile("excel_xlsx")).unwrap_err();
        assert_eq!(error.kind(), Kind::Unreadable, "{length}: {error}");
    }
}

#[test]
fn a_sheet_that_is_not_there_is_told_with_those_that_are() {
    let (_folder, mut delivery) = delivery("a.xlsx", &crate::workbook::simple(&[&["id"], &["1"]]));
    delivery.sheet = Some("Shet1".to_owned());
    check(
        ingest::read(&delivery, &profile("excel_xlsx"), &key()),
        Kind::NotFound,
        "test: `a.xlsx`: no sheet `Shet1`; the workbook has `Sheet1`\nhint: did you mean `Sheet1`?",
    );
}

#[test]
fn limits_end_in_an_error_that_names_them() {
    let limits = Limits { uncompressed_bytes: 1000, ..Limits::default() };
    let (_folder, delivery) = delivery("a.xlsx", &crate::workbook::simple(&[&["id"], &["1"]]));
    let error =
        ingest::read_within(&delivery, &profile("excel_xlsx"), &key(), &limits).unwrap_err();
    assert!(error.to_string().contains("uncompressed bytes: found"), "{error}");
    let (_folder, delivery) =
        crate::support::delivery("a.csv", b"id,a\n1,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
    let limits = Limits { record_bytes: 20, ..Limits::default() };
    let error = ingest::read_within(&delivery, &plain_csv(), &key(), &limits).unwrap_err();
    assert!(error.to_string().contains("bytes in the record of line 2"), "{error}");
    let (_folder, delivery) = crate::support::delivery("a.csv", b"id,a,b,c\n1,2,3,4\n");
    let limits = Limits { columns: 3, ..Limits::default() };
    let error = ingest::read_within(&delivery, &plain_csv(), &key(), &limits).unwrap_err();
    assert!(error.to_string().contains("columns: found 4, the limit is 3"), "{error}");
}
