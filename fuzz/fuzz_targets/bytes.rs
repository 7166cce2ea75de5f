//! Any bytes as a workbook without a profile, and as delimited text.
#![no_main]

use std::io::Cursor;

use workbook::{Limits, ReadSeek, Row, Workbook};

const LIMITS: Limits = Limits {
    columns: 300,
    cells: 100_000,
    row_bytes: 1 << 15,
    uncompressed_bytes: 1 << 22,
    archive_entries: 100,
    threads: 1,
    shared_strings: 10_000,
    memory_bytes: 1 << 21,
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(rows) = workbook::text::all_rows(bytes, b';', b'"') {
        assert!(rows.windows(2).all(|pair| pair[0].line < pair[1].line));
    }
    let owned = bytes.to_vec();
    let open = || Ok(Box::new(Cursor::new(owned.clone())) as Box<dyn ReadSeek>);
    let Ok(mut workbook) = Workbook::open(Box::new(open), LIMITS) else { return };
    let names: Vec<String> = workbook.sheets().iter().map(|sheet| sheet.name.clone()).collect();
    for name in names.iter().take(20) {
        let Ok(mut sheet) = workbook.sheet(name) else { continue };
        let mut row = Row::default();
        while let Ok(true) = sheet.rows.next(&mut row) {
            assert!(row.width() <= LIMITS.columns && row.bytes() <= LIMITS.row_bytes);
        }
        let _ = (sheet.merged)();
    }
});
