//! Which items of the codebook a header is like.

use std::collections::BTreeMap;

use survey::codebook::Item;
use survey::handoff::RawColumn;

use crate::receipt::Similar;

const SHOWN: usize = 3;
const LEAST_ALIKE_PERCENT: u32 = 60;

/// A name under which a concept was asked, as it is compared.
struct Name<'a> {
    plain: Vec<char>,
    item: &'a Item,
}

/// Columns, aliases and questions of the codebook, each once, with the latest item that has it.
pub struct Names<'a>(Vec<Name<'a>>);

fn plain(text: &str) -> Vec<char> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.to_lowercase().chars().collect()
}

impl<'a> Names<'a> {
    pub fn of(items: &'a [Item]) -> Self {
        let mut latest: BTreeMap<(&str, Vec<char>), &Item> = BTreeMap::new();
        for item in items {
            for name in item.aliases.iter().chain([&item.column, &item.question_nl]) {
                let own = latest.entry((&item.concept, plain(name))).or_insert(item);
                if own.wave < item.wave {
                    *own = item;
                }
            }
        }
        let names = latest.into_iter().map(|((_, plain), item)| Name { plain, item });
        Self(names.collect())
    }

    /// Concepts with a name like the header, the likest first.
    pub fn similar(&self, column: &RawColumn) -> Vec<Similar<'a>> {
        let headers: Vec<Vec<char>> = column
            .header_rows
            .iter()
            .chain([&column.header])
            .map(|text| plain(text))
            .filter(|text| text.len() > 2)
            .collect();
        let mut best: BTreeMap<&str, Similar<'a>> = BTreeMap::new();
        for Name { plain, item } in &self.0 {
            let alike = headers.iter().map(|header| alike_percent(header, plain)).max();
            let Some(likeness_percent) = alike.filter(|alike| *alike >= LEAST_ALIKE_PERCENT) else {
                continue;
            };
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

/// Signs that need no change, percent of the longer text; 0 where the lengths alone rule likeness out.
fn alike_percent(left: &[char], right: &[char]) -> u32 {
    let (shorter, longer) = (left.len().min(right.len()), left.len().max(right.len()));
    if longer == 0 || shorter * 100 < longer * LEAST_ALIKE_PERCENT as usize {
        return 0;
    }
    let changes = strsim::generic_levenshtein(&Signs(left), &Signs(right));
    ((longer - changes) * 100 / longer) as u32
}

/// Signs that can be walked over again, as the comparison asks.
struct Signs<'a>(&'a [char]);

impl<'b> IntoIterator for &'b Signs<'_> {
    type Item = char;
    type IntoIter = std::iter::Copied<std::slice::Iter<'b, char>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().copied()
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
            question_nl: "Gebruikt u videobellen?".to_owned(),
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
                item.question_nl.clear();
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
            ("video_use", 2024, 95)
        );
    }
}
