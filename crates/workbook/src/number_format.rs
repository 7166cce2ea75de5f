//! What a number format shows: a number, a percentage, a date or a duration.

use std::collections::BTreeMap;

/// What a number with a date format shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    Number,
    /// A hundred times the number that the cell holds.
    Percent,
    DateTime,
    /// `[h]:mm`: more than a day is not a date.
    Elapsed,
}

impl Shows {
    pub(crate) fn is_date(self) -> bool {
        matches!(self, Self::DateTime | Self::Elapsed)
    }
}

/// What a number format shows; literals, escapes and colours in it do not count.
pub(crate) fn shown_by(format_code: &str) -> Shows {
    let mut signs = format_code.chars().peekable();
    let mut shows = Shows::Number;
    while let Some(sign) = signs.next() {
        match sign {
            '"' => while signs.next().is_some_and(|inner| inner != '"') {},
            '\\' | '_' | '*' => drop(signs.next()),
            '[' => {
                let inside: String = signs.by_ref().take_while(|inner| *inner != ']').collect();
                let inside = inside.to_ascii_lowercase();
                if !inside.is_empty()
                    && ["h", "m", "s"]
                        .iter()
                        .any(|unit| inside.trim_matches(|c: char| unit.contains(c)).is_empty())
                {
                    return Shows::Elapsed;
                }
            }
            ';' => break,
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' | 's' | 'S' | 'j' | 'J' | 'u' | 'U' => {
                shows = Shows::DateTime;
            }
            'G' | 'g' | 'e' | 'E' if format_code.trim().eq_ignore_ascii_case("general") => {
                return Shows::Number;
            }
            '%' if shows == Shows::Number => return Shows::Percent,
            '0' | '#' | '?' if shows == Shows::Number => {
                return if has_percent(signs) { Shows::Percent } else { Shows::Number };
            }
            _ => {}
        }
    }
    shows
}

/// Whether the rest of the first section has a percent sign that is no literal.
fn has_percent(mut signs: impl Iterator<Item = char>) -> bool {
    while let Some(sign) = signs.next() {
        match sign {
            '%' => return true,
            ';' => return false,
            '"' => while signs.next().is_some_and(|inner| inner != '"') {},
            '\\' | '_' | '*' => drop(signs.next()),
            _ => {}
        }
    }
    false
}

/// What a built-in number format shows, by its id.
fn shown_by_id(id: u32) -> Option<Shows> {
    match id {
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Some(Shows::DateTime),
        46 => Some(Shows::Elapsed),
        9 | 10 => Some(Shows::Percent),
        0..=13 | 37..=44 | 48 | 49 => Some(Shows::Number),
        _ => None,
    }
}

/// What a format of the file shows: one of its own goes before a built-in one with the same id.
pub(crate) fn shown(formats: &BTreeMap<u32, Shows>, id: u32) -> Shows {
    formats.get(&id).copied().or_else(|| shown_by_id(id)).unwrap_or(Shows::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_show_dates_are_told_from_numbers() {
        for date in
            ["dd-mm-yyyy", "[$-413]d mmmm yyyy;@", "h:mm", "yyyy\\-mm\\-dd", "mm/dd/yy hh:mm AM/PM"]
        {
            assert_eq!(shown_by(date), Shows::DateTime, "{date}");
        }
        for number in [
            "General",
            "0.00",
            "#,##0",
            "0\" dagen\"",
            "\"d\"0",
            "[Red]0",
            "0.00E+00",
            "@",
            "€ #,##0.00;[Red]-€ #,##0.00",
        ] {
            assert_eq!(shown_by(number), Shows::Number, "{number}");
        }
        assert_eq!(shown_by("[h]:mm:ss"), Shows::Elapsed);
        for percent in ["0%", "0.00%", "#,##0.0 %;[Red]-0%", "%0", "General%", "0\" van \"0%"] {
            assert_eq!(shown_by(percent), Shows::Percent, "{percent}");
        }
        for number in ["0\\%", "0\"%\"", "0;0%"] {
            assert_eq!(shown_by(number), Shows::Number, "{number}");
        }
    }
}
