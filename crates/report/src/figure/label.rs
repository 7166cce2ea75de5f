//! Labels without what they all share: `Expected impact: ` before, `: used` behind.

const COLON: &str = ": ";

/// What two labels share up to a colon, and what each says behind it, as a beginning of its own.
pub fn stem(one: &str, other: &str) -> (String, String, String) {
    let (Some((common, first)), Some((also, second))) =
        (one.rsplit_once(COLON), other.rsplit_once(COLON))
    else {
        return (String::new(), one.to_owned(), other.to_owned());
    };
    if common != also {
        return (String::new(), one.to_owned(), other.to_owned());
    }
    (common.to_owned(), capital(first), capital(second))
}

/// The labels without the beginning and the ending that all of them have.
pub fn short(labels: &[String]) -> Vec<String> {
    let strip = |labels: Vec<String>, cut: &dyn Fn(&str) -> Option<(String, String)>| {
        let parts: Option<Vec<(String, String)>> = labels.iter().map(|label| cut(label)).collect();
        match parts {
            Some(parts)
                if parts.windows(2).all(|pair| pair[0].0 == pair[1].0) && parts.len() > 1 =>
            {
                parts.into_iter().map(|(_, rest)| capital(&rest)).collect()
            }
            _ => labels,
        }
    };
    let owned = |(shared, rest): (&str, &str)| (shared.to_owned(), rest.to_owned());
    let labels = strip(labels.to_vec(), &|label| label.split_once(COLON).map(owned));
    strip(labels, &|label| label.rsplit_once(COLON).map(|(rest, shared)| owned((shared, rest))))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next();
    first.map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_labels_share_is_left_out() {
        let check = |labels: &[&str], expected: &[&str]| {
            let labels: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
            assert_eq!(short(&labels), expected);
        };
        check(&["Impact: quality", "Impact: costs"], &["Quality", "Costs"]);
        check(&["Portal: used", "Video: used"], &["Portal", "Video"]);
        check(&["Portal: used", "Video: known"], &["Portal: used", "Video: known"]);
        check(&["Alone: so"], &["Alone: so"]);
    }

    #[test]
    fn a_pair_shares_its_stem() {
        let (stem, first, second) = stem("Booking: suitable", "Booking: carried out");
        assert_eq!(
            (stem.as_str(), first.as_str(), second.as_str()),
            ("Booking", "Suitable", "Carried out")
        );
    }
}
