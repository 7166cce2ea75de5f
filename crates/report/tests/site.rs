//! Claims about whole sites, made of made-up releases.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod made_up;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use made_up::MadeUp;
use report::{Error, Options};
use tempfile::TempDir;

struct Site {
    _folder: TempDir,
    path: PathBuf,
    summary: report::Summary,
}

fn site(made: &MadeUp) -> Site {
    let folder = tempfile::tempdir().unwrap();
    made.write(&folder.path().join("release"));
    let path = folder.path().join("site");
    let summary =
        report::write(&folder.path().join("release"), &path, &Options::default()).unwrap();
    Site { _folder: folder, path, summary }
}

fn refused(made: &MadeUp, change: impl FnOnce(&Path), options: &Options) -> Error {
    let folder = tempfile::tempdir().unwrap();
    let release = folder.path().join("release");
    made.write(&release);
    change(&release);
    let out = folder.path().join("site");
    let error = report::write(&release, &out, options).unwrap_err();
    assert!(!out.exists(), "a refused site leaves nothing behind");
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "nothing is left beside the release");
    error
}

/// Every file of a folder, by its path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                walk(root, &entry, found);
            } else {
                let name = entry.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&entry).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

fn texts(folder: &Path, ending: &str) -> BTreeMap<String, String> {
    let all = files(folder).into_iter().filter(|(name, _)| name.ends_with(ending));
    all.map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap())).collect()
}

/// What stands between two marks, everywhere.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    text.split(before).skip(1).filter_map(|rest| rest.split(after).next()).collect()
}

#[test]
fn the_same_release_makes_the_same_bytes_in_any_folder() {
    let (one, other) = (site(&MadeUp::default()), site(&MadeUp::default()));
    assert!(files(&one.path) == files(&other.path));
}

#[test]
fn the_release_notes_say_what_the_release_before_said_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    MadeUp { waves: 2, ..MadeUp::default() }.write(&path("before"));
    MadeUp { moved: 9, ..MadeUp::default() }.write(&path("now"));
    let notes = |against: Option<&str>| {
        let against = against.map(path);
        let options = Options { against, ..Options::default() };
        report::write(&path("now"), &path("site"), &options).unwrap();
        fs::read_to_string(path("site").join("en/release.html")).unwrap()
    };
    let changed = notes(Some("before"));
    // The third wave of 4 indicators, 3 panels and 4 cells is new, and one figure moved from 10 to 19.
    assert!(changed.contains("New cells: 48"), "{changed}");
    let row = changed.split("Figures with another value: 1").last().unwrap();
    assert!(row.contains("10%") && row.contains("19%"), "{row}");
    assert!(notes(Some("now")).contains("No figure differs"));
    assert!(notes(None).contains("There is no earlier release to compare with"));
}

#[test]
fn a_figure_is_the_same_in_chart_table_download_and_mart() {
    let made = MadeUp::default();
    let site = site(&made);
    let page = fs::read_to_string(site.path.join("en/figure/fig-1.html")).unwrap();
    let csv = fs::read_to_string(site.path.join("en/figure/fig-1.csv")).unwrap();
    let drawn: BTreeMap<&str, &str> = between(&page, "<g data-of=\"", "><title>")
        .into_iter()
        .filter_map(|mark| mark.split_once("\" data-value=\""))
        .map(|(of, rest)| (of, rest.split('"').next().unwrap()))
        .collect();
    let mut shown = 0;
    for row in between(&page, "<tr data-of=\"", "</tr>") {
        let of = row.split('"').next().unwrap();
        let value = between(row, "<td class=\"n\">", "</td>")[0].trim_end_matches('%').to_owned();
        let parts: Vec<&str> = of.split('|').collect();
        let line = csv.lines().find(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            fields[0] == parts[0]
                && fields[2] == parts[1]
                && fields[4] == parts[2]
                && fields[5] == parts[3]
        });
        let estimate = line.unwrap().split(',').nth(8).unwrap().to_owned();
        if value == "–" {
            assert_eq!((drawn.get(of), estimate.as_str()), (None, ""), "{of}");
        } else {
            assert_eq!(
                (drawn.get(of).copied(), estimate.as_str()),
                (Some(value.as_str()), value.as_str()),
                "{of}"
            );
            shown += 1;
        }
    }
    assert_eq!(shown, drawn.len());
    assert!(shown > 20, "{shown}");
}

