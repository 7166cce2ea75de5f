//! Queries over tables that another session of the same engine holds, e.g. one with workers (`cluster/`): looked at, rewritten and
//! handed back as here, so that the answer is the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{LogicalPlan, ScalarUDF};
use datafusion::prelude::{SessionConfig, SessionContext};
use survey::condition::SqlMistake;

use crate::{answer, functions, mistake, query};

/// How SQL is read: a session elsewhere begins with it.
pub fn settings() -> SessionConfig {
    query::settings()
}

/// The functions that take the place of the engine's; workers need them too.
pub fn functions() -> Vec<Arc<ScalarUDF>> {
    functions::own()
}

/// The plan of one SELECT over the tables of a session that has `settings` and `functions`.
pub async fn plan(
    context: &SessionContext,
    tables: &BTreeMap<String, Schema>,
    sql: &str,
) -> Result<LogicalPlan, SqlMistake> {
    let query = query::parse(sql)?;
    let known = tables.keys().map(String::as_str).collect();
    let unknown = query::unknown(&context.state(), &known, &query).into_iter();
    if let Some(mistake) = query::order(&query).into_iter().chain(unknown).next() {
        return Err(mistake);
    }
    query::plan(context, &query).await.map_err(|error| self::mistake(&error))
}

/// The rows of an answer in the types of a mart.
pub fn as_mart(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<RecordBatch> {
    answer::as_mart(schema, batches)
}

/// The engine's error with its place where it knows one.
pub fn mistake(error: &DataFusionError) -> SqlMistake {
    mistake::of_engine(error)
}
