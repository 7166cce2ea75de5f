//! Settings of the stage: how one panel-wave is weighted.

use std::collections::{BTreeMap, BTreeSet};

use config::sampling::{Nonresponse, SampleDesign, Variance};
use config::{Panel, PopulationTotal, Weighting};
use serde::Serialize;
use survey::codebook::Codebook;
use survey::{PanelWave, Wave};

/// Everything that decides the weights of one panel-wave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    pub panel_wave: PanelWave,
    pub design: SampleDesign,
    pub nonresponse: Option<Nonresponse>,
    pub weighting: Weighting,
    pub variance: Variance,
    /// Population totals of this panel-wave.
    pub totals: Vec<PopulationTotal>,
    /// Answer codes of the concepts in the margins, strata and nonresponse classes.
    pub codes: BTreeMap<String, Vec<String>>,
    /// Flag columns, e.g. `flag_speeder`, whose respondents get weight 0; none = all are kept.
    pub exclude_flagged: BTreeSet<String>,
    /// A margin that stays this far (relative) from its total after all rounds is an error, below it a warning.
    pub refused_distance: f64,
}

/// Default of `Settings::refused_distance`: one percent.
pub const REFUSED_DISTANCE: f64 = 0.01;

impl Settings {
    /// The part of the configuration that this panel-wave reads.
    pub fn of(panel: &Panel, wave: Wave, totals: &[PopulationTotal], codebook: &Codebook) -> Self {
        let classes = panel.nonresponse.iter().flat_map(|nonresponse| {
            nonresponse.classes.iter().chain([&nonresponse.responded.concept])
        });
        let margins = panel.weighting.margins.iter().flatten();
        let concepts: BTreeSet<&String> =
            margins.chain(&panel.design.strata).chain(classes).collect();
        let codes = concepts
            .into_iter()
            .filter_map(|name| codebook.concept(name))
            .map(|concept| {
                (
                    concept.concept.clone(),
                    codebook.codes(concept).into_iter().map(str::to_owned).collect(),
                )
            })
            .collect();
        Self {
            panel_wave: PanelWave::new(panel.panel.clone(), wave),
            design: panel.design.clone(),
            nonresponse: panel.nonresponse.clone(),
            weighting: panel.weighting.clone(),
            variance: panel.variance.clone(),
            totals: totals
                .iter()
                .filter(|total| total.panel == panel.panel && total.wave == wave)
                .cloned()
                .collect(),
            codes,
            exclude_flagged: BTreeSet::new(),
            refused_distance: REFUSED_DISTANCE,
        }
    }
}
