//! Cells that hold several answers of a list: by which sign they are cut, and how many there are to choose from.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

const SEPARATORS: [char; 3] = [';', '|', ','];
const MOST_OPTIONS: usize = 30;
const LONGEST_OPTION: usize = 80;

/// What the cells of a column have in common that hold several answers each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    pub separator: char,
    pub different: usize,
    pub most_in_a_cell: usize,
}

impl fmt::Display for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { separator, different, most_in_a_cell } = self;
        write!(
            formatter,
            "up to {most_in_a_cell} of {different} options separated by `{separator}`"
        )
    }
}

/// Into how many parts each sign cuts a cell.
pub(super) type Parts = [u32; SEPARATORS.len()];

/// The cells of a column as each sign would cut them.
#[derive(Debug, Clone, Default)]
pub(super) struct Splits([Split; SEPARATORS.len()]);

impl Splits {
    /// Looks at a text; each of its cells is then counted.
    pub(super) fn learn(&mut self, cell: &str) -> Parts {
        let mut parts = Parts::default();
        for ((split, separator), parts) in self.0.iter_mut().zip(SEPARATORS).zip(&mut parts) {
            *parts = split.learn(cell, separator);
        }
        parts
    }

    pub(super) fn count(&mut self, parts: Parts) {
        for (split, parts) in self.0.iter_mut().zip(parts) {
            split.chosen += u64::from(parts);
            split.cells_with_several += u64::from(parts > 1);
        }
    }

    pub(super) fn options(&self) -> Option<Options> {
        self.0.iter().zip(SEPARATORS).find_map(|(split, separator)| split.options(separator))
    }
}

#[derive(Debug, Clone, Default)]
struct Split {
    parts: BTreeSet<String>,
    chosen: u64,
    cells_with_several: u64,
    most_in_a_cell: usize,
    /// Different cells.
    cells: usize,
    /// A part twice in one cell, a long one, or too many different ones.
    is_refuted: bool,
}

impl Split {
    fn learn(&mut self, cell: &str, separator: char) -> u32 {
        if self.is_refuted {
            return 0;
        }
        let mut of_cell = BTreeSet::new();
        for part in cell.split(separator).map(str::trim).filter(|part| !part.is_empty()) {
            if !of_cell.insert(part)
                || of_cell.len() > MOST_OPTIONS
                || part.chars().nth(LONGEST_OPTION).is_some()
            {
                self.is_refuted = true;
                return 0;
            }
        }
        let parts = of_cell.len();
        for part in of_cell {
            if !self.parts.contains(part) {
                self.parts.insert(part.to_owned());
            }
        }
        self.is_refuted = self.parts.len() > MOST_OPTIONS;
        self.most_in_a_cell = self.most_in_a_cell.max(parts);
        self.cells += 1;
        parts as u32
    }

    /// Parts that come back, as answers of a list do and words of a sentence do not.
    fn options(&self, separator: char) -> Option<Options> {
        let different = self.parts.len();
        let comes_back = different as u64 * 3 <= self.chosen * 2;
        // Two numbers with a comma between them are one with a decimal comma.
        let is_number = |part: &String| part.bytes().all(|byte| byte.is_ascii_digit());
        let may_be_decimal =
            separator == ',' && self.most_in_a_cell < 3 && self.parts.iter().all(is_number);
        let holds = !self.is_refuted
            && self.cells_with_several > 1
            && different > 1
            && comes_back
            // Of a list different cells are made; single answers with the sign in them are as many as there are.
            && self.cells > different
            && !may_be_decimal;
        holds.then_some(Options { separator, different, most_in_a_cell: self.most_in_a_cell })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cells: &[&str], expected: Option<(char, usize, usize)>) {
        let mut splits = Splits::default();
        for cell in cells {
            let parts = splits.learn(cell);
            splits.count(parts);
        }
        let found = splits.options();
        let facts = |found: Options| (found.separator, found.different, found.most_in_a_cell);
        assert_eq!(found.map(facts), expected, "{cells:?}");
    }

    #[test]
    fn answers_of_a_list_come_back_in_other_cells() {
        check(&["1;3;4", "1", "3;4", "1;4"], Some((';', 3, 3)));
        check(&["A|C", "A|B", "C", "B|A"], Some(('|', 3, 2)));
        check(&["Portaal;App;", "App;", "Portaal; App", "Portaal"], Some((';', 2, 2)));
        check(&["1,3,7", "1,3", "7", "3,7"], Some((',', 3, 3)));
    }

    #[test]
    fn sentences_numbers_and_single_answers_are_no_options() {
        check(&["goed; kan beter", "te duur; te traag", "geen; mening"], None);
        check(&["1,5", "2,5", "1,5", "2,1", "5,1"], None);
        check(&["ja", "nee", "ja", "nee"], None);
        check(&["1;1", "2;2", "1;2", "2;1"], None);
        let income = ["25,000 - 49,999", "50,000 - 99,999", "0 - 24,999"];
        check(&[income[0], income[1], income[2]], None);
        check(&["Ja, vaak", "Ja, soms", "Nee, nooit", "Nee, soms"], None);
        check(&[], None);
    }
}
