//! What earlier releases told of the cells: whoever holds them knows it still.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::RecordBatch;
use config::monitor::{Disclosure, Gap};

use super::block::Interval;
use super::cells::{self, Exact, Place};
use super::protect::{Published, Rules, told};
use super::public::{Compare, differences};
use super::rounding::base_told;
use super::rule::{Verdict, thresholds};
use super::shares::with_indicator;
use crate::error::Error;
use crate::manifest::Manifest;
use crate::parquet_file;
use crate::table::{small, text};

/// The exact cells of a release, where its truth can still be read.
pub const EXACT: &str = "restricted/estimate_exact.parquet";

/// Earlier releases that somebody may hold beside the next one.
#[derive(Debug, Default, Clone)]
pub struct Before {
    releases: Vec<Earlier>,
}

#[derive(Debug, Clone)]
struct Earlier {
    settings: Disclosure,
    cells: Vec<Exact>,
    verdicts: Vec<Verdict>,
    differences: Vec<Published>,
    /// It told of all that the next one tells of.
    is_like_the_next: bool,
}

impl Before {
    /// Adds the release in this folder; one of before the exact tables says nothing.
    pub fn read(&mut self, release: &Path, gaps: &[Gap]) -> Result<(), Error> {
        if !release.join(EXACT).is_file() {
            return Ok(());
        }
        let read = |name: &str| parquet_file::read(&release.join(name));
        let optional = |mart: &str| {
            let path = release.join(format!("restricted/{mart}.parquet"));
            path.is_file().then(|| parquet_file::read(&path)).transpose()
        };
        let mut cells = cells::read(&read(EXACT)?)?;
        cells.extend(cells::unknown(&cells));
        let mut said = reasons(&[&read("public/estimate.parquet")?, &read(EXACT)?])?;
        let shares = optional("answer_distribution_exact")?;
        if let Some(shares) = &shares {
            let shares = with_indicator(shares)?;
            cells.extend(cells::read(&shares)?);
            said.extend(reasons(&[&shares])?);
        }
        let verdict = |cell: &Exact| match said.get(&cell.place) {
            Some((status, reason)) => Verdict::named(status, reason),
            None => Verdict::NotAsked,
        };
        let verdicts = cells.iter().map(verdict).collect();
        let compared =
            [read("restricted/change_exact.parquet")?, read("restricted/contrast_exact.parquet")?];
        let between = optional("panel_contrast_exact")?;
        let gap = optional("gap_exact")?;
        let changes = [optional("gap_change_exact")?, optional("contrast_change_exact")?];
        let may_lack = [&between, &gap, &changes[0], &changes[1], &shares];
        let is_like_the_next = may_lack.iter().all(|table| table.is_some());
        let changes: Vec<&RecordBatch> = changes.iter().flatten().collect();
        let compare = Compare {
            change: &compared[0],
            contrast: &compared[1],
            between_panels: between.as_ref(),
            gap: gap.as_ref(),
            changes_of_differences: &changes,
        };
        let differences = differences(&cells, &compare, gaps)?;
        let settings = Manifest::read(release)?.disclosure;
        self.releases.push(Earlier { settings, cells, verdicts, differences, is_like_the_next });
        Ok(())
    }

    /// What all of them tell of the cells of the next release.
    pub fn known(&self, now: &[Exact], rules: &Rules<'_>) -> Known {
        let positions: BTreeMap<&Place, usize> =
            now.iter().enumerate().map(|(at, cell)| (&cell.place, at)).collect();
        let mut known = Known { cells: vec![Told::default(); now.len()], verdicts: None };
        for release in &self.releases {
            let told = told(&release.cells, &release.verdicts, &release.differences, rules);
            for ((cell, verdict), told) in release.cells.iter().zip(&release.verdicts).zip(told) {
                if let Some(&at) = positions.get(&cell.place) {
                    known.cells[at].add(cell, *verdict, told, &now[at], rules);
                }
            }
            known.verdicts = known.verdicts.or_else(|| release.verdicts_on(now, &positions, rules));
        }
        known
    }
}

impl Earlier {
    /// Its verdicts, where it is a release of the very same figures under the same settings.
    fn verdicts_on(
        &self,
        now: &[Exact],
        positions: &BTreeMap<&Place, usize>,
        rules: &Rules<'_>,
    ) -> Option<Vec<Verdict>> {
        if !self.is_like_the_next
            || self.cells.len() != now.len()
            || self.settings != *rules.settings
        {
            return None;
        }
        let mut verdicts = vec![None; now.len()];
        for (cell, verdict) in self.cells.iter().zip(&self.verdicts) {
            let at = *positions.get(&cell.place)?;
            if !cell.is_same(&now[at]) {
                return None;
            }
            verdicts[at] = Some(*verdict);
        }
        verdicts.into_iter().collect()
    }
}

