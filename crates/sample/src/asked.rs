//! Who was asked what, by which producer, in which spelling: the history of the questionnaires.

use crate::population::is_provider;
use crate::producer::Producer;
use crate::vocabulary::CONCEPTS;

pub fn producer(panel: &str, wave: u16) -> Producer {
    use Producer::{
        Excel, ExcelTwoHeaders, LimeSurvey, LimeSurveyLabels, MicrosoftForms, Qualtrics, Spss,
        SurveyMonkey,
    };
    match (panel, wave) {
        ("doctors", _) | ("gp" | "chronic", 2021) | ("specialist", 2022) => ExcelTwoHeaders,
        ("gp", _) | ("social_physician", 2021) | ("population", 2023 | 2024) => LimeSurvey,
        ("specialist", 2023) | ("chronic", 2025) => LimeSurveyLabels,
        ("social_physician", 2022) => SurveyMonkey,
        ("social_physician", 2023) => MicrosoftForms,
        ("nurse", 2024 | 2025) | ("population", 2025) | ("chronic", 2024) => Qualtrics,
        ("chronic", 2022) => Excel,
        _ => Spss,
    }
}

/// The spelling of an answer list in a panel-wave.
pub fn style(panel: &str, wave: u16, concept_name: &str, list: &str) -> &'static str {
    if list.is_empty() {
        return match (panel, wave) {
            _ if !concept_name.starts_with("impact_") => "plain",
            ("gp", 2021) | ("specialist", 2022) | ("doctors", 2024) => "number_word",
            ("nurse", 2024) | ("social_physician", 2023) => "number_anchored",
            ("nurse", 2023) => "number_98",
            ("nurse" | "doctors", 2025) => "number_88",
            _ => "number_99",
        };
    }
    let used = concept_name.ends_with("_use");
    match (panel, wave) {
        ("gp", 2021) if used => "offer",
        ("chronic", 2021) if used => "frequency",
        ("gp", 2022 | 2023) | ("population", 2024) if used => "tick",
        ("social_physician", 2022 | 2023) if used => "option",
        ("chronic", 2022) if list == "agreement" => "four_label",
        ("population", 2023) if list == "education_detail" => "three_label",
        ("chronic", 2023) if list == "agreement" => "number_reversed",
        ("nurse" | "chronic", 2023) if list == "yes_no" => "zero_one",
        ("nurse" | "chronic", 2023) => "number_98",
        ("nurse" | "population", 2022) => "number_swapped",
        ("nurse", 2025) => "recode",
        ("population", 2025) => "label_english",
        _ => match producer(panel, wave) {
            Producer::Spss => "number",
            Producer::LimeSurvey => "limesurvey",
            _ => "label",
        },
    }
}

/// Concepts in blocks; a block without a name holds single questions.
pub fn blocks(panel: &str, wave: u16) -> Vec<(&'static str, Vec<&'static str>)> {
    let provider = is_provider(panel) || panel == "doctors";
    let mut background = Vec::new();
    if panel == "doctors" {
        background.push("care_function");
    }
    if provider {
        background.extend(["in_practice", "birth_year", "sex"]);
    } else if panel == "chronic" {
        background.extend(["age_reported", "sex", "education_detail"]);
    } else {
        background.extend(["birth_year", "sex", "education_detail"]);
    }
    match panel {
        "gp" => background.extend(["region", "practice_type"]),
        "specialist" => background.extend(["region", "hospital_type"]),
        "social_physician" => background.push("discipline"),
        "doctors" => background.extend(["region", "practice_type", "hospital_type", "discipline"]),
        "nurse" => background.push("sector"),
        _ => {}
    }
    if wave >= if provider { 2023 } else { 2024 } {
        background.push("digital_skill");
    }
    if (panel, wave) == ("chronic", 2021) {
        background.push("questionnaire_version");
    }
    let mut blocks = vec![("", background)];
    if !provider && wave >= 2024 {
        let contacts = match (panel, wave) {
            ("population", 2024) => vec!["gp_contact"],
            ("chronic", 2024) => vec!["home_care_contact"],
            _ => vec!["gp_contact", "hospital_contact", "home_care_contact"],
        };
        blocks.push(("", contacts));
    }
    blocks.push(("use", uses(panel, wave, provider)));
    if provider {
        if wave >= 2024 {
            for half in ["suitable", "carried_out"] {
                blocks.push((
                    half,
                    named("process_", half, |name| panel != "nurse" || !name.contains("referring")),
                ));
            }
        }
        let challenges = named("impact_", "", |name| wave <= 2023 || name != "impact_attitude");
        blocks.push(("impact", challenges));
    } else {
        for half in ["wanted", "received"] {
            let asked = named("", half, |name| match (panel, wave) {
                (_, 2025) => true,
                ("population", 2024) => name.starts_with("gp_appointment"),
                ("chronic", 2024) => name.starts_with("home_care_appointment"),
                _ => false,
            });
            if !asked.is_empty() {
                blocks.push((half, asked));
            }
        }
        blocks.push(("statement", named("statement_", "", |_| true)));
    }
    match (panel, wave) {
        ("doctors", 2024) => blocks.push(("", vec!["exchange_home_care"])),
        ("population", 2024) => blocks.push(("", vec!["consent_recorded", "computer_alone"])),
        _ => {}
    }
    blocks
}

fn named(start: &str, end: &str, test: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let names = CONCEPTS.iter().map(|concept| concept.name);
    names.filter(|name| name.starts_with(start) && name.ends_with(end) && test(name)).collect()
}

fn uses(panel: &str, wave: u16, provider: bool) -> Vec<&'static str> {
    let mut uses = vec!["portal_use", "written_use", "video_use"];
    let telemonitoring = !matches!((panel, wave), ("nurse", 2021 | 2022) | ("chronic", 2023));
    if telemonitoring {
        uses.push("telemonitoring_use");
    }
    if provider {
        if wave >= 2024 {
            uses.push("ai_use");
        }
        if panel == "nurse" {
            uses.extend([
                "robot_use",
                "medication_dispenser_use",
                "medication_check_use",
                "safety_sensor_use",
            ]);
            if wave >= 2023 {
                uses.push("safety_alarm_use");
            }
        }
    } else {
        uses.push("pgo_use");
        if panel == "population" || wave <= 2023 {
            uses.push("health_information_use");
        }
        if wave >= 2022 {
            uses.push("wearable_use");
        }
        uses.push("self_help_use");
    }
    uses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telemonitoring_was_not_asked_of_nurses_in_2021_nor_of_the_chronically_ill_in_2023() {
        let asked =
            |panel, wave| uses(panel, wave, is_provider(panel)).contains(&"telemonitoring_use");
        assert!(!asked("nurse", 2021) && !asked("nurse", 2022) && asked("nurse", 2023));
        assert!(asked("chronic", 2022) && !asked("chronic", 2023) && asked("chronic", 2024));
    }

    #[test]
    fn impact_has_seven_challenges_until_2023_and_six_after() {
        let challenges = |wave| {
            let asked = blocks("nurse", wave);
            asked.iter().find(|(block, _)| *block == "impact").map(|(_, concepts)| concepts.len())
        };
        assert_eq!((challenges(2023), challenges(2024)), (Some(7), Some(6)));
    }
}
