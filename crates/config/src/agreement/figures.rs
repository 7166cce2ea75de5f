//! Indicators and breakdowns.

use super::Checker;
use crate::IndicatorKind;
use crate::mistake::did_you_mean;
use survey::codebook::Kind;

impl Checker<'_> {
    pub(super) fn indicators(&mut self) {
        let file = "indicators.csv";
        for indicator in &self.configuration.indicators {
            let line = indicator.line;
            self.known_panels(&indicator.panels, file, line);
            self.span((indicator.first_wave, indicator.last_wave), file, line);
            let Some(concept) = self.concept(&indicator.concept, file, line) else { continue };
            match (indicator.kind, concept.kind) {
                (IndicatorKind::Proportion, Kind::Category) => {
                    self.codes(concept, &indicator.codes, file, line);
                    if indicator.codes.is_empty() {
                        self.add(file, line, "a proportion without codes".to_owned());
                    }
                }
                (IndicatorKind::Mean, Kind::Number) => {
                    if !indicator.codes.is_empty() {
                        self.add(file, line, "a mean with codes".to_owned());
                    }
                }
                _ => {
                    let message = format!("the kind does not fit concept `{}`", indicator.concept);
                    self.add(file, line, message).expected =
                        Some("proportion of a category, or mean of a number".to_owned());
                }
            }
        }
    }

    pub(super) fn breakdowns(&mut self) {
        let file = "breakdowns.csv";
        let names: Vec<&str> = self
            .configuration
            .indicators
            .iter()
            .map(|indicator| indicator.indicator.as_str())
            .collect();
        for breakdown in &self.configuration.breakdowns {
            self.known_panels(&breakdown.panels, file, breakdown.line);
            self.category(&breakdown.concept, file, breakdown.line);
            let named = breakdown.indicators.iter().chain(&breakdown.followed);
            for indicator in named.filter(|name| !names.contains(&name.as_str())) {
                let hint = did_you_mean(indicator, names.iter().copied());
                self.add(file, breakdown.line, format!("there is no indicator `{indicator}`"))
                    .hint = Some(hint);
            }
        }
    }
}
