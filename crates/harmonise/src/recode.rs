//! One panel-wave's items as the concepts of the codebook, one column a concept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int32Array};
use arrow::datatypes::{DataType, Field, Int8Type, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use serde::Serialize;
use survey::codebook::{Codebook, Concept, Role};
use survey::handoff::HarmonisedAbout;
use survey::{
    Admitted, Code, Expressions, Fate, Finding, Harmonised, MissingReason, PanelWave, Severity,
    columns,
};

use crate::column::Column;
use crate::derive::{Derived, derive};
use crate::error::{DerivationMistake, Error};
use crate::fates::Fates;

/// What recode reads beside the admitted rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    pub panel_wave: PanelWave,
    /// Concepts and answers; what the items' cells mean is settled.
    pub codebook: Codebook,
}

/// Arranges the items as concepts, keeps the missing reasons, and works out the derived concepts.
pub fn recode(
    admitted: &Admitted,
    settings: &Settings,
    expressions: &dyn Expressions,
) -> Result<Harmonised, Error> {
    let mut run = Recoding::new(admitted, settings)?;
    let concepts =
        settings.codebook.concepts.iter().filter(|concept| concept.role != Role::Identifier);
    for concept in concepts {
        if run.item(concept)? {
            continue;
        }
        if concept.derivation.is_empty() {
            run.not_asked(concept);
        } else {
            run.derive(concept, expressions)?;
        }
    }
    run.finish()
}

/// The table so far, and what is said about it.
struct Recoding<'a> {
    admitted: &'a Admitted,
    settings: &'a Settings,
    rows: usize,
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
    asked: BTreeSet<String>,
    missing: BTreeMap<String, BTreeMap<MissingReason, u64>>,
    fates: Fates,
    mistakes: Vec<DerivationMistake>,
    findings: Vec<Finding>,
}

impl<'a> Recoding<'a> {
    fn new(admitted: &'a Admitted, settings: &'a Settings) -> Result<Self, Error> {
        let rows = admitted.table.num_rows();
        let wave = Int32Array::from_value(settings.panel_wave.wave as i32, rows);
        let mut run = Self {
            admitted,
            settings,
            rows,
            fields: vec![
                Field::new(columns::RESPONDENT, DataType::Utf8, false),
                Field::new(columns::WAVE, DataType::Int32, false),
                Field::new(columns::RECORD, DataType::Int64, false),
            ],
            arrays: Vec::new(),
            asked: BTreeSet::new(),
            missing: BTreeMap::new(),
            fates: Fates::default(),
            mistakes: Vec::new(),
            findings: Vec::new(),
        };
        run.arrays = vec![
            run.delivered(columns::RESPONDENT)?,
            Arc::new(wave),
            run.delivered(columns::RECORD)?,
        ];
        let (position, _, pseudonymised) = &admitted.about.identifier;
        let fate = if *pseudonymised { Fate::Recoded } else { Fate::Kept };
        run.fates.add(*position, std::iter::repeat_n(fate, rows));
        Ok(run)
    }

    /// Takes over an item; false where the concept is none.
    fn item(&mut self, concept: &Concept) -> Result<bool, Error> {
        let name = &concept.concept;
        let Some((position, _)) = self.admitted.about.sources.get(name) else { return Ok(false) };
        let values = self.delivered(name)?;
        let fates = self.delivered(&columns::item_fate(name))?;
        let fates: Option<Vec<Fate>> = fates
            .as_primitive_opt::<Int8Type>()
            .and_then(|fates| fates.values().iter().map(|code| Fate::from_code(*code)).collect());
        let fates = fates.ok_or_else(|| self.broken(&format!("`{name}` has no fates")))?;
        self.fates.add(*position, fates.iter().copied());
        self.asked.insert(name.clone());
        self.push(name, Column::of(values, fates.into_iter()));
        Ok(true)
    }

    fn derive(&mut self, concept: &'a Concept, expressions: &dyn Expressions) -> Result<(), Error> {
        let codes = self.settings.codebook.codes(concept);
        let so_far = self.arrow(self.table())?;
        let is_asked = |name: &str| {
            let known = self
                .settings
                .codebook
                .concept(name)
                .is_some_and(|concept| concept.role != Role::Identifier);
            known.then(|| self.asked.contains(name))
        };
        let derived = derive(concept, &codes, &so_far, &is_asked, expressions);
        match self.arrow(derived)? {
            Derived::Column { column, without_value } => {
                let not_asked = |reason: Option<i8>| reason == Some(MissingReason::NotAsked as i8);
                if self.rows == 0 || !column.missing.iter().all(not_asked) {
                    self.asked.insert(concept.concept.clone());
                }
                if without_value > 0 {
                    let finding = Finding {
                        concept: Some(concept.concept.clone()),
                        found: format!(
                            "{without_value} rows without a value though all that the derivation reads is there"
                        ),
                        expected: "a value".to_owned(),
                        action: "set to missing: invalid".to_owned(),
                        hint: format!(
                            "see the derivation in config/codebook/concepts.csv: {}",
                            concept.concept
                        ),
                        count: without_value,
                        ..self.finding(Code::DerivedWithoutValue, Severity::Warning)
                    };
                    self.findings.push(finding);
                }
                self.push(&concept.concept, column);
            }
            Derived::NotAsked => self.not_asked(concept),
            Derived::Mistakes(mistakes) => {
                self.mistakes.extend(mistakes);
                self.not_asked(concept);
            }
        }
        Ok(())
    }

