//! The names of the columns that cross stages. The engine's own begin with a sign that no concept has, so that no concept can
//! replace or hide one; nothing outside this file writes such a name.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{DictionaryArray, Int16Array, StringArray};
use arrow::datatypes::{Field, Int16Type, Schema};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};

macro_rules! engine {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        $($(#[$doc])* pub const $name: &str = concat!("@", $text);)+
    };
}

/// What the names of engine columns begin with.
pub const SIGN: char = '@';

engine! {
    /// Pseudonym of the respondent.
    RESPONDENT = "respondent",
    WAVE = "wave",
    /// Number of the record in the delivery, from 1.
    RECORD = "record",
    /// Physical line of a text, row of a sheet; from 1.
    LINE = "line",
    /// Row in which a spreadsheet shows it; from 1.
    SHEET_ROW = "sheet_row",
    BASE_WEIGHT = "base_weight",
    WEIGHT = "weight",
    FLAG_SPEEDER = "flag_speeder",
    FLAG_STRAIGHTLINER = "flag_straightliner",
    FLAG_DUPLICATE = "flag_duplicate",
    /// Of the extra `calibration`: the base weight that was calibrated, where it is not `BASE_WEIGHT`.
    BASE = "base",
    G = "g",
    /// Of the extra `calibration`: heteroscedasticity.
    HETEROSCEDASTICITY = "variance",
    /// Of the extra `design`.
    STRATUM = "stratum",
    UNIT = "unit",
    POPULATION = "population",
    /// Of the extra `replicate_scale`.
    REPLICATE = "replicate",
    REPLICATE_SCALE = "replicate_scale",
    SCALE = "scale",
    MEAN_SQUARED_ERROR = "mean_squared_error",
    /// Of the extras `change` and `contrast`: the numbers that decide a test in any family.
    TEST = "test",
}

/// The flags on response quality.
pub const FLAGS: [&str; 3] = [FLAG_SPEEDER, FLAG_STRAIGHTLINER, FLAG_DUPLICATE];

/// Text of the delivered column at a position.
pub fn text(position: u32) -> String {
    numbered("text", position)
}

/// Class of the cells of the delivered column at a position.
pub fn class(position: u32) -> String {
    numbered("class", position)
}

/// Where the cells of the delivered column at a position ended.
pub fn fate(position: u32) -> String {
    numbered("fate", position)
}

/// Where the cells of an item ended, by its concept.
pub fn item_fate(concept: &str) -> String {
    format!("{concept}__fate")
}

/// Why a concept has no value; conditions in SQL may read it.
pub fn missing(concept: &str) -> String {
    format!("{concept}{MISSING}")
}

/// Level of the respondent in a margin of the calibration, from 0.
pub fn margin(index: usize) -> String {
    numbered("margin", index)
}

/// A numeric auxiliary of the calibration, from 0.
pub fn numeric(index: usize) -> String {
    numbered("numeric", index)
}

/// An auxiliary that is averaged within clusters, from 0.
pub fn averaged(index: usize) -> String {
    numbered("averaged", index)
}

/// Weight after a margin over base weight, for R's sweeps, from 0.
pub fn multiplier(index: usize) -> String {
    numbered("multiplier", index)
}

/// Weight in a replicate, from 0.
pub fn replicate(index: usize) -> String {
    numbered("replicate", index + 1)
}

const MISSING: &str = "__missing";

fn numbered(name: &str, number: impl std::fmt::Display) -> String {
    format!("{SIGN}{name}_{number}")
}

/// Whether the column says why a concept has no value.
pub fn is_missing(column: &str) -> bool {
    column.ends_with(MISSING)
}

/// The concept behind its own column or that of its missing reasons.
pub fn concept_of(column: &str) -> &str {
    column.strip_suffix(MISSING).unwrap_or(column)
}

/// An engine column as people and marts call it.
pub fn plain(column: &str) -> &str {
    column.strip_prefix(SIGN).unwrap_or(column)
}

/// Engine columns that stand beside concepts in a mart (`dim_respondent`, `respondent_wide`), under their plain names.
const PUBLISHED: [&str; 8] = [
    RESPONDENT,
    WAVE,
    RECORD,
    BASE_WEIGHT,
    WEIGHT,
    FLAG_SPEEDER,
    FLAG_STRAIGHTLINER,
    FLAG_DUPLICATE,
];

/// What a flag marks.
pub fn flag_name(column: &str) -> &str {
    plain(column).strip_prefix(FLAG).unwrap_or(column)
}

const FLAG: &str = "flag_";

/// Columns of those marts that no hand-off has.
const OF_MARTS: [&str; 3] = ["panel", "delivery", "run_id"];

/// Engine columns that conditions in SQL may read, under their plain names.
const IN_SQL: [&str; 3] = [RESPONDENT, WAVE, RECORD];

/// Names that no concept may have: it would stand in the way of a column of the marts or of SQL; `*` stands for any text.
pub fn reserved() -> Vec<String> {
    let flags = format!("{FLAG}*");
    let of_engine = PUBLISHED.iter().chain(&IN_SQL).map(|column| plain(column));
    let names = of_engine.chain(OF_MARTS).filter(|name| !name.starts_with(FLAG)).chain([&*flags]);
    let names: BTreeSet<String> = names.map(str::to_owned).collect();
    names.into_iter().collect()
}

/// Whether the name is one of `reserved`.
pub fn is_reserved(name: &str) -> bool {
    name.starts_with(FLAG) || reserved().iter().any(|reserved| reserved == name)
}

/// The name, or one like it that is not reserved.
pub fn unreserved(name: &str) -> String {
    if is_reserved(name) { format!("delivered_{name}") } else { name.to_owned() }
}

/// The column of a hand-off behind a column of a mart: an engine column by its plain name, else the concept.
pub fn of_mart(name: &str) -> &str {
    by_plain_name(&PUBLISHED, name)
}

/// The column of a hand-off behind a name in a condition.
pub fn of_sql(name: &str) -> &str {
    by_plain_name(&IN_SQL, name)
}

/// The keys of a category's values over the whole answer list, in its order.
pub fn category(keys: Int16Array, codes: &[&str]) -> DictionaryArray<Int16Type> {
    DictionaryArray::try_new(keys, Arc::new(StringArray::from_iter_values(codes)))
        .expect("a key is a place in the answer list")
}

fn by_plain_name<'a>(columns: &[&'static str], name: &'a str) -> &'a str {
    columns.iter().find(|column| plain(column) == name).map_or(name, |column| *column)
}

