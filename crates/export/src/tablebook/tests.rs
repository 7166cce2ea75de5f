//! Tables as grids of text: what stands where.
#![allow(clippy::unwrap_used)] // a panic is the test's failure

#[path = "../../tests/support/release.rs"]
mod made;

use super::dimensions::Dimensions;
use super::facts::Facts;
use super::letters::Letters;
use super::table::{Source, Value};
use crate::release::Release;
use crate::words::Words;
use made::{Made, Tables, figures};

/// The table of a concept, a line a row.
fn grid(tables: &Tables, concept: &str, is_restricted: bool) -> String {
    let made = Made::new(tables);
    let release = Release::read(made.folder()).unwrap();
    let dimensions = Dimensions::read(&release, "en").unwrap();
    let facts = Facts::read(&release, &dimensions, is_restricted).unwrap();
    let panel = &dimensions.panels[0];
    let letters = Letters::read(&facts, &dimensions, panel);
    let words = Words::of("en");
    let source =
        Source { facts: &facts, dimensions: &dimensions, panel, letters: &letters, words: &words };
    let concept = dimensions.concepts.iter().find(|it| &*it.key == concept).unwrap();
    let table = source.table(concept).unwrap();
    let mut lines: Vec<String> = Vec::new();
    let headers = table.columns.iter().map(|column| column.header.as_str());
    lines.push(headers.collect::<Vec<_>>().join(" | "));
    for row in &table.rows {
        let values = row.values.iter().map(|value| match value {
            Value::Number(number) => format!("{number:.2}").replace(".00", ""),
            Value::Mark(mark) => (*mark).to_owned(),
            Value::Text(text) => text.clone(),
        });
        let values: Vec<String> = values.collect();
        lines.push(format!("{}, {}: {}", row.label, row.statistic, values.join(" | ")));
    }
    lines.join("\n")
}

fn check(tables: &Tables, concept: &str, is_restricted: bool, expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    assert_eq!(grid(tables, concept, is_restricted), expected.join("\n"));
}

#[test]
fn a_figure_stands_with_its_interval_letters_change_and_base() {
    check(
        &figures(),
        "portal",
        false,
        "Total 2025 | 2024 | 2025 | A  Age: Young | B  Age: Middle | C  Age: 75 and over
         Used, %: 70 | 50 | 70 | 90 | 0 | [c]
         Used, 95% interval: low: 60 | 40 | 60 | 80 | 0 | [c]
         Used, 95% interval: high: 80 | 60 | 80 | 95 | 9 | [c]
         Used, Significantly higher than: [z] | [z] | [z] | B | – | [c]
         Used, Change from the wave before: ▲ | [z] | ▲ | [z] | [z] | [c]
         Base, Answers (n, rounded): 100 | 100 | 100 | 50 | 40 | [c]",
    );
}

#[test]
fn a_break_and_a_wave_without_the_question_are_marked() {
    check(
        &figures(),
        "rating",
        false,
        "Total 2025 | 2024 | 2025
         Mean rating, Mean: 6.50 | [x] | 6.50
         Mean rating, 95% interval: low: 6 | [x] | 6
         Mean rating, 95% interval: high: 7 | [x] | 7
         Mean rating, Significantly higher than: [z] | [x] | [z]
         Mean rating, Change from the wave before: [b] | [x] | [b]
         Base, Answers (n, rounded): 100 | [x] | 100",
    );
}

/// How people answered, as a release tells it.
fn with_answers(mut tables: Tables) -> Tables {
    tables.add(
        "public/answer_distribution",
        "concept | panel | wave | cell | code | percent | ci_lower | ci_upper | n | status | reason
         portal | gp | 2025 | total | dont_know | 10 | 5 | 16 | 100 | published |
         portal | gp | 2025 | total | no | 20 | 13 | 29 | 100 | published |
         portal | gp | 2025 | total | yes | 70 | 60 | 80 | 100 | published |
         portal | gp | 2025 | age:old | no | - | - | - | - | withheld | secondary",
    );
    tables
}

