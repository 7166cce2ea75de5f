//! Texts in a condition that are compared with a category and are none of its codes: never true, or always.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use arrow::datatypes::Schema;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    Value, visit_expressions,
};
use survey::condition::{SqlMistake, codes_of};

use crate::mistake::{in_node, nearest};

/// All mistakes of an expression over these columns.
pub fn mistakes(schema: &Schema, expression: &Expr) -> Vec<SqlMistake> {
    let mut check = Check { schema, mistakes: Vec::new() };
    let _ = visit_expressions(expression, |part| {
        check.compared(part);
        ControlFlow::<()>::Continue(())
    });
    check.mistakes
}

/// Texts that an expression may give as its value and that are none of the codes.
pub fn given(expression: &Expr, codes: &[&str]) -> Vec<SqlMistake> {
    let mut found = Vec::new();
    results(expression, &mut |node, text| {
        if !codes.contains(&text) {
            let message = format!("`{text}` is none of the answers");
            found.push(in_node(node, message, Some(did_you_mean(text, codes.iter().copied()))));
        }
    });
    found
}

/// A closed set of texts.
struct Texts {
    all: BTreeSet<String>,
    /// The category that they come from; none for literals.
    category: Option<String>,
}

struct Check<'a> {
    schema: &'a Schema,
    mistakes: Vec<SqlMistake>,
}

impl Check<'_> {
    fn compared(&mut self, part: &Expr) {
        match part {
            Expr::BinaryOp { left, op: BinaryOperator::Eq | BinaryOperator::NotEq, right }
            | Expr::IsDistinctFrom(left, right)
            | Expr::IsNotDistinctFrom(left, right) => self.equal(left, right),
            Expr::InList { expr, list, .. } => list.iter().for_each(|item| self.equal(expr, item)),
            Expr::Case { operand: Some(operand), conditions, .. } => {
                for when in conditions {
                    self.equal(operand, &when.condition);
                }
            }
            Expr::Like { expr, pattern, escape_char: None, .. } => {
                self.some(expr, pattern, is_like);
            }
            Expr::ILike { expr, pattern, escape_char: None, .. } => {
                self.some(expr, pattern, |text, pattern| {
                    is_like(&text.to_lowercase(), &pattern.to_lowercase())
                });
            }
            Expr::Function(function) => self.function(function),
            _ => {}
        }
    }

    fn function(&mut self, function: &Function) {
        let arguments = arguments(function);
        let [first, second] = arguments.as_slice() else { return };
        match name(function).as_str() {
            "nullif" => self.equal(first, second),
            "starts_with" => self.some(first, second, |text, part| text.starts_with(part)),
            "ends_with" => self.some(first, second, |text, part| text.ends_with(part)),
            "contains" => self.some(first, second, |text, part| text.contains(part)),
            _ => {}
        }
    }

    /// A mistake where the two can never be the same text.
    fn equal(&mut self, left: &Expr, right: &Expr) {
        let (Some(a), Some(b)) = (self.texts(left), self.texts(right)) else { return };
        if a.all.is_empty() || b.all.is_empty() || !a.all.is_disjoint(&b.all) {
            return;
        }
        let (node, category, codes, other) = match (&a.category, &b.category) {
            (Some(category), _) => (right, category, &a.all, &b),
            (None, Some(category)) => (left, category, &b.all, &a),
            (None, None) => return,
        };
        let (message, hint) = match (&other.category, other.all.iter().next()) {
            (None, Some(text)) => {
                let hint = did_you_mean(text, codes.iter().map(String::as_str));
                (format!("`{text}` is no answer of `{category}`"), hint)
            }
            (other, _) => (
                format!(
                    "`{category}` and `{}` have no answer in common",
                    other.as_deref().unwrap_or("it")
                ),
                "compare their answers in config/codebook/answers.csv".to_owned(),
            ),
        };
        self.mistakes.push(in_node(node, message, Some(hint)));
    }

    /// A mistake where the literal fits none of the category's codes.
    fn some(&mut self, value: &Expr, literal: &Expr, fits: impl Fn(&str, &str) -> bool) {
        let Some(Texts { all, category: Some(category) }) = self.texts(value) else { return };
        let Some(text) = literal_text(literal) else { return };
        if all.is_empty() || all.iter().any(|code| fits(code, text)) {
            return;
        }
        let message = format!("no answer of `{category}` fits `{text}`");
        let hint = did_you_mean(text.trim_matches('%'), all.iter().map(String::as_str));
        self.mistakes.push(in_node(literal, message, Some(hint)));
    }

    /// All texts that an expression can give; none where they are not known.
    fn texts(&self, expression: &Expr) -> Option<Texts> {
        match expression {
            Expr::Identifier(column) => {
                let codes = codes_of(self.schema.field_with_name(&column.value).ok()?)?;
                Some(Texts { all: codes.collect(), category: Some(column.value.clone()) })
            }
            Expr::Value(value) => match &value.value {
                Value::SingleQuotedString(text) => Some(Texts::of([text.clone()])),
                Value::Null => Some(Texts::of([])),
                _ => None,
            },
            Expr::Nested(inner) => self.texts(inner),
            Expr::Cast {
                expr,
                data_type:
                    DataType::Varchar(None)
                    | DataType::Text
                    | DataType::String(None)
                    | DataType::Char(None),
                ..
            } => self.texts(expr),
            Expr::Trim { expr, trim_what: None, .. } => Some(self.texts(expr)?.map(trimmed)),
            Expr::Case { conditions, else_result, .. } => {
                let results = conditions.iter().map(|when| &when.result);
                self.union(results.chain(else_result.as_deref()))
            }
            Expr::Function(function) => self.of_function(function),
            _ => None,
        }
    }

    fn of_function(&self, function: &Function) -> Option<Texts> {
        let given = arguments(function);
        match (name(function).as_str(), given.as_slice()) {
            ("coalesce" | "greatest" | "least", all) => self.union(all.iter().copied()),
            ("nullif", [first, ..]) => self.texts(first),
            ("lower", [one]) => Some(self.texts(one)?.map(str::to_lowercase)),
            ("upper", [one]) => Some(self.texts(one)?.map(str::to_uppercase)),
            ("trim" | "btrim", [one]) => Some(self.texts(one)?.map(trimmed)),
            _ => None,
        }
    }

    fn union<'e>(&self, parts: impl Iterator<Item = &'e Expr>) -> Option<Texts> {
        let mut union = Texts::of([]);
        for part in parts {
            let Texts { all, category } = self.texts(part)?;
            union.all.extend(all);
            union.category = union.category.or(category);
        }
        Some(union)
    }
}

