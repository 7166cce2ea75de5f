//! A query planned against schemas alone: all of its mistakes at once, and the columns that it would give.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, ScalarValue, SchemaError};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SessionState;
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator};
use datafusion::prelude::SessionContext;
use datafusion::sql::sqlparser::ast::{
    Expr as SqlExpr, Ident, Query, SelectItem, SetExpr, Value, VisitMut, VisitorMut,
};
use survey::condition::{SqlMistake, codes_of};

use crate::codes::{did_you_mean, is_like};
use crate::mistake::{nearest, of_engine};
use crate::query::{catalogue, order, parse, unknown};
use crate::{plain, query};

/// Columns that do not exist beyond which nobody reads on.
const MOST_MISTAKES: usize = 50;

/// What a SELECT over tables of these schemas gives, as far as it can be told, and all of its mistakes.
pub fn look(
    session: &SessionState,
    tables: &BTreeMap<String, Schema>,
    sql: &str,
) -> (Option<Schema>, Vec<SqlMistake>) {
    let query = match parse(sql) {
        Ok(query) => query,
        Err(mistake) => return (None, vec![mistake]),
    };
    let known = tables.keys().map(String::as_str).collect();
    let order = order(&query);
    let unknown = unknown(session, &known, &query);
    if !unknown.is_empty() {
        return (None, order.into_iter().chain(unknown).collect());
    }
    let mistakes = order.into_iter().collect();
    let empty =
        |(name, schema): (&String, &Schema)| (name.clone(), (Arc::new(schema.clone()), Vec::new()));
    match catalogue(session, Arc::clone(session.runtime_env()), tables.iter().map(empty)) {
        Ok(context) => Look { context, mistakes }.at(*query),
        Err(error) => (None, vec![of_engine(&error)]),
    }
}

pub struct Look {
    pub context: SessionContext,
    pub mistakes: Vec<SqlMistake>,
}

impl Look {
    /// A column that does not exist is told and taken for NULL, so that what comes after it is looked at too.
    pub fn at(mut self, mut query: Query) -> (Option<Schema>, Vec<SqlMistake>) {
        let mut replaced = 0;
        let schema = loop {
            match query::wait(self.planned(&query)) {
                Ok(plan) => {
                    self.mistakes.extend(literals(&plan));
                    break Some(given(&plan, replaced == 0));
                }
                Err(error) => match unknown_column(&error) {
                    Some(column) if replaced < MOST_MISTAKES && take(&mut query, &column.0) => {
                        replaced += 1;
                        self.mistakes.push(not_there(&error, &column));
                    }
                    // What a NULL in its place brings about is no mistake of its own.
                    _ if replaced > 0 => break None,
                    _ => {
                        self.mistakes.push(of_engine(&error));
                        break None;
                    }
                },
            }
        };
        (schema, self.mistakes)
    }

    /// Planned, with the types that the engine makes of it.
    async fn planned(&self, query: &Query) -> Result<LogicalPlan> {
        let plan = query::plan(&self.context, query).await?;
        let state = self.context.state();
        state.analyzer().execute_and_check(plan, state.config_options(), |_, _| {})
    }
}

/// The columns of the answer as a mart keeps them.
fn given(plan: &LogicalPlan, is_whole: bool) -> Schema {
    let fields = plan.schema().fields().iter().map(|field| match field.data_type() {
        DataType::Null if !is_whole => Field::new(field.name(), DataType::Null, true),
        found => Field::new(field.name(), plain::mart_type(found), true),
    });
    Schema::new(fields.collect::<Vec<_>>())
}

/// A column that the engine does not find, and those that there are.
fn unknown_column(error: &DataFusionError) -> Option<(Column, Vec<Column>)> {
    let DataFusionError::SchemaError(inner, _) = error.find_root() else { return None };
    let SchemaError::FieldNotFound { field, valid_fields } = inner.as_ref() else { return None };
    Some((field.as_ref().clone(), valid_fields.clone()))
}

fn not_there(error: &DataFusionError, (column, valid): &(Column, Vec<Column>)) -> SqlMistake {
    let of_table = |known: &&Column| column.relation.is_none() || known.relation == column.relation;
    let names: Vec<&str> = valid.iter().filter(of_table).map(|known| known.name.as_str()).collect();
    let message = match &column.relation {
        Some(table) => format!("no column `{}` in `{table}`", column.name),
        None => format!("no column `{}`", column.name),
    };
    let hint = nearest(&column.name, names.iter().copied());
    SqlMistake { message, hint, position: of_engine(error).position }
}

/// Puts NULL in the place of a column; false where nothing in the query has its name.
fn take(query: &mut Query, column: &Column) -> bool {
    let mut taken = Taken { column, any: false };
    let _ = query.visit(&mut taken);
    taken.any
}

struct Taken<'a> {
    column: &'a Column,
    any: bool,
}

