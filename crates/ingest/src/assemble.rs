//! Joins the chunks of a delivery into its table, its findings and its receipt.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int8Array, Int64Array, StringArray};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;
use survey::handoff::{RawAbout, RawColumn, Treatment};
use survey::{Class, Finding, Handoff, Raw};

use crate::chunk::Chunk;
use crate::column::{Cells, Column};
use crate::error::{Error, Place};
use crate::findings::{Report, Spot};
use crate::layout::{Header, Layout, TAIL_RULE};
use crate::limits::Limits;

/// What is known of the file when its rows have been read.
pub(crate) struct Source {
    pub(crate) place: Place,
    pub(crate) about: RawAbout,
    /// Findings about the file as a whole, made while it was opened.
    pub(crate) findings: Vec<Finding>,
    /// Line of the first chunk's first row, from 1.
    pub(crate) first_line: u64,
    /// Columns are counted from the sheet's first one: leading ones without any use are left out.
    pub(crate) trim_left: bool,
}

pub(crate) fn assemble(
    source: Source,
    layout: &Layout,
    mut chunks: Vec<Chunk>,
    limits: &Limits,
) -> Result<Raw, Error> {
    let Source { place, mut about, findings, first_line, trim_left } = source;
    let kept = rows_without_tail(layout, &chunks);
    let rows_kept: usize = chunks.iter().map(Chunk::rows).sum();
    let width =
        chunks.iter().map(|chunk| chunk.columns.len()).max().unwrap_or(0).max(layout.width());
    let (records, lines) = places(&chunks, first_line, kept);
    // Columns beyond the last header that nobody filled are not there.
    let used: Vec<usize> = (0..width)
        .filter(|at| {
            *at < layout.width()
                || chunks.iter().any(|chunk| chunk.columns.get(*at).is_some_and(Cells::is_used))
        })
        .collect();
    let cells = used.len() as u64 * rows_kept as u64;
    if cells > limits.cells {
        let advice = "split the delivery, or raise the limit where there is memory".to_owned();
        return Err(Error::Limit {
            place,
            what: "cells".to_owned(),
            found: cells,
            limit: limits.cells,
            advice,
        });
    }
    for chunk in &mut chunks {
        let rows = chunk.rows();
        chunk.columns.resize(width, Cells::default());
        for at in &used {
            chunk.columns[*at].pad_to(rows);
        }
    }
    let mut report = Report::new(&place, findings, limits.findings_per_code);
    count_rows(&mut about, layout, &chunks, kept, rows_kept);
    if about.rows_out == 0 && about.rows_in == 0 {
        return Err(Error::NoRows { place, header_row: about.header_row });
    }
    let headers = headers(layout, width);
    let met = take_met(&mut chunks, first_line);
    let columns: Vec<Column> = columns_of(chunks, width)
        .into_par_iter()
        .map(|parts| Column::join(parts, kept))
        .collect::<Option<_>>()
        .ok_or_else(|| too_long(&place))?;
    let skip = if trim_left {
        (0..width).take_while(|at| headers[*at].name.is_empty() && columns[*at].is_unused()).count()
    } else {
        0
    };
    let skip = if skip == width { 0 } else { skip };
    about.first_column += skip as u32;
    about.columns = raw_columns(&headers, &columns, &used, skip);
    if about.used_range.is_none() {
        about.used_range = used_range(&about, lines.last().copied());
    }
    report.rows(&about, layout, met, skip as u32);
    if kept < rows_kept {
        let first = Spot { record: None, line: None, position: None };
        report.tail(rows_kept - kept, first);
    }
    report.columns(&about);
    let table =
        table(records, lines, columns, skip, &about.columns).ok_or_else(|| too_long(&place))?;
    Ok(Handoff {
        table,
        extra: BTreeMap::new(),
        findings: report.finish(),
        warnings: Vec::new(),
        about,
    })
}

fn too_long(place: &Place) -> Error {
    Error::Limit {
        place: place.clone(),
        what: "bytes of text in one column".to_owned(),
        found: u64::from(u32::MAX),
        limit: i32::MAX as u64,
        advice: "split the delivery".to_owned(),
    }
}

/// How many of the kept rows stay when rows at the end without an id, below a blank row, are cut.
fn rows_without_tail(layout: &Layout, chunks: &[Chunk]) -> usize {
    let total: usize = chunks.iter().map(Chunk::rows).sum();
    if !layout.tail_rule {
        return total;
    }
    let (mut base, mut last_with_id, mut blank) = (0, None, None);
    for chunk in chunks {
        let here = chunk.blank_after_id.map(|row| base + row);
        if let Some(row) = chunk.last_with_id {
            (last_with_id, blank) = (Some(base + row), here);
        } else {
            blank = blank.or(here);
        }
        base += chunk.rows();
    }
    match (last_with_id, blank) {
        (Some(_), Some(blank)) => blank.min(total),
        _ => total,
    }
}

/// Record and line of every row that stays.
fn places(chunks: &[Chunk], first_line: u64, kept: usize) -> (Vec<i64>, Vec<i64>) {
    let (mut records, mut lines) = (Vec::with_capacity(kept), Vec::with_capacity(kept));
    let (mut record, mut line) = (1_i64, first_line as i64);
    for chunk in chunks {
        records.extend(chunk.records.iter().map(|at| record + i64::from(*at)));
        lines.extend(chunk.lines.iter().map(|at| line + i64::from(*at)));
        record += i64::from(chunk.records_seen);
        line += i64::from(chunk.lines_seen);
    }
    records.truncate(kept);
    lines.truncate(kept);
    (records, lines)
}

