//! From a row of a mart to a point of a chart.

use crate::chart::{Cell, Point};
use crate::release::Release;
use crate::release::fact::{Call, Change, Contrast, Estimate};
use crate::view::View;

/// Why an estimate is not shown, or what it is.
pub fn of(release: &Release, estimate: &Estimate) -> Cell {
    let status = &release.dimensions.statuses[estimate.status];
    match (status.status.as_str(), estimate.value) {
        (_, Some(value)) if status.is_shown => Cell::Value {
            value,
            low: estimate.low,
            high: estimate.high,
            is_unreliable: !status.reason.is_empty(),
        },
        ("not_asked", _) => Cell::NotAsked,
        ("no_answers" | "counted", _) => Cell::NoAnswers,
        _ => Cell::Withheld,
    }
}

pub fn point(view: View<'_>, estimate: &Estimate, series: usize, column: usize) -> Point {
    let written = match estimate.value {
        Some(value) if view.release.is_shown(estimate) => {
            view.figure(estimate.key.indicator, value)
        }
        _ => String::new(),
    };
    Point {
        series,
        column,
        segment: 0,
        cell: of(view.release, estimate),
        of: view.name(estimate.key),
        words: view.in_words(estimate),
        interval: if written.is_empty() {
            String::new()
        } else {
            view.interval(estimate).unwrap_or_default()
        },
        written,
    }
}

/// The interval alone would call it a change, the correction for many comparisons does not.
pub fn is_corrected(call: Call, low: Option<f64>, high: Option<f64>) -> bool {
    let excludes = low.zip(high).is_some_and(|(low, high)| low > 0.0 || high < 0.0);
    call == Call::Stable && excludes
}

fn differing(view: View<'_>, indicator: usize, difference: Option<f64>) -> String {
    difference.map_or_else(String::new, |difference| view.difference(indicator, difference))
}

pub fn change(view: View<'_>, change: &Change, column: usize) -> Point {
    let key = change.key;
    let written = differing(view, key.indicator, change.difference);
    let words = format!(
        "{}, {}, {}–{}: {} {}",
        view.panel(key.panel),
        view.indicator(key.indicator),
        view.wave(change.reference),
        view.wave(key.wave),
        view.call(change.call),
        written
    );
    Point {
        series: 0,
        column,
        segment: 0,
        cell: Cell::Called {
            call: change.call,
            difference: change.difference,
            is_corrected: is_corrected(change.call, change.low, change.high),
        },
        of: view.name(key),
        words: words.trim_end().to_owned(),
        interval: String::new(),
        written,
    }
}

pub fn contrast(view: View<'_>, contrast: &Contrast, column: usize) -> Point {
    let key = contrast.key;
    let written = differing(view, key.indicator, contrast.difference);
    let words = format!(
        "{}, {}, {}, {} − {}: {} {}",
        view.panel(key.panel),
        view.indicator(key.indicator),
        view.breakdown(key.level),
        view.level(key.level),
        view.level(contrast.other),
        contrast_word(view, contrast.call),
        written
    );
    let other = view.release.dimensions.levels[contrast.other].cell();
    Point {
        series: 0,
        column,
        segment: 0,
        cell: Cell::Called {
            call: contrast.call,
            difference: contrast.difference,
            is_corrected: is_corrected(contrast.call, contrast.low, contrast.high),
        },
        of: format!("{}|{other}", view.name(key)),
        words: words.trim_end().to_owned(),
        interval: String::new(),
        written,
    }
}

/// Why there is no call between estimates: the first that is not shown says it; else it is the first wave.
pub fn without_call(view: View<'_>, estimates: &[&Estimate], column: usize) -> Point {
    let hidden = estimates.iter().find(|one| !view.release.is_shown(one));
    let Some(one) = hidden.or(estimates.first()) else {
        let (of, words) = (String::new(), String::new());
        let (written, interval) = (String::new(), String::new());
        return Point {
            series: 0,
            column,
            segment: 0,
            cell: Cell::None,
            of,
            words,
            written,
            interval,
        };
    };
    let cell = if hidden.is_some() { of(view.release, one) } else { Cell::None };
    Point { cell, written: String::new(), interval: String::new(), ..point(view, one, 0, column) }
}

/// `higher` and `lower` rather than `increased` and `decreased`.
pub fn contrast_word(view: View<'_>, call: Call) -> &str {
    match call {
        Call::Increased => view.words.say("call.higher"),
        Call::Decreased => view.words.say("call.lower"),
        Call::Stable => view.words.say("call.not_different"),
        other => view.call(other),
    }
}

/// The same in one word, as it stands in a matrix.
pub fn short_contrast_word(call: Call) -> &'static str {
    match call {
        Call::Increased => "call_short.higher",
        Call::Decreased => "call_short.lower",
        Call::Stable => "call_short.not_different",
        Call::NotComparable => "call_short.not_comparable",
        Call::Withheld => "call_short.withheld",
        Call::NoTest => "call_short.no_test",
    }
}
