//! The dimensions: what panels, waves, concepts, answers, indicators and breakdowns mean.

mod status;

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use config::{Breakdown, Configuration, Indicator, IndicatorKind, Monitor};
use survey::codebook::{Codebook, Concept, Kind, Role};
use survey::{Labels, MissingReason, Wave};

use crate::disclosure::UNKNOWN;
use crate::error::Error;
use crate::table::Columns;

/// All dimensions by name.
pub fn tables(configuration: &Configuration) -> Result<BTreeMap<String, RecordBatch>, Error> {
    let codebook = &configuration.codebook;
    let languages = &configuration.monitor.languages;
    let tables = [
        ("dim_panel", panels(configuration)?),
        ("dim_wave", waves(configuration)?),
        ("dim_concept", concepts(codebook, languages)?),
        ("dim_answer", answers(codebook, languages)?),
        ("dim_indicator", indicators(codebook, &configuration.indicators, &configuration.monitor)?),
        ("dim_breakdown", breakdowns(codebook, &configuration.breakdowns, languages)?),
        ("dim_status", status::table(languages)?),
    ];
    Ok(tables.into_iter().map(|(name, table)| (name.to_owned(), table)).collect())
}

/// Name of the total that pools the respondents of a group.
pub fn pooled(group: &str) -> String {
    format!("{group}_pooled")
}

/// Name of the total that is the mean of the panels of a group.
pub fn mean_of_groups(group: &str) -> String {
    format!("{group}_mean_of_groups")
}

struct PanelRow<'a> {
    panel: String,
    kind: &'a str,
    measure: &'static str,
    group: Option<String>,
    members: Vec<String>,
    label: Labels,
    population: Labels,
    unit: String,
}

fn panels(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let languages = &configuration.monitor.languages;
    let own = configuration.panels.iter().map(|(name, panel)| PanelRow {
        panel: name.clone(),
        kind: &panel.kind,
        measure: "panel",
        group: None,
        members: vec![name.clone()],
        label: panel.label.clone(),
        population: panel.population.clone(),
        unit: panel.unit.clone(),
    });
    let mut rows: Vec<PanelRow<'_>> = own.collect();
    for (name, group) in &configuration.monitor.groups {
        let members: Vec<_> =
            group.panels.iter().filter_map(|panel| configuration.panels.get(panel)).collect();
        let kind = members.first().map_or("mixed", |panel| panel.kind.as_str());
        let kind = if members.iter().all(|panel| panel.kind == kind) { kind } else { "mixed" };
        let title = if group.label.is_empty() { Labels::same(name) } else { group.label.clone() };
        let unit = members.first().map(|panel| panel.unit.clone()).unwrap_or_default();
        let total = |panel: String, measure: &'static str, added: [&str; 2]| PanelRow {
            panel,
            kind,
            measure,
            group: Some(name.clone()),
            members: group.panels.clone(),
            label: title.followed_by(&pair(added)),
            population: title.clone(),
            unit: unit.clone(),
        };
        rows.push(total(pooled(name), "pooled", [", samengevoegd", ", pooled"]));
        rows.push(total(
            mean_of_groups(name),
            "mean_of_groups",
            [", gemiddelde van de groepen", ", mean of the groups"],
        ));
    }
    Columns::default()
        .text("panel", rows.iter().map(|row| row.panel.as_str()))
        .small("sort_order", 1..=rows.len() as i32)
        .text("kind", rows.iter().map(|row| row.kind))
        .text("measure", rows.iter().map(|row| row.measure))
        .maybe_text("group_name", rows.iter().map(|row| row.group.as_deref()))
        .texts("members", rows.iter().map(|row| row.members.join("|")))
        .labels("label", languages, rows.iter().map(|row| &row.label))
        .labels("population", languages, rows.iter().map(|row| &row.population))
        .text("unit", rows.iter().map(|row| row.unit.as_str()))
        .build()
}

