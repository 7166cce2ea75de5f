//! Degrees of freedom of figures whose waves share units: PSUs of the union less its strata.

use std::collections::{BTreeMap, BTreeSet};

use super::Scored;
use super::pair::Pair;
use crate::tabulate::{PartLimit, Positions};

/// What two waves share, by both.
pub(super) type Pairs = BTreeMap<(usize, usize), Pair>;

/// Units and strata of a panel over some waves.
struct Union {
    units: i64,
    /// Of the wave with most of them.
    largest: i64,
    most: i64,
    strata: BTreeSet<i32>,
}

impl Default for Union {
    fn default() -> Self {
        Self { units: 0, largest: 0, most: i64::MAX, strata: BTreeSet::new() }
    }
}

/// PSUs of the union of some waves in a level less its strata, a panel at a time.
pub(super) fn degrees(pairs: &Pairs, waves: &[(usize, &Scored<'_>)], level: usize) -> f64 {
    let mut panels: BTreeMap<u32, Union> = BTreeMap::new();
    let mut seen = Positions::default();
    for (_, Scored { wave, domains, .. }) in waves {
        let reach = &domains.reach[level];
        for (part, limit) in wave.sample.parts.iter().zip(&wave.general.limits.parts) {
            let PartLimit { units, strata, most } = limit;
            let union = panels.entry(part.panel as u32).or_default();
            union.largest = union.largest.max(reach.units.count(units));
            union.most = union.most.min(*most);
            let reached = strata.clone().filter(|&stratum| reach.strata.contains(stratum));
            union.strata.extend(reached.map(|stratum| wave.strata[stratum].name.1));
            for unit in units.clone().filter(|&unit| reach.units.contains(unit)) {
                let is_new = wave.numbers[unit].is_none_or(|number| seen.insert(number as usize));
                union.units += i64::from(is_new);
            }
        }
    }
    let of_panel = |(panel, union): (&u32, &Union)| {
        // Which clusters are the same is not known: at least as many as the larger wave has.
        let units = if is_unlinked(pairs, waves, *panel) { union.largest } else { union.units };
        (units - union.strata.len() as i64).min(union.most)
    };
    panels.iter().map(of_panel).sum::<i64>() as f64
}

/// Respondents of the panel return, but its clusters are not known to.
fn is_unlinked(pairs: &Pairs, waves: &[(usize, &Scored<'_>)], panel: u32) -> bool {
    let pair = |(k, (first, _)): (usize, &(usize, &Scored<'_>))| {
        let first = *first;
        waves[k + 1..].iter().filter_map(move |(second, _)| pairs.get(&(first, *second)))
    };
    waves.iter().enumerate().flat_map(pair).any(|pair| pair.unlinked.contains(&panel))
}
