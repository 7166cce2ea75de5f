//! Directions in the code that no stage may leave.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::program::root;

const STAGES: [&str; 6] = ["ingest", "validate", "harmonise", "weight", "estimate", "mart"];

/// The crates that a crate of ours names under [dependencies].
fn dependencies(name: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&text).unwrap();
    manifest["dependencies"].as_table().unwrap().keys().cloned().collect()
}

#[test]
fn no_stage_knows_another() {
    for stage in STAGES {
        let known = dependencies(stage);
        let others: Vec<_> = known.iter().filter(|name| STAGES.contains(&name.as_str())).collect();
        assert!(others.is_empty(), "{stage} depends on {others:?}");
    }
}

#[test]
fn no_stage_and_no_pipeline_knows_how_a_project_is_begun() {
    for name in STAGES.into_iter().chain(["pipeline", "survey"]) {
        assert!(!dependencies(name).contains(&"start".to_owned()), "{name} depends on start");
    }
}

#[test]
fn likeness_and_workbook_know_nothing_of_surveys_and_proposals_know_no_stage_but_ingest() {
    let ours = |name: &str| -> Vec<String> {
        let is_crate = |name: &String| root().join("crates").join(name).is_dir();
        dependencies(name).into_iter().filter(is_crate).collect()
    };
    assert!(ours("likeness").is_empty(), "{:?}", ours("likeness"));
    assert!(ours("survey").is_empty(), "{:?}", ours("survey"));
    assert!(ours("workbook").is_empty(), "{:?}", ours("workbook"));
    assert!(ours("semidefinite").is_empty(), "{:?}", ours("semidefinite"));
    assert_eq!(ours("config"), ["likeness", "survey"]);
    assert_eq!(ours("propose"), ["config", "ingest", "likeness", "survey"]);
}

#[test]
fn exports_and_the_site_know_no_other_crate_of_ours() {
    let ours = |name: &String| root().join("crates").join(name).is_dir();
    for name in ["export", "report"] {
        let known: Vec<String> = dependencies(name).into_iter().filter(ours).collect();
        assert!(known.is_empty(), "{name} knows {known:?}");
    }
}

#[test]
fn only_the_pipeline_compiles_against_the_sql_engine() {
    for stage in STAGES {
        let known = dependencies(stage);
        assert!(
            !known.iter().any(|name| name == "datafusion" || name == "expression"),
            "{stage} knows the engine"
        );
    }
    assert!(dependencies("expression").contains(&"datafusion".to_owned()));
}

/// Every source of our crates but tests, with its text up to its own tests.
fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() && entry.file_name().unwrap() != "tests" {
                walk(&entry, found);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&entry).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
                found.push((entry, text));
            }
        }
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        walk(&entry.unwrap().path().join("src"), &mut found);
    }
    found
}

#[test]
fn no_crate_writes_the_name_of_a_column_that_crosses_stages() {
    let codec = root().join("crates/survey/src/columns.rs");
    let of_engine = |text: &str| text.starts_with(|first: char| first.is_ascii_lowercase());
    let code = |line: &&str| !line.trim_start().starts_with("//");
    let writes = |line: &&str| {
        line.split("\"@").skip(1).any(of_engine)
            || ["__missing", "__fate"].iter().any(|name| line.contains(name))
    };
    for (file, text) in sources().into_iter().filter(|(file, _)| *file != codec) {
        let found: Vec<&str> = text.lines().filter(code).filter(writes).collect();
        assert!(found.is_empty(), "{}: {found:#?}", file.display());
    }
}