#[test]
fn every_address_of_every_page_is_a_file_of_the_site() {
    let site = site(&MadeUp::default());
    let all = files(&site.path);
    let mut checked = 0;
    for (page, text) in texts(&site.path, ".html") {
        let folder = Path::new(&page).parent().unwrap();
        for mark in [" href=\"", " src=\""] {
            for address in between(&text, mark, "\"") {
                let file = address.split('#').next().unwrap();
                assert!(!address.contains("//"), "{page}: {address}");
                if file.is_empty() {
                    continue;
                }
                let mut path: Vec<&str> =
                    folder.iter().map(|part| part.to_str().unwrap()).collect();
                for part in file.split('/') {
                    if part == ".." {
                        let _ = path.pop();
                    } else {
                        path.push(part);
                    }
                }
                assert!(all.contains_key(&path.join("/")), "{page}: {address}");
                checked += 1;
            }
        }
    }
    assert!(checked > 500, "{checked}");
}

#[test]
fn every_page_forbids_inline_scripts_and_has_none() {
    for (page, text) in texts(&site(&MadeUp::default()).path, ".html") {
        assert!(
            text.contains(
                "Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'"
            ),
            "{page}"
        );
        assert!(!text.contains("unsafe"), "{page}");
        assert!(
            !text.contains(" style=\"") && !text.contains("<style") && !text.contains(" onclick"),
            "{page}"
        );
        for script in between(&text, "<script", "</script>") {
            assert!(script.starts_with(" defer src=") && script.ends_with('>'), "{page}: {script}");
        }
    }
}

#[test]
fn a_label_with_html_and_quotes_is_a_text_everywhere() {
    let label = "</script></title><script>alert('x')</script>\"&quot; onload=\"x: used";
    let site = site(&MadeUp { label: label.to_owned(), ..MadeUp::default() });
    for ending in [".html", ".svg", ".js"] {
        for (file, text) in
            texts(&site.path, ending).into_iter().filter(|(file, _)| file != "explorer.js")
        {
            assert!(!text.contains("<script>"), "{file}");
            assert!(!text.contains("\" onload=\""), "{file}");
        }
    }
    let page = fs::read_to_string(site.path.join("en/indicator/i0.html")).unwrap();
    assert!(page.contains("&lt;/script&gt;&lt;/title&gt;&lt;script&gt;alert("), "{page}");
    for (file, text) in texts(&site.path, ".json") {
        serde_json::from_str::<serde_json::Value>(&text)
            .unwrap_or_else(|error| panic!("{file}: {error}"));
    }
}

#[test]
fn a_figure_of_which_everything_is_withheld_says_so() {
    for form in ["lines", "dots_bands", "bar_tick", "dumbbell", "matrix"] {
        let site = site(&MadeUp { is_all_withheld: true, form, ..MadeUp::default() });
        let page = fs::read_to_string(site.path.join("en/figure/fig-1.html")).unwrap();
        assert!(page.contains("No figure can be shown here"), "{form}");
        assert!(!page.contains("data-value"), "{form}");
    }
}

#[test]
fn a_release_that_shows_what_it_withholds_is_refused() {
    let error =
        refused(&MadeUp { is_uncovered: true, ..MadeUp::default() }, |_| {}, &Options::default());
    assert!(matches!(&error, Error::Uncovered { mart, .. } if mart == "estimate"), "{error}");
    assert!(error.is_refusal() && !error.to_string().contains("77"), "{error}");
}

#[test]
fn a_release_that_is_none_or_of_another_form_is_refused_by_name() {
    let check = |made: &MadeUp, change: &dyn Fn(&Path), expected: &str| {
        let error = refused(made, |release| change(release), &Options::default()).to_string();
        assert!(error.contains(expected), "{error}");
    };
    let made = MadeUp::default();
    let remove =
        |name: &'static str| move |release: &Path| fs::remove_file(release.join(name)).unwrap();
    check(&made, &remove("manifest.json"), "no release: found no `manifest.json`");
    check(&made, &remove("public/estimate.parquet"), "no mart `estimate`");
    check(&made, &remove("public/dim_status.parquet"), "no mart `dim_status`");
    check(
        &MadeUp { format: 9, ..made.clone() },
        &|_| {},
        "found a release of format 9, expected 1",
    );
    check(
        &made,
        &|release| fs::write(release.join("manifest.json"), "{").unwrap(),
        "not a manifest",
    );
    check(
        &made,
        &|release| fs::write(release.join("public/change.parquet"), "x").unwrap(),
        "not a Parquet file",
    );
    let other = |release: &Path| {
        fs::copy(release.join("public/dim_wave.parquet"), release.join("public/change.parquet"))
            .unwrap();
    };
    check(&made, &other, "mart `change`: no column `indicator`");
    check(
        &MadeUp { form: "pie", ..made },
        &|_| {},
        "figure `Fig 1`: form `pie` is none of lines, bar_tick",
    );
}

#[test]
fn a_release_that_says_nothing_of_figures_has_all_other_pages() {
    let site = site(&MadeUp { has_figures: false, ..MadeUp::default() });
    assert!(
        site.summary.notes.iter().any(|note| note.contains("dim_figure")),
        "{:?}",
        site.summary.notes
    );
    assert!(
        site.path.join("nl/indicator/i3.html").exists() && !site.path.join("nl/figure").exists()
    );
}

