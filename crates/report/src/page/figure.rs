//! A page a figure: headline, subtitle, chart, how sure, table, downloads, notes.

use maud::{Markup, html};

use super::Edition;
use super::element::drawn;
use super::frame::Frame;
use crate::chart::Chart;
use crate::figure::{Content, arrange, sentence};
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
