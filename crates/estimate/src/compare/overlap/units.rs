//! Sampling units (respondents or clusters) that return, under any design.
//!
//! Covariances are linearised in all three terms, whether the errors are or not: the correlation that follows goes with
//! linearised and with replicated standard errors, and never makes a negative variance.

mod names;
mod pair;
mod union;

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use survey::Warning;
use survey::design::NO_CODE;

use self::names::{SharedNames, shared_names};
use self::pair::{Group, Pair};
use self::union::{Pairs, degrees};
use super::{LevelOverlap, Place, Sharing, Side};
use crate::Linearisation;
use crate::kernel::Kernel;
use crate::sample::{Refusal, Sample};
use crate::tabulate::{Domains, General, Of, WaveErrors};

/// The units of all waves, with those that are the same.
pub(super) struct Linked<'a> {
    waves: Vec<Option<UnitWave<'a>>>,
    pairs: Pairs,
    names: Vec<SharedNames>,
}

/// One wave's strata and units.
struct UnitWave<'a> {
    sample: &'a Sample<'a>,
    linearisation: &'a Linearisation,
    general: &'a General,
    kernel: Option<Kernel<'a>>,
    strata: Vec<Stratum>,
    /// Number of each unit over all waves; none where its identity in other waves is not known.
    numbers: Vec<Option<u32>>,
}

/// A stratum of one wave.
struct Stratum {
    /// Panel and code, the same in every wave.
    name: (u32, i32),
    first_unit: usize,
    units: usize,
    unsampled: f64,
}

