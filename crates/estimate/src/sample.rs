//! The hand-offs of a wave as a sample: columns, design, calibration, and why one cannot be used.

mod calibration;
mod column;
mod design;
mod parts;
mod refusal;

pub(crate) use self::column::{Column, OUTSIDE};
pub(crate) use self::design::Replicates;
pub(crate) use self::parts::{Part, Sample, is_by_cell};
pub use self::refusal::Refusal;
