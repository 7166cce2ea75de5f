//! Runs of letters of a text, by which texts are compared.

use std::collections::BTreeMap;

/// Lengths of the runs.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=4;

/// Runs of letters within the words of a normal text, with how often each occurs; a word begins and ends with a space.
pub(crate) fn grams(normal: &str) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for word in normal.split(' ').filter(|word| !word.is_empty()) {
        let letters: Vec<char> =
            std::iter::once(' ').chain(word.chars()).chain(std::iter::once(' ')).collect();
        for length in LENGTHS {
            for run in letters.windows(length) {
                *counts.entry(run.iter().collect::<String>()).or_default() += 1;
            }
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_stay_within_words() {
        let found: Vec<String> = grams("ab c").into_keys().collect();
        assert_eq!(found, [" a", " ab", " ab ", " c", " c ", "ab", "ab ", "b ", "c "]);
    }
}
