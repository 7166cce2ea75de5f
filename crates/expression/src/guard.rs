//! Rewrites a parsed SQL so that a row on which it breaks answers null: casts that may fail, division, arithmetic that may overflow.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType, ExactNumberInfo, Expr, Function, FunctionArg,
    FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, ObjectName, UnaryOperator,
    Value, VisitMut, VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use crate::class::Class;
use crate::functions::{ALLOWED, DIVIDE, REMAINDER, Takes};

/// All arithmetic in Float64; division and remainder by zero are null; CAST is TRY_CAST.
pub fn rewrite(sql: &mut impl VisitMut) {
    let _ = sql.visit(&mut Guard { arithmetic: true });
}

/// As `rewrite`, but sums and products keep their types, so that `wave + 1` stays an integer in a mart.
pub fn rewrite_query(sql: &mut impl VisitMut) {
    let _ = sql.visit(&mut Guard { arithmetic: false });
}

struct Guard {
    arithmetic: bool,
}

impl VisitorMut for Guard {
    type Break = ();

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        match expression {
            Expr::Cast { kind, .. } => *kind = CastKind::TryCast,
            Expr::BinaryOp { left, op, right } => match op {
                BinaryOperator::Divide => *expression = call(DIVIDE, left, right),
                BinaryOperator::Modulo => *expression = call(REMAINDER, left, right),
                BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply
                    if self.arithmetic =>
                {
                    in_double(left);
                    in_double(right);
                }
                _ => {}
            },
            Expr::UnaryOp { op: UnaryOperator::Minus, expr }
                if self.arithmetic && !matches!(**expr, Expr::Value(_)) =>
            {
                in_double(expr);
            }
            Expr::Function(function) if self.arithmetic => whole_arguments(function),
            Expr::Substring { substring_from, substring_for, .. } if self.arithmetic => {
                for place in [substring_from, substring_for].into_iter().flatten() {
                    in_type(place, DataType::BigInt(None));
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Functions of text count in whole numbers, and all arithmetic here is in Float64.
fn whole_arguments(function: &mut Function) {
    let name = function.name.to_string().to_lowercase();
    let allowed = ALLOWED.iter().find(|allowed| allowed.name == name);
    let Some(Takes::Exactly(classes @ [Class::Text, ..], _)) =
        allowed.map(|allowed| &allowed.takes)
    else {
        return;
    };
    let FunctionArguments::List(list) = &mut function.args else { return };
    for (argument, class) in list.args.iter_mut().zip(*classes) {
        if let (FunctionArg::Unnamed(FunctionArgExpr::Expr(place)), Class::Number) =
            (argument, class)
        {
            in_type(place, DataType::BigInt(None));
        }
    }
}

fn take(expression: &mut Expr) -> Expr {
    std::mem::replace(expression, Expr::Value(Value::Null.with_empty_span()))
}

fn in_double(expression: &mut Expr) {
    in_type(expression, DataType::Double(ExactNumberInfo::None));
}

fn in_type(expression: &mut Expr, data_type: DataType) {
    let inner = Box::new(take(expression));
    *expression =
        Expr::Cast { kind: CastKind::TryCast, expr: inner, data_type, array: false, format: None };
}

fn call(name: &str, left: &mut Expr, right: &mut Expr) -> Expr {
    let argument =
        |expression: &mut Expr| FunctionArg::Unnamed(FunctionArgExpr::Expr(take(expression)));
    let args = vec![argument(left), argument(right)];
    let list = FunctionArgumentList { duplicate_treatment: None, args, clauses: Vec::new() };
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident {
            value: name.to_owned(),
            quote_style: None,
            span: Span::empty(),
        }]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(list),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}
