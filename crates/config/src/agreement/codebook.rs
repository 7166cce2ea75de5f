//! Concepts, answers, items and crosswalks.

use std::collections::BTreeSet;

use super::Checker;
use crate::mistake::did_you_mean;
use survey::codebook::{Becomes, Concept, Item, Kind, OTHER, Role};

impl Checker<'_> {
    pub(super) fn concepts(&mut self) {
        let codebook = &self.configuration.codebook;
        let file = "codebook/concepts.csv";
        for concept in &codebook.concepts {
            let is_category = concept.kind == Kind::Category;
            if is_category && !codebook.answers.contains_key(&concept.answers) {
                let hint =
                    did_you_mean(&concept.answers, codebook.answers.keys().map(String::as_str));
                let message =
                    format!("there is no answer list `{}` in answers.csv", concept.answers);
                self.add(file, concept.line, message).hint = Some(hint);
            }
            // Formerly these two were known by their names.
            if matches!(concept.concept.as_str(), "completed" | "last_page")
                && concept.role == Role::Paradata
            {
                let role = concept.concept.as_str();
                let message =
                    format!("`{role}` has the role `paradata`: nothing tells by it who broke off");
                let mistake = self.add(file, concept.line, message);
                mistake.hint = Some(format!("set its role to `{role}`"));
                mistake.is_warning = true;
            }
            if !is_category && !concept.answers.is_empty() {
                self.add(
                    file,
                    concept.line,
                    format!("`{}` is no category but has answers", concept.concept),
                );
            }
            let asked = codebook.items.iter().any(|item| item.concept == concept.concept);
            if !concept.derivation.is_empty() && asked {
                self.add(
                    file,
                    concept.line,
                    format!("`{}` is derived and also an item", concept.concept),
                )
                .expected = Some("either a derivation or rows in items.csv".to_owned());
            }
            if concept.derivation.is_empty() && !asked {
                self.add(
                    file,
                    concept.line,
                    format!("`{}` is neither derived nor ever asked", concept.concept),
                )
                .is_warning = true;
            }
        }
        let used: BTreeSet<&str> =
            codebook.concepts.iter().map(|concept| concept.answers.as_str()).collect();
        for (name, answers) in
            codebook.answers.iter().filter(|(name, _)| !used.contains(name.as_str()))
        {
            self.add(
                "codebook/answers.csv",
                answers[0].line,
                format!("no concept has the answer list `{name}`"),
            )
            .is_warning = true;
        }
    }

    pub(super) fn items(&mut self) {
        let file = "codebook/items.csv";
        for item in &self.configuration.codebook.items {
            self.known_panels(std::slice::from_ref(&item.panel), file, item.line);
            self.known_wave(item.wave, file, item.line);
            let Some(concept) = self.concept(&item.concept, file, item.line) else { continue };
            self.item_crosswalk(item, concept);
            if let (Some(minimum), Some(maximum)) = (item.minimum, item.maximum)
                && minimum > maximum
            {
                self.add(file, item.line, format!("minimum {minimum} is above maximum {maximum}"));
            }
            if item.occurrence == 0 {
                self.add(file, item.line, "occurrence 0".to_owned()).expected =
                    Some("1 for the first".to_owned());
            }
            self.item_option(item);
            self.item_routing(item);
        }
    }

    /// A placeholder that is none would be an option that nobody chooses.
    fn item_option(&mut self, item: &Item) {
        let is_placeholder = item.option.starts_with('<') && item.option.ends_with('>');
        if is_placeholder && item.option != OTHER {
            let message = format!("`{}` is no option", item.option);
            let mistake = self.add("codebook/items.csv", item.line, message);
            mistake.expected = Some(format!("the answer's text, or `{OTHER}`"));
        }
    }

    fn item_crosswalk(&mut self, item: &Item, concept: &Concept) {
        let file = "codebook/items.csv";
        let codebook = &self.configuration.codebook;
        if item.crosswalk.is_empty() {
            if concept.kind == Kind::Category && item.option.is_empty() {
                self.add(
                    file,
                    item.line,
                    format!("`{}` is a category and has no crosswalk", item.concept),
                );
            }
            return;
        }
        let Some(crosswalk) = codebook.crosswalks.get(&item.crosswalk) else {
            let hint =
                did_you_mean(&item.crosswalk, codebook.crosswalks.keys().map(String::as_str));
            let message = format!("there is no crosswalk `{}` in crosswalks.csv", item.crosswalk);
            self.add(file, item.line, message).hint = Some(hint);
            return;
        };
        let known = codebook.codes(concept);
        for recode in crosswalk.recodes.values() {
            let fits = match &recode.becomes {
                Becomes::Code(code) => match concept.kind {
                    Kind::Category => known.contains(&code.as_str()),
                    Kind::Number => code.parse().is_ok_and(f64::is_finite),
                    Kind::Date | Kind::Text => true,
                },
                Becomes::Itself => concept.kind != Kind::Category,
                Becomes::Missing(_) => true,
            };
            if !fits {
                let message = format!(
                    "crosswalk `{}` gives what `{}` cannot have (line {} of crosswalks.csv)",
                    item.crosswalk, item.concept, recode.line
                );
                self.add(file, item.line, message).expected =
                    Some(if concept.kind == Kind::Number {
                        "a number".to_owned()
                    } else {
                        known.join(", ")
                    });
            }
        }
    }

    fn item_routing(&mut self, item: &Item) {
        let file = "codebook/items.csv";
        if item.routed_by.is_empty() {
            if !item.routed_codes.is_empty() {
                self.add(file, item.line, "routed_codes without routed_by".to_owned());
            }
            return;
        }
        let codebook = &self.configuration.codebook;
        let asked = codebook.items.iter().any(|other| {
            other.panel == item.panel && other.wave == item.wave && other.concept == item.routed_by
        });
        // A concept that is not there is one mistake, said below.
        if !asked && codebook.concept(&item.routed_by).is_some() {
            let message = format!(
                "{} {} was not asked `{}`, which routes `{}`",
                item.panel, item.wave, item.routed_by, item.concept
            );
            self.add(file, item.line, message);
        }
        if let Some(concept) = self.category(&item.routed_by, file, item.line) {
            self.codes(concept, &item.routed_codes, file, item.line);
        }
        if item.routed_codes.is_empty() {
            self.add(file, item.line, "routed_by without routed_codes".to_owned());
        }
    }

    pub(super) fn crosswalks(&mut self) {
        let codebook = &self.configuration.codebook;
        let used: BTreeSet<&str> =
            codebook.items.iter().map(|item| item.crosswalk.as_str()).collect();
        for (name, crosswalk) in &codebook.crosswalks {
            if !used.contains(name.as_str()) {
                let line =
                    crosswalk.recodes.values().map(|recode| recode.line).min().unwrap_or_default();
                self.add(
                    "codebook/crosswalks.csv",
                    line,
                    format!("no item uses crosswalk `{name}`"),
                )
                .is_warning = true;
            }
        }
    }
}
