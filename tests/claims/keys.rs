//! Keys of pseudonyms: who can read them, whether they can be guessed, and what is left of them in a store.

use std::fs;
use std::path::Path;

use crate::program::{peil, tiny_survey};

const DEMONSTRATION: &str = "demonstration = \"synthetic test data\"";

fn with_key(folder: &Path, key: &str) {
    let path = folder.join("pipeline.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("[pseudonym_key]"));
    let line = text
        .lines()
        .find(|line| line.starts_with("demonstration") || line.starts_with("file = \"key"));
    fs::write(&path, text.replacen(line.unwrap(), key, 1)).unwrap();
}

fn bytes_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut open = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            files.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    files
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[test]
fn a_new_key_is_the_owners_alone_is_never_written_over_and_runs() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tiny_survey();
    let made = peil(folder.path(), &["key", "new", "key"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(made.stdout.is_empty(), "a key in a file is not printed");
    let path = folder.path().join("key");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read_to_string(&path).unwrap();
    assert_eq!(before.trim().len(), 64);
    assert!(!made.stderr.contains(before.trim()));
    let again = peil(folder.path(), &["key", "new", "key"]);
    assert_eq!(again.code, 2, "{}", again.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
    with_key(folder.path(), "file = \"key\"");
    let run = peil(folder.path(), &["run", "pipeline.toml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!run.stderr.contains("demonstration"), "{}", run.stderr);
    let other = peil(folder.path(), &["key", "new"]).stdout;
    assert!(other.trim().len() == 64 && other.trim() != before.trim());
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_or_guess_is_refused_with_what_to_do() {
    let folder = tiny_survey();
    let path = folder.path().join("key");
    fs::write(&path, "8c1f0c5e3b2a49d7a6e4f7b80912d3c5").unwrap();
    with_key(folder.path(), "file = \"key\"");
    for mode in [0o644, 0o640, 0o604] {
        set_mode(&path, mode);
        let run = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains("chmod 600"), "{}", run.stderr);
    }
    set_mode(&path, 0o600);
    for weak in ["aaaaaaaaaaaaaaaa", "0123456789abcdef", "passwordpassword"] {
        fs::write(&path, weak).unwrap();
        let run = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains("peil key new"), "{}", run.stderr);
        assert!(!run.stderr.contains(weak), "{}", run.stderr);
    }
    assert!(!folder.path().join("marts").exists());
}

#[test]
fn the_demonstration_key_is_named_in_every_summary_and_in_the_manifest() {
    let folder = tiny_survey();
    for _ in 0..2 {
        let run = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(
            run.stderr.contains("warning: the pseudonyms are made with the demonstration key"),
            "{}",
            run.stderr
        );
    }
    let manifest = fs::read_to_string(folder.path().join("marts/current/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["run"]["pseudonym_key"], "demonstration");
    assert_eq!(manifest["inputs"][0]["id_space"], "gp");
}

#[test]
fn another_key_is_seen_and_no_plain_hash_of_a_key_is_kept() {
    let folder = tiny_survey();
    let run = |folder: &Path| peil(folder, &["run", "pipeline.toml"]);
    assert_eq!(run(folder.path()).code, 0);
    let key = b"synthetic test data";
    let hashes = [
        blake3::hash(key).to_hex().to_string(),
        blake3::Hash::from_bytes(blake3::derive_key(
            "peil 2026 fingerprint of the pseudonym key",
            key,
        ))
        .to_hex()
        .to_string(),
    ];
    for (path, bytes) in bytes_of(&folder.path().join("store")) {
        let text = String::from_utf8_lossy(&bytes);
        for hash in &hashes {
            assert!(!text.contains(hash.as_str()), "{path}");
        }
    }
    // Two stores with one key have nothing in common by which the key could be looked up.
    let checks = |folder: &Path| -> Vec<String> {
        let settings = bytes_of(&folder.join("store"));
        let settings = settings.iter().filter_map(|(_, bytes)| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let at = text.find("\"pseudonym_key\":\"")? + 17;
            Some(text[at..at + 16].to_owned())
        });
        settings.collect()
    };
    let other = tiny_survey();
    assert_eq!(run(other.path()).code, 0);
    let (one, two) = (checks(folder.path()), checks(other.path()));
    assert!(!one.is_empty() && one.iter().all(|check| !two.contains(check)), "{one:?} {two:?}");
    with_key(folder.path(), "demonstration = \"another key for synthetic test data\"");
    let plan = peil(folder.path(), &["plan", "pipeline.toml"]);
    assert_eq!(plan.code, 10, "{}", plan.stdout);
    assert!(plan.stdout.contains("pseudonym"), "{}", plan.stdout);
    with_key(folder.path(), DEMONSTRATION);
    assert_eq!(peil(folder.path(), &["plan", "pipeline.toml"]).code, 0);
}

#[test]
fn a_delivery_of_several_panels_names_its_id_space() {
    let folder = tiny_survey();
    let path = folder.path().join("pipeline.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("panels = [\"gp\"]", "panels = [\"gp\", \"nurse\"]", 1))
        .unwrap();
    let check = peil(folder.path(), &["check", "pipeline.toml"]);
    assert_eq!(check.code, 2, "{}", check.stderr);
    for text in ["it feeds 2 panels and names no `id_space`", "add id_space = "] {
        assert!(check.stderr.contains(text), "{}", check.stderr);
    }
}