/// What earlier releases told, cell by cell in the order of the next release.
#[derive(Default)]
pub struct Known {
    cells: Vec<Told>,
    /// What a release of the very same figures decided.
    pub verdicts: Option<Vec<Verdict>>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Told {
    base: Option<Interval>,
    figure: Option<Interval>,
    was_hidden: bool,
}

impl Known {
    /// Respondents and value of a cell.
    pub fn of(&self, at: usize) -> (Option<Interval>, Option<Interval>) {
        self.cells.get(at).map_or((None, None), |told| (told.base, told.figure))
    }

    /// It was hidden to protect others.
    pub fn was_hidden(&self, at: usize) -> bool {
        self.cells.get(at).is_some_and(|told| told.was_hidden)
    }
}

impl Told {
    fn add(
        &mut self,
        before: &Exact,
        verdict: Verdict,
        told: Interval,
        now: &Exact,
        rules: &Rules<'_>,
    ) {
        let (was, is) = (&before.facts, &now.facts);
        // A release tells of those whom it counted: as far as the cell has changed, it tells less of the next.
        let around = |told: Interval, truth: f64| Interval {
            low: told.low.min(truth),
            high: told.high.max(truth),
        };
        let with = |own: &mut Option<Interval>, told: Interval| {
            *own = Some(own.map_or(told, |own| own.and(told)));
        };
        if verdict.is_shown() || verdict == Verdict::Counted {
            let told = base_told(was.respondents, rules.multiple());
            with(&mut self.base, around(told, is.respondents as f64));
        }
        if verdict.is_shown() && is.value.is_finite() {
            with(&mut self.figure, around(told, is.value));
        }
        let small = thresholds(rules.settings).is_confidential(was.respondents, was.yes);
        self.was_hidden |=
            verdict == Verdict::Secondary || (verdict == Verdict::Confidential && !small);
    }
}

/// Status and reason of every cell; where two tables speak of one, the later has the word.
fn reasons(tables: &[&RecordBatch]) -> Result<BTreeMap<Place, (String, String)>, Error> {
    let mut all = BTreeMap::new();
    for table in tables {
        let names = ["indicator", "panel", "breakdown", "level", "status", "reason"];
        let [indicator, panel, breakdown, level, status, reason] =
            names.map(|name| text(table, name));
        let (indicator, panel, breakdown, level) = (indicator?, panel?, breakdown?, level?);
        let (status, reason, wave) = (status?, reason?, small(table, "wave")?);
        for row in 0..table.num_rows() {
            let place = Place {
                indicator: indicator.value(row).to_owned(),
                panel: panel.value(row).to_owned(),
                wave: wave.value(row),
                breakdown: breakdown.value(row).to_owned(),
                level: level.value(row).to_owned(),
            };
            let said = (status.value(row).to_owned(), reason.value(row).to_owned());
            all.insert(place, said);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::super::claims::{exact, settings};
    use super::super::shares::Questions;
    use super::*;

    #[test]
    fn what_was_hidden_for_others_stays_hidden_and_what_was_shown_is_known() {
        let (settings, groups) = (settings("minimum_base_confidential = 10"), BTreeMap::new());
        let rules = Rules {
            settings: &settings,
            groups: &groups,
            indicators: BTreeMap::new(),
            bands: &[],
            questions: Questions::default(),
            known: Known::default(),
        };
        let many = || exact("sex", "f", (60, Some(32)), 110.0, 0.5);
        let few = || exact("sex", "x", (6, Some(3)), 11.0, 0.5);
        let interval = Interval { low: 0.49, high: 0.51 };
        let after = |cell: &Exact, verdict: Verdict| {
            let mut told = Told::default();
            told.add(cell, verdict, interval, cell, &rules);
            told
        };
        let shown = after(&many(), Verdict::Published);
        assert!(!shown.was_hidden && shown.figure == Some(interval));
        assert!(shown.base.is_some_and(|base| base.holds(60.0)));
        let hidden = after(&many(), Verdict::Secondary);
        assert!(hidden.was_hidden && hidden.figure.is_none() && hidden.base.is_none());
        // Confidential though it is no small group: it was a secret for others.
        assert!(after(&many(), Verdict::Confidential).was_hidden);
        assert!(!after(&few(), Verdict::Confidential).was_hidden);
        assert!(!after(&many(), Verdict::Unreliable).was_hidden);
    }
}
