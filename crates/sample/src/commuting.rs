//! A second, small survey: how people get to work, one panel, two waves, answers of nobody.

use std::fmt::Write as _;

use crate::chance::Chance;

pub const WAVES: [u16; 2] = [2024, 2025];
const RESPONDENTS: usize = 640;
const REGIONS: [&str; 4] = ["North", "East", "South", "West"];
const AGES: [&str; 3] = ["18-34", "35-54", "55 and over"];
const MODES: [(&str, f64); 5] =
    [("Car", 0.55), ("Train", 0.25), ("Bus or tram", 0.2), ("Bicycle", 0.35), ("On foot", 0.15)];
const CONTENTMENT: [&str; 5] =
    ["Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied"];

/// One wave as its survey tool exports it: several answers in a cell, the weight of the agency beside them.
pub fn export(wave: u16, seed: u64) -> String {
    // The questionnaire of the second wave renames a question and offers one more answer.
    let (satisfaction, e_bike) = match wave {
        2024 => ("How satisfied are you with your journey to work?", 0.0),
        _ => ("Overall, how satisfied are you with your journey to work?", 0.12),
    };
    let mut text = format!(
        "id,weight,Region,Age group,How do you usually travel to work?,{},How many minutes does your journey take?,Days worked at home last week\n",
        quoted(satisfaction)
    );
    let mut chance = Chance::new(seed, &format!("commuting {wave}"));
    for number in 1..=RESPONDENTS {
        let (region, age) = (chance.below(REGIONS.len()), chance.below(AGES.len()));
        let mut modes: Vec<&str> =
            MODES.iter().filter(|(_, share)| chance.hit(*share)).map(|(mode, _)| *mode).collect();
        if chance.hit(e_bike) {
            modes.push("E-bike");
        }
        if modes.is_empty() {
            modes.push("Car");
        }
        let drives = modes.contains(&"Car");
        let minutes = (12.0 + 26.0 * chance.uniform() + 9.0 * chance.normal().abs()).round();
        let mood = chance.normal() - f64::from(u8::from(drives)) * 0.5 - (minutes - 30.0) / 40.0;
        let level = ((mood + 2.5).clamp(0.0, 4.99)) as usize;
        let answer = if chance.hit(0.04) { "Don't know" } else { CONTENTMENT[level] };
        let days = if chance.hit(0.03) { String::new() } else { chance.below(5).to_string() };
        let weight = 0.6 + 0.3 * region as f64 + 0.2 * age as f64;
        let _ = writeln!(
            text,
            "C{wave}{number:04},{weight:.2},{},{},{},{answer},{minutes},{days}",
            REGIONS[region],
            AGES[age],
            modes.join(";")
        );
    }
    text
}

fn quoted(text: &str) -> String {
    if text.contains(',') { format!("\"{text}\"") } else { text.to_owned() }
}
