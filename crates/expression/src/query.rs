//! One SELECT over tables in memory, with one answer on any machine.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatchOptions};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{Field, Schema};
use arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::datasource::MemTable;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::{Expr, LogicalPlan, Volatility};
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    Expr as SqlExpr, Query, Spanned, Statement as SqlStatement, Visit, Visitor, visit_relations,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::Span;
use survey::condition::SqlMistake;

use crate::mistake::{at, first, in_node, nearest, of_engine, of_parser};
use crate::{functions, guard, plain};

/// A session with our settings and functions: names as written, plain text types, one partition.
pub fn session() -> SessionState {
    let mut config = SessionConfig::new().with_target_partitions(1).with_information_schema(false);
    let parser = &mut config.options_mut().sql_parser;
    parser.enable_ident_normalization = false;
    parser.collect_spans = true;
    parser.map_string_types_to_utf8view = false;
    let context = SessionContext::new_with_state(
        SessionStateBuilder::new().with_default_features().with_config(config).build(),
    );
    for function in functions::own() {
        context.register_udf(function.as_ref().clone());
    }
    context.state()
}

pub fn run(
    session: &SessionState,
    tables: &BTreeMap<String, Vec<RecordBatch>>,
    sql: &str,
) -> Result<RecordBatch, SqlMistake> {
    let mut query = parse(sql)?;
    let mistakes = check(session, tables, &query);
    if !mistakes.is_empty() {
        return Err(first(mistakes));
    }
    guard::rewrite_query(&mut query);
    let statement = Statement::Statement(Box::new(SqlStatement::Query(query)));
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| of_engine(&DataFusionError::IoError(error)))?;
    runtime.block_on(answer(session, tables, statement)).map_err(|error| of_engine(&error))
}

/// Exactly one SELECT.
fn parse(sql: &str) -> Result<Box<Query>, SqlMistake> {
    let parsed = Parser::parse_sql(&GenericDialect {}, sql).map_err(|error| of_parser(&error))?;
    let found = parsed.len();
    match <[SqlStatement; 1]>::try_from(parsed) {
        Ok([SqlStatement::Query(query)]) => Ok(query),
        Ok([other]) => {
            Err(in_node(&other, "found another statement, expected one SELECT".to_owned(), None))
        }
        Err(_) => {
            Err(at(Span::empty(), format!("found {found} statements, expected one SELECT"), None))
        }
    }
}

fn check(
    session: &SessionState,
    tables: &BTreeMap<String, Vec<RecordBatch>>,
    query: &Query,
) -> Vec<SqlMistake> {
    let mut mistakes = Vec::new();
    if query.order_by.is_none() {
        let hint =
            Some("end it with ORDER BY over the columns that tell the rows apart".to_owned());
        mistakes.push(at(Span::empty(), "the order of the rows is left open".to_owned(), hint));
    }
    let mut names = Names::default();
    let _ = query.visit(&mut names);
    let mut relations = Vec::new();
    let _ = visit_relations(query, |relation| {
        relations.push(relation.clone());
        ControlFlow::<()>::Continue(())
    });
    for relation in relations {
        let name = relation.to_string();
        if !tables.contains_key(&name) && !names.with.contains(&name) {
            let hint = nearest(&name, tables.keys().map(String::as_str));
            mistakes.push(in_node(&relation, format!("no table `{name}`"), hint));
        }
    }
    let known: BTreeSet<String> = session
        .scalar_functions()
        .keys()
        .chain(session.aggregate_functions().keys())
        .chain(session.window_functions().keys())
        .cloned()
        .collect();
    for (name, span) in names.functions {
        if !known.contains(&name) {
            let hint = nearest(&name, known.iter().map(String::as_str));
            mistakes.push(at(span, format!("no function `{name}`"), hint));
        }
    }
    mistakes
}

/// Names in a query: its common tables and the functions that it calls.
#[derive(Default)]
struct Names {
    with: BTreeSet<String>,
    functions: Vec<(String, Span)>,
}

impl Visitor for Names {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let tables = query.with.iter().flat_map(|with| &with.cte_tables);
        self.with.extend(tables.map(|table| table.alias.name.value.clone()));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &SqlExpr) -> ControlFlow<()> {
        if let SqlExpr::Function(function) = expression {
            self.functions.push((function.name.to_string().to_lowercase(), function.name.span()));
        }
        ControlFlow::Continue(())
    }
}

async fn answer(
    session: &SessionState,
    tables: &BTreeMap<String, Vec<RecordBatch>>,
    statement: Statement,
) -> Result<RecordBatch> {
    // A catalogue of its own: the tables of one query are not there for the next.
    let state = SessionStateBuilder::new_from_existing(session.clone())
        .with_catalog_list(Arc::new(datafusion::catalog::MemoryCatalogProviderList::new()))
        .with_config(session.config().clone().with_create_default_catalog_and_schema(true))
        .build();
    let context = SessionContext::new_with_state(state);
    for (name, batches) in tables {
        let Some(schema) = batches.first().map(RecordBatch::schema) else { continue };
        let table = MemTable::try_new(schema, vec![batches.clone()])?;
        context.register_table(
            datafusion::common::TableReference::bare(name.as_str()),
            Arc::new(table),
        )?;
    }
    let plan = context.state().statement_to_plan(statement).await?;
    repeatable(&plan)?;
    let schema = Arc::new(plan.schema().as_arrow().clone());
    let batches = context.execute_logical_plan(plan).await?.collect().await?;
    let schema = batches.first().map_or(schema, RecordBatch::schema);
    as_mart(&concat_batches(&schema, &batches)?)
}

/// A function whose answer depends on the clock or on chance has no place in a mart.
fn repeatable(plan: &LogicalPlan) -> Result<()> {
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expression| {
            expression.apply(|part| match part {
                Expr::ScalarFunction(call)
                    if call.func.signature().volatility != Volatility::Immutable =>
                {
                    Err(DataFusionError::Plan(format!(
                        "`{}` gives another answer each time",
                        call.func.name()
                    )))
                }
                _ => Ok(TreeNodeRecursion::Continue),
            })
        })
    })?;
    Ok(())
}

fn as_mart(batch: &RecordBatch) -> Result<RecordBatch> {
    let schema = batch.schema();
    let fields = schema
        .fields()
        .iter()
        .map(|field| Field::new(field.name(), plain::mart_type(field.data_type()), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let column = |(array, field): (&ArrayRef, &Arc<Field>)| {
        cast(array, field.data_type()).map(plain::finite)
    };
    let arrays =
        batch.columns().iter().zip(schema.fields()).map(column).collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema, arrays, &options)?)
}
