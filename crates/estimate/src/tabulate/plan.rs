//! What is tabulated: indicators, cuts (the total and the breakdowns) and waves, for one panel or the panels of a group.

use config::monitor::Significance;
use config::{Breakdown, Indicator};
use survey::Wave;
use survey::codebook::Comparability;

use super::{Figure, Series, Verdict};
use crate::settings::{Pair, Settings};

/// The total, or a breakdown with its levels.
#[derive(Clone)]
pub(crate) struct Cut {
    pub name: String,
    pub concept: Option<String>,
    pub levels: Vec<String>,
}

impl Cut {
    fn total() -> Self {
        Self { name: TOTAL.to_owned(), concept: None, levels: vec![TOTAL.to_owned()] }
    }
}

/// One of two figures that are held against each other: in a plan, by position.
#[derive(Clone, Copy)]
pub(crate) struct Side {
    pub indicator: usize,
    pub cut: usize,
    /// None: the level of the difference itself.
    pub level: Option<usize>,
}

/// Everything that is tabulated.
#[derive(Clone)]
pub(crate) struct Plan<'a> {
    pub waves: &'a [Wave],
    pub indicators: Vec<&'a Indicator>,
    pub cuts: Vec<Cut>,
    /// The cuts of each indicator.
    pub cuts_of: Vec<Vec<usize>>,
    /// What each indicator is made of.
    pub concepts: Vec<Vec<&'a str>>,
    /// Of a plan of pairs of indicators: the pair of each indicator.
    pub pairs: Vec<&'a Pair>,
    /// Of a plan of pairs of levels: the levels of each indicator.
    pub levels: Vec<[String; 2]>,
    /// Settings by position of the panel.
    pub panels: &'a [Settings],
}

/// Name of the cut that holds everybody, and of its one level.
pub(crate) const TOTAL: &str = "total";

impl<'a> Plan<'a> {
    /// One panel: all its indicators. A group: what at least two panels (breakdowns: all panels) have.
    pub(crate) fn new(panels: &'a [Settings]) -> Self {
        let first = &panels[0];
        let needed = panels.len().min(2);
        let having = |name: &str| {
            panels
                .iter()
                .filter(|panel| panel.indicators.iter().any(|own| own.indicator == name))
                .count()
        };
        let mut indicators: Vec<&Indicator> = Vec::new();
        for indicator in panels.iter().flat_map(|panel| &panel.indicators) {
            let new = indicators.iter().all(|known| known.indicator != indicator.indicator);
            if new && having(&indicator.indicator) >= needed {
                indicators.push(indicator);
            }
        }
        let everywhere = |breakdown: &&Breakdown| {
            panels.iter().all(|panel| {
                panel.breakdowns.iter().any(|own| own.breakdown == breakdown.breakdown)
            })
        };
        let cut = |breakdown: &Breakdown| Cut {
            name: breakdown.breakdown.clone(),
            concept: Some(breakdown.concept.clone()),
            levels: first.answers[&breakdown.concept].clone(),
        };
        let breakdowns: Vec<&Breakdown> = first.breakdowns.iter().filter(everywhere).collect();
        let cuts = std::iter::once(Cut::total()).chain(breakdowns.iter().copied().map(cut));
        let cuts_of = |indicator: &&Indicator| -> Vec<usize> {
            let made = |breakdown: &Breakdown| {
                let only = &breakdown.indicators;
                only.is_empty() || only.contains(&indicator.indicator)
            };
            let own = breakdowns.iter().enumerate().filter(|(_, breakdown)| made(breakdown));
            std::iter::once(0).chain(own.map(|(place, _)| place + 1)).collect()
        };
        Self {
            waves: &first.waves,
            cuts: cuts.collect(),
            cuts_of: indicators.iter().map(cuts_of).collect(),
            concepts: indicators.iter().map(|own| vec![own.concept.as_str()]).collect(),
            indicators,
            pairs: Vec::new(),
            levels: Vec::new(),
            panels,
        }
    }

    /// The shares of a panel's answers, for everybody.
    pub(crate) fn of_shares(settings: &'a Settings) -> Self {
        let indicators: Vec<&Indicator> = settings.shares.iter().collect();
        Self {
            waves: &settings.waves,
            cuts: vec![Cut::total()],
            cuts_of: vec![vec![0]; indicators.len()],
            concepts: indicators.iter().map(|own| vec![own.concept.as_str()]).collect(),
            indicators,
            pairs: Vec::new(),
            levels: Vec::new(),
            panels: std::slice::from_ref(settings),
        }
    }

