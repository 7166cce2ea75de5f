//! Rows passed on batch by batch are the rows of the whole table.

use std::io;

use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use config::ExportProfile;
use ingest::{Batches, Limits};
use survey::{Hinted, Raw, columns};

use crate::support::{delivery, findings, key, plain_csv, profile};

/// Keeps all batches, and counts how often the reading began.
#[derive(Default)]
pub struct Collected {
    pub schema: Option<SchemaRef>,
    pub batches: Vec<RecordBatch>,
    pub begun: u32,
}

impl Batches for Collected {
    fn begin(&mut self, schema: &SchemaRef) -> io::Result<()> {
        self.schema = Some(schema.clone());
        self.batches.clear();
        self.begun += 1;
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> io::Result<()> {
        self.batches.push(batch);
        Ok(())
    }
}

/// Reads in pieces of so many bytes; the result must be that of reading the whole.
pub fn check(file: &str, bytes: &[u8], profile: &ExportProfile, piece: usize) -> (Raw, Collected) {
    let (_folder, delivery) = delivery(file, bytes);
    let limits = Limits { segment_bytes: piece, ..Limits::default() };
    let whole = ingest::read(&delivery, profile, &key()).unwrap();
    let mut collected = Collected::default();
    let streamed =
        ingest::read_in_batches(&delivery, profile, &key(), &limits, &mut collected).unwrap();
    let table = concat_batches(collected.schema.as_ref().unwrap(), &collected.batches).unwrap();
    assert_eq!(table, whole.table, "pieces of {piece} bytes");
    assert_eq!(streamed.about, whole.about);
    assert_eq!(streamed.findings, whole.findings);
    assert_eq!(streamed.table.num_rows(), 0);
    assert_eq!(streamed.table.schema(), whole.table.schema());
    (whole, collected)
}

const PIECES: [usize; 4] = [40, 128, 1000, 1 << 20];

#[test]
fn batches_joined_are_the_whole_table() {
    let mut text = String::from("id,a,b\n");
    for row in 0..500 {
        let cell = ["\"x\ny\"", "5\" wide", "", "#N/A", "\"say \"\"no\"\"\""][row % 5];
        text.push_str(&format!("{row},{cell},{}\n", row * 7));
    }
    for piece in PIECES {
        let (_, collected) = check("a.csv", text.as_bytes(), &plain_csv(), piece);
        assert_eq!(collected.begun, 1);
        assert!(piece > 1000 || collected.batches.len() > 5);
    }
}

/// Codes and texts with a quotation mark that strays in the middle, so that pieces are cut once more from there on.
fn astray() -> String {
    let mut text = String::from("id,a,b\n");
    for row in 0..2000 {
        let cell = ["1", "", "a longer answer, in words", "#N/A", "\"x\ny\""][row % 5];
        let cell = if row == 900 { "5\" wide" } else { cell };
        text.push_str(&format!("{row},{},{cell}\n", row % 7));
    }
    text
}

/// What is passed on with so many threads and so much memory, batch by batch; else the error.
fn passed_on(
    delivery: &ingest::Delivery,
    limits: &Limits,
    threads: usize,
) -> Result<Vec<RecordBatch>, String> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let mut collected = Collected::default();
        ingest::read_in_batches(delivery, &plain_csv(), &key(), limits, &mut collected)
            .map_err(|error| error.with_hints())?;
        Ok(collected.batches)
    })
}

const MACHINES: [(usize, usize); 5] =
    [(1, 0), (1, 1 << 29), (2, 1 << 14), (3, 1 << 29), (8, 1 << 29)];

#[test]
fn batches_depend_neither_on_threads_nor_on_memory() {
    let (_folder, delivery) = delivery("a.csv", astray().as_bytes());
    for segment_bytes in [300, 5000, 1 << 20] {
        let limits = Limits { segment_bytes, ..Limits::default() };
        let expected = passed_on(&delivery, &limits, 1).unwrap();
        assert_eq!(expected.iter().map(RecordBatch::num_rows).sum::<usize>(), 2000);
        assert!(segment_bytes > 5000 || expected.len() > 5);
        for (threads, memory_bytes) in MACHINES {
            let limits = Limits { memory_bytes, ..limits.clone() };
            assert_eq!(passed_on(&delivery, &limits, threads).unwrap(), expected);
        }
    }
}

