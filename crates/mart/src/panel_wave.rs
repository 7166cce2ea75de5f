//! The marts `panel_wave` and `panel_wave_margin`: what everybody may know of how a panel was asked and weighted in a wave.

use arrow::array::RecordBatch;
use config::monitor::{Fieldwork, Protection};
use survey::handoff::{AdmittedAbout, CheckedAbout, WeightedAbout};
use survey::{PanelWave, Severity};

use crate::dimension::days;
use crate::disclosure::{base, round_to};
use crate::error::Error;
use crate::inputs::Inputs;
use crate::reports::Reports;
use crate::table::Columns;

/// Design effects are shown in steps of this.
const DEFF_STEP: f64 = 0.01;

/// One panel-wave, all counts exact.
struct Row<'a> {
    of: &'a PanelWave,
    admitted: Option<&'a AdmittedAbout>,
    checked: Option<&'a CheckedAbout>,
    weighted: Option<&'a WeightedAbout>,
    fieldwork: Option<&'a Fieldwork>,
}

/// Both tables by name.
pub fn tables(
    inputs: &Inputs<'_>,
    reports: &Reports,
) -> Result<[(&'static str, RecordBatch); 2], Error> {
    let monitor = &inputs.configuration.monitor;
    let row = |of| Row {
        of,
        admitted: reports.admitted.get(of),
        checked: reports.checked.get(of),
        weighted: reports.weighted.get(of),
        fieldwork: monitor.fieldwork(&of.panel, of.wave),
    };
    let rows: Vec<Row<'_>> = inputs.panel_waves.iter().map(row).collect();
    Ok([
        ("panel_wave", panel_waves(inputs, reports, &rows)?),
        ("panel_wave_margin", margins(&rows)?),
    ])
}

fn key(of: &PanelWave) -> String {
    format!("{}:{}", of.panel, of.wave)
}

/// Counts are rounded as bases are, and none are told of a panel-wave that is itself confidential.
fn panel_waves(
    inputs: &Inputs<'_>,
    reports: &Reports,
    rows: &[Row<'_>],
) -> Result<RecordBatch, Error> {
    let disclosure = &inputs.configuration.monitor.disclosure;
    let multiple =
        if disclosure.protects(Protection::Bases) { disclosure.base_multiple } else { 1 };
    let is_told = |row: &Row<'_>| {
        let respondents = row.weighted.map_or(0, |about| about.rows_weighted);
        respondents >= disclosure.minimum_base_confidential
    };
    let counted = |of: &dyn Fn(&Row<'_>) -> Option<u64>| -> Vec<Option<u64>> {
        let count = |row: &Row<'_>| of(row).filter(|_| is_told(row));
        rows.iter().map(|row| count(row).map(|count| base(count, multiple))).collect()
    };
    let n = counted(&|row| Some(row.weighted?.rows_weighted));
    let invited = |row: &Row<'_>| row.fieldwork.and_then(|fieldwork| fieldwork.invited);
    let response = rows.iter().zip(&n).map(|(row, n)| {
        let (n, invited) = ((*n)?, invited(row).filter(|invited| *invited > 0)?);
        Some(round_to(n as f64 / invited as f64 * 100.0, 1.0))
    });
    let response: Vec<Option<f64>> = response.collect();
    let deff = |row: &Row<'_>| {
        let about = row.weighted.filter(|_| is_told(row))?;
        Some(round_to(about.deff_kish, DEFF_STEP))
    };
    let found = |severity: Severity| counted(&|row| Some(reports.found(row.of, severity)));
    let day = |of: fn(&Fieldwork) -> &str| {
        rows.iter().map(move |row| row.fieldwork.and_then(|fieldwork| days(of(fieldwork))))
    };
    Columns::default()
        .texts("panel_wave", rows.iter().map(|row| key(row.of)))
        .text("panel", rows.iter().map(|row| row.of.panel.as_str()))
        .small("wave", rows.iter().map(|row| row.of.wave as i32))
        .maybe_date("fieldwork_start", day(|fieldwork| &fieldwork.start))
        .maybe_date("fieldwork_end", day(|fieldwork| &fieldwork.end))
        .maybe_count("invited", rows.iter().map(invited))
        .maybe_count("delivered", counted(&|row| Some(row.admitted?.rows_in)))
        .maybe_count(
            "quarantined",
            counted(&|row| Some(row.admitted?.rows_quarantined.values().sum())),
        )
        .maybe_count("out_of_scope", counted(&|row| Some(row.checked?.rows_dropped.values().sum())))
        .maybe_count("n", n)
        .numbers("response_percent", response)
        .maybe_text("weighting_method", rows.iter().map(|row| Some(row.weighted?.method.as_str())))
        .numbers("deff_weighting", rows.iter().map(deff))
        .maybe_count("findings_error", found(Severity::Error))
        .maybe_count("findings_warning", found(Severity::Warning))
        .maybe_count("findings_info", found(Severity::Info))
        .build()
}

fn margins(rows: &[Row<'_>]) -> Result<RecordBatch, Error> {
    let margins = rows.iter().flat_map(|row| {
        let margins = row.weighted.map_or(&[][..], |about| &about.margins).iter().enumerate();
        margins.map(|(place, margin)| (row.of, place as i32 + 1, margin.as_str()))
    });
    let margins: Vec<(&PanelWave, i32, &str)> = margins.collect();
    Columns::default()
        .texts("panel_wave", margins.iter().map(|row| key(row.0)))
        .small("sort_order", margins.iter().map(|row| row.1))
        .text("margin", margins.iter().map(|row| row.2))
        .build()
}
