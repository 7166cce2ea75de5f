//! Reads every workbook of a folder twice, here and by calamine, and compares all cells with the list of known differences:
//! `corpus FOLDER LIST` fails where the list does not say the same; `corpus FOLDER LIST write` writes it, its reasons kept.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its output is its purpose")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use calamine::{Data, Range, Reader, open_workbook_auto_from_rs};
use workbook::{Address, Kind, Limits, ReadSeek, Row, SheetKind, Workbook};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A difference without its reason: file, sheet, what is here, what is there, cells, the first of them.
type Difference = [String; 6];

const COLUMNS: [&str; 7] = ["file", "sheet", "here", "there", "cells", "first", "reason"];
const UNEXPLAINED: &str = "NOT LOOKED INTO";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["one", file] => one(Path::new(file)).map(|()| true),
        [folder, list] => compare_all(Path::new(folder), Path::new(list), false),
        [folder, list, "write"] => compare_all(Path::new(folder), Path::new(list), true),
        _ => Err("usage: corpus FOLDER LIST [write]".into()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads each file in a process of its own, since calamine ends the process where a file names more memory than there is.
fn compare_all(folder: &Path, list: &Path, writes: bool) -> Result<bool> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    files.sort();
    let (mut found, mut alike) = (BTreeSet::new(), 0_u64);
    for file in files.iter().filter(|file| is_workbook_name(file)) {
        let run = Command::new(std::env::current_exe()?).arg("one").arg(file).output()?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !run.status.success() {
            found.insert(whole_file(&name, "read or refused", "ends the process"));
            continue;
        }
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&*run.stdout);
        for record in reader.deserialize() {
            let (difference, cells): (Difference, u64) = record?;
            alike += cells;
            if cells == 0 {
                found.insert(difference);
            }
        }
    }
    let known = known(list)?;
    println!("{} workbooks, {alike} cells alike, {} kinds of difference", files.len(), found.len());
    if writes {
        write(list, &found, &known)?;
        return Ok(true);
    }
    let unlisted = found.iter().filter(|one| !known.contains_key(*one));
    let gone = known.keys().filter(|one| !found.contains(*one));
    let unexplained = known.iter().filter(|(_, reason)| reason.as_str() == UNEXPLAINED);
    let lines: Vec<String> = unlisted
        .map(|one| format!("not listed: {}", one.join(" | ")))
        .chain(gone.map(|one| format!("listed and not found: {}", one.join(" | "))))
        .chain(unexplained.map(|(one, _)| format!("without a reason: {}", one.join(" | "))))
        .collect();
    for line in &lines {
        println!("{line}");
    }
    Ok(lines.is_empty())
}

fn is_workbook_name(file: &Path) -> bool {
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["xlsx", "xlsm", "xlam", "xlsb", "xls", "xla", "ods"].contains(&extension)
}

fn known(list: &Path) -> Result<BTreeMap<Difference, String>> {
    let mut known = BTreeMap::new();
    if list.exists() {
        for record in csv::Reader::from_path(list)?.deserialize() {
            let (difference, reason): (Difference, String) = record?;
            known.insert(difference, reason);
        }
    }
    Ok(known)
}

fn write(
    list: &Path,
    found: &BTreeSet<Difference>,
    known: &BTreeMap<Difference, String>,
) -> Result<()> {
    let mut writer = csv::Writer::from_path(list)?;
    writer.write_record(COLUMNS)?;
    for difference in found {
        let reason = known.get(difference).map_or(UNEXPLAINED, String::as_str);
        writer.serialize((difference, reason))?;
    }
    Ok(writer.flush()?)
}

fn whole_file(file: &str, here: &str, there: &str) -> Difference {
    [file, "", here, there, "", ""].map(str::to_owned)
}

