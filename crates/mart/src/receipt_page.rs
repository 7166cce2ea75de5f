//! A receipt as a page: one file without scripts, to read, to print and to send to a supplier.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use survey::handoff::Treatment;
use survey::{Finding, Severity};

use crate::receipt::{Column, FindingGroup, Receipt};

const STYLE: &str = include_str!("receipt_page.css");

/// The page of a delivery's receipt.
pub fn page(receipt: &Receipt<'_>) -> String {
    let title = format!("Receipt of {}", receipt.delivery);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    p class="notice" { (receipt.notice.plain()) }
                    h1 { (title) }
                    (in_short(receipt))
                    (to_correct(receipt))
                    (file(receipt))
                    (rows(receipt))
                    (columns(receipt))
                    (for_information(receipt))
                    footer {
                        "This page holds headers, counts and classes of cells, and nobody's answer. The JSON file beside it holds the same facts for machines."
                    }
                }
            }
        }
    };
    page.into_string()
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

fn tile(kind: &str, figure: &str, words: &str) -> Markup {
    html! { div class={ "tile " (kind) } { b { (figure) } span { (words) } } }
}

fn in_short(receipt: &Receipt<'_>) -> Markup {
    let count = |severity| {
        let groups = receipt.findings.iter().filter(|group| group.severity == severity);
        grouped(groups.map(|group| group.count).sum::<u64>())
    };
    let read = receipt.columns.iter().filter(|column| !column.items.is_empty()).count();
    let personal = |column: &&Column<'_>| column.treatment == Treatment::DroppedPersonal;
    let personal = receipt.columns.iter().filter(personal).count();
    let below = format!("rows read, of {} below the header", grouped(receipt.rows.below_header));
    html! {
        section class="tiles" {
            (tile("", &grouped(receipt.rows.read), &below))
            (tile("", &format!("{read} of {}", receipt.columns.len()), "columns that the codebook knows"))
            (tile("", &personal.to_string(), "personal columns, dropped before anything is kept"))
            (tile("error", &count(Severity::Error), "cells or rows with an error"))
            (tile("warning", &count(Severity::Warning), "with a warning"))
        }
    }
}

fn to_correct(receipt: &Receipt<'_>) -> Markup {
    let groups: Vec<&FindingGroup<'_>> =
        receipt.findings.iter().filter(|group| group.severity > Severity::Info).collect();
    html! {
        section {
            h2 { "To correct" }
            @if groups.is_empty() { p { "Nothing: no errors and no warnings." } }
            @for group in groups { (finding_group(group)) }
        }
    }
}

fn for_information(receipt: &Receipt<'_>) -> Markup {
    let groups: Vec<&FindingGroup<'_>> =
        receipt.findings.iter().filter(|group| group.severity == Severity::Info).collect();
    html! {
        @if !groups.is_empty() {
            section {
                h2 { "For information" }
                @for group in groups { (finding_group(group)) }
            }
        }
    }
}

