//! What an SQL text says, without how it is laid out.

use serde::Serializer;

/// Signs that never become part of another token, whatever stands beside them.
const LONE: [char; 4] = ['(', ')', ',', ';'];
/// Signs that may join with each other, but never with a word or a text in quotes.
const OPERATORS: [char; 8] = ['+', '-', '*', '/', '<', '>', '=', '%'];
/// Signs whose reading depends on the dialect: a text with one of them counts as it stands.
const UNCLEAR: [char; 5] = ['$', '\\', '`', '#', '['];

/// For a field with SQL: another layout or comment is the same setting.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(sql: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&bare(sql))
}

/// The text without comments, with a blank only where it tells one token from the next. Two texts that come out the same are
/// the same tokens; a text that is not understood comes out as it stands.
pub fn bare(sql: &str) -> String {
    // A return alone may end a line, or not.
    if sql.contains(UNCLEAR) || sql.replace("\r\n", "\n").contains('\r') {
        return sql.to_owned();
    }
    stripped(sql).unwrap_or_else(|| sql.to_owned())
}

fn stripped(sql: &str) -> Option<String> {
    let mut bare = String::with_capacity(sql.len());
    let mut rest = sql;
    let mut gap = false;
    while let Some(next) = rest.chars().next() {
        let blank = gap_length(rest)?;
        if blank > 0 {
            gap = true;
            rest = &rest[blank..];
            continue;
        }
        if gap && needs_blank(&bare, next) {
            bare.push(' ');
        }
        gap = false;
        let length = if matches!(next, '\'' | '"') { quoted(rest)? } else { next.len_utf8() };
        bare.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    Some(bare)
}

/// Bytes of the white space or comment that a text begins with; none where a comment does not end, or holds another one.
fn gap_length(text: &str) -> Option<usize> {
    if text.starts_with("--") {
        return Some(text.find('\n').map_or(text.len(), |end| end + 1));
    }
    if let Some(comment) = text.strip_prefix("/*") {
        let end = comment.find("*/")?;
        return (!comment[..end].contains("/*")).then_some(end + 4);
    }
    Some(text.len() - text.trim_start_matches([' ', '\t', '\n', '\r']).len())
}

/// Bytes of a text in quotes; a doubled quote begins the next part, which joins it.
fn quoted(text: &str) -> Option<usize> {
    let quote = text.chars().next()?;
    text[1..].find(quote).map(|end| end + 2)
}

fn needs_blank(before: &str, next: char) -> bool {
    let Some(last) = before.chars().next_back() else { return false };
    if LONE.contains(&last) || LONE.contains(&next) {
        return false;
    }
    match (OPERATORS.contains(&last), OPERATORS.contains(&next)) {
        // `1e` and `-5` are not `1e-5`.
        (false, true) => {
            let mut end = before.chars().rev();
            matches!(end.next(), Some('e' | 'E'))
                && end.next().is_some_and(|digit| digit.is_ascii_digit() || digit == '.')
        }
        (true, false) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_and_comments_say_nothing() {
        let same = [
            "SELECT a, 'x -- y' FROM t WHERE b >= 1 -- why\n",
            "-- first\nSELECT a,'x -- y'\n\tFROM t /* a comment */ WHERE b>=1",
        ];
        assert_eq!(bare(same[0]), bare(same[1]));
        assert_eq!(bare(same[0]), "SELECT a,'x -- y' FROM t WHERE b>=1");
    }

    #[test]
    fn what_says_something_stays() {
        for (one, other) in [
            ("a > = 1", "a >= 1"),
            ("a - -1", "a --1"),
            ("'a' 'b'", "'a''b'"),
            ("'a  b'", "'a b'"),
            ("\"a b\"", "\"a  b\""),
            ("1e -5", "1e-5"),
            ("a b", "ab"),
            ("U & 'x'", "U&'x'"),
        ] {
            assert_ne!(bare(one), bare(other), "{one} and {other}");
        }
    }

    #[test]
    fn what_is_not_understood_stands_as_it_is() {
        for sql in ["a  > 'x", "a /* b", "a /* b /* c */ d */", "a  $$ -- x $$", "e'\\'  -- '"] {
            assert_eq!(bare(sql), sql);
        }
    }
}
