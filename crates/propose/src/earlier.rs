//! What earlier deliveries tell: how the answers were spread, and which columns no item read.

use std::collections::{BTreeMap, BTreeSet};

use likeness::normal;
use survey::Wave;
use survey::codebook::{Codebook, Item};

use crate::answers::{Spread, option_reading, range, reading};
use crate::delivered::{Column, Delivered};
use crate::unit::units;

/// What is known of the waves before from their deliveries.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    spreads: BTreeMap<(String, Wave, String), Spread>,
    /// Headers that no item reads, with a panel and wave that had them.
    unread: BTreeMap<String, (String, Wave)>,
    /// Questions as a delivery had them, where the codebook has none.
    questions: BTreeMap<(String, Wave, String), String>,
}

impl Earlier {
    /// Learns from the delivery of a panel-wave.
    pub fn add(&mut self, codebook: &Codebook, panel: &str, wave: Wave, delivered: &Delivered) {
        let items = codebook.items.iter();
        let items: Vec<&Item> =
            items.filter(|item| item.panel == panel && item.wave == wave).collect();
        let mut read = BTreeSet::new();
        let units = units(delivered, &BTreeMap::new());
        for item in items {
            let Some(column) = delivered.columns.iter().find(|column| is_read(column, item)) else {
                continue;
            };
            read.insert(column.position);
            let Some(concept) = codebook.concept(&item.concept) else { continue };
            let key = (panel.to_owned(), wave, item.concept.clone());
            if !column.question.is_empty() {
                self.questions.insert(key.clone(), column.question.clone());
            }
            let spread = if item.option.is_empty() {
                let crosswalk = codebook.crosswalks.get(&item.crosswalk);
                reading(&column.values, concept, crosswalk, range(item)).spread
            } else {
                let same =
                    |position, option: &str| position == column.position && option == item.option;
                let unit = units.iter().find(|unit| same(unit.position, &unit.option));
                unit.and_then(|unit| option_reading(&unit.values).spread)
            };
            if let Some(spread) = spread {
                self.spreads.insert(key, spread);
            }
        }
        for column in delivered.columns.iter().filter(|column| !read.contains(&column.position)) {
            self.unread.insert(normal(&column.header), (panel.to_owned(), wave));
        }
    }

    pub(crate) fn spread(&self, item: &Item) -> Option<&Spread> {
        self.spreads.get(&(item.panel.clone(), item.wave, item.concept.clone()))
    }

    pub(crate) fn question(&self, item: &Item) -> Option<&str> {
        let key = (item.panel.clone(), item.wave, item.concept.clone());
        self.questions.get(&key).map(String::as_str)
    }

    /// Where a column of that header was delivered that no item reads.
    pub(crate) fn unread(&self, header: &str) -> Option<&(String, Wave)> {
        self.unread.get(&normal(header))
    }
}

fn is_read(column: &Column, item: &Item) -> bool {
    column.occurrence == item.occurrence
        && (column.header == item.column || item.aliases.contains(&column.header))
}
