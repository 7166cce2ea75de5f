//! Printing: data on the output stream, all else on the error stream.
#![expect(clippy::print_stderr, reason = "the one place that prints")]

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use serde_json::json;

use pipeline::Error;
use pipeline::error::End;
use survey::header::{visible, written_out};
use survey::spreadsheet::neutral;
use survey::{Hinted, Message};

/// Data: what a caller may pipe on.
pub fn data(text: &str) {
    // A reader that closed the pipe early wants no more.
    let text = written_out(text, &['\n', '\t']);
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Whether the error stream is a log of JSON objects: then nothing else may stand in it.
static AS_JSON: AtomicBool = AtomicBool::new(false);

pub fn as_json() {
    AS_JSON.store(true, Ordering::Relaxed);
}

/// Everything that is no data.
pub fn message(text: &str) {
    said("INFO", "message", text);
}

/// Errors, one below the other.
pub fn error(error: &Error) {
    let texts: Vec<String> = error.each().into_iter().map(one).collect();
    said("ERROR", "error", &texts.join("\n\n"));
}

/// An error that is no stage's, and its hint.
pub fn failure(text: &str, hint: Option<&str>) {
    let message = Message::new(text, hint.map(str::to_owned));
    said("ERROR", "error", &indented("error: ", &[message]));
}

/// Where a bug is.
pub fn bug_at(text: &str) {
    said("ERROR", "bug", text);
}

/// A bug, and what it leaves behind.
pub fn bug(text: &str, hint: &str) {
    let message = Message::new(text, Some(hint.to_owned()));
    said("ERROR", "bug", &indented("error: ", &[message]));
}

fn said(level: &str, event: &str, text: &str) {
    if AS_JSON.load(Ordering::Relaxed) {
        let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        eprintln!("{}", json!({"timestamp": now, "level": level, "event": event, "text": text}));
    } else {
        eprintln!("{}", written_out(text, &['\n', '\t']));
    }
}

fn one(error: &Error) -> String {
    match error {
        // They say `error:` themselves.
        Error::Configuration(mistakes) => {
            let texts: Vec<String> = mistakes.iter().map(|mistake| mistake.render(false)).collect();
            texts.join("\n\n")
        }
        stopped if stopped.end() == End::Interrupted => {
            "interrupted: what ran is kept; run again to go on".to_owned()
        }
        other => indented("error: ", &other.messages()),
    }
}

/// Messages behind a word, hints in lines of their own, further lines indented.
fn indented(word: &str, messages: &[Message]) -> String {
    let mut text = word.to_owned();
    for (place, message) in messages.iter().enumerate() {
        if place > 0 {
            text.push('\n');
        }
        text.push_str(&message.text);
        if let Some(hint) = &message.hint {
            text.push_str("\nhint: ");
            text.push_str(hint);
        }
    }
    below(&text)
}

/// The lines one behind the other.
pub fn in_one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("; ")
}

/// Further lines indented, blank ones left out.
pub fn below(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    lines.join("\n  ")
}

/// A table with a header; numbers stand to the right.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let shown = |row: &Vec<String>| row.iter().map(|cell| visible(cell).into_owned()).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(shown).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let right = |column: usize| {
        let number = |text: &String| text.is_empty() || text.parse::<f64>().is_ok();
        !rows.is_empty() && rows.iter().all(|row| number(&row[column]))
    };
    let rights: Vec<bool> = (0..header.len()).map(right).collect();
    let line = |cells: Vec<&str>| {
        let cells = cells.iter().enumerate().map(|(column, cell)| {
            let width = widths[column];
            if rights[column] { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        let text = cells.collect::<Vec<_>>().join("  ");
        text.trim_end().to_owned() + "\n"
    };
    let mut text = line(header.to_vec());
    for row in &rows {
        text.push_str(&line(row.iter().map(String::as_str).collect()));
    }
    text
}

/// Fields of a CSV line; what a spreadsheet would run is made a text.
pub fn csv_line(fields: &[String]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // A vector takes all that is written.
    let _ = writer.write_record(fields.iter().map(|field| neutral(field).into_owned()));
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// `1234567` as `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_with_a_line_break_a_comma_or_a_quotation_mark_is_quoted() {
        let line = |field: &str| csv_line(&[field.to_owned(), "x".to_owned()]);
        assert_eq!(line("a\nb"), "\"a\nb\",x\n");
        assert_eq!(line("a\rb"), "\"a\rb\",x\n");
        assert_eq!(line("a,b"), "\"a,b\",x\n");
        assert_eq!(line("a\"b"), "\"a\"\"b\",x\n");
        assert_eq!(line("a;b"), "a;b,x\n");
    }

    #[test]
    fn a_field_that_a_spreadsheet_would_run_is_made_a_text() {
        let line = |field: &str| csv_line(&[field.to_owned()]);
        assert_eq!(line("=1+1"), "'=1+1\n");
        assert_eq!(line("@a"), "'@a\n");
        assert_eq!(line("-5"), "-5\n");
    }

    #[test]
    fn a_cell_of_a_table_breaks_no_line_and_steers_no_terminal() {
        let text = table(&["a", "b"], &[vec!["x\ny".to_owned(), "\u{1b}[31m".to_owned()]]);
        assert_eq!(text.lines().count(), 2);
        assert!(text.contains("x\\ny") && text.contains("\\u001b[31m"), "{text}");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn hints_stand_on_their_own_line() {
        let message = |text: &str, hint: Option<&str>| Message::new(text, hint.map(str::to_owned));
        let several = [message("gp 2024: a\n  b", Some("c; hint: d")), message("e", None)];
        assert_eq!(
            indented("error: ", &several),
            "error: gp 2024: a\n    b\n  hint: c; hint: d\n  e"
        );
    }
}
