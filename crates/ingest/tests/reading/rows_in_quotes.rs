//! Rows that quotation marks swallow: refused or found, and an answer of several lines is neither.

use ingest::{Error, Limits};
use survey::Hinted;

use crate::support::{delivery, findings, key, plain_csv, profile, read, rows};

fn refused(text: &str) -> String {
    read("a.csv", text.as_bytes(), &profile("excel_nl_csv")).unwrap_err().with_hints()
}

#[test]
fn rows_inside_one_pair_of_quotation_marks_are_refused_with_their_lines() {
    let closing_at_the_end = "respnr;oordeel;cijfer\n1;goed;4\n2;\"groot;3\n3;matig;2\n4;goed;5\n5;scherm 15\";2\n6;goed;4\n";
    let closing_inside = "respnr;oordeel;cijfer\r\n1;goed;4\r\n2;\"groot;3\r\n3;matig;2\r\n4;goed;5\r\n5;15\" scherm;2\r\n6;goed;4\r\n";
    for text in [closing_at_the_end, closing_inside] {
        let error = refused(text);
        assert!(error.contains("lines 3 to 6 are inside one pair of quotation marks"), "{error}");
    }
    let one_row = refused("respnr;oordeel;cijfer\n1;\"groot;3\n2;scherm 15\";2\n3;goed;4\n");
    assert!(one_row.contains("lines 2 to 3 "), "{one_row}");
    let id_last = "oordeel;cijfer;respnr\n\"groot;3;1\nmatig;2;2\n15\" scherm;2;3\n";
    assert!(refused(id_last).contains("lines 2 to 4 "), "{}", refused(id_last));
    let in_the_header = refused("respnr;\"oordeel;cijfer\n1;goed;4\n2;15\" scherm;3\n3;goed;4\n");
    assert!(in_the_header.contains("lines 1 to 3 "), "{in_the_header}");
}

#[test]
fn the_lines_of_swallowed_rows_depend_neither_on_threads_nor_on_pieces() {
    let filler: String = (10..400).map(|row| format!("{row};goed;4\n")).collect();
    let text = format!(
        "respnr;oordeel;cijfer\n{filler}401;\"groot;3\n402;matig;2\n403;scherm 15\";2\n{filler}"
    );
    let (_folder, delivery) = delivery("a.csv", text.as_bytes());
    for segment_bytes in [64, 1000, 1 << 20] {
        let limits = Limits { segment_bytes, ..Limits::default() };
        let found = ingest::read_within(&delivery, &profile("excel_nl_csv"), &key(), &limits);
        let Err(Error::RowsInQuotes { first, last, .. }) = found else { panic!("{found:?}") };
        assert_eq!((first, last), (392, 394), "{segment_bytes}");
    }
}

#[test]
fn an_answer_of_several_lines_stays_an_answer() {
    let text = "id,opm,n\n1,\"Goed, maar traag\nMooi, en snel\",3\n2,\"eerst\n\n2,5 sterren\",4\n3,\"1. a\n2. b, c\n3. d\",5\n";
    let raw = read("a.csv", text.as_bytes(), &plain_csv()).unwrap();
    assert_eq!(raw.table.num_rows(), 3);
    assert_eq!(findings(&raw), Vec::<String>::new());
}

#[test]
fn lines_that_could_be_rows_of_two_columns_are_a_finding() {
    let raw = read("a.csv", b"id,opm\n1,goed\n2,\"prima\n3,5 sterren\"\n", &plain_csv()).unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id t:goed", "2 3 n:id t:prima\n3,5 sterren"]);
    assert_eq!(findings(&raw), ["rows_in_quotes - 2 3 x1"]);
}

#[test]
fn lines_that_are_quoted_as_a_whole_are_refused_as_that() {
    let whole = "\"respnr;leeftijd;opmerking\"\n\"1;44;\"\"goed, hoor\"\"\"\n\"2;55;slecht\"\n";
    let other_sign = whole.replace(';', "|");
    let header_bare = "respnr;leeftijd;opmerking\n\"1;44;\"\"goed, hoor\"\"\"\n\"2;55;slecht\"\n";
    for (text, line) in [(whole, 1), (&other_sign, 1), (header_bare, 2)] {
        let error = refused(text);
        let expected = format!("line {line}: each line is quoted as a whole");
        assert!(error.contains(&expected), "{error}");
    }
    let mut fixed = profile("excel_nl_csv");
    fixed.header.first_row = Some(1);
    let error = read("a.csv", whole.as_bytes(), &fixed).unwrap_err().with_hints();
    assert!(error.contains("as a whole"), "{error}");
    let (_folder, delivery) = delivery("a.csv", whole.as_bytes());
    let looked = ingest::look(&delivery, &ingest::Known::default(), None).unwrap_err().with_hints();
    assert!(looked.contains("as a whole"), "{looked}");
}

#[test]
fn a_file_of_one_quoted_column_is_no_such_file() {
    let raw = read("a.csv", b"\"id\"\n\"1\"\n\"2\"\n", &plain_csv()).unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id", "2 3 n:id"]);
}
