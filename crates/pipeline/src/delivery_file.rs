//! A delivered file as a step reads it.

use std::path::PathBuf;
use std::time::Duration;

use config::{Age, DeliverySpec};
use ingest::MinimumAge;
use jiff::Timestamp;
use store::spool::Spool;
use store::{Content, Fingerprint, Input, Origin, Step, Store};

use crate::error::Error;

/// A delivered file as it lies there.
#[derive(Debug, Clone)]
pub struct DeliveryFile {
    pub delivery: String,
    pub path: PathBuf,
    pub sheet: Option<String>,
    pub expected_rows: Option<u64>,
    pub minimum_age: Option<Duration>,
}

impl Input for &DeliveryFile {
    /// Where its rows go.
    type Loaded = Spool;
    type Error = Error;

    fn reads(&self) -> Vec<Step> {
        Vec::new()
    }

    fn origins(&self, store: &Store) -> Result<Vec<Origin>, Error> {
        let content = match store.hashes.of(&self.path) {
            Ok(fingerprint) => Content::Known(fingerprint),
            Err(error) => return Err(self.unreadable(error)),
        };
        Ok(vec![Origin {
            name: format!("delivery:{}", self.delivery),
            content,
            stale: false,
            file: Some(self.name()),
        }])
    }

    fn load(self, store: &Store) -> Result<Spool, Error> {
        Ok(store.objects.spool())
    }
}

impl DeliveryFile {
    /// As it is read at this instant.
    pub fn read_at(&self, now: Timestamp) -> ingest::Delivery {
        let minimum = |age| MinimumAge { age, now: now.into() };
        ingest::Delivery {
            sheet: self.sheet.clone(),
            expected_rows: self.expected_rows,
            minimum_age: self.minimum_age.map(minimum),
            ..ingest::Delivery::new(&self.delivery, &self.path)
        }
    }

    pub fn of(delivery: &DeliverySpec) -> Self {
        Self {
            delivery: delivery.name.clone(),
            path: delivery.file.clone(),
            sheet: delivery.sheet.clone(),
            expected_rows: delivery.expected_rows,
            minimum_age: delivery.minimum_age.map(Age::duration),
        }
    }

    /// The file's name without folders.
    pub fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Hash and size of the file as it lies there.
    pub fn stamp(&self, store: &Store) -> Result<(Fingerprint, u64), Error> {
        let bytes = std::fs::metadata(&self.path).map_err(|error| self.unreadable(error))?.len();
        Ok((store.hashes.of(&self.path).map_err(|error| self.unreadable(error))?, bytes))
    }

    fn unreadable(&self, error: std::io::Error) -> Error {
        let folder = self.path.parent().unwrap_or(&self.path);
        let there = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut there: Vec<String> =
            there.map(|entry| format!("`{}`", entry.file_name().to_string_lossy())).collect();
        there.sort();
        let hint = match (folder.is_dir(), there.len()) {
            (false, _) => format!("there is no folder `{}`", folder.display()),
            (true, 0) => format!("the folder `{}` is empty", folder.display()),
            (true, 1..=12) => format!("the folder has {}", there.join(", ")),
            (true, files) => format!("the folder has {files} other files"),
        };
        let hint = format!(
            "{hint}; put the file there, or correct `file` of delivery `{}`",
            self.delivery
        );
        Error::Delivery { place: self.delivery.clone(), path: self.path.clone(), error, hint }
    }
}
