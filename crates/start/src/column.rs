//! What a column of an export is brought in as.

use ingest::ColumnLook;
use survey::Class;
use survey::handoff::{RawColumn, Treatment};
use survey::header::{plain, squeezed};

use crate::table::is_plain;
use crate::values::{Answer, Texts};

/// Different answers of a question at most.
const MOST_ANSWERS: usize = 20;
/// Different whole numbers that are taken for codes at most.
const MOST_CODES: usize = 7;
/// An answer that fewer give may tell who gave it.
const FEWEST: u64 = 5;

/// A column, and what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Brought {
    pub(crate) header: String,
    pub(crate) occurrence: u32,
    /// What was asked, where a header row says so.
    pub(crate) question: String,
    pub(crate) role: Role,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Role {
    Identifier,
    /// Answers that are written down, and whether there are others.
    Category {
        answers: Vec<Answer>,
        has_rare: bool,
    },
    /// One of several columns of a question: filled where its option was chosen.
    Chosen,
    /// Several answers in a cell, each an item of its own.
    Options {
        options: Vec<Answer>,
        has_rare: bool,
    },
    /// A number, and values of it that look like codes for no answer.
    Number {
        missing: Vec<String>,
    },
    /// Seconds that the filling in took.
    Duration,
    LeftOut(Why),
}

/// Why a column is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// Dropped at the door by the producer's profile.
    Dropped,
    Personal,
    FreeText,
    Paradata,
    Empty,
    NoHeader,
    Date,
    Mixed,
    Rare,
}

impl Why {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Dropped => {
                "personal or free text by its producer's profile: dropped before anything is kept"
            }
            Self::Personal => {
                "its header or its cells look personal: dropped before anything is kept"
            }
            Self::FreeText => "many different texts: dropped before anything is kept",
            Self::Paradata => "about the filling in, not an answer",
            Self::Empty => "nobody filled it",
            Self::NoHeader => "no header that an item could name",
            Self::Date => "dates: add an item and a concept of kind `date` where they are needed",
            Self::Mixed => "numbers and texts in one column: decide what the texts mean",
            Self::Rare => "no answer was given five times: `--include-values` writes rare ones too",
        }
    }

    /// Whether the draft's profile drops the column.
    pub(crate) fn is_dropped_now(self) -> bool {
        matches!(self, Self::Personal | Self::FreeText)
    }
}

/// All that is known of a column.
pub(crate) struct Seen<'a> {
    pub(crate) look: &'a ColumnLook,
    pub(crate) column: &'a RawColumn,
    pub(crate) texts: Option<&'a Texts>,
    pub(crate) rows: u64,
}

