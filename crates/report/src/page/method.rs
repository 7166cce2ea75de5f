//! How the figures are made, and how people in them are protected.

use maud::{Markup, html};

use super::Edition;
use super::element::scrolled;
use super::frame::Frame;

impl Edition<'_> {
    fn plain(self, path: &str, title: &str, content: &Markup) -> String {
        let frame = Frame { path, title, description: title, kind: "text", scripts: &[] };
        self.framed(&frame, &html! { article class="prose" { h1 { (title) } (content) } })
    }

    /// Paragraphs of the table of words: `method.weights`, with its heading `method.weights_title`.
    fn told(self, keys: &[&str]) -> Markup {
        let words = self.view.words;
        html! { @for key in keys {
            h2 { (words.say(&format!("{key}_title"))) }
            p { (words.say(key)) }
        } }
    }

    pub(super) fn method(self) -> String {
        let keys = [
            "method.who",
            "method.weights",
            "method.intervals",
            "method.calls",
            "method.comparability",
            "method.totals",
            "method.rounding",
        ];
        let words = self.view.words;
        self.plain("method.html", words.say("menu.method"), &self.told(&keys))
    }

    pub(super) fn disclosure(self) -> String {
        let words = self.view.words;
        let manifest = &self.view.release.manifest;
        let settings =
            ["minimum_base_confidential", "minimum_cell", "minimum_base", "base_multiple"];
        let status = manifest.disclosure.get("status").and_then(serde_json::Value::as_str);
        let content = html! {
            p { (words.say("disclosure.lead")) }
            @let table = html! { table {
                thead { tr { th scope="col" { (words.say("disclosure.setting")) } th scope="col" class="n" { (words.say("disclosure.value")) } } }
                tbody { @for name in settings { @if let Some(value) = manifest.threshold(name) { tr {
                    th scope="row" { (words.say(&format!("disclosure.{name}"))) }
                    td class="n" { (words.count(value as f64)) }
                } } } }
            } };
            (scrolled(words.say("disclosure.setting"), &table))
            @if let Some(status) = status { p class="small" { (words.say("disclosure.status")) " " q lang="en" { (status) } } }
            h2 { (words.say("disclosure.statuses")) }
            @let table = html! { table {
                thead { tr { th scope="col" { (words.say("column.remark")) } th scope="col" class="n" { (words.say("disclosure.cells")) } } }
                tbody { @for (place, one) in self.view.release.dimensions.statuses.iter().enumerate() {
                    @let count = self.view.release.estimates.iter().filter(|estimate| estimate.status == place).count();
                    @if count > 0 { tr { th scope="row" { (self.view.text(&one.labels, &one.status)) } td class="n" { (words.count(count as f64)) } } }
                } }
            } };
            (scrolled(words.say("disclosure.statuses"), &table))
            (self.told(&["disclosure.protect", "disclosure.attack"]))
        };
        self.plain("disclosure.html", words.say("menu.disclosure"), &content)
    }

    pub(super) fn accessibility(self) -> String {
        let words = self.view.words;
        let content = html! {
            p { (words.say("accessibility.lead")) }
            (self.told(&["accessibility.charts", "accessibility.tables", "accessibility.keyboard", "accessibility.scripts", "accessibility.limits"]))
        };
        self.plain("accessibility.html", words.say("menu.accessibility"), &content)
    }
}

impl Edition<'_> {
    pub(super) fn prose(self, path: &str, title: &str, content: &Markup) -> String {
        self.plain(path, title, content)
    }
}