fn waves(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let mut waves: Vec<i32> = configuration.monitor.waves().map(|wave| wave as i32).collect();
    waves.sort_unstable();
    waves.dedup();
    let before = std::iter::once(None).chain(waves.iter().copied().map(Some)).take(waves.len());
    Columns::default()
        .small("wave", waves.iter().copied())
        .small("sort_order", 1..=waves.len() as i32)
        .maybe_small("previous_wave", before)
        .texts("label", waves.iter().map(ToString::to_string))
        .build()
}

fn concepts(codebook: &Codebook, languages: &[String]) -> Result<RecordBatch, Error> {
    let rows = &codebook.concepts;
    let base = |concept: &Concept| {
        concept.base_includes.iter().map(|reason| reason.name()).collect::<Vec<_>>().join("|")
    };
    Columns::default()
        .text("concept", rows.iter().map(|row| row.concept.as_str()))
        .small("sort_order", 1..=rows.len() as i32)
        .text("theme", rows.iter().map(|row| row.theme.as_str()))
        .text("kind", rows.iter().map(|row| concept_kind(row.kind)))
        .text("role", rows.iter().map(|row| role_name(row.role)))
        .text("unit", rows.iter().map(|row| row.unit.as_str()))
        .text("answers", rows.iter().map(|row| row.answers.as_str()))
        .texts("base_includes", rows.iter().map(base))
        .text("derivation", rows.iter().map(|row| row.derivation.as_str()))
        .labels("label", languages, rows.iter().map(|row| &row.label))
        .build()
}

struct AnswerRow<'a> {
    concept: &'a str,
    code: &'a str,
    reason: &'static str,
    order: i32,
    in_base: bool,
    label: Labels,
}

/// Answers of category concepts, and for every concept the nine reasons why an answer may be missing.
fn answers(codebook: &Codebook, languages: &[String]) -> Result<RecordBatch, Error> {
    let mut rows = Vec::new();
    for concept in codebook.concepts.iter().filter(|concept| concept.role != Role::Identifier) {
        let answers = codebook.answers.get(&concept.answers).into_iter().flatten();
        let count = rows.len();
        rows.extend(answers.enumerate().map(|(place, answer)| AnswerRow {
            concept: &concept.concept,
            code: &answer.code,
            reason: "",
            order: place as i32 + 1,
            in_base: true,
            label: answer.label.clone(),
        }));
        let last = (rows.len() - count) as i32;
        rows.extend(MissingReason::ALL.into_iter().enumerate().map(|(place, reason)| AnswerRow {
            concept: &concept.concept,
            code: reason.name(),
            reason: reason.name(),
            order: last + place as i32 + 1,
            in_base: concept.base_includes.contains(&reason),
            label: pair(reason_label(reason)),
        }));
    }
    Columns::default()
        .text("concept", rows.iter().map(|row| row.concept))
        .text("code", rows.iter().map(|row| row.code))
        .text("missing_reason", rows.iter().map(|row| row.reason))
        .small("sort_order", rows.iter().map(|row| row.order))
        .truths("in_base", rows.iter().map(|row| row.in_base))
        .labels("label", languages, rows.iter().map(|row| &row.label))
        .build()
}

/// An open end of a series is that of the monitor.
fn indicators(
    codebook: &Codebook,
    rows: &[Indicator],
    monitor: &Monitor,
) -> Result<RecordBatch, Error> {
    let languages = &monitor.languages;
    let end = |given: Option<Wave>, open: Option<Wave>| given.or(open).unwrap_or_default() as i32;
    let theme = |row: &Indicator| {
        codebook.concept(&row.concept).map_or("", |concept| concept.theme.as_str())
    };
    let kind = |row: &Indicator| match row.kind {
        IndicatorKind::Proportion => "proportion",
        IndicatorKind::Mean => "mean",
    };
    Columns::default()
        .text("indicator", rows.iter().map(|row| row.indicator.as_str()))
        .small("sort_order", 1..=rows.len() as i32)
        .texts("figures", rows.iter().map(|row| row.figures.join("|")))
        .text("concept", rows.iter().map(|row| row.concept.as_str()))
        .text("theme", rows.iter().map(theme))
        .text("kind", rows.iter().map(kind))
        .texts("codes", rows.iter().map(|row| row.codes.join("|")))
        .text("base", rows.iter().map(|row| row.base.as_str()))
        .texts("panels", rows.iter().map(|row| row.panels.join("|")))
        .small("first_wave", rows.iter().map(|row| end(row.first_wave, monitor.waves().min())))
        .small("last_wave", rows.iter().map(|row| end(row.last_wave, monitor.waves().max())))
        .text("unit", rows.iter().map(|row| row.unit.as_str()))
        .small("decimals", rows.iter().map(|row| row.decimals as i32))
        .labels("label", languages, rows.iter().map(|row| &row.label))
        .build()
}

