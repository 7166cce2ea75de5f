//! One sheet of a workbook of any format.

use crate::address::Area;
use crate::row::Rows;

/// A sheet: what stands around its rows, and the rows.
pub struct Sheet<'a> {
    /// The range of its cells, as the sheet states it or its cells have it.
    pub used_range: Option<String>,
    /// First and last of each run, from 0.
    pub hidden_columns: Vec<(u32, u32)>,
    pub rows: Box<dyn Rows + 'a>,
    /// Finds the merged cells, which may stand below the rows.
    pub merged: Box<dyn FnMut() -> Vec<Area> + 'a>,
}
