//! Dates and times in text: one rule for every stage.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::without_zone;

/// Which of three numbers is the year, the month and the day.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    Ymd,
    Dmy,
    Mdy,
}

/// A date in text as its parts, before anybody says which of them is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenDate<'a> {
    parts: [&'a str; 3],
    time: &'a str,
}

impl<'a> WrittenDate<'a> {
    /// Three numbers between `-`, `/` or `.`, with or without a time behind a space or a `T`.
    pub fn of(text: &'a str) -> Option<Self> {
        const SHORTEST: usize = 8;
        const LONGEST: usize = 48;
        if !(SHORTEST..=LONGEST).contains(&text.len()) || !text.as_bytes()[0].is_ascii_digit() {
            return None;
        }
        let (date, time) = text.split_at(text.find([' ', 'T']).unwrap_or(text.len()));
        let separator = date.chars().find(|sign| matches!(sign, '-' | '/' | '.'))?;
        let mut parts = date.split(separator);
        let three = [parts.next()?, parts.next()?, parts.next()?];
        parts.next().is_none().then_some(Self { parts: three, time })
    }

    /// Whether the year stands first, so that only one order can be meant.
    pub fn is_year_first(&self) -> bool {
        self.parts[0].len() == 4
    }

    /// ISO text in this order; none where there is no such day or time.
    pub fn iso(&self, order: DateOrder) -> Option<String> {
        let (date, time) = self.moment(order)?;
        let mut iso = String::with_capacity(SHORT_ISO);
        date.write(&mut iso);
        if let Some(time) = time {
            iso.push('T');
            time.write(&mut iso);
        }
        Some(iso)
    }

    /// The day and the time, if there are such.
    fn moment(&self, order: DateOrder) -> Option<(Date, Option<Time<'a>>)> {
        let [year, month, day] = match order {
            DateOrder::Ymd => [0, 1, 2],
            DateOrder::Dmy => [2, 1, 0],
            DateOrder::Mdy => [2, 0, 1],
        }
        .map(|place| self.parts[place]);
        let (year, month, day) = (digits(year, 4, 4)?, digits(month, 1, 2)?, digits(day, 1, 2)?);
        if day == 0 || day > days_in_month(year, month)? {
            return None;
        }
        let time = match self.time.get(1..) {
            None => None,
            Some(time) => Some(Time::of(time)?),
        };
        Some((Date { year, month, day }, time))
    }
}

/// Bytes of a date and time without a fraction.
const SHORT_ISO: usize = 19;

struct Date {
    year: u32,
    month: u32,
    day: u32,
}

struct Time<'a> {
    hour: u32,
    minute: u32,
    second: u32,
    /// Digits behind the second, without zeros at their end.
    fraction: &'a str,
}

/// ISO text of a date (with a time or not) in the first order that makes a real date.
pub fn iso_date(text: &[u8], orders: &[DateOrder]) -> Option<String> {
    let written = WrittenDate::of(std::str::from_utf8(text).ok()?)?;
    orders.iter().find_map(|order| written.iso(*order))
}

/// Whether `iso_date` finds a date.
pub fn is_date(text: &[u8], orders: &[DateOrder]) -> bool {
    let written = std::str::from_utf8(text).ok().and_then(WrittenDate::of);
    written.is_some_and(|written| orders.iter().any(|order| written.moment(*order).is_some()))
}

/// `14:05`, `2:05 PM`, `14:05:00.25`, each with a zone behind it or not.
pub fn iso_time(text: &str) -> Option<String> {
    let time = Time::of(text)?;
    let mut iso = String::with_capacity(SHORT_ISO);
    time.write(&mut iso);
    Some(iso)
}

impl Date {
    fn write(&self, iso: &mut String) {
        push(iso, self.year, 1000);
        iso.push('-');
        push(iso, self.month, 10);
        iso.push('-');
        push(iso, self.day, 10);
    }
}

