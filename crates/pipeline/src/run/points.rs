//! Named points of a step: where a run may end early and a test may let the disk fail; spans named after the stages.

use std::sync::atomic::Ordering;

use store::{Stage, Step};

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

/// Spans are named after the stages.
pub(super) fn span(step: &Step) -> tracing::Span {
    let (panel, wave) = (step.panel(), step.wave());
    let place = step.place();
    macro_rules! stage_span {
        ($name:literal) => {
            tracing::info_span!($name, place, panel, wave)
        };
    }
    match step.stage {
        Stage::Ingest => stage_span!("ingest"),
        Stage::Admit => stage_span!("admit"),
        Stage::Harmonise => stage_span!("harmonise"),
        Stage::Confront => stage_span!("confront"),
        Stage::Weight => stage_span!("weight"),
        Stage::Estimate => stage_span!("estimate"),
        Stage::Publish => stage_span!("publish"),
    }
}
