//! What makes the stage refuse a panel-wave, with the place to correct it.

use std::fmt;

use survey::PanelWave;

use crate::Error;

/// All that is wrong with the weighting of one panel-wave, a line each.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub panel_wave: PanelWave,
    pub faults: Vec<Fault>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, fault) in self.faults.iter().enumerate() {
            let separator = if position == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{}: {fault}", self.panel_wave)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

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
    #[error("0 of {rows} respondents are left to weight, expected at least 1; hint: {hint}")]
    NoRespondents { rows: usize, hint: String },
    /// A setting that cannot be.
    #[error("config/panels/{panel}.toml: {key}: found {found}, expected {expected}; hint: {hint}")]
    Setting { panel: String, key: &'static str, found: String, expected: String, hint: String },
    /// A margin that names something that is not a category concept.
    #[error(
        "config/panels/{panel}.toml: {place}: `{concept}` is {found}, expected a category concept; hint: {hint}"
    )]
    NotACategory { panel: String, place: String, concept: String, found: String, hint: String },
    /// A concept that this panel was not asked in this wave.
    #[error(
        "config/panels/{panel}.toml: {place}: `{concept}` was not asked in this wave; hint: add its item to config/codebook/items.csv or take it out of the margins"
    )]
    NotAsked { panel: String, place: String, concept: String },
    /// An answer outside the concept's answer list.
    #[error(
        "{place}: {rows} respondents have a value of `{concept}` outside its answers ({codes}); hint: the hand-off and config/codebook/answers.csv differ"
    )]
    UnknownCode { place: String, concept: String, rows: usize, codes: String },
    /// A base weight that is missing, zero, negative or infinite.
    #[error(
        "base weight `{concept}`: {rows} respondents have no value above zero (records {records}); hint: correct the delivery, or make the rows ineligible by name in config/panels/{panel}.toml"
    )]
    BadBaseWeight { panel: String, concept: String, rows: usize, records: String },
    /// Auxiliaries that are missing under the policy `stop`.
    #[error(
        "margin `{margin}`: {rows} respondents have no value (records {records}), expected none under missing_auxiliary = \"stop\"; hint: choose own_category, drop or neutral in config/panels/{panel}.toml, or derive the value"
    )]
    MissingAuxiliary { panel: String, margin: String, rows: usize, records: String },
    /// A margin without any total.
    #[error(
        "{targets}: margin `{margin}`: no total for this wave, expected one for each of its levels; hint: {hint}"
    )]
    MarginWithoutTotals { targets: Targets, margin: String, hint: String },
    /// A total for a level that the concept does not have.
    #[error(
        "{targets}: margin `{margin}`: level `{level}` is not an answer code, expected {expected}; hint: levels of crossed concepts are joined by `*` in the order of the margin"
    )]
    LevelNotACode { targets: Targets, margin: String, level: String, expected: String },
    /// Two totals for one level.
    #[error(
        "{targets}: margin `{margin}`: level `{level}` has a total already at line {first}, expected one; hint: delete one of the lines"
    )]
    TotalTwice { targets: Targets, margin: String, level: String, first: u32 },
    /// A total that is not above zero.
    #[error(
        "{targets}: margin `{margin}`: level `{level}` has total {total}, expected more than 0; hint: delete the line if the level does not exist in the population, or merge it with a neighbour"
    )]
    BadTotal { targets: Targets, margin: String, level: String, total: f64 },
    /// A level that occurs and has no total.
    #[error(
        "{targets}: margin `{margin}`: no total for level `{level}`, which {rows} respondents have; hint: add the line `{line}`"
    )]
    LevelWithoutTotal { targets: Targets, margin: String, level: String, rows: usize, line: String },
    /// A level of the population that nobody in the sample has.
    #[error(
        "{targets}: margin `{margin}`: level `{level}` has total {total} and nobody in the sample, expected at least 1 respondent; hint: no weight can reach it: merge the level with a neighbour in a derived concept"
    )]
    NobodyInSample { targets: Targets, margin: String, level: String, total: f64 },
    /// Margins that describe populations of different size.
    #[error(
        "{targets}: margin `{margin}`: totals add up to {found}, expected {expected} as margin `{other}`; hint: take both margins from one source, or scale one of them on purpose"
    )]
    UnequalTotals { targets: Targets, margin: String, found: f64, other: String, expected: f64 },
    /// Totals that cannot be met together.
    #[error(
        "{targets}: margin `{margin}`: level `{level}` stays at {found}{after}, expected {expected} ({percent:.2} % off): no weights meet all totals{within}; hint: {hint}"
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
    #[error(
        "{key} `{concept}`: {rows} respondents have no value{above} (records {records}); hint: {hint}"
    )]
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
        "config/panels/{panel}.toml: {key}: `{concept}` is no number that was asked in this wave, expected one; hint: add its item to config/codebook/items.csv"
    )]
    NotANumber { panel: String, key: &'static str, concept: String },
    /// Respondents whose place in the sample is unknown.
    #[error(
        "config/panels/{panel}.toml: {key}: {rows} respondents have no value of `{concepts}` (records {records}), expected the place of everybody in the sample; hint: complete the delivery, or make the rows ineligible by name"
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
        "{targets}: margin `{margin}`: no number of units for stratum `{stratum}`, in which {units} were sampled; hint: add its line, or leave out design.population"
    )]
    StratumWithoutPopulation { targets: Targets, margin: String, stratum: String, units: usize },
    /// More sampled than there are.
    #[error(
        "{targets}: margin `{margin}`: stratum `{stratum}` has {population} units in the population and {units} in the sample, expected no more than the population; hint: count primary sampling units, not people, where design.clusters is set"
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
        "config/panels/{panel}.toml: design.lonely_psu: stratum `{stratum}` has one unit, expected two or more under \"fail\"; hint: merge strata in a derived concept, or choose remove, adjust or average"
    )]
    LonelyPsu { panel: String, stratum: String },
    /// A cluster in two strata.
    #[error(
        "config/panels/{panel}.toml: design.clusters: a cluster has respondents in the strata `{first}` and `{other}`, expected one; hint: where its name means another cluster in each stratum, set design.nested = true"
    )]
    ClusterInTwoStrata { panel: String, first: String, other: String },
    /// A stratum that the replicates cannot use.
    #[error(
        "config/panels/{panel}.toml: variance.method = \"{method}\": stratum `{stratum}` has {units} units, expected {expected}; hint: {hint}"
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
    #[error(
        "replicate {replicate} of {replicates} ({refused} cannot be weighted): {fault}; hint: or set variance.recalibrate = false, or another variance.method"
    )]
    Replicate { replicate: usize, replicates: usize, refused: usize, fault: Box<Fault> },
    /// Weights below zero, which no base may have.
    #[error(
        "method = \"{method}\" gives {rows} respondents a weight below zero, the lowest {lowest}; hint: set weighting.bounds, or method = \"raking_ratio\""
    )]
    NegativeWeights { method: &'static str, rows: usize, lowest: f64 },
    /// The method itself refuses.
    #[error("{0}")]
    Method(#[source] Box<Error>),
}
