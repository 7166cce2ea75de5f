//! Cells that a spreadsheet would run, in files that people open with one.

use std::borrow::Cow;

/// Where a cell may begin for somebody's spreadsheet, whichever sign it cuts at.
const CUTS: [char; 5] = [';', ',', '\t', '\n', '\r'];

/// The text with an apostrophe before each place where a spreadsheet would begin a formula: then it is a text. Numbers stay.
pub fn neutral(text: &str) -> Cow<'_, str> {
    let mut places = Vec::new();
    let mut start = 0;
    for part in text.split_inclusive(CUTS) {
        if runs(part.trim_end_matches(CUTS), start == 0) {
            places.push(start);
        }
        start += part.len();
    }
    if text.starts_with(['\t', '\r']) && !places.contains(&0) {
        places.insert(0, 0);
    }
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut neutral = String::with_capacity(text.len() + places.len());
    let mut from = 0;
    for place in places {
        neutral.push_str(&text[from..place]);
        neutral.push('\'');
        from = place;
    }
    neutral.push_str(&text[from..]);
    Cow::Owned(neutral)
}

/// A formula, in full-width signs too; the first cell also behind spaces and a quotation mark.
fn runs(cell: &str, is_first: bool) -> bool {
    let cell = if is_first { cell.trim_start_matches([' ', '\u{a0}', '"']) } else { cell };
    cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) && !is_number(cell)
}

fn is_number(cell: &str) -> bool {
    let digits = cell.trim_start_matches(['+', '-']);
    cell.len() <= digits.len() + 1
        && digits.starts_with(|sign: char| sign.is_ascii_digit() || matches!(sign, '.' | ','))
        && digits.trim_end_matches('%').replace(',', ".").parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(neutral(text), expected);
    }

    #[test]
    fn a_formula_is_made_a_text() {
        check("=1+1", "'=1+1");
        check("+31 6 1234", "'+31 6 1234");
        check("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\t=1", "'\t'=1");
        check("\rx", "'\rx");
        check(" =1", "' =1");
        check("＝1", "'＝1");
    }

    #[test]
    fn a_formula_behind_a_sign_at_which_a_spreadsheet_cuts_is_made_a_text() {
        check("x;=HYPERLINK(\"a\")", "x;'=HYPERLINK(\"a\")");
        check("x,y\n=1+1", "x,y\n'=1+1");
    }

    #[test]
    fn numbers_and_other_texts_stay_as_they_are() {
        for text in ["-5", "+3.2", "-1,5", "-1.5e-3", "a=b", "x - y", "", "10 %", "-99; -98", "-2%"]
        {
            check(text, text);
        }
    }

    #[test]
    fn no_cell_that_is_written_begins_as_a_formula() {
        let signs = ['=', '+', '@', '\t', '\r', ';', 'a', '1', ' ', '-'];
        for number in 0..signs.len().pow(5) {
            let text: String =
                (0..5).map(|place| signs[number / signs.len().pow(place) % signs.len()]).collect();
            let written = neutral(&text);
            for cell in written.split(CUTS) {
                assert!(
                    !cell.starts_with(['=', '+', '-', '@']) || is_number(cell),
                    "{text:?}: {written:?}"
                );
            }
        }
    }
}