fn finding_group(group: &FindingGroup<'_>) -> Markup {
    let severity = group.severity.name();
    let listed: u64 = group.first.iter().map(|finding| finding.count).sum();
    html! {
        details open[group.severity > Severity::Info] {
            summary {
                span class={ "mark " (severity) } { (severity) }
                " " code { (group.code) }
                " " span class="count" { (grouped(group.count)) }
            }
            table {
                thead {
                    tr {
                        th { "where" } th { "column" } th { "found" } th { "expected" }
                        th { "what was done" } th { "how to correct it" }
                    }
                }
                tbody {
                    @for finding in &group.first {
                        tr {
                            td { (place(finding)) } td { (column(finding)) } td { (finding.found) }
                            td { (finding.expected) } td { (finding.action) } td { (finding.hint) }
                        }
                    }
                }
            }
            @if listed < group.count {
                p class="rest" {
                    "and " (grouped(group.count - listed)) " more: "
                    code { "peil findings --code " (group.code) }
                }
            }
        }
    }
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

fn file(receipt: &Receipt<'_>) -> Markup {
    let mut facts = vec![
        ("file", format!("{} ({} bytes)", receipt.file, grouped(receipt.bytes))),
        ("blake3", receipt.blake3.to_owned()),
        ("read as", format!("{} (profile {})", receipt.profile_label, receipt.profile)),
    ];
    if !receipt.id_space.is_empty() {
        facts.push(("id space", receipt.id_space.to_owned()));
    }
    if let Some(encoding) = receipt.encoding {
        let reason = receipt.encoding_reason.unwrap_or("");
        facts.push(("encoding", format!("{encoding}: {reason}")));
    }
    facts.push(("numbers in texts", format!("with a decimal {}", receipt.decimal_sign)));
    facts.extend(receipt.sheets.iter().map(|sheet| {
        let read = if sheet.was_read { ", read" } else { ", not read" };
        ("sheet", format!("{} ({}{read})", sheet.name, sheet.visibility))
    }));
    facts.push(("used range", receipt.used_range.unwrap_or("unknown").to_owned()));
    facts.push(("header", format!("row {}", receipt.header_row)));
    let cells: Vec<String> =
        receipt.cells.iter().map(|(class, count)| format!("{} {class}", grouped(*count))).collect();
    facts.push(("cells", cells.join(", ")));
    facts.push(("limits", "none was reached: a file beyond one is refused".to_owned()));
    facts.extend(receipt.notes.iter().map(|note| ("note", note.clone())));
    html! {
        section {
            h2 { "The file" }
            dl { @for (name, value) in &facts { dt { (name) } dd { (value) } } }
        }
    }
}

fn rows(receipt: &Receipt<'_>) -> Markup {
    let rows = &receipt.rows;
    let mut lines =
        vec![("below the header, blank ones not counted".to_owned(), rows.below_header, "")];
    let cut = rows.cut_by_rule.iter();
    lines.extend(cut.map(|(rule, count)| (format!("cut by the rule {rule}"), *count, "less")));
    lines.push(("read".to_owned(), rows.read, "sum"));
    let unassigned = rows.unassigned.iter();
    lines.extend(unassigned.map(|(why, count)| (format!("of no panel: {why}"), *count, "less")));
    for panel in &receipt.panels {
        let name = format!("{} {}", panel.label, panel.wave);
        lines.push((name.clone(), panel.rows, ""));
        let quarantined = panel.quarantined.iter();
        lines.extend(
            quarantined.map(|(reason, count)| (format!("quarantined: {reason}"), *count, "less")),
        );
        lines.push((format!("{name}, kept"), panel.kept, "sum"));
    }
    html! {
        section {
            h2 { "Rows" }
            table class="narrow" {
                tbody {
                    @for (words, count, kind) in &lines {
                        tr class=(kind) { td { (words) } td class="number" { (grouped(*count)) } }
                    }
                }
            }
        }
    }
}

/// Kinds of cells as the bars colour them, with their names.
const KINDS: [(&str, &str); 6] = [
    ("text", "text"),
    ("number", "number"),
    ("date", "date"),
    ("bool", "true or false"),
    ("broken", "error or formula without value"),
    ("empty", "empty"),
];

fn columns(receipt: &Receipt<'_>) -> Markup {
    html! {
        section {
            h2 { "Columns" }
            p class="legend" { @for (kind, name) in KINDS { i class=(kind) {} (name) " " } }
            table {
                thead { tr { th {} th { "header" } th { "cells" } th { "read as" } } }
                tbody {
                    @for column in &receipt.columns {
                        @let is_open = column.items.is_empty() && column.treatment == Treatment::Kept;
                        tr class=[is_open.then_some("open")] {
                            td { (column.letters) }
                            td { (header(column)) }
                            td { (bar(column)) }
                            td { (read_as(column)) }
                        }
                    }
                }
            }
        }
    }
}

fn header(column: &Column<'_>) -> Markup {
    html! {
        @match (column.header, column.occurrence) {
            ("", _) => { em { "no header" } }
            (header, 1) => { (header) }
            (header, occurrence) => { (header) " " em { "(" (occurrence) ".)" } }
        }
    }
}

/// Cells by class, as wide as their share.
fn bar(column: &Column<'_>) -> Markup {
    let all: u64 = column.cells.values().sum();
    let words: Vec<String> =
        column.cells.iter().map(|(class, count)| format!("{} {class}", grouped(*count))).collect();
    html! {
        div class="bar" title=(words.join(", ")) {
            @for (class, count) in &column.cells {
                @let is_named = KINDS.iter().any(|(kind, _)| kind == class);
                @let share = *count as f64 * 100.0 / all.max(1) as f64;
                i class=(if is_named { class } else { "broken" }) style=(format!("width:{share:.1}%")) {}
            }
        }
    }
}

fn read_as(column: &Column<'_>) -> Markup {
    let mut concepts: Vec<&str> = column.items.iter().map(|item| item.concept).collect();
    concepts.dedup();
    html! {
        @match column.treatment {
            Treatment::DroppedPersonal => { em { "personal: dropped before anything is kept" } }
            Treatment::Pseudonymised => { em { "id: replaced by a keyed hash" } }
            Treatment::Kept if !concepts.is_empty() => {
                @for (place, concept) in concepts.iter().enumerate() {
                    @if place > 0 { ", " }
                    code { (concept) }
                }
            }
            Treatment::Kept => {
                "not in the codebook"
                @for (place, item) in column.similar.iter().enumerate() {
                    @if place == 0 { "; perhaps " } @else { " or " }
                    code { (item.concept) }
                    " (" (item.panel) " " (item.wave) ": " (item.column) ", "
                    (item.likeness_percent) " % alike)"
                }
            }
        }
    }
}
