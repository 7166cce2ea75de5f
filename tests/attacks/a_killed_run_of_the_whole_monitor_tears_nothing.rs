//! SIGKILL at any instant of a run over all thirty panel-waves, publishing included. `SECONDS` of it; `make torture` has many.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::program::{peil, program, sample_pipeline};

/// A cheap sequence that is the same every time.
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }
}

/// All that a release publishes, apart from the facts of its run.
fn published(release: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for part in ["public", "restricted", "operational", "receipts"] {
        for entry in fs::read_dir(release.join(part)).unwrap() {
            let path = entry.unwrap().path();
            if !path.ends_with("meta_run.parquet") {
                let hash = blake3::hash(&fs::read(&path).unwrap()).to_hex().to_string();
                found.insert(path.strip_prefix(release).unwrap().to_owned(), hash);
            }
        }
    }
    found
}

/// What readers of the link see, whole, and that readers of the pointer see the same.
fn seen(folder: &Path, when: &str) -> BTreeMap<PathBuf, String> {
    let verify = peil(folder, &["verify", "--pipeline", "monitor.toml"]);
    assert_eq!(verify.code, 0, "{when}: {}", verify.stderr);
    published(&fs::canonicalize(folder.join("marts/current")).unwrap())
}

/// One delivery of the monitor with and without its last respondent.
fn two_states(folder: &Path) -> (PathBuf, [String; 2]) {
    let text = fs::read_to_string(folder.join("monitor.toml")).unwrap();
    let mut file: toml::Table = toml::from_str(&text).unwrap();
    let deliveries = file["delivery"].as_array_mut().unwrap();
    let is_plain = |delivery: &&mut toml::Value| {
        delivery["file"].as_str().unwrap().ends_with("algemene_bevolking_2025.csv")
    };
    let delivery = deliveries.iter_mut().find(is_plain).unwrap();
    let whole = fs::read_to_string(delivery["file"].as_str().unwrap()).unwrap();
    let own = folder.join("algemene_bevolking_2025.csv");
    delivery["file"] = toml::Value::String(own.to_str().unwrap().to_owned());
    fs::write(folder.join("monitor.toml"), toml::to_string(&file).unwrap()).unwrap();
    let end = whole.trim_end().rfind('\n').unwrap();
    let shorter = whole[..=end].to_owned();
    (own, [whole, shorter])
}

#[test]
fn readers_see_the_old_or_the_new_release_whole_and_the_next_run_ends_the_same() {
    let seconds: u64 =
        std::env::var("SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let folder = tempfile::tempdir().unwrap();
    sample_pipeline(folder.path());
    let (file, states) = two_states(folder.path());
    let mut length = Duration::ZERO;
    let releases = [1, 0].map(|state: usize| {
        fs::write(&file, &states[state]).unwrap();
        let began = Instant::now();
        let outcome = peil(folder.path(), &["run", "monitor.toml"]);
        length = began.elapsed();
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        seen(folder.path(), "undisturbed")
    });
    let [shorter, whole] = releases;
    assert_ne!(shorter, whole);
    let expected = [whole, shorter];
    let (mut sequence, began) = (Sequence(20_252), Instant::now());
    let (mut kills, mut state) = (0, 1);
    while kills == 0 || began.elapsed() < Duration::from_secs(seconds) {
        fs::write(&file, &states[state]).unwrap();
        for _ in 0..=sequence.below(4) {
            let mut child = Command::new(program())
                .args(["run", "monitor.toml"])
                .current_dir(folder.path())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            sleep(Duration::from_micros(sequence.below(length.as_micros() as u64)));
            child.kill().unwrap();
            kills += u64::from(!child.wait().unwrap().success());
            let found = seen(folder.path(), &format!("kill {kills}"));
            assert!(expected.contains(&found), "kill {kills}: neither the old nor the new release");
        }
        let outcome = peil(folder.path(), &["run", "monitor.toml"]);
        assert_eq!(outcome.code, 0, "after kill {kills}: {}", outcome.stderr);
        assert!(seen(folder.path(), "the next run") == expected[state], "after kill {kills}");
        state = 1 - state;
    }
    println!(
        "{kills} kills within runs over the whole monitor, {} ms undisturbed",
        length.as_millis()
    );
}
