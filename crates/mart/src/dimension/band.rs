//! Names for ranges of figures.

use arrow::array::RecordBatch;
use config::monitor::Band;

use survey::Labels;

use super::labelled;
use crate::error::Error;
use crate::table::Columns;

/// The mart `dim_band`, the lowest of each unit first.
pub fn bands(bands: &[Band], languages: &[String]) -> Result<RecordBatch, Error> {
    let mut rows: Vec<(&Band, Option<f64>)> = bands
        .iter()
        .enumerate()
        .map(|(place, band)| {
            let above = bands[..place].iter().rfind(|above| above.unit == band.unit);
            (band, above.and_then(|above| above.from))
        })
        .collect();
    rows.reverse();
    rows.sort_by(|one, other| one.0.unit.cmp(&other.0.unit));
    let labels: Vec<Labels> =
        rows.iter().map(|(band, _)| labelled(&band.label, &band.name)).collect();
    Columns::default()
        .text("unit", rows.iter().map(|row| row.0.unit.as_str()))
        .text("band", rows.iter().map(|row| row.0.name.as_str()))
        .small("sort_order", 1..=rows.len() as i32)
        .numbers("lower", rows.iter().map(|row| row.0.from))
        .numbers("upper", rows.iter().map(|row| row.1))
        .labels("label", languages, &labels)
        .build()
}
