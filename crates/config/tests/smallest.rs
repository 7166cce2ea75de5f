//! What may be left out of a configuration, and what it then is.
#![allow(clippy::unwrap_used)] // a panic is the test's failure

use std::fs;
use std::path::Path;

use config::{Configuration, IndicatorKind, Mistake, PipelineFile};

/// The fewest settings that make a survey: six keys and three tables.
const FILES: [(&str, &str); 6] = [
    ("config/monitor.toml", "name = \"neighbourhood\"\n"),
    ("config/panels/residents.toml", ""),
    ("config/exports/form.toml", "label = \"A form\"\ncontainer = \"csv\"\nid = [\"id\"]\n"),
    ("config/codebook/concepts.csv", "concept,role,kind\nrespondent,identifier,text\nnoise,,\n"),
    (
        "config/codebook/items.csv",
        "panel,wave,concept,column\nresidents,202411,respondent,id\nresidents,202411,noise,Noise\n",
    ),
    ("config/indicators.csv", "indicator,concept\nnoise,noise\n"),
];

const PIPELINE: &str = "[pseudonym_key]\ndemonstration = \"x\"\n\n[[delivery]]\nfile = \"autumn 2024.csv\"\nprofile = \"form\"\nwave = 202411\npanels = [\"residents\"]\n";

fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn project(changed: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in FILES.iter().chain(changed) {
        write(folder.path(), file, text);
    }
    folder
}

fn loaded(changed: &[(&str, &str)]) -> Configuration {
    let folder = project(changed);
    Configuration::load(&folder.path().join("config")).unwrap_or_else(|mistakes| {
        panic!("{}", mistakes.iter().map(|one| one.render(false)).collect::<Vec<_>>().join("\n"))
    })
}

fn mistakes(changed: &[(&str, &str)]) -> Vec<Mistake> {
    Configuration::load(&project(changed).path().join("config")).unwrap_err()
}

#[test]
fn six_keys_and_three_tables_are_a_survey() {
    let folder = project(&[("pipelines/form.toml", PIPELINE)]);
    let path = folder.path().join("pipelines/form.toml");
    let config = PipelineFile::config_folder(&path).unwrap();
    let configuration = Configuration::load(&config).unwrap();
    let pipeline = PipelineFile::load(&path, &configuration).unwrap();
    assert_eq!(
        (pipeline.name.as_str(), pipeline.deliveries[0].name.as_str()),
        ("form", "autumn_2024")
    );
    assert_eq!(configuration.monitor.languages, ["en"]);
    assert_eq!(configuration.monitor.waves().collect::<Vec<_>>(), [202_411]);
    assert_eq!(configuration.panels["residents"].label.of("en"), "residents");
    let indicator = &configuration.indicators[0];
    assert_eq!(
        (indicator.kind, indicator.panels.as_slice()),
        (IndicatorKind::Mean, &["residents".to_owned()][..])
    );
}

#[test]
fn a_survey_in_a_language_of_its_own_needs_no_other() {
    let configuration = loaded(&[
        (
            "config/monitor.toml",
            "name = \"voisinage\"\nlanguages = [\"fr\"]\nlabel = \"Le voisinage\"\n",
        ),
        ("config/indicators.csv", "indicator,concept,label_fr\nnoise,noise,Le bruit\n"),
    ]);
    assert_eq!(configuration.indicators[0].label.of("fr"), "Le bruit");
    assert_eq!(configuration.monitor.label.of("fr"), "Le voisinage");
}

#[test]
fn a_label_in_a_language_that_the_survey_has_not_says_where_to_add_it() {
    let found = mistakes(&[(
        "config/indicators.csv",
        "indicator,concept,label_fr\nnoise,noise,Le bruit\n",
    )]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].hint.as_deref(), Some("add \"fr\" to `languages` of monitor.toml"));
}

#[test]
fn a_wave_may_have_a_label_and_a_date() {
    let text = "name = \"x\"\nwaves = [2023, { wave = 202411, label = \"Autumn 2024\", date = \"2024-11-04\" }]\n";
    let monitor = loaded(&[("config/monitor.toml", text)]).monitor;
    assert_eq!(monitor.waves[1].label.plain(), "Autumn 2024");
    assert_eq!(monitor.waves[1].date.as_deref(), Some("2024-11-04"));
    let wrong = mistakes(&[(
        "config/monitor.toml",
        "name = \"x\"\nwaves = [{ wave = 1, date = \"soon\" }]\n",
    )]);
    assert_eq!(wrong.len(), 1, "{wrong:?}");
}

#[test]
fn codes_star_is_an_indicator_for_each_answer() {
    let configuration = loaded(&[
        (
            "config/codebook/concepts.csv",
            "concept,role,kind,answers\nrespondent,identifier,text,\nnoise,,,levels\n",
        ),
        (
            "config/codebook/answers.csv",
            "answers,code,label_en\nlevels,low,Low\nlevels,high,High\n",
        ),
        (
            "config/codebook/items.csv",
            "panel,wave,concept,column,crosswalk\nresidents,202411,respondent,id,\nresidents,202411,noise,Noise,levels\n",
        ),
        ("config/codebook/crosswalks.csv", "crosswalk,value,code\nlevels,L,low\nlevels,H,high\n"),
        ("config/indicators.csv", "indicator,concept,codes,label_en\nnoise,noise,*,Noise\n"),
    ]);
    let made: Vec<_> = configuration
        .indicators
        .iter()
        .map(|one| (one.indicator.as_str(), one.codes[0].as_str(), one.label.of("en")))
        .collect();
    assert_eq!(made, [("noise_low", "low", "Noise: Low"), ("noise_high", "high", "Noise: High")]);
}

#[test]
fn a_label_that_is_no_text_is_said_in_words_of_the_user() {
    let found = mistakes(&[("config/monitor.toml", "name = \"x\"\nlabel = 3\n")]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].expected.as_deref().unwrap().starts_with("a text, or a text for each language")
    );
}

#[test]
fn all_that_is_missing_is_said_at_once_each_with_a_line_to_paste() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "pipelines/x.toml", "[[delivery]]\nwave = 2024\n");
    let found = PipelineFile::config_folder(&folder.path().join("pipelines/x.toml")).unwrap_err();
    assert_eq!(found.len(), 1, "{found:?}");
    for key in ["pseudonym_key", "delivery.file", "delivery.profile", "delivery.panels"] {
        assert!(found[0].message.contains(&format!("`{key}`")), "{}", found[0].message);
    }
    assert!(found[0].hint.as_deref().unwrap().contains("profile = \"qualtrics_csv\""));
}

#[test]
fn an_empty_table_is_one_mistake_with_the_header_to_paste() {
    let found = mistakes(&[("config/codebook/answers.csv", "")]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].hint.as_deref(), Some("the whole header: answers,code,order,label_en"));
}

#[test]
fn a_table_of_totals_for_no_panel_is_one_mistake_however_many_rows_it_has() {
    let rows = "wave,margin,level,total,source\n202411,a,x,1,s\n202411,a,y,2,s\n";
    let found = mistakes(&[("config/targets/resident.csv", rows)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].hint.as_deref(), Some("did you mean `residents`?"));
}

#[test]
fn a_concept_that_was_known_by_its_name_is_told_to_take_the_role() {
    let concepts =
        "concept,role,kind\nrespondent,identifier,text\nnoise,,\nlast_page,paradata,number\n";
    let warnings = loaded(&[("config/codebook/concepts.csv", concepts)]).warnings;
    let told =
        warnings.iter().any(|one| one.hint.as_deref() == Some("set its role to `last_page`"));
    assert!(told, "{warnings:?}");
}