    /// The same indicators and cuts for one of the panels alone.
    pub(crate) fn of_panel(&self, panel: usize) -> Plan<'a> {
        Plan { panels: &self.panels[panel..=panel], ..self.clone() }
    }

    /// The pairs of which both indicators are tabulated, each once, with the positions of these: what is taken off first.
    pub(crate) fn pairs_of_indicators(&self) -> Vec<(&'a Pair, [usize; 2])> {
        let position = |name: &str| self.indicators.iter().position(|own| own.indicator == name);
        let mut found: Vec<(&Pair, [usize; 2])> = Vec::new();
        for pair in self.panels.iter().flat_map(|panel| &panel.pairs) {
            let is_new = found.iter().all(|(other, _)| other.key() != pair.key());
            let sides = position(&pair.minus).zip(position(&pair.difference.indicator));
            if let Some((minus, own)) = sides.filter(|_| is_new) {
                found.push((pair, [minus, own]));
            }
        }
        found
    }

    pub(crate) fn significance(&self) -> &Significance {
        &self.panels[0].significance
    }

    pub(crate) fn confidence(&self) -> f64 {
        self.significance().confidence
    }

    /// Indicator, cut and level of every series, in the order of the tables.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        (0..self.indicators.len()).flat_map(move |indicator| {
            self.cuts_of[indicator].iter().flat_map(move |&cut| {
                (0..self.cuts[cut].levels.len()).map(move |level| (indicator, cut, level))
            })
        })
    }

    /// Fills in how each figure compares with the wave before in which it was asked.
    pub(crate) fn judge(&self, all: &mut [Series]) {
        for series in all {
            let mut earlier: Option<usize> = None;
            for at in 0..series.figures.len() {
                if !series.figures[at].as_ref().is_some_and(Figure::is_asked) {
                    continue;
                }
                let (verdict, note) = match earlier {
                    None => (Verdict::First, self.notes(series, at, at)),
                    Some(before) if self.is_broken(series, before, at) => {
                        (Verdict::Break, self.notes(series, before + 1, at))
                    }
                    Some(_) => (Verdict::Comparable, self.notes(series, at, at)),
                };
                if let Some(figure) = &mut series.figures[at] {
                    (figure.verdict, figure.note) = (verdict, note);
                }
                earlier = Some(at);
            }
        }
    }

    /// A series break lies after wave `from` up to wave `to`: of the indicator, of the breakdown, or in who was asked.
    pub(crate) fn is_broken(&self, series: &Series, from: usize, to: usize) -> bool {
        let incompatible = |wave: &Wave| {
            self.items(series, *wave)
                .any(|(_, asked)| asked.comparability == Comparability::Incompatible)
        };
        let panels = |at: usize| series.figures[at].as_ref().map(|figure| &figure.panels);
        panels(from) != panels(to) || self.waves[from + 1..=to].iter().any(incompatible)
    }

    /// How the panels asked what a series is made of, in one wave.
    fn items(
        &self,
        series: &Series,
        wave: Wave,
    ) -> impl Iterator<Item = (usize, &'a crate::settings::Asked)> + '_ {
        let mut concepts: Vec<String> =
            self.concepts[series.indicator].iter().map(|concept| (*concept).to_owned()).collect();
        concepts.extend(self.cuts[series.cut].concept.clone());
        self.panels.iter().enumerate().flat_map(move |(position, panel)| {
            let of = |concept: &String| {
                panel.comparability.get(concept).and_then(|waves| waves.get(&wave))
            };
            concepts.iter().filter_map(of).map(|asked| (position, asked)).collect::<Vec<_>>()
        })
    }

    fn notes(&self, series: &Series, from: usize, to: usize) -> String {
        let mut notes: Vec<String> = Vec::new();
        let panels = |at: usize| series.figures[at].as_ref().map(|figure| &figure.panels);
        if let (Some(before), Some(now)) = (from.checked_sub(1).and_then(panels), panels(to))
            && from <= to
            && before != now
        {
            let names: Vec<&str> =
                now.iter().map(|&panel| self.panels[panel].panel.as_str()).collect();
            notes.push(format!("asked of {}", names.join(", ")));
        }
        for &wave in &self.waves[from..=to] {
            for (_, asked) in self.items(series, wave) {
                if !asked.note.is_empty() && !notes.contains(&asked.note) {
                    notes.push(asked.note.clone());
                }
            }
        }
        notes.join("; ")
    }
}
