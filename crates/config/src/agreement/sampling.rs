//! The sample design, the nonresponse classes, the variance and the auxiliaries of a panel against the codebook.

use std::collections::BTreeSet;

use super::Checker;
use crate::Panel;
use crate::panel::{RakingErrors, Redistribute, Trim, WeightingMethod};
use crate::sampling::VarianceMethod;
use survey::codebook::{Concept, Kind};
use survey::{Line, Wave};

impl<'a> Checker<'a> {
    pub(super) fn sampling(&mut self, name: &str, panel: &Panel) {
        let file = format!("panels/{name}.toml");
        self.design(panel, &file);
        self.variance(panel, &file);
        self.nonresponse(panel, &file);
        self.auxiliaries(panel, &file);
        self.asked_in_every_wave(name, panel, &file);
    }

    fn design(&mut self, panel: &Panel, file: &str) {
        let design = &panel.design;
        for concept in &design.strata {
            self.category_of(concept, file, "design.strata");
        }
        if let Some(clusters) = &design.clusters
            && let Some(concept) = self.concept(clusters, file, Line::NONE)
            && concept.kind == Kind::Date
        {
            self.wrong(file, "design.clusters", format!("`{clusters}` is a date"))
                .expected("a category, a number or text that names the unit");
        }
        if design.nested && (design.strata.is_empty() || design.clusters.is_none()) {
            self.wrong(file, "design.nested", "true without strata and clusters".to_owned())
                .expected("both, or no `nested`");
        }
        if design.clusters_persist.is_some() && design.clusters.is_none() {
            self.wrong(file, "design.clusters_persist", "set without clusters".to_owned())
                .expected("the concept that names the clusters, or no `clusters_persist`");
        }
        let Some(population) = &design.population else { return };
        let targets = &self.configuration.targets;
        let known: BTreeSet<&str> = targets
            .iter()
            .filter(|total| total.panel == panel.panel)
            .map(|total| total.margin.as_str())
            .collect();
        if !known.contains(population.as_str()) {
            let found =
                format!("`{population}` is no margin of config/targets/{}.csv", panel.panel);
            let known: Vec<&str> = known.into_iter().collect();
            self.wrong(file, "design.population", found)
                .expected(
                    "the margin whose totals are the units in the population, a row a stratum",
                )
                .hint(format!("the file has {}", known.join(", ")));
        }
    }

    fn variance(&mut self, panel: &Panel, file: &str) {
        let variance = &panel.variance;
        let is_fay = variance.method == VarianceMethod::Fay;
        match variance.fay_factor {
            None if is_fay => {
                self.wrong(file, "variance.fay_factor", "none".to_owned())
                    .expected("a factor from 0 to below 1")
                    .hint("0.3 and 0.5 are usual; method = \"brr\" is a factor of 0".to_owned());
            }
            Some(factor) if !is_fay => {
                let found = format!("{factor} with method = \"{}\"", variance.method.name());
                self.wrong(file, "variance.fay_factor", found).expected("none");
            }
            _ => {}
        }
        if variance.method == VarianceMethod::Jk1 && !panel.design.strata.is_empty() {
            self.wrong(file, "variance.method", "\"jk1\" with design.strata".to_owned())
                .expected("one stratum")
                .hint("\"jkn\" is the jackknife of strata".to_owned());
        }
        let halves = matches!(variance.method, VarianceMethod::Brr | VarianceMethod::Fay);
        if halves && panel.design.strata.is_empty() {
            let found = format!("\"{}\" without design.strata", variance.method.name());
            self.wrong(file, "variance.method", found)
                .expected("strata of two units each")
                .hint("a bootstrap or a jackknife asks for no pairs".to_owned());
        }
    }

    fn nonresponse(&mut self, panel: &Panel, file: &str) {
        let Some(nonresponse) = &panel.nonresponse else { return };
        for concept in &nonresponse.classes {
            self.category_of(concept, file, "nonresponse.classes");
        }
        let responded = &nonresponse.responded;
        if let Some(concept) = self.category_of(&responded.concept, file, "nonresponse.responded") {
            self.codes(concept, [&responded.code], file, Line::NONE);
        }
    }

    fn auxiliaries(&mut self, panel: &Panel, file: &str) {
        let weighting = &panel.weighting;
        let numbers = weighting.numeric.iter().map(|concept| ("weighting.numeric", concept));
        let numbers = numbers
            .chain(weighting.variance_of.iter().map(|concept| ("weighting.variance_of", concept)))
            .chain(weighting.base_weight.iter().map(|concept| ("weighting.base_weight", concept)));
        for (key, name) in numbers {
            if let Some(concept) = self.concept(name, file, Line::NONE)
                && concept.kind != Kind::Number
            {
                self.wrong(file, key, format!("`{name}` is no number"))
                    .expected("a number concept")
                    .hint("a category is a margin: weighting.margins".to_owned());
            }
        }
        self.method(panel, file);
    }

