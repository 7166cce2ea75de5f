//! `peil audit`: the attack on a release.

use pipeline::{End, Error, audit as attack};

use crate::arguments::{AuditArguments, PlanFormat};
use crate::commands;
use crate::print::data;

pub fn audit(arguments: &AuditArguments) -> Result<u8, Error> {
    let ([release, _], pipeline) = arguments.of.apart([arguments.release.as_deref(), None]);
    let project = commands::open_releases(pipeline)?;
    let report = attack::audit(&project, release, &arguments.against)?;
    match arguments.format {
        PlanFormat::Json => {
            data(&format!("{}\n", serde_json::to_string_pretty(&report).unwrap_or_default()));
        }
        PlanFormat::Table => data(&format!("{report}\n")),
    }
    Ok(if report.findings.is_empty() { 0 } else { End::Refused.exit_code() })
}
