//! The reference of the configuration, made from the types that read it: every key with its type, default, example and meaning.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Map, Value};

use crate::schema;
use crate::tables::{self, TableSpec};

/// Finds how a key of a file is written in a configuration that works.
pub type Examples<'a> = &'a dyn Fn(&str, &[String]) -> Option<String>;

const INTRODUCTION: &str = "\
# Configuration reference

Every file of a project, every key and column. `make reference` makes this page from the types that read the files, so it cannot
differ from them. `peil check` reports every mistake at once, with its line; editors underline them where a file begins with
`#:schema` and a path (`peil schema --out config/schemas` writes the schemas). Six keys have no default: `name` of monitor.toml,
`pseudonym_key` of the pipeline file, and `file`, `profile`, `wave` and `panels` of a delivery. Tables that are left out have no
rows, and folders that are left out have no files. A label is one text, or a table with a text for each language.
";

/// Examples of keys that the repository's own survey does not need.
const EXAMPLES: [(&str, &str); 45] = [
    ("monitor.notice", "\"Synthetic data\""),
    ("monitor.fieldwork.panel", "\"gp\""),
    ("monitor.fieldwork.invited", "1200"),
    ("monitor.publication.embargo_until", "\"2026-01-15T07:00:00+01:00\""),
    ("monitor.disclosure.without", "[\"groups\"]"),
    (
        "monitor.quality.straightliner_blocks",
        "{ impact = [\"impact_control\", \"impact_quality\"] }",
    ),
    ("panel.design.strata", "[\"region\"]"),
    ("panel.design.clusters", "\"practice\""),
    ("panel.design.clusters_persist", "true"),
    ("panel.design.nested", "true"),
    ("panel.design.population", "\"practices\""),
    ("panel.design.lonely_psu", "\"adjust\""),
    ("panel.nonresponse.classes", "[\"age_group\", \"sex\"]"),
    ("panel.nonresponse.responded.concept", "\"took_part\""),
    ("panel.nonresponse.responded.code", "\"yes\""),
    ("panel.variance.method", "\"rao_wu\""),
    ("panel.variance.replicates", "500"),
    ("panel.variance.seed", "1"),
    ("panel.variance.fay_factor", "0.3"),
    ("panel.variance.recalibrate", "true"),
    ("panel.variance.centre", "\"estimate\""),
    ("panel.weighting.margins", "[[\"sex\", \"age_group\"], [\"education\"]]"),
    ("panel.weighting.numeric", "[\"income\"]"),
    ("panel.weighting.variance_of", "\"employees\""),
    ("panel.weighting.equal_within_clusters", "true"),
    ("panel.weighting.base_weight", "\"design_weight\""),
    ("panel.weighting.redistribute", "\"proportional\""),
    ("panel.weighting.errors", "\"greg\""),
    ("panel.weighting.note", "\"assumed: targets of 2023\""),
    ("export.cut.values", "[\"Survey Preview\"]"),
    ("rules.rule.last_wave", "2024"),
    ("pipeline.delivery.sheet", "\"Data\""),
    ("pipeline.delivery.expected_rows", "1014"),
    ("pipeline.delivery.minimum_age", "\"10m\""),
    ("pipeline.limits.memory_mib", "512"),
    ("pipeline.limits.rows", "5000000"),
    ("pipeline.limits.columns", "5000"),
    ("pipeline.limits.cells", "1000000000"),
    ("pipeline.limits.record_mib", "16"),
    ("pipeline.limits.uncompressed_mib", "4096"),
    ("pipeline.limits.shared_strings", "10000000"),
    ("pipeline.limits.mart_seconds", "60"),
    ("pipeline.limits.mart_memory_mib", "1024"),
    ("pipeline.lineage.file", "\"../store/lineage.jsonl\""),
    ("pipeline.permissions.group", "\"analysts\""),
];

/// The whole page.
pub fn page(examples: Examples<'_>) -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n| file | what it says |\n|---|---|\n");
    let parts: Vec<Part> = schema::FILES.iter().filter_map(|(name, _)| Part::of(name)).collect();
    for part in &parts {
        let _ =
            writeln!(page, "| [`{0}`](#{1}) | {2} |", part.file, anchor(part.file), part.about());
    }
    for table in tables::ALL {
        let file = format!("config/{}", table.file);
        let _ = writeln!(page, "| [`{file}`](#{}) | one row: {} |", anchor(&file), table.row);
    }
    for part in &parts {
        part.write(&mut page, examples);
    }
    for table in tables::ALL {
        write_table(&mut page, table);
    }
    page
}

