//! The shape of a text: what it looks like, without a letter or digit of it.

const RUN_SHOWN: usize = 4;
const SIGNS_SHOWN: usize = 24;

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
}
