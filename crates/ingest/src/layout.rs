//! What the header says: the columns, which of them are ids or personal, and which rows are no respondents.

use std::borrow::Cow;
use std::collections::BTreeMap;

use config::ExportProfile;
use survey::handoff::Treatment;
use survey::header::{plain, squeezed, written_out};
use workbook::text::trim;

/// A column by its header.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) occurrence: u32,
    pub(crate) rows: Vec<String>,
    pub(crate) treatment: Treatment,
}

/// The columns in the order of the file, and the rules for rows.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) headers: Vec<Header>,
    /// Columns with an id, the profile's first one first.
    ids: Vec<usize>,
    footer_starts: Vec<String>,
    cuts: Vec<(usize, Vec<String>)>,
    repeats: bool,
    /// Names of the rules that cut rows; `Verdict::Cut` points here.
    pub(crate) rules: Vec<String>,
    /// Cut rules of the profile whose column is not in the file.
    pub(crate) unused_rules: Vec<String>,
    pub(crate) tail_rule: bool,
}

/// The name under which the rows at the end are cut that have no id.
pub(crate) const TAIL_RULE: &str = "footer:no_id_after_blank_row";
const REPEAT_RULE: &str = "repeated_header";

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Keep {
        has_id: bool,
    },
    Blank,
    /// By the rule at this place in `Layout::rules`.
    Cut(usize),
}

/// The part of a heading that names the column.
pub(crate) fn header_text<'a>(text: &'a str, profile: &ExportProfile) -> &'a str {
    let text = text.trim().trim_start_matches('\u{feff}');
    profile
        .header
        .name_until
        .as_ref()
        .and_then(|end| text.split_once(end.as_str()))
        .map_or(text, |(name, _)| name.trim())
}

impl Layout {
    /// The layout by the header rows (each as wide as it is), in the file's order of columns.
    pub(crate) fn new(header_rows: &[Vec<String>], profile: &ExportProfile) -> Self {
        let width = header_rows.iter().map(Vec::len).max().unwrap_or(0);
        let names = names(header_rows, width, profile);
        let naming =
            &header_rows[(profile.header.name_row.max(1) as usize - 1).min(header_rows.len() - 1)];
        let ids = id_places(naming, &names, profile);
        let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
        let headers: Vec<Header> = names
            .iter()
            .enumerate()
            .map(|(position, name)| {
                let occurrence = seen.entry(name).or_default();
                *occurrence += 1;
                let code = naming.get(position).map_or("", |text| header_text(text, profile));
                let rows: Vec<String> = header_rows
                    .iter()
                    .map(|row| shown(row.get(position).map_or("", String::as_str)))
                    .collect();
                let treatment = if ids.contains(&position) {
                    Treatment::Pseudonymised
                } else {
                    treatment(name, code, &rows, profile)
                };
                Header { name: shown(name), occurrence: *occurrence, rows, treatment }
            })
            .collect();
        let mut layout = Self {
            ids,
            headers,
            footer_starts: profile
                .footer
                .starts_with
                .iter()
                .map(|start| start.to_lowercase())
                .collect(),
            cuts: Vec::new(),
            repeats: profile.header.cut_repeats,
            rules: profile
                .footer
                .starts_with
                .iter()
                .map(|start| format!("footer:{start}"))
                .collect(),
            unused_rules: Vec::new(),
            tail_rule: profile.footer.without_id_after_blank,
        };
        layout.rules.push(REPEAT_RULE.to_owned());
        for cut in &profile.cut {
            let named = |header: &Header| header.name == cut.column;
            // Older exports of Qualtrics name the column by a number, and say in the next row which it is.
            let told = |header: &Header| header.rows.iter().any(|text| text.trim() == cut.column);
            let position = layout.headers.iter().position(named);
            match position.or_else(|| layout.headers.iter().position(told)) {
                Some(position) => {
                    layout.cuts.push((position, cut.values.clone()));
                    layout.rules.push(cut.name.clone());
                }
                None => layout.unused_rules.push(cut.name.clone()),
            }
        }
        layout
    }

    pub(crate) fn width(&self) -> usize {
        self.headers.len()
    }

