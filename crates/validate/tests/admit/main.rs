//! What `validate::admit` promises.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod cells;
mod columns;
mod crosswalks;
#[path = "../fixture/mod.rs"]
mod fixture;
mod routing;
mod rows;

use std::collections::BTreeMap;

use arrow::array::{AsArray, StringArray};
use arrow::datatypes::Int16Type;
use config::panel::Split;
use fixture::{admit_settings, answers, cells, codebook, concept, crosswalk, item, raw};
use routing::routed;
use survey::codebook::{Codebook, Kind, Role};
use survey::{Admitted, Fate, Finding, Hinted, MissingReason, Severity};
use validate::{Completion, Error, ErrorKind, admit};

const KEPT: Fate = Fate::Kept;
const RECODED: Fate = Fate::Recoded;
const EMPTY: Fate = Fate::Missing(MissingReason::Unanswered);
const NOT_ROUTED: Fate = Fate::Missing(MissingReason::NotRouted);
const BROKE_OFF: Fate = Fate::Missing(MissingReason::BrokeOff);
const DONT_KNOW: Fate = Fate::Missing(MissingReason::DontKnow);
const INVALID: Fate = Fate::Quarantined;

fn admitted(lines: &[&str], codebook: Codebook) -> Admitted {
    admit(&raw(lines), &admit_settings(codebook)).unwrap()
}

fn found<'a>(findings: &'a [Finding], code: &str) -> Vec<&'a Finding> {
    findings.iter().filter(|finding| finding.code == code).collect()
}

fn fates(admitted: &Admitted, concept: &str) -> Vec<Fate> {
    cells(&admitted.table, concept).into_iter().map(|(_, fate)| fate).collect()
}

fn values(admitted: &Admitted, concept: &str) -> Vec<Option<String>> {
    cells(&admitted.table, concept).into_iter().map(|(value, _)| value).collect()
}