    /// What the weighting method and the trimming allow.
    fn method(&mut self, panel: &Panel, file: &str) {
        use WeightingMethod::{Linear, Logit, Raking, RakingRatio};
        let weighting = &panel.weighting;
        let calibrates = matches!(weighting.method, Linear | Logit | RakingRatio);
        if !calibrates {
            let needs = [
                ("weighting.numeric", !weighting.numeric.is_empty()),
                ("weighting.variance_of", weighting.variance_of.is_some()),
                ("weighting.equal_within_clusters", weighting.equal_within_clusters),
            ];
            for (key, _) in needs.into_iter().filter(|(_, is_set)| *is_set) {
                self.wrong(file, key, "a method that meets margins cell by cell".to_owned())
                    .expected("method = \"linear\", \"logit\" or \"raking_ratio\"");
            }
        }
        if weighting.equal_within_clusters && panel.design.clusters.is_none() {
            self.wrong(file, "weighting.equal_within_clusters", "no design.clusters".to_owned())
                .expected("the concept that names the clusters");
        }
        let rakes = weighting.method == Raking
            && (weighting.bounds.is_none() || weighting.trim != Trim::None);
        if weighting.errors == RakingErrors::RSweeps && !rakes {
            self.wrong(file, "weighting.errors", "\"r_sweeps\" without raking".to_owned())
                .expected("method = \"raking\" without bounds of g, or errors = \"greg\"");
        }
        let needs_bounds = weighting.trim != Trim::None || weighting.method == Logit;
        if needs_bounds && weighting.bounds.is_none() {
            self.wrong(file, "weighting.bounds", "none".to_owned())
                .expected("a lower and an upper one: logit and trimming need them")
                .hint("as in [0.2, 5.0]".to_owned());
        }
        if weighting.redistribute != Redistribute::Proportional && weighting.trim == Trim::None {
            self.wrong(file, "weighting.redistribute", "a rule without trimming".to_owned())
                .expected("trim = \"once\" or \"to_stable\", or no `redistribute`");
        }
    }

    /// What the weights need has to be asked of everybody in every wave that is delivered.
    fn asked_in_every_wave(&mut self, name: &str, panel: &Panel, file: &str) {
        let codebook = &self.configuration.codebook;
        let items: Vec<_> = codebook.items.iter().filter(|item| item.panel == name).collect();
        let waves: BTreeSet<Wave> = items.iter().map(|item| item.wave).collect();
        let nonresponse = panel.nonresponse.iter();
        let used = panel.weighting.margins.iter().flatten();
        let used: BTreeSet<&String> = used
            .chain(&panel.weighting.numeric)
            .chain(&panel.weighting.variance_of)
            .chain(&panel.weighting.base_weight)
            .chain(&panel.design.strata)
            .chain(&panel.design.clusters)
            .chain(nonresponse.flat_map(|nonresponse| {
                nonresponse.classes.iter().chain([&nonresponse.responded.concept])
            }))
            .collect();
        for name in used {
            let derived = |concept: &Concept| !concept.derivation.is_empty();
            if codebook.concept(name).is_none_or(derived) {
                continue;
            }
            let there: BTreeSet<Wave> =
                items.iter().filter(|item| item.concept == **name).map(|item| item.wave).collect();
            let missing: Vec<String> = waves.difference(&there).map(ToString::to_string).collect();
            if !missing.is_empty() {
                let message = format!("`{name}` is not asked in {}", missing.join(", "));
                let mistake = self.add(file, Line::NONE, message);
                mistake.expected = Some("an item in every wave: the weights need it".to_owned());
                mistake.hint = Some("add its rows to codebook/items.csv".to_owned());
            }
        }
    }

    /// The category concept that a key names, or a mistake.
    fn category_of(&mut self, name: &str, file: &str, key: &str) -> Option<&'a Concept> {
        let concept = self.concept(name, file, Line::NONE)?;
        if concept.kind == Kind::Category {
            return Some(concept);
        }
        self.wrong(file, key, format!("`{name}` is no category"))
            .expected("a concept with an answer list")
            .hint("derive a category from it in codebook/concepts.csv".to_owned());
        None
    }

    fn wrong(&mut self, file: &str, key: &str, found: String) -> Wrong<'_> {
        Wrong(self.add(file, Line::NONE, [format!("`{key}`: "), found].concat()))
    }
}

/// A mistake about a key while it is written.
struct Wrong<'a>(&'a mut crate::Mistake);

impl Wrong<'_> {
    fn expected(self, expected: &str) -> Self {
        self.0.expected = Some(expected.to_owned());
        self
    }

    fn hint(self, hint: String) -> Self {
        self.0.hint = Some(hint);
        self
    }
}
