//! The shapes of a column's texts: what they look like, without a letter or digit of them.

use std::collections::{BTreeMap, BTreeSet};

/// Different values are counted up to this.
pub(crate) const MOST_DISTINCT: usize = 10_000;
const SHAPES_SHOWN: usize = 3;
const RUN_SHOWN: usize = 4;
const SIGNS_SHOWN: usize = 24;

/// What the texts of a column have in common.
pub(crate) struct Shapes {
    /// The commonest first, each with how often it occurs.
    pub(crate) commonest: Vec<(String, u64)>,
    pub(crate) distinct: usize,
    pub(crate) filled: u64,
    /// Texts with an `@` between other signs.
    pub(crate) addresses: u64,
}

pub(crate) fn shapes<'a>(cells: impl Iterator<Item = &'a str>) -> Shapes {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut distinct: BTreeSet<&str> = BTreeSet::new();
    let (mut filled, mut addresses) = (0, 0);
    for cell in cells.filter(|cell| !cell.trim().is_empty()) {
        *counts.entry(shape(cell)).or_default() += 1;
        filled += 1;
        addresses += u64::from(is_address(cell));
        if distinct.len() < MOST_DISTINCT {
            distinct.insert(cell);
        }
    }
    let mut commonest: Vec<(String, u64)> = counts.into_iter().collect();
    commonest.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    commonest.truncate(SHAPES_SHOWN);
    Shapes { commonest, distinct: distinct.len(), filled, addresses }
}

fn is_address(cell: &str) -> bool {
    let Some((name, domain)) = cell.trim().split_once('@') else { return false };
    !name.is_empty() && !name.contains(' ') && domain.contains('.') && !domain.contains(' ')
}

/// `Jan.s@example.org` is `Aaa.a@aaaa….aaa`: `9` a digit, `A` and `a` letters, `…` more of the same.
pub(crate) fn shape(cell: &str) -> String {
    let mut shape = String::new();
    let (mut last, mut run) = ('\0', 0);
    for sign in cell.chars().take(200) {
        let sign = match sign {
            digit if digit.is_numeric() => '9',
            letter if letter.is_uppercase() => 'A',
            letter if letter.is_alphabetic() => 'a',
            space if space.is_whitespace() => ' ',
            sign if sign.is_ascii_graphic() => sign,
            _ => '·',
        };
        run = if sign == last { run + 1 } else { 1 };
        last = sign;
        match run {
            run if run <= RUN_SHOWN => shape.push(sign),
            run if run == RUN_SHOWN + 1 => shape.push('…'),
            _ => {}
        }
    }
    if shape.chars().count() > SIGNS_SHOWN {
        let shown: String = shape.chars().take(SIGNS_SHOWN - 1).collect();
        shown.trim_end_matches('…').to_owned() + "…"
    } else {
        shape
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_shows_no_letter_and_no_digit_of_the_value() {
        let check = |cell: &str, expected: &str| assert_eq!(shape(cell), expected);
        check("Jan.s@example.org", "Aaa.a@aaaa….aaa");
        check("1234 AB", "9999 AA");
        check("0612345678", "9999…");
        check("é٣", "a9");
        check("31-12-2025", "99-99-9999");
        check("Een lange zin over van alles", "Aaa aaaa… aaa aaaa aaa …");
    }

    #[test]
    fn texts_with_an_at_sign_between_a_name_and_a_domain_are_addresses() {
        assert_eq!(shapes(["a@b.nl", "bel @ mij", "x", "", "a@b.nl"].into_iter()).addresses, 2);
    }
}