impl Seen<'_> {
    pub(crate) fn brought(&self, signs: &[String], include_values: bool) -> Brought {
        let Self { look, column, .. } = self;
        Brought {
            header: look.header.clone(),
            occurrence: look.occurrence,
            question: question(column),
            role: self.role(signs, include_values),
        }
    }

    fn role(&self, signs: &[String], include_values: bool) -> Role {
        let look = self.look;
        match (look.treatment, look.looks_like.as_str()) {
            (Treatment::DroppedPersonal, _) => return Role::LeftOut(Why::Dropped),
            (Treatment::Pseudonymised, _) => return Role::Identifier,
            (_, "personal") => return Role::LeftOut(Why::Personal),
            _ => {}
        }
        let filled = self.filled();
        if !is_plain(&look.header) {
            return Role::LeftOut(Why::NoHeader);
        }
        if filled == 0 {
            return Role::LeftOut(Why::Empty);
        }
        if is_duration(&look.header) && self.are(Class::Number) {
            return Role::Duration;
        }
        let is_sign = |text: &str| signs.iter().any(|sign| squeezed(sign) == squeezed(text));
        if is_paradata(&look.header) || is_sign(&look.header) {
            return Role::LeftOut(Why::Paradata);
        }
        if self.look.classes[Class::Date as usize] * 10 >= filled * 9 {
            return Role::LeftOut(Why::Date);
        }
        self.answers(include_values)
    }

    fn answers(&self, include_values: bool) -> Role {
        let Some(texts) = self.texts else { return Role::LeftOut(Why::FreeText) };
        let answers = texts.answers(MOST_ANSWERS);
        let is_number = self.are(Class::Number);
        let has_codes = || answers.as_ref().is_some_and(|answers| are_codes(answers));
        if self.look.options.is_none() && is_number && !has_codes() {
            let missing = texts.answers(usize::MAX).map(|answers| missing_codes(&answers));
            return Role::Number { missing: missing.unwrap_or_default() };
        }
        let Some(answers) = answers else {
            let has_numbers = self.look.classes[Class::Number as usize] * 2 > self.filled();
            return Role::LeftOut(if has_numbers { Why::Mixed } else { Why::FreeText });
        };
        let all = answers.len();
        let may_stand = |answer: &Answer| {
            (include_values || answer.count >= FEWEST)
                && answer.spellings.iter().all(|text| is_plain(text))
        };
        let answers: Vec<Answer> = answers.into_iter().filter(may_stand).collect();
        let has_rare = answers.len() < all;
        match (answers.is_empty(), self.look.options.is_some()) {
            (true, _) => Role::LeftOut(Why::Rare),
            (false, true) => Role::Options { options: answers, has_rare },
            (false, false) => Role::Category { answers, has_rare },
        }
    }

    fn filled(&self) -> u64 {
        self.look.classes.iter().sum::<u64>() - self.look.classes[Class::Empty as usize]
    }

    /// Whether all filled cells are of a class.
    fn are(&self, class: Class) -> bool {
        self.look.classes[class as usize] == self.filled()
    }

    /// Filled in some rows, always with the same text that says yes.
    pub(crate) fn may_be_chosen(&self) -> bool {
        const NO: [&str; 10] =
            ["0", "no", "nee", "n", "false", "onwaar", "not selected", "unchecked", "nein", "non"];
        let one = self.texts.and_then(|texts| texts.answers(1));
        let says_no = |answers: &Vec<Answer>| {
            answers.iter().any(|one| NO.contains(&plain(&one.text).as_str()))
        };
        self.filled() < self.rows && one.is_some_and(|one| one.len() == 1 && !says_no(&one))
    }
}

/// Few whole numbers: of a short list, or with gaps between them; a scale up to 10 is none.
fn are_codes(answers: &[Answer]) -> bool {
    let numbers: Option<Vec<i64>> = answers.iter().map(|answer| answer.text.parse().ok()).collect();
    let Some(mut numbers) = numbers.filter(|numbers| numbers.len() <= MOST_CODES) else {
        return false;
    };
    numbers.sort_unstable();
    let has_gap = numbers.windows(2).any(|pair| pair[1] > pair[0] + 1);
    has_gap || numbers.last().is_some_and(|last| *last <= MOST_CODES as i64)
}

/// 99 beside numbers of at most 10: people write such where there is no answer.
fn missing_codes(answers: &[Answer]) -> Vec<String> {
    const CODES: [f64; 20] = [
        -999.0, -99.0, -98.0, -97.0, -88.0, -77.0, -66.0, -9.0, -8.0, -7.0, -1.0, 77.0, 88.0, 97.0,
        98.0, 99.0, 888.0, 998.0, 999.0, 9999.0,
    ];
    let number = |answer: &Answer| answer.text.parse::<f64>().ok();
    let is_code = |value: &f64| CODES.contains(value);
    let largest =
        answers.iter().filter_map(number).filter(|value| !is_code(value)).fold(0.0, f64::max);
    let smallest =
        answers.iter().filter_map(number).filter(|value| !is_code(value)).fold(0.0, f64::min);
    let stands_apart = |value: f64| {
        is_code(&value) && if value < 0.0 { smallest >= 0.0 } else { value > 5.0 * largest }
    };
    let codes = answers.iter().filter(|answer| number(answer).is_some_and(stands_apart));
    codes.flat_map(|answer| answer.spellings.clone()).collect()
}

/// What several columns of one question have in common: the text before the option.
pub(crate) fn stem(header: &str) -> Option<&str> {
    let cuts = [" - ", "[", "/", "___"];
    cuts.iter().find_map(|cut| header.rfind(cut).filter(|at| *at > 0)).map(|at| &header[..at])
}