#[test]
fn final_figures_wait_for_the_end_of_the_embargo_and_others_are_marked_until_then() {
    let publication = |status: &str| serde_json::json!({ "status": status, "embargo_until": "2026-03-01T09:00:00+01:00" });
    let at = |time: &str| Options { as_of: Some(time.to_owned()), ..Options::default() };
    let early = at("2026-03-01T07:59:00Z");
    let made = MadeUp { publication: publication("final"), ..MadeUp::default() };
    let error = refused(&made, |_| {}, &early);
    assert!(matches!(error, Error::Embargo { .. }) && error.is_refusal());
    let written = |status: &str, options: &Options| {
        let folder = tempfile::tempdir().unwrap();
        MadeUp { publication: publication(status), ..MadeUp::default() }.write(folder.path());
        let out = folder.path().join("site");
        report::write(folder.path(), &out, options).unwrap();
        fs::read_to_string(out.join("en/figure/fig-1.html")).unwrap()
    };
    let page = written("provisional", &early);
    assert!(page.contains("noindex") && page.contains("data-watermark=\"under embargo\""));
    let page = written("final", &at("2026-03-01T08:00:00Z"));
    assert!(!page.contains("noindex") && !page.contains("data-watermark"));
    let page = written("draft", &at("2026-03-02"));
    assert!(page.contains("noindex") && page.contains("data-watermark=\"draft\""));
}

#[test]
fn a_folder_that_holds_something_else_is_refused_and_a_site_of_ours_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (release, out) = (folder.path().join("release"), folder.path().join("site"));
    MadeUp::default().write(&release);
    fs::create_dir(&out).unwrap();
    report::write(&release, &out, &Options::default()).unwrap();
    fs::write(out.join("old.html"), "").unwrap();
    report::write(&release, &out, &Options::default()).unwrap();
    assert!(!out.join("old.html").exists() && out.join("index.html").exists());
    fs::remove_file(out.join("peil-site.json")).unwrap();
    let error = report::write(&release, &out, &Options::default()).unwrap_err();
    assert!(matches!(error, Error::NotOurs { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside them");
}

#[cfg(unix)]
#[test]
fn a_disk_that_fills_leaves_the_old_site_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (release, out) = (folder.path().join("release"), folder.path().join("site"));
    MadeUp::default().write(&release);
    report::write(&release, &out, &Options::default()).unwrap();
    let before = files(&out);
    let program =
        std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("examples/site");
    // No file may grow beyond a few blocks: the bundle of the explorer does.
    let limited = format!("trap '' XFSZ; ulimit -f 200; exec {} \"$@\"", program.display());
    let done =
        Command::new("sh").args(["-c", &limited, "sh"]).args([&release, &out]).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(
        !done.status.success() && said.contains("the site that was there stays in place"),
        "{said}"
    );
    assert!(files(&out) == before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside them");
}

#[test]
fn languages_are_those_of_the_labels_and_one_without_words_is_told_in_another() {
    let made = MadeUp { languages: vec!["fy", "nl"], ..MadeUp::default() };
    let site = site(&made);
    assert_eq!(site.summary.languages, ["fy", "nl"]);
    let page = fs::read_to_string(site.path.join("fy/figure/fig-1.html")).unwrap();
    assert!(page.contains("<html lang=\"en\">") && page.contains("Panel 0 fy"));
    assert!(page.contains("hreflang=\"nl\" href=\"../../nl/figure/fig-1.html\""));
    let options = Options { languages: vec!["de".to_owned()], ..Options::default() };
    let error = refused(&made, |_| {}, &options).to_string();
    assert_eq!(error, "language `de`: the release has labels in fy, nl");
}

#[test]
fn every_word_that_the_code_says_is_in_the_tables() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let words: toml::Table =
        toml::from_str(&fs::read_to_string(root.join("words/en.toml")).unwrap()).unwrap();
    let known = |key: &str| {
        let found = key.split('.').try_fold(&words, |table, part| table.get(part)?.as_table());
        let parent = key.rsplit_once('.').map_or(Some(&words), |(above, _)| {
            above.split('.').try_fold(&words, |table, part| table.get(part)?.as_table())
        });
        let name = key.rsplit('.').next().unwrap();
        found.is_some()
            || parent.is_some_and(|table| table.get(name).is_some_and(toml::Value::is_str))
    };
    let mut checked = 0;
    for (file, text) in texts(&root.join("src"), ".rs") {
        let text = text.split("#[cfg(test)]").next().unwrap();
        for call in ["words.say(\"", "words.fill(\"", "words.counted(\"", "words.find(\""] {
            for key in between(text, call, "\"") {
                assert!(known(key), "{file}: `{key}` is in no table of words");
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked}");
}
