//! The survey tools whose exports are written.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Producer {
    LimeSurvey,
    /// Headings `G02Q01. text`.
    LimeSurveyLabels,
    Qualtrics,
    SurveyMonkey,
    MicrosoftForms,
    Spss,
    ExcelTwoHeaders,
    Excel,
}
