//! The cells of a matrix of calls: changes by wave, or contrasts between groups.

use std::collections::BTreeMap;

use super::draw::Maker;
use super::{Content, cell};
use crate::chart::Point;
use crate::release::fact::{Call, Key};
use crate::release::figure::Shown;

type Lines = BTreeMap<Vec<usize>, Vec<(Point, Key)>>;
type Facets = BTreeMap<Vec<usize>, BTreeMap<Vec<usize>, Lines>>;

impl<'a> Maker<'a> {
    /// Calls of every wave against the one before; the first wave has none and no column.
    pub(super) fn calls(&self, content: &Content<'a>) -> (Facets, Vec<String>) {
        let mut facets = Facets::new();
        let waves: Vec<usize> = (1..self.view.release.dimensions.waves.len()).collect();
        for estimate in &content.estimates {
            let key = estimate.key;
            let column = waves.iter().position(|wave| *wave == key.wave);
            let (Some(change), Some(column)) = (self.view.release.change(key), column) else {
                continue;
            };
            if change.call == Call::NoTest && change.difference.is_none() {
                continue;
            }
            self.add(&mut facets, cell::change(self.view, change, column), key);
        }
        (facets, waves.into_iter().map(|wave| self.view.wave(wave).to_owned()).collect())
    }

    /// Contrasts: a column a pair of levels.
    pub(super) fn contrasts(&self, content: &Content<'a>) -> (Facets, Vec<String>) {
        let mut pairs: Vec<(usize, usize)> =
            content.contrasts.iter().map(|one| (one.key.level, one.other)).collect();
        pairs.sort_by_key(|(one, other)| {
            let breakdown = &self.view.release.dimensions.levels[*one].breakdown;
            let place = self.figure.breakdowns.iter().position(|name| name == breakdown);
            (place, *one, *other)
        });
        pairs.dedup();
        let columns = pairs.iter().map(|pair| self.pair(*pair)).collect();
        let mut facets = Facets::new();
        for contrast in &content.contrasts {
            let place = pairs.iter().position(|pair| *pair == (contrast.key.level, contrast.other));
            let point = cell::contrast(self.view, contrast, place.unwrap_or(0));
            self.add(&mut facets, point, contrast.key);
        }
        (facets, columns)
    }

    /// The breakdown and its two levels.
    fn pair(&self, (one, other): (usize, usize)) -> String {
        let levels_text = format!("{} − {}", self.view.level(one), self.view.level(other));
        format!("{}: {levels_text}", self.view.breakdown(one))
    }

    fn add(&self, facets: &mut Facets, point: Point, key: Key) {
        let is_row = |shown: &Shown| ![Shown::Wave, Shown::Level, Shown::Side].contains(shown);
        let row = self.seen.row.filter(is_row).unwrap_or(Shown::Indicator);
        let facet = self.seen.facet.filter(is_row);
        let facet = facet.map_or_else(Vec::new, |shown| vec![self.place(shown, key)]);
        let groups = facets.entry(facet).or_default();
        let lines = groups.entry(vec![self.place(row, key)]).or_default();
        lines.entry(Vec::new()).or_default().push((point, key));
    }
}
