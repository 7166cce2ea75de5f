//! Sheets as XML by what they mean, and what a reader must make of each cell.

use survey::Class;

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Empty,
    Shared(String),
    InPlace(String),
    Whole(i64),
    /// A number with two decimals, written as a whole number of hundredths here.
    Hundredths(i64),
    Long(String),
    /// A day's serial number.
    Day(u32),
    /// A day's serial number and the second of that day.
    Moment(u32, u32),
    /// Second of no day.
    Time(u32),
    Yes(bool),
    Wrong(&'static str),
    FormulaOfNumber(i64),
    FormulaOfText(String),
    FormulaWithoutValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    OneRow,
    /// Each name in two rows that are merged.
    MergedDown,
    /// One question merged above all names.
    MergedAcross,
}

#[derive(Debug, Clone)]
pub struct Sheet {
    /// Row and column of the first header cell, from 0.
    pub corner: (u32, u32),
    pub head: Head,
    pub is_1904: bool,
    pub is_addressed: bool,
    pub has_title: bool,
    /// Blank rows above, hidden or not, cells to the right of the id.
    pub rows: Vec<(u32, bool, Vec<Cell>)>,
    pub hidden_column: Option<usize>,
}

impl Sheet {
    /// Row of each of the rows, from 0.
    pub fn numbers(&self) -> Vec<u32> {
        let mut next = self.corner.0 + if self.head == Head::OneRow { 1 } else { 2 };
        let number = |(gap, ..): &(u32, bool, Vec<Cell>)| {
            next += gap + 1;
            next - 1
        };
        self.rows.iter().map(number).collect()
    }

    /// As a spreadsheet shows it.
    pub fn address(&self, row: u32, position: u32) -> String {
        let mut column = self.corner.1 + position + 1;
        let mut letters = Vec::new();
        while column > 0 {
            column -= 1;
            letters.insert(0, b'A' + (column % 26) as u8);
            column /= 26;
        }
        format!("{}{}", String::from_utf8(letters).unwrap(), row + 1)
    }

    /// The sheet, its shared texts and what the workbook says of its dates.
    pub fn written(&self) -> (String, String, String) {
        let mut shared: Vec<String> = Vec::new();
        let mut xml = String::new();
        if let Some(hidden) = self.hidden_column {
            let number = self.corner.1 + hidden as u32 + 2;
            xml += &format!("<cols><col min=\"{number}\" max=\"{number}\" hidden=\"1\"/></cols>");
        }
        xml += "<sheetData>";
        if self.has_title {
            xml += "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Levering</t></is></c></row>";
        }
        let width = self.rows[0].2.len();
        let names: Vec<Cell> = std::iter::once("respnr".to_owned())
            .chain((1..=width).map(|column| format!("q{column}")))
            .map(Cell::Shared)
            .collect();
        let (row, mut merged) = (self.corner.0, String::new());
        let area = |top: u32, left: u32, bottom: u32, right: u32| {
            format!(
                "<mergeCell ref=\"{}:{}\"/>",
                self.address(top, left),
                self.address(bottom, right)
            )
        };
        match self.head {
            Head::OneRow => self.row(row, false, &names, &mut xml, &mut shared),
            Head::MergedDown => {
                self.row(row, false, &names, &mut xml, &mut shared);
                self.row(row + 1, false, &vec![Cell::Empty; names.len()], &mut xml, &mut shared);
                merged = (0..names.len() as u32).map(|at| area(row, at, row + 1, at)).collect();
            }
            Head::MergedAcross => {
                let question = Cell::InPlace("Welke gebruikt u?".to_owned());
                self.row(row, false, &[question], &mut xml, &mut shared);
                self.row(row + 1, false, &names, &mut xml, &mut shared);
                merged = area(row, 0, row, width as u32);
            }
        }
        for (id, (number, (_, hidden, cells))) in
            (1..).zip(self.numbers().into_iter().zip(&self.rows))
        {
            let cells: Vec<Cell> =
                std::iter::once(Cell::Whole(id)).chain(cells.iter().cloned()).collect();
            self.row(number, *hidden, &cells, &mut xml, &mut shared);
        }
        xml += &format!("</sheetData><mergeCells>{merged}</mergeCells>");
        let texts: String = shared
            .iter()
            .map(|text| format!("<si><t xml:space=\"preserve\">{}</t></si>", escaped(text)))
            .collect();
        let sst = format!("<sst uniqueCount=\"{}\">{texts}</sst>", shared.len());
        (xml, sst, format!("<workbookPr date1904=\"{}\"/>", u8::from(self.is_1904)))
    }

