//! Waves, each with the day on which its fieldwork began where that is known.

use arrow::array::RecordBatch;
use config::Configuration;
use config::monitor::WaveSpec;
use survey::{Labels, Wave};

use super::labelled;
use crate::error::Error;
use crate::table::Columns;

/// The mart `dim_wave`.
pub fn waves(configuration: &Configuration) -> Result<RecordBatch, Error> {
    let monitor = &configuration.monitor;
    let waves = in_order(configuration);
    let before = std::iter::once(None).chain(waves.iter().copied().map(Some)).take(waves.len());
    let spec = |wave: &Wave| monitor.waves.iter().find(|spec| spec.wave == *wave);
    let first_day = |wave: &Wave| {
        let own = spec(wave).and_then(|spec: &WaveSpec| spec.date.as_deref());
        let of_wave = monitor.fieldwork.iter().filter(|entry| entry.wave == *wave);
        own.or_else(|| of_wave.map(|entry| entry.start.as_str()).min()).and_then(days)
    };
    let label = |wave: &Wave| {
        let label = spec(wave).map_or_else(Labels::default, |spec| spec.label.clone());
        labelled(&label, &wave.to_string())
    };
    let labels: Vec<Labels> = waves.iter().map(label).collect();
    let first = monitor.languages.first().map_or("", String::as_str);
    Columns::default()
        .small("wave", waves.iter().map(|wave| *wave as i32))
        .small("sort_order", 1..=waves.len() as i32)
        .maybe_small("previous_wave", before.map(|wave| wave.map(|wave| wave as i32)))
        .text("label", labels.iter().map(|label| label.of(first)))
        .labels("label", &monitor.languages, &labels)
        .maybe_date("date", waves.iter().map(first_day))
        .build()
}

/// The waves of the monitor, each once.
pub fn in_order(configuration: &Configuration) -> Vec<Wave> {
    let mut waves: Vec<Wave> = configuration.monitor.waves().collect();
    waves.sort_unstable();
    waves.dedup();
    waves
}

/// Days since 1970 of a day as `yyyy-mm-dd`.
pub fn days(day: &str) -> Option<i32> {
    let mut parts = day.splitn(3, '-').map(str::parse::<i32>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    // March is the first month here, so that the leap day is the last of its year (the civil calendar of 400 years).
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let century = year.div_euclid(400);
    let of_century = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    let leap_days = of_century / 4 - of_century / 100;
    Some(century * 146_097 + of_century * 365 + leap_days + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_are_counted_from_1970_over_leap_years_and_centuries() {
        let expected =
            [("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2100-03-01", 47_541)];
        for (text, days) in expected {
            assert_eq!(super::days(text), Some(days), "{text}");
        }
    }
}
