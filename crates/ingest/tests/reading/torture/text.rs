//! Delimited text as it really comes: quotes, line ends, headers, footers, encodings, exports.

use config::ExportProfile;
use config::export::Encoding;

use super::{Case, case, check};
use crate::support::{plain_csv, profile};

#[test]
fn quirks_of_delimited_text_end_as_expected() {
    check("csv.txt", cases());
}

pub fn cases() -> Vec<Case> {
    let plain = plain_csv;
    let with = |change: fn(&mut ExportProfile)| {
        let mut profile = plain_csv();
        change(&mut profile);
        profile
    };
    let nl = || profile("excel_nl_csv");
    vec![
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
            "ResponseId,Q1\nResponse ID,Vraag\n{},{}\nR_1,3\n",
            profile("qualtrics_csv"),
        ),
    ]
}

const QUALTRICS: &str = "StartDate,Status,IPAddress,ResponseId,Q1,Q1_7_TEXT\nx,x,x,x,Vraag,Anders\n{},{},{},{},\"{\"\"ImportId\"\":\"\"QID1\"\"}\",{}\n\
    2025-01-01 10:00:00,IP Address,192.0.2.1,R_1,\"1,3,7\",vrij\n2025-01-01 10:00:00,Survey Preview,192.0.2.1,R_2,1,\n2025-01-01 10:00:00,1,192.0.2.1,R_3,1,\n";
