//! Cells of several answers: `a;b;` and what people wrote beside the answers that they could choose.

use std::collections::BTreeSet;

use survey::codebook::{Codebook, Item, OTHER};

/// The options that the items of one column name.
pub(super) struct Options<'a> {
    named: BTreeSet<&'a str>,
    separator: char,
    /// An item takes the texts that nobody names.
    takes_other: bool,
    /// Of the column's items this one reports what is wrong with the cell as a whole.
    speaks: bool,
}

/// What a cell says of one item's option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chosen<'t> {
    /// With a text that no item names, if there is one to report.
    Yes(Option<&'t str>),
    No(Option<&'t str>),
    /// Nothing in the cell is known.
    Unknown(&'t str),
    /// Only case or spaces of this text differ from the item's option.
    Nearly(&'t str),
}

impl<'a> Options<'a> {
    pub fn of(item: &'a Item, codebook: &'a Codebook, separator: char) -> Self {
        let same_column = codebook.items.iter().filter(|other| {
            other.column == item.column
                && other.occurrence == item.occurrence
                && !other.option.is_empty()
        });
        let options = || same_column.clone().map(|other| other.option.as_str());
        Self {
            named: options().filter(|option| *option != OTHER).collect(),
            separator,
            takes_other: options().any(|option| option == OTHER),
            speaks: same_column.clone().next().is_some_and(|first| first.concept == item.concept),
        }
    }

    pub fn is_named(&self, text: &str) -> bool {
        self.named.contains(text)
    }

    /// Is this option among the answers of the cell?
    pub fn chosen<'t>(&self, option: &str, cell: &'t str) -> Chosen<'t> {
        let parts = self.parts(cell);
        let (named, unnamed): (Vec<&str>, Vec<&str>) =
            parts.into_iter().partition(|part| self.is_named(part));
        let (near, unknown): (Vec<&str>, Vec<&str>) =
            unnamed.into_iter().partition(|part| self.is_nearly_named(part));
        let to_report = unknown.first().filter(|_| !self.takes_other && self.speaks).copied();
        if option == OTHER {
            return if unknown.is_empty() { Chosen::No(None) } else { Chosen::Yes(None) };
        }
        if named.contains(&option) {
            return Chosen::Yes(to_report);
        }
        if let Some(part) = near.iter().find(|part| loose(part) == loose(option)) {
            return Chosen::Nearly(part);
        }
        match unknown.first() {
            Some(part) if named.is_empty() && near.is_empty() && !self.takes_other => {
                Chosen::Unknown(part)
            }
            _ => Chosen::No(to_report),
        }
    }

    fn is_nearly_named(&self, part: &str) -> bool {
        self.named.iter().any(|option| loose(option) == loose(part))
    }

    /// The answers of a cell; an option may itself hold the sign between them.
    fn parts<'t>(&self, cell: &'t str) -> Vec<&'t str> {
        let mut parts = Vec::new();
        let mut rest = cell.trim();
        while !rest.is_empty() {
            let ends = |option: &&&str| {
                let behind = rest.strip_prefix(**option).map(str::trim_start);
                behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(self.separator))
            };
            let known = self.named.iter().filter(ends).map(|option| option.len()).max();
            let length = known.or_else(|| rest.find(self.separator)).unwrap_or(rest.len());
            let (part, behind) = rest.split_at(length);
            parts.push(part.trim());
            let behind = behind.trim_start();
            rest = behind.strip_prefix(self.separator).unwrap_or(behind).trim_start();
        }
        parts.retain(|part| !part.is_empty());
        parts
    }
}

/// A text but for its case and spaces.
pub(super) fn loose(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
