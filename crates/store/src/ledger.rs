//! The run ledger: one JSON line a run and one a step that ran, appended and never changed.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::json_lines::JsonLines;
use crate::rerun::Rerun;

/// How a run or a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Ran, and its hand-off is another than before.
    Changed,
    /// Ran, and its hand-off is the one that was there.
    Unchanged,
    Published,
    NothingToDo,
    /// All that was selected is done; nothing was published.
    Done,
    /// By a gate.
    Refused,
    Failed,
    /// The marts were switched back by hand.
    RolledBack,
    Interrupted,
}

impl Ended {
    /// As people read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Published => "published",
            Self::NothingToDo => "nothing to do",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::RolledBack => "rolled back",
            Self::Interrupted => "interrupted",
        }
    }
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Line {
    Step {
        run: String,
        step: String,
        stage: String,
        panel: Option<String>,
        wave: Option<u32>,
        started: Timestamp,
        seconds: f64,
        why: Vec<Rerun>,
        rows: u64,
        findings: BTreeMap<String, u64>,
        ended: Ended,
        /// What went wrong, without any answer.
        problem: Option<String>,
    },
    Run {
        run: String,
        pipeline: String,
        pid: u32,
        started: Timestamp,
        seconds: f64,
        steps_run: u64,
        steps_up_to_date: u64,
        steps_failed: u64,
        findings: BTreeMap<String, u64>,
        release: Option<String>,
        ended: Ended,
        problem: Option<String>,
    },
}

/// The ledger of a store, open for appending.
#[derive(Debug)]
pub struct Ledger {
    lines: JsonLines,
}

impl Ledger {
    pub fn path(store: &Path) -> PathBuf {
        store.join("ledger.jsonl")
    }

    pub fn open(store: &Path) -> io::Result<Self> {
        JsonLines::open_closed(&Self::path(store)).map(|lines| Self { lines })
    }

    pub fn append(&self, line: &Line) -> io::Result<()> {
        self.lines.append(line)
    }

    /// All lines that can be read, oldest first; half lines are passed over.
    pub fn read(store: &Path) -> io::Result<Vec<Line>> {
        let text = match fs::read_to_string(Self::path(store)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop
    use super::*;

    fn line(run: &str) -> Line {
        Line::Run {
            run: run.to_owned(),
            pipeline: "monitor".to_owned(),
            pid: 1,
            started: Timestamp::UNIX_EPOCH,
            seconds: 0.5,
            steps_run: 1,
            steps_up_to_date: 2,
            steps_failed: 0,
            findings: BTreeMap::new(),
            release: None,
            ended: Ended::Done,
            problem: None,
        }
    }

    #[test]
    fn half_a_line_left_by_a_crash_costs_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        Ledger::open(folder.path()).unwrap().append(&line("a")).unwrap();
        let path = Ledger::path(folder.path());
        let mut text = fs::read_to_string(&path).unwrap();
        text.push_str("{\"event\": \"ru");
        fs::write(&path, text).unwrap();
        Ledger::open(folder.path()).unwrap().append(&line("b")).unwrap();
        assert_eq!(Ledger::read(folder.path()).unwrap(), [line("a"), line("b")]);
    }
}
