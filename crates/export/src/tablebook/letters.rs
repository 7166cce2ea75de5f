//! The columns of a panel's tables: which waves and levels it has, and their letters, the same in every table.

use std::collections::BTreeSet;

use super::dimensions::{Dimensions, Panel};
use super::facts::{Cell, Facts};
use super::marks::letter;
use crate::release::Text;

pub struct Letters {
    pub waves: Vec<i64>,
    /// Places in the dimension's levels, with their letters.
    pub levels: Vec<(usize, String)>,
}

impl Letters {
    pub fn read(facts: &Facts, dimensions: &Dimensions, panel: &Panel) -> Self {
        let mut waves = BTreeSet::new();
        let mut cells: BTreeSet<&Cell> = BTreeSet::new();
        for ((_, of), series) in &facts.figures {
            if *of != panel.key {
                continue;
            }
            for ((wave, cell), figure) in series {
                let is_asked = &*figure.status != "not_asked";
                waves.extend(is_asked.then_some(*wave));
                // A level of which only the number is told has no figures to show.
                let is_figure = figure.value.is_some() || &*figure.status == "withheld";
                cells.extend(is_figure.then_some(cell));
            }
        }
        let there = dimensions.levels.iter().enumerate();
        let there = there.filter(|(_, level)| cells.contains(&level.cell));
        let levels = there.enumerate().map(|(place, (level, _))| (level, letter(place))).collect();
        Self { waves: waves.into_iter().collect(), levels }
    }

    /// The letter of a level.
    pub fn letter(&self, cell: &Cell, dimensions: &Dimensions) -> Option<&str> {
        let found = self.levels.iter().find(|(level, _)| dimensions.levels[*level].cell == *cell);
        found.map(|(_, letter)| letter.as_str())
    }

    /// The letters of some levels of a breakdown, in the order of the columns.
    pub fn of(&self, breakdown: &Text, levels: &[Text], dimensions: &Dimensions) -> String {
        let named = |(place, letter): &'_ (usize, String)| {
            let cell = &dimensions.levels[*place].cell;
            let is_named = cell.breakdown == *breakdown && levels.contains(&cell.level);
            is_named.then(|| letter.clone())
        };
        self.levels.iter().filter_map(named).collect::<Vec<_>>().join(" ")
    }
}
