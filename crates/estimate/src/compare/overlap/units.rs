//! Sampling units (respondents or clusters) that return, under any design.
//!
//! Covariances are linearised in all three terms, whether the errors are or not: the correlation that follows goes with
//! linearised and with replicated standard errors, and never makes a negative variance.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use survey::Warning;
use survey::design::NO_CODE;

use super::finite::{Common, Sampled, covariance};
use super::{LevelOverlap, Place, Sharing, Side};
use crate::kernel::Kernel;
use crate::stage::{Refusal, Sample};
use crate::tabulate::{Domains, General, Of, PartLimit, WaveErrors};

/// The units of all waves, with those that are the same.
pub(super) struct Linked<'a> {
    waves: Vec<Option<UnitWave<'a>>>,
    pairs: BTreeMap<(usize, usize), Pair>,
    names: Vec<SharedNames>,
}

/// One wave's strata and units.
struct UnitWave<'a> {
    sample: &'a Sample<'a>,
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

/// What two waves share.
#[derive(Default)]
struct Pair {
    groups: Vec<Group>,
    /// Units that changed their stratum.
    moved: Vec<[u32; 2]>,
    /// Rows of respondents in both whose clusters do not persist, with the root of their strata's factors.
    rows: Vec<([u32; 2], f64)>,
    /// Panels of these.
    unlinked: BTreeSet<u32>,
}

/// A stratum of both waves with the units that are in both.
struct Group {
    strata: [usize; 2],
    units: Vec<[u32; 2]>,
}

/// Clusters of two waves that bear the same name.
struct SharedNames {
    panel: String,
    wave: survey::Wave,
    earlier: survey::Wave,
    clusters: usize,
    respondents: usize,
    persist: Option<bool>,
}

impl<'a> Linked<'a> {
    pub fn of(sides: &[Option<Side<'a>>]) -> Result<Self, Refusal> {
        let mut known: HashMap<(u32, &'a str), u32> = HashMap::new();
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

    /// Clusters whose names may not mean what the settings say.
    pub fn warnings(&self) -> Vec<Warning> {
        let warning = |names: &SharedNames| {
            let SharedNames { panel, wave, earlier, clusters, respondents, persist } = names;
            let (code, message) = match (persist, respondents) {
                (None, _) => (
                    "clusters_share_names",
                    format!(
                        "{panel} {wave}: {clusters} clusters bear names of clusters of {earlier} and count as others; \
                         hint: say in config/panels/{panel}.toml whether a name means the same cluster in every wave: \
                         design.clusters_persist = true or false"
                    ),
                ),
                (Some(true), 0) => (
                    "clusters_without_respondents",
                    format!(
                        "{panel} {wave}: {clusters} clusters are those of {earlier} (design.clusters_persist = true), \
                         but no respondent is in both waves; hint: do the names only repeat? then set it to false"
                    ),
                ),
                _ => return None,
            };
            Some(Warning {
                code: code.to_owned(),
                panel: Some(panel.clone()),
                wave: Some(*wave),
                message,
            })
        };
        self.names.iter().filter_map(warning).collect()
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
                    let degrees = self.degrees(&[(a, first), (b, second)], level);
                    (pair.correlation(first, second, level), degrees)
                })
                .collect(),
            run_degrees: {
                let run = place.run.iter().filter_map(|&wave| Some((wave, scored[wave].as_ref()?)));
                self.degrees(&run.collect::<Vec<_>>(), level)
            },
        };
        Ok(Some((0..levels).map(of_level).collect()))
    }

