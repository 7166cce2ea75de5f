//! What kind of end each stage's error is.

use store::Step;
use survey::header::visible;
use survey::{Code, Finding, Hinted, Message};

use crate::error::{End, Error, StageError};
use crate::figures::FigureError;

fn stage_error(
    end: End,
    findings: Vec<Finding>,
    error: impl Hinted + Send + Sync + 'static,
) -> StageError {
    StageError { end, findings, error: Box::new(error) }
}

impl From<ingest::Error> for StageError {
    fn from(error: ingest::Error) -> Self {
        let end = if matches!(error, ingest::Error::Profile { .. }) {
            End::Configuration
        } else {
            End::Unreadable
        };
        stage_error(end, Vec::new(), error)
    }
}

/// An item without a column, as a finding for the list and for the supplier's copy.
fn column_not_found(place: &validate::Place, column: &validate::ColumnNotFound) -> Finding {
    let similar: Vec<String> =
        column.similar.iter().map(|header| format!("`{}`", visible(header))).collect();
    Finding {
        sheet: place.sheet.clone(),
        column: Some(column.column.clone()),
        concept: Some(column.concept.clone()),
        found: match similar.as_slice() {
            [] => "no column of that name, nor one like it".to_owned(),
            similar => format!("no column of that name; like it: {}", similar.join(", ")),
        },
        expected: format!("column `{}`", column.column),
        action: "the panel-wave was refused".to_owned(),
        hint: format!(
            "give the column its name back, or add the new one to the aliases in config/codebook/items.csv, line {}",
            column.line
        ),
        ..Finding::new(Code::ColumnNotFound, survey::Severity::Error, &place.delivery)
    }
    .of(&place.panel_wave)
}

impl From<validate::Error> for StageError {
    fn from(error: validate::Error) -> Self {
        let end = match error.kind() {
            validate::ErrorKind::Gate => End::Refused,
            validate::ErrorKind::Configuration => End::Configuration,
            validate::ErrorKind::Bug => End::Bug,
        };
        let findings = match &error {
            validate::Error::Gate { findings, .. } => findings.clone(),
            validate::Error::ColumnsNotFound { place, columns } => {
                columns.iter().map(|column| column_not_found(place, column)).collect()
            }
            _ => Vec::new(),
        };
        stage_error(end, findings, error)
    }
}

impl From<harmonise::Error> for StageError {
    fn from(error: harmonise::Error) -> Self {
        let end = match error.kind() {
            harmonise::ErrorKind::Configuration => End::Configuration,
            harmonise::ErrorKind::Bug => End::Bug,
        };
        stage_error(end, Vec::new(), error)
    }
}

impl From<weight::Error> for StageError {
    /// Totals and settings that cannot be are the configuration's; answers that cannot be weighted are refused.
    fn from(error: weight::Error) -> Self {
        use weight::Fault;
        let of_the_answers = |fault: &Fault| {
            matches!(
                fault,
                Fault::NoRespondents { .. }
                    | Fault::BadBaseWeight { .. }
                    | Fault::MissingAuxiliary { .. }
                    | Fault::NobodyInSample { .. }
                    | Fault::TotalsNotMet { .. }
                    | Fault::Method(_)
            )
        };
        let end = match &error {
            weight::Error::Stage(refusal)
                if refusal
                    .faults
                    .iter()
                    .any(|fault| matches!(fault, Fault::OtherPanelWave { .. })) =>
            {
                End::Bug
            }
            weight::Error::Stage(refusal) if !refusal.faults.iter().all(of_the_answers) => {
                End::Configuration
            }
            _ => End::Refused,
        };
        stage_error(end, Vec::new(), error)
    }
}

impl From<FigureError> for StageError {
    fn from(error: FigureError) -> Self {
        let end = match &error {
            FigureError::Base { .. } => End::Configuration,
            FigureError::Estimate(estimate::Error::Stage(refusal)) => match **refusal {
                estimate::Refusal::Indicator { .. } | estimate::Refusal::Breakdown { .. } => {
                    End::Configuration
                }
                estimate::Refusal::Method { .. } => End::Refused,
                _ => End::Bug,
            },
            FigureError::Estimate(_) => End::Bug,
        };
        stage_error(end, Vec::new(), error)
    }
}

/// An error of the marts, whatever was done with them.
pub(crate) fn publish_failed(error: mart::Error) -> Error {
    Error::Stage { step: Step::publish(), error: StageError::from(error) }
}

impl From<mart::Error> for StageError {
    fn from(error: mart::Error) -> Self {
        let end = match &error {
            mart::Error::Contract { .. }
            | mart::Error::Refused { .. }
            | mart::Error::Unclosed { .. }
            | mart::Error::Unprotected { .. } => End::Refused,
            mart::Error::ContractText { .. }
            | mart::Error::Sql { .. }
            | mart::Error::NameTaken { .. }
            | mart::Error::Target { .. }
            | mart::Error::NoRelease { .. } => End::Configuration,
            mart::Error::Stopped { source, .. }
                if source.kind() == std::io::ErrorKind::Interrupted =>
            {
                End::Interrupted
            }
            mart::Error::Arrow(_) | mart::Error::Parquet(_) => End::Bug,
            _ => End::Unreadable,
        };
        stage_error(end, Vec::new(), error)
    }
}

/// Why nothing is published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    Mart(#[from] mart::Error),
    #[error(transparent)]
    Pipeline(#[from] Error),
}

impl Hinted for PublishError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Mart(error) => error.hint(),
            Self::Pipeline(error) => error.hint(),
        }
    }

    fn messages(&self) -> Vec<Message> {
        match self {
            Self::Mart(error) => error.messages(),
            Self::Pipeline(error) => error.messages(),
        }
    }
}

impl From<store::Error> for PublishError {
    fn from(error: store::Error) -> Self {
        Self::Pipeline(error.into())
    }
}

impl From<PublishError> for StageError {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Mart(error) => error.into(),
            PublishError::Pipeline(error) => error.into(),
        }
    }
}

impl From<Error> for StageError {
    fn from(error: Error) -> Self {
        Self { end: error.end(), findings: Vec::new(), error: Box::new(error) }
    }
}
