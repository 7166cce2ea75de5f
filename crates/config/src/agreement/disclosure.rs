//! Thresholds that protect, levels and concepts that exist, pairs and ranges that can be made.

use std::collections::BTreeSet;

use super::Checker;
use crate::mistake::did_you_mean;
use crate::monitor::QualityScheme;
use survey::Line;

const FILE: &str = "monitor.toml";
/// Level of those whose background is not known.
const UNKNOWN: &str = "background_unknown";

impl Checker<'_> {
    pub(super) fn disclosure(&mut self) {
        self.thresholds();
        self.levels();
        self.bands();
        self.gaps();
    }

    fn thresholds(&mut self) {
        let settings = &self.configuration.monitor.disclosure;
        let (base, confidential) = (settings.minimum_base, settings.minimum_base_confidential);
        if settings.quality == QualityScheme::MinimumBase && base < confidential {
            let message = format!(
                "`disclosure.minimum_base` is {base} and `minimum_base_confidential` {confidential}"
            );
            self.add(FILE, Line::NONE, message).expected = Some(
                "a figure to be unreliable before it is confidential: `minimum_base` the larger"
                    .to_owned(),
            );
        }
        if settings.minimum_cell > confidential {
            let message = format!(
                "`disclosure.minimum_cell` is {} and `minimum_base_confidential` {confidential}",
                settings.minimum_cell
            );
            self.add(FILE, Line::NONE, message).expected =
                Some("a cell to be a part of its base: `minimum_cell` the smaller".to_owned());
        }
    }

    fn levels(&mut self) {
        let configuration = self.configuration;
        let codebook = &configuration.codebook;
        let mut known: Vec<&str> = Vec::new();
        for breakdown in &configuration.breakdowns {
            let Some(concept) = codebook.concept(&breakdown.concept) else { continue };
            let codes = codebook.codes(concept);
            if codes.contains(&UNKNOWN) {
                let message = format!(
                    "`{UNKNOWN}` is an answer of `{}` and the name of the level for those who gave none",
                    breakdown.concept
                );
                self.add("breakdowns.csv", breakdown.line, message);
            }
            known.extend(codes);
        }
        let settings = &configuration.monitor.disclosure;
        for level in settings.keep.iter().filter(|level| !known.contains(&level.as_str())) {
            let hint = did_you_mean(level, known.iter().copied());
            self.add(
                FILE,
                Line::NONE,
                format!("`disclosure.keep`: no breakdown has a level `{level}`"),
            )
            .hint = Some(hint);
        }
        for concept in &settings.quasi_identifiers {
            self.concept(concept, FILE, Line::NONE);
        }
    }

    fn bands(&mut self) {
        let bands = &self.configuration.monitor.bands;
        for (place, band) in bands.iter().enumerate() {
            let before = bands[..place].iter().rfind(|before| before.unit == band.unit);
            let falls = before.is_none_or(|before| match (before.from, band.from) {
                (Some(before), Some(from)) => from < before,
                (Some(_), None) => true,
                (None, _) => false,
            });
            if !falls || band.from.is_some_and(|from| !from.is_finite()) {
                let message = format!("band `{}` lies not below the one before it", band.name);
                self.add(FILE, Line::NONE, message).expected =
                    Some("the highest first, and no `from` for the last of a unit".to_owned());
            }
        }
    }

    /// Two figures are only subtracted where they are published alike.
    fn gaps(&mut self) {
        let indicators = &self.configuration.indicators;
        let names = || indicators.iter().map(|indicator| indicator.indicator.as_str());
        let find = |name: &str| indicators.iter().find(|indicator| indicator.indicator == name);
        for gap in &self.configuration.monitor.gaps {
            for pair in &gap.pairs {
                let unknown =
                    [&pair.indicator, &pair.minus].into_iter().find(|name| find(name).is_none());
                if let Some(name) = unknown {
                    let message = format!("gap `{}`: there is no indicator `{name}`", gap.name);
                    self.add(FILE, Line::NONE, message).hint = Some(did_you_mean(name, names()));
                }
                let (Some(one), Some(other)) = (find(&pair.indicator), find(&pair.minus)) else {
                    continue;
                };
                if (one.unit.as_str(), one.decimals, one.kind)
                    != (other.unit.as_str(), other.decimals, other.kind)
                {
                    let message = format!(
                        "gap `{}`: `{}` and `{}` differ in kind, unit or decimals",
                        gap.name, one.indicator, other.indicator
                    );
                    self.add("indicators.csv", one.line, message);
                }
            }
            let subjects: BTreeSet<&str> =
                gap.pairs.iter().map(|pair| pair.subject.as_str()).collect();
            if subjects.len() < gap.pairs.len() {
                let message = format!("gap `{}`: a subject stands more than once", gap.name);
                self.add(FILE, Line::NONE, message);
            }
        }
    }
}
