//! A receipt as a page: one file without scripts, to read, to print and to send to a supplier.

use std::fmt::Write;

use survey::handoff::Treatment;
use survey::{Finding, Severity};

use crate::receipt::{Column, FindingGroup, Receipt};

const STYLE: &str = include_str!("receipt_page.css");

pub fn page(receipt: &Receipt<'_>) -> String {
    let title = format!("Receipt of {}", receipt.delivery);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<p class=\"notice\">{1}</p>\n<h1>{0}</h1>\n",
        escaped(&title),
        escaped(receipt.notice.plain())
    );
    in_short(&mut html, receipt);
    to_mend(&mut html, receipt);
    file(&mut html, receipt);
    rows(&mut html, receipt);
    columns(&mut html, receipt);
    for_information(&mut html, receipt);
    html.push_str("<footer>The page holds headers, counts and classes of cells, and no answer of anybody. The same facts for machines stand in the JSON file beside it.</footer>\n</main>\n</body>\n</html>\n");
    html
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `1234567` as `1 234 567`, with narrow no-break spaces.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

fn tile(html: &mut String, kind: &str, figure: &str, words: &str) {
    let _ = writeln!(
        html,
        "<div class=\"tile {kind}\"><b>{}</b><span>{}</span></div>",
        escaped(figure),
        escaped(words)
    );
}

fn in_short(html: &mut String, receipt: &Receipt<'_>) {
    let count = |severity| {
        let groups = receipt.findings.iter().filter(|group| group.severity == severity);
        groups.map(|group| group.count).sum::<u64>()
    };
    let read = receipt.columns.iter().filter(|column| !column.items.is_empty()).count();
    let personal = |column: &&Column<'_>| column.treatment == Treatment::DroppedPersonal;
    let personal = receipt.columns.iter().filter(personal).count();
    html.push_str("<section class=\"tiles\">\n");
    let below = receipt.rows.below_header;
    tile(
        html,
        "",
        &grouped(receipt.rows.read),
        &format!("rows read, of {} below the header", grouped(below)),
    );
    let columns = receipt.columns.len();
    tile(html, "", &format!("{read} of {columns}"), "columns that the codebook knows");
    tile(html, "", &personal.to_string(), "personal columns, dropped at the door");
    tile(html, "error", &grouped(count(Severity::Error)), "cells or rows with an error");
    tile(html, "warning", &grouped(count(Severity::Warning)), "with a warning");
    html.push_str("</section>\n");
}

fn to_mend(html: &mut String, receipt: &Receipt<'_>) {
    let groups: Vec<&FindingGroup<'_>> =
        receipt.findings.iter().filter(|group| group.severity > Severity::Info).collect();
    html.push_str("<section>\n<h2>To mend</h2>\n");
    if groups.is_empty() {
        html.push_str("<p>Nothing: no errors and no warnings.</p>\n");
    }
    for group in groups {
        finding_group(html, group);
    }
    html.push_str("</section>\n");
}

fn finding_group(html: &mut String, group: &FindingGroup<'_>) {
    let severity = group.severity.name();
    let _ = writeln!(
        html,
        "<details{}><summary><span class=\"mark {severity}\">{severity}</span> <code>{}</code> <span class=\"count\">{}</span></summary>\n<table>\n<thead><tr><th>where</th><th>column</th><th>found</th><th>expected</th><th>what was done</th><th>how to mend it</th></tr></thead>\n<tbody>",
        if group.severity > Severity::Info { " open" } else { "" },
        escaped(group.code),
        grouped(group.count)
    );
    for finding in &group.first {
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(&place(finding)),
            escaped(&column(finding)),
            escaped(&finding.found),
            escaped(&finding.expected),
            escaped(&finding.action),
            escaped(&finding.hint)
        );
    }
    let listed: u64 = group.first.iter().map(|finding| finding.count).sum();
    html.push_str("</tbody>\n</table>\n");
    if listed < group.count {
        let rest = grouped(group.count - listed);
        let _ = writeln!(
            html,
            "<p class=\"rest\">and {rest} more: <code>peil findings --code {}</code></p>",
            escaped(group.code)
        );
    }
    html.push_str("</details>\n");
}

/// Header, and the panel and concept that it was read for.
fn column(finding: &Finding) -> String {
    let of: Vec<&str> =
        [&finding.panel, &finding.concept].into_iter().flatten().map(String::as_str).collect();
    match (finding.column.as_deref().unwrap_or(""), of.is_empty()) {
        (header, true) => header.to_owned(),
        ("", false) => of.join(" "),
        (header, false) => format!("{header} ({})", of.join(" ")),
    }
}

fn place(finding: &Finding) -> String {
    let mut parts = Vec::new();
    parts.extend(
        finding.sheet.iter().filter(|_| finding.cell.is_some()).map(|sheet| format!("{sheet}!")),
    );
    parts.extend(finding.cell.clone());
    let mut text = parts.concat();
    if let (Some(line), None) = (finding.line, &finding.cell) {
        text = format!("line {line}");
    }
    if finding.count > 1 {
        let times = format!("{}×", grouped(finding.count));
        text = if text.is_empty() { times } else { format!("{text}, {times}") };
    }
    text
}

