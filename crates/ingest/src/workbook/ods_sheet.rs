//! The rows of an OpenDocument sheet, as often as they are repeated.

use std::borrow::Cow;

use survey::Class;
use survey::date::DateOrder;
use survey::date::iso_date;

use super::number;
use super::ods::{is_hidden, repeated};
use super::row::Row;
use super::sheet::{Broken, LAST_ROW, Rows, digits};
use super::xml::{Token, Tokens, attribute_value, attributes, data, resolved};
use crate::chunk::Event;
use crate::date;

pub(super) struct Sheet<'a> {
    tokens: Tokens<'a>,
    /// Number of the next row.
    number: u32,
    again: Again<'a>,
    columns_limit: usize,
    row_bytes_limit: usize,
    text: Vec<u8>,
}

/// How often the last row comes once more.
struct Again<'a> {
    rows: u32,
    hidden: bool,
    cells: Tokens<'a>,
}

impl<'a> Sheet<'a> {
    /// `content` is what stands between the tags of the sheet.
    pub(super) fn new(content: &'a [u8], (columns_limit, row_bytes_limit): (usize, usize)) -> Self {
        Self {
            tokens: Tokens::new(content),
            number: 0,
            again: Again { rows: 0, hidden: false, cells: Tokens::new(b"") },
            columns_limit,
            row_bytes_limit,
            text: Vec::new(),
        }
    }

    /// Reads the cells of one row, up to its end.
    fn cells(&mut self, tokens: &mut Tokens<'a>, row: &mut Row) -> Result<(), Broken> {
        let mut column = 0_u32;
        while let Some(token) = tokens.next()? {
            match token {
                Token::Close { name: b"table-row" } => return Ok(()),
                Token::Open {
                    name: name @ (b"table-cell" | b"covered-table-cell"),
                    attributes: tag,
                    empty,
                } => {
                    let many = repeated(tag, b"number-columns-repeated");
                    self.text.clear();
                    if !empty {
                        self.content(tokens, name, row.number)?;
                    }
                    let cell = Cell::new(tag, &self.text);
                    // Columns with nothing in them are repeated up to the end of the sheet.
                    let filled = if cell.is_blank() { 0 } else { many };
                    for place in column..column.saturating_add(filled) {
                        if place as usize >= self.columns_limit {
                            return Err(Broken::TooManyColumns(place));
                        }
                        cell.put(place, row);
                        if row.bytes() > self.row_bytes_limit {
                            return Err(Broken::RowTooLong(row.number));
                        }
                    }
                    column = column.saturating_add(many);
                }
                _ => {}
            }
        }
        Err(unended(row.number))
    }

    /// The text that a cell shows: its paragraphs, without notes, shapes and ruby.
    fn content(&mut self, tokens: &mut Tokens<'a>, cell: &[u8], row: u32) -> Result<(), Broken> {
        let (mut paragraphs, mut inside) = (0, false);
        while let Some(token) = tokens.next()? {
            match token {
                Token::Close { name } if name == cell => return Ok(()),
                Token::Close { name: b"p" } => inside = false,
                Token::Open { name: b"p", empty, .. } => {
                    if paragraphs > 0 {
                        self.text.push(b'\n');
                    }
                    paragraphs += 1;
                    inside = !empty;
                }
                Token::Open { name: b"s", attributes: tag, .. } if inside => {
                    let spaces = repeated(tag, b"c") as usize;
                    if spaces > self.row_bytes_limit {
                        return Err(Broken::RowTooLong(row));
                    }
                    self.text.resize(self.text.len() + spaces, b' ');
                }
                Token::Open { name: b"tab", .. } if inside => self.text.push(b'\t'),
                Token::Open { name: b"line-break", .. } if inside => self.text.push(b'\n'),
                Token::Open {
                    name:
                        name @ (b"annotation" | b"table" | b"ruby-text" | b"frame" | b"custom-shape"
                        | b"g"),
                    empty: false,
                    ..
                } => skip(tokens, name).ok_or_else(|| unended(row))?,
                Token::Text(piece) if inside => self.text.extend_from_slice(&resolved(piece)),
                Token::Cdata(piece) if inside => self.text.extend_from_slice(&data(piece)),
                _ => {}
            }
            if self.text.len() > self.row_bytes_limit {
                return Err(Broken::RowTooLong(row));
            }
        }
        Err(unended(row))
    }

    /// Behind a row with something in it; those with nothing may go beyond the last one.
    fn go_on(&mut self) -> Result<(), Broken> {
        if self.number > LAST_ROW {
            return Err(Broken::Damaged("a row below the last row of a sheet".to_owned()));
        }
        self.number += 1;
        Ok(())
    }
}

