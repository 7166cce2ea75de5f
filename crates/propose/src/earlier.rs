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
    /// Headers that no item reads: by panel the wave that had them, and the question.
    unread: BTreeMap<String, BTreeMap<String, (Wave, String)>>,
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
            let of_header = self.unread.entry(normal(&column.header)).or_default();
            of_header.insert(panel.to_owned(), (wave, normal(&column.question)));
        }
    }

    pub(crate) fn spread(&self, item: &Item) -> Option<&Spread> {
        self.spreads.get(&(item.panel.clone(), item.wave, item.concept.clone()))
    }

    pub(crate) fn question(&self, item: &Item) -> Option<&str> {
        let key = (item.panel.clone(), item.wave, item.concept.clone());
        self.questions.get(&key).map(String::as_str)
    }

    /// The panel and wave in which a column of that header was delivered and no item read it, the panel's own first.
    pub(crate) fn unread(&self, header: &str, panel: &str) -> Option<(&str, Wave)> {
        let of_header = self.unread.get(&normal(header))?;
        let own = of_header.get_key_value(panel).or_else(|| of_header.iter().next());
        own.map(|(panel, (wave, _))| (panel.as_str(), *wave))
    }

    /// Whether the panel's own delivery had the column, with the same question, and no item read it.
    pub(crate) fn is_unread(&self, header: &str, question: &str, panel: &str) -> bool {
        let own = self.unread.get(&normal(header)).and_then(|of_header| of_header.get(panel));
        own.is_some_and(|(_, before)| *before == normal(question))
    }
}

fn is_read(column: &Column, item: &Item) -> bool {
    column.occurrence == item.occurrence
        && (column.header == item.column || item.aliases.contains(&column.header))
}
