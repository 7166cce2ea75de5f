//! What this release says otherwise than the one before, in words.

use maud::{Markup, html};

use super::Edition;
use super::element::scrolled;
use crate::release::fact::Key;
use crate::release::since::Since;

/// Most rows of a list; the rest is counted.
const MOST: usize = 20;

impl Edition<'_> {
    pub(super) fn since(self) -> Markup {
        let words = self.view.words;
        let Some(since) = self.since else { return html! { p { (words.say("release.changes")) } } };
        let from = [("release", since.release.as_str()), ("date", since.made.as_str())];
        let count = |key: &str, count: usize| {
            words.fill(key, &[("count", words.count(count as f64).as_str())])
        };
        html! {
            p { (words.fill("since.from", &from)) }
            @if since.is_empty() { p { (words.say("since.none")) } }
            ul class="plain" {
                @if since.new > 0 { li { (count("since.new", since.new)) } }
                @if since.gone > 0 { li { (count("since.gone", since.gone)) } }
                @if !since.withheld.is_empty() { li { (count("since.withheld", since.withheld.len())) } }
                @if !since.shown.is_empty() { li { (count("since.shown", since.shown.len())) } }
            }
            (self.moved(since))
            (self.recalled(since))
        }
    }

    fn moved(self, since: &Since) -> Markup {
        let view = self.view;
        let rows = since.moved.iter().map(|(key, was, is)| {
            let figure = |value: f64| view.figure(key.indicator, value);
            (*key, figure(*was), figure(*is))
        });
        self.both("since.moved", since.moved.len(), &rows.take(MOST).collect::<Vec<_>>())
    }

    fn recalled(self, since: &Since) -> Markup {
        let view = self.view;
        let rows = since.called.iter().map(|(key, was, is)| {
            let word = |call| view.call(call).to_owned();
            (*key, word(*was), word(*is))
        });
        self.both("since.called", since.called.len(), &rows.take(MOST).collect::<Vec<_>>())
    }

    /// What stood there before and what stands there now.
    fn both(self, title: &str, count: usize, rows: &[(Key, String, String)]) -> Markup {
        let (view, words) = (self.view, self.view.words);
        if rows.is_empty() {
            return html! {};
        }
        let title = words.fill(title, &[("count", words.count(count as f64).as_str())]);
        let table = html! { table {
            caption { (title) }
            thead { tr {
                @for column in ["indicator", "panel", "level", "wave", "before", "now"] { th scope="col" { (words.say(&format!("column.{column}"))) } }
            } }
            tbody { @for (key, was, is) in rows { tr {
                th scope="row" { (view.indicator(key.indicator)) }
                td { (view.panel(key.panel)) }
                td { (view.level(key.level)) }
                td { (view.wave(key.wave)) }
                td { (was) }
                td { (is) }
            } } }
        } };
        let more = count.saturating_sub(rows.len());
        let more_text = words.fill("since.more", &[("count", words.count(more as f64).as_str())]);
        html! {
            (scrolled(&title, &table))
            @if more > 0 { p class="small" { (more_text) } }
        }
    }
}
