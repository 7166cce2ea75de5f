//! The files of a Power BI project (PBIP) around its model: the project, and a report to begin with.

use serde_json::{Value, json};

const SCHEMAS: &str = "https://developer.microsoft.com/json-schemas/fabric";
/// The name of the one page.
const PAGE: &str = "figures";

/// Paths and texts.
pub fn files(name: &str) -> Vec<(String, String)> {
    let report = format!("{name}.Report");
    let schema = |path: &str| format!("{SCHEMAS}/{path}/schema.json");
    let files = [
        (
            format!("{name}.pbip"),
            json!({
                "$schema": schema("pbip/pbipProperties/1.0.0"),
                "version": "1.0",
                "artifacts": [{"report": {"path": report}}],
                "settings": {"enableAutoRecovery": true}
            }),
        ),
        (
            format!("{name}.SemanticModel/definition.pbism"),
            json!({
                "$schema": schema("item/semanticModel/definitionProperties/1.0.0"),
                "version": "4.0",
                "settings": {}
            }),
        ),
        (
            format!("{report}/definition.pbir"),
            json!({
                "$schema": schema("item/report/definitionProperties/1.0.0"),
                "version": "4.0",
                "datasetReference": {"byPath": {"path": format!("../{name}.SemanticModel")}}
            }),
        ),
        (
            format!("{report}/definition/version.json"),
            json!({
                "$schema": schema("item/report/definition/versionMetadata/1.0.0"),
                "version": "2.0.0"
            }),
        ),
        (
            format!("{report}/definition/report.json"),
            json!({
                "$schema": schema("item/report/definition/report/1.2.0"),
                "themeCollection": {"baseTheme": {
                    "name": "CY24SU06",
                    "reportVersionAtImport": "5.55",
                    "type": "SharedResources"
                }},
                "layoutOptimization": "None"
            }),
        ),
        (
            format!("{report}/definition/pages/pages.json"),
            json!({
                "$schema": schema("item/report/definition/pagesMetadata/1.0.0"),
                "pageOrder": [PAGE],
                "activePageName": PAGE
            }),
        ),
        (
            format!("{report}/definition/pages/{PAGE}/page.json"),
            json!({
                "$schema": schema("item/report/definition/page/2.1.0"),
                "name": PAGE,
                "displayName": "1",
                "displayOption": "FitToPage",
                "height": 720,
                "width": 1280
            }),
        ),
    ];
    files.into_iter().map(|(path, value)| (path, pretty(&value))).collect()
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
