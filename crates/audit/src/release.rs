//! A release as the attacker and the auditor see it: what is public, and the truth that it is held against.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::cell::{Indicator, Place, Shown, TOTAL, Truth, UNKNOWN};
use crate::error::Error;
use crate::files::{Table, tables};
use crate::question::{self, Question};
use crate::text::{Text, Texts};

/// A total over panels.
pub struct Group {
    pub members: Vec<Text>,
    pub is_mean: bool,
}

/// Settings of disclosure control that the manifest publishes.
#[derive(Debug, Clone, Deserialize)]
pub struct Disclosure {
    pub minimum_base_confidential: f64,
    pub minimum_cell: f64,
    pub base_multiple: f64,
    #[serde(default)]
    pub without: Vec<String>,
}

#[derive(Deserialize)]
struct Manifest {
    release: String,
    disclosure: Disclosure,
}

/// A published difference, `second - first`.
pub struct Difference {
    pub first: Place,
    pub second: Place,
    pub value: f64,
    pub interval: Option<(f64, f64)>,
}

/// A published sum of figures, each with a coefficient.
pub struct Known {
    pub terms: Vec<(Place, f64)>,
    /// In the unit of the first of them, as it is rounded; none where it is exact.
    pub sum: f64,
    pub is_rounded: bool,
}

pub struct Release {
    pub name: String,
    pub disclosure: Disclosure,
    pub indicators: BTreeMap<Text, Indicator>,
    pub groups: BTreeMap<Text, Group>,
    pub shown: BTreeMap<Place, Shown>,
    pub status: BTreeMap<Place, Text>,
    pub truth: BTreeMap<Place, Truth>,
    pub differences: Vec<Difference>,
    /// Sums of more than two figures.
    pub sums: Vec<Known>,
    pub questions: Vec<Question>,
    /// Positions of the differences between cells of one indicator and wave.
    pub within: BTreeMap<(Text, i64), Vec<usize>>,
    /// All public tables by name.
    pub public: BTreeMap<String, Table>,
}

