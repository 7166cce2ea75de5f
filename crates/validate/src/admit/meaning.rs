//! What one delivered text means for one item, by its crosswalk, kind and range.

use survey::codebook::{Becomes, Codebook, Concept, Crosswalk, Item, Kind, OTHER, plain_spaces};
use survey::handoff::RawAbout;
use survey::{Class, MissingReason};

use super::columns::Placed;
use super::form::Form;
use super::number::{canonical, exact, whole_code};
use super::options::{Chosen, Options, loose};
use super::words::shape;

/// What a distinct cell text of a column comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    /// What is handed on: the crosswalk's value, or the number or date in its one spelling; none for an empty cell.
    pub text: Option<String>,
    /// Code or missing reason, for routing and filters.
    pub code: String,
    pub meaning: Meaning,
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
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownAnswer => "unknown_answer",
            Self::NotANumber => "not_a_number",
            Self::AmbiguousNumber => "ambiguous_number",
            Self::NotADate => "not_a_date",
            Self::AmbiguousDate => "ambiguous_date",
            Self::OutOfRange => "out_of_range",
            Self::ErrorValue => "error_cell",
            Self::FormulaWithoutValue => "uncalculated_formula",
            Self::AnsweredNotRouted => "answered_not_routed",
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

    pub fn outcome(&self, text: Option<&str>, class: Class) -> Outcome {
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

    fn lookup(&self, value: &str) -> Option<&'a Becomes> {
        self.crosswalk?.recodes.get(value).map(|recode| &recode.becomes)
    }

    /// What the crosswalk says of a delivered text.
    fn delivered(&self, text: &str) -> Option<&'a Becomes> {
        self.lookup(text).filter(|_| !PLACEHOLDERS.contains(&text))
    }

    fn empty(&self) -> Outcome {
        let outcome = |code: &str, meaning| Outcome {
            text: None,
            code: code.to_owned(),
            meaning,
            found: Class::Empty.name().to_owned(),
            number_as_text: false,
            unnamed: None,
        };
        match self.lookup(EMPTY) {
            Some(Becomes::Code(code)) => outcome(code, Meaning::Implied),
            Some(Becomes::Missing(reason)) => outcome(reason.name(), Meaning::Implied),
            Some(Becomes::Itself) | None => outcome("", Meaning::Empty),
        }
    }

    /// A cell `a;b;`: is this item's option among its answers?
    fn option(&self, text: &str, class: Class) -> Outcome {
        // the whole cell may stand for something: don't know, not shown
        if let Some(becomes) = self.delivered(text).filter(|_| !self.options.is_named(text)) {
            return recoded(text, becomes, class);
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

    fn chosen(&self, chosen: bool, class: Class) -> Outcome {
        let (values, plain) = if chosen {
            ([self.item.option.as_str(), CHOSEN], "yes")
        } else {
            ([NOT_CHOSEN, EMPTY], "no")
        };
        let found =
            values.into_iter().find_map(|value| self.lookup(value).map(|becomes| (value, becomes)));
        match found {
            Some((value, becomes)) => {
                let mut outcome = recoded(value, becomes, class);
                outcome.text = outcome.text.filter(|text| text != EMPTY);
                outcome
            }
            None if self.crosswalk.is_none() && self.codes.contains(&plain) => {
                answer(plain, plain, class)
            }
            None => invalid(
                Wrong::UnknownAnswer,
                if chosen { "the item's option" } else { "other options only" },
            ),
        }
    }

    fn value(&self, text: &str, class: Class) -> Outcome {
        let compared = plain_spaces(text);
        if let Some(becomes) = self.delivered(&compared) {
            return self.in_range(recoded(&compared, becomes, class));
        }
        if class == Class::Error {
            return invalid(Wrong::ErrorValue, class.name());
        }
        match self.concept.kind {
            Kind::Category => self.category(&compared, class),
            Kind::Number => self.number(text, class),
            Kind::Date => match self.form.dates.read(text) {
                Ok(date) => match self.lookup(&date) {
                    Some(becomes) => recoded(&date, becomes, class),
                    None => answer(&date, "", class),
                },
                Err(wrong) => invalid(wrong, &shape(text, class)),
            },
            Kind::Text => answer(text, "", class),
        }
    }

    fn category(&self, text: &str, class: Class) -> Outcome {
        let whole = whole_code(text);
        if let Some((value, becomes)) =
            whole.and_then(|whole| self.lookup(whole).map(|becomes| (whole, becomes)))
        {
            return recoded(value, becomes, class);
        }
        if self.crosswalk.is_none()
            && let Some(code) =
                [Some(text), whole].into_iter().flatten().find(|text| self.codes.contains(text))
        {
            return answer(code, code, class);
        }
        match self.lookup(OTHER).filter(|_| !self.is_nearly(text)) {
            Some(becomes) => recoded(OTHER, becomes, class),
            None => invalid(Wrong::UnknownAnswer, &self.unknown(text, class)),
        }
    }

    fn number(&self, text: &str, class: Class) -> Outcome {
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
        let becomes = [spelled.as_str(), NUMBER].into_iter().find_map(|value| self.lookup(value));
        let mut outcome = match becomes {
            Some(becomes) => recoded(&spelled, becomes, class),
            None if self.crosswalk.is_some() => {
                return invalid(Wrong::UnknownAnswer, &self.unknown(text, class));
            }
            None => answer(&spelled, &spelled, class),
        };
        outcome.number_as_text = self.workbook && class == Class::Text;
        self.in_range(outcome)
    }

    fn in_range(&self, outcome: Outcome) -> Outcome {
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

fn answer(text: &str, code: &str, class: Class) -> Outcome {
    Outcome {
        text: Some(text.to_owned()),
        code: code.to_owned(),
        meaning: Meaning::Answer,
        found: class.name().to_owned(),
        number_as_text: false,
        unnamed: None,
    }
}

fn recoded(text: &str, becomes: &Becomes, class: Class) -> Outcome {
    let outcome = |code: &str, meaning| Outcome { meaning, ..answer(text, code, class) };
    match becomes {
        Becomes::Code(code) => outcome(code, Meaning::Answer),
        Becomes::Itself => outcome(text, Meaning::Answer),
        Becomes::Missing(reason) => outcome(reason.name(), Meaning::Missing(*reason)),
    }
}

fn invalid(wrong: Wrong, found: &str) -> Outcome {
    Outcome {
        text: None,
        code: String::new(),
        meaning: Meaning::Invalid(wrong),
        found: found.to_owned(),
        number_as_text: false,
        unnamed: None,
    }
}
