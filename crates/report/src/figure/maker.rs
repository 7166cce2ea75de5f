//! Where every cell of a figure stands: its facet, group, line, series and column.

use std::collections::BTreeMap;

use super::arrange::{self, Seen};
use super::label::{short, stem};
use super::{Content, cell};
use crate::chart::Point;
use crate::release::fact::{Estimate, Key};
use crate::release::figure::{Figure, Form, Shown};
use crate::view::View;

/// Places that sort facets, groups and lines.
pub(super) type Places = Vec<usize>;
pub(super) type Lines = BTreeMap<Places, Vec<(Point, Key)>>;
pub(super) type Facets = BTreeMap<Places, BTreeMap<Places, Lines>>;

/// What is needed to say where a cell stands.
pub(super) struct Maker<'a> {
    pub view: View<'a>,
    pub figure: &'a Figure,
    pub seen: Seen,
    pub pairs: Vec<(usize, Option<usize>)>,
    pub panels: Vec<usize>,
    pub labels: Vec<String>,
    pub sides: [String; 2],
}

impl<'a> Maker<'a> {
    pub(super) fn new(view: View<'a>, figure: &'a Figure) -> Self {
        let pairs = arrange::pairs(view.release, figure);
        let mut stems = Vec::new();
        let mut sides =
            [view.words.say("side.second"), view.words.say("side.first")].map(str::to_owned);
        for (one, minus) in &pairs {
            let Some(minus) = minus else {
                stems.push(view.indicator(*one).to_owned());
                continue;
            };
            let (subject, first, second) = in_words(view, *one, *minus);
            if sides[0] == view.words.say("side.second") {
                sides = [second, first];
            }
            stems.push(subject);
        }
        Self {
            view,
            figure,
            seen: Seen::of(view.release, figure),
            panels: arrange::panels(figure),
            labels: short(&stems),
            pairs,
            sides,
        }
    }

    pub(super) fn columns(&self) -> Vec<String> {
        if self.figure.form != Form::Lines {
            return Vec::new();
        }
        (0..self.view.release.dimensions.waves.len())
            .map(|wave| self.view.wave(wave).to_owned())
            .collect()
    }

    /// The place of a cell in a dimension.
    pub(super) fn place(&self, shown: Shown, key: Key) -> usize {
        match shown {
            Shown::Indicator => {
                let is_it = |pair: &(usize, Option<usize>)| {
                    pair.0 == key.indicator || pair.1 == Some(key.indicator)
                };
                self.pairs.iter().position(is_it).unwrap_or(0)
            }
            Shown::Side => usize::from(
                self.pairs.iter().any(|pair| pair.0 == key.indicator && pair.1.is_some()),
            ),
            Shown::Panel => self.panels.iter().position(|panel| *panel == key.panel).unwrap_or(0),
            Shown::Level => key.level,
            Shown::Breakdown => self.breakdown_place(key),
            Shown::Group => self.group_place(key).map_or(0, |place| place + 1),
            Shown::Wave => key.wave,
        }
    }

    /// What a member of a dimension is called.
    pub(super) fn label(&self, shown: Shown, key: Key) -> String {
        let place = self.place(shown, key);
        match shown {
            Shown::Indicator => self.labels.get(place).cloned().unwrap_or_default(),
            Shown::Side => self.sides[place].clone(),
            Shown::Panel => self.view.panel(key.panel).to_owned(),
            Shown::Level => self.view.level(key.level).to_owned(),
            Shown::Breakdown => self.view.breakdown(key.level).to_owned(),
            Shown::Group => self.group_label(key),
            Shown::Wave => self.view.wave(key.wave).to_owned(),
        }
    }

    /// Dimensions of facets, groups and lines; breakdowns part facets where several have levels.
    pub(super) fn parts(&self) -> [Vec<Shown>; 3] {
        let waves = if self.has_waves() { vec![Shown::Wave] } else { Vec::new() };
        let mut facet: Vec<Shown> = self.seen.facet.into_iter().collect();
        let seen = [self.seen.facet, self.seen.row, self.seen.series];
        let has_levels = arrange::levels(self.view.release, self.figure).len() > 1;
        let is_free = has_levels && !seen.contains(&Some(Shown::Level));
        let levels = if is_free { vec![Shown::Level] } else { Vec::new() };
        if !self.figure.groups.is_empty() && self.seen.facet != Some(Shown::Group) {
            // Before the title of a small multiple, behind the name of a block of rows.
            let place = if self.figure.form == Form::Lines { 0 } else { facet.len() };
            facet.insert(place, Shown::Group);
        }
        let row: Vec<Shown> = self.seen.row.into_iter().collect();
        let series: Vec<Shown> = self.seen.series.into_iter().collect();
        match self.figure.form {
            Form::Lines => [facet, Vec::new(), series],
            Form::BarTick | Form::Dumbbell => {
                [facet, row, levels.into_iter().chain(waves).collect()]
            }
            Form::DotsBands => {
                [facet, row, series.into_iter().chain(levels).chain(waves).collect()]
            }
            Form::Matrix => [facet, row, Vec::new()],
        }
    }