fn count_rows(
    about: &mut RawAbout,
    layout: &Layout,
    chunks: &[Chunk],
    kept: usize,
    rows_kept: usize,
) {
    about.rows_in = chunks.iter().map(|chunk| u64::from(chunk.records_seen)).sum();
    about.rows_out = kept as u64;
    about.blank_rows = chunks.iter().map(|chunk| chunk.blank_rows).sum();
    for (rule, name) in layout.rules.iter().enumerate() {
        let cut: u64 = chunks.iter().map(|chunk| chunk.cut[rule]).sum();
        if cut > 0 {
            *about.rows_cut.entry(name.clone()).or_default() += cut;
        }
    }
    if kept < rows_kept {
        about.rows_cut.insert(TAIL_RULE.to_owned(), (rows_kept - kept) as u64);
    }
    for rule in &layout.unused_rules {
        about
            .notes
            .push(format!("the rule `{rule}` cuts rows by a column that this file does not have"));
    }
}

/// Headers of the layout, then nameless ones for cells to the right of it.
fn headers(layout: &Layout, width: usize) -> Vec<Header> {
    let mut headers = layout.headers.clone();
    let nameless = headers.iter().filter(|header| header.name.is_empty()).count() as u32;
    let beyond = (headers.len()..width).zip(nameless + 1..).map(|(_, occurrence)| Header {
        name: String::new(),
        occurrence,
        rows: Vec::new(),
        treatment: Treatment::Kept,
    });
    headers.extend(beyond.collect::<Vec<_>>());
    headers
}

fn take_met(chunks: &mut [Chunk], first_line: u64) -> crate::findings::AllMet {
    let mut all = crate::findings::AllMet::default();
    let (mut record, mut line) = (1, first_line);
    for chunk in chunks {
        for met in chunk.met.drain(..) {
            let spot = Spot {
                record: Some(record + u64::from(met.record)),
                line: Some(line + u64::from(met.line)),
                position: met.position,
            };
            all.met.push((met.event, spot, met.number));
        }
        for (event, count) in &chunk.met_counts {
            *all.counts.entry(*event).or_default() += count;
        }
        record += u64::from(chunk.records_seen);
        line += u64::from(chunk.lines_seen);
    }
    all
}

/// Per column its parts, chunk by chunk.
fn columns_of(chunks: Vec<Chunk>, width: usize) -> Vec<Vec<Cells>> {
    let mut columns: Vec<Vec<Cells>> =
        (0..width).map(|_| Vec::with_capacity(chunks.len())).collect();
    for chunk in chunks {
        for (parts, cells) in columns.iter_mut().zip(chunk.columns) {
            parts.push(cells);
        }
    }
    columns
}

fn raw_columns(
    headers: &[Header],
    columns: &[Column],
    used: &[usize],
    skip: usize,
) -> Vec<RawColumn> {
    used.iter()
        .filter(|at| **at >= skip)
        .map(|at| RawColumn {
            position: (at - skip) as u32,
            header: headers[*at].name.clone(),
            occurrence: headers[*at].occurrence,
            header_rows: headers[*at].rows.clone(),
            treatment: headers[*at].treatment,
            classes: columns[*at].counts,
        })
        .collect()
}

fn used_range(about: &RawAbout, last_line: Option<i64>) -> Option<String> {
    let last = about.columns.last()?.position;
    let from = about.address(about.header_row, 0);
    Some(format!("{from}:{}", about.address(last_line? as u64, last)))
}

fn table(
    records: Vec<i64>,
    lines: Vec<i64>,
    mut columns: Vec<Column>,
    skip: usize,
    about: &[RawColumn],
) -> Option<RecordBatch> {
    let mut fields = vec![
        Field::new("record", DataType::Int64, false),
        Field::new("line", DataType::Int64, false),
    ];
    let mut arrays: Vec<ArrayRef> =
        vec![Arc::new(Int64Array::from(records)), Arc::new(Int64Array::from(lines))];
    let kept: Vec<(u32, Column)> = about
        .iter()
        .filter(|column| column.treatment != Treatment::DroppedPersonal)
        .map(|column| {
            (column.position, std::mem::take(&mut columns[skip + column.position as usize]))
        })
        .collect();
    let built: Vec<(u32, ArrayRef, ArrayRef)> = kept
        .into_par_iter()
        .map(|(position, cells)| {
            let (texts, classes) = arrays_of(cells)?;
            Some((position, texts, classes))
        })
        .collect::<Option<_>>()?;
    for (position, texts, classes) in built {
        fields.push(Field::new(format!("v{position}"), DataType::Utf8, false));
        fields.push(Field::new(format!("c{position}"), DataType::Int8, false));
        arrays.push(texts);
        arrays.push(classes);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).ok()
}

fn arrays_of(column: Column) -> Option<(ArrayRef, ArrayRef)> {
    let offsets = OffsetBuffer::new(ScalarBuffer::from(column.offsets));
    let texts = StringArray::try_new(offsets, Buffer::from_vec(column.values), None).ok()?;
    Some((Arc::new(texts), Arc::new(Int8Array::from(column.classes))))
}

/// Cells that are not empty.
pub(crate) fn filled(counts: &[u64; 7]) -> u64 {
    counts.iter().sum::<u64>() - counts[Class::Empty as usize]
}