impl Release {
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("manifest.json");
        let failed = Error::at(&path);
        let text = fs::read_to_string(&path).map_err(|error| failed(&error))?;
        let manifest: Manifest = serde_json::from_str(&text).map_err(|error| failed(&error))?;
        let (mut public, mut texts) = (BTreeMap::new(), Texts::default());
        for name in tables(&folder.join("public"))? {
            let path = folder.join("public").join(format!("{name}.parquet"));
            let table = Table::read(&path, &mut texts)?;
            public.insert(name, table);
        }
        let find = |name: &str| {
            public
                .get(name)
                .ok_or_else(|| Error::at(&folder.join("public"))(&format!("no {name}.parquet")))
        };
        let mut indicators = indicators(find("dim_indicator")?);
        let distribution = public.get("answer_distribution");
        indicators.extend(distribution.map(question::published).unwrap_or_default());
        let path = folder.join("restricted/estimate_exact.parquet");
        let exact = Table::read(&path, &mut texts)?;
        let mut truth = truth(&exact, &indicators);
        let unknown = unknown(&truth);
        truth.extend(unknown);
        let path = folder.join("restricted/answer_distribution_exact.parquet");
        if path.is_file() {
            truth.extend(self::truth(&Table::read(&path, &mut texts)?, &indicators));
        }
        let estimate = find("estimate")?;
        let (mut shown, mut status) = shown(estimate, "estimate");
        if let Some(table) = distribution {
            let shares = self::shown(table, "percent");
            shown.extend(shares.0);
            status.extend(shares.1);
        }
        let asked = distribution.map(question::asked).unwrap_or_default();
        let questions = question::questions(&truth, &asked, public.get("indicator_code"));
        let followed = ["gap_change", "contrast_change"].map(|name| public.get(name));
        let mut sums: Vec<Known> =
            followed.into_iter().flatten().flat_map(changes_of_differences).collect();
        sums.extend(questions.iter().flat_map(wholes));
        let mut differences = Vec::new();
        differences.extend(public.get("change").map(changes).unwrap_or_default());
        differences.extend(public.get("contrast").map(contrasts).unwrap_or_default());
        differences.extend(public.get("panel_contrast").map(between_panels).unwrap_or_default());
        differences.extend(public.get("gap").map(gaps).unwrap_or_default());
        let groups = groups(find("dim_panel")?, public.get("panel_member"));
        let Manifest { release, mut disclosure } = manifest;
        if disclosure.without.iter().any(|off| off == "bases") {
            disclosure.base_multiple = 1.0;
        }
        let mut within: BTreeMap<(Text, i64), Vec<usize>> = BTreeMap::new();
        for (at, Difference { first, second, .. }) in differences.iter().enumerate() {
            if (&first.indicator, first.wave) == (&second.indicator, second.wave) {
                within.entry((first.indicator.clone(), first.wave)).or_default().push(at);
            }
        }
        Ok(Self {
            name: release,
            disclosure,
            indicators,
            groups,
            shown,
            status,
            truth,
            differences,
            sums,
            questions,
            within,
            public,
        })
    }

    /// Fewer respondents or answers than the thresholds allow.
    pub fn is_confidential(&self, n: f64, yes: Option<f64>) -> bool {
        let few = |count: f64| 0.5 < count && count < self.disclosure.minimum_cell - 0.5;
        n > 0.5
            && (n < self.disclosure.minimum_base_confidential - 0.5
                || yes.is_some_and(|yes| few(yes) || few(n - yes)))
    }

    pub fn withheld(&self) -> u64 {
        self.status.values().filter(|status| *status == "withheld").count() as u64
    }

    pub fn asked(&self) -> u64 {
        let asked = |place: &&Place| place.level != UNKNOWN && self.status[*place] != "not_asked";
        self.status.keys().filter(asked).count() as u64
    }

    pub fn indicator(&self, name: &str) -> Indicator {
        let none = Indicator { decimals: 9, unit: 1.0, is_proportion: false, is_share: false };
        self.indicators.get(name).cloned().unwrap_or(none)
    }
}

fn indicators(table: &Table) -> BTreeMap<Text, Indicator> {
    let (Some(names), Some(units), Some(kinds), Some(decimals)) =
        (table.text("indicator"), table.text("unit"), table.text("kind"), table.number("decimals"))
    else {
        return BTreeMap::new();
    };
    let is = |text: &Option<Text>, wanted: &str| text.as_deref() == Some(wanted);
    let of = |row: usize| {
        let unit = if is(&units[row], "percent") { 100.0 } else { 1.0 };
        let decimals = decimals[row].unwrap_or(9.0) as i32;
        let is_proportion = is(&kinds[row], "proportion");
        Some((names[row].clone()?, Indicator { decimals, unit, is_proportion, is_share: false }))
    };
    (0..table.rows).filter_map(of).collect()
}

/// Totals over panels, their panels in the table `panel_member`; releases of before it have them in a column, joined by `|`.
fn groups(table: &Table, members: Option<&Table>) -> BTreeMap<Text, Group> {
    let (Some(panels), Some(measures)) = (table.text("panel"), table.text("measure")) else {
        return BTreeMap::new();
    };
    let joined = table.text("members");
    let of_table = |panel: &Text| -> Vec<Text> {
        let columns = members.and_then(|table| table.text("panel").zip(table.text("member")));
        let Some((of, member)) = columns else { return Vec::new() };
        let rows = of.iter().zip(member).filter(|(of, _)| of.as_ref() == Some(panel));
        rows.filter_map(|(_, member)| member.clone()).collect()
    };
    let of = |row: usize| {
        let (panel, measure) = (panels[row].clone()?, measures[row].as_deref()?);
        let joined = joined.and_then(|joined| joined[row].as_deref());
        let members = match joined {
            Some(joined) => joined.split('|').map(Text::from).collect(),
            None => of_table(&panel),
        };
        let group = Group { members, is_mean: measure == "mean_of_groups" };
        (measure != "panel").then_some((panel, group))
    };
    (0..table.rows).filter_map(of).collect()
}

