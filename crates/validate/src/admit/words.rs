//! What is said of an item's cells: what was expected, and how to correct what means nothing.

use survey::Class;
use survey::codebook::{Crosswalk, Item, Kind};

use super::meaning::{NUMBER, PLACEHOLDERS, Reader, Wrong};

impl<'a> Reader<'a> {
    /// What is expected of a cell, for messages.
    pub fn expected(&self) -> String {
        if !self.item.option.is_empty() {
            let separator = self.option_separator;
            return format!("options separated by `{separator}`, each named by an item");
        }
        let known = |crosswalk: &'a Crosswalk| {
            let values = crosswalk.recodes.keys().map(String::as_str);
            values.filter(|value| !PLACEHOLDERS.contains(value))
        };
        match (self.concept.kind, self.crosswalk) {
            (Kind::Category, Some(crosswalk)) => list("one of", known(crosswalk)),
            (Kind::Category, None) => list("one of", self.codes.iter().copied()),
            (Kind::Number, None) => self.range(),
            (Kind::Number, Some(crosswalk)) if !crosswalk.recodes.contains_key(NUMBER) => {
                list("one of", known(crosswalk))
            }
            (Kind::Number, Some(crosswalk)) => {
                list(&format!("{}, or one of", self.range()), known(crosswalk))
            }
            (Kind::Date, _) => "a date, in an order that the export profile declares".to_owned(),
            (Kind::Text, _) => "text".to_owned(),
        }
    }

    fn range(&self) -> String {
        match (self.item.minimum, self.item.maximum) {
            (Some(low), Some(high)) => format!("a number from {low} to {high}"),
            (Some(low), None) => format!("a number of at least {low}"),
            (None, Some(high)) => format!("a number of at most {high}"),
            (None, None) => "a number".to_owned(),
        }
    }

    /// How to correct a cell that means nothing; rows of the codebook by their key, as findings outlive line numbers.
    pub fn hint(&self, wrong: Wrong) -> String {
        let item = item_key(self.item);
        let crosswalk = &self.item.crosswalk;
        match wrong {
            Wrong::UnknownAnswer if !self.item.option.is_empty() => format!(
                "give the option an item of its own beside {item}, or one item the option `<other>`"
            ),
            Wrong::UnknownAnswer if crosswalk.is_empty() => format!(
                "add the answer to config/codebook/answers.csv (`{}`) if it belongs there",
                self.concept.answers
            ),
            Wrong::UnknownAnswer | Wrong::NotANumber if !crosswalk.is_empty() => {
                format!("add a row `{crosswalk},<value>,<code>` to config/codebook/crosswalks.csv")
            }
            Wrong::UnknownAnswer | Wrong::NotANumber => {
                format!("give the item a crosswalk with `<number>` and this text: {item}")
            }
            Wrong::AmbiguousNumber => "ask the producer for the column in one form, or declare its signs in the export profile (`decimal_comma`, `thousands`)".to_owned(),
            Wrong::AmbiguousDate => "ask the producer for dates as yyyy-mm-dd, or declare one order in the export profile (`date_orders`)".to_owned(),
            Wrong::OutOfRange => format!("the range stands in {item}"),
            Wrong::AnsweredNotRouted => format!("the routing stands in {item}"),
            Wrong::NotADate => {
                "declare the order of day, month and year in the export profile (`date_orders`)"
                    .to_owned()
            }
            Wrong::FormulaWithoutValue => {
                "open the workbook in Excel, let it calculate, and save it".to_owned()
            }
            Wrong::ErrorValue => "ask the producer for the value".to_owned(),
        }
    }
}

/// An item's row in the codebook: `config/codebook/items.csv: gp,2024,video_use`.
pub(super) fn item_key(item: &Item) -> String {
    format!("config/codebook/items.csv: {},{},{}", item.panel, item.wave, item.concept)
}

/// Class and shape, never the text itself.
pub(super) fn shape(text: &str, class: Class) -> String {
    match class {
        Class::Text => format!("text of {} characters", text.chars().count()),
        Class::Number if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            if text.len() == 1 {
                "a one-digit number".to_owned()
            } else {
                format!("a whole number of {} digits", text.len())
            }
        }
        other => other.name().to_owned(),
    }
}

/// A list of values that fits in a message.
fn list<'a>(opening: &str, values: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 12;
    let all: Vec<&str> = values.collect();
    let shown: Vec<String> = all.iter().take(SHOWN).map(|value| format!("`{value}`")).collect();
    let rest =
        if all.len() > SHOWN { format!(" and {} more", all.len() - SHOWN) } else { String::new() };
    format!("{opening} {}{rest}", shown.join(", "))
}
