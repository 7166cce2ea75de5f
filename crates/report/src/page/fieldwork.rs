//! A page a panel-wave: the fieldwork, the weights, the findings, and every figure of it.

use maud::{Markup, html};

use super::Edition;
use super::element::scrolled;
use super::frame::Frame;
use crate::release::asked::Fact;
use crate::release::fact::Key;
use crate::site::slug;

impl Edition<'_> {
    pub(super) fn panel_wave(self, place: (usize, usize)) -> String {
        let view = self.view;
        let words = view.words;
        let (panel, wave) = place;
        let title = format!("{} {}", view.panel(panel), view.wave(wave));
        let content = html! {
            h1 { (title) }
            p class="statistical" { (view.population(panel)) @if !view.population(panel).is_empty() { " · " } (self.largest_base(panel, wave)) }
            section { h2 { (words.say("fieldwork.facts")) } (self.facts(place)) }
            section { h2 { (words.say("fieldwork.figures")) } (self.figures_of(place)) }
            p class="small" { (words.say("fieldwork.no_representativity")) }
        };
        let path = self.panel_wave_path(place);
        let frame = Frame {
            path: &path,
            title: &title,
            description: &title,
            kind: "panel-wave",
            scripts: &[],
        };
        self.framed(&frame, &content)
    }

    /// What the release knows of the fieldwork and the weights.
    fn facts(self, (panel, wave): (usize, usize)) -> Markup {
        let words = self.view.words;
        let known = self.view.release.panel_waves.iter();
        let facts =
            known.filter(|one| (one.panel, one.wave) == (panel, wave)).flat_map(|one| &one.facts);
        let facts: Vec<(String, String)> =
            facts.map(|(name, fact)| (self.fact_name(name), self.fact(name, fact))).collect();
        html! {
            @if facts.is_empty() { p { (words.say("fieldwork.unknown")) } }
            @else { dl class="facts" { @for (name, fact) in facts { div { dt { (name) } dd { (fact) } } } } }
        }
    }

    fn fact_name(self, name: &str) -> String {
        let key = format!("fact.{name}");
        let other = || name.replace('_', " ");
        self.view.words.find(&key).map_or_else(other, str::to_owned)
    }

    fn fact(self, name: &str, fact: &Fact) -> String {
        let words = self.view.words;
        match fact {
            Fact::Text(text) => {
                let key = format!("fact_value.{text}");
                words.find(&key).map_or_else(|| text.replace('|', ", "), str::to_owned)
            }
            Fact::Number(number) if name.starts_with("deff") || number.fract() != 0.0 => {
                words.number(*number, 2)
            }
            Fact::Number(number) => words.count(*number),
        }
    }

    fn figures_of(self, (panel, wave): (usize, usize)) -> Markup {
        let view = self.view;
        let release = view.release;
        let total = release.dimensions.total();
        let rows = (0..release.dimensions.indicators.len()).filter_map(|indicator| {
            let estimate = release.estimate(Key { indicator, panel, level: total, wave })?;
            let is_asked = release.dimensions.statuses[estimate.status].status != "not_asked";
            is_asked.then_some(estimate)
        });
        let table = html! {
            table class="pivot" {
                thead { tr {
                    th scope="col" { (view.words.say("column.indicator")) }
                    th scope="col" class="n" { (view.words.say("column.value")) }
                    th scope="col" class="n" { "n" }
                    th scope="col" { (view.words.say("column.change")) }
                } }
                tbody { @for one in rows { tr {
                    th scope="row" { a href=(format!("../indicator/{}.html", slug(&release.dimensions.indicators[one.key.indicator].key))) { (view.indicator(one.key.indicator)) } }
                    td { (self.value(one)) }
                    td { @if let Some(n) = one.n { (view.words.count(n)) } }
                    td class="l" { (self.called(release.change(one.key))) }
                } } }
            }
        };
        scrolled(view.words.say("fieldwork.figures"), &table)
    }
}
