//! A reading by calamine, which may panic where a file is damaged.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::Error;

/// What it gives; where it panics, the workbook is damaged.
pub(super) fn caught<T>(read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(Error::damaged("its records contradict one another")))
}
