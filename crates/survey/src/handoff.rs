//! What a stage hands to the next: a table, what was found in it, and what is said about it.

use std::collections::{BTreeMap, BTreeSet};

use arrow::record_batch::RecordBatch;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::date::DateOrder;
use crate::{FateCount, Finding, MissingReason, PanelWave, Warning, Wave};

/// A hand-off of one stage; the kind `K` makes each a type of its own, so that a skipped stage does not compile.
#[derive(Debug, Clone, PartialEq)]
pub struct Handoff<K> {
    /// One row a respondent (an estimate in `Estimates`).
    pub table: RecordBatch,
    /// Further tables by name, e.g. `fate`, `change`.
    pub extra: BTreeMap<String, RecordBatch>,
    pub findings: Vec<Finding>,
    pub warnings: Vec<Warning>,
    pub about: K,
}

/// What a stage says about its table; its name is the hand-off's name in the store.
pub trait About: Serialize + DeserializeOwned + Send + Sync {
    const NAME: &'static str;
    /// Fields that tell of the delivered file and not of its cells: they differ between two files with the same cells, and no
    /// stage reads them.
    const RECEIPT: &'static [&'static str] = &[];
}

/// A delivery as read. Table (names in `columns`): record (from 1), line (physical line of a text, row of a sheet), sheet row
/// (row in which a spreadsheet shows it: one a record of a text, however many lines it has; all three Int64, from 1), then for
/// every kept column its text Utf8 (ids already pseudonyms) and its class Int8 (`Class`).
pub type Raw = Handoff<RawAbout>;
/// One panel-wave's rows, confronted with the codebook. Table: respondent Utf8, record, line, sheet row Int64, then for every
/// item `{concept}` by its kind (what the delivered cells mean; null where they have no value) and their fate Int8 (`Fate::code`).
pub type Admitted = Handoff<AdmittedAbout>;
/// Items as concepts. Table: respondent Utf8, wave Int32, record Int64, then for every concept of the codebook (asked or not,
/// derived too) `{concept}` by its kind and its missing reason Int8 (`MissingReason`; null where there is a value). Extra
/// `fate`: record, line, sheet row Int64 and the fate Int8 (`Fate::code`) of every delivered column that feeds an item, the
/// respondent id's too.
pub type Harmonised = Handoff<HarmonisedAbout>;
/// Harmonised rows that are in scope, with quality flags. Table: as `Harmonised` plus `columns::FLAGS` Boolean. Extra `rule_outcome`: `rule`, `label`, `severity` Utf8, `passes`, `fails`, `cannot_tell`, `broke` Int64,
/// `status` Utf8 (`applied`, `not_asked`, `matches_nothing`, `broke`).
pub type Checked = Handoff<CheckedAbout>;
/// Table: as `Checked` plus base weight and weight, Float64. Extra `calibration`: what the variance needs, one row a respondent;
/// extra `diagnostic`: `measure`, `margin`, `level` Utf8, `value` Float64.
pub type Weighted = Handoff<WeightedAbout>;
/// Table: the grain of mart `estimate`; extra `change`: the grain of mart `change`.
pub type Estimates = Handoff<EstimatesAbout>;

/// A column as delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawColumn {
    /// Position in the file, from 0.
    pub position: u32,
    /// The header by the profile's rule; duplicates are told apart by `occurrence`.
    pub header: String,
    pub occurrence: u32,
    /// All header rows' texts, top down.
    pub header_rows: Vec<String>,
    pub treatment: Treatment,
    /// Cells by class, in the order of `Class::ALL`, over the kept rows.
    pub classes: [u64; 7],
}

/// What ingest does with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    Kept,
    /// Replaced by a keyed hash.
    Pseudonymised,
    /// Personal: dropped before anything is kept, counted.
    DroppedPersonal,
}

/// The sign between several answers in one cell, where a profile names no other.
pub const OPTION_SEPARATOR: char = ';';

fn option_separator() -> char {
    OPTION_SEPARATOR
}

