//! The measures of the model, each once: as DAX, as Malloy and as SQL.

use super::model::Table;
use super::relations::Relation;

/// The mart whose rows are the figures.
pub const FACT: &str = "estimate";

/// One column of one row: figures are never added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    pub name: &'static str,
    pub table: &'static str,
    pub column: &'static str,
    /// Rows of another mart than the figures': which of them.
    pub only: Only,
    pub meaning: &'static str,
    /// Whether it is a number to be shown whole.
    pub is_count: bool,
    /// DAX, without a leading `=`.
    pub dax: String,
}

/// Name, mart, column, which rows of it, meaning.
type Line = (&'static str, &'static str, &'static str, Only, &'static str);
/// A column and what it must hold.
type Only = Option<(&'static str, &'static str)>;

const ALL: [Line; 5] = [
    (
        "Figure",
        FACT,
        "estimate",
        None,
        "the figure in its unit; empty where it is not shown or where more than one figure is meant",
    ),
    ("Low", FACT, "ci_lower", None, "lower bound of its confidence interval"),
    ("High", FACT, "ci_upper", None, "upper bound of its confidence interval"),
    ("n", FACT, "n", None, "unweighted answers in its base, rounded"),
    (
        "Call",
        "change",
        "call",
        Some(("against", "previous_wave")),
        "what is said of it against the wave before",
    ),
];

/// Measures of the columns that the release has.
pub fn of(tables: &[Table], relations: &[Relation]) -> Vec<Measure> {
    let has = |table: &str, column: &str| {
        tables.iter().any(|known| known.name == table && known.has(column))
    };
    let within = within(tables, relations);
    let mut measures = Vec::new();
    for (name, table, column, only, meaning) in ALL {
        if has(table, column) {
            let dax = dax(table, column, only, within.is_some());
            let is_count = column == "n";
            measures.push(Measure { name, table, column, only, meaning, is_count, dax });
        }
    }
    measures
}

fn dax(table: &str, column: &str, only: Only, is_within: bool) -> String {
    let and = if is_within { format!(" && [{WITHIN}]") } else { String::new() };
    let one = format!("IF ( COUNTROWS ( '{table}' ) = 1{and}, MAX ( '{table}'[{column}] ) )");
    match only {
        None => one,
        Some((by, value)) => format!("CALCULATE ( {one}, '{table}'[{by}] = \"{value}\" )"),
    }
}

/// Whether what is picked belongs to the figure of the publication that is picked.
pub const WITHIN: &str = "Is in figure";

/// DAX of that, where the release has figures of the publication.
pub fn within(tables: &[Table], relations: &[Relation]) -> Option<String> {
    const FIGURES: &str = "dim_figure";
    tables.iter().find(|table| table.name == FIGURES)?;
    // What has labels is no list of what belongs to a figure.
    let has_labels = |table: &Table| table.columns.iter().any(|it| it.name.starts_with("label"));
    let of_figure = |table: &&Table| table.name.starts_with("figure_") && !has_labels(table);
    let bridges = tables.iter().filter(of_figure);
    let listed: Vec<String> = bridges
        .filter_map(|bridge| {
            let related = |other: &str| {
                relations.iter().any(|it| it.from == bridge.name && it.column == other)
            };
            let other = bridge.key().into_iter().find(|key| *key != "figure")?.to_owned();
            let name = &bridge.name;
            if related(&other) {
                return Some(format!("NOT ISEMPTY ( '{name}' )"));
            }
            // Its dimension has several keys, so that no relation leads there.
            let of = tables.iter().find(|table| table.is_dimension() && table.has(&other))?;
            Some(format!(
                "NOT ISEMPTY ( CALCULATETABLE ( '{name}', TREATAS ( VALUES ( '{}'[{other}] ), '{name}'[{other}] ) ) )",
                of.name
            ))
        })
        .collect();
    if listed.is_empty() {
        return None;
    }
    Some(format!("NOT ISCROSSFILTERED ( '{FIGURES}' ) || ( {} )", listed.join(" && ")))
}