fn anchor(file: &str) -> String {
    let kept =
        file.chars().filter(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-'));
    kept.collect::<String>().to_lowercase()
}

fn write_table(page: &mut String, table: &TableSpec) {
    let _ = write!(
        page,
        "\n## `config/{}`\n\nOne row: {}. Comma or semicolon, columns in any order.\n\n",
        table.file, table.row
    );
    page.push_str(
        "| column | must be there | what it holds | values | example |\n|---|---|---|---|---|\n",
    );
    for column in table.columns {
        let must = if column.is_mandatory { "yes" } else { "" };
        let [values, example] =
            [column.values, column.example].map(|text| text.replace('|', "\\|"));
        let example = if example.is_empty() { String::new() } else { format!("`{example}`") };
        let _ = writeln!(
            page,
            "| `{}` | {must} | {} | {values} | {example} |",
            column.name, column.meaning
        );
    }
}

/// One settings file.
struct Part {
    name: &'static str,
    file: &'static str,
    root: Value,
    definitions: Map<String, Value>,
}

impl Part {
    fn of(name: &'static str) -> Option<Self> {
        let file = schema::FILES.iter().find(|(known, _)| *known == name)?.1;
        let root: Value = schema::of(name)?.to_value();
        let definitions = root["definitions"].as_object().cloned().unwrap_or_default();
        Some(Self { name, file, root, definitions })
    }

    fn about(&self) -> &'static str {
        match self.name {
            "monitor" => "the survey: its names, languages, waves, thresholds and gates",
            "panel" => "a panel: who is asked, who counts, how the answers are weighted",
            "export" => "how a producer writes its files",
            "rules" => "what every row should meet",
            "figures" => "the figures of the publication: what each shows and how it is drawn",
            _ => "what to do now: deliveries, key, folders, limits",
        }
    }

    /// The schema behind a reference.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let inner = schema["allOf"].get(0).unwrap_or(schema);
        let inner = inner["anyOf"]
            .as_array()
            .and_then(|any| any.iter().find(|one| one.get("$ref").is_some()))
            .unwrap_or(inner);
        let name = inner["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        name.and_then(|name| self.definitions.get(name)).unwrap_or(inner)
    }

    fn write(&self, page: &mut String, examples: Examples<'_>) {
        let about = self.about();
        let _ =
            write!(page, "\n## `{}`\n\n{}{}.\n", self.file, about[..1].to_uppercase(), &about[1..]);
        self.write_section(page, &self.root, &[], examples);
    }

    /// The keys of one table, then those of the tables in it.
    fn write_section(
        &self,
        page: &mut String,
        schema: &Value,
        path: &[String],
        examples: Examples<'_>,
    ) {
        let Some(properties) = schema["properties"].as_object() else { return };
        page.push_str("\n| key | type | default | example | meaning |\n|---|---|---|---|---|\n");
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut inner: BTreeMap<&String, (String, &Value)> = BTreeMap::new();
        for (key, property) in properties {
            let here: Vec<String> = path.iter().cloned().chain([key.clone()]).collect();
            let shape = self.shape(property);
            let default = match (&property["default"], required.contains(&key.as_str())) {
                (_, true) => "**must be there**".to_owned(),
                (Value::Object(_), _) if shape.table.is_some() => "see below".to_owned(),
                (Value::Null, false) => "left out".to_owned(),
                (value, false) => format!("`{}`", written(value)),
            };
            let example = match self.example(&here, examples) {
                text if text.is_empty() && default.starts_with('`') => default.clone(),
                text => text,
            };
            let meaning = property["description"]
                .as_str()
                .or_else(|| self.resolved(property)["description"].as_str());
            let _ = writeln!(
                page,
                "| `{key}` | {} | {default} | {example} | {} |",
                shape.words,
                meaning.unwrap_or_default().replace('\n', " ").replace('|', "\\|")
            );
            if let Some(table) = shape.table {
                inner.insert(key, (shape.heading, table));
            }
        }
        for (key, (heading, table)) in inner {
            let here: Vec<String> = path.iter().cloned().chain([key.clone()]).collect();
            let dotted = here.join(".");
            let heading = match heading.as_str() {
                "each" => format!("`[{dotted}.NAME]`"),
                "list" => format!("`[[{dotted}]]`"),
                _ => format!("`[{dotted}]`"),
            };
            let _ = write!(page, "\n### {heading} of `{}`\n", self.file);
            self.write_section(page, table, &here, examples);
        }
    }

    /// How a working configuration writes the key.
    fn example(&self, path: &[String], examples: Examples<'_>) -> String {
        let key = format!("{}.{}", self.name, path.join("."));
        let invented = EXAMPLES.iter().find(|(known, _)| *known == key);
        let invented = || invented.map(|(_, example)| (*example).to_owned());
        let example = examples(self.name, path).or_else(invented);
        example.map_or(String::new(), |text| format!("`{}`", text.replace('|', "\\|")))
    }

    /// How the value of a key is written.
    fn shape<'a>(&'a self, property: &'a Value) -> Shape<'a> {
        let schema = self.resolved(property);
        let plain = |words: String| Shape { words, heading: String::new(), table: None };
        if is_labels(schema) {
            return plain("label".to_owned());
        }
        if let Some(words) = named_values(schema) {
            return plain(words);
        }
        if schema["properties"].is_object() {
            return Shape {
                words: "table".to_owned(),
                heading: "one".to_owned(),
                table: Some(schema),
            };
        }
        if let Some(each) = schema.get("additionalProperties").filter(|each| each.is_object()) {
            let inner = self.resolved(each);
            if inner["properties"].is_object() {
                let words = "tables by name".to_owned();
                return Shape { words, heading: "each".to_owned(), table: Some(inner) };
            }
            return plain(format!("table of {}", self.shape(each).words));
        }
        match schema["type"].as_str().or_else(|| schema["type"].get(0).and_then(Value::as_str)) {
            Some("array") => {
                let items = &schema["items"];
                let inner = self.resolved(items);
                if inner["properties"].is_object() {
                    let words = "list of tables".to_owned();
                    return Shape { words, heading: "list".to_owned(), table: Some(inner) };
                }
                plain(format!("list of {}", self.shape(items).words))
            }
            Some("integer") => plain(format!("whole number{}", range(schema))),
            Some("number") => plain(format!("number{}", range(schema))),
            Some("boolean") => plain("true or false".to_owned()),
            Some("string") => plain("text".to_owned()),
            _ => {
                let any = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array());
                let words: Vec<String> =
                    any.into_iter().flatten().map(|one| self.shape(one).words).collect();
                let mut words: Vec<String> =
                    words.into_iter().filter(|one| !one.is_empty()).collect();
                words.dedup();
                plain(words.join(" or "))
            }
        }
    }
}

