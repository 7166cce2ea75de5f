//! Somebody edits, removes or plants a file of the release that readers see, or points readers elsewhere.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::program::{change, peil, tiny_survey};

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![fs::canonicalize(folder.join("marts/current")).unwrap()];
    let root = open[0].clone();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            found.insert(path.strip_prefix(&root).unwrap().to_owned(), fs::read(&path).unwrap());
        }
    }
    found
}

/// Without what tells one build of a release from another.
fn tables(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = files(folder);
    files.retain(|path, _| path.components().count() > 1 && !path.ends_with("meta_run.parquet"));
    files
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn every_file_that_is_edited_removed_or_planted_is_noticed_by_the_next_run() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let whole = tables(folder.path());
    let current = folder.path().join("marts/current");
    let spoils: [(&str, &dyn Fn()); 7] = [
        ("a public table edited", &|| flip(&current.join("public/estimate.parquet"))),
        ("a restricted table edited", &|| {
            flip(&current.join("restricted/respondent_wide.parquet"));
        }),
        ("a table removed", &|| fs::remove_file(current.join("public/change.parquet")).unwrap()),
        ("a table planted", &|| fs::write(current.join("public/estimate_2.parquet"), "x").unwrap()),
        ("the manifest edited", &|| {
            let path = current.join("manifest.json");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(path, text.replacen("\"notice\"", "\"notice\" ", 1)).unwrap();
        }),
        ("the manifest removed", &|| fs::remove_file(current.join("manifest.json")).unwrap()),
        ("the folder removed", &|| {
            fs::remove_dir_all(fs::canonicalize(&current).unwrap()).unwrap();
        }),
    ];
    for (what, spoil) in spoils {
        spoil();
        let plan = peil(folder.path(), &["plan", "pipeline.toml"]);
        assert_eq!(plan.code, 10, "{what}: {}", plan.stdout);
        let run = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(run.code, 0, "{what}: {}", run.stderr);
        assert!(run.stderr.contains("note: publish: marts: `releases/"), "{what}: {}", run.stderr);
        assert_eq!(tables(folder.path()), whole, "{what}");
        let again = peil(folder.path(), &["run", "pipeline.toml"]);
        assert!(again.stderr.contains("nothing to do"), "{what}: {}", again.stderr);
        assert_eq!(
            peil(folder.path(), &["verify", "--pipeline", "pipeline.toml"]).code,
            0,
            "{what}"
        );
    }
}

/// Whoever knows how a release is checked edits manifest and checksums too; the store remembers what was written.
#[test]
fn a_table_that_is_edited_with_its_manifest_and_its_checksums_is_noticed() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let whole = tables(folder.path());
    let current = folder.path().join("marts/current");
    let hash =
        |name: &str| blake3::hash(&fs::read(current.join(name)).unwrap()).to_hex().to_string();
    let table = "public/estimate.parquet";
    let (before, manifest_before) = (hash(table), hash("manifest.json"));
    let mut bytes = fs::read(current.join(table)).unwrap();
    bytes[20] ^= 1;
    fs::write(current.join(table), bytes).unwrap();
    let after = hash(table);
    for file in ["manifest.json", "checksums.b3"] {
        let text = fs::read_to_string(current.join(file)).unwrap();
        let text = text.replace(&before, &after);
        let text = text.replace(&manifest_before, &hash("manifest.json"));
        fs::write(current.join(file), text).unwrap();
    }
    let run = peil(folder.path(), &["run", "pipeline.toml"]);
    assert!(run.stderr.contains("checksums.b3`: found"), "{}", run.stderr);
    assert_eq!(tables(folder.path()), whole);
}

#[test]
fn a_link_or_pointer_that_somebody_set_is_set_right_and_a_rollback_stays() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let marts = folder.path().join("marts");
    let first = fs::read_link(marts.join("current")).unwrap();
    change(folder.path(), "input/gp_2024.csv", ";1;1;6;", ";1;1;7;");
    assert_eq!(peil(folder.path(), &["run", "pipeline.toml"]).code, 0);
    let second = fs::read_link(marts.join("current")).unwrap();
    let link = |to: &Path| {
        let _ = fs::remove_file(marts.join("current"));
        symlink(to, marts.join("current")).unwrap();
    };
    let point =
        |to: &Path| fs::write(marts.join("current.txt"), format!("{}\n", to.display())).unwrap();
    let spoils: [(&str, &dyn Fn()); 6] = [
        ("link", &|| link(&first)),
        ("pointer", &|| point(&first)),
        ("both", &|| {
            link(&first);
            point(&first);
        }),
        ("link out of the marts", &|| link(Path::new("/tmp"))),
        ("no link", &|| fs::remove_file(marts.join("current")).unwrap()),
        ("no pointer", &|| fs::remove_file(marts.join("current.txt")).unwrap()),
    ];
    for (what, spoil) in spoils {
        spoil();
        let verify = peil(folder.path(), &["verify", "--pipeline", "pipeline.toml"]);
        assert_eq!(verify.code, 3, "{what}: {}", verify.stderr);
        let run = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(run.code, 0, "{what}: {}", run.stderr);
        assert!(run.stderr.contains("note: publish: marts: `current"), "{what}: {}", run.stderr);
        assert_eq!(fs::read_link(marts.join("current")).unwrap(), second, "{what}");
        assert_eq!(
            peil(folder.path(), &["verify", "--pipeline", "pipeline.toml"]).code,
            0,
            "{what}"
        );
    }
    assert_eq!(peil(folder.path(), &["rollback", "--pipeline", "pipeline.toml"]).code, 0);
    let run = peil(folder.path(), &["run", "pipeline.toml"]);
    assert!(run.stderr.contains("nothing to do"), "{}", run.stderr);
    assert_eq!(fs::read_link(marts.join("current")).unwrap(), first);
}
