//! What goes wrong is told, all of it at once, and leaves nothing behind.
#![allow(clippy::unwrap_used)] // a panic is the test's failure

mod base;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use base::{PROGRAM, Worker, check, command, mart, marts, release, three};

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A port on which nobody listens.
fn free() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

const PANELS: &[(&str, &str)] = &[("panel", "text"), ("rows", "int64")];

#[test]
fn all_mistakes_are_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (own, out) = (folder.path().join("marts"), folder.path().join("out"));
    fs::create_dir(&own).unwrap();
    fs::create_dir(&out).unwrap();
    fs::write(out.join("kept.txt"), "").unwrap();
    mart(
        &own,
        "typo",
        "panel",
        PANELS,
        "SELECT panl AS panel, COUNT(*) AS rows\nFROM estimat GROUP BY panl ORDER BY panl",
    );
    mart(
        &own,
        "column",
        "panel",
        PANELS,
        "SELECT panl AS panel, 1 AS rows FROM dim_panel ORDER BY panel",
    );
    mart(&own, "unmet", "panel", PANELS, "SELECT panel, 'a' AS rows FROM dim_panel ORDER BY panel");
    let (silent, port) = (TcpListener::bind("127.0.0.1:0").unwrap(), free());
    let waits = silent.local_addr().unwrap().port();
    let workers = format!("http://127.0.0.1:{port},http://127.0.0.1:{waits}");
    let ran = command(&release(), &own, &out, &workers).output().unwrap();
    check(
        &ran,
        3,
        &[
            "out: found a folder that is not empty",
            "typo.sql:2:6: no table `estimat`",
            "did you mean `estimate`?",
            "column.sql:1:8: no column `panl`",
            "mart `unmet`: 1 broken contract",
            &format!("worker http://127.0.0.1:{port}: Connection refused"),
            "peil-cluster worker --listen",
            &format!("worker http://127.0.0.1:{waits}: found no answer within 5 s"),
        ],
    );
    assert_eq!(names(&out), ["kept.txt"]);
    assert_eq!(names(folder.path()), ["marts", "out"]);
}

#[test]
fn addresses_folders_and_releases_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("empty")).unwrap();
    let ran = command(&at("empty"), &at("empty"), &at("no/out"), "a,http://b").output().unwrap();
    let expected = [
        "empty: found no release",
        "empty: found no SQL file",
        "no: No such file",
        "found `a`, expected http://HOST:PORT",
        "found `http://b`, expected http://HOST:PORT",
    ];
    check(&ran, 3, &expected);
    fs::write(at("empty/alone.sql"), "SELECT 1").unwrap();
    let ran = command(&release(), &at("empty"), &at("out"), "a").output().unwrap();
    check(&ran, 2, &["alone.sql: found a mart without a contract", "alone.toml"]);
}

#[test]
fn a_damaged_release_is_refused() {
    let (release, folder) = (release(), tempfile::tempdir().unwrap());
    fs::create_dir(folder.path().join("public")).unwrap();
    for name in names(&release.join("public")) {
        let name = Path::new("public").join(name);
        fs::copy(release.join(&name), folder.path().join(&name)).unwrap();
    }
    fs::copy(release.join("manifest.json"), folder.path().join("manifest.json")).unwrap();
    let table = folder.path().join("public/estimate.parquet");
    let mut bytes = fs::read(&table).unwrap();
    bytes[1000] ^= 1;
    fs::write(&table, bytes).unwrap();
    let out = folder.path().join("out");
    let worker = Worker::start();
    let ran = command(folder.path(), &marts(), &out, &worker.url).output().unwrap();
    check(&ran, 3, &["not as manifest.json says", "peil verify"]);
}

#[test]
fn rows_that_break_the_contract_are_not_written() {
    let (worker, folder) = (Worker::start(), tempfile::tempdir().unwrap());
    let (own, out) = (folder.path().join("marts"), folder.path().join("out"));
    fs::create_dir(&own).unwrap();
    mart(&own, "twice", "panel", PANELS, "SELECT panel, n AS rows FROM estimate ORDER BY panel");
    let ran = command(&release(), &own, &out, &worker.url).output().unwrap();
    check(&ran, 1, &["mart `twice`", "rows with the key of another row"]);
    assert_eq!(names(folder.path()), ["marts"]);
}

/// Minutes of work.
const LONG: &str = "SELECT a.panel, COUNT(*) AS rows FROM estimate AS a, estimate AS b, estimate AS c WHERE a.n + b.n > c.n GROUP BY a.panel ORDER BY a.panel";

#[test]
fn time_is_limited_and_an_interruption_leaves_nothing() {
    let (_workers, urls) = three();
    let folder = tempfile::tempdir().unwrap();
    let (own, out) = (folder.path().join("marts"), folder.path().join("out"));
    fs::create_dir(&own).unwrap();
    mart(&own, "long", "panel", PANELS, LONG);
    let mut limited = command(&release(), &own, &out, &urls);
    let ran = limited.args(["--mart-seconds", "2"]).output().unwrap();
    check(&ran, 1, &["mart `long`: it runs for more than 2 s", "--mart-seconds"]);
    let mut begun = command(&release(), &own, &out, &urls);
    let begun = begun.stderr(Stdio::piped()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while names(folder.path()).len() < 2 {
        assert!(Instant::now() < until, "it does not begin");
        sleep(Duration::from_millis(50));
    }
    sleep(Duration::from_secs(1));
    let stopped = Command::new("kill").args(["-TERM", &begun.id().to_string()]).status();
    assert!(stopped.unwrap().success());
    check(&begun.wait_with_output().unwrap(), 130, &["interrupted: nothing was written"]);
    assert_eq!(names(folder.path()), ["marts"]);
}

#[test]
fn a_worker_that_dies_ends_the_run() {
    let (mut workers, urls) = three();
    let folder = tempfile::tempdir().unwrap();
    let (own, out) = (folder.path().join("marts"), folder.path().join("out"));
    fs::create_dir(&own).unwrap();
    mart(&own, "long", "panel", PANELS, LONG);
    let begun = command(&release(), &own, &out, &urls).stderr(Stdio::piped()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while names(folder.path()).len() < 2 {
        assert!(Instant::now() < until, "it does not begin");
        sleep(Duration::from_millis(50));
    }
    sleep(Duration::from_secs(2));
    for worker in &mut workers {
        worker.child.kill().unwrap();
    }
    check(&begun.wait_with_output().unwrap(), 1, &["mart `long`"]);
    assert_eq!(names(folder.path()), ["marts"]);
}

#[test]
fn a_worker_listens_on_this_machine_unless_told_otherwise() {
    let ran = Command::new(PROGRAM).args(["worker", "--listen", "0.0.0.0:0"]).output().unwrap();
    check(&ran, 2, &["which other machines may reach", "--trust-network"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = Command::new(PROGRAM).args(["worker", "--listen", &address]).output().unwrap();
    check(&ran, 3, &[&format!("--listen {address}: Address already in use")]);
}
