//! Releases of a planted survey: one indicator and its question, counts as given, all weights alike.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use config::monitor::{PanelGroup, Protection};
use mart::{Target, publish};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use survey::Labels;
use tempfile::TempDir;

use crate::figures::{Cell, table};
use crate::tiny::Tiny;

pub struct Planted {
    pub tiny: Tiny,
    cells: Vec<Cell>,
    /// The shares of the answers, of everybody.
    shares: Vec<Cell>,
    /// Where the release goes, for as long as the test runs.
    marts: TempDir,
}

const WAVE: i32 = 2025;
const PUBLISHED: &str = "published";

impl Planted {
    /// One panel by sex, and so many who did not say.
    pub fn by_sex(levels: &[(&'static str, u64, u64)], unknown: u64) -> Self {
        let cell = |breakdown: &str, level: &str, n: u64, yes: u64| Cell {
            indicator: "video".to_owned(),
            panel: "gp".to_owned(),
            wave: WAVE,
            breakdown: breakdown.to_owned(),
            level: level.to_owned(),
            n,
            yes,
            estimate: yes as f64 / n as f64,
        };
        let mut cells: Vec<Cell> =
            levels.iter().map(|(level, n, yes)| cell("sex", level, *n, *yes)).collect();
        let sum = |of: fn(&(&str, u64, u64)) -> u64| levels.iter().map(of).sum::<u64>();
        let (n, yes) = (sum(|level| level.1) + unknown, sum(|level| level.2) + unknown / 4);
        cells.push(cell("total", "total", n, yes));
        Self::of(cells)
    }

    /// Totals of panels that are a group.
    pub fn panels(panels: &[(&'static str, u64, u64)]) -> Self {
        let cell = |panel: &str, n: u64, yes: u64, estimate: f64| Cell {
            indicator: "video".to_owned(),
            panel: panel.to_owned(),
            wave: WAVE,
            breakdown: "total".to_owned(),
            level: "total".to_owned(),
            n,
            yes,
            estimate,
        };
        let share = |panel: &(&str, u64, u64)| panel.2 as f64 / panel.1 as f64;
        let mut cells: Vec<Cell> =
            panels.iter().map(|panel| cell(panel.0, panel.1, panel.2, share(panel))).collect();
        let sum = |of: fn(&(&str, u64, u64)) -> u64| panels.iter().map(of).sum::<u64>();
        let (n, yes) = (sum(|panel| panel.1), sum(|panel| panel.2));
        cells.push(cell("all_pooled", n, yes, yes as f64 / n as f64));
        let mean = panels.iter().map(share).sum::<f64>() / panels.len() as f64;
        cells.push(cell("all_mean_of_groups", n, yes, mean));
        let mut planted = Self::of(cells);
        let names: Vec<String> = panels.iter().map(|panel| panel.0.to_owned()).collect();
        let configuration = &mut planted.tiny.configuration;
        let first = configuration.panels.values().next().unwrap().clone();
        for name in &names {
            configuration.panels.insert(name.clone(), first.clone());
        }
        let group = PanelGroup { label: Labels::default(), panels: names.clone(), colour: None };
        configuration.monitor.groups.insert("all".to_owned(), group);
        configuration.indicators[0].panels = names;
        planted
    }

    /// One panel that was asked a question; the indicator counts its first answers, so many.
    pub fn question(answers: &[(&'static str, u64)], counted: usize) -> Self {
        let n: u64 = answers.iter().map(|answer| answer.1).sum();
        let cell = |indicator: String, yes: u64| Cell {
            indicator,
            panel: "gp".to_owned(),
            wave: WAVE,
            breakdown: "total".to_owned(),
            level: "total".to_owned(),
            n,
            yes,
            estimate: yes as f64 / n as f64,
        };
        let yes = answers[..counted].iter().map(|answer| answer.1).sum();
        let mut planted = Self::of(vec![cell("video".to_owned(), yes)]);
        let shares = answers.iter().map(|(code, own)| cell(format!("video={code}"), *own));
        planted.shares = shares.collect();
        let configuration = &mut planted.tiny.configuration;
        let codes = answers.iter().map(|answer| answer.0.to_owned());
        configuration.indicators[0].codes = codes.take(counted).collect();
        let list = configuration.codebook.answers.get_mut("yes_no").unwrap();
        let first = list[0].clone();
        *list = answers
            .iter()
            .map(|(code, _)| survey::codebook::Answer { code: (*code).to_owned(), ..first.clone() })
            .collect();
        planted
    }

    fn of(cells: Vec<Cell>) -> Self {
        let (tiny, marts) = (Tiny::new(), tempfile::tempdir().unwrap());
        Self { tiny, cells, shares: Vec::new(), marts }
    }

    /// The same with a protection switched off.
    pub fn without(&self, protection: Protection) -> Self {
        let mut bare = Self::of(self.cells.clone());
        bare.shares.clone_from(&self.shares);
        bare.tiny.configuration = self.tiny.configuration.clone();
        bare.tiny.configuration.monitor.disclosure.without.push(protection);
        bare
    }

    pub fn keeping(mut self, level: &str) -> Self {
        self.tiny.configuration.monitor.disclosure.keep = vec![level.to_owned()];
        self
    }

    /// All digits, and bases as they are.
    pub fn exact(mut self) -> Self {
        self.tiny.configuration.indicators[0].decimals = 9;
        self.tiny.configuration.monitor.disclosure.base_multiple = 1;
        self
    }

    /// Publishes; the folder of the release.
    pub fn publish(&self) -> PathBuf {
        let mut tiny = Tiny::new();
        tiny.configuration = self.tiny.configuration.clone();
        tiny.before = self.tiny.before.clone();
        let estimates = &mut tiny.estimates[0];
        estimates.table = table(&self.cells, PUBLISHED);
        for table in estimates.extra.values_mut() {
            *table = table.slice(0, 0);
        }
        estimates.extra.insert("answer_distribution".to_owned(), table(&self.shares, PUBLISHED));
        let target = Target {
            marts: self.marts.path(),
            keep: 5,
            access: mart::Access::default(),
            rebuild: false,
            step: &|_| Ok(()),
            audit: None,
            earlier: None,
        };
        publish(&tiny.inputs(), &target).unwrap().folder
    }
}

/// Adds a public table that shows an exact column under a name of its own.
pub fn column_of_its_own(release: &Path, mart: &str, name: &str, of: &str) {
    let file = File::open(release.join("restricted/estimate_exact.parquet")).unwrap();
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let table = reader.next().unwrap().unwrap();
    let twice = |column: &str| -> ArrayRef {
        let array = table.column_by_name(column).unwrap();
        arrow::compute::concat(&[array.as_ref(), array.as_ref()]).unwrap()
    };
    let columns = ["indicator", "panel", "wave", "breakdown", "level"].map(|key| (key, twice(key)));
    let shown = cast(&twice(of), &DataType::Int64).unwrap();
    let made = RecordBatch::try_from_iter(columns.into_iter().chain([(name, shown)])).unwrap();
    let file = File::create(release.join(format!("public/{mart}.parquet"))).unwrap();
    let mut writer = ArrowWriter::try_new(file, made.schema(), None).unwrap();
    writer.write(&made).unwrap();
    writer.close().unwrap();
}
