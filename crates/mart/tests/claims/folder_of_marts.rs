//! A release is one thing: what readers see by link and pointer, what lies beside it, who may read what of it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mart::{
    Access, Folder, Note, Outcome, current, damages, export, publish, publish_prepared, recover,
    releases, rollback, switch_to, unswitched, verify, verify_current,
};

use crate::tiny::Tiny;
use crate::tiny::settings::shown;
use crate::{folder, published, target};

/// Two releases, the second one current.
fn two(marts: &Path) -> [String; 2] {
    [4, 8].map(|rows| {
        let mut tiny = Tiny::new();
        tiny.hands.rows = rows;
        published(&tiny, marts).unwrap().release
    })
}

fn hash(path: &Path) -> io::Result<String> {
    Ok(blake3::hash(&fs::read(path)?).to_hex().to_string())
}

fn damaged(marts: &Path) -> Vec<String> {
    damages(marts, &hash).unwrap().iter().map(|damage| damage.file.clone()).collect()
}

#[test]
fn a_switch_that_fails_at_the_pointer_is_undone_at_the_link() {
    let marts = folder();
    let [first, second] = two(marts.path());
    let fail = |step: &str| {
        if step == "switch the pointer" { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    };
    rollback(marts.path(), None, &fail).unwrap_err();
    assert_eq!(verify_current(marts.path()).unwrap().release, second);
    rollback(marts.path(), None, &|_| Ok(())).unwrap();
    assert_eq!(verify_current(marts.path()).unwrap().release, first);
}

/// What is left when a process ends between the two.
#[cfg(unix)]
#[test]
fn a_switch_that_was_cut_off_is_undone_by_whoever_comes_next_and_its_release_is_still_due() {
    let marts = folder();
    let [first, _] = two(marts.path());
    let mut tiny = Tiny::new();
    tiny.hands.rows = 12;
    let to = target(marts.path(), 5, &|_| Ok(()));
    let built =
        publish_prepared(&tiny.inputs(), mart::prepare(&tiny.inputs()).unwrap(), &to).unwrap();
    let before = current(marts.path()).unwrap().unwrap().release;
    assert_ne!(built.release, before, "no reader sees what is built");
    fs::remove_file(marts.path().join("current")).unwrap();
    let link = Path::new("releases").join(&built.release);
    std::os::unix::fs::symlink(link, marts.path().join("current")).unwrap();
    assert_eq!(recover(marts.path()).unwrap(), Some(built.release.clone()));
    assert_eq!(verify_current(marts.path()).unwrap().release, before);
    assert_eq!(unswitched(marts.path()).unwrap(), Some(built.release.clone()));
    assert_eq!(recover(marts.path()).unwrap(), None, "once");
    switch_to(&to, &built.release).unwrap();
    assert_eq!(verify_current(marts.path()).unwrap().release, built.release);
    assert_eq!(unswitched(marts.path()).unwrap(), None);
    assert_ne!(first, built.release);
}

#[cfg(unix)]
#[test]
fn a_link_or_pointer_that_was_set_by_hand_or_removed_is_a_damage_and_is_set_right() {
    let marts = folder();
    let [first, second] = two(marts.path());
    let (link, pointer) = (marts.path().join("current"), marts.path().join("current.txt"));
    let set_link = |to: &str| {
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(to, &link).unwrap();
    };
    let spoils: [(&str, &dyn Fn()); 6] = [
        ("link to another release", &|| set_link(&format!("releases/{first}"))),
        ("link to nowhere", &|| set_link("releases/none")),
        ("link out of the folder", &|| set_link("/tmp")),
        ("no link", &|| fs::remove_file(&link).unwrap()),
        ("pointer to another release", &|| {
            fs::write(&pointer, format!("releases/{first}\n")).unwrap();
        }),
        ("no pointer", &|| fs::remove_file(&pointer).unwrap()),
    ];
    let mut tiny = Tiny::new();
    tiny.hands.rows = 8;
    for (what, spoil) in spoils {
        assert_eq!(damaged(marts.path()), Vec::<String>::new(), "{what}");
        spoil();
        assert!(!damaged(marts.path()).is_empty(), "{what}");
        verify_current(marts.path()).unwrap_err();
        published(&tiny, marts.path()).unwrap();
        assert_eq!(verify_current(marts.path()).unwrap().release, second, "{what}");
    }
    // Both to another release, as a rollback would set them, but nobody rolled back.
    set_link(&format!("releases/{first}"));
    fs::write(&pointer, format!("releases/{first}\n")).unwrap();
    assert_eq!(damaged(marts.path()), ["current", "current.txt"]);
    rollback(marts.path(), Some(&first), &|_| Ok(())).unwrap();
    assert_eq!(damaged(marts.path()), Vec::<String>::new());
}

#[test]
fn a_file_that_is_edited_added_or_gone_is_a_damage() {
    let marts = folder();
    let [_, release] = two(marts.path());
    let file = marts.path().join("releases").join(&release).join("public/estimate.parquet");
    let name = format!("releases/{release}/public/estimate.parquet");
    let whole = fs::read(&file).unwrap();
    let mut edited = whole.clone();
    edited[100] ^= 1;
    fs::write(&file, edited).unwrap();
    assert_eq!(damaged(marts.path()), [name.as_str()]);
    fs::remove_file(&file).unwrap();
    assert_eq!(damaged(marts.path()), [name.as_str()]);
    fs::write(&file, whole).unwrap();
    let planted = file.with_file_name("estimate_2.parquet");
    fs::write(planted, "x").unwrap();
    assert_eq!(damaged(marts.path()), [name.replace("estimate", "estimate_2")]);
}

#[test]
fn what_is_no_release_is_left_alone_and_named() {
    let marts = folder();
    let [first, second] = two(marts.path());
    let beside = marts.path().join("releases");
    fs::create_dir(beside.join("lost+found")).unwrap();
    fs::create_dir(beside.join("0123456789abcdef")).unwrap();
    fs::write(beside.join("0123456789abcdef/manifest.json"), "{").unwrap();
    fs::write(beside.join(".DS_Store"), "x").unwrap();
    fs::write(beside.join("notes.txt"), "x").unwrap();
    fs::create_dir(beside.join(".snapshot")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&first, beside.join("latest")).unwrap();
    let mut tiny = Tiny::new();
    tiny.hands.rows = 12;
    let third = published(&tiny, marts.path()).unwrap();
    let named: Vec<&str> = third
        .notes
        .iter()
        .map(|note| if let Note::NotARelease { name, .. } = note { name.as_str() } else { "" })
        .collect();
    let mut expected =
        vec![".DS_Store", ".snapshot", "0123456789abcdef", "latest", "lost+found", "notes.txt"];
    expected.retain(|name| cfg!(unix) || *name != "latest");
    assert_eq!(named, expected);
    assert!(expected.iter().all(|name| beside.join(name).exists()));
    let known: Vec<String> =
        releases(marts.path()).unwrap().into_iter().map(|release| release.release).collect();
    assert_eq!(known, [first, second, third.release]);
    rollback(marts.path(), None, &|_| Ok(())).unwrap();
}

#[test]
fn something_in_the_place_of_a_release_gives_way_to_it() {
    let (tiny, marts) = (Tiny::new(), folder());
    let release = published(&tiny, marts.path()).unwrap();
    fs::remove_dir_all(&release.folder).unwrap();
    fs::write(&release.folder, "a file").unwrap();
    assert_eq!(published(&tiny, marts.path()).unwrap().outcome, Outcome::New);
    verify_current(marts.path()).unwrap();
}

#[cfg(unix)]
#[test]
fn retention_keeps_what_the_link_or_the_pointer_names() {
    let marts = folder();
    let [first, _] = two(marts.path());
    fs::write(marts.path().join("current.txt"), format!("releases/{first}\n")).unwrap();
    let mut tiny = Tiny::new();
    tiny.hands.rows = 12;
    let to = target(marts.path(), 0, &|_| Ok(()));
    let fail = |step: &str| {
        if step == "switch the link" { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    };
    publish(&tiny.inputs(), &target(marts.path(), 0, &fail)).unwrap_err();
    assert!(releases(marts.path()).unwrap().iter().any(|release| release.release == first));
    let third = publish(&tiny.inputs(), &to).unwrap();
    let left: Vec<String> =
        releases(marts.path()).unwrap().into_iter().map(|release| release.release).collect();
    assert_eq!(left, [third.release]);
}

#[test]
fn a_damaged_release_is_built_again_when_told_so_even_if_it_agrees_with_its_manifest() {
    let (tiny, marts) = (Tiny::new(), folder());
    published(&tiny, marts.path()).unwrap();
    let mut to = target(marts.path(), 5, &|_| Ok(()));
    to.rebuild = true;
    assert_eq!(publish(&tiny.inputs(), &to).unwrap().outcome, Outcome::New);
}

#[cfg(unix)]
#[test]
fn only_public_is_for_everyone_from_the_first_instant_on() {
    use std::os::unix::fs::PermissionsExt;
    fn mode(path: &Path) -> io::Result<u32> {
        Ok(fs::metadata(path)?.permissions().mode() & 0o777)
    }
    fn open_to_others(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let about = fs::symlink_metadata(&path).unwrap();
            if about.is_dir() && about.permissions().mode() & 0o005 != 0 {
                found.extend(open_to_others(&path));
            } else if about.is_file() && about.permissions().mode() & 0o004 != 0 {
                found.push(path.strip_prefix(folder).unwrap().to_owned());
            }
        }
        found
    }
    let (tiny, marts) = (Tiny::new(), folder());
    let look = |_: &str| -> io::Result<()> {
        for entry in fs::read_dir(marts.path().join("releases")).into_iter().flatten() {
            let path = entry?.path();
            for part in ["restricted", "operational", "receipts"] {
                let closed = !path.join(part).exists()
                    || mode(&path)? % 0o100 == 0
                    || mode(&path.join(part))? % 0o100 == 0;
                assert!(closed, "{part} stands open while it is written");
            }
        }
        Ok(())
    };
    let release = publish(&tiny.inputs(), &target(marts.path(), 5, &look)).unwrap();
    let open = open_to_others(&release.folder);
    assert!(open.len() > 10, "{open:?}");
    for path in fs::read_dir(&release.folder).unwrap().map(|entry| entry.unwrap().path()) {
        let expected = match path.file_name().unwrap().to_str().unwrap() {
            "public" => 0o755,
            "restricted" | "operational" | "receipts" => 0o700,
            _ => 0o644,
        };
        assert_eq!(mode(&path).unwrap(), expected, "{}", path.display());
    }
    // A release of a former version, or one that somebody opened, is closed by the next.
    fs::set_permissions(release.folder.join("restricted"), fs::Permissions::from_mode(0o755))
        .unwrap();
    mart::close(marts.path(), Access::default()).unwrap();
    assert_eq!(mode(&release.folder.join("restricted")).unwrap(), 0o700);
}

#[test]
fn an_audience_gets_its_part_with_a_manifest_of_its_own() {
    let (tiny, marts) = (Tiny::new(), folder());
    let release = published(&tiny, marts.path()).unwrap();
    let to = marts.path().join("share");
    let part = export(&release.folder, Folder::Public, &to, Access::default()).unwrap();
    assert_eq!(verify(&to).unwrap(), part);
    assert_eq!((part.audience.as_deref(), part.inputs.len()), (Some("public"), 0));
    let public = |path: &String| path.starts_with("public/") || path == "data_dictionary.csv";
    assert!(part.files.iter().map(|file| &file.path).all(public), "{:?}", part.files);
    let of_release = release.files.iter().filter(|file| file.path.starts_with("public/"));
    assert_eq!(part.files.len(), of_release.count() + 1);
    let dictionary = fs::read_to_string(to.join("data_dictionary.csv")).unwrap();
    assert!(dictionary.lines().skip(1).all(|line| line.starts_with("public,")), "{dictionary}");
    fs::write(to.join("public/estimate.parquet"), "x").unwrap();
    verify(&to).unwrap_err();
    let again = export(&release.folder, Folder::Public, &to, Access::default()).unwrap_err();
    assert!(again.to_string().contains("a folder that is not empty"), "{again}");
}

#[test]
fn the_same_tables_under_another_contract_are_another_release() {
    let marts = folder();
    let mut tiny = Tiny::new();
    let before = published(&tiny, marts.path()).unwrap().release;
    let contract = shown("float64", 1);
    assert!(contract.contains("meaning = \""), "{contract}");
    tiny.configuration.marts[0].contract = contract.replacen("meaning = \"", "meaning = \"the ", 1);
    assert_ne!(published(&tiny, marts.path()).unwrap().release, before);
}
