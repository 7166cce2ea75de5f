//! One table of a panel as a plain value: what stands in which row and column.

use super::columns::{self, Column};
use super::dimensions::{Concept, Dimensions, Indicator, Panel};
use super::facts::{Cell, Facts, Figure, Series};
use super::letters::Letters;
use super::marks;
use super::series::{self, Said};
use crate::release::Text;
use crate::words::Words;

/// What a cell of the sheet holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Number(f64),
    /// A mark in place of a figure.
    Mark(&'static str),
    Text(String),
}

/// Which part of a figure a row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Figure,
    Bound,
    Letters,
    Change,
    Base,
}

pub struct Row {
    pub label: String,
    pub statistic: String,
    pub part: Part,
    pub decimals: i32,
    /// Whether a new answer begins.
    pub is_first: bool,
    pub values: Vec<Value>,
}

pub struct Table {
    pub title: String,
    pub theme: Text,
    pub question: Option<Text>,
    /// The wave of the total and of the breakdowns: the last one in which it was asked.
    pub wave: i64,
    pub series: Vec<Said>,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

/// What a table of a panel is made from.
pub struct Source<'a> {
    pub facts: &'a Facts,
    pub dimensions: &'a Dimensions,
    pub panel: &'a Panel,
    pub letters: &'a Letters,
    pub words: &'a Words,
}

/// A thing with a figure in each column.
struct Block<'a> {
    label: String,
    figures: Vec<Option<&'a Figure>>,
    is_mean: bool,
    decimals: i32,
    /// Whether it was tested: a published figure.
    is_published: bool,
}

