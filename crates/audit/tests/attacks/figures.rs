//! Made-up figures as a table of estimates, all weights alike.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};

#[derive(Clone)]
pub struct Cell {
    pub indicator: String,
    pub panel: String,
    pub wave: i32,
    pub breakdown: String,
    pub level: String,
    /// Respondents.
    pub n: u64,
    pub yes: u64,
    pub estimate: f64,
}

/// Estimates as the stage hands them on.
pub fn table(cells: &[Cell], status: &'static str) -> RecordBatch {
    let text = |of: &dyn Fn(&Cell) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(cells.iter().map(of)))
    };
    let count = |of: &dyn Fn(&Cell) -> u64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(cells.iter().map(|cell| of(cell) as i64)))
    };
    let number = |of: &dyn Fn(&Cell) -> f64| -> ArrayRef {
        let known = |cell| Some(of(cell)).filter(|number| number.is_finite());
        Arc::new(cells.iter().map(known).collect::<Float64Array>())
    };
    let error = |cell: &Cell| (cell.estimate * (1.0 - cell.estimate) / cell.n as f64).sqrt();
    let fixed = |value: &'static str| text(&move |_| value.to_owned());
    let wave: ArrayRef = Arc::new(Int32Array::from_iter_values(cells.iter().map(|cell| cell.wave)));
    RecordBatch::try_from_iter([
        ("indicator", text(&|cell| cell.indicator.clone())),
        ("panel", text(&|cell| cell.panel.clone())),
        ("wave", wave),
        ("breakdown", text(&|cell| cell.breakdown.clone())),
        ("level", text(&|cell| cell.level.clone())),
        ("n", count(&|cell| cell.n)),
        ("n_yes", count(&|cell| cell.yes)),
        ("n_sample", count(&|cell| cell.n)),
        ("sum_of_weights", number(&|cell| 1.5 * cell.n as f64)),
        ("n_eff", number(&|cell| cell.n as f64)),
        ("deff", number(&|_| 1.0)),
        ("estimate", number(&|cell| cell.estimate)),
        ("standard_error", number(&error)),
        ("ci_lower", number(&|cell| (cell.estimate - 1.96 * error(cell)).max(0.0))),
        ("ci_upper", number(&|cell| (cell.estimate + 1.96 * error(cell)).min(1.0))),
        ("degrees_of_freedom", number(&|cell| cell.n as f64 - 1.0)),
        ("status", fixed(status)),
        ("reason", fixed("")),
        ("comparability", fixed("comparable")),
        ("comparability_note", fixed("")),
    ])
    .unwrap()
}
