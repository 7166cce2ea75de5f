//! What the steps of a run hand on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use store::{Kept, Step};
use survey::PanelWave;
use survey::handoff::{
    About, AdmittedAbout, CheckedAbout, EstimatesAbout, HarmonisedAbout, RawAbout, WeightedAbout,
};

/// All kept hand-offs of a run.
#[derive(Default)]
pub struct Handoffs {
    pub raw: BTreeMap<String, Kept<RawAbout>>,
    pub admitted: BTreeMap<PanelWave, Kept<AdmittedAbout>>,
    pub harmonised: BTreeMap<PanelWave, Kept<HarmonisedAbout>>,
    pub checked: BTreeMap<PanelWave, Kept<CheckedAbout>>,
    pub weighted: BTreeMap<PanelWave, Kept<WeightedAbout>>,
    pub estimates: BTreeMap<String, Kept<EstimatesAbout>>,
}

impl Handoffs {
    /// The steps that made them.
    pub fn steps(&self) -> Vec<Step> {
        fn of<'a, N: 'a, K: 'a>(kept: &'a BTreeMap<N, Kept<K>>) -> impl Iterator<Item = Step> + 'a {
            kept.values().map(|kept| kept.step.clone())
        }
        let before = of(&self.raw).chain(of(&self.admitted)).chain(of(&self.harmonised));
        let after = of(&self.checked).chain(of(&self.weighted)).chain(of(&self.estimates));
        before.chain(after).collect()
    }
}

/// What was published; the step's hand-off, so that the store treats it like any other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedAbout {
    pub release: String,
    /// `new`, `unchanged` or `switched_back`.
    pub outcome: String,
    /// Of the release's manifest, but for the facts of the run.
    #[serde(default)]
    pub seal: String,
}

impl About for PublishedAbout {
    const NAME: &'static str = "published";
}
