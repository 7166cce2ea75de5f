//! The tables as Markdown.

use std::fmt::Write as _;

use crate::draw::Sampling;
use crate::intervals::{COLUMNS_A_WAY, ERRORS, FIGURES, METHODS, MOST_JACKKNIFED, REPLICATES};
use crate::population::PREVALENCES;
use crate::{DRAWS, Row, SEED};

pub fn markdown(rows: &[Row], compared: &str) -> String {
    let error = 100.0 * (0.95 * 0.05 / DRAWS as f64).sqrt();
    let mut text = format!(
        "# Coverage of the 95 % intervals

Written by `make coverage` (seed {SEED}, {DRAWS} samples a row; four CPU minutes); not part of the tests. **Synthetic.**

A population of 100,000 people is planted once: 1,000 clusters of 100, five regions; sex, age and education; three yes/no answers with
prevalences of exactly 2, 10 and 50 %; a skewed amount and hours. Answers depend on age, sex, education and the cluster, so that calibration
helps and clusters matter. Samples are drawn from it again and again, everyone responds, and every interval is compared with the value of
the population. 95 % means that the interval keeps its promise; the simulation's own standard error there is {error:.1} points, so that
between {:.1} and {:.1} is what chance alone gives. **Bold**: below {:.1}.

* simple: n people without replacement; stratified: n/5 of each region (their shares: 40, 25, 20, 10 and 5 %), so that weights differ 8 to 1;
  clustered: n/10 clusters with 10 people each, taken as drawn with replacement. Finite populations are corrected for in the first two.
* calibrated: raked to age × sex (10 cells) and education (3); errors account for it (linearised: residuals; replicates: raked again).
* linearised: Taylor; bootstrap: {REPLICATES} Rao–Wu replicates; jackknife: a replicate a PSU, left out above {MOST_JACKKNIFED} PSUs (–).
* Degrees of freedom: PSUs minus strata. Median: Woodruff when linearised, else t. An answer nobody gave has the one-sided interval.
* Where fewer than all samples gave an interval (a level of the margin without anybody, in the sample or in one of its replicates), the part
  that did stands behind the figure, and the figure is about these.

What to take from it:

* Shares: the t interval of a rare answer falls short at every size that is usual; logit (the default) and Wilson hold from a few hundred
  respondents on, Korn–Graubard holds nearly everywhere and pays with length.
* n = 100 with 13 calibration cells: linearised errors are a little too small, because residuals are smaller than errors; raking every
  replicate again helps. A replicate of few clusters often lacks a cell: then there is no bootstrap error, rather than one too small.
* Very unequal weights with n = 100 (stratified, n_eff about 73): no interval but Korn–Graubard keeps 95 % for a rare answer.
* Median: Woodruff or the bootstrap. The jackknife is known not to work for a median, and does not.
",
        95.0 - 1.96 * error,
        95.0 + 1.96 * error,
        limit(),
    );
    text.push_str(compared);
    worst(rows, &mut text);
    summary(rows, &mut text);
    for (way, name) in ERRORS.iter().enumerate() {
        shares(rows, way, name, &mut text);
    }
    figures(rows, &mut text);
    text
}

/// Below this a share is more than chance below 95.
fn limit() -> f64 {
    95.0 - 2.58 * 100.0 * (0.95 * 0.05 / DRAWS as f64).sqrt()
}

fn percent((intervals, held): (u64, u64)) -> Option<f64> {
    (intervals > 0).then(|| 100.0 * held as f64 / intervals as f64)
}

