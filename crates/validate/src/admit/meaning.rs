//! What one delivered text means for one item, by its crosswalk, kind and range.

use survey::codebook::{
    Becomes, Codebook, Concept, Crosswalk, Item, Kind, OTHER, Recode, plain_spaces,
};
use survey::handoff::RawAbout;
use survey::{Class, Code, Fate, MissingReason};

use super::columns::Placed;
use super::form::Form;
use super::number::{canonical, exact, whole_code};
use super::options::{Chosen, Options, loose};
use super::words::shape;

/// What a distinct cell text of a column comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome<'a> {
    /// What is handed on: the code, the number or date in its one spelling, the text; else the missing reason or nothing.
    pub code: String,
    pub meaning: Meaning,
    /// Where the cell ends unless its row says otherwise.
    pub fate: Fate,
    /// The value of the crosswalk's row that said so.
    pub recode: Option<&'a str>,
    /// Class or shape of what was found.
    pub found: String,
    /// A number that the workbook holds as text.
    pub number_as_text: bool,
    /// The shape of an answer that no item names, beside answers that are kept.
    pub unnamed: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Answer,
    /// A text that stands for a missing reason.
    Missing(MissingReason),
    /// An empty cell to which the crosswalk gives a value, e.g. an option that was not chosen.
    Implied,
    Empty,
    Invalid(Wrong),
}

/// Why a cell is invalid; the order is the order of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wrong {
    UnknownAnswer,
    NotANumber,
    /// `1.234` in a column of which nobody can tell what its signs mean.
    AmbiguousNumber,
    NotADate,
    /// `01-02-2025` in a column of which nobody can tell the order.
    AmbiguousDate,
    OutOfRange,
    ErrorValue,
    FormulaWithoutValue,
    AnsweredNotRouted,
}

impl Wrong {
    pub const ALL: [Self; 9] = [
        Self::UnknownAnswer,
        Self::NotANumber,
        Self::AmbiguousNumber,
        Self::NotADate,
        Self::AmbiguousDate,
        Self::OutOfRange,
        Self::ErrorValue,
        Self::FormulaWithoutValue,
        Self::AnsweredNotRouted,
    ];

    /// Whether ingest found it already, as it reads the cell: it is told once.
    pub fn is_told_by_ingest(self) -> bool {
        matches!(self, Self::ErrorValue | Self::FormulaWithoutValue)
    }

    /// The finding's code.
    pub fn code(self) -> Code {
        match self {
            Self::UnknownAnswer => Code::UnknownAnswer,
            Self::NotANumber => Code::NotANumber,
            Self::AmbiguousNumber => Code::AmbiguousNumber,
            Self::NotADate => Code::NotADate,
            Self::AmbiguousDate => Code::AmbiguousDate,
            Self::OutOfRange => Code::OutOfRange,
            Self::ErrorValue => Code::ErrorCell,
            Self::FormulaWithoutValue => Code::UncalculatedFormula,
            Self::AnsweredNotRouted => Code::AnsweredNotRouted,
        }
    }
}

const EMPTY: &str = "<empty>";
pub(super) const NUMBER: &str = "<number>";
const CHOSEN: &str = "<chosen>";
const NOT_CHOSEN: &str = "<not_chosen>";
/// Values of a crosswalk that stand for no text of their own.
pub(super) const PLACEHOLDERS: [&str; 5] = [EMPTY, NUMBER, CHOSEN, NOT_CHOSEN, OTHER];

/// Reads the cells of one item.
pub(super) struct Reader<'a> {
    pub item: &'a Item,
    pub concept: &'a Concept,
    pub crosswalk: Option<&'a Crosswalk>,
    pub codes: Vec<&'a str>,
    pub option_separator: char,
    options: Options<'a>,
    form: Form,
    workbook: bool,
}

impl<'a> Reader<'a> {
    pub fn new(placed: Placed<'a>, codebook: &'a Codebook, about: &RawAbout, form: Form) -> Self {
        let Placed { item, concept, .. } = placed;
        Self {
            item,
            concept,
            crosswalk: codebook.crosswalks.get(&item.crosswalk),
            codes: codebook.codes(concept),
            option_separator: about.option_separator,
            options: Options::of(item, codebook, about.option_separator),
            form,
            workbook: about.container != "csv",
        }
    }

