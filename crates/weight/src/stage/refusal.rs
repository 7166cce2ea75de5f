//! What makes the stage refuse a panel-wave, with the place to correct it.

use std::fmt;

use survey::PanelWave;
use survey::hinted::{Hinted, Message, at, texts};

use crate::Error;

/// All that is wrong with the weighting of one panel-wave, a line each.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub panel_wave: PanelWave,
    pub faults: Vec<Fault>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&texts(&self.messages()))
    }
}

impl std::error::Error for Refusal {}

impl Hinted for Refusal {
    fn hint(&self) -> Option<String> {
        if let [only] = self.faults.as_slice() { only.hint() } else { None }
    }

    fn messages(&self) -> Vec<Message> {
        let faults = self.faults.iter();
        faults.flat_map(|fault| at(&self.panel_wave, fault.messages())).collect()
    }
}

/// A place in the table of population totals: `config/targets/nurse.csv, line 12`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    pub panel: String,
    pub line: Option<u32>,
}

impl fmt::Display for Targets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "config/targets/{}.csv", self.panel)?;
        self.line.map_or(Ok(()), |line| write!(formatter, ", line {line}"))
    }
}

/// One reason to refuse.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Fault {
    /// The hand-off is another panel-wave's.
    #[error(
        "weighting settings met the answers of {found}, expected those of the same panel and wave"
    )]
    OtherPanelWave { found: PanelWave },
    /// Nobody is left to weight.
    #[error("0 of {rows} respondents are left to weight, expected at least 1")]
    NoRespondents { rows: usize, hint: String },
    /// A setting that cannot be.
    #[error("config/panels/{panel}.toml: {key}: found {found}, expected {expected}")]
    Setting { panel: String, key: &'static str, found: String, expected: String, hint: String },
    /// A margin that names something that is not a category concept.
    #[error(
        "config/panels/{panel}.toml: {place}: `{concept}` is {found}, expected a category concept"
    )]
    NotACategory { panel: String, place: String, concept: String, found: String, hint: String },
    /// A concept that this panel was not asked in this wave.
    #[error("config/panels/{panel}.toml: {place}: `{concept}` was not asked in this wave")]
    NotAsked { panel: String, place: String, concept: String },
    /// An answer outside the concept's answer list.
    #[error(
        "{place}: {rows} respondents have a value of `{concept}` outside its answers ({codes})"
    )]
    UnknownCode { place: String, concept: String, rows: usize, codes: String },
    /// A base weight that is missing, zero, negative or infinite.
    #[error(
        "base weight `{concept}`: {rows} respondents have no value above zero (records {records})"
    )]
    BadBaseWeight { panel: String, concept: String, rows: usize, records: String },
    /// Auxiliaries that are missing under the policy `stop`.
    #[error(
        "margin `{margin}`: {rows} respondents have no value (records {records}), expected none under missing_auxiliary = \"stop\""
    )]
    MissingAuxiliary { panel: String, margin: String, rows: usize, records: String },
    /// A margin without any total.
    #[error(
        "{targets}: margin `{margin}`: no total for this wave, expected one for each of its levels"
    )]
    MarginWithoutTotals { targets: Targets, margin: String, hint: String },
    /// A total for a level that the concept does not have.
    #[error(
        "{targets}: margin `{margin}`: level `{level}` is not an answer code, expected {expected}"
    )]
    LevelNotACode { targets: Targets, margin: String, level: String, expected: String },
    /// Two totals for one level.
    #[error(
        "{targets}: margin `{margin}`: level `{level}` has a total already at line {first}, expected one"
    )]
    TotalTwice { targets: Targets, margin: String, level: String, first: u32 },
    /// A total that is not above zero.
    #[error(
        "{targets}: margin `{margin}`: level `{level}` has total {total}, expected more than 0"
    )]
    BadTotal { targets: Targets, margin: String, level: String, total: f64 },
    /// A level that occurs and has no total.
    #[error(
        "{targets}: margin `{margin}`: no total for level `{level}`, which {rows} respondents have"
    )]
    LevelWithoutTotal { targets: Targets, margin: String, level: String, rows: usize, line: String },
    /// A level of the population that nobody in the sample has.
    #[error(
        "{targets}: margin `{margin}`: level `{level}` has total {total} and nobody in the sample, expected at least 1 respondent"
    )]
    NobodyInSample { targets: Targets, margin: String, level: String, total: f64 },
    /// Margins that describe populations of different size.
    #[error(
        "{targets}: margin `{margin}`: totals add up to {found}, expected {expected} as margin `{other}`"
    )]
    UnequalTotals { targets: Targets, margin: String, found: f64, other: String, expected: f64 },
    /// Totals that cannot be met together.
    #[error(
        "{targets}: margin `{margin}`: level `{level}` stays at {found}{after}, expected {expected} ({percent:.2} % off): no weights meet all totals{within}"
    )]
    TotalsNotMet {
        targets: Targets,
        margin: String,
        level: String,
        found: f64,
        expected: f64,
        percent: f64,
        /// ` after … rounds`, or empty where the bounds alone forbid it.
        after: String,
        /// ` within the bounds …`, or empty.
        within: String,
        hint: String,
    },
    /// A number that the weighting needs and that is not there, or not as it must be.
    #[error("{key} `{concept}`: {rows} respondents have no value{above} (records {records})")]
    BadNumber {
        key: &'static str,
        concept: String,
        rows: usize,
        /// ` above zero`, or empty.
        above: &'static str,
        records: String,
        hint: String,
    },
    /// A concept of a place that needs a number.
    #[error(
        "config/panels/{panel}.toml: {key}: `{concept}` is no number that was asked in this wave, expected one"
    )]
    NotANumber { panel: String, key: &'static str, concept: String },
    /// Respondents whose place in the sample is unknown.
    #[error(
        "config/panels/{panel}.toml: {key}: {rows} respondents have no value of `{concepts}` (records {records}), expected the place of everybody in the sample"
    )]
    NoPlaceInSample {
        panel: String,
        key: &'static str,
        concepts: String,
        rows: usize,
        records: String,
    },
    /// A stratum without a number of units in the population.
    #[error(
        "{targets}: margin `{margin}`: no number of units for stratum `{stratum}`, in which {units} were sampled"
    )]
    StratumWithoutPopulation { targets: Targets, margin: String, stratum: String, units: usize },
    /// More sampled than there are.
    #[error(
        "{targets}: margin `{margin}`: stratum `{stratum}` has {population} units in the population and {units} in the sample, expected no more than the population"
    )]
    PopulationTooSmall {
        targets: Targets,
        margin: String,
        stratum: String,
        population: f64,
        units: usize,
    },
    /// A stratum with one unit under the policy `fail`.
    #[error(
        "config/panels/{panel}.toml: design.lonely_psu: stratum `{stratum}` has one unit, expected two or more under \"fail\""
    )]
    LonelyPsu { panel: String, stratum: String },
    /// A cluster in two strata.
    #[error(
        "config/panels/{panel}.toml: design.clusters: a cluster has respondents in the strata `{first}` and `{other}`, expected one"
    )]
    ClusterInTwoStrata { panel: String, first: String, other: String },
    /// A stratum that the replicates cannot use.
    #[error(
        "config/panels/{panel}.toml: variance.method = \"{method}\": stratum `{stratum}` has {units} units, expected {expected}"
    )]
    Replicates {
        panel: String,
        method: &'static str,
        stratum: String,
        units: usize,
        expected: &'static str,
        hint: String,
    },
    /// A replicate that cannot be weighted as the whole sample was.
    #[error("replicate {replicate} of {replicates} ({refused} cannot be weighted): {fault}")]
    Replicate { replicate: usize, replicates: usize, refused: usize, fault: Box<Fault> },
    /// Weights below zero, which no base may have.
    #[error(
        "method = \"{method}\" gives {rows} respondents a weight below zero, the lowest {lowest}"
    )]
    NegativeWeights { method: &'static str, rows: usize, lowest: f64 },
    /// The method itself refuses.
    #[error("{0}")]
    Method(#[source] Box<Error>),
}

impl Hinted for Fault {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoRespondents { hint, .. }
            | Self::Setting { hint, .. }
            | Self::NotACategory { hint, .. }
            | Self::MarginWithoutTotals { hint, .. }
            | Self::TotalsNotMet { hint, .. }
            | Self::BadNumber { hint, .. }
            | Self::Replicates { hint, .. } => hint,
            Self::NotAsked { .. } => {
                "add its item to config/codebook/items.csv or take it out of the margins"
            }
            Self::UnknownCode { .. } => "the hand-off and config/codebook/answers.csv differ",
            Self::BadBaseWeight { panel, .. } => {
                return Some(format!(
                    "correct the delivery, or make the rows ineligible by name in config/panels/{panel}.toml"
                ));
            }
            Self::MissingAuxiliary { panel, .. } => {
                return Some(format!(
                    "choose own_category, drop or neutral in config/panels/{panel}.toml, or derive the value"
                ));
            }
            Self::LevelNotACode { .. } => {
                "levels of crossed concepts are joined by `*` in the order of the margin"
            }
            Self::TotalTwice { .. } => "delete one of the lines",
            Self::BadTotal { .. } => {
                "delete the line if the level does not exist in the population, or merge it with a neighbour"
            }
            Self::LevelWithoutTotal { line, .. } => return Some(format!("add the line `{line}`")),
            Self::NobodyInSample { .. } => {
                "no weight can reach it: merge the level with a neighbour in a derived concept"
            }
            Self::UnequalTotals { .. } => {
                "take both margins from one source, or scale one of them on purpose"
            }
            Self::NotANumber { .. } => "add its item to config/codebook/items.csv",
            Self::NoPlaceInSample { .. } => {
                "complete the delivery, or make the rows ineligible by name"
            }
            Self::StratumWithoutPopulation { .. } => "add its line, or leave out design.population",
            Self::PopulationTooSmall { .. } => {
                "count primary sampling units, not people, where design.clusters is set"
            }
            Self::LonelyPsu { .. } => {
                "merge strata in a derived concept, or choose remove, adjust or average"
            }
            Self::ClusterInTwoStrata { .. } => {
                "where its name means another cluster in each stratum, set design.nested = true"
            }
            Self::Replicate { fault, .. } => {
                let or = "set variance.recalibrate = false, or another variance.method";
                let hint = fault.hint().map(|hint| format!("{hint}; or {or}"));
                return hint.or_else(|| Some(or.to_owned()));
            }
            Self::NegativeWeights { .. } => "set weighting.bounds, or method = \"raking_ratio\"",
            Self::OtherPanelWave { .. } => return None,
            Self::Method(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }
}
