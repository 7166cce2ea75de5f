//! Why no header was found, told without a word of the rows that were looked at.

use config::export::Container;

use super::search::{Found, Search, Unrecognised};
use crate::error::{Error, Place};
use crate::names::{listed, similar_headers};
use crate::why::Why;

const SHOW: &str =
    "`peil ingest FILE --show-header` shows the first rows; they may contain answers";

impl Search<'_> {
    /// The error for rows in which no header is recognised; `elsewhere` is what else the file shows.
    pub(crate) fn refusal(&self, place: Place, rows: &[Vec<String>], elsewhere: &str) -> Error {
        if let Found::Unrecognised(found) = self.among(rows, true) {
            return self.not_recognised(place, found);
        }
        let alike = self.headers_like_ids(rows);
        let advice = if !elsewhere.is_empty() {
            elsewhere.to_owned()
        } else if alike.is_empty() {
            format!("{}; {SHOW}", self.elsewhere())
        } else {
            let (alike, profile) = (listed(&alike), &self.profile.profile);
            format!("the header has {alike}; add it to `id` in config/exports/{profile}.toml")
        };
        let expected = self.profile.id.clone();
        Error::HeaderNotFound { place, searched: rows.len(), expected, advice }
    }

    /// The error for rows that may be the header.
    pub(crate) fn not_recognised(&self, place: Place, found: Unrecognised) -> Error {
        let Unrecognised { first, why } = found;
        Error::HeaderNotRecognised {
            place,
            profile: self.profile.profile.as_str().into(),
            row: first as u64 + 1,
            advice: self.advice(&why),
            why: Box::new(why),
        }
    }

    fn elsewhere(&self) -> &'static str {
        match self.profile.container {
            Container::Csv => "the delivery may come from another producer, or have no header",
            Container::Workbook => {
                "the data may be in another sheet, or the delivery may come from another producer or have no header"
            }
        }
    }

    fn advice(&self, why: &Why) -> String {
        let rows = self.profile.header.rows;
        let what = match why {
            Why::Rows(found) if found.iter().any(|recognised| *recognised) => format!(
                "ask for the export with all {rows} header rows, or use a profile for files with fewer (`rows` under [header])"
            ),
            Why::Rows(_) if self.known.is_empty() => {
                "the file may have no header, or come from another producer".to_owned()
            }
            Why::Rows(_) => format!(
                "the row has an id column but too few of the {} headers that the codebook expects: is this the right file for the panel and wave?",
                self.known.len()
            ),
            Why::OneMore => "use a profile with as many header rows as the file has".to_owned(),
            Why::RowAbove(_) => "put the header above all respondents".to_owned(),
        };
        format!("{what}; {SHOW}")
    }

    /// Headers like the profile's ids, in a row that the codebook knows as a header.
    fn headers_like_ids(&self, rows: &[Vec<String>]) -> Vec<String> {
        let knows = |row: &&Vec<String>| {
            let known = row.iter().filter(|text| self.known.has(text)).count();
            known > 1 || known == 1 && self.known.len() == 1
        };
        let header = rows.iter().find(knows);
        header.map(|row| similar_headers(&self.profile.id, row)).unwrap_or_default()
    }
}
