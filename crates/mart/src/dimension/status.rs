//! What becomes of a figure, with the codes of SDMX (CL_OBS_STATUS 2.2, CL_CONF_STATUS 1.2).

use arrow::array::RecordBatch;

use config::Words;
use survey::Labels;

use super::known;
use crate::error::Error;
use crate::names::outcome;
use crate::table::Columns;

struct Row {
    status: &'static str,
    reason: &'static str,
    is_shown: bool,
    obs_status: &'static str,
    conf_status: &'static str,
    label: &'static str,
}

const fn row(
    [status, reason]: [&'static str; 2],
    is_shown: bool,
    [obs_status, conf_status]: [&'static str; 2],
    label: &'static str,
) -> Row {
    Row { status, reason, is_shown, obs_status, conf_status, label }
}

const ROWS: [Row; 9] = [
    row(["published", ""], true, ["A", "F"], "Published"),
    row(["published", "caution"], true, ["U", "F"], "To be used with caution"),
    row(["published", "unreliable"], true, ["U", "F"], "Of low reliability"),
    row(["withheld", "confidential"], false, ["Q", "C"], "Withheld: too few answers"),
    row(["withheld", "secondary"], false, ["Q", "D"], "Withheld: it protects another figure"),
    row(["withheld", "unreliable"], false, ["Q", "N"], "Withheld: not reliable enough"),
    row(["counted", "background_unknown"], false, ["O", "F"], "Number only: background unknown"),
    row(["no_answers", "no_answers"], false, ["M", "F"], "Nobody answered"),
    row(["not_asked", "not_asked"], false, ["L", "F"], "Not asked"),
];

/// The mart `dim_status`.
pub fn table(languages: &[String], words: &Words) -> Result<RecordBatch, Error> {
    let labels: Vec<Labels> = ROWS.iter().map(|row| words.of(row.label)).collect();
    Columns::default()
        .texts("outcome", ROWS.iter().map(|row| outcome(row.status, row.reason)))
        .text("status", ROWS.iter().map(|row| row.status))
        .maybe_text("reason", ROWS.iter().map(|row| known(row.reason)))
        .small("sort_order", 1..=ROWS.len() as i32)
        .truths("is_shown", ROWS.iter().map(|row| row.is_shown))
        .text("obs_status", ROWS.iter().map(|row| row.obs_status))
        .text("conf_status", ROWS.iter().map(|row| row.conf_status))
        .labels("label", languages, &labels)
        .build()
}