impl Taken<'_> {
    /// The name under which the expression stands for the column.
    fn named(&self, expression: &SqlExpr) -> Option<Ident> {
        let parts = match expression {
            SqlExpr::Identifier(name) => std::slice::from_ref(name),
            SqlExpr::CompoundIdentifier(parts) => parts,
            _ => return None,
        };
        let (name, tables) = parts.split_last()?;
        let of_table = match (&self.column.relation, tables.last()) {
            (Some(relation), Some(table)) => relation.table() == table.value,
            (Some(_), None) => false,
            (None, table) => table.is_none(),
        };
        (name.value == self.column.name && of_table).then(|| name.clone())
    }
}

impl VisitorMut for Taken<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let SetExpr::Select(select) = query.body.as_mut() {
            for item in &mut select.projection {
                let SelectItem::UnnamedExpr(expression) = item else { continue };
                if let Some(alias) = self.named(expression) {
                    self.any = true;
                    *item = SelectItem::ExprWithAlias { expr: null(), alias };
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expression: &mut SqlExpr) -> ControlFlow<()> {
        if self.named(expression).is_some() {
            self.any = true;
            *expression = null();
        }
        ControlFlow::Continue(())
    }
}

fn null() -> SqlExpr {
    SqlExpr::Value(Value::Null.with_empty_span())
}

/// Texts that are compared with a column of codes and are none of them.
fn literals(plan: &LogicalPlan) -> Vec<SqlMistake> {
    let mut mistakes: Vec<SqlMistake> = Vec::new();
    let _ = plan.apply_with_subqueries(|node| {
        let own = [node.schema().as_ref()];
        let inputs: Vec<&DFSchema> =
            node.inputs().into_iter().map(|input| input.schema().as_ref()).collect();
        let schemas = if inputs.is_empty() { own.as_slice() } else { inputs.as_slice() };
        node.apply_expressions(|expression| {
            expression.apply(|part| {
                for mistake in compared(part).into_iter().filter_map(|pair| unlike(schemas, pair)) {
                    if !mistakes.contains(&mistake) {
                        mistakes.push(mistake);
                    }
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    });
    mistakes.sort_by_key(|mistake| mistake.position);
    mistakes
}

/// The two sides of each comparison, and whether the second is a pattern (and one without regard to case).
type Pair<'e> = (&'e Expr, &'e Expr, Option<bool>);

fn compared(part: &Expr) -> Vec<Pair<'_>> {
    match part {
        Expr::BinaryExpr(BinaryExpr {
            left,
            op:
                Operator::Eq | Operator::NotEq | Operator::IsDistinctFrom | Operator::IsNotDistinctFrom,
            right,
        }) => vec![(left, right, None), (right, left, None)],
        Expr::InList(list) => {
            list.list.iter().map(|item| (list.expr.as_ref(), item, None)).collect()
        }
        Expr::Case(case) => {
            let operand = case.expr.iter();
            let whens = operand.flat_map(|operand| {
                case.when_then_expr
                    .iter()
                    .map(move |(when, _)| (operand.as_ref(), when.as_ref(), None))
            });
            whens.collect()
        }
        Expr::Like(like) if like.escape_char.is_none() => {
            vec![(&like.expr, &like.pattern, Some(like.case_insensitive))]
        }
        _ => Vec::new(),
    }
}

fn unlike(schemas: &[&DFSchema], (value, literal, pattern): Pair<'_>) -> Option<SqlMistake> {
    let column = column_of(value)?;
    let text = text_of(literal)?;
    let found = schemas.iter().find_map(|schema| schema.qualified_field_from_column(column).ok());
    let codes: Vec<String> = codes_of(found?.1)?.collect();
    let fits = |code: &String| match pattern {
        None => code == text,
        Some(false) => is_like(code, text),
        Some(true) => is_like(&code.to_lowercase(), &text.to_lowercase()),
    };
    if codes.is_empty() || codes.iter().any(fits) {
        return None;
    }
    let span = column.spans().first();
    Some(SqlMistake {
        message: format!("`{text}` is no value of `{}`", column.name),
        position: span.map(|span| (span.start.line, span.start.column)),
        hint: Some(did_you_mean(text, codes.iter().map(String::as_str))),
    })
}

/// The column, but for casts and names given to it.
fn column_of(expression: &Expr) -> Option<&Column> {
    match expression {
        Expr::Column(column) | Expr::OuterReferenceColumn(_, column) => Some(column),
        Expr::Alias(alias) => column_of(&alias.expr),
        Expr::Cast(cast) => column_of(&cast.expr),
        Expr::TryCast(cast) => column_of(&cast.expr),
        _ => None,
    }
}

fn text_of(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Literal(
            ScalarValue::Utf8(Some(text))
            | ScalarValue::LargeUtf8(Some(text))
            | ScalarValue::Utf8View(Some(text)),
            _,
        ) => Some(text),
        Expr::Cast(cast) => text_of(&cast.expr),
        _ => None,
    }
}
