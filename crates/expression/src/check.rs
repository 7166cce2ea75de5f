//! Looks at a parsed expression before the engine does: columns, functions, and kinds of values, all mistakes at once.

use std::ops::ControlFlow;

use arrow::datatypes::{DataType, Schema};
use datafusion::sql::sqlparser::ast::{
    BinaryOperator as Op, DataType as SqlType, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, Ident, Spanned, UnaryOperator, Value, visit_expressions,
};
use survey::condition::SqlMistake;

use crate::class::Class::{self, Boolean, Null, Number, Text, Unclear};
use crate::functions::{ALLOWED, Allowed, Takes};
use crate::mistake::{at, in_node, nearest};

/// The columns that are read, in the order in which they are first named.
pub fn columns(expression: &Expr) -> Vec<String> {
    let mut columns = Vec::new();
    let _ = visit_expressions(expression, |part| {
        if let Expr::Identifier(name) = part
            && !columns.contains(&name.value)
        {
            columns.push(name.value.clone());
        }
        ControlFlow::<()>::Continue(())
    });
    columns
}

/// All mistakes of an expression over these columns.
pub fn expression(schema: &Schema, expression: &Expr) -> Result<Class, Vec<SqlMistake>> {
    let mut check = Check { schema, mistakes: Vec::new() };
    let class = check.class(expression);
    if check.mistakes.is_empty() { Ok(class) } else { Err(check.mistakes) }
}

struct Check<'a> {
    schema: &'a Schema,
    mistakes: Vec<SqlMistake>,
}

