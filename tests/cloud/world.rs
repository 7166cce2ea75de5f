//! Workers on a store that lies elsewhere, each in a folder of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Outcome, change, program, tiny_survey};
use crate::server::{BUCKET, get, names, server};

/// A prefix of the bucket, and the way to it.
pub struct World {
    pub prefix: String,
    pub port: u16,
    /// Files of releases whose bytes were seen to be those of their manifest. Nothing is ever written under such a name again.
    verified: Arc<Mutex<BTreeSet<String>>>,
}

impl World {
    /// A prefix that nobody else uses.
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        Self { prefix: format!("world{number}"), port: server().port, verified: Arc::default() }
    }

    /// The same prefix by another way.
    pub fn by(&self, port: u16) -> Self {
        Self { prefix: self.prefix.clone(), port, verified: Arc::clone(&self.verified) }
    }

    /// The tiny survey with its store and marts there, and an empty cache.
    pub fn worker(&self) -> TempDir {
        let folder = tiny_survey();
        self.point(folder.path());
        folder
    }

    fn point(&self, folder: &Path) {
        for place in ["store", "marts"] {
            let to = format!("{place} = \"s3://{BUCKET}/{}/{place}\"", self.prefix);
            change(folder, "pipeline.toml", &format!("{place} = \"{place}\""), &to);
        }
        change(
            folder,
            "pipeline.toml",
            "config = \"config\"",
            "config = \"config\"\ncache = \"cache\"",
        );
    }

    pub fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(folder).env_remove("RUST_LOG").env("COLUMNS", "120");
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
            command.env_remove(name);
        }
        command
            .env("AWS_ACCESS_KEY_ID", "AKIATESTONLY")
            .env("AWS_SECRET_ACCESS_KEY", "a-secret-of-nobody")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ALLOW_HTTP", "true")
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.port));
        command
    }

    pub fn peil(&self, folder: &Path, arguments: &[&str]) -> Outcome {
        outcome(&mut self.command(folder, arguments))
    }

    /// Runs, and expects that all goes well.
    pub fn run(&self, folder: &Path, arguments: &[&str]) -> Outcome {
        let all: Vec<&str> = ["run", "pipeline.toml"].iter().chain(arguments).copied().collect();
        let outcome = self.peil(folder, &all);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        outcome
    }

    pub fn start(&self, folder: &Path, arguments: &[&str]) -> Child {
        self.command(folder, arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        get(&format!("{}/{name}", self.prefix))
    }

    /// All names below the prefix, without it.
    pub fn names(&self, start: &str) -> Vec<String> {
        let all = names(&format!("{}/{start}", self.prefix)).into_iter();
        all.map(|name| name[self.prefix.len() + 1..].to_owned()).collect()
    }

    /// What `current.json` says; none where nothing was published.
    pub fn pointer(&self) -> Option<Value> {
        Some(serde_json::from_slice(&self.get("marts/current.json")?).unwrap())
    }

    /// The release that readers see; none where nothing was published. All that are listed are there, verified byte by byte by
    /// their manifests.
    pub fn whole_release(&self) -> Option<String> {
        let pointer = self.pointer()?;
        let there: BTreeSet<String> = self.names("marts/releases/").into_iter().collect();
        for listed in pointer["releases"].as_array().unwrap() {
            self.verify(listed, &there);
        }
        let path = pointer["path"].as_str().unwrap();
        assert!(pointer["releases"].as_array().unwrap().iter().any(|one| one["path"] == path));
        Some(pointer["release"].as_str().unwrap().to_owned())
    }

    fn verify(&self, listed: &Value, there: &BTreeSet<String>) {
        let path = listed["path"].as_str().unwrap();
        let file = |name: &str| {
            let name = format!("marts/{path}/{name}");
            assert!(there.contains(&name), "half a release: {name} is not there");
            self.get(&name).unwrap_or_else(|| panic!("half a release: {name} is not there"))
        };
        let manifest = file("manifest.json");
        assert_eq!(hash(&manifest), listed["manifest"], "{path}");
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let mut verified = self.verified.lock().unwrap();
        for of in manifest["files"].as_array().unwrap() {
            let name = of["path"].as_str().unwrap();
            if verified.contains(&format!("{path}/{name}")) {
                assert!(there.contains(&format!("marts/{path}/{name}")), "{name} is gone");
                continue;
            }
            assert_eq!(hash(&file(name)), of["blake3"], "{path}/{name}");
            verified.insert(format!("{path}/{name}"));
        }
        file("checksums.b3");
    }

    /// Every object holds the bytes of its name, and every record names only what is there.
    pub fn whole_store(&self) {
        let objects: Vec<String> = self.names("store/objects/");
        for name in &objects {
            let expected = name.rsplit('/').next().unwrap().split('.').next().unwrap();
            assert_eq!(hash(&self.get(name).unwrap()), expected, "{name}");
        }
        for name in self.names("store/records/") {
            let record: Value = serde_json::from_slice(&self.get(&name).unwrap()).unwrap();
            for (_, print) in record["output"]["files"].as_object().unwrap() {
                let start = format!("store/objects/{}", print.as_str().unwrap());
                assert!(objects.iter().any(|object| object.starts_with(&start)), "{name}: {start}");
            }
        }
    }
}

pub fn outcome(command: &mut Command) -> Outcome {
    let output = command.output().unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// Another answer of one respondent: a survey that has something to publish again.
pub fn other_answer(folder: &Path, number: u64) {
    let path = folder.join("input/gp_2024.csv");
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[1] = with_answer(&lines[1], number);
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

fn with_answer(line: &str, number: u64) -> String {
    let mut cells: Vec<String> = line.split(';').map(str::to_owned).collect();
    // Hours a week: nothing is made of them, and analysts see them.
    cells[6] = (number % 60 + 20).to_string();
    cells.join(";")
}

/// How many times, from the environment.
pub fn times(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}