impl Rows for Sheet<'_> {
    fn next(&mut self, row: &mut Row) -> Result<bool, Broken> {
        if self.again.rows > 0 {
            self.again.rows -= 1;
            row.start(self.number, self.again.hidden);
            self.cells(&mut self.again.cells.clone(), row)?;
            self.go_on()?;
            return Ok(true);
        }
        while let Some(token) = self.tokens.next()? {
            let Token::Open { name, attributes: tag, empty } = token else { continue };
            if name == b"shapes" && !empty {
                skip(&mut self.tokens, name).ok_or_else(|| unended(0))?;
            }
            if name != b"table-row" {
                continue;
            }
            let many = repeated(tag, b"number-rows-repeated");
            let (following, hidden) = (self.number.saturating_add(many), is_hidden(tag));
            if !empty {
                let begin = self.tokens.clone();
                let mut tokens = begin.clone();
                row.start(self.number, hidden);
                self.cells(&mut tokens, row)?;
                self.tokens = tokens;
                if row.width() > 0 {
                    self.again = Again { rows: many - 1, hidden, cells: begin };
                    self.go_on()?;
                    return Ok(true);
                }
            }
            self.number = following;
        }
        Ok(false)
    }
}

fn unended(row: u32) -> Broken {
    Broken::Damaged(format!("row {} does not end", row + 1))
}

/// Passes over what is inside a tag that was opened, and over others of its name inside it.
pub(super) fn skip(tokens: &mut Tokens<'_>, wanted: &[u8]) -> Option<()> {
    let mut depth = 1;
    while let Some(token) = tokens.next().ok()? {
        match token {
            Token::Open { name, empty: false, .. } if name == wanted => depth += 1,
            Token::Close { name } if name == wanted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(());
        }
    }
    None
}

/// What a cell's tag says, and the text that it shows.
#[derive(Default)]
struct Cell<'a> {
    kind: &'a [u8],
    is_error: bool,
    formula: bool,
    value: Option<Cow<'a, [u8]>>,
    shown: &'a [u8],
}

impl<'a> Cell<'a> {
    fn new(tag: &'a [u8], shown: &'a [u8]) -> Self {
        let mut cell = Self { shown, ..Self::default() };
        for (name, value) in attributes(tag) {
            match name {
                // An error is a text to OpenDocument itself; an extension of it says so.
                b"value-type" if value == b"error" => cell.is_error = true,
                b"value-type" if cell.kind.is_empty() => cell.kind = value,
                b"formula" => cell.formula = true,
                b"value" | b"string-value" | b"date-value" | b"time-value" | b"boolean-value"
                    if cell.value.is_none() =>
                {
                    cell.value = Some(attribute_value(value));
                }
                _ => {}
            }
        }
        cell
    }

    fn is_blank(&self) -> bool {
        self.kind.is_empty() && !self.formula && !self.is_error && self.shown.is_empty()
    }

    fn put(&self, column: u32, row: &mut Row) {
        let value = self.value.as_deref().unwrap_or(self.shown);
        match self.kind {
            _ if self.is_error => {
                push(self.shown, Class::Error, column, row);
                row.meet(column, Event::ErrorValue);
            }
            b"" if self.formula => {
                push(b"", Class::FormulaWithoutValue, column, row);
                row.meet(column, Event::FormulaWithoutValue);
            }
            b"float" | b"percentage" | b"currency" => self.put_number(value, column, row),
            b"date" => {
                let iso = iso_date(value.trim_ascii(), &[DateOrder::Ymd]);
                push_or_broken(iso, value, column, row);
            }
            b"time" => push_or_broken(clock(value), value, column, row),
            b"boolean" => match value {
                b"true" => push(b"TRUE", Class::Bool, column, row),
                b"false" => push(b"FALSE", Class::Bool, column, row),
                _ => broken(value, column, row),
            },
            _ => {
                let blank = value.trim_ascii().is_empty();
                push(value, if blank { Class::Empty } else { Class::Text }, column, row);
            }
        }
    }

