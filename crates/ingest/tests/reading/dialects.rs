//! What a writer wrote is what ingest reads, whatever the dialect; and no bytes make it panic.

use std::io::Write;

use config::ExportProfile;
use config::export::Encoding;
use ingest::Limits;
use proptest::prelude::*;
use proptest::sample::Index;
use rust_xlsxwriter::Workbook;
use survey::Class;

use crate::support::{cell, delivery, key, plain_csv, profile};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Charset {
    Utf8,
    Utf8Marked,
    Utf16Le,
    Utf16Be,
    Windows1252,
    Latin1,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrapper {
    None,
    Gzip,
    Zip,
}

#[derive(Debug, Clone)]
struct Dialect {
    delimiter: char,
    quote: char,
    newline: &'static str,
    always_quote: bool,
    charset: Charset,
    separator_line: bool,
    last_newline: bool,
    blank_lines: bool,
    wrapper: Wrapper,
}

fn dialects() -> impl Strategy<Value = Dialect> {
    let charsets = [
        Charset::Utf8,
        Charset::Utf8Marked,
        Charset::Utf16Le,
        Charset::Utf16Be,
        Charset::Windows1252,
        Charset::Latin1,
    ];
    (
        prop::sample::select(vec![';', ',', '\t', '|']),
        prop::sample::select(vec!['"', '\'']),
        prop::sample::select(vec!["\n", "\r\n", "\r"]),
        prop::sample::select(charsets.to_vec()),
        prop::sample::select(vec![Wrapper::None, Wrapper::None, Wrapper::Gzip, Wrapper::Zip]),
        any::<[bool; 4]>(),
    )
        .prop_map(
            |(
                delimiter,
                quote,
                newline,
                charset,
                wrapper,
                [always_quote, separator_line, last_newline, blank_lines],
            )| Dialect {
                delimiter,
                quote,
                newline,
                always_quote,
                charset,
                separator_line,
                last_newline,
                blank_lines,
                wrapper,
            },
        )
}

/// Texts of the signs that matter to a reader, all of them in Windows-1252.
fn texts() -> impl Strategy<Value = String> {
    let signs = [
        'a', 'Z', '0', '7', ' ', ';', ',', '\t', '|', '"', '\'', '\n', 'é', '€', '#', '.', '-',
        '=', 'ÿ',
    ];
    prop_oneof![
        6 => prop::collection::vec(prop::sample::select(signs.to_vec()), 0..12).prop_map(String::from_iter),
        1 => prop::collection::vec(prop::sample::select(vec!['x', '"', '\n']), 300..600).prop_map(String::from_iter),
    ]
}

/// A line below the first that begins as a row does, with digits and a delimiter: such a table is refused.
fn has_row_inside(text: &str) -> bool {
    text.split('\n').skip(1).any(|line| {
        let line = line.trim_start_matches(['"', '\'', ' ']);
        let id = line.trim_start_matches(|sign: char| sign.is_ascii_digit());
        id.len() < line.len()
            && id.trim_start_matches(['"', '\'', ' ']).starts_with([';', ',', '\t', '|'])
    })
}

fn tables() -> impl Strategy<Value = Vec<Vec<String>>> {
    let texts = || texts().prop_filter("rows inside a cell", |text| !has_row_inside(text));
    (1_usize..6).prop_flat_map(move |width| {
        prop::collection::vec(prop::collection::vec(texts(), width), 1..30)
    })
}

fn write(table: &[Vec<String>], dialect: &Dialect) -> Vec<u8> {
    let Dialect { delimiter, quote, newline, .. } = *dialect;
    let field = |text: &str| {
        let needed = text.contains([delimiter, quote, '\n', '\r']);
        if needed || dialect.always_quote {
            format!("{quote}{}{quote}", text.replace(quote, &format!("{quote}{quote}")))
        } else {
            text.to_owned()
        }
    };
    let mut lines: Vec<String> = Vec::new();
    if dialect.separator_line {
        lines.push(format!("sep={delimiter}"));
    }
    let width = table[0].len();
    lines.push(
        (0..=width)
            .map(|column| if column == 0 { "id".to_owned() } else { format!("q{column}") })
            .collect::<Vec<_>>()
            .join(&delimiter.to_string()),
    );
    for (row, cells) in table.iter().enumerate() {
        let fields: Vec<String> =
            std::iter::once(row.to_string()).chain(cells.iter().map(|cell| field(cell))).collect();
        lines.push(fields.join(&delimiter.to_string()));
        if dialect.blank_lines && row % 3 == 0 {
            lines.push(String::new());
        }
    }
    let mut text = lines.join(newline);
    if dialect.last_newline {
        text.push_str(newline);
    }
    match dialect.charset {
        Charset::Utf8 => text.into_bytes(),
        Charset::Utf8Marked => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        Charset::Utf16Le => {
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        }
        Charset::Utf16Be => {
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
        }
        Charset::Windows1252 => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
        Charset::Latin1 => text.chars().map(|sign| u8::try_from(sign).unwrap_or(b'?')).collect(),
    }
}

fn wrapped(bytes: &[u8], wrapper: Wrapper) -> Vec<u8> {
    match wrapper {
        Wrapper::None => bytes.to_vec(),
        Wrapper::Gzip => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(bytes).unwrap();
            gzip.finish().unwrap()
        }
        Wrapper::Zip => {
            let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            zip.start_file("a.csv", zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
            zip.finish().unwrap().into_inner()
        }
    }
}

fn profile_of(dialect: &Dialect) -> ExportProfile {
    let mut profile = plain_csv();
    profile.csv.delimiter = if dialect.separator_line { '~' } else { dialect.delimiter };
    profile.csv.quote = dialect.quote;
    profile.csv.encoding = match dialect.charset {
        Charset::Utf8 | Charset::Utf8Marked => Encoding::Utf8,
        Charset::Utf16Le | Charset::Utf16Be => Encoding::Utf16,
        Charset::Windows1252 => Encoding::Detect,
        Charset::Latin1 => Encoding::Latin1,
    };
    profile
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_written_is_read_in_every_dialect(table in tables(), dialect in dialects(), piece in prop::sample::select(vec![50_usize, 200, 1 << 20])) {
        // Latin-1 has no euro sign.
        prop_assume!(dialect.charset != Charset::Latin1 || !table.iter().flatten().any(|text| text.contains('€')));
        let bytes = write(&table, &dialect);
        // Two or three signs of Windows-1252 may make one of UTF-8 by chance: nobody can tell.
        prop_assume!(!matches!(dialect.charset, Charset::Windows1252 | Charset::Latin1) || String::from_utf8_lossy(&bytes).chars().all(|sign| sign.is_ascii() || sign == '\u{fffd}'));
        // A newline in a cell would be a line end of its own where lines end with a carriage return; the writer's text stays.
        let (_folder, delivery) = delivery("a.csv", &wrapped(&bytes, dialect.wrapper));
        let limits = Limits { segment_bytes: piece, ..Limits::default() };
        let raw = ingest::read_within(&delivery, &profile_of(&dialect), &key(), &limits).unwrap();
        prop_assert_eq!(raw.table.num_rows(), table.len());
        for (row, cells) in table.iter().enumerate() {
            for (position, text) in (1..).zip(cells) {
                let (found, class) = cell(&raw, position, row);
                prop_assert_eq!(&found, text);
                prop_assert_eq!(class == Class::Empty, text.trim_matches(|sign: char| sign.is_whitespace() || sign == '\u{a0}').is_empty());
            }
        }
        let cells: u64 = raw.about.columns.iter().flat_map(|column| column.classes).sum();
        prop_assert_eq!(cells, (table.len() * (table[0].len() + 1)) as u64);
    }

    #[test]
    fn ragged_rows_keep_every_cell_at_its_place(rows in prop::collection::vec(prop::collection::vec("[a-z]{0,3}", 0..6), 1..20), piece in 20_usize..200) {
        let mut text = String::from("id,a,b\n");
        for (row, cells) in rows.iter().enumerate() {
            text.push_str(&format!("{row}{}\n", cells.iter().map(|cell| format!(",{cell}")).collect::<String>()));
        }
        let (raw, _) = crate::batches::check("a.csv", text.as_bytes(), &plain_csv(), piece);
        let (mut short, mut long) = (0, 0);
        for (row, cells) in rows.iter().enumerate() {
            short += u64::from(cells.len() < 2);
            long += u64::from(cells.iter().skip(2).any(|cell| !cell.is_empty()));
            for column in raw.about.columns.iter().skip(1) {
                let expected = cells.get(column.position as usize - 1).map_or("", String::as_str);
                prop_assert_eq!(&cell(&raw, column.position, row).0, expected);
            }
        }
        let ragged: u64 = raw.findings.iter().filter(|finding| finding.code == "ragged_row").map(|finding| finding.count).sum();
        prop_assert_eq!(ragged, short + long);
    }

    #[test]
    fn any_number_of_threads_and_any_piece_read_the_same(table in tables(), dialect in dialects(), piece in 16_usize..300) {
        let dialect = Dialect { charset: Charset::Utf8, wrapper: Wrapper::None, ..dialect };
        let (_folder, delivery) = delivery("a.csv", &write(&table, &dialect));
        let profile = profile_of(&dialect);
        let read = |threads: usize, segment_bytes: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let limits = Limits { segment_bytes, ..Limits::default() };
            pool.install(|| ingest::read_within(&delivery, &profile, &key(), &limits).unwrap())
        };
        let serial = read(1, 1 << 20);
        for threads in [1, 2, 8] {
            let parallel = read(threads, piece);
            prop_assert_eq!(&parallel.table, &serial.table);
            prop_assert_eq!(&parallel.about, &serial.about);
            prop_assert_eq!(&parallel.findings, &serial.findings);
        }
    }

    #[test]
    fn numbers_and_texts_of_a_workbook_are_read_as_written(
        table in prop::collection::vec((any::<f64>().prop_filter("finite", |number| number.is_finite()), -1_000_000_i64..1_000_000, "[ -~é€\n]{0,20}", any::<bool>()), 1..20),
    ) {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, ["id", "float", "decimal", "text", "bool"]).unwrap();
        for (row, (float, cents, text, yes)) in (1..).zip(&table) {
            sheet.write(row, 0, row).unwrap();
            sheet.write(row, 1, *float).unwrap();
            sheet.write(row, 2, *cents as f64 / 100.0).unwrap();
            sheet.write_string(row, 3, text).unwrap();
            sheet.write(row, 4, *yes).unwrap();
        }
        let (_folder, delivery) = delivery("a.xlsx", &workbook.save_to_buffer().unwrap());
        let mut profile = profile("excel_xlsx");
        profile.footer = config::export::Footer::default();
        let raw = ingest::read(&delivery, &profile, &key()).unwrap();
        for (row, (float, cents, text, yes)) in table.iter().enumerate() {
            let number = |position| cell(&raw, position, row).0.parse::<f64>().unwrap();
            // The writer keeps 16 or 17 digits of a double.
            prop_assert!((number(1) - float).abs() <= float.abs() * 1e-15, "{} {}", number(1), float);
            prop_assert_eq!(cell(&raw, 2, row).0.parse::<f64>().unwrap(), *cents as f64 / 100.0);
            prop_assert!(cell(&raw, 2, row).0.len() <= 9, "{}", cell(&raw, 2, row).0);
            prop_assert_eq!(&cell(&raw, 3, row).0, text);
            prop_assert_eq!(cell(&raw, 4, row).0, if *yes { "TRUE" } else { "FALSE" });
        }
    }

    #[test]
    fn no_change_of_bytes_makes_the_csv_reader_panic(
        table in tables(), dialect in dialects(), changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..20), cut in any::<Index>(),
    ) {
        let mut bytes = write(&table, &dialect);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let (_folder, delivery) = delivery("a.csv", &bytes);
        let limits = Limits { segment_bytes: 64, record_bytes: 500, ..Limits::default() };
        let _ = ingest::read_within(&delivery, &profile_of(&dialect), &key(), &limits);
    }

    #[test]
    fn no_change_of_bytes_makes_the_sheet_reader_panic(changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..30), cut in any::<Index>()) {
        let mut sheet = br#"<cols><col min="2" max="2" hidden="1"/></cols><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="s"><v>0</v></c></row>
            <row r="2" hidden="1"><c r="A2"><v>1</v></c><c r="B2" s="1"><v>45000.5</v></c><c t="b"><v>1</v></c></row><row><c><f>A1</f></c><c t="e"><v>#N/A</v></c><c t="inlineStr"><is><t>&amp;<![CDATA[x]]></t></is></c></row></sheetData>"#.to_vec();
        for (at, byte) in changes {
            let at = at.index(sheet.len());
            sheet[at] = byte & 0x7f;
        }
        sheet.truncate(cut.index(sheet.len() * 4).min(sheet.len()));
        let xml = String::from_utf8(sheet).unwrap();
        let bytes = crate::workbook::of_xml(&xml, "<sst uniqueCount=\"1\"><si><t>a</t></si></sst>", "");
        let (_folder, delivery) = delivery("a.xlsx", &bytes);
        let _ = ingest::read(&delivery, &profile("excel_xlsx"), &key());
    }
}
