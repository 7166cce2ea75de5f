//! The form in which texts are compared.

use unicode_normalization::UnicodeNormalization;

/// A text without regard to case, spaces, signs and Unicode form; one of signs only keeps them.
pub fn normal(text: &str) -> String {
    let lower: String = text
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|letter| !is_without_width(*letter))
        .collect();
    let words: String =
        lower.chars().map(|letter| if is_of_word(letter) { letter } else { ' ' }).collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() { lower.split_whitespace().collect::<Vec<_>>().join(" ") } else { words }
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || unicode_normalization::char::is_combining_mark(letter)
}

fn is_without_width(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_without_case_spaces_and_signs() {
        let check = |text: &str, expected: &str| assert_eq!(normal(text), expected);
        check(" Hoe\u{a0}oud \n BENT u?\u{feff}", "hoe oud bent u");
        check("Q14_3", "q14 3");
        check("G02Q01[SQ003]", "g02q01 sq003");
        check("Cafe\u{301}", "café");
        check("＃Ａ１", "a1");
        check("%", "%");
        check("", "");
    }
}