    fn put_number(&self, value: &[u8], column: u32, row: &mut Row) {
        let plain = std::str::from_utf8(value.trim_ascii()).ok().and_then(number::plain);
        let Some(plain) = plain else { return broken(value, column, row) };
        // A formula is a number to OpenDocument, whatever it shows.
        if self.formula && matches!(&*plain, "0" | "1") && is_truth(self.shown) {
            let text: &[u8] = if plain == "1" { b"TRUE" } else { b"FALSE" };
            return push(text, Class::Bool, column, row);
        }
        if self.formula
            && let Some(iso) = shown_date(&plain, self.shown)
        {
            return push(iso.as_bytes(), Class::Date, column, row);
        }
        push(plain.as_bytes(), Class::Number, column, row);
        if self.kind == b"percentage" {
            row.percents.push(column);
        }
        if number::is_long(&plain) {
            row.meet(column, Event::LongNumber);
        }
    }
}

fn push(text: &[u8], class: Class, column: u32, row: &mut Row) {
    let text = String::from_utf8_lossy(text);
    row.put(column, |out| {
        out.extend_from_slice(text.as_bytes());
        class
    });
}

/// Kept as text, whatever the sheet says it is.
fn broken(text: &[u8], column: u32, row: &mut Row) {
    push(text, Class::Text, column, row);
    row.meet(column, Event::BrokenCell);
}

fn push_or_broken(iso: Option<String>, text: &[u8], column: u32, row: &mut Row) {
    match iso {
        Some(iso) => push(iso.as_bytes(), Class::Date, column, row),
        None => broken(text, column, row),
    }
}

fn is_truth(shown: &[u8]) -> bool {
    matches!(shown, b"TRUE" | b"FALSE" | b"WAAR" | b"ONWAAR")
}

/// The date of a serial number, if the text that is shown has its year, month and day in any order.
fn shown_date(serial: &str, shown: &[u8]) -> Option<String> {
    let iso = date::from_serial(serial.parse().ok()?, false)?;
    let numbers = |text: &str| -> Option<Vec<u32>> {
        let parts = text.split(['-', '/', '.', ':', ' ', 'T']).filter(|part| !part.is_empty());
        parts.map(|part| digits(part.as_bytes())).collect()
    };
    let (mut wanted, mut found) = (numbers(&iso)?, numbers(std::str::from_utf8(shown).ok()?)?);
    if wanted.len() < 3 || found.len() < 3 {
        return None;
    }
    let (time, shown_time) = (wanted.split_off(3), found.split_off(3));
    if found.iter().all(|number| *number < 100) {
        wanted[0] %= 100;
    }
    wanted.sort_unstable();
    found.sort_unstable();
    (wanted == found && time.starts_with(&shown_time)).then_some(iso)
}