fn file(html: &mut String, receipt: &Receipt<'_>) {
    html.push_str("<section>\n<h2>The file</h2>\n<dl>\n");
    let mut fact = |name: &str, value: &str| {
        let _ = writeln!(html, "<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(value));
    };
    fact("file", &format!("{} ({} bytes)", receipt.file, grouped(receipt.bytes)));
    fact("blake3", receipt.blake3);
    fact("read as", &format!("{} (profile {})", receipt.profile_label, receipt.profile));
    if !receipt.id_space.is_empty() {
        fact("id space", receipt.id_space);
    }
    if let Some(encoding) = receipt.encoding {
        fact("encoding", &format!("{encoding}: {}", receipt.encoding_reason.unwrap_or("")));
    }
    fact("numbers in texts", &format!("with a decimal {}", receipt.decimal_sign));
    for sheet in &receipt.sheets {
        let read = if sheet.was_read { ", read" } else { ", not read" };
        fact("sheet", &format!("{} ({}{read})", sheet.name, sheet.visibility));
    }
    fact("used range", receipt.used_range.unwrap_or("unknown"));
    fact("header", &format!("row {}", receipt.header_row));
    let cells: Vec<String> =
        receipt.cells.iter().map(|(class, count)| format!("{} {class}", grouped(*count))).collect();
    fact("cells", &cells.join(", "));
    fact("limits", "none was reached: a file beyond one is refused");
    for note in receipt.notes {
        fact("note", note);
    }
    html.push_str("</dl>\n</section>\n");
}

fn rows(html: &mut String, receipt: &Receipt<'_>) {
    html.push_str("<section>\n<h2>Rows</h2>\n<table class=\"narrow\">\n<tbody>\n");
    let mut row = |words: &str, rows: u64, kind: &str| {
        let _ = writeln!(
            html,
            "<tr class=\"{kind}\"><td>{}</td><td class=\"number\">{}</td></tr>",
            escaped(words),
            grouped(rows)
        );
    };
    let rows = &receipt.rows;
    row("below the header, blank ones not counted", rows.below_header, "");
    for (rule, count) in rows.cut_by_rule {
        row(&format!("cut by the rule {rule}"), *count, "less");
    }
    row("read", rows.read, "sum");
    for (filter, count) in &rows.unassigned {
        row(&format!("of no panel: {filter}"), *count, "less");
    }
    for panel in &receipt.panels {
        row(&format!("{} {}", panel.label, panel.wave), panel.rows, "");
        for (reason, count) in panel.quarantined {
            row(&format!("quarantined: {reason}"), *count, "less");
        }
        row(&format!("{} {}, kept", panel.label, panel.wave), panel.kept, "sum");
    }
    html.push_str("</tbody>\n</table>\n</section>\n");
}

fn columns(html: &mut String, receipt: &Receipt<'_>) {
    html.push_str("<section>\n<h2>Columns</h2>\n<p class=\"legend\"><i class=\"text\"></i>text <i class=\"number\"></i>number <i class=\"date\"></i>date <i class=\"bool\"></i>true or false <i class=\"broken\"></i>error or formula without value <i class=\"empty\"></i>empty</p>\n<table>\n<thead><tr><th></th><th>header</th><th>cells</th><th>read as</th></tr></thead>\n<tbody>\n");
    for column in &receipt.columns {
        let header = match (column.header, column.occurrence) {
            ("", _) => "<em>no header</em>".to_owned(),
            (header, 1) => escaped(header),
            (header, occurrence) => format!("{} <em>({occurrence}.)</em>", escaped(header)),
        };
        let open = column.items.is_empty() && column.treatment == Treatment::Kept;
        let kind = if open { " class=\"open\"" } else { "" };
        let _ = writeln!(
            html,
            "<tr{kind}><td>{}</td><td>{header}</td><td>{}</td><td>{}</td></tr>",
            column.letters,
            bar(column),
            read_as(column)
        );
    }
    html.push_str("</tbody>\n</table>\n</section>\n");
}

/// Cells by class, as wide as their share.
fn bar(column: &Column<'_>) -> String {
    let all: u64 = column.cells.values().sum();
    let mut words = Vec::new();
    let mut html = String::new();
    for (class, count) in &column.cells {
        let kind = match *class {
            "text" | "number" | "date" | "bool" | "empty" => class,
            _ => "broken",
        };
        let share = *count as f64 * 100.0 / all.max(1) as f64;
        let _ = write!(html, "<i class=\"{kind}\" style=\"width:{share:.1}%\"></i>");
        words.push(format!("{} {class}", grouped(*count)));
    }
    format!("<div class=\"bar\" title=\"{}\">{html}</div>", words.join(", "))
}

fn read_as(column: &Column<'_>) -> String {
    match column.treatment {
        Treatment::DroppedPersonal => return "<em>personal: dropped at the door</em>".to_owned(),
        Treatment::Pseudonymised => return "<em>id: made a keyed hash</em>".to_owned(),
        Treatment::Kept => {}
    }
    let mut concepts: Vec<String> =
        column.items.iter().map(|item| format!("<code>{}</code>", escaped(item.concept))).collect();
    concepts.dedup();
    if !concepts.is_empty() {
        return concepts.join(", ");
    }
    let similar: Vec<String> = column
        .similar
        .iter()
        .map(|item| {
            format!(
                "<code>{}</code> ({} {}: {}, {} % alike)",
                escaped(item.concept),
                escaped(item.panel),
                item.wave,
                escaped(item.column),
                item.likeness_percent
            )
        })
        .collect();
    if similar.is_empty() {
        "not in the codebook".to_owned()
    } else {
        format!("not in the codebook; perhaps {}", similar.join(" or "))
    }
}

fn for_information(html: &mut String, receipt: &Receipt<'_>) {
    let mut groups =
        receipt.findings.iter().filter(|group| group.severity == Severity::Info).peekable();
    if groups.peek().is_none() {
        return;
    }
    html.push_str("<section>\n<h2>For information</h2>\n");
    for group in groups {
        finding_group(html, group);
    }
    html.push_str("</section>\n");
}
