//! What the stages said, for the operational marts and the receipts.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use survey::handoff::{AdmittedAbout, CheckedAbout, RawAbout, WeightedAbout};
use survey::{Finding, PanelWave, Warning};

use crate::error::Error;
use crate::inputs::{Inputs, Said};

/// What the stages said, without their tables.
#[derive(Default)]
pub struct Reports {
    pub raw: BTreeMap<String, RawAbout>,
    pub admitted: BTreeMap<PanelWave, AdmittedAbout>,
    pub checked: BTreeMap<PanelWave, CheckedAbout>,
    pub weighted: BTreeMap<PanelWave, WeightedAbout>,
    pub(crate) outcomes: Vec<(PanelWave, RecordBatch)>,
    pub(crate) diagnostics: Vec<(PanelWave, RecordBatch)>,
    pub(crate) replicate_scales: Vec<(PanelWave, RecordBatch)>,
    pub(crate) findings: Vec<(&'static str, Finding)>,
    pub(crate) warnings: Vec<(&'static str, Warning)>,
}

impl Reports {
    pub fn load(inputs: &Inputs<'_>) -> Result<Self, Error> {
        let mut reports = Self::default();
        for delivery in inputs.deliveries {
            let said = inputs.source.raw(&delivery.name).map_err(Error::source(&delivery.name))?;
            let about = reports.hear("ingest", said).0;
            reports.raw.insert(delivery.name.clone(), about);
        }
        for of in inputs.panel_waves {
            let admitted = inputs.source.admitted(of).map_err(Error::source(of))?;
            let harmonised = inputs.source.harmonised(of).map_err(Error::source(of))?;
            let checked = inputs.source.checked(of).map_err(Error::source(of))?;
            let weighted = inputs.source.weighted_said(of).map_err(Error::source(of))?;
            let admitted = reports.hear("admit", admitted).0;
            reports.admitted.insert(of.clone(), admitted);
            reports.hear("harmonise", harmonised);
            let (checked, mut extra) = reports.hear("confront", checked);
            reports.checked.insert(of.clone(), checked);
            reports.outcomes.extend(extra.remove("rule_outcome").map(|table| (of.clone(), table)));
            let (weighted, mut extra) = reports.hear("weight", weighted);
            reports.weighted.insert(of.clone(), weighted);
            reports.diagnostics.extend(extra.remove("diagnostic").map(|table| (of.clone(), table)));
            let scales = extra.remove("replicate_scale").map(|table| (of.clone(), table));
            reports.replicate_scales.extend(scales);
        }
        for estimates in inputs.estimates {
            reports
                .findings
                .extend(estimates.findings.iter().map(|finding| ("estimate", finding.clone())));
            reports
                .warnings
                .extend(estimates.warnings.iter().map(|warning| ("estimate", warning.clone())));
        }
        Ok(reports)
    }

    fn hear<K>(
        &mut self,
        stage: &'static str,
        said: Said<K>,
    ) -> (K, BTreeMap<String, RecordBatch>) {
        self.findings.extend(said.findings.into_iter().map(|finding| (stage, finding)));
        self.warnings.extend(said.warnings.into_iter().map(|warning| (stage, warning)));
        (said.about, said.extra)
    }
}
