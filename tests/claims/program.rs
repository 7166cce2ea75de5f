//! The program under test, and folders to run it in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// `peil`, built with the same profile as the tests: `make test` does so first.
pub fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.parent().unwrap().parent().unwrap().join("peil");
    assert!(program.exists(), "{} is not built: run `make build` first", program.display());
    program
}

/// What a call gave.
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Calls `peil` in a folder.
pub fn peil(folder: &Path, arguments: &[&str]) -> Outcome {
    let output: Output = Command::new(program())
        .args(arguments)
        .current_dir(folder)
        .env_remove("RUST_LOG")
        .env_remove("RUST_BACKTRACE")
        .env("COLUMNS", "120")
        .output()
        .unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Puts `to` in place of the first `from` of a file, which has one.
pub fn change(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "no `{from}` in {file}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// The tiny survey of tests/base in a folder of its own.
pub fn tiny_survey() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("tests/base"), folder.path());
    copy(&root().join("config/exports"), &folder.path().join("config/exports"));
    folder
}

/// One run over the sample data, shared by the tests that only look at what it published.
pub fn sample_run() -> &'static SampleRun {
    static RUN: OnceLock<SampleRun> = OnceLock::new();
    RUN.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let pipeline = sample_pipeline(folder.path());
        let outcome = peil(folder.path(), &["run", pipeline.to_str().unwrap()]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        SampleRun { marts: folder.path().join("marts/current"), folder, said: outcome.stderr }
    })
}

pub struct SampleRun {
    pub folder: TempDir,
    pub marts: PathBuf,
    /// The summary and the warnings.
    pub said: String,
}

/// The sample's pipeline file with its store and marts in this folder.
pub fn sample_pipeline(folder: &Path) -> PathBuf {
    let text = fs::read_to_string(root().join("pipelines/monitor.toml")).unwrap();
    let mut file: toml::Table = toml::from_str(&text).unwrap();
    let absolute = |value: &toml::Value| {
        let path = root().join("pipelines").join(value.as_str().unwrap());
        toml::Value::String(path.to_str().unwrap().to_owned())
    };
    file["config"] = absolute(&file["config"]);
    for delivery in file["delivery"].as_array_mut().unwrap() {
        delivery["file"] = absolute(&delivery["file"]);
    }
    for own in ["store", "marts"] {
        file[own] = toml::Value::String(folder.join(own).to_str().unwrap().to_owned());
    }
    let path = folder.join("monitor.toml");
    fs::write(&path, toml::to_string(&file).unwrap()).unwrap();
    path
}
