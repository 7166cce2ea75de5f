//! Whether the value of a formula was calculated.

use super::bytes::{f64_at, is_volatile, u16_at};

pub(super) const FORMULA: u16 = 0x0006;
/// Where the exponent of a double would stand: the value is no number.
pub(super) const NO_NUMBER: u16 = 0xffff;

/// Whether a formula has the value that writers give who calculate nothing: an empty text, or a zero and the mark
/// that it is to be calculated. Those who do calculate write both too.
pub(super) fn may_be_uncalculated(body: &[u8]) -> bool {
    if u16_at(body, 12) == Some(NO_NUMBER) {
        return body.get(6) == Some(&3);
    }
    let marked = u16_at(body, 14).is_some_and(|flags| flags & 3 != 0);
    f64_at(body, 6) == Some(0.0) && marked && !body.get(22..).is_some_and(is_volatile)
}
