//! `peil findings`: what is wrong with the answers, of kept and of refused steps.

use std::cmp::Reverse;
use std::path::Path;

use config::mistake::did_you_mean;
use pipeline::Error;
use pipeline::annotate::annotate;
use pipeline::look::{self, AllFindings};
use pipeline::project::Project;
use survey::{Code, Finding, Severity};

use crate::arguments::{FindingsArguments, ListFormat, SeverityName};
use crate::commands;
use crate::print::{csv_line, data, message, table};

pub fn findings(arguments: &FindingsArguments) -> Result<u8, Error> {
    let project = commands::open_handoffs(arguments.of.path())?;
    check(arguments, &project)?;
    let severity = arguments.severity.map(|severity| match severity {
        SeverityName::Info => Severity::Info,
        SeverityName::Warning => Severity::Warning,
        SeverityName::Error => Severity::Error,
    });
    let wanted = |finding: &Finding| {
        arguments.panel.as_ref().is_none_or(|panel| finding.panel.as_ref() == Some(panel))
            && arguments.wave.is_none_or(|wave| finding.wave == Some(wave))
            && severity.is_none_or(|severity| finding.severity == severity)
            && arguments.code.as_ref().is_none_or(|code| finding.code.name() == code)
    };
    let AllFindings { findings, not_run } = look::findings(&project)?;
    let mut findings: Vec<Finding> = findings.into_iter().filter(wanted).collect();
    findings
        .sort_by_key(|finding| (Reverse(finding.severity), finding.panel.clone(), finding.wave));
    if let Some(deliveries) = &arguments.annotate {
        return copies(&project, deliveries, &findings, arguments.out.as_deref());
    }
    match arguments.format {
        ListFormat::Json => {
            for finding in &findings {
                data(&format!("{}\n", serde_json::to_string(finding).unwrap_or_default()));
            }
        }
        ListFormat::Csv => {
            data(&csv_line(&HEADER.map(str::to_owned)));
            for finding in &findings {
                data(&csv_line(&fields(finding)));
            }
        }
        ListFormat::Table => {
            let rows: Vec<Vec<String>> = findings.iter().map(short).collect();
            data(&table(
                &["severity", "code", "panel", "wave", "where", "count", "found", "expected"],
                &rows,
            ));
        }
    }
    message(&format!("{} findings", findings.len()));
    if let Some(first) = not_run.first() {
        let more = if not_run.len() > 1 {
            format!(" and {} more steps have", not_run.len() - 1)
        } else {
            " has".to_owned()
        };
        message(&format!("warning: {first}{more} not run: nothing is known of their findings"));
    }
    Ok(0)
}

/// A panel, wave or code that does not exist finds nothing, which would read as if nothing were wrong.
fn check(arguments: &FindingsArguments, project: &Project) -> Result<(), Error> {
    let configuration = &project.configuration;
    let waves: Vec<String> = configuration.monitor.waves().map(|wave| wave.to_string()).collect();
    let codes = Code::FINDINGS.iter().map(|code| code.name().to_owned());
    let named = [
        ("panel", arguments.panel.clone(), configuration.panels.keys().cloned().collect()),
        ("wave", arguments.wave.map(|wave| wave.to_string()), waves),
        ("code", arguments.code.clone(), codes.collect()),
    ];
    let unknown = |(what, name, known): (&str, Option<String>, Vec<String>)| {
        let name = name.filter(|name| !known.contains(name))?;
        Some(Error::Selection {
            pattern: format!("--{what} {name}"),
            found: format!("{what} `{name}`"),
            exist: did_you_mean(&name, known.iter().map(String::as_str)),
        })
    };
    Error::of(named.into_iter().filter_map(unknown).collect()).map_or(Ok(()), Err)
}

/// Writes the copies for the suppliers, and says what they hold.
fn copies(
    project: &Project,
    deliveries: &[String],
    findings: &[Finding],
    out: Option<&Path>,
) -> Result<u8, Error> {
    let out = out.unwrap_or(Path::new("."));
    let copies = annotate(project, deliveries, findings, out)?;
    let rows: Vec<Vec<String>> = copies
        .iter()
        .map(|copy| {
            vec![
                copy.delivery.clone(),
                copy.cells.to_string(),
                copy.findings.to_string(),
                copy.path.display().to_string(),
                copy.note.clone().unwrap_or_default(),
            ]
        })
        .collect();
    data(&table(&["delivery", "cells marked", "findings", "file", "note"], &rows));
    if copies.is_empty() {
        message("no delivery has a finding at a cell: nothing was written");
    } else {
        message(
            "these copies hold the raw answers and ids as they were delivered: send each to its own supplier only, over a safe channel, and remove it then",
        );
    }
    Ok(0)
}

const HEADER: [&str; 17] = [
    "severity", "code", "rule", "panel", "wave", "delivery", "sheet", "cell", "record", "line",
    "column", "concept", "found", "expected", "action", "hint", "count",
];

fn fields(finding: &Finding) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let number = |value: Option<u64>| value.map_or(String::new(), |value| value.to_string());
    vec![
        finding.severity.name().to_owned(),
        finding.code.name().to_owned(),
        text(&finding.rule),
        text(&finding.panel),
        number(finding.wave.map(u64::from)),
        finding.delivery.clone(),
        text(&finding.sheet),
        text(&finding.cell),
        number(finding.record),
        number(finding.line),
        text(&finding.column),
        text(&finding.concept),
        finding.found.clone(),
        finding.expected.clone(),
        finding.action.clone(),
        finding.hint.clone(),
        finding.count.to_string(),
    ]
}

fn short(finding: &Finding) -> Vec<String> {
    let mut place = vec![finding.delivery.clone()];
    place.extend(finding.sheet.iter().map(|sheet| format!("sheet {sheet}")));
    place.extend(finding.cell.iter().cloned());
    place.extend(
        finding.line.iter().filter(|_| finding.cell.is_none()).map(|line| format!("line {line}")),
    );
    place.extend(finding.concept.iter().map(|concept| format!("`{concept}`")));
    let code = finding
        .rule
        .as_ref()
        .map_or(finding.code.name().to_owned(), |rule| format!("{}: {rule}", finding.code));
    let brief = |text: &str| {
        if text.chars().count() > 60 {
            text.chars().take(59).collect::<String>() + "…"
        } else {
            text.to_owned()
        }
    };
    vec![
        finding.severity.name().to_owned(),
        code,
        finding.panel.clone().unwrap_or_default(),
        finding.wave.map_or(String::new(), |wave| wave.to_string()),
        brief(&place.join(", ")),
        finding.count.to_string(),
        brief(&finding.found),
        brief(&finding.expected),
    ]
}