impl<'a> Time<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let written = without_zone(text)?;
        let half = written.len().checked_sub(2).and_then(|at| written.split_at_checked(at));
        let (clock, half) = match half {
            Some((clock, half)) if half.eq_ignore_ascii_case("AM") => (clock.trim_end(), Some(0)),
            Some((clock, half)) if half.eq_ignore_ascii_case("PM") => (clock.trim_end(), Some(12)),
            _ => (written, None),
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
        if let Some(fraction) = fraction {
            digits(fraction, 1, 9)?;
        }
        let fraction = fraction.unwrap_or_default().trim_end_matches('0');
        Some(Self { hour, minute, second, fraction })
    }

    fn write(&self, iso: &mut String) {
        push(iso, self.hour, 10);
        iso.push(':');
        push(iso, self.minute, 10);
        iso.push(':');
        push(iso, self.second, 10);
        if !self.fraction.is_empty() {
            iso.push('.');
            iso.push_str(self.fraction);
        }
    }
}

/// Appends a number from the digit of this power of ten on: two digits or four, where it has no more.
fn push(iso: &mut String, number: u32, mut power: u32) {
    while power > 0 {
        iso.push(char::from(b'0' + (number / power % 10) as u8));
        power /= 10;
    }
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

#[cfg(test)]
mod tests {
    use DateOrder::{Dmy, Mdy, Ymd};

    use super::*;

    fn check(text: &str, orders: &[DateOrder], expected: Option<&str>) {
        assert_eq!(iso_date(text.as_bytes(), orders).as_deref(), expected, "{text}");
        assert_eq!(is_date(text.as_bytes(), orders), expected.is_some(), "{text}");
    }

    #[test]
    fn text_dates_become_iso_text_in_the_declared_order_only() {
        check("01-02-2025", &[Dmy], Some("2025-02-01"));
        check("01/02/2025 02:30:00 PM", &[Mdy], Some("2025-01-02T14:30:00"));
        check("01/02/2025 12:30:00 AM", &[Mdy], Some("2025-01-02T00:30:00"));
        check("2025-02-01T14:05", &[Ymd], Some("2025-02-01T14:05:00"));
        check("2024-02-29 23:59:59.250", &[Ymd], Some("2024-02-29T23:59:59.25"));
        check("1-3-2025 9:05", &[Dmy, Ymd], Some("2025-03-01T09:05:00"));
        for wrong in [
            "30-02-2025",
            "2025-02-30",
            "2023-02-29",
            "1900-02-29",
            "01-02-25",
            "01-02-2025-1",
            "01-02-2025-",
            "01-02-2025 25:00",
            "01-02-2025 24:00",
            "01-02-2025 10:60",
            "01-02-2025 10:00:60",
            "01-02-2025 13:00 PM",
            "01-02-2025 0:30 AM",
            "01-02-2025 10:00:00:00",
            "1-2",
            "00-01-2025",
            "01-00-2025",
            "01-13-2025",
            "31-04-2025",
            "morgen is het",
        ] {
            check(wrong, &[Dmy, Ymd], None);
        }
        check("29-02-2000", &[Dmy], Some("2000-02-29"));
        check("01-01-2995", &[Dmy], Some("2995-01-01"));
    }

    #[test]
    fn the_clock_of_the_respondent_counts_on_either_side_of_midnight_in_utc() {
        check("2025-01-01T00:30:00Z", &[Ymd], Some("2025-01-01T00:30:00"));
        let long = "2025-01-01T00:30:00.123456789+01:00";
        check(long, &[Ymd], Some("2025-01-01T00:30:00.123456789"));
        check("31/12/2025 11:30 PM GMT-5", &[Dmy], Some("2025-12-31T23:30:00"));
        check("2025-01-01T10:00:00+25:00", &[Ymd], None);
    }

    #[test]
    fn an_offset_is_checked_and_left_out_and_the_clock_stays_as_written() {
        for offset in ["Z", "z", " Z", "+02:00", "-0530", "+02", " +14:00"] {
            let text = format!("2025-01-01T10:00:00.5{offset}");
            check(&text, &[Ymd], Some("2025-01-01T10:00:00.5"));
        }
        for no_offset in ["+2", "+15:00", "+02:60", "+", "X", "+02:00:00", "Z1"] {
            check(&format!("2025-01-01T10:00:00{no_offset}"), &[Ymd], None);
        }
    }

    #[test]
    fn only_a_date_whose_year_stands_first_has_one_order() {
        let year_first = |text| WrittenDate::of(text).map(|written| written.is_year_first());
        assert_eq!(year_first("2025-02-01"), Some(true));
        assert_eq!(year_first("01-02-2025"), Some(false));
        assert_eq!(year_first("no date at all"), None);
    }
}
