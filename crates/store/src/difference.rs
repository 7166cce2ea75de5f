//! Names what differs between two settings, down to the row of the table or the key of the file.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::rerun::{Change, Rerun};

/// Tables inside settings: key of the list, columns that name a row, and how a reason speaks of it.
const TABLES: [(&str, &[&str], Table); 13] = [
    ("panels", &["panel"], Table::Setting),
    ("items", &["panel", "wave", "concept", "option"], Table::Codebook("codebook/items.csv")),
    ("concepts", &["concept"], Table::Codebook("codebook/concepts.csv")),
    ("indicators", &["indicator"], Table::Codebook("indicators.csv")),
    ("breakdowns", &["breakdown"], Table::Codebook("breakdowns.csv")),
    ("targets", &["panel", "wave", "margin", "level"], Table::Totals),
    ("totals", &["panel", "wave", "margin", "level"], Table::Totals),
    ("population_totals", &["panel", "wave", "margin", "level"], Table::Totals),
    ("rules", &["name"], Table::Rules),
    ("eligibility", &["name"], Table::Setting),
    ("marts", &["name"], Table::Setting),
    ("columns", &["name"], Table::Setting),
    ("answer_rows", &["answers", "code"], Table::Codebook("codebook/answers.csv")),
];

#[derive(Clone, Copy)]
enum Table {
    Codebook(&'static str),
    Totals,
    Rules,
    Setting,
}

/// All differences between the settings that a hand-off was made with and those of now.
pub fn reasons(from: &Value, to: &Value) -> Vec<Rerun> {
    let mut found = Vec::new();
    walk(&mut Vec::new(), from, to, &mut found);
    found
}

fn walk(path: &mut Vec<String>, from: &Value, to: &Value, found: &mut Vec<Rerun>) {
    if from == to {
        return;
    }
    match (from, to) {
        (Value::Object(old), Value::Object(new)) => {
            let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for key in keys {
                path.push(key.clone());
                match (old.get(key), new.get(key)) {
                    (Some(old), Some(new)) => walk(path, old, new, found),
                    (old, new) => found.push(reason(path, old, new)),
                }
                path.pop();
            }
        }
        (Value::Array(old), Value::Array(new)) => rows(path, old, new, found),
        _ => found.push(reason(path, Some(from), Some(to))),
    }
}

/// Rows of a table by their key; rows without a key, or in another order, as a whole.
fn rows(path: &mut Vec<String>, old: &[Value], new: &[Value], found: &mut Vec<Rerun>) {
    let last = path.last().map_or("", String::as_str);
    let answers = path.len() >= 2 && path[path.len() - 2] == "answers";
    let (keys, table) = if answers {
        (&["answers", "code"][..], Table::Codebook("codebook/answers.csv"))
    } else if let Some((_, keys, table)) = TABLES.iter().find(|(name, _, _)| *name == last) {
        (*keys, *table)
    } else {
        return found.push(reason(path, Some(&Value::from(old)), Some(&Value::from(new))));
    };
    let (Some(old_rows), Some(new_rows)) = (by_key(old, keys), by_key(new, keys)) else {
        return found.push(reason(path, Some(&Value::from(old)), Some(&Value::from(new))));
    };
    let before = found.len();
    let all: std::collections::BTreeSet<&String> = old_rows.keys().chain(new_rows.keys()).collect();
    for key in all {
        if let (Table::Setting, Some(old), Some(new)) =
            (table, old_rows.get(key), new_rows.get(key))
        {
            path.push(key.clone());
            walk(path, old, new, found);
            path.pop();
            continue;
        }
        row(table, path, key, old_rows.get(key).copied(), new_rows.get(key).copied(), found);
    }
    if found.len() == before {
        let order = |rows: &[Value]| {
            Value::from(rows.iter().map(|row| name_of(row, keys)).collect::<Vec<_>>())
        };
        found.push(reason(path, Some(&order(old)), Some(&order(new))));
    }
}

fn row(
    table: Table,
    path: &[String],
    key: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    found: &mut Vec<Rerun>,
) {
    let changes = match (old, new) {
        (Some(old), Some(new)) if old == new => return,
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let fields: std::collections::BTreeSet<&String> =
                old.keys().chain(new.keys()).collect();
            let changed = fields.into_iter().filter(|field| old.get(*field) != new.get(*field));
            changed
                .map(|field| Change {
                    field: Some(field.clone()),
                    from: old.get(field).cloned(),
                    to: new.get(field).cloned(),
                })
                .collect()
        }
        (old, new) => vec![Change { field: None, from: old.cloned(), to: new.cloned() }],
    };
    for change in changes {
        found.push(match table {
            Table::Codebook(file) => {
                Rerun::CodebookRow { table: file.to_owned(), row: key.to_owned(), change }
            }
            Table::Totals => {
                let of = |field: &str| text_of(old.or(new).and_then(|row| row.get(field)));
                Rerun::PopulationTotal {
                    panel: of("panel"),
                    wave: of("wave"),
                    margin: of("margin"),
                    level: of("level"),
                    change,
                }
            }
            Table::Rules => Rerun::Rule { rule: key.to_owned(), change },
            Table::Setting => {
                Rerun::Setting { setting: format!("{}.{key}", path.join(".")), change }
            }
        });
    }
}

