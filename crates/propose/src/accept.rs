//! Takes rows of a draft over into the texts of the configuration; whatever would clash is said, and nothing is taken.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use config::{Configuration, Mistake, tables};
use survey::codebook::{Becomes, Item};

use crate::draft::Decision;
use crate::sheet::{Row, Sheet, with_rows};
use crate::table::{CROSSWALK_COLUMNS, CROSSWALKS, ITEMS, TARGET_COLUMNS, TARGETS, item_fields};

/// The texts of a draft, each with its path.
#[derive(Debug, Clone, Copy)]
pub struct DraftTexts<'a> {
    pub items: (&'a Path, &'a str),
    pub crosswalks: (&'a Path, &'a str),
    pub targets: (&'a Path, &'a str),
}

/// The tables of the configuration as they stand.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    pub items: String,
    pub crosswalks: String,
    /// By panel.
    pub targets: BTreeMap<String, String>,
}

/// What became of a draft's rows.
#[derive(Debug, Clone, Default)]
pub struct Merged {
    /// The tables with the rows in them.
    pub tables: Tables,
    pub items: u32,
    pub crosswalk_rows: u32,
    pub totals: u32,
    /// Rows that the configuration has already.
    pub present: u32,
    /// Items that are left, each with the reason.
    pub left: Vec<String>,
    /// Panels and waves of the items that are taken or present.
    pub waves: BTreeSet<(String, survey::Wave)>,
}

/// Takes over what was accepted and what passes the bar.
pub fn accept(
    draft: &DraftTexts<'_>,
    configuration: &Configuration,
    tables: &Tables,
    bar: f64,
) -> Result<Merged, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let read = |(path, text), own: &[&str], columns: &[&str], mistakes: &mut Vec<Mistake>| {
        Sheet::read(path, text, &[own, columns].concat(), mistakes)
    };
    let columns = tables::ITEMS.header(&configuration.monitor.languages);
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let items = read(draft.items, &ITEMS, &columns, &mut mistakes);
    let crosswalks = read(draft.crosswalks, &CROSSWALKS, &CROSSWALK_COLUMNS, &mut mistakes);
    let targets = read(draft.targets, &TARGETS, &TARGET_COLUMNS, &mut mistakes);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let mut merging = Merging {
        configuration,
        merged: Merged { tables: tables.clone(), ..Merged::default() },
        mistakes,
    };
    let taken = merging.items(&items, bar);
    merging.crosswalks(&crosswalks, &items, &taken);
    merging.targets(&targets);
    if !merging.mistakes.is_empty() {
        return Err(merging.mistakes);
    }
    Ok(merging.merged)
}

struct Merging<'a> {
    configuration: &'a Configuration,
    merged: Merged,
    mistakes: Vec<Mistake>,
}

