//! Finds the header rows: each is recognised by what it says.

use config::ExportProfile;
use survey::header::{plain, squeezed};

use super::known::KnownHeaders;
use super::signs::{heads_ids, is_answer, is_fixed, is_import_id, repeats};
use crate::layout::{header_text, id_places, names};
use crate::shape::shape;
use crate::why::Why;

/// A header is looked for by its profile and by what the codebook calls its columns.
#[derive(Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) profile: &'a ExportProfile,
    pub(crate) known: &'a KnownHeaders,
}

/// What came of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// All header rows are recognised; the first of them, from 0.
    At(usize),
    /// Further rows have to be seen.
    More,
    Unrecognised(Unrecognised),
    /// No row has an id column.
    Nowhere,
}

/// Rows where the header may be, and are not recognised as the profile has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unrecognised {
    /// The row that may be the first of the header, from 0.
    pub(crate) first: usize,
    pub(crate) why: Why,
}

/// Rows below a header that are held against it.
const ROWS_BELOW: usize = 20;

impl Search<'_> {
    /// Looks for the header among the first rows; `whole` where no further ones will come.
    pub(crate) fn among(&self, rows: &[Vec<String>], whole: bool) -> Found {
        if let Some(first) = self.profile.header.first_row {
            return self.block(rows, first.saturating_sub(1) as usize, whole);
        }
        let above = self.profile.header.name_row.saturating_sub(1) as usize;
        let mut failed = None;
        for naming in (0..rows.len()).filter(|row| self.has_id(&rows[*row])) {
            let found = match naming.checked_sub(above) {
                Some(first) => self.block(rows, first, whole),
                None => Found::Unrecognised(Unrecognised { first: naming, why: self.alone() }),
            };
            match found {
                // All rows of the header are there, and one more.
                Found::Unrecognised(one) if one.why == Why::OneMore => {
                    return Found::Unrecognised(one);
                }
                Found::Unrecognised(one) => {
                    failed.get_or_insert(one);
                }
                found => return found,
            }
        }
        failed.map_or(Found::Nowhere, Found::Unrecognised)
    }

    /// Whether a row below the header is one more row of it.
    pub(crate) fn is_one_more(&self, header: &[Vec<String>], row: &[String]) -> bool {
        let naming = &header[self.naming_row().min(header.len() - 1)];
        let ids = id_places(naming, &[], self.profile);
        let texts: Vec<&str> = filled(row).map(|(_, text)| text).collect();
        let name = |id: usize| naming.get(id).map_or("", |text| text.trim());
        let is_repeat = |id: usize| {
            self.profile.header.cut_repeats
                && row.get(id).is_some_and(|text| text.trim() == name(id))
        };
        let heads = ids.iter().any(|id| {
            let text = row.get(*id).map_or("", |text| text.trim());
            !text.is_empty() && heads_ids(text, self.profile) && !is_repeat(*id)
        });
        let odd = texts.iter().any(|text| is_answer(text, true));
        is_import_row(row, &ids) || heads && !odd
    }

    /// What speaks against rows that a profile names by their number.
    pub(crate) fn doubt(&self, block: &[Vec<String>]) -> Option<Why> {
        let recognised = self.recognised(block, &[]);
        let is_header = self.known.takes_any_row || !recognised.contains(&false);
        (!is_header).then_some(Why::Rows(recognised))
    }

    fn has_id(&self, row: &[String]) -> bool {
        !id_places(row, &[], self.profile).is_empty()
    }

    fn naming_row(&self) -> usize {
        self.profile.header.name_row.max(1) as usize - 1
    }

    /// The naming row is there, and those above it are not.
    fn alone(&self) -> Why {
        let rows = 0..self.profile.header.rows as usize;
        Why::Rows(rows.map(|row| row == self.naming_row()).collect())
    }

    fn block(&self, rows: &[Vec<String>], first: usize, whole: bool) -> Found {
        let last = first + self.profile.header.rows as usize;
        if last > rows.len() && !whole {
            return Found::More;
        }
        if first >= rows.len() {
            return Found::Nowhere;
        }
        if self.known.takes_any_row {
            return if last > rows.len() { Found::Nowhere } else { Found::At(first) };
        }
        let block = &rows[first.min(rows.len())..last.min(rows.len())];
        let below = &rows[last.min(rows.len())..rows.len().min(last + ROWS_BELOW)];
        let mut recognised = self.recognised(block, below);
        recognised.resize(self.profile.header.rows as usize, false);
        let why = if recognised.contains(&false) {
            Why::Rows(recognised)
        } else if below.first().is_some_and(|row| self.is_one_more(block, row)) {
            Why::OneMore
        } else if let Some(row) = self.row_above(rows, first, block) {
            Why::RowAbove(row)
        } else {
            return Found::At(first);
        };
        Found::Unrecognised(Unrecognised { first, why })
    }

    /// A row above the header that may be somebody's answers.
    fn row_above(
        &self,
        rows: &[Vec<String>],
        first: usize,
        block: &[Vec<String>],
    ) -> Option<usize> {
        if self.profile.header.first_row.is_some() {
            return None;
        }
        let naming = &block[self.naming_row()];
        let width = filled(naming).count();
        let ids = id_places(naming, &[], self.profile);
        let is_full = |row: &&Vec<String>| filled(row).count() >= width.max(2);
        let above = rows[..first].iter().rposition(|row| is_full(&row))?;
        let pair = [rows[above].clone(), naming.clone()];
        let is_header = !self.has_id(&rows[above]) && self.beside(&pair, (0, 1), &ids);
        (!is_header).then_some(above)
    }

    /// Which of the rows say that they are a header.
    fn recognised(&self, block: &[Vec<String>], below: &[Vec<String>]) -> Vec<bool> {
        let at = self.naming_row();
        let Some(naming) = block.get(at) else { return vec![false; block.len()] };
        let ids = id_places(naming, &[], self.profile);
        let is_named = self.names_columns(block, &ids, below);
        let mut recognised: Vec<bool> = (0..block.len())
            .map(|row| {
                let is_beside =
                    || self.beside(block, (row, at), &ids) && !has_id_of(&block[row], &ids, below);
                is_named && (row == at || is_beside())
            })
            .collect();
        // What stands between the names and the producer's own ids of the questions is theirs.
        let last = block.iter().rposition(|row| is_import_row(row, &ids));
        if let Some(last) = last.filter(|last| is_named && *last > at) {
            for row in at + 1..last {
                recognised[row] = recognised[row] || !may_hold_id(&block[row], &ids);
            }
        }
        recognised
    }

    /// The row with the id column: it has headers that are known, or nothing in it looks like an answer.
    fn names_columns(&self, block: &[Vec<String>], ids: &[usize], below: &[Vec<String>]) -> bool {
        let naming = &block[self.naming_row()];
        let width = block.iter().map(Vec::len).max().unwrap_or(0);
        let joined = names(block, width, self.profile);
        let rule = &self.profile.header;
        let (mut known, mut fixed, mut odd, mut texts) = (0, 0, 0, Vec::new());
        for (place, whole) in filled(naming).filter(|(place, _)| !ids.contains(place)) {
            let text = header_text(whole, self.profile);
            texts.push(text);
            let of_codebook = self.known.has(text)
                || self.known.has(&joined[place])
                || self.known.has_first_part(text, &rule.separator);
            known += usize::from(of_codebook);
            fixed += usize::from(is_fixed(whole, self.profile));
            odd += usize::from(!of_codebook && is_answer(text, true));
        }
        let most_of_codebook = known > 0 && known * 2 >= self.known.len();
        if most_of_codebook {
            return true;
        }
        let needed = if self.known.len() < 4 { 1 } else { 2 };
        let is_stated = rule.first_row.is_some();
        let has_id = !ids.is_empty() || is_stated && (self.known.is_empty() || known >= needed);
        let says_so = if self.known.is_empty() || texts.is_empty() {
            odd <= fixed.max(texts.len() / 4)
                && (fixed > 0
                    || !self.known.doubts_likeness
                    || !is_of_the_rows_below(naming, ids, below))
        } else {
            known + fixed >= needed && known + fixed > odd && !repeats(&texts)
        };
        has_id && says_so
    }

    /// A row of the header that does not name the columns: questions, options, the producer's own ids.
    fn beside(&self, block: &[Vec<String>], (at, names_at): (usize, usize), ids: &[usize]) -> bool {
        let (row, naming) = (&block[at], &block[names_at]);
        let texts: Vec<(usize, &str)> = filled(row).collect();
        if texts.is_empty() || is_import_row(row, ids) {
            return true;
        }
        let name = |place: usize| naming.get(place).map_or("", |text| text.trim());
        let id_texts: Vec<(usize, &str)> =
            texts.iter().copied().filter(|(place, _)| ids.contains(place)).collect();
        let heads = |(place, text): &(usize, &str)| {
            heads_ids(text, self.profile) || plain(text) == plain(name(*place))
        };
        if !id_texts.iter().all(heads) {
            return false;
        }
        let rule = &self.profile.header;
        let is_joined = rule.join_row == Some(at as u32 + 1);
        let width = block.iter().map(Vec::len).max().unwrap_or(0);
        let joined = if is_joined { names(block, width, self.profile) } else { Vec::new() };
        let (mut signs, mut odd) = (id_texts.len(), 0);
        for (place, text) in texts.iter().filter(|(place, _)| !ids.contains(place)) {
            let is_sign = is_fixed(text, self.profile)
                || self.known.has(text)
                || joined.get(*place).is_some_and(|name| self.known.has(name))
                || squeezed(text) == squeezed(name(*place))
                || is_joined && rule.fill_right && name(*place).is_empty() && !ids.is_empty();
            signs += usize::from(is_sign);
            odd += usize::from(is_answer(text, !is_joined));
        }
        let plain_texts: Vec<&str> = texts.iter().map(|(_, text)| *text).collect();
        // A label above the ids alone says little: of a file that nobody knows nothing.
        let is_of_ids = signs == id_texts.len();
        let is_doubtful = self.known.doubts_likeness && at > names_at;
        if is_of_ids && (is_doubtful || repeats(&plain_texts)) {
            return false;
        }
        signs > odd || signs == 0 && odd == 0 && !ids.is_empty()
    }
}

