//! The mart `estimate`: rounded figures of the cells that are shown, and a row for every wave of a series, asked or not.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;

use super::cells::{Exact, Place};
use super::public::Decided;
use super::rounding::base;
use super::rule::Verdict;
use crate::error::Error;
use crate::names::outcome;
use crate::table::Columns;

/// A cell in one wave; none where the question did not exist in it.
pub struct Row<'a> {
    pub series: &'a Exact,
    pub wave: i32,
    pub cell: Option<(&'a Exact, Verdict)>,
    pub segment: i32,
}

impl<'a> Row<'a> {
    pub fn comparability(&self) -> &'a str {
        self.cell.map_or("not_asked", |(cell, _)| cell.comparability.as_str())
    }

    /// Status and reason, for everybody.
    pub fn said(&self) -> (&'static str, &'static str) {
        self.cell.map_or(Verdict::NotAsked, |(_, verdict)| verdict).public_names()
    }

    pub fn note(&self) -> Option<&'a str> {
        let (cell, _) = self.cell?;
        Some(cell.note.as_str()).filter(|note| !note.is_empty())
    }
}

impl Decided<'_> {
    /// The mart `estimate`.
    pub fn estimate(&self) -> Result<RecordBatch, Error> {
        let rows = self.rows(|indicator| self.rules.questions.answer(indicator).is_none());
        let name = |of: fn(&Place) -> &str| rows.iter().map(move |row| of(&row.series.place));
        let figure = |of: &dyn Fn(&Exact) -> Option<f64>| self.figures(&rows, of);
        let band = |row: &Row<'_>| {
            let (cell, verdict) = row.cell?;
            self.rules.band(cell).filter(|_| verdict.is_shown())
        };
        let said = |row: &Row<'_>| row.said();
        let reason = |row: &Row<'_>| Some(said(row).1).filter(|reason| !reason.is_empty());
        Columns::default()
            .text("indicator", name(|place| &place.indicator))
            .text("panel", name(|place| &place.panel))
            .small("wave", rows.iter().map(|row| row.wave))
            .text("breakdown", name(|place| &place.breakdown))
            .text("level", name(|place| &place.level))
            .texts("cell", rows.iter().map(|row| row.series.place.cell()))
            .maybe_count("n", rows.iter().map(|row| self.respondents(row)))
            .numbers("estimate", figure(&|cell| Some(cell.facts.value)))
            .numbers("ci_lower", figure(&|cell| Some(cell.facts.interval?.0)))
            .numbers("ci_upper", figure(&|cell| Some(cell.facts.interval?.1)))
            .maybe_text("band", rows.iter().map(band))
            .texts("outcome", rows.iter().map(|row| outcome(said(row).0, said(row).1)))
            .text("status", rows.iter().map(|row| said(row).0))
            .maybe_text("reason", rows.iter().map(reason))
            .text("comparability", rows.iter().map(Row::comparability))
            .maybe_text("comparability_note", rows.iter().map(Row::note))
            .small("segment", rows.iter().map(|row| row.segment))
            .build()
    }

    /// The rounded base of what is shown.
    fn respondents(&self, row: &Row<'_>) -> Option<u64> {
        let (cell, verdict) = row.cell?;
        let counts = verdict.is_shown() || matches!(verdict, Verdict::Counted);
        match verdict {
            Verdict::NoAnswers => (cell.facts.respondents == 0).then_some(0),
            _ => counts.then(|| base(cell.facts.respondents, self.rules.shown_multiple())),
        }
    }

    /// Rounded figures of the rows that are shown.
    pub fn figures(
        &self,
        rows: &[Row<'_>],
        of: &dyn Fn(&Exact) -> Option<f64>,
    ) -> Vec<Option<f64>> {
        let shown = |row: &Row<'_>| {
            let (cell, verdict) = row.cell?;
            let exact = of(cell).filter(|_| verdict.is_shown())?;
            self.rounded(&cell.place.indicator, exact)
        };
        rows.iter().map(shown).collect()
    }

    /// Every series of some indicators in every wave, in the order of the key.
    pub fn rows(&self, takes: impl Fn(&str) -> bool) -> Vec<Row<'_>> {
        let waves: BTreeSet<i32> = self.cells.iter().map(|cell| cell.place.wave).collect();
        let mut all: BTreeMap<[&str; 4], BTreeMap<i32, usize>> = BTreeMap::new();
        let taken = self.cells.iter().enumerate().filter(|(_, cell)| takes(&cell.place.indicator));
        for (at, Exact { place, .. }) in taken {
            let series = [&place.indicator, &place.panel, &place.breakdown, &place.level];
            all.entry(series.map(String::as_str)).or_default().insert(place.wave, at);
        }
        let mut rows: Vec<Row<'_>> = Vec::with_capacity(all.len() * waves.len());
        for own in all.values() {
            let Some(&any) = own.values().next() else { continue };
            let mut segment = 1;
            for &wave in &waves {
                let cell = own.get(&wave).map(|&at| (&self.cells[at], self.verdicts[at]));
                segment += i32::from(cell.is_some_and(|(cell, _)| cell.comparability == "break"));
                rows.push(Row { series: &self.cells[any], wave, cell, segment });
            }
        }
        rows.sort_by_key(|row| {
            let place = &row.series.place;
            (&place.indicator, &place.panel, row.wave, &place.breakdown, &place.level)
        });
        rows
    }
}