#[test]
fn the_line_of_an_error_depends_neither_on_threads_nor_on_memory_nor_on_pieces() {
    let rows = |from: usize, to: usize| -> String {
        (from..to).map(|row| format!("{row},some words\n")).collect()
    };
    let never_closed = format!("id,a\n{}x,\"y\n{}", rows(0, 500), rows(500, 540));
    let runs_on = format!("id,a\n{}x,\"y\n{}", rows(0, 500), rows(500, 900));
    let not_utf8 = [rows(0, 500).as_bytes(), b"x,\xff\n", rows(500, 900).as_bytes()].concat();
    let not_utf8 = [b"id,a\n\xc3\xa9,x\n".to_vec(), not_utf8].concat();
    let too_long = format!("id,a\n{}x,{}\n{}", rows(0, 500), "y".repeat(4000), rows(500, 900));
    for (bytes, line) in [
        (never_closed.as_bytes(), "line 502: a quoted field opens in this record"),
        (runs_on.as_bytes(), "bytes in the record of line 502: found 2001"),
        (&not_utf8, "line 503: found bytes that are not UTF-8"),
        (too_long.as_bytes(), "bytes in the record of line 502: found 2001"),
    ] {
        let (_folder, delivery) = delivery("a.csv", bytes);
        for segment_bytes in [64, 700, 1 << 20] {
            for (threads, memory_bytes) in MACHINES {
                let limits =
                    Limits { segment_bytes, memory_bytes, record_bytes: 2000, ..Limits::default() };
                let found = passed_on(&delivery, &limits, threads).unwrap_err();
                assert!(found.contains(line), "{found}: {segment_bytes} {threads} {memory_bytes}");
            }
        }
    }
}

#[test]
fn a_value_beyond_the_last_header_begins_the_reading_anew_with_its_column() {
    let mut text = String::from("id,a\n");
    (0..200).for_each(|row| text.push_str(&format!("{row},x\n")));
    text.push_str("200,x,,far\n201,x\n");
    for piece in PIECES {
        let (whole, collected) = check("a.csv", text.as_bytes(), &plain_csv(), piece);
        assert_eq!(whole.table.num_columns(), 3 + 3 * 2);
        assert_eq!(collected.begun, 2);
    }
}

#[test]
fn an_encoding_that_does_not_fit_begins_the_reading_anew() {
    let mut text = b"id,a\n".to_vec();
    (0..200).for_each(|row| text.extend(format!("{row},x\n").bytes()));
    text.extend(b"200,caf\xe9\n");
    for piece in PIECES {
        let (whole, collected) = check("a.csv", &text, &plain_csv(), piece);
        assert_eq!(whole.about.encoding.as_deref(), Some("Windows-1252"));
        assert!(collected.begun <= 2);
    }
}

#[test]
fn rows_at_the_end_without_an_id_are_cut_however_the_text_is_cut() {
    let mut text = String::from("respnr,a\n");
    (0..50).for_each(|row| text.push_str(&format!("{row},x\n")));
    text.push('\n');
    (0..30).for_each(|_| text.push_str(",note\n"));
    for piece in PIECES {
        let (whole, _) = check("a.csv", text.as_bytes(), &profile("excel_en_csv"), piece);
        assert_eq!(whole.about.rows_out, 50);
    }
}

#[test]
fn a_sheet_in_batches_is_the_whole_sheet() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(3, 2, ["respnr", "a", "b"]).unwrap();
    for row in 4..600 {
        sheet.write(row, 2, row).unwrap();
        sheet.write(row, 3, if row % 3 == 0 { "weet niet" } else { "ja" }).unwrap();
    }
    sheet.write(598, 7, "far right").unwrap();
    sheet.write(602, 0, "Bron: bureau").unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    for piece in PIECES {
        let (whole, collected) = check("a.xlsx", &bytes, &profile("excel_xlsx"), piece);
        assert_eq!(whole.about.first_column, 2);
        assert_eq!(collected.begun, 2, "the value far right");
        assert!(piece > 1000 || collected.batches.len() > 3);
    }
}

#[test]
fn whoever_takes_the_rows_may_refuse_them() {
    struct Full;
    impl Batches for Full {
        fn begin(&mut self, _: &SchemaRef) -> io::Result<()> {
            Ok(())
        }
        fn take(&mut self, _: RecordBatch) -> io::Result<()> {
            Err(io::Error::other("no space left"))
        }
    }
    let (_folder, delivery) = delivery("a.csv", b"id,a\n1,x\n");
    let limits = Limits::default();
    let error = ingest::read_in_batches(&delivery, &plain_csv(), &key(), &limits, &mut Full);
    let expected = "test: `a.csv`: the rows cannot be passed on: no space left";
    assert_eq!(error.unwrap_err().with_hints(), expected);
}

#[test]
fn an_address_below_a_quoted_line_break_is_the_one_that_a_spreadsheet_shows() {
    let text = "sep=,\n\"a\ntitle\",\n\nid,a\n1,\"x\ny\"\n\n2,#N/A\n";
    let (whole, _) = check("a.csv", text.as_bytes(), &plain_csv(), 1 << 20);
    let places = |name: &str| {
        let column = whole.table.column_by_name(name).unwrap();
        let column = column.as_any().downcast_ref::<arrow::array::Int64Array>().unwrap();
        column.values().to_vec()
    };
    // Lines of the file: separator, title in two, blank, header, record in two, blank, record.
    assert_eq!(places(columns::RECORD), [1, 2]);
    assert_eq!(places(columns::LINE), [6, 9]);
    // Rows of the sheet: title, blank, header, record, blank, record.
    assert_eq!(places(columns::SHEET_ROW), [4, 6]);
    assert_eq!(findings(&whole), ["error_cell B6 2 9 x1", "blank_rows - - - x1"]);
    assert_eq!(whole.about.address(6, 1).to_string(), "B6");
    assert_eq!(whole.about.used_range.as_deref(), Some("A3:B6"));
}
