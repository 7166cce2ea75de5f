//! Files as they really come, and hostile ones; what becomes of each stands in tests/torture/*.txt
//! (`UPDATE_EXPECTED=1 cargo test` writes it anew, to be read before it is kept).

use std::fmt::Write;
use std::path::PathBuf;

use ingest::Error;
use survey::Raw;
use survey::config::ExportProfile;
use survey::config::export::{Encoding, SheetChoice};

use crate::support::{findings, headers, plain_csv, profile, read, rows};
use crate::workbook::of_xml;

pub struct Case {
    pub name: String,
    pub file: &'static str,
    pub bytes: Vec<u8>,
    pub profile: ExportProfile,
}

fn case(name: impl Into<String>, bytes: impl AsRef<[u8]>, profile: ExportProfile) -> Case {
    Case { name: name.into(), file: "a.csv", bytes: bytes.as_ref().to_vec(), profile }
}

fn outcome(result: &Result<Raw, Error>) -> String {
    let raw = match result {
        Err(error) => return format!("error: {error}\n").replace("tests/torture/", ""),
        Ok(raw) => raw,
    };
    let about = &raw.about;
    let mut text = String::new();
    let _ = writeln!(text, "headers: {}", headers(raw).join(" | "));
    if let Some(encoding) = &about.encoding {
        let _ = writeln!(
            text,
            "encoding: {encoding}, {}",
            about.encoding_reason.as_deref().unwrap_or("-")
        );
    }
    let cut: Vec<String> =
        about.rows_cut.iter().map(|(rule, rows)| format!("{rule} {rows}")).collect();
    let _ = writeln!(
        text,
        "rows: {} in, {} out, {} blank, cut: [{}]",
        about.rows_in,
        about.rows_out,
        about.blank_rows,
        cut.join(", ")
    );
    let total: u64 = about.columns.iter().flat_map(|column| column.classes).sum();
    assert_eq!(
        total,
        about.rows_out * about.columns.len() as u64,
        "every cell of every kept row has one class"
    );
    for row in rows(raw) {
        let shown: String = row.chars().take(160).collect();
        let _ = writeln!(
            text,
            "  {}",
            shown.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'")
        );
    }
    for finding in findings(raw) {
        let _ = writeln!(text, "finding: {finding}");
    }
    for note in &about.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text
}

