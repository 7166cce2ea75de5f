//! What is made of a release says what its marts say; tests/readers says what is compared.

use std::fs;
use std::path::Path;

use crate::program::{peil, root, sample_run};
use crate::readers::python;

fn export(arguments: &[&str], release: &Path, to: &Path) {
    let (release, to) = (release.to_str().unwrap(), to.to_str().unwrap());
    let arguments = [&["export"][..], arguments, &[release, "--out", to]].concat();
    let outcome = peil(root(), &arguments);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
}

#[test]
fn a_table_book_holds_every_figure_of_the_marts_with_its_letters() {
    let release = fs::canonicalize(&sample_run().marts).unwrap();
    let out = tempfile::tempdir().unwrap();
    let (public, restricted) = (out.path().join("public"), out.path().join("restricted"));
    export(&["tablebook", "--lang", "nl"], &release, &public);
    python("check_tablebook.py", &[&release, &public]);
    export(&["tablebook", "--lang", "en", "--restricted"], &release, &restricted);
    let arguments = [release.as_path(), &restricted, Path::new("--restricted")];
    python("check_tablebook.py", &arguments);
}

#[test]
fn the_measures_of_the_model_give_every_figure_of_the_figure_marts() {
    let release = fs::canonicalize(&sample_run().marts).unwrap();
    let out = tempfile::tempdir().unwrap();
    let model = out.path().join("model");
    export(&["semantic"], &release, &model);
    python("check_measures.py", &[&release, &model]);
}

#[test]
fn an_export_into_a_folder_of_somebody_else_ends_with_exit_code_2() {
    let release = fs::canonicalize(&sample_run().marts).unwrap();
    let out = tempfile::tempdir().unwrap();
    fs::write(out.path().join("mine.txt"), "mine").unwrap();
    let (release, to) = (release.to_str().unwrap(), out.path().to_str().unwrap());
    for kind in ["tablebook", "semantic"] {
        let outcome = peil(root(), &["export", kind, release, "--out", to]);
        assert_eq!(outcome.code, 2, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("found a folder that is not empty"), "{}", outcome.stderr);
    }
}
