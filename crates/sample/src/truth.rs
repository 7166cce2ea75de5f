//! The planted population values of every indicator and breakdown cell, computed from the model without drawing anybody.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::model::Model;
use crate::planted::SOURCES;
use crate::population::{Cell, PANELS, WAVES, education_class, is_provider};
use crate::questionnaire::{Content, Questionnaire};
use crate::vocabulary::{Answer, CONCEPTS, concept, list};

/// A cell of a figure: weighted sum and weight, so that panels can be pooled.
#[derive(Debug, Clone, Copy)]
pub struct Value {
    pub sum: f64,
    pub weight: f64,
}

impl Value {
    pub fn mean(self) -> f64 {
        self.sum / self.weight
    }
}

pub struct Row {
    pub indicator: &'static str,
    pub panel: &'static str,
    pub wave: u16,
    pub breakdown: &'static str,
    pub level: &'static str,
    pub value: Value,
}

/// Applications that users and providers are both asked about: another indicator for providers.
const PROVIDER_NAMES: [(&str, &str); 4] = [
    ("portal_use", "portal_use_provider"),
    ("written_use", "written_use_provider"),
    ("video_use", "video_use_provider"),
    ("telemonitoring_use", "telemonitoring_use_provider"),
];

/// Indicators of a panel-wave: name, concept, answers that count as yes (none: a mean).
fn indicators(panel: &str, wave: u16) -> Vec<(&'static str, usize, Vec<Answer>)> {
    let mut indicators = Vec::new();
    if (panel, wave) == ("gp", 2024) {
        indicators.push(("gp_home_monitoring", concept("telemonitoring_use"), vec![0]));
    }
    for (place, concept) in CONCEPTS.iter().enumerate() {
        let other =
            PROVIDER_NAMES.iter().find(|(name, _)| is_provider(panel) && *name == concept.name);
        let name = other.map_or(concept.name, |(_, name)| *name);
        match concept.list {
            "agreement" => indicators.push((name, place, vec![0, 1])),
            "computer_alone" => indicators.push(("computer_not_alone", place, vec![1, 2])),
            "" if name.starts_with("impact_") => indicators.push((name, place, vec![])),
            "yes_no" if name != "in_practice" && !name.ends_with("_contact") => {
                indicators.push((name, place, vec![0]));
            }
            _ => {}
        }
    }
    indicators
}

/// Breakdowns: name, answer list of its levels, concept that must have been asked.
const BREAKDOWNS: &[(&str, &str, &str)] = &[
    ("age", "age_group", "sex"),
    ("age_provider", "age_group_provider", "sex"),
    ("sex", "sex_register", "sex"),
    ("education", "education", "education_detail"),
    ("education_primary", "education_primary", "education_detail"),
    ("age_65", "age_65", "education_detail"),
    ("digital_skill", "digital_skill", "digital_skill"),
    ("region", "region", "region"),
    ("practice_type", "practice_type", "practice_type"),
    ("hospital_type", "hospital_type", "hospital_type"),
    ("discipline", "discipline", "discipline"),
    ("sector", "sector", "sector"),
    ("user_portal", "user", "portal_use"),
    ("user_written", "user", "written_use"),
    ("user_video", "user", "video_use"),
    ("user_telemonitoring", "user", "telemonitoring_use"),
];

fn applies(breakdown: &str, panel: &str, indicator: &str) -> bool {
    let computer = indicator == "computer_not_alone";
    match breakdown {
        "age" | "education" => !is_provider(panel),
        "age_provider" => is_provider(panel),
        "age_65" | "education_primary" => computer,
        "region" => matches!(panel, "gp" | "specialist"),
        "user_portal" | "user_written" | "user_video" | "user_telemonitoring" => {
            is_provider(panel) && indicator.starts_with("impact_")
        }
        _ => true,
    }
}

