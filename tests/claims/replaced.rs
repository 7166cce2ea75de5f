//! Deliveries that a later file of the same panel-wave replaces.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::marts::rows;
use crate::program::{peil, root, sample_run, tiny_survey};

fn manifest(release: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(release.join("manifest.json")).unwrap()).unwrap()
}

#[test]
fn every_file_that_was_delivered_stands_with_its_hash_in_the_manifest_and_in_the_marts() {
    let run = sample_run();
    let inputs = manifest(&run.marts)["inputs"].as_array().unwrap().clone();
    let text = fs::read_to_string(root().join("pipelines/monitor.toml")).unwrap();
    let pipeline: toml::Table = toml::from_str(&text).unwrap();
    let deliveries = pipeline["delivery"].as_array().unwrap();
    let mart = rows(&run.marts, "delivery");
    assert_eq!(deliveries.len(), inputs.len());
    assert_eq!(deliveries.len(), mart.len());
    for delivery in deliveries {
        let name = delivery["name"].as_str().unwrap();
        let file = root().join("pipelines").join(delivery["file"].as_str().unwrap());
        let hash = blake3::hash(&fs::read(file).unwrap()).to_hex().to_string();
        let by = deliveries
            .iter()
            .find(|other| other.get("replaces").is_some_and(|of| of.as_str() == Some(name)))
            .map(|other| other["name"].as_str().unwrap());
        let input = inputs.iter().find(|input| input["delivery"] == name).unwrap();
        assert_eq!(input["blake3"], hash.as_str(), "{name}");
        assert_eq!(input.get("replaced_by").and_then(Value::as_str), by, "{name}");
        let row = mart.iter().find(|row| row["delivery"] == name).unwrap();
        assert_eq!(row["blake3"], hash, "{name}");
        assert_eq!(row["replaced_by"], by.unwrap_or_default(), "{name}");
        assert_eq!(row["rows_in"].is_empty(), by.is_some(), "{name}");
    }
    assert!(mart.iter().any(|row| !row["replaced_by"].is_empty()), "the sample replaces a file");
}

#[test]
fn another_file_in_place_of_a_replaced_one_is_published_and_nothing_else_runs() {
    let folder = tiny_survey();
    let file = folder.path().join("pipeline.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (head, rest) = text.split_once("[[delivery]]").unwrap();
    let early = "[[delivery]]\nname = \"gp_2024_early\"\nfile = \"input/early.csv\"\nprofile = \"excel_nl_csv\"\nwave = 2024\npanels = [\"gp\"]\n\n";
    let rest = rest.replacen("wave = 2024", "wave = 2024\nreplaces = \"gp_2024_early\"", 1);
    fs::write(&file, format!("{head}{early}[[delivery]]{rest}")).unwrap();

    let none = peil(folder.path(), &["run", "pipeline.toml"]);
    assert!(none.code == 3 && none.stderr.contains("early.csv"), "{}", none.stderr);
    fs::write(folder.path().join("input/early.csv"), "a first try").unwrap();
    let first = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    fs::write(folder.path().join("input/early.csv"), "a second try").unwrap();
    let before = fs::read_link(folder.path().join("marts/current")).unwrap();
    let plan = peil(folder.path(), &["plan", "pipeline.toml"]);
    assert!(plan.stdout.contains("publish: delivery `gp_2024_early`"), "{}", plan.stdout);
    assert_eq!(fs::read_link(folder.path().join("marts/current")).unwrap(), before);
    let second = peil(folder.path(), &["run", "pipeline.toml"]);
    assert!(second.stderr.contains(" 1 of 12 steps ran"), "{}", second.stderr);
    assert_ne!(fs::read_link(folder.path().join("marts/current")).unwrap(), before);
}
