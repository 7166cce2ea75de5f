//! From a figure to its place.

#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub low: f64,
    pub high: f64,
    pub step: f64,
    pub unit: String,
    /// Between digits and decimals.
    pub decimal: String,
}

impl Axis {
    /// An axis over these figures: a share begins at zero, a score keeps at least two points of room.
    pub fn over(figures: impl Iterator<Item = f64>, unit: &str, decimal: &str) -> Self {
        let (mut least, mut most) = (f64::MAX, f64::MIN);
        for figure in figures {
            least = least.min(figure);
            most = most.max(figure);
        }
        if least > most {
            (least, most) = (0.0, 1.0);
        }
        let (low, high) =
            if unit == "percent" { (0.0, most.max(10.0)) } else { around(least, most) };
        let step = step((high - low) / 4.0);
        let high = (high / step - 1e-9).ceil() * step;
        let high = if unit == "percent" { high.min(100.0) } else { high };
        let low = (low / step + 1e-9).floor() * step;
        Self { low, high, step, unit: unit.to_owned(), decimal: decimal.to_owned() }
    }

    pub fn place(&self, figure: f64, from: f64, to: f64) -> f64 {
        let share = (figure - self.low) / (self.high - self.low);
        from + share.clamp(0.0, 1.0) * (to - from)
    }

    pub fn ticks(&self) -> Vec<f64> {
        let count = ((self.high - self.low) / self.step + 1e-9).floor() as usize;
        (0..=count).map(|place| self.low + place as f64 * self.step).collect()
    }

    pub fn label(&self, tick: f64) -> String {
        let decimals = usize::from(self.step < 1.0);
        let number = format!("{tick:.decimals$}").replace('.', &self.decimal).replace('-', "−");
        if self.unit == "percent" { number + "%" } else { number }
    }

    pub fn begins_at_zero(&self) -> bool {
        self.low == 0.0
    }
}

fn around(least: f64, most: f64) -> (f64, f64) {
    let room = (2.0 - (most - least)).max(0.0) / 2.0;
    let low = least - room.max(0.2);
    (if least >= 0.0 { low.max(0.0) } else { low }, most + room.max(0.2))
}

fn step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * power);
    steps.into_iter().find(|step| *step >= rough * 0.999).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_begins_at_zero_and_ends_at_a_hundred_at_most() {
        let axis = Axis::over([12.0, 99.0].into_iter(), "percent", ",");
        assert_eq!((axis.low, axis.high), (0.0, 100.0));
        assert_eq!(axis.ticks().len(), 5);
        assert_eq!(axis.label(25.0), "25%");
    }

    #[test]
    fn a_score_keeps_room_around_its_figures() {
        let axis = Axis::over([6.0, 6.2].into_iter(), "score", ",");
        assert!(axis.low <= 5.2 && axis.high >= 7.0 && !axis.begins_at_zero(), "{axis:?}");
    }
}
