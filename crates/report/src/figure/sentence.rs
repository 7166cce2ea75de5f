//! Sentences that follow from the calls and intervals of a release.

use super::{Content, arrange, cell};
use crate::release::fact::{Call, Change, Estimate, Gap};
use crate::release::figure::{Form, Waves};
use crate::view::View;

/// What a chart shows, for those who do not see it: its form, its extent and where its lines end.
pub fn description(view: View<'_>, content: &Content<'_>) -> String {
    let figure = content.figure;
    let form = view.words.say(match super::draw::form(view.release, figure) {
        Form::Lines => "form.lines",
        Form::BarTick => "form.bar_tick",
        Form::Dumbbell => "form.dumbbell",
        Form::DotsBands => "form.dots_bands",
        Form::Matrix => "form.matrix",
    });
    let panels: Vec<&str> = figure.panels.iter().map(|panel| view.panel(*panel)).collect();
    let shown = content.estimates.iter().filter(|one| view.release.is_shown(one)).count();
    let values = [
        ("form", form),
        ("panels", &panels.join(", ")),
        ("waves", &waves(view, content)),
        ("shown", &view.words.counted("count.figures", shown)),
    ];
    let mut text = view.words.fill("figure.description", &values);
    for sentence in headlines(view, content, 3) {
        text.push(' ');
        text.push_str(&sentence);
    }
    text
}

/// `2021–2025`, or the one year.
pub fn waves(view: View<'_>, content: &Content<'_>) -> String {
    let of = |one: &&Estimate| one.key.wave;
    let first = content.estimates.iter().map(of).min().unwrap_or(0);
    let last = content.estimates.iter().map(of).max().unwrap_or(0);
    match content.figure.waves {
        _ if view.release.dimensions.waves.is_empty() => String::new(),
        _ if first == last => view.wave(last).to_owned(),
        Waves::LatestTwo | Waves::Latest | Waves::All => {
            format!("{}–{}", view.wave(first), view.wave(last))
        }
    }
}

/// The sentences that matter most in a figure, at most so many.
pub fn headlines(view: View<'_>, content: &Content<'_>, most: usize) -> Vec<String> {
    let release = view.release;
    let pairs = arrange::pairs(release, content.figure);
    let mut sentences = Vec::new();
    if pairs.iter().any(|pair| pair.1.is_some()) {
        let gaps = widest_gaps(view, content);
        sentences.extend(gaps.into_iter().take(most).map(|gap| gap_sentence(view, gap)));
    } else if content.figure.waves != Waves::Latest && content.contrasts.is_empty() {
        let mut changes = latest_changes(view, content);
        changes.retain(|change| matches!(change.call, Call::Increased | Call::Decreased));
        changes.sort_by(|a, b| size(b.difference).total_cmp(&size(a.difference)));
        sentences.extend(changes.into_iter().take(most).filter_map(|c| change_sentence(view, c)));
    } else if content.contrasts.is_empty() {
        let mut shown: Vec<&&Estimate> =
            content.estimates.iter().filter(|one| release.is_shown(one)).collect();
        shown.sort_by(|a, b| b.value.unwrap_or(0.0).total_cmp(&a.value.unwrap_or(0.0)));
        let ends = [shown.first(), shown.last()];
        sentences.extend(ends.into_iter().flatten().take(most).map(|one| view.in_words(one) + "."));
    }
    if sentences.is_empty() {
        sentences.push(counted_calls(view, content));
    }
    sentences
}

fn size(difference: Option<f64>) -> f64 {
    difference.unwrap_or(0.0).abs()
}

fn latest_changes<'a>(view: View<'a>, content: &Content<'_>) -> Vec<&'a Change> {
    let keys = content.estimates.iter().map(|one| one.key);
    let last = keys.clone().map(|key| key.wave).max().unwrap_or(0);
    keys.filter(|key| key.wave == last).filter_map(|key| view.release.change(key)).collect()
}

fn widest_gaps<'a>(view: View<'a>, content: &Content<'_>) -> Vec<&'a Gap> {
    let Some(name) = &content.figure.gap else { return Vec::new() };
    let last = content.estimates.iter().map(|one| one.key.wave).max().unwrap_or(0);
    let keys = content.estimates.iter().map(|one| one.key).filter(|key| key.wave == last);
    let mut gaps: Vec<&Gap> = keys.filter_map(|key| view.release.gap(name, key)).collect();
    gaps.retain(|gap| gap.difference.is_some());
    gaps.sort_by(|a, b| size(b.difference).total_cmp(&size(a.difference)));
    gaps
}

/// ‘Video calls’ rose from 8% in 2024 to 14% in 2025.
pub fn change_sentence(view: View<'_>, change: &Change) -> Option<String> {
    let now = view.release.estimate(change.key)?;
    let before = view
        .release
        .estimate(crate::release::fact::Key { wave: change.reference, ..change.key })?;
    let indicator = change.key.indicator;
    let level = &view.release.dimensions.levels[change.key.level];
    let group = if level.is_total() {
        view.panel(change.key.panel).to_owned()
    } else {
        format!("{} ({})", view.panel(change.key.panel), view.level(change.key.level))
    };
    let key = match change.call {
        Call::Increased => "sentence.increased",
        Call::Decreased => "sentence.decreased",
        _ => "sentence.stable",
    };
    let values = [
        ("group", group.as_str()),
        ("indicator", view.indicator(indicator)),
        ("before", &view.figure(indicator, before.value?)),
        ("from", view.wave(change.reference)),
        ("now", &view.figure(indicator, now.value?)),
        ("to", view.wave(change.key.wave)),
    ];
    Some(view.words.fill(key, &values))
}