/// What was read, and how; written as receipt too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RawAbout {
    pub delivery: String,
    /// File name without folders.
    pub file: String,
    pub profile: String,
    /// Within which an id has one pseudonym.
    #[serde(default)]
    pub id_space: String,
    pub bytes: u64,
    pub blake3: String,
    pub container: String,
    pub encoding: Option<String>,
    pub encoding_reason: Option<String>,
    /// Numbers in text are written with a decimal comma.
    pub decimal_comma: bool,
    /// Numbers in text may have a sign between thousands: a point with a decimal comma, else a comma.
    #[serde(default)]
    pub thousands: bool,
    /// Orders of day, month and year that the profile declares for dates in text.
    #[serde(default)]
    pub date_orders: Vec<DateOrder>,
    /// The sign between several answers in one cell.
    #[serde(default = "option_separator")]
    pub option_separator: char,
    pub sheet: Option<String>,
    /// Sheets of a workbook with their visibility: visible, hidden, very hidden.
    pub sheets: Vec<(String, String)>,
    pub used_range: Option<String>,
    /// Row of the first header row in the sheet, or its line in a CSV, from 1.
    pub header_row: u64,
    /// Left-most used column of the sheet, from 0: A1 address of a cell is (`sheet_row` - 1, this + position).
    pub first_column: u32,
    pub columns: Vec<RawColumn>,
    /// Rows below the header, blank ones not counted.
    pub rows_in: u64,
    pub rows_out: u64,
    pub blank_rows: u64,
    /// Rows cut by a named rule (footer, preview, second header), with how many.
    pub rows_cut: BTreeMap<String, u64>,
    pub notes: Vec<String>,
}
impl About for RawAbout {
    const NAME: &'static str = "raw";
    const RECEIPT: &'static [&'static str] = &["blake3", "bytes", "encoding_reason", "used_range"];
}

impl RawAbout {
    /// A cell's address as a spreadsheet shows it, by its `sheet_row`.
    pub fn address(&self, sheet_row: u64, position: u32) -> crate::Address {
        let row = sheet_row.saturating_sub(1) as u32;
        crate::Address { row, column: self.first_column + position }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmittedAbout {
    pub panel_wave: PanelWave,
    pub delivery: String,
    pub sheet: Option<String>,
    pub first_column: u32,
    /// Which delivered column feeds each item: concept → (position, header).
    pub sources: BTreeMap<String, (u32, String)>,
    /// The column with the respondent ids: position, header and whether it came as keyed hashes.
    pub identifier: (u32, String, bool),
    /// Rows of the delivery that are this panel's.
    pub rows_in: u64,
    pub rows_kept: u64,
    /// Quarantined rows by reason.
    pub rows_quarantined: BTreeMap<String, u64>,
    /// Rows of the delivery that belong to no panel (counted once a delivery), by filter.
    pub rows_unassigned: BTreeMap<String, u64>,
    /// Fates that are settled here: quarantined rows, columns not in the codebook.
    pub fates: Vec<FateCount>,
    /// Crosswalk rows that no cell used: `crosswalk: value`, without the counts of any respondent.
    #[serde(default)]
    pub unused_recodes: Vec<String>,
}
impl About for AdmittedAbout {
    const NAME: &'static str = "admitted";
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HarmonisedAbout {
    pub panel_wave: PanelWave,
    pub delivery: String,
    pub sheet: Option<String>,
    pub first_column: u32,
    /// Concepts that this panel was asked in this wave, or that could be derived.
    pub asked: BTreeSet<String>,
    /// concept → missing reason → rows.
    pub missing: BTreeMap<String, BTreeMap<MissingReason, u64>>,
    /// Which delivered column feeds each item: concept → (position, header).
    pub sources: BTreeMap<String, (u32, String)>,
    /// Headers of all columns of the table `fate`, by position: those of the items and the respondent id.
    pub headers: BTreeMap<u32, String>,
}
impl About for HarmonisedAbout {
    const NAME: &'static str = "harmonised";
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedAbout {
    pub panel_wave: PanelWave,
    pub delivery: String,
    pub asked: BTreeSet<String>,
    pub rows_in: u64,
    pub rows_kept: u64,
    /// Rows left out, by the filter's name (eligibility, …).
    pub rows_dropped: BTreeMap<String, u64>,
    pub flagged: BTreeMap<String, u64>,
    /// Fates of all cells of the rows that were harmonised.
    pub fates: Vec<FateCount>,
}
impl About for CheckedAbout {
    const NAME: &'static str = "checked";
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightedAbout {
    pub panel_wave: PanelWave,
    pub delivery: String,
    pub asked: BTreeSet<String>,
    /// Rows handed in, each with a weight or without one.
    #[serde(default)]
    pub rows_in: u64,
    #[serde(default)]
    pub rows_weighted: u64,
    /// Rows that keep their place with weight 0, by reason: `missing_auxiliary`, `flagged`, `nonrespondent`.
    #[serde(default)]
    pub rows_without_weight: BTreeMap<String, u64>,
    pub method: String,
    pub margins: Vec<String>,
    pub rounds: u32,
    pub converged: bool,
    pub largest_distance: f64,
    pub deff_kish: f64,
    pub n_eff: f64,
    pub population: f64,
    /// Σ of the column `weight` as the weighting left it: the population, unless the settings promise none.
    pub sum_of_weights: f64,
}
impl About for WeightedAbout {
    const NAME: &'static str = "weighted";
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimatesAbout {
    pub panel: String,
    pub waves: Vec<Wave>,
}
impl About for EstimatesAbout {
    const NAME: &'static str = "estimates";
}