/// The ids of the questions, as Qualtrics writes them.
fn is_import_row(row: &[String], ids: &[usize]) -> bool {
    let texts: Vec<&str> = filled(row).map(|(_, text)| text).collect();
    let imports = texts.iter().filter(|text| is_import_id(text)).count();
    let is_named = texts.iter().any(|text| is_import_id(text) && text.contains("ImportId"));
    let odd = texts.iter().any(|text| !is_import_id(text) && is_answer(text, true));
    let may_be_id = |text: &String| {
        !is_import_id(text) && text.contains(|sign: char| sign.is_numeric() || sign == '@')
    };
    let has_id = ids.iter().any(|id| row.get(*id).is_some_and(may_be_id));
    imports > 0 && (is_named || imports * 2 >= texts.len()) && !odd && !has_id
}

/// Whether an id may stand in the row, or answers.
fn may_hold_id(row: &[String], ids: &[usize]) -> bool {
    let has_digit = |text: &String| text.contains(|sign: char| sign.is_numeric() || sign == '@');
    let odd = filled(row).filter(|(_, text)| is_answer(text, true)).count();
    ids.iter().any(|id| row.get(*id).is_some_and(has_digit)) || odd * 2 > filled(row).count()
}

/// Cells that are not blank, with their places.
fn filled(row: &[String]) -> impl Iterator<Item = (usize, &str)> {
    let texts = row.iter().enumerate().map(|(place, text)| (place, text.trim()));
    texts.filter(|(_, text)| !text.is_empty())
}

/// The row's id looks like those below it.
fn has_id_of(row: &[String], ids: &[usize], below: &[Vec<String>]) -> bool {
    ids.iter().any(|id| {
        let column = below.iter().filter_map(|row| row.get(*id)).map(|text| text.trim());
        let column: Vec<&str> = column.filter(|text| !text.is_empty()).collect();
        let text = row.get(*id).map_or("", |text| text.trim());
        let alike = column.iter().filter(|other| shape(other) == shape(text)).count();
        !text.is_empty() && alike > 1 && alike * 2 > column.len()
    })
}

/// A text of the row comes back below it in its column, or its id looks like those below it: it is one of them.
fn is_of_the_rows_below(row: &[String], ids: &[usize], below: &[Vec<String>]) -> bool {
    // Two exports pasted together: the header itself comes back.
    let others = || below.iter().filter(|other| other.as_slice() != row);
    let column = |place: usize| {
        let cells = others().filter_map(move |row| row.get(place));
        cells.map(|text| text.trim()).filter(|text| !text.is_empty())
    };
    let comes_back =
        filled(row).any(|(place, text)| column(place).any(|other| plain(other) == plain(text)));
    comes_back || has_id_of(row, ids, below)
}
