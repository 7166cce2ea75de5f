//! A file of JSON lines, appended to and never changed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// Open for appending.
#[derive(Debug)]
pub struct JsonLines {
    file: Mutex<File>,
}

impl JsonLines {
    /// Opens it; half a line left by a crash is closed so that the next line stands alone.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::with(path, &mut OpenOptions::new())
    }

    /// As `open`, for a file that is not for everyone.
    pub fn open_closed(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lines = Self::with(path, &mut options)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // One that an earlier version made.
            let mode = fs::metadata(path)?.permissions().mode() & 0o777;
            if mode & 0o007 != 0 {
                let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o770));
            }
        }
        Ok(lines)
    }

    fn with(path: &Path, options: &mut OpenOptions) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = options.read(true).append(true).create(true).open(path)?;
        if file.metadata()?.len() > 0 {
            file.seek(SeekFrom::End(-1))?;
            let mut last = [0];
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                file.write_all(b"\n")?;
            }
        }
        Ok(Self { file: Mutex::new(file) })
    }

    pub fn append(&self, line: &impl Serialize) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&bytes)
    }
}
