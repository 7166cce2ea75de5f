//! The panel-wave that a file is like, and the item that a column is like.

use std::collections::{BTreeMap, BTreeSet};

use likeness::{Texts, normal};
use survey::codebook::{Codebook, Item, Role};
use survey::handoff::{RawAbout, RawColumn};

use crate::look::column::{ConceptMatch, Nearest};

/// Questions less alike than this are not shown as a match.
const ALIKE: f64 = 0.65;
/// Shorter headers are names, not questions.
const SHORTEST_QUESTION: usize = 5;

pub(in crate::look) fn nearest(about: &RawAbout, codebook: &Codebook) -> Option<Nearest> {
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

/// The codebook's items with the texts that their questions are compared by, once for all columns of a file.
pub(super) struct Questions<'a> {
    codebook: &'a Codebook,
    nearest: Option<&'a Nearest>,
    /// Different questions and labels.
    texts: Texts,
    items: Vec<Asked<'a>>,
}

struct Asked<'a> {
    item: &'a Item,
    is_id: bool,
    /// Of its texts, the places in `Questions::texts`.
    texts: Vec<usize>,
}

impl<'a> Questions<'a> {
    pub(super) fn of(codebook: &'a Codebook, nearest: Option<&'a Nearest>) -> Self {
        let (mut places, mut texts) = (BTreeMap::new(), Vec::new());
        let mut place = |text: &'a str| {
            *places.entry(normal(text)).or_insert_with(|| {
                texts.push(text);
                texts.len() - 1
            })
        };
        let mut of_concepts: BTreeMap<&str, (bool, Vec<usize>)> = BTreeMap::new();
        for concept in &codebook.concepts {
            let labels = concept.label.texts().chain([concept.concept.as_str()]);
            let labels = labels.map(&mut place).collect();
            of_concepts.insert(&concept.concept, (concept.role == Role::Identifier, labels));
        }
        let items = codebook.items.iter().map(|item| {
            let known = of_concepts.get(item.concept.as_str());
            let (is_id, mut texts) = known.cloned().unwrap_or_default();
            texts.extend(item.question.texts().map(&mut place));
            Asked { item, is_id, texts }
        });
        let items = items.collect();
        Self { codebook, nearest, texts: Texts::of(texts), items }
    }

    /// The item that a column is most like: of the nearest panel-wave by header, else of any by its question, among those
    /// about one of several answers in a cell or among the others.
    pub(super) fn matching(
        &self,
        column: &RawColumn,
        holds_several: bool,
    ) -> Option<(&'a Item, ConceptMatch)> {
        self.by_header(column).or_else(|| self.by_question(column, holds_several))
    }

    fn by_header(&self, column: &RawColumn) -> Option<(&'a Item, ConceptMatch)> {
        let nearest = self.nearest?;
        let is_near = |item: &&Item| nearest.panel == item.panel && nearest.wave == item.wave;
        let by = |item: &Item| {
            let is_same = column.occurrence == item.occurrence;
            if is_same && item.column == column.header {
                Some("header")
            } else if is_same && item.aliases.contains(&column.header) {
                Some("alias")
            } else {
                None
            }
        };
        let mut items = self.codebook.items.iter().filter(is_near);
        let (item, by) = items.find_map(|item| Some((item, by(item)?)))?;
        Some((item, found(item, by, 100)))
    }

    fn by_question(
        &self,
        column: &RawColumn,
        holds_several: bool,
    ) -> Option<(&'a Item, ConceptMatch)> {
        let texts = column.header_rows.iter().chain([&column.header]).map(|text| normal(text));
        let texts: BTreeSet<String> =
            texts.filter(|text| text.len() >= SHORTEST_QUESTION).collect();
        let mut alike: Vec<f64> = Vec::new();
        for text in &texts {
            let likeness = self.texts.likeness(text);
            alike.resize(likeness.len(), 0.0);
            alike.iter_mut().zip(likeness).for_each(|(most, one)| *most = one.max(*most));
        }
        if alike.is_empty() {
            return None;
        }
        let others = self
            .items
            .iter()
            .filter(|asked| !asked.is_id && asked.item.option.is_empty() != holds_several);
        let likeness =
            |asked: &Asked<'_>| asked.texts.iter().map(|place| alike[*place]).fold(0.0, f64::max);
        // Of equally alike ones the latest wave.
        let best = others.map(|asked| (likeness(asked), asked.item));
        let (likeness, item) = best.max_by(|(left, one), (right, other)| {
            left.total_cmp(right).then(one.wave.cmp(&other.wave))
        })?;
        (likeness >= ALIKE).then(|| (item, found(item, "question", (likeness * 100.0) as u32)))
    }
}

fn found(item: &Item, by: &str, likeness_percent: u32) -> ConceptMatch {
    ConceptMatch {
        concept: item.concept.clone(),
        by: by.to_owned(),
        likeness_percent,
        like: format!("{} {}", item.panel, item.wave),
    }
}
