//! One SELECT over tables in memory: parsed, looked at, planned; with one answer on any machine.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use datafusion::catalog::MemoryCatalogProviderList;
use datafusion::common::TableReference;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::datasource::MemTable;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::runtime_env::RuntimeEnv;
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

use crate::mistake::{at, in_node, nearest, of_parser};
use crate::{functions, guard, room};

/// Names as written, plain text types, one partition.
pub fn settings() -> SessionConfig {
    let mut config = SessionConfig::new().with_target_partitions(1).with_information_schema(false);
    let parser = &mut config.options_mut().sql_parser;
    parser.enable_ident_normalization = false;
    parser.collect_spans = true;
    parser.map_string_types_to_utf8view = false;
    config
}

/// A session with our settings and functions.
pub fn session() -> SessionState {
    let context = SessionContext::new_with_state(
        SessionStateBuilder::new().with_default_features().with_config(settings()).build(),
    );
    for function in functions::own() {
        context.register_udf(function.as_ref().clone());
    }
    context.state()
}

/// Exactly one SELECT.
pub fn parse(sql: &str) -> Result<Box<Query>, SqlMistake> {
    room::fits(sql, room::MOST_OF_A_QUERY)?;
    let parsed = Parser::parse_sql(&GenericDialect {}, sql).map_err(|error| of_parser(&error))?;
    let found = parsed.len();
    match <[SqlStatement; 1]>::try_from(parsed) {
        Ok([SqlStatement::Query(query)]) => room::plannable(&query).map(|()| query),
        Ok([other]) => {
            Err(in_node(&other, "found another statement, expected one SELECT".to_owned(), None))
        }
        Err(_) => {
            Err(at(Span::empty(), format!("found {found} statements, expected one SELECT"), None))
        }
    }
}

/// Rows without an order would be another file each time.
pub fn order(query: &Query) -> Option<SqlMistake> {
    query.order_by.is_none().then(|| {
        let hint = "end it with ORDER BY over the columns that tell the rows apart".to_owned();
        at(Span::empty(), "the order of the rows is left open".to_owned(), Some(hint))
    })
}

/// Tables and functions that are not there.
pub fn unknown(session: &SessionState, tables: &BTreeSet<&str>, query: &Query) -> Vec<SqlMistake> {
    let mut mistakes = Vec::new();
    let mut names = Names::default();
    let _ = query.visit(&mut names);
    let mut relations = Vec::new();
    let _ = visit_relations(query, |relation| {
        relations.push(relation.clone());
        ControlFlow::<()>::Continue(())
    });
    for relation in relations {
        let name = relation.to_string();
        if !tables.contains(name.as_str()) && !names.with.contains(&name) {
            let hint = nearest(&name, tables.iter().copied());
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

/// A table by its schema, with rows where there are some.
pub type Table = (SchemaRef, Vec<RecordBatch>);

/// A catalogue of its own: the tables of one query are not there for the next.
pub fn catalogue(
    session: &SessionState,
    runtime: Arc<RuntimeEnv>,
    tables: impl IntoIterator<Item = (String, Table)>,
) -> Result<SessionContext> {
    let state = SessionStateBuilder::new_from_existing(session.clone())
        .with_catalog_list(Arc::new(MemoryCatalogProviderList::new()))
        .with_config(session.config().clone().with_create_default_catalog_and_schema(true))
        .with_runtime_env(runtime)
        .build();
    let context = SessionContext::new_with_state(state);
    for (name, (schema, batches)) in tables {
        let table = MemTable::try_new(schema, vec![batches])?;
        context.register_table(TableReference::bare(name), Arc::new(table))?;
    }
    Ok(context)
}

/// The query as a plan that gives the same answer each time.
pub async fn plan(context: &SessionContext, query: &Query) -> Result<LogicalPlan> {
    let mut query = Box::new(query.clone());
    guard::rewrite_query(&mut query);
    let statement = Statement::Statement(Box::new(SqlStatement::Query(query)));
    let plan = context.state().statement_to_plan(statement).await?;
    repeatable(&plan)?;
    Ok(plan)
}

/// Waits for the engine on this thread.
pub fn wait<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().build()?.block_on(work)
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