impl Check<'_> {
    fn class(&mut self, expression: &Expr) -> Class {
        match expression {
            Expr::Identifier(name) => self.column(name),
            Expr::Value(value) => match value.value {
                Value::Number(..) => Number,
                Value::SingleQuotedString(_) => Text,
                Value::Boolean(_) => Boolean,
                Value::Null => Null,
                _ => self.refuse(expression, "this kind of literal"),
            },
            Expr::Nested(inner) => self.class(inner),
            Expr::IsNull(inner) | Expr::IsNotNull(inner) => {
                self.class(inner);
                Boolean
            }
            Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsUnknown(inner)
            | Expr::IsNotUnknown(inner) => self.takes(inner, Boolean, Boolean),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                self.alike(expression, [&**left, &**right]);
                Boolean
            }
            Expr::InList { expr, list, .. } => self.in_list(expression, expr, list),
            Expr::Between { expr, low, high, .. } => {
                self.alike(expression, [&**expr, &**low, &**high]);
                Boolean
            }
            Expr::Like { expr, pattern, any: false, .. }
            | Expr::ILike { expr, pattern, any: false, .. } => {
                self.takes(expr, Text, Boolean);
                self.takes(pattern, Text, Boolean)
            }
            Expr::BinaryOp { left, op, right } => self.binary(expression, left, op, right),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => self.takes(expr, Boolean, Boolean),
            Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } => {
                self.takes(expr, Number, Number)
            }
            Expr::Cast { expr, data_type, .. } => self.cast(expression, expr, data_type),
            Expr::Ceil { expr, .. } | Expr::Floor { expr, .. } => self.takes(expr, Number, Number),
            Expr::Trim { expr, trim_what, .. } => {
                if let Some(what) = trim_what {
                    self.takes(what, Text, Text);
                }
                self.takes(expr, Text, Text)
            }
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                for number in [substring_from, substring_for].into_iter().flatten() {
                    self.takes(number, Number, Number);
                }
                self.takes(expr, Text, Text)
            }
            Expr::Position { expr, r#in } => {
                self.takes(expr, Text, Number);
                self.takes(r#in, Text, Number)
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                let parts = conditions.iter().map(|when| (&when.condition, &when.result));
                self.case(
                    expression,
                    operand.as_deref(),
                    &parts.collect::<Vec<_>>(),
                    else_result.as_deref(),
                )
            }
            Expr::Function(function) => self.function(expression, function),
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
                self.refuse(expression, "a subquery")
            }
            Expr::CompoundIdentifier(_) => self.refuse(expression, "a name with a point in it"),
            other => self.refuse(other, "this"),
        }
    }

    fn mistake(&mut self, node: &impl Spanned, message: String, hint: Option<String>) -> Class {
        self.mistakes.push(in_node(node, message, hint));
        Unclear
    }

    fn refuse(&mut self, node: &Expr, what: &str) -> Class {
        let hint = "a condition looks at one row: columns, literals, comparisons, arithmetic, CASE and listed functions";
        self.mistake(
            node,
            format!("`{}`: {what} is not allowed here", short(node)),
            Some(hint.to_owned()),
        )
    }

    fn column(&mut self, name: &Ident) -> Class {
        let Ok(field) = self.schema.field_with_name(&name.value) else {
            let known = self.schema.fields().iter().map(|field| field.name().as_str());
            let quoted =
                (name.quote_style == Some('"')).then(|| "text stands in single quotes".to_owned());
            let hint = nearest(&name.value, known).or(quoted);
            self.mistakes.push(at(name.span, format!("no column `{}`", name.value), hint));
            return Unclear;
        };
        value_class(field.data_type()).unwrap_or_else(|| {
            self.mistakes.push(at(
                name.span,
                format!("column `{}` cannot be used in SQL", name.value),
                None,
            ));
            Unclear
        })
    }

    /// The part must be of this class; what comes of it is `gives`.
    fn takes(&mut self, part: &Expr, expected: Class, gives: Class) -> Class {
        let found = self.class(part);
        if !found.fits(expected) {
            let message =
                format!("`{}` is {}, expected {}", short(part), found.name(), expected.name());
            self.mistake(part, message, remedy(part, expected));
        }
        gives
    }

    /// All parts must be of one class, which is handed back.
    fn alike<'e>(&mut self, node: &Expr, parts: impl IntoIterator<Item = &'e Expr>) -> Class {
        let mut first: Option<(&Expr, Class)> = None;
        let mut all = Null;
        for part in parts {
            let found = self.class(part);
            match first {
                Some((shown, class)) if !class.fits(found) => {
                    let message = format!(
                        "`{}`: `{}` is {}, `{}` is {}",
                        short(node),
                        short(shown),
                        class.name(),
                        short(part),
                        found.name()
                    );
                    return self.mistake(
                        part,
                        message,
                        remedy(part, class).or_else(|| remedy(shown, found)),
                    );
                }
                None if !matches!(found, Null | Unclear) => {
                    first = Some((part, found));
                    all = found;
                }
                _ => {}
            }
            if found == Unclear && all == Null {
                all = Unclear;
            }
        }
        all
    }

    fn in_list(&mut self, node: &Expr, expr: &Expr, list: &[Expr]) -> Class {
        if let Some(null) = list.iter().find(|item| is_null(item)) {
            let message = "NULL in a list equals nothing".to_owned();
            self.mistake(null, message, Some("add `OR … IS NULL` instead".to_owned()));
        }
        self.alike(node, std::iter::once(expr).chain(list));
        Boolean
    }

    fn binary(&mut self, node: &Expr, left: &Expr, op: &Op, right: &Expr) -> Class {
        match op {
            Op::And | Op::Or => {
                self.takes(left, Boolean, Boolean);
                self.takes(right, Boolean, Boolean)
            }
            Op::Eq | Op::NotEq | Op::Lt | Op::LtEq | Op::Gt | Op::GtEq => {
                if is_null(left) || is_null(right) {
                    let message = format!("`{}`: nothing equals NULL", short(node));
                    self.mistake(
                        node,
                        message,
                        Some("write `… IS NULL` or `… IS NOT NULL`".to_owned()),
                    );
                }
                self.alike(node, [left, right]);
                Boolean
            }
            Op::Plus | Op::Minus | Op::Multiply | Op::Divide | Op::Modulo => {
                self.takes(left, Number, Number);
                self.takes(right, Number, Number)
            }
            Op::StringConcat => {
                self.takes(left, Text, Text);
                self.takes(right, Text, Text)
            }
            other => self.refuse(node, &format!("operator `{other}`")),
        }
    }

    fn cast(&mut self, node: &Expr, inner: &Expr, to: &SqlType) -> Class {
        self.class(inner);
        match to {
            SqlType::Int(_)
            | SqlType::Integer(_)
            | SqlType::BigInt(_)
            | SqlType::SmallInt(_)
            | SqlType::Double(_)
            | SqlType::DoublePrecision
            | SqlType::Float(_)
            | SqlType::Real => Number,
            SqlType::Varchar(_) | SqlType::Text | SqlType::String(_) | SqlType::Char(_) => Text,
            SqlType::Boolean => Boolean,
            other => self.mistake(
                node,
                format!("`{}`: a cast to {other} is not allowed here", short(node)),
                Some("cast to BIGINT, DOUBLE, VARCHAR or BOOLEAN".to_owned()),
            ),
        }
    }

    fn case(
        &mut self,
        node: &Expr,
        operand: Option<&Expr>,
        whens: &[(&Expr, &Expr)],
        other: Option<&Expr>,
    ) -> Class {
        match operand {
            Some(operand) => {
                self.alike(node, std::iter::once(operand).chain(whens.iter().map(|when| when.0)));
            }
            None => whens.iter().for_each(|when| {
                self.takes(when.0, Boolean, Boolean);
            }),
        }
        self.alike(node, whens.iter().map(|when| when.1).chain(other))
    }

    fn function(&mut self, node: &Expr, function: &Function) -> Class {
        let name = function.name.to_string().to_lowercase();
        let name = if name == "char_length" { "character_length" } else { name.as_str() };
        let Some(allowed) = ALLOWED.iter().find(|allowed| allowed.name == name) else {
            let hint = nearest(name, ALLOWED.iter().map(|allowed| allowed.name));
            return self.mistake(
                &function.name,
                format!("function `{name}` is not allowed in a condition"),
                hint,
            );
        };
        let plain = function.over.is_none()
            && function.filter.is_none()
            && function.within_group.is_empty();
        match arguments(function) {
            Some(given) if plain => self.arguments(node, allowed, &given),
            _ => self.refuse(node, "this form of a call"),
        }
    }

    fn arguments(&mut self, node: &Expr, allowed: &Allowed, given: &[&Expr]) -> Class {
        let (least, most) = match allowed.takes {
            Takes::Exactly(classes, least) => (least, classes.len()),
            Takes::SameKind(least) if allowed.name == "nullif" => (least, 2),
            Takes::SameKind(least) | Takes::Texts(least) => (least, usize::MAX),
        };
        if given.len() < least || given.len() > most {
            let expected = match most {
                usize::MAX => format!("at least {least}"),
                most if most == least => least.to_string(),
                most => format!("{least} to {most}"),
            };
            let message = format!(
                "`{}` is given {} arguments, expected {expected}",
                allowed.name,
                given.len()
            );
            return self.mistake(node, message, None);
        }
        let class = match allowed.takes {
            Takes::Exactly(classes, _) => given
                .iter()
                .zip(classes)
                .fold(Null, |_, (part, class)| self.takes(part, *class, *class)),
            Takes::SameKind(_) => self.alike(node, given.iter().copied()),
            Takes::Texts(_) => given.iter().fold(Text, |_, part| self.takes(part, Text, Text)),
        };
        allowed.gives.unwrap_or(class)
    }
}

