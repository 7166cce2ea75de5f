//! What a release says of itself, and whether its bytes agree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader, SerializedFileReader};
use serde::{Deserialize, Serialize};
use survey::PanelWave;
use survey::config::monitor::{Disclosure, Label};

use crate::error::{Damage, Error};
use crate::inputs::RunFacts;

pub const MANIFEST: &str = "manifest.json";
/// In the form of `b3sum --check`; covers the manifest too.
pub const CHECKSUMS: &str = "checksums.b3";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Of this file; 1.
    pub format: u32,
    pub release: String,
    /// Counts the releases of a folder, from 1.
    pub sequence: u64,
    pub monitor: String,
    /// What a reader must know, e.g. that the data are synthetic.
    pub notice: Label,
    pub disclosure: Disclosure,
    /// What a reader must know where a protection is switched off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unprotected: Option<Label>,
    /// Folder → who may read it.
    #[serde(default)]
    pub readers: BTreeMap<String, String>,
    pub run: RunFacts,
    pub panel_waves: Vec<PanelWave>,
    pub inputs: Vec<ManifestInput>,
    pub files: Vec<ManifestFile>,
}

/// A delivery behind the release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestInput {
    pub delivery: String,
    pub file: String,
    pub blake3: String,
    pub bytes: u64,
    /// The later delivery of the same panel-waves that was read in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// Relative to the release, with `/`.
    pub path: String,
    /// None for what is no table.
    pub rows: Option<u64>,
    pub bytes: u64,
    pub blake3: String,
}

impl Manifest {
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(MANIFEST);
        let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
        serde_json::from_str(&text)
            .map_err(|error| Error::Manifest { path, message: error.to_string() })
    }

    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let mut text = serde_json::to_vec_pretty(self).map_err(|error| Error::Manifest {
            path: MANIFEST.into(),
            message: error.to_string(),
        })?;
        text.push(b'\n');
        Ok(text)
    }

    /// All files with their hashes, as `b3sum` writes them.
    pub fn checksums(&self, own_blake3: &str) -> String {
        let files = self.files.iter().map(|file| (file.blake3.as_str(), file.path.as_str()));
        let lines =
            files.chain([(own_blake3, MANIFEST)]).map(|(blake3, path)| [blake3, "  ", path, "\n"]);
        lines.flatten().collect()
    }
}

/// Reads every byte of a release and holds it against the manifest; all damages at once.
pub fn verify(folder: &Path) -> Result<Manifest, Error> {
    let manifest = Manifest::read(folder)?;
    let mut damages = Vec::new();
    check_manifest(folder, &mut damages)?;
    let name =
        folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if fs::symlink_metadata(folder).is_ok_and(|data| !data.is_symlink()) && name != manifest.release
    {
        damages.push(damage(
            MANIFEST,
            format!("release {}", manifest.release),
            format!("release {name}"),
        ));
    }
    for file in &manifest.files {
        damages.extend(check_file(folder, file)?);
    }
    let known: BTreeSet<&str> =
        manifest.files.iter().map(|file| file.path.as_str()).chain([MANIFEST, CHECKSUMS]).collect();
    for path in files_in(folder, Path::new(""))? {
        if !known.contains(path.as_str()) {
            damages.push(damage(&path, "a file".to_owned(), "no such file".to_owned()));
        }
    }
    if damages.is_empty() {
        Ok(manifest)
    } else {
        Err(Error::Damaged { release: manifest.release, damages })
    }
}

fn check_manifest(folder: &Path, damages: &mut Vec<Damage>) -> Result<(), Error> {
    let path = folder.join(CHECKSUMS);
    let Ok(checksums) = fs::read_to_string(&path) else {
        damages.push(damage(CHECKSUMS, "nothing".to_owned(), "a file".to_owned()));
        return Ok(());
    };
    let found = hash(&folder.join(MANIFEST))?.0;
    let expected = checksums
        .lines()
        .find_map(|line| line.strip_suffix(&format!("  {MANIFEST}")))
        .unwrap_or_default();
    if found != expected {
        damages.push(damage(MANIFEST, format!("blake3 {found}"), format!("blake3 {expected}")));
    }
    Ok(())
}

fn check_file(folder: &Path, file: &ManifestFile) -> Result<Option<Damage>, Error> {
    let path = folder.join(&file.path);
    if !path.is_file() {
        return Ok(Some(damage(&file.path, "nothing".to_owned(), "a file".to_owned())));
    }
    let (blake3, bytes) = hash(&path)?;
    if bytes != file.bytes {
        return Ok(Some(damage(
            &file.path,
            format!("{bytes} bytes"),
            format!("{} bytes", file.bytes),
        )));
    }
    if blake3 != file.blake3 {
        return Ok(Some(damage(
            &file.path,
            format!("blake3 {blake3}"),
            format!("blake3 {}", file.blake3),
        )));
    }
    let Some(expected) = file.rows else { return Ok(None) };
    let opened = File::open(&path).map_err(Error::file(&path))?;
    let rows =
        SerializedFileReader::new(opened)?.metadata().file_metadata().num_rows().cast_unsigned();
    Ok((rows != expected)
        .then(|| damage(&file.path, format!("{rows} rows"), format!("{expected} rows"))))
}

fn hash(path: &Path) -> Result<(String, u64), Error> {
    let file = File::open(path).map_err(Error::file(path))?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file).map_err(Error::file(path))?;
    Ok((hasher.finalize().to_hex().to_string(), hasher.count()))
}

/// Paths of all files below, relative, with `/`, sorted.
fn files_in(root: &Path, below: &Path) -> Result<Vec<String>, Error> {
    let folder = root.join(below);
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).map_err(Error::file(&folder))? {
        let entry = entry.map_err(Error::file(&folder))?;
        let relative: PathBuf = below.join(entry.file_name());
        if entry.path().is_dir() {
            paths.extend(files_in(root, &relative)?);
        } else {
            paths.push(
                relative
                    .components()
                    .map(|part| part.as_os_str().to_string_lossy())
                    .collect::<Vec<_>>()
                    .join("/"),
            );
        }
    }
    paths.sort();
    Ok(paths)
}

fn damage(file: &str, found: String, expected: String) -> Damage {
    Damage { file: file.to_owned(), found, expected }
}
