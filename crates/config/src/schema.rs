//! JSON Schemas of the settings, made from the types that read them: what editors and the reference know.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};

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
