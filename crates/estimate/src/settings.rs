//! Settings of the stage: which figures, for whom, compared how, published when.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::BooleanArray;
use config::monitor::{Gap, Significance};
use config::sampling::{SampleDesign, VarianceMethod};
use config::{Breakdown, Indicator, IndicatorKind, Monitor, Panel};
use serde::Serialize;
use survey::codebook::{Becomes, Codebook, Comparability, Item, Kind};
use survey::{MissingReason, Wave};

/// Who is in the base of an indicator: a mask for each hand-off, in their order; null = outside. No entry = all.
pub type Bases = BTreeMap<String, Vec<BooleanArray>>;

/// Everything that decides the figures of one panel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    pub panel: String,
    pub panel_kind: String,
    /// Waves in the order of time.
    pub waves: Vec<Wave>,
    /// This panel's indicators, in the order of the tables.
    pub indicators: Vec<Indicator>,
    /// The shares of the answers to the questions of which proportions are made, for everybody only.
    pub shares: Vec<Indicator>,
    /// The pairs of indicators of which the difference is a figure.
    pub pairs: Vec<Pair>,
    /// The differences between levels that are compared over the waves.
    pub followed: Vec<Followed>,
    /// This panel's breakdowns, in the order of the tables.
    pub breakdowns: Vec<Breakdown>,
    /// The concepts that indicators and breakdowns read.
    pub concepts: BTreeMap<String, ConceptFacts>,
    /// Answer codes of each category concept, in codebook order.
    pub answers: BTreeMap<String, Vec<String>>,
    pub significance: Significance,
    pub design: SampleDesign,
    pub variance: VarianceMethod,
    /// Concept → wave → how comparable it was asked.
    pub comparability: BTreeMap<String, BTreeMap<Wave, Asked>>,
}

/// Two indicators about one subject.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    pub gap: String,
    pub subject: String,
    /// Name of the indicator that is taken off.
    pub minus: String,
    /// The difference as a figure.
    pub difference: Indicator,
}

/// An indicator of which the differences between the levels of a breakdown are compared over the waves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Followed {
    pub breakdown: String,
    /// The difference as a figure.
    pub difference: Indicator,
}

/// A difference as a figure: a mean by the name of the indicator from which is taken off, in its unit.
fn difference(indicator: &Indicator) -> Indicator {
    Indicator { kind: IndicatorKind::Mean, ..indicator.clone() }
}

/// What the figures need to know of a concept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConceptFacts {
    pub kind: Kind,
    /// Missing reasons that stay in the denominator, as "no".
    pub base_includes: BTreeSet<MissingReason>,
}

/// How a concept was asked in one wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    pub comparability: Comparability,
    pub note: String,
    /// Codes that were an answer then, by the item's crosswalk; none: every code of the concept.
    pub offered: Option<BTreeSet<String>>,
}

/// A total over several panels, each with its own settings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupSettings {
    /// Name of the group; its measures are `{group}_pooled` and `{group}_mean_of_groups`.
    pub group: String,
    /// In the order of the hand-offs.
    pub panels: Vec<Settings>,
}

impl Settings {
    /// The part of the configuration that one panel's figures read.
    ///
    /// `derived_from`: derived concept → the concepts its SQL reads; a break in one of these breaks the derived series.
    pub fn of(
        panel: &Panel,
        monitor: &Monitor,
        codebook: &Codebook,
        figures: (&[Indicator], &[Breakdown]),
        derived_from: &BTreeMap<String, Vec<String>>,
    ) -> Self {
        let has = |panels: &[String]| panels.is_empty() || panels.contains(&panel.panel);
        let own = figures.0.iter().filter(|indicator| indicator.is_for(&panel.panel));
        let indicators: Vec<Indicator> = own.cloned().collect();
        let shares = config::answers(figures.0, codebook).into_iter().map(|answer| answer.share);
        let shares = shares.filter(|share| share.is_for(&panel.panel)).collect();
        let pairs = monitor.gaps.iter().flat_map(|gap| Pair::of(gap, &indicators)).collect();
        let breakdowns: Vec<Breakdown> =
            figures.1.iter().filter(|breakdown| has(&breakdown.panels)).cloned().collect();
        let used: BTreeSet<&str> = indicators
            .iter()
            .map(|indicator| indicator.concept.as_str())
            .chain(breakdowns.iter().map(|breakdown| breakdown.concept.as_str()))
            .collect();
        let concepts =
            codebook.concepts.iter().filter(|concept| used.contains(concept.concept.as_str()));
        let mut settings = Self {
            panel: panel.panel.clone(),
            panel_kind: panel.kind.clone(),
            waves: monitor.waves().collect(),
            indicators: Vec::new(),
            shares,
            pairs,
            followed: breakdowns.iter().flat_map(|own| Followed::of(own, &indicators)).collect(),
            breakdowns: Vec::new(),
            concepts: BTreeMap::new(),
            answers: BTreeMap::new(),
            significance: monitor.significance.clone(),
            design: panel.design.clone(),
            variance: panel.variance.method,
            comparability: BTreeMap::new(),
        };
        settings.waves.sort_unstable();
        for concept in concepts {
            let name = concept.concept.clone();
            let codes: Vec<String> =
                codebook.codes(concept).into_iter().map(str::to_owned).collect();
            settings
                .comparability
                .insert(name.clone(), asked(&name, &panel.panel, codebook, derived_from));
            settings.answers.insert(name.clone(), codes);
            let base_includes = concept.base_includes.clone();
            settings.concepts.insert(name, ConceptFacts { kind: concept.kind, base_includes });
        }
        settings.indicators = indicators;
        settings.breakdowns = breakdowns;
        settings
    }
}

