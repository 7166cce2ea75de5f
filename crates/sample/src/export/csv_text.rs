//! CSV as LimeSurvey, Qualtrics, SurveyMonkey and SPSS write it.

use crate::delivery::{AS_TEXT, Delivery};
use crate::producer::Producer;
use crate::questionnaire::{Content, Questionnaire};

/// How a producer separates, quotes and ends.
#[derive(Clone, Copy)]
pub struct Dialect {
    pub delimiter: char,
    pub quote_all: bool,
    pub line_end: &'static str,
    pub byte_order_mark: bool,
    pub windows_1252: bool,
}

pub fn dialect(producer: Producer) -> Dialect {
    let plain = Dialect {
        delimiter: ',',
        quote_all: false,
        line_end: "\r\n",
        byte_order_mark: false,
        windows_1252: false,
    };
    match producer {
        Producer::LimeSurvey | Producer::LimeSurveyLabels => {
            Dialect { delimiter: ';', quote_all: true, byte_order_mark: true, ..plain }
        }
        Producer::Qualtrics => Dialect { quote_all: true, line_end: "\n", ..plain },
        Producer::SurveyMonkey => plain,
        Producer::Spss => Dialect { delimiter: ';', windows_1252: true, ..plain },
        // as workbooks are written for the benchmark: CSV saved by Excel
        _ => Dialect { delimiter: ';', byte_order_mark: true, ..plain },
    }
}

/// The header rows, each a list of cells.
pub fn headers(questionnaire: &Questionnaire, producer: Producer) -> Vec<Vec<String>> {
    let columns = &questionnaire.columns;
    let names = || columns.iter().map(|column| column.header.clone()).collect::<Vec<_>>();
    let full_text = |stem: &str, text: &str| {
        if stem.is_empty() { text.to_owned() } else { format!("{stem} - {text}") }
    };
    match producer {
        Producer::LimeSurveyLabels => {
            let heading = |name: &str, text: String| {
                if name == text { text } else { format!("{name}. {text}") }
            };
            vec![
                columns
                    .iter()
                    .map(|column| heading(&column.header, full_text(column.stem, &column.text)))
                    .collect(),
            ]
        }
        Producer::Qualtrics => {
            let texts = columns.iter().map(|column| full_text(column.stem, &column.text)).collect();
            let ids = columns.iter().map(|column| {
                let id = match column.header.strip_prefix('Q') {
                    Some(_) => format!(
                        "QID{}",
                        column.header.trim_start_matches('Q').replace("_TEXT", "-TEXT")
                    ),
                    None => column.header.clone(),
                };
                format!("{{\"ImportId\":\"{id}\"}}")
            });
            vec![names(), texts, ids.collect()]
        }
        Producer::SurveyMonkey => {
            let mut last = "";
            let mut first = Vec::new();
            let mut second = Vec::new();
            for column in columns {
                let single = column.stem.is_empty();
                first.push(match column.stem {
                    "" => column.header.clone(),
                    stem if stem == last => String::new(),
                    stem => stem.to_owned(),
                });
                second.push(match &column.content {
                    Content::Answers(_) if single => "Response".to_owned(),
                    Content::Remark => "Open-Ended Response".to_owned(),
                    Content::Answers(_) => column.text.clone(),
                    _ => String::new(),
                });
                last = column.stem;
            }
            vec![first, second]
        }
        _ => vec![names()],
    }
}

/// Adds one line to `text`.
pub fn line<'a>(dialect: Dialect, cells: impl Iterator<Item = &'a str>, text: &mut String) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            text.push(dialect.delimiter);
        }
        let cell = cell.trim_start_matches(AS_TEXT);
        if dialect.quote_all || cell.contains([dialect.delimiter, '"', '\n']) {
            text.push('"');
            for letter in cell.chars() {
                if letter == '"' {
                    text.push('"');
                }
                text.push(letter);
            }
            text.push('"');
        } else {
            text.push_str(cell);
        }
    }
    text.push_str(dialect.line_end);
}

/// The bytes in the producer's encoding.
pub fn encode(dialect: Dialect, text: &str) -> Vec<u8> {
    if dialect.windows_1252 {
        encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
    } else {
        text.as_bytes().to_vec()
    }
}

/// The whole file.
pub fn bytes(delivery: &Delivery) -> Vec<u8> {
    let producer = delivery.questionnaire.producer;
    let dialect = dialect(producer);
    let mut text = String::new();
    if dialect.byte_order_mark {
        text.push('\u{feff}');
    }
    for header in headers(&delivery.questionnaire, producer) {
        line(dialect, header.iter().map(String::as_str), &mut text);
    }
    if producer == Producer::Qualtrics {
        previews(delivery, dialect, &mut text);
    }
    for row in &delivery.rows {
        line(dialect, row.iter().map(String::as_str), &mut text);
    }
    if dialect.quote_all && dialect.byte_order_mark {
        text.push_str(dialect.line_end);
    }
    encode(dialect, &text)
}

/// Two rows of the researcher who tried the questionnaire out.
fn previews(delivery: &Delivery, dialect: Dialect, text: &mut String) {
    for (number, row) in delivery.rows.iter().take(2).enumerate() {
        let mut preview = row.clone();
        for (cell, column) in preview.iter_mut().zip(&delivery.questionnaire.columns) {
            match column.header.as_str() {
                "Status" => "Survey Preview".clone_into(cell),
                "ResponseId" => *cell = format!("R_preview{number}"),
                _ => {}
            }
        }
        line(dialect, preview.iter().map(String::as_str), text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(panel: &'static str, wave: u16) -> Vec<u8> {
        bytes(&Delivery::draw(panel, wave, 1))
    }

    #[test]
    fn limesurvey_quotes_every_field_behind_a_byte_order_mark_and_ends_blank() {
        let file = text_of("social_physician", 2021);
        assert!(file.starts_with("\u{feff}\"id\";\"submitdate\"".as_bytes()));
        assert!(file.ends_with(b"\r\n\r\n"));
    }

    #[test]
    fn qualtrics_has_three_header_rows() {
        let file = String::from_utf8(text_of("nurse", 2024)).unwrap_or_default();
        assert!(
            file.lines()
                .nth(2)
                .is_some_and(|line| line.starts_with("\"{\"\"ImportId\"\":\"\"StartDate\"\"}\""))
        );
    }
}
