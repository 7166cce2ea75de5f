//! Visible sheets that are not read although they have the headers of the one that is.

use std::collections::BTreeSet;

use survey::{Finding, Severity};

use super::choose::{SheetInfo, SheetKind, Visibility};
use super::row::Row;
use super::sheet::Rows;
use super::{Filled, Task};
use crate::assemble::Assembly;
use crate::classify::trim;
use crate::error::Place;
use crate::findings::finding;
use crate::layout::{Layout, find_header};

/// Shows the rows of another sheet; none where it has none, or is broken.
pub(super) type Show<'a> = &'a mut dyn FnMut(&str, &mut dyn FnMut(&mut dyn Rows)) -> Option<()>;

/// A sheet that is like the one that is read.
struct Like {
    headers: usize,
    rows: u64,
}

impl Task<'_> {
    /// A finding a visible sheet that has more than half of the headers: it holds respondents who are not read. Where the delivery
    /// names its sheet, others are left alone on purpose.
    pub(super) fn look_at_others(
        &self,
        filled: &mut Filled,
        sheets: &[SheetInfo],
        assembly: &Assembly<'_>,
        show: Show<'_>,
    ) {
        let Some(read) = assembly.header_names().filter(|_| self.delivery.sheet.is_none()) else {
            return;
        };
        let name = filled.place.sheet.clone();
        let others = sheets.iter().filter(|sheet| {
            sheet.kind == SheetKind::Worksheet
                && sheet.visible == Visibility::Visible
                && name.as_deref() != Some(&sheet.name)
        });
        for sheet in others {
            let mut like = None;
            let shown = show(&sheet.name, &mut |rows| like = self.like(rows, &read));
            if let (Some(()), Some(like)) = (shown, like) {
                filled.findings.push(unread(&filled.place, &sheet.name, read.len(), &like));
            }
        }
    }

    /// How like the sheet is whose rows these are; none where it has other headers, or no row below them.
    fn like(&self, rows: &mut dyn Rows, read: &BTreeSet<String>) -> Option<Like> {
        let (mut row, mut seen, mut headers) = (Row::default(), Vec::new(), None);
        let mut count = 0;
        while rows.next(&mut row).ok()? {
            if headers.is_some() {
                let is_filled = |column| !trim(row.text(column)).is_empty();
                count += u64::from((0..row.width()).any(is_filled));
                continue;
            }
            if row.number as usize > 2 * self.input.limits.header_search_rows {
                return None;
            }
            let text = |column| String::from_utf8_lossy(row.text(column)).into_owned();
            seen.resize(row.number as usize, Vec::new());
            seen.push((0..row.width()).map(text).collect());
            headers = self.headers_in(&seen, read);
            if headers.is_some_and(|same| same * 2 <= read.len()) {
                return None;
            }
        }
        headers.filter(|_| count > 0).map(|headers| Like { headers, rows: count })
    }

    /// How many of the headers that are read stand in the header among these rows; none where that is not there yet.
    fn headers_in(&self, rows: &[Vec<String>], read: &BTreeSet<String>) -> Option<usize> {
        let first = find_header(rows, self.profile)?;
        let header = rows.get(first..first + self.profile.header.rows as usize)?;
        let names = Layout::new(header, self.profile).headers;
        let names: BTreeSet<String> = names.into_iter().map(|header| header.name).collect();
        Some(names.intersection(read).count())
    }
}

fn unread(place: &Place, sheet: &str, headers: usize, like: &Like) -> Finding {
    let which = if like.headers == headers {
        "the same headers".to_owned()
    } else {
        format!("{} of the {headers} headers", like.headers)
    };
    let found = format!("visible sheet `{sheet}` with {which} and {} rows", like.rows);
    let words = [
        found.as_str(),
        "all respondents in the sheet that is read",
        "not read",
        "name each sheet as a delivery of its own (`sheet = \"...\"`), or ask for one sheet",
    ];
    let mut finding = finding(place, "unread_sheet", Severity::Warning, words);
    finding.count = like.rows;
    finding
}
