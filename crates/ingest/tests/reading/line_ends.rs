//! What stands at the ends of lines and of the text, and in headers longer than any piece.

use ingest::{Known, Limits};

use crate::support::{delivery, findings, headers, key, plain_csv, profile, read, rows};

const END_MARK: &str = "\u{1a}";

#[test]
fn the_end_mark_of_dos_is_no_respondent() {
    let whole = rows(&read("a.csv", b"id,a\n1,ja\n2,nee\n", &plain_csv()).unwrap());
    for end in ["\n\u{1a}", "\u{1a}", "\n\u{1a}\u{1a}\u{1a}", "\n\u{1a}\n", "\r\n\u{1a}\r\n"] {
        let text = format!("id,a\n1,ja\n2,nee{end}");
        for segment_bytes in [8, 15, 16, 17, 1 << 20] {
            let (_folder, delivery) = delivery("a.csv", text.as_bytes());
            let limits = Limits { segment_bytes, ..Limits::default() };
            let raw = ingest::read_within(&delivery, &plain_csv(), &key(), &limits).unwrap();
            assert_eq!(rows(&raw), whole, "{end:?} {segment_bytes}");
            assert!(raw.findings.iter().all(|finding| finding.code == "blank_rows"), "{end:?}");
        }
    }
    let raw = read("a.csv", b"id,a\n1,ja\n\x1a", &plain_csv()).unwrap();
    assert_eq!(raw.about.notes, ["the DOS end-of-file mark (Ctrl-Z) was left out"]);
}

#[test]
fn an_end_mark_inside_an_answer_stays() {
    let raw = read("a.csv", "id,a\n1,x\u{1a}y\n".as_bytes(), &plain_csv()).unwrap();
    assert_eq!(rows(&raw), [format!("1 2 n:id t:x{END_MARK}y")]);
}

#[test]
fn lines_that_end_with_a_carriage_return_may_end_in_one_newline() {
    let whole = rows(&read("a.csv", b"id,a\r1,ja\r2,nee", &plain_csv()).unwrap());
    assert_eq!(whole.len(), 2);
    for end in ["\r", "\n", "\r\n", "\r\u{1a}", "\r\n\u{1a}"] {
        let text = format!("id,a\r1,ja\r2,nee{end}");
        for segment_bytes in [9, 1 << 20] {
            let (_folder, delivery) = delivery("a.csv", text.as_bytes());
            let limits = Limits { segment_bytes, ..Limits::default() };
            let raw = ingest::read_within(&delivery, &plain_csv(), &key(), &limits).unwrap();
            assert_eq!(rows(&raw), whole, "{end:?}");
            assert_eq!(findings(&raw), Vec::<String>::new(), "{end:?}");
        }
    }
    // A carriage return inside a cell makes no lines of old.
    let raw = read("a.csv", b"id,a\n1,x\ry\n", &plain_csv()).unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id t:x\ry"]);
}

/// 80,000 bytes and more, quoted, with other delimiters in the questions.
fn long_header(newline: &str) -> String {
    let questions: String = (0..700)
        .map(|question| {
            format!(",\"Vraag {question}: hoe vaak, en waarvoor | in de afgelopen twaalf maanden; (optie {question})? {}\"", "x".repeat(40))
        })
        .collect();
    let row = |id: u32| format!("{id}{}{newline}", ",1".repeat(700));
    format!("respnr{questions}{newline}{}{}{}", row(1), row(2), row(3))
}

#[test]
fn a_header_longer_than_a_piece_is_read_and_looked_at_whole() {
    for newline in ["\n", "\r\n", "\r"] {
        let text = long_header(newline);
        assert!(text.find(newline).unwrap() > 80_000);
        let raw = read("a.csv", text.as_bytes(), &profile("excel_en_csv")).unwrap();
        assert_eq!((headers(&raw).len(), raw.table.num_rows()), (701, 3), "{newline:?}");
        let (_folder, delivery) = delivery("a.csv", text.as_bytes());
        let look = ingest::look(&delivery, &Known::default(), None).unwrap();
        assert_eq!((look.delimiter, look.looks.len()), (Some(','), 701), "{newline:?}");
        assert_eq!(look.about.rows_out, 3, "{newline:?}");
    }
}

/// Windows-1252, ASCII alone for longer than the first bytes that are looked at.
fn late_accent(delimiter: char) -> Vec<u8> {
    let filler = "een lange toelichting zonder bijzondere tekens ".repeat(4);
    let mut text = format!("respnr{delimiter}plaats{delimiter}toelichting vraag\n");
    for row in 1..120 {
        text += &format!("{row}{delimiter}Utrecht{delimiter}{filler}\n");
    }
    let mut bytes = text.into_bytes();
    bytes.extend(format!("120{delimiter}").into_bytes());
    bytes.extend(b"Curacao is Cura\xe7ao");
    bytes.extend(format!("{delimiter}x\n").into_bytes());
    bytes
}

#[test]
fn an_accent_far_behind_the_first_bytes_decides_the_encoding_of_reading_and_look() {
    let mut early = b"respnr;plaats\n1;x\n".to_vec();
    early.extend(b"9000;".repeat(2000));
    early.extend(b"\n2;Cura\xe7ao\n");
    for (bytes, rows_out) in [(late_accent(';'), 120), (early, 3)] {
        let raw = read("a.csv", &bytes, &profile("excel_nl_csv")).unwrap();
        assert_eq!(raw.about.encoding.as_deref(), Some("Windows-1252"));
        let reason = raw.about.encoding_reason.unwrap();
        assert!(reason.contains("bytes from its first non-ASCII character on"), "{reason}");
        let (_folder, delivery) = delivery("a.csv", &bytes);
        let known = profile("excel_nl_csv");
        for asked in [None, Some(&known)] {
            let look = ingest::look(&delivery, &Known::default(), asked).unwrap();
            assert_eq!(look.about.encoding.as_deref(), Some("Windows-1252"));
            assert_eq!((look.delimiter, look.about.rows_out), (Some(';'), rows_out));
        }
    }
}

#[test]
fn a_delimiter_that_makes_no_sense_of_the_text_does_not_end_a_look() {
    // Cut at a semicolon, a quotation mark opens that is never closed.
    let text = "id,apps,n\n1,\"portaal;\"\"app\",3\n2,\"app;\"\"mail\"\"\",4\n";
    let (_folder, delivery) = delivery("a.csv", text.as_bytes());
    let look = ingest::look(&delivery, &Known::default(), None).unwrap();
    assert_eq!((look.delimiter, look.looks.len(), look.about.rows_out), (Some(','), 3, 2));
}
