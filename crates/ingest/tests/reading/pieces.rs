//! What is decided about a text does not depend on the size of the pieces in which it is read.

use config::ExportProfile;
use config::export::Encoding;
use ingest::{Delivery, Error, Limits};
use proptest::prelude::*;
use survey::{Hinted, Raw};

use crate::support::{delivery, key, plain_csv};
use crate::torture;

/// The last is larger than any file here.
const PIECES_BYTES: [usize; 8] = [16, 17, 61, 300, 4096, 1 << 16, (1 << 16) + 1, 2 << 20];

/// Smaller pieces of a large file take long and tell no more.
const MOST_PIECES: usize = 20_000;

fn read(delivery: &Delivery, profile: &ExportProfile, segment_bytes: usize) -> Result<Raw, Error> {
    let limits = Limits { segment_bytes, ..Limits::default() };
    ingest::read_within(delivery, profile, &key(), &limits)
}

/// Line end, separator line, header row and encoding with their reasons, then rows and findings, or the error.
fn check(name: &str, bytes: &[u8], profile: &ExportProfile) {
    let (_folder, delivery) = delivery("a.csv", bytes);
    let whole = read(&delivery, profile, 2 << 20);
    for piece in PIECES_BYTES.into_iter().filter(|piece| bytes.len() / piece <= MOST_PIECES) {
        let what = format!("{name}: pieces of {piece} bytes");
        match (&whole, read(&delivery, profile, piece)) {
            (Ok(whole), Ok(pieces)) => {
                let decided = |raw: &Raw| {
                    let about = &raw.about;
                    let encoding = (about.encoding.clone(), about.encoding_reason.clone());
                    (about.notes.clone(), about.header_row, encoding)
                };
                assert_eq!(decided(&pieces), decided(whole), "{what}");
                assert_eq!(pieces.about, whole.about, "{what}");
                assert_eq!(pieces.table, whole.table, "{what}");
                assert_eq!(pieces.findings, whole.findings, "{what}");
            }
            (Err(whole), Err(pieces)) => {
                assert_eq!(pieces.with_hints(), whole.with_hints(), "{what}");
            }
            (whole, pieces) => {
                panic!("{what}: {:?}, whole {:?}", pieces.err(), whole.as_ref().err())
            }
        }
    }
}

#[test]
fn no_file_of_the_torture_set_is_decided_otherwise_in_other_pieces() {
    // Which limit a record of megabytes meets first is no decision about the text.
    let texts = torture::all()
        .into_iter()
        .filter(|case| case.file == "a.csv" && case.bytes.len() < 1 << 20);
    let mut checked = 0;
    for case in texts {
        check(&case.name, &case.bytes, &case.profile);
        checked += 1;
    }
    assert!(checked >= 200, "{checked} texts");
}

#[derive(Debug, Clone)]
struct Text {
    titles: usize,
    separator_line: bool,
    newline: &'static str,
    quoted_header: bool,
    /// Bytes of plain rows above the first letter beyond ASCII.
    plain_bytes: usize,
    windows_1252: bool,
    last_newline: bool,
}

fn texts() -> impl Strategy<Value = Text> {
    let newlines = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    let plain = prop::sample::select(vec![0, 1, 300, 65_400, 65_536, 70_000]);
    (0_usize..5, any::<[bool; 4]>(), newlines, plain, 0_usize..40).prop_map(
        |(
            titles,
            [separator_line, quoted_header, windows_1252, last_newline],
            newline,
            plain,
            more,
        )| Text {
            titles: titles * titles * 7,
            separator_line,
            newline,
            quoted_header,
            plain_bytes: plain + more,
            windows_1252,
            last_newline,
        },
    )
}

fn written(text: &Text) -> Vec<u8> {
    let mut lines: Vec<String> = Vec::new();
    if text.separator_line {
        lines.push("sep=;".to_owned());
    }
    lines.extend((0..text.titles).map(|title| format!("Titel {title}; regel")));
    let inner = if text.newline == "\r" { "\r" } else { "\n" };
    let second = if text.quoted_header {
        format!("\"tweede{inner}vraag; \"\"ja\"\"\"")
    } else {
        "b".to_owned()
    };
    lines.push(format!("id;{second}"));
    let mut plain = 0;
    while plain < text.plain_bytes {
        let line = format!("{plain};\"een{inner}antwoord\"");
        plain += line.len() + text.newline.len();
        lines.push(line);
    }
    lines.push("1;café".to_owned());
    let mut joined = lines.join(text.newline);
    if text.last_newline {
        joined.push_str(text.newline);
    }
    if text.windows_1252 {
        encoding_rs::WINDOWS_1252.encode(&joined).0.into_owned()
    } else {
        joined.into_bytes()
    }
}

/// What is said of a text that does not fit its encoding, the same in pieces of any size.
fn told(bytes: &[u8], encoding: Encoding) -> String {
    let (_folder, delivery) = delivery("a.csv", bytes);
    let mut profile = plain_csv();
    profile.csv.encoding = encoding;
    let said = [8, 12, 64, 512, 1 << 20].map(|segment_bytes| {
        let limits = Limits { segment_bytes, ..Limits::default() };
        ingest::read_within(&delivery, &profile, &key(), &limits).unwrap_err().with_hints()
    });
    assert!(said.iter().all(|error| *error == said[0]), "{said:#?}");
    said[0].lines().next().unwrap().to_owned()
}

#[test]
fn the_line_of_what_does_not_fit_is_its_own_however_the_text_is_cut_and_whatever_ends_its_lines() {
    let many = |end: &str| (0..150).map(|row| format!("{row},x{end}")).collect::<String>();
    let check = |bytes: Vec<u8>, encoding, line: &str| {
        let said = told(&bytes, encoding);
        assert!(said.contains(line), "{said}");
    };
    check([b"id,a\r", many("\r").as_bytes(), b"1,caf\xe9\r"].concat(), Encoding::Utf8, "line 152");
    check(
        [b"id,a\r\n", many("\r\n").as_bytes(), b"1,caf\xe9\r\n"].concat(),
        Encoding::Utf8,
        "line 152",
    );
    check(b"id,a\n1,\"x\ny\nz\xff\"\n".to_vec(), Encoding::Utf8, "line 4");
    check(
        [b"id,a\n", many("\n").as_bytes(), b"1,\"x\ny\nz\xff\"\n"].concat(),
        Encoding::Utf8,
        "line 154",
    );
    check(b"id,a\r1,x\r2,\xff\x81\r".to_vec(), Encoding::Windows1252, "line 3");
    let utf8 = "id,a\n1,\u{e9}\n2,\u{c1}\n3,xxxxxxxxxxxx\n";
    check(utf8.as_bytes().to_vec(), Encoding::Windows1252, "line 2: found UTF-8");
    check(utf8.as_bytes().to_vec(), Encoding::Latin1, "line 2: found UTF-8");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_generated_text_is_decided_otherwise_in_other_pieces(text in texts()) {
        let mut profile = plain_csv();
        profile.csv.delimiter = if text.separator_line { '|' } else { ';' };
        profile.csv.encoding = Encoding::Detect;
        check(&format!("{text:?}"), &written(&text), &profile);
    }
}