    /// What becomes of a row whose cells are read by position.
    pub(crate) fn judge<'a>(&self, width: usize, cell: impl Fn(usize) -> Cow<'a, [u8]>) -> Verdict {
        let Some((first, text)) =
            (0..width).map(|at| (at, cell(at))).find(|(_, text)| !trim(text).is_empty())
        else {
            return Verdict::Blank;
        };
        let has_id =
            self.ids.iter().any(|id| *id == first || (*id < width && !trim(&cell(*id)).is_empty()));
        if (!has_id || self.ids.contains(&first))
            && let Some(rule) = self.footer(&text)
        {
            return Verdict::Cut(rule);
        }
        let is = |position: usize, value: &str| {
            position < width && position >= first && trim(&cell(position)) == value.as_bytes()
        };
        if self.repeats && self.ids.first().is_some_and(|id| is(*id, &self.headers[*id].name)) {
            return Verdict::Cut(self.footer_starts.len());
        }
        for (order, (position, values)) in self.cuts.iter().enumerate() {
            if values.iter().any(|value| is(*position, value)) {
                return Verdict::Cut(self.footer_starts.len() + 1 + order);
            }
        }
        Verdict::Keep { has_id }
    }

    fn footer(&self, text: &[u8]) -> Option<usize> {
        let first = *trim(text).first()?;
        if self.footer_starts.is_empty() || first.is_ascii_digit() {
            return None;
        }
        let text = String::from_utf8_lossy(trim(text)).to_lowercase();
        self.footer_starts.iter().position(|start| text.starts_with(start.as_str()))
    }
}

/// The name of every column.
pub(crate) fn names(
    header_rows: &[Vec<String>],
    width: usize,
    profile: &ExportProfile,
) -> Vec<String> {
    let rule = &profile.header;
    let text = |row: u32, position: usize| -> &str {
        let row = header_rows.get(row.max(1) as usize - 1);
        row.and_then(|row| row.get(position)).map_or("", |text| header_text(text, profile))
    };
    let mut left = "";
    (0..width)
        .map(|position| {
            let mut name = text(rule.name_row, position);
            let below = rule.join_row.map_or("", |row| text(row, position));
            if name.is_empty() && rule.fill_right && !below.is_empty() {
                name = left;
            }
            left = name;
            if below.is_empty() || rule.leave_out.iter().any(|generic| generic == below) {
                name.to_owned()
            } else if name.is_empty() {
                below.to_owned()
            } else {
                format!("{name}{}{below}", rule.separator)
            }
        })
        .collect()
}

/// A text of the header, its control characters written out; a line break is no rarity in a header.
fn shown(text: &str) -> String {
    written_out(text, &['\n', '\r', '\t']).into_owned()
}

/// Columns with an id by the row that names the columns, and by their names: the profile's first id first; those spelled
/// exactly so, or else those that are but for case and spaces.
pub(crate) fn id_places(
    naming: &[String],
    names: &[String],
    profile: &ExportProfile,
) -> Vec<usize> {
    let places = |same: &dyn Fn(&str, &str) -> bool| {
        let mut found: Vec<usize> = Vec::new();
        for id in &profile.id {
            for place in 0..naming.len().max(names.len()) {
                let texts = [
                    naming.get(place).map_or("", |text| header_text(text, profile)),
                    names.get(place).map_or("", String::as_str),
                ];
                if !found.contains(&place) && texts.iter().any(|text| same(text, id)) {
                    found.push(place);
                }
            }
        }
        found
    };
    let exact = places(&|text, id| text == id);
    if exact.is_empty() { places(&|text, id| squeezed(text) == squeezed(id)) } else { exact }
}

fn treatment(name: &str, code: &str, rows: &[String], profile: &ExportProfile) -> Treatment {
    let personal = &profile.personal;
    let fits = |text: &str| {
        let text = plain(text);
        personal.columns.iter().any(|column| plain(column) == text)
            || personal.prefixes.iter().any(|prefix| text.starts_with(&prefix.to_lowercase()))
            || personal.suffixes.iter().any(|suffix| text.ends_with(&suffix.to_lowercase()))
    };
    let by_rows =
        rows.iter().any(|text| personal.columns.iter().any(|column| plain(column) == plain(text)));
    if fits(name) || fits(code) || by_rows { Treatment::DroppedPersonal } else { Treatment::Kept }
}
