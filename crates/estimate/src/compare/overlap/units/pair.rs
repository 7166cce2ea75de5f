//! The units that two waves share, by stratum, and the correlation that follows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use foldhash::fast::FixedState;

use super::super::finite::{Common, Sampled, covariance};
use super::{Scored, UnitWave};
use crate::sample::{Refusal, Sample};

/// What two waves share.
#[derive(Default)]
pub(super) struct Pair {
    pub groups: Vec<Group>,
    /// Units that changed their stratum.
    pub moved: Vec<[u32; 2]>,
    /// Rows of respondents in both whose clusters do not persist, with the root of their strata's factors.
    pub rows: Vec<([u32; 2], f64)>,
    /// Panels of these.
    pub unlinked: BTreeSet<u32>,
}

/// A stratum of both waves with the units that are in both.
pub(super) struct Group {
    pub strata: [usize; 2],
    pub units: Vec<[u32; 2]>,
}

impl Pair {
    pub fn of(first: &UnitWave<'_>, second: &UnitWave<'_>) -> Result<Self, Refusal> {
        let mut pair = Self::default();
        let place: BTreeMap<(u32, i32), usize> =
            first.strata.iter().enumerate().map(|(at, stratum)| (stratum.name, at)).collect();
        let mut group_of: BTreeMap<usize, usize> = BTreeMap::new();
        for (at, stratum) in second.strata.iter().enumerate().filter(|of| second.is_known(of.1)) {
            if let Some(&before) = place.get(&stratum.name) {
                group_of.insert(at, pair.groups.len());
                pair.groups.push(Group { strata: [before, at], units: Vec::new() });
            }
        }
        let of_first: HashMap<u32, u32, FixedState> = first
            .numbers
            .iter()
            .enumerate()
            .filter_map(|(unit, number)| Some(((*number)?, unit as u32)))
            .collect();
        for (unit, number) in second.numbers.iter().enumerate() {
            let Some(&before) = number.and_then(|number| of_first.get(&number)) else { continue };
            let units = [before, unit as u32];
            let strata = [first.stratum_of(before), second.stratum_of(unit as u32)];
            match group_of.get(&strata[1]).map(|&at| &mut pair.groups[at]) {
                Some(group) if group.strata == strata => group.units.push(units),
                _ => pair.moved.push(units),
            }
        }
        pair.match_rows(first, second)?;
        Ok(pair)
    }

    /// Respondents of panels whose clusters are not known to persist.
    fn match_rows(&mut self, first: &UnitWave<'_>, second: &UnitWave<'_>) -> Result<(), Refusal> {
        let is_unlinked = |sample: &Sample<'_>, panel: u32| {
            sample.parts.iter().any(|part| {
                let persist = part.settings.design.clusters_persist == Some(true);
                part.panel as u32 == panel && part.has_clusters() && !persist
            })
        };
        if !second.sample.parts.iter().any(|part| is_unlinked(second.sample, part.panel as u32)) {
            return Ok(());
        }
        let before: HashMap<(u32, &str), u32, FixedState> = first
            .sample
            .identities(None)?
            .into_iter()
            .map(|(panel, name, row)| ((panel, name), row))
            .collect();
        let factor = |wave: &UnitWave<'_>, row: u32| {
            let selection = &wave.linearisation.selections[0];
            let unit = selection.unit_of_row[row as usize];
            selection.centred_factor(selection.stratum_of_unit[unit as usize] as usize)
        };
        for (panel, name, row) in second.sample.identities(None)? {
            let is_unlinked = is_unlinked(second.sample, panel);
            if let (Some(&earlier), true) = (before.get(&(panel, name)), is_unlinked) {
                let root = (factor(first, earlier) * factor(second, row)).sqrt();
                self.rows.push(([earlier, row], root));
                self.unlinked.insert(panel);
            }
        }
        Ok(())
    }

    /// Correlation of a level's figures in both waves.
    pub fn correlation(&self, first: &Scored<'_>, second: &Scored<'_>, level: usize) -> f64 {
        let totals = [&first.totals[level], &second.totals[level]];
        let product =
            |units: &[u32; 2]| totals[0][units[0] as usize] * totals[1][units[1] as usize];
        let squares = |side: usize, range: Range<usize>| {
            totals[side][range].iter().map(|total| total * total).sum::<f64>()
        };
        let of_group = |group: &Group| {
            let products = group.units.iter().map(product).sum();
            let common = Common { units: group.units.len() as f64, products };
            let [before, after] = [(first, 0), (second, 1)].map(|(scored, side)| {
                let stratum = &scored.wave.strata[group.strata[side]];
                let range = stratum.first_unit..stratum.first_unit + stratum.units;
                let (units, unsampled) = (stratum.units as f64, stratum.unsampled);
                Sampled { units, unsampled, squares: squares(side, range) }
            });
            covariance(before, after, common)
        };
        let by_row = |(rows, root): &([u32; 2], f64)| {
            let value = |scored: &Scored<'_>, row: u32| scored.contributions[level][row as usize];
            root * value(first, rows[0]) * value(second, rows[1])
        };
        let sum = self.groups.iter().map(of_group).sum::<f64>()
            + self.moved.iter().map(product).sum::<f64>()
            + self.rows.iter().map(by_row).sum::<f64>();
        let scale = (squares(0, 0..totals[0].len()) * squares(1, 0..totals[1].len())).sqrt();
        if scale > 0.0 { (sum / scale).clamp(-1.0, 1.0) } else { 0.0 }
    }
}
