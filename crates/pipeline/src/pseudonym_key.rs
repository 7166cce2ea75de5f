//! The secret behind the pseudonyms: where it comes from, who else can read it, and whether it is the one of before.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use config::PseudonymKey;
use store::Fingerprint;
use survey::Hinted;

use crate::error::Error;

/// Fills bytes that nobody can foresee.
pub type Random = dyn Fn(&mut [u8]) -> io::Result<()> + Send + Sync;

/// Reads the secret that a pipeline file names.
pub(crate) fn read(
    pipeline: &Path,
    key: &PseudonymKey,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<ingest::Key, Error> {
    let settings = |path: &Path, problem: String, hint: &str| Error::Settings {
        path: path.to_owned(),
        problem,
        hint: hint.to_owned(),
    };
    let secret = match key {
        PseudonymKey::Demonstration(text) => text.clone().into_bytes(),
        PseudonymKey::Environment(name) => environment(name).map(String::into_bytes).ok_or_else(|| {
            settings(
                pipeline,
                format!("the environment variable `{name}` with the pseudonym key is not set"),
                "set it from where your organisation keeps secrets, never from a file in the repository; `peil key new` makes one",
            )
        })?,
        PseudonymKey::File(path) => {
            let secret = fs::read(path).map_err(|error| {
                settings(
                    path,
                    format!("the pseudonym key cannot be read: {error}"),
                    "`peil key new FILE` makes one, readable by this user only",
                )
            })?;
            if let Some(others) = read_by_others(path) {
                let problem = format!("the pseudonym key can be read by {others}");
                let hint = format!(
                    "`chmod 600 {}`; whoever has the key can find the respondents behind the pseudonyms: where others may have read it, make a new one with `peil key new FILE`",
                    path.display()
                );
                return Err(settings(path, problem, &hint));
            }
            secret
        }
    };
    ingest::Key::new(&secret).map_err(|weak| {
        let named = "`pseudonym_key` names where the secret is";
        let hint = weak.hint().map_or(named.to_owned(), |hint| format!("{hint}; {named}"));
        settings(pipeline, weak.to_string(), &hint)
    })
}

/// Who but its owner can read a file.
#[cfg(unix)]
fn read_by_others(path: &Path) -> Option<&'static str> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).ok()?.permissions().mode();
    match (mode & 0o007 != 0, mode & 0o070 != 0) {
        (true, _) => Some("everybody on this machine"),
        (false, true) => Some("the group of its owner"),
        (false, false) => None,
    }
}

#[cfg(not(unix))]
fn read_by_others(_path: &Path) -> Option<&'static str> {
    None
}

const KEY_BYTES: usize = 32;

/// A new secret as text: 256 random bits.
pub fn new_secret(random: &Random) -> io::Result<String> {
    let mut bytes = [0; KEY_BYTES];
    random(&mut bytes)?;
    Ok(hex(&bytes) + "\n")
}

/// Writes a new secret into a file that is not there yet, readable by its owner only.
pub fn write_new(path: &Path, random: &Random) -> Result<(), Error> {
    let failed = |error: io::Error| {
        let hint = if error.kind() == io::ErrorKind::AlreadyExists {
            "a key is never written over: pseudonyms made with it could not be made again; name another file"
        } else {
            "name a file in a folder where you may write, outside the repository"
        };
        Error::Settings {
            path: path.to_owned(),
            problem: format!("no key was written: {error}"),
            hint: hint.to_owned(),
        }
    };
    let secret = new_secret(random).map_err(failed)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(secret.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}

/// The file of a store with the salt over which the key is checked.
pub(crate) fn salt_path(store: &Path) -> PathBuf {
    store.join("key_salt")
}

/// Gives a store its salt where it has none.
pub(crate) fn salted(store: &Path, random: &Random) -> Result<(), Error> {
    let path = salt_path(store);
    if salt(store).is_empty() {
        let mut bytes = [0; 16];
        random(&mut bytes)
            .and_then(|()| store::files::replace(&path, hex(&bytes).as_bytes()))
            .map_err(|error| store::Error::Unwritable { path, error })?;
    }
    Ok(())
}

/// The salt of a store; empty where it has none yet.
pub(crate) fn salt(store: &Path) -> Vec<u8> {
    fs::read(salt_path(store)).unwrap_or_default()
}

/// Tells whether the key is the same as before in this store, and nothing else of it.
pub(crate) fn check(key: &ingest::Key, store: &Path) -> Fingerprint {
    Fingerprint(key.check(&salt(store)))
}

/// As text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    #![allow(clippy::unnecessary_wraps, reason = "a source of random bytes may fail")]
    use super::*;

    fn counting(bytes: &mut [u8]) -> io::Result<()> {
        bytes.iter_mut().zip(1_u8..).for_each(|(byte, number)| *byte = number.wrapping_mul(97));
        Ok(())
    }

    fn sevens(bytes: &mut [u8]) -> io::Result<()> {
        bytes.fill(7);
        Ok(())
    }

    #[test]
    #[cfg(unix)]
    fn a_new_key_is_readable_by_its_owner_only_and_never_written_over() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write_new(&path, &counting).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let key = PseudonymKey::File(path.clone());
        assert!(read(Path::new("pipeline.toml"), &key, &|_| None).is_ok());
        let before = fs::read(&path).unwrap();
        let error = write_new(&path, &counting).unwrap_err().with_hints();
        assert!(error.contains("never written over"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    #[cfg(unix)]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write_new(&path, &counting).unwrap();
        for (mode, who) in
            [(0o640, "the group"), (0o604, "everybody"), (0o644, "everybody"), (0o620, "the group")]
        {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let key = PseudonymKey::File(path.clone());
            let error = read(Path::new("pipeline.toml"), &key, &|_| None).unwrap_err().with_hints();
            assert!(error.contains(who) && error.contains("chmod 600"), "{mode:o}: {error}");
        }
    }

    #[test]
    fn the_check_of_a_key_differs_from_store_to_store() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let key = ingest::Key::new(b"synthetic data: this key protects nobody").unwrap();
        salted(one.path(), &counting).unwrap();
        salted(other.path(), &sevens).unwrap();
        assert_ne!(check(&key, one.path()), check(&key, other.path()));
        let before = check(&key, one.path());
        salted(one.path(), &sevens).unwrap();
        assert_eq!(check(&key, one.path()), before, "a salt stays");
    }
}
