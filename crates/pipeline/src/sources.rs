//! The version of every stage: a hash of the sources that the program is built from, worked out when it is built.
//!
//! `build.rs` compiles this file too. Only contents count, never a time or the folder that the sources lie in, so that two
//! machines with the same sources agree.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Crates from which no stage is made: they call the stages, or stand beside them.
const BESIDE: [&str; 6] = ["cli", "cloud", "report", "sample", "golden", "start"];

/// Folders of a crate that are not part of what it is when a program is built from it.
const NOT_BUILT: [&str; 4] = ["tests", "benches", "examples", "target"];

/// What a hash covers.
#[derive(Debug, Default)]
pub struct Sources {
    /// Names with `/` from the workspace's folder, and where each file lies; sorted by name.
    pub files: Vec<(String, PathBuf)>,
    /// What a new file would show up in.
    pub folders: Vec<PathBuf>,
}

impl Sources {
    /// The sources behind the crate in `own`: those of the workspace that it is part of, or its own where it was packed alone;
    /// then `Cargo.lock` tells the other crates' versions and checksums.
    pub fn of(own: &Path) -> io::Result<Self> {
        let mut sources = Self::default();
        let workspace = own.parent().and_then(Path::parent);
        let workspace = workspace.filter(|folder| is_workspace(folder));
        if let Some(folder) = workspace {
            for krate in entries(&folder.join("crates"))? {
                let name = name_of(&krate);
                if !BESIDE.contains(&name.as_str()) && krate.join("Cargo.toml").is_file() {
                    sources.add_crate(&krate, &format!("crates/{name}"))?;
                }
            }
        } else {
            sources.add_crate(own, "")?;
        }
        for name in ["Cargo.lock", "Cargo.toml"] {
            let path = workspace.unwrap_or(own).join(name);
            if path.is_file() && sources.files.iter().all(|(known, _)| known != name) {
                sources.files.push((name.to_owned(), path));
            }
        }
        sources.files.sort();
        Ok(sources)
    }

    /// Of all contents under their names, and of the compiler.
    pub fn hash(&self, compiler: &str) -> io::Result<String> {
        let mut hasher = blake3::Hasher::new();
        let mut add = |part: &[u8]| {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        };
        add(compiler.trim().as_bytes());
        for (name, path) in &self.files {
            add(name.as_bytes());
            add(&without_returns(&fs::read(path)?));
        }
        Ok(hasher.finalize().to_hex().to_string())
    }

    fn add_crate(&mut self, folder: &Path, name: &str) -> io::Result<()> {
        for entry in entries(folder)? {
            if !NOT_BUILT.contains(&name_of(&entry).as_str()) {
                self.add(&entry, &joined(name, &name_of(&entry)))?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, name: &str) -> io::Result<()> {
        if path.is_dir() {
            self.folders.push(path.to_owned());
            for entry in entries(path)? {
                self.add(&entry, &joined(name, &name_of(&entry)))?;
            }
        } else {
            self.files.push((name.to_owned(), path.to_owned()));
        }
        Ok(())
    }
}

fn is_workspace(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    manifest.lines().any(|line| line.trim() == "[workspace]")
}

/// What lies in a folder, but for what is hidden.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let paths = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths.collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| !name_of(path).starts_with('.'));
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Line ends as most machines write them: a checkout with others holds the same sources.
fn without_returns(bytes: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
            kept.push(*byte);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop
    use super::*;

    /// The part of a clone that counts: two stages, the pipeline, the command line.
    fn workspace() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n"),
            ("Cargo.lock", "version = 4\n"),
            ("crates/weight/Cargo.toml", "[package]\nname = \"weight\"\n"),
            ("crates/weight/src/lib.rs", "mod raking;\n"),
            ("crates/weight/src/raking.rs", "fn rake() {}\n// why\n"),
            ("crates/weight/tests/claims.rs", "fn claim() {}\n"),
            ("crates/mart/Cargo.toml", "[package]\nname = \"mart\"\n"),
            ("crates/mart/contracts/estimate.toml", "grain = \"one row\"\n"),
            ("crates/pipeline/Cargo.toml", "[package]\nname = \"pipeline\"\n"),
            ("crates/pipeline/build.rs", "fn main() {}\n"),
            ("crates/cli/Cargo.toml", "[package]\nname = \"cli\"\n"),
            ("crates/cli/src/main.rs", "fn main() {}\n"),
        ];
        for (name, text) in files {
            write(folder.path(), name, text);
        }
        folder
    }

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn hash(folder: &Path) -> String {
        Sources::of(&folder.join("crates/pipeline")).unwrap().hash("rustc 1").unwrap()
    }

