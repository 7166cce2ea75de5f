//! A first look as a page to read on a terminal of a hundred columns.

use std::collections::BTreeMap;
use std::fmt::Write;

use survey::handoff::Treatment;
use survey::{Class, Code, Severity};

use super::column::{ColumnLook, Outside};
use super::outcome::{Look, ReadBy};
use super::recognise::Candidate;
use crate::column::filled;
use crate::names::listed;
use crate::page::wrapped;

/// Producers that are shown with their reasons.
const CANDIDATES_SHOWN: usize = 3;

/// The look as a page to read.
pub fn look_text(look: &Look) -> String {
    let mut page = String::new();
    title(&mut page, "What was read");
    page.push_str(&crate::receipt::facts(&look.about));
    if look.read_by != ReadBy::AskedFor {
        title(&mut page, "Which producer it looks like");
        producers(&mut page, look);
    }
    findings(&mut page, look);
    title(
        &mut page,
        "Columns: shapes, never values (9 is a digit, A and a are letters, … is more of the same)",
    );
    columns(&mut page, look);
    if let Some(second) = &look.second_reading {
        title(&mut page, "Second reader: calamine");
        page.push_str(&second.to_string());
    }
    if look.read_by == ReadBy::Nothing {
        title(&mut page, "Starter profile: config/exports/NAME.toml");
        page.push_str(&look.profile_proposal);
    }
    title(&mut page, "Starter items: rows for config/codebook/items.csv");
    page.push_str(&look.items_proposal);
    if look.concepts_proposal.lines().count() > 1 {
        title(&mut page, "New concepts: rows for config/codebook/concepts.csv");
        page.push_str(&look.concepts_proposal);
    }
    title(&mut page, "What to do next");
    for (number, step) in (1..).zip(next_steps(look)) {
        wrapped(&mut page, &format!("  {number}. "), &step);
    }
    page
}

fn title(page: &mut String, text: &str) {
    if !page.is_empty() {
        page.push('\n');
    }
    let _ = writeln!(page, "{text}");
}

fn producers(page: &mut String, look: &Look) {
    let fitting: Vec<&Candidate> =
        look.candidates.iter().filter(|candidate| candidate.fits).collect();
    for candidate in fitting.iter().take(CANDIDATES_SHOWN) {
        let Candidate { profile, label, score, .. } = candidate;
        wrapped(page, &format!("  {score:>3} points  "), &format!("`{profile}`: {label}"));
        for reason in &candidate.reasons_for {
            wrapped(page, "              + ", reason);
        }
        for reason in &candidate.reasons_against {
            wrapped(page, "              - ", reason);
        }
    }
    let names = |candidates: &[&Candidate]| {
        let names = candidates.iter().map(|candidate| format!("`{}`", candidate.profile));
        names.collect::<Vec<_>>().join(", ")
    };
    let best = fitting.first().map(|best| best.score);
    let tied = fitting.iter().filter(|candidate| Some(candidate.score) == best).count();
    if tied > 1 && look.read_by == ReadBy::Recognised {
        let first = &look.about.profile;
        let text = format!(
            "nothing in the file distinguishes the first {tied}: `{first}` was chosen because it comes first alphabetically; ask the sender"
        );
        wrapped(page, "  ", &text);
    }
    if fitting.len() > CANDIDATES_SHOWN {
        let rest = names(&fitting[CANDIDATES_SHOWN..]);
        wrapped(page, "  ", &format!("less likely: {rest}"));
    }
    if fitting.is_empty() {
        let tried = look.candidates.len();
        wrapped(page, "  ", &format!("none of the {tried} known profiles fits:"));
    }
    let mut against: BTreeMap<&str, Vec<&Candidate>> = BTreeMap::new();
    for candidate in look.candidates.iter().filter(|candidate| !candidate.fits) {
        let reason = candidate.reasons_against.first().map_or("", String::as_str);
        against.entry(reason).or_default().push(candidate);
    }
    for (reason, candidates) in &against {
        let what = if fitting.is_empty() {
            names(candidates)
        } else {
            match candidates.len() {
                1 => "1 other".to_owned(),
                others => format!("{others} others"),
            }
        };
        wrapped(page, "  ", &format!("does not fit, {reason}: {what}"));
    }
    if look.read_by == ReadBy::Nothing {
        for candidate in &look.headers {
            let (row, filled) = (candidate.row, candidate.filled_cells);
            let percent = candidate.distinct_text_percent;
            let _ = writeln!(
                page,
                "  possible header in row {row}: {filled} cells, {percent} % distinct texts"
            );
        }
    }
}

