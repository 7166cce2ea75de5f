//! Any XML as the parts of an xlsx that is whole.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some((profile, parts)) = fuzz::workbook_settings(bytes) {
        let _ = fuzz::check("a.xlsx", &fuzz::workbook_of(parts), &profile, 256);
    }
});
