//! Releases beside each other: made again, damaged, half made, gone back to.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::Path;

use mart::{Outcome, current, list, publish, releases, rollback, verify, verify_current};
use survey::Hinted;

use crate::tiny::Tiny;
use crate::{files, folder, published, target};

#[test]
fn running_again_changes_nothing() {
    let (tiny, marts) = (Tiny::new(), folder());
    let first = published(&tiny, marts.path()).unwrap();
    let before = files(marts.path());
    let again = published(&tiny, marts.path()).unwrap();
    assert_eq!((again.outcome, &again.release), (Outcome::Unchanged, &first.release));
    assert_eq!(files(marts.path()), before);
}

#[test]
fn verify_finds_a_flipped_byte_a_missing_and_an_added_file() {
    let (tiny, marts) = (Tiny::new(), folder());
    let release = published(&tiny, marts.path()).unwrap();
    verify(&release.folder).unwrap();
    verify(&marts.path().join("current")).unwrap();
    let check = |path: &str, change: &dyn Fn(&Path), expected: &str| {
        let path = release.folder.join(path);
        let kept = fs::read(&path).ok();
        change(&path);
        let error = verify(&release.folder).unwrap_err().with_hints();
        assert!(error.contains(expected), "{error}");
        match kept {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        verify(&release.folder).unwrap();
    };
    let flip = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    check("public/estimate.parquet", &flip, "`public/estimate.parquet`: found blake3");
    check(
        "public/change.parquet",
        &|path| fs::remove_file(path).unwrap(),
        "`public/change.parquet`: found nothing",
    );
    check(
        "public/more.parquet",
        &|path| fs::write(path, b"x").unwrap(),
        "`public/more.parquet`: found a file",
    );
    let rewrite = |path: &Path| {
        fs::write(path, fs::read_to_string(path).unwrap().replace("Synthetic", "Real")).unwrap();
    };
    check("manifest.json", &rewrite, "`manifest.json`: found blake3");
}

#[test]
fn a_damaged_release_is_made_anew() {
    let (tiny, marts) = (Tiny::new(), folder());
    let release = published(&tiny, marts.path()).unwrap();
    let whole = files(&release.folder);
    fs::write(release.folder.join("public/estimate.parquet"), b"broken").unwrap();
    assert_eq!(published(&tiny, marts.path()).unwrap().outcome, Outcome::New);
    let repaired = files(&release.folder);
    let differ: Vec<_> = whole
        .iter()
        .filter(|(name, bytes)| repaired[*name] != **bytes)
        .map(|(name, _)| name.to_str().unwrap())
        .collect();
    // Only its place in the row of releases is another.
    assert_eq!(differ, ["checksums.b3", "manifest.json"]);
}

#[test]
fn whichever_step_fails_readers_see_one_whole_release_and_the_next_run_finishes() {
    let mut changed = Tiny::new();
    changed.hands.rows = 8;
    let undisturbed = folder();
    published(&Tiny::new(), undisturbed.path()).unwrap();
    let steps = RefCell::new(Vec::new());
    let note = |step: &str| -> io::Result<()> {
        steps.borrow_mut().push(step.to_owned());
        Ok(())
    };
    let expected = publish(&changed.inputs(), &target(undisturbed.path(), 5, &note)).unwrap();
    let expected_files = files(&expected.folder);
    let count = steps.borrow().len();
    assert!(count > 20, "{steps:?}");
    for failing in 0..count {
        let marts = folder();
        let first = published(&Tiny::new(), marts.path()).unwrap();
        let place = RefCell::new(0);
        let full = |_: &str| -> io::Result<()> {
            *place.borrow_mut() += 1;
            if *place.borrow() > failing { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        };
        let stopped = publish(&changed.inputs(), &target(marts.path(), 5, &full));
        assert!(stopped.is_err(), "{failing}");
        // What ended with an error published nothing, by the link and by the pointer.
        assert_eq!(current(marts.path()).unwrap().unwrap().release, first.release, "{failing}");
        assert_eq!(verify_current(marts.path()).unwrap().release, first.release, "{failing}");
        verify(&marts.path().join("current")).unwrap();
        let finished = published(&changed, marts.path()).unwrap();
        assert_eq!(files(&finished.folder), expected_files, "{failing}");
        assert_eq!(current(marts.path()).unwrap().unwrap().release, expected.release);
        assert_eq!(list(marts.path()).unwrap().releases.len(), 2);
        assert_eq!(list(marts.path()).unwrap().ignored, []);
    }
}

#[test]
fn rollback_goes_back_one_release_and_the_oldest_are_retired() {
    let marts = folder();
    let mut names = Vec::new();
    for rows in [4, 8, 12, 16] {
        let mut tiny = Tiny::new();
        tiny.hands.rows = rows;
        let target = target(marts.path(), 2, &|_| Ok(()));
        names.push(publish(&tiny.inputs(), &target).unwrap().release);
    }
    let kept: Vec<_> =
        releases(marts.path()).unwrap().into_iter().map(|release| release.release).collect();
    assert_eq!(kept, names[1..]);
    let back = rollback(marts.path(), None, &|_| Ok(())).unwrap();
    assert_eq!(
        (&back.release, &current(marts.path()).unwrap().unwrap().release),
        (&names[2], &names[2])
    );
    let named = rollback(marts.path(), Some(&names[1]), &|_| Ok(())).unwrap();
    assert_eq!(named.release, names[1]);
    let error = rollback(marts.path(), Some("none"), &|_| Ok(())).unwrap_err().with_hints();
    assert!(error.contains("there are:"), "{error}");
    // The tables of the newest stand there still: they are switched to, not written.
    let mut tiny = Tiny::new();
    tiny.hands.rows = 16;
    assert_eq!(published(&tiny, marts.path()).unwrap().outcome, Outcome::SwitchedBack);
}

#[test]
fn a_folder_in_place_of_the_link_is_left_alone() {
    let (tiny, marts) = (Tiny::new(), folder());
    fs::create_dir(marts.path().join("current")).unwrap();
    let error = published(&tiny, marts.path()).unwrap_err().with_hints();
    assert!(error.contains("expected nothing or a link"), "{error}");
}
