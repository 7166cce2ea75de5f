//! Parts that several pages share: tables, charts, figures in words.

use maud::{Markup, PreEscaped, html};

use super::Edition;
use crate::chart::{Chart, Layout};
use crate::figure::cell;
use crate::release::fact::{Call, Change, Estimate};

/// A table that scrolls sideways where it must, by keyboard too.
pub fn scrolled(label: &str, table: &Markup) -> Markup {
    html! { div class="scroll" role="region" tabindex="0" aria-label=(label) { (table) } }
}

/// The drawing for a desk and the one for a telephone; a style sheet shows one of them.
pub fn drawn(chart: &Chart) -> Markup {
    html! {
        div class="chart" {
            (PreEscaped(chart.to_svg(Layout::Wide)))
            (PreEscaped(chart.to_svg(Layout::Narrow)))
        }
    }
}

impl Edition<'_> {
    /// A figure with its interval, or why there is none.
    pub(super) fn value(self, estimate: &Estimate) -> Markup {
        let view = self.view;
        let status = &view.release.dimensions.statuses[estimate.status];
        html! {
            @if let Some(value) = estimate.value.filter(|_| status.is_shown) {
                b { (view.figure(estimate.key.indicator, value)) }
                @if let Some(interval) = view.interval(estimate) { " " i { "(" (interval) ")" } }
                @if !status.reason.is_empty() { " " abbr title=(view.status(estimate.status)) { "~" } }
            } @else {
                span class=(status.status) { (self.short_status(estimate)) }
            }
        }
    }

    /// Why a figure is not shown, in a few words.
    fn short_status(&self, estimate: &Estimate) -> &str {
        match self.view.release.dimensions.statuses[estimate.status].status.as_str() {
            "not_asked" => self.view.words.say("term.not_asked"),
            "no_answers" => self.view.words.say("term.no_answers"),
            "withheld" => self.view.words.say("term.withheld"),
            _ => self.view.status(estimate.status),
        }
    }

    /// A call with its sign; of the first wave, nothing.
    pub(super) fn called(self, change: Option<&Change>) -> Markup {
        let Some(change) = change else { return html! { "–" } };
        let star = cell::is_corrected(change.call, change.low, change.high);
        let written = change.difference.map(|by| self.view.difference(change.key.indicator, by));
        html! {
            span class=(change.call.word()) {
                (sign(change.call)) (self.view.call(change.call))
                @if let Some(written) = written { " " (written) }
                @if star { "*" }
            }
        }
    }
}

/// ▲ ▬ ▼ for eyes; the word behind it is for everyone.
pub fn sign(call: Call) -> Markup {
    let sign = match call {
        Call::Increased => "▲",
        Call::Stable => "▬",
        Call::Decreased => "▼",
        _ => return html! {},
    };
    html! { span class="sign" aria-hidden="true" { (sign) } " " }
}
