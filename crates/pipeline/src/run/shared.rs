//! What other workers have made of the same: looked for before a step runs, where the store lies elsewhere.

use store::{Content, Fingerprint, Record, Rerun, Stage, Step};

use crate::error::Error;
use crate::outcome::Mode;
use crate::run::why::Now;
use crate::run::{Apart, Run};

/// What is published depends on the marts too, so that every worker finds out for itself.
pub(super) fn is_shared(step: &Step) -> bool {
    step.stage != Stage::Publish
}

/// The name under which workers share a step that is made of just this.
pub(super) fn key(step: &Step, now: &Now, also: &str) -> Fingerprint {
    let parts = (step, &now.program, now.inputs(), &now.settings, also);
    Fingerprint::of_bytes(&serde_json::to_vec(&parts).unwrap_or_default())
}

impl Run<'_> {
    /// The record of a step that would run here and that another worker has made; it is this one's from here on.
    pub(super) fn adopted(
        &self,
        step: &Step,
        now: &Now,
        why: &[Rerun],
        apart: &Apart<'_>,
    ) -> Result<Option<Record>, Error> {
        let is_known = |origin: &store::Origin| matches!(origin.content, Content::Known(_));
        let is_whole = !now.origins.is_empty() && now.origins.iter().all(is_known);
        let is_forced = self.force && self.selected.contains(step);
        if self.store.remote().is_none() || why.is_empty() || !is_whole || is_forced {
            return Ok(None);
        }
        if !is_shared(step) || self.mode == Mode::Grid {
            return Ok(None);
        }
        let Some(record) = self.store.shared(step, &key(step, now, &apart.also))? else {
            return Ok(None);
        };
        self.store.write_record(&record)?;
        self.store.forget_refused(step);
        if let Some(adopted) = apart.adopted {
            adopted();
        }
        Ok(Some(record))
    }
}
