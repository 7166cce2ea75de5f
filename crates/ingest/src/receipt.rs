//! What was read, and how, for a person and for a machine.

use std::collections::BTreeMap;
use std::fmt::Write;

use config::ExportProfile;
use survey::Class;
use survey::handoff::{RawAbout, Treatment};

use crate::names::shortened;
use crate::opened::Opened;
use crate::page::wrapped;

/// The receipt before anything is known of the content.
pub(crate) fn about(opened: &Opened, profile: &ExportProfile, container: &str) -> RawAbout {
    let wrapper = opened.wrapper.name();
    RawAbout {
        delivery: opened.place.delivery.to_string(),
        file: opened.place.file.to_string(),
        profile: profile.profile.clone(),
        id_space: String::new(),
        bytes: opened.bytes,
        blake3: String::new(),
        container: container.to_owned(),
        encoding: None,
        encoding_reason: None,
        decimal_comma: profile.values.decimal_comma,
        thousands: profile.values.thousands,
        date_orders: profile.values.date_orders.clone(),
        option_separator: profile.values.option_separator,
        sheet: None,
        sheets: Vec::new(),
        used_range: None,
        header_row: 0,
        first_column: 0,
        columns: Vec::new(),
        rows_in: 0,
        rows_out: 0,
        blank_rows: 0,
        rows_cut: BTreeMap::new(),
        notes: if wrapper.is_empty() {
            Vec::new()
        } else {
            vec![format!("unpacked from {wrapper}")]
        },
    }
}

/// The receipt as a page to read; its JSON is the `RawAbout` itself.
pub fn receipt_text(about: &RawAbout) -> String {
    facts(about) + &columns(about)
}

/// What was read, and how.
pub(crate) fn facts(about: &RawAbout) -> String {
    let mut page = String::new();
    let mut line = |name: &str, value: &dyn std::fmt::Display| {
        wrapped(&mut page, &format!("  {name:<14}"), &value.to_string());
    };
    line("delivery", &about.delivery);
    line("file", &format!("{} ({} bytes)", about.file, about.bytes));
    line("blake3", &about.blake3);
    line("profile", &format!("{} ({})", about.profile, about.container));
    if !about.id_space.is_empty() {
        line("id space", &about.id_space);
    }
    if let Some(encoding) = &about.encoding {
        line(
            "encoding",
            &format!("{encoding}: {}", about.encoding_reason.as_deref().unwrap_or("")),
        );
    }
    line("numbers", &if about.decimal_comma { "decimal comma" } else { "decimal point" });
    for (sheet, visibility) in &about.sheets {
        let read = if about.sheet.as_ref() == Some(sheet) { ", read" } else { "" };
        line("sheet", &format!("{sheet} ({visibility}{read})"));
    }
    line("used range", &about.used_range.as_deref().unwrap_or("unknown"));
    line("header", &format!("row {}", about.header_row));
    line(
        "rows",
        &format!("{} in, {} out, {} blank", about.rows_in, about.rows_out, about.blank_rows),
    );
    for (rule, rows) in &about.rows_cut {
        line("rows cut", &format!("{rows} by rule `{rule}`"));
    }
    let count =
        |treatment| about.columns.iter().filter(|column| column.treatment == treatment).count();
    let columns = [
        format!("{} kept", count(Treatment::Kept)),
        format!("{} pseudonymised", count(Treatment::Pseudonymised)),
        format!("{} personal, dropped", count(Treatment::DroppedPersonal)),
    ];
    line("columns", &columns.join(", "));
    for class in Class::ALL {
        let cells: u64 = about.columns.iter().map(|column| column.classes[class as usize]).sum();
        if cells > 0 {
            line("cells", &format!("{cells} {}", class.name()));
        }
    }
    for note in &about.notes {
        line("note", note);
    }
    page
}

fn columns(about: &RawAbout) -> String {
    let mut page = String::new();
    let _ = writeln!(page, "\n  {:<40}{:<22}cells by class", "column", "treatment");
    for column in &about.columns {
        let treatment = match column.treatment {
            Treatment::Kept => "kept",
            Treatment::Pseudonymised => "pseudonymised",
            Treatment::DroppedPersonal => "personal, dropped",
        };
        let classes: Vec<String> = Class::ALL
            .iter()
            .filter(|class| column.classes[**class as usize] > 0)
            .map(|class| format!("{} {}", column.classes[*class as usize], class.name()))
            .collect();
        let name = match (column.header.as_str(), column.occurrence) {
            ("", _) => format!(
                "(no header, {})",
                survey::cell::column_letters(about.first_column + column.position)
            ),
            (header, 1) => shortened(header),
            (header, occurrence) => {
                format!("{} ({occurrence}.)", shortened(header))
            }
        };
        let _ = writeln!(page, "  {name:<40}{treatment:<22}{}", classes.join(", "));
    }
    page
}
