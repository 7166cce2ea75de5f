//! SQL conditions over a batch and SQL over tables, on DataFusion; nothing else compiles against that engine.

mod check;
mod evaluate;
mod functions;
mod guard;
mod mistake;
mod plain;
mod query;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow::array::{ArrayRef, AsArray, BooleanArray};
use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use datafusion::execution::SessionState;
use survey::condition::SqlMistake;
use survey::{Expressions, SqlTables, columns};

use crate::evaluate::Planned;

/// The SQL engine; plans are kept per schema and text.
#[derive(Default)]
pub struct Engine {
    session: OnceLock<SessionState>,
    planned: Mutex<HashMap<String, Arc<Planned>>>,
}

impl Engine {
    pub fn new() -> Self {
        Self::default()
    }

    fn session(&self) -> &SessionState {
        self.session.get_or_init(query::session)
    }

    fn planned(&self, schema: &Schema, expression: &str) -> Result<Arc<Planned>, SqlMistake> {
        let parsed = mistake::parse_expression(expression)?;
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
}

impl Expressions for Engine {
    fn check(&self, schema: &Schema, expression: &str) -> Result<(), Vec<SqlMistake>> {
        let schema = columns::schema_in_sql(schema);
        let parsed = mistake::parse_expression(expression).map_err(|mistake| vec![mistake])?;
        check::expression(&schema, &parsed)?;
        let columns = check::columns(&parsed);
        Planned::new(self.session(), &schema, &columns, parsed).map_err(|mistake| vec![mistake])?;
        Ok(())
    }

    fn columns(&self, expression: &str) -> Result<Vec<String>, SqlMistake> {
        let names = check::columns(&mistake::parse_expression(expression)?);
        Ok(names.iter().map(|name| columns::of_sql(name).to_owned()).collect())
    }

    /// Text as Utf8, numbers as Float64, truth as Boolean.
    fn evaluate(&self, batch: &RecordBatch, expression: &str) -> Result<ArrayRef, SqlMistake> {
        let batch = columns::table_in_sql(batch);
        self.planned(batch.schema_ref(), expression)?.evaluate(&batch)
    }

    fn condition(&self, batch: &RecordBatch, condition: &str) -> Result<BooleanArray, SqlMistake> {
        let values = self.evaluate(batch, condition)?;
        values.as_boolean_opt().cloned().ok_or_else(|| mistake::not_a_condition(condition))
    }
}

impl SqlTables for Engine {
    fn query(
        &self,
        tables: &BTreeMap<String, Vec<RecordBatch>>,
        sql: &str,
    ) -> Result<RecordBatch, SqlMistake> {
        query::run(self.session(), tables, sql)
    }
}
