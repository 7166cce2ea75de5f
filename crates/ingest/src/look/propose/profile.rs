//! A profile of what a file shows.

use std::fmt::Write;

use config::ExportProfile;
use config::export::Container;
use survey::date::DateOrder;

use crate::look::column::ColumnLook;

/// What a profile is proposed from, beside the columns.
pub(in crate::look) struct Found<'a> {
    pub(in crate::look) profile: &'a ExportProfile,
    pub(in crate::look) header_row: u32,
    pub(in crate::look) header_rows: u32,
    pub(in crate::look) date_orders: Vec<DateOrder>,
    pub(in crate::look) sheets_visible: usize,
    pub(in crate::look) sheet: Option<&'a str>,
}

const NO_ID: &str = "\
# no column looked like an id column, so the record number is the id; better: id = [\"HEADER OF THE ID COLUMN\"]
id = []
record_number_as_id = true
";

/// The text of a file of config/exports.
pub(in crate::look) fn profile_text(found: &Found<'_>, columns: &[ColumnLook]) -> String {
    let container = match found.profile.container {
        Container::Csv => "csv",
        Container::Workbook => "workbook",
    };
    let ids: Vec<&str> = columns
        .iter()
        .filter(|column| column.looks_like == "id" && !column.header.trim().is_empty())
        .map(|column| column.header.as_str())
        .collect();
    let mut text =
        String::from("# proposed by a first look: check every line before you keep it\n");
    let _ = writeln!(text, "label = \"PRODUCER, and how it was exported\"");
    let _ = writeln!(text, "container = \"{container}\"");
    if let [first, ..] = ids.as_slice() {
        let _ = writeln!(text, "id = {}", quoted([*first]));
    } else {
        text.push_str(NO_ID);
    }
    if found.profile.container == Container::Csv {
        let delimiter = found.profile.csv.delimiter.to_string();
        let _ = writeln!(text, "\n[csv]\ndelimiter = {delimiter:?}\nencoding = \"detect\"");
    } else if found.sheets_visible > 1
        && let Some(sheet) = found.sheet
    {
        let _ = writeln!(text, "\n[workbook]\nsheet = {{ named = {sheet:?} }}");
    }
    if found.header_rows > 1 {
        let _ = writeln!(text, "\n[header]\nrows = {}\nname_row = 1", found.header_rows);
    } else if ids.is_empty() {
        let _ = writeln!(text, "\n[header]\nfirst_row = {}", found.header_row);
    }
    let _ = writeln!(text, "\n[values]\ndecimal_comma = {}", found.profile.values.decimal_comma);
    if !found.date_orders.is_empty() {
        let names = found.date_orders.iter().map(|order| match order {
            DateOrder::Ymd => "ymd",
            DateOrder::Dmy => "dmy",
            DateOrder::Mdy => "mdy",
        });
        let _ = writeln!(text, "date_orders = {}", quoted(names));
    }
    let personal: Vec<&str> = columns
        .iter()
        .filter(|column| column.looks_like == "personal")
        .map(|column| column.header.as_str())
        .collect();
    if !personal.is_empty() {
        let _ = writeln!(text, "\n[personal]\ncolumns = {}", quoted(personal));
    }
    text
}

fn quoted<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| format!("{text:?}")).collect();
    format!("[{}]", texts.join(", "))
}
