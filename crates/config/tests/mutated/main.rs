//! Whatever stands in the settings, reading them ends in a configuration or in mistakes with a place.
#![allow(clippy::unwrap_used)] // a panic is the test's failure

mod generator;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use config::{Configuration, Mistake, PipelineFile};

const SETTINGS: u64 = 10_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for path in fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// The tiny survey with the two export profiles that it uses.
fn tiny() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("tests/base"), folder.path());
    let exports = folder.path().join("config/exports");
    fs::create_dir_all(&exports).unwrap();
    for profile in ["excel_nl_csv.toml", "excel_xlsx.toml", "surveymonkey_csv.toml"] {
        fs::copy(root().join("config/exports").join(profile), exports.join(profile)).unwrap();
    }
    folder
}

fn load(folder: &Path) -> Result<(), Vec<Mistake>> {
    let pipeline = folder.join("pipeline.toml");
    let config = PipelineFile::config_folder(&pipeline)?;
    let configuration = Configuration::load(&config)?;
    PipelineFile::load(&pipeline, &configuration).map(drop)
}

/// How many settings of these seeds end well, and how many in mistakes.
fn ended(seeds: impl Iterator<Item = u64>) -> (u64, u64) {
    let folder = tiny();
    load(folder.path()).unwrap();
    let files = generator::files(&[folder.path().to_owned()]);
    let (mut well, mut refused) = (0, 0);
    for seed in seeds {
        generator::with(&files, seed, |path| {
            let ended = catch_unwind(AssertUnwindSafe(|| load(folder.path())));
            match ended.unwrap_or_else(|_| panic!("seed {seed}: a panic at {}", path.display())) {
                Ok(()) => well += 1,
                Err(mistakes) => {
                    refused += 1;
                    shown(seed, folder.path(), &mistakes);
                }
            }
        });
    }
    (well, refused)
}

/// Every mistake has a place in the folder and can be shown.
fn shown(seed: u64, folder: &Path, mistakes: &[Mistake]) {
    assert!(!mistakes.is_empty(), "seed {seed}: refused without a mistake");
    let hides = |sign: char| sign.is_control() && sign != '\n';
    for mistake in mistakes {
        assert!(mistake.file.starts_with(folder), "seed {seed}: {mistake:?}");
        assert!(!mistake.message.is_empty(), "seed {seed}: {mistake:?}");
        assert!(!mistake.render(false).contains(hides), "seed {seed}: {mistake:?}");
    }
}

#[test]
fn ten_thousand_mutated_settings_end_well_or_in_mistakes_with_a_place() {
    const AT_ONCE: u64 = 4;
    let ends: Vec<(u64, u64)> = std::thread::scope(|scope| {
        let part = |first| scope.spawn(move || ended((first..SETTINGS).step_by(AT_ONCE as usize)));
        let parts: Vec<_> = (0..AT_ONCE).map(part).collect();
        parts.into_iter().map(|part| part.join().unwrap()).collect()
    });
    let (well, refused) = ends.iter().fold((0, 0), |sums, part| (sums.0 + part.0, sums.1 + part.1));
    assert_eq!(well + refused, SETTINGS);
    assert!(well > SETTINGS / 20 && refused > SETTINGS / 2, "{well} well, {refused} refused");
}

#[test]
fn a_number_that_is_none_is_refused_wherever_a_setting_takes_one() {
    let folder = tiny();
    let files = generator::files(&[
        folder.path().join("config/monitor.toml"),
        folder.path().join("config/panels"),
    ]);
    let mut numbers = 0;
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        for (line, content) in text.lines().enumerate() {
            let Some((key, value)) = content.split_once(" = ") else { continue };
            if value.parse::<f64>().is_err() {
                continue;
            }
            numbers += 1;
            for odd in ["nan", "inf", "-inf", "-1", "-0.5", "1e300", "9223372036854775807"] {
                let changed = text.replacen(content, &format!("{key} = {odd}"), 1);
                fs::write(&path, changed).unwrap();
                let mistakes = load(folder.path()).expect_err(&format!("{key} = {odd}"));
                let told = mistakes.iter().any(|mistake| mistake.line == Some(line as u32 + 1));
                assert!(told, "{key} = {odd}: {mistakes:?}");
            }
        }
        fs::write(&path, text).unwrap();
    }
    assert!(numbers >= 9, "only {numbers} numbers");
}
