//! One panel-wave's items as the concepts of the codebook, one column a concept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array};
use arrow::datatypes::{DataType, Field, Int8Type, Int64Type, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use serde::Serialize;
use survey::codebook::{Codebook, Concept, Item, Role};
use survey::handoff::HarmonisedAbout;
use survey::{
    Admitted, Expressions, Fate, Finding, Harmonised, MissingReason, PanelWave, Severity, columns,
};

use crate::column::Column;
use crate::derive::{Derived, derive};
use crate::error::{DerivationMistake, Error, Unmapped};
use crate::fates::Fates;
use crate::meaning::Reader;

/// What recode reads beside the admitted rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    pub panel_wave: PanelWave,
    /// Cut to the panel-wave by `Codebook::of`.
    pub codebook: Codebook,
}

/// Recodes items to concepts, keeps the missing reasons, and works out the derived concepts.
pub fn recode(
    admitted: &Admitted,
    settings: &Settings,
    expressions: &dyn Expressions,
) -> Result<Harmonised, Error> {
    let mut run = Recoding::new(admitted, settings)?;
    let concepts =
        settings.codebook.concepts.iter().filter(|concept| concept.role != Role::Identifier);
    for concept in concepts {
        let item = settings.codebook.items.iter().find(|item| item.concept == concept.concept);
        match item {
            Some(item) => run.recode_item(item, concept)?,
            None if !concept.derivation.is_empty() => run.derive(concept, expressions)?,
            None => run.not_asked(concept)?,
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
    /// Crosswalk → rows that a cell used.
    used: BTreeMap<&'a str, BTreeSet<&'a str>>,
    fates: Fates,
    unmapped: Vec<Unmapped>,
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
            used: BTreeMap::new(),
            fates: Fates::default(),
            unmapped: Vec::new(),
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

    fn recode_item(&mut self, item: &'a Item, concept: &'a Concept) -> Result<(), Error> {
        let name = &concept.concept;
        let texts = self.delivered(name)?;
        let states = self.delivered(&columns::state(name))?;
        let (Some(texts), Some(states)) =
            (texts.as_string_opt::<i32>(), states.as_primitive_opt::<Int8Type>())
        else {
            return Err(self.broken(&format!("`{name}` is not text with a state")));
        };
        let source = self.admitted.about.sources.get(name);
        let (position, header) =
            source.ok_or_else(|| self.broken(&format!("no source of `{name}`")))?;
        let codebook = &self.settings.codebook;
        let crosswalk = codebook.crosswalks.get(&item.crosswalk);
        let reader = Reader { item, concept, crosswalk, codes: codebook.codes(concept) };
        let read = reader.read(texts, states);
        for (row, cells) in read.unmapped {
            let text = texts.is_valid(row).then(|| texts.value(row));
            let unmapped = self.unmapped_value(&reader, header, text, row, cells)?;
            self.unmapped.push(unmapped);
        }
        let used = self.used.entry(item.crosswalk.as_str()).or_default();
        used.extend(read.meanings.iter().filter_map(|meaning| meaning.recode));
        self.fates
            .add(*position, read.numbers.iter().map(|number| read.meanings[*number as usize].fate));
        let values: Vec<_> = read.meanings.iter().map(|meaning| &meaning.value).collect();
        let column =
            self.arrow(Column::gather(concept.kind, &reader.codes, &values, &read.numbers))?;
        self.asked.insert(name.clone());
        self.push(name, column);
        Ok(())
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
                        ..self.finding("derived_without_value", Severity::Warning)
                    };
                    self.findings.push(finding);
                }
                self.push(&concept.concept, column);
                Ok(())
            }
            Derived::NotAsked => self.not_asked(concept),
            Derived::Mistakes(mistakes) => {
                self.mistakes.extend(mistakes);
                self.not_asked(concept)
            }
        }
    }

    fn not_asked(&mut self, concept: &Concept) -> Result<(), Error> {
        let codes = self.settings.codebook.codes(concept);
        let column = Column::all_missing(concept.kind, &codes, MissingReason::NotAsked, self.rows);
        let column = self.arrow(column)?;
        self.push(&concept.concept, column);
        Ok(())
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
        if !self.unmapped.is_empty() {
            return Err(Error::Unmapped {
                panel_wave,
                delivery: about.delivery.clone(),
                values: self.unmapped,
            });
        }
        let table = self.arrow(self.table())?;
        let unused_recodes = self.unused_recodes();
        self.findings.extend(self.unused_finding(&unused_recodes));
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
            unused_recodes,
            sources: about.sources.clone(),
            headers,
        };
        Ok(Harmonised { table, extra, findings: self.findings, warnings: Vec::new(), about })
    }

    /// `crosswalk: value` of the rows that no cell used.
    fn unused_recodes(&self) -> Vec<String> {
        let crosswalks = self.settings.codebook.crosswalks.iter();
        crosswalks
            .filter_map(|(name, crosswalk)| {
                self.used.get(name.as_str()).map(|used| (name, crosswalk, used))
            })
            .flat_map(|(name, crosswalk, used)| {
                let unused =
                    crosswalk.recodes.keys().filter(|value| !used.contains(value.as_str()));
                unused.map(move |value| format!("{name}: {value}"))
            })
            .collect()
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
            ..self.finding("recode_unused", Severity::Info)
        })
    }

    fn unmapped_value(
        &self,
        reader: &Reader<'_>,
        header: &str,
        text: Option<&str>,
        row: usize,
        cells: u64,
    ) -> Result<Unmapped, Error> {
        let records = self.delivered(columns::RECORD)?;
        let records = records
            .as_primitive_opt::<Int64Type>()
            .ok_or_else(|| self.broken("the record is no whole number"))?;
        Ok(Unmapped {
            concept: reader.concept.concept.clone(),
            column: header.to_owned(),
            crosswalk: reader.item.crosswalk.clone(),
            line: reader.item.line.0,
            record: records.value(row),
            found: text.map_or_else(
                || "empty".to_owned(),
                |text| format!("text of {} characters", text.chars().count()),
            ),
            expected: reader.expected(),
            cells,
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

    fn finding(&self, code: &str, severity: Severity) -> Finding {
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
