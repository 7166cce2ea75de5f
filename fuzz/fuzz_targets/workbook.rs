//! Any bytes as a workbook.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some((profile, file)) = fuzz::workbook_settings(bytes) {
        let _ = fuzz::check("a.xlsx", file, &profile, 256);
    }
});
