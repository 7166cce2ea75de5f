//! A first look as a page to read on a terminal of a hundred columns.

use std::collections::BTreeMap;
use std::fmt::Write;

use survey::handoff::Treatment;
use survey::{Class, Severity};

use crate::look::{ColumnLook, Look, ReadBy};
use crate::propose::Outside;
use crate::recognise::Candidate;
use crate::suggest::listed;

const WIDTH: usize = 100;
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
        "Columns, in shapes and never in values (9 a digit, A and a letters, … more of them)",
    );
    columns(&mut page, look);
    if let Some(second) = &look.second_reading {
        title(&mut page, "Read twice: here and by calamine");
        page.push_str(&second.to_string());
    }
    if look.read_by == ReadBy::Nothing {
        title(&mut page, "A profile to begin with: config/exports/NAME.toml");
        page.push_str(&look.profile_proposal);
    }
    title(&mut page, "Items to begin with: rows of config/codebook/items.csv");
    page.push_str(&look.items_proposal);
    if look.concepts_proposal.lines().count() > 1 {
        title(&mut page, "New concepts among them: rows of config/codebook/concepts.csv");
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

/// Lines of at most `WIDTH` columns, the further ones set in as far as the first.
pub(crate) fn wrapped(page: &mut String, first: &str, text: &str) {
    let indent = first.chars().count();
    let mut line = first.to_owned();
    let mut length = indent;
    for word in text.split(' ') {
        let word_length = word.chars().count();
        if length > indent && length + 1 + word_length > WIDTH {
            let _ = writeln!(page, "{}", line.trim_end());
            line = " ".repeat(indent);
            length = indent;
        }
        if length > indent {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word_length;
    }
    let _ = writeln!(page, "{}", line.trim_end());
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
            "nothing in the file tells the first {tied} apart: `{first}` was taken, the first by name; ask who sent it"
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
                "  header perhaps in row {row}: {filled} cells, {percent} % of them texts that differ"
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
        let key = (finding.severity.name(), finding.code.as_str());
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
        let filled = crate::assemble::filled(&column.classes);
        let kind = match (column.treatment, column.looks_like.as_str()) {
            (Treatment::Pseudonymised, _) => "id",
            (Treatment::DroppedPersonal, _) => "personal",
            (Treatment::Kept, "") => column.suggested_kind.as_str(),
            (Treatment::Kept, looks_like) => looks_like,
        };
        let start = format!("  {letters:<4}{:<26}{kind:<10}{filled:>7}", header(column));
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
        Treatment::Pseudonymised => parts.push("made a keyed hash".to_owned()),
        Treatment::DroppedPersonal => parts.push("dropped at the door".to_owned()),
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
            parts.push(format!("(unread, with such values: {})", listed(held_by)));
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
                "read the reasons for `{profile}` above; another one: `peil ingest FILE --profile NAME`"
            ));
        }
        ReadBy::Nothing => {
            steps.push(
                "save the profile as config/exports/NAME.toml, mend it, and look again: `peil ingest FILE --profile NAME`"
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
            "columns of kind personal are not dropped yet: name them in the profile's `[personal]`"
                .to_owned(),
        );
    }
    let with_more_cells: u64 = look
        .findings
        .iter()
        .filter(|finding| finding.code == "ragged_row" && finding.severity == Severity::Error)
        .map(|finding| finding.count)
        .sum();
    if with_more_cells > 0 && with_more_cells == look.about.rows_out {
        steps.push(
            "every row has more cells than the header: a header may be missing above the first column (row names of R), so that each value stands below its neighbour's header, ids too; ask for a header above every column"
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
            "cells of {} hold several answers with another sign between than `{}`: name it as `option_separator` under [values] of the profile",
            unread.join(", "),
            look.about.option_separator
        ));
    }
    if look.items_proposal.contains(",OPTION 1,") {
        steps.push("write the options as they stand in the cells where the item rows say OPTION 1, OPTION 2, …".to_owned());
    }
    match &look.nearest {
        Some(near) => {
            let (found, items, panel, wave) =
                (near.items_found, near.items, &near.panel, near.wave);
            let mut text = format!(
                "the headers are like {panel} {wave}: {found} of its {items} items are there"
            );
            if !near.columns_missing.is_empty() {
                let missing: Vec<String> =
                    near.columns_missing.iter().take(8).map(|name| format!("`{name}`")).collect();
                let more = near.columns_missing.len().saturating_sub(8);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let _ = write!(text, "; not in the file: {}{more}", missing.join(", "));
            }
            steps.push(text);
        }
        None => steps.push("no panel-wave of the codebook has headers like these".to_owned()),
    }
    steps.push(if look.concepts_proposal.lines().count() > 1 {
        "put the item rows into config/codebook/items.csv and the concept rows into concepts.csv with PANEL, WAVE, THEME and LABEL filled in, codes of categories into answers.csv and their values into crosswalks.csv, then `peil check`".to_owned()
    } else {
        "put the item rows into config/codebook/items.csv with PANEL and WAVE filled in, new values into crosswalks.csv, then `peil check`".to_owned()
    });
    steps.push("name the delivery in pipelines/*.toml, then `peil plan` and `peil run`".to_owned());
    steps
}
