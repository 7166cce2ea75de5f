//! What must hold of every text in the settings: it is read, or refused with mistakes that can be shown.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use arrow::array::{ArrayRef, Float64Array, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use expression::{Engine, QueryLimits};
use serde::de::DeserializeOwned;
use survey::condition::with_codes;
use config::{
    CodebookTexts, ExportProfile, Mistake, Monitor, Panel, PipelineFile, Rule, parse_codebook,
    toml_file,
};
use survey::{Expressions, SqlTables};

fn shown(mistakes: &[Mistake]) {
    for mistake in mistakes {
        assert!(!mistake.message.is_empty());
        assert!(mistake.render(false).contains(mistake.message.lines().next().unwrap_or_default()));
    }
}

fn read<T: DeserializeOwned>(text: &str) {
    if let Err(mistakes) = toml_file::parse::<T>(Path::new("a.toml"), text) {
        assert!(!mistakes.is_empty());
        shown(&mistakes);
    }
}

/// Any text as one of the TOML files, which the first byte chooses.
pub fn toml(bytes: &[u8]) -> Option<()> {
    let (kind, text) = bytes.split_first()?;
    let text = std::str::from_utf8(text).ok()?;
    match kind % 5 {
        0 => read::<Monitor>(text),
        1 => read::<Panel>(text),
        2 => read::<Rule>(text),
        3 => read::<ExportProfile>(text),
        _ => read::<PipelineFile>(text),
    }
    Some(())
}

/// Any text as one of the tables of the codebook, beside three that are whole.
pub fn codebook(bytes: &[u8]) -> Option<()> {
    let (table, text) = bytes.split_first()?;
    let text = std::str::from_utf8(text).ok()?;
    let mut texts = TABLES;
    texts[usize::from(table % 4)] = text;
    let [concepts, answers, items, crosswalks] = texts.map(|text| (Path::new("a.csv"), text));
    let mut mistakes = Vec::new();
    let codebook =
        parse_codebook(&CodebookTexts { concepts, answers, items, crosswalks }, &mut mistakes);
    shown(&mistakes);
    let numbers = codebook.items.iter().flat_map(|item| [item.minimum, item.maximum]).flatten();
    assert!(numbers.into_iter().all(f64::is_finite));
    Some(())
}

/// As in tests/base.
const TABLES: [&str; 4] = [
    include_str!("../../tests/base/config/codebook/concepts.csv"),
    include_str!("../../tests/base/config/codebook/answers.csv"),
    include_str!("../../tests/base/config/codebook/items.csv"),
    include_str!("../../tests/base/config/codebook/crosswalks.csv"),
];

/// Any text as a condition, or as the SQL of a mart: looked at, then run within small limits.
pub fn sql(bytes: &[u8]) -> Option<()> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let (kind, text) = bytes.split_first()?;
    let text = std::str::from_utf8(text).ok()?;
    let engine = ENGINE.get_or_init(|| Engine::within(QueryLimits { seconds: 5, memory_mib: 64 }));
    let numbers: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), None, Some(-3.5)]));
    let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("yes"), Some("no"), None]));
    let batch = RecordBatch::try_from_iter([("a", numbers), ("b", texts)]).ok()?;
    let schema = Schema::new(vec![
        Field::new("a", DataType::Float64, true),
        with_codes(Field::new("b", DataType::Utf8, true), ["yes", "no"]),
    ]);
    if kind % 2 == 0 {
        let looked = engine.check(&schema, text);
        let _ = (engine.columns(text), engine.none_of(text, &["yes"]));
        let value = engine.evaluate(&batch, text);
        assert!(looked.is_err() || value.is_ok_and(|value| value.len() == 3), "{text}");
    } else {
        let (_, mistakes) = engine.look(&BTreeMap::from([("t".to_owned(), schema)]), text);
        let answer = engine.query(&BTreeMap::from([("t".to_owned(), vec![batch])]), text);
        assert!(answer.is_ok() || answer.is_err_and(|mistake| !mistake.message.is_empty()));
        assert!(mistakes.iter().all(|mistake| !mistake.message.is_empty()));
    }
    Some(())
}