/// The places of the rows of a table; where a part is missing, the total.
pub fn places(table: &Table) -> Option<Vec<Place>> {
    let (panel, wave) = (table.text("panel")?, table.number("wave")?);
    let own = || {
        table.text("indicator").map(|names| names.iter().cloned().map(Option::unwrap_or_default))
    };
    let indicator: Vec<Text> = match own() {
        Some(names) => names.collect(),
        None => question::shares(table)?,
    };
    let part = |name: &str, row: usize| {
        let texts = table.text(name);
        texts.and_then(|texts| texts[row].clone()).unwrap_or_else(|| Text::from(TOTAL))
    };
    let place = |row: usize| Place {
        indicator: indicator[row].clone(),
        wave: wave[row].unwrap_or_default() as i64,
        breakdown: part("breakdown", row),
        panel: panel[row].clone().unwrap_or_default(),
        level: part("level", row),
    };
    Some((0..table.rows).map(place).collect())
}

fn column(table: &Table, name: &str, row: usize) -> Option<f64> {
    table.number(name).and_then(|numbers| numbers[row])
}

fn interval(table: &Table, row: usize) -> Option<(f64, f64)> {
    column(table, "ci_lower", row).zip(column(table, "ci_upper", row))
}

fn shown(table: &Table, figure: &str) -> (BTreeMap<Place, Shown>, BTreeMap<Place, Text>) {
    let places = places(table).unwrap_or_default();
    let status = table.text("status");
    let of = |row: usize| Shown {
        n: column(table, "n", row),
        value: column(table, figure, row),
        interval: interval(table, row),
    };
    let shown = places.iter().enumerate().map(|(row, place)| (place.clone(), of(row))).collect();
    let said = |row: usize| status.and_then(|status| status[row].clone()).unwrap_or_default();
    (shown, places.into_iter().enumerate().map(|(row, place)| (place, said(row))).collect())
}

fn truth(table: &Table, indicators: &BTreeMap<Text, Indicator>) -> BTreeMap<Place, Truth> {
    let status = table.text("status");
    let of = |(row, place): (usize, Place)| {
        let unit = indicators.get(&place.indicator).map_or(1.0, |indicator| indicator.unit);
        let asked = status.and_then(|status| status[row].as_deref()) != Some("not_asked");
        let truth = Truth {
            n: column(table, "n", row).unwrap_or(0.0),
            yes: column(table, "n_yes", row),
            weight: column(table, "sum_of_weights", row).unwrap_or(0.0),
            value: column(table, "estimate", row).map_or(f64::NAN, |value| value * unit),
            is_asked: asked,
        };
        (place, truth)
    };
    places(table).unwrap_or_default().into_iter().enumerate().map(of).collect()
}

/// Those whose background is unknown: the total without the levels.
fn unknown(truth: &BTreeMap<Place, Truth>) -> BTreeMap<Place, Truth> {
    let mut rests: BTreeMap<Place, Truth> = BTreeMap::new();
    for (place, cell) in
        truth.iter().filter(|(place, cell)| place.breakdown != TOTAL && cell.is_asked)
    {
        let rest = Place { level: Text::from(UNKNOWN), ..place.clone() };
        let total =
            Place { breakdown: Text::from(TOTAL), level: Text::from(TOTAL), ..place.clone() };
        let Some(total) = truth.get(&total) else { continue };
        let left = rests
            .entry(rest)
            .or_insert_with(|| Truth { value: total.value * total.weight, ..total.clone() });
        left.n -= cell.n;
        left.weight -= cell.weight;
        left.value -= if cell.weight > 0.0 { cell.value * cell.weight } else { 0.0 };
        left.yes = left.yes.zip(cell.yes).map(|(left, yes)| left - yes);
    }
    for rest in rests.values_mut() {
        let nobody = rest.n < 0.5;
        rest.value = if nobody { f64::NAN } else { rest.value / rest.weight };
        rest.weight = if nobody { 0.0 } else { rest.weight };
    }
    rests
}

