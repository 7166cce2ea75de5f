//! Any text in any encoding, as declared or otherwise, whole or broken.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(case) = fuzz::encodings::settings(bytes) {
        fuzz::encodings::check(&case);
    }
});
