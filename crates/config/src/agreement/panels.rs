//! Panels, their margins and the population totals.

use std::collections::{BTreeMap, BTreeSet};

use super::Checker;
use crate::mistake::did_you_mean;
use crate::panel::WeightingMethod;
use crate::{Panel, PopulationTotal};
use survey::{Line, Wave};

impl Checker<'_> {
    pub(super) fn panels(&mut self) {
        for (name, panel) in &self.configuration.panels {
            let file = format!("panels/{name}.toml");
            if let Some(split) = &panel.split
                && let Some(concept) = self.category(&split.concept, &file, Line::NONE)
            {
                self.codes(concept, [&split.code], &file, Line::NONE);
            }
            let weighting = &panel.weighting;
            for concept in weighting.margins.iter().flatten() {
                self.category(concept, &file, Line::NONE);
            }
            self.sampling(name, panel);
            let margins = weighting.margins.len();
            let fits = match weighting.method {
                WeightingMethod::None => margins == 0,
                WeightingMethod::PostStratification => margins == 1,
                _ => margins > 0,
            };
            if !fits {
                self.add(&file, Line::NONE, format!("{margins} margins do not fit the weighting method"))
                    .expected = Some(
                    "none: no margin; post_stratification: one; raking, raking_ratio, linear, logit: one or more"
                        .to_owned(),
                );
            }
        }
    }

    /// Every margin of every panel-wave has totals; all margins speak of the same population.
    pub(super) fn targets(&mut self) {
        let targets = &self.configuration.targets;
        // A file of an unknown panel, or a margin that nothing reads, is one mistake however many rows it has.
        let mut said = BTreeSet::new();
        for total in targets {
            let file = format!("targets/{}.csv", total.panel);
            let is_sum = |panel: &Panel| panel.weighting.numeric.contains(&total.margin);
            let may_be_negative = self.configuration.panels.get(&total.panel).is_some_and(is_sum);
            if total.total <= 0.0 && !may_be_negative {
                let message = format!(
                    "{} {}: the population total of `{}` = `{}` is {}",
                    total.panel, total.wave, total.margin, total.level, total.total
                );
                let mistake = self.add(&file, total.line, message);
                mistake.expected = Some("a number above 0".to_owned());
                mistake.hint = Some(
                    "leave the row out where the level does not exist in that wave".to_owned(),
                );
            }
            self.known_wave(total.wave, &file, total.line);
            let Some(panel) = self.configuration.panels.get(&total.panel) else {
                if !self.unread.panels.contains(&total.panel) && said.insert((&total.panel, "", 0))
                {
                    let known = self.configuration.panels.keys().map(String::as_str);
                    let hint = did_you_mean(&total.panel, known);
                    let message = format!("there is no panel `{}` in config/panels", total.panel);
                    self.add(&file, Line::NONE, message).hint = Some(hint);
                }
                continue;
            };
            if panel.design.population.as_ref() == Some(&total.margin)
                && self.stratum(panel, total, &file)
            {
                continue;
            }
            if panel.weighting.numeric.contains(&total.margin) {
                if total.level != "total" {
                    self.add(&file, total.line, format!("level `{}` of a number", total.level))
                        .expected = Some("`total`: the sum over the population".to_owned());
                }
                continue;
            }
            let margins: Vec<String> =
                panel.weighting.margins.iter().map(|concepts| concepts.join("*")).collect();
            if !margins.contains(&total.margin) {
                if !said.insert((&total.panel, total.margin.as_str(), total.wave)) {
                    continue;
                }
                let message =
                    format!("margin `{}` is not in panels/{}.toml", total.margin, total.panel);
                let mistake = self.add(&file, total.line, message);
                mistake.expected = Some(match margins.as_slice() {
                    [] => "no totals: the weighting has no margin".to_owned(),
                    some => some.join(", "),
                });
                mistake.is_warning = true;
                continue;
            }
            let concepts: Vec<&str> = total.margin.split('*').collect();
            let codes: Vec<String> = total.level.split('*').map(str::to_owned).collect();
            if concepts.len() != codes.len() {
                self.add(
                    &file,
                    total.line,
                    format!("level `{}` has {} parts", total.level, codes.len()),
                )
                .expected =
                    Some(format!("{}, one a concept of `{}`", concepts.len(), total.margin));
                continue;
            }
            for (concept, code) in concepts.into_iter().zip(&codes) {
                if let Some(concept) = self.category(concept, &file, total.line) {
                    self.codes(concept, [code], &file, total.line);
                }
            }
        }
        self.margins_agree();
    }

    /// Looks at a row with the units of a stratum; false where the row is a total of the weighting too.
    fn stratum(&mut self, panel: &Panel, total: &PopulationTotal, file: &str) -> bool {
        let strata = &panel.design.strata;
        if panel.weighting.margins.iter().any(|concepts| concepts.join("*") == total.margin) {
            return false;
        }
        let codes: Vec<String> = total.level.split('*').map(str::to_owned).collect();
        if strata.is_empty() || codes.len() != strata.len() {
            if strata.is_empty() && total.level == "total" {
                return true;
            }
            let expected = if strata.is_empty() { "total".to_owned() } else { strata.join("*") };
            self.add(file, total.line, format!("level `{}` is no stratum", total.level)).expected =
                Some(format!("`{expected}`"));
            return true;
        }
        for (concept, code) in strata.iter().zip(&codes) {
            if let Some(concept) = self.category(concept, file, total.line) {
                self.codes(concept, [code], file, total.line);
            }
        }
        true
    }

    fn margins_agree(&mut self) {
        let mut sums: BTreeMap<(&str, Wave, &str), f64> = BTreeMap::new();
        for total in &self.configuration.targets {
            *sums.entry((&total.panel, total.wave, &total.margin)).or_default() += total.total;
        }
        for (name, panel) in &self.configuration.panels {
            let file = format!("targets/{name}.csv");
            let asked: BTreeSet<Wave> = self
                .configuration
                .codebook
                .items
                .iter()
                .filter(|item| item.panel == *name)
                .map(|item| item.wave)
                .collect();
            for wave in asked {
                let mut first: Option<(String, f64)> = None;
                for concepts in &panel.weighting.margins {
                    let margin = concepts.join("*");
                    let Some(sum) = sums.get(&(name.as_str(), wave, margin.as_str())).copied()
                    else {
                        let message =
                            format!("{name} {wave}: margin `{margin}` has no population totals");
                        self.add(&file, Line::NONE, message).hint =
                            Some(format!("add its rows to config/{file}"));
                        continue;
                    };
                    match &first {
                        Some((other, expected)) if ((sum - expected) / expected).abs() > 1e-6 => {
                            let message = format!(
                                "{name} {wave}: the totals of margin `{margin}` add up to {sum}"
                            );
                            let expected = format!("{expected}, as those of margin `{other}`");
                            self.add(&file, Line::NONE, message).expected = Some(expected);
                        }
                        Some(_) => {}
                        None => first = Some((margin, sum)),
                    }
                }
                // A margin that no wave has is a mistake of the panel's file, told there.
                let known = |margin: &&String| {
                    sums.keys().any(|(panel, _, known)| panel == name && known == margin)
                };
                let sizes = panel.design.population.iter().filter(known);
                for margin in panel.weighting.numeric.iter().chain(sizes) {
                    if !sums.contains_key(&(name.as_str(), wave, margin.as_str())) {
                        let message = format!("{name} {wave}: `{margin}` has no population totals");
                        self.add(&file, Line::NONE, message).hint =
                            Some(format!("add its rows to config/{file}"));
                    }
                }
            }
        }
    }
}
