//! Colours, shapes and dashes: no two series differ by colour alone.

/// Text and axes.
pub const INK: &str = "#16242f";
pub const QUIET: &str = "#4d5b67";
pub const GRID: &str = "#e3e8ec";
pub const AXIS: &str = "#87929c";

/// Of panels and series without a colour of their own: each at least 4.5 : 1 on white.
const PALETTE: [&str; 8] =
    ["#1d5f9e", "#b8420f", "#0b766b", "#7a3fb5", "#8a6100", "#b3206b", "#3f5364", "#4a7a12"];
const SHAPES: [Shape; 6] =
    [Shape::Circle, Shape::Square, Shape::Triangle, Shape::Diamond, Shape::Down, Shape::Cross];
const DASHES: [&str; 6] = ["", "7 3", "2 3", "9 3 2 3", "5 5", "1 4"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
    Down,
    Cross,
}

#[derive(Debug, Clone)]
pub struct Series {
    pub label: String,
    pub colour: String,
    pub shape: Shape,
    pub dash: &'static str,
    pub is_hollow: bool,
}

/// The colour of the member at a place: its own, or one of ours; of a total, grey.
pub fn colour_of(own: Option<&str>, place: usize, is_total: bool) -> String {
    match own {
        Some(own) => readable(own),
        None if is_total => QUIET.to_owned(),
        None => PALETTE[place % PALETTE.len()].to_owned(),
    }
}

/// A series by its place: colour, shape and dash change together.
pub fn series_style(label: String, colour: String, place: usize) -> Series {
    Series {
        label,
        colour,
        shape: SHAPES[place % SHAPES.len()],
        dash: DASHES[place % DASHES.len()],
        is_hollow: false,
    }
}

/// A colour dark enough for text on white, 4.5 : 1.
fn readable(colour: &str) -> String {
    let mut parts = channels(colour);
    while contrast(parts) < 4.5 {
        parts = parts.map(|part| part * 0.94);
    }
    let [red, green, blue] = parts.map(|part| part.round() as u8);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn channels(colour: &str) -> [f64; 3] {
    let part = |from: usize| {
        let hex = colour.get(from..from + 2).unwrap_or("00");
        f64::from(u8::from_str_radix(hex, 16).unwrap_or(0))
    };
    [part(1), part(3), part(5)]
}

/// Against white, by WCAG 2.2.
fn contrast(channels: [f64; 3]) -> f64 {
    let linear = channels.map(|channel| {
        let share = channel / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    });
    let luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    1.05 / (luminance + 0.05)
}

/// A colour mixed with white: so much of the colour.
pub fn tint(colour: &str, share: f64) -> String {
    let mixed = channels(colour).map(|part| (part * share + 255.0 * (1.0 - share)).round() as u8);
    format!("#{:02x}{:02x}{:02x}", mixed[0], mixed[1], mixed[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_of_ours_can_be_read_as_text_on_white() {
        for colour in PALETTE.iter().chain([&INK, &QUIET]) {
            assert!(contrast(channels(colour)) >= 4.5, "{colour}");
        }
        assert!(contrast(channels(AXIS)) >= 3.0);
    }

    #[test]
    fn a_pale_colour_of_the_release_is_darkened_until_it_can_be_read() {
        let colour = readable("#ffd800");
        assert!(contrast(channels(&colour)) >= 4.5, "{colour}");
        assert_eq!(readable("#000080"), "#000080");
    }
}
