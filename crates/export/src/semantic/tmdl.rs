//! The model as TMDL: one text a table, the relations, the languages.

use std::fmt::Write;
use std::path::Path;

use super::measures::{WITHIN, within};
use super::model::{Column, Kind, Made, Star, Table};
use crate::release::Release;
use crate::words::Words;

/// The parameter that says where the release is.
const FOLDER: &str = "ReleaseFolder";
/// The table that holds the measures: a measure may not be called as a column of its table is.
const MEASURES: &str = "measures";

/// Paths and texts below `definition`.
pub fn texts(
    star: &Star,
    release: &Release,
    folder: &Path,
    cultures: &[(String, Words)],
) -> Vec<(String, String)> {
    let mut texts = vec![
        ("database.tmdl".to_owned(), "database\n\tcompatibilityLevel: 1600\n".to_owned()),
        ("model.tmdl".to_owned(), model(star, release, cultures)),
        ("expressions.tmdl".to_owned(), parameter(folder)),
        ("relationships.tmdl".to_owned(), relations(star)),
        (format!("tables/{MEASURES}.tmdl"), measures(star)),
    ];
    texts.extend(star.tables.iter().map(|it| (format!("tables/{}.tmdl", it.name), table(it))));
    for (language, words) in cultures {
        let path = format!("cultures/{}.tmdl", words.culture);
        texts.push((path, culture(star, language, words)));
    }
    texts
}

/// A name as TMDL writes it.
fn name(name: &str) -> String {
    let is_plain =
        !name.is_empty() && name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
    if is_plain { name.to_owned() } else { format!("'{}'", name.replace('\'', "''")) }
}

/// A description stands above its object, each line marked.
fn described(text: &str, indent: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.flat_map(|line| [indent, "/// ", line, "\n"]).collect()
}

fn model(star: &Star, release: &Release, cultures: &[(String, Words)]) -> String {
    let notices: Vec<&str> = release.manifest.notice.values().map(String::as_str).collect();
    let mut text = described(&notices.join("\n"), "");
    text.push_str("model Model\n");
    let first = cultures.first().map_or("en-GB", |(_, words)| words.culture.as_str());
    let _ = writeln!(text, "\tculture: {first}");
    text.push_str("\tdefaultPowerBIDataSourceVersion: powerBI_V3\n");
    let _ = writeln!(text, "\tsourceQueryCulture: {first}");
    text.push_str("\tdiscourageImplicitMeasures\n");
    let _ = writeln!(text, "\n\tannotation peil_release = {}\n", release.manifest.release);
    let _ = writeln!(text, "ref table {MEASURES}");
    for table in &star.tables {
        let _ = writeln!(text, "ref table {}", name(&table.name));
    }
    text.push('\n');
    for (_, words) in cultures {
        let _ = writeln!(text, "ref cultureInfo {}", name(&words.culture));
    }
    text
}

fn parameter(folder: &Path) -> String {
    let path = m_text(&folder.to_string_lossy());
    let meaning = described("Folder of the release; one level above public", "");
    format!(
        "{meaning}expression {FOLDER} = {path} meta [IsParameterQuery=true, Type=\"Text\", IsParameterQueryRequired=true]\n"
    )
}

fn m_text(text: &str) -> String {
    format!("\"{}\"", text.replace("#(", "#(#)(").replace('"', "\"\""))
}

fn relations(star: &Star) -> String {
    let relation = |it: &super::relations::Relation| {
        let (from, to, column) = (name(&it.from), name(&it.to), name(&it.column));
        let called = name(&format!("{}_to_{}", it.from, it.to));
        format!("relationship {called}\n\tfromColumn: {from}.{column}\n\ttoColumn: {to}.{column}\n")
    };
    star.relations.iter().map(relation).collect::<Vec<_>>().join("\n")
}

fn measures(star: &Star) -> String {
    let mut text = format!("table {MEASURES}\n");
    for measure in &star.measures {
        text.push('\n');
        text.push_str(&described(measure.meaning, "\t"));
        let _ = writeln!(text, "\tmeasure {} = {}", name(measure.name), measure.dax);
        if measure.is_count {
            text.push_str("\t\tformatString: #,0\n");
        }
    }
    if let Some(dax) = within(&star.tables, &star.relations) {
        let _ = writeln!(text, "\n\tmeasure {} = {dax}\n\t\tisHidden", name(WITHIN));
    }
    text.push_str("\n\tcolumn placeholder\n\t\tdataType: string\n\t\tisHidden\n\t\tsummarizeBy: none\n\t\tsourceColumn: placeholder\n");
    let _ = write!(
        text,
        "\n\tpartition {MEASURES} = m\n\t\tmode: import\n\t\tsource = #table(type table [placeholder = text], {{}})\n"
    );
    text
}

