//! What the waves of a panel share: respondents or clusters that return, and what two figures then have in common.

mod cells;
mod finite;
mod units;

use std::sync::Arc;

use nalgebra::DMatrix;
use survey::Warning;

use super::block::Together;
use crate::sample::{Refusal, Sample};
use crate::tabulate::{Values, WaveErrors};

pub(crate) use cells::Returning;
use units::Linked;

/// What two waves share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sharing {
    /// Nobody, of populations without number.
    Independent,
    /// Nobody, of one finite population: who was drawn in one wave was not in the other.
    Disjoint,
    /// Units (respondents or clusters) that are in both.
    Overlapping,
}

impl Sharing {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Disjoint => "disjoint",
            Self::Overlapping => "overlapping",
        }
    }
}

/// One wave as the overlap reads it.
pub(crate) type Side<'a> = (&'a Sample<'a>, &'a Values, &'a WaveErrors);

/// Indicator, cut, the pairs of waves that are compared there and the waves of the trend.
pub(crate) struct Place {
    pub indicator: usize,
    pub cut: usize,
    pub pairs: Vec<(usize, usize)>,
    pub run: Vec<usize>,
}

/// What the waves of one plan share.
pub(crate) struct Overlap<'a> {
    sides: Vec<Option<Side<'a>>>,
    pub sharing: WavesSharing,
    shared: Arc<Shared<'a>>,
}

/// What each two of some waves share.
#[derive(Clone)]
pub(crate) struct WavesSharing {
    waves: usize,
    /// By earlier and later wave: `earlier * waves + later`.
    of: Vec<Sharing>,
}

enum Shared<'a> {
    ByCell(Returning),
    ByUnit(Linked<'a>),
}

/// What the figures of one place share, a level each.
pub(crate) struct PlaceOverlap {
    pairs: Vec<(usize, usize)>,
    run: Vec<usize>,
    levels: Vec<LevelOverlap>,
}

/// Of each pair the correlation of its figures and the degrees of freedom of their union; these of the trend's waves.
pub(super) struct LevelOverlap {
    pub pairs: Vec<(f64, f64)>,
    pub run_degrees: f64,
}

impl<'a> Overlap<'a> {
    pub(crate) fn of(sides: Vec<Option<Side<'a>>>) -> Result<Self, Refusal> {
        let is_by_cell = |side: &Side<'_>| matches!(side.2, WaveErrors::ByCell(_));
        if sides.iter().flatten().all(is_by_cell) {
            let returning = Returning::of(&sides)?;
            return Ok(Self::of_returning(sides, returning));
        }
        let linked = Linked::of(&sides)?;
        let sharing = WavesSharing { waves: sides.len(), of: linked.sharing(sides.len()) };
        Ok(Self { sides, sharing, shared: Arc::new(Shared::ByUnit(linked)) })
    }

    /// Of waves of which is known who returns.
    pub(crate) fn of_returning(sides: Vec<Option<Side<'a>>>, returning: Returning) -> Self {
        let sharing = WavesSharing { waves: sides.len(), of: returning.sharing(sides.len()) };
        Self { sides, sharing, shared: Arc::new(Shared::ByCell(returning)) }
    }

    /// Who returns in each of so many panels; none where the errors do not follow from cells.
    pub(crate) fn of_panels(&self, panels: usize) -> Option<Vec<Returning>> {
        let Shared::ByCell(returning) = self.shared.as_ref() else { return None };
        Some((0..panels).map(|panel| returning.of_panel(&self.sides, panel)).collect())
    }

    /// Of further figures of the same waves.
    pub(crate) fn of_further(&self, sides: Vec<Option<Side<'a>>>) -> Self {
        Self { sides, sharing: self.sharing.clone(), shared: Arc::clone(&self.shared) }
    }

    /// Clusters whose names may not mean what the settings say.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        match self.shared.as_ref() {
            Shared::ByCell(_) => Vec::new(),
            Shared::ByUnit(linked) => linked.warnings(),
        }
    }

    /// What the figures of a place have in common; none where its waves share nothing or nothing was asked.
    pub(crate) fn at(&self, place: &Place) -> Result<Option<PlaceOverlap>, Refusal> {
        let shares = |&(a, b): &(usize, usize)| self.sharing.of(a, b) != Sharing::Independent;
        let pairs: Vec<(usize, usize)> = place.pairs.iter().copied().filter(shares).collect();
        if pairs.is_empty() {
            return Ok(None);
        }
        let within = Place { pairs, run: place.run.clone(), ..*place };
        let levels = match self.shared.as_ref() {
            Shared::ByCell(returning) => returning.at(&self.sides, &within),
            Shared::ByUnit(linked) => linked.at(&self.sides, &within)?,
        };
        let Place { pairs, run, .. } = within;
        Ok(levels.map(|levels| PlaceOverlap { pairs, run, levels }))
    }
}

impl WavesSharing {
    fn of(&self, earlier: usize, later: usize) -> Sharing {
        self.of[earlier * self.waves + later]
    }

    /// The most that any two of these waves share.
    pub(crate) fn most(&self, waves: &[usize]) -> Sharing {
        let later = |(k, &first): (usize, &usize)| {
            waves[k + 1..].iter().map(move |&second| self.of(first, second))
        };
        waves.iter().enumerate().flat_map(later).max().unwrap_or(Sharing::Independent)
    }

    /// What the figures of a level in these waves (two, or those of the trend) have in common.
    pub(crate) fn together(
        &self,
        place: Option<&PlaceOverlap>,
        level: usize,
        waves: &[usize],
    ) -> Together {
        let size = waves.len();
        let Some(place) = place else { return Together::independent(size) };
        let of_level = &place.levels[level];
        let mut correlation = DMatrix::identity(size, size);
        let mut degrees_of_freedom: Option<f64> = None;
        let is_run = waves == place.run;
        for (k, &first) in waves.iter().enumerate() {
            for (l, &second) in waves.iter().enumerate().skip(k + 1) {
                let position = place.pairs.iter().position(|&pair| pair == (first, second));
                let Some(position) = position else { continue };
                let (value, degrees) = of_level.pairs[position];
                correlation[(k, l)] = value;
                correlation[(l, k)] = value;
                if self.of(first, second) == Sharing::Overlapping {
                    let degrees = if is_run { of_level.run_degrees } else { degrees };
                    degrees_of_freedom =
                        Some(degrees_of_freedom.map_or(degrees, |known| known.max(degrees)));
                }
            }
        }
        Together { correlation, degrees_of_freedom }
    }
}
