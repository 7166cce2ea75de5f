//! Clock times with a zone behind them: the time counts as it was written, whatever the zone.

/// Hours that a clock may be behind or before UTC.
const MOST_BEHIND: u32 = 12;
const MOST_BEFORE: u32 = 14;

/// The clock time without the zone behind it (`Z`, `UTC`, `+01:00`, `GMT+2`); none where what stands there is no zone.
///
/// One rule for ingest and validate: a timestamp is the date and time that the respondent's clock showed, so that an answer of
/// half past midnight stays on its day. The zone is checked and left out, never added.
pub fn without_zone(time: &str) -> Option<&str> {
    let time = time.trim();
    let begins_zone = |sign: char| matches!(sign, '+' | '-' | 'Z' | 'z' | 'U' | 'u' | 'G' | 'g');
    let Some(at) = time.find(begins_zone) else { return Some(time) };
    let (clock, zone) = time.split_at(at);
    is_zone(zone).then(|| clock.trim_end())
}

fn is_zone(zone: &str) -> bool {
    if zone.eq_ignore_ascii_case("z") {
        return true;
    }
    match zone.split_at_checked(3) {
        Some((name, offset)) if ["UTC", "GMT"].iter().any(|utc| name.eq_ignore_ascii_case(utc)) => {
            offset.is_empty() || is_offset(offset, 1)
        }
        _ => is_offset(zone, 2),
    }
}

/// `+01:00`, `+0100`, `+01`.
fn is_offset(offset: &str, least_digits: usize) -> bool {
    let (most, digits) = match offset.split_at_checked(1) {
        Some(("+", digits)) => (MOST_BEFORE, digits),
        Some(("-", digits)) => (MOST_BEHIND, digits),
        _ => return false,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "00"),
    };
    let number = |text: &str| {
        let only_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        only_digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let fits = (least_digits..=2).contains(&hours.len()) && minutes.len() == 2;
    let Some((hours, minutes)) = number(hours).zip(number(minutes)).filter(|_| fits) else {
        return false;
    };
    minutes < 60 && hours * 60 + minutes <= most * 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_what_the_clock_showed_whatever_its_zone() {
        for zone in
            ["", "Z", "z", " Z", " UTC", "+01:00", "-05:00", " +0530", "+14:00", "+01", " GMT+2"]
        {
            assert_eq!(without_zone(&format!("10:05:00.25{zone}")), Some("10:05:00.25"), "{zone}");
        }
        assert_eq!(without_zone("2:05 PM GMT-1"), Some("2:05 PM"));
    }

    #[test]
    fn what_is_no_zone_makes_no_time() {
        for zone in
            ["+", "+1", "+1:00", "+15:00", "-13:00", "+01:60", "+01:0", "ZZ", "Z+01:00", "+é1:00"]
        {
            assert_eq!(without_zone(&format!("10:05{zone}")), None, "{zone}");
        }
    }
}
