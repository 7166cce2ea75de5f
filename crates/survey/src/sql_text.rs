//! What an SQL text says, without how it is laid out.

use serde::Serializer;

/// Signs that may join with each other, but never with a word or a text in quotes.
const OPERATORS: [char; 8] = ['+', '-', '*', '/', '<', '>', '=', '%'];
/// Signs whose reading depends on the dialect: a text with one of them counts as it stands.
const UNCLEAR: [char; 6] = ['$', '\\', '`', '#', '[', '@'];

/// For a field with SQL: another layout or comment is the same setting.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(sql: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&bare(sql))
}

/// The text without comments and in one layout. Two texts that come out the same are the same tokens; a text that is not
/// understood comes out as it stands.
pub fn bare(sql: &str) -> String {
    // A return alone may end a line, or not; `1e` before a sign may be a number, or not.
    let lone_return = || sql.contains("//") || sql.replace("\r\n", "\n").contains('\r');
    if lone_return() || has_exponent(sql) {
        return sql.to_owned();
    }
    stripped(sql).unwrap_or_else(|| sql.to_owned())
}

/// A digit or point, then `e`, then no letter or digit.
fn has_exponent(sql: &str) -> bool {
    let signs: Vec<char> = sql.chars().chain([' ']).collect();
    signs.windows(3).any(|part| {
        (part[0].is_ascii_digit() || part[0] == '.')
            && matches!(part[1], 'e' | 'E')
            && !part[2].is_alphanumeric()
    })
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
        if needs_blank(&bare, next, gap) {
            bare.push(' ');
        }
        gap = false;
        let length = if matches!(next, '\'' | '"') { quoted(rest)? } else { next.len_utf8() };
        if rest[..length].contains(UNCLEAR) {
            return None;
        }
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

/// Whether a blank stands before the next sign; what stood there decides only where it tells one token from two.
fn needs_blank(before: &str, next: char, gap: bool) -> bool {
    let Some(last) = before.chars().next_back() else { return false };
    match (last, next) {
        ('(', _) | (_, ',' | ';' | ')') => false,
        (',' | ';' | ')', _) => true,
        (_, '(') => OPERATORS.contains(&last),
        _ if is_sign(last) && is_sign(next) => gap,
        _ => match (OPERATORS.contains(&last), OPERATORS.contains(&next)) {
            (false, false) | (true, true) => gap,
            _ => true,
        },
    }
}

/// A sign that may be one token with the next sign.
fn is_sign(sign: char) -> bool {
    sign.is_ascii_punctuation() && !matches!(sign, '\'' | '"' | '_')
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
        assert_eq!(bare(same[0]), "SELECT a, 'x -- y' FROM t WHERE b >= 1");
        let plain = "coalesce(a, 1) + (b - c) * 2 >= count(*)";
        assert_eq!(bare(plain), plain);
        assert_eq!(bare("coalesce ( a,1 )+( b-c )*2>=count( * )"), plain);
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
            ("1e - 5", "1e-5"),
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