fn findings(page: &mut String, look: &Look) {
    if look.findings.is_empty() {
        return;
    }
    title(page, "Findings");
    let mut codes: BTreeMap<(&str, &str), (u64, &survey::Finding)> = BTreeMap::new();
    for finding in &look.findings {
        let key = (finding.severity.name(), finding.code.name());
        codes.entry(key).or_insert((0, finding)).0 += finding.count;
    }
    for ((severity, code), (count, first)) in codes {
        let place = match (&first.cell, first.line) {
            (Some(cell), _) => format!(", first in {cell}"),
            (None, Some(line)) => format!(", first in line {line}"),
            (None, None) => String::new(),
        };
        let with = |before: &str, text: &str| {
            if text.is_empty() { String::new() } else { format!("{before}{text}") }
        };
        let (expected, hint) = (with(", expected ", &first.expected), with("; ", &first.hint));
        let text = format!("`{code}` ×{count}{place}: {}{expected}{hint}", first.found);
        wrapped(page, &format!("  {severity:<8} "), &text);
    }
}

fn columns(page: &mut String, look: &Look) {
    let _ = writeln!(
        page,
        "  {:<4}{:<26}{:<10}{:>7}{:>7}  shapes",
        "col", "header", "kind", "filled", "differ"
    );
    for column in &look.looks {
        let letters = survey::cell::column_letters(look.about.first_column + column.position);
        let filled_cells = filled(&column.classes);
        let kind = match (column.treatment, column.looks_like.as_str()) {
            (Treatment::Pseudonymised, _) => "id",
            (Treatment::DroppedPersonal, _) => "personal",
            (Treatment::Kept, "") => column.suggested_kind.as_str(),
            (Treatment::Kept, looks_like) => looks_like,
        };
        let start = format!("  {letters:<4}{:<26}{kind:<10}{filled_cells:>7}", header(column));
        let differ = match column.treatment {
            Treatment::DroppedPersonal => String::new(),
            _ if column.distinct >= look.distinct_up_to => format!("{}+", column.distinct),
            _ => column.distinct.to_string(),
        };
        wrapped(page, &format!("{start}{differ:>7}  "), &what_it_holds(column));
    }
}

fn header(column: &ColumnLook) -> String {
    let name = match (column.header.as_str(), column.occurrence) {
        ("", _) => "(no header)".to_owned(),
        (header, 1) => header.to_owned(),
        (header, occurrence) => format!("{header} ({occurrence}.)"),
    };
    let name = name.replace(['\n', '\r', '\t'], " ");
    if name.chars().count() <= 25 { name } else { name.chars().take(24).chain(['…']).collect() }
}

/// Shapes of a column that is kept; classes where they say more than its kind.
fn what_it_holds(column: &ColumnLook) -> String {
    let mut parts = Vec::new();
    match column.treatment {
        Treatment::Pseudonymised => parts.push("pseudonymised".to_owned()),
        Treatment::DroppedPersonal => parts.push("dropped while reading".to_owned()),
        Treatment::Kept if column.options.is_some() => {
            parts.extend(column.options.map(|options| options.to_string()));
        }
        Treatment::Kept => {
            parts.extend(column.shapes.iter().map(|(shape, count)| format!("{shape} ×{count}")));
        }
    }
    let odd = [Class::Error, Class::FormulaWithoutValue, Class::Bool];
    let odd = odd.iter().filter(|class| column.classes[**class as usize] > 0);
    parts.extend(odd.map(|class| format!("{} {}", column.classes[*class as usize], class.name())));
    if let Some(found) = &column.concept
        && found.by != "new"
    {
        parts.push(match found.by.as_str() {
            "question" => format!("→ {}, {} % alike", found.concept, found.likeness_percent),
            _ => format!("→ {}", found.concept),
        });
    }
    if let Some(Outside { crosswalk, unknown, held_by }) = &column.outside {
        let distinct = column.distinct;
        parts.push(format!("({unknown} of {distinct} values are not in crosswalk `{crosswalk}`)"));
        if !held_by.is_empty() {
            parts.push(format!("(unread columns with such values: {})", listed(held_by)));
        }
    }
    parts.join("  ")
}