    #[test]
    fn every_byte_of_every_stage_counts() {
        let folder = workspace();
        let before = hash(folder.path());
        for (name, _) in Sources::of(&folder.path().join("crates/pipeline")).unwrap().files {
            let path = folder.path().join(&name);
            let whole = fs::read(&path).unwrap();
            for at in 0..whole.len() {
                let mut bytes = whole.clone();
                bytes[at] ^= 1;
                fs::write(&path, bytes).unwrap();
                assert_ne!(hash(folder.path()), before, "{name}, byte {at}");
            }
            fs::write(&path, whole).unwrap();
        }
        assert_eq!(hash(folder.path()), before);
    }

    #[test]
    fn a_file_that_comes_goes_or_is_renamed_counts() {
        let folder = workspace();
        let before = hash(folder.path());
        write(folder.path(), "crates/weight/src/trim.rs", "");
        assert_ne!(hash(folder.path()), before);
        fs::remove_file(folder.path().join("crates/weight/src/trim.rs")).unwrap();
        assert_eq!(hash(folder.path()), before);
        let at = |name: &str| folder.path().join("crates/weight/src").join(name);
        fs::rename(at("raking.rs"), at("rake.rs")).unwrap();
        assert_ne!(hash(folder.path()), before);
    }

    #[test]
    fn the_command_line_tests_line_ends_and_the_folder_do_not_count() {
        let folder = workspace();
        let before = hash(folder.path());
        write(folder.path(), "crates/cli/src/main.rs", "fn main() { panic!() }\n");
        write(folder.path(), "crates/weight/tests/claims.rs", "fn other() {}\n");
        write(folder.path(), "crates/weight/src/raking.rs", "fn rake() {}\r\n// why\r\n");
        write(folder.path(), "crates/weight/src/.raking.rs.swp", "open in an editor");
        assert_eq!(hash(folder.path()), before);
        assert_eq!(hash(workspace().path()), before);
    }

    #[test]
    fn another_compiler_counts() {
        let folder = workspace();
        let sources = Sources::of(&folder.path().join("crates/pipeline")).unwrap();
        assert_ne!(sources.hash("rustc 1").unwrap(), sources.hash("rustc 2").unwrap());
    }

    #[test]
    fn a_crate_that_was_packed_alone_has_a_version_too() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "Cargo.toml", "[package]\nname = \"pipeline\"\n");
        write(folder.path(), "Cargo.lock", "version = 4\n");
        write(folder.path(), "src/lib.rs", "mod page;\n");
        let of = || Sources::of(folder.path()).unwrap().hash("rustc 1").unwrap();
        let before = of();
        write(folder.path(), "Cargo.lock", "version = 5\n");
        assert_ne!(of(), before);
    }

    /// What is compiled in is what lies here: the build script saw every change.
    #[test]
    fn the_program_knows_the_sources_that_it_was_built_from() {
        let sources = Sources::of(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert_eq!(sources.hash(env!("PEIL_COMPILER")).unwrap(), crate::program::PROGRAM);
        assert!(sources.files.len() > 100, "{} files", sources.files.len());
        assert!(sources.files.iter().all(|(name, _)| !name.starts_with("crates/cli/")));
    }
}
