//! calamine as second reader: at the cells of other writers' workbooks it sees what ingest sees, but for what is kept as text.

use std::fmt::Write;
use std::path::PathBuf;

use ingest::{Delivery, Limits, read_twice};

use crate::support::{key, profile};

/// `UPDATE_EXPECTED=1` rewrites what is expected; each line is a difference that was looked into.
#[test]
fn a_second_reader_sees_the_same_cells_but_for_those_that_are_listed() {
    let torture = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/torture");
    let files = std::fs::read_dir(torture.join("files")).unwrap();
    let mut names: Vec<String> =
        files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let (mut read, mut alike, mut found) = (0, 0, String::new());
    // The files of `make_binary.py` hold lengths that nobody should believe: calamine asks for that much memory, and the process ends.
    names.retain(|name| !name.starts_with("biff"));
    for name in names.iter().filter(|name| name.contains(".xls") || name.contains(".ods")) {
        let delivery = Delivery::new("test", torture.join("files").join(name));
        let twice = read_twice(&delivery, &profile("excel_xlsx"), &key(), &Limits::default());
        let Ok(reading) = twice else { continue };
        read += 1;
        alike += reading.cells_alike;
        if reading.gave_up || !reading.otherwise.is_empty() {
            let _ = write!(found, "## {name}\n{reading}");
        }
    }
    assert!(read >= 40 && alike >= 500, "{read} workbooks, {alike} cells alike");
    let expected = torture.join("second_reader.txt");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&expected, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(expected).unwrap());
}
