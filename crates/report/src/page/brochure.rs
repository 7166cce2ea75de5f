//! The brochure: all figures on A4, for print.

use maud::{PreEscaped, html};

use super::Edition;
use super::frame::Frame;
use crate::chart::{Chart, Layout};
use crate::figure::start::sentences;
use crate::figure::{Content, sentence};

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
                section class="sheet" {
                    p class="kicker" { (content.figure.key) }
                    h2 { (view.text(&content.figure.titles, &content.figure.key)) }
                    @for sentence in sentence::headlines(view, content, 1) { p class="headline" { (sentence) } }
                    p class="statistical" { (self.subtitle(content)) }
                    (PreEscaped(chart.to_svg(Layout::Wide)))
                }
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
