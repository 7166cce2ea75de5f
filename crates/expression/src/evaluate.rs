//! A checked expression as a plan over exactly the columns that it reads.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, new_null_array};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SessionState;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, TryCast};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::sql::sqlparser::ast::{Expr as SqlExpr, ExprWithAlias};
use survey::condition::SqlMistake;

use crate::{guard, mistake, plain};

/// What decides a plan: the text, and the types of the columns that it reads.
pub fn key(schema: &Schema, columns: &[String], expression: &str) -> String {
    let mut key = expression.to_owned();
    for column in columns {
        if let Ok(field) = schema.field_with_name(column) {
            let _ = write!(key, "\u{1f}{column}:{}", field.data_type());
        }
    }
    key
}

pub struct Planned {
    physical: Arc<dyn PhysicalExpr>,
    schema: SchemaRef,
    columns: Vec<String>,
    gives: DataType,
}

impl Planned {
    pub fn new(
        session: &SessionState,
        schema: &Schema,
        columns: &[String],
        parsed: SqlExpr,
    ) -> Result<Self, SqlMistake> {
        plan(session, schema, columns, parsed).map_err(|error| mistake::of_engine(&error))
    }

    /// Value per row; null where it breaks.
    pub fn evaluate(&self, batch: &RecordBatch) -> Result<ArrayRef, SqlMistake> {
        let narrow = self.narrow(batch).map_err(|error| mistake::of_engine(&error))?;
        Ok(self.or_split(&narrow))
    }

    /// The columns that are read, dictionaries as their text.
    fn narrow(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let column = |name: &String| {
            let found = batch
                .column_by_name(name)
                .ok_or_else(|| DataFusionError::Plan(format!("no column `{name}`")))?;
            Ok(cast(found, &read_type(found.data_type()))?)
        };
        let arrays = self.columns.iter().map(column).collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)?)
    }

    /// A batch that breaks is halved until the row is found on which it breaks: that one is null.
    fn or_split(&self, batch: &RecordBatch) -> ArrayRef {
        let rows = batch.num_rows();
        let null = || new_null_array(&self.gives, rows);
        match self.at_once(batch) {
            Ok(values) => values,
            Err(_) if rows <= 1 => null(),
            Err(_) => {
                let half = rows / 2;
                let parts = [
                    self.or_split(&batch.slice(0, half)),
                    self.or_split(&batch.slice(half, rows - half)),
                ];
                concat(&[parts[0].as_ref(), parts[1].as_ref()]).unwrap_or_else(|_| null())
            }
        }
    }

    fn at_once(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        let values = self.physical.evaluate(batch)?.into_array(batch.num_rows())?;
        Ok(plain::value(&values)?)
    }
}

fn plan(
    session: &SessionState,
    schema: &Schema,
    columns: &[String],
    mut parsed: SqlExpr,
) -> Result<Planned> {
    let fields = columns.iter().map(|column| {
        let field = schema.field_with_name(column)?;
        Ok(Field::new(column, read_type(field.data_type()), true))
    });
    let schema = Arc::new(Schema::new(fields.collect::<Result<Vec<_>>>()?));
    let df_schema = Arc::new(DFSchema::try_from(Arc::clone(&schema))?);
    guard::rewrite(&mut parsed);
    let logical = session
        .create_logical_expr_from_sql_expr(ExprWithAlias { expr: parsed, alias: None }, &df_schema)?
        .unalias();
    let context = SimplifyContext::builder().with_schema(Arc::clone(&df_schema)).build();
    let simplifier = ExprSimplifier::new(context);
    // The engine's own order: types first, or functions that simplify into others fail when they run.
    let logical = simplifier.simplify(simplifier.coerce(logical, &df_schema)?)?;
    let logical = logical.transform_up(|part| Ok(try_cast(part)))?.data;
    let physical = session.create_physical_expr(logical, &df_schema)?;
    let gives = plain::value_type(&physical.data_type(&schema)?);
    Ok(Planned { physical, schema, columns: columns.to_vec(), gives })
}

/// A cast that coercion put in may not end the batch either.
fn try_cast(part: Expr) -> Transformed<Expr> {
    match part {
        Expr::Cast(cast) => {
            Transformed::yes(Expr::TryCast(TryCast { expr: cast.expr, field: cast.field }))
        }
        other => Transformed::no(other),
    }
}

/// Dictionaries are read as their text.
fn read_type(found: &DataType) -> DataType {
    match found {
        DataType::Dictionary(_, inner) => read_type(inner),
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        found => found.clone(),
    }
}
