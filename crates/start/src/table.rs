//! Rows of a CSV table of the configuration.

use config::tables::TableSpec;
use survey::spreadsheet::neutral;

/// A line of fields, quoted where they must be.
pub(crate) fn line<S: AsRef<str>>(fields: &[S]) -> String {
    // Some spreadsheets split at `;`; what begins a comment is quoted wherever it stands.
    let mut writer = csv::WriterBuilder::new().comment(Some(b';')).from_writer(Vec::new());
    // A vector takes all that is written.
    let _ = writer.write_record(fields.iter().map(S::as_ref));
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// The language of a draft's labels: nobody told which it is.
pub(crate) const LANGUAGE: &str = survey::labels::FALLBACK;

/// The header of a table whose labels are in the draft's language.
pub(crate) fn header(table: &TableSpec) -> String {
    line(&table.header(&[LANGUAGE.to_owned()]))
}

/// A row of a table: these cells, and nothing in its other columns.
pub(crate) fn row_of(table: &TableSpec, cells: &[(&str, &str)]) -> Vec<String> {
    let cell = |column: String| {
        let own = cells.iter().find(|(name, _)| *name == column);
        own.map_or_else(String::new, |(_, text)| (*text).to_owned())
    };
    table.header(&[LANGUAGE.to_owned()]).into_iter().map(cell).collect()
}

/// Whether a text may stand in such a table as it is: a spreadsheet runs nothing of it, and it is no placeholder.
pub(crate) fn is_plain(text: &str) -> bool {
    let is_placeholder = text.starts_with('<') && text.ends_with('>');
    neutral(text) == text && !is_placeholder && !text.trim().is_empty()
}

/// Small letters, digits and `_` of the first words of a text.
pub(crate) fn slug(text: &str, words: usize, longest: usize) -> String {
    let signs = text.to_lowercase();
    let signs = signs.chars().map(ingest::plain_letter);
    let signs: String =
        signs.map(|sign| if sign.is_ascii_alphanumeric() { sign } else { ' ' }).collect();
    let mut slug = signs.split_whitespace().take(words).collect::<Vec<_>>().join("_");
    slug.truncate(longest);
    slug.trim_end_matches('_').to_owned()
}

/// The name, or the first one with a number behind it that is free.
pub(crate) fn free(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut names = [name.to_owned()].into_iter().chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_where_either_delimiter_stands_in_it() {
        assert_eq!(line(&["a", "b,c", "d;e", "f\"g"]), "a,\"b,c\",\"d;e\",\"f\"\"g\"\n");
    }

    #[test]
    fn what_a_spreadsheet_would_run_and_placeholders_are_not_plain() {
        assert!(["Ja", "-5", "18-29"].iter().all(|text| is_plain(text)));
        assert!(["=1+1", "@a", "<empty>", " "].iter().all(|text| !is_plain(text)));
    }

    #[test]
    fn a_slug_is_of_plain_letters_and_digits() {
        assert_eq!(slug("Één keer per week, of vaker?", 4, 40), "een_keer_per_week");
        assert_eq!(slug("€", 4, 40), "");
        assert_eq!(free("a", |name| name == "a" || name == "a_2"), "a_3");
    }
}
