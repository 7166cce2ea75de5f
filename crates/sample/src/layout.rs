//! What was delivered in which column and spelling, as tables: `truth/questionnaire.csv` and `truth/coding.csv`.

use std::collections::BTreeSet;

use crate::export::csv_text::{Dialect, line};
use crate::export::profile;
use crate::questionnaire::{Content, Questionnaire, deliveries};
use crate::vocabulary::{CONCEPTS, LISTS, MISSING_NAMES};

const PLAIN: Dialect = Dialect {
    delimiter: ',',
    quote_all: false,
    line_end: "\n",
    byte_order_mark: false,
    windows_1252: false,
};

fn table(rows: impl Iterator<Item = Vec<String>>, header: &str) -> String {
    let mut text = format!("{header}\n");
    for row in rows {
        line(PLAIN, row.iter().map(String::as_str), &mut text);
    }
    text
}

fn code_name(list_name: &str, code: i16) -> String {
    let list = LISTS.iter().find(|list| list.name == list_name);
    list.and_then(|list| list.codes.get(code as usize))
        .map_or(code.to_string(), |(code, _)| (*code).to_owned())
}

/// Every column of every file.
pub fn questionnaires() -> String {
    let mut rows = Vec::new();
    for (panel, wave) in deliveries() {
        let questionnaire = Questionnaire::of(panel, wave);
        for column in &questionnaire.columns {
            let (routed_by, codes) =
                column.route.as_ref().map_or((String::new(), String::new()), |(by, codes)| {
                    let names: Vec<_> =
                        codes.iter().map(|code| code_name(CONCEPTS[*by].list, *code)).collect();
                    (CONCEPTS[*by].name.to_owned(), names.join("|"))
                });
            let mut push = |concept: &str, coding: &str, option: &str| {
                let text = if column.stem.is_empty() {
                    column.text.clone()
                } else {
                    format!("{} – {}", column.stem, column.text)
                };
                rows.push(vec![
                    panel.to_owned(),
                    wave.to_string(),
                    profile(questionnaire.producer).to_owned(),
                    column.header.clone(),
                    column.occurrence.to_string(),
                    concept.to_owned(),
                    coding.to_owned(),
                    option.to_owned(),
                    routed_by.clone(),
                    codes.clone(),
                    text,
                ]);
            };
            match &column.content {
                Content::Answers(parts) => {
                    for part in parts {
                        let option = if parts.len() > 1 { part.option.as_str() } else { "" };
                        push(CONCEPTS[part.concept].name, &part.coding.name, option);
                    }
                }
                Content::Id => push("respondent", "", ""),
                Content::Start => push("start_time", "", ""),
                Content::Duration => push("duration", "score_plain", ""),
                Content::Finished => push("completed", "yes_no_finished", ""),
                Content::LastPage => push("last_page", "score_plain", ""),
                _ => push("", "", ""),
            }
        }
    }
    table(
        rows.into_iter(),
        "file,wave,profile,column,occurrence,concept,coding,option,routed_by,routed_codes,question_nl",
    )
}

/// Every delivered text and what it means.
pub fn codings() -> String {
    let mut rows = BTreeSet::new();
    for (panel, wave) in deliveries() {
        for column in &Questionnaire::of(panel, wave).columns {
            let Content::Answers(parts) = &column.content else { continue };
            for part in parts {
                for (answer, texts) in &part.coding.texts {
                    let reason = MISSING_NAMES
                        .iter()
                        .find(|(code, _)| code == answer)
                        .map(|(_, name)| (*name).to_owned());
                    let code = if reason.is_some() {
                        String::new()
                    } else {
                        code_name(CONCEPTS[part.concept].list, *answer)
                    };
                    for text in texts {
                        rows.insert(vec![
                            part.coding.name.clone(),
                            text.clone(),
                            code.clone(),
                            reason.clone().unwrap_or_default(),
                        ]);
                    }
                }
            }
        }
    }
    table(rows.into_iter(), "coding,text,code,missing")
}
