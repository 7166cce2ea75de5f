//! The text of a condition, parsed.

use datafusion::sql::sqlparser::ast::Expr;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Span, Token};
use survey::condition::SqlMistake;

use crate::mistake::{at, of_parser};
use crate::room;

/// The whole text as one expression.
pub fn parse_expression(text: &str) -> Result<Expr, SqlMistake> {
    room::fits(text, room::MOST_OF_A_CONDITION)?;
    if text.trim().is_empty() {
        return Err(at(
            Span::empty(),
            "found nothing, expected an SQL expression".to_owned(),
            None,
        ));
    }
    let mut parser =
        Parser::new(&GenericDialect {}).try_with_sql(text).map_err(|error| of_parser(&error))?;
    let expression = parser.parse_expr().map_err(|error| of_parser(&error))?;
    let rest = parser.peek_token();
    if rest.token == Token::EOF {
        room::plannable(&expression)?;
        return Ok(expression);
    }
    let hint = (rest.token == Token::SemiColon).then(|| "leave out the semicolon".to_owned());
    Err(at(rest.span, format!("found `{}`, expected the end of the expression", rest.token), hint))
}