fn by_key<'a>(rows: &'a [Value], keys: &[&str]) -> Option<BTreeMap<String, &'a Value>> {
    let named: BTreeMap<String, &Value> =
        rows.iter().map(|row| (name_of(row, keys), row)).collect();
    (named.len() == rows.len() && !named.contains_key("")).then_some(named)
}

/// `gp,2024,video_use`; parts that are empty are left out.
fn name_of(row: &Value, keys: &[&str]) -> String {
    let parts: Vec<String> =
        keys.iter().map(|key| text_of(row.get(key))).filter(|part| !part.is_empty()).collect();
    parts.join(",")
}

fn text_of(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A difference outside the tables, by its path.
fn reason(path: &[String], from: Option<&Value>, to: Option<&Value>) -> Rerun {
    let change = Change { field: None, from: from.cloned(), to: to.cloned() };
    let place = |word: &str| path.iter().position(|part| part == word);
    if let Some(at) = place("crosswalks") {
        let row = path[at + 1..].iter().filter(|part| *part != "recodes" && *part != "becomes");
        let row = row.cloned().collect::<Vec<_>>().join(",");
        return Rerun::CodebookRow { table: "codebook/crosswalks.csv".to_owned(), row, change };
    }
    if let Some(at) = place("weighting") {
        return Rerun::WeightingScheme { setting: path[at + 1..].join("."), change };
    }
    Rerun::Setting { setting: path.join("."), change }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(from: &Value, to: &Value, expected: &[&str]) {
        let found: Vec<String> = reasons(from, to).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_codebook_row_is_named_with_old_and_new() {
        let book = |column: &str| {
            json!({"codebook": {"items": [
                {"panel": "gp", "wave": 2024, "concept": "sex", "option": "", "column": "Q1"},
                {"panel": "gp", "wave": 2024, "concept": "video_use", "option": "", "column": column}]}})
        };
        check(
            &book("Q12_3"),
            &book("Q14_3"),
            &["codebook/items.csv: `gp,2024,video_use` `column` changed from `Q12_3` to `Q14_3`"],
        );
    }

    #[test]
    fn answers_crosswalks_totals_rules_and_weighting_are_named_as_what_they_are() {
        check(
            &json!({"answers": {"yes_no": [{"answers": "yes_no", "code": "yes"}]}}),
            &json!({"answers": {"yes_no": [{"answers": "yes_no", "code": "yes"}, {"answers": "yes_no", "code": "no"}]}}),
            &["codebook/answers.csv: `yes_no,no` is new"],
        );
        check(
            &json!({"crosswalks": {"yn": {"recodes": {"1": {"becomes": {"code": "yes"}}}}}}),
            &json!({"crosswalks": {"yn": {"recodes": {"1": {"becomes": {"code": "no"}}}}}}),
            &["codebook/crosswalks.csv: `yn,1,code` changed from `yes` to `no`"],
        );
        let total = |total: f64| json!({"targets": [{"panel": "gp", "wave": 2024, "margin": "sex", "level": "female", "total": total}]});
        check(
            &total(1.0),
            &total(2.0),
            &["targets/gp.csv: 2024 total of `sex=female` `total` changed from `1.0` to `2.0`"],
        );
        check(
            &json!({"rules": [{"name": "r1", "condition": "a > 1"}]}),
            &json!({"rules": [{"name": "r1", "condition": "a > 2"}]}),
            &["rule `r1` `condition` changed from `a > 1` to `a > 2`"],
        );
        check(
            &json!({"weighting": {"trim": "none"}}),
            &json!({"weighting": {"trim": "once"}}),
            &["weighting: `trim` changed from `none` to `once`"],
        );
    }

    #[test]
    fn rows_in_another_order_are_a_difference_too() {
        let rows =
            |first: &str, second: &str| json!({"rules": [{"name": first}, {"name": second}]});
        assert_eq!(reasons(&rows("a", "b"), &rows("b", "a")).len(), 1);
    }
}
