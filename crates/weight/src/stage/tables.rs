//! The tables that the stage hands on beside the respondents'.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, RecordBatch, RecordBatchOptions, StringArray,
};
use arrow::datatypes::{DataType, Field, Schema};
use survey::columns;
use survey::design::{Adjustment, NO_CODE};

use super::frame::{Frame, Sample};
use super::replicates::Replicated;
use crate::Settings;

/// Columns by name while a table is made.
struct Columns {
    rows: usize,
    columns: Vec<(String, ArrayRef)>,
}

impl Columns {
    fn of(rows: usize) -> Self {
        Self { rows, columns: Vec::new() }
    }

    fn numbers(&mut self, name: impl Into<String>, values: &[f64]) {
        self.columns.push((name.into(), Arc::new(Float64Array::from(values.to_vec()))));
    }

    /// -1 where there is no code.
    fn codes(&mut self, name: impl Into<String>, codes: &[u32]) {
        let index = |&code: &u32| if code == NO_CODE { -1 } else { code as i32 };
        let column = codes.iter().map(index).collect::<Int32Array>();
        self.columns.push((name.into(), Arc::new(column)));
    }

    /// None without columns: a file cannot keep the rows of a table that has none.
    fn table_of_some(self) -> Option<RecordBatch> {
        (!self.columns.is_empty()).then(|| self.table())
    }

    fn table(self) -> RecordBatch {
        let field = |(name, column): &(String, ArrayRef)| {
            Arc::new(Field::new(name, column.data_type().clone(), column.null_count() > 0))
        };
        let fields = self.columns.iter().map(field).collect();
        batch(fields, self.columns.into_iter().map(|column| column.1).collect(), self.rows)
    }
}

/// The respondents' table with both weights.
pub(super) fn with_weights(table: &RecordBatch, base: &[f64], weights: &[f64]) -> RecordBatch {
    let mut fields: Vec<Arc<Field>> = table.schema().fields().iter().cloned().collect();
    let mut columns: Vec<ArrayRef> = table.columns().to_vec();
    for (name, values) in [(columns::BASE_WEIGHT, base), (columns::WEIGHT, weights)] {
        fields.push(Arc::new(Field::new(name, DataType::Float64, false)));
        columns.push(Arc::new(Float64Array::from(values.to_vec())));
    }
    batch(fields, columns, table.num_rows())
}

/// Extra `calibration`: what the errors have to know of the weighting, a row a respondent.
///
/// `margin` the level in each margin, -1 where it took no part; `numeric` a numeric auxiliary, 0 where it took no part; `BASE`
/// the base weight that was calibrated, where it is not `BASE_WEIGHT`; `HETEROSCEDASTICITY` that of GREG; `multiplier` weight
/// after a margin over base weight, for R's sweeps; `averaged` and `G` instead of margins and numbers, where g is equal within
/// clusters. None where nothing was calibrated.
pub(super) fn calibration(
    frame: &Frame,
    sample: &Sample,
    adjustment: Option<&Adjustment>,
) -> Option<RecordBatch> {
    let mut columns = Columns::of(sample.base.len());
    for (k, target) in sample.targets.iter().enumerate() {
        columns.codes(columns::margin(k), &target.margin.codes);
    }
    for (k, target) in sample.numeric.iter().enumerate() {
        columns.numbers(columns::numeric(k), &target.total.values);
    }
    match adjustment {
        Some(Adjustment::Regression { auxiliaries, base, g, .. })
            if sample.equal_within.is_some() =>
        {
            for (k, column) in auxiliaries.columns.iter().enumerate() {
                columns.numbers(columns::averaged(k), column);
            }
            columns.numbers(columns::BASE, base);
            columns.numbers(columns::G, g);
            return columns.table_of_some();
        }
        Some(Adjustment::Regression { variance: Some(variance), .. }) => {
            columns.numbers(columns::HETEROSCEDASTICITY, variance);
        }
        Some(Adjustment::RakeSweeps { cells, margins, .. }) => {
            for (k, margin) in margins.iter().enumerate() {
                let of_cell =
                    |&cell: &u32| margin.multiplier.get(cell as usize).copied().unwrap_or(1.0);
                let values: Vec<f64> = cells.codes.iter().map(of_cell).collect();
                columns.numbers(columns::multiplier(k), &values);
            }
        }
        _ => {}
    }
    if frame.classes.is_some() {
        columns.numbers(columns::BASE, &sample.base);
    }
    columns.table_of_some()
}

/// Extra `design`: `stratum` Int32 (-1 = left out), `unit` Utf8 where there are clusters, `population` where it is known;
/// none for respondents on their own.
pub(super) fn design(frame: &Frame, settings: &Settings) -> Option<RecordBatch> {
    if settings.design.is_of_respondents() {
        return None;
    }
    let sampled = &frame.sampled;
    let mut columns = Columns::of(frame.base.len());
    match &sampled.strata {
        Some(strata) => columns.codes(columns::STRATUM, &strata.codes),
        None => columns.codes(columns::STRATUM, &vec![0; frame.base.len()]),
    }
    if let Some(units) = &sampled.units {
        let name = |&unit: &u32| sampled.unit_names.get(unit as usize).map(String::as_str);
        let names = units.iter().map(name).collect::<StringArray>();
        columns.columns.push((columns::UNIT.to_owned(), Arc::new(names)));
    }
    if let Some(population) = &sampled.population {
        let known = |&size: &f64| Some(size).filter(|size| size.is_finite());
        let sizes = population.iter().map(known).collect::<Float64Array>();
        columns.columns.push((columns::POPULATION.to_owned(), Arc::new(sizes)));
    }
    Some(columns.table())
}

/// Extras `replicate` (Float64 a replicate, a row a respondent) and `replicate_scale` (a row a replicate).
pub(super) fn replicates(replicated: &Replicated, rows: usize) -> BTreeMap<String, RecordBatch> {
    let mut weights = Columns::of(rows);
    for (index, column) in replicated.columns.iter().enumerate() {
        weights.numbers(columns::replicate(index), column);
    }
    let count = replicated.columns.len();
    let numbers: Vec<u32> = (1..=count as u32).collect();
    let mut scales = Columns::of(count);
    scales.codes(columns::REPLICATE, &numbers);
    scales.numbers(columns::REPLICATE_SCALE, &replicated.replicate_scales);
    scales.numbers(columns::SCALE, &vec![replicated.scale; count]);
    let centre = BooleanArray::from(vec![replicated.mean_squared_error; count]);
    scales.columns.push((columns::MEAN_SQUARED_ERROR.to_owned(), Arc::new(centre)));
    BTreeMap::from([
        ("replicate".to_owned(), weights.table()),
        ("replicate_scale".to_owned(), scales.table()),
    ])
}

/// A table whose columns were made here, one value a row.
pub(super) fn batch(fields: Vec<Arc<Field>>, columns: Vec<ArrayRef>, rows: usize) -> RecordBatch {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
        .expect("all columns have one value a row")
}
