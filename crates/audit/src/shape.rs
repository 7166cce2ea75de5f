//! The public tables as they are: digits, columns that may not be there, figures of withheld cells under any name.

use std::collections::BTreeMap;

use crate::cell::is_rounded;
use crate::cell::{Place, Shown, Truth};
use crate::files::{Table, Values};
use crate::release::{Release, places};
use crate::report::{Finding, Kind};

/// Columns that no public table may have.
const FORBIDDEN: [&str; 12] = [
    "n_yes",
    "n_sample",
    "n_eff",
    "deff",
    "sum_of_weights",
    "weight",
    "base_weight",
    "standard_error",
    "statistic",
    "degrees_of_freedom",
    "respondent",
    "record",
];
/// Tables of the engine. What a SQL mart calculates from these has as many digits as it likes, unless it is an exact figure.
const OWN: [&str; 8] = [
    "estimate",
    "change",
    "contrast",
    "panel_contrast",
    "gap",
    "gap_change",
    "contrast_change",
    "answer_distribution",
];
/// Decimals of a p value.
const P_DECIMALS: i32 = 3;
/// Fewest rows in which a column must agree with an exact one to be taken for it.
const ROWS: usize = 5;

pub fn findings(release: &Release) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, table) in release.public.iter().filter(|(name, _)| !name.starts_with("dim_")) {
        let cells = cells(release, table);
        for (column, values) in &table.columns {
            let at = format!("public/{name}, column `{column}`");
            if FORBIDDEN.contains(&column.as_str()) {
                found.push(finding(Kind::UnprotectedColumn, &at, "only analysts may read it"));
            }
            if let Values::Number(values, is_count) = values {
                let place = At { release, table, cells: cells.as_deref(), column, location: &at };
                if OWN.contains(&name.as_str()) || place.is_a_figure(values) {
                    found.extend(place.digits(values, *is_count));
                }
                found.extend(place.exact(values));
                found.extend(place.withheld(values));
            }
        }
        found.extend(ends(release, name, table));
    }
    found
}

fn finding(kind: Kind, place: &str, arithmetic: &str) -> Finding {
    Finding { kind, against: None, place: place.to_owned(), arithmetic: arithmetic.to_owned() }
}

/// The cell that a row speaks of, with what is known of it.
struct Cell<'a> {
    place: Place,
    truth: Option<&'a Truth>,
    shown: Option<&'a Shown>,
    is_withheld: bool,
}

/// The cells of the rows of a table; none where its rows name no cells.
fn cells<'a>(release: &'a Release, table: &Table) -> Option<Vec<Cell<'a>>> {
    let of = |place: Place| Cell {
        truth: release.truth.get(&place),
        shown: release.shown.get(&place),
        is_withheld: release.status.get(&place).is_some_and(|status| status == "withheld"),
        place,
    };
    Some(places(table)?.into_iter().map(of).collect())
}

/// A column of numbers.
struct At<'a> {
    release: &'a Release,
    table: &'a Table,
    cells: Option<&'a [Cell<'a>]>,
    column: &'a str,
    location: &'a str,
}

