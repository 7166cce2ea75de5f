//! What a release says of itself, and whether its bytes agree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use config::monitor::{Disclosure, Publication};
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde::{Deserialize, Serialize};
use survey::Labels;
use survey::PanelWave;

use crate::error::{Damage, Error};
use crate::run_facts::RunFacts;
use crate::schema::MartSchema;

pub const MANIFEST: &str = "manifest.json";
/// In the form of `b3sum --check`; covers the manifest too.
pub const CHECKSUMS: &str = "checksums.b3";

/// The table that tells of the run.
const OF_THE_RUN: &str = "/meta_run.parquet";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Of this file; 1.
    pub format: u32,
    pub release: String,
    /// Counts the releases of a folder, from 1.
    pub sequence: u64,
    pub monitor: String,
    /// The survey's title.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub label: Labels,
    /// What a reader must know, e.g. that the data are synthetic.
    pub notice: Labels,
    /// What may be said of it, and from when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publication: Option<Publication>,
    pub disclosure: Disclosure,
    /// What a reader must know where a protection is switched off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unprotected: Option<Labels>,
    pub run: RunFacts,
    pub panel_waves: Vec<PanelWave>,
    pub inputs: Vec<ManifestInput>,
    /// Part → who may read it.
    #[serde(default)]
    pub readers: BTreeMap<String, String>,
    /// Set where this is one part of a release, written for those who may read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// What each mart promises, by its path without extension.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub schemas: BTreeMap<String, MartSchema>,
    pub files: Vec<ManifestFile>,
}

/// A delivery behind the release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestInput {
    pub delivery: String,
    /// Within which an id has one pseudonym.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id_space: String,
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

    /// A hash of what the release is: of all but the facts of its run and its place among the others.
    pub fn seal(&self) -> Result<String, Error> {
        let mut lasting = Self { sequence: 0, run: RunFacts::default(), ..self.clone() };
        lasting.files.retain(|file| !file.path.ends_with(OF_THE_RUN));
        Ok(blake3::hash(&lasting.to_json()?).to_hex().to_string())
    }

    /// All files with their hashes, as `b3sum` writes them.
    pub fn checksums(&self, own_blake3: &str) -> String {
        let files = self.files.iter().map(|file| (file.blake3.as_str(), file.path.as_str()));
        let lines =
            files.chain([(own_blake3, MANIFEST)]).map(|(blake3, path)| [blake3, "  ", path, "\n"]);
        lines.flatten().collect()
    }
}

/// blake3 of a file's bytes, perhaps remembered.
pub type Hash<'a> = &'a dyn Fn(&Path) -> io::Result<String>;

/// Reads every byte of a release, or of an audience's part of one, and holds it against the manifest; all damages at once.
pub fn verify(folder: &Path) -> Result<Manifest, Error> {
    let (manifest, mut damages) = check(folder, &hash)?;
    if damages.is_empty() {
        for file in &manifest.files {
            damages.extend(check_rows(folder, file)?);
        }
    }
    if damages.is_empty() {
        Ok(manifest)
    } else {
        Err(Error::Damaged { release: manifest.release, damages })
    }
}

/// Whether these files of a release are as its manifest says.
pub fn is_sound(folder: &Path, is_part: impl Fn(&str) -> bool) -> bool {
    Manifest::read(folder).is_ok_and(|manifest| {
        let mut files = manifest.files.iter().filter(|file| is_part(&file.path));
        files.all(|file| check_file(folder, file, &hash).is_none())
    })
}

/// All that differs from the manifest, by a hash that may be remembered for a file whose size and times are the same.
pub(crate) fn check(folder: &Path, hash: Hash<'_>) -> Result<(Manifest, Vec<Damage>), Error> {
    let manifest = Manifest::read(folder)?;
    let mut damages = Vec::new();
    check_manifest(folder, hash, &mut damages);
    let name =
        folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is_named = manifest.audience.is_none()
        && fs::symlink_metadata(folder).is_ok_and(|about| !about.is_symlink());
    if is_named && name != manifest.release {
        damages.push(damage(
            MANIFEST,
            format!("release {}", manifest.release),
            format!("release {name}"),
        ));
    }
    damages.extend(manifest.files.iter().filter_map(|file| check_file(folder, file, hash)));
    let known: BTreeSet<&str> =
        manifest.files.iter().map(|file| file.path.as_str()).chain([MANIFEST, CHECKSUMS]).collect();
    for path in files_in(folder, Path::new(""))? {
        if !known.contains(path.as_str()) {
            damages.push(damage(&path, "a file".to_owned(), "no such file".to_owned()));
        }
    }
    Ok((manifest, damages))
}

fn check_manifest(folder: &Path, hash: Hash<'_>, damages: &mut Vec<Damage>) {
    let Ok(checksums) = fs::read_to_string(folder.join(CHECKSUMS)) else {
        return damages.push(damage(CHECKSUMS, "nothing".to_owned(), "a file".to_owned()));
    };
    let expected = checksums
        .lines()
        .find_map(|line| line.strip_suffix(&format!("  {MANIFEST}")))
        .unwrap_or_default();
    let file = ManifestFile {
        path: MANIFEST.to_owned(),
        rows: None,
        bytes: fs::metadata(folder.join(MANIFEST)).map_or(0, |about| about.len()),
        blake3: expected.to_owned(),
    };
    damages.extend(check_file(folder, &file, hash));
}

fn check_file(folder: &Path, file: &ManifestFile, hash: Hash<'_>) -> Option<Damage> {
    let path = folder.join(&file.path);
    let about = fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file);
    let Some(about) = about else {
        return Some(damage(&file.path, "nothing".to_owned(), "a file".to_owned()));
    };
    if about.len() != file.bytes {
        let found = format!("{} bytes", about.len());
        return Some(damage(&file.path, found, format!("{} bytes", file.bytes)));
    }
    let found = match hash(&path) {
        Ok(blake3) if blake3 == file.blake3 => return None,
        Ok(blake3) => format!("blake3 {blake3}"),
        Err(error) => error.to_string(),
    };
    Some(damage(&file.path, found, format!("blake3 {}", file.blake3)))
}

fn check_rows(folder: &Path, file: &ManifestFile) -> Result<Option<Damage>, Error> {
    let Some(expected) = file.rows else { return Ok(None) };
    let path = folder.join(&file.path);
    let opened = File::open(&path).map_err(Error::file(&path))?;
    let rows =
        SerializedFileReader::new(opened)?.metadata().file_metadata().num_rows().cast_unsigned();
    Ok((rows != expected)
        .then(|| damage(&file.path, format!("{rows} rows"), format!("{expected} rows"))))
}

fn hash(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// Paths of all files below, relative, with `/`, sorted; a link is a file.
fn files_in(root: &Path, below: &Path) -> Result<Vec<String>, Error> {
    let folder = root.join(below);
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).map_err(Error::file(&folder))? {
        let entry = entry.map_err(Error::file(&folder))?;
        let relative: PathBuf = below.join(entry.file_name());
        if entry.file_type().map_err(Error::file(&folder))?.is_dir() {
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
