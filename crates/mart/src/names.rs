//! How the marts name totals, cells and what became of a figure.

use config::Monitor;

/// The level of respondents whose background is unknown.
pub const UNKNOWN: &str = "background_unknown";

/// Name of the total that pools the respondents of a group.
pub fn pooled(group: &str) -> String {
    let [pooled, _] = Monitor::totals(group);
    pooled
}

/// Name of the total that is the mean of the panels of a group.
pub fn mean_of_groups(group: &str) -> String {
    let [_, mean] = Monitor::totals(group);
    mean
}

/// One key for a breakdown and its level: `total`, or `education:low`.
pub fn cell(breakdown: &str, level: &str) -> String {
    if breakdown == "total" { level.to_owned() } else { format!("{breakdown}:{level}") }
}

/// One key for a question and its answer: `portal_use:yes`.
pub fn answer(concept: &str, code: &str) -> String {
    format!("{concept}:{code}")
}

/// One key for a status and its reason: `published`, or `withheld:confidential`.
pub fn outcome(status: &str, reason: &str) -> String {
    if reason.is_empty() || reason == status {
        status.to_owned()
    } else {
        format!("{status}:{reason}")
    }
}
