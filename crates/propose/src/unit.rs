//! What an item may be about: a column, or one of several answers in its cells.

use std::collections::BTreeMap;

use likeness::normal;

use crate::delivered::{Column, Delivered, Values};
use crate::words::tail;

/// A column, or one of the answers that its cells hold several of.
#[derive(Debug, Clone, Default)]
pub struct Unit {
    pub position: u32,
    pub header: String,
    pub occurrence: u32,
    /// The answer that it is about, where a cell holds several.
    pub option: String,
    /// What was asked; empty where neither the file nor a questionnaire tells.
    pub question: String,
    /// What tells it from the others of its question.
    pub tail: String,
    pub is_id: bool,
    pub values: Values,
    /// Where it stands among all, from 0 to 1.
    pub place: f64,
}

/// An answer of a list comes back at least so often.
const LEAST_OFTEN: u64 = 5;
const MOST_OPTIONS: usize = 20;

/// The columns of a delivery, and the answers of those that hold several in a cell. `questions` gives texts by header.
pub fn units(delivered: &Delivered, questions: &BTreeMap<String, String>) -> Vec<Unit> {
    let mut units = Vec::new();
    for column in &delivered.columns {
        let asked = questions.get(&normal(&column.header)).unwrap_or(&column.question);
        let options = options(column, delivered.option_separator);
        let unit = Unit {
            position: column.position,
            header: column.header.clone(),
            occurrence: column.occurrence,
            question: asked.clone(),
            is_id: column.is_id,
            ..Unit::default()
        };
        if options.is_empty() {
            let tail = tail(asked).unwrap_or_default().to_owned();
            units.push(Unit { tail, values: column.values.clone(), ..unit });
        } else {
            let of_option = |(option, values)| Unit {
                tail: String::clone(&option),
                option,
                values,
                ..unit.clone()
            };
            units.extend(options.into_iter().map(of_option));
        }
    }
    let last = units.len().saturating_sub(1).max(1) as f64;
    for (place, unit) in units.iter_mut().enumerate() {
        unit.place = place as f64 / last;
    }
    units
}

/// The answers of a column whose cells hold several, each with how often it is chosen and how often not.
fn options(column: &Column, separator: char) -> Vec<(String, Values)> {
    let mut chosen: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut several, mut cells) = (0, 0);
    for (text, count) in column.values.counts() {
        let parts = || text.split(separator).map(str::trim).filter(|part| !part.is_empty());
        several += u64::from(parts().nth(1).is_some()) * count;
        cells += 1;
        parts().for_each(|part| *chosen.entry(part).or_default() += count);
    }
    let comes_back = chosen.values().all(|count| *count >= LEAST_OFTEN);
    let is_list = several >= LEAST_OFTEN && chosen.len() > 1 && chosen.len() <= MOST_OPTIONS;
    let is_number = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
    let may_be_decimal = separator == ',' && chosen.keys().all(is_number);
    if column.values.is_cut || !is_list || !comes_back || cells <= chosen.len() || may_be_decimal {
        return Vec::new();
    }
    let of_option = |(option, count): (&str, u64)| {
        let mut values = Values::default();
        values.add_times("yes", count);
        values.add_times("no", column.values.filled.saturating_sub(count));
        (option.to_owned(), values)
    };
    chosen.into_iter().map(of_option).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[&str], times: usize) -> Column {
        let mut values = Values::default();
        for _ in 0..times {
            for cell in cells {
                values.add(cell);
            }
        }
        Column { header: "Wat gebruikt u?".to_owned(), values, ..Column::default() }
    }

    #[test]
    fn a_cell_with_several_answers_is_as_many_units_and_a_sentence_is_one() {
        let check = |cells: &[&str], times, expected: &[&str]| {
            let found = options(&column(cells, times), ';');
            assert_eq!(found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), expected);
        };
        check(&["Portaal;App;", "App;", "Portaal;", ";"], 5, &["App", "Portaal"]);
        check(&["goed; kan beter", "te duur; te traag"], 3, &[]);
        check(&["Ja", "Nee"], 9, &[]);
    }
}
