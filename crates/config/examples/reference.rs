//! Writes docs/configuration.md and config/schemas: `make reference`. The examples come from the configuration in `config`.
#![allow(clippy::print_stdout, clippy::unwrap_used)] // a program of the repository

use std::fs;
use std::path::{Path, PathBuf};

use toml::Value;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let example = |name: &str, path: &[String]| example(&root, name, path);
    fs::write(root.join("docs/configuration.md"), config::reference::page(&example)).unwrap();
    let folder = root.join("config/schemas");
    fs::create_dir_all(&folder).unwrap();
    for (name, _) in config::schema::FILES {
        let schema = config::schema::of(name).unwrap();
        fs::write(folder.join(format!("{name}.json")), config::schema::text(&schema)).unwrap();
    }
    println!("docs/configuration.md and config/schemas are written");
}

/// The first value that a file of this kind has under the key.
pub fn example(root: &Path, name: &str, path: &[String]) -> Option<String> {
    let files = match name {
        "monitor" => vec![root.join("config/monitor.toml")],
        "panel" => toml_files(&root.join("config/panels")),
        "export" => toml_files(&root.join("config/exports")),
        "rules" => toml_files(&root.join("config/rules")),
        "figures" => vec![root.join("config/figures.toml")],
        _ => toml_files(&root.join("pipelines")),
    };
    files.into_iter().find_map(|file| {
        let value: Value = toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let found = find(&value, path)?;
        let text = found.to_string();
        (text.len() <= 240 && !text.contains("[[")).then_some(text)
    })
}

fn toml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

/// A key at a path; of lists and tables by name the first that has it.
fn find<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    let Some((key, rest)) = path.split_first() else { return Some(value) };
    match value {
        Value::Array(values) => values.iter().find_map(|value| find(value, path)),
        Value::Table(table) => match table.get(key) {
            Some(inner) => find(inner, rest),
            // a table by name
            None => {
                table.values().filter(|inner| inner.is_table()).find_map(|inner| find(inner, path))
            }
        },
        _ => None,
    }
}
