//! Whatever cells a workbook holds, wherever its data begin: each is read with its class, its text and its address.

use config::export::Footer;
use proptest::prelude::*;
use survey::Class;

use crate::support::{cell, headers, profile, read};
use crate::workbook::of_xml;
use crate::workbook_made::{Cell, Head, Sheet};

fn texts() -> impl Strategy<Value = String> {
    "[a-zA-Zé€😀<>&\"';,. -]{0,10}[a-zé]"
}

fn cells() -> impl Strategy<Value = Cell> {
    prop_oneof![
        2 => Just(Cell::Empty),
        3 => texts().prop_map(Cell::Shared),
        2 => texts().prop_map(Cell::InPlace),
        2 => "0{0,3}[0-9]{1,6}".prop_map(Cell::InPlace),
        2 => (-99_999_i64..99_999).prop_map(Cell::Whole),
        2 => (-99_999_i64..99_999).prop_map(Cell::Hundredths),
        1 => "[1-9][0-9]{15,24}".prop_map(Cell::Long),
        2 => (0_u32..60_000).prop_map(Cell::Day),
        1 => Just(Cell::Day(60)),
        2 => (1_u32..60_000, 1_u32..86_400).prop_map(|(day, second)| Cell::Moment(day, second)),
        1 => (1_u32..86_400).prop_map(Cell::Time),
        1 => any::<bool>().prop_map(Cell::Yes),
        1 => prop::sample::select(vec!["#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"])
            .prop_map(Cell::Wrong),
        1 => (-999_i64..999).prop_map(Cell::FormulaOfNumber),
        1 => texts().prop_map(Cell::FormulaOfText),
        1 => Just(Cell::FormulaWithoutValue),
    ]
}

/// Data from any corner, also the outer ones of a sheet.
fn sheets() -> impl Strategy<Value = Sheet> {
    let corners = prop_oneof![
        3 => (0_u32..30, 0_u32..30),
        1 => Just((0, 0)),
        1 => (0_u32..60, prop::sample::select(vec![25_u32, 26, 701, 702, 16_370])),
    ];
    let heads = prop::sample::select(vec![Head::OneRow, Head::MergedDown, Head::MergedAcross]);
    let rows = |width| {
        prop::collection::vec(
            (0_u32..3, any::<bool>(), prop::collection::vec(cells(), width)),
            1..8,
        )
    };
    (corners, heads, any::<[bool; 3]>(), 1_usize..6).prop_flat_map(
        move |(corner, head, [is_1904, is_addressed, has_title], width)| {
            (rows(width), prop::option::of(0..width)).prop_map(move |(rows, hidden_column)| Sheet {
                corner,
                head,
                is_1904,
                // Without addresses every cell to the left of the data has to be written.
                is_addressed: is_addressed || corner.1 > 100,
                has_title: has_title && corner.0 > 0,
                rows,
                hidden_column,
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_cell_of_a_sheet_is_read_with_class_text_and_address(sheet in sheets()) {
        let (xml, shared, extra) = sheet.written();
        let name = if sheet.head == Head::OneRow { "excel_xlsx" } else { "excel_two_headers_xlsx" };
        let mut profile = profile(name);
        profile.footer = Footer::default();
        let raw = read("a.xlsx", &of_xml(&xml, &shared, &extra), &profile).unwrap();

        let width = sheet.rows[0].2.len();
        let names: Vec<String> = (1..=width).map(|column| format!("q{column}")).collect();
        prop_assert_eq!(&headers(&raw)[1..], &names);
        prop_assert_eq!((raw.about.header_row, raw.about.first_column), (u64::from(sheet.corner.0) + 1, sheet.corner.1));
        prop_assert_eq!(raw.table.num_rows(), sheet.rows.len());
        prop_assert_eq!(raw.about.blank_rows, sheet.rows.iter().map(|(gap, ..)| u64::from(*gap)).sum::<u64>());

        let mut found_wrong = Vec::new();
        for (row, (number, (.., cells))) in sheet.numbers().into_iter().zip(&sheet.rows).enumerate() {
            for (position, written) in (1..).zip(cells) {
                let (class, text, code) = written.expected(sheet.is_1904);
                prop_assert_eq!(cell(&raw, position, row), (text, class), "{:?}", written);
                let address = sheet.address(number, position);
                prop_assert_eq!(raw.about.address(u64::from(number) + 1, position).to_string(), address.clone());
                found_wrong.extend(code.map(|code| (code.to_owned(), address, format!("q{position}"))));
            }
            prop_assert_eq!(cell(&raw, 0, row).1, Class::Number);
        }
        let of_cells: Vec<(String, String, String)> = raw.findings.iter()
            .filter_map(|finding| Some((finding.code.name().to_owned(), finding.cell.clone()?, finding.column.clone()?)))
            .collect();
        prop_assert_eq!(of_cells, found_wrong);

        let count = |code: &str| raw.findings.iter().filter(|finding| finding.code == code).map(|finding| finding.count).sum::<u64>();
        prop_assert_eq!(count("hidden_rows"), sheet.rows.iter().filter(|(_, hidden, _)| *hidden).count() as u64);
        prop_assert_eq!(count("hidden_columns"), u64::from(sheet.hidden_column.is_some()));
    }
}
