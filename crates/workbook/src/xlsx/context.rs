//! What the cells of a worksheet refer to.

use crate::limits::Limits;
use crate::number_format::Shows;
use crate::shared_strings::SharedStrings;

/// What cells refer to.
pub(super) struct Context {
    pub(super) strings: SharedStrings,
    /// By style number.
    pub(super) shows: Vec<Shows>,
    pub(super) is_1904: bool,
    pub(super) limits: Limits,
}

/// What a cell's tag says.
#[derive(Default, Clone, Copy)]
pub(super) struct CellTag<'a> {
    pub(super) kind: &'a [u8],
    pub(super) style: usize,
}
