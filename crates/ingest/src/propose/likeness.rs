//! The panel-wave that a file is like, and the item that a column is like.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use survey::codebook::{Codebook, Item, Role};
use survey::handoff::{RawAbout, RawColumn};

use super::{ConceptMatch, Nearest};

/// Questions less alike than this are not shown as a match, percent.
const ALIKE_PERCENT: u32 = 65;

pub(crate) fn nearest(about: &RawAbout, codebook: &Codebook) -> Option<Nearest> {
    let headers: BTreeSet<&str> =
        about.columns.iter().map(|column| column.header.as_str()).collect();
    let mut items: BTreeMap<(survey::Wave, &str), Vec<&Item>> = BTreeMap::new();
    for item in &codebook.items {
        items.entry((item.wave, item.panel.as_str())).or_default().push(item);
    }
    let is_there = |item: &&&Item| {
        headers.contains(item.column.as_str())
            || item.aliases.iter().any(|alias| headers.contains(alias.as_str()))
    };
    let found = |items: &[&Item]| items.iter().filter(is_there).count();
    // Of equally good ones the share of its items counts, then the latest wave.
    let ((wave, panel), best) = items.iter().max_by_key(|((wave, _), items)| {
        (found(items), found(items) * 1000 / items.len(), *wave)
    })?;
    let items_found = found(best) as u32;
    let is_like = items_found > 1 && items_found as usize * 5 >= best.len();
    is_like.then(|| Nearest {
        panel: (*panel).to_owned(),
        wave: *wave,
        items_found,
        items: best.len() as u32,
        columns_missing: best
            .iter()
            .filter(|item| !is_there(item))
            .map(|item| item.column.clone())
            .collect(),
    })
}

/// The codebook's items with what their questions are compared by, worked out once for all columns of a file.
pub(super) struct Questions<'a> {
    codebook: &'a Codebook,
    nearest: Option<&'a Nearest>,
    /// Different questions and labels.
    texts: Vec<Pairs>,
    items: Vec<Asked<'a>>,
}

struct Asked<'a> {
    item: &'a Item,
    is_id: bool,
    /// Of its texts, the places in `Questions::texts`.
    texts: Vec<usize>,
}

impl<'a> Questions<'a> {
    pub(super) fn of(codebook: &'a Codebook, nearest: Option<&'a Nearest>) -> Self {
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut texts = Vec::new();
        let mut place = |text: &str| {
            let text = plain(text);
            if let Some(place) = places.get(&text) {
                return *place;
            }
            texts.push(Pairs::of(&text));
            places.insert(text, texts.len() - 1);
            texts.len() - 1
        };
        let mut of_concepts: BTreeMap<&str, (bool, Vec<usize>)> = BTreeMap::new();
        for concept in &codebook.concepts {
            let labels = concept.label.texts().chain([concept.concept.as_str()]);
            let labels = labels.map(&mut place).collect();
            of_concepts.insert(&concept.concept, (concept.role == Role::Identifier, labels));
        }
        let items = codebook.items.iter().map(|item| {
            let known = of_concepts.get(item.concept.as_str());
            let (is_id, mut texts) = known.cloned().unwrap_or_default();
            texts.extend(item.question.texts().map(&mut place));
            Asked { item, is_id, texts }
        });
        let items = items.collect();
        Self { codebook, nearest, texts, items }
    }

    /// The item that a column is likest to: of the nearest panel-wave by header, else of any by its question, among those
    /// about one of several answers in a cell or among the others.
    pub(super) fn matching(
        &self,
        column: &RawColumn,
        holds_several: bool,
    ) -> Option<(&'a Item, ConceptMatch)> {
        self.by_header(column).or_else(|| self.by_question(column, holds_several))
    }

