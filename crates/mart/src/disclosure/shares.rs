//! The shares of the answers to a question: cells of their own, which bind one another and the indicators that count some of
//! these answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use config::{Answer, Indicator, IndicatorKind};

use super::block::{Equation, Interval, Kind};
use super::cells::{Exact, Place, TOTAL};
use super::estimate::Row;
use super::narrow::Told;
use super::public::Decided;
use super::rounding::base;
use super::rule::{Verdict, thresholds};
use crate::error::Error;
use crate::names::{answer, outcome};
use crate::table::{Columns, text};

/// The questions of which the shares of all answers are published.
#[derive(Default)]
pub struct Questions<'a> {
    /// By the name of the share.
    answers: BTreeMap<&'a str, &'a Answer>,
    /// Indicators that count answers among everybody with one, by name.
    counting: BTreeMap<&'a str, &'a Indicator>,
}

/// Cells of which the figures bind one another: those of a question, or of an indicator alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family<'a> {
    Question(&'a str),
    Indicator(&'a str),
}

/// The shares of a question in one panel and wave, by position, and the indicators that count some of them.
pub struct Distribution {
    pub shares: Vec<usize>,
    /// Position of an indicator's total, and of the shares that it counts.
    pub counting: Vec<(usize, Vec<usize>)>,
}

impl<'a> Questions<'a> {
    pub fn new(answers: &'a [Answer], indicators: &'a [Indicator]) -> Self {
        let asked: BTreeSet<&str> = answers.iter().map(|answer| answer.concept.as_str()).collect();
        let counts = |indicator: &&Indicator| {
            indicator.kind == IndicatorKind::Proportion
                && indicator.base.is_empty()
                && asked.contains(indicator.concept.as_str())
        };
        let counting = indicators.iter().filter(counts);
        Self {
            answers: answers.iter().map(|own| (own.share.indicator.as_str(), own)).collect(),
            counting: counting.map(|own| (own.indicator.as_str(), own)).collect(),
        }
    }

    /// The answer of which this is the share.
    pub fn answer(&self, name: &str) -> Option<&'a Answer> {
        self.answers.get(name).copied()
    }

    pub fn family<'n>(&self, indicator: &'n str) -> Family<'n>
    where
        'a: 'n,
    {
        let question = self.answer(indicator).map(|answer| answer.concept.as_str());
        let counted = || self.counting.get(indicator).map(|known| known.concept.as_str());
        question.or_else(counted).map_or(Family::Indicator(indicator), Family::Question)
    }

    /// The distributions among these cells.
    pub fn distributions(
        &self,
        cells: &[Exact],
        members: impl Iterator<Item = usize>,
    ) -> Vec<Distribution> {
        let mut shares: BTreeMap<(&str, &str, i32), Vec<usize>> = BTreeMap::new();
        let mut totals: BTreeMap<(&str, &str, i32), Vec<usize>> = BTreeMap::new();
        for at in members {
            let place = &cells[at].place;
            if place.breakdown != TOTAL || !cells[at].facts.value.is_finite() {
                continue;
            }
            let key = |concept: &'a str| (concept, place.panel.as_str(), place.wave);
            if let Some(answer) = self.answer(&place.indicator) {
                shares.entry(key(&answer.concept)).or_default().push(at);
            } else if let Some(own) = self.counting.get(place.indicator.as_str()) {
                totals.entry(key(&own.concept)).or_default().push(at);
            }
        }
        let of = |(key, shares): ((&str, &str, i32), Vec<usize>)| {
            let counted = |&total: &usize| {
                let codes = &self.counting[cells[total].place.indicator.as_str()].codes;
                let is_counted = |&share: &usize| {
                    let answer = self.answer(&cells[share].place.indicator);
                    answer.is_some_and(|answer| codes.contains(&answer.code))
                };
                // Made of the same people; where not, the indicator was not made in this wave or panel as it is now.
                let is_same = cells[total].facts.respondents == cells[shares[0]].facts.respondents;
                is_same.then(|| (total, shares.iter().copied().filter(is_counted).collect()))
            };
            let counting = totals.get(&key).into_iter().flatten().filter_map(counted).collect();
            Distribution { shares, counting }
        };
        shares.into_iter().map(of).collect()
    }
}

impl Distribution {
    /// What the figures sum to, `position` in their block; `everybody` is the whole of all answers.
    pub fn equations(&self, position: &BTreeMap<usize, usize>, everybody: usize) -> Vec<Equation> {
        let equation = |whole: usize, parts: &[usize]| Equation {
            kind: Kind::Answers,
            whole,
            parts: parts.iter().map(|part| position[part]).collect(),
            slack: Interval::point(0.0),
        };
        let all = equation(everybody, &self.shares);
        let counted = self.counting.iter().map(|(total, parts)| equation(position[total], parts));
        std::iter::once(all).chain(counted).collect()
    }

    /// The same for what is told of the figures, wherever they stand.
    pub fn told(&self) -> impl Iterator<Item = Told> {
        let ones = |parts: &[usize]| parts.iter().map(|&part| (part, 1.0)).collect::<Vec<_>>();
        let all = Told { terms: ones(&self.shares), sum: Interval::point(1.0) };
        let counted = self.counting.iter().map(move |(total, parts)| {
            let mut terms = ones(parts);
            terms.push((*total, -1.0));
            Told { terms, sum: Interval::point(0.0) }
        });
        std::iter::once(all).chain(counted)
    }
}

