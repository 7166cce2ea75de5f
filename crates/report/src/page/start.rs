//! The start page: five sentences, then the figures.

use maud::html;

use super::Edition;
use super::frame::Frame;
use crate::figure::Content;
use crate::figure::sentence;
use crate::figure::start::sentences;
use crate::site::slug;

impl Edition<'_> {
    pub(super) fn start(self, contents: &[Content<'_>]) -> String {
        let words = self.view.words;
        let monitor = self.view.monitor();
        let waves = &self.view.release.dimensions.waves;
        let last = waves.last().map_or("", |wave| wave.label.as_str());
        let content = html! {
            section class="hero" {
                p class="kicker" { (words.fill("start.kicker", &[("wave", last)])) }
                h1 { (monitor) }
                h2 class="visually-hidden" { (words.say("start.sentences")) }
                ol class="sentences" { @for sentence in sentences(self.view) { li { (sentence) } } }
                p class="small" { (words.say("start.how")) " " a href="method.html" { (words.say("menu.method")) } }
            }
            @if !contents.is_empty() {
                section {
                    h2 { (words.say("menu.figures")) }
                    (self.cards(contents))
                }
            }
            section class="doors" {
                h2 { (words.say("start.more")) }
                ul class="cards" {
                    @for (path, word) in [("explorer.html", "explorer"), ("indicators.html", "indicators"), ("panels.html", "panels"), ("downloads.html", "downloads")] {
                        li {
                            h3 { a href=(path) { (words.say(&format!("menu.{word}"))) } }
                            p { (words.say(&format!("start.{word}"))) }
                        }
                    }
                }
            }
        };
        let frame = Frame {
            path: "index.html",
            title: &monitor,
            description: words.say("start.description"),
            kind: "start",
            scripts: &[],
        };
        self.framed(&frame, &content)
    }

    pub(super) fn cards(self, contents: &[Content<'_>]) -> maud::Markup {
        html! {
            ul class="cards figures" {
                @for content in contents {
                    @let figure = content.figure;
                    li {
                        p class="kicker" { (figure.key) }
                        h3 { a href=(format!("figure/{}.html", slug(&figure.key))) { (self.view.text(&figure.titles, &figure.key)) } }
                        @if let Some(sentence) = sentence::headlines(self.view, content, 1).into_iter().next() { p { (sentence) } }
                    }
                }
            }
        }
    }

    pub(super) fn figures(self, contents: &[Content<'_>]) -> String {
        let words = self.view.words;
        let content = html! {
            h1 { (words.say("menu.figures")) }
            h2 class="visually-hidden" { (words.say("figure.all")) }
            @if contents.is_empty() { p { (words.say("figure.none")) } } @else { (self.cards(contents)) }
        };
        let title = words.say("menu.figures");
        let frame =
            Frame { path: "figures.html", title, description: title, kind: "list", scripts: &[] };
        self.framed(&frame, &content)
    }
}
