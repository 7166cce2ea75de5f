//! What each panel was asked in each wave, by which producer, in which columns and in which spelling.

use crate::asked::{blocks, producer, style};
use crate::coding::Coding;
use crate::model::route;
use crate::population::is_provider;
use crate::producer::Producer;
use crate::vocabulary::{Answer, CONCEPTS, code, concept};
use crate::wording;

/// What a column holds.
pub enum Content {
    Id,
    Start,
    Duration,
    /// Date of submission; empty for who broke off.
    Submitted,
    /// True, or False for who broke off.
    Finished,
    /// Percent of the questions seen.
    Progress,
    /// Last page seen.
    LastPage,
    Fixed(&'static str),
    /// Personal data that the producer adds by itself.
    Email,
    Address,
    Name,
    /// An open remark; not in the codebook.
    Remark,
    /// Y or nothing, about the organisation; not in the codebook.
    Noise,
    Answers(Vec<Part>),
}

/// One concept in a column; a cell with several answers holds several.
pub struct Part {
    pub concept: usize,
    pub coding: Coding,
    /// In a cell `a;b;`: the text that stands for yes.
    pub option: String,
}

pub struct Column {
    /// The column's name by its producer's rule.
    pub header: String,
    /// Which of several columns with this name.
    pub occurrence: u32,
    /// Question above a block; empty for a single question.
    pub stem: &'static str,
    pub text: String,
    pub content: Content,
    pub route: Option<Route>,
}

pub struct Questionnaire {
    pub panel: &'static str,
    pub wave: u16,
    pub producer: Producer,
    pub columns: Vec<Column>,
}

/// Shown where the concept has one of these answers.
pub type Route = (usize, Vec<Answer>);

impl Questionnaire {
    /// The columns of a panel-wave; `doctors` is the file of 2024 and 2025 that feeds three panels.
    pub fn of(panel: &'static str, wave: u16) -> Self {
        let producer = producer(panel, wave);
        let mut questionnaire = Self { panel, wave, producer, columns: Vec::new() };
        questionnaire.opening();
        let mut question = 0;
        for (section, (block, concepts)) in blocks(panel, wave).into_iter().enumerate() {
            if block == "use" && producer == Producer::MicrosoftForms {
                questionnaire.several_in_a_cell(&concepts);
                continue;
            }
            if (panel, wave, block) == ("gp", 2023, "use") {
                // the same sub-question stands in two blocks with the same heading
                questionnaire.push(
                    "Beeldbellen".to_owned(),
                    "Wat biedt uw praktijk aan?",
                    "Beeldbellen".to_owned(),
                    Content::Noise,
                );
            }
            for (row, name) in concepts.iter().enumerate() {
                if block.is_empty() || row == 0 {
                    question += 1;
                }
                let place =
                    (section + 1, if block.is_empty() { row + 1 } else { 1 }, question, row + 1);
                questionnaire.question(block, name, place);
            }
            if !block.is_empty() && matches!(producer, Producer::LimeSurvey) {
                questionnaire.push(
                    "Toelichting - comment".to_owned(),
                    "",
                    "Toelichting".to_owned(),
                    Content::Remark,
                );
            }
        }
        questionnaire.closing();
        questionnaire
    }

    fn push(&mut self, header: String, stem: &'static str, text: String, content: Content) {
        let before = self.columns.iter().filter(|column| column.header == header).count() as u32;
        self.columns.push(Column {
            header,
            occurrence: before + 1,
            stem,
            text,
            content,
            route: None,
        });
    }

    fn add(&mut self, header: &str, text: &str, content: Content) {
        self.push(header.to_owned(), "", text.to_owned(), content);
    }

