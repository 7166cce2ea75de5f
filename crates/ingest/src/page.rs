//! A page to read on a terminal of a hundred columns.

use std::fmt::Write;

const WIDTH: usize = 100;

/// Lines of at most `WIDTH` columns, the further ones set in as far as the first.
pub(crate) fn wrapped(page: &mut String, first: &str, text: &str) {
    let indent = first.chars().count();
    let mut line = first.to_owned();
    let mut length = indent;
    for word in text.split(' ') {
        let word_length = word.chars().count();
        if length > indent && length + 1 + word_length > WIDTH {
            let _ = writeln!(page, "{}", line.trim_end());
            line = " ".repeat(indent);
            length = indent;
        }
        if length > indent {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word_length;
    }
    let _ = writeln!(page, "{}", line.trim_end());
}
