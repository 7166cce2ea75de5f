//! What is decided about a step and what became of it; the outside world that a run is given.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
use serde::Serialize;
use store::ledger::Ended;
use store::{Rerun, Step, Summary};

use crate::pseudonym_key::Random;

/// Whether the page is walked to run, to say what would run, or only to learn which step reads what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Run,
    Plan,
    Grid,
}

/// The outside world, handed in by the caller.
#[derive(Clone)]
pub struct Outside {
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    pub pid: u32,
    /// For the salt of a new store.
    pub random: Arc<Random>,
    pub interrupted: Arc<AtomicBool>,
    /// Called at every named point; an error there is a fault of the disk, for tests.
    pub fault: Option<Fault>,
    pub observe: Option<Observe>,
}

impl Outside {
    /// For a walk that does nothing.
    pub(crate) fn nothing() -> Self {
        Self {
            now: Arc::new(|| Timestamp::UNIX_EPOCH),
            pid: 0,
            random: Arc::new(|_| Ok(())),
            interrupted: Arc::new(AtomicBool::new(false)),
            fault: None,
            observe: None,
        }
    }
}

pub type Fault = Arc<dyn Fn(&str) -> std::io::Result<()> + Send + Sync>;
pub type Observe = Arc<dyn Fn(&Event) + Send + Sync>;

/// What an observer sees.
#[derive(Debug, Clone)]
pub enum Event {
    /// How many steps there are.
    Grid(usize),
    Started(Step),
    Finished(Box<Outcome>),
}

/// What is to be done with a step.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    UpToDate,
    Run {
        why: Vec<Rerun>,
    },
    /// Only if what it depends on comes out otherwise.
    MayRun {
        depends_on: Vec<String>,
    },
    /// Not chosen; why it would run if it were.
    NotSelected {
        why: Vec<Rerun>,
    },
    /// Something that it needs failed or is not there.
    Blocked {
        by: String,
    },
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    pub step: Step,
    #[serde(flatten)]
    pub decision: Decision,
    pub ended: Option<Ended>,
    pub seconds: f64,
    pub summary: Summary,
    pub problem: Option<String>,
}
