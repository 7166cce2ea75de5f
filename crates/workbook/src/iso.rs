//! ISO 8601 as workbooks write it, checked and put into one form; a zone is checked and left out.

/// A date, with a time or without.
pub(crate) fn date(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    let (date, clock) = match text.split_once(['T', ' ']) {
        Some((date, clock)) => (date, Some(clock)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, month, day) = (digits(year, 4..=4)?, digits(month, 1..=2)?, digits(day, 1..=2)?);
    if parts.next().is_some() || day == 0 || day > days_in_month(year, month)? {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    Some(match clock {
        None => date,
        Some(clock) => format!("{date}T{}", time(clock.as_bytes())?),
    })
}

/// `14:05`, `14:05:00.25`, each with a zone or without.
pub(crate) fn time(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let zone_at = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(zone_at);
    if !is_zone(zone) {
        return None;
    }
    let (clock, fraction) = match clock.trim_end().split_once('.') {
        Some((clock, fraction)) if digits(fraction, 1..=9).is_some() => (clock, fraction),
        Some(_) => return None,
        None => (clock.trim_end(), ""),
    };
    let mut parts = clock.split(':');
    let (hour, minute) = (digits(parts.next()?, 1..=2)?, digits(parts.next()?, 2..=2)?);
    let seconds = parts.next();
    let second = digits(seconds.unwrap_or("00"), 2..=2)?;
    if seconds.is_none() && !fraction.is_empty() {
        return None;
    }
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let whole = format!("{hour:02}:{minute:02}:{second:02}");
    let fraction = fraction.trim_end_matches('0');
    Some(if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") })
}

/// Nothing, `Z`, `+01:00`, `+0100`, `+01`: at most 14 hours ahead, 12 behind.
fn is_zone(zone: &str) -> bool {
    if matches!(zone, "" | "Z" | "z") {
        return true;
    }
    let most_hours = if zone.starts_with('+') { 14 } else { 12 };
    let offset = &zone[1..];
    let (hours, minutes) = match offset.split_once(':') {
        Some(parts) => parts,
        None if offset.len() == 4 && offset.is_ascii() => offset.split_at(2),
        None => (offset, "00"),
    };
    let minutes = digits(hours, 2..=2).zip(digits(minutes, 2..=2).filter(|some| *some < 60));
    minutes.is_some_and(|(hours, minutes)| hours * 60 + minutes <= most_hours * 60)
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let is_number = length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

fn days_in_month(year: u32, month: u32) -> Option<u32> {
    let is_leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(is_leap),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_exist_are_put_into_one_form() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(date(text.as_bytes()).as_deref(), expected, "{text}");
        };
        check("2025-03-01", Some("2025-03-01"));
        check("2025-3-1", Some("2025-03-01"));
        check("2024-02-29T14:05:09.250", Some("2024-02-29T14:05:09.25"));
        check("2025-03-01T14:05", Some("2025-03-01T14:05:00"));
        check("2025-03-01 14:05:00Z", Some("2025-03-01T14:05:00"));
        check("2025-03-01T14:05:00+01:00", Some("2025-03-01T14:05:00"));
        for wrong in [
            "2025-02-29",
            "2025-13-01",
            "2025-00-10",
            "25-01-01",
            "2025/03/01",
            "2025-03-01T",
            "2025-03-01T24:00",
            "2025-03-01T12:00:00+99:00",
            "2025-03-01-01",
            "",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_time_alone_is_hours_minutes_and_perhaps_seconds() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(time(text.as_bytes()).as_deref(), expected, "{text}");
        };
        check("14:05", Some("14:05:00"));
        check("2:05:09.5", Some("02:05:09.5"));
        check("14:05:00-12", Some("14:05:00"));
        for wrong in ["14", "14:5", "14:05:00.", "14:05:00:00", "14:05:61", "14:05-13:00"] {
            check(wrong, None);
        }
    }
}