    fn row(
        &self,
        row: u32,
        hidden: bool,
        cells: &[Cell],
        xml: &mut String,
        shared: &mut Vec<String>,
    ) {
        let hidden = if hidden { " hidden=\"1\"" } else { "" };
        *xml += &format!("<row r=\"{}\"{hidden}>", row + 1);
        if !self.is_addressed {
            *xml += &"<c/>".repeat(self.corner.1 as usize);
        }
        for (position, cell) in (0..).zip(cells) {
            if !self.is_addressed {
                *xml += &cell.written("", shared);
            } else if *cell != Cell::Empty {
                *xml += &cell.written(&format!(" r=\"{}\"", self.address(row, position)), shared);
            }
        }
        *xml += "</row>";
    }
}

impl Cell {
    /// Style 1 shows a date.
    fn written(&self, address: &str, shared: &mut Vec<String>) -> String {
        match self {
            Self::Empty => format!("<c{address}/>"),
            Self::Shared(text) => {
                shared.push(text.clone());
                format!("<c{address} t=\"s\"><v>{}</v></c>", shared.len() - 1)
            }
            Self::InPlace(text) => format!(
                "<c{address} t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                escaped(text)
            ),
            Self::Whole(number) => format!("<c{address}><v>{number}</v></c>"),
            // Seventeen digits, as a spreadsheet writes a double.
            Self::Hundredths(number) => {
                format!("<c{address}><v>{:.16E}</v></c>", *number as f64 / 100.0)
            }
            Self::Long(digits) => format!("<c{address} t=\"n\"><v>{digits}</v></c>"),
            Self::Day(day) => format!("<c{address} s=\"1\"><v>{day}</v></c>"),
            Self::Moment(day, second) => {
                let serial = f64::from(*day) + f64::from(*second) / 86_400.0;
                format!("<c{address} s=\"1\"><v>{serial}</v></c>")
            }
            Self::Time(second) => {
                format!("<c{address} s=\"1\"><v>{}</v></c>", f64::from(*second) / 86_400.0)
            }
            Self::Yes(yes) => format!("<c{address} t=\"b\"><v>{}</v></c>", u8::from(*yes)),
            Self::Wrong(error) => format!("<c{address} t=\"e\"><v>{error}</v></c>"),
            Self::FormulaOfNumber(number) => {
                format!("<c{address}><f>SUM(A1:A2)</f><v>{number}</v></c>")
            }
            Self::FormulaOfText(text) => {
                format!("<c{address} t=\"str\"><f>A1&amp;A2</f><v>{}</v></c>", escaped(text))
            }
            Self::FormulaWithoutValue => format!("<c{address}><f>SUM(A1:A2)</f></c>"),
        }
    }

    /// Class, text, and the finding where there is one.
    pub fn expected(&self, is_1904: bool) -> (Class, String, Option<&'static str>) {
        let date = |day: u32, second: u32| {
            let clock = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
            match (calendar_day(day, is_1904), second) {
                (Day::None, _) => (Class::Date, clock, None),
                (Day::Never, 0) => (Class::Number, day.to_string(), Some("impossible_date")),
                (Day::Never, second) => {
                    let serial = f64::from(day) + f64::from(second) / 86_400.0;
                    (Class::Number, serial.to_string(), Some("impossible_date"))
                }
                (Day::Of(date), 0) => (Class::Date, date, None),
                (Day::Of(date), _) => (Class::Date, format!("{date}T{clock}"), None),
            }
        };
        match self {
            Self::Empty => (Class::Empty, String::new(), None),
            Self::Shared(text) | Self::InPlace(text) | Self::FormulaOfText(text) => {
                (Class::Text, text.clone(), None)
            }
            Self::Whole(number) | Self::FormulaOfNumber(number) => {
                (Class::Number, number.to_string(), None)
            }
            Self::Hundredths(number) => (Class::Number, (*number as f64 / 100.0).to_string(), None),
            Self::Long(digits) => (Class::Number, digits.clone(), Some("long_number")),
            Self::Day(day) => date(*day, 0),
            Self::Moment(day, second) => date(*day, *second),
            Self::Time(second) => date(0, *second),
            Self::Yes(yes) => (Class::Bool, if *yes { "TRUE" } else { "FALSE" }.to_owned(), None),
            Self::Wrong(error) => (Class::Error, (*error).to_owned(), Some("error_cell")),
            Self::FormulaWithoutValue => {
                (Class::FormulaWithoutValue, String::new(), Some("uncalculated_formula"))
            }
        }
    }
}

enum Day {
    Of(String),
    /// A time alone.
    None,
    /// 29 February 1900.
    Never,
}

/// Counted day by day, as a calendar on the wall.
fn calendar_day(serial: u32, is_1904: bool) -> Day {
    let (mut year, mut left) = match (is_1904, serial) {
        (true, serial) => (1904, serial),
        (false, 0) => return Day::None,
        (false, 60) => return Day::Never,
        (false, 1..60) => (1900, serial - 1),
        (false, serial) => (1900, serial - 2),
    };
    loop {
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let february = if is_leap { 29 } else { 28 };
        let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, days) in (1..).zip(months) {
            if left < days {
                return Day::Of(format!("{year}-{month:02}-{:02}", left + 1));
            }
            left -= days;
        }
        year += 1;
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
