//! What indicators and breakdowns ask of their concepts.

use config::{Indicator, IndicatorKind};
use survey::MissingReason;
use survey::codebook::Kind;

use crate::sample::Refusal;
use crate::settings::Settings;

/// Refuses indicators and breakdowns that their concepts do not allow.
pub(crate) fn check(settings: &Settings) -> Result<(), Refusal> {
    for indicator in &settings.indicators {
        check_indicator(indicator, settings)?;
    }
    for breakdown in &settings.breakdowns {
        let kind = settings.concepts.get(&breakdown.concept).map(|concept| concept.kind);
        if kind != Some(Kind::Category) {
            return Err(Refusal::Breakdown {
                breakdown: breakdown.breakdown.clone(),
                found: format!("concept `{}` is {}", breakdown.concept, kind_name(kind)),
                expected: "a category".to_owned(),
                hint: "derive a category from it in config/codebook/concepts.csv".to_owned(),
            });
        }
    }
    Ok(())
}

fn check_indicator(indicator: &Indicator, settings: &Settings) -> Result<(), Refusal> {
    let refuse = |found: String, expected: &str, hint: String| Refusal::Indicator {
        indicator: indicator.indicator.clone(),
        found,
        expected: expected.to_owned(),
        hint,
    };
    let concept = settings.concepts.get(&indicator.concept);
    let kind = concept.map(|concept| concept.kind);
    let found = format!("concept `{}` is {}", indicator.concept, kind_name(kind));
    match (indicator.kind, concept) {
        (IndicatorKind::Mean, Some(concept)) if concept.kind == Kind::Number => Ok(()),
        (IndicatorKind::Mean, _) => Err(refuse(
            found,
            "a number for a mean",
            "make it a proportion, or derive a number".to_owned(),
        )),
        (IndicatorKind::Proportion, Some(concept)) if concept.kind == Kind::Category => {
            let answers = &settings.answers[&indicator.concept];
            let known = |code: &&String| {
                let reason = MissingReason::from_name(code);
                answers.contains(code)
                    || reason.is_some_and(|reason| concept.base_includes.contains(&reason))
            };
            match indicator.codes.iter().find(|code| !known(code)) {
                Some(code) => {
                    let hint =
                        format!("answers of `{}` are {}", indicator.concept, answers.join(", "));
                    Err(refuse(
                        format!("code `{code}`"),
                        "codes of the concept's answer list",
                        hint,
                    ))
                }
                None if indicator.codes.is_empty() => Err(refuse(
                    "no codes".to_owned(),
                    "the codes that count as yes",
                    "fill the column codes".to_owned(),
                )),
                None => Ok(()),
            }
        }
        (IndicatorKind::Proportion, _) => Err(refuse(
            found,
            "a category for a proportion",
            "make it a mean, or derive a category".to_owned(),
        )),
    }
}

fn kind_name(kind: Option<Kind>) -> &'static str {
    match kind {
        None => "not in the codebook",
        Some(Kind::Category) => "a category",
        Some(Kind::Number) => "a number",
        Some(Kind::Date) => "a date",
        Some(Kind::Text) => "text",
    }
}