struct LevelRow<'a> {
    breakdown: &'a str,
    level: &'a str,
    order: i32,
    concept: &'a str,
    label: Labels,
    level_label: Labels,
}

fn breakdowns(
    codebook: &Codebook,
    breakdowns: &[Breakdown],
    languages: &[String],
) -> Result<RecordBatch, Error> {
    let mut rows = vec![LevelRow {
        breakdown: "total",
        level: "total",
        order: 1,
        concept: "",
        label: pair(["Totaal", "Total"]),
        level_label: pair(["Totaal", "Total"]),
    }];
    for breakdown in breakdowns {
        let answers = codebook
            .concept(&breakdown.concept)
            .and_then(|concept| codebook.answers.get(&concept.answers));
        rows.extend(answers.into_iter().flatten().enumerate().map(|(place, answer)| LevelRow {
            breakdown: &breakdown.breakdown,
            level: &answer.code,
            order: place as i32 + 1,
            concept: &breakdown.concept,
            label: breakdown.label.clone(),
            level_label: answer.label.clone(),
        }));
        rows.push(LevelRow {
            breakdown: &breakdown.breakdown,
            level: UNKNOWN,
            order: rows.last().map_or(0, |row| row.order) + 1,
            concept: &breakdown.concept,
            label: breakdown.label.clone(),
            level_label: pair(["Achtergrond onbekend", "Background unknown"]),
        });
    }
    Columns::default()
        .text("breakdown", rows.iter().map(|row| row.breakdown))
        .text("level", rows.iter().map(|row| row.level))
        .small("sort_order", rows.iter().map(|row| row.order))
        .text("concept", rows.iter().map(|row| row.concept))
        .labels("label", languages, rows.iter().map(|row| &row.label))
        .labels("level_label", languages, rows.iter().map(|row| &row.level_label))
        .build()
}

/// The engine's own words in the languages that it ships.
pub(crate) fn pair([nl, en]: [&str; 2]) -> Labels {
    Labels::from([("nl", nl), ("en", en)])
}

fn concept_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Category => "category",
        Kind::Number => "number",
        Kind::Date => "date",
        Kind::Text => "text",
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Identifier => "identifier",
        Role::Background => "background",
        Role::Design => "design",
        Role::Answer => "answer",
        Role::Paradata => "paradata",
        Role::Completed => "completed",
        Role::LastPage => "last_page",
        Role::Duration => "duration",
    }
}

fn reason_label(reason: MissingReason) -> [&'static str; 2] {
    match reason {
        MissingReason::NotAsked => ["Niet gevraagd in deze meting", "Not asked in this wave"],
        MissingReason::NotRouted => ["Niet voorgelegd", "Not shown by routing"],
        MissingReason::Unanswered => ["Niet ingevuld", "Shown but unanswered"],
        MissingReason::DontKnow => ["Weet niet", "Don't know"],
        MissingReason::NotApplicable => ["Niet van toepassing", "Not applicable"],
        MissingReason::Refused => ["Wil niet zeggen", "Refused"],
        MissingReason::BrokeOff => ["Afgebroken", "Broke off"],
        MissingReason::Invalid => ["Ongeldig", "Invalid"],
        MissingReason::Suppressed => ["Onderdrukt", "Suppressed"],
    }
}
