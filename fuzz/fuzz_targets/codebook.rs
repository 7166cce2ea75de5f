//! Any text as a table of the codebook.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = fuzz::settings::codebook(bytes);
});