/// The share of a population cell that is in a level of a breakdown, by the attributes that make the cells.
fn inside(breakdown: &str, level: usize, cell: &Cell, wave: u16) -> bool {
    match breakdown {
        "age" | "age_provider" => cell.age == level,
        "age_65" => usize::from(cell.age >= 3) == level,
        "sex" => cell.sex == level,
        "education" => education_class(cell.education, wave) == level,
        "education_primary" => usize::from(cell.education > 0) == level,
        "digital_skill" => cell.skill == level,
        "region" | "discipline" | "sector" => cell.stratum == level,
        "practice_type" | "hospital_type" => cell.organisation == level,
        _ => true,
    }
}

/// All values of one panel-wave.
pub fn panel_wave(panel: &'static str, wave: u16) -> Vec<Row> {
    let file = if wave >= 2024 && matches!(panel, "gp" | "specialist" | "social_physician") {
        "doctors"
    } else {
        panel
    };
    let questionnaire = Questionnaire::of(file, wave);
    let asked = |place: usize| {
        questionnaire.columns.iter().any(|column| {
            matches!(&column.content, Content::Answers(parts) if parts.iter().any(|part| part.concept == place))
        })
    };
    let model = Model::of(panel, wave);
    let mut rows = Vec::new();
    for (indicator, place, yes) in indicators(panel, wave) {
        if !asked(place) || model.outcome(place).is_none() {
            continue;
        }
        let mut add = |breakdown, level, value: Value| {
            if value.weight > 0.0 {
                rows.push(Row { indicator, panel, wave, breakdown, level, value });
            }
        };
        add("total", "total", value(&model, place, &yes, None, |_| true));
        for (breakdown, levels, needs) in BREAKDOWNS {
            if !applies(breakdown, panel, indicator) || !asked(concept(needs)) {
                continue;
            }
            for (level, (code, _)) in list(levels).codes.iter().enumerate() {
                let known = breakdown.starts_with("user_").then(|| (concept(needs), level == 0));
                add(
                    breakdown,
                    code,
                    value(&model, place, &yes, known, |cell| inside(breakdown, level, cell, wave)),
                );
            }
        }
    }
    rows
}

/// Numerator and denominator over the cells of a level; `known` restricts to users (or non-users) of an application.
fn value(
    model: &Model,
    place: usize,
    yes: &[Answer],
    known: Option<(usize, bool)>,
    inside: impl Fn(&Cell) -> bool,
) -> Value {
    let mut value = Value { sum: 0.0, weight: 0.0 };
    for (cell, of) in model.population.cells.iter().enumerate() {
        if !inside(of) {
            continue;
        }
        let using = known.map_or(1.0, |(application, uses)| {
            model.share(application, &[Answer::from(!uses)], cell)
        });
        let weight =
            model.population.people[cell] * model.routed(CONCEPTS[place].name, cell) * using;
        let answer = if yes.is_empty() {
            model.expected_score(place, cell, known)
        } else {
            model.share(place, yes, cell)
        };
        value.sum += weight * answer;
        value.weight += weight;
    }
    value
}

/// Totals over the provider groups that were asked, two or more: pooled, and the mean of the groups' values.
pub fn providers(rows: &[Row]) -> Vec<Row> {
    let mut cells: BTreeMap<_, Vec<&Row>> = BTreeMap::new();
    for row in rows.iter().filter(|row| is_provider(row.panel)) {
        let cell = (row.indicator, row.wave, row.breakdown, row.level);
        cells.entry(cell).or_default().push(row);
    }
    let mut totals: Vec<Row> = Vec::new();
    for groups in cells.into_values().filter(|groups| groups.len() > 1) {
        let sum = groups.iter().map(|row| row.value.sum).sum();
        let weight = groups.iter().map(|row| row.value.weight).sum();
        let mean = groups.iter().map(|row| row.value.mean()).sum::<f64>() / groups.len() as f64;
        let total = |panel, value| Row { panel, value, ..*groups[0] };
        totals.push(total("providers_pooled", Value { sum, weight }));
        totals.push(total("providers_mean_of_groups", Value { sum: mean, weight: 1.0 }));
    }
    totals
}

