//! Which cells of the marts a figure shows, and which dimension is seen as what.

use std::collections::BTreeSet;

use crate::figure::draw;
use crate::release::Release;
use crate::release::fact::{Contrast, Key};
use crate::release::figure::{Figure, Form, Shown, Waves};

/// All cells of a figure: indicators, then panels, levels and waves, each in its order.
pub fn cells(release: &Release, figure: &Figure) -> Vec<Key> {
    let mut cells = Vec::new();
    for indicator in members(release, figure) {
        let waves = waves(release, figure, indicator);
        for panel in panels(figure) {
            for level in levels(release, figure) {
                for wave in &waves {
                    cells.push(Key { indicator, panel, level, wave: *wave });
                }
            }
        }
    }
    let is_there = |key: &Key| release.estimate(*key).is_some();
    cells.retain(is_there);
    cells
}

/// The figure's indicators; of a gap, those that have one and what is taken off.
fn members(release: &Release, figure: &Figure) -> Vec<usize> {
    let pairs = pairs(release, figure);
    pairs.into_iter().flat_map(|(one, minus)| [Some(one), minus]).flatten().collect()
}

/// The figure's indicators in their order, each with the one that its gap takes off.
pub fn pairs(release: &Release, figure: &Figure) -> Vec<(usize, Option<usize>)> {
    let Some(gap) = &figure.gap else {
        return figure.indicators.iter().map(|one| (*one, None)).collect();
    };
    let known: BTreeSet<(usize, usize)> = release
        .gaps
        .iter()
        .filter(|one| one.name == *gap)
        .map(|one| (one.key.indicator, one.minus))
        .collect();
    let mut pairs = Vec::new();
    for one in &figure.indicators {
        let pair = known.iter().find(|(first, minus)| first == one || minus == one);
        let pair = pair.map_or((*one, None), |(first, minus)| (*first, Some(*minus)));
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}

/// The figure's panels, then its reference.
pub fn panels(figure: &Figure) -> Vec<usize> {
    let mut panels = figure.panels.clone();
    panels.extend(figure.reference.filter(|reference| !figure.panels.contains(reference)));
    panels
}

/// Levels of the figure's breakdowns that are groups of people, not unknown backgrounds.
pub fn levels(release: &Release, figure: &Figure) -> Vec<usize> {
    let of = &release.dimensions;
    let is_group = |level: &usize| of.levels[*level].level != "background_unknown";
    let all = figure.breakdowns.iter().flat_map(|breakdown| of.levels_of(breakdown));
    all.filter(is_group).collect()
}

/// The waves of an indicator in a figure; the latest are the last ones in which it was asked.
pub fn waves(release: &Release, figure: &Figure, indicator: usize) -> Vec<usize> {
    if let Some(waves) = &figure.named_waves {
        return waves.clone();
    }
    let all: Vec<usize> = (0..release.dimensions.waves.len()).collect();
    let most = match figure.waves {
        Waves::All => return all,
        Waves::Latest => 1,
        Waves::LatestTwo => 2,
    };
    let panels = panels(figure);
    let was_asked = |wave: &usize| {
        release.of_indicator(indicator).iter().any(|one| {
            one.key.wave == *wave
                && panels.contains(&one.key.panel)
                && release.dimensions.statuses[one.status].status != "not_asked"
        })
    };
    let asked: Vec<usize> = all.into_iter().filter(was_asked).collect();
    asked[asked.len().saturating_sub(most)..].to_vec()
}

/// Contrasts between the levels of the figure's breakdowns, in the latest wave.
pub fn contrasts<'a>(release: &'a Release, figure: &Figure) -> Vec<&'a Contrast> {
    let levels = levels(release, figure);
    let is_wanted = |one: &&Contrast| {
        let key = one.key;
        panels(figure).contains(&key.panel)
            && figure.indicators.contains(&key.indicator)
            && levels.contains(&key.level)
            && is_against_reference(release, one)
            && waves(release, figure, key.indicator).contains(&key.wave)
    };
    release.contrasts.iter().filter(is_wanted).collect()
}

/// Whether a contrast is set against the reference of its breakdown, where it has one.
fn is_against_reference(release: &Release, contrast: &Contrast) -> bool {
    let levels = &release.dimensions.levels;
    let of = release.dimensions.levels_of(&levels[contrast.key.level].breakdown);
    levels[contrast.other].is_reference || !of.iter().any(|level| levels[*level].is_reference)
}

/// What small multiples, rows and colours show, with a rule where the figure does not say.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    pub facet: Option<Shown>,
    pub row: Option<Shown>,
    pub series: Option<Shown>,
}

impl Seen {
    /// Every dimension with more than one member is seen somewhere.
    pub fn of(release: &Release, figure: &Figure) -> Self {
        let mut seen = Self { facet: figure.facet, row: figure.row, series: figure.series };
        match figure.form {
            // Waves stand along the axis.
            Form::Lines => seen.row = None,
            Form::Matrix if seen.series.is_none() && !draw::is_of_contrasts(release, figure) => {
                seen.series = Some(Shown::Wave);
            }
            Form::BarTick | Form::Dumbbell if figure.gap.is_some() => {
                seen.series = Some(Shown::Side);
            }
            _ => {}
        }
        let counts = [
            (Shown::Indicator, pairs(release, figure).len()),
            (Shown::Panel, figure.panels.len()),
            (Shown::Level, levels(release, figure).len()),
        ];
        for (shown, _) in counts.into_iter().filter(|(_, count)| *count > 1) {
            let is_seen = [seen.facet, seen.row, seen.series].contains(&Some(shown));
            // Levels that are seen nowhere stand as lines of their own.
            if is_seen || (shown == Shown::Level && figure.form != Form::Lines) {
                continue;
            }
            let row = (figure.form != Form::Lines).then_some(&mut seen.row);
            let free = [row, Some(&mut seen.series), Some(&mut seen.facet)];
            if let Some(place) = free.into_iter().flatten().find(|place| place.is_none()) {
                *place = Some(shown);
            }
        }
        seen
    }
}
