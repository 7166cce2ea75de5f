//! Any bytes as delimited text in any dialect, cut at any place.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some((profile, batch, file)) = fuzz::csv_settings(bytes) {
        let _ = fuzz::check("a.csv", file, &profile, batch);
    }
});
