//! From the cells of a figure to a chart.

use std::collections::BTreeMap;

use super::arrange::{self, Seen};
use super::{Content, cell, sentence};
use crate::chart::{
    Axis, Cell, Chart, Facet, Group, Line, Point, Range, Series, Terms, colour_of, series_style,
};
use crate::figure::label::{short, stem};
use crate::release::Release;
use crate::release::fact::{Estimate, Key};
use crate::release::figure::{Figure, Form, Shown};
use crate::view::View;

/// Places that sort facets, groups and lines.
type Places = Vec<usize>;
type Lines = BTreeMap<Places, Vec<(Point, Key)>>;
type Facets = BTreeMap<Places, BTreeMap<Places, Lines>>;

/// Whether a matrix shows differences between groups rather than between waves.
pub fn is_of_contrasts(release: &Release, figure: &Figure) -> bool {
    let levels = arrange::levels(release, figure);
    figure.form == Form::Matrix
        && levels.iter().any(|level| !release.dimensions.levels[*level].is_total())
}

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

pub fn chart<'a>(view: View<'a>, content: &Content<'a>) -> Chart {
    let maker = Maker::new(view, content.figure);
    let (facets, columns) = match content.figure.form {
        Form::Matrix if is_of_contrasts(view.release, content.figure) => maker.contrasts(content),
        Form::Matrix => maker.calls(content),
        _ => (maker.estimates(content), maker.columns()),
    };
    let facets = maker.facets(facets);
    let figure = content.figure;
    let unit = content.estimates.first().map_or("percent", |one| {
        view.release.dimensions.indicators[one.key.indicator].unit.as_str()
    });
    let bands = if figure.form == Form::DotsBands { bands(view, unit) } else { Vec::new() };
    let values = content.estimates.iter().flat_map(|one| [one.value, one.low, one.high]).flatten();
    Chart {
        form: figure.form,
        id: format!("c-{}", crate::site::slug(&figure.key)),
        title: view.text(&figure.titles, &figure.key).to_owned(),
        description: sentence::description(view, content),
        axis: axis(values, unit, figure.form, view),
        series: maker.series(),
        columns,
        bands,
        facets,
        terms: if content.contrasts.is_empty() { terms(view) } else { terms_of_contrasts(view) },
        source: source(view),
    }
}

/// Shares beside marks run to 100; lines and scores use the room that they need.
pub fn axis(values: impl Iterator<Item = f64>, unit: &str, form: Form, view: View<'_>) -> Axis {
    let whole = (unit == "percent" && form != Form::Lines).then_some(100.0);
    Axis::over(values.chain(whole), unit, view.words.say("number.decimal"))
}

fn bands(view: View<'_>, unit: &str) -> Vec<Range> {
    let of_unit = view.release.dimensions.bands.iter().filter(|band| band.unit == unit);
    let mut bands: Vec<Range> = of_unit
        .map(|band| Range {
            label: view.text(&band.labels, &band.key).to_owned(),
            lower: band.lower.unwrap_or(f64::MIN),
            upper: band.upper.unwrap_or(f64::MAX),
        })
        .collect();
    bands.sort_by(|a, b| a.lower.total_cmp(&b.lower));
    bands
}

pub fn terms(view: View<'_>) -> Terms {
    let say = |key: &str| view.words.say(key).to_owned();
    Terms {
        interval: say("term.interval"),
        withheld: say("term.withheld"),
        not_asked: say("term.not_asked"),
        no_answers: say("term.no_answers"),
        series_break: say("term.series_break"),
        unreliable: say("term.unreliable"),
        difference: say("term.difference"),
        calls: ["increased", "stable", "decreased", "not_comparable", "withheld", "no_test"]
            .map(|call| say(&format!("call_short.{call}"))),
        corrected: say("term.corrected"),
    }
}

fn terms_of_contrasts(view: View<'_>) -> Terms {
    let [.., not_comparable, withheld, no_test] = terms(view).calls;
    let say = |key: &str| view.words.say(key).to_owned();
    let calls = ["higher", "not_different", "lower"].map(|call| say(&format!("call_short.{call}")));
    let [higher, same, lower] = calls;
    Terms { calls: [higher, same, lower, not_comparable, withheld, no_test], ..terms(view) }
}

pub fn source(view: View<'_>) -> String {
    let monitor = view.monitor();
    let release = view.release.manifest.release.as_str();
    let source = view.words.fill("figure.source", &[("monitor", &monitor), ("release", release)]);
    let notice = view.notice();
    if notice.is_empty() { source } else { format!("{notice}. {source}") }
}

