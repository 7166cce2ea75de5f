//! What speaks for and against a row as one of the header.

use config::ExportProfile;
use config::export::ValueForms;
use survey::Class;
use survey::date::DateOrder;
use survey::header::{plain, squeezed};

use crate::classify::Classifier;
use crate::names::is_like;

/// Words by which people head a column of ids.
const ID_WORDS: [&str; 32] = [
    "id",
    "ids",
    "nr",
    "no",
    "num",
    "nummer",
    "number",
    "code",
    "record",
    "case",
    "key",
    "respondent",
    "respnr",
    "participant",
    "deelnemer",
    "response",
    "respons",
    "respuesta",
    "antwoord",
    "antwort",
    "kenmerk",
    "sleutel",
    "identifier",
    "respondentnummer",
    "respondentnumber",
    "deelnemersnummer",
    "volgnummer",
    "lidnummer",
    "panelnummer",
    "casenumber",
    "recordnumber",
    "participantnumber",
];

/// Whether a text heads a column of ids and is none: it has a word for it and no digit.
pub(super) fn heads_ids(text: &str, profile: &ExportProfile) -> bool {
    let text = text.trim();
    if profile.id.iter().any(|id| squeezed(id) == squeezed(text)) {
        return true;
    }
    if text.contains(|sign: char| sign.is_numeric() || sign == '@') {
        return false;
    }
    let is_word =
        |word: &str| ID_WORDS.contains(&word) || profile.id.iter().any(|id| squeezed(id) == word);
    let is_question = text.ends_with('?') && text.contains(' ');
    is_question
        || text
            .split(|sign: char| !sign.is_alphanumeric())
            .any(|word| is_word(&word.to_lowercase()))
}

/// As Qualtrics writes below its questions: `{"ImportId":"QID1"}`, also with other quotation marks.
pub(super) fn is_import_id(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('{') && text.ends_with('}')
}

/// What only answers and ids look like: numbers, dates and times, error values, addresses.
pub(crate) fn is_answer(text: &str, numbers_too: bool) -> bool {
    let text = text.trim();
    let orders = vec![DateOrder::Ymd, DateOrder::Dmy, DateOrder::Mdy];
    let forms = ValueForms { date_orders: orders, ..ValueForms::default() };
    let class = Classifier::new(&forms).classify(text.as_bytes());
    let comma = ValueForms { decimal_comma: true, ..ValueForms::default() };
    let is_number = || Classifier::new(&comma).classify(text.as_bytes()) == Class::Number;
    match class {
        Class::Empty => false,
        Class::Number => numbers_too,
        Class::Text => numbers_too && is_number() || text.contains('@') || is_dotted(text),
        _ => true,
    }
}

/// An address of a machine, or a date and a time of day however they are written.
fn is_dotted(text: &str) -> bool {
    let starts_with_digit = text.starts_with(|sign: char| sign.is_ascii_digit());
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let signs = text.chars().filter(|sign| matches!(sign, '.' | '/' | ':' | '-')).count();
    let letters = text.chars().filter(|sign| sign.is_alphabetic()).count();
    starts_with_digit && digits >= 4 && signs >= 2 && letters <= digits
}

/// A text that this producer writes above its columns.
pub(super) fn is_fixed(text: &str, profile: &ExportProfile) -> bool {
    let text = text.trim();
    let same = |other: &String| squeezed(other) == squeezed(text);
    !text.is_empty()
        && (profile.signs.iter().any(|sign| is_like(text, sign))
            || profile.header.leave_out.iter().any(same)
            || profile.personal.columns.iter().any(same)
            || profile.cut.iter().any(|cut| same(&cut.column)))
}

/// Most of its texts stand in it more than once, as answers do.
pub(super) fn repeats(texts: &[&str]) -> bool {
    let different: std::collections::BTreeSet<String> =
        texts.iter().map(|text| plain(text)).collect();
    different.len() * 2 < texts.len() + texts.len() % 2
}