    fn by_header(&self, column: &RawColumn) -> Option<(&'a Item, ConceptMatch)> {
        let nearest = self.nearest?;
        let is_near = |item: &&Item| nearest.panel == item.panel && nearest.wave == item.wave;
        let by = |item: &Item| {
            let is_same = column.occurrence == item.occurrence;
            if is_same && item.column == column.header {
                Some("header")
            } else if is_same && item.aliases.contains(&column.header) {
                Some("alias")
            } else {
                None
            }
        };
        let mut items = self.codebook.items.iter().filter(is_near);
        let (item, by) = items.find_map(|item| Some((item, by(item)?)))?;
        Some((item, found(item, by, 100)))
    }

    fn by_question(
        &self,
        column: &RawColumn,
        holds_several: bool,
    ) -> Option<(&'a Item, ConceptMatch)> {
        let headers: Vec<Pairs> = column
            .header_rows
            .iter()
            .chain([&column.header])
            .map(|text| plain(text))
            .filter(|text| text.len() > 4)
            .map(|text| Pairs::of(&text))
            .collect();
        let likeness = |text: &Pairs| headers.iter().map(|one| one.alike(text)).max().unwrap_or(0);
        let alike: Vec<u32> = self.texts.iter().map(likeness).collect();
        let others = self
            .items
            .iter()
            .filter(|asked| !asked.is_id && asked.item.option.is_empty() != holds_several);
        let percent =
            |asked: &Asked<'_>| asked.texts.iter().map(|place| alike[*place]).max().unwrap_or(0);
        // Of equally alike ones the latest wave.
        let best = others.map(|asked| (percent(asked), asked.item.wave, asked.item));
        let (percent, _, item) = best.max_by_key(|(percent, wave, _)| (*percent, *wave))?;
        (percent >= ALIKE_PERCENT).then(|| (item, found(item, "question", percent)))
    }
}

fn found(item: &Item, by: &str, likeness_percent: u32) -> ConceptMatch {
    ConceptMatch {
        concept: item.concept.clone(),
        by: by.to_owned(),
        likeness_percent,
        like: format!("{} {}", item.panel, item.wave),
    }
}

/// The pairs of neighbouring letters of a text, in order (Sørensen 1948, Dice 1945).
struct Pairs(Vec<(char, char)>);

impl Pairs {
    fn of(text: &str) -> Self {
        let letters: Vec<char> = text.chars().filter(|sign| !sign.is_whitespace()).collect();
        let mut pairs: Vec<_> = letters.windows(2).map(|pair| (pair[0], pair[1])).collect();
        pairs.sort_unstable();
        Self(pairs)
    }

    /// Percent of all pairs that both have; 0 where their numbers alone keep them below `ALIKE_PERCENT`.
    fn alike(&self, other: &Self) -> u32 {
        let (left, right) = (&self.0, &other.0);
        let all = left.len() + right.len();
        let most = 200 * left.len().min(right.len());
        if all == 0 || most < all * ALIKE_PERCENT as usize {
            return 0;
        }
        let (mut one, mut two, mut both) = (0, 0, 0);
        while one < left.len() && two < right.len() {
            match left[one].cmp(&right[two]) {
                Ordering::Less => one += 1,
                Ordering::Greater => two += 1,
                Ordering::Equal => {
                    both += 1;
                    one += 1;
                    two += 1;
                }
            }
        }
        (200 * both / all) as u32
    }
}

fn plain(text: &str) -> String {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|sign| if sign.is_alphanumeric() { sign } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_as_alike_as_strsim_says_from_the_bar_on() {
        let texts = [
            "welke apps gebruikt u",
            "welke apps gebruikt u thuis",
            "gebruikt u apps",
            "hoe oud bent u",
            "",
            "a",
            "één keer per week",
            "1 keer per week",
        ];
        for left in texts {
            for right in texts.into_iter().filter(|right| right.is_ascii() && left.is_ascii()) {
                let expected = (strsim::sorensen_dice(left, right) * 100.0) as u32;
                let found = Pairs::of(left).alike(&Pairs::of(right));
                let is_same =
                    found == expected || found < ALIKE_PERCENT && expected < ALIKE_PERCENT;
                assert!(is_same || left.len() < 2, "{left} {right}: {found} {expected}");
            }
        }
    }
}
