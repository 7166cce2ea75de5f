//! Which items of the codebook a header is like.

use std::collections::BTreeMap;

use likeness::{MAY_BE_MEANT, Texts, normal};
use serde::Serialize;
use survey::codebook::Item;
use survey::handoff::RawColumn;

const SHOWN: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Similar<'a> {
    pub concept: &'a str,
    pub column: &'a str,
    pub panel: &'a str,
    pub wave: survey::Wave,
    pub likeness_percent: u32,
}

/// Columns, aliases and questions of the codebook, each once, with the latest item that has it.
pub struct Names<'a> {
    texts: Texts,
    items: Vec<&'a Item>,
}

impl<'a> Names<'a> {
    pub fn of(items: &'a [Item]) -> Self {
        let mut latest: BTreeMap<(&str, String), &Item> = BTreeMap::new();
        for item in items {
            let names = item.aliases.iter().chain([&item.column]).map(String::as_str);
            for name in names.chain(item.question.texts()) {
                let own = latest.entry((&item.concept, normal(name))).or_insert(item);
                if own.wave < item.wave {
                    *own = item;
                }
            }
        }
        let texts = Texts::of(latest.keys().map(|(_, name)| name.as_str()));
        Self { texts, items: latest.into_values().collect() }
    }

    /// Concepts with a name like the header, the likest first.
    pub fn similar(&self, column: &RawColumn) -> Vec<Similar<'a>> {
        let headers = column.header_rows.iter().chain([&column.header]);
        let headers = headers.filter(|text| normal(text).chars().count() > 2);
        let mut best: BTreeMap<&str, Similar<'a>> = BTreeMap::new();
        for near in headers.flat_map(|header| self.texts.likest(header, MAY_BE_MEANT)) {
            let item = self.items[near.place];
            let likeness_percent = (near.likeness * 100.0) as u32;
            let is_better = best.get(item.concept.as_str()).is_none_or(|before| {
                (before.likeness_percent, before.wave) < (likeness_percent, item.wave)
            });
            if is_better {
                let found = Similar {
                    concept: &item.concept,
                    column: &item.column,
                    panel: &item.panel,
                    wave: item.wave,
                    likeness_percent,
                };
                best.insert(&item.concept, found);
            }
        }
        let mut similar: Vec<Similar<'a>> = best.into_values().collect();
        similar.sort_by(|left, right| {
            right.likeness_percent.cmp(&left.likeness_percent).then(left.concept.cmp(right.concept))
        });
        similar.truncate(SHOWN);
        similar
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use survey::codebook::Comparability;
    use survey::handoff::Treatment;

    fn item(concept: &str, column: &str, wave: survey::Wave) -> Item {
        Item {
            panel: "gp".to_owned(),
            wave,
            concept: concept.to_owned(),
            column: column.to_owned(),
            aliases: Vec::new(),
            occurrence: 1,
            option: String::new(),
            crosswalk: String::new(),
            minimum: None,
            maximum: None,
            routed_by: String::new(),
            routed_codes: Vec::new(),
            comparability: Comparability::Identical,
            question: survey::Labels::same("Gebruikt u videobellen?"),
            note: String::new(),
            line: survey::Line(2),
        }
    }

    #[test]
    fn a_column_without_an_item_shows_the_likest_of_the_latest_wave() {
        let items = [
            item("video_use", "Q14_3", 2023),
            item("video_use", "Q14_3", 2024),
            item("age", "leeftijd", 2024),
        ];
        let items = items.map(|mut item| {
            if item.concept == "age" {
                item.question.clear();
            }
            item
        });
        let column = RawColumn {
            position: 0,
            header: "Q14.3".to_owned(),
            occurrence: 1,
            header_rows: vec!["Gebruikt u  Videobellen".to_owned()],
            treatment: Treatment::Kept,
            classes: [0; 7],
        };
        let found = Names::of(&items).similar(&column);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].concept, found[0].wave, found[0].likeness_percent),
            ("video_use", 2024, 100)
        );
    }
}
