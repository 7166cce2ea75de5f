//! Claims about exports, on small releases made for them.
#![allow(clippy::unwrap_used)] // a panic is the test's failure

#[path = "support/release.rs"]
mod release;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use export::{Error, Wanted, semantic, tablebook};
use release::{Made, figures};
use tempfile::tempdir;

fn wanted(languages: &[&str], is_restricted: bool) -> Wanted {
    let languages = languages.iter().map(|language| (*language).to_owned()).collect();
    Wanted { languages, is_restricted }
}

/// Every part of a workbook as text.
fn parts(path: &Path) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let mut parts = BTreeMap::new();
    for number in 0..archive.len() {
        let mut part = archive.by_index(number).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        parts.insert(part.name().unwrap().into_owned(), text);
    }
    parts
}

/// Bytes of every file below a folder.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            for (name, bytes) in bytes(&path) {
                all.insert(format!("{}/{name}", path.display()), bytes);
            }
        } else {
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            all.insert(name, fs::read(&path).unwrap());
        }
    }
    all
}

fn message(error: &Error) -> String {
    let hint = error.hint().map_or_else(String::new, |hint| format!("\nhint: {hint}"));
    format!("{error}{hint}")
}

#[test]
fn the_same_release_gives_the_same_bytes() {
    let made = Made::new(&figures());
    let out = tempdir().unwrap();
    for kind in ["tablebook", "semantic"] {
        let write = || {
            let to = out.path().join(kind);
            if kind == "tablebook" {
                tablebook(made.folder(), &to, &Wanted::default()).unwrap();
            } else {
                semantic(made.folder(), &to).unwrap();
            }
            bytes(&to)
        };
        // The second time in place of the first.
        assert!(write() == write(), "{kind}");
    }
}

#[test]
fn a_folder_without_a_manifest_is_no_release() {
    let empty = tempdir().unwrap();
    let out = tempdir().unwrap();
    let error = tablebook(empty.path(), &out.path().join("x"), &Wanted::default()).unwrap_err();
    assert!(message(&error).contains("found no manifest.json"), "{error}");
}