fn arguments(function: &Function) -> Option<Vec<&Expr>> {
    let FunctionArguments::List(list) = &function.args else { return None };
    if list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
        return None;
    }
    list.args
        .iter()
        .map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
            _ => None,
        })
        .collect()
}

fn value_class(found: &DataType) -> Option<Class> {
    match found {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Some(Text),
        DataType::Boolean => Some(Boolean),
        DataType::Dictionary(_, inner) => value_class(inner),
        DataType::Null => Some(Null),
        found if found.is_numeric() => Some(Number),
        _ => None,
    }
}

fn is_null(expression: &Expr) -> bool {
    matches!(expression, Expr::Value(value) if value.value == Value::Null)
}

/// How a literal or a column becomes what was expected.
fn remedy(part: &Expr, expected: Class) -> Option<String> {
    match (part, expected) {
        (Expr::Value(value), Text) => match &value.value {
            Value::Number(digits, _) => Some(format!("write '{digits}' for the text")),
            _ => None,
        },
        (Expr::Value(value), Number) => match &value.value {
            Value::SingleQuotedString(text) if text.parse::<f64>().is_ok() => {
                Some(format!("write {text} for the number"))
            }
            _ => None,
        },
        (part, Number) => {
            Some(format!("write `CAST({} AS DOUBLE)` if it holds numbers as text", short(part)))
        }
        (part, Text) => {
            Some(format!("write `CAST({} AS VARCHAR)` to compare it as text", short(part)))
        }
        _ => None,
    }
}

/// The text of a node, cut where it would fill the screen.
fn short(node: &Expr) -> String {
    let text = node.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
