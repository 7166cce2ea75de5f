//! What must hold of every file, however hostile: an error within the limits, or every record and cell accounted for.

pub mod encodings;
pub mod settings;

use std::io::{self, Cursor, Write};
use std::path::PathBuf;
use std::sync::OnceLock;

use arrow::array::{Array, Int8Array, Int64Array, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use ingest::{Batches, Delivery, Error, Key, Limits};
use config::ExportProfile;
use config::export::{Container, Encoding, SheetChoice};
use survey::date::{DateOrder};
use survey::handoff::Treatment;
use survey::{Raw, columns};

/// Small enough that a file of a few kilobytes can reach each of them.
pub fn limits() -> Limits {
    Limits {
        record_bytes: 1 << 12,
        columns: 300,
        rows: 5_000,
        cells: 100_000,
        uncompressed_bytes: 1 << 22,
        archive_entries: 100,
        threads: 1,
        shared_strings: 10_000,
        memory_bytes: 1 << 22,
        ..Limits::default()
    }
}

pub fn profile(container: Container) -> ExportProfile {
    let text = "label = \"fuzz\"\ncontainer = \"csv\"\nid = [\"id\", \"respnr\"]";
    let mut profile: ExportProfile = toml::from_str(text).expect("a profile");
    "fuzz".clone_into(&mut profile.profile);
    profile.container = container;
    profile.values.date_orders = vec![DateOrder::Ymd, DateOrder::Dmy];
    profile.footer.starts_with = vec!["Totaal".to_owned(), "Bron:".to_owned()];
    profile.personal.columns = vec!["naam".to_owned()];
    profile
}

/// Settings out of the first three bytes, then the file.
pub fn csv_settings(bytes: &[u8]) -> Option<(ExportProfile, usize, &[u8])> {
    let ([first, second, third], rest) = bytes.split_first_chunk()?;
    let mut profile = profile(Container::Csv);
    profile.csv.delimiter = [',', ';', '\t', '|'][usize::from(first & 3)];
    profile.csv.quote = if first & 4 == 0 { '"' } else { '\'' };
    profile.csv.encoding = match first >> 4 {
        0 => Encoding::Utf8,
        1 => Encoding::Utf16,
        2 => Encoding::Windows1252,
        3 => Encoding::Latin1,
        _ => Encoding::Detect,
    };
    profile.footer.without_id_after_blank = second & 1 != 0;
    profile.header.cut_repeats = second & 2 != 0;
    profile.values.decimal_comma = second & 4 != 0;
    profile.values.thousands = second & 8 != 0;
    if second & 16 != 0 {
        (profile.header.rows, profile.header.join_row, profile.header.fill_right) =
            (2, Some(2), true);
    }
    if second & 32 != 0 {
        profile.header.first_row = Some(u32::from(second >> 6) + 1);
    }
    Some((profile, 16 + usize::from(*third) * 4, rest))
}

pub fn workbook_settings(bytes: &[u8]) -> Option<(ExportProfile, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let mut profile = profile(Container::Workbook);
    profile.footer.without_id_after_blank = first & 1 != 0;
    if first & 2 != 0 {
        (profile.header.rows, profile.header.name_row) = (2, 2);
    }
    profile.workbook.sheet = match (first >> 2) & 3 {
        0 | 1 => SheetChoice::FirstVisible,
        2 => SheetChoice::OnlyVisible,
        _ => SheetChoice::Like("*a*".to_owned()),
    };
    Some((profile, rest))
}

/// A workbook whose only sheet, list of shared texts and list of sheets are these, cut at the byte 0xff.
pub fn workbook_of(parts: &[u8]) -> Vec<u8> {
    let mut parts = parts.split(|byte| *byte == 0xff);
    let mut next = || parts.next().unwrap_or_default();
    let (sheet, shared, extra, styles) = (next(), next(), next(), next());
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, pieces: &[&[u8]]| {
        let stored = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        zip.start_file(name, stored).expect("a part");
        pieces.iter().for_each(|piece| zip.write_all(piece).expect("a piece"));
    };
    part(
        "[Content_Types].xml",
        &[format!("<Types xmlns=\"{package}/content-types\"/>").as_bytes()],
    );
    let root = format!(
        "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    part("_rels/.rels", &[root.as_bytes()]);
    let relations = format!(
        "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"{office}/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"rId3\" Type=\"{office}/styles\" Target=\"styles.xml\"/></Relationships>"
    );
    part("xl/_rels/workbook.xml.rels", &[relations.as_bytes()]);
    let open = format!("<workbook xmlns=\"{main}\" xmlns:r=\"{office}\">");
    part(
        "xl/workbook.xml",
        &[
            open.as_bytes(),
            extra,
            b"<sheets><sheet name=\"Data\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
        ],
    );
    let open = format!("<styleSheet xmlns=\"{main}\">");
    part("xl/styles.xml", &[open.as_bytes(), styles, b"<cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"]);
    part("xl/sharedStrings.xml", &[shared]);
    let open = format!("<worksheet xmlns=\"{main}\">");
    part("xl/worksheets/sheet1.xml", &[open.as_bytes(), sheet, b"</worksheet>"]);
    zip.finish().expect("a workbook").into_inner()
}

/// Reads the file whole and in batches of this size; both say the same.
pub fn check(
    file: &str,
    bytes: &[u8],
    profile: &ExportProfile,
    batch: usize,
) -> (Result<Raw, Error>, Result<Raw, Error>) {
    static FOLDER: OnceLock<(tempfile::TempDir, Key)> = OnceLock::new();
    let (folder, key) = FOLDER.get_or_init(|| {
        // One thread: a crash then has one stack.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(1).build_global();
        let shared = PathBuf::from("/dev/shm");
        let folder =
            if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() };
        (folder.expect("a folder"), Key::new(b"a key of the fuzz targets").expect("a key"))
    });
    let path = folder.path().join(file);
    std::fs::write(&path, bytes).expect("a file");
    let delivery = Delivery::new("fuzz", &path);
    let whole = ingest::read_within(&delivery, profile, key, &limits());
    let mut taken = Taken::default();
    let small = Limits { segment_bytes: batch, ..limits() };
    let streamed = ingest::read_in_batches(&delivery, profile, key, &small, &mut taken);
    match (&whole, &streamed) {
        (Ok(whole), Ok(streamed)) => {
            accounted(whole, bytes);
            let schema = taken.schema.expect("the reading began");
            let table = concat_batches(&schema, &taken.batches).expect("one schema");
            assert_eq!(table, whole.table);
            assert_eq!(streamed.about, whole.about);
            assert_eq!(streamed.findings, whole.findings);
        }
        (Err(whole), Err(streamed)) => {
            let _ = (whole.to_string(), streamed.to_string());
        }
        (whole, streamed) => {
            let (whole, streamed) = (whole.as_ref().map(drop), streamed.as_ref().map(drop));
            panic!("whole: {whole:?}, in batches: {streamed:?}")
        }
    }
    (whole, streamed)
}

/// Rows and cells add up, every text is whole, places only grow.
fn accounted(raw: &Raw, bytes: &[u8]) {
    let about = &raw.about;
    let rows = raw.table.num_rows() as u64;
    assert_eq!(about.rows_out, rows);
    assert_eq!(about.rows_in, rows + about.rows_cut.values().sum::<u64>(), "{:?}", about.rows_cut);
    let lossless = !bytes.windows(3).any(|window| window == "\u{fffd}".as_bytes());
    for column in &about.columns {
        assert_eq!(column.classes.iter().sum::<u64>(), rows, "cells of column {}", column.position);
        if column.treatment == Treatment::DroppedPersonal {
            continue;
        }
        let array = |name: fn(u32) -> String| raw.table.column_by_name(&name(column.position));
        let texts =
            array(columns::text).and_then(|array| array.as_any().downcast_ref::<StringArray>());
        let classes =
            array(columns::class).and_then(|array| array.as_any().downcast_ref::<Int8Array>());
        let (texts, classes) = texts.zip(classes).expect("a text and a class");
        let mut counts = [0_u64; 7];
        classes.values().iter().for_each(|class| counts[*class as usize] += 1);
        assert_eq!(counts, column.classes);
        if about.container == "csv" && about.encoding.as_deref() == Some("UTF-8") && lossless {
            assert!(texts.iter().flatten().all(|text| !text.contains('\u{fffd}')));
        }
    }
    for name in [columns::RECORD, columns::LINE, columns::SHEET_ROW] {
        let places = raw.table.column_by_name(name).expect("a place");
        let places = places.as_any().downcast_ref::<Int64Array>().expect("whole numbers");
        assert!(places.values().iter().all(|place| *place > 0));
        assert!(places.values().windows(2).all(|pair| pair[0] < pair[1]), "{name}");
    }
}

#[derive(Default)]
struct Taken {
    schema: Option<SchemaRef>,
    batches: Vec<RecordBatch>,
}

impl Batches for Taken {
    fn begin(&mut self, schema: &SchemaRef) -> io::Result<()> {
        self.schema = Some(schema.clone());
        self.batches.clear();
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> io::Result<()> {
        self.batches.push(batch);
        Ok(())
    }
}