/// The rows furthest below 95 of what the marts publish: logit intervals of shares and t intervals of means.
fn worst(rows: &[Row], text: &mut String) {
    const SHOWN: usize = 10;
    let mut found: Vec<(f64, String)> = Vec::new();
    for (way, error) in ERRORS.iter().enumerate() {
        let first = way * COLUMNS_A_WAY;
        let shares = PREVALENCES.iter().enumerate().map(|(index, prevalence)| {
            (first + index * METHODS.len(), format!("share of {:.0} %", 100.0 * prevalence))
        });
        let mean = (first + PREVALENCES.len() * METHODS.len(), "mean".to_owned());
        for (column, figure) in shares.chain([mean]) {
            for row in rows {
                let Some(share) = percent(row.counts[column]) else { continue };
                let (design, calibrated) = (design(row), calibrated(row));
                let cells = format!("{figure} | {error} | {design} | {} | {calibrated}", row.size);
                found.push((share, cells));
            }
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    text.push_str("\n## Levels, the worst ten\n\nOf the intervals that the marts publish: logit of shares, t of means.\n\n");
    text.push_str(
        "| figure | errors | design | n | calibrated | held |\n|---|---|---|---|---|---|\n",
    );
    for (share, cells) in found.iter().take(SHOWN) {
        writeln!(text, "| {cells} | {share:.1} |").ok();
    }
}

fn design(row: &Row) -> &'static str {
    match row.sampling {
        Sampling::Simple => "simple",
        Sampling::Stratified => "stratified",
        Sampling::Clustered => "clustered",
    }
}

fn calibrated(row: &Row) -> &'static str {
    if row.is_calibrated { "yes" } else { "no" }
}

/// Smallest and mean share of each interval over all rows of a prevalence.
fn summary(rows: &[Row], text: &mut String) {
    text.push_str("\n## Levels in short\n\nLinearised errors, over all designs, sizes and both kinds of weights: mean (lowest) share in percent.\n\n");
    let names: Vec<&str> = METHODS.iter().map(|method| method.0).collect();
    writeln!(text, "| prevalence | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()))
        .ok();
    for (index, prevalence) in PREVALENCES.iter().enumerate() {
        write!(text, "| {:.0} % |", 100.0 * prevalence).ok();
        for method in 0..METHODS.len() {
            let found: Vec<f64> = rows
                .iter()
                .filter_map(|row| percent(row.counts[index * METHODS.len() + method]))
                .collect();
            let mean = found.iter().sum::<f64>() / found.len() as f64;
            let lowest = found.iter().copied().fold(f64::INFINITY, f64::min);
            write!(text, " {mean:.1} ({lowest:.1}) |").ok();
        }
        text.push('\n');
    }
}

fn shares(rows: &[Row], way: usize, name: &str, text: &mut String) {
    let columns: Vec<String> = PREVALENCES
        .iter()
        .flat_map(|prevalence| {
            METHODS.iter().map(move |method| format!("{:.0} % {}", 100.0 * prevalence, method.0))
        })
        .collect();
    write!(text, "\n## Shares, {name} errors\n\n").ok();
    let first = way * COLUMNS_A_WAY;
    table(rows, &columns, |row| row.counts[first..first + columns.len()].to_vec(), text);
}

fn figures(rows: &[Row], text: &mut String) {
    let columns: Vec<String> = FIGURES
        .iter()
        .flat_map(|figure| ERRORS.iter().map(move |error| format!("{figure}, {error}")))
        .collect();
    text.push_str("\n## Mean, total, ratio and median (t and Woodruff intervals)\n\n");
    let shares = COLUMNS_A_WAY - FIGURES.len();
    let counts = |row: &Row| {
        let of_figure =
            |figure: usize| (0..ERRORS.len()).map(move |way| way * COLUMNS_A_WAY + shares + figure);
        (0..FIGURES.len()).flat_map(of_figure).map(|place| row.counts[place]).collect()
    };
    table(rows, &columns, counts, text);
}

fn table(
    rows: &[Row],
    columns: &[String],
    counts: impl Fn(&Row) -> Vec<(u64, u64)>,
    text: &mut String,
) {
    writeln!(text, "| design | n | calibrated | {} |", columns.join(" | ")).ok();
    writeln!(text, "|---|---|---|{}", "---|".repeat(columns.len())).ok();
    for row in rows {
        let (design, calibrated) = (design(row), calibrated(row));
        write!(text, "| {design} | {} | {calibrated} |", row.size).ok();
        for count in counts(row) {
            let part = 100.0 * count.0 as f64 / DRAWS as f64;
            let of = if count.0 < DRAWS { format!(" ({part:.1} %)") } else { String::new() };
            match percent(count) {
                None => text.push_str(" – |"),
                Some(share) if share < limit() => {
                    write!(text, " **{share:.1}**{of} |").unwrap_or(());
                }
                Some(share) => write!(text, " {share:.1}{of} |").unwrap_or(()),
            }
        }
        text.push('\n');
    }
}
