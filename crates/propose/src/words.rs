//! Parts of a question's text.

/// Between a question and the part of it that a column is about.
const CUTS: [&str; 4] = [" – ", " — ", " - ", ": "];

/// What stands behind the last cut of a question, where there is one.
pub(crate) fn tail(question: &str) -> Option<&str> {
    let at = CUTS.iter().filter_map(|cut| Some((question.rfind(cut)?, cut.len()))).max()?;
    let (stem, tail) = (question[..at.0].trim(), question[at.0 + at.1..].trim());
    (!stem.is_empty() && !tail.is_empty()).then_some(tail)
}

/// The number or letter behind a code, by which a producer counts the parts of a question: `V6_3`, `v07c`, `Q3[SQ003]`.
pub(crate) fn index(header: &str) -> Option<u32> {
    let header = header.trim_end_matches([']', ')', ' ']);
    if header.len() > 24 || header.contains(' ') {
        return None;
    }
    let digits = header.len() - header.trim_end_matches(|sign: char| sign.is_ascii_digit()).len();
    if digits > 0 {
        return header[header.len() - digits..].parse().ok();
    }
    let (before, last) = (header.len().checked_sub(1)?, header.chars().next_back()?);
    let is_behind_digit = header.get(..before)?.ends_with(|sign: char| sign.is_ascii_digit());
    (is_behind_digit && last.is_ascii_alphabetic())
        .then(|| u32::from(last.to_ascii_lowercase()) - u32::from('a') + 1)
}

/// The texts of the two ends of a scale, where a question names them: `(0 = bad, 10 = good)`.
pub(crate) fn anchors(question: &str) -> Option<[(f64, String); 2]> {
    let mut found = question.match_indices('=').filter_map(|(at, _)| {
        let before = question[..at].trim_end();
        let digits =
            before.len() - before.trim_end_matches(|sign: char| sign.is_ascii_digit()).len();
        let number = before[before.len() - digits..].parse().ok()?;
        let behind = question[at + 1..].split([',', ';', ')', '/', '.']).next()?;
        Some((number, likeness::normal(behind)))
    });
    Some([found.next()?, found.next()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_of_a_question_is_what_a_column_is_about() {
        assert_eq!(tail("Wat gebruikt u? – Portaal"), Some("Portaal"));
        assert_eq!(tail("Invloed (0 = a - b, 10 = c): Werkdruk"), Some("Werkdruk"));
        assert_eq!(tail("Hoe oud bent u?"), None);
        assert_eq!(tail(" - "), None);
    }

    #[test]
    fn the_index_of_a_part_is_read_from_its_code() {
        for (header, expected) in [
            ("V6_3", Some(3)),
            ("v07c", Some(3)),
            ("G02Q01[SQ003]", Some(3)),
            ("vraag4.7", Some(7)),
            ("geslacht", None),
            ("Hoe oud bent u? 3", None),
            ("", None),
        ] {
            assert_eq!(index(header), expected, "{header}");
        }
    }

    #[test]
    fn the_ends_of_a_scale_are_read_from_its_question() {
        let ends = anchors("Invloed (0 = zeer negatief, 10 = zeer positief) – Werk");
        let expected = [(0.0, "zeer negatief".to_owned()), (10.0, "zeer positief".to_owned())];
        assert_eq!(ends, Some(expected));
        assert_eq!(anchors("Hoe oud bent u?"), None);
    }
}
