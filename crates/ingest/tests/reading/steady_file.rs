//! A delivery is one thing: a file with an end, that nobody writes while it is read.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use ingest::{Batches, Delivery, Error, Limits, MinimumAge};

use crate::support::{delivery, key, plain_csv, profile, read, rows};

/// Counts rows, and writes the file anew while its first rows pass, as often as there are texts.
struct Writer {
    path: PathBuf,
    texts: Vec<Vec<u8>>,
    rows: usize,
    begun: usize,
}

impl Batches for Writer {
    fn begin(&mut self, _: &SchemaRef) -> io::Result<()> {
        self.begun += 1;
        self.rows = 0;
        if let Some(text) = self.texts.pop() {
            std::fs::write(&self.path, text)?;
        }
        Ok(())
    }

    fn take(&mut self, batch: RecordBatch) -> io::Result<()> {
        self.rows += batch.num_rows();
        Ok(())
    }
}

fn written(first: &[u8], then: &[&[u8]]) -> (Result<survey::Raw, Error>, Writer) {
    let (_folder, delivery) = delivery("a.csv", first);
    let texts = then.iter().rev().map(|text| text.to_vec()).collect();
    let mut writer = Writer { path: delivery.path.clone(), texts, rows: 0, begun: 0 };
    let limits = Limits::default();
    let raw = ingest::read_in_batches(&delivery, &plain_csv(), &key(), &limits, &mut writer);
    (raw, writer)
}

#[test]
fn a_file_that_grows_while_it_is_read_is_read_again() {
    let whole = b"id,a\n1,x\n2,y\n3,z\n";
    let (raw, writer) = written(b"id,a\n1,x\n", &[whole]);
    let raw = raw.unwrap();
    assert_eq!((writer.rows, writer.begun, raw.about.rows_out), (3, 2, 3));
    assert_eq!((raw.about.bytes, &raw.about.blake3), (17, &blake3_of(whole)));
}

#[test]
fn what_is_wrong_with_half_a_file_is_not_told_of_one_that_is_still_written() {
    let rows: String = (0..200).map(|row| format!("{row},x\n")).collect();
    let half = format!("id,a\n{rows}200,\"y");
    let whole = format!("{half}\"\n");
    let (raw, writer) = written(half.as_bytes(), &[whole.as_bytes()]);
    assert_eq!((raw.unwrap().about.rows_out, writer.rows), (201, 201));
    assert!(matches!(written(half.as_bytes(), &[]).0, Err(Error::QuoteNeverClosed { .. })));
}

fn blake3_of(bytes: &[u8]) -> String {
    read("a.csv", bytes, &plain_csv()).unwrap().about.blake3
}

#[test]
fn a_file_that_changes_each_time_it_is_read_is_refused() {
    let changed = |raw| matches!(raw, Err(Error::Changed { .. }));
    assert!(changed(written(b"id,a\n1,x\n", &[b"id,a\n1,x\n2,y\n", b"id,a\n1,x\n2,y\n3,z\n"]).0));
    // Also where neither size nor clock tell: as many bytes, within one tick.
    assert!(changed(written(b"id,a\n1,x\n", &[b"id,a\n1,y\n", b"id,a\n1,z\n"]).0));
}

/// Puts another file in its place when its rows begin.
struct Replacer(Option<(PathBuf, PathBuf)>, usize);
impl Batches for Replacer {
    fn begin(&mut self, _: &SchemaRef) -> io::Result<()> {
        self.1 = 0;
        self.0.take().map_or(Ok(()), |(from, to)| std::fs::rename(from, to))
    }

    fn take(&mut self, batch: RecordBatch) -> io::Result<()> {
        self.1 += batch.num_rows();
        Ok(())
    }
}

#[test]
fn a_workbook_that_is_replaced_while_it_is_read_is_read_again() {
    let one = crate::workbook::simple(&[&["respnr", "a"], &["1", "x"]]);
    let two = crate::workbook::simple(&[&["respnr", "a"], &["1", "x"], &["2", "y"]]);
    let (folder, delivery) = delivery("a.xlsx", &one);
    let replaced = folder.path().join("b.xlsx");
    std::fs::write(&replaced, &two).unwrap();
    let mut replacer = Replacer(Some((replaced, delivery.path.clone())), 0);
    let limits = Limits::default();
    let by = profile("excel_xlsx");
    let raw = ingest::read_in_batches(&delivery, &by, &key(), &limits, &mut replacer).unwrap();
    assert_eq!((replacer.1, raw.about.rows_out), (2, 2));
}

#[cfg(unix)]
fn refused_at_once(path: &Path, expected: &str) {
    let delivery = Delivery::new("test", path);
    for by in ["excel_nl_csv", "excel_xlsx"] {
        let error = ingest::read(&delivery, &profile(by), &key()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let error = ingest::look(&delivery, &ingest::Known::default(), None).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[cfg(unix)]
#[test]
fn pipes_devices_sockets_and_folders_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.csv");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    refused_at_once(&pipe, "found a named pipe, expected a file");
    let link = folder.path().join("link.csv");
    std::os::unix::fs::symlink(&pipe, &link).unwrap();
    refused_at_once(&link, "found a named pipe, expected a file");
    let socket = folder.path().join("socket.csv");
    let _socket = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    refused_at_once(&socket, "found a socket, expected a file");
    refused_at_once(Path::new("/dev/zero"), "found a device, expected a file");
    refused_at_once(folder.path(), "found a folder, expected a file");
}

#[test]
fn another_number_of_rows_than_the_supplier_says_is_refused() {
    let text = b"id,a\n1,x\n\n2,y\nTotaal,2\n";
    let mut by = plain_csv();
    by.footer.starts_with = vec!["Totaal".to_owned()];
    let (_folder, mut delivery) = delivery("a.csv", text);
    for (expected_rows, fits) in [(None, true), (Some(2), true), (Some(1), false), (Some(3), false)]
    {
        delivery.expected_rows = expected_rows;
        let raw = ingest::read(&delivery, &by, &key());
        assert_eq!(raw.is_ok(), fits, "{expected_rows:?}");
        if let Err(error) = raw {
            let expected = format!("2 rows, expected {}", expected_rows.unwrap());
            assert!(error.to_string().contains(&expected), "{error}");
        }
    }
}

#[test]
fn a_file_that_was_changed_a_moment_ago_is_refused() {
    let (_folder, mut delivery) = delivery("a.csv", b"id,a\n1,x\n");
    let modified = std::fs::metadata(&delivery.path).unwrap().modified().unwrap();
    let mut read_at = |now: SystemTime, age: u64| {
        delivery.minimum_age = Some(MinimumAge { age: Duration::from_secs(age), now });
        ingest::read(&delivery, &plain_csv(), &key())
    };
    assert_eq!(rows(&read_at(modified + Duration::from_mins(1), 60).unwrap()).len(), 1);
    let error = read_at(modified + Duration::from_secs(20), 60).unwrap_err().to_string();
    assert!(error.contains("changed 20 s ago, expected at least 60 s"), "{error}");
    // A clock that is behind the file's makes it new, not old.
    assert!(read_at(modified - Duration::from_hours(1), 60).is_err());
    assert!(read_at(modified, 0).is_ok());
}
