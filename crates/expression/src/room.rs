//! Room to look at any SQL that is let in: how long a text may be, and a stack on which the longest one fits.

use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Spanned, Visit, Visitor};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Span, Token, TokenWithSpan, Tokenizer};
use survey::condition::SqlMistake;

use crate::mistake::at;

/// Words and signs of a condition; a chain of operators nests as deep as it is long, and the engine's time grows with its square.
pub const MOST_OF_A_CONDITION: usize = 1_000;
/// Words and signs of a query.
pub const MOST_OF_A_QUERY: usize = 4_000;

/// Reserved, not used, where the SQL is shallow; the tests measure that it holds the deepest.
const STACK_BYTES: usize = 512 << 20;

/// Refuses a text that is too long to be looked at, before anything nests.
pub fn fits(sql: &str, most: usize) -> Result<(), SqlMistake> {
    // Where the text cannot be cut into words the parser says so, with its place.
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location();
    let is_word = |one: &TokenWithSpan| !matches!(one.token, Token::Whitespace(_));
    let Some(first_too_many) = tokens.into_iter().flatten().filter(is_word).nth(most) else {
        return Ok(());
    };
    Err(at(
        first_too_many.span,
        format!("the SQL is too long: more than {most} words and signs"),
        Some("split it, or put a long list into a concept's answers".to_owned()),
    ))
}

/// Divisions and remainders in one another; the engine works out the type of each from all below it, over and over.
const MOST_DIVISIONS: usize = 50;

/// Refuses divisions of divisions that would be planned for hours.
pub fn plannable(sql: &impl Visit) -> Result<(), SqlMistake> {
    match sql.visit(&mut Divisions(0)) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(span) => Err(at(
            span,
            format!("more than {MOST_DIVISIONS} divisions of one another"),
            Some("multiply first, and divide once".to_owned()),
        )),
    }
}

/// How many divisions stand around the part that is visited.
struct Divisions(usize);

fn divides(expression: &Expr) -> bool {
    let divides =
        |op: &BinaryOperator| matches!(op, BinaryOperator::Divide | BinaryOperator::Modulo);
    matches!(expression, Expr::BinaryOp { op, .. } if divides(op))
}

impl Visitor for Divisions {
    type Break = Span;

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<Span> {
        self.0 += usize::from(divides(expression));
        if self.0 > MOST_DIVISIONS {
            ControlFlow::Break(expression.span())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn post_visit_expr(&mut self, expression: &Expr) -> ControlFlow<Span> {
        self.0 -= usize::from(divides(expression));
        ControlFlow::Continue(())
    }
}

/// Works on a stack of its own.
pub fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let builder = thread::Builder::new().name("sql".to_owned()).stack_size(STACK_BYTES);
        let thread = builder.spawn_scoped(scope, work).expect("a thread for the SQL");
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// How much longer work may take until it pauses.
const GRACE: Duration = Duration::from_secs(2);

/// Works on a stack of its own for so long; none where it does not end. What then still runs ends with the program.
pub fn within<T: Send + 'static>(
    time: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = mpsc::channel();
    let builder = thread::Builder::new().name("sql".to_owned()).stack_size(STACK_BYTES);
    let thread = builder.spawn(move || drop(sender.send(work()))).expect("a thread for the SQL");
    match receiver.recv_timeout(time.saturating_add(GRACE)) {
        Ok(answer) => Some(answer),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => resume_unwind(panic),
            Ok(()) => None,
        },
    }
}
