//! What stands in a cell that holds no figure, and beside one that does.

use super::facts::Figure;

pub const WITHHELD: &str = "[c]";
pub const NOT_ASKED: &str = "[x]";
pub const BREAK: &str = "[b]";
pub const NOT_APPLICABLE: &str = "[z]";
pub const UP: &str = "▲";
pub const DOWN: &str = "▼";
pub const SAME: &str = "▬";
pub const NONE_LOWER: &str = "–";

/// Why there is no figure.
pub fn missing(figure: Option<&Figure>, is_total: bool) -> &'static str {
    match figure.map(|figure| &*figure.status) {
        Some("withheld") => WITHHELD,
        Some("not_asked") => NOT_ASKED,
        None if is_total => NOT_ASKED,
        _ => NOT_APPLICABLE,
    }
}

/// What is said of a figure against the wave before.
pub fn change(figure: &Figure) -> &'static str {
    match &*figure.call {
        "increased" => UP,
        "decreased" => DOWN,
        "stable" => SAME,
        "withheld" => WITHHELD,
        _ if &*figure.comparability == "break" => BREAK,
        _ => NOT_APPLICABLE,
    }
}

/// Names columns as a spreadsheet does: A … Z, AA, AB …
pub fn letter(mut place: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + (place % 26) as u8));
        if place < 26 {
            break;
        }
        place = place / 26 - 1;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_z() {
        let letters: Vec<String> = [0, 25, 26, 51, 52, 701, 702].into_iter().map(letter).collect();
        assert_eq!(letters, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
