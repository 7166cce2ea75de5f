//! A receipt per delivery: what was read of the file and how, which columns the codebook knows, and what its supplier can mend.

use std::collections::BTreeMap;

use config::Configuration;
use serde::Serialize;
use survey::cell::column_letters;
use survey::handoff::{AdmittedAbout, RawAbout, RawColumn, Treatment};
use survey::{Class, Finding, Labels, PanelWave, Severity};

use crate::alike::{Names, Similar};
use crate::reports::Reports;

/// Folder of a release.
pub const RECEIPTS: &str = "receipts";

/// What is known of a delivery once all its panel-waves are admitted.
#[derive(Debug, Serialize)]
pub struct Receipt<'a> {
    pub notice: &'a Labels,
    pub delivery: &'a str,
    pub file: &'a str,
    pub bytes: u64,
    pub blake3: &'a str,
    pub profile: &'a str,
    /// Within which an id has one pseudonym.
    pub id_space: &'a str,
    pub profile_label: &'a str,
    pub container: &'a str,
    pub encoding: Option<&'a str>,
    pub encoding_reason: Option<&'a str>,
    pub decimal_sign: &'static str,
    pub sheet: Option<&'a str>,
    pub sheets: Vec<Sheet<'a>>,
    pub used_range: Option<&'a str>,
    pub header_row: u64,
    pub rows: Rows<'a>,
    pub panels: Vec<PanelRows<'a>>,
    /// Cells of the rows that were read, by class; classes that do not occur are left out.
    pub cells: BTreeMap<&'static str, u64>,
    pub columns: Vec<Column<'a>>,
    /// By severity, then code.
    pub findings: Vec<FindingGroup<'a>>,
    pub notes: &'a [String],
}

#[derive(Debug, Serialize)]
pub struct Sheet<'a> {
    pub name: &'a str,
    pub visibility: &'a str,
    pub was_read: bool,
}

#[derive(Debug, Serialize)]
pub struct Rows<'a> {
    pub below_header: u64,
    pub blank: u64,
    pub cut_by_rule: &'a BTreeMap<String, u64>,
    pub read: u64,
    /// Rows of no panel, by filter.
    pub unassigned: BTreeMap<&'a str, u64>,
}

#[derive(Debug, Serialize)]
pub struct PanelRows<'a> {
    pub panel: &'a str,
    pub label: &'a str,
    pub wave: survey::Wave,
    pub rows: u64,
    pub kept: u64,
    pub quarantined: &'a BTreeMap<String, u64>,
}

#[derive(Debug, Serialize)]
pub struct Column<'a> {
    pub letters: String,
    pub header: &'a str,
    pub occurrence: u32,
    /// `kept`, `pseudonymised` or `dropped_personal`.
    pub treatment: Treatment,
    pub cells: BTreeMap<&'static str, u64>,
    /// Items that read it.
    pub items: Vec<Read<'a>>,
    /// Where no item reads it: the items of any panel-wave that it is likest to.
    pub similar: Vec<Similar<'a>>,
}

#[derive(Debug, Serialize)]
pub struct Read<'a> {
    pub panel: &'a str,
    pub wave: survey::Wave,
    pub concept: &'a str,
}

#[derive(Debug, Serialize)]
pub struct FindingGroup<'a> {
    pub severity: Severity,
    pub code: &'a str,
    /// Cells or rows in all.
    pub count: u64,
    /// The first ones, each with its place.
    pub first: Vec<&'a Finding>,
}

const SHOWN: usize = 10;