fn table(table: &Table) -> String {
    let mut text = described(&table.grain, "");
    let _ = writeln!(text, "table {}", name(&table.name));
    for it in &table.columns {
        text.push('\n');
        text.push_str(&column(it));
    }
    let _ = write!(
        text,
        "\n\tpartition {} = m\n\t\tmode: import\n\t\tsource =\n{}",
        name(&table.name),
        source(table)
    );
    text
}

fn column(column: &Column) -> String {
    let kind = match column.kind {
        Kind::Text => "string",
        Kind::Whole => "int64",
        Kind::Decimal => "double",
        Kind::Truth => "boolean",
        Kind::Date => "dateTime",
    };
    let mut text = described(&column.meaning, "\t");
    let _ = write!(text, "\tcolumn {}\n\t\tdataType: {kind}\n", name(&column.name));
    if column.is_hidden {
        text.push_str("\t\tisHidden\n");
    }
    let _ = write!(text, "\t\tsummarizeBy: none\n\t\tsourceColumn: {}\n", column.name);
    if let Some(by) = &column.sort_by {
        let _ = writeln!(text, "\t\tsortByColumn: {}", name(by));
    }
    text
}

/// Power Query: the Parquet file, and the columns that are made from others.
fn source(table: &Table) -> String {
    let file = m_text(&format!("/public/{}.parquet", table.name));
    let mut steps =
        vec![("Source".to_owned(), format!("Parquet.Document(File.Contents({FOLDER} & {file}))"))];
    let field = |name: &str| format!("[#{}]", m_text(name));
    for column in &table.columns {
        let before = steps.last().map_or("Source", |(step, _)| step.as_str());
        let called = m_text(&column.name);
        let made = match &column.made {
            None => continue,
            Some(Made::Order) => {
                format!("Table.AddIndexColumn({before}, {called}, 1, 1, Int64.Type)")
            }
            Some(Made::Key(of)) => {
                let parts: Vec<String> = of
                    .iter()
                    .map(|name| match table.kind(name) {
                        Kind::Text => field(name),
                        _ => format!("Text.From({})", field(name)),
                    })
                    .collect();
                let parts = parts.join(", ");
                format!(
                    "Table.AddColumn({before}, {called}, each Text.Combine({{{parts}}}, \":\"), type text)"
                )
            }
            Some(Made::Label(first, second)) => format!(
                "Table.AddColumn({before}, {called}, each {} & \": \" & {}, type text)",
                field(first),
                field(second)
            ),
        };
        steps.push((format!("Step{}", steps.len()), made));
    }
    let last = steps.last().map(|(step, _)| step.clone()).unwrap_or_default();
    let lines: Vec<String> =
        steps.iter().map(|(step, text)| format!("\t\t\t\t\t{step} = {text}")).collect();
    format!("\t\t\t\tlet\n{}\n\t\t\t\tin\n\t\t\t\t\t{last}\n", lines.join(",\n"))
}

/// Captions in a language.
fn culture(star: &Star, language: &str, words: &Words) -> String {
    let mut text =
        format!("cultureInfo {}\n\ttranslations\n\t\tmodel Model\n", name(&words.culture));
    let caption = |text: &mut String, indent: &str, caption: &str| {
        let _ = writeln!(text, "{indent}caption: {caption}");
    };
    let _ = write!(text, "\n\t\t\ttable {MEASURES}\n");
    for measure in &star.measures {
        let _ = write!(text, "\n\t\t\t\tmeasure {}\n", name(measure.name));
        caption(&mut text, "\t\t\t\t\t", words.caption(measure.name));
    }
    for table in &star.tables {
        let _ = write!(text, "\n\t\t\ttable {}\n", name(&table.name));
        caption(&mut text, "\t\t\t\t", words.caption(&table.name));
        for column in table.columns.iter().filter(|column| !column.is_hidden) {
            if let Some(called) = called(&column.name, language, &star.languages, words) {
                let _ = write!(text, "\n\t\t\t\tcolumn {}\n", name(&column.name));
                caption(&mut text, "\t\t\t\t\t", &called);
            }
        }
    }
    text
}

/// What a column is called in a language; labels of another language say so.
fn called(column: &str, language: &str, languages: &[String], words: &Words) -> Option<String> {
    let of = languages.iter().find_map(|of| Some((of, column.strip_suffix(&format!("_{of}"))?)));
    let (stem, ending) = match of {
        Some((of, stem)) if of == language => (stem, String::new()),
        Some((of, stem)) => (stem, format!(" ({of})")),
        None => (column, String::new()),
    };
    let caption = words.caption.get(stem);
    if caption.is_none() && stem == column {
        return None;
    }
    Some(format!("{}{ending}", caption.map_or(stem, String::as_str)))
}
