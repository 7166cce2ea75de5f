//! Nonresponse: those who answered take over the base weight of those of their class who did not.

use std::collections::BTreeSet;

use arrow::array::RecordBatch;
use survey::design::NO_CODE;

use super::frame::names;
use super::margins::{Of, crossed};
use super::refusal::Fault;
use super::respondents::Part;
use crate::nonresponse::adjust_classes;
use crate::{Error, Settings};

/// Class and answer of each row.
pub(super) struct Classes {
    codes: Vec<u32>,
    names: Vec<String>,
    responded: Vec<bool>,
}

/// Name of the class of those whose classes are not known.
const MISSING: &str = "missing";

impl Classes {
    /// Reads the classes and marks those who did not answer.
    pub fn read(
        table: &RecordBatch,
        asked: &BTreeSet<String>,
        parts: &mut [Part],
        settings: &Settings,
    ) -> Result<Option<Self>, Vec<Fault>> {
        let Some(nonresponse) = &settings.nonresponse else { return Ok(None) };
        let place = "nonresponse.classes";
        let classes = crossed(table, place, &nonresponse.classes, asked, settings)?;
        let responded = &nonresponse.responded;
        let one = std::slice::from_ref(&responded.concept);
        crossed(table, "nonresponse.responded", one, asked, settings)?;
        let answers = names(table, &responded.concept).unwrap_or_default();
        let responded: Vec<bool> =
            answers.iter().map(|answer| answer.as_ref() == Some(&responded.code)).collect();
        for (part, _) in parts
            .iter_mut()
            .zip(&responded)
            .filter(|(part, responded)| **part == Part::Calibrated && !**responded)
        {
            *part = Part::Nonrespondent;
        }
        let missing = classes.cells.len() as u32;
        let code = |&code: &u32| if code == NO_CODE { missing } else { code };
        let mut names = classes.cells;
        names.push(MISSING.to_owned());
        Ok(Some(Self { codes: classes.codes.iter().map(code).collect(), names, responded }))
    }

    /// `base` with what the nonrespondents had; in a replicate a class that lost all who answered is left out.
    pub fn adjust(&self, base: &[f64], of: Of) -> Result<Vec<f64>, Box<Fault>> {
        let mut base = base.to_vec();
        if of == Of::Replicate {
            let mut answering = vec![false; self.names.len()];
            for (row, &code) in self.codes.iter().enumerate() {
                answering[code as usize] |= self.responded[row] && base[row] > 0.0;
            }
            for (row, &code) in
                self.codes.iter().enumerate().filter(|(_, code)| !answering[**code as usize])
            {
                debug_assert!(!(self.responded[row] && base[row] > 0.0), "class {code} has nobody");
                base[row] = 0.0;
            }
        }
        adjust_classes(&base, &self.responded, &self.codes, &self.names)
            .map_err(|error: Error| Box::new(Fault::Method(Box::new(error))))
    }
}
