//! Fingerprints of settings by step for one state of the whole configuration, so that a run with nothing to do builds none.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::step::Step;

/// What was worked out before from the same configuration by the same program.
#[derive(Debug)]
pub struct Memo {
    file: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    /// Of program, configuration and pipeline file; another state: nothing is known.
    state: String,
    settings: BTreeMap<String, Fingerprint>,
    #[serde(skip)]
    changed: bool,
}

impl Memo {
    pub fn open(file: PathBuf, state: String) -> Self {
        let known: Option<Known> =
            fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let known = known.filter(|known| known.state == state);
        Self { file, known: Mutex::new(known.unwrap_or(Known { state, ..Known::default() })) }
    }

    pub fn get(&self, step: &Step) -> Option<Fingerprint> {
        self.known().settings.get(&step.to_string()).cloned()
    }

    pub fn learn(&self, step: &Step, settings: &Fingerprint) {
        let mut known = self.known();
        known.settings.insert(step.to_string(), settings.clone());
        known.changed = true;
    }

    /// Losing it costs time only.
    pub fn save(&self) -> std::io::Result<()> {
        let mut known = self.known();
        if known.changed {
            crate::files::replace(&self.file, &serde_json::to_vec(&*known)?)?;
            known.changed = false;
        }
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop
    use super::*;

    #[test]
    fn another_state_of_the_configuration_knows_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("memo.json");
        let (step, settings) = (Step::publish(), Fingerprint("a".to_owned()));
        let memo = Memo::open(file.clone(), "one".to_owned());
        memo.learn(&step, &settings);
        memo.save().unwrap();
        assert_eq!(Memo::open(file.clone(), "one".to_owned()).get(&step), Some(settings));
        assert_eq!(Memo::open(file, "two".to_owned()).get(&step), None);
    }
}
