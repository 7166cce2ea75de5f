//! What one delivered text becomes: looked up once a distinct text, always from what was delivered.

use std::collections::HashMap;

use arrow::array::{Array, Int8Array, StringArray};
use survey::codebook::{Becomes, Concept, Crosswalk, Item, Kind};
use survey::handoff::CellState;
use survey::{Fate, MissingReason};

use crate::column::Value;

const INVALID: Meaning<'static> = Meaning {
    value: Value::Missing(MissingReason::Invalid),
    fate: Fate::Quarantined,
    recode: None,
};
const EMPTY: &str = "<empty>";
const NUMBER: &str = "<number>";

/// A text's value, its fate, and which crosswalk row said so.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Meaning<'a> {
    pub value: Value,
    pub fate: Fate,
    pub recode: Option<&'a str>,
}

/// One item's cells, each distinct text read once.
pub(crate) struct Read<'a> {
    pub meanings: Vec<Meaning<'a>>,
    /// Which meaning, a row.
    pub numbers: Vec<u32>,
    /// Distinct texts without a meaning: the first row and how many cells.
    pub unmapped: Vec<(usize, u64)>,
}

/// Gives the texts of one item their meaning.
pub(crate) struct Reader<'a> {
    pub item: &'a Item,
    pub concept: &'a Concept,
    pub crosswalk: Option<&'a Crosswalk>,
    pub codes: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    /// Reads a column; a value without a meaning is listed, and stands as invalid until the caller refuses it.
    pub fn read(&self, texts: &StringArray, states: &Int8Array) -> Read<'a> {
        let mut read = Read {
            meanings: Vec::new(),
            numbers: Vec::with_capacity(texts.len()),
            unmapped: Vec::new(),
        };
        let mut known: HashMap<(Option<&str>, i8), u32> = HashMap::new();
        let mut unmapped: HashMap<u32, usize> = HashMap::new();
        let mut last = None;
        for row in 0..texts.len() {
            let key = (texts.is_valid(row).then(|| texts.value(row)), states.value(row));
            let number = match last {
                Some((same, number)) if same == key => number,
                _ => *known.entry(key).or_insert_with(|| {
                    let number = read.meanings.len() as u32;
                    let state = CellState::from_code(key.1).unwrap_or(CellState::Invalid);
                    read.meanings.push(self.meaning(key.0, state).unwrap_or_else(|| {
                        unmapped.insert(number, read.unmapped.len());
                        read.unmapped.push((row, 0));
                        INVALID
                    }));
                    number
                }),
            };
            if !unmapped.is_empty()
                && let Some(place) = unmapped.get(&number)
            {
                read.unmapped[*place].1 += 1;
            }
            last = Some((key, number));
            read.numbers.push(number);
        }
        read
    }

    /// None: the value is not mapped.
    fn meaning(&self, text: Option<&str>, state: CellState) -> Option<Meaning<'a>> {
        let missing = |reason| Some(gone(reason, None));
        match state {
            CellState::Admitted => self.admitted(text),
            CellState::Empty => missing(MissingReason::Unanswered),
            CellState::NotRouted => missing(MissingReason::NotRouted),
            CellState::BrokeOff => missing(MissingReason::BrokeOff),
            CellState::Invalid => Some(INVALID),
        }
    }

    fn admitted(&self, text: Option<&str>) -> Option<Meaning<'a>> {
        let number =
            text.and_then(|text| text.parse::<f64>().ok()).filter(|number| number.is_finite());
        let key = text.unwrap_or(EMPTY);
        let any_number = number.map(|_| NUMBER);
        if let Some((recode, becomes)) =
            self.row(key).or_else(|| any_number.and_then(|key| self.row(key)))
        {
            return match becomes {
                Becomes::Missing(reason) => Some(gone(*reason, Some(recode))),
                Becomes::Code(code) => {
                    let value = self.code(code)?;
                    let same = text == Some(code)
                        || matches!((&value, number), (Value::Number(to), Some(from)) if *to == from);
                    let fate = if same { Fate::Kept } else { Fate::Recoded };
                    Some(Meaning { value, fate, recode: Some(recode) })
                }
                Becomes::Itself => {
                    let value = self.code(text?)?;
                    Some(Meaning { value, fate: Fate::Kept, recode: Some(recode) })
                }
            };
        }
        let taken_as_it_comes =
            self.crosswalk.is_none() || matches!(self.concept.kind, Kind::Date | Kind::Text);
        let value = text.filter(|_| taken_as_it_comes).and_then(|text| self.code(text))?;
        // without a crosswalk the cell with several options still became a code of its own
        let fate = if self.item.option.is_empty() { Fate::Kept } else { Fate::Recoded };
        Some(Meaning { value, fate, recode: None })
    }

    fn row(&self, value: &str) -> Option<(&'a str, &'a Becomes)> {
        let (value, recode) = self.crosswalk?.recodes.get_key_value(value)?;
        Some((value.as_str(), &recode.becomes))
    }

    /// A code of the answer list, a number, or text, by the concept's kind.
    fn code(&self, code: &str) -> Option<Value> {
        match self.concept.kind {
            Kind::Category => self
                .codes
                .iter()
                .position(|known| *known == code)
                .map(|key| Value::Code(key as i16)),
            Kind::Number => {
                code.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::Number)
            }
            Kind::Date | Kind::Text => Some(Value::Text(code.to_owned())),
        }
    }

    pub fn expected(&self) -> String {
        let quoted = |values: &mut dyn Iterator<Item = &str>| {
            values.map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
        };
        match (self.crosswalk, self.concept.kind) {
            (Some(crosswalk), _) => format!(
                "a value of crosswalk `{}` that leads to a code of `{}`: {}",
                self.item.crosswalk,
                self.concept.concept,
                quoted(&mut crosswalk.recodes.keys().map(String::as_str))
            ),
            (None, Kind::Category) => format!("one of {}", quoted(&mut self.codes.iter().copied())),
            (None, Kind::Number) => "a number".to_owned(),
            (None, _) => "text".to_owned(),
        }
    }
}

fn gone(reason: MissingReason, recode: Option<&str>) -> Meaning<'_> {
    Meaning { value: Value::Missing(reason), fate: Fate::Missing(reason), recode }
}
