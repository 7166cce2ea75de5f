//! Reads a synthetic file that is made once, and says how long it took: `bench_ingest FOLDER csv|xlsx write|whole|batches`;
//! `calamine` streams the cells of the xlsx with that crate, without its wrappers in Python.
#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use config::ExportProfile;
use ingest::{Batches, Delivery, Key, Limits};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const CSV_BYTES: usize = 500_000_000;
const XLSX_ROWS: u32 = 100_000;
const COLUMNS: u32 = 100;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, kind, what] = arguments.as_slice() else {
        return Err("usage: bench_ingest FOLDER csv|xlsx write|whole|batches|calamine".into());
    };
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("bench.{kind}"));
    if what == "write" {
        return match (path.exists(), kind.as_str()) {
            (true, _) => Ok(()),
            (false, "csv") => write_csv(&path),
            (false, _) => write_xlsx(&path),
        };
    }
    let mut profile = profile(if kind == "csv" { "csv" } else { "workbook" })?;
    "bench".clone_into(&mut profile.profile);
    let key = Key::new(b"a demonstration key for benchmarks")?;
    let delivery = Delivery::new("bench", &path);
    let (start, before) = (Instant::now(), cpu_seconds()?);
    let limits = Limits::default();
    let rows = if what == "calamine" {
        calamine_rows(&path)?
    } else if what == "batches" {
        let mut counted = Counted(0);
        ingest::read_in_batches(&delivery, &profile, &key, &limits, &mut counted)?;
        counted.0
    } else {
        ingest::read_within(&delivery, &profile, &key, &limits)?.table.num_rows()
    };
    println!(
        "{{\"wall\": {:.3}, \"cpu\": {:.3}, \"rows\": {rows}}}",
        start.elapsed().as_secs_f64(),
        cpu_seconds()? - before
    );
    Ok(())
}

/// Every cell's value as calamine's streaming reader gives it; the rows below the header.
fn calamine_rows(path: &Path) -> Result<usize> {
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(path)?;
    let sheet = calamine::Reader::sheet_names(&workbook).first().cloned().unwrap_or_default();
    let mut cells = workbook.worksheet_cells_reader(&sheet)?;
    let (mut last, mut texts) = (0, 0_usize);
    while let Some(cell) = cells.next_cell()? {
        last = last.max(cell.get_position().0);
        texts += usize::from(*cell.get_value() != calamine::DataRef::Empty);
    }
    if texts == 0 { Err("no cells".into()) } else { Ok(last as usize) }
}

/// Lets go of every batch once its rows are counted.
struct Counted(usize);

impl Batches for Counted {
    fn begin(&mut self, _: &SchemaRef) -> std::io::Result<()> {
        self.0 = 0;
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> std::io::Result<()> {
        self.0 += batch.num_rows();
        Ok(())
    }
}

/// CPU time of this process so far, user and system: hundredths of a second.
fn cpu_seconds() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / 100.0)
}

fn profile(container: &str) -> Result<ExportProfile> {
    Ok(serde_json::from_value(serde_json::json!({
        "label": "bench", "container": container, "id": ["id"],
        "csv": { "delimiter": ";" }, "values": { "decimal_comma": true },
    }))?)
}

/// Small steps of a linear congruential generator: the file is the same every time.
struct Steps(u64);

impl Steps {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// An id, 75 codes, 10 decimals with a comma, 14 texts of which some hold quotation marks and line ends.
fn write_csv(path: &Path) -> Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let mut steps = Steps(1);
    let headers: Vec<String> = (0..COLUMNS)
        .map(|column| if column == 0 { "id".to_owned() } else { format!("q{column}") })
        .collect();
    writeln!(out, "{}", headers.join(";"))?;
    let mut written = 0;
    let mut line = String::new();
    for row in 0_u64.. {
        line.clear();
        write!(line, "{row}")?;
        for column in 1..COLUMNS {
            line.push(';');
            match column {
                1..=75 => write!(line, "{}", steps.below(if column % 5 == 0 { 100 } else { 7 }))?,
                76..=85 => write!(line, "{},{:02}", steps.below(50), steps.below(100))?,
                86 if steps.below(50) == 0 => {
                    line.push_str("\"a \"\"quoted\"\" answer;\nover two lines\"");
                }
                _ if steps.below(4) == 0 => {}
                _ => line.push_str(
                    ["weet niet", "ja, helemaal mee eens", "nee", "soms een beetje oneens"]
                        [steps.below(4) as usize],
                ),
            }
        }
        line.push('\n');
        out.write_all(line.as_bytes())?;
        written += line.len();
        if written > CSV_BYTES {
            break;
        }
    }
    Ok(out.flush()?)
}

fn write_xlsx(path: &Path) -> Result<()> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let mut steps = Steps(2);
    for column in 0..COLUMNS as u16 {
        let header = if column == 0 { "id".to_owned() } else { format!("q{column}") };
        sheet.write_string(0, column, header)?;
    }
    for row in 1..=XLSX_ROWS {
        for column in 0..COLUMNS as u16 {
            match column {
                0 => sheet.write_number(row, column, row)?,
                1..=85 => sheet.write_number(row, column, steps.below(7) as f64)?,
                86..=90 => sheet.write_number(row, column, steps.below(1000) as f64 / 8.0)?,
                _ => sheet.write_string(
                    row,
                    column,
                    ["weet niet", "ja", "nee", "soms"][steps.below(4) as usize],
                )?,
            };
        }
    }
    Ok(workbook.save(path)?)
}
