//! Downloads and release notes.

use maud::html;

use super::Edition;
use super::element::scrolled;
use crate::figure::Content;
use crate::release::manifest::Finality;
use crate::site::slug;

impl Edition<'_> {
    pub(super) fn downloads(self, contents: &[Content<'_>]) -> String {
        let view = self.view;
        let words = view.words;
        let content = html! {
            p { (words.say("downloads.lead")) }
            @if !contents.is_empty() {
                h2 { (words.say("menu.figures")) }
                @let table = html! { table {
                    thead { tr { th scope="col" { (words.say("column.figure")) } th scope="col" { (words.say("downloads.files")) } } }
                    tbody { @for content in contents {
                        @let name = slug(&content.figure.key);
                        @let title = view.text(&content.figure.titles, &content.figure.key);
                        tr {
                            th scope="row" { a href=(format!("figure/{name}.html")) { (content.figure.key) ": " (title) } }
                            td { ul class="downloads" { @for (ending, kind) in [("csv", "CSV"), ("xlsx", "Excel"), ("svg", "SVG"), ("vl.json", "Vega-Lite")] {
                                li { a href=(format!("figure/{name}.{ending}")) download { (kind) span class="visually-hidden" { " " (title) } } }
                            } } }
                        }
                    } }
                } };
                (scrolled(words.say("menu.figures"), &table))
            }
            h2 { (words.say("menu.indicators")) }
            p { (words.say("downloads.indicators")) " " a href="../data/labels.csv" download { (words.say("downloads.labels")) } }
            ul class="columns" { @for (place, one) in view.release.dimensions.indicators.iter().enumerate() {
                li { a href=(format!("../data/{}.csv", slug(&one.key))) download { (view.indicator(place)) } }
            } }
            h2 { (words.say("downloads.columns_title")) }
            p { (words.say("downloads.columns")) }
        };
        self.prose("downloads.html", words.say("menu.downloads"), &content)
    }

    pub(super) fn release_notes(self) -> String {
        let words = self.view.words;
        let manifest = &self.view.release.manifest;
        let state = match self.mark.finality {
            Finality::Draft => "mark.draft",
            Finality::Provisional => "mark.provisional",
            Finality::Final => "mark.final",
        };
        let last = self.view.release.dimensions.waves.last().map_or("", |wave| wave.label.as_str());
        let facts = [
            ("release.id", manifest.release.clone()),
            (
                "release.number",
                manifest.sequence.map_or_else(String::new, |number| words.count(number as f64)),
            ),
            ("release.state", words.say(state).to_owned()),
            ("release.embargo", manifest.publication.embargo_until.clone().unwrap_or_default()),
            ("release.made", manifest.run.started.get(..10).unwrap_or_default().to_owned()),
            ("release.version", manifest.run.version.clone()),
            (
                "release.settings",
                manifest.run.settings_fingerprint.get(..16).unwrap_or_default().to_owned(),
            ),
            ("release.last_wave", last.to_owned()),
            ("release.figures", words.count(self.view.release.estimates.len() as f64)),
        ];
        let content = html! {
            @if let Some(note) = &manifest.note { p { strong { (words.say("release.note")) } " " (note) } }
            dl class="facts" { @for (name, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
                div { dt { (words.say(name)) } dd { (fact) } }
            } }
            h2 { (words.say("release.changes_title")) }
            (self.since())
            h2 { (words.say("release.breaks_title")) }
            (self.all_breaks())
        };
        self.prose("release.html", words.say("menu.release"), &content)
    }

    /// Breaks in comparability of whole panels: wave and note, with what they touch.
    fn all_breaks(self) -> maud::Markup {
        let view = self.view;
        let total = view.release.dimensions.total();
        let mut breaks: std::collections::BTreeMap<(usize, &str), Vec<usize>> =
            std::collections::BTreeMap::new();
        let is_break = |one: &&crate::release::fact::Estimate| {
            one.key.level == total && one.comparability == "break"
        };
        for one in view.release.estimates.iter().filter(is_break) {
            let indicators = breaks.entry((one.key.wave, one.note.as_str())).or_default();
            if !indicators.contains(&one.key.indicator) {
                indicators.push(one.key.indicator);
            }
        }
        html! {
            @if breaks.is_empty() { p { (view.words.say("release.no_breaks")) } }
            @else { ul class="plain" { @for ((wave, note), indicators) in breaks { li {
                strong { (view.wave(wave)) } " " (note) " ("
                @for (number, indicator) in indicators.iter().enumerate() {
                    @if number > 0 { "; " }
                    a href=(format!("indicator/{}.html", slug(&view.release.dimensions.indicators[*indicator].key))) { (view.indicator(*indicator)) }
                }
                ")"
            } } } }
        }
    }
}
