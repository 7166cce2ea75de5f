//! Mistakes in a SQL text: parsing, and the engine's errors in our words.

use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::ast::Spanned;
use datafusion::sql::sqlparser::parser::ParserError;
use datafusion::sql::sqlparser::tokenizer::Span;
use survey::condition::SqlMistake;

/// A mistake at a place in the text.
pub fn at(span: Span, message: String, hint: Option<String>) -> SqlMistake {
    let position = (span.start.line > 0).then_some((span.start.line, span.start.column));
    SqlMistake { message, position, hint }
}

/// A mistake in one node of the parsed text.
pub fn in_node(node: &impl Spanned, message: String, hint: Option<String>) -> SqlMistake {
    at(node.span(), message, hint)
}

/// The parser says its place inside the text of its message: ` at Line: 1, Column: 5`.
pub fn of_parser(error: &ParserError) -> SqlMistake {
    let text = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.as_str(),
        ParserError::RecursionLimitExceeded => "it is nested too deeply",
    };
    let (message, place) = text.rsplit_once(" at Line: ").unwrap_or((text, ""));
    let position = place
        .split_once(", Column: ")
        .and_then(|(line, column)| Some((line.trim().parse().ok()?, column.trim().parse().ok()?)));
    SqlMistake { message: lower_first(message), position, hint: None }
}

/// The first of the mistakes, for callers that can say only one.
pub fn first(mistakes: Vec<SqlMistake>) -> SqlMistake {
    let unknown = || at(Span::empty(), "the expression cannot be used".to_owned(), None);
    mistakes.into_iter().next().unwrap_or_else(unknown)
}

pub fn not_a_condition(condition: &str) -> SqlMistake {
    at(
        Span::empty(),
        format!("`{condition}` is not a condition: expected something true or false"),
        None,
    )
}

/// The engine's error with its place where it knows one.
pub fn of_engine(error: &DataFusionError) -> SqlMistake {
    if let Some(diagnostic) = error.diagnostic() {
        let span = diagnostic.span.map(|span| (span.start.line, span.start.column));
        let hint = diagnostic.notes.first().map(|note| &note.message);
        let hint = hint.or_else(|| diagnostic.helps.first().map(|help| &help.message)).cloned();
        return SqlMistake { message: lower_first(&diagnostic.message), position: span, hint };
    }
    if let DataFusionError::SQL(error, _) = error.find_root() {
        return of_parser(error);
    }
    let text = error.strip_backtrace();
    SqlMistake {
        message: lower_first(text.lines().next().unwrap_or_default()),
        position: None,
        hint: None,
    }
}

/// "did you mean" for a name, where one of the known names is near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    likeness::nearest(name, known).map(|candidate| format!("did you mean `{candidate}`?"))
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    // An acronym such as SQL keeps its capitals.
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain([second]).chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::lower_first;

    #[test]
    fn a_message_begins_small_unless_with_an_acronym() {
        let said = ["Expected: an expression", "SQL is missing", "already small", "X", ""];
        let expected = ["expected: an expression", "SQL is missing", "already small", "X", ""];
        assert_eq!(said.map(lower_first), expected);
    }
}
