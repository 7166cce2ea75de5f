//! What one delivered text means for one item, by its crosswalk, kind and range.

use std::collections::BTreeSet;

use survey::codebook::{Becomes, Codebook, Concept, Crosswalk, Item, Kind};
use survey::handoff::RawAbout;
use survey::{Class, MissingReason};

use super::columns::Placed;
use super::number::{Signs, canonical, date, number};

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
    NotADate,
    OutOfRange,
    ErrorValue,
    FormulaWithoutValue,
    AnsweredNotRouted,
}

impl Wrong {
    pub const ALL: [Self; 7] = [
        Self::UnknownAnswer,
        Self::NotANumber,
        Self::NotADate,
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
            Self::NotADate => "not_a_date",
            Self::OutOfRange => "out_of_range",
            Self::ErrorValue => "error_cell",
            Self::FormulaWithoutValue => "uncalculated_formula",
            Self::AnsweredNotRouted => "answered_not_routed",
        }
    }
}

const EMPTY: &str = "<empty>";
const NUMBER: &str = "<number>";
const CHOSEN: &str = "<chosen>";
const NOT_CHOSEN: &str = "<not_chosen>";
/// Values of a crosswalk that stand for no text of their own.
const PLACEHOLDERS: [&str; 4] = [EMPTY, NUMBER, CHOSEN, NOT_CHOSEN];

/// Reads the cells of one item.
pub(super) struct Reader<'a> {
    pub item: &'a Item,
    pub concept: &'a Concept,
    crosswalk: Option<&'a Crosswalk>,
    codes: Vec<&'a str>,
    /// All options that items on the same column name.
    options: BTreeSet<&'a str>,
    signs: Signs,
    option_separator: char,
    workbook: bool,
}

impl<'a> Reader<'a> {
    pub fn new(placed: Placed<'a>, codebook: &'a Codebook, about: &RawAbout) -> Self {
        let Placed { item, concept, .. } = placed;
        let same_column =
            |other: &&Item| other.column == item.column && other.occurrence == item.occurrence;
        Self {
            item,
            concept,
            crosswalk: codebook.crosswalks.get(&item.crosswalk),
            codes: codebook.codes(concept),
            options: codebook
                .items
                .iter()
                .filter(same_column)
                .map(|other| other.option.as_str())
                .collect(),
            signs: Signs { decimal_comma: about.decimal_comma, thousands: about.thousands },
            option_separator: about.option_separator,
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
            Some(text) if !self.item.option.is_empty() => self.option(text, class),
            Some(text) => self.value(text, class),
        }
    }

