//! How the workbooks look: one place for colours and formats.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

use super::table::Part;

const WHITE: u32 = 0xFF_FF_FF;
const INK: u32 = 0x1B_2A_33;
const DEEP: u32 = 0x1F_4E_5F;
const SOFT: u32 = 0x3B_6B_7D;
/// Grey that still reads on white (5.7:1).
const GREY: u32 = 0x5C_66_70;
const LINE: u32 = 0xC9_D3_D8;
const BAND: u32 = 0xF1_F5_F7;
const ALARM: u32 = 0xA8_1E_1E;

/// Everything on which the format of a cell depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    Title,
    Subtitle,
    Notice,
    Alarm,
    Link,
    /// Header of a column of texts or numbers; by its group, so that neighbours differ.
    Header {
        group: usize,
        is_number: bool,
    },
    /// What a row is about: the first of an answer stands out.
    Label {
        part: Part,
        is_first: bool,
        is_quoted: bool,
    },
    Statistic {
        part: Part,
        is_first: bool,
    },
    Number {
        part: Part,
        is_first: bool,
        decimals: i32,
        is_edge: bool,
    },
    /// An arrow, or a mark in place of a figure.
    Mark {
        part: Part,
        is_first: bool,
        is_edge: bool,
        is_arrow: bool,
    },
    Text {
        is_quoted: bool,
    },
    /// A number as it is.
    Plain,
    Key,
}

#[derive(Default)]
pub struct Looks(BTreeMap<Look, Format>);

impl Looks {
    pub fn of(&mut self, look: Look) -> &Format {
        self.0.entry(look).or_insert_with(|| format(look))
    }
}

/// Whether a spreadsheet would take a text for a formula if somebody typed it.
pub fn is_risky(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn ink(colour: u32) -> Format {
    Format::new().set_font_color(Color::RGB(colour)).set_align(FormatAlign::Top)
}

fn quoted(format: Format, is_quoted: bool) -> Format {
    if is_quoted { format.set_quote_prefix() } else { format }
}

fn number_form(decimals: i32) -> String {
    match usize::try_from(decimals) {
        Ok(0) | Err(_) => "0".to_owned(),
        Ok(decimals) => format!("0.{}", "0".repeat(decimals)),
    }
}

/// The ground that a row of a table stands on.
fn ground(part: Part, is_first: bool, is_edge: bool) -> Format {
    let colour = match part {
        Part::Figure => INK,
        Part::Letters | Part::Change => DEEP,
        Part::Bound | Part::Base => GREY,
    };
    let mut format = ink(colour);
    if part == Part::Figure {
        format = format.set_bold();
    }
    if part == Part::Base {
        format = format.set_background_color(Color::RGB(BAND));
    }
    if is_first {
        format = format.set_border_top(FormatBorder::Thin).set_border_top_color(Color::RGB(LINE));
    }
    if is_edge {
        format = format.set_border_left(FormatBorder::Thin).set_border_left_color(Color::RGB(LINE));
    }
    format
}

fn format(look: Look) -> Format {
    match look {
        Look::Title => ink(DEEP).set_bold().set_font_size(16),
        Look::Subtitle | Look::Key => ink(GREY),
        Look::Notice => ink(INK).set_bold(),
        Look::Alarm => ink(ALARM).set_bold(),
        Look::Link => ink(0x05_63_C1).set_underline(rust_xlsxwriter::FormatUnderline::Single),
        Look::Header { group, is_number } => {
            let ground = if group.is_multiple_of(2) { DEEP } else { SOFT };
            let format = ink(WHITE).set_bold().set_text_wrap();
            let format = format
                .set_background_color(Color::RGB(ground))
                .set_border_left(FormatBorder::Thin)
                .set_border_left_color(Color::RGB(WHITE));
            // Over its numbers.
            if is_number { format.set_align(FormatAlign::Right) } else { format }
        }
        Look::Label { part, is_first, is_quoted } => {
            let format = ground(part, is_first, false).set_text_wrap();
            let format = if is_first {
                format.set_font_color(Color::RGB(INK)).set_bold()
            } else {
                format.set_font_color(Color::RGB(GREY)).unset_bold()
            };
            quoted(format, is_quoted)
        }
        Look::Statistic { part, is_first } => {
            ground(part, is_first, false).set_indent(u8::from(!is_first))
        }
        Look::Number { part, is_first, decimals, is_edge } => ground(part, is_first, is_edge)
            .set_num_format(number_form(decimals))
            .set_align(FormatAlign::Right),
        Look::Mark { part, is_first, is_edge, is_arrow } => ground(part, is_first, is_edge)
            .set_font_color(Color::RGB(if is_arrow { DEEP } else { GREY }))
            .unset_bold()
            .set_align(FormatAlign::Right),
        Look::Text { is_quoted } => quoted(ink(INK).set_text_wrap(), is_quoted),
        Look::Plain => ink(INK).set_align(FormatAlign::Left),
    }
}
