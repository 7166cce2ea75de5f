//! What steps found before they were refused.

use std::fs;
use std::path::PathBuf;

use survey::Finding;

use crate::error::Error;
use crate::files;
use crate::folder::{Store, bytes_to_read};
use crate::step::Step;

impl Store {
    fn refused_path(&self, step: &Step) -> PathBuf {
        self.folder().join("refused").join(format!("{}.json", step.file_stem()))
    }

    /// What a step found before it gave up, until it runs through.
    pub fn refused(&self, step: &Step) -> Result<Option<Vec<Finding>>, Error> {
        let Some(bytes) = bytes_to_read(&self.refused_path(step))? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| Error::Damaged {
            step: step.to_string(),
            problem: format!("what was found before it was refused: {error}"),
        })
    }

    /// Notes what a step found before it gave up.
    pub fn note_refused(&self, step: &Step, findings: &[Finding]) -> std::io::Result<()> {
        if findings.is_empty() {
            return Ok(());
        }
        files::replace(&self.refused_path(step), &serde_json::to_vec(findings)?)
    }

    /// For a step that ran through.
    pub fn forget_refused(&self, step: &Step) {
        let _ = fs::remove_file(self.refused_path(step));
    }
}
