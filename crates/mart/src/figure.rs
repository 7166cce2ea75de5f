//! The figures of all panels and groups, in one order: exact for analysts, protected for everybody.

use std::collections::BTreeMap;

use arrow::array::{ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::SortColumn;
use arrow::compute::{concat_batches, lexsort_to_indices, take_record_batch};
use arrow::datatypes::Float64Type;
use survey::{Estimates, columns};

use crate::compared::Compared;
use crate::contract::Contract;
use crate::contracts::Folder;
use crate::disclosure::{Exact, Settings, panel_contrasts, protect};
use crate::error::Error;

/// Contract of a mart.
pub type Find<'a> = &'a dyn Fn(Folder, &str) -> Result<&'a Contract, Error>;

/// The figures and their comparisons for everybody, and the exact tables that they come from.
pub fn tables(
    estimates: &[Estimates],
    contract: Find<'_>,
    settings: &Settings<'_>,
) -> Result<BTreeMap<(Folder, String), RecordBatch>, Error> {
    let exact = |mart: &str| contract(Folder::Restricted, mart);
    let tables = estimates.iter().map(|estimates| &estimates.table);
    let extra = |name| estimates.iter().filter_map(move |estimates| estimates.extra.get(name));
    let handed = exact("estimate_exact")?.accepting(&["status", "reason"]);
    let estimate = together(tables, &handed)?;
    let change = Compared::together(extra("change"), exact("change_exact")?)?;
    let contrast = Compared::together(extra("contrast"), exact("contrast_exact")?)?;
    let gap = Compared::together(extra("gap"), exact("gap_exact")?)?;
    let gap_change = Compared::together(extra("gap_change"), exact("gap_change_exact")?)?;
    let contrast_change =
        Compared::together(extra("contrast_change"), exact("contrast_change_exact")?)?;
    let shares = together(extra("answer_distribution"), &handed)?;
    let between = panel_contrasts(&estimate, settings.groups, settings.families)?;
    let protected = protect(
        &Exact {
            estimate: &estimate,
            shares: &shares,
            change: &change,
            contrast: &contrast,
            between_panels: &between,
            gap: &gap,
            gap_change: &gap_change,
            contrast_change: &contrast_change,
        },
        settings,
    )?;
    let tables = [
        (Folder::Public, "estimate", protected.estimate),
        (Folder::Public, "change", protected.change),
        (Folder::Public, "contrast", protected.contrast),
        (Folder::Public, "panel_contrast", protected.panel_contrast),
        (Folder::Public, "gap", protected.gap),
        (Folder::Public, "gap_change", protected.gap_change),
        (Folder::Public, "contrast_change", protected.contrast_change),
        (Folder::Public, "answer_distribution", protected.answer_distribution),
        (Folder::Restricted, "estimate_exact", protected.estimate_exact),
        (Folder::Restricted, "change_exact", change.table),
        (Folder::Restricted, "contrast_exact", contrast.table),
        (Folder::Restricted, "panel_contrast_exact", between.table),
        (Folder::Restricted, "gap_exact", gap.table),
        (Folder::Restricted, "gap_change_exact", gap_change.table),
        (Folder::Restricted, "contrast_change_exact", contrast_change.table),
        (Folder::Restricted, "answer_distribution_exact", protected.answer_distribution_exact),
    ];
    let conform = |(folder, mart, table): (Folder, &str, RecordBatch)| {
        let contract = contract(folder, mart)?;
        let table = contract.conform(&table)?;
        if folder == Folder::Public {
            contract.without_blanks(&table)?;
        }
        Ok(((folder, mart.to_owned()), table))
    };
    tables.into_iter().map(conform).collect()
}

impl Compared {
    fn together<'a>(
        tables: impl Iterator<Item = &'a RecordBatch>,
        contract: &Contract,
    ) -> Result<Self, Error> {
        let mut parts = Vec::new();
        let mut tests = Vec::new();
        for table in tables {
            let mut table = table.clone();
            let kept = table.schema_ref().index_of(columns::TEST)?;
            tests.extend(numbers_of(&table.remove_column(kept)));
            parts.push(contract.conform(&table)?);
        }
        let all = concat_batches(&contract.schema(), &parts)?;
        let order = order(&all, &contract.key)?;
        let tests = order.values().iter().map(|&row| tests[row as usize].take()).collect();
        Ok(Self { table: contract.conform(&take_record_batch(&all, &order)?)?, tests })
    }
}

fn numbers_of(lists: &ArrayRef) -> Vec<Option<Vec<f64>>> {
    let lists = lists.as_list::<i32>();
    let numbers = |list: ArrayRef| list.as_primitive::<Float64Type>().values().to_vec();
    lists.iter().map(|list| list.map(numbers)).collect()
}

/// One table in the order of the contract's key.
fn together<'a>(
    tables: impl Iterator<Item = &'a RecordBatch>,
    contract: &Contract,
) -> Result<RecordBatch, Error> {
    // The key is looked at over all, so that two stages that fill one cell are told.
    let tables = tables.map(|table| contract.conform(table)).collect::<Result<Vec<_>, _>>()?;
    let all = concat_batches(&contract.schema(), &tables)?;
    contract.conform(&take_record_batch(&all, &order(&all, &contract.key)?)?)
}

/// The rows in the order of these columns.
fn order(table: &RecordBatch, key: &[String]) -> Result<UInt32Array, Error> {
    let columns = key.iter().filter_map(|name| table.column_by_name(name));
    let columns: Vec<SortColumn> =
        columns.map(|array| SortColumn { values: ArrayRef::clone(array), options: None }).collect();
    if table.num_rows() == 0 {
        return Ok(UInt32Array::from(Vec::<u32>::new()));
    }
    Ok(lexsort_to_indices(&columns, None)?)
}
