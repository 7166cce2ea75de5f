//! Replicate weights for analysts: a list a respondent, and the row that says how to use them.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, ListArray, RecordBatch};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Float64Type};
use config::Panel;
use config::sampling::VarianceMethod;
use survey::{PanelWave, Weighted, columns};

use crate::contract::{ColumnType, Contract};
use crate::error::Error;
use crate::parquet_file::ParquetFile;
use crate::respondent_columns;
use crate::table::{Columns, numbers};

/// Weights that are in memory at once.
const WEIGHTS: usize = 4_000_000;

/// Writes one panel-wave of `replicate_weight` from the extra `replicate`, a column a replicate.
pub fn write(
    to: &mut (&Contract, ParquetFile),
    weighted: &Weighted,
    replicates: &RecordBatch,
) -> Result<(), Error> {
    let weights: Vec<&Float64Array> = replicates
        .columns()
        .iter()
        .filter_map(|column| column.as_primitive_opt::<Float64Type>())
        .collect();
    let (rows, of) = (weighted.table.num_rows(), &weighted.about.panel_wave);
    let piece = (WEIGHTS / weights.len().max(1)).max(1);
    for start in (0..rows).step_by(piece) {
        let count = piece.min(rows - start);
        let table = weighted.table.slice(start, count);
        let delivery = &weighted.about.delivery;
        let known = respondent_columns::columns(to.0, of, delivery, &table)?;
        let row = |row: usize| weights.iter().map(move |column| column.value(start + row));
        let lists = lists((0..count).flat_map(row).collect(), &vec![weights.len(); count])?;
        let place = known.num_columns() - 1;
        let mut columns = known.columns().to_vec();
        columns[place] = lists;
        let fields = known.schema();
        let names = fields.fields().iter().map(|field| field.name().as_str());
        let columns = names.zip(columns).map(|(name, column)| (name, column, false));
        to.1.write(&RecordBatch::try_from_iter_with_nullable(columns)?)?;
    }
    Ok(())
}

/// One list a row, of these lengths.
fn lists(values: Vec<f64>, lengths: &[usize]) -> Result<ArrayRef, Error> {
    let DataType::List(field) = ColumnType::Float64List.data_type() else {
        let field = Field::new("element", DataType::Float64, false);
        return Err(Error::Arrow(arrow::error::ArrowError::SchemaError(field.to_string())));
    };
    let offsets = OffsetBuffer::from_lengths(lengths.iter().copied());
    let values = Arc::new(Float64Array::from(values));
    Ok(Arc::new(ListArray::try_new(field, offsets, values, None)?))
}

/// A call of R's survey that gives the standard errors of the marts.
const USE_IN_R: &str = "svrepdesign(data = w, weights = ~weight, repweights = r, type = \"other\", combined.weights = TRUE, \
                        scale = d$scale, rscales = d$replicate_scales[[1]], mse = d$mean_squared_error)";

/// Mart `replicate_design`: a row a panel-wave with replicates, from the extra `replicate_scale`.
pub fn designs<'a>(
    scales: &[(PanelWave, RecordBatch)],
    panel: impl Fn(&str) -> Option<&'a Panel>,
) -> Result<RecordBatch, Error> {
    let mut rows = Vec::new();
    for (of, table) in scales {
        let Some(panel) = panel(&of.panel) else { continue };
        let scale = numbers(table, columns::SCALE)?.iter().flatten().next().unwrap_or(f64::NAN);
        let of_replicate: Vec<f64> =
            numbers(table, columns::REPLICATE_SCALE)?.iter().flatten().collect();
        let centre = table.column_by_name(columns::MEAN_SQUARED_ERROR);
        let centre = centre.and_then(|column| column.as_boolean_opt());
        let around_estimate = centre.is_some_and(|column| !column.is_empty() && column.value(0));
        rows.push((of, &panel.variance, scale, of_replicate, around_estimate));
    }
    let lengths: Vec<usize> = rows.iter().map(|row| row.3.len()).collect();
    let scales = lists(rows.iter().flat_map(|row| row.3.iter().copied()).collect(), &lengths)?;
    let is_fay = |method| method == VarianceMethod::Fay;
    Columns::default()
        .text("panel", rows.iter().map(|row| row.0.panel.as_str()))
        .small("wave", rows.iter().map(|row| row.0.wave as i32))
        .text("method", rows.iter().map(|row| row.1.method.name()))
        .count("replicates", lengths.iter().map(|&count| count as u64))
        .numbers("scale", rows.iter().map(|row| Some(row.2)))
        .with("replicate_scales", scales)
        .truths("mean_squared_error", rows.iter().map(|row| row.4))
        .maybe_count(
            "seed",
            rows.iter().map(|row| row.1.method.is_bootstrap().then_some(row.1.seed)),
        )
        .numbers(
            "fay_factor",
            rows.iter().map(|row| row.1.fay_factor.filter(|_| is_fay(row.1.method))),
        )
        .truths("recalibrated", rows.iter().map(|row| row.1.recalibrate))
        .text("use_in_r", rows.iter().map(|_| USE_IN_R))
        .build()
}
