//! What earlier releases said of the cells: it constrains what the next one may show.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::cells::Place;
use crate::error::Error;
use crate::table::{small, text};

/// Cells that earlier releases showed, and withheld.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Before {
    pub shown: BTreeSet<Place>,
    pub hidden: BTreeSet<Place>,
}

impl Before {
    /// Adds what the release in this folder says; a release of before the statuses of today says nothing.
    pub fn read(&mut self, release: &Path) -> Result<(), Error> {
        let path = release.join("public/estimate.parquet");
        let file = File::open(&path).map_err(Error::file(&path))?;
        for batch in ParquetRecordBatchReaderBuilder::try_new(file)?.build()? {
            let batch = batch?;
            let names = ["indicator", "panel", "breakdown", "level", "status"];
            let [indicator, panel, breakdown, level, status] = names.map(|name| text(&batch, name));
            let (indicator, panel, breakdown) = (indicator?, panel?, breakdown?);
            let (level, status, wave) = (level?, status?, small(&batch, "wave")?);
            for row in 0..batch.num_rows() {
                let place = Place {
                    indicator: indicator.value(row).to_owned(),
                    panel: panel.value(row).to_owned(),
                    wave: wave.value(row),
                    breakdown: breakdown.value(row).to_owned(),
                    level: level.value(row).to_owned(),
                };
                match status.value(row) {
                    "published" => self.shown.insert(place),
                    "withheld" => self.hidden.insert(place),
                    _ => false,
                };
            }
        }
        Ok(())
    }
}