    /// What is expected of a cell, for messages.
    pub fn expected(&self) -> String {
        if !self.item.option.is_empty() {
            return format!(
                "options separated by `{}`, each named by an item",
                self.option_separator
            );
        }
        let known = |crosswalk: &'a Crosswalk| {
            crosswalk
                .recodes
                .keys()
                .map(String::as_str)
                .filter(|value| !PLACEHOLDERS.contains(value))
        };
        match (self.concept.kind, self.crosswalk) {
            (Kind::Category, Some(crosswalk)) => list("one of", known(crosswalk)),
            (Kind::Category, None) => list("one of", self.codes.iter().copied()),
            (Kind::Number, None) => self.range(),
            (Kind::Number, Some(crosswalk)) if self.lookup(NUMBER).is_none() => {
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

    /// How to mend a cell that means nothing; rows of the codebook by their key, as findings outlive line numbers.
    pub fn hint(&self, wrong: Wrong) -> String {
        let item = item_key(self.item);
        let crosswalk = &self.item.crosswalk;
        match wrong {
            Wrong::UnknownAnswer if !self.item.option.is_empty() => {
                format!("give the option an item of its own beside {item}")
            }
            Wrong::UnknownAnswer if crosswalk.is_empty() => {
                format!(
                    "add the answer to config/codebook/answers.csv (`{}`) if it belongs there",
                    self.concept.answers
                )
            }
            Wrong::UnknownAnswer | Wrong::NotANumber if !crosswalk.is_empty() => {
                format!("add a row `{crosswalk},<value>,<code>` to config/codebook/crosswalks.csv")
            }
            Wrong::UnknownAnswer | Wrong::NotANumber => {
                format!("give the item a crosswalk with `<number>` and this text: {item}")
            }
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

    fn lookup(&self, value: &str) -> Option<&'a Becomes> {
        self.crosswalk?.recodes.get(value).map(|recode| &recode.becomes)
    }

    fn empty(&self) -> Outcome {
        let outcome = |code: &str, meaning| Outcome {
            text: None,
            code: code.to_owned(),
            meaning,
            found: Class::Empty.name().to_owned(),
            number_as_text: false,
        };
        match self.lookup(EMPTY) {
            Some(Becomes::Code(code)) => outcome(code, Meaning::Implied),
            Some(Becomes::Missing(reason)) => outcome(reason.name(), Meaning::Implied),
            Some(Becomes::Itself) | None => outcome("", Meaning::Empty),
        }
    }

    /// A cell `a;b;`: is this item's option among them, and are all of them known?
    fn option(&self, text: &str, class: Class) -> Outcome {
        // the whole cell may stand for something: don't know, not shown
        if let Some(becomes) = self.lookup(text).filter(|_| text != self.item.option) {
            return recoded(text, becomes, class);
        }
        let parts = parts(text, self.option_separator, &self.options);
        if let Some(unknown) = parts.iter().find(|part| !self.options.contains(*part)) {
            return invalid(
                Wrong::UnknownAnswer,
                &format!("an option nobody names, {}", shape(unknown, class)),
            );
        }
        let chosen = parts.contains(&self.item.option.as_str());
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
        let placeholder = PLACEHOLDERS.contains(&text);
        if let Some(becomes) = self.lookup(text).filter(|_| !placeholder) {
            return self.in_range(recoded(text, becomes, class));
        }
        if class == Class::Error {
            return invalid(Wrong::ErrorValue, class.name());
        }
        match self.concept.kind {
            Kind::Category => self.category(text, class),
            Kind::Number => self.number(text, class),
            Kind::Date => match date(text) {
                Some(date) => match self.lookup(&date) {
                    Some(becomes) => recoded(&date, becomes, class),
                    None => answer(&date, "", class),
                },
                None => invalid(Wrong::NotADate, &shape(text, class)),
            },
            Kind::Text => answer(text, "", class),
        }
    }

    fn category(&self, text: &str, class: Class) -> Outcome {
        let whole = whole_number(text);
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
        invalid(Wrong::UnknownAnswer, &self.unknown(text, class))
    }

    fn number(&self, text: &str, class: Class) -> Outcome {
        let as_program_writes = Signs { decimal_comma: false, thousands: false };
        let signs =
            if self.workbook && class == Class::Number { as_program_writes } else { self.signs };
        let Some(value) = number(text, signs) else {
            return invalid(Wrong::NotANumber, &self.unknown(text, class));
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
        let loose =
            |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let wanted = loose(text);
        let mut known = self
            .crosswalk
            .into_iter()
            .flat_map(|crosswalk| crosswalk.recodes.keys().map(String::as_str));
        let near = known.any(|value| loose(value) == wanted)
            || self.codes.iter().any(|code| loose(code) == wanted);
        let shape = shape(text, class);
        if near { format!("{shape}, a known answer but for case or spaces") } else { shape }
    }
}

/// An item's row in the codebook: `config/codebook/items.csv: gp,2024,video_use`.
pub(super) fn item_key(item: &Item) -> String {
    format!("config/codebook/items.csv: {},{},{}", item.panel, item.wave, item.concept)
}

fn answer(text: &str, code: &str, class: Class) -> Outcome {
    Outcome {
        text: Some(text.to_owned()),
        code: code.to_owned(),
        meaning: Meaning::Answer,
        found: class.name().to_owned(),
        number_as_text: false,
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
    }
}

/// Class and shape, never the text itself.
fn shape(text: &str, class: Class) -> String {
    match class {
        Class::Text => format!("text of {} characters", text.chars().count()),
        Class::Number if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("a whole number of {} digits", text.len())
        }
        other => other.name().to_owned(),
    }
}

/// `1.0` and `1,0` are `1`; none for other texts.
fn whole_number(text: &str) -> Option<&str> {
    let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let fits = !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && decimals.bytes().all(|byte| byte == b'0');
    fits.then_some(whole)
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
/// The answers of a cell; an option may itself hold the sign between them.
fn parts<'a>(text: &'a str, separator: char, options: &BTreeSet<&str>) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let ends = |option: &&&str| {
            let behind = rest.strip_prefix(**option).map(str::trim_start);
            !option.is_empty()
                && behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(separator))
        };
        let known = options.iter().filter(ends).map(|option| option.len()).max();
        let length = known.or_else(|| rest.find(separator)).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(length);
        parts.push(part.trim());
        let behind = behind.trim_start();
        rest = behind.strip_prefix(separator).unwrap_or(behind).trim_start();
    }
    parts.retain(|part| !part.is_empty());
    parts
}
