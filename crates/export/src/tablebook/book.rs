//! The workbook of a panel: which sheets it has, and writing them.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use super::look::{Look, Looks};
use super::names::SheetNames;
use super::sheet::{Head, Header, of_list, of_table, warning};
use super::table::{Source, Table, Value};
use super::{front, long, marks};
use crate::release::{Manifest, Text};

/// A table with its place in the workbook.
pub struct Placed {
    pub number: String,
    pub sheet: String,
    pub table: Table,
}

/// A sheet for machines.
pub struct Long {
    pub number: String,
    pub sheet: String,
    pub title: String,
    pub theme: Text,
    pub rows: Vec<Vec<Option<Value>>>,
}

pub struct Plan<'a> {
    pub source: &'a Source<'a>,
    pub cover: String,
    pub contents: String,
    pub notes: String,
    pub columns: Option<String>,
    pub series: Option<String>,
    /// What a person must know before reading a figure.
    pub notices: Vec<String>,
    pub tables: Vec<Placed>,
    pub long: Vec<Long>,
}

impl<'a> Plan<'a> {
    pub fn of(source: &'a Source<'a>, notices: Vec<String>) -> Self {
        let words = &source.words.sheet;
        let mut names = SheetNames::default();
        let (cover, contents) = (names.take(&words.cover), names.take(&words.contents));
        let notes = names.take(&words.notes);
        let columns = (!source.letters.levels.is_empty()).then(|| names.take(&words.columns));
        let found: Vec<_> = source
            .dimensions
            .concepts
            .iter()
            .filter_map(|concept| Some((concept, source.table(concept)?)))
            .collect();
        let has_series = found.iter().any(|(_, table)| !table.series.is_empty());
        let series = has_series.then(|| names.take(&words.series));
        let digits = found.len().to_string().len().max(2);
        let mut tables = Vec::new();
        let mut themes: Vec<(Text, Vec<Vec<Option<Value>>>)> = Vec::new();
        for (place, (concept, table)) in found.into_iter().enumerate() {
            let number = format!("T{:0digits$}", place + 1);
            let rows = long::rows(source, concept, &number);
            match themes.iter_mut().find(|(theme, _)| *theme == concept.theme) {
                Some((_, known)) => known.extend(rows),
                None => themes.push((concept.theme.clone(), rows)),
            }
            let sheet = names.take(&format!("{number}_{}", concept.key));
            tables.push(Placed { number, sheet, table });
        }
        let long = themes
            .into_iter()
            .enumerate()
            .map(|(place, (theme, rows))| Long {
                number: format!("D{}", place + 1),
                sheet: names.take(&format!("D{}_{theme}", place + 1)),
                title: format!("{}: {theme}", words.long),
                theme,
                rows,
            })
            .collect();
        Self { source, cover, contents, notes, columns, series, notices, tables, long }
    }
}

/// The bytes of a panel's workbook.
pub fn write(plan: &Plan<'_>, manifest: &Manifest) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let mut looks = Looks::default();
    let words = plan.source.words;
    let title = format!("{} – {}", words.book.title, plan.source.panel.label);
    let mut properties = DocProperties::new()
        .set_title(title)
        .set_subject(plan.notices.join(" · "))
        .set_comment(format!("{} {}", words.book.release, manifest.release));
    // The run's clock, so that the same release gives the same bytes.
    if let Some(instant) = instant(&manifest.run.started) {
        properties = properties.set_creation_datetime(&instant);
    }
    workbook.set_properties(&properties);
    front::cover(&mut workbook, &mut looks, plan, manifest)?;
    front::contents(&mut workbook, &mut looks, plan)?;
    front::notes(&mut workbook, &mut looks, plan)?;
    front::columns(&mut workbook, &mut looks, plan)?;
    front::series(&mut workbook, &mut looks, plan)?;
    for placed in &plan.tables {
        let sheet = workbook.add_worksheet().set_name(&placed.sheet)?;
        let title = format!("{} {}", placed.number, placed.table.title);
        let above = Head {
            title: &title,
            lines: lines(plan, &placed.table),
            back: Some((&plan.contents, &words.book.back)),
        };
        let heads = (words.column.row.as_str(), words.column.statistic.as_str());
        of_table(sheet, &mut looks, &above, &placed.table, heads, &placed.sheet)?;
    }
    let names = long::header(plan.source.facts.is_restricted);
    let headers: Vec<Header> = names
        .into_iter()
        .map(|name| Header {
            text: name.to_owned(),
            group: 0,
            width: if name.contains("label") { 34.0 } else { 15.0 },
            is_number: false,
        })
        .collect();
    for long in &plan.long {
        let sheet = workbook.add_worksheet().set_name(&long.sheet)?;
        let look = warning(plan.source.facts.is_restricted);
        let above = Head {
            title: &long.title,
            lines: plan.notices.iter().map(|line| (line.clone(), look)).collect(),
            back: Some((&plan.contents, &words.book.back)),
        };
        of_list(sheet, &mut looks, &above, &headers, &long.rows, &long.sheet)?;
    }
    workbook.save_to_buffer()
}

/// What a reader of a table must know.
fn lines(plan: &Plan<'_>, table: &Table) -> Vec<(String, Look)> {
    let (words, panel) = (&plan.source.words.book, plan.source.panel);
    let wave = plan.source.dimensions.wave(table.wave);
    let about = format!("{} · {} · {} {}", panel.label, panel.population, words.interval, wave);
    let mut lines = vec![(about, Look::Subtitle)];
    if let Some(question) = &table.question {
        lines.push((format!("{} {wave}: {question}", words.question), Look::Subtitle));
    }
    let mut breaks: Vec<String> = table
        .series
        .iter()
        .filter(|said| &*said.comparability == "break")
        .map(|said| {
            format!("{} {} {}", plan.source.dimensions.wave(said.wave), marks::BREAK, said.note)
        })
        .collect();
    breaks.dedup();
    if !breaks.is_empty() {
        lines.push((format!("{}: {}", words.series, breaks.join(" · ")), Look::Subtitle));
    }
    let look = warning(plan.source.facts.is_restricted);
    lines.extend(plan.notices.iter().map(|line| (line.clone(), look)));
    lines
}

/// `2026-01-31T12:00:00…` to the second.
fn instant(text: &str) -> Option<ExcelDateTime> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
    let date = ExcelDateTime::from_ymd(
        number(0, 4)?,
        u8::try_from(number(5, 7)?).ok()?,
        u8::try_from(number(8, 10)?).ok()?,
    );
    date.ok()?
        .and_hms(number(11, 13)?, u8::try_from(number(14, 16)?).ok()?, f64::from(number(17, 19)?))
        .ok()
}
