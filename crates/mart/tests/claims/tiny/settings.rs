//! The settings of the tiny survey.

use std::collections::BTreeMap;

use config::{Breakdown, Configuration, Indicator, IndicatorKind, MartFile};
use survey::codebook::{Answer, Codebook, Concept, Kind, Role};

pub fn configuration() -> Configuration {
    let monitor = toml::from_str(
        r#"
        name = "tiny"
        label = { nl = "Klein", en = "Tiny" }
        notice = { nl = "Synthetisch", en = "Synthetic" }
        languages = ["nl", "en"]
        waves = [2024, 2025]
        significance = { level = 0.05, confidence = 0.95, adjustment = "none", equal_when_rounded_is_stable = true }
        disclosure = { minimum_base = 30, minimum_cell = 5, status = "assumed" }
        gates = { unknown_answer_percent = 1, invalid_cell_percent = 1, quarantined_row_percent = 1 }
        quality = { speeder_share_of_median = 0.3, straightliner_blocks = {}, straightliner_minimum_items = 3, drift_percentage_points = 10 }
        "#,
    )
    .unwrap();
    let panel = toml::from_str(
        r#"
        label = { nl = "Huisartsen", en = "GPs" }
        kind = "provider"
        population = { nl = "Huisartsen", en = "GPs" }
        unit = "person"
        weighting = { method = "none", missing_auxiliary = "stop", note = "" }
        "#,
    )
    .unwrap();
    let indicator = Indicator {
        indicator: "video".to_owned(),
        figures: vec!["F1".to_owned()],
        concept: "video".to_owned(),
        kind: IndicatorKind::Proportion,
        codes: vec!["yes".to_owned()],
        base: String::new(),
        panels: vec!["gp".to_owned()],
        first_wave: None,
        last_wave: Some(2025),
        unit: "percent".to_owned(),
        decimals: 0,
        colour: None,
        label: survey::Labels::from([("nl", "Beeldbellen"), ("en", "Video calls")]),
        line: survey::Line(2),
    };
    let breakdown = Breakdown {
        breakdown: "sex".to_owned(),
        concept: "sex".to_owned(),
        panels: vec!["gp".to_owned()],
        indicators: vec![],
        followed: vec![],
        label: survey::Labels::from([("nl", "Geslacht"), ("en", "Sex")]),
        line: survey::Line(2),
    };
    Configuration {
        words: config::Words::shipped(),
        folder: "config".into(),
        monitor,
        panels: BTreeMap::from([("gp".to_owned(), panel)]),
        targets: vec![],
        exports: BTreeMap::new(),
        codebook: codebook(),
        indicators: vec![indicator],
        breakdowns: vec![breakdown],
        figures: vec![],
        rules: vec![],
        rule_files: BTreeMap::new(),
        marts: vec![MartFile {
            name: "shown".to_owned(),
            sql: "estimate".to_owned(),
            contract: shown("float64", 1),
        }],
        warnings: vec![],
    }
}

/// The contract of the mart `shown`.
pub fn shown(kind: &str, minimum_rows: u32) -> String {
    let text = |name: &str| format!("{{ name = \"{name}\", type = \"text\", meaning = \"\" }}");
    let columns = ["indicator", "panel", "breakdown", "level"].map(text).join(", ");
    format!(
        "grain = \"a cell\"\nkey = [\"indicator\", \"panel\", \"wave\", \"breakdown\", \"level\"]\nminimum_rows = {minimum_rows}\n\
         columns = [{columns}, {{ name = \"wave\", type = \"int32\", meaning = \"\" }}, \
         {{ name = \"estimate\", type = \"{kind}\", nullable = true, meaning = \"\" }}]"
    )
}

fn codebook() -> Codebook {
    let concept = |name: &str, kind: Kind, role: Role, answers: &str| Concept {
        concept: name.to_owned(),
        theme: String::new(),
        kind,
        role,
        answers: answers.to_owned(),
        unit: String::new(),
        label: survey::Labels::same(name),
        base_includes: std::collections::BTreeSet::new(),
        derivation: String::new(),
        line: survey::Line(2),
    };
    let answer = |answers: &str, code: &str, order: u32| Answer {
        answers: answers.to_owned(),
        code: code.to_owned(),
        order,
        label: survey::Labels::same(code),
        line: survey::Line(2),
    };
    Codebook {
        languages: vec!["nl".to_owned(), "en".to_owned()],
        concepts: vec![
            concept("sex", Kind::Category, Role::Background, "sex"),
            concept("age", Kind::Number, Role::Background, ""),
            concept("video", Kind::Category, Role::Answer, "yes_no"),
            concept("robot", Kind::Category, Role::Answer, "yes_no"),
            concept("remark", Kind::Text, Role::Answer, ""),
        ],
        answers: BTreeMap::from([
            (
                "sex".to_owned(),
                vec![answer("sex", "f", 1), answer("sex", "m", 2), answer("sex", "x", 3)],
            ),
            ("yes_no".to_owned(), vec![answer("yes_no", "yes", 1), answer("yes_no", "no", 2)]),
        ]),
        items: vec![],
        crosswalks: BTreeMap::new(),
    }
}