pub fn gap_sentence(view: View<'_>, gap: &Gap) -> String {
    let difference = gap.difference.unwrap_or_default();
    let (more, less) = if difference < 0.0 {
        (gap.minus, gap.key.indicator)
    } else {
        (gap.key.indicator, gap.minus)
    };
    let value = |indicator: usize| {
        let key = crate::release::fact::Key { indicator, ..gap.key };
        let estimate = view.release.estimate(key).and_then(|one| one.value);
        estimate.map_or_else(|| "–".to_owned(), |value| view.figure(indicator, value))
    };
    let values = [
        ("group", view.panel(gap.key.panel)),
        ("more", view.indicator(more)),
        ("less", view.indicator(less)),
        ("high", &value(more)),
        ("low", &value(less)),
        ("wave", view.wave(gap.key.wave)),
    ];
    view.words.fill("sentence.gap", &values)
}

/// How many series rose, stayed and fell.
fn counted_calls(view: View<'_>, content: &Content<'_>) -> String {
    if !content.contrasts.is_empty() {
        let calls: Vec<Call> = content.contrasts.iter().map(|one| one.call).collect();
        return counted(view, "sentence.contrasts", &calls, "");
    }
    let calls: Vec<Call> = latest_changes(view, content).iter().map(|one| one.call).collect();
    let last = content.estimates.iter().map(|one| one.key.wave).max().unwrap_or(0);
    let wave = if view.release.dimensions.waves.is_empty() { "" } else { view.wave(last) };
    if calls.is_empty() {
        return view.words.say("sentence.nothing_to_compare").to_owned();
    }
    counted(view, "sentence.calls", &calls, wave)
}

fn counted(view: View<'_>, key: &str, calls: &[Call], wave: &str) -> String {
    let count = |wanted: &[Call]| {
        let count = calls.iter().filter(|call| wanted.contains(call)).count();
        view.words.count(count as f64)
    };
    let values = [
        ("all", view.words.count(calls.len() as f64)),
        ("up", count(&[Call::Increased])),
        ("same", count(&[Call::Stable])),
        ("down", count(&[Call::Decreased])),
        ("none", count(&[Call::NotComparable, Call::Withheld, Call::NoTest])),
        ("wave", wave.to_owned()),
    ];
    let values: Vec<(&str, &str)> =
        values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    view.words.fill(key, &values)
}

/// "How sure are we?": the intervals, what is not shown, what cannot be seen, where correction decides.
pub fn sureness(view: View<'_>, content: &Content<'_>) -> Vec<String> {
    let release = view.release;
    let mut sentences = vec![view.words.say("sure.interval").to_owned()];
    let shown: Vec<&&Estimate> =
        content.estimates.iter().filter(|one| release.is_shown(one)).collect();
    let mut halves: Vec<f64> =
        shown.iter().filter_map(|one| Some((one.high? - one.low?) / 2.0)).collect();
    halves.sort_by(f64::total_cmp);
    if let (Some(least), Some(most), Some(first)) = (halves.first(), halves.last(), shown.first()) {
        let indicator = &release.dimensions.indicators[first.key.indicator];
        let number = |value: f64| {
            view.words.number(value, indicator.decimals.max(usize::from(value < 0.95)))
        };
        let values = [
            ("middle", number(halves[halves.len() / 2])),
            ("least", number(*least)),
            ("most", number(*most)),
            ("points", view.points(first.key.indicator).to_owned()),
        ];
        let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
        sentences.push(view.words.fill("sure.width", &values));
    }
    let count = |wanted: &dyn Fn(&Estimate) -> bool| {
        content.estimates.iter().filter(|one| wanted(one)).count()
    };
    let status = |one: &Estimate| release.dimensions.statuses[one.status].clone();
    let counts = [
        ("sure.withheld", count(&|one| status(one).status == "withheld")),
        ("sure.unreliable", count(&|one| status(one).is_shown && !status(one).reason.is_empty())),
        ("sure.not_asked", count(&|one| status(one).status == "not_asked")),
        ("sure.breaks", count(&|one| one.comparability == "break")),
    ];
    for (key, number) in counts.into_iter().filter(|(_, number)| *number > 0) {
        sentences.push(view.words.counted(key, number));
    }
    sentences.extend(detectable(view, content));
    let corrected = corrected(view, content);
    if corrected > 0 {
        sentences.push(view.words.counted("sure.corrected", corrected));
    }
    sentences
}

/// The smallest change that the latest comparison could have seen, in the middle of the series.
fn detectable(view: View<'_>, content: &Content<'_>) -> Option<String> {
    let changes = latest_changes(view, content);
    let mut seen: Vec<f64> = changes.iter().filter_map(|change| change.detectable).collect();
    seen.sort_by(f64::total_cmp);
    let middle = *seen.get(seen.len() / 2)?;
    let indicator = changes.first()?.key.indicator;
    let decimals = view.release.dimensions.indicators[indicator].decimals;
    let values = [
        ("number", view.words.number(middle, decimals)),
        ("points", view.points(indicator).to_owned()),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
    Some(view.words.fill("sure.detectable", &values))
}

fn corrected(view: View<'_>, content: &Content<'_>) -> usize {
    let changes = content.estimates.iter().filter_map(|one| view.release.change(one.key));
    let of_changes = changes.filter(|one| cell::is_corrected(one.call, one.low, one.high)).count();
    let of_contrasts = content
        .contrasts
        .iter()
        .filter(|one| cell::is_corrected(one.call, one.low, one.high))
        .count();
    if content.contrasts.is_empty() { of_changes } else { of_contrasts }
}