impl Merging<'_> {
    fn mistake(&mut self, sheet: &Sheet, row: &Row, message: String) -> &mut Mistake {
        self.mistakes.push(Mistake::new(&sheet.path, Some(row.line), message));
        let last = self.mistakes.len() - 1;
        &mut self.mistakes[last]
    }

    fn decision(&mut self, sheet: &Sheet, row: &Row) -> Decision {
        let text = row.text("decision");
        Decision::from_name(text).unwrap_or_else(|| {
            let names: Vec<&str> = Decision::ALL.into_iter().map(Decision::name).collect();
            let mistake = self.mistake(sheet, row, format!("`decision` is `{text}`"));
            mistake.expected = Some(names.join(", "));
            Decision::Leave
        })
    }

    /// The rows of items that are taken.
    fn items<'r>(&mut self, sheet: &'r Sheet, bar: f64) -> Vec<&'r Row> {
        let mut taken: Vec<&Row> = Vec::new();
        for row in &sheet.rows {
            let score: Option<f64> = row.text("score").replace(',', ".").parse().ok();
            let passes = score.is_some_and(|score| score >= bar);
            let name = name(row);
            match self.decision(sheet, row) {
                Decision::Accept => {}
                Decision::Proposed if passes => {}
                Decision::Proposed => {
                    self.merged.left.push(format!("{name}: its score is below {bar}"));
                    continue;
                }
                Decision::Decide => {
                    let reason = row.text("reason").split("; as ").next().unwrap_or_default();
                    self.merged.left.push(format!("{name}: {reason}"));
                    continue;
                }
                Decision::Leave | Decision::Unread | Decision::Dropped => continue,
            }
            if row.text("concept").is_empty() || row.text("column").is_empty() {
                let empty = if row.text("concept").is_empty() { "concept" } else { "column" };
                let mistake =
                    self.mistake(sheet, row, format!("the row is accepted and has no {empty}"));
                mistake.hint = Some("fill it in, or write `leave`".to_owned());
            } else if !self.is_present(sheet, row) {
                taken.push(row);
            }
        }
        self.twice(sheet, &taken);
        self.with_routing(&mut taken);
        for row in &taken {
            self.merged.waves.insert(panel_wave(row));
        }
        let columns = tables::ITEMS.header(&self.configuration.monitor.languages);
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let fields = taken.iter().map(|row| row.fields(&columns)).collect::<Vec<_>>();
        self.merged.items = fields.len() as u32;
        self.merged.tables.items =
            with_rows(&self.merged.tables.items, &columns, &fields, Some("panel"));
        taken
    }

    /// Whether the configuration has the row; another one of that name is a clash.
    fn is_present(&mut self, sheet: &Sheet, row: &Row) -> bool {
        let (panel, wave) = panel_wave(row);
        let own = self.configuration.codebook.items.iter();
        let mut own = own.filter(|item| item.panel == panel && item.wave == wave);
        let Some(item) = own.find(|item| item.concept == row.text("concept")) else { return false };
        let languages = &self.configuration.monitor.languages;
        let columns = tables::ITEMS.header(languages);
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        if item_fields(item, languages) == row.fields(&columns) {
            self.merged.present += 1;
            self.merged.waves.insert((panel, wave));
        } else {
            let line = item.line.0;
            let message = format!("{} has another row in items.csv, line {line}", name(row));
            self.mistake(sheet, row, message).hint =
                Some("write `leave`, or take the other row out first".to_owned());
        }
        true
    }

    fn twice(&mut self, sheet: &Sheet, taken: &[&Row]) {
        let mut seen = BTreeMap::new();
        for row in taken {
            if let Some(line) = seen.insert((panel_wave(row), row.text("concept")), row.line) {
                let message = format!("{} is accepted on line {line} already", name(row));
                self.mistake(sheet, row, message).hint =
                    Some("write `leave` on one of them".to_owned());
            }
        }
    }

    /// An item waits until the question that routes to it is there.
    fn with_routing(&mut self, taken: &mut Vec<&Row>) {
        loop {
            let there: BTreeSet<(String, survey::Wave, String)> =
                taken
                    .iter()
                    .map(|row| (panel_wave(row), row.text("concept").to_owned()))
                    .chain(
                        self.configuration.codebook.items.iter().map(|item: &Item| {
                            ((item.panel.clone(), item.wave), item.concept.clone())
                        }),
                    )
                    .map(|((panel, wave), concept)| (panel, wave, concept))
                    .collect();
            let waits = |row: &&Row| {
                let (panel, wave) = panel_wave(row);
                let by = row.text("routed_by");
                !by.is_empty() && !there.contains(&(panel, wave, by.to_owned()))
            };
            let waiting: Vec<&Row> = taken.iter().copied().filter(waits).collect();
            if waiting.is_empty() {
                return;
            }
            taken.retain(|row| !waits(row));
            for row in waiting {
                let by = row.text("routed_by");
                self.merged
                    .left
                    .push(format!("{}: `{by}`, which routes to it, is not accepted", name(row)));
            }
        }
    }

    /// Crosswalks that the taken items need and the configuration has not.
    fn crosswalks(&mut self, sheet: &Sheet, items: &Sheet, taken: &[&Row]) {
        let mut fields = Vec::new();
        let needed: BTreeSet<&str> = taken.iter().map(|row| row.text("crosswalk")).collect();
        for row in sheet.rows.iter().filter(|row| needed.contains(row.text("crosswalk"))) {
            if matches!(self.decision(sheet, row), Decision::Leave) {
                continue;
            }
            let (code, missing) = (row.text("code"), row.text("missing"));
            if code.is_empty() == missing.is_empty() {
                let mistake = self.mistake(
                    sheet,
                    row,
                    "neither `code` nor `missing`, or both, say what the answer becomes".to_owned(),
                );
                mistake.hint = Some(
                    "fill in one of them, or write `leave`: then the answer stays unknown"
                        .to_owned(),
                );
                continue;
            }
            let own = self.configuration.codebook.crosswalks.get(row.text("crosswalk"));
            let before = own.and_then(|crosswalk| crosswalk.recodes.get(row.text("value")));
            match before {
                None => fields.push(row.fields(&CROSSWALK_COLUMNS)),
                Some(before) if says(&before.becomes, code, missing) => self.merged.present += 1,
                Some(before) => {
                    let message = format!(
                        "crosswalk `{}` says something else of this answer, crosswalks.csv, line {}",
                        row.text("crosswalk"),
                        before.line
                    );
                    self.mistake(sheet, row, message);
                }
            }
        }
        for row in taken {
            let name = row.text("crosswalk");
            let is_there = name.is_empty()
                || self.configuration.codebook.crosswalks.contains_key(name)
                || sheet.rows.iter().any(|row| row.text("crosswalk") == name);
            if !is_there {
                let message = format!("there is no crosswalk `{name}`");
                let known = self.configuration.codebook.crosswalks.keys().map(String::as_str);
                let hint = config::mistake::did_you_mean(name, known);
                self.mistake(items, row, message).hint = Some(hint);
            }
        }
        self.merged.crosswalk_rows = fields.len() as u32;
        let own = &mut self.merged.tables.crosswalks;
        *own = with_rows(own, &CROSSWALK_COLUMNS, &fields, None);
    }

    fn targets(&mut self, sheet: &Sheet) {
        let mut by_panel: BTreeMap<&str, Vec<Vec<String>>> = BTreeMap::new();
        for row in &sheet.rows {
            let decision = self.decision(sheet, row);
            let of = panel_wave(row);
            if !matches!(decision, Decision::Proposed | Decision::Accept)
                || !self.merged.waves.contains(&of)
            {
                continue;
            }
            let own = self.configuration.targets.iter().find(|total| {
                (total.panel.as_str(), total.wave) == (of.0.as_str(), of.1)
                    && total.margin == row.text("margin")
                    && total.level == row.text("level")
            });
            let same = |total: f64| row.text("total").replace(',', ".").parse() == Ok(total);
            match own {
                None => {
                    by_panel
                        .entry(row.text("panel"))
                        .or_default()
                        .push(row.fields(&TARGET_COLUMNS));
                }
                Some(total) if same(total.total) => self.merged.present += 1,
                Some(total) => {
                    let message = format!(
                        "{} {}: `{}` = `{}` has another total in targets/{}.csv, line {}",
                        of.0, of.1, total.margin, total.level, of.0, total.line
                    );
                    self.mistake(sheet, row, message).hint = Some("write `leave`".to_owned());
                }
            }
        }
        for (panel, fields) in by_panel {
            self.merged.totals += fields.len() as u32;
            let own = self.merged.tables.targets.entry(panel.to_owned()).or_default();
            *own = with_rows(own, &TARGET_COLUMNS, &fields, None);
        }
    }
}

fn says(becomes: &Becomes, code: &str, missing: &str) -> bool {
    match becomes {
        Becomes::Code(own) => own == code,
        Becomes::Missing(own) => own.name() == missing,
        Becomes::Itself => code == "<number>",
    }
}

fn panel_wave(row: &Row) -> (String, survey::Wave) {
    (row.text("panel").to_owned(), row.text("wave").parse().unwrap_or_default())
}

fn name(row: &Row) -> String {
    let concept = row.text("concept");
    let what = if concept.is_empty() { row.text("column") } else { concept };
    format!("{} {}: `{what}`", row.text("panel"), row.text("wave"))
}
