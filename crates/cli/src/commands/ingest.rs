//! `peil ingest`: one delivery by a profile, and its receipt.

use pipeline::Error;
use pipeline::look;

use crate::arguments::{IngestArguments, PlanFormat};
use crate::print::data;

pub fn ingest(arguments: &IngestArguments) -> Result<u8, Error> {
    let receipt = look::receipt(
        &arguments.config,
        &arguments.profile,
        &arguments.file,
        arguments.sheet.clone(),
    )?;
    match arguments.format {
        PlanFormat::Table => data(&receipt.page()),
        PlanFormat::Json => {
            data(&format!("{}\n", serde_json::to_string_pretty(&receipt).unwrap_or_default()));
        }
    }
    Ok(0)
}