/// `truth/estimate.csv`: a line a planted value.
pub fn estimates() -> String {
    let mut rows = Vec::new();
    for panel in PANELS {
        for wave in WAVES {
            rows.extend(panel_wave(panel, wave));
        }
    }
    rows.extend(providers(&rows));
    let mut text = "indicator,panel,wave,breakdown,level,value,kind,source\n".to_owned();
    for row in rows {
        let published = SOURCES.iter().find(|(indicator, panel, wave, _)| {
            (*indicator, *panel, *wave) == (row.indicator, row.panel, row.wave)
                && row.breakdown == "total"
        });
        let kind = if row.indicator.starts_with("impact_") { "mean" } else { "proportion" };
        let source = published.map_or("synthetic".to_owned(), |(_, _, _, source)| {
            format!("synthetic; follows {source}")
        });
        let _ = writeln!(
            text,
            "{},{},{},{},{},{:.10},{kind},{source}",
            row.indicator,
            row.panel,
            row.wave,
            row.breakdown,
            row.level,
            row.value.mean()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted(
        panel: &'static str,
        wave: u16,
        indicator: &str,
        breakdown: &str,
        level: &str,
    ) -> f64 {
        let rows = panel_wave(panel, wave);
        let row = rows
            .iter()
            .find(|row| (row.indicator, row.breakdown, row.level) == (indicator, breakdown, level))
            .expect("a planted value");
        row.value.mean()
    }

    #[test]
    fn published_values_are_planted_exactly() {
        let check = |panel, wave, indicator, breakdown, level, expected: f64| {
            let found = planted(panel, wave, indicator, breakdown, level);
            assert!((found - expected).abs() < 1e-6, "{panel} {wave} {indicator} {level}: {found}");
        };
        check("gp", 2021, "portal_use_provider", "total", "total", 0.79);
        check("gp", 2024, "exchange_home_care", "total", "total", 0.63);
        check("nurse", 2024, "impact_labour_market", "total", "total", 6.0);
        check("population", 2024, "gp_appointment_wanted", "total", "total", 0.80);
        check("chronic", 2024, "home_care_appointment_received", "total", "total", 0.08);
        check("population", 2024, "computer_not_alone", "age_65", "65-plus", 1.0 / 3.0);
        check(
            "population",
            2024,
            "computer_not_alone",
            "education_primary",
            "primary_or_none",
            0.62,
        );
    }

    #[test]
    fn the_mean_of_the_groups_is_the_published_one() {
        let rows: Vec<Row> = PANELS.iter().flat_map(|panel| panel_wave(panel, 2024)).collect();
        let totals = providers(&rows);
        let labour = totals.iter().find(|row| {
            (row.indicator, row.panel, row.breakdown)
                == ("impact_labour_market", "providers_mean_of_groups", "total")
        });
        assert!(labour.is_some_and(|row| (row.value.mean() - 5.65).abs() < 1e-6));
    }

    #[test]
    fn users_expect_more_than_non_users() {
        let user = planted("gp", 2025, "impact_quality", "user_telemonitoring", "user");
        let other = planted("gp", 2025, "impact_quality", "user_telemonitoring", "non_user");
        assert!(user > other + 0.3, "{user} {other}");
    }

    #[test]
    fn levels_of_a_breakdown_average_to_the_total() {
        let rows = panel_wave("chronic", 2025);
        let of = |breakdown: &str| {
            let levels = rows
                .iter()
                .filter(|row| row.indicator == "written_use" && row.breakdown == breakdown);
            levels.fold((0.0, 0.0), |(sum, weight), row| {
                (sum + row.value.sum, weight + row.value.weight)
            })
        };
        let (sum, weight) = of("total");
        for breakdown in ["age", "sex", "education", "digital_skill"] {
            let (part, people) = of(breakdown);
            assert!((part / people - sum / weight).abs() < 1e-9, "{breakdown}");
        }
    }
}
