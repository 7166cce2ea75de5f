//! The part of docs/coverage.md about changes and contrasts, the worst rows first.

use std::fmt::Write as _;

use super::{Counts, DRAWS, FIGURES, Row};

pub fn markdown(rows: &[Row]) -> String {
    let error = 100.0 * (0.95 * 0.05 / DRAWS as f64).sqrt();
    let mut text = format!(
        "
## Changes and contrasts, the worst first

Another population of people in clusters of 20 who are asked twice: two answers of one person go together (correlation of the score about 0.7),
and so do those of one cluster. Samples of 400 (where nothing else is said) go through the stages `weight` and `estimate` themselves, {DRAWS} a row;
the figures are how often the columns `ci_lower` and `ci_upper` of the marts hold the planted difference. **Bold**: below {:.1}, more than
chance. The rare share does not change, so that what is missing to 100 is the rate of false calls. A contrast is old against young in the second wave.

* Rare shares and small samples keep more than they promise: nobody of 60 is compatible with 6 %. The price is power.
* Disjoint samples of a finite population do not tell how the answers of both waves go together; the correlation counts as 1, so that the
  intervals are too wide where answers change.
* Contrasts take the covariance of two levels of one sample; its degrees of freedom are those of both levels.

| comparison | samples | {} |
|---|---|{}
",
        limit(),
        FIGURES.join(" | "),
        "---|".repeat(FIGURES.len()),
    );
    let of_row = |row: &Row| {
        [("change", row.changes), ("contrast", row.contrasts)]
            .map(|(kind, counts)| (kind, row.scenario.name, counts))
    };
    let mut all: Vec<(&str, &str, Counts)> = rows.iter().flat_map(of_row).collect();
    all.sort_by(|a, b| lowest(&a.2).total_cmp(&lowest(&b.2)));
    for (kind, name, counts) in all {
        write!(text, "| {kind} | {name} |").ok();
        for count in counts {
            let share = percent(count);
            let part = 100.0 * count.0 as f64 / DRAWS as f64;
            let of = if count.0 < DRAWS { format!(" ({part:.1} %)") } else { String::new() };
            if share < limit() {
                write!(text, " **{share:.1}**{of} |").ok();
            } else {
                write!(text, " {share:.1}{of} |").ok();
            }
        }
        text.push('\n');
    }
    write!(text, "\nThe simulation's own standard error at 95 is {error:.1} points.\n").ok();
    text
}

fn percent((intervals, held): (u64, u64)) -> f64 {
    100.0 * held as f64 / intervals as f64
}

fn lowest(counts: &Counts) -> f64 {
    counts.iter().map(|&count| percent(count)).fold(f64::INFINITY, f64::min)
}

/// Below this a share is more than chance below 95.
fn limit() -> f64 {
    95.0 - 2.58 * 100.0 * (0.95 * 0.05 / DRAWS as f64).sqrt()
}
