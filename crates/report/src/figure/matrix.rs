//! The cells of a matrix of calls: changes by wave, or contrasts between groups.

use std::collections::BTreeMap;

use super::maker::{Facets, Lines, Maker};
use super::{Content, cell};
use crate::chart::{Cell, Point};
use crate::release::fact::{Call, Change, Estimate, Key};
use crate::release::figure::Shown;

/// Leaves out the columns that say nothing in any row.
fn without_empty(facets: &mut Facets, columns: Vec<String>) -> Vec<String> {
    let mut said = vec![false; columns.len()];
    let rows = |facets: &Facets| -> Vec<Point> {
        let lines = facets.values().flat_map(BTreeMap::values).flat_map(BTreeMap::values);
        lines.flatten().map(|(point, _)| point.clone()).collect()
    };
    for point in rows(facets) {
        said[point.column] |= matches!(point.cell, Cell::Called { .. });
    }
    let lines = facets.values_mut().flat_map(BTreeMap::values_mut);
    for points in lines.flat_map(BTreeMap::values_mut) {
        points.retain(|(point, _)| said[point.column]);
        for (point, _) in points {
            point.column = said[..point.column].iter().filter(|said| **said).count();
        }
    }
    columns.into_iter().zip(said).filter(|(_, said)| *said).map(|(column, _)| column).collect()
}

/// Whether a row says anything at all.
fn has_call(lines: &Lines) -> bool {
    lines
        .values()
        .flatten()
        .any(|(point, _)| matches!(point.cell, Cell::Called { .. } | Cell::Withheld))
}

impl<'a> Maker<'a> {
    /// Calls of every wave against the one before; the first wave has none and no column.
    pub(super) fn calls(&self, content: &Content<'a>) -> (Facets, Vec<String>) {
        let mut facets = Facets::new();
        let waves: Vec<usize> = (1..self.view.release.dimensions.waves.len()).collect();
        for estimate in &content.estimates {
            let column = waves.iter().position(|wave| *wave == estimate.key.wave);
            let Some(column) = column else { continue };
            let change = self.view.release.change(estimate.key);
            let is_call = |one: &&Change| one.call != Call::NoTest || one.difference.is_some();
            let point = match change.filter(is_call) {
                Some(change) => cell::change(self.view, change, column),
                None => cell::without_call(self.view, &[*estimate], column),
            };
            self.add(&mut facets, self.facet_of(estimate.key), point, estimate.key);
        }
        for groups in facets.values_mut() {
            groups.retain(|_, lines| has_call(lines));
        }
        facets.retain(|_, groups| !groups.is_empty());
        (facets, waves.into_iter().map(|wave| self.view.wave(wave).to_owned()).collect())
    }

    /// Contrasts: a column a pair of levels.
    pub(super) fn contrasts(&self, content: &Content<'a>) -> (Facets, Vec<String>, Vec<String>) {
        let mut pairs: Vec<(usize, usize)> =
            content.contrasts.iter().map(|one| (one.key.level, one.other)).collect();
        pairs.sort_by_key(|(one, other)| {
            let breakdown = &self.view.release.dimensions.levels[*one].breakdown;
            let place = self.figure.breakdowns.iter().position(|name| name == breakdown);
            (place, *one, *other)
        });
        pairs.dedup();
        let named = || pairs.iter().map(|pair| self.pair(*pair)).collect::<Vec<_>>();
        // Panels as columns and a facet a pair, or pairs as columns.
        let by_panel = self.seen.series == Some(Shown::Panel);
        let columns = if by_panel {
            self.panels.iter().map(|panel| self.view.panel(*panel).to_owned()).collect()
        } else {
            named()
        };
        let mut facets = Facets::new();
        let mut keys: Vec<Key> =
            content.estimates.iter().map(|one| Key { level: 0, ..one.key }).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            for (place, (one, other)) in pairs.iter().enumerate() {
                let column = if by_panel { self.place(Shown::Panel, key) } else { place };
                let found = self.view.release.contrast(Key { level: *one, ..key }, *other);
                let levels = [*one, *other].map(|level| Key { level, ..key });
                let estimates = levels.map(|key| self.view.release.estimate(key));
                let estimates: Vec<&Estimate> = estimates.into_iter().flatten().collect();
                let point = match found {
                    Some(contrast) => cell::contrast(self.view, contrast, column),
                    None => cell::without_call(self.view, &estimates, column),
                };
                let facet = if by_panel { vec![place] } else { self.facet_of(key) };
                self.add(&mut facets, facet, point, key);
            }
        }
        for groups in facets.values_mut() {
            groups.retain(|_, lines| has_call(lines));
        }
        facets.retain(|_, groups| !groups.is_empty());
        let columns = without_empty(&mut facets, columns);
        let titles = if by_panel { named() } else { Vec::new() };
        let kept = facets.keys().filter_map(|key| titles.get(*key.first()?).cloned());
        let titles = kept.collect();
        (facets, columns, titles)
    }

    /// The breakdown and its two levels.
    fn pair(&self, (one, other): (usize, usize)) -> String {
        let levels_text = format!("{} − {}", self.view.level(one), self.view.level(other));
        format!("{}: {levels_text}", self.view.breakdown(one))
    }

    /// Small multiples of a matrix stand for panels or indicators.
    fn facet_of(&self, key: Key) -> Vec<usize> {
        let facet =
            self.seen.facet.filter(|shown| [Shown::Panel, Shown::Indicator].contains(shown));
        facet.map_or_else(Vec::new, |shown| vec![self.place(shown, key)])
    }

    fn add(&self, facets: &mut Facets, facet: Vec<usize>, point: Point, key: Key) {
        let row = self.seen.row.filter(|shown| [Shown::Panel, Shown::Indicator].contains(shown));
        let groups = facets.entry(facet).or_default();
        let lines =
            groups.entry(vec![self.place(row.unwrap_or(Shown::Indicator), key)]).or_default();
        lines.entry(Vec::new()).or_default().push((point, key));
    }
}
