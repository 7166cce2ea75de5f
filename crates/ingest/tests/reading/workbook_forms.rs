//! Cells as their writers mean them: formats, texts in place, line ends, empty texts of formulas, signs of missing.

use config::ExportProfile;
use survey::Class;

use crate::support::{cell, findings, profile, read, rows};
use crate::workbook::{of_sheets, of_xml};

const NO_SHARED: &str = "<sst uniqueCount=\"0\"/>";

/// A sheet with `respnr` and `a`, and a row for each of these cells of column B.
fn sheet(cells: &[&str]) -> String {
    let text = |address: &str, text: &str| {
        format!("<c r=\"{address}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    };
    let mut xml =
        format!("<sheetData><row r=\"1\">{}{}</row>", text("A1", "respnr"), text("B1", "a"));
    for (row, cell) in (2..).zip(cells) {
        let cell = cell.replacen("<c", &format!("<c r=\"B{row}\""), 1);
        xml += &format!("<row r=\"{row}\"><c r=\"A{row}\"><v>{row}</v></c>{cell}</row>");
    }
    xml + "</sheetData>"
}

/// Texts and classes of column B, and all findings.
fn check(cells: &[&str], by: &ExportProfile, expected: &[(Class, &str)], found: &[&str]) {
    check_styled("<cellXfs><xf numFmtId=\"0\"/></cellXfs>", cells, by, expected, found);
}

fn check_styled(
    styles: &str,
    cells: &[&str],
    by: &ExportProfile,
    expected: &[(Class, &str)],
    found: &[&str],
) {
    let bytes = of_sheets(&[("Data", &sheet(cells))], styles, NO_SHARED, "");
    let raw = read("a.xlsx", &bytes, by).unwrap();
    for (row, (class, text)) in expected.iter().enumerate() {
        assert_eq!(cell(&raw, 1, row), ((*text).to_owned(), *class), "{}", cells[row]);
    }
    assert_eq!(findings(&raw), found);
}

fn plain() -> ExportProfile {
    profile("excel_xlsx")
}

#[test]
fn a_text_in_place_beside_a_value_is_the_one_that_the_kind_names() {
    use Class::{Number, Text};
    let cells = [
        "<c t=\"inlineStr\"><v>1.0</v><is><t>1.</t></is></c>",
        "<c t=\"inlineStr\"><is><t>1.</t></is><v>1.0</v></c>",
        "<c t=\"inlineStr\"><is><r><t>a</t></r><r><t>b</t></r></is><v>c</v></c>",
        "<c t=\"inlineStr\"><v>alone</v></c>",
        "<c><v>1.5</v><is><t>x</t></is></c>",
        "<c t=\"str\"><is><t>x</t></is><v>y</v></c>",
    ];
    let expected =
        [(Text, "1."), (Text, "1."), (Text, "ab"), (Text, "alone"), (Number, "1.5"), (Text, "y")];
    check(&cells, &plain(), &expected, &[]);
}

#[test]
fn line_ends_of_the_file_are_one_newline_in_every_text() {
    let shared = "<sst uniqueCount=\"3\"><si><t>respnr</t></si><si><t>a</t></si><si><t>x_x000D_\r\ny\rz&#13;\n</t></si></sst>";
    let xml = "<sheetData><row r=\"1\"><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c></row>\r\n\
        <row><c><v>1</v></c><c t=\"s\"><v>2</v></c></row>\r\n\
        <row><c><v>2</v></c><c t=\"inlineStr\"><is><t>abc_x000D_\r\ndef</t></is></c></row>\
        <row><c><v>3</v></c><c t=\"inlineStr\"><is><t>abc\r\ndef<![CDATA[\r\n<g>\r]]></t></is></c></row>\
        <row><c><v>4</v></c><c t=\"str\"><f>1</f><v>a_x000d_b_x005F_x000D_</v></c></row></sheetData>";
    let raw = read("a.xlsx", &of_xml(xml, shared, ""), &plain()).unwrap();
    let text = |row| cell(&raw, 1, row).0;
    assert_eq!(text(0), "x\r\ny\nz\r\n");
    assert_eq!(text(1), "abc\r\ndef");
    assert_eq!(text(2), "abc\ndef\n<g>\n");
    assert_eq!(text(3), "a\rb_x000D_");
}

#[test]
fn an_empty_text_of_a_formula_was_calculated_and_no_value_at_all_was_not() {
    use Class::{Empty, FormulaWithoutValue};
    let cells = [
        "<c t=\"str\"><f>IF(1,\"\",2)</f><v/></c>",
        "<c t=\"str\"><f>IF(1,\"\",2)</f><v></v></c>",
        "<c t=\"str\"><f>IF(1,\"\",2)</f></c>",
        "<c><f>IF(1,\"\",2)</f><v/></c>",
        "<c><f>IF(1,\"\",2)</f></c>",
        "<c t=\"b\"><f>TRUE()</f></c>",
    ];
    let expected = [
        (Empty, ""),
        (Empty, ""),
        // As R's openxlsx writes what it does not calculate.
        (FormulaWithoutValue, ""),
        (FormulaWithoutValue, ""),
        (FormulaWithoutValue, ""),
        (FormulaWithoutValue, ""),
    ];
    let found = [4, 5, 6, 7].map(|row| format!("uncalculated_formula B{row} {} {row} x1", row - 1));
    check(&cells, &plain(), &expected, &found.each_ref().map(String::as_str));
}

#[test]
fn a_format_of_the_file_s_own_goes_before_a_built_in_one_with_its_id() {
    use Class::{Date, Number};
    // 14 shows a date and 2 a number where the file says nothing; the format of a condition has an id of its own.
    let styles = "<numFmts count=\"2\"><numFmt numFmtId=\"14\" formatCode=\"0.00\"/><numFmt numFmtId=\"2\" formatCode=\"dd-mm-yyyy\"/></numFmts>\
        <cellXfs><xf numFmtId=\"14\"/><xf numFmtId=\"2\"/><xf numFmtId=\"22\"/></cellXfs>\
        <dxfs><dxf><numFmt numFmtId=\"14\" formatCode=\"dd-mm-yyyy\"/></dxf><dxf><numFmt numFmtId=\"22\" formatCode=\"0\"/></dxf></dxfs>";
    let cells = [
        "<c s=\"0\"><v>45717</v></c>",
        "<c s=\"1\"><v>45717</v></c>",
        "<c s=\"2\"><v>45717.5</v></c>",
    ];
    let expected = [(Number, "45717"), (Date, "2025-03-01"), (Date, "2025-03-01T12:00:00")];
    check_styled(styles, &cells, &plain(), &expected, &[]);
}

const PERCENT: &str = "<numFmts><numFmt numFmtId=\"164\" formatCode=\"0.0%;[Red]-0.0%\"/></numFmts>\
    <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"9\"/><xf numFmtId=\"164\"/></cellXfs>";

#[test]
fn percent_cells_beside_plain_numbers_are_a_finding() {
    use Class::Number;
    let cells = [
        "<c><v>45</v></c>",
        "<c s=\"1\"><v>0.45</v></c>",
        "<c s=\"2\"><v>1</v></c>",
        "<c t=\"str\"><v>weet niet</v></c>",
    ];
    let expected = [(Number, "45"), (Number, "0.45"), (Number, "1"), (Class::Text, "weet niet")];
    check_styled(PERCENT, &cells, &plain(), &expected, &["percent_beside_numbers B3 2 3 x2"]);
    let bytes = of_sheets(&[("Data", &sheet(&cells))], PERCENT, NO_SHARED, "");
    let raw = read("a.xlsx", &bytes, &plain()).unwrap();
    assert_eq!(raw.findings[0].found, "2 of 3 numbers shown as percent");
}

#[test]
fn a_column_that_is_shown_as_percent_throughout_is_none() {
    use Class::{Number, Text};
    let cells =
        ["<c s=\"1\"><v>0.45</v></c>", "<c s=\"2\"><v>1</v></c>", "<c t=\"str\"><v>x</v></c>"];
    check_styled(PERCENT, &cells, &plain(), &[(Number, "0.45"), (Number, "1"), (Text, "x")], &[]);
}

#[test]
fn a_percent_in_a_note_below_the_data_makes_no_finding() {
    let xml = sheet(&["<c><v>4</v></c>", "<c><v>5</v></c>"]).replace(
        "</sheetData>",
        "<row r=\"6\"><c r=\"B6\" s=\"1\"><v>0.61</v></c></row></sheetData>",
    );
    let raw = read("a.xlsx", &of_sheets(&[("Data", &xml)], PERCENT, NO_SHARED, ""), &plain());
    assert_eq!(findings(&raw.unwrap()), ["blank_rows - - - x2", "row_cut - - - x1"]);
}

#[test]
fn the_sign_of_missing_that_a_profile_declares_is_empty_in_every_container() {
    use Class::{Empty, Error, Number, Text};
    let cells = [
        "<c><v>3</v></c>",
        "<c t=\"str\"><v>#NULL!</v></c>",
        "<c t=\"e\"><v>#NULL!</v></c>",
        "<c t=\"inlineStr\"><is><t> #NULL! </t></is></c>",
        "<c t=\"e\"><v>#N/A</v></c>",
    ];
    let expected = [(Number, "3"), (Empty, ""), (Empty, ""), (Empty, ""), (Error, "#N/A")];
    check(&cells, &profile("spss_xlsx"), &expected, &["error_cell B6 5 6 x1"]);
    let undeclared = [(Number, "3"), (Text, "#NULL!"), (Error, "#NULL!")];
    check(&cells[..3], &plain(), &undeclared, &["error_cell B4 3 4 x1"]);
    let raw = read(
        "a.csv",
        b"respnr;n;c\r\n1;3;Ja\r\n2;#NULL!;Nee\r\n3;\"#NULL!\"; #NULL!\r\n",
        &profile("spss_csv"),
    );
    let raw = raw.unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id n:3 t:Ja", "2 3 n:id -: t:Nee", "3 4 n:id -: -:"]);
    assert_eq!(findings(&raw), Vec::<String>::new());
}

#[test]
fn a_time_alone_in_iso_text_is_a_time_and_a_zone_is_left_out() {
    use Class::Date;
    let cells = [
        "<c t=\"d\"><v>10:10:10</v></c>",
        "<c t=\"d\"><v>2025-03-01T23:30:00Z</v></c>",
        "<c t=\"d\"><v>2025-03-01T23:30:00.5+01:00</v></c>",
    ];
    let expected =
        [(Date, "10:10:10"), (Date, "2025-03-01T23:30:00"), (Date, "2025-03-01T23:30:00.5")];
    check(&cells, &plain(), &expected, &[]);
}
