//! Named points of a step: where a run may end early and a test may let the disk fail.

use std::sync::atomic::Ordering;

use store::Step;

use crate::error::Error;
use crate::run::Run;

impl Run<'_> {
    pub fn check_interrupt(&self) -> Result<(), Error> {
        if self.outside.interrupted.load(Ordering::Relaxed) {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    }

    /// A named point at which a test may let the disk fail.
    pub(super) fn point(&self, step: &Step, point: &str) -> Result<(), Error> {
        let Some(fault) = &self.outside.fault else { return Ok(()) };
        let failed = fault(&format!("{step}/{point}"));
        Ok(failed.map_err(|error| self.store.unwritable(self.store.folder(), error))?)
    }
}
