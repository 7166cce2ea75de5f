//! config/indicators.csv and config/breakdowns.csv: which answers of which concept make a figure, for whom it is shown apart.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use survey::codebook::Codebook;
use survey::{Labels, Line, Wave};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorKind {
    /// Share of the base with one of the codes.
    Proportion,
    /// Mean of a number.
    Mean,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    pub indicator: String,
    /// F1–F10 of the publication, joined by `|`.
    pub figures: Vec<String>,
    pub concept: String,
    pub kind: IndicatorKind,
    /// Codes that count as yes; empty for a mean.
    pub codes: Vec<String>,
    /// SQL condition in concept names: who is in the base; empty for all with an answer.
    #[serde(serialize_with = "survey::sql_text::serialize")]
    pub base: String,
    pub panels: Vec<String>,
    /// None: from the first wave on.
    pub first_wave: Option<Wave>,
    /// None: up to the last wave, whichever it will be.
    pub last_wave: Option<Wave>,
    /// percent or score: the unit in which it is published.
    pub unit: String,
    pub decimals: u32,
    /// In charts, as `#1f6f8b`; none: one of the palette.
    pub colour: Option<String>,
    pub label: Labels,
    pub line: Line,
}

impl Indicator {
    /// Whether it is made in this wave, where it is asked.
    pub fn is_made_in(&self, wave: Wave) -> bool {
        is_within((self.first_wave, self.last_wave), wave)
    }

    /// Whether it is made for this panel.
    pub fn is_for(&self, panel: &str) -> bool {
        self.panels.is_empty() || self.panels.iter().any(|named| named == panel)
    }
}

/// An answer to a question of which an indicator counts some: its share is part of the distribution of the answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub concept: String,
    /// A code, or a missing reason that the concept keeps in the base.
    pub code: String,
    /// The share of it, by a name that no indicator can have.
    pub share: Indicator,
}

/// All answers to the questions of which proportions are made, in the order of the indicators and of the codebook.
///
/// The shares of one question have the fewest decimals of its indicators, and everybody with an answer as their base.
pub fn answers(indicators: &[Indicator], codebook: &Codebook) -> Vec<Answer> {
    let mut concepts: Vec<(&str, Vec<&Indicator>)> = Vec::new();
    for indicator in indicators.iter().filter(|known| known.kind == IndicatorKind::Proportion) {
        match concepts.iter_mut().find(|known| known.0 == indicator.concept) {
            Some(known) => known.1.push(indicator),
            None => concepts.push((&indicator.concept, vec![indicator])),
        }
    }
    let of_concept = |(name, indicators): (&str, Vec<&Indicator>)| -> Vec<Answer> {
        let Some(concept) = codebook.concept(name) else { return Vec::new() };
        let reasons = concept.base_includes.iter().map(|reason| reason.name());
        let codes = codebook.codes(concept).into_iter().chain(reasons);
        codes.map(|code| Answer::of(name, code, &indicators)).collect()
    };
    concepts.into_iter().flat_map(of_concept).collect()
}

impl Answer {
    /// The name of a share; indicators have no `=` in theirs.
    pub fn name(concept: &str, code: &str) -> String {
        format!("{concept}={code}")
    }

    fn of(concept: &str, code: &str, indicators: &[&Indicator]) -> Self {
        let everywhere = indicators.iter().any(|indicator| indicator.panels.is_empty());
        let panels: BTreeSet<&String> =
            indicators.iter().flat_map(|indicator| &indicator.panels).collect();
        let share = Indicator {
            indicator: Self::name(concept, code),
            figures: Vec::new(),
            concept: concept.to_owned(),
            kind: IndicatorKind::Proportion,
            codes: vec![code.to_owned()],
            base: String::new(),
            panels: if everywhere { Vec::new() } else { panels.into_iter().cloned().collect() },
            first_wave: None,
            last_wave: None,
            unit: "percent".to_owned(),
            decimals: indicators.iter().map(|indicator| indicator.decimals).min().unwrap_or(0),
            colour: None,
            label: Labels::default(),
            line: Line::NONE,
        };
        Self { concept: concept.to_owned(), code: code.to_owned(), share }
    }
}

/// Whether a wave is between two others; an end that is left out is open.
pub(crate) fn is_within((first, last): (Option<Wave>, Option<Wave>), wave: Wave) -> bool {
    first.is_none_or(|first| first <= wave) && last.is_none_or(|last| wave <= last)
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakdown {
    /// Name in the marts, e.g. `age`.
    pub breakdown: String,
    /// The category concept whose answers are the cells.
    pub concept: String,
    pub panels: Vec<String>,
    /// Indicators it is made for; empty for all of those panels.
    pub indicators: Vec<String>,
    /// Indicators of which the differences between the levels are compared over the waves.
    pub followed: Vec<String>,
    pub label: Labels,
    pub line: Line,
}