#[test]
fn a_release_of_another_version_is_refused_by_its_version() {
    let made = Made::new(&figures());
    let path = made.folder().join("manifest.json");
    fs::write(&path, r#"{"format": 7, "shape": "unknown"}"#).unwrap();
    let out = tempdir().unwrap();
    for error in [
        tablebook(made.folder(), &out.path().join("x"), &Wanted::default()).unwrap_err(),
        semantic(made.folder(), &out.path().join("y")).unwrap_err(),
    ] {
        assert!(message(&error).contains("found a release of version 7, expected 1"), "{error}");
    }
    assert!(bytes(out.path()).is_empty());
}

#[test]
fn a_missing_mart_is_named() {
    for mart in ["estimate", "contrast", "dim_breakdown"] {
        let made = Made::new(&figures());
        fs::remove_file(made.folder().join(format!("public/{mart}.parquet"))).unwrap();
        let out = tempdir().unwrap();
        for error in [
            tablebook(made.folder(), &out.path().join("x"), &Wanted::default()).unwrap_err(),
            semantic(made.folder(), &out.path().join("y")).unwrap_err(),
        ] {
            assert!(message(&error).contains(&format!("no mart `{mart}`")), "{error}");
        }
    }
}

#[test]
fn a_mart_without_a_column_is_named_with_it() {
    let mut tables = figures();
    tables.drop_column("public/estimate", "ci_lower");
    let made = Made::new(&tables);
    let out = tempdir().unwrap();
    let error = tablebook(made.folder(), out.path(), &Wanted::default()).unwrap_err();
    let expected = "mart `estimate`: found no column `ci_lower` of numbers";
    assert!(message(&error).starts_with(expected), "{error}");
}

#[test]
fn a_language_that_the_release_lacks_is_refused_with_those_it_has() {
    let made = Made::new(&figures());
    let out = tempdir().unwrap();
    let error = tablebook(made.folder(), out.path(), &wanted(&["fr"], false)).unwrap_err();
    assert_eq!(message(&error), "language `fr`: the release has no labels in it; found nl, en");
}

#[test]
fn a_folder_that_is_not_ours_is_left_as_it_is() {
    let made = Made::new(&figures());
    let out = tempdir().unwrap();
    let export = |to: &Path| tablebook(made.folder(), to, &wanted(&["en"], false));
    // Somebody's own file.
    fs::write(out.path().join("thesis.xlsx"), "years of work").unwrap();
    let error = export(out.path()).unwrap_err();
    assert!(message(&error).contains("found a folder that is not empty"), "{error}");
    // An export of another kind.
    let other = out.path().join("model");
    semantic(made.folder(), &other).unwrap();
    let error = export(&other).unwrap_err();
    assert!(message(&error).contains("an export of another kind (`semantic`)"), "{error}");
    // Ours, with a file that somebody added.
    let ours = out.path().join("books");
    export(&ours).unwrap();
    fs::write(ours.join("remarks.txt"), "mine").unwrap();
    let error = export(&ours).unwrap_err();
    assert!(message(&error).contains("another file in it, `remarks.txt`"), "{error}");
    // A file.
    let error = export(&out.path().join("thesis.xlsx")).unwrap_err();
    assert!(message(&error).contains("something that is no folder"), "{error}");
    assert_eq!(fs::read_to_string(out.path().join("thesis.xlsx")).unwrap(), "years of work");
    assert!(error.is_about_output());
}

#[test]
fn a_release_is_never_written_into_nor_beside() {
    let made = Made::new(&figures());
    let marts = tempdir().unwrap();
    let release = marts.path().join("releases/00ff");
    fs::create_dir(marts.path().join("releases")).unwrap();
    fs::rename(made.folder(), &release).unwrap();
    let beside = ["releases/00ff", "releases/00ff/books", "releases/books", "books"];
    for to in beside.map(|name| marts.path().join(name)) {
        let error = tablebook(&release, &to, &Wanted::default()).unwrap_err();
        assert!(message(&error).contains("in the release or among the releases"), "{error}");
    }
}

#[test]
fn restricted_books_never_take_the_place_of_public_ones() {
    let made = Made::new(&figures());
    let out = tempdir().unwrap();
    tablebook(made.folder(), out.path(), &wanted(&["en"], false)).unwrap();
    let error = tablebook(made.folder(), out.path(), &wanted(&["en"], true)).unwrap_err();
    assert!(message(&error).contains("an export of another kind (`tablebook`)"), "{error}");
}

#[test]
fn the_export_before_stays_where_the_next_one_fails() {
    let made = Made::new(&figures());
    let out = tempdir().unwrap();
    let to = out.path().join("books");
    tablebook(made.folder(), &to, &wanted(&["en"], false)).unwrap();
    let before = bytes(&to);
    fs::remove_file(made.folder().join("public/change.parquet")).unwrap();
    tablebook(made.folder(), &to, &wanted(&["en"], false)).unwrap_err();
    assert!(bytes(&to) == before);
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn labels_are_texts_whatever_they_hold() {
    let labels =
        ["=HYPERLINK(\"http://example.org\")", "+1", "-2", "@SUM(A1)", "<b>\"Tom & 'Jerry'\"</b>"];
    for label in labels {
        let mut tables = figures();
        for (table, column) in [
            ("public/dim_indicator", "label_en"),
            ("public/dim_concept", "label_en"),
            ("public/dim_panel", "label_en"),
            ("public/dim_panel", "population_en"),
            ("public/dim_breakdown", "level_label_en"),
            ("public/dim_answer", "label_en"),
        ] {
            tables.put_text(table, column, label);
        }
        let made = Made::new(&tables);
        let out = tempdir().unwrap();
        let books = tablebook(made.folder(), out.path(), &wanted(&["en"], false)).unwrap();
        let parts = parts(&out.path().join(&books.files[0]));
        let sheets = parts.iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet"));
        for (name, sheet) in sheets {
            assert!(!sheet.contains("<f>"), "{name}: a formula");
        }
        let escaped = label.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert!(parts["xl/sharedStrings.xml"].contains(&escaped), "{label}");
        assert!(!parts["xl/sharedStrings.xml"].contains("<b>"), "{label}");
        // Typed into again, it stays a text.
        let is_quoted = parts["xl/styles.xml"].contains("quotePrefix=\"1\"");
        assert_eq!(is_quoted, !label.starts_with('<'), "{label}");
        // The model holds no label, but a notice.
        semantic(made.folder(), &out.path().join("model")).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn restricted_books_are_for_their_owner_alone_and_say_so() {
    use std::os::unix::fs::PermissionsExt;
    let made = Made::new(&figures());
    let out = tempdir().unwrap();
    let to = out.path().join("books");
    let books = tablebook(made.folder(), &to, &wanted(&["en"], true)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&to), 0o700);
    for name in books.files.iter().map(String::as_str).chain(["export.json"]) {
        assert_eq!(mode(&to.join(name)), 0o600, "{name}");
    }
    assert_eq!(books.files, ["gp_en_restricted.xlsx"]);
    let parts = parts(&to.join(&books.files[0]));
    assert!(parts["xl/sharedStrings.xml"].contains("RESTRICTED"));
}

#[test]
fn the_public_part_alone_makes_the_public_books_but_no_restricted_ones() {
    let made = Made::new(&figures());
    fs::remove_dir_all(made.folder().join("restricted")).unwrap();
    let out = tempdir().unwrap();
    tablebook(made.folder(), &out.path().join("public"), &Wanted::default()).unwrap();
    let to = out.path().join("restricted");
    let error = tablebook(made.folder(), &to, &wanted(&[], true)).unwrap_err();
    assert!(message(&error).contains("only those who may read restricted/"), "{error}");
    assert!(!to.exists());
}

#[test]
fn a_public_book_holds_no_exact_figure() {
    let made = Made::new(&figures());
    let out = tempdir().unwrap();
    let books = tablebook(made.folder(), out.path(), &wanted(&["en"], false)).unwrap();
    for (name, text) in parts(&out.path().join(&books.files[0])) {
        if !name.starts_with("xl/worksheets/sheet") {
            continue;
        }
        // Cells that hold a number, not the place of a text.
        let numbers = text.split("<c ").filter(|cell| !cell.contains("t=\"s\""));
        let numbers = numbers.filter_map(|cell| cell.split("<v>").nth(1)?.split("</v>").next());
        for number in numbers {
            // The exact estimates and bases, also of the cell that is withheld.
            assert!(!["0.4321", "43.21", "17", "70.1", "97", "90.5"].contains(&number), "{name}");
        }
    }
}

#[test]
fn a_draft_under_embargo_says_so_on_every_sheet() {
    let made = Made::new(&figures());
    let publication = serde_json::json!({"status": "draft", "embargo_until": "2026-03-01T09:00Z"});
    made.set_manifest("Synthetic", &publication);
    let out = tempdir().unwrap();
    let books = tablebook(made.folder(), out.path(), &wanted(&["en"], false)).unwrap();
    let parts = parts(&out.path().join(&books.files[0]));
    let strings = &parts["xl/sharedStrings.xml"];
    let line = "Status: draft · Embargo until: 2026-03-01T09:00Z";
    let place = strings.split("<si>").skip(1).position(|text| text.contains(line)).unwrap();
    let sheets = parts.iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet"));
    for (name, sheet) in sheets {
        assert!(sheet.contains(&format!("t=\"s\"><v>{place}</v>")), "{name}");
    }
}

#[test]
fn any_language_of_the_labels_has_books() {
    let mut tables = figures();
    tables.only_language("_nl", "_fr");
    let made = Made::new(&tables);
    let out = tempdir().unwrap();
    let books = tablebook(made.folder(), &out.path().join("books"), &Wanted::default()).unwrap();
    assert_eq!(books.files, ["gp_fr.xlsx"]);
    let strings = &parts(&out.path().join("books/gp_fr.xlsx"))["xl/sharedStrings.xml"];
    // Labels of the release, and English where the program has no words.
    assert!(strings.contains("Huisartsen") && strings.contains("Significantly higher than"));
}
