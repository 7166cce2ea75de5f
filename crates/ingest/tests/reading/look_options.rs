//! Cells with several answers: what a first look proposes for them can be pasted into the codebook.

use std::fs;
use std::path::{Path, PathBuf};

use config::{Configuration, ExportProfile};
use ingest::{Known, Look};

use crate::support::{delivery, profile};

const SEVERAL: &str = "respnr;apps;zorg;cijfer;wie\n\
    1;\"1;3;4\";Portaal|App;7;Jansen\n2;\"1;3\";App;8;de Vries\n3;\"4\";Portaal;6;Bakker\n4;\"3;4;\";App|Portaal;9;Smit\n";

fn config() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../config")
}

fn look(path: &Path, profile: &ExportProfile, configuration: &Configuration) -> Look {
    let known =
        Known { profiles: &[profile], codebook: Some(&configuration.codebook), ..Known::default() };
    ingest::look(&ingest::Delivery::new("test", path), &known, Some(profile)).unwrap()
}

fn look_at_several() -> Look {
    let (_folder, delivery) = delivery("a.csv", SEVERAL.as_bytes());
    look(&delivery.path, &profile("excel_nl_csv"), &Configuration::load(&config()).unwrap())
}

#[test]
fn each_of_several_answers_in_a_cell_is_proposed_as_an_item_and_a_concept_of_yes_and_no() {
    let look = look_at_several();
    for row in [
        "PANEL,WAVE,apps_1,apps,,1,OPTION 1,,",
        "PANEL,WAVE,apps_3,apps,,1,OPTION 3,,",
        "PANEL,WAVE,zorg_2,zorg,,1,OPTION 2,,",
    ] {
        assert!(look.items_proposal.contains(row), "{row}\n{}", look.items_proposal);
    }
    assert!(!look.items_proposal.contains("OPTION 4"), "three options, three rows");
    let concept = "apps_1,THEME,category,answer,yes_no,,apps: OPTION 1,LABEL,,";
    assert!(look.concepts_proposal.contains(concept), "{}", look.concepts_proposal);
}

#[test]
fn a_page_tells_how_many_options_there_are_and_none_of_them() {
    let look = look_at_several();
    let page = ingest::look_text(&look);
    assert!(page.contains("up to 3 of 3 options separated by `;`"), "{page}");
    assert!(page.contains("cells of `zorg` hold several answers"), "{page}");
    let all = page + &serde_json::to_string(&look).unwrap();
    for value in ["Portaal", "App", "1;3", "Jansen"] {
        assert!(!all.contains(value), "{value}");
    }
}

#[test]
fn what_is_proposed_for_several_answers_loads_once_panel_and_wave_are_filled_in() {
    let look = look_at_several();
    let folder = tempfile::tempdir().unwrap();
    copy(&config(), folder.path());
    let paste = |file: &str, proposed: &str| {
        let path = folder.path().join("codebook").join(file);
        let mut text = fs::read_to_string(&path).unwrap();
        text.extend(proposed.lines().skip(1).map(|line| format!("{line}\n")));
        fs::write(path, text).unwrap();
    };
    // The panel-wave has its id column already.
    let asked = |line: &&str| !line.contains(",respondent,");
    let kept = |text: &str| text.lines().filter(asked).collect::<Vec<_>>().join("\n");
    let items = kept(&look.items_proposal).replace("PANEL,WAVE", "gp,2025");
    paste("items.csv", &items);
    paste("concepts.csv", &kept(&look.concepts_proposal));
    let loaded = Configuration::load(folder.path());
    let loaded = loaded.unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    let options = |column: &str| {
        let of = |item: &&survey::codebook::Item| item.column == column && !item.option.is_empty();
        loaded.codebook.items.iter().filter(of).count()
    };
    assert_eq!((options("apps"), options("zorg")), (3, 2));
}

#[test]
fn a_known_column_with_values_beside_its_crosswalk_is_told_with_the_unread_column_that_holds_them()
{
    let configuration = Configuration::load(&config()).unwrap();
    let sample = config().join("../sample-data/2025/verpleegkundigen_2025.csv");
    let text = fs::read_to_string(sample).unwrap();
    // The question of the sex moves to a column of another name, and years stand in its place.
    let mut lines = text.lines();
    let mut moved = String::new();
    for (row, line) in lines.by_ref().enumerate() {
        let cells: Vec<&str> = line.split("\",\"").collect();
        let sex = cells[11].to_owned();
        let (old, new) = match row {
            0 => (sex, "Q3b".to_owned()),
            1 | 2 => (sex.clone(), sex),
            _ => (format!("19{}", 40 + row % 50), sex),
        };
        let mut cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        cells[11] = old;
        cells.insert(12, new);
        moved.push_str(&(cells.join("\",\"") + "\n"));
    }
    let (_folder, delivery) = delivery("a.csv", moved.as_bytes());
    let look = look(&delivery.path, &profile("qualtrics_csv"), &configuration);
    let column = look.looks.iter().find(|column| column.header == "Q3").unwrap();
    let outside = column.outside.as_ref().unwrap();
    assert!(outside.unknown >= 40, "{outside:?}");
    assert!(outside.held_by.contains(&"Q3b".to_owned()), "{outside:?}");
    let page = ingest::look_text(&look);
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("values are not in crosswalk `"), "{page}");
    let others = look.looks.iter().filter(|one| one.outside.is_some()).count();
    assert!(others < 5, "{others} columns hold something else than their crosswalk");
}

#[test]
fn an_item_about_one_option_brings_the_others_of_its_column() {
    let configuration = Configuration::load(&config()).unwrap();
    let sample = config().join("../sample-data/2023/sociaal_geneeskundigen_2023.xlsx");
    let look = look(&sample, &profile("microsoft_forms_nl_xlsx"), &configuration);
    for option in ["Patiëntportaal", "E-consult", "Beeldbellen", "Telemonitoring"] {
        let row = format!("gebruikt u of biedt u aan?,,1,{option},,,,in_practice,yes,");
        assert!(look.items_proposal.contains(&row), "{option}\n{}", look.items_proposal);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
