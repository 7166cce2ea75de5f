//! The shapes of a column's texts: what they look like, without a letter or digit of them.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::options::{Options, Parts, Splits};
use crate::shape::shape;

/// Different values of a column are counted up to this, and so are shapes.
const MOST_DISTINCT: usize = 10_000;
/// Of all columns together.
const MOST_OF_ALL: usize = 1 << 20;
const SHAPES_SHOWN: usize = 3;

/// What the texts of a column have in common; what it holds does not grow with the column.
#[derive(Debug, Clone)]
pub(super) struct Shapes {
    most: usize,
    counts: Vec<u64>,
    places: BTreeMap<String, usize>,
    /// By the text's hash: it stands here for the text.
    texts: HashMap<u64, Text>,
    splits: Splits,
    pub(super) filled: u64,
    /// Texts with an `@` between other signs.
    pub(super) addresses: u64,
}

#[derive(Debug, Clone, Copy)]
struct Text {
    /// None where there were too many shapes already.
    shape: Option<usize>,
    is_address: bool,
    parts: Parts,
}

/// How many different values of a column are counted where there are so many columns.
pub(super) fn most_distinct(columns: usize) -> usize {
    (MOST_OF_ALL / columns.max(1)).min(MOST_DISTINCT)
}

impl Shapes {
    pub(super) fn new(most: usize) -> Self {
        let (counts, places, texts) = (Vec::new(), BTreeMap::new(), HashMap::new());
        let splits = Splits::default();
        Self { most, counts, places, texts, splits, filled: 0, addresses: 0 }
    }

    pub(super) fn add(&mut self, cell: &str) {
        if cell.trim().is_empty() {
            return;
        }
        let hash = hash(cell);
        let text = self.texts.get(&hash).copied();
        let text = text.unwrap_or_else(|| self.learn(hash, cell));
        self.filled += 1;
        self.addresses += u64::from(text.is_address);
        self.splits.count(text.parts);
        if let Some(place) = text.shape {
            self.counts[place] += 1;
        }
    }

    fn learn(&mut self, hash: u64, cell: &str) -> Text {
        let shape = shape(cell);
        let known = self.places.get(&shape).copied();
        let place = known.or_else(|| {
            let place = self.counts.len();
            (place < self.most).then(|| {
                self.places.insert(shape, place);
                self.counts.push(0);
                place
            })
        });
        let (is_address, parts) = (is_address(cell), self.splits.learn(cell));
        let text = Text { shape: place, is_address, parts };
        if self.texts.len() < self.most {
            self.texts.insert(hash, text);
        }
        text
    }

    /// Whether a cell with this text was met, among those that are counted.
    pub(super) fn holds(&self, text: &str) -> bool {
        self.texts.contains_key(&hash(text))
    }

    /// Different texts, counted up to `most`.
    pub(super) fn distinct(&self) -> usize {
        self.texts.len()
    }

    /// What its cells have in common where they hold several answers.
    pub(super) fn options(&self) -> Option<Options> {
        self.splits.options()
    }

    /// The commonest first, each with how often it occurs.
    pub(super) fn commonest(&self) -> Vec<(String, u64)> {
        let counted = self.places.iter().map(|(shape, place)| (shape.clone(), self.counts[*place]));
        let mut commonest: Vec<(String, u64)> = counted.collect();
        commonest.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
        commonest.truncate(SHAPES_SHOWN);
        commonest
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn is_address(cell: &str) -> bool {
    let Some((name, domain)) = cell.trim().split_once('@') else { return false };
    !name.is_empty() && !name.contains(' ') && domain.contains('.') && !domain.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_with_an_at_sign_between_a_name_and_a_domain_are_addresses() {
        let seen = of(["a@b.nl", "bel @ mij", "x", "", "a@b.nl"]);
        assert_eq!((seen.addresses, seen.filled, seen.distinct()), (2, 4, 3));
    }

    #[test]
    fn texts_and_shapes_are_held_up_to_a_limit_and_counted_beyond_it() {
        let mut seen = Shapes::new(MOST_DISTINCT);
        for number in 0..MOST_DISTINCT * 2 {
            seen.add(&format!("{number}"));
            let letters = format!("{number:b}").replace('0', "a").replace('1', "A");
            seen.add(&letters);
        }
        assert_eq!(seen.distinct(), MOST_DISTINCT);
        assert_eq!(seen.filled, 4 * MOST_DISTINCT as u64);
        assert!(seen.counts.len() <= MOST_DISTINCT);
        assert_eq!(seen.commonest()[0], ("9999…".to_owned(), 10_000));
    }

    fn of<const N: usize>(cells: [&str; N]) -> Shapes {
        let mut seen = Shapes::new(MOST_DISTINCT);
        for cell in cells {
            seen.add(cell);
        }
        seen
    }
}