pub fn check(file: &str, cases: Vec<Case>) {
    let mut found = String::new();
    for case in cases {
        let result = read(case.file, &case.bytes, &case.profile);
        let _ = write!(found, "## {}\n{}\n", case.name, outcome(&result));
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/torture").join(file);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for (found, expected) in found.split("## ").zip(expected.split("## ")) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

#[test]
fn every_dialect_of_one_table_reads_the_same() {
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

#[test]
fn quirks_of_delimited_text_end_as_expected() {
    let plain = plain_csv;
    let with = |change: fn(&mut ExportProfile)| {
        let mut profile = plain_csv();
        change(&mut profile);
        profile
    };
    let nl = || profile("excel_nl_csv");
    let cases = vec![
        case("empty file", "", plain()),
        case("only a byte-order mark", "\u{feff}", plain()),
        case("only white space", "  \n \n", plain()),
        case("header only", "id,a\n", plain()),
        case("header without newline", "id,a", plain()),
        case("header and blank rows", "id,a\n,\n\n , \n", plain()),
        case("no last newline", "id,a\n1,x", plain()),
        case("last cell empty without newline", "id,a\n1,", plain()),
        case("several blank lines", "id,a\n\n\n1,x\n\n\n\n2,y\n\n", plain()),
        case("blank lines before the header", "\n\nid,a\n1,x\n", plain()),
        case("a title before the header", "Levering 2025\n\nid,a\n1,x\n", plain()),
        case(
            "header beyond the rows that are searched",
            format!("{}id,a\n1,x\n", "tekst\n".repeat(200)),
            plain(),
        ),
        case(
            "header in a fixed row",
            "x,y\nnr,a\n1,x\n",
            with(|profile| profile.header.first_row = Some(2)),
        ),
        case(
            "fixed row below the end",
            "x,y\n",
            with(|profile| profile.header.first_row = Some(9)),
        ),
        case("id column in the middle", "a,id,b\nx,1,y\n", plain()),
        case(
            "two id columns",
            "id,nr,a\n1,2,x\n",
            with(|profile| profile.id.push("nr".to_owned())),
        ),
        case("id with spaces around", " id ,a\n 1 ,x\n", plain()),
        case("id in another case", "ID,a\n1,x\n", plain()),
        case("duplicate headers", "id,a,a,a\n1,x,y,z\n", plain()),
        case("duplicate id headers", "id,id\n1,2\n", plain()),
        case("empty headers", "id,,\n1,x,\n", plain()),
        case("trailing delimiter everywhere", "id,a,\n1,x,\n2,y,\n", plain()),
        case("short row", "id,a,b\n1\n2,x\n", plain()),
        case("long row with nothing in it", "id,a\n1,x,,,\n", plain()),
        case("long row with something in it", "id,a\n1,x,,z\n2,y\n", plain()),
        case("an unquoted newline", "id,a,b\n1,first\nsecond,y\n", plain()),
        case("a quoted newline at the end", "id,a\n1,\"x\n\"\n2,y\n", plain()),
        case("a quoted crlf in an lf file", "id,a\n1,\"x\r\ny\"\n", plain()),
        case("mixed line ends", "id,a\r\n1,x\n2,y\r\n", plain()),
        case("a lone carriage return in a cell", "id,a\n1,x\ry\n", plain()),
        case("a quote in a bare cell", "id,a\n1,5\" buis\n2,y\n", plain()),
        case("an odd quote that looks like an open one", "id,a\n1,x \"y\n2,z\n", plain()),
        case("text after a closing quote", "id,a\n1,\"x\" y\n", plain()),
        case("space before an opening quote", "id,a\n1, \"x,y\"\n", plain()),
        case("a quote that is never closed", "id,a\n1,\"x\n2,y\n", plain()),
        case("a quote that is never closed in the header", "id,\"a\n1,x\n", plain()),
        case("backslash is no escape", "id,a\n1,\"x\\\"\n2,y\n", plain()),
        case("doubled quotes only", "id,a\n1,\"\"\"\"\n2,\"\"\"\"\"\"\n", plain()),
        case("single quotes", "id,a\n1,'x,y'\n", with(|profile| profile.csv.quote = '\'')),
        case("nul bytes", "id,a\n1,x\0y\n", plain()),
        case("a very long cell", format!("id,a\n1,{}\n2,y\n", "z".repeat(70_000)), plain()),
        case("a cell beyond the limit", format!("id,a\n1,{}\n", "z".repeat(9 << 20)), plain()),
        case(
            "a thousand columns",
            format!("id{}\n1{}\n", ",a".repeat(999), ",x".repeat(999)),
            with(|profile| profile.header.rows = 1),
        )
        .shown("headers left out"),
        case("too many columns", format!("id{}\n1\n", ",a".repeat(20_000)), plain()),
        case("separator line", "sep=;\nid;a\n1;x\n", plain()),
        case("separator line in quotes", "\"sep=;\"\nid;a\n1;x\n", plain()),
        case("separator line of a tab", "sep=\t\nid\ta\n1\tx\n", plain()),
        case("a first cell that only looks like a separator line", "sep=ab,id\n1,2\n", plain()),
        case("wrong delimiter", "id;a;b\n1;x;y\n", plain()),
        case("a workbook named csv", crate::workbook::simple(&[&["id"], &["1"]]), plain()),
        case("an html page", "<html><body>Sessie verlopen</body></html>\n", plain()),
        case("json", "{\"id\": 1}\n", plain()),
        case("random bytes", (0..=255_u8).cycle().take(2000).collect::<Vec<_>>(), plain()),
        case(
            "utf-8 with one bad byte late",
            [&b"id,a\n1,\xc3\xa9\n"[..], b"2,\xff\n"].concat(),
            plain(),
        ),
        case(
            "declared utf-8 with a bad byte",
            b"id,a\n1,\xe9\n",
            with(|profile| profile.csv.encoding = Encoding::Utf8),
        ),
        case(
            "declared windows-1252, is utf-8",
            "id,a\n1,é\n",
            with(|profile| profile.csv.encoding = Encoding::Windows1252),
        ),
        case(
            "declared windows-1252, plain ascii",
            "id,a\n1,e\n",
            with(|profile| profile.csv.encoding = Encoding::Windows1252),
        ),
        case(
            "declared latin-1 with curly quotes",
            b"id,a\n1,\x93x\x94\n",
            with(|profile| profile.csv.encoding = Encoding::Latin1),
        ),
        case(
            "declared utf-16, odd number of bytes",
            b"\xff\xfei\0d\0\n\0\x31\0\n",
            with(|profile| profile.csv.encoding = Encoding::Utf16),
        ),
        case(
            "declared utf-16, lone surrogate",
            b"\xff\xfei\0d\0\n\0\x00\xd8x\0\n\0",
            with(|profile| profile.csv.encoding = Encoding::Utf16),
        ),
        case(
            "mark of utf-16 in a utf-8 profile",
            b"\xff\xfei\0d\0\n\0\x31\0\n\0",
            with(|profile| profile.csv.encoding = Encoding::Utf8),
        ),
        case("euro sign of windows-1252", b"id,a\n1,\x80 5\n", plain()),
        case(
            "numbers of all kinds, decimal point",
            "id,a\n1,0001\n2,-3.5\n3,+4\n4,.5\n5,5.\n6,1e5\n7,1E-3\n8,1 000\n9,\u{a0}7\u{a0}\n10,٣\n",
            plain(),
        ),
        case(
            "numbers of all kinds, decimal comma",
            "respnr;a\n1;0,5\n2;1.234\n3;1.234,56\n4;1.23\n5;12.34,5\n6;-0,1\n7;,5\n8;1,234.5\n",
            nl(),
        ),
        case(
            "dates of all kinds, day first",
            "respnr;a\n1;01-02-2025\n2;1/2/2025\n3;31-02-2025\n4;2025-02-01\n5;01-02-25\n6;1-2-2025 9:05\n7;01-01-2995\n8;2025-02-01T10:00:00Z\n9;1.2.2025\n",
            nl(),
        ),
        case(
            "error values of Excel",
            "respnr;a\n1;#N/B\n2;#DEEL/0!\n3;#WAARDE!\n4;#N/A\n5;#naam\n",
            nl(),
        ),
        case("totals and a source line", "respnr;a\n1;3\n2;4\n\nTotaal;7\nBron: bureau\n", nl()),
        case("a total in the middle", "respnr;a\n1;3\nTotaal;3\n2;4\n", nl()),
        case("notes below a blank row", "respnr;a\n1;3\n\n;gewogen\n;zie bijlage\n", nl()),
        case("a row without id in the middle", "respnr;a\n1;3\n\n;4\n2;5\n", nl()),
        case("rows without id and no blank row", "respnr;a\n1;3\n;4\n;5\n", nl()),
        case("an id that begins as a footer", "respnr;a\nTotaalA;3\n", nl()),
        case(
            "missing codes as they come",
            "id,a\n1,99\n2,-99\n3,9999999998\n4,##USER_MISSING_95##\n5,NULL\n6,N/A\n7,01-01-2995\n",
            plain(),
        ),
        case("booleans stay text", "id,a\n1,TRUE\n2,WAAR\n3,false\n", plain()),
        case("formulas stay text", "id,a\n1,=1+1\n2,@SUM(A1)\n3,+cmd\n", plain()),
        case("emoji and combining signs", "id,a\n1,👍🏽\n2,e\u{301}\n", plain()),
        case("a mark inside the file", "id,a\n1,\u{feff}x\n", plain()),
        case("no-break spaces only", "id,a\n1,\u{a0}\u{a0}\n", plain()),
        case(
            "limesurvey",
            "\u{feff}\"id\";\"submitdate\";\"Q1[SQ001]\";\"Q1[other]\";\"Q2\";\"Q2\"\r\n\"1\";\"2025-01-01 10:00:00\";\"Y\";\"tekst\";\"N/A\";\"\"\r\n\r\n",
            profile("limesurvey_csv"),
        ),
        case(
            "limesurvey with labels",
            "id;\"Q1. Gebruikt u 1.5 apps?\";\"Q2. Leeftijd\"\r\n1;Ja;44\r\n",
            profile("limesurvey_labels_csv"),
        ),
        case(
            "limesurvey for SPSS",
            "id,ipaddr,123X4X5,123X4X5other\r\n1,192.0.2.1,1,vrij\r\n",
            profile("limesurvey_spss_csv"),
        ),
        case("qualtrics, three header rows", QUALTRICS, profile("qualtrics_csv")),
        case(
            "qualtrics, two header rows",
            "ResponseID,Q1\nResponseID,Vraag 1\nR_1,3\n",
            profile("qualtrics_legacy_csv"),
        ),
        case("qualtrics read as the older release", QUALTRICS, profile("qualtrics_legacy_csv")),
        case(
            "surveymonkey, expanded",
            "Respondent ID,Wat gebruikt u?,,Hoe oud?\n,Portaal,App,Response\n1,Portaal,,44\n2,,App,51\n",
            profile("surveymonkey_csv"),
        ),
        case(
            "surveymonkey, condensed",
            "Respondent ID,Wat gebruikt u?,Hoe oud?\n,Response,Response\n1,\"Portaal, App\",44\n",
            profile("surveymonkey_csv"),
        ),
        case(
            "surveymonkey, blank second row",
            "Respondent ID,Hoe oud?\n,\n1,44\n",
            profile("surveymonkey_csv"),
        ),
        case(
            "castor",
            "Participant Id;apps#Portaal;apps#App;datum\r\n110001;1;0;01-02-2025\r\n110002;-95;-99;\r\n",
            profile("castor_csv"),
        ),
        case(
            "SPSS in a Dutch setting",
            b"respnr;gewicht;opm\r\n1;0,75;ge\xefnteresseerd\r\n",
            profile("spss_csv"),
        ),
        case(
            "two exports pasted together",
            "id,a\n1,x\nid,a\n2,y\n",
            with(|profile| profile.header.cut_repeats = true),
        ),
        case(
            "a cut rule whose column is not there",
            "ResponseId,Q1\nx,x\nx,x\nR_1,3\n",
            profile("qualtrics_csv"),
        ),
    ];
    check("csv.txt", cases);
}

impl Case {
    /// The name says what the expected text leaves out.
    fn shown(mut self, note: &str) -> Self {
        self.name = format!("{} ({note})", self.name);
        self
    }
}

const QUALTRICS: &str = "StartDate,Status,IPAddress,ResponseId,Q1,Q1_7_TEXT\nx,x,x,x,Vraag,Anders\n{},{},{},{},\"{\"\"ImportId\"\":\"\"QID1\"\"}\",{}\n\
    2025-01-01 10:00:00,IP Address,192.0.2.1,R_1,\"1,3,7\",vrij\n2025-01-01 10:00:00,Survey Preview,192.0.2.1,R_2,1,\n2025-01-01 10:00:00,1,192.0.2.1,R_3,1,\n";

const SHARED: &str = "<sst uniqueCount=\"3\"><si><t>respnr</t></si><si><t>a</t></si><si><r><t>ge</t></r><r><t>deeld</t></r></si></sst>";

/// A sheet with the header `respnr`, `a` and one cell below `a`.
fn sheet_of_cell(cell: &str) -> String {
    format!(
        "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c>{cell}</row></sheetData>"
    )
}

#[test]
fn quirks_of_sheets_end_as_expected() {
    let xlsx = |name: &str, bytes: Vec<u8>| Case {
        name: name.to_owned(),
        file: "a.xlsx",
        bytes,
        profile: profile("excel_xlsx"),
    };
    let mut cases = Vec::new();
    for (name, cell) in CELLS {
        cases.push(xlsx(&format!("cell: {name}"), of_xml(&sheet_of_cell(cell), SHARED, "")));
    }
    for (name, sheet) in SHEETS {
        cases.push(xlsx(&format!("sheet: {name}"), of_xml(sheet, SHARED, "")));
    }
    let data = sheet_of_cell("<c r=\"B2\"><v>1</v></c>");
    for (name, shared) in [
        ("more shared texts stated than can be", "<sst uniqueCount=\"100000000000\"/>"),
        ("a number of shared texts that is none", "<sst uniqueCount=\"veel\"/>"),
        ("shared texts that break off", "<sst uniqueCount=\"2\"><si><t>respnr</t></si><si><t"),
        ("fewer shared texts than cells refer to", "<sst><si><t>respnr</t></si></sst>"),
        ("no shared texts at all", ""),
    ] {
        cases.push(xlsx(name, of_xml(&data, shared, "")));
    }
    cases.push(xlsx(
        "counted from 1904",
        of_xml(
            &sheet_of_cell("<c r=\"B2\" s=\"1\"><v>0</v></c>"),
            SHARED,
            "<workbookPr date1904=\"1\"/>",
        ),
    ));
    let mut named = xlsx("a sheet by a name that is not there", of_xml(&data, SHARED, ""));
    named.profile.workbook.sheet = SheetChoice::Named("Gegevens".to_owned());
    let mut like = xlsx("a sheet by a pattern", of_xml(&data, SHARED, ""));
    like.profile.workbook.sheet = SheetChoice::Like("d*a".to_owned());
    let mut only = xlsx("the only visible sheet", of_xml(&data, SHARED, ""));
    only.profile.workbook.sheet = SheetChoice::OnlyVisible;
    cases.extend([named, like, only]);
    cases.push(xlsx("text named xlsx", b"respnr;a\n1;x\n".to_vec()));
    cases
        .push(xlsx("a zip archive of something else", zip_of(&[("a/b.txt", "x"), ("c.txt", "y")])));
    cases.push(xlsx("an empty zip archive", zip_of(&[])));
    cases.push(xlsx(
        "a zip archive that only looks like a workbook",
        zip_of(&[("[Content_Types].xml", "<Types/>")]),
    ));
    cases.push(xlsx(
        "a compound file of nothing",
        [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 600]].concat(),
    ));
    check("workbook.txt", cases);
}

fn zip_of(parts: &[(&str, &str)]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Style 1 shows a date.
const CELLS: [(&str, &str); 44] = [
    ("whole number", "<c r=\"B2\"><v>7</v></c>"),
    ("number with spaces around", "<c r=\"B2\"><v> 7 </v></c>"),
    ("negative number", "<c r=\"B2\"><v>-7</v></c>"),
    ("leading zeros", "<c r=\"B2\"><v>007</v></c>"),
    ("binary noise", "<c r=\"B2\"><v>0.30000000000000004</v></c>"),
    ("seventeen digits of a typed number", "<c r=\"B2\"><v>2.2999999999999998</v></c>"),
    ("exponent", "<c r=\"B2\"><v>1.5E-3</v></c>"),
    ("beyond a double", "<c r=\"B2\"><v>1E400</v></c>"),
    ("twenty digits", "<c r=\"B2\"><v>12345678901234567890</v></c>"),
    ("sixteen digits as Excel writes them", "<c r=\"B2\"><v>1.2345678901234501E+16</v></c>"),
    ("not a number", "<c r=\"B2\"><v>NaN</v></c>"),
    ("text in a number cell", "<c r=\"B2\"><v>weet niet</v></c>"),
    ("decimal comma in a number cell", "<c r=\"B2\"><v>3,5</v></c>"),
    ("date", "<c r=\"B2\" s=\"1\"><v>45717</v></c>"),
    ("date and time", "<c r=\"B2\" s=\"1\"><v>45717.75</v></c>"),
    ("time alone", "<c r=\"B2\" s=\"1\"><v>0.5</v></c>"),
    ("serial 59", "<c r=\"B2\" s=\"1\"><v>59</v></c>"),
    ("serial 60", "<c r=\"B2\" s=\"1\"><v>60</v></c>"),
    ("serial 61", "<c r=\"B2\" s=\"1\"><v>61</v></c>"),
    ("negative date", "<c r=\"B2\" s=\"1\"><v>-1</v></c>"),
    ("date beyond 9999", "<c r=\"B2\" s=\"1\"><v>3000000</v></c>"),
    ("style that is not there", "<c r=\"B2\" s=\"99\"><v>45717</v></c>"),
    ("iso date", "<c r=\"B2\" t=\"d\"><v>2025-03-01</v></c>"),
    ("iso date that does not exist", "<c r=\"B2\" t=\"d\"><v>2025-02-30</v></c>"),
    ("true", "<c r=\"B2\" t=\"b\"><v>1</v></c>"),
    ("neither true nor false", "<c r=\"B2\" t=\"b\"><v>2</v></c>"),
    ("error", "<c r=\"B2\" t=\"e\"><v>#N/A</v></c>"),
    ("error of newer releases", "<c r=\"B2\" t=\"e\"><v>#SPILL!</v></c>"),
    ("shared text in runs", "<c r=\"B2\" t=\"s\"><v>2</v></c>"),
    ("shared text beyond the list", "<c r=\"B2\" t=\"s\"><v>3</v></c>"),
    ("shared text whose number is none", "<c r=\"B2\" t=\"s\"><v>x</v></c>"),
    ("text in place", "<c r=\"B2\" t=\"inlineStr\"><is><t>hier &amp; nu</t></is></c>"),
    (
        "text in place with phonetics",
        "<c r=\"B2\" t=\"inlineStr\"><is><t>hier</t><rPh><t>weg</t></rPh></is></c>",
    ),
    ("text number", "<c r=\"B2\" t=\"inlineStr\"><is><t>0001</t></is></c>"),
    ("spaces only", "<c r=\"B2\" t=\"inlineStr\"><is><t xml:space=\"preserve\">  </t></is></c>"),
    ("escaped control sign", "<c r=\"B2\" t=\"str\"><v>a_x000D_b</v></c>"),
    ("formula with text", "<c r=\"B2\" t=\"str\"><f>A1</f><v>x</v></c>"),
    ("formula with number", "<c r=\"B2\"><f>1+1</f><v>2</v></c>"),
    ("formula without value", "<c r=\"B2\"><f>1+1</f></c>"),
    ("shared formula without value", "<c r=\"B2\"><f t=\"shared\" si=\"0\"/></c>"),
    ("formula with empty text", "<c r=\"B2\" t=\"str\"><f>\"\"</f><v></v></c>"),
    ("unknown kind", "<c r=\"B2\" t=\"zz\"><v>7</v></c>"),
    ("the same address twice", "<c r=\"B2\"><v>7</v></c><c r=\"B2\"><v>8</v></c>"),
    ("without address", "<c><v>7</v></c>"),
];

const SHEETS: [(&str, &str); 22] = [
    ("no rows", "<sheetData/>"),
    ("rows without cells", "<sheetData><row r=\"1\"/><row r=\"2\"/></sheetData>"),
    ("header only", "<sheetData><row r=\"1\"><c t=\"s\"><v>0</v></c></row></sheetData>"),
    ("no header", "<sheetData><row r=\"1\"><c><v>1</v></c></row></sheetData>"),
    (
        "header with a near name",
        "<sheetData><row r=\"1\"><c t=\"inlineStr\"><is><t>respnummer</t></is></c></row><row r=\"2\"><c><v>1</v></c></row></sheetData>",
    ),
    (
        "rows without numbers",
        "<sheetData><row><c t=\"s\"><v>0</v></c></row><row><c><v>1</v></c></row></sheetData>",
    ),
    (
        "rows in the wrong order",
        "<sheetData><row r=\"2\"><c t=\"s\"><v>0</v></c></row><row r=\"1\"><c><v>1</v></c></row></sheetData>",
    ),
    (
        "a row twice",
        "<sheetData><row r=\"1\"><c t=\"s\"><v>0</v></c></row><row r=\"1\"><c><v>1</v></c></row></sheetData>",
    ),
    (
        "cells in the wrong order",
        "<sheetData><row r=\"1\"><c r=\"B1\" t=\"s\"><v>1</v></c><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"2\"><c r=\"B2\"><v>2</v></c><c r=\"A2\"><v>1</v></c></row></sheetData>",
    ),
    ("row 0", "<sheetData><row r=\"0\"/></sheetData>"),
    ("row beyond the last", "<sheetData><row r=\"1048577\"/></sheetData>"),
    (
        "column beyond the last",
        "<sheetData><row r=\"1\"><c r=\"XFE1\"><v>1</v></c></row></sheetData>",
    ),
    (
        "the last corner",
        "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"1048576\"><c r=\"A1048576\"><v>1</v></c><c r=\"XFD1048576\"><v>2</v></c></row></sheetData>",
    ),
    (
        "an address that is none",
        "<sheetData><row r=\"1\"><c r=\"?\"><v>1</v></c></row></sheetData>",
    ),
    ("breaks off in a row", "<sheetData><row r=\"1\"><c t=\"s\"><v>0</v></c>"),
    ("breaks off between rows", "<sheetData><row r=\"1\"><c t=\"s\"><v>0</v></c></row>"),
    ("breaks off in a tag", "<sheetData><row r=\"1\"><c t=\"s\"><v>0</v></c></row><row r=\"2"),
    ("a cell that does not end", "<sheetData><row r=\"1\"><c t=\"s\"><v>0</v></row></sheetData>"),
    (
        "comments and data sections",
        "<sheetData><!-- <row> --><row r=\"1\"><!-- </row> --><c t=\"inlineStr\"><is><t><![CDATA[respnr]]></t></is></c></row><row r=\"2\"><c t=\"inlineStr\"><is><t><![CDATA[</row>]]></t></is></c></row></sheetData>",
    ),
    (
        "a lying dimension",
        "<dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"1\"><c t=\"s\"><v>0</v></c></row><row r=\"2\"><c><v>1</v></c></row></sheetData>",
    ),
    (
        "prefixed names",
        "<x:sheetData xmlns:x=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><x:row r=\"1\"><x:c t=\"s\"><x:v>0</x:v></x:c></x:row><x:row r=\"2\"><x:c><x:v>1</x:v></x:c></x:row></x:sheetData>",
    ),
    ("no sheet but a chart", "<chart/>"),
];

#[test]
fn files_of_other_writers_end_as_expected() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/torture/files");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names.retain(|name| name != "README.md");
    let cases = names.into_iter().map(|name| {
        let bytes = std::fs::read(folder.join(&name)).unwrap();
        let file = if name.contains(".xls") || name.contains(".ods") { "a.xlsx" } else { "a.csv" };
        let profile = profile(profile_of(&name));
        Case { name, file, bytes, profile }
    });
    check("writers.txt", cases.collect());
}

/// The profile by which a file of another writer is read: its name says the delimiter.
fn profile_of(name: &str) -> &'static str {
    if name.contains(".xls") || name.contains(".ods") {
        "excel_xlsx"
    } else if name.contains("tab") {
        "excel_en_tsv"
    } else if name.contains("semicolon") {
        "excel_nl_csv"
    } else {
        "excel_en_csv"
    }
}

#[test]
fn the_set_is_as_large_as_it_says_and_every_file_tells_who_wrote_it() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/torture");
    let mut cases = 0;
    for expected in ["csv.txt", "dialects.txt", "exports.txt", "workbook.txt", "writers.txt"] {
        let text = std::fs::read_to_string(folder.join(expected)).unwrap();
        cases += text.lines().filter(|line| line.starts_with("## ")).count();
    }
    assert!(cases >= 300, "{cases} cases");
    let readme = std::fs::read_to_string(folder.join("files/README.md")).unwrap();
    for entry in std::fs::read_dir(folder.join("files")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let writer = name.split(['-', '.']).next().unwrap();
        assert!(name == "README.md" || readme.contains(&format!("`{writer}")), "{name}");
    }
}
