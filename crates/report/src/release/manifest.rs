//! What a release says of itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;

use crate::{Error, Texts};

/// The form of manifests that this crate reads.
pub const FORMAT: u64 = 1;

#[derive(Debug, Clone, Deserialize)]
pub struct Manifest {
    pub release: String,
    #[serde(default)]
    pub sequence: Option<u64>,
    pub monitor: String,
    /// The monitor's name in words, by language.
    #[serde(default)]
    pub label: Texts,
    #[serde(default)]
    pub notice: Texts,
    /// Why this release replaces another.
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub disclosure: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    pub run: Run,
    #[serde(default)]
    pub publication: Publication,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Run {
    #[serde(default)]
    pub started: String,
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub settings_fingerprint: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Publication {
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub embargo_until: Option<String>,
}

/// How final the figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finality {
    Draft,
    Provisional,
    Final,
}

impl Manifest {
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("manifest.json");
        if !path.exists() {
            return Err(Error::NoRelease { path: folder.to_owned() });
        }
        let text = fs::read_to_string(&path)
            .map_err(|source| Error::Read { path: path.clone(), source })?;
        let wrong = |problem: serde_json::Error| Error::Manifest {
            path: path.clone(),
            problem: problem.to_string(),
        };
        let value: serde_json::Value = serde_json::from_str(&text).map_err(wrong)?;
        let found = value.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0);
        if found != FORMAT {
            return Err(Error::Format { path: folder.to_owned(), found, expected: FORMAT });
        }
        serde_json::from_value(value).map_err(wrong)
    }

    pub fn finality(&self) -> Result<Finality, Error> {
        match self.publication.status.as_deref() {
            None | Some("draft") => Ok(Finality::Draft),
            Some("provisional") => Ok(Finality::Provisional),
            Some("final") => Ok(Finality::Final),
            Some(found) => Err(Error::PublicationStatus { found: found.to_owned() }),
        }
    }

    /// Whether the embargo still holds; without a time to compare with, one that is set does.
    pub fn is_embargoed(&self, as_of: Option<&str>) -> Result<bool, Error> {
        let as_of = as_of.map(time).transpose()?;
        let Some(until) = &self.publication.embargo_until else { return Ok(false) };
        let until = time(until)?;
        Ok(as_of.is_none_or(|as_of| as_of < until))
    }

    /// A number of the disclosure settings.
    pub fn threshold(&self, name: &str) -> Option<u64> {
        self.disclosure.get(name).and_then(serde_json::Value::as_u64)
    }
}

/// A moment; a day is its first one, in UTC.
fn time(text: &str) -> Result<Timestamp, Error> {
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    whole.parse().map_err(|problem: jiff::Error| Error::Time {
        found: text.to_owned(),
        problem: problem.to_string(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn manifest(until: &str) -> Manifest {
        let text = format!(
            r#"{{"release": "a", "monitor": "m", "publication": {{"status": "final", "embargo_until": "{until}"}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn an_embargo_holds_until_its_moment_and_without_a_clock() {
        let manifest = manifest("2026-03-01T09:00:00+01:00");
        assert!(manifest.is_embargoed(Some("2026-03-01T07:59:59Z")).unwrap());
        assert!(!manifest.is_embargoed(Some("2026-03-01T08:00:00Z")).unwrap());
        assert!(manifest.is_embargoed(None).unwrap());
    }

    #[test]
    fn a_time_that_is_none_is_refused() {
        let error = manifest("next week").is_embargoed(None).unwrap_err();
        assert!(error.to_string().starts_with("`next week` is not a time"), "{error}");
    }
}