    /// What stands before the answers: ids, dates, what the producer adds.
    fn opening(&mut self) {
        let duration = || Content::Duration;
        match self.producer {
            Producer::LimeSurvey | Producer::LimeSurveyLabels => {
                self.add("id", "Antwoord ID", Content::Id);
                self.add("submitdate", "Datum ingestuurd", Content::Submitted);
                self.add("lastpage", "Laatste pagina", Content::LastPage);
                self.add("startlanguage", "Taal", Content::Fixed("nl"));
                self.add("startdate", "Startdatum", Content::Start);
                self.add("ipaddr", "IP-adres", Content::Address);
                self.add("interviewtime", "Totale tijd", duration());
            }
            Producer::Qualtrics => {
                self.add("StartDate", "Start Date", Content::Start);
                self.add("Status", "Response Type", Content::Fixed("IP Address"));
                self.add("IPAddress", "IP Address", Content::Address);
                self.add("Progress", "Progress", Content::Progress);
                self.add("Duration (in seconds)", "Duration (in seconds)", duration());
                self.add("Finished", "Finished", Content::Finished);
                self.add("ResponseId", "Response ID", Content::Id);
                self.add("RecipientEmail", "Recipient Email", Content::Email);
                self.add("UserLanguage", "User Language", Content::Fixed("NL"));
            }
            Producer::SurveyMonkey => {
                self.add("Respondent ID", "", Content::Id);
                self.add("Collector ID", "", Content::Fixed("410000001"));
                self.add("Start Date", "", Content::Start);
                self.add("IP Address", "", Content::Address);
                self.add("Email Address", "", Content::Email);
            }
            Producer::MicrosoftForms => {
                self.add("ID", "", Content::Id);
                self.add("Begintijd", "", Content::Start);
                self.add("E-mail", "", Content::Email);
                self.add("Naam", "", Content::Name);
            }
            Producer::Spss => {
                self.add("respnr", "Respondentnummer", Content::Id);
                self.add("datum", "Datum van invullen", Content::Start);
                self.add("duur", "Duur in seconden", duration());
            }
            Producer::ExcelTwoHeaders | Producer::Excel => {
                self.add("respnr", "Nummer in de steekproef", Content::Id);
                self.add("start", "Start van de vragenlijst", Content::Start);
                self.add("duur_sec", "Duur van het invullen (seconden)", duration());
            }
        }
    }

    fn closing(&mut self) {
        match self.producer {
            Producer::Spss => self.add("opmerking", "Opmerkingen", Content::Remark),
            Producer::Qualtrics => self.add("Q99_TEXT", "Opmerkingen", Content::Remark),
            Producer::ExcelTwoHeaders => {
                self.add("e-mail", "E-mailadres voor de uitslag", Content::Email);
            }
            _ => self.add("Opmerkingen", "Opmerkingen", Content::Remark),
        }
    }

    fn question(
        &mut self,
        block: &'static str,
        name: &'static str,
        place: (usize, usize, usize, usize),
    ) {
        let provider = self.provider();
        let text = wording::option(name, provider, self.wave);
        let stem = if block.is_empty() { "" } else { wording::stem(block, provider, self.wave) };
        let header = self.header(block, name, &text, stem, place);
        let part = self.part(name, &text);
        self.push(header, stem, text, Content::Answers(vec![part]));
        let route = self.route(block, name);
        if let Some(column) = self.columns.last_mut() {
            column.route = route;
        }
    }

    fn provider(&self) -> bool {
        is_provider(self.panel) || self.panel == "doctors"
    }

    fn part(&self, name: &'static str, option: &str) -> Part {
        let place = concept(name);
        let list = CONCEPTS[place].list;
        let style = style(self.panel, self.wave, name, list);
        Part { concept: place, coding: Coding::of(list, style, option), option: option.to_owned() }
    }

