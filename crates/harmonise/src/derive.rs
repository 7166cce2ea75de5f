//! Concepts worked out by SQL from the concepts above them in the codebook.

use arrow::array::{Array, ArrayRef, AsArray, Int8Array};
use arrow::datatypes::Int8Type;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use survey::codebook::Concept;
use survey::condition::SqlMistake;
use survey::{Expressions, MissingReason, columns};

use crate::column::{Column, typed};
use crate::error::DerivationMistake;

/// A derived concept, or why it could not be.
pub(crate) enum Derived {
    Column {
        column: Column,
        /// Rows without a value though all that was read is there.
        without_value: u64,
    },
    /// Nothing that it reads was asked.
    NotAsked,
    Mistakes(Vec<DerivationMistake>),
}

/// Works out one concept over the columns so far; `is_asked` says of a concept whether this panel-wave has it.
pub(crate) fn derive(
    concept: &Concept,
    codes: &[&str],
    so_far: &RecordBatch,
    is_asked: &dyn Fn(&str) -> Option<bool>,
    expressions: &dyn Expressions,
) -> Result<Derived, ArrowError> {
    let sql = &concept.derivation;
    let mistake = |message: String, hint: String| DerivationMistake {
        concept: concept.concept.clone(),
        line: concept.line.0,
        message,
        hint,
    };
    let of_sql =
        |found: &SqlMistake| mistake(found.message.clone(), found.hint.clone().unwrap_or_default());
    if let Err(found) = expressions.check(&so_far.schema(), sql) {
        return Ok(Derived::Mistakes(found.iter().map(of_sql).collect()));
    }
    let columns = match expressions.columns(sql) {
        Ok(columns) => columns,
        Err(found) => return Ok(Derived::Mistakes(vec![of_sql(&found)])),
    };
    let inputs = inputs(&columns, is_asked);
    if !inputs.is_empty() && inputs.iter().all(|(_, asked)| !asked) {
        return Ok(Derived::NotAsked);
    }
    let values = match expressions.evaluate(so_far, sql) {
        Ok(values) => values,
        Err(found) => return Ok(Derived::Mistakes(vec![of_sql(&found)])),
    };
    let values = match typed(&values, concept.kind, codes)? {
        Ok(values) => values,
        Err(rows) => {
            let message = format!(
                "found a code that its answers do not have ({rows} rows), expected one of {}",
                codes.join(", ")
            );
            let hint = format!(
                "add it to config/codebook/answers.csv (`{}`), or mend the derivation",
                concept.answers
            );
            return Ok(Derived::Mistakes(vec![mistake(message, hint)]));
        }
    };
    let (missing, without_value) = reasons(&values, &inputs, so_far);
    Ok(Derived::Column { column: Column { values, missing }, without_value })
}

/// The concepts that a derivation reads, in its order, and whether they were asked.
fn inputs<'a>(
    columns: &'a [String],
    is_asked: &dyn Fn(&str) -> Option<bool>,
) -> Vec<(&'a str, bool)> {
    let mut inputs: Vec<(&str, bool)> = Vec::new();
    for column in columns {
        let name = columns::concept_of(column);
        if let Some(asked) = is_asked(name)
            && inputs.iter().all(|(known, _)| *known != name)
        {
            inputs.push((name, asked));
        }
    }
    inputs
}

/// A null's reason is that of the first input without a value; "not asked" only where no other input has a better one.
fn reasons(values: &ArrayRef, inputs: &[(&str, bool)], so_far: &RecordBatch) -> (Int8Array, u64) {
    let not_asked = MissingReason::NotAsked as i8;
    let of_inputs: Vec<&Int8Array> = inputs
        .iter()
        .filter_map(|(name, _)| so_far.column_by_name(&columns::missing(name)))
        .filter_map(|column| column.as_primitive_opt::<Int8Type>())
        .collect();
    let mut without_value = 0;
    let missing = (0..values.len())
        .map(|row| {
            if values.is_valid(row) {
                return None;
            }
            let mut found =
                of_inputs.iter().filter(|input| input.is_valid(row)).map(|input| input.value(row));
            let first = found.clone().find(|reason| *reason != not_asked).or_else(|| found.next());
            without_value += u64::from(first.is_none());
            Some(first.unwrap_or(MissingReason::Invalid as i8))
        })
        .collect();
    (missing, without_value)
}
