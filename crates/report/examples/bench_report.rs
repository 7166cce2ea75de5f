//! How long the site of a made-up release takes: `bench_report INDICATORS PANELS WAVES`.
#![expect(clippy::print_stdout, reason = "a program for the developer's eyes")]
#![expect(clippy::unwrap_used, reason = "a benchmark")]

use std::time::Instant;

#[path = "../tests/made_up/mod.rs"]
mod made_up;

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let [indicators, panels, waves] = sizes.try_into().unwrap_or([60, 6, 5]);
    let release = tempfile::tempdir().unwrap();
    let sites = tempfile::tempdir().unwrap();
    let made =
        made_up::MadeUp { indicators, panels, waves, levels: 12, ..made_up::MadeUp::default() };
    made.write(release.path());
    let began = Instant::now();
    let summary =
        report::write(release.path(), &sites.path().join("site"), &report::Options::default())
            .unwrap();
    println!(
        "{indicators} indicators × {panels} panels × {waves} waves × 13 cells: {:.1} s, {} pages, {:.1} MB",
        began.elapsed().as_secs_f64(),
        summary.pages,
        summary.bytes as f64 / 1e6
    );
}
