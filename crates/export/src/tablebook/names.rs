//! Names that a spreadsheet accepts: of sheets, of tables in them, of files.

use std::collections::BTreeSet;

/// A sheet's name is at most this long, counted as a spreadsheet does: in UTF-16 units.
const LONGEST: usize = 31;

/// Hands out names of sheets, each once whatever its capitals.
#[derive(Default)]
pub struct SheetNames(BTreeSet<String>);

impl SheetNames {
    pub fn take(&mut self, wanted: &str) -> String {
        let clean: String = wanted
            .chars()
            .map(|sign| if "[]:*?/\\".contains(sign) || sign.is_control() { '_' } else { sign })
            .collect();
        let clean = clean.trim_matches('\'').trim();
        let clean = if clean.is_empty() { "_" } else { clean };
        let mut name = shortened(clean, "");
        let mut number = 2;
        // Excel keeps "History" for itself.
        while name.eq_ignore_ascii_case("history") || self.0.contains(&name.to_lowercase()) {
            name = shortened(clean, &format!("_{number}"));
            number += 1;
        }
        self.0.insert(name.to_lowercase());
        name
    }
}

fn shortened(name: &str, ending: &str) -> String {
    let mut room = LONGEST - ending.len();
    let kept: String = name
        .chars()
        .take_while(|sign| {
            let fits = sign.len_utf16() <= room;
            room = room.saturating_sub(if fits { sign.len_utf16() } else { room });
            fits
        })
        .collect();
    format!("{}{ending}", kept.trim_end_matches('\''))
}

/// Letters, digits and `_`, never like a cell's address.
pub fn table_name(wanted: &str) -> String {
    let plain = wanted.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '_' });
    format!("table_{}", plain.take(200).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sheets_are_short_unique_and_free_of_forbidden_signs() {
        let mut names = SheetNames::default();
        let long = "a".repeat(40);
        let taken: Vec<String> = [&long, &long, "A/B:C", "a_b_c", "'quoted'", "History", ""]
            .into_iter()
            .map(|name| names.take(name))
            .collect();
        assert_eq!(taken[0].len(), 31);
        assert_eq!(taken[1], format!("{}_2", "a".repeat(29)));
        assert_eq!(&taken[2..], ["A_B_C", "a_b_c_2", "quoted", "History_2", "_"]);
        let wide = SheetNames::default().take(&"😀".repeat(20));
        assert_eq!(wide.encode_utf16().count(), 30);
    }

    #[test]
    fn a_name_of_a_table_is_no_address() {
        assert_eq!(table_name("T01"), "table_T01");
        assert_eq!(table_name("é=1"), "table___1");
    }
}