impl<'a> Linked<'a> {
    pub fn of(sides: &[Option<Side<'a>>]) -> Result<Self, Refusal> {
        // At most so many: the table need not grow.
        let rows = sides.iter().flatten().map(|side| side.0.weights().len()).sum();
        let mut known: HashMap<(u32, &'a str), u32, FixedState> =
            HashMap::with_capacity_and_hasher(rows, FixedState::default());
        let wave = |side: &Option<Side<'a>>| {
            side.as_ref().and_then(|side| UnitWave::of(side, &mut known).transpose()).transpose()
        };
        let waves: Vec<_> = sides.iter().map(wave).collect::<Result<_, _>>()?;
        let mut linked = Self { waves, pairs: BTreeMap::new(), names: Vec::new() };
        let mut pairs = BTreeMap::new();
        let mut names = Vec::new();
        for later in 0..linked.waves.len() {
            for earlier in (0..later).rev() {
                let (Some(first), Some(second)) = (&linked.waves[earlier], &linked.waves[later])
                else {
                    continue;
                };
                let pair = Pair::of(first, second)?;
                for found in shared_names(first.sample, second.sample)? {
                    let same = |known: &SharedNames| {
                        known.panel == found.panel && known.wave == found.wave
                    };
                    if !names.iter().any(same) {
                        names.push(found);
                    }
                }
                pairs.insert((earlier, later), pair);
            }
        }
        (linked.pairs, linked.names) = (pairs, names);
        Ok(linked)
    }

    /// Clusters whose names may not mean what the settings say.
    pub fn warnings(&self) -> Vec<Warning> {
        self.names.iter().filter_map(SharedNames::warning).collect()
    }

    pub fn sharing(&self, waves: usize) -> Vec<Sharing> {
        let mut sharing = vec![Sharing::Independent; waves * waves];
        for (&(earlier, later), pair) in &self.pairs {
            let is_finite = |group: &Group| {
                [(earlier, group.strata[0]), (later, group.strata[1])].into_iter().any(
                    |(wave, stratum)| {
                        let wave = self.waves[wave].as_ref();
                        wave.is_some_and(|wave| wave.strata[stratum].unsampled < 1.0)
                    },
                )
            };
            let shares = !(pair.moved.is_empty() && pair.rows.is_empty())
                || pair.groups.iter().any(|group| !group.units.is_empty());
            sharing[earlier * waves + later] = if shares {
                Sharing::Overlapping
            } else if pair.groups.iter().any(is_finite) {
                Sharing::Disjoint
            } else {
                Sharing::Independent
            };
        }
        sharing
    }

    /// None where a wave was not asked.
    pub fn at(
        &self,
        sides: &[Option<Side<'a>>],
        place: &Place,
    ) -> Result<Option<Vec<LevelOverlap>>, Refusal> {
        let mut scored: Vec<Option<Scored<'_>>> = Vec::new();
        for (wave, side) in self.waves.iter().zip(sides).map(|both| (both.0.as_ref(), both.1)) {
            let (Some(wave), Some(side)) = (wave, side) else {
                scored.push(None);
                continue;
            };
            let by_row = self.pairs.values().any(|pair| !pair.rows.is_empty());
            scored.push(Scored::of(wave, side, place, by_row)?);
        }
        let Some(levels) = scored.iter().flatten().map(|scored| scored.totals.len()).next() else {
            return Ok(None);
        };
        let of_level = |level: usize| LevelOverlap {
            pairs: place
                .pairs
                .iter()
                .map(|&(a, b)| {
                    let both = (scored[a].as_ref(), scored[b].as_ref());
                    let ((Some(first), Some(second)), Some(pair)) = (both, self.pairs.get(&(a, b)))
                    else {
                        return (0.0, f64::NAN);
                    };
                    let of_union = degrees(&self.pairs, &[(a, first), (b, second)], level);
                    (pair.correlation(first, second, level), of_union)
                })
                .collect(),
            run_degrees: {
                let run = place.run.iter().filter_map(|&wave| Some((wave, scored[wave].as_ref()?)));
                degrees(&self.pairs, &run.collect::<Vec<_>>(), level)
            },
        };
        Ok(Some((0..levels).map(of_level).collect()))
    }
}

impl<'a> UnitWave<'a> {
    fn of(
        side: &Side<'a>,
        known: &mut HashMap<(u32, &'a str), u32, FixedState>,
    ) -> Result<Option<Self>, Refusal> {
        let (sample, _, WaveErrors::General(general)) = *side else { return Ok(None) };
        let Some(linearisation) = sample.linearisation() else { return Ok(None) };
        let selection = &linearisation.selections[0];
        let mut strata: Vec<Stratum> = Vec::new();
        let mut first_unit = 0;
        for stratum in &selection.strata {
            let (units, unsampled) = (stratum.units, stratum.unsampled);
            strata.push(Stratum { name: (0, 0), first_unit, units, unsampled });
            first_unit += units;
        }
        let mut numbers = vec![None; selection.units()];
        let mut row = 0;
        let names = sample.unit_names()?.into_iter().zip(sample.stratum_codes());
        for (part, (names, codes)) in sample.parts.iter().zip(names) {
            let panel = part.panel as u32;
            let persist = part.settings.design.clusters_persist == Some(true);
            let is_known = persist || !part.has_clusters();
            for (name, code) in names.into_iter().zip(codes) {
                let unit = selection.unit_of_row[row];
                row += 1;
                if unit == NO_CODE {
                    continue;
                }
                let stratum = selection.stratum_of_unit[unit as usize];
                strata[stratum as usize].name = (panel, code);
                if let (Some(name), true) = (name, is_known && numbers[unit as usize].is_none()) {
                    let next = known.len() as u32;
                    numbers[unit as usize] = Some(*known.entry((panel, name)).or_insert(next));
                }
            }
        }
        let kernel = Kernel::fused(linearisation);
        Ok(Some(Self { sample, linearisation, general, kernel, strata, numbers }))
    }

    fn stratum_of(&self, unit: u32) -> usize {
        self.linearisation.selections[0].stratum_of_unit[unit as usize] as usize
    }

    /// The units of the stratum are known by name, so that who is in both waves is known too.
    fn is_known(&self, stratum: &Stratum) -> bool {
        self.numbers[stratum.first_unit].is_some()
    }
}

/// One place of one wave.
struct Scored<'s> {
    wave: &'s UnitWave<'s>,
    domains: &'s Domains,
    /// Scaled total of each unit for each level.
    totals: Vec<Vec<f64>>,
    /// Contribution of each row to each level, where respondents return without their clusters.
    contributions: Vec<Vec<f64>>,
}

impl<'s> Scored<'s> {
    fn of(
        wave: &'s UnitWave<'s>,
        side: &Side<'s>,
        place: &Place,
        by_row: bool,
    ) -> Result<Option<Self>, Refusal> {
        let (sample, values, WaveErrors::General(general)) = *side else { return Ok(None) };
        let (Some(column), Some(codes), Some(domains)) = (
            &values.columns[place.indicator],
            &values.codes[place.cut],
            general.domains(place.indicator, place.cut),
        ) else {
            return Ok(None);
        };
        let (linearisation, levels) = (wave.linearisation, domains.cells.len());
        let of = Of { sample, linearisation, column, codes, levels };
        let made = of.unit_scores(wave.kernel.as_ref());
        let totals = made.map_err(|error| sample.method(error))?;
        let contributions = if by_row { of.contributions() } else { Ok(Vec::new()) };
        let contributions = contributions.map_err(|error| sample.method(error))?;
        Ok(Some(Self { wave, domains, totals, contributions }))
    }
}