impl Texts {
    fn of<const N: usize>(all: [String; N]) -> Self {
        Self { all: all.into(), category: None }
    }

    fn map(self, change: impl Fn(&str) -> String) -> Self {
        let all = self.all.iter().map(|text| change(text)).collect();
        Self { all, ..self }
    }
}

fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}

/// Every literal text that may be the value of the expression.
fn results<'e>(expression: &'e Expr, told: &mut impl FnMut(&'e Expr, &'e str)) {
    match expression {
        Expr::Nested(inner) => results(inner, told),
        Expr::Case { conditions, else_result, .. } => {
            for when in conditions {
                results(&when.result, told);
            }
            if let Some(other) = else_result {
                results(other, told);
            }
        }
        Expr::Function(function) => match (name(function).as_str(), arguments(function)) {
            ("coalesce" | "greatest" | "least", all) => {
                for one in all {
                    results(one, told);
                }
            }
            ("nullif", all) => all.into_iter().take(1).for_each(|one| results(one, told)),
            _ => {}
        },
        literal => {
            if let Some(text) = literal_text(literal) {
                told(literal, text);
            }
        }
    }
}

fn literal_text(expression: &Expr) -> Option<&str> {
    let Expr::Value(value) = expression else { return None };
    if let Value::SingleQuotedString(text) = &value.value { Some(text) } else { None }
}

fn name(function: &Function) -> String {
    function.name.to_string().to_lowercase()
}

fn arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    let argument = |argument| match argument {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expression)) => Some(expression),
        _ => None,
    };
    list.args.iter().filter_map(argument).collect()
}

/// Whether a text fits a pattern of SQL: `%` stands for any text, `_` for one sign.
pub fn is_like(text: &str, pattern: &str) -> bool {
    let mut signs = pattern.chars();
    match signs.next() {
        None => text.is_empty(),
        Some('%') => {
            let rest = signs.as_str();
            let ends = text.char_indices().map(|(place, _)| place).chain([text.len()]);
            ends.into_iter().any(|place| is_like(&text[place..], rest))
        }
        Some(sign) => {
            let mut letters = text.chars();
            letters.next().is_some_and(|letter| sign == '_' || sign == letter)
                && is_like(letters.as_str(), signs.as_str())
        }
    }
}

/// The nearest code, or all of them.
pub fn did_you_mean<'a>(text: &str, codes: impl Iterator<Item = &'a str> + Clone) -> String {
    const SHOWN: usize = 20;
    nearest(text, codes.clone()).unwrap_or_else(|| {
        let all: Vec<&str> = codes.take(SHOWN).collect();
        format!("there is: {}", all.join(", "))
    })
}
