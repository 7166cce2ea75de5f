//! "Did you mean": names most like the one that was looked for.

use survey::header::visible;

/// Up to three candidates that are likest to one of the wanted names, likest first.
pub(crate) fn similar<'a>(
    wanted: &[impl AsRef<str>],
    candidates: impl IntoIterator<Item = &'a str>,
) -> Vec<String> {
    let near = likeness::likest(wanted, candidates, likeness::MAY_BE_MEANT);
    near.into_iter().take(3).map(|(candidate, _)| shortened(candidate)).collect()
}

/// Headers of a recognised header row that are like one of the wanted names.
pub(crate) fn similar_headers(wanted: &[String], header: &[String]) -> Vec<String> {
    similar(wanted, header.iter().map(|text| text.trim()))
}

/// `*` stands for any text; case does not count.
pub(crate) fn is_like(name: &str, pattern: &str) -> bool {
    let (name, pattern) = (name.to_lowercase(), pattern.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// A header or name as a message shows it.
pub(crate) fn shortened(name: &str) -> String {
    let name = visible(name);
    if name.chars().count() <= 60 {
        name.into_owned()
    } else {
        name.chars().take(59).chain(['…']).collect()
    }
}

/// `a`, `b`, `c`
pub(crate) fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{}`", visible(name))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_whole_names_without_regard_to_case() {
        assert!(is_like("Data 2024", "data*"));
        assert!(is_like("Export data", "*data"));
        assert!(is_like("a-b-c", "a*b*c"));
        assert!(is_like("data", "data"));
        assert!(!is_like("data2", "data"));
        assert!(!is_like("ab", "ab*b"));
    }

    #[test]
    fn a_header_like_the_wanted_one_is_shown() {
        let wanted = ["respnr", "id", "Nr"].map(str::to_owned);
        let check = |row: &[&str], expected: &[&str]| {
            let row: Vec<String> = row.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(similar_headers(&wanted, &row), expected, "{row:?}");
        };
        check(&["respnummer", "oordeel"], &["respnummer"]);
        check(&["ID", "q1"], &["ID"]);
        check(&["oordeel", "reden"], &[]);
    }

    #[test]
    fn a_name_in_a_message_steers_no_terminal() {
        assert_eq!(listed(&["a\u{1b}[31m".to_owned()]), "`a\\u001b[31m`");
        assert_eq!(shortened("a\nb"), "a\\nb");
    }
}