/// Place and name in SQL of each column of a hand-off that a condition may read.
fn readable(schema: &Schema) -> impl Iterator<Item = (usize, &str)> {
    let fields = schema.fields().iter().map(|field| field.name().as_str()).enumerate();
    fields
        .filter(|(_, name)| !name.starts_with(SIGN) || IN_SQL.contains(name))
        .map(|(place, name)| (place, plain(name)))
}

/// A hand-off's schema as conditions in SQL see it.
pub fn schema_in_sql(schema: &Schema) -> Schema {
    let field = |(place, name): (usize, &str)| schema.field(place).clone().with_name(name);
    Schema::new(readable(schema).map(field).collect::<Vec<Field>>())
}

/// A hand-off's table as conditions in SQL see it.
pub fn table_in_sql(table: &RecordBatch) -> RecordBatch {
    let whole = table.schema();
    let columns = readable(&whole).map(|(place, _)| Arc::clone(table.column(place))).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(table.num_rows()));
    let schema = Arc::new(schema_in_sql(&whole));
    RecordBatch::try_new_with_options(schema, columns, &options)
        .expect("columns and fields were taken from one table")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engine_columns_cannot_be_named_as_a_concept() {
        let of_engine =
            [RESPONDENT, WEIGHT, &text(3), &class(3), &fate(3), &margin(0), &replicate(0)];
        assert!(of_engine.iter().all(|name| name.starts_with(SIGN)));
        assert!([item_fate("use"), missing("use")].iter().all(|name| name.contains("__")));
    }

    #[test]
    fn what_stands_beside_concepts_in_marts_and_sql_is_reserved() {
        let reserved = ["weight", "base_weight", "record", "wave", "panel", "delivery", "run_id"];
        assert!(reserved.iter().all(|name| is_reserved(name)));
        assert!(
            ["respondent", "flag_speeder", "flag_of_mine"].iter().all(|name| is_reserved(name))
        );
        assert!(
            !["line", "sheet_row", "weights", "flagged", "use"]
                .iter()
                .any(|name| is_reserved(name))
        );
    }

    #[test]
    fn sql_reads_concepts_and_three_columns_of_the_engine() {
        let field = |name: &str| Field::new(name, arrow::datatypes::DataType::Int32, true);
        let names = [RESPONDENT, WAVE, "weight", WEIGHT, "use", "use__missing"];
        let seen = schema_in_sql(&Schema::new(names.map(field).to_vec()));
        let seen: Vec<&str> = seen.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(seen, ["respondent", "wave", "weight", "use", "use__missing"]);
        assert_eq!((of_sql("wave"), of_sql("weight"), of_mart("weight")), (WAVE, "weight", WEIGHT));
    }
}
