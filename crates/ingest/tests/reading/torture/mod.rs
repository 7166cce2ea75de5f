//! Files as they really come, and hostile ones; what becomes of each stands in tests/torture/*.txt
//! (`UPDATE_EXPECTED=1 cargo test` writes it anew, to be read before it is kept).

mod encodings;
mod files;
mod sheets;
mod text;

use std::fmt::Write;
use std::path::PathBuf;

use config::ExportProfile;
use ingest::Error;
use survey::{Hinted, Raw};

use crate::support::{findings, headers, read, rows};

/// Cases of every kind that are made here, and files of other writers.
pub fn all() -> Vec<Case> {
    [encodings::cases(), text::cases(), sheets::cases(), files::cases()]
        .into_iter()
        .flatten()
        .collect()
}

pub struct Case {
    pub name: String,
    pub file: &'static str,
    pub bytes: Vec<u8>,
    pub profile: ExportProfile,
}

fn case(name: impl Into<String>, bytes: impl AsRef<[u8]>, profile: ExportProfile) -> Case {
    Case { name: name.into(), file: "a.csv", bytes: bytes.as_ref().to_vec(), profile }
}

impl Case {
    /// The name says what the expected text leaves out.
    fn shown(mut self, note: &str) -> Self {
        self.name = format!("{} ({note})", self.name);
        self
    }
}

fn outcome(result: &Result<Raw, Error>) -> String {
    let raw = match result {
        Err(error) => {
            return format!("error: {}\n", error.with_hints()).replace("tests/torture/", "");
        }
        Ok(raw) => raw,
    };
    let about = &raw.about;
    let mut text = String::new();
    let _ = writeln!(text, "headers: {}", headers(raw).join(" | "));
    if let Some(encoding) = &about.encoding {
        let _ = writeln!(
            text,
            "encoding: {encoding}, {}",
            about.encoding_reason.as_deref().unwrap_or("-")
        );
    }
    let cut: Vec<String> =
        about.rows_cut.iter().map(|(rule, rows)| format!("{rule} {rows}")).collect();
    let _ = writeln!(
        text,
        "rows: {} in, {} out, {} blank, cut: [{}]",
        about.rows_in,
        about.rows_out,
        about.blank_rows,
        cut.join(", ")
    );
    let total: u64 = about.columns.iter().flat_map(|column| column.classes).sum();
    assert_eq!(
        total,
        about.rows_out * about.columns.len() as u64,
        "every cell of every kept row has one class"
    );
    for row in rows(raw) {
        let shown: String = row.chars().take(160).collect();
        let _ = writeln!(
            text,
            "  {}",
            shown.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'")
        );
    }
    for finding in findings(raw) {
        let _ = writeln!(text, "finding: {finding}");
    }
    for note in &about.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text
}

pub fn check(file: &str, cases: Vec<Case>) {
    let mut found = String::new();
    for case in cases {
        let result = read(case.file, &case.bytes, &case.profile);
        let _ = write!(found, "## {}\n{}\n", case.name, outcome(&result));
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/torture").join(file);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for (found, expected) in found.split("## ").zip(expected.split("## ")) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}
