//! Numbers and texts in the bytes of a record.

/// A number in four bytes: the upper 30 bits of a double, or a whole number, perhaps a hundred times too large.
pub(super) fn of_rk(rk: u32) -> f64 {
    let number = if rk & 2 == 0 {
        f64::from_bits(u64::from(rk & !3) << 32)
    } else {
        f64::from(rk.cast_signed() >> 2)
    };
    if rk & 1 == 0 { number } else { number / 100.0 }
}

/// The volatile mark at the beginning of a formula: it is calculated whenever anything is.
const VOLATILE: [u8; 2] = [0x19, 0x01];

pub(super) fn is_volatile(formula: &[u8]) -> bool {
    formula.starts_with(&VOLATILE)
}

/// Appends UTF-16 as UTF-8; half a pair becomes the replacement sign.
pub(super) fn push_units(units: impl Iterator<Item = u16>, out: &mut Vec<u8>) {
    let mut bytes = [0; 4];
    for sign in char::decode_utf16(units) {
        let sign = sign.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(sign.encode_utf8(&mut bytes).as_bytes());
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_le_bytes(*chunk))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

pub(super) fn f64_at(bytes: &[u8], at: usize) -> Option<f64> {
    bytes.get(at..)?.first_chunk().map(|chunk| f64::from_le_bytes(*chunk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_four_bytes_are_those_that_were_typed() {
        for (rk, expected) in [
            (7 << 2 | 2, 7.0),
            ((-7_i32).cast_unsigned() << 2 | 2, -7.0),
            (1234 << 2 | 3, 12.34),
            (0x3ff8_0000, 1.5),
            (0x4028_8000 | 1, 0.1225),
        ] {
            assert!((of_rk(rk) - expected).abs() < 1e-12, "{rk:x}: {}", of_rk(rk));
        }
    }
}
