//! The figures of a figure page as a table: cell for cell what the chart shows.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::Edition;
use super::element::scrolled;
use crate::figure::{Content, arrange, cell, draw};
use crate::release::fact::{Contrast, Key};
use crate::release::figure::Form;

impl Edition<'_> {
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
    pub(super) fn table_of_gaps(self, content: &Content<'_>) -> Markup {
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
}
