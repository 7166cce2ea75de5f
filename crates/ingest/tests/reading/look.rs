use crate::support::{delivery, profile, read};

#[test]
fn a_look_tells_dialect_header_and_shapes_but_no_value() {
    let text =
        "Levering 2025;;\nid;naam bij ons;bedrag\n1;Jansen;1,50\n2;de Vries;22,75\n3;Bakker;3,00\n";
    let (_folder, delivery) = delivery("a.csv", text.as_bytes());
    let look = ingest::look(
        &delivery.path,
        &[profile("excel_nl_csv"), profile("excel_en_csv"), profile("excel_xlsx")],
    )
    .unwrap();
    assert_eq!(look.delimiter, Some(';'));
    assert_eq!(look.headers[0].row, 2);
    assert_eq!(look.recognised, ["excel_nl_csv"]);
    let kinds: Vec<&str> = look.columns.iter().map(|column| column.shapes[0].0.as_str()).collect();
    assert_eq!(kinds, ["9", "aaaa…", "9,99"]);
    assert_eq!(look.columns[2].classes[2], 3, "decimal comma");
    let page = ingest::look_text(&look);
    for value in ["Jansen", "Vries", "Bakker", "22,75"] {
        assert!(!page.contains(value), "{value}");
        assert!(!serde_json::to_string(&look).unwrap().contains(value), "{value}");
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
    let (_folder, delivery) = delivery("a.xlsx", &bytes);
    let look = ingest::look(&delivery.path, &[profile("excel_xlsx")]).unwrap();
    assert_eq!(look.headers[0].row, 3);
    assert_eq!(look.recognised, ["excel_xlsx"]);
    assert_eq!(look.columns.len(), 3);
    assert_eq!(look.about.sheet.as_deref(), Some("Sheet1"));
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
  columns       2 kept, 1 made pseudonym, 1 personal, dropped
  cells         1 empty
  cells         1 text
  cells         2 number

  column                                  treatment             cells by class
  respnr                                  made pseudonym        1 number
  e-mail                                  personal, dropped     1 text
  q1                                      kept                  1 number
  q1 (2.)                                 kept                  1 empty
";
    assert_eq!(page.replace(&raw.about.blake3, "HASH"), expected);
    let json = serde_json::to_string(&raw.about).unwrap();
    assert_eq!(serde_json::from_str::<survey::handoff::RawAbout>(&json).unwrap(), raw.about);
}
