//! Time and memory of protecting a release and of attacking it, over made-up figures:
//! `bench_disclosure INDICATORS BREAKDOWNS PANELS WAVES` (4 levels a breakdown; one group of all panels).
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement may stop where it breaks

#[path = "../tests/attacks/figures.rs"]
mod figures;
#[path = "../../mart/tests/claims/tiny/mod.rs"]
#[allow(dead_code, reason = "the marts' claims use the rest of it")]
mod tiny;

use std::time::Instant;

use config::monitor::PanelGroup;
use figures::{Cell, table};
use mart::{Access, Target, publish};
use survey::Labels;
use tiny::Tiny;

/// Shares of the levels of a breakdown, in thousandths; the last is small.
const LEVELS: [u64; 4] = [430, 330, 222, 8];

/// Repeatable numbers below `limit`.
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % limit.max(1)
    }
}

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).map(|size| size.parse().unwrap()).collect();
    let [indicators, breakdowns, panels, waves] = sizes[..] else {
        panic!("INDICATORS BREAKDOWNS PANELS WAVES")
    };
    let mut tiny = Tiny::new();
    configure(&mut tiny, indicators, panels);
    let cells = cells([indicators, breakdowns, panels, waves]);
    let estimates = &mut tiny.estimates[0];
    estimates.table = table(&cells, "estimated");
    for extra in estimates.extra.values_mut() {
        *extra = extra.slice(0, 0);
    }
    let marts = tempfile::tempdir().unwrap();
    let (access, step) = (Access::default(), |_: &str| Ok(()));
    let target = Target {
        marts: marts.path(),
        keep: 1,
        access,
        rebuild: false,
        step: &step,
        audit: None,
        earlier: None,
    };
    let began = Instant::now();
    let release = publish(&tiny.inputs(), &target).unwrap();
    let protected = began.elapsed();
    let began = Instant::now();
    let report = audit::audit(&release.folder, &[]).unwrap();
    println!(
        "{} cells: protect and publish {:.1} s, audit {:.1} s, {} MiB; {} groups attacked, {} found out, {:.1} % withheld",
        cells.len(),
        protected.as_secs_f64(),
        began.elapsed().as_secs_f64(),
        peak_mebibytes(),
        report.groups,
        report.findings.len(),
        100.0 * report.withheld as f64 / report.asked as f64,
    );
}

fn configure(tiny: &mut Tiny, indicators: usize, panels: usize) {
    let configuration = &mut tiny.configuration;
    let names: Vec<String> = (0..panels).map(|panel| format!("panel_{panel}")).collect();
    let first = configuration.panels.values().next().unwrap().clone();
    for name in &names {
        configuration.panels.insert(name.clone(), first.clone());
    }
    let group = PanelGroup { label: Labels::default(), panels: names.clone(), colour: None };
    configuration.monitor.groups.insert("all".to_owned(), group);
    let mut indicator = configuration.indicators[0].clone();
    indicator.panels = names;
    let named = |at: usize| {
        let mut own = indicator.clone();
        own.indicator = name(at);
        own
    };
    configuration.indicators = (0..indicators).map(named).collect();
}

fn name(indicator: usize) -> String {
    format!("indicator_{indicator:03}")
}

fn cells([indicators, breakdowns, panels, waves]: [usize; 4]) -> Vec<Cell> {
    let mut random = Sequence(1);
    let mut cells = Vec::new();
    for indicator in 0..indicators {
        for wave in (0..waves).map(|wave| 2016 + wave as i32) {
            let sizes: Vec<u64> = (0..panels).map(|_| 300 + random.below(900)).collect();
            let yes: Vec<u64> = sizes.iter().map(|n| random.below(n + 1)).collect();
            let mut all = |breakdown: &str, level: &str, counts: &[(u64, u64)]| {
                let mut add = |panel: String, n: u64, yes: u64| {
                    let (indicator, estimate) = (name(indicator), yes as f64 / n as f64);
                    let (breakdown, level) = (breakdown.to_owned(), level.to_owned());
                    cells.push(Cell { indicator, panel, wave, breakdown, level, n, yes, estimate });
                };
                for (panel, (n, yes)) in counts.iter().enumerate() {
                    add(format!("panel_{panel}"), *n, *yes);
                }
                let (n, yes) =
                    counts.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
                add("all_pooled".to_owned(), n, yes);
            };
            let totals: Vec<(u64, u64)> = sizes.iter().copied().zip(yes.iter().copied()).collect();
            all("total", "total", &totals);
            for breakdown in 0..breakdowns {
                let part = |total: u64, level: usize| total * LEVELS[level] / 1000;
                for level in 0..LEVELS.len() {
                    let counts: Vec<(u64, u64)> = totals
                        .iter()
                        .map(|total| (part(total.0, level), part(total.1, level)))
                        .collect();
                    all(&format!("breakdown_{breakdown:02}"), &format!("level_{level}"), &counts);
                }
            }
        }
    }
    cells
}

/// Largest resident size of this process so far.
fn peak_mebibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
