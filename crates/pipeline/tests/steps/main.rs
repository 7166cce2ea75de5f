//! A toy page over toy stages: what the store and the reasons promise, without any survey in the way.
#![allow(clippy::unwrap_used)] // a test may stop

mod claims;
mod faults;
mod property;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use arrow::array::{ArrayRef, AsArray, StringArray};
use arrow::record_batch::RecordBatch;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::ledger::Ledger;
use store::{Stage, Step, Store};
use survey::handoff::About;
use survey::{Handoff, Hinted, PanelWave};

use pipeline::delivery_file::DeliveryFile;
use pipeline::error::{End, Error, StageError};
use pipeline::outcome::{Decision, Mode, Outcome, Outside};
use pipeline::run::Run;
use pipeline::select::{Grid, Selection};
use pipeline::side_by_side::SideBySide;

const PANELS: [&str; 2] = ["gp", "nurse"];
const WAVES: [u32; 2] = [2024, 2025];

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Toy {
    rows_in: u64,
}
impl About for Toy {
    const NAME: &'static str = "toy";
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Sum {
    total: u64,
}
impl About for Sum {
    const NAME: &'static str = "sum";
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct ToyError(String);

impl Hinted for ToyError {
    fn hint(&self) -> Option<String> {
        None
    }
}

impl From<ToyError> for StageError {
    fn from(error: ToyError) -> Self {
        Self { end: End::Refused, findings: Vec::new(), error: Box::new(error) }
    }
}

/// As it stands in a TOML file.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Config {
    items: Vec<Item>,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Item {
    panel: String,
    wave: u32,
    concept: String,
    column: String,
    #[serde(default)]
    line: survey::Line,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rule {
    name: String,
    condition: String,
}

#[derive(Clone, Serialize)]
struct Items {
    items: Vec<Item>,
}

#[derive(Clone, Serialize)]
struct Rules {
    rules: Vec<Rule>,
}

/// A folder with deliveries and a configuration.
struct World {
    folder: tempfile::TempDir,
    outside: Outside,
    selection: Selection,
    keep_going: bool,
    threads: usize,
}

/// What a walk came to.
struct Walked {
    outcomes: BTreeMap<Step, Outcome>,
    result: Result<(), Error>,
}

const CONFIG: &str = r#"
rules = [{ name = "odd", condition = "x" }]
[[items]]
panel = "gp"
wave = 2024
concept = "use"
column = "Q1"
[[items]]
panel = "nurse"
wave = 2024
concept = "use"
column = "Q1"
"#;

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ticks = AtomicI64::new(0);
        let now = move || Timestamp::from_second(ticks.fetch_add(1, Ordering::Relaxed)).unwrap();
        let outside = Outside {
            now: Arc::new(now),
            pid: 7,
            random: Arc::new(|bytes: &mut [u8]| {
                bytes.fill(7);
                Ok(())
            }),
            interrupted: Arc::new(AtomicBool::new(false)),
            fault: None,
            observe: None,
        };
        let world = Self {
            folder,
            outside,
            selection: Selection::default(),
            keep_going: false,
            threads: 2,
        };
        for panel in PANELS {
            for wave in WAVES {
                world.deliver(panel, wave, &format!("{panel} {wave}\nyes\nno"));
            }
        }
        world.configure(CONFIG);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn store_folder(&self) -> PathBuf {
        self.path("store")
    }

    fn delivery(panel: &str, wave: u32) -> String {
        format!("{panel}_{wave}")
    }

    fn deliver(&self, panel: &str, wave: u32, text: &str) {
        fs::write(self.path(&format!("{}.txt", Self::delivery(panel, wave))), text).unwrap();
    }

    fn configure(&self, text: &str) {
        fs::write(self.path("config.toml"), text).unwrap();
    }

    fn grid(&self) -> Grid {
        let (store, none) = (Store::open(&self.store_folder(), false), BTreeSet::new());
        let run = Run::new(&store, Mode::Grid, &self.outside, &none, String::new());
        self.page(&run).unwrap();
        let feeds = PANELS.iter().flat_map(|panel| {
            WAVES.map(|wave| (Self::delivery(panel, wave), (vec![(*panel).to_owned()], wave)))
        });
        Grid { reads: run.reads(), feeds: feeds.collect() }
    }

    /// The toy page: read, upper case with the items, drop a trailing row, add up.
    fn page(&self, run: &Run<'_>) -> Result<(), Error> {
        let config: Config =
            toml::from_str(&fs::read_to_string(self.path("config.toml")).unwrap()).unwrap();
        let units = SideBySide::new(run, self.keep_going);
        let places: Vec<PanelWave> = PANELS
            .iter()
            .flat_map(|panel| WAVES.map(|wave| PanelWave::new(*panel, wave)))
            .collect();
        let weighted = units.each(&places, |of| {
            let name = Self::delivery(&of.panel, of.wave);
            let file = DeliveryFile {
                delivery: name.clone(),
                path: self.path(&format!("{name}.txt")),
                sheet: None,
                expected_rows: None,
                minimum_age: None,
            };
            let raw = run.step(Step::ingest(&name), &file, || name.clone(), |_, _| read(&file))?;
            let items =
                config.items.iter().filter(|item| item.panel == of.panel && item.wave == of.wave);
            let items = Items { items: items.cloned().collect() };
            let harmonised = run.step(
                Step::of(Stage::Harmonise, of),
                &raw,
                || items.clone(),
                |raw, items| upper(&raw, items),
            )?;
            let rules = Rules { rules: config.rules.clone() };
            run.step(
                Step::of(Stage::Weight, of),
                &harmonised,
                || rules.clone(),
                |harmonised, _| Ok::<_, ToyError>((*harmonised).clone()),
            )
        })?;
        let panels = units.each(&PANELS, |panel| {
            let waves: Vec<_> =
                weighted.iter().filter(|kept| kept.step.panel() == Some(panel)).collect();
            if waves.len() < WAVES.len() {
                return Ok(());
            }
            run.step(Step::estimate(panel), waves, || (), |waves, ()| add_up(&waves))?;
            Ok(())
        });
        panels?;
        units.end()
    }

    fn walk(&self, mode: Mode) -> Walked {
        let grid = self.grid();
        let selected = self.selection.steps(&grid).unwrap();
        let store = Store::open(&self.store_folder(), false);
        let ledger = (mode == Mode::Run).then(|| Ledger::open(&self.store_folder()).unwrap());
        let mut run = Run::new(&store, mode, &self.outside, &selected, "toy".to_owned());
        run.ledger = ledger.as_ref();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads).build().unwrap();
        let mut result = pool.install(|| self.page(&run));
        for _ in 0..5 {
            if !result.as_ref().is_err_and(Error::is_damage) {
                break;
            }
            run.stop.store(false, Ordering::Relaxed);
            result = pool.install(|| self.page(&run));
        }
        if mode == Mode::Run {
            store.hashes.save().unwrap();
        }
        Walked { outcomes: run.outcomes(), result }
    }