    /// PSUs of the union of some waves in a level less its strata, a panel at a time.
    fn degrees(&self, waves: &[(usize, &Scored<'_>)], level: usize) -> f64 {
        let mut panels: BTreeMap<u32, Union> = BTreeMap::new();
        let mut seen: BTreeMap<u32, usize> = BTreeMap::new();
        for (_, scored) in waves {
            let reach = &scored.domains.reach[level];
            let wave = scored.wave;
            for (part, limit) in wave.sample.parts.iter().zip(&wave.general.limits.parts) {
                let PartLimit { units, strata, most } = limit;
                let union = panels.entry(part.panel as u32).or_default();
                let count = reach.units.count(units);
                union.sum += count;
                union.largest = union.largest.max(count);
                union.most = union.most.min(*most);
                let reached = strata.clone().filter(|&stratum| reach.strata.contains(stratum));
                union.strata.extend(reached.map(|stratum| wave.strata[stratum].name.1));
            }
            for (unit, number) in wave.numbers.iter().enumerate() {
                if let (Some(number), true) = (number, reach.units.contains(unit)) {
                    *seen.entry(*number).or_default() += 1;
                    if seen[number] > 1 {
                        let part = wave
                            .general
                            .limits
                            .parts
                            .iter()
                            .position(|part| part.units.contains(&unit));
                        let panel = part.map_or(0, |part| wave.sample.parts[part].panel as u32);
                        panels.entry(panel).or_default().sum -= 1;
                    }
                }
            }
        }
        let unlinked = |panel: &u32| {
            let pair = |(k, &(a, _)): (usize, &(usize, &Scored<'_>))| {
                waves[k + 1..].iter().filter_map(move |&(b, _)| self.pairs.get(&(a, b)))
            };
            waves.iter().enumerate().flat_map(pair).any(|pair| pair.unlinked.contains(panel))
        };
        let of_panel = |(panel, union): (&u32, &Union)| {
            // Which clusters are the same is not known: at least as many as the larger wave has.
            let units = if unlinked(panel) { union.largest } else { union.sum };
            (units - union.strata.len() as i64).min(union.most)
        };
        panels.iter().map(of_panel).sum::<i64>() as f64
    }
}

/// Units and strata of a panel over some waves.
struct Union {
    sum: i64,
    largest: i64,
    most: i64,
    strata: BTreeSet<i32>,
}

impl Default for Union {
    fn default() -> Self {
        Self { sum: 0, largest: 0, most: i64::MAX, strata: BTreeSet::new() }
    }
}

impl<'a> UnitWave<'a> {
    fn of(
        side: &Side<'a>,
        known: &mut HashMap<(u32, &'a str), u32>,
    ) -> Result<Option<Self>, Refusal> {
        let (sample, _, WaveErrors::General(general)) = *side else { return Ok(None) };
        let selection = &sample.linearisation.selections[0];
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
        let kernel = Kernel::fused(&sample.linearisation);
        Ok(Some(Self { sample, general, kernel, strata, numbers }))
    }

    fn stratum_of(&self, unit: u32) -> usize {
        self.sample.linearisation.selections[0].stratum_of_unit[unit as usize] as usize
    }

    /// The units of the stratum are known by name, so that who is in both waves is known too.
    fn is_known(&self, stratum: &Stratum) -> bool {
        self.numbers[stratum.first_unit].is_some()
    }
}

impl Pair {
    fn of(first: &UnitWave<'_>, second: &UnitWave<'_>) -> Result<Self, Refusal> {
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
        let of_first: HashMap<u32, u32> = first
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
        pair.match_rows(first.sample, second.sample)?;
        Ok(pair)
    }

    /// Respondents of panels whose clusters are not known to persist.
    fn match_rows(&mut self, first: &Sample<'_>, second: &Sample<'_>) -> Result<(), Refusal> {
        let is_unlinked = |sample: &Sample<'_>, panel: u32| {
            sample.parts.iter().any(|part| {
                let persist = part.settings.design.clusters_persist == Some(true);
                part.panel as u32 == panel && part.has_clusters() && !persist
            })
        };
        if !second.parts.iter().any(|part| is_unlinked(second, part.panel as u32)) {
            return Ok(());
        }
        let before: HashMap<(u32, &str), u32> = first
            .identities()?
            .into_iter()
            .map(|(panel, name, row)| ((panel, name), row))
            .collect();
        let factor = |sample: &Sample<'_>, row: u32| {
            let selection = &sample.linearisation.selections[0];
            let unit = selection.unit_of_row[row as usize];
            selection.centred_factor(selection.stratum_of_unit[unit as usize] as usize)
        };
        for (panel, name, row) in second.identities()? {
            if let (Some(&earlier), true) = (before.get(&(panel, name)), is_unlinked(second, panel))
            {
                let root = (factor(first, earlier) * factor(second, row)).sqrt();
                self.rows.push(([earlier, row], root));
                self.unlinked.insert(panel);
            }
        }
        Ok(())
    }

    /// Correlation of a level's figures in both waves.
    fn correlation(&self, first: &Scored<'_>, second: &Scored<'_>, level: usize) -> f64 {
        let totals = [&first.totals[level], &second.totals[level]];
        let product =
            |units: &[u32; 2]| totals[0][units[0] as usize] * totals[1][units[1] as usize];
        let squares = |side: usize, range: std::ops::Range<usize>| {
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
        side: &Side<'_>,
        place: &Place,
        by_row: bool,
    ) -> Result<Option<Self>, Refusal> {
        let (sample, values, _) = side;
        let (Some(column), Some(codes), Some(domains)) = (
            &values.columns[place.indicator],
            &values.codes[place.cut],
            wave.general.domains(place.indicator, place.cut),
        ) else {
            return Ok(None);
        };
        let of = Of { sample, column, codes, levels: domains.cells.len() };
        let made = of.unit_scores(wave.kernel.as_ref());
        let totals = made.map_err(|error| sample.method(error))?;
        let contributions = if by_row { of.contributions() } else { Ok(Vec::new()) };
        let contributions = contributions.map_err(|error| sample.method(error))?;
        Ok(Some(Self { wave, domains, totals, contributions }))
    }
}

/// Cluster names that two waves of a panel share, and how many respondents they share.
fn shared_names(first: &Sample<'_>, second: &Sample<'_>) -> Result<Vec<SharedNames>, Refusal> {
    let mut found = Vec::new();
    let sides = [first.unit_names()?, second.unit_names()?];
    for (later, names) in second.parts.iter().zip(&sides[1]) {
        let before = first.parts.iter().zip(&sides[0]).find(|of| of.0.panel == later.panel);
        let Some((earlier, before)) = before else { continue };
        if !(earlier.has_clusters() && later.has_clusters()) {
            continue;
        }
        let known: BTreeSet<&str> = before.iter().flatten().copied().collect();
        let shared: BTreeSet<&str> =
            names.iter().flatten().copied().filter(|name| known.contains(name)).collect();
        if shared.is_empty() {
            continue;
        }
        let people: BTreeSet<(u32, &str)> =
            first.identities()?.into_iter().map(|(panel, name, _)| (panel, name)).collect();
        let returning = second.identities()?.into_iter().filter(|(panel, name, _)| {
            *panel == later.panel as u32 && people.contains(&(*panel, *name))
        });
        found.push(SharedNames {
            panel: later.settings.panel.clone(),
            wave: second.wave,
            earlier: first.wave,
            clusters: shared.len(),
            respondents: returning.count(),
            persist: later.settings.design.clusters_persist,
        });
    }
    Ok(found)
}
