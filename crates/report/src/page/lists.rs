//! Lists of all indicators and of all panel-waves.

use maud::html;

use super::Edition;
use super::element::scrolled;
use super::frame::Frame;
use crate::release::fact::Key;
use crate::site::slug;

impl Edition<'_> {
    pub(super) fn indicators(self) -> String {
        let view = self.view;
        let words = view.words;
        let release = view.release;
        let last = release.last_wave();
        let panels: Vec<usize> = (0..release.dimensions.panels.len())
            .filter(|panel| !release.dimensions.panels[*panel].is_total)
            .collect();
        let total = release.dimensions.total();
        let has_waves = !release.dimensions.waves.is_empty();
        let title = words.say("menu.indicators");
        let table = html! {
            table {
                caption { (words.fill("indicator.list", &[("wave", if has_waves { view.wave(last) } else { "" })])) }
                thead { tr {
                    th scope="col" { (words.say("column.indicator")) }
                    @for panel in &panels { th scope="col" class="n" { (view.panel(*panel)) } }
                } }
                tbody { @for (indicator, one) in release.dimensions.indicators.iter().enumerate() { tr {
                    th scope="row" { a href=(format!("indicator/{}.html", slug(&one.key))) { (view.indicator(indicator)) } }
                    @for panel in &panels {
                        @let found = release.estimate(Key { indicator, panel: *panel, level: total, wave: last });
                        td class="n" { @if let Some(one) = found { @if let Some(value) = one.value.filter(|_| release.is_shown(one)) { (view.figure(indicator, value)) } @else { span class="quiet" { "–" } } } }
                    }
                } } }
            }
        };
        let content = html! { h1 { (title) } p { (words.say("indicator.list_how")) } (scrolled(title, &table)) };
        let frame = Frame {
            path: "indicators.html",
            title,
            description: title,
            kind: "list",
            scripts: &[],
        };
        self.framed(&frame, &content)
    }

    /// Panel-waves that were asked anything.
    pub(super) fn panel_waves(self) -> Vec<(usize, usize)> {
        let release = self.view.release;
        let asked = release.estimates.iter().filter(|one| {
            release.dimensions.statuses[one.status].status != "not_asked"
                && !release.dimensions.panels[one.key.panel].is_total
        });
        let mut found: Vec<(usize, usize)> =
            asked.map(|one| (one.key.panel, one.key.wave)).collect();
        found.extend(release.panel_waves.iter().map(|one| (one.panel, one.wave)));
        found.sort_unstable();
        found.dedup();
        found
    }

    pub(super) fn panel_wave_path(self, (panel, wave): (usize, usize)) -> String {
        let of = &self.view.release.dimensions;
        format!("panel/{}-{}.html", slug(&of.panels[panel].key), of.waves[wave].wave)
    }

    pub(super) fn panels(self) -> String {
        let view = self.view;
        let words = view.words;
        let all = self.panel_waves();
        let mut panels: Vec<usize> = all.iter().map(|one| one.0).collect();
        panels.dedup();
        let waves = 0..view.release.dimensions.waves.len();
        let title = words.say("menu.panels");
        let table = html! {
            table {
                caption { (words.say("fieldwork.list")) }
                thead { tr {
                    th scope="col" { (words.say("column.panel")) }
                    th scope="col" { (words.say("column.population")) }
                    @for wave in waves.clone() { th scope="col" class="n" { (view.wave(wave)) } }
                } }
                tbody { @for panel in panels { tr {
                    th scope="row" { (view.panel(panel)) }
                    td { (view.population(panel)) }
                    @for wave in waves.clone() {
                        td class="n" { @if all.contains(&(panel, wave)) { a href=(self.panel_wave_path((panel, wave))) { (self.largest_base(panel, wave)) span class="visually-hidden" { " " (view.panel(panel)) " " (view.wave(wave)) } } } }
                    }
                } } }
            }
        };
        let content = html! { h1 { (title) } p { (words.say("fieldwork.list_how")) } (scrolled(title, &table)) };
        let frame =
            Frame { path: "panels.html", title, description: title, kind: "list", scripts: &[] };
        self.framed(&frame, &content)
    }

    /// `n = 1,035`, the largest base of a figure.
    pub(super) fn largest_base(self, panel: usize, wave: usize) -> String {
        let release = self.view.release;
        let total = release.dimensions.total();
        let bases = (0..release.dimensions.indicators.len()).filter_map(|indicator| {
            release.estimate(Key { indicator, panel, level: total, wave })?.n
        });
        let most = bases.fold(0.0, f64::max);
        if most > 0.0 { format!("n = {}", self.view.words.count(most)) } else { "–".to_owned() }
    }
}
