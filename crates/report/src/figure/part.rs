//! Facets, groups and lines of a chart, with their labels.

use std::collections::BTreeMap;

use super::arrange;
use super::draw::panel_colour;
use super::maker::{Facets, Lines, Maker};
use crate::chart::{Cell, Facet, Group, Line, Point};
use crate::release::fact::Key;
use crate::release::figure::{Form, Shown, Waves};

impl Maker<'_> {
    pub(super) fn facets(&self, facets: Facets) -> Vec<Facet> {
        let parts = self.parts();
        let mut facets: Vec<Facet> = facets
            .into_values()
            .map(|groups| {
                let first = groups.values().flat_map(BTreeMap::values).flatten().next();
                let key = first.map(|(_, key)| *key);
                Facet {
                    title: key.map_or_else(String::new, |key| self.title(&parts[0], key)),
                    colour: key.and_then(|key| self.facet_colour(key)),
                    is_single: key.is_some_and(|key| self.is_single(key)),
                    groups: groups.into_values().map(|lines| self.group(&parts, lines)).collect(),
                }
            })
            .collect();
        if self.figure.form != Form::Lines {
            facets.iter_mut().for_each(drop_never_asked);
        }
        facets.retain(|facet| !facet.groups.is_empty());
        // What goes on under the same title needs it but once.
        for place in (1..facets.len()).rev() {
            if facets[place].is_single && facets[place].title == facets[place - 1].title {
                facets[place].title.clear();
            }
        }
        facets
    }

    pub(super) fn title(&self, facet: &[Shown], key: Key) -> String {
        let mut texts: Vec<String> = facet.iter().map(|shown| self.label(*shown, key)).collect();
        texts.retain(|text| !text.is_empty());
        let is_colour = [self.seen.row, self.seen.series].contains(&Some(Shown::Level));
        let is_said = facet.contains(&Shown::Level) || facet.contains(&Shown::Breakdown);
        if is_colour && self.figure.breakdowns.len() > 1 && !is_said {
            texts.push(self.view.breakdown(key.level).to_owned());
        }
        texts.join(" · ")
    }

    pub(super) fn facet_colour(&self, key: Key) -> Option<String> {
        if self.seen.facet != Some(Shown::Panel) || self.figure.form == Form::Lines {
            return None;
        }
        Some(panel_colour(self.view, key.panel))
    }

    pub(super) fn group(&self, parts: &[Vec<Shown>; 3], lines: Lines) -> Group {
        let first = lines.values().flatten().next().map(|(_, key)| *key);
        let label = first.map_or_else(String::new, |key| {
            let texts: Vec<String> = parts[1].iter().map(|shown| self.label(*shown, key)).collect();
            self.with_wave(texts.join(" · "), key)
        });
        Group { label, lines: lines.into_values().map(|points| self.line(parts, points)).collect() }
    }

    /// The wave behind a label, where the latest wave of indicators is not one and the same.
    pub(super) fn with_wave(&self, label: String, key: Key) -> String {
        if self.figure.waves != Waves::Latest {
            return label;
        }
        let of = |pair: &(usize, Option<usize>)| {
            arrange::waves(self.view.release, self.figure, pair.0).last().copied()
        };
        let last = self.pairs.iter().filter_map(of).max();
        let differs = self.pairs.iter().filter_map(of).any(|wave| Some(wave) != last);
        if differs && Some(key.wave) != last {
            format!("{label} ({})", self.view.wave(key.wave))
        } else {
            label
        }
    }

    pub(super) fn line(&self, parts: &[Vec<Shown>; 3], mut points: Vec<(Point, Key)>) -> Line {
        points.sort_by_key(|(point, _)| (point.column, point.series));
        let key = points.first().map(|(_, key)| *key);
        let texts: Vec<String> =
            key.map(|key| self.labels_of_line(&parts[2], key)).unwrap_or_default();
        let is_shown = |(point, _): &(Point, Key)| matches!(point.cell, Cell::Value { .. });
        let difference = points
            .iter()
            .filter(|_| points.len() == 2 && points.iter().all(is_shown))
            .find_map(|(_, key)| self.gap(*key));
        let is_reference =
            points.first().is_some_and(|(_, key)| Some(key.panel) == self.figure.reference);
        let label = if is_reference && texts.is_empty() {
            key.map_or_else(String::new, |key| self.view.panel(key.panel).to_owned())
        } else {
            texts.join(" · ")
        };
        Line { label, points: points.into_iter().map(|(point, _)| point).collect(), difference }
    }

    /// What tells lines of a row apart; the whole panel needs no name.
    fn labels_of_line(&self, parts: &[Shown], key: Key) -> Vec<String> {
        let is_total = self.view.release.dimensions.levels[key.level].is_total();
        let named = parts.iter().filter(|shown| !is_total || **shown != Shown::Level);
        named.map(|shown| self.label(*shown, key)).collect()
    }

    /// The gap, and the ends of its interval.
    pub(super) fn gap(&self, key: Key) -> Option<(String, String)> {
        let gap = self.view.release.gap(self.figure.gap.as_ref()?, key)?;
        let number = |value| self.view.difference(key.indicator, value);
        let interval = |(low, high)| {
            format!("({} {} {})", number(low), self.view.words.say("term.to"), number(high))
        };
        let interval = gap.low.zip(gap.high).map_or_else(String::new, interval);
        Some((number(gap.difference?), interval))
    }
}

/// Rows of what was asked in no wave of the figure say nothing beside marks.
fn drop_never_asked(facet: &mut Facet) {
    let says = |line: &Line| {
        line.points.iter().any(|point| !matches!(point.cell, Cell::NotAsked | Cell::None))
    };
    for group in &mut facet.groups {
        group.lines.retain(says);
    }
    facet.groups.retain(|group| !group.lines.is_empty());
}
