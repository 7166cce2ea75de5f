//! Dates and times as ISO text: from text in a declared order and from a workbook's serial numbers.

use survey::clock::without_zone;
use survey::config::export::DateOrder;

const MILLISECONDS_A_DAY: i64 = 86_400_000;

/// ISO text of a date (with a time or not) in the first order that makes a real date.
pub(crate) fn iso_date(text: &[u8], orders: &[DateOrder]) -> Option<String> {
    if !(8..=48).contains(&text.len()) {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let split = text.find([' ', 'T']).unwrap_or(text.len());
    let (date, time) = text.split_at(split);
    let separator = date.chars().find(|sign| matches!(sign, '-' | '/' | '.'))?;
    let mut parts = date.split(separator);
    let parts = [parts.next()?, parts.next()?, parts.next()?, parts.next().unwrap_or("")];
    if !parts[3].is_empty() || date.ends_with(separator) {
        return None;
    }
    let (year, month, day) = orders.iter().find_map(|order| {
        let (year, month, day) = match order {
            DateOrder::Ymd => (parts[0], parts[1], parts[2]),
            DateOrder::Dmy => (parts[2], parts[1], parts[0]),
            DateOrder::Mdy => (parts[2], parts[0], parts[1]),
        };
        let (year, month, day) = (digits(year, 4, 4)?, digits(month, 1, 2)?, digits(day, 1, 2)?);
        (day >= 1 && day <= days_in_month(year, month)?).then_some((year, month, day))
    })?;
    let date = format!("{year:04}-{month:02}-{day:02}");
    if time.is_empty() { Some(date) } else { Some(format!("{date}T{}", iso_time(&time[1..])?)) }
}

/// `14:05`, `2:05 PM`, `14:05:00.25`, each with a zone behind it or not.
pub(crate) fn iso_time(text: &str) -> Option<String> {
    let upper = without_zone(text)?.to_ascii_uppercase();
    let (clock, half) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(clock), _) => (clock.trim_end(), Some(0)),
        (_, Some(clock)) => (clock.trim_end(), Some(12)),
        _ => (upper.as_str(), None),
    };
    let mut parts = clock.split(':');
    let mut hour = digits(parts.next()?, 1, 2)?;
    let minute = digits(parts.next()?, 2, 2)?;
    let seconds = parts.next().unwrap_or("00");
    if parts.next().is_some() {
        return None;
    }
    if let Some(half) = half {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + half;
    }
    let (second, fraction) =
        seconds.split_once('.').map_or((seconds, None), |(whole, part)| (whole, Some(part)));
    let second = digits(second, 2, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut iso = format!("{hour:02}:{minute:02}:{second:02}");
    if let Some(fraction) = fraction {
        digits(fraction, 1, 9)?;
        let fraction = fraction.trim_end_matches('0');
        if !fraction.is_empty() {
            iso.push('.');
            iso.push_str(fraction);
        }
    }
    Some(iso)
}

