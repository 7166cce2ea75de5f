//! JSON Schemas of the settings, made from the types that read them: what editors and the reference know.

use std::path::Path;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

use crate::publication::FigureFile;
use crate::rule::RuleFile;
use crate::{ExportProfile, Monitor, Panel, PipelineFile};

/// The settings files: each with its name and where it stands in a project.
pub const FILES: [(&str, &str); 6] = [
    ("monitor", "config/monitor.toml"),
    ("panel", "config/panels/PANEL.toml"),
    ("export", "config/exports/PROFILE.toml"),
    ("rules", "config/rules/NAME.toml"),
    ("figures", "config/figures.toml"),
    ("pipeline", "pipelines/NAME.toml"),
];

/// The schema of one of the `FILES`.
pub fn of(name: &str) -> Option<Schema> {
    let title = FILES.iter().find(|(known, _)| *known == name)?.1;
    Some(match name {
        "monitor" => made::<Monitor>(title),
        "panel" => made::<Panel>(title),
        "export" => made::<ExportProfile>(title),
        "rules" => made::<RuleFile>(title),
        "figures" => made::<FigureFile>(title),
        _ => made::<PipelineFile>(title),
    })
}

/// The schema of a settings file, as it is written.
pub fn text(schema: &Schema) -> String {
    let mut text = serde_json::to_string_pretty(schema).unwrap_or_default();
    text.push('\n');
    text
}

/// Draft 7, which all editors of TOML read.
pub fn made<T: JsonSchema>(title: &str) -> Schema {
    let generator: SchemaGenerator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema
}

/// Which of the `FILES` a file of a configuration is.
pub(crate) fn name_of(folder: &Path, file: &Path) -> Option<&'static str> {
    let inside = file.strip_prefix(folder).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    match first {
        "monitor.toml" => Some("monitor"),
        "panels" => Some("panel"),
        "exports" => Some("export"),
        "rules" => Some("rules"),
        _ => None,
    }
}

/// The keys that a file of this kind must have and has not, each with a line that sets it.
pub(crate) fn missing(name: &str, value: &toml::Table) -> Vec<(String, String)> {
    let Some(schema) = of(name).map(Schema::to_value) else { return Vec::new() };
    let mut found = Vec::new();
    let mut look = |at: &str, schema: &Value, table: &toml::Table| {
        let required = schema["required"].as_array().into_iter().flatten();
        for key in required.filter_map(Value::as_str).filter(|key| !table.contains_key(*key)) {
            let key = format!("{at}{key}");
            let line = line(name, &key);
            found.push((format!("`{key}`"), line));
        }
    };
    look("", &schema, value);
    // Lists of tables, one level down: deliveries, rules, cuts.
    for (key, property) in schema["properties"].as_object().into_iter().flatten() {
        let reference = property["items"]["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        let Some(inner) = reference.map(|name| &schema["definitions"][name]) else { continue };
        for table in value.get(key).and_then(toml::Value::as_array).into_iter().flatten() {
            if let Some(table) = table.as_table() {
                look(&format!("{key}."), inner, table);
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// How a key that must be there is written.
fn line(name: &str, key: &str) -> String {
    let example = match (name, key) {
        ("monitor", "name") => "name = \"satisfaction\"",
        ("pipeline", "pseudonym_key") => {
            "[pseudonym_key]\nfile = \"../pseudonym.key\"   # `peil key new FILE` makes one"
        }
        ("pipeline", "delivery") => {
            "[[delivery]]\nfile = \"../deliveries/export.csv\"\nprofile = \"qualtrics_csv\"\nwave = 2025\npanels = [\"respondents\"]"
        }
        ("pipeline", "delivery.file") => "file = \"../deliveries/export.csv\"",
        ("pipeline", "delivery.profile") => {
            "profile = \"qualtrics_csv\"   # a file of config/exports"
        }
        ("pipeline", "delivery.wave") => "wave = 2025",
        ("pipeline", "delivery.panels") => "panels = [\"respondents\"]   # files of config/panels",
        ("export", "label") => "label = \"CSV of our survey tool\"",
        ("export", "container") => "container = \"csv\"",
        ("export", "id") => "id = [\"respondent_id\"]",
        ("rules", "rule.name") => "name = \"hours_fit_a_week\"",
        ("rules", "rule.condition") => "condition = \"hours <= 80\"",
        (_, key) => return format!("{} = …", key.rsplit('.').next().unwrap_or(key)),
    };
    example.to_owned()
}
