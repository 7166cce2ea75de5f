//! One file a producer: how it writes headers, quotes, dates and rows.

pub mod csv_text;
pub mod workbook;

use std::path::Path;

use crate::delivery::Delivery;
use crate::error::{Error, write_file};
use crate::producer::Producer;

/// Name of the producer's export profile in config/exports.
pub fn profile(producer: Producer) -> &'static str {
    match producer {
        Producer::LimeSurvey => "limesurvey_csv",
        Producer::LimeSurveyLabels => "limesurvey_labels_csv",
        Producer::Qualtrics => "qualtrics_csv",
        Producer::SurveyMonkey => "surveymonkey_csv",
        Producer::MicrosoftForms => "microsoft_forms_nl_xlsx",
        Producer::Spss => "spss_csv",
        Producer::ExcelTwoHeaders => "excel_two_headers_xlsx",
        Producer::Excel => "excel_xlsx",
    }
}

pub fn extension(producer: Producer) -> &'static str {
    match producer {
        Producer::MicrosoftForms | Producer::ExcelTwoHeaders | Producer::Excel => "xlsx",
        _ => "csv",
    }
}

/// Writes the delivery as its producer would.
pub fn write(delivery: &Delivery, path: &Path) -> Result<(), Error> {
    match extension(delivery.questionnaire.producer) {
        "xlsx" => workbook::write(delivery, path),
        _ => write_file(path, &csv_text::bytes(delivery)),
    }
}