fn next_steps(look: &Look) -> Vec<String> {
    let mut steps = Vec::new();
    match look.read_by {
        ReadBy::Recognised => {
            let profile = &look.about.profile;
            steps.push(format!(
                "check the reasons for `{profile}` above; to use another profile: `peil ingest FILE --profile NAME`"
            ));
        }
        ReadBy::Nothing => {
            steps.push(
                "save the profile as config/exports/NAME.toml, correct it, and look again: `peil ingest FILE --profile NAME`"
                    .to_owned(),
            );
        }
        ReadBy::AskedFor => {}
    }
    if look
        .looks
        .iter()
        .any(|column| column.treatment == Treatment::Kept && column.looks_like == "personal")
    {
        steps.push(
            "personal columns are not dropped yet: list them under `[personal]` in the profile"
                .to_owned(),
        );
    }
    let with_more_cells: u64 = look
        .findings
        .iter()
        .filter(|finding| finding.code == Code::RaggedRow && finding.severity == Severity::Error)
        .map(|finding| finding.count)
        .sum();
    if with_more_cells > 0 && with_more_cells == look.about.rows_out {
        steps.push(
            "every row has more cells than the header: the first column may lack a header (row names of R), so that each value is under its neighbour's header, ids included; ask for a header above every column"
                .to_owned(),
        );
    }
    let unread = |column: &&ColumnLook| {
        column.options.is_some_and(|found| found.separator != look.about.option_separator)
    };
    let unread: Vec<String> =
        look.looks.iter().filter(unread).map(|column| format!("`{}`", header(column))).collect();
    if !unread.is_empty() {
        steps.push(format!(
            "cells of {} hold several answers separated by something other than `{}`: set `option_separator` under [values] in the profile",
            unread.join(", "),
            look.about.option_separator
        ));
    }
    if look.items_proposal.contains(",OPTION 1,") {
        steps.push("replace OPTION 1, OPTION 2, … in the item rows with the options exactly as they are in the cells".to_owned());
    }
    match &look.nearest {
        Some(near) => {
            let (found, items, panel, wave) =
                (near.items_found, near.items, &near.panel, near.wave);
            let mut text = format!(
                "the headers resemble {panel} {wave}: {found} of its {items} items are present"
            );
            if !near.columns_missing.is_empty() {
                let missing: Vec<String> =
                    near.columns_missing.iter().take(8).map(|name| format!("`{name}`")).collect();
                let more = near.columns_missing.len().saturating_sub(8);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let _ = write!(text, "; missing: {}{more}", missing.join(", "));
            }
            steps.push(text);
        }
        None => steps.push("no panel-wave in the codebook has similar headers".to_owned()),
    }
    steps.push(if look.concepts_proposal.lines().count() > 1 {
        "add the item rows to config/codebook/items.csv and the concept rows to concepts.csv, with PANEL, WAVE, THEME and LABEL filled in; add category codes to answers.csv and their values to crosswalks.csv; then run `peil check`".to_owned()
    } else {
        "add the item rows to config/codebook/items.csv with PANEL and WAVE filled in, and new values to crosswalks.csv; then run `peil check`".to_owned()
    });
    steps.push(
        "add the delivery to pipelines/*.toml, then run `peil plan` and `peil run`".to_owned(),
    );
    steps
}