/// Prints the differences of one file, and of each sheet the number of cells that are alike.
fn one(file: &Path) -> Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut out = csv::Writer::from_writer(std::io::stdout());
    let limits = limits();
    let open = || Ok(Box::new(BufReader::new(File::open(file)?)) as Box<dyn ReadSeek>);
    let mut calamine = open_workbook_auto_from_rs(Cursor::new(std::fs::read(file)?)).ok();
    let mut here = match Workbook::open(Box::new(open), limits) {
        Ok(here) => here,
        Err(error) => {
            let there = if calamine.is_some() { "opens it" } else { "refuses it" };
            if calamine.is_some() {
                out.serialize((whole_file(&name, &format!("refused: {error}"), there), 0))?;
            }
            return Ok(out.flush()?);
        }
    };
    let sheets: Vec<String> = here
        .sheets()
        .iter()
        .filter(|sheet| sheet.kind == SheetKind::Worksheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let Some(calamine) = &mut calamine else {
        out.serialize((whole_file(&name, "opened", "refuses it"), 0))?;
        return Ok(out.flush()?);
    };
    for sheet in sheets {
        let range = calamine.worksheet_range(&sheet);
        let (alike, others) = match (cells_of(&mut here, &sheet), range) {
            (Ok(cells), Ok(range)) => compare(&cells, &range),
            (Err(error), Ok(_)) => (0, [(told(&error), "reads it")].map(whole_sheet).into()),
            (Ok(_), Err(_)) => (0, [("reads it".to_owned(), "refuses it")].map(whole_sheet).into()),
            (Err(_), Err(_)) => continue,
        };
        for ((here, there), (cells, first)) in others {
            let cells = if cells == 0 { String::new() } else { cells.to_string() };
            out.serialize(([&*name, &sheet, &here, &there, &cells, &first], 0))?;
        }
        if alike > 0 {
            out.serialize(([&*name, &sheet, "", "", "", ""], alike))?;
        }
    }
    Ok(out.flush()?)
}

type Others = BTreeMap<(String, String), (u64, String)>;

fn whole_sheet((here, there): (String, &str)) -> ((String, String), (u64, String)) {
    ((here, there.to_owned()), (0, String::new()))
}

fn told(error: &workbook::Error) -> String {
    format!("refused: {error}")
}

fn limits() -> Limits {
    Limits {
        columns: 16_384,
        cells: 50_000_000,
        row_bytes: 64 << 20,
        uncompressed_bytes: 1 << 30,
        archive_entries: 10_000,
        threads: 2,
        shared_strings: 20_000_000,
        memory_bytes: 1 << 28,
    }
}

type Cells = BTreeMap<(u32, u32), (Kind, String)>;

fn cells_of(
    workbook: &mut Workbook<'_>,
    sheet: &str,
) -> std::result::Result<Cells, workbook::Error> {
    let mut sheet = workbook.sheet(sheet)?;
    let (mut row, mut cells) = (Row::default(), Cells::new());
    while sheet.rows.next(&mut row)? {
        for column in 0..row.width() {
            let text = String::from_utf8_lossy(row.text(column)).into_owned();
            if row.kind(column) != Kind::Empty || !text.is_empty() {
                cells.insert((row.number, column as u32), (row.kind(column), text));
            }
        }
    }
    Ok(cells)
}

fn compare(cells: &Cells, range: &Range<Data>) -> (u64, Others) {
    let (mut alike, mut others) = (0, Others::new());
    let mut differ = |here: &str, there: &str, (row, column): (u32, u32)| {
        let first = || Address { row, column }.to_string();
        let names = (here.to_owned(), there.to_owned());
        others.entry(names).or_insert_with(|| (0, first())).0 += 1;
    };
    for (place, (kind, text)) in cells {
        let other = range.get_value(*place).unwrap_or(&Data::Empty);
        if is_alike(*kind, text, other) {
            alike += 1;
        } else {
            differ(&format!("{kind:?}"), kind_there(other), *place);
        }
    }
    let start = range.start().unwrap_or_default();
    for (row, column, other) in range.used_cells() {
        let place = (start.0 + row as u32, start.1 + column as u32);
        let is_blank = matches!(other, Data::String(text) if text.trim().is_empty());
        if !cells.contains_key(&place) && !is_blank {
            differ("Empty", kind_there(other), place);
        }
    }
    (alike, others)
}

/// Texts but for space around them, numbers by their double, dates as such: each reader has a calendar of its own.
fn is_alike(kind: Kind, text: &str, other: &Data) -> bool {
    match (kind, other) {
        (Kind::Empty, Data::String(other)) => other.trim().is_empty(),
        (Kind::Text, Data::String(other)) => text.trim() == other.trim(),
        (Kind::Number, Data::Float(other)) => text.parse() == Ok(*other),
        (Kind::Number, Data::Int(other)) => text.parse() == Ok(*other),
        (Kind::Bool, Data::Bool(other)) => text == if *other { "TRUE" } else { "FALSE" },
        (Kind::Error, Data::Error(other)) => text == other.to_string(),
        (Kind::Empty, Data::Empty)
        | (Kind::Date, Data::DateTime(_) | Data::DateTimeIso(_) | Data::DurationIso(_)) => true,
        _ => false,
    }
}

fn kind_there(other: &Data) -> &'static str {
    match other {
        Data::Empty => "Empty",
        Data::String(_) => "Text",
        Data::Float(_) | Data::Int(_) => "Number",
        Data::Bool(_) => "Bool",
        Data::Error(_) => "Error",
        Data::DateTime(_) | Data::DateTimeIso(_) | Data::DurationIso(_) => "Date",
    }
}
