//! One table in every encoding, line end, delimiter and manner of quoting.

use super::{Case, case, check};
use crate::support::{plain_csv, read, rows};

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (encoding_name, encode) in ENCODINGS {
        for (newline_name, newline) in [("lf", "\n"), ("crlf", "\r\n"), ("cr", "\r")] {
            for (delimiter_name, delimiter) in [("comma", ','), ("semicolon", ';'), ("tab", '\t')] {
                for quoted in [false, true] {
                    let quote = |cell: &str| {
                        if quoted || cell.contains([delimiter, '"', '\n']) {
                            format!("\"{}\"", cell.replace('"', "\"\""))
                        } else {
                            cell.to_owned()
                        }
                    };
                    let table = [
                        ["id", "één", "twee"],
                        ["1", "a,b;c\td", "3"],
                        ["2", "zeg \"ja\"", ""],
                        ["3", "twee\nregels", "€ 5"],
                    ];
                    let text: String = table
                        .iter()
                        .map(|row| row.map(quote).join(&delimiter.to_string()) + newline)
                        .collect();
                    let mut profile = plain_csv();
                    profile.csv.delimiter = delimiter;
                    let quotes = if quoted { "quoted" } else { "bare" };
                    cases.push(case(
                        format!("{encoding_name} {newline_name} {delimiter_name} {quotes}"),
                        encode(&text),
                        profile,
                    ));
                }
            }
        }
    }
    cases
}

#[test]
fn every_dialect_of_one_table_reads_the_same() {
    let cases = cases();
    let first = rows(&read("a.csv", &cases[0].bytes, &cases[0].profile).unwrap());
    for case in &cases {
        let texts = |rows: &[String]| {
            rows.iter().map(|row| row.split_once(" n:").unwrap().1.to_owned()).collect::<Vec<_>>()
        };
        let found = rows(&read("a.csv", &case.bytes, &case.profile).unwrap());
        assert_eq!(texts(&found), texts(&first), "{}", case.name);
    }
    check("dialects.txt", cases);
}

type Encode = fn(&str) -> Vec<u8>;

const ENCODINGS: [(&str, Encode); 5] = [
    ("utf-8", |text| text.as_bytes().to_vec()),
    ("utf-8 with mark", |text| [b"\xef\xbb\xbf", text.as_bytes()].concat()),
    ("utf-16le with mark", |text| {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    }),
    ("utf-16be with mark", |text| {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
    }),
    ("windows-1252", |text| encoding_rs::WINDOWS_1252.encode(text).0.into_owned()),
];
