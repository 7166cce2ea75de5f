//! The reference and the schemas that the repository ships are those of the types.
#![allow(clippy::unwrap_used)] // a panic is the test's failure

#[allow(dead_code)] // its `main` writes what is read here
#[path = "../examples/reference.rs"]
mod made;

use std::fs;
use std::path::Path;

const AGAIN: &str = "run `make reference`";

#[test]
fn the_reference_is_what_the_types_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = config::reference::page(&|name, path| made::example(&root, name, path));
    assert!(fs::read_to_string(root.join("docs/configuration.md")).unwrap() == page, "{AGAIN}");
    for (name, _) in config::schema::FILES {
        let text = config::schema::text(&config::schema::of(name).unwrap());
        let shipped = fs::read_to_string(root.join(format!("config/schemas/{name}.json")));
        assert!(shipped.unwrap() == text, "{name}: {AGAIN}");
    }
}

#[test]
fn every_key_has_a_meaning_and_an_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = config::reference::page(&|name, path| made::example(&root, name, path));
    let keys =
        page.lines().filter(|line| line.starts_with("| `") && line.matches(" | ").count() == 4);
    let mut of_settings = 0;
    for line in keys {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let is_table = cells[1].starts_with("table") || cells[1].starts_with("list of tables");
        assert!(
            !cells[4].trim_matches(['|', ' ']).is_empty()
                || is_table
                || cells[1].is_empty()
                || cells[1] == "yes",
            "no meaning: {line}"
        );
        assert!(!cells[3].is_empty() || is_table, "no example: {line}");
        of_settings += 1;
    }
    assert!(of_settings > 100, "{of_settings} keys");
}

#[test]
fn the_words_of_the_tables_are_those_that_are_read() {
    let values = |table: &config::tables::TableSpec, name: &str| {
        table.columns.iter().find(|column| column.name == name).unwrap().values
    };
    for role in [
        "answer",
        "identifier",
        "background",
        "design",
        "paradata",
        "completed",
        "last_page",
        "duration",
    ] {
        assert!(values(&config::tables::CONCEPTS, "role").contains(&format!("`{role}`")));
    }
    for reason in survey::MissingReason::ALL {
        let name = format!("`{}`", reason.name());
        assert!(values(&config::tables::CROSSWALKS, "missing").contains(&name), "{name}");
    }
}
