//! Any text as a TOML file of the settings.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = fuzz::settings::toml(bytes);
});
