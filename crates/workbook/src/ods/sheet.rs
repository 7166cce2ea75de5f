//! The rows of an OpenDocument sheet, as often as they are repeated.

use super::cell::Cell;
use super::tags::{is_hidden, repeated, skip};
use crate::address::LAST_ROW;
use crate::error::Error;
use crate::limits::Limits;
use crate::row::{Row, Rows};
use crate::xml::{Token, Tokens, data, resolved};

pub(super) struct SheetXml<'a> {
    tokens: Tokens<'a>,
    /// Number of the next row.
    number: u32,
    again: Again<'a>,
    limits: Limits,
    text: Vec<u8>,
}

/// How often the last row comes once more.
struct Again<'a> {
    rows: u32,
    hidden: bool,
    cells: Tokens<'a>,
}

impl<'a> SheetXml<'a> {
    /// `content` is what stands between the tags of the sheet.
    pub(super) fn new(content: &'a [u8], limits: Limits) -> Self {
        Self {
            tokens: Tokens::new(content),
            number: 0,
            again: Again { rows: 0, hidden: false, cells: Tokens::new(b"") },
            limits,
            text: Vec::new(),
        }
    }

    /// Reads the cells of one row, up to its end.
    fn cells(&mut self, tokens: &mut Tokens<'a>, row: &mut Row) -> Result<(), Error> {
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
                        self.limits.check_column(place)?;
                        cell.put(place, row);
                        self.limits.check_row_bytes(row.number, row.bytes())?;
                    }
                    column = column.saturating_add(many);
                }
                _ => {}
            }
        }
        Err(unended(row.number))
    }

    /// The text that a cell shows: its paragraphs, without notes, shapes and ruby.
    fn content(&mut self, tokens: &mut Tokens<'a>, cell: &[u8], row: u32) -> Result<(), Error> {
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
                    self.limits.check_row_bytes(row, spaces)?;
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
            self.limits.check_row_bytes(row, self.text.len())?;
        }
        Err(unended(row))
    }

    /// Behind a row with something in it; those with nothing may go beyond the last one.
    fn go_on(&mut self) -> Result<(), Error> {
        if self.number > LAST_ROW {
            return Err(Error::damaged("a row below the last row of a sheet"));
        }
        self.number += 1;
        Ok(())
    }
}

impl Rows for SheetXml<'_> {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
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

fn unended(row: u32) -> Error {
    Error::damaged(format!("row {} does not end", row + 1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;
    use crate::limits::tests::small;

    fn rows(content: &str) -> Result<Vec<String>, String> {
        let mut sheet = SheetXml::new(content.as_bytes(), small());
        let (mut row, mut rows) = (Row::default(), Vec::new());
        while sheet.next(&mut row).map_err(|broken| broken.to_string())? {
            let cells: Vec<String> = (0..row.width())
                .map(|at| format!("{:?}:{}", row.kind(at), String::from_utf8_lossy(row.text(at))))
                .collect();
            let oddities: Vec<String> = row
                .oddities
                .iter()
                .map(|(column, oddity)| format!(" {oddity:?} {column}"))
                .collect();
            rows.push(format!("{} {}{}", row.number, cells.join(" "), oddities.concat()));
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
        assert!(refused(&wide).contains("columns: found 9"));
        let spaces = "<t:table-row><t:table-cell o:value-type='string'><x:p><x:s x:c='999999999'/></x:p></t:table-cell></t:table-row>";
        assert!(refused(spaces).contains("bytes in row 1"));
        assert!(refused("<t:table-row><t:table-cell>").contains("does not end"));
    }
}