/// The receipt of one delivery.
pub(crate) fn receipt<'a>(
    configuration: &'a Configuration,
    reports: &'a Reports,
    raw: &'a RawAbout,
    names: &Names<'a>,
) -> Receipt<'a> {
    let admitted: Vec<(&PanelWave, &AdmittedAbout)> =
        reports.admitted.iter().filter(|(_, about)| about.delivery == raw.delivery).collect();
    let mut unassigned: BTreeMap<&str, u64> = BTreeMap::new();
    // Every panel of a shared delivery counts the rows of none: once is enough.
    for (filter, rows) in admitted.first().into_iter().flat_map(|(_, about)| &about.rows_unassigned)
    {
        unassigned.insert(filter, *rows);
    }
    let profile = configuration.exports.get(&raw.profile);
    let notice = &configuration.monitor.notice;
    Receipt {
        notice,
        delivery: &raw.delivery,
        file: &raw.file,
        bytes: raw.bytes,
        blake3: &raw.blake3,
        profile: &raw.profile,
        id_space: &raw.id_space,
        profile_label: profile.map_or("", |profile| profile.label.as_str()),
        container: &raw.container,
        encoding: raw.encoding.as_deref(),
        encoding_reason: raw.encoding_reason.as_deref(),
        decimal_sign: if raw.decimal_comma { "comma" } else { "point" },
        sheet: raw.sheet.as_deref(),
        sheets: raw
            .sheets
            .iter()
            .map(|(name, visibility)| Sheet {
                name,
                visibility,
                was_read: raw.sheet.as_ref() == Some(name),
            })
            .collect(),
        used_range: raw.used_range.as_deref(),
        header_row: raw.header_row,
        rows: Rows {
            below_header: raw.rows_in,
            blank: raw.blank_rows,
            cut_by_rule: &raw.rows_cut,
            read: raw.rows_out,
            unassigned,
        },
        panels: admitted
            .iter()
            .map(|(of, about)| PanelRows {
                panel: &of.panel,
                label: configuration
                    .panels
                    .get(&of.panel)
                    .map_or(of.panel.as_str(), |panel| panel.label.plain()),
                wave: of.wave,
                rows: about.rows_in,
                kept: about.rows_kept,
                quarantined: &about.rows_quarantined,
            })
            .collect(),
        cells: classes(raw.columns.iter().map(|column| &column.classes)),
        columns: raw
            .columns
            .iter()
            .map(|column| one_column(names, raw, &admitted, column))
            .collect(),
        findings: groups(reports.findings_of(&raw.delivery)),
        notes: &raw.notes,
    }
}

fn classes<'a>(counts: impl Iterator<Item = &'a [u64; 7]>) -> BTreeMap<&'static str, u64> {
    let mut cells = BTreeMap::new();
    for counts in counts {
        for class in Class::ALL.into_iter().filter(|class| counts[*class as usize] > 0) {
            *cells.entry(class.name()).or_default() += counts[class as usize];
        }
    }
    cells
}

fn one_column<'a>(
    names: &Names<'a>,
    raw: &RawAbout,
    admitted: &[(&'a PanelWave, &'a AdmittedAbout)],
    column: &'a RawColumn,
) -> Column<'a> {
    let mut items = Vec::new();
    for (of, about) in admitted {
        let here = about.sources.iter().filter(|(_, (position, _))| *position == column.position);
        let mut concepts: Vec<&str> = here.map(|(concept, _)| concept.as_str()).collect();
        if about.identifier.0 == column.position && concepts.is_empty() {
            concepts.push("respondent");
        }
        let read = |concept| Read { panel: &of.panel, wave: of.wave, concept };
        items.extend(concepts.into_iter().map(read));
    }
    let is_open = items.is_empty() && column.treatment == Treatment::Kept;
    let similar = if is_open { names.similar(column) } else { Vec::new() };
    Column {
        letters: column_letters(raw.first_column + column.position),
        header: &column.header,
        occurrence: column.occurrence,
        treatment: column.treatment,
        cells: classes(std::iter::once(&column.classes)),
        items,
        similar,
    }
}

fn groups<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<FindingGroup<'a>> {
    let mut groups: BTreeMap<(std::cmp::Reverse<Severity>, &str), FindingGroup<'a>> =
        BTreeMap::new();
    for finding in findings {
        let key = (std::cmp::Reverse(finding.severity), finding.code.name());
        let group = groups.entry(key).or_insert_with(|| FindingGroup {
            severity: finding.severity,
            code: finding.code.name(),
            count: 0,
            first: Vec::new(),
        });
        group.count += finding.count;
        if group.first.len() < SHOWN {
            group.first.push(finding);
        }
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use survey::Code;

    use super::*;

    #[test]
    fn findings_of_one_code_stand_together_and_errors_first() {
        let finding = |code, severity| Finding::new(code, severity, "d");
        let all = [
            finding(Code::RowCut, Severity::Info),
            finding(Code::UnknownAnswer, Severity::Error),
            finding(Code::UnknownAnswer, Severity::Error),
        ];
        let found: Vec<(&str, u64)> =
            groups(all.iter()).iter().map(|group| (group.code, group.count)).collect();
        assert_eq!(found, [("unknown_answer", 2), ("row_cut", 1)]);
    }
}