    pub(super) fn has_waves(&self) -> bool {
        let seen = [self.seen.facet, self.seen.row, self.seen.series];
        let of = |pair: &(usize, Option<usize>)| {
            arrange::waves(self.view.release, self.figure, pair.0).len() > 1
        };
        !seen.contains(&Some(Shown::Wave)) && self.pairs.iter().any(of)
    }

    pub(super) fn places(&self, parts: &[Shown], key: Key) -> Places {
        let mut places: Places = parts.iter().map(|shown| self.place(*shown, key)).collect();
        if parts.first() != Some(&Shown::Wave) && parts.is_empty() {
            places.push(0);
        }
        places
    }

    pub(super) fn series_place(&self, key: Key) -> usize {
        match self.seen.series {
            Some(Shown::Level) => {
                let levels = arrange::levels(self.view.release, self.figure);
                let breakdown = &self.view.release.dimensions.levels[key.level].breakdown;
                let of = |level: &&usize| {
                    self.view.release.dimensions.levels[**level].breakdown == *breakdown
                };
                levels.iter().filter(of).position(|level| *level == key.level).unwrap_or(0)
            }
            Some(shown) => self.place(shown, key),
            None => 0,
        }
    }

    pub(super) fn estimates(&self, content: &Content<'a>) -> Facets {
        let [facet, group, line] = self.parts();
        let mut facets = Facets::new();
        let reference = self.figure.reference.filter(|_| self.seen.facet == Some(Shown::Panel));
        for estimate in &content.estimates {
            let key = estimate.key;
            let column = if self.figure.form == Form::Lines { key.wave } else { 0 };
            let place = self.series_place(key);
            let mut point = cell::point(self.view, estimate, place, column);
            point.segment = Self::segment(content, estimate);
            let is_reference = reference == Some(key.panel);
            let panels = if is_reference { self.figure.panels.clone() } else { vec![key.panel] };
            for panel in panels {
                let shown = Key { panel, ..key };
                let mut lines = self.places(&line, key);
                lines.insert(0, usize::from(is_reference));
                let mut point = point.clone();
                if is_reference {
                    point.series = self.series().len() - 1;
                }
                let breakdown = self.breakdown_place(key);
                let mut facet_places = self.places(&facet, shown);
                facet_places.push(breakdown);
                facet_places.push(usize::from(self.is_single(key)));
                let groups = facets.entry(facet_places).or_default();
                let lines_of = groups.entry(self.places(&group, key)).or_default();
                lines_of.entry(lines).or_default().push((point, Key { panel: key.panel, ..shown }));
            }
        }
        facets
    }

    /// An indicator without a second side, in a figure of pairs.
    pub(super) fn is_single(&self, key: Key) -> bool {
        let is_paired = self.pairs.iter().any(|pair| pair.1.is_some());
        is_paired && self.pairs.contains(&(key.indicator, None))
    }

    fn group_place(&self, key: Key) -> Option<usize> {
        let place = self.figure.indicators.iter().position(|one| *one == key.indicator)?;
        self.figure.group_of.get(place).copied().flatten()
    }

    fn group_label(&self, key: Key) -> String {
        let group = self.group_place(key).and_then(|place| self.figure.groups.get(place));
        let label = group.map(|group| self.view.text(&group.labels, &group.name).to_owned());
        label.unwrap_or_default()
    }

    /// Where the levels of several breakdowns are colours or rows, each breakdown has its own facet.
    pub(super) fn breakdown_place(&self, key: Key) -> usize {
        let dimensions = &self.view.release.dimensions;
        let breakdown = &dimensions.levels[key.level].breakdown;
        let is_colour = [self.seen.row, self.seen.series].contains(&Some(Shown::Level));
        let is_apart = self.seen.facet == Some(Shown::Breakdown)
            || (is_colour && self.figure.breakdowns.len() > 1);
        let place = self.figure.breakdowns.iter().position(|one| one == breakdown);
        if is_apart { place.unwrap_or(0) } else { 0 }
    }

    /// Of the mart where it has them; else a break begins a new one.
    pub(super) fn segment(content: &Content<'a>, estimate: &Estimate) -> i64 {
        if let Some(segment) = estimate.segment {
            return segment;
        }
        let key = estimate.key;
        let is_before = |one: &&&Estimate| {
            let of = one.key;
            (of.indicator, of.panel, of.level) == (key.indicator, key.panel, key.level)
                && of.wave <= key.wave
                && one.comparability == "break"
        };
        content.estimates.iter().filter(is_before).count() as i64
    }
}

/// What a pair is about and what its sides are called: as the release says, or as their labels part at a colon.
fn in_words(view: View<'_>, one: usize, minus: usize) -> (String, String, String) {
    let of = &view.release.dimensions;
    let key = (of.indicators[one].key.clone(), of.indicators[minus].key.clone());
    if let Some(pair) = of.pairs.get(&key).filter(|pair| !pair.subject.is_empty()) {
        let text = |texts| view.text(texts, "").to_owned();
        return (text(&pair.subject), text(&pair.one), text(&pair.minus));
    }
    let label = view.indicator(one);
    let (common, first, second) = stem(label, view.indicator(minus));
    (if common.is_empty() { label.to_owned() } else { common }, first, second)
}
