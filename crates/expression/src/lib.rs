//! SQL conditions over a batch and SQL over tables, on DataFusion; nothing else compiles against that engine.

mod answer;
mod check;
mod class;
mod codes;
mod condition;
pub mod elsewhere;
mod evaluate;
mod functions;
mod guard;
mod look;
mod mistake;
mod plain;
mod query;
mod room;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow::array::{ArrayRef, AsArray, BooleanArray};
use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use datafusion::execution::SessionState;
use survey::condition::SqlMistake;
use survey::{Expressions, SqlTables, columns};

pub use crate::answer::QueryLimits;
use crate::evaluate::Planned;
use crate::room::with_room;

/// The SQL engine; plans are kept per schema and text.
#[derive(Default)]
pub struct Engine {
    session: OnceLock<SessionState>,
    planned: Mutex<HashMap<String, Arc<Planned>>>,
    limits: QueryLimits,
}

impl Engine {
    pub fn new() -> Self {
        Self::default()
    }

    /// An engine whose queries over tables stay within these limits.
    pub fn within(limits: QueryLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    fn session(&self) -> &SessionState {
        self.session.get_or_init(query::session)
    }

    fn planned(&self, schema: &Schema, expression: &str) -> Result<Arc<Planned>, SqlMistake> {
        let parsed = condition::parse_expression(expression)?;
        let columns = check::columns(&parsed);
        let key = evaluate::key(schema, &columns, expression);
        let keep = || self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(planned) = keep().get(&key) {
            return Ok(Arc::clone(planned));
        }
        check::expression(schema, &parsed).map_err(mistake::first)?;
        let planned = Arc::new(Planned::new(self.session(), schema, &columns, parsed)?);
        keep().insert(key, Arc::clone(&planned));
        Ok(planned)
    }

    fn looked_at(&self, schema: &Schema, expression: &str) -> Result<(), Vec<SqlMistake>> {
        let schema = columns::schema_in_sql(schema);
        let parsed = condition::parse_expression(expression).map_err(|mistake| vec![mistake])?;
        let mut mistakes = check::expression(&schema, &parsed).err().unwrap_or_default();
        mistakes.extend(codes::mistakes(&schema, &parsed));
        if !mistakes.is_empty() {
            mistakes.sort_by_key(|mistake| mistake.position);
            return Err(mistakes);
        }
        let columns = check::columns(&parsed);
        Planned::new(self.session(), &schema, &columns, parsed).map_err(|mistake| vec![mistake])?;
        Ok(())
    }
}

impl Expressions for Engine {
    fn check(&self, schema: &Schema, expression: &str) -> Result<(), Vec<SqlMistake>> {
        with_room(|| self.looked_at(schema, expression))
    }

    fn none_of(&self, expression: &str, codes: &[&str]) -> Vec<SqlMistake> {
        with_room(|| {
            let parsed = condition::parse_expression(expression);
            parsed.map_or_else(|_| Vec::new(), |parsed| codes::given(&parsed, codes))
        })
    }

    fn columns(&self, expression: &str) -> Result<Vec<String>, SqlMistake> {
        let names = with_room(|| Ok(check::columns(&condition::parse_expression(expression)?)))?;
        Ok(names.iter().map(|name| columns::of_sql(name).to_owned()).collect())
    }

    /// Text as Utf8, numbers as Float64, truth as Boolean.
    fn evaluate(&self, batch: &RecordBatch, expression: &str) -> Result<ArrayRef, SqlMistake> {
        let batch = columns::table_in_sql(batch);
        with_room(|| self.planned(batch.schema_ref(), expression)?.evaluate(&batch))
    }

    fn condition(&self, batch: &RecordBatch, condition: &str) -> Result<BooleanArray, SqlMistake> {
        let values = self.evaluate(batch, condition)?;
        values.as_boolean_opt().cloned().ok_or_else(|| mistake::not_a_condition(condition))
    }
}

impl SqlTables for Engine {
    fn look(
        &self,
        tables: &BTreeMap<String, Schema>,
        sql: &str,
    ) -> (Option<Schema>, Vec<SqlMistake>) {
        with_room(|| look::look(self.session(), tables, sql))
    }

    fn query(
        &self,
        tables: &BTreeMap<String, Vec<RecordBatch>>,
        sql: &str,
    ) -> Result<RecordBatch, SqlMistake> {
        answer::run(self.session(), tables, sql, self.limits)
    }
}
