//! The value of a cell as its record stores it, and whether a formula was calculated.

use super::bytes::{f64_at, of_rk, u16_at, u32_at};
use super::formula::{NO_NUMBER, may_be_uncalculated};
use super::globals::Globals;
use super::records::{CONTINUE, Cursor, Record, record};
use crate::value::Value;

pub(super) const FORMATTED_LABEL: u16 = 0x00d6;
pub(super) const SHARED_LABEL: u16 = 0x00fd;
pub(super) const NUMBER: u16 = 0x0203;
pub(super) const LABEL: u16 = 0x0204;
pub(super) const BOOL_OR_ERROR: u16 = 0x0205;
pub(super) const SHORT_NUMBER: u16 = 0x027e;
const TEXT_OF_FORMULA: u16 = 0x0207;
/// What may stand between a formula and its text: an array, a table, a formula that others share.
const BETWEEN: [u16; 4] = [CONTINUE, 0x0221, 0x0236, 0x04bc];

/// What a cell that is alone in its record holds.
pub(super) fn stored<'a>(
    found: Record<'_>,
    globals: &'a Globals,
    text: &'a mut Vec<u8>,
) -> Option<Value<'a>> {
    let body = found.body;
    Some(match found.kind {
        SHARED_LABEL => {
            globals.strings.get(u32_at(body, 6)? as usize).map_or(Value::Broken, Value::Text)
        }
        LABEL | FORMATTED_LABEL => {
            Cursor::new(&globals.stream, found, 6).led_text(2, globals.texts, text)?;
            Value::Text(text)
        }
        NUMBER => Value::Number(f64_at(body, 6)?),
        SHORT_NUMBER => Value::Number(of_rk(u32_at(body, 6)?)),
        BOOL_OR_ERROR if *body.get(7)? != 0 => Value::Error(*body.get(6)?),
        BOOL_OR_ERROR => Value::Bool(*body.get(6)? != 0),
        _ if !globals.is_calculated
            && may_be_uncalculated(body)
            && !is_empty_text(globals, body) =>
        {
            Value::Uncalculated
        }
        _ => of_formula(found, globals, text)?,
    })
}

/// An empty text of an office program was calculated, also where no formula has another value.
fn is_empty_text(globals: &Globals, body: &[u8]) -> bool {
    globals.is_described && u16_at(body, 12) == Some(NO_NUMBER)
}

/// The value of a formula as it was saved.
fn of_formula<'a>(
    found: Record<'_>,
    globals: &Globals,
    text: &'a mut Vec<u8>,
) -> Option<Value<'a>> {
    let body = found.body;
    if u16_at(body, 12)? != NO_NUMBER {
        return f64_at(body, 6).map(Value::Number);
    }
    Some(match body[6] {
        0 => match text_of_formula(found, globals) {
            Some(following) => {
                Cursor::new(&globals.stream, following, 0).led_text(2, globals.texts, text)?;
                Value::Text(text)
            }
            None => Value::Uncalculated,
        },
        1 => Value::Bool(body[8] != 0),
        2 => Value::Error(body[8]),
        3 => Value::Text(b""),
        _ => Value::Broken,
    })
}

fn text_of_formula<'a>(formula: Record<'_>, globals: &'a Globals) -> Option<Record<'a>> {
    let mut following = record(&globals.stream, formula.end)?;
    while BETWEEN.contains(&following.kind) {
        following = record(&globals.stream, following.end)?;
    }
    (following.kind == TEXT_OF_FORMULA).then_some(following)
}
