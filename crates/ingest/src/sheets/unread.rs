//! Visible sheets that are not read although they have the headers of the one that is.

use std::collections::BTreeSet;

use survey::{Code, Finding, Severity};
use workbook::text::trim;
use workbook::{Row, Rows, SheetInfo, Workbook};

use crate::error::Place;
use crate::findings::finding;
use crate::header::{Found, Search};
use crate::layout::Layout;

/// A sheet that is like the one that is read.
struct Like {
    headers: usize,
    rows: u64,
}

/// What other sheets are compared with.
pub(super) struct Others<'a> {
    pub(super) search: Search<'a>,
    /// Rows in which a header is looked for.
    pub(super) searched_rows: usize,
    /// Of the sheet that is read, and its headers.
    pub(super) place: &'a Place,
    pub(super) read: &'a BTreeSet<String>,
}

/// A finding for each visible sheet that has more than half of the headers: it holds respondents who are not read.
pub(super) fn unread_sheets(others: &Others<'_>, workbook: &mut Workbook<'_>) -> Vec<Finding> {
    let read = others.place.sheet.as_deref();
    let is_other = |sheet: &&SheetInfo| sheet.is_visible_worksheet() && read != Some(&sheet.name);
    let names: Vec<String> =
        workbook.sheets().iter().filter(is_other).map(|sheet| sheet.name.clone()).collect();
    let mut findings = Vec::new();
    for name in names {
        let Ok(mut sheet) = workbook.sheet(&name) else { continue };
        if let Some(like) = others.like(&mut *sheet.rows) {
            findings.push(unread(others.place, &name, others.read.len(), &like));
        }
    }
    findings
}

impl Others<'_> {
    /// How like the sheet is whose rows these are; none where it has other headers, or no row below them.
    fn like(&self, rows: &mut dyn Rows) -> Option<Like> {
        let (mut row, mut seen, mut headers) = (Row::default(), Vec::new(), None);
        let mut count = 0;
        while rows.next(&mut row).ok()? {
            if headers.is_some() {
                let is_filled = |column| !trim(row.text(column)).is_empty();
                count += u64::from((0..row.width()).any(is_filled));
                continue;
            }
            if row.number as usize > 2 * self.searched_rows {
                return None;
            }
            seen.resize(row.number as usize, Vec::new());
            seen.push(row.texts());
            headers = self.headers_in(&seen);
            if headers.is_some_and(|same| same * 2 <= self.read.len()) {
                return None;
            }
        }
        headers.filter(|_| count > 0).map(|headers| Like { headers, rows: count })
    }

    /// How many of the headers that are read stand in the header among these rows; none where that is not there yet.
    fn headers_in(&self, rows: &[Vec<String>]) -> Option<usize> {
        let profile = self.search.profile;
        let Found::At(first) = self.search.among(rows, false) else { return None };
        let header = rows.get(first..first + profile.header.rows as usize)?;
        let names = Layout::new(header, profile).headers;
        let names: BTreeSet<String> = names.into_iter().map(|header| header.name).collect();
        Some(names.intersection(self.read).count())
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
        "all respondents in one sheet",
        "not read",
        "add a delivery for each sheet (`sheet = \"...\"`), or ask for a single sheet",
    ];
    let mut finding = finding(place, Code::UnreadSheet, Severity::Warning, words);
    finding.count = like.rows;
    finding
}
