//! A profile of nothing but what the file shows.

use config::ExportProfile;
use config::export::{
    Container, CsvDialect, Encoding, Footer, HeaderRule, Personal, SheetChoice, ValueForms,
    WorkbookChoice,
};

pub(super) fn blank() -> ExportProfile {
    ExportProfile {
        profile: "none".to_owned(),
        label: String::new(),
        container: Container::Csv,
        id: Vec::new(),
        record_number_as_id: false,
        signs: Vec::new(),
        csv: CsvDialect { encoding: Encoding::Detect, ..CsvDialect::default() },
        workbook: WorkbookChoice { sheet: SheetChoice::FirstVisible },
        header: HeaderRule::default(),
        values: ValueForms::default(),
        personal: Personal::default(),
        footer: Footer::default(),
        cut: Vec::new(),
    }
}
