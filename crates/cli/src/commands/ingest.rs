//! `peil ingest`: a first look at one file, by a profile or by whichever fits; nothing is kept.

use pipeline::Error;
use pipeline::first_look::{LookRequest, first_look, header_page};

use crate::arguments::{IngestArguments, PlanFormat};
use crate::print::{data, message};

pub fn ingest(arguments: &IngestArguments) -> Result<u8, Error> {
    let request = LookRequest {
        file: arguments.file.clone(),
        profile: arguments.profile.clone(),
        config: arguments.config.clone(),
        sheet: arguments.sheet.clone(),
        memory_mib: arguments.memory_mib,
        read_twice: arguments.second_reader,
    };
    if arguments.show_header {
        data(&header_page(&request)?);
    }
    let looked = first_look(&request)?;
    if let Some(note) = &looked.note {
        message(note);
    }
    match arguments.format {
        PlanFormat::Table => data(&pipeline::first_look::page(&looked.look)),
        PlanFormat::Json => {
            data(&format!("{}\n", serde_json::to_string_pretty(&looked.look).unwrap_or_default()));
        }
    }
    Ok(0)
}