/// The longest of the header rows, where it is longer than the name.
fn question(column: &RawColumn) -> String {
    let texts = column.header_rows.iter().filter(|text| !text.trim_start().starts_with('{'));
    let length = |text: &&String| text.trim().chars().count();
    let longest = texts.max_by_key(length).filter(|text| length(text) > length(&&column.header));
    let question = longest.unwrap_or(&column.header);
    question.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_duration(header: &str) -> bool {
    const NAMES: [&str; 8] = [
        "duration (in seconds)",
        "interviewtime",
        "duration",
        "duur",
        "duur_sec",
        "duration_seconds",
        "total time",
        "totale tijd",
    ];
    NAMES.contains(&plain(header).as_str())
}

/// Columns that producers add to the questions.
fn is_paradata(header: &str) -> bool {
    const NAMES: [&str; 46] = [
        "startdate",
        "enddate",
        "status",
        "progress",
        "finished",
        "recordeddate",
        "responseset",
        "distributionchannel",
        "userlanguage",
        "collectorid",
        "datecreated",
        "datemodified",
        "submitdate",
        "lastpage",
        "startlanguage",
        "datestamp",
        "seed",
        "starttime",
        "completiontime",
        "lastmodifiedtime",
        "language",
        "begintijd",
        "tijdvanvoltooien",
        "tijdstipvanvoltooien",
        "taal",
        "timestamp",
        "tijdstempel",
        "_uuid",
        "_submission_time",
        "_validation_status",
        "__version__",
        "_index",
        "_status",
        "_tags",
        "start",
        "end",
        "submissiondate",
        "attachmentspresent",
        "attachmentsexpected",
        "reviewstate",
        "edits",
        "formversion",
        "redcap_event_name",
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
        "redcap_data_access_group",
    ];
    let name = squeezed(header);
    let is_of_redcap = name.ends_with("_complete") || name.ends_with("_timestamp");
    let is_of_odk = name.ends_with("instanceid") || name.ends_with("instancename");
    NAMES.contains(&name.as_str()) || is_of_redcap || is_of_odk
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_one_question_share_what_stands_before_the_option() {
        assert_eq!(stem("Welke apps? - Portaal"), Some("Welke apps?"));
        assert_eq!(stem("G01Q02[SQ001]"), Some("G01Q02"));
        assert_eq!(stem("apps___1"), Some("apps"));
        assert_eq!(stem("group/apps/portal"), Some("group/apps"));
        assert_eq!(stem("Q1"), None);
    }

    fn numbers(texts: &[&str]) -> Vec<Answer> {
        let answer = |text: &&str| Answer {
            text: (*text).to_owned(),
            spellings: vec![(*text).to_owned()],
            count: 9,
        };
        texts.iter().map(answer).collect()
    }

    #[test]
    fn a_scale_up_to_ten_is_a_number_and_a_short_list_is_of_codes() {
        assert!(are_codes(&numbers(&["1", "2", "3"])) && are_codes(&numbers(&["1", "2", "9"])));
        assert!(!are_codes(&numbers(&["4", "5", "6", "7", "8", "9", "10"])));
        assert!(!are_codes(&numbers(&["1.5", "2"])));
    }

    #[test]
    fn what_stands_for_no_answer_stands_apart_from_the_numbers() {
        assert_eq!(missing_codes(&numbers(&["0", "5", "10", "98", "99"])), ["98", "99"]);
        assert_eq!(missing_codes(&numbers(&["-1", "3"])), ["-1"]);
        assert!(missing_codes(&numbers(&["20", "60", "99"])).is_empty());
        assert!(missing_codes(&numbers(&["-20", "-9", "3"])).is_empty());
    }

    #[test]
    fn what_producers_add_is_no_question() {
        for header in ["Start Date", "StartDate", "demographics_complete", "meta-instanceID"] {
            assert!(is_paradata(header), "{header}");
        }
        assert!(is_duration("Duration (in seconds)") && !is_paradata("Q1"));
    }
}
