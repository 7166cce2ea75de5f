//! Headers, and other names that a delivery brings along, as they are compared and as they are shown.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_normalization::UnicodeNormalization;

/// A header as it is compared: without regard to case and to how its accents are encoded, and with single spaces between its
/// words.
pub fn plain(header: &str) -> String {
    let signs = header.chars().filter(|sign| !is_without_width(*sign));
    let header: String = if header.is_ascii() { signs.collect() } else { signs.nfc().collect() };
    header.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// As `plain`, and without its spaces: `RespondentID` is `Respondent ID`.
pub fn squeezed(header: &str) -> String {
    plain(header).replace(' ', "")
}

/// A name in a message or on a page: what would steer a terminal or break a line is written out.
pub fn visible(text: &str) -> Cow<'_, str> {
    written_out(text, &[])
}

/// As `visible`, for texts in which these signs mean what they are.
pub fn written_out<'a>(text: &'a str, kept: &[char]) -> Cow<'a, str> {
    if !text.chars().any(|sign| steers(sign) && !kept.contains(&sign)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for sign in text.chars() {
        match sign {
            sign if kept.contains(&sign) || !steers(sign) => shown.push(sign),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            // As JSON writes it too.
            sign => {
                let _ = write!(shown, "\\u{:04x}", u32::from(sign));
            }
        }
    }
    Cow::Owned(shown)
}

/// Control characters (escapes of a terminal begin with one), ends of lines, and marks that turn the direction of the text.
fn steers(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_without_width(sign: char) -> bool {
    matches!(sign, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_compared_but_for_case_and_spaces() {
        assert_eq!(plain(" Hoe\u{a0}oud \n BENT u?\u{feff}"), "hoe oud bent u?");
        assert_eq!(squeezed("Respondent ID"), squeezed("RespondentID"));
    }

    #[test]
    fn headers_are_compared_but_for_the_form_of_their_accents() {
        assert_eq!(plain("Pati\u{65}\u{308}nt"), plain("PATI\u{cb}NT"));
        assert_ne!(plain("patient"), plain("pati\u{eb}nt"));
    }

    #[test]
    fn what_steers_a_terminal_or_breaks_a_line_is_written_out() {
        let check = |text: &str, expected: &str| assert_eq!(visible(text), expected);
        check("Data 2025", "Data 2025");
        check("a\u{1b}[31mb", "a\\u001b[31mb");
        check("a\nerror: b", "a\\nerror: b");
        check("a\r\tb\u{7f}\u{9b}", "a\\r\\tb\\u007f\\u009b");
        check("\u{202e}nosj.exe", "\\u202enosj.exe");
        assert_eq!(written_out("a\n\u{1b}b", &['\n']), "a\n\\u001bb");
    }
}