    /// Runs and gives the steps that ran with their reasons.
    fn run(&self) -> Vec<String> {
        let walked = self.walk(Mode::Run);
        walked.result.as_ref().unwrap();
        walked.ran()
    }
}

impl Walked {
    fn ran(&self) -> Vec<String> {
        let ran = self.outcomes.values().filter(|outcome| outcome.ended.is_some());
        ran.map(|outcome| format!("{}: {}", outcome.step, why(&outcome.decision))).collect()
    }
}

fn why(decision: &Decision) -> String {
    match decision {
        Decision::Run { why } => why.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        other => format!("{other:?}"),
    }
}

fn table(rows: impl Iterator<Item = String>) -> RecordBatch {
    let values: StringArray = rows.map(Some).collect();
    RecordBatch::try_from_iter([("value", Arc::new(values) as ArrayRef)]).unwrap()
}

fn rows(table: &RecordBatch) -> Vec<String> {
    table.column(0).as_string::<i32>().iter().flatten().map(str::to_owned).collect()
}

fn handoff<K>(table: RecordBatch, about: K) -> Handoff<K> {
    Handoff { table, extra: BTreeMap::new(), findings: Vec::new(), warnings: Vec::new(), about }
}

fn read(file: &DeliveryFile) -> Result<Handoff<Toy>, ToyError> {
    let text = fs::read_to_string(&file.path).map_err(|error| ToyError(error.to_string()))?;
    let table = table(text.lines().map(str::to_owned));
    let rows_in = table.num_rows() as u64;
    Ok(handoff(table, Toy { rows_in }))
}

/// Upper case; `refuse` is an answer that it does not take.
fn upper(raw: &Handoff<Toy>, items: &Items) -> Result<Handoff<Toy>, ToyError> {
    let values = rows(&raw.table);
    if values.iter().any(|value| value == "refuse") {
        return Err(ToyError("refused".to_owned()));
    }
    let columns: Vec<String> =
        items.items.iter().map(|item| format!("{}={}", item.concept, item.column)).collect();
    let columns = columns.concat();
    let values = values.into_iter().map(|value| value.to_uppercase()).chain([columns]);
    Ok(handoff(table(values), Toy { rows_in: 0 }))
}

#[expect(clippy::unnecessary_wraps, reason = "a stage may refuse")]
fn add_up(waves: &[Handoff<Toy>]) -> Result<Handoff<Sum>, ToyError> {
    let all: Vec<String> = waves.iter().flat_map(|wave| rows(&wave.table)).collect();
    let total = all.len() as u64;
    Ok(handoff(table(all.into_iter()), Sum { total }))
}
