//! Why rows are not the header of a profile.

/// What speaks against rows as the header of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Of the profile's header rows these are recognised.
    Rows(Vec<bool>),
    /// The row below them is one more.
    OneMore,
    /// This row above them holds as much as they do, and is no header.
    RowAbove(usize),
}
