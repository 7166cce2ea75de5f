//! The sheets before the tables: cover, contents, notes, letters of the columns, series.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::book::Plan;
use super::look::{Look, Looks, is_risky};
use super::marks;
use super::sheet::{Head, Header, head, link, of_list, warning, write};
use super::table::Value;
use crate::release::Manifest;

#[allow(clippy::unnecessary_wraps, reason = "a cell of a list may be empty")]
fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

fn header(text: &str, width: f64) -> Header {
    Header { text: text.to_owned(), group: 0, width, is_number: false }
}

fn above<'a>(plan: &'a Plan<'_>, title: &'a str) -> Head<'a> {
    let look = warning(plan.source.facts.is_restricted);
    let lines = plan.notices.iter().map(|line| (line.clone(), look)).collect();
    Head { title, lines, back: Some((&plan.contents, &plan.source.words.book.back)) }
}

pub fn cover(
    workbook: &mut Workbook,
    looks: &mut Looks,
    plan: &Plan<'_>,
    manifest: &Manifest,
) -> Result<(), XlsxError> {
    let words = plan.source.words;
    let sheet = workbook.add_worksheet().set_name(&plan.cover)?;
    sheet.set_screen_gridlines(false);
    sheet.set_column_width(0, 24)?.set_column_width(1, 90)?;
    let panel = plan.source.panel;
    let title = format!("{} – {}", words.book.title, panel.label);
    let look = warning(plan.source.facts.is_restricted);
    let lines = plan.notices.iter().map(|line| (line.clone(), look)).collect();
    let mut row = head(sheet, looks, &Head { title: &title, lines, back: None })?;
    let version = if plan.source.facts.is_restricted {
        &words.version.restricted
    } else {
        &words.version.public
    };
    let publication = manifest.publication.as_ref();
    let facts = [
        (&words.book.population, panel.population.to_string()),
        (&words.book.monitor, manifest.monitor.clone()),
        (&words.book.release, manifest.release.clone()),
        (&words.book.published, manifest.run.started.chars().take(10).collect()),
        (&words.book.status, publication.and_then(|it| it.status.clone()).unwrap_or_default()),
        (
            &words.book.embargo,
            publication.and_then(|it| it.embargo_until.clone()).unwrap_or_default(),
        ),
        (&words.book.version, version.clone()),
        (&words.book.tables, plan.tables.len().to_string()),
        (&words.book.reading, words.book.start.clone()),
    ];
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        write(sheet, looks, (row, 0), name, Look::Key)?;
        write(sheet, looks, (row, 1), value, Look::Text { is_quoted: is_risky(value) })?;
        sheet.set_row_height(row, (value.chars().count() / 100 + 1) as f64 * 18.0)?;
        row += 1;
    }
    let others = [&plan.contents, &plan.notes];
    for name in others.into_iter().chain(&plan.columns).chain(&plan.series) {
        row += 1;
        sheet.set_row_height(row, 20)?;
        link(sheet, looks, (row, 0), name, name)?;
    }
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(())
}

pub fn contents(
    workbook: &mut Workbook,
    looks: &mut Looks,
    plan: &Plan<'_>,
) -> Result<(), XlsxError> {
    let words = &plan.source.words;
    let sheet = workbook.add_worksheet().set_name(&plan.contents)?;
    let headers = [
        header(&words.column.number, 9.0),
        header(&words.column.sheet, 36.0),
        header(&words.column.table, 70.0),
        header(&words.column.theme, 22.0),
        header(&words.column.wave, 11.0),
    ];
    let mut rows = Vec::new();
    for table in &plan.tables {
        rows.push(vec![
            text(&table.number),
            None,
            text(&table.table.title),
            text(&table.table.theme),
            text(&plan.source.dimensions.wave(table.table.wave)),
        ]);
    }
    for long in &plan.long {
        rows.push(vec![text(&long.number), None, text(&long.title), text(&long.theme), None]);
    }
    let above = Head { back: None, ..above(plan, &words.sheet.contents) };
    let top = of_list(sheet, looks, &above, &headers, &rows, "contents")?;
    let names = plan.tables.iter().map(|table| &table.sheet);
    for (row, name) in names.chain(plan.long.iter().map(|long| &long.sheet)).enumerate() {
        link(sheet, looks, (top + 1 + row as u32, 1), name, name)?;
    }
    sheet.set_screen_gridlines(false);
    Ok(())
}

