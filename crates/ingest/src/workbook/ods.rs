//! What an OpenDocument sheet hides, merges and never calculated; its cells themselves come from calamine.

use std::collections::BTreeSet;

use super::sheet::{attribute, digits};
use super::sink::Merged;
use super::xml::{Token, Tokens, resolved};

/// What stands around the cells of a sheet; rows and columns from 0.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Around {
    /// First and last of a run of hidden rows.
    pub(super) hidden_rows: Vec<(u32, u32)>,
    pub(super) hidden_columns: Vec<(u32, u32)>,
    pub(super) merged: Vec<Merged>,
    /// Formulas without a value: row and column.
    pub(super) uncalculated: BTreeSet<(u32, u32)>,
    /// Rows and columns up to the last cell that has something in it.
    pub(super) used: (u64, u64),
}

/// Reads the part `content.xml`; says what is wrong with it.
pub(super) fn around(xml: &[u8], wanted: &str) -> Result<Around, String> {
    let mut tokens = Tokens::new(xml);
    while let Some(token) = tokens.next().map_err(|_| unended())? {
        let Token::Open { name: b"table", attributes: tag, empty: false } = token else { continue };
        if attribute(tag, b"name").is_some_and(|name| *resolved(name) == *wanted.as_bytes()) {
            return of_table(&mut tokens);
        }
    }
    Ok(Around::default())
}

/// Rows and columns up to the last cell with something in it, of every sheet.
pub(super) fn extents(xml: &[u8]) -> Result<Vec<(u64, u64)>, String> {
    let mut tokens = Tokens::new(xml);
    let mut extents = Vec::new();
    while let Some(token) = tokens.next().map_err(|_| unended())? {
        if matches!(token, Token::Open { name: b"table", empty: false, .. }) {
            extents.push(of_table(&mut tokens)?.used);
        }
    }
    Ok(extents)
}

fn unended() -> String {
    "the content does not end".to_owned()
}

fn of_table(tokens: &mut Tokens<'_>) -> Result<Around, String> {
    let mut around = Around::default();
    let (mut row, mut column, mut header_column) = (0_u32, 0_u32, 0_u32);
    let (mut rows_repeated, mut depth) = (1, 0);
    while let Some(token) = tokens.next().map_err(|_| unended())? {
        match token {
            Token::Open { name: b"table", empty: false, .. } => depth += 1,
            Token::Close { name: b"table" } if depth == 0 => return Ok(around),
            Token::Close { name: b"table" } => depth -= 1,
            _ if depth > 0 => {}
            Token::Open { name: b"table-column", attributes: tag, .. } => {
                let many = repeated(tag, b"number-columns-repeated");
                if is_hidden(tag) {
                    let last = header_column.saturating_add(many - 1);
                    around.hidden_columns.push((header_column, last));
                }
                header_column = header_column.saturating_add(many);
            }
            Token::Open { name: b"table-row", attributes: tag, empty } => {
                rows_repeated = repeated(tag, b"number-rows-repeated");
                if is_hidden(tag) {
                    around.hidden_rows.push((row, row.saturating_add(rows_repeated - 1)));
                }
                column = 0;
                if empty {
                    row = row.saturating_add(rows_repeated);
                }
            }
            Token::Close { name: b"table-row" } => row = row.saturating_add(rows_repeated),
            Token::Open {
                name: b"table-cell" | b"covered-table-cell", attributes: tag, ..
            } => {
                let many = repeated(tag, b"number-columns-repeated");
                around.cell(tag, (row, column), (rows_repeated, many));
                column = column.saturating_add(many);
            }
            _ => {}
        }
    }
    Err(unended())
}

impl Around {
    pub(super) fn is_hidden(&self, row: u32) -> bool {
        let before = self.hidden_rows.partition_point(|(_, last)| *last < row);
        self.hidden_rows.get(before).is_some_and(|(first, _)| *first <= row)
    }

    fn cell(&mut self, tag: &[u8], (row, column): (u32, u32), (rows, columns): (u32, u32)) {
        let formula = attribute(tag, b"formula").is_some();
        let value = attribute(tag, b"value-type").is_some();
        if formula || value {
            let end = |from: u32, many: u32| u64::from(from) + u64::from(many);
            self.used.0 = self.used.0.max(end(row, rows));
            self.used.1 = self.used.1.max(end(column, columns));
        }
        if formula && !value {
            self.uncalculated.insert((row, column));
        }
        let spanned = |name| attribute(tag, name).and_then(digits).unwrap_or(1).max(1);
        let (down, right) = (spanned(b"number-rows-spanned"), spanned(b"number-columns-spanned"));
        if down > 1 || right > 1 {
            let last = (row.saturating_add(down - 1), column.saturating_add(right - 1));
            self.merged.push(Merged { first: (row, column), last });
        }
    }
}

fn repeated(tag: &[u8], name: &[u8]) -> u32 {
    attribute(tag, name).map_or(1, |text| digits(text).unwrap_or(u32::MAX)).max(1)
}

fn is_hidden(tag: &[u8]) -> bool {
    attribute(tag, b"visibility").is_some_and(|value| value != b"visible")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;

    #[test]
    fn hidden_merged_and_uncalculated_cells_are_found_by_their_place() {
        let xml = br#"<t:table t:name="no"><t:table-row/></t:table><t:table t:name="a&amp;b">
            <t:table-column t:number-columns-repeated="2"/><t:table-column t:visibility="collapse"/>
            <t:table-row t:number-rows-repeated="3"/>
            <t:table-row><t:table-cell t:number-columns-spanned="2" o:value-type="string"/><t:covered-table-cell/><t:table-cell t:formula="of:=1"/></t:table-row>
            <t:table-row t:visibility="filter" t:number-rows-repeated="2"><t:table-cell t:number-columns-repeated="4" o:value-type="float"/></t:table-row></t:table>"#;
        let around = around(xml, "a&b").unwrap();
        assert_eq!(around.hidden_columns, [(2, 2)]);
        assert_eq!(around.hidden_rows, [(4, 5)]);
        assert_eq!([3, 4, 5, 6].map(|row| around.is_hidden(row)), [false, true, true, false]);
        assert_eq!(around.merged, [Merged { first: (3, 0), last: (3, 1) }]);
        assert_eq!(around.uncalculated, BTreeSet::from([(3, 2)]));
        assert_eq!(around.used, (6, 4));
    }
}
