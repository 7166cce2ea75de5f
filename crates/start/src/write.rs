//! Writes a draft where no project is yet.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use pipeline::pseudonym_key::{Random, write_new};

use crate::draft::Draft;
use crate::error::Error;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub files: Vec<PathBuf>,
}

const KEY: &str = "pseudonym.key";
const IGNORED: &str = "store/\nmarts/\npseudonym.key\n";

/// Writes all files of the draft, and a new key where there is none; refused where one of its files or folders is there.
pub fn write(folder: &Path, draft: &Draft, random: &Random) -> Result<Written, Error> {
    let config = folder.join("config");
    let taken = draft.files.keys().map(|name| folder.join(name));
    if let Some(path) = [config].into_iter().chain(taken).find(|path| path.exists()) {
        return Err(Error::Exists(path));
    }
    let mut files = Vec::new();
    for (name, text) in &draft.files {
        let path = folder.join(name);
        new_file(&path, text)?;
        files.push(path);
    }
    let key = folder.join(KEY);
    if !key.exists() {
        write_new(&key, random).map_err(Error::Read)?;
        files.push(key);
    }
    let ignored = folder.join(".gitignore");
    if !ignored.exists() {
        new_file(&ignored, IGNORED)?;
        files.push(ignored);
    }
    Ok(Written { files })
}

fn new_file(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |error| Error::Write { path: path.to_owned(), error };
    fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(failed)?;
    let file = fs::OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)
}