#[test]
fn every_answer_has_its_rows_and_the_published_one_its_letters() {
    check(
        &with_answers(figures()),
        "portal",
        false,
        "Total 2025 | 2024 | 2025 | A  Age: Young | B  Age: Middle | C  Age: 75 and over
         Yes, %: 70 | 50 | 70 | 90 | 0 | [c]
         Yes, 95% interval: low: 60 | 40 | 60 | 80 | 0 | [c]
         Yes, 95% interval: high: 80 | 60 | 80 | 95 | 9 | [c]
         Yes, Significantly higher than: [z] | [z] | [z] | B | – | [c]
         Yes, Change from the wave before: ▲ | [z] | ▲ | [z] | [z] | [c]
         No, %: 20 | [x] | 20 | [z] | [z] | [c]
         No, 95% interval: low: 13 | [x] | 13 | [z] | [z] | [c]
         No, 95% interval: high: 29 | [x] | 29 | [z] | [z] | [c]
         Don't know, %: 10 | [x] | 10 | [z] | [z] | [z]
         Don't know, 95% interval: low: 5 | [x] | 5 | [z] | [z] | [z]
         Don't know, 95% interval: high: 16 | [x] | 16 | [z] | [z] | [z]
         Base, Answers (n, rounded): 100 | 100 | 100 | 50 | 40 | [c]",
    );
}

#[test]
fn a_figure_of_several_answers_is_a_net_below_them() {
    let mut tables = with_answers(figures());
    tables.put_text("public/dim_indicator", "codes", "yes|dont_know");
    let grid = grid(&tables, "portal", false);
    let labels: Vec<&str> = grid
        .lines()
        .filter(|line| line.contains(", %:"))
        .map(|line| line.split(", %").next().unwrap())
        .collect();
    assert_eq!(labels, ["Yes", "No", "Don't know", "Net: Used"]);
}

#[test]
fn analysts_see_what_is_withheld_exactly_with_three_bases() {
    let grid = grid(&figures(), "portal", true);
    let lines: Vec<&str> = grid.lines().collect();
    assert_eq!(lines[1], "Used, %: 70.10 | 50 | 70.10 | 90 | 0 | 43.21");
    assert_eq!(lines[6], "Base, Answers (n): 97 | 99 | 97 | 49 | 41 | 17");
    assert_eq!(lines[7], "Base, Weighted base: 4000 | 4000 | 4000 | 2000 | 1700 | 300");
    assert_eq!(lines[8], "Base, Effective base: 90.50 | 95 | 90.50 | 45 | 40 | 6.50");
}

#[test]
fn codes_may_stand_in_a_mart_of_their_own_and_waves_have_names() {
    let mut tables = with_answers(figures());
    tables.drop_column("public/dim_indicator", "codes");
    tables.add("public/indicator_code", "indicator | concept | code\n portal_use | portal | yes");
    tables.add(
        "public/dim_wave",
        "wave | sort_order | label | label_nl | label_en
         2024 | 1 | voorjaar 2024 | voorjaar 2024 | spring 2024
         2025 | 2 | najaar 2025 | najaar 2025 | autumn 2025",
    );
    let grid = grid(&tables, "portal", false);
    let lines: Vec<&str> = grid.lines().collect();
    assert!(lines[0].starts_with("Total autumn 2025 | spring 2024 | autumn 2025 | A  Age"));
    assert_eq!(lines[4], "Yes, Significantly higher than: [z] | [z] | [z] | B | – | [c]");
}

#[test]
fn a_label_that_is_missing_gives_way_to_its_key() {
    let mut tables = figures();
    tables.put_text("public/dim_indicator", "label_en", "");
    tables.put_text("public/dim_breakdown", "level_label_en", "");
    let grid = grid(&tables, "portal", false);
    let lines: Vec<&str> = grid.lines().collect();
    assert!(lines[0].ends_with("A  Age: young | B  Age: middle | C  Age: old"), "{}", lines[0]);
    assert!(lines[1].starts_with("portal_use, %"), "{}", lines[1]);
}
