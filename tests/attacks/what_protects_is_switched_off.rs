//! Each protection that is switched off is said in the release, and the audit finds what it lets out.

use std::fs;

use crate::program::{change, peil, tiny_survey};

const RUN: [&str; 2] = ["run", "pipeline.toml"];
const AUDIT: [&str; 3] = ["audit", "--pipeline", "pipeline.toml"];

/// Switches these off in monitor.toml.
fn without(folder: &std::path::Path, protections: &str) {
    let line = format!("[disclosure]\nwithout = [{protections}]");
    change(folder, "config/monitor.toml", "[disclosure]", &line);
}

#[test]
fn what_the_audit_finds_refuses_the_release_and_the_release_before_stays() {
    let folder = tiny_survey();
    assert_eq!(peil(folder.path(), &RUN).code, 0);
    let audit = peil(folder.path(), &AUDIT);
    assert_eq!((audit.code, audit.stderr.as_str()), (0, ""), "{}", audit.stdout);
    let before = fs::read_link(folder.path().join("marts/current")).unwrap();
    without(folder.path(), r#""rounding""#);
    let refused = peil(folder.path(), &RUN);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(refused.stderr.contains("refused by the audit"), "{}", refused.stderr);
    assert_eq!(fs::read_link(folder.path().join("marts/current")).unwrap(), before);
}

#[test]
fn without_the_audit_too_it_is_published_with_a_notice_everywhere_and_the_command_finds_it() {
    let folder = tiny_survey();
    without(folder.path(), r#""rounding", "audit""#);
    let run = peil(folder.path(), &RUN);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let notice = "Not for publication: protection switched off (rounding, audit)";
    assert!(run.stderr.contains(notice), "{}", run.stderr);
    let current = folder.path().join("marts/current");
    assert!(fs::read_to_string(current.join("manifest.json")).unwrap().contains(notice));
    for entry in fs::read_dir(current.join("public")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let says = bytes.windows(notice.len()).any(|window| window == notice.as_bytes());
        assert!(says, "{}", path.display());
    }
    let audit = peil(folder.path(), &AUDIT);
    assert_eq!(audit.code, 1, "{}", audit.stdout);
    assert!(audit.stdout.contains("a figure is not rounded"), "{}", audit.stdout);
    let json = peil(folder.path(), &[&AUDIT[..], &["--format", "json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert!(!report["findings"].as_array().unwrap().is_empty());
}