/// `PT36H30M00S` as `36:30:00`.
fn clock(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |text| (-1.0, text));
    let mut rest = text.strip_prefix("PT")?;
    let mut seconds = 0.0;
    for (unit, length) in [('H', 3600.0), ('M', 60.0), ('S', 1.0)] {
        if let Some((number, following)) = rest.split_once(unit) {
            seconds += number.replace(',', ".").parse::<f64>().ok()? * length;
            rest = following;
        }
    }
    if rest.is_empty() { date::elapsed(sign * seconds / 86_400.0) } else { None }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;

    fn rows(content: &str) -> Result<Vec<String>, String> {
        let mut sheet = Sheet::new(content.as_bytes(), (8, 1000));
        let (mut row, mut rows) = (Row::default(), Vec::new());
        while sheet.next(&mut row).map_err(|broken| format!("{broken:?}"))? {
            let cells: Vec<String> = (0..row.width())
                .map(|at| format!("{:?}:{}", row.class(at), String::from_utf8_lossy(row.text(at))))
                .collect();
            let events: Vec<String> =
                row.events.iter().map(|(column, event)| format!(" {event:?} {column}")).collect();
            rows.push(format!("{} {}{}", row.number, cells.join(" "), events.concat()));
        }
        Ok(rows)
    }

    fn check(tag: &str, inside: &str, expected: &str) {
        let xml = format!("<t:table-row><t:table-cell {tag}>{inside}</t:table-cell></t:table-row>");
        assert_eq!(rows(&xml).unwrap(), [format!("0 {expected}")], "{tag} {inside}");
    }

    #[test]
    fn a_cell_is_what_its_tag_says_and_a_formula_what_it_shows() {
        let p = |text: &str| format!("<x:p>{text}</x:p>");
        check(
            "o:value-type='float' o:value='12345678901234567890'",
            &p("1,2E+19"),
            "Number:12345678901234567890 LongNumber 0",
        );
        check("o:value-type='currency' o:value='1e-07'", "", "Number:0.0000001");
        check("o:value-type='float' o:value='veel'", "", "Text:veel BrokenCell 0");
        check(
            "o:value-type='date' o:date-value='2025-03-01T14:05:00'",
            "",
            "Date:2025-03-01T14:05:00",
        );
        check("o:value-type='date' o:date-value='2025-02-30'", "", "Text:2025-02-30 BrokenCell 0");
        check("o:value-type='time' o:time-value='PT36H30M00S'", &p("36:30"), "Date:36:30:00");
        check("o:value-type='time' o:time-value='PT14H05M09.250000000S'", "", "Date:14:05:09.250");
        check("o:value-type='time' o:time-value='P1D'", "", "Text:P1D BrokenCell 0");
        check("o:value-type='boolean' o:boolean-value='false'", "", "Bool:FALSE");
        check(
            "o:value-type='string' c:value-type='error' o:string-value=''",
            &p("#N/A"),
            "Error:#N/A ErrorValue 0",
        );
        check("t:formula='of:=1'", "", "FormulaWithoutValue: FormulaWithoutValue 0");
        check("t:formula='of:=\"\"' o:value-type='string' o:string-value=''", "<x:p/>", "Empty:");
        check("", &p("zonder soort"), "Text:zonder soort");
        let serial = "o:value-type='float' o:value='45717'";
        for shown in ["2025-03-01", "01-03-2025", "3/1/25", "1.3.2025"] {
            check(&format!("t:formula='of:=[.A1]' {serial}"), &p(shown), "Date:2025-03-01");
        }
        check(&format!("t:formula='of:=[.A1]' {serial}"), &p("45717"), "Number:45717");
        check(&format!("t:formula='of:=[.A1]' {serial}"), &p("02-03-2025"), "Number:45717");
        check(serial, &p("2025-03-01"), "Number:45717");
        check(
            "t:formula='of:=NOW()' o:value-type='float' o:value='45717.75'",
            &p("01-03-2025 18:00"),
            "Date:2025-03-01T18:00:00",
        );
        check("t:formula='of:=TRUE()' o:value-type='float' o:value='1'", &p("WAAR"), "Bool:TRUE");
        check("t:formula='of:=1' o:value-type='float' o:value='1'", &p("1"), "Number:1");
    }

    #[test]
    fn a_text_is_its_paragraphs_without_notes_and_shapes() {
        let text = "o:value-type='string'";
        check(
            text,
            "<x:p>a<x:s/><x:s x:c='2'/>b<x:tab/><x:span>c &amp; d</x:span></x:p>\n<x:p>e<x:line-break/>f</x:p>",
            "Text:a   b\tc & d\ne\nf",
        );
        check(
            text,
            "<o:annotation><x:p>noot</x:p></o:annotation><x:p>a<x:ruby><x:ruby-base>b</x:ruby-base><x:ruby-text>kana</x:ruby-text></x:ruby></x:p>",
            "Text:ab",
        );
        check(
            text,
            "<d:frame><x:p>vorm</x:p></d:frame><t:table><t:table-row><t:table-cell><x:p>binnen</x:p></t:table-cell></t:table-row></t:table><x:p><![CDATA[<a>]]></x:p>",
            "Text:<a>",
        );
    }

    #[test]
    fn cells_and_rows_come_as_often_as_they_are_repeated() {
        let cell = "<t:table-cell t:number-columns-repeated='2' o:value-type='float' o:value='1'/>";
        let xml = format!(
            "<t:table-row t:number-rows-repeated='3'/><t:table-row t:number-rows-repeated='2'><t:table-cell t:number-columns-repeated='2'/>{cell}</t:table-row><t:table-row t:number-rows-repeated='9999999'><t:table-cell t:number-columns-repeated='99999'/></t:table-row>"
        );
        assert_eq!(
            rows(&xml).unwrap(),
            ["3 Empty: Empty: Number:1 Number:1", "4 Empty: Empty: Number:1 Number:1"]
        );
        let refused = |xml: &str| rows(xml).unwrap_err();
        let beyond = format!(
            "<t:table-row t:number-rows-repeated='1048576'/><t:table-row>{cell}</t:table-row>"
        );
        assert!(refused(&beyond).contains("below the last row"));
        let wide = format!(
            "<t:table-row><t:table-cell t:number-columns-repeated='7'/>{cell}</t:table-row>"
        );
        assert!(refused(&wide).contains("TooManyColumns"));
        let spaces = "<t:table-row><t:table-cell o:value-type='string'><x:p><x:s x:c='999999999'/></x:p></t:table-cell></t:table-row>";
        assert!(refused(spaces).contains("RowTooLong"));
        assert!(refused("<t:table-row><t:table-cell>").contains("does not end"));
    }
}
