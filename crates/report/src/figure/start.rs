//! Five sentences that open the site and the brochure.

use crate::figure::cell::contrast_word;
use crate::figure::sentence::{change_sentence, gap_sentence};
use crate::release::fact::{Call, Change, Contrast, Gap, Key};
use crate::view::View;

/// How all series moved, the largest rise, the largest fall, the widest gap, the largest difference between groups.
pub fn sentences(view: View<'_>) -> Vec<String> {
    let changes = latest(view);
    let mut sentences = vec![overview(view, &changes)];
    for call in [Call::Increased, Call::Decreased] {
        let of_call =
            changes.iter().filter(|change| change.call == call && is_sure(view, change.key));
        let largest = of_call.max_by(|a, b| {
            size(a.difference).total_cmp(&size(b.difference)).then(b.key.cmp(&a.key))
        });
        let none = if call == Call::Increased { "sentence.no_rise" } else { "sentence.no_fall" };
        let text = largest.and_then(|change| change_sentence(view, change));
        sentences.push(text.unwrap_or_else(|| view.words.say(none).to_owned()));
    }
    sentences.extend(widest(view).map(|gap| gap_sentence(view, gap)));
    sentences.extend(largest_contrast(view).and_then(|one| contrast_sentence(view, one)));
    sentences.push(withheld(view));
    sentences.truncate(5);
    sentences
}

fn size(difference: Option<f64>) -> f64 {
    difference.unwrap_or(0.0).abs()
}

/// Changes of whole single panels into the last wave.
fn latest(view: View<'_>) -> Vec<&Change> {
    let (last, total) = (view.release.last_wave(), view.release.dimensions.total());
    let is_wanted = |one: &&Change| {
        one.key.wave == last
            && one.key.level == total
            && !view.release.dimensions.panels[one.key.panel].is_total
    };
    view.release.changes.iter().filter(is_wanted).collect()
}

/// Shown, and not of low reliability.
fn is_sure(view: View<'_>, key: Key) -> bool {
    view.release.estimate(key).is_some_and(|one| {
        view.release.is_shown(one) && view.release.dimensions.statuses[one.status].reason.is_empty()
    })
}

fn overview(view: View<'_>, changes: &[&Change]) -> String {
    let waves = &view.release.dimensions.waves;
    let count = |wanted: &[Call]| {
        view.words.count(changes.iter().filter(|one| wanted.contains(&one.call)).count() as f64)
    };
    let wave = waves.last().map_or("", |wave| wave.label.as_str());
    if changes.is_empty() {
        return view.words.fill("sentence.first_wave", &[("wave", wave)]);
    }
    let values = [
        ("all", view.words.count(changes.len() as f64)),
        ("up", count(&[Call::Increased])),
        ("same", count(&[Call::Stable])),
        ("down", count(&[Call::Decreased])),
        ("none", count(&[Call::NotComparable, Call::Withheld, Call::NoTest])),
        ("wave", wave.to_owned()),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
    view.words.fill("sentence.calls", &values)
}

fn widest(view: View<'_>) -> Option<&Gap> {
    let (last, total) = (view.release.last_wave(), view.release.dimensions.total());
    let is_wanted = |one: &&Gap| {
        let other = Key { indicator: one.minus, ..one.key };
        one.key.wave == last
            && one.key.level == total
            && one.difference.is_some()
            && is_sure(view, one.key)
            && is_sure(view, other)
    };
    let gaps = view.release.gaps.iter().filter(is_wanted);
    gaps.max_by(|a, b| size(a.difference).total_cmp(&size(b.difference)).then(b.key.cmp(&a.key)))
}

fn largest_contrast(view: View<'_>) -> Option<&Contrast> {
    let last = view.release.last_wave();
    let is_wanted = |one: &&Contrast| {
        let of = &view.release.dimensions;
        one.key.wave == last
            && matches!(one.call, Call::Increased | Call::Decreased)
            && !of.panels[one.key.panel].is_total
            && of.indicators[one.key.indicator].unit == "percent"
            && is_sure(view, one.key)
            && is_sure(view, Key { level: one.other, ..one.key })
    };
    let all = view.release.contrasts.iter().filter(is_wanted);
    all.max_by(|a, b| size(a.difference).total_cmp(&size(b.difference)).then(b.key.cmp(&a.key)))
}

fn contrast_sentence(view: View<'_>, one: &Contrast) -> Option<String> {
    let indicator = one.key.indicator;
    let value = |level: usize| {
        let estimate = view.release.estimate(Key { level, ..one.key })?;
        Some(view.figure(indicator, estimate.value?))
    };
    let values = [
        ("group", view.panel(one.key.panel)),
        ("indicator", view.indicator(indicator)),
        ("breakdown", view.breakdown(one.key.level)),
        ("one", view.level(one.key.level)),
        ("other", view.level(one.other)),
        ("value", &value(one.key.level)?),
        ("against", &value(one.other)?),
        ("call", contrast_word(view, one.call)),
        ("wave", view.wave(one.key.wave)),
    ];
    Some(view.words.fill("sentence.contrast", &values))
}

fn withheld(view: View<'_>) -> String {
    let all = view.release.estimates.iter();
    let statuses = &view.release.dimensions.statuses;
    let (mut shown, mut hidden) = (0, 0);
    for one in all {
        match statuses[one.status].status.as_str() {
            "published" => shown += 1,
            "withheld" => hidden += 1,
            _ => {}
        }
    }
    let count = |number: i32| view.words.count(f64::from(number));
    view.words.fill("sentence.withheld", &[("shown", &count(shown)), ("hidden", &count(hidden))])
}
