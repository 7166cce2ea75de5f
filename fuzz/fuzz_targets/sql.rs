//! Any text as a condition or as the SQL of a mart.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = fuzz::settings::sql(bytes);
});