impl At<'_> {
    /// Numbers with more digits than are published.
    fn digits(&self, values: &[Option<f64>], is_count: bool) -> Option<Finding> {
        if is_count {
            return None;
        }
        let most = self.release.indicators.values().map(|known| known.decimals).max().unwrap_or(0);
        let names = self.table.text("indicator");
        let decimals = |row: usize| {
            if self.column == "p" || self.column.starts_with("p_") {
                return P_DECIMALS;
            }
            let name = names.and_then(|names| names[row].as_deref());
            name.map_or(most, |name| self.release.indicator(name).decimals)
        };
        let long = |(row, value): (usize, &Option<f64>)| {
            value.filter(|value| !is_rounded(*value, decimals(row)))
        };
        let long: Vec<f64> = values.iter().enumerate().filter_map(long).collect();
        let first = long.first()?;
        let text = format!(
            "{} numbers with more digits than are published; the first: {first}",
            long.len()
        );
        Some(finding(Kind::NotRounded, self.location, &text))
    }

    /// The numbers of the rows beside something that is known of their cells.
    fn beside(
        &self,
        values: &[Option<f64>],
        known: impl Fn(&Cell<'_>) -> Option<f64>,
    ) -> Option<Vec<(f64, f64)>> {
        let pairs = self.cells?.iter().zip(values);
        Some(pairs.filter_map(|(cell, value)| Some((known(cell)?, (*value)?))).collect())
    }

    /// It holds the exact figures of its cells, in whichever unit.
    fn is_a_figure(&self, values: &[Option<f64>]) -> bool {
        let truth = |cell: &Cell<'_>| cell.truth.map(|truth| truth.value);
        let is_exact = |(truth, value): &&(f64, f64)| {
            let near = |figure: f64| (figure - value).abs() < 1e-6 * figure.abs().max(1e-3);
            near(*truth) || near(truth / 100.0)
        };
        let exact =
            self.beside(values, truth).map_or(0, |pairs| pairs.iter().filter(is_exact).count());
        let known = values.iter().flatten().count();
        exact >= ROWS || (exact > 0 && exact == known)
    }

    /// A column that is an exact one by another name.
    fn exact(&self, values: &[Option<f64>]) -> Option<Finding> {
        for name in ["n_yes", "sum_of_weights"] {
            let of = |truth: &Truth| if name == "n_yes" { truth.yes } else { Some(truth.weight) };
            let pairs = self.beside(values, |cell| cell.truth.and_then(of))?;
            let same = pairs
                .iter()
                .filter(|(exact, value)| (exact - value).abs() < 1e-9 * exact.abs().max(1.0));
            // Unweighted bases that are multiples already are what the public base shows of them.
            let multiple = self.release.disclosure.base_multiple;
            let tells =
                name == "n_yes" || pairs.iter().any(|(exact, _)| exact.rem_euclid(multiple) > 1e-9);
            if pairs.len() >= ROWS && same.count() == pairs.len() && tells {
                return Some(finding(
                    Kind::UnprotectedColumn,
                    self.location,
                    &format!("it is `{name}` of restricted/estimate_exact"),
                ));
            }
        }
        None
    }

    /// A figure of a cell that is withheld.
    fn withheld(&self, values: &[Option<f64>]) -> Option<Finding> {
        let told: [fn(&Shown) -> Option<f64>; 4] = [
            |shown| shown.value,
            |shown| shown.n,
            |shown| shown.interval.map(|interval| interval.0),
            |shown| shown.interval.map(|interval| interval.1),
        ];
        let pairs = self.cells?.iter().zip(values);
        let secret: Vec<&Place> = pairs
            .filter(|(cell, value)| value.is_some() && cell.is_withheld)
            .map(|(cell, _)| &cell.place)
            .collect();
        let first = secret.first()?;
        // A column of the cell itself says what the mart `estimate` says, where that says something.
        let is_own = told.iter().any(|of| {
            let pairs = self.beside(values, |cell| cell.shown.and_then(of)).unwrap_or_default();
            pairs.len() >= ROWS && pairs.iter().all(|(shown, value)| (shown - value).abs() < 1e-9)
        });
        if !is_own {
            return None;
        }
        let text = format!(
            "{} withheld cells have a value; the first: {} {} {} by {}, `{}`",
            secret.len(),
            first.indicator,
            first.panel,
            first.wave,
            first.breakdown,
            first.level
        );
        Some(finding(Kind::Leaked, self.location, &text))
    }
}

/// Comparisons of which one end is withheld.
fn ends(release: &Release, name: &str, table: &Table) -> Option<Finding> {
    let ends: BTreeMap<&str, [&str; 2]> = BTreeMap::from([
        ("change", ["reference_wave", "wave"]),
        ("contrast", ["level_a", "level_b"]),
        ("panel_contrast", ["panel", "other_panel"]),
        ("gap", ["minus", "indicator"]),
        ("gap_change", ["minus", "reference_wave"]),
        ("contrast_change", ["level_a", "level_b"]),
    ]);
    let columns = ends.get(name)?;
    let is_withheld =
        |place: &Place| release.status.get(place).is_some_and(|status| status == "withheld");
    let end = |row: usize, place: &Place, column: &str| {
        let text = table.text(column).and_then(|texts| texts[row].clone());
        match column {
            "reference_wave" => Place {
                wave: table.number(column).and_then(|waves| waves[row]).unwrap_or_default() as i64,
                ..place.clone()
            },
            "level_a" | "level_b" => Place { level: text.unwrap_or_default(), ..place.clone() },
            "other_panel" => Place { panel: text.unwrap_or_default(), ..place.clone() },
            "minus" => Place { indicator: text.unwrap_or_default(), ..place.clone() },
            _ => place.clone(),
        }
    };
    let figures = ["difference", "ci_lower", "ci_upper", "p", "p_adjusted"];
    let has_figure = |row: usize| {
        figures
            .iter()
            .any(|column| table.number(column).is_some_and(|values| values[row].is_some()))
    };
    let places = places(table)?;
    let told = places.iter().enumerate().filter(|(row, place)| {
        has_figure(*row) && columns.iter().any(|column| is_withheld(&end(*row, place, column)))
    });
    let told: Vec<(usize, &Place)> = told.collect();
    let (_, first) = told.first()?;
    let text = format!(
        "{} comparisons with a withheld cell; the first: {} {} {} by {}, `{}`",
        told.len(),
        first.indicator,
        first.panel,
        first.wave,
        first.breakdown,
        first.level
    );
    Some(finding(Kind::Leaked, &format!("public/{name}"), &text))
}