/// The strings of a source.
fn strings(text: &str) -> Vec<String> {
    let code = |line: &&str| !line.trim_start().starts_with("//");
    let code: Vec<&str> = text.lines().filter(code).collect();
    let escapes = [("\\\\", ""), ("\\\"", ""), ("'\"'", "")];
    let code = escapes.iter().fold(code.join("\n"), |code, (from, to)| code.replace(from, to));
    code.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn no_text_of_an_error_or_a_warning_holds_its_hint() {
    assert_eq!(strings("// \"no\"\nf('\"', \"a \\\"b\\\" c\", \"\\\\\");"), ["a b c", ""]);
    // Where a hint is put into a line of its own.
    let shown = [
        "crates/survey/src/hinted.rs",
        "crates/config/src/mistake.rs",
        "crates/cli/src/print.rs",
        "crates/sample/src/main.rs",
    ];
    let shown = shown.map(|file| root().join(file));
    for (file, text) in sources().into_iter().filter(|(file, _)| !shown.contains(file)) {
        let strings = strings(&text).into_iter();
        let found: Vec<String> = strings.filter(|text| text.contains("hint:")).collect();
        assert!(found.is_empty(), "{}: {found:#?}", file.display());
    }
}

#[test]
fn the_sample_shares_no_code_with_the_stages() {
    let known = dependencies("sample");
    let ours = ["survey", "expression", "pipeline", "cli"];
    assert!(
        !known.iter().any(|name| STAGES.contains(&name.as_str()) || ours.contains(&name.as_str())),
        "{known:?}"
    );
}

/// Modules of a crate by their path in it, each with the text before its tests.
fn modules(name: &str) -> Vec<(String, String)> {
    let source = root().join("crates").join(name).join("src");
    let of_crate = sources().into_iter().filter_map(|(file, text)| {
        let path = file.strip_prefix(&source).ok()?.with_extension("");
        let path = path.to_str()?.replace('/', "::");
        let path = path.trim_end_matches("::mod").to_owned();
        let is_part = !["lib", "main"].contains(&path.as_str()) && !path.ends_with("tests");
        is_part.then_some((path, text))
    });
    of_crate.collect()
}

/// Top-level modules that a text imports from its own crate.
fn imports(path: &str, text: &str) -> BTreeSet<String> {
    let depth = path.matches("::").count();
    let mut found = BTreeSet::new();
    for line in text.lines().map(|line| line.split("//").next().unwrap()) {
        for start in ["crate::", &"super::".repeat(depth + 1)] {
            for (at, _) in line.match_indices(start) {
                let is_whole =
                    !line[..at].ends_with(|sign: char| sign == ':' || sign.is_alphanumeric());
                let rest = &line[at + start.len()..];
                let is_part =
                    |sign: char| sign.is_ascii_lowercase() || sign == '_' || sign.is_ascii_digit();
                let end = rest.find(|sign| !is_part(sign)).unwrap_or(rest.len());
                if is_whole && end > 0 && !rest.starts_with("super") {
                    found.insert(rest[..end].to_owned());
                }
            }
        }
    }
    found
}

#[test]
fn the_imports_inside_a_crate_run_one_way() {
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let mut reads: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let modules = modules(&name);
        let top = |path: &str| path.split("::").next().unwrap().to_owned();
        let all: BTreeSet<String> = modules.iter().map(|(path, _)| top(path)).collect();
        for (path, text) in &modules {
            let own = top(path);
            let found = imports(path, text)
                .into_iter()
                .filter(|other| all.contains(other) && *other != own);
            reads.entry(own.clone()).or_default().extend(found);
        }
        // What nobody in the circle's rest imports is taken away until only circles are left.
        loop {
            let open: BTreeSet<String> = reads.keys().cloned().collect();
            let free: Vec<String> = reads
                .iter()
                .filter(|(_, others)| others.intersection(&open).next().is_none())
                .map(|(module, _)| module.clone())
                .collect();
            if free.is_empty() {
                break;
            }
            for module in free {
                reads.remove(&module);
            }
        }
        assert!(
            reads.is_empty(),
            "{name}: these modules import one another in a circle: {reads:#?}"
        );
    }
}

/// Where a stage may be named beside the four places: what it says of one stage in particular, and need not of another.
const OF_ONE_STAGE: [&str; 4] = [
    "pipeline/src/look.rs",            // the steps that look for findings
    "cli/src/commands/run.rs",         // facts of weighting in the summary
    "pipeline/src/lineage/columns.rs", // the columns that the codebook explains
    "pipeline/src/select.rs",          // `validate` selects two steps
];

#[test]
fn adding_a_stage_touches_at_most_four_places_outside_its_crate() {
    let stages = [
        ("Admit", "validate"),
        ("Confront", "validate"),
        ("Harmonise", "harmonise"),
        ("Weight", "weight"),
    ];
    for (stage, own) in stages {
        let names = [format!("Stage::{stage}"), format!("{stage} \""), format!("{own}::")];
        let is_named = |line: &str| names.iter().any(|name| line.contains(name.as_str()));
        let places: Vec<String> = sources()
            .into_iter()
            .map(|(file, text)| (file.to_string_lossy().into_owned(), text))
            .filter(|(file, _)| {
                let others = [format!("/crates/{own}/"), "/crates/golden/".to_owned()];
                !others.iter().any(|other| file.contains(other.as_str()))
                    && !OF_ONE_STAGE.iter().any(|place| file.contains(place))
            })
            .filter(|(_, text)| {
                let mut code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                code.any(is_named)
            })
            .map(|(file, _)| file)
            .collect();
        assert!(places.len() <= 4, "{stage} is named in {places:#?}");
    }
}
