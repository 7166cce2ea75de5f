//! A page an indicator: every panel and wave, how it was asked, its answers, base and breaks.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::Edition;
use super::element::{drawn, scrolled};
use super::frame::Frame;
use crate::chart::{Chart, Facet, Group, Line, series_style};
use crate::figure::{cell, draw};
use crate::release::fact::{Estimate, Key};
use crate::release::figure::Form;
use crate::site::slug;

impl Edition<'_> {
    pub(super) fn indicator(self, place: usize) -> String {
        let view = self.view;
        let words = view.words;
        let one = &view.release.dimensions.indicators[place];
        let title = view.indicator(place);
        let name = slug(&one.key);
        let unit = words.find(&format!("unit.{}", one.unit)).unwrap_or(&one.unit);
        let panels = self.asked_panels(place);
        let content = html! {
            h1 { (title) }
            p class="statistical" {
                (unit)
                @let figures = self.figures_with(place);
                @if !figures.is_empty() {
                    " · " (words.say("indicator.in_figures")) " "
                    @for (number, (slug, key)) in figures.iter().enumerate() { @if number > 0 { ", " } a href=(format!("../figure/{slug}.html")) { (key) } }
                }
            }
            @if panels.is_empty() { p class="empty" { (words.say("indicator.never_shown")) } }
            @else { figure aria-label=(title) { (drawn(&self.indicator_chart(place, &panels))) } }
            ul class="downloads" aria-label=(words.say("figure.downloads")) {
                li { a href=(format!("../../data/{name}.csv")) download { "CSV" } }
                li { a href=(format!("../explorer.html#{}", one.key)) { (words.say("menu.explorer")) } }
            }
            section { h2 { (words.say("indicator.by_wave")) } (self.pivot(place, &[view.release.dimensions.total()])) }
            (self.broken_down(place))
            (self.questions(place))
            (self.answers(place))
            (self.distribution(place))
        };
        let path = format!("indicator/{name}.html");
        let frame =
            Frame { path: &path, title, description: title, kind: "indicator", scripts: &[] };
        self.framed(&frame, &content)
    }

    /// Panels with a figure of the indicator in any wave.
    fn asked_panels(self, indicator: usize) -> Vec<usize> {
        let all = self.view.release.of_indicator(indicator).iter();
        let total = self.view.release.dimensions.total();
        let shown = all.filter(|one| one.key.level == total && self.view.release.is_shown(one));
        let mut panels: Vec<usize> = shown.map(|one| one.key.panel).collect();
        panels.dedup();
        panels
    }

    fn figures_with(self, indicator: usize) -> Vec<(String, String)> {
        let figures = self.view.release.figures.iter();
        let has = figures.filter(|figure| figure.indicators.contains(&indicator));
        has.map(|figure| (slug(&figure.key), figure.key.clone())).collect()
    }

    /// A line a panel, each in a small multiple of its own.
    fn indicator_chart(self, place: usize, panels: &[usize]) -> Chart {
        let view = self.view;
        let release = view.release;
        let one = &release.dimensions.indicators[place];
        let total = release.dimensions.total();
        let of = |panel: usize| -> Vec<&Estimate> {
            let waves = 0..release.dimensions.waves.len();
            waves
                .filter_map(|wave| {
                    release.estimate(Key { indicator: place, panel, level: total, wave })
                })
                .collect()
        };
        let all: Vec<&Estimate> = panels.iter().flat_map(|panel| of(*panel)).collect();
        let values = all.iter().flat_map(|one| [one.value, one.low, one.high]).flatten();
        let facets = panels.iter().enumerate().map(|(series, panel)| {
            let mut breaks = 0;
            let points = of(*panel).into_iter().map(|estimate| {
                breaks += i64::from(estimate.comparability == "break");
                let mut point = cell::point(view, estimate, series, estimate.key.wave);
                point.segment = estimate.segment.unwrap_or(breaks);
                point
            });
            let line = Line { label: String::new(), points: points.collect(), difference: None };
            let groups = vec![Group { label: String::new(), lines: vec![line] }];
            Facet { title: view.panel(*panel).to_owned(), colour: None, is_single: false, groups }
        });
        let names: Vec<&str> = panels.iter().map(|panel| view.panel(*panel)).collect();
        let values_of = [("indicator", view.indicator(place)), ("panels", &names.join(", "))];
        Chart {
            form: Form::Lines,
            id: format!("i-{}", slug(&one.key)),
            title: view.indicator(place).to_owned(),
            description: view.words.fill("indicator.description", &values_of),
            axis: draw::axis(values, &one.unit, Form::Lines, view),
            series: panels
                .iter()
                .map(|panel| {
                    series_style(view.panel(*panel).to_owned(), draw::panel_colour(view, *panel), 0)
                })
                .collect(),
            columns: (0..release.dimensions.waves.len())
                .map(|wave| view.wave(wave).to_owned())
                .collect(),
            bands: Vec::new(),
            facets: facets.collect(),
            terms: draw::terms(view),
            source: draw::source(view),
        }
    }

    /// Rows of panels and levels, columns of waves.
    fn pivot(self, indicator: usize, levels: &[usize]) -> Markup {
        let view = self.view;
        let release = view.release;
        let was_asked = |wave: &usize| {
            release.of_indicator(indicator).iter().any(|one| {
                one.key.wave == *wave
                    && release.dimensions.statuses[one.status].status != "not_asked"
            })
        };
        let waves: Vec<usize> = (0..release.dimensions.waves.len()).filter(was_asked).collect();
        let mut grouped: BTreeMap<usize, BTreeMap<usize, Vec<&Estimate>>> = BTreeMap::new();
        let all = release.of_indicator(indicator).iter();
        for one in all.filter(|one| levels.contains(&one.key.level)) {
            let levels = grouped.entry(one.key.panel).or_default();
            levels.entry(one.key.level).or_default().push(one);
        }
        let is_total = levels.iter().all(|level| release.dimensions.levels[*level].is_total());
        let last = release.last_wave();
        let table = html! {
            table class="pivot" {
                thead { tr {
                    th scope="col" { (view.words.say("column.panel")) }
                    @if !is_total { th scope="col" { (levels.first().map_or("", |level| view.breakdown(*level))) } }
                    @for wave in &waves { th scope="col" class="n" { (view.wave(*wave)) } }
                    @if is_total { th scope="col" class="n" { "n " (view.wave(last)) } th scope="col" { (view.words.say("column.change")) } }
                } }
                @for (panel, levels) in grouped { tbody { @for (place, (level, estimates)) in levels.iter().enumerate() { tr {
                    @if is_total { th scope="row" { (view.panel(panel)) } }
                    @else if place == 0 { th scope="rowgroup" rowspan=(levels.len()) { (view.panel(panel)) } }
                    @if !is_total { th scope="row" { (view.level(*level)) } }
                    @for wave in &waves {
                        @let found = estimates.iter().find(|one| one.key.wave == *wave);
                        td { @if let Some(one) = found { @if one.comparability == "break" { abbr title=(view.words.say("term.series_break")) { "≠" } " " } (self.value(one)) } }
                    }
                    @if is_total {
                        @let key = Key { indicator, panel, level: *level, wave: last };
                        @let n = release.estimate(key).and_then(|one| one.n);
                        td { @if let Some(n) = n { (view.words.count(n)) } }
                        td class="l" { (self.called(release.change(key))) }
                    }
                } } } }
            }
        };
        scrolled(view.indicator(indicator), &table)
    }

    fn broken_down(self, indicator: usize) -> Markup {
        let view = self.view;
        let of = &view.release.dimensions;
        let mut levels: Vec<usize> =
            view.release.of_indicator(indicator).iter().map(|one| one.key.level).collect();
        levels.sort_unstable();
        levels.dedup();
        levels.retain(|level| {
            !of.levels[*level].is_total() && of.levels[*level].level != "background_unknown"
        });
        let mut breakdowns: Vec<Vec<usize>> = Vec::new();
        for level in levels {
            let is_same = |others: &&mut Vec<usize>| {
                others
                    .first()
                    .is_some_and(|other| of.levels[*other].breakdown == of.levels[level].breakdown)
            };
            match breakdowns.last_mut().filter(is_same) {
                Some(others) => others.push(level),
                None => breakdowns.push(vec![level]),
            }
        }
        html! {
            @if !breakdowns.is_empty() {
                section {
                    h2 { (view.words.say("indicator.by_group")) }
                    @for levels in breakdowns {
                        details { summary { (view.breakdown(levels[0])) } (self.pivot(indicator, &levels)) }
                    }
                }
            }
        }
    }
}
