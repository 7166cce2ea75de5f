//! The marts `estimate`, `change` and `contrast`: those of all panels and groups, in one order, without what must not be shown.

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::SortColumn;
use arrow::compute::{concat_batches, lexsort_to_indices, take_record_batch};
use survey::Estimates;

use crate::contract::Contract;
use crate::disclosure;
use crate::error::Error;

/// The public tables `estimate`, `change` and `contrast`.
pub fn tables(
    estimates: &[Estimates],
    contracts: [&Contract; 3],
    rules: &disclosure::Rules<'_>,
) -> Result<[RecordBatch; 3], Error> {
    let [estimate_contract, change_contract, contrast_contract] = contracts;
    let tables = estimates.iter().map(|estimates| &estimates.table);
    let extra = |name| estimates.iter().filter_map(move |estimates| estimates.extra.get(name));
    let estimate = together(tables, estimate_contract)?;
    let change = together(extra("change"), change_contract)?;
    let contrast = together(extra("contrast"), contrast_contract)?;
    disclosure::apply([&estimate, &change, &contrast], rules)
}

/// One table in the order of the contract's key.
fn together<'a>(
    tables: impl Iterator<Item = &'a RecordBatch>,
    contract: &Contract,
) -> Result<RecordBatch, Error> {
    // The key is looked at over all, so that two stages that fill one cell are told.
    let tables = tables.map(|table| contract.conform(table)).collect::<Result<Vec<_>, _>>()?;
    let all = concat_batches(&contract.schema(), &tables)?;
    contract.conform(&sorted(&all, &contract.key)?)
}

fn sorted(table: &RecordBatch, key: &[String]) -> Result<RecordBatch, Error> {
    let columns = key.iter().filter_map(|name| table.column_by_name(name));
    let columns: Vec<SortColumn> =
        columns.map(|array| SortColumn { values: ArrayRef::clone(array), options: None }).collect();
    if table.num_rows() == 0 {
        return Ok(table.clone());
    }
    Ok(take_record_batch(table, &lexsort_to_indices(&columns, None)?)?)
}
