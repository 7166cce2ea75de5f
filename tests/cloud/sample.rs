//! The sample data.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{peil, sample_pipeline};
use crate::server::BUCKET;
use crate::world::World;

/// These tell of the run, which has another name each time.
const OF_THE_RUN: [&str; 3] = ["meta_run.parquet", "manifest.json", "checksums.b3"];

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn walk(folder: &Path, root: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else if !OF_THE_RUN.iter().any(|name| path.ends_with(name)) {
                found.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

#[test]
fn the_release_elsewhere_has_the_bytes_of_the_one_here() {
    const AT: [&str; 2] = ["--at", "2026-01-05T09:00:00Z"];
    let world = World::new();
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let pipeline = sample_pipeline(here.path());
    let ran = peil(here.path(), &["run", pipeline.to_str().unwrap(), AT[0], AT[1]]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);

    let pipeline = sample_pipeline(there.path());
    let text = fs::read_to_string(&pipeline).unwrap();
    let mut text: toml::Table = toml::from_str(&text).unwrap();
    for place in ["store", "marts"] {
        text[place] = format!("s3://{BUCKET}/{}/{place}", world.prefix).into();
    }
    text.insert("cache".to_owned(), "cache".into());
    fs::write(&pipeline, toml::to_string(&text).unwrap()).unwrap();
    let ran = world.peil(there.path(), &["run", pipeline.to_str().unwrap(), AT[0], AT[1]]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    println!("{}", ran.stderr);

    let expected = files(&here.path().join("marts/current/"));
    let pointer = world.pointer().unwrap();
    let path = pointer["path"].as_str().unwrap();
    for (name, bytes) in &expected {
        let found = world.get(&format!("marts/{path}/{}", name.display())).unwrap();
        assert!(found == *bytes, "{}", name.display());
    }
    assert_eq!(world.names(&format!("marts/{path}/")).len(), expected.len() + OF_THE_RUN.len());
    world.whole_release().unwrap();
    println!(
        "{} objects, {} records",
        world.names("store/objects/").len(),
        world.names("store/records/").len()
    );

    let again = world.peil(there.path(), &["run", pipeline.to_str().unwrap()]);
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);

    // A worker with an empty cache computes nothing of what is there.
    fs::remove_dir_all(there.path().join("cache")).unwrap();
    let fresh =
        world.peil(there.path(), &["run", pipeline.to_str().unwrap(), "--until", "estimate"]);
    assert!(fresh.stderr.contains("nothing to do"), "{}", fresh.stderr);
}