    fn several_in_a_cell(&mut self, concepts: &[&'static str]) {
        let provider = self.provider();
        let parts = concepts
            .iter()
            .map(|name| self.part(name, &wording::option(name, provider, self.wave)))
            .collect();
        let stem = wording::stem("use", provider, self.wave);
        self.push(stem.to_owned(), "", stem.to_owned(), Content::Answers(parts));
        let route = self.route("use", concepts[0]);
        if let Some(column) = self.columns.last_mut() {
            column.route = route;
        }
    }

    /// Who is shown a question.
    fn route(&self, block: &str, name: &str) -> Option<Route> {
        let functions = |functions: &[&str]| {
            let codes = functions.iter().map(|function| code("care_function", function)).collect();
            Some((concept("care_function"), codes))
        };
        match (self.panel, name) {
            ("doctors", "practice_type" | "exchange_home_care") => return functions(&["gp"]),
            ("doctors", "hospital_type") => return functions(&["specialist"]),
            ("doctors", "discipline") => return functions(&["social_physician"]),
            ("doctors", "region") => return functions(&["gp", "specialist"]),
            ("chronic", "written_use") if self.wave == 2021 => {
                return Some((concept("questionnaire_version"), vec![1]));
            }
            _ => {}
        }
        if let Some(contact) = route(name) {
            return Some((concept(contact), vec![0]));
        }
        (self.provider() && !block.is_empty()).then(|| (concept("in_practice"), vec![0]))
    }

    /// The column's name: numbers shift as blocks come and go, as they do between waves.
    fn header(
        &self,
        block: &str,
        name: &str,
        text: &str,
        stem: &str,
        place: (usize, usize, usize, usize),
    ) -> String {
        let (section, in_section, question, row) = place;
        let single = block.is_empty();
        match self.producer {
            Producer::LimeSurvey
                if (self.wave, name) == (2023, "video_use") && self.panel == "gp" =>
            {
                text.to_owned()
            }
            Producer::LimeSurvey | Producer::LimeSurveyLabels if single => {
                format!("G{section:02}Q{in_section:02}")
            }
            Producer::LimeSurvey | Producer::LimeSurveyLabels => {
                format!("G{section:02}Q{in_section:02}[SQ{row:03}]")
            }
            Producer::Qualtrics if single => format!("Q{question}"),
            Producer::Qualtrics => format!("Q{question}_{row}"),
            Producer::SurveyMonkey | Producer::MicrosoftForms if single => text.to_owned(),
            Producer::SurveyMonkey => format!("{stem} - {text}"),
            Producer::MicrosoftForms => format!("{stem}: {text}"),
            Producer::Spss => match (name, self.wave) {
                ("birth_year", 2021) => "gebjaar".to_owned(),
                ("birth_year", _) => "geboortejaar".to_owned(),
                ("age_reported", _) => "leeftijd".to_owned(),
                ("sex", 2021) => "gesl".to_owned(),
                ("sex", _) => "geslacht".to_owned(),
                ("education_detail", _) => "opleiding".to_owned(),
                _ if single => format!("v{question:02}"),
                _ if self.wave == 2021 => format!("v{question:02}_{row}"),
                _ => format!("V{question:02}{}", char::from(b'a' + row as u8 - 1)),
            },
            Producer::Excel if single => format!("vraag{question}"),
            Producer::Excel => format!("vraag{question}.{row}"),
            Producer::ExcelTwoHeaders if single => format!("V{question}"),
            Producer::ExcelTwoHeaders => format!("V{question}_{row}"),
        }
    }
}

/// All files as they are delivered: panel (or `doctors`) and wave.
pub fn deliveries() -> Vec<(&'static str, u16)> {
    let mut deliveries = Vec::new();
    for wave in crate::population::WAVES {
        let doctors: &[&str] =
            if wave >= 2024 { &["doctors"] } else { &["gp", "specialist", "social_physician"] };
        deliveries.extend(doctors.iter().map(|panel| (*panel, wave)));
        deliveries.extend([("nurse", wave), ("population", wave), ("chronic", wave)]);
    }
    deliveries
}

/// The panels that a file feeds.
pub fn panels_of(panel: &'static str) -> Vec<&'static str> {
    if panel == "doctors" { vec!["gp", "specialist", "social_physician"] } else { vec![panel] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_a_file_have_one_name_and_occurrence_each() {
        for (panel, wave) in deliveries() {
            let columns = Questionnaire::of(panel, wave).columns;
            let mut names: Vec<_> =
                columns.iter().map(|column| (column.header.clone(), column.occurrence)).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), columns.len(), "{panel} {wave}");
        }
    }
}
