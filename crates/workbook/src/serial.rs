//! Dates and times as ISO text from a workbook's serial numbers.

const MILLISECONDS_A_DAY: i64 = 86_400_000;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
