//! Numbers and dates as people and programs write them.

/// How a delivery writes numbers in text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signs {
    pub decimal_comma: bool,
    /// Between thousands: a point with a decimal comma, else a comma.
    pub thousands: bool,
}

/// A number in text: no infinity, no units. `1,5` is read without a declared comma too, where it cannot be thousands.
pub(super) fn number(text: &str, signs: Signs) -> Option<f64> {
    let (decimal, separator) = if signs.decimal_comma { (',', '.') } else { ('.', ',') };
    let (whole, decimals) =
        text.split_once(decimal).map_or((text, None), |(whole, decimals)| (whole, Some(decimals)));
    if !whole.contains(separator) {
        return match decimals {
            Some(decimals) => plain(&format!("{whole}.{decimals}")),
            None => plain(whole),
        };
    }
    let grouped = signs.thousands.then(|| without_separator(whole, separator)).flatten();
    match (grouped, decimals) {
        (Some(whole), Some(decimals)) => plain(&format!("{whole}.{decimals}")),
        (Some(whole), None) => plain(&whole),
        (None, Some(_)) => None,
        // the other program's decimal sign: three decimals could as well be thousands
        (None, None) => {
            let (whole, decimals) = whole.split_once(separator)?;
            (decimals.len() != 3).then(|| plain(&format!("{whole}.{decimals}"))).flatten()
        }
    }
}

/// By point and digits only.
fn plain(text: &str) -> Option<f64> {
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let known =
        text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
    (digits && known)
        .then(|| text.parse::<f64>().ok())
        .flatten()
        .filter(|number| number.is_finite())
}

/// A number's one spelling in hand-offs and crosswalks: point, no trailing zeros.
pub(super) fn canonical(number: f64) -> String {
    if number == 0.0 { "0".to_owned() } else { number.to_string() }
}

fn only_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `1.234.567` without its points; none where the groups are not of three.
fn without_separator(text: &str, separator: char) -> Option<String> {
    let mut groups = text.split(separator);
    let first = groups.next()?.trim_start_matches(['-', '+']);
    let fits = (1..=3).contains(&first.len()) && only_digits(first);
    (fits && groups.all(|group| group.len() == 3 && only_digits(group)))
        .then(|| text.replace(separator, ""))
}

/// `yyyy-mm-dd` with or without a time, as ISO text; none for a day that does not exist. Other orders are the export profile's business.
pub(super) fn date(text: &str) -> Option<String> {
    let (day, time) = match text.split_once(['T', ' ']) {
        Some((day, time)) => (day, Some(survey::clock::without_zone(time)?)),
        None => (text, None),
    };
    let parts: Vec<&str> = day.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let lengths = year.len() == 4 && (1..=2).contains(&month.len()) && (1..=2).contains(&day.len());
    if !lengths || ![year, month, day].iter().all(|part| only_digits(part)) {
        return None;
    }
    let (year, month, day): (u32, u32, u32) =
        (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    if !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
        return None;
    }
    let day = format!("{year:04}-{month:02}-{day:02}");
    match time {
        None => Some(day),
        Some(time) => clock(time).map(|time| format!("{day}T{time}")),
    }
}

fn clock(text: &str) -> Option<String> {
    let text = text.split_once('.').map_or(text, |(seconds, _)| seconds);
    let parts: Vec<u32> = text
        .split(':')
        .map(|part| (only_digits(part) && part.len() <= 2).then(|| part.parse().ok()).flatten())
        .collect::<Option<_>>()?;
    match parts.as_slice() {
        [hour @ ..=23, minute @ ..=59] => Some(format!("{hour:02}:{minute:02}:00")),
        [hour @ ..=23, minute @ ..=59, second @ ..=59] => {
            Some(format!("{hour:02}:{minute:02}:{second:02}"))
        }
        _ => None,
    }
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_delivery_s_signs() {
        let check = |text: &str, decimal_comma, thousands, expected: Option<f64>| {
            assert_eq!(number(text, Signs { decimal_comma, thousands }), expected, "{text}");
        };
        check("3,5", true, true, Some(3.5));
        check("1.234,5", true, true, Some(1234.5));
        check("1.234", true, true, Some(1234.0));
        check("1.234", true, false, None);
        check("1.5", true, true, Some(1.5));
        check("1.234", false, false, Some(1.234));
        check("3,5", false, false, Some(3.5));
        check("1,234", false, false, None);
        check("1,234", false, true, Some(1234.0));
        check("-7", false, false, Some(-7.0));
        check("1e3", false, false, Some(1000.0));
        for not_a_number in ["", "-", "inf", "NaN", "12 min", "1,2,3", "0x1f", "1e999"] {
            check(not_a_number, true, true, None);
            check(not_a_number, false, false, None);
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        let check =
            |text, expected: Option<&str>| assert_eq!(date(text).as_deref(), expected, "{text}");
        check("2024-02-29", Some("2024-02-29"));
        check("2023-02-29", None);
        check("2024-3-1 9:05", Some("2024-03-01T09:05:00"));
        check("2024-12-31 23:59:59", Some("2024-12-31T23:59:59"));
        check("2024-01-02T03:04:05.678Z", Some("2024-01-02T03:04:05"));
        check("2024-01-02T00:30:00+01:00", Some("2024-01-02T00:30:00"));
        check("2024-01-02 23:30 UTC", Some("2024-01-02T23:30:00"));
        check("2024-01-02T03:04:05+99:00", None);
        check("2024-01-02T03:04:05ZZ", None);
        check("2024-13-13", None);
        check("01-02-2024", None);
        check("morgen", None);
        check("2024-01-02 25:00", None);
    }
}