fn changes(table: &Table) -> Vec<Difference> {
    let against = table.text("against");
    let row = |(row, second): (usize, Place)| {
        if against.and_then(|against| against[row].as_deref()) == Some("trend") {
            return None;
        }
        let wave = column(table, "reference_wave", row)? as i64;
        let value = column(table, "difference", row)?;
        let first = Place { wave, ..second.clone() };
        Some(Difference { first, second, value, interval: interval(table, row) })
    };
    places(table).unwrap_or_default().into_iter().enumerate().filter_map(row).collect()
}

fn contrasts(table: &Table) -> Vec<Difference> {
    let (Some(level_a), Some(level_b)) = (table.text("level_a"), table.text("level_b")) else {
        return Vec::new();
    };
    let row = |(row, place): (usize, Place)| {
        let value = column(table, "difference", row)?;
        let at = |level: &Option<Text>| Some(Place { level: level.clone()?, ..place.clone() });
        let (first, second) = (at(&level_a[row])?, at(&level_b[row])?);
        Some(Difference { first, second, value, interval: interval(table, row) })
    };
    places(table).unwrap_or_default().into_iter().enumerate().filter_map(row).collect()
}

fn between_panels(table: &Table) -> Vec<Difference> {
    let other = table.text("other_panel");
    let row = |(row, first): (usize, Place)| {
        let panel = other.and_then(|other| other[row].clone())?;
        let value = column(table, "difference", row)?;
        let second = Place { panel, ..first.clone() };
        Some(Difference { first, second, value, interval: interval(table, row) })
    };
    places(table).unwrap_or_default().into_iter().enumerate().filter_map(row).collect()
}

/// What the change of a gap or contrast tells: of both figures in both waves.
fn changes_of_differences(table: &Table) -> Vec<Known> {
    let Some(against) = table.text("against") else { return Vec::new() };
    let (minus, levels) = (table.text("minus"), table.text("level_a").zip(table.text("level_b")));
    let row = |(row, own): (usize, Place)| {
        if against[row].as_deref() == Some("trend") {
            return None;
        }
        let before = column(table, "reference_wave", row)? as i64;
        let sum = column(table, "difference", row)?;
        let (own, other) = if let Some((first, second)) = levels {
            let at = |level: &Option<Text>| Some(Place { level: level.clone()?, ..own.clone() });
            (at(&second[row])?, at(&first[row])?)
        } else {
            let indicator = minus?[row].clone()?;
            (own.clone(), Place { indicator, ..own })
        };
        let at = |place: &Place| Place { wave: before, ..place.clone() };
        let terms = vec![(at(&own), -1.0), (at(&other), 1.0), (own.clone(), 1.0), (other, -1.0)];
        Some(Known { terms, sum, is_rounded: true })
    };
    places(table).unwrap_or_default().into_iter().enumerate().filter_map(row).collect()
}

/// Shares sum to everybody, and those that a figure counts to that figure.
fn wholes(question: &Question) -> Vec<Known> {
    let known = |whole: Option<&Place>, parts: &[Place]| {
        let parts = parts.iter().map(|part| (part.clone(), 1.0));
        let terms = parts.chain(whole.map(|whole| (whole.clone(), -1.0))).collect();
        Known { terms, sum: if whole.is_some() { 0.0 } else { 100.0 }, is_rounded: false }
    };
    let counted = question.counting.iter().map(|(whole, parts)| known(Some(whole), parts));
    std::iter::once(known(None, &question.shares)).chain(counted).collect()
}

fn gaps(table: &Table) -> Vec<Difference> {
    let minus = table.text("minus");
    let row = |(row, second): (usize, Place)| {
        let indicator = minus.and_then(|minus| minus[row].clone())?;
        let value = column(table, "difference", row)?;
        let first = Place { indicator, ..second.clone() };
        Some(Difference { first, second, value, interval: interval(table, row) })
    };
    places(table).unwrap_or_default().into_iter().enumerate().filter_map(row).collect()
}
