//! What is known of a delivery's headers before it is read.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use survey::header::plain;

/// The headers under which the codebook's items come; by these a row is known as a header.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownHeaders {
    /// As they are compared.
    headers: BTreeSet<String>,
    /// The row that the profile names is taken, whatever it says: for a look that shows none of it.
    #[serde(skip)]
    pub(crate) takes_any_row: bool,
    /// Nothing is known of the file: a row that is like those below it is no header.
    #[serde(skip)]
    pub(crate) doubts_likeness: bool,
}

impl KnownHeaders {
    /// Of the items that a delivery feeds: columns and aliases.
    pub fn of<'a>(headers: impl IntoIterator<Item = &'a str>) -> Self {
        let headers = headers.into_iter().map(plain).filter(|header| !header.is_empty());
        Self { headers: headers.collect(), ..Self::default() }
    }

    pub(crate) fn any_row() -> Self {
        Self { takes_any_row: true, ..Self::default() }
    }

    /// Of a file that is looked at for the first time.
    pub(crate) fn nothing() -> Self {
        Self { doubts_likeness: true, ..Self::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.headers.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    pub(crate) fn has(&self, header: &str) -> bool {
        self.headers.contains(&plain(header))
    }

    /// The first part of a header that two rows make together.
    pub(crate) fn has_first_part(&self, text: &str, separator: &str) -> bool {
        let start = plain(text) + &separator.to_lowercase();
        self.headers.range(start.clone()..).next().is_some_and(|next| next.starts_with(&start))
    }
}