/// The exact table of answers with their shares as indicators, of everybody.
pub fn with_indicator(table: &RecordBatch) -> Result<RecordBatch, Error> {
    let (concept, code) = (text(table, "concept")?, text(table, "code")?);
    let names = (0..table.num_rows()).map(|row| Answer::name(concept.value(row), code.value(row)));
    let names: ArrayRef = Arc::new(StringArray::from_iter_values(names));
    let totals: ArrayRef = Arc::new(StringArray::from(vec![TOTAL; table.num_rows()]));
    let table = with_column(table, "indicator", names)?;
    let table = with_column(&table, "breakdown", Arc::clone(&totals))?;
    with_column(&table, "level", totals)
}

fn with_column(table: &RecordBatch, name: &str, array: ArrayRef) -> Result<RecordBatch, Error> {
    let mut columns: Vec<(&str, ArrayRef)> = Vec::new();
    let schema = table.schema();
    for (field, array) in schema.fields().iter().zip(table.columns()) {
        if field.name() != name {
            columns.push((field.name(), Arc::clone(array)));
        }
    }
    columns.push((name, array));
    let nullable = columns.into_iter().map(|(name, array)| (name, array, true));
    Ok(RecordBatch::try_from_iter_with_nullable(nullable)?)
}

/// The exact shares with concept, code and the key of both in the place of an indicator's cell.
pub fn with_answers(table: &RecordBatch, questions: &Questions<'_>) -> Result<RecordBatch, Error> {
    let names = text(table, "indicator")?;
    let of = |part: fn(&Answer) -> String| -> ArrayRef {
        let value = |name: Option<&str>| {
            let answer = questions.answer(name.unwrap_or_default());
            answer.map_or_else(String::new, part)
        };
        Arc::new(StringArray::from_iter_values(names.iter().map(value)))
    };
    let table = with_column(table, "concept", of(|answer| answer.concept.clone()))?;
    let table = with_column(&table, "code", of(|answer| answer.code.clone()))?;
    let table = with_column(&table, "answer", of(|own| answer(&own.concept, &own.code)))?;
    let schema = table.schema();
    let is_kept = |place: &usize| {
        !["indicator", "breakdown", "level"].contains(&schema.field(*place).name().as_str())
    };
    let kept: Vec<usize> = (0..table.num_columns()).filter(is_kept).collect();
    Ok(table.project(&kept)?)
}

impl Decided<'_> {
    /// The mart `answer_distribution`.
    pub fn distribution(&self) -> Result<RecordBatch, Error> {
        let rows = self.rows(|indicator| self.rules.questions.answer(indicator).is_some());
        let answers: Vec<&Answer> = rows
            .iter()
            .filter_map(|row| self.rules.questions.answer(&row.series.place.indicator))
            .collect();
        let figure = |of: &dyn Fn(&Exact) -> Option<f64>| self.figures(&rows, of);
        let hides_base = self.hidden_bases();
        let count = |row: &Row<'_>| {
            let (cell, verdict) = row.cell?;
            let place = &cell.place;
            let question = self.rules.questions.family(&place.indicator);
            let few = thresholds(self.rules.settings).base;
            let is_told = match verdict {
                verdict if verdict == Verdict::NotAsked || verdict.is_withheld() => false,
                Verdict::NoAnswers => true,
                _ => {
                    cell.facts.respondents >= few
                        && !hides_base.contains(&(question, place.panel.as_str(), place.wave))
                }
            };
            is_told.then(|| base(cell.facts.respondents, self.rules.shown_multiple()))
        };
        let columns = Columns::default()
            .text("concept", answers.iter().map(|own| own.concept.as_str()))
            .text("code", answers.iter().map(|own| own.code.as_str()))
            .texts("answer", answers.iter().map(|own| answer(&own.concept, &own.code)))
            .text("panel", rows.iter().map(|row| row.series.place.panel.as_str()))
            .small("wave", rows.iter().map(|row| row.wave))
            .maybe_count("n", rows.iter().map(count))
            .numbers("percent", figure(&|cell| Some(cell.facts.value)))
            .numbers("ci_lower", figure(&|cell| Some(cell.facts.interval?.0)))
            .numbers("ci_upper", figure(&|cell| Some(cell.facts.interval?.1)));
        let said = |row: &Row<'_>| row.said();
        columns
            .texts("outcome", rows.iter().map(|row| outcome(said(row).0, said(row).1)))
            .text("status", rows.iter().map(|row| said(row).0))
            .maybe_text(
                "reason",
                rows.iter().map(|row| Some(said(row).1).filter(|reason| !reason.is_empty())),
            )
            .text("comparability", rows.iter().map(Row::comparability))
            .maybe_text("comparability_note", rows.iter().map(Row::note))
            .small("segment", rows.iter().map(|row| row.segment))
            .build()
    }

    /// Question, panel and wave of the totals that are withheld: with them their base is, and so is that of the shares.
    fn hidden_bases(&self) -> BTreeSet<(Family<'_>, &str, i32)> {
        let questions = &self.rules.questions;
        let is_hidden = |(cell, verdict): &(&Exact, &Verdict)| {
            let Place { indicator, breakdown, .. } = &cell.place;
            verdict.is_withheld() && breakdown == TOTAL && questions.answer(indicator).is_none()
        };
        let hidden = self.cells.iter().zip(self.verdicts).filter(is_hidden);
        let hidden = hidden.map(|(cell, _)| {
            let Place { indicator, panel, wave, .. } = &cell.place;
            (questions.family(indicator), panel.as_str(), *wave)
        });
        hidden.collect()
    }
}
