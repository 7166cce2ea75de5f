//! A delivery whose header is known: its columns, and what is known of its rows so far.

use crate::error::{Error, Place};
use crate::layout::Layout;
use crate::limits::Limits;
use crate::table::TableShape;
use crate::tally::Tally;

/// What is known from the header on.
pub(crate) struct Begun {
    pub(crate) place: Place,
    pub(crate) layout: Layout,
    pub(crate) tally: Tally,
    /// Columns are counted from the sheet's first one: leading ones without any use are left out.
    pub(crate) trim_left: bool,
}

impl Begun {
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), Error> {
        let limit = |what: &str, found: u64, limit: u64| {
            let advice =
                "split the delivery, or raise it under `[limits]` of the pipeline file".to_owned();
            let (place, what) = (self.place.clone(), what.to_owned());
            if found > limit {
                Err(Error::Limit { place, what, found, limit, advice })
            } else {
                Ok(())
            }
        };
        limit("rows", self.tally.records(), limits.rows)?;
        limit("cells", self.tally.rows * self.layout.width() as u64, limits.cells)
    }

    /// The columns of the table when the first `kept` rows stay.
    pub(crate) fn shape(&self, kept: u64) -> TableShape {
        let used = |at: &usize| self.tally.is_used(*at, kept);
        let width = self.layout.width();
        let nameless =
            |at: &usize| self.layout.headers.get(*at).is_none_or(|header| header.name.is_empty());
        let skip =
            (0..self.tally.width).take_while(|at| self.trim_left && nameless(at) && !used(at));
        let skip = Some(skip.count()).filter(|skip| *skip < self.tally.width).unwrap_or(0);
        let positions = (skip..self.tally.width).filter(|at| *at < width || used(at)).collect();
        TableShape { skip, positions }
    }
}
