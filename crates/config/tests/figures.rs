//! config/figures.toml: what its figures name is there.
#![allow(clippy::unwrap_used)] // a panic is the test's failure

use std::fs;
use std::path::Path;

use config::Configuration;
use config::publication::{Form, Waves};

const FILES: [(&str, &str); 6] = [
    ("monitor.toml", "name = \"neighbourhood\"\nlanguages = [\"nl\", \"en\"]\n"),
    ("panels/residents.toml", ""),
    ("exports/form.toml", "label = \"A form\"\ncontainer = \"csv\"\nid = [\"id\"]\n"),
    ("codebook/concepts.csv", "concept,role,kind\nrespondent,identifier,text\nnoise,,\n"),
    (
        "codebook/items.csv",
        "panel,wave,concept,column\nresidents,202411,respondent,id\nresidents,202411,noise,Noise\n",
    ),
    ("indicators.csv", "indicator,figures,concept\nnoise,A1,noise\n"),
];

const FIGURE: &str = r#"[[figure]]
figure = "A1"
title = { nl = "Geluid", en = "Noise" }
subtitle = "Mean"
form = "lines"
facet = "panel"
waves = "latest"
panels = ["residents"]
"#;

fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// What is found wrong with the figure after a change, and with the monitor after an addition.
fn check(change: [&str; 2], monitor: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in FILES {
        write(folder.path(), file, text);
    }
    assert!(FIGURE.contains(change[0]), "{}", change[0]);
    write(folder.path(), "figures.toml", &FIGURE.replace(change[0], change[1]));
    write(folder.path(), "monitor.toml", &format!("{}{monitor}", FILES[0].1));
    match Configuration::load(folder.path()) {
        Ok(configuration) => {
            let figure = &configuration.figures[0];
            assert_eq!((figure.form, figure.waves), (Form::Lines, Waves::Latest));
            assert_eq!(figure.title.of("nl"), "Geluid");
            assert_eq!(figure.breakdowns, ["total"]);
            Vec::new()
        }
        Err(mistakes) => mistakes.iter().map(|one| one.message.clone()).collect(),
    }
}

#[test]
fn a_figure_shows_the_indicators_that_name_it() {
    assert_eq!(check(["A1", "A1"], ""), [""; 0]);
    assert_eq!(
        check(["A1", "A2"], ""),
        [
            "figure `A2`: no indicator of indicators.csv names it",
            "there is no figure `A1` in figures.toml"
        ]
    );
}

#[test]
fn panels_breakdowns_gaps_and_totals_are_there() {
    let wrong = |line: &str| check(["waves", &format!("{line}\nwaves")], "");
    assert_eq!(wrong("gap = \"x\""), ["figure `A1`: there is no gap `x`"]);
    assert_eq!(wrong("reference = \"x\""), ["figure `A1`: there is no panel or total `x`"]);
    assert_eq!(wrong("breakdowns = [\"age\"]"), ["figure `A1`: there is no breakdown `age`"]);
    assert_eq!(
        check(["[\"residents\"]", "[\"resident\"]"], ""),
        ["figure `A1`: there is no panel or total `resident`"]
    );
    assert_eq!(check(["\"lines\"", "\"dumbbell\""], ""), ["figure `A1`: a dumbbell has no `gap`"]);
}

#[test]
fn fieldwork_order_and_embargo_can_be_meant() {
    let fieldwork =
        "\n[[fieldwork]]\nwave = 202411\nstart = \"2024-11-30\"\nend = \"2024-11-04\"\n";
    assert_eq!(
        check(["A1", "A1"], fieldwork),
        ["`fieldwork` of 202411: from 2024-11-30 to 2024-11-04"]
    );
    assert_eq!(
        check(["A1", "A1"], "panel_order = [\"resident\"]\n"),
        ["`panel_order`: there is no panel `resident`"]
    );
    let embargo = check(["A1", "A1"], "\n[publication]\nembargo_until = \"2026-01-15\"\n");
    assert_eq!(embargo, ["found \"2026-01-15\""]);
}