impl Pair {
    /// `indicator` less `minus`.
    pub fn new(gap: &str, subject: &str, minus: &Indicator, indicator: &Indicator) -> Self {
        Self {
            gap: gap.to_owned(),
            subject: subject.to_owned(),
            minus: minus.indicator.clone(),
            difference: difference(indicator),
        }
    }

    /// The pairs of which both indicators are among these.
    fn of(gap: &Gap, indicators: &[Indicator]) -> Vec<Self> {
        let find = |name: &str| indicators.iter().find(|own| own.indicator == name);
        let pairs = gap.pairs.iter().filter_map(|pair| {
            let (minus, indicator) = (find(&pair.minus)?, find(&pair.indicator)?);
            Some(Self::new(&gap.name, &pair.subject, minus, indicator))
        });
        pairs.collect()
    }

    pub(crate) fn key(&self) -> [&str; 2] {
        [&self.gap, &self.subject]
    }
}

impl Followed {
    /// Those of a breakdown, of the indicators for which it is made.
    pub fn of(breakdown: &Breakdown, indicators: &[Indicator]) -> Vec<Self> {
        let only = &breakdown.indicators;
        let is_followed = |own: &&Indicator| {
            breakdown.followed.contains(&own.indicator)
                && (only.is_empty() || only.contains(&own.indicator))
        };
        let followed = indicators.iter().filter(is_followed).map(|own| Self {
            breakdown: breakdown.breakdown.clone(),
            difference: difference(own),
        });
        followed.collect()
    }
}

/// How a concept, or the concepts it is derived from, was asked in each wave: the least comparable counts.
pub(crate) fn asked(
    concept: &str,
    panel: &str,
    codebook: &Codebook,
    derived_from: &BTreeMap<String, Vec<String>>,
) -> BTreeMap<Wave, Asked> {
    let mut sources = BTreeSet::new();
    let mut open = vec![concept];
    while let Some(next) = open.pop() {
        if sources.insert(next) {
            open.extend(derived_from.get(next).into_iter().flatten().map(String::as_str));
        }
    }
    let mut waves: BTreeMap<Wave, Asked> = BTreeMap::new();
    let items = codebook
        .items
        .iter()
        .filter(|item| item.panel == panel && sources.contains(item.concept.as_str()));
    for item in items {
        let new = || Asked {
            comparability: Comparability::Identical,
            note: String::new(),
            offered: None,
        };
        let asked = waves.entry(item.wave).or_insert_with(new);
        if item.concept == concept {
            asked.offered = offered(item, codebook);
        }
        asked.comparability = asked.comparability.max(item.comparability);
        if !item.note.is_empty() && !asked.note.contains(&item.note) {
            let separator = if asked.note.is_empty() { "" } else { "; " };
            asked.note = format!("{}{separator}{}", asked.note, item.note);
        }
    }
    waves
}

/// The codes to which the values of an item lead; none where it has no crosswalk.
fn offered(item: &Item, codebook: &Codebook) -> Option<BTreeSet<String>> {
    let recodes = &codebook.crosswalks.get(&item.crosswalk)?.recodes;
    let code = |becomes: &Becomes| match becomes {
        Becomes::Code(code) => Some(code.clone()),
        Becomes::Missing(_) | Becomes::Itself => None,
    };
    Some(recodes.values().filter_map(|recode| code(&recode.becomes)).collect())
}
