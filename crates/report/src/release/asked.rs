//! How things were asked, and what is known of each panel-wave.

use std::collections::BTreeMap;

use crate::release::Dimensions;
use crate::release::dimension::{in_order, texts};
use crate::release::table::Table;
use crate::{Error, Texts};

/// A question as one panel was asked it in one wave.
#[derive(Debug, Clone)]
pub struct Item {
    pub questions: Texts,
    pub comparability: String,
    pub note: String,
}

/// Questions by concept or indicator, panel and wave.
pub type Items = BTreeMap<(String, usize, usize), Item>;

#[derive(Debug, Clone)]
pub struct Answer {
    pub code: String,
    pub is_in_base: bool,
    /// A reason for an answer that is missing.
    pub is_missing: bool,
    pub labels: Texts,
}

/// A fact of a panel-wave.
#[derive(Debug, Clone)]
pub enum Fact {
    Text(String),
    Number(f64),
}

#[derive(Debug, Clone)]
pub struct PanelWave {
    pub panel: usize,
    pub wave: usize,
    /// By name of the column, as they stand.
    pub facts: Vec<(String, Fact)>,
}

/// How often an answer was given.
#[derive(Debug, Clone)]
pub struct Share {
    pub concept: String,
    pub panel: usize,
    pub wave: usize,
    pub code: String,
    pub percent: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub n: Option<f64>,
    pub status: usize,
}

fn place(table: &Table, row: usize, dimensions: &Dimensions) -> Result<(usize, usize), Error> {
    let panel = table.need("panel", row)?;
    let wave = table.need_number("wave", row)? as i32;
    let panel_place = dimensions.panel(panel);
    let wave_place = dimensions.wave(wave);
    Ok((
        panel_place.ok_or_else(|| table.unknown(row, "panel", panel, "dim_panel"))?,
        wave_place.ok_or_else(|| table.unknown(row, "wave", &wave.to_string(), "dim_wave"))?,
    ))
}

pub fn items(table: &Table, dimensions: &Dimensions) -> Result<Items, Error> {
    let mut items = Items::new();
    for row in 0..table.rows {
        let (panel, wave) = place(table, row, dimensions)?;
        let of = table.text("concept", row).or_else(|| table.text("indicator", row));
        let item = Item {
            questions: texts(table, "question_", row),
            comparability: table.text("comparability", row).unwrap_or_default().to_owned(),
            note: ["comparability_note", "break_note", "note"]
                .iter()
                .find_map(|name| table.text(name, row))
                .unwrap_or_default()
                .to_owned(),
        };
        let of = of.unwrap_or_default().to_owned();
        items.entry((of, panel, wave)).or_insert(item);
    }
    Ok(items)
}

pub fn answers(table: &Table) -> Result<BTreeMap<String, Vec<Answer>>, Error> {
    table.expect(&["concept", "code"], &[])?;
    let mut answers: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    for row in in_order(table) {
        answers.entry(table.need("concept", row)?.to_owned()).or_default().push(Answer {
            code: table.need("code", row)?.to_owned(),
            is_in_base: table.flag("in_base", row).unwrap_or(true),
            is_missing: table.text("missing_reason", row).is_some(),
            labels: texts(table, "label_", row),
        });
    }
    Ok(answers)
}

pub fn panel_waves(table: &Table, dimensions: &Dimensions) -> Result<Vec<PanelWave>, Error> {
    table.expect(&["panel"], &["wave"])?;
    let is_fact =
        |name: &&String| !["panel", "wave", "panel_wave", "run_id"].contains(&name.as_str());
    let one = |row| {
        let (panel, wave) = place(table, row, dimensions)?;
        let fact = |name: &String| {
            let number = table.number(name, row).map(Fact::Number);
            let fact =
                number.or_else(|| table.text(name, row).map(|t| Fact::Text(t.to_owned())))?;
            Some((name.clone(), fact))
        };
        Ok(PanelWave {
            panel,
            wave,
            facts: table.columns.iter().filter(is_fact).filter_map(fact).collect(),
        })
    };
    let mut all = (0..table.rows).map(one).collect::<Result<Vec<_>, Error>>()?;
    all.sort_by_key(|known| (known.panel, known.wave));
    Ok(all)
}

/// Adds the margins of the weights, which stand in a table of their own.
pub fn add_margins(
    panel_waves: &mut [PanelWave],
    table: &Table,
    dimensions: &Dimensions,
) -> Result<(), Error> {
    table.expect(&["panel_wave", "margin"], &[])?;
    for known in panel_waves {
        let panel = &dimensions.panels[known.panel].key;
        let key = format!("{panel}:{}", dimensions.waves[known.wave].wave);
        let rows = in_order(table).into_iter();
        let of = rows.filter(|row| table.text("panel_wave", *row) == Some(key.as_str()));
        let margins: Vec<&str> = of.filter_map(|row| table.text("margin", row)).collect();
        if !margins.is_empty() {
            known.facts.push(("margins".to_owned(), Fact::Text(margins.join("; "))));
        }
    }
    Ok(())
}

/// Answer distributions of whole panels.
pub fn shares(table: &Table, dimensions: &Dimensions) -> Result<Vec<Share>, Error> {
    table.expect(&["concept", "panel", "code", "status"], &["wave", "percent"])?;
    let is_total = |row: &usize| {
        let cell = table.text("cell", *row).or_else(|| table.text("breakdown", *row));
        cell.is_none_or(|cell| cell == "total")
    };
    let one = |row| {
        let (panel, wave) = place(table, row, dimensions)?;
        let status = table.need("status", row)?;
        let reason = table.text("reason", row).unwrap_or_default();
        let status_place = dimensions.status(status, reason);
        let share = Share {
            concept: table.need("concept", row)?.to_owned(),
            panel,
            wave,
            code: table.need("code", row)?.to_owned(),
            percent: table.number("percent", row),
            low: table.number("ci_lower", row),
            high: table.number("ci_upper", row),
            n: table.number("n", row),
            status: status_place
                .ok_or_else(|| table.unknown(row, "status", status, "dim_status"))?,
        };
        if !dimensions.statuses[share.status].is_shown && share.percent.is_some() {
            let status = format!("the status is `{status}`");
            return Err(Error::Uncovered { mart: table.mart.clone(), row: row + 1, status });
        }
        Ok(share)
    };
    let mut all = (0..table.rows).filter(is_total).map(one).collect::<Result<Vec<_>, Error>>()?;
    all.sort_by(|a, b| (&a.concept, a.panel, a.wave).cmp(&(&b.concept, b.panel, b.wave)));
    Ok(all)
}
