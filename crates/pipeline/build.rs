//! Tells the program which sources it is built from.

#[path = "src/sources.rs"]
mod sources;

use std::path::PathBuf;
use std::process::Command;

fn main() -> std::io::Result<()> {
    let variable = |name: &str| std::env::var_os(name).unwrap_or_default();
    let compiler = Command::new(variable("RUSTC")).arg("--version").output()?;
    let compiler = String::from_utf8_lossy(&compiler.stdout).trim().to_owned();
    let sources = sources::Sources::of(&PathBuf::from(variable("CARGO_MANIFEST_DIR")))?;
    // Cargo runs this again where one of them is newer than its last run, also where a file was added to a folder.
    for path in sources.files.iter().map(|(_, path)| path).chain(&sources.folders) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    println!("cargo::rustc-env=PEIL_COMPILER={compiler}");
    println!("cargo::rustc-env=PEIL_SOURCES={}", sources.hash(&compiler)?);
    Ok(())
}