impl Source<'_> {
    /// The table of a concept; none where it was never asked of the panel.
    pub fn table(&self, concept: &Concept) -> Option<Table> {
        let indicators = self.indicators(concept);
        let wave = indicators.iter().filter_map(|(_, series)| series::last_asked(series)).max()?;
        let columns = columns::of(self, wave, &indicators);
        let blocks = self.blocks(concept, &indicators, &columns);
        let key = |key: &Text| (key.clone(), self.panel.key.clone(), wave);
        let questions = &self.dimensions.questions;
        let question = questions.get(&key(&concept.key)).or_else(|| {
            indicators.iter().find_map(|(indicator, _)| questions.get(&key(&indicator.key)))
        });
        Some(Table {
            title: concept.label.to_string(),
            theme: concept.theme.clone(),
            question: question.cloned(),
            wave,
            series: series::said(&indicators),
            rows: self.rows(&blocks, &columns),
            columns,
        })
    }

    /// The indicators of a concept that have figures in this panel.
    pub fn indicators(&self, concept: &Concept) -> Vec<(&Indicator, &Series)> {
        let all = self.dimensions.indicators.iter();
        let of_concept = all.filter(|indicator| indicator.concept == concept.key);
        of_concept
            .filter_map(|indicator| {
                let key = (indicator.key.clone(), self.panel.key.clone());
                Some((indicator, self.facts.figures.get(&key)?))
            })
            .collect()
    }

    /// Every answer where the release tells them, then the figures that are more than one answer.
    fn blocks<'a>(
        &'a self,
        concept: &Concept,
        indicators: &[(&'a Indicator, &'a Series)],
        columns: &[Column],
    ) -> Vec<Block<'a>> {
        let pick = |series: &'a Series| -> Vec<Option<&'a Figure>> {
            columns.iter().map(|column| series.get(&(column.wave, column.cell.clone()))).collect()
        };
        let of_indicator = |label: String, indicator: &Indicator, series: &'a Series| Block {
            label,
            figures: pick(series),
            is_mean: indicator.is_mean,
            decimals: indicator.decimals,
            is_published: true,
        };
        let mut blocks = Vec::new();
        let mut told: Vec<&Text> = Vec::new();
        let answers = self.facts.answers.get(&(concept.key.clone(), self.panel.key.clone()));
        for (code, series) in answers.into_iter().flat_map(|answers| ordered(concept, answers)) {
            let label = concept.answers.iter().find(|(known, _)| known == code);
            let label = label.map_or(code, |(_, label)| label).to_string();
            let only = indicators.iter().find(|(it, _)| it.only_answer() == Some(code));
            blocks.push(if let Some((indicator, series)) = only {
                told.push(&indicator.key);
                of_indicator(label, indicator, series)
            } else {
                let decimals = indicators.first().map_or(0, |(it, _)| it.decimals);
                Block {
                    label,
                    figures: pick(series),
                    is_mean: false,
                    decimals,
                    is_published: false,
                }
            });
        }
        for (indicator, series) in indicators {
            if told.contains(&&indicator.key) {
                continue;
            }
            let is_net = !blocks.is_empty() && !indicator.is_mean;
            let label = if is_net {
                format!("{}: {}", self.words.statistic.net, indicator.label)
            } else {
                indicator.label.to_string()
            };
            blocks.push(of_indicator(label, indicator, series));
        }
        blocks
    }

    fn rows(&self, blocks: &[Block<'_>], columns: &[Column]) -> Vec<Row> {
        let base = |block: &Block<'_>| {
            block.figures.iter().map(|figure| figure.and_then(|it| it.n)).collect::<Vec<_>>()
        };
        let known = |block: &Block<'_>| base(block).iter().flatten().count();
        // Of answers only the whole panel has figures, of indicators the groups too.
        let fullest = blocks.iter().rev().max_by_key(|block| known(block));
        let Some(fullest) = fullest else { return Vec::new() };
        let is_other = |(own, shared): (Option<f64>, Option<f64>)| own.is_some() && own != shared;
        let mut rows = Vec::new();
        for block in blocks {
            rows.extend(self.block(block, columns));
            // A base of its own.
            if base(block).into_iter().zip(base(fullest)).any(is_other) {
                rows.extend(self.bases(&block.label, &block.figures, columns));
            }
        }
        let label = self.words.statistic.base.clone();
        let start = rows.len();
        rows.extend(self.bases(&label, &fullest.figures, columns));
        rows[start].is_first = true;
        rows
    }

    fn block(&self, block: &Block<'_>, columns: &[Column]) -> Vec<Row> {
        let words = &self.words.statistic;
        let statistic = if block.is_mean { &words.mean } else { &words.percent };
        let number = |pick: fn(&Figure) -> Option<f64>| numbers(&block.figures, columns, pick);
        let row = |statistic: &str, part, values| Row {
            label: block.label.clone(),
            statistic: statistic.to_owned(),
            part,
            decimals: block.decimals,
            is_first: part == Part::Figure,
            values,
        };
        let mut rows = vec![
            row(statistic, Part::Figure, number(|figure| figure.value)),
            row(&words.low, Part::Bound, number(|figure| figure.low)),
            row(&words.high, Part::Bound, number(|figure| figure.high)),
        ];
        if block.is_published {
            let pairs = || block.figures.iter().zip(columns);
            let letters = pairs().map(|(figure, column)| self.higher_than(*figure, column));
            rows.push(row(&words.higher, Part::Letters, letters.collect()));
            let changes = pairs().map(|(figure, column)| change(*figure, column));
            rows.push(row(&words.change, Part::Change, changes.collect()));
        }
        rows
    }

    fn bases(&self, label: &str, figures: &[Option<&Figure>], columns: &[Column]) -> Vec<Row> {
        let words = &self.words.statistic;
        let row = |statistic: &str, decimals, pick: fn(&Figure) -> Option<f64>| Row {
            label: label.to_owned(),
            statistic: statistic.to_owned(),
            part: Part::Base,
            decimals,
            is_first: false,
            values: numbers(figures, columns, pick),
        };
        if self.facts.is_restricted {
            vec![
                row(&words.n, 0, |figure| figure.n),
                row(&words.weighted, 1, |figure| figure.weighted),
                row(&words.effective, 1, |figure| figure.effective),
            ]
        } else {
            vec![row(&words.n_rounded, 0, |figure| figure.n)]
        }
    }

    fn higher_than(&self, figure: Option<&Figure>, column: &Column) -> Value {
        let is_total = column.cell == Cell::total();
        let Some(figure) = figure.filter(|figure| figure.value.is_some()) else {
            return Value::Mark(marks::missing(figure, is_total));
        };
        if !figure.is_compared {
            return Value::Mark(marks::NOT_APPLICABLE);
        }
        let lower = self.letters.of(&column.cell.breakdown, &figure.lower, self.dimensions);
        if lower.is_empty() { Value::Mark(marks::NONE_LOWER) } else { Value::Text(lower) }
    }
}

/// The answers of a distribution in the order in which they were offered; what has no place comes last.
fn ordered<'a>(
    concept: &Concept,
    answers: &'a std::collections::BTreeMap<Text, Series>,
) -> Vec<(&'a Text, &'a Series)> {
    let mut found: Vec<(&Text, &Series)> = answers.iter().collect();
    let place = |code: &Text| {
        concept.answers.iter().position(|(known, _)| known == code).unwrap_or(usize::MAX)
    };
    found.sort_by_key(|(code, _)| place(code));
    found
}

fn numbers(
    figures: &[Option<&Figure>],
    columns: &[Column],
    pick: fn(&Figure) -> Option<f64>,
) -> Vec<Value> {
    let value = |(figure, column): (Option<&Figure>, &Column)| match figure.and_then(pick) {
        // Without the sign of a negative zero.
        Some(number) => Value::Number(number + 0.0),
        None => Value::Mark(marks::missing(figure, column.cell == Cell::total())),
    };
    figures.iter().copied().zip(columns).map(value).collect()
}

fn change(figure: Option<&Figure>, column: &Column) -> Value {
    match figure {
        Some(figure) if figure.value.is_some() => Value::Mark(marks::change(figure)),
        _ => Value::Mark(marks::missing(figure, column.cell == Cell::total())),
    }
}
