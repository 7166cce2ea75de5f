//! Columns that are known by their header and hold what their crosswalk does not know, and unread columns that hold just that.

use survey::codebook::{Codebook, Item, Kind, OTHER};

use crate::look::cell_shapes::CellShapes;
use crate::look::column::{ColumnLook, Nearest, Outside};

const HOLDERS_SHOWN: usize = 3;

pub(in crate::look) fn mark_outside(
    looks: &mut [ColumnLook],
    cells: &CellShapes,
    codebook: &Codebook,
    nearest: &Nearest,
) {
    let marked: Vec<(usize, Outside)> = looks
        .iter()
        .enumerate()
        .filter_map(|(place, look)| Some((place, outside(look, looks, cells, codebook, nearest)?)))
        .collect();
    for (place, outside) in marked {
        looks[place].outside = Some(outside);
    }
}

fn is_known(look: &ColumnLook) -> bool {
    look.concept.as_ref().is_some_and(|found| matches!(found.by.as_str(), "header" | "alias"))
}

fn outside(
    look: &ColumnLook,
    looks: &[ColumnLook],
    cells: &CellShapes,
    codebook: &Codebook,
    nearest: &Nearest,
) -> Option<Outside> {
    let found = look.concept.as_ref().filter(|_| is_known(look))?;
    let is_it = |item: &&Item| {
        item.panel == nearest.panel && item.wave == nearest.wave && item.concept == found.concept
    };
    let item = codebook.items.iter().find(is_it).filter(|item| item.option.is_empty())?;
    let concept = codebook.concept(&item.concept).filter(|one| one.kind == Kind::Category)?;
    let recodes = &codebook.crosswalks.get(&item.crosswalk)?.recodes;
    if recodes.contains_key(OTHER) {
        return None;
    }
    let values: Vec<&str> =
        recodes.keys().map(String::as_str).chain(codebook.codes(concept)).collect();
    let unknown = |look: &ColumnLook| {
        let shapes = cells.of(look.position)?;
        let known = values.iter().filter(|value| shapes.holds(value)).count();
        (shapes.distinct() > 0).then(|| shapes.distinct().saturating_sub(known) as u32)
    };
    let count = unknown(look).filter(|unknown| *unknown > 0)?;
    let is_mostly_unknown = count * 2 > look.distinct;
    let holds = |other: &&ColumnLook| {
        is_mostly_unknown
            && !is_known(other)
            && other.distinct > 1
            && unknown(other).is_some_and(|none| none * 4 <= other.distinct)
    };
    let held_by = looks.iter().filter(holds).map(|other| other.header.clone());
    Some(Outside {
        crosswalk: item.crosswalk.clone(),
        unknown: count,
        held_by: held_by.filter(|header| !header.is_empty()).take(HOLDERS_SHOWN).collect(),
    })
}
