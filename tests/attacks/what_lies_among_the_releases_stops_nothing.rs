//! File systems, desktops and people leave things in every folder.

use std::fs;

use crate::program::{change, peil, tiny_survey};

#[test]
fn publishing_listing_verifying_and_rolling_back_go_on_and_name_what_is_no_release() {
    let folder = tiny_survey();
    let releases = folder.path().join("marts/releases");
    fs::create_dir_all(releases.join("lost+found")).unwrap();
    fs::create_dir_all(releases.join("0123456789abcdef")).unwrap();
    fs::write(releases.join("0123456789abcdef/manifest.json"), "{").unwrap();
    fs::write(releases.join(".DS_Store"), "x").unwrap();
    fs::write(releases.join("Thumbs.db"), "x").unwrap();
    fs::create_dir(releases.join(".snapshot")).unwrap();
    let names = ["lost+found", "0123456789abcdef", ".DS_Store", "Thumbs.db", ".snapshot"];
    for (from, to) in [("", ""), (";1;1;6;", ";1;1;7;")] {
        change(folder.path(), "input/gp_2024.csv", from, to);
        let run = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        for name in names {
            assert!(run.stderr.contains(&format!("`releases/{name}`")), "{name}: {}", run.stderr);
        }
    }
    for command in ["releases", "verify", "diff", "rollback"] {
        let of: &[&str] = if command == "releases" {
            &["pipeline.toml"]
        } else {
            &["--pipeline", "pipeline.toml"]
        };
        let outcome = peil(folder.path(), &[&[command], of].concat());
        assert!([0, 10].contains(&outcome.code), "{command}: {}", outcome.stderr);
        if command == "releases" {
            let named = |name: &&str| outcome.stderr.contains(&format!("`releases/{name}`"));
            assert!(names.iter().all(named), "{}", outcome.stderr);
        }
    }
    assert!(names.iter().all(|name| releases.join(name).exists()));
}