/// How a value is written, and the keys of the tables that it holds.
struct Shape<'a> {
    words: String,
    heading: String,
    table: Option<&'a Value>,
}

fn is_labels(schema: &Value) -> bool {
    let any = schema["anyOf"].as_array().map_or(&[][..], Vec::as_slice);
    any.iter().any(|one| one.get("propertyNames").is_some())
}

/// The words that a setting may have.
fn named_values(schema: &Value) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for one in schema["enum"].as_array().into_iter().flatten() {
        words.extend(one.as_str().map(|word| format!("`\"{word}\"`")));
    }
    for one in schema["oneOf"].as_array().into_iter().flatten() {
        match (one["const"].as_str(), one["properties"].as_object()) {
            (Some(word), _) => words.push(format!("`\"{word}\"`")),
            (None, Some(keys)) => {
                words.extend(keys.keys().map(|key| format!("`{{ {key} = … }}`")));
            }
            (None, None) => {
                let inner = one["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
                words.extend(inner.map(|word| format!("`\"{word}\"`")));
            }
        }
    }
    (!words.is_empty()).then(|| words.join(", "))
}

fn range(schema: &Value) -> String {
    let bound = |key: &str| schema.get(key).map(written);
    let low = bound("minimum")
        .map(|value| format!("from {value}"))
        .or_else(|| bound("exclusiveMinimum").map(|value| format!("above {value}")));
    let high = bound("maximum")
        .map(|value| format!("to {value}"))
        .or_else(|| bound("exclusiveMaximum").map(|value| format!("below {value}")));
    [low, high].into_iter().flatten().fold(String::new(), |text, part| format!("{text} {part}"))
}

/// A value as TOML writes it.
fn written(value: &Value) -> String {
    match value {
        Value::Array(values) => {
            format!("[{}]", values.iter().map(written).collect::<Vec<_>>().join(", "))
        }
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| format!("{key} = {}", written(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
