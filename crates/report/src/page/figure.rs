//! A page a figure: headline, subtitle, chart, how sure, table, downloads, notes.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::Edition;
use super::element::{drawn, scrolled};
use super::frame::Frame;
use crate::chart::Chart;
use crate::figure::{Content, arrange, cell, draw, sentence};
use crate::release::fact::{Contrast, Key};
use crate::release::figure::Form;
use crate::site::slug;

/// A matrix with more cells is not drawn on its page: its table is the matrix. The drawing can be downloaded.
const MOST_CELLS: usize = 400;

impl Edition<'_> {
    pub(super) fn figure(self, content: &Content<'_>, chart: &Chart) -> String {
        let words = self.view.words;
        let figure = content.figure;
        let name = slug(&figure.key);
        let title = self.view.text(&figure.titles, &figure.key);
        let headlines = sentence::headlines(self.view, content, 3);
        let note = self.view.text(&figure.notes, "");
        let page = html! {
            article class="figure" {
                p class="kicker" { (figure.key) }
                h1 { (title) }
                @if let Some(first) = headlines.first() { p class="headline" { (first) } }
                p class="statistical" { (self.subtitle(content)) }
                @if chart.is_empty() {
                    p class="empty" { (words.say("figure.all_withheld")) }
                }
                @let is_table = chart.form == Form::Matrix && chart.points().count() > MOST_CELLS;
                figure aria-label=(title) {
                    @if is_table { (self.table(content)) } @else { (drawn(chart)) }
                }
                (self.downloads_of(&name))
                section {
                    h2 { (words.say("sure.title")) }
                    ul class="plain" { @for sentence in sentence::sureness(self.view, content) { li { (sentence) } } }
                }
                @if headlines.len() > 1 {
                    section {
                        h2 { (words.say("figure.also")) }
                        ul class="plain" { @for sentence in &headlines[1..] { li { (sentence) } } }
                    }
                }
                @if !is_table {
                    details class="table" {
                        summary { (words.say("figure.table")) }
                        (self.table(content))
                        (self.table_of_gaps(content))
                    }
                }
                @if !note.is_empty() || Self::has_notes(content) {
                    section class="notes" {
                        h2 { (words.say("figure.notes")) }
                        @if !note.is_empty() { p { (note) } }
                        (self.breaks(content))
                    }
                }
                p class="small" { (words.say("figure.permalink")) " " a href=(format!("{name}.html")) { (words.language) "/figure/" (name) ".html" } }
            }
        };
        let path = format!("figure/{name}.html");
        let frame = Frame {
            path: &path,
            title,
            description: headlines.first().map_or(title, String::as_str),
            kind: "figure-page",
            scripts: &[],
        };
        self.framed(&frame, &page)
    }

    /// Population, base, unit, waves and the smallest and largest n.
    pub(super) fn subtitle(self, content: &Content<'_>) -> String {
        let words = self.view.words;
        let figure = content.figure;
        let own = self.view.text(&figure.subtitles, "");
        let mut parts: Vec<String> = Vec::new();
        if !own.is_empty() {
            parts.push(own.to_owned());
        }
        let mut populations: Vec<&str> =
            figure.panels.iter().map(|panel| self.view.population(*panel)).collect();
        populations.retain(|population| !population.is_empty());
        if own.is_empty() && !populations.is_empty() {
            parts.push(populations.join("; "));
        }
        let unit = content
            .estimates
            .first()
            .map(|one| self.view.release.dimensions.indicators[one.key.indicator].unit.clone());
        if let Some(unit) = unit {
            let key = format!("unit.{unit}");
            parts.push(words.find(&key).map_or(unit, str::to_owned));
        }
        parts.push(sentence::waves(self.view, content));
        let shown = content.estimates.iter().filter(|one| self.view.release.is_shown(one));
        let bases: Vec<f64> = shown.filter_map(|one| one.n).collect();
        let least = bases.iter().copied().fold(f64::MAX, f64::min);
        let most = bases.iter().copied().fold(0.0, f64::max);
        if !bases.is_empty() {
            parts.push(format!("n = {}–{}", words.count(least), words.count(most)));
        }
        parts.retain(|part| !part.is_empty());
        parts.join(" · ")
    }

    fn downloads_of(self, name: &str) -> Markup {
        let words = self.view.words;
        let kinds = [("csv", "CSV"), ("xlsx", "Excel"), ("svg", "SVG"), ("vl.json", "Vega-Lite")];
        html! {
            ul class="downloads" aria-label=(words.say("figure.downloads")) {
                @for (ending, kind) in kinds { li { a href=(format!("{name}.{ending}")) download { (kind) } } }
            }
        }
    }

    pub(super) fn table(self, content: &Content<'_>) -> Markup {
        let is_matrix = draw::form(self.view.release, content.figure) == Form::Matrix;
        if draw::is_of_contrasts(self.view.release, content.figure) {
            self.table_of_contrasts(content)
        } else if is_matrix {
            self.table_of_calls(content)
        } else {
            self.table_of_estimates(content)
        }
    }

    fn table_of_estimates(self, content: &Content<'_>) -> Markup {
        let view = self.view;
        let words = view.words;
        let has_levels = content
            .estimates
            .iter()
            .any(|one| !view.release.dimensions.levels[one.key.level].is_total());
        let title = view.text(&content.figure.titles, &content.figure.key);
        let table = html! {
            table {
                caption { (title) }
                thead { tr {
                    th scope="col" { (words.say("column.indicator")) }
                    th scope="col" { (words.say("column.panel")) }
                    @if has_levels { th scope="col" { (words.say("column.level")) } }
                    th scope="col" { (words.say("column.wave")) }
                    th scope="col" class="n" { (words.say("column.value")) }
                    th scope="col" class="n" { (words.say("column.interval")) }
                    th scope="col" class="n" { "n" }
                    th scope="col" { (words.say("column.change")) }
                    th scope="col" { (words.say("column.remark")) }
                } }
                tbody {
                    @for one in &content.estimates {
                        @let is_shown = view.release.is_shown(one);
                        tr data-of=(view.name(one.key)) {
                            th scope="row" { (view.indicator(one.key.indicator)) }
                            td { (view.panel(one.key.panel)) }
                            @if has_levels { td { (view.level(one.key.level)) } }
                            td { (view.wave(one.key.wave)) }
                            td class="n" { @if let Some(value) = one.value.filter(|_| is_shown) { (view.figure(one.key.indicator, value)) } @else { "–" } }
                            td class="n" { @if is_shown { (view.interval(one).unwrap_or_default()) } }
                            td class="n" { @if let Some(n) = one.n { (words.count(n)) } }
                            td { (self.called(view.release.change(one.key))) }
                            td { (self.remark(one.key)) }
                        }
                    }
                }
            }
        };
        scrolled(title, &table)
    }

    /// What a reader of one row must know: its status and its comparability.
    fn remark(self, key: Key) -> Markup {
        let view = self.view;
        let Some(one) = view.release.estimate(key) else { return html! {} };
        let status = &view.release.dimensions.statuses[one.status];
        html! {
            @if !status.reason.is_empty() { (view.status(one.status)) }
            @if let Some(band) = view.release.dimensions.bands.iter().find(|band| band.key == one.band) { (view.text(&band.labels, &band.key)) }
            @if one.comparability == "break" { @if !status.reason.is_empty() { "; " } (view.words.say("term.series_break")) }
        }
    }

    /// Rows of series, columns of waves.
    fn table_of_calls(self, content: &Content<'_>) -> Markup {
        let view = self.view;
        let waves = view.release.dimensions.waves.len();
        let mut rows: Vec<Key> =
            content.estimates.iter().map(|one| Key { wave: 0, ..one.key }).collect();
        rows.sort();
        rows.dedup();
        rows.retain(|key| {
            (1..waves).any(|wave| view.release.change(Key { wave, ..*key }).is_some())
        });
        let title = view.text(&content.figure.titles, &content.figure.key);
        let table = html! {
            table {
                caption { (title) }
                thead { tr {
                    th scope="col" { (view.words.say("column.indicator")) }
                    th scope="col" { (view.words.say("column.panel")) }
                    @for wave in 1..waves { th scope="col" { (view.wave(wave)) } }
                } }
                tbody { @for key in rows { tr {
                    th scope="row" { (view.indicator(key.indicator)) }
                    td { (view.panel(key.panel)) }
                    @for wave in 1..waves { td { (self.called_or_not(Key { wave, ..key })) } }
                } } }
            }
        };
        scrolled(title, &table)
    }

    /// The call of a wave, or why there is none.
    fn called_or_not(self, key: Key) -> Markup {
        let view = self.view;
        match (view.release.change(key), view.release.estimate(key)) {
            (Some(change), _) => self.called(Some(change)),
            (None, Some(one)) if !view.release.is_shown(one) => self.value(one),
            _ => html! { "–" },
        }
    }

    /// Rows of indicators and pairs of levels, columns of panels.
    fn table_of_contrasts(self, content: &Content<'_>) -> Markup {
        let view = self.view;
        let title = view.text(&content.figure.titles, &content.figure.key);
        let mut rows: BTreeMap<(usize, usize, usize, usize), Vec<&Contrast>> = BTreeMap::new();
        for one in &content.contrasts {
            let key = (one.key.indicator, one.key.wave, one.key.level, one.other);
            rows.entry(key).or_default().push(one);
        }
        let panels = arrange::panels(content.figure);
        let table = html! {
            table {
                caption { (title) }
                thead { tr {
                    @for column in ["indicator", "wave", "level"] { th scope="col" { (view.words.say(&format!("column.{column}"))) } }
                    @for panel in &panels { th scope="col" { (view.panel(*panel)) } }
                } }
                tbody { @for ((indicator, wave, level, other), contrasts) in rows { tr {
                    th scope="row" { (view.indicator(indicator)) }
                    td { (view.wave(wave)) }
                    td { (view.breakdown(level)) ": " (view.level(level)) " − " (view.level(other)) }
                    @for panel in &panels {
                        @let found = contrasts.iter().find(|one| one.key.panel == *panel);
                        td class=[found.map(|one| one.call.word())] { (self.contrasted(found)) }
                    }
                } } }
            }
        };
        scrolled(title, &table)
    }

    fn contrasted(self, found: Option<&&Contrast>) -> Markup {
        let Some(one) = found else { return html! { "–" } };
        let number =
            |value: Option<f64>| value.map(|value| self.view.difference(one.key.indicator, value));
        let star = cell::is_corrected(one.call, one.low, one.high);
        html! {
            (self.view.words.say(cell::short_contrast_word(one.call))) @if star { "*" }
            @if let Some(difference) = number(one.difference) { " " (difference) }
            @if let (Some(low), Some(high)) = (number(one.low), number(one.high)) { " " i { "(" (low) " – " (high) ")" } }
        }
    }

    /// The differences between the two sides of each pair.
    fn table_of_gaps(self, content: &Content<'_>) -> Markup {
        let view = self.view;
        let Some(name) = &content.figure.gap else { return html! {} };
        let gaps: Vec<_> =
            content.estimates.iter().filter_map(|one| view.release.gap(name, one.key)).collect();
        let number = |indicator: usize, value: Option<f64>| {
            value.map_or_else(String::new, |value| view.difference(indicator, value))
        };
        let title = view.words.say("term.difference");
        let table = html! {
            table {
                caption { (title) }
                thead { tr {
                    @for column in ["indicator", "minus", "panel", "wave"] { th scope="col" { (view.words.say(&format!("column.{column}"))) } }
                    @for column in ["difference", "interval"] { th scope="col" class="n" { (view.words.say(&format!("column.{column}"))) } }
                } }
                tbody { @for one in gaps {
                    @let indicator = one.key.indicator;
                    tr {
                        th scope="row" { (view.indicator(indicator)) }
                        td { (view.indicator(one.minus)) }
                        td { (view.panel(one.key.panel)) }
                        td { (view.wave(one.key.wave)) }
                        td class="n" { (number(indicator, one.difference)) }
                        td class="n" { @if one.low.is_some() { (number(indicator, one.low)) " – " (number(indicator, one.high)) } }
                    }
                } }
            }
        };
        scrolled(title, &table)
    }

    fn has_notes(content: &Content<'_>) -> bool {
        content.estimates.iter().any(|one| one.comparability == "break")
    }

    /// The breaks of the figure, each said once.
    fn breaks(self, content: &Content<'_>) -> Markup {
        let view = self.view;
        let mut notes: Vec<(usize, String)> = Vec::new();
        for one in content.estimates.iter().filter(|one| one.comparability == "break") {
            let about = arrange::panels(content.figure).len();
            let who =
                if about > 1 { format!("{}, ", view.panel(one.key.panel)) } else { String::new() };
            let text = format!("{who}{}: {}", view.wave(one.key.wave), one.note);
            let text = text.trim_end_matches([':', ' ']).to_owned();
            if !notes.iter().any(|(_, known)| *known == text) {
                notes.push((one.key.wave, text));
            }
        }
        notes.sort();
        html! {
            @if !notes.is_empty() {
                h3 { (view.words.say("figure.breaks")) }
                ul class="plain" { @for (_, note) in notes { li { (note) } } }
            }
        }
    }
}