fn digits(text: &str, shortest: usize, longest: usize) -> Option<u32> {
    ((shortest..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

fn days_in_month(year: u32, month: u32) -> Option<u32> {
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => return None,
    })
}

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

/// ISO text of a serial number; none for what is no date: below zero, beyond 9999, 29 February 1900.
pub(crate) fn from_serial(serial: f64, is_1904: bool) -> Option<String> {
    if !serial.is_finite() || !(0.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let total = (serial * MILLISECONDS_A_DAY as f64).round() as i64;
    let (days, clock) = (total / MILLISECONDS_A_DAY, total % MILLISECONDS_A_DAY);
    if days == 0 && !is_1904 {
        return Some(clock_text(clock));
    }
    // Days from 1970-01-01; the 1900 calendar counts a 29 February 1900 that never was.
    let from_1970 = match (is_1904, days) {
        (true, days) => days - 24_107,
        (false, 60) => return None,
        (false, days @ 1..60) => days - 25_568,
        (false, days) => days - 25_569,
    };
    let (year, month, day) = civil(from_1970);
    if year > 9999 {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    Some(if clock == 0 { date } else { format!("{date}T{}", clock_text(clock)) })
}

/// `36:30:00` of a number of days.
pub(crate) fn elapsed(days: f64) -> Option<String> {
    (days.is_finite() && days.abs() < 1e7).then(|| {
        let total = (days.abs() * MILLISECONDS_A_DAY as f64).round() as i64;
        format!("{}{}", if days < 0.0 { "-" } else { "" }, clock_text(total))
    })
}

fn clock_text(milliseconds: i64) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest == 0 { text } else { format!("{text}.{rest:03}") }
}

/// Year, month, day of a number of days from 1970-01-01 (proleptic Gregorian).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
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
pub(crate) fn shown_by_id(id: u32) -> Option<Shows> {
    match id {
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Some(Shows::DateTime),
        46 => Some(Shows::Elapsed),
        9 | 10 => Some(Shows::Percent),
        0..=13 | 37..=44 | 48 | 49 => Some(Shows::Number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use DateOrder::{Dmy, Mdy, Ymd};

    use super::*;

    #[test]
    fn text_dates_become_iso_text_in_the_declared_order_only() {
        let check = |text: &str, orders: &[DateOrder], expected: Option<&str>| {
            assert_eq!(iso_date(text.as_bytes(), orders).as_deref(), expected, "{text}");
        };
        check("01-02-2025", &[Dmy], Some("2025-02-01"));
        check("01/02/2025 02:30:00 PM", &[Mdy], Some("2025-01-02T14:30:00"));
        check("01/02/2025 12:30:00 AM", &[Mdy], Some("2025-01-02T00:30:00"));
        check("2025-02-01T14:05", &[Ymd], Some("2025-02-01T14:05:00"));
        check("2024-02-29 23:59:59.250", &[Ymd], Some("2024-02-29T23:59:59.25"));
        check("1-3-2025 9:05", &[Dmy, Ymd], Some("2025-03-01T09:05:00"));
        // The clock of the respondent counts, also on either side of midnight in UTC.
        check("2025-01-01T00:30:00Z", &[Ymd], Some("2025-01-01T00:30:00"));
        check("2025-01-01T00:30:00.123456789+01:00", &[Ymd], Some("2025-01-01T00:30:00.123456789"));
        check("31/12/2025 11:30 PM GMT-5", &[Dmy], Some("2025-12-31T23:30:00"));
        for wrong in [
            "30-02-2025",
            "2025-02-30",
            "01-02-25",
            "01-02-2025-1",
            "01-02-2025 25:00",
            "2025-01-01T10:00:00+25:00",
            "1-2",
            "00-01-2025",
        ] {
            check(wrong, &[Dmy, Ymd], None);
        }
        check("01-01-2995", &[Dmy], Some("2995-01-01"));
    }

    #[test]
    fn serials_are_the_dates_that_excel_shows() {
        let check = |serial, is_1904, expected: Option<&str>| {
            assert_eq!(from_serial(serial, is_1904).as_deref(), expected, "{serial}");
        };
        check(1.0, false, Some("1900-01-01"));
        check(59.0, false, Some("1900-02-28"));
        check(60.0, false, None);
        check(61.0, false, Some("1900-03-01"));
        check(45_943.541, false, Some("2025-10-13T12:59:02.400"));
        check(45_943.0, false, Some("2025-10-13"));
        check(44_481.0, true, Some("2025-10-13"));
        check(0.0, true, Some("1904-01-01"));
        check(0.75, false, Some("18:00:00"));
        check(-1.0, false, None);
        check(2_958_465.0, false, Some("9999-12-31"));
        check(2_958_466.0, false, None);
        assert_eq!(elapsed(1.520_833_333_333_333_3).as_deref(), Some("36:30:00"));
    }

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