    fn not_asked(&mut self, concept: &Concept) {
        let codes = self.settings.codebook.codes(concept);
        let column = Column::all_missing(concept.kind, &codes, MissingReason::NotAsked, self.rows);
        self.push(&concept.concept, column);
    }

    fn push(&mut self, concept: &str, column: Column) {
        let mut counts = [0_u64; MissingReason::ALL.len() + 1];
        for reason in column.missing.iter().flatten() {
            counts[reason as usize] += 1;
        }
        let reasons: BTreeMap<MissingReason, u64> = MissingReason::ALL
            .into_iter()
            .map(|reason| (reason, counts[reason as usize]))
            .filter(|(_, count)| *count > 0)
            .collect();
        if !reasons.is_empty() {
            self.missing.insert(concept.to_owned(), reasons);
        }
        self.fields.extend(column.fields(concept));
        self.arrays.extend([column.values, Arc::new(column.missing)]);
    }

    fn finish(mut self) -> Result<Harmonised, Error> {
        let panel_wave = self.settings.panel_wave.clone();
        let about = &self.admitted.about;
        if !self.mistakes.is_empty() {
            return Err(Error::Derivation { panel_wave, mistakes: self.mistakes });
        }
        let table = self.arrow(self.table())?;
        self.findings.extend(self.unused_finding(&about.unused_recodes));
        let places = [
            (columns::RECORD, self.delivered(columns::RECORD)?),
            (columns::LINE, self.delivered(columns::LINE)?),
            (columns::SHEET_ROW, self.delivered(columns::SHEET_ROW)?),
        ];
        let fates = std::mem::take(&mut self.fates).table(places);
        let extra = BTreeMap::from([("fate".to_owned(), self.arrow(fates)?)]);
        let mut headers: BTreeMap<u32, String> = about.sources.values().cloned().collect();
        headers.insert(about.identifier.0, about.identifier.1.clone());
        let about = HarmonisedAbout {
            panel_wave,
            delivery: about.delivery.clone(),
            sheet: about.sheet.clone(),
            first_column: about.first_column,
            asked: self.asked,
            missing: self.missing,
            sources: about.sources.clone(),
            headers,
        };
        Ok(Harmonised { table, extra, findings: self.findings, warnings: Vec::new(), about })
    }

    fn unused_finding(&self, unused: &[String]) -> Option<Finding> {
        const SHOWN: usize = 10;
        let shown: Vec<String> = unused.iter().take(SHOWN).map(|row| format!("`{row}`")).collect();
        (!unused.is_empty()).then(|| Finding {
            found: format!("{} crosswalk rows that no cell used: {}", unused.len(), shown.join(", ")),
            expected: "every row to be met".to_owned(),
            action: "none".to_owned(),
            hint: "an answer nobody gave, or a row of config/codebook/crosswalks.csv that is no longer needed".to_owned(),
            count: unused.len() as u64,
            ..self.finding(Code::RecodeUnused, Severity::Info)
        })
    }

    fn table(&self) -> Result<RecordBatch, ArrowError> {
        RecordBatch::try_new(Arc::new(Schema::new(self.fields.clone())), self.arrays.clone())
    }

    fn delivered(&self, name: &str) -> Result<ArrayRef, Error> {
        self.admitted
            .table
            .column_by_name(name)
            .cloned()
            .ok_or_else(|| self.broken(&format!("no column `{name}`")))
    }

    fn finding(&self, code: Code, severity: Severity) -> Finding {
        let about = &self.admitted.about;
        Finding { sheet: about.sheet.clone(), ..Finding::new(code, severity, &about.delivery) }
            .of(&self.settings.panel_wave)
    }

    fn broken(&self, what: &str) -> Error {
        Error::Handoff { panel_wave: self.settings.panel_wave.clone(), what: what.to_owned() }
    }

    fn arrow<T>(&self, result: Result<T, ArrowError>) -> Result<T, Error> {
        result.map_err(|error| self.broken(&error.to_string()))
    }
}