pub fn notes(workbook: &mut Workbook, looks: &mut Looks, plan: &Plan<'_>) -> Result<(), XlsxError> {
    let words = &plan.source.words;
    let mark = &words.mark;
    let sheet = workbook.add_worksheet().set_name(&plan.notes)?;
    let headers = [header(&words.column.symbol, 22.0), header(&words.column.meaning, 100.0)];
    let base = if plan.source.facts.is_restricted {
        (&words.statistic.n, &words.version.restricted)
    } else {
        (&words.statistic.n_rounded, &mark.base)
    };
    let higher = format!("A B C … ({})", words.statistic.higher);
    let rows: Vec<Vec<Option<Value>>> = [
        (marks::WITHHELD, &mark.withheld),
        (marks::NOT_ASKED, &mark.not_asked),
        (marks::BREAK, &mark.series_break),
        (marks::NOT_APPLICABLE, &mark.not_applicable),
        ("0", &mark.zero),
        (marks::UP, &mark.up),
        (marks::DOWN, &mark.down),
        (marks::SAME, &mark.same),
        (&higher, &mark.letters),
        (marks::NONE_LOWER, &mark.none_lower),
        (base.0.as_str(), base.1),
        (words.statistic.percent.as_str(), &mark.rounding),
        (words.column.row.as_str(), &mark.bold),
        (words.sheet.columns.as_str(), &mark.only_counted),
    ]
    .into_iter()
    .map(|(symbol, meaning)| vec![text(symbol), text(meaning)])
    .collect();
    of_list(sheet, looks, &above(plan, &words.sheet.notes), &headers, &rows, "notes")?;
    sheet.set_screen_gridlines(false);
    Ok(())
}

pub fn columns(
    workbook: &mut Workbook,
    looks: &mut Looks,
    plan: &Plan<'_>,
) -> Result<(), XlsxError> {
    let Some(name) = &plan.columns else { return Ok(()) };
    let words = &plan.source.words;
    let sheet = workbook.add_worksheet().set_name(name)?;
    let headers = [
        header(&words.column.letter, 10.0),
        header(&words.column.breakdown, 44.0),
        header(&words.column.level, 44.0),
    ];
    let row = |(level, letter): &(usize, String)| {
        let level = &plan.source.dimensions.levels[*level];
        vec![text(letter), text(&level.breakdown_label), text(&level.label)]
    };
    let rows: Vec<_> = plan.source.letters.levels.iter().map(row).collect();
    of_list(sheet, looks, &above(plan, &words.book.columns_of), &headers, &rows, "columns")?;
    sheet.set_screen_gridlines(false);
    Ok(())
}

pub fn series(
    workbook: &mut Workbook,
    looks: &mut Looks,
    plan: &Plan<'_>,
) -> Result<(), XlsxError> {
    let Some(name) = &plan.series else { return Ok(()) };
    let words = &plan.source.words;
    let sheet = workbook.add_worksheet().set_name(name)?;
    let headers = [
        header(&words.column.number, 9.0),
        header(&words.column.table, 60.0),
        header(&words.column.wave, 10.0),
        header(&words.column.comparability, 22.0),
        header(&words.column.note, 80.0),
    ];
    let mut rows = Vec::new();
    for table in &plan.tables {
        for said in &table.table.series {
            rows.push(vec![
                text(&table.number),
                text(&said.label),
                text(&plan.source.dimensions.wave(said.wave)),
                text(words.comparability(&said.comparability)),
                text(&said.note),
            ]);
        }
    }
    of_list(sheet, looks, &above(plan, &words.sheet.series), &headers, &rows, "series")?;
    sheet.set_screen_gridlines(false);
    Ok(())
}
