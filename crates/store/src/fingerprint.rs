//! What decides whether a step runs again: blake3 of contents, never of paths or times.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Hexadecimal blake3, as `b3sum` prints it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub String);

impl Fingerprint {
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).to_hex().to_string())
    }

    pub fn of_file(path: &Path) -> io::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(ingest::open_file(path)?)?;
        Ok(Self(hasher.finalize().to_hex().to_string()))
    }

    /// Enough of it for a person.
    pub fn short(&self) -> &str {
        &self.0[..self.0.len().min(8)]
    }
}

/// Settings as JSON with sorted keys. What decides nothing is kept out by its type (`survey::Line`), never by its name.
pub fn canonical(settings: &impl Serialize) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::to_value(settings)?;
    value.sort_all_objects();
    Ok(value)
}

/// What a file system says of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    size: u64,
    modified: i64,
    changed: i64,
}

impl Stamp {
    /// Of a file; a pipe, a device or a folder in its place is an error, at once.
    fn of_file(path: &Path) -> io::Result<Self> {
        Ok(Self::of(&ingest::open_file(path)?.metadata()?))
    }

    fn of(metadata: &Metadata) -> Self {
        let modified = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
            .map_or(0, |since| since.as_nanos() as i64);
        Self { size: metadata.len(), modified, changed: changed(metadata) }
    }
}

/// Times that a file is read again because it changed meanwhile.
const MOST_READS: usize = 3;

/// Time of the last change of contents or attributes: unlike the time of modification nobody sets it by hand.
#[cfg(unix)]
fn changed(metadata: &Metadata) -> i64 {
    use std::os::unix::fs::MetadataExt;
    metadata.ctime() * 1_000_000_000 + metadata.ctime_nsec()
}

#[cfg(not(unix))]
fn changed(_: &Metadata) -> i64 {
    0
}

/// Hashes of files by path, believed as long as size and times stay what they were.
#[derive(Debug)]
pub struct FileHashes {
    file: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    hashes: BTreeMap<String, (Stamp, Fingerprint)>,
    changed: bool,
}

impl FileHashes {
    /// Opens the cache; one that cannot be read is an empty one. `rehash` believes nothing that is in it.
    pub fn open(file: PathBuf, rehash: bool) -> Self {
        let hashes = if rehash {
            BTreeMap::new()
        } else {
            fs::read(&file)
                .ok()
                .and_then(|bytes| serde_json::from_slice(&bytes).ok())
                .unwrap_or_default()
        };
        Self { file, known: Mutex::new(Known { hashes, changed: rehash }) }
    }

    /// The file's hash, read again only when size or times changed. A pipe or a device is never opened, and what changes while
    /// it is read has no hash.
    pub fn of(&self, path: &Path) -> io::Result<Fingerprint> {
        self.read(path, Fingerprint::of_file)
    }

    fn read(
        &self,
        path: &Path,
        hash: impl Fn(&Path) -> io::Result<Fingerprint>,
    ) -> io::Result<Fingerprint> {
        let key = path.to_string_lossy().into_owned();
        for _ in 0..MOST_READS {
            let stamp = Stamp::of_file(path)?;
            if let Some((known, fingerprint)) = self.known().hashes.get(&key)
                && *known == stamp
            {
                return Ok(fingerprint.clone());
            }
            let fingerprint = hash(path)?;
            if Stamp::of_file(path)? == stamp {
                let mut known = self.known();
                known.hashes.insert(key, (stamp, fingerprint.clone()));
                known.changed = true;
                return Ok(fingerprint);
            }
        }
        Err(io::Error::new(
            io::ErrorKind::ResourceBusy,
            "it is being written: it changes while it is read",
        ))
    }

    /// After writing a file whose hash is known.
    pub fn learn(&self, path: &Path, fingerprint: &Fingerprint) -> io::Result<()> {
        let stamp = Stamp::of(&fs::metadata(path)?);
        let mut known = self.known();
        known.hashes.insert(path.to_string_lossy().into_owned(), (stamp, fingerprint.clone()));
        known.changed = true;
        Ok(())
    }

    pub fn forget(&self, path: &Path) {
        let mut known = self.known();
        known.changed |= known.hashes.remove(path.to_string_lossy().as_ref()).is_some();
    }

    /// Writes the cache if it changed; losing it costs time only.
    pub fn save(&self) -> io::Result<()> {
        let mut known = self.known();
        if !known.changed {
            return Ok(());
        }
        known.hashes.retain(|path, _| Path::new(path).exists());
        crate::files::replace(&self.file, &serde_json::to_vec(&known.hashes)?)?;
        known.changed = false;
        Ok(())
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop
    use survey::Line;

    use super::*;

    fn written(settings: &impl Serialize) -> String {
        canonical(settings).unwrap().to_string()
    }

    #[test]
    fn the_order_of_keys_decides_nothing() {
        let [left, right] =
            [r#"{"b": 1, "a": {"y": 2, "x": 1}}"#, r#"{"a": {"x": 1, "y": 2}, "b": 1}"#]
                .map(|text| serde_json::from_str::<Value>(text).unwrap());
        assert_eq!(written(&left), written(&right));
    }

    #[test]
    fn a_place_decides_nothing_and_data_called_line_decides() {
        #[derive(Serialize)]
        struct Row {
            code: &'static str,
            line: Line,
        }
        let row = |code, line| BTreeMap::from([("line", Row { code, line: Line(line) })]);
        assert_eq!(written(&row("yes", 3)), written(&row("yes", 9)));
        assert_ne!(written(&row("yes", 3)), written(&row("no", 3)));
    }

    #[test]
    fn a_touched_file_is_read_again_and_found_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("delivery.csv");
        fs::write(&path, "a;b").unwrap();
        let hashes = FileHashes::open(folder.path().join("hashes.json"), false);
        let before = hashes.of(&path).unwrap();
        fs::write(&path, "a;b").unwrap();
        assert_eq!(hashes.of(&path).unwrap(), before);
        fs::write(&path, "a;c").unwrap();
        assert_ne!(hashes.of(&path).unwrap(), before);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_a_device_and_a_folder_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("delivery.csv");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let hashes = FileHashes::open(folder.path().join("hashes.json"), false);
        for path in [pipe.as_path(), Path::new("/dev/zero"), folder.path()] {
            assert_eq!(hashes.of(path).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_has_no_hash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("delivery.csv");
        fs::write(&path, b"a;b").unwrap();
        let hashes = FileHashes::open(folder.path().join("hashes.json"), false);
        let found = hashes.read(&path, |path| {
            let fingerprint = Fingerprint::of_file(path);
            let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
            std::io::Write::write_all(&mut file, b"b").unwrap();
            fingerprint
        });
        assert_eq!(found.unwrap_err().kind(), io::ErrorKind::ResourceBusy);
        assert!(hashes.of(&path).is_ok());
    }

    #[test]
    fn a_cache_cut_in_half_is_an_empty_cache() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("hashes.json");
        fs::write(&cache, "{\"a\": [").unwrap();
        assert!(FileHashes::open(cache, false).known().hashes.is_empty());
    }
}