impl<'a> Maker<'a> {
    fn new(view: View<'a>, figure: &'a Figure) -> Self {
        let pairs = arrange::pairs(view.release, figure);
        let mut stems = Vec::new();
        let mut sides =
            [view.words.say("side.second"), view.words.say("side.first")].map(str::to_owned);
        for (one, minus) in &pairs {
            let label = view.indicator(*one);
            let Some(minus) = minus else {
                stems.push(label.to_owned());
                continue;
            };
            let (common, first, second) = stem(label, view.indicator(*minus));
            if !stems.iter().any(String::is_empty) && !common.is_empty() {
                sides = [second, first];
            }
            stems.push(if common.is_empty() { label.to_owned() } else { common });
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

    fn columns(&self) -> Vec<String> {
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
            Shown::Wave => self.view.wave(key.wave).to_owned(),
        }
    }

    /// Dimensions of facets, groups and lines; breakdowns part facets where several have levels.
    fn parts(&self) -> [Vec<Shown>; 3] {
        let waves = if self.has_waves() { vec![Shown::Wave] } else { Vec::new() };
        let facet: Vec<Shown> = self.seen.facet.into_iter().collect();
        let row: Vec<Shown> = self.seen.row.into_iter().collect();
        let series: Vec<Shown> = self.seen.series.into_iter().collect();
        match self.figure.form {
            Form::Lines => [facet, Vec::new(), series],
            Form::BarTick | Form::Dumbbell => [facet, row, waves],
            Form::DotsBands => [facet, row, series.into_iter().chain(waves).collect()],
            Form::Matrix => [facet, row, Vec::new()],
        }
    }

    fn has_waves(&self) -> bool {
        let seen = [self.seen.facet, self.seen.row, self.seen.series];
        let of = |pair: &(usize, Option<usize>)| {
            arrange::waves(self.view.release, self.figure, pair.0).len() > 1
        };
        !seen.contains(&Some(Shown::Wave)) && self.pairs.iter().any(of)
    }

    fn places(&self, parts: &[Shown], key: Key) -> Places {
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

    fn estimates(&self, content: &Content<'a>) -> Facets {
        let [facet, group, line] = self.parts();
        let mut facets = Facets::new();
        let reference = self.figure.reference.filter(|_| self.seen.facet == Some(Shown::Panel));
        for estimate in &content.estimates {
            let key = estimate.key;
            let column = if self.figure.form == Form::Lines { key.wave } else { 0 };
            let place = self.series_place(key);
            let mut point = cell::point(self.view, estimate, place, column);
            point.segment = self.segment(content, estimate);
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
    fn is_single(&self, key: Key) -> bool {
        let is_paired = self.pairs.iter().any(|pair| pair.1.is_some());
        is_paired && self.pairs.contains(&(key.indicator, None))
    }

    /// Where the levels of several breakdowns are colours or rows, each breakdown has its own facet.
    fn breakdown_place(&self, key: Key) -> usize {
        let dimensions = &self.view.release.dimensions;
        let breakdown = &dimensions.levels[key.level].breakdown;
        let is_apart = self.seen.facet != Some(Shown::Level) && self.figure.breakdowns.len() > 1;
        let place = self.figure.breakdowns.iter().position(|one| one == breakdown);
        if is_apart { place.unwrap_or(0) } else { 0 }
    }

    /// Of the mart where it has them; else a break begins a new one.
    fn segment(&self, content: &Content<'a>, estimate: &Estimate) -> i64 {
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

    fn facets(&self, facets: Facets) -> Vec<Facet> {
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
        // What goes on under the same title needs it but once.
        for place in (1..facets.len()).rev() {
            if facets[place].is_single && facets[place].title == facets[place - 1].title {
                facets[place].title.clear();
            }
        }
        facets
    }

    fn title(&self, facet: &[Shown], key: Key) -> String {
        let mut texts: Vec<String> = facet.iter().map(|shown| self.label(*shown, key)).collect();
        if self.figure.breakdowns.len() > 1
            && !facet.contains(&Shown::Level)
            && !is_of_contrasts(self.view.release, self.figure)
        {
            texts.push(self.view.breakdown(key.level).to_owned());
        }
        texts.join(" · ")
    }

    fn facet_colour(&self, key: Key) -> Option<String> {
        if self.seen.facet != Some(Shown::Panel) || self.figure.form == Form::Lines {
            return None;
        }
        Some(panel_colour(self.view, key.panel))
    }

    fn group(&self, parts: &[Vec<Shown>; 3], lines: Lines) -> Group {
        let first = lines.values().flatten().next().map(|(_, key)| *key);
        let label = first.map_or_else(String::new, |key| {
            let texts: Vec<String> = parts[1].iter().map(|shown| self.label(*shown, key)).collect();
            self.with_wave(texts.join(" · "), key)
        });
        Group { label, lines: lines.into_values().map(|points| self.line(parts, points)).collect() }
    }

    /// The wave behind a label, where the latest wave of indicators is not one and the same.
    fn with_wave(&self, label: String, key: Key) -> String {
        if self.figure.waves != crate::release::figure::Waves::Latest {
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

    fn line(&self, parts: &[Vec<Shown>; 3], mut points: Vec<(Point, Key)>) -> Line {
        points.sort_by_key(|(point, _)| (point.column, point.series));
        let key = points.first().map(|(_, key)| *key);
        let texts: Vec<String> = key
            .map(|key| parts[2].iter().map(|shown| self.label(*shown, key)).collect())
            .unwrap_or_default();
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

    fn gap(&self, key: Key) -> Option<String> {
        let gap = self.view.release.gap(self.figure.gap.as_ref()?, key)?;
        Some(self.view.difference(key.indicator, gap.difference?))
    }

    pub(super) fn series(&self) -> Vec<Series> {
        let named = |labels: Vec<String>| -> Vec<Series> {
            let each = labels.into_iter().enumerate();
            each.map(|(place, label)| series_style(label, colour_of(None, place, false), place))
                .collect()
        };
        let mut series = match self.seen.series {
            Some(Shown::Panel) => self
                .panels
                .iter()
                .enumerate()
                .map(|(place, panel)| {
                    let label = self.view.panel(*panel).to_owned();
                    series_style(label, panel_colour(self.view, *panel), place)
                })
                .collect(),
            Some(Shown::Indicator) => named(self.labels.clone()),
            Some(Shown::Side) => {
                let mut sides = named(self.sides.to_vec());
                for (place, side) in sides.iter_mut().enumerate() {
                    side.is_hollow = place == 1;
                    side.shape = series_style(String::new(), String::new(), 0).shape;
                    side.colour = colour_of(None, 0, false);
                }
                sides
            }
            Some(Shown::Level) => self.level_series(),
            Some(Shown::Wave) => {
                let waves = 0..self.view.release.dimensions.waves.len();
                named(waves.map(|wave| self.view.wave(wave).to_owned()).collect())
            }
            None => named(vec![String::new()]),
        };
        self.dashed(&mut series);
        series
    }

    /// The n-th colour is the n-th level, whichever breakdown it is of.
    fn level_series(&self) -> Vec<Series> {
        let dimensions = &self.view.release.dimensions;
        let levels = arrange::levels(self.view.release, self.figure);
        let of = |breakdown: &String| {
            let is_of = |level: &&usize| dimensions.levels[**level].breakdown == *breakdown;
            levels.iter().filter(is_of).copied().collect::<Vec<_>>()
        };
        let longest =
            self.figure.breakdowns.iter().map(of).max_by_key(Vec::len).unwrap_or_default();
        longest
            .iter()
            .enumerate()
            .map(|(place, level)| {
                let label = self.view.level(*level).to_owned();
                series_style(label, colour_of(None, place, false), place)
            })
            .collect()
    }

    /// The reference is grey and dashed.
    fn dashed(&self, series: &mut Vec<Series>) {
        let Some(reference) = self.figure.reference else { return };
        let label = self.view.panel(reference).to_owned();
        let mut style = series_style(label, colour_of(None, 0, true), 5);
        // Where one line is dashed because it is the reference, the others are not.
        series.iter_mut().for_each(|one| one.dash = "");
        style.dash = "6 4";
        style.is_hollow = true;
        match self.seen.series {
            Some(Shown::Panel) => {
                if let Some(last) = self.panels.iter().position(|panel| *panel == reference) {
                    series[last] = style;
                }
            }
            _ => series.push(style),
        }
    }
}

pub fn panel_colour(view: View<'_>, panel: usize) -> String {
    let one = &view.release.dimensions.panels[panel];
    colour_of(one.colour.as_deref(), panel, one.is_total)
}