    pub fn outcome(&self, text: Option<&str>, class: Class) -> Outcome<'a> {
        if class == Class::FormulaWithoutValue {
            return invalid(Wrong::FormulaWithoutValue, class.name());
        }
        let text = text.map(str::trim).filter(|text| !text.is_empty() && class != Class::Empty);
        match text {
            None => self.empty(),
            Some(text) if !self.item.option.is_empty() => self.option(&plain_spaces(text), class),
            Some(text) => self.value(text, class),
        }
    }

    fn lookup(&self, value: &str) -> Option<&'a Recode> {
        self.crosswalk?.recodes.get(value)
    }

    /// What the crosswalk says of a delivered text.
    fn delivered(&self, text: &str) -> Option<&'a Recode> {
        self.lookup(text).filter(|_| !PLACEHOLDERS.contains(&text))
    }

    fn empty(&self) -> Outcome<'a> {
        match self.lookup(EMPTY).filter(|recode| recode.becomes != Becomes::Itself) {
            Some(recode) => {
                Outcome { meaning: Meaning::Implied, ..self.recoded(EMPTY, recode, Class::Empty) }
            }
            None => Outcome {
                meaning: Meaning::Empty,
                fate: Fate::Missing(MissingReason::Unanswered),
                ..answer("", Class::Empty)
            },
        }
    }

    /// A cell `a;b;`: is this item's option among its answers?
    fn option(&self, text: &str, class: Class) -> Outcome<'a> {
        // the whole cell may stand for something: don't know, not shown
        if let Some(recode) = self.delivered(text).filter(|_| !self.options.is_named(text)) {
            return self.recoded(text, recode, class);
        }
        let unknown = |part: &str| format!("an option nobody names, {}", shape(part, class));
        let (chosen, unnamed) = match self.options.chosen(&self.item.option, text) {
            Chosen::Yes(unnamed) => (true, unnamed),
            Chosen::No(unnamed) => (false, unnamed),
            Chosen::Unknown(part) => return invalid(Wrong::UnknownAnswer, &unknown(part)),
            Chosen::Nearly(part) => {
                let found = format!("{}{BUT_FOR_CASE}", shape(part, class));
                return invalid(Wrong::UnknownAnswer, &found);
            }
        };
        Outcome { unnamed: unnamed.map(unknown), ..self.chosen(chosen, class) }
    }

    fn chosen(&self, chosen: bool, class: Class) -> Outcome<'a> {
        let (values, plain) = if chosen {
            ([self.item.option.as_str(), CHOSEN], "yes")
        } else {
            ([NOT_CHOSEN, EMPTY], "no")
        };
        match values.into_iter().find_map(|value| self.lookup(value)) {
            Some(recode) => self.recoded(&recode.value, recode, class),
            None if self.crosswalk.is_none() && self.codes.contains(&plain) => {
                Outcome { fate: Fate::Recoded, ..answer(plain, class) }
            }
            None => invalid(
                Wrong::UnknownAnswer,
                if chosen { "the item's option" } else { "other options only" },
            ),
        }
    }

    fn value(&self, text: &str, class: Class) -> Outcome<'a> {
        let compared = plain_spaces(text);
        if let Some(recode) = self.delivered(&compared) {
            return self.in_range(self.recoded(&compared, recode, class));
        }
        if class == Class::Error {
            return invalid(Wrong::ErrorValue, class.name());
        }
        match self.concept.kind {
            Kind::Category => self.category(&compared, class),
            Kind::Number => self.number(text, class),
            Kind::Date => match self.form.dates.read(text) {
                Ok(date) => self.known(&date, self.lookup(&date), class),
                Err(wrong) => invalid(wrong, &shape(text, class)),
            },
            Kind::Text => {
                let any_number = parsed(text).and_then(|_| self.lookup(NUMBER));
                self.known(text, any_number, class)
            }
        }
    }

    fn known(&self, text: &str, recode: Option<&'a Recode>, class: Class) -> Outcome<'a> {
        recode.map_or_else(|| answer(text, class), |recode| self.recoded(text, recode, class))
    }

    fn recoded(&self, text: &str, recode: &'a Recode, class: Class) -> Outcome<'a> {
        let same = |code: &str| {
            let equal = |code| parsed(text) == Some(code);
            code == text || self.concept.kind == Kind::Number && parsed(code).is_some_and(equal)
        };
        let (code, meaning, fate) = match &recode.becomes {
            Becomes::Code(code) if same(code) => (code.as_str(), Meaning::Answer, Fate::Kept),
            Becomes::Code(code) => (code.as_str(), Meaning::Answer, Fate::Recoded),
            Becomes::Itself => (text, Meaning::Answer, Fate::Kept),
            Becomes::Missing(reason) => {
                (reason.name(), Meaning::Missing(*reason), Fate::Missing(*reason))
            }
        };
        Outcome { meaning, fate, recode: Some(&recode.value), ..answer(code, class) }
    }

    fn category(&self, text: &str, class: Class) -> Outcome<'a> {
        let whole = whole_code(text);
        if let Some(recode) = whole.and_then(|whole| self.lookup(whole)) {
            return self.recoded(&recode.value, recode, class);
        }
        if self.crosswalk.is_none()
            && let Some(code) =
                [Some(text), whole].into_iter().flatten().find(|text| self.codes.contains(text))
        {
            return answer(code, class);
        }
        match self.lookup(OTHER).filter(|_| !self.is_nearly(text)) {
            Some(recode) => self.recoded(OTHER, recode, class),
            None => invalid(Wrong::UnknownAnswer, &self.unknown(text, class)),
        }
    }

    fn number(&self, text: &str, class: Class) -> Outcome<'a> {
        // A workbook's number cells hold numbers, its texts what people typed.
        let value = if self.workbook && class == Class::Number {
            exact(text).ok_or(Wrong::NotANumber)
        } else {
            self.form.numbers.read(text)
        };
        let value = match value {
            Ok(value) => value,
            Err(wrong) => return invalid(wrong, &self.unknown(text, class)),
        };
        let spelled = canonical(value);
        let recode = [spelled.as_str(), NUMBER].into_iter().find_map(|value| self.lookup(value));
        if recode.is_none() && self.crosswalk.is_some() {
            return invalid(Wrong::UnknownAnswer, &self.unknown(text, class));
        }
        let mut outcome = self.known(&spelled, recode, class);
        outcome.number_as_text = self.workbook && class == Class::Text;
        self.in_range(outcome)
    }

    fn in_range(&self, outcome: Outcome<'a>) -> Outcome<'a> {
        if self.concept.kind != Kind::Number || outcome.meaning != Meaning::Answer {
            return outcome;
        }
        let Ok(value) = outcome.code.parse::<f64>() else { return outcome };
        if self.item.minimum.is_some_and(|minimum| value < minimum) {
            return invalid(Wrong::OutOfRange, "a number below the minimum");
        }
        if self.item.maximum.is_some_and(|maximum| value > maximum) {
            return invalid(Wrong::OutOfRange, "a number above the maximum");
        }
        outcome
    }

    /// The shape of an unknown text; says so where only case or spaces differ from a known one.
    fn unknown(&self, text: &str, class: Class) -> String {
        let near = if self.is_nearly(text) { BUT_FOR_CASE } else { "" };
        format!("{}{near}", shape(text, class))
    }

    /// Whether only case or spaces of a text differ from an answer that is known.
    fn is_nearly(&self, text: &str) -> bool {
        let wanted = loose(text);
        let recodes = self.crosswalk.into_iter().flat_map(|crosswalk| crosswalk.recodes.keys());
        let mut known = recodes.map(String::as_str).chain(self.codes.iter().copied());
        known.any(|value| loose(value) == wanted)
    }
}

const BUT_FOR_CASE: &str = ", a known answer but for case or spaces";

fn answer<'a>(code: &str, class: Class) -> Outcome<'a> {
    Outcome {
        code: code.to_owned(),
        meaning: Meaning::Answer,
        fate: Fate::Kept,
        recode: None,
        found: class.name().to_owned(),
        number_as_text: false,
        unnamed: None,
    }
}

fn invalid<'a>(wrong: Wrong, found: &str) -> Outcome<'a> {
    Outcome {
        code: String::new(),
        meaning: Meaning::Invalid(wrong),
        fate: Fate::Quarantined,
        recode: None,
        found: found.to_owned(),
        number_as_text: false,
        unnamed: None,
    }
}

pub(super) fn parsed(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}
