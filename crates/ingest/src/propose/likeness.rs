//! The panel-wave that a file is like, and the item that a column is like.

use std::collections::{BTreeMap, BTreeSet};

use survey::codebook::{Codebook, Item, Role};
use survey::handoff::{RawAbout, RawColumn};

use super::{ConceptMatch, Nearest};

/// Questions less alike than this are not shown as a match, percent.
const ALIKE_PERCENT: u32 = 65;

pub(crate) fn nearest(about: &RawAbout, codebook: &Codebook) -> Option<Nearest> {
    let headers: BTreeSet<&str> =
        about.columns.iter().map(|column| column.header.as_str()).collect();
    let mut items: BTreeMap<(survey::Wave, &str), Vec<&Item>> = BTreeMap::new();
    for item in &codebook.items {
        items.entry((item.wave, item.panel.as_str())).or_default().push(item);
    }
    let is_there = |item: &&&Item| {
        headers.contains(item.column.as_str())
            || item.aliases.iter().any(|alias| headers.contains(alias.as_str()))
    };
    let found = |items: &[&Item]| items.iter().filter(is_there).count();
    // Of equally good ones the share of its items counts, then the latest wave.
    let ((wave, panel), best) = items.iter().max_by_key(|((wave, _), items)| {
        (found(items), found(items) * 1000 / items.len(), *wave)
    })?;
    let items_found = found(best) as u32;
    let is_like = items_found > 1 && items_found as usize * 5 >= best.len();
    is_like.then(|| Nearest {
        panel: (*panel).to_owned(),
        wave: *wave,
        items_found,
        items: best.len() as u32,
        columns_missing: best
            .iter()
            .filter(|item| !is_there(item))
            .map(|item| item.column.clone())
            .collect(),
    })
}

/// The item that a column is likest to: of the nearest panel-wave by header, else of any by its question, among those
/// about one of several answers in a cell or among the others.
pub(super) fn matching<'a>(
    column: &RawColumn,
    holds_several: bool,
    codebook: &'a Codebook,
    nearest: Option<&Nearest>,
) -> Option<(&'a Item, ConceptMatch)> {
    let name = |item: &Item| format!("{} {}", item.panel, item.wave);
    let near = |item: &&Item| {
        nearest.is_some_and(|near| near.panel == item.panel && near.wave == item.wave)
    };
    let by = |item: &Item| {
        let same = column.occurrence == item.occurrence;
        if same && item.column == column.header {
            Some("header")
        } else if same && item.aliases.contains(&column.header) {
            Some("alias")
        } else {
            None
        }
    };
    let exact = codebook.items.iter().filter(near).find_map(|item| Some((item, by(item)?)));
    if let Some((item, by)) = exact {
        let found = ConceptMatch {
            concept: item.concept.clone(),
            by: by.to_owned(),
            likeness_percent: 100,
            like: name(item),
        };
        return Some((item, found));
    }
    let texts: Vec<String> = column
        .header_rows
        .iter()
        .chain([&column.header])
        .map(|text| plain(text))
        .filter(|text| text.len() > 4)
        .collect();
    let likeness = |question: &str| {
        let question = plain(question);
        let one = |text: &String| strsim::sorensen_dice(text, &question);
        (texts.iter().map(one).fold(0.0, f64::max) * 100.0) as u32
    };
    let alike = |item: &Item| {
        let labels = codebook.concept(&item.concept);
        let labels = labels.map(|concept| [&concept.label_nl, &concept.label_en, &concept.concept]);
        let all = labels.iter().flatten().map(|text| likeness(text));
        all.chain([likeness(&item.question_nl)]).max().unwrap_or(0)
    };
    // Of equally alike ones the latest wave.
    let is_id = |item: &&Item| {
        codebook.concept(&item.concept).is_some_and(|concept| concept.role == Role::Identifier)
    };
    let others = codebook
        .items
        .iter()
        .filter(|item| !is_id(item) && item.option.is_empty() != holds_several);
    let best = others.map(|item| (alike(item), item.wave, item));
    let (likeness_percent, _, item) = best.max_by_key(|(alike, wave, _)| (*alike, *wave))?;
    (likeness_percent >= ALIKE_PERCENT).then(|| {
        let found = ConceptMatch {
            concept: item.concept.clone(),
            by: "question".to_owned(),
            likeness_percent,
            like: name(item),
        };
        (item, found)
    })
}

fn plain(text: &str) -> String {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|sign| if sign.is_alphanumeric() { sign } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
