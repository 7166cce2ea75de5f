//! The brochure: all figures on A4, for print.

use maud::{PreEscaped, html};

use super::Edition;
use super::frame::Frame;
use crate::chart::{Chart, Layout};
use crate::figure::start::sentences;
use crate::figure::{Content, sentence};
use crate::release::figure::Form;

impl Edition<'_> {
    pub(super) fn brochure(self, charts: &[(&Content<'_>, Chart)]) -> String {
        let view = self.view;
        let words = view.words;
        let last = view.release.dimensions.waves.last().map_or("", |wave| wave.label.as_str());
        let content = html! {
            section class="cover" {
                p class="kicker" { (words.fill("start.kicker", &[("wave", last)])) }
                h1 { (view.monitor()) }
                ol class="sentences" { @for sentence in sentences(view) { li { (sentence) } } }
                p class="small" { (words.say("start.how")) }
            }
            @for (content, chart) in charts {
                @for (number, part) in sheets(chart).iter().enumerate() { section class="sheet" {
                    p class="kicker" { (content.figure.key) }
                    h2 { (view.text(&content.figure.titles, &content.figure.key)) }
                    @if number == 0 {
                        @for sentence in sentence::headlines(view, content, 1) { p class="headline" { (sentence) } }
                        p class="statistical" { (self.subtitle(content)) }
                    }
                    (PreEscaped(part.to_svg(Layout::Wide)))
                } }
            }
            section class="sheet" {
                h2 { (words.say("menu.method")) }
                @for key in ["method.who", "method.weights", "method.intervals", "method.calls"] { p { (words.say(key)) } }
                p { (words.fill("foot.release", &[("monitor", &view.monitor()), ("release", &view.release.manifest.release)])) }
            }
        };
        let title = words.say("menu.brochure");
        let frame = Frame {
            path: "brochure.html",
            title,
            description: title,
            kind: "brochure",
            scripts: &[],
        };
        self.framed(&frame, &content)
    }
}

/// Rows that a sheet has room for, at a size that can be read.
const ROWS: usize = 34;

/// A chart as one or more sheets: small multiples are not parted.
fn sheets(chart: &Chart) -> Vec<Chart> {
    let mut sheets: Vec<Chart> = Vec::new();
    let mut free = 0;
    for facet in &chart.facets {
        let lines = facet.groups.iter().map(|group| group.lines.len().max(1));
        let rows = if chart.form == Form::Lines { 6 } else { lines.sum::<usize>() + 3 };
        match sheets.last_mut() {
            Some(sheet) if rows <= free => {
                sheet.facets.push(facet.clone());
                free -= rows;
            }
            _ => {
                let id = format!("{}-{}", chart.id, sheets.len() + 1);
                sheets.push(Chart { id, facets: vec![facet.clone()], ..chart.clone() });
                free = ROWS.saturating_sub(rows);
            }
        }
    }
    sheets
}
