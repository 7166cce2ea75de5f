//! A page an indicator: every panel and wave, how it was asked, its answers, base and breaks.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::Edition;
use super::element::{drawn, scrolled};
use super::frame::Frame;
use crate::chart::{Chart, Facet, Group, Line, series_style};
use crate::figure::{cell, draw};
use crate::release::asked::Share;
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
        let waves = release.dimensions.waves.len();
        let mut rows: BTreeMap<(usize, usize), Vec<&Estimate>> = BTreeMap::new();
        for one in
            release.of_indicator(indicator).iter().filter(|one| levels.contains(&one.key.level))
        {
            rows.entry((one.key.panel, one.key.level)).or_default().push(one);
        }
        let is_total = levels.iter().all(|level| release.dimensions.levels[*level].is_total());
        let last = release.last_wave();
        let table = html! {
            table class="pivot" {
                thead { tr {
                    th scope="col" { (view.words.say("column.panel")) }
                    @if !is_total { th scope="col" { (levels.first().map_or("", |level| view.breakdown(*level))) } }
                    @for wave in 0..waves { th scope="col" class="n" { (view.wave(wave)) } }
                    @if is_total { th scope="col" class="n" { "n " (view.wave(last)) } th scope="col" { (view.words.say("column.change")) } }
                } }
                tbody { @for ((panel, level), estimates) in rows { tr {
                    th scope="row" { (view.panel(panel)) }
                    @if !is_total { th scope="row" { (view.level(level)) } }
                    @for wave in 0..waves {
                        @let found = estimates.iter().find(|one| one.key.wave == wave);
                        td { @if let Some(one) = found { @if one.comparability == "break" { abbr title=(view.words.say("term.series_break")) { "≠" } " " } (self.value(one)) } }
                    }
                    @if is_total {
                        @let key = Key { indicator, panel, level, wave: last };
                        @let n = release.estimate(key).and_then(|one| one.n);
                        td { @if let Some(n) = n { (view.words.count(n)) } }
                        td class="l" { (self.called(release.change(key))) }
                    }
                } } }
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

    /// The question as it was asked, one row where it stayed the same over waves.
    fn questions(self, indicator: usize) -> Markup {
        let view = self.view;
        let one = &view.release.dimensions.indicators[indicator];
        let mut rows: Vec<(usize, usize, usize, String, String)> = Vec::new();
        let mut panels: Vec<usize> =
            view.release.of_indicator(indicator).iter().map(|one| one.key.panel).collect();
        panels.dedup();
        for panel in panels {
            for wave in 0..view.release.dimensions.waves.len() {
                let of = |name: &str| view.release.items.get(&(name.to_owned(), panel, wave));
                let Some(item) = of(&one.concept).or_else(|| of(&one.key)) else { continue };
                let text = view.text(&item.questions, "").to_owned();
                match rows.last_mut() {
                    Some(last)
                        if last.0 == panel
                            && last.3 == text
                            && last.4 == item.note
                            && last.2 + 1 == wave =>
                    {
                        last.2 = wave;
                    }
                    _ => rows.push((panel, wave, wave, text, item.note.clone())),
                }
            }
        }
        let language = self.question_language(one.concept.as_str());
        html! {
            @if !rows.is_empty() {
                section {
                    h2 { (view.words.say("indicator.questions")) }
                    @let table = html! { table {
                        thead { tr { @for column in ["panel", "wave", "question", "remark"] { th scope="col" { (view.words.say(&format!("column.{column}"))) } } } }
                        tbody { @for (panel, from, to, text, note) in rows { tr {
                            th scope="row" { (view.panel(panel)) }
                            td { (view.wave(from)) @if to > from { "–" (view.wave(to)) } }
                            td lang=[language.as_deref()] { (text) }
                            td { (note) }
                        } } }
                    } };
                    (scrolled(view.words.say("indicator.questions"), &table))
                }
            }
        }
    }

    /// The language of question texts where the page's own has none.
    fn question_language(self, concept: &str) -> Option<String> {
        let item = self.view.release.items.iter().find(|((of, _, _), _)| of == concept)?;
        let has_own = item.1.questions.contains_key(&self.view.words.language);
        if has_own { None } else { item.1.questions.keys().next().cloned() }
    }

    fn answers(self, indicator: usize) -> Markup {
        let view = self.view;
        let one = &view.release.dimensions.indicators[indicator];
        let Some(answers) = view.release.answers.get(&one.concept) else { return html! {} };
        let mut shown: Vec<_> =
            answers.iter().filter(|answer| !answer.is_missing || answer.is_in_base).collect();
        if shown.is_empty() {
            return html! {};
        }
        shown.dedup_by(|a, b| a.code == b.code);
        html! {
            section {
                h2 { (view.words.say("indicator.answers")) }
                p class="small" { (view.words.say("indicator.answers_how")) @if !one.base.is_empty() { " " (view.words.say("indicator.base")) " " code { (one.base) } } }
                @let table = html! { table {
                    thead { tr { @for column in ["code", "answer", "counts"] { th scope="col" { (view.words.say(&format!("column.{column}"))) } } } }
                    tbody { @for answer in shown { tr {
                        th scope="row" { code { (answer.code) } }
                        td { (view.text(&answer.labels, &answer.code)) }
                        td { (view.words.say(if one.codes.contains(&answer.code) { "answer.in_figure" } else if answer.is_in_base { "answer.in_base" } else { "answer.out_of_base" })) }
                    } } }
                } };
                (scrolled(view.words.say("indicator.answers"), &table))
            }
        }
    }

    /// How often each answer was given, in the last wave of each panel.
    fn distribution(self, indicator: usize) -> Markup {
        let view = self.view;
        let concept = &view.release.dimensions.indicators[indicator].concept;
        let from = view.release.shares.partition_point(|one| one.concept < *concept);
        let all: Vec<&Share> =
            view.release.shares[from..].iter().take_while(|one| one.concept == *concept).collect();
        let last =
            |panel: usize| all.iter().filter(|one| one.panel == panel).map(|one| one.wave).max();
        let shown: Vec<&&Share> =
            all.iter().filter(|one| Some(one.wave) == last(one.panel)).collect();
        if shown.is_empty() {
            return html! {};
        }
        let label = |code: &str| {
            let answers = view.release.answers.get(concept);
            let answer =
                answers.and_then(|answers| answers.iter().find(|answer| answer.code == code));
            answer.map_or_else(
                || code.to_owned(),
                |answer| view.text(&answer.labels, code).to_owned(),
            )
        };
        html! {
            section {
                h2 { (view.words.say("indicator.distribution")) }
                @let table = html! { table {
                    thead { tr {
                        @for column in ["panel", "wave", "answer"] { th scope="col" { (view.words.say(&format!("column.{column}"))) } }
                        @for column in ["value", "interval"] { th scope="col" class="n" { (view.words.say(&format!("column.{column}"))) } }
                    } }
                    tbody { @for one in shown { tr {
                        th scope="row" { (view.panel(one.panel)) }
                        td { (view.wave(one.wave)) }
                        td { (label(&one.code)) }
                        td class="n" { @if let Some(percent) = one.percent { (view.words.figure(percent, 0, "percent")) } @else { (view.status(one.status)) } }
                        td class="n" { @if let (Some(low), Some(high)) = (one.low, one.high) { (view.words.number(low, 0)) "–" (view.words.number(high, 0)) } }
                    } } }
                } };
                (scrolled(view.words.say("indicator.distribution"), &table))
            }
        }
    }
}
