use config::export::Encoding;
use survey::Hinted;

use crate::support::{cell, findings, headers, plain_csv, profile, read, rows};

#[test]
fn every_cell_comes_as_text_with_its_class() {
    let raw = read("a.csv", b"id,a,b\n1,0001,x\n2,,3.5\n3,#N/A,  \n", &plain_csv()).unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id n:0001 t:x", "2 3 n:id -: n:3.5", "3 4 n:id e:#N/A -:  "]);
    assert_eq!(findings(&raw), ["error_cell B4 3 4 x1"]);
    assert_eq!(raw.about.columns[1].classes, [1, 0, 1, 0, 0, 1, 0]);
}

#[test]
fn a_quoted_newline_keeps_record_and_line_right() {
    let raw = read("a.csv", b"id,a\r\n1,\"x\r\ny\"\r\n\r\n2,z\r\n", &plain_csv()).unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id t:x\r\ny", "2 5 n:id t:z"]);
    assert_eq!(raw.about.blank_rows, 1);
}

#[test]
fn limesurvey_with_mark_quotes_duplicate_headers_and_blank_last_line() {
    let text = "\u{feff}\"id\";\"submitdate\";\"G02Q02[SQ001]\";\"x\";\"x\";\"G01[other]\"\r\n\
                \"17\";\"2025-03-01 14:05:00\";\"Y\";\"\";\"N/A\";\"my name is\"\r\n\"18\";\"\";\"\";\"a \"\"b\"\"\";\"NULL\";\"\"\r\n\r\n";
    let raw = read("a.csv", text.as_bytes(), &profile("limesurvey_csv")).unwrap();
    assert_eq!(headers(&raw), ["id", "submitdate", "G02Q02[SQ001]", "x", "x", "G01[other]"]);
    assert_eq!(
        rows(&raw),
        ["1 2 n:id d:2025-03-01 14:05:00 t:Y -: t:N/A", "2 3 n:id -: -: t:a \"b\" t:NULL"]
    );
    assert_eq!(raw.about.columns[4].occurrence, 2);
    assert_eq!(raw.about.encoding_reason.as_deref(), Some("byte-order mark"));
    assert_eq!(
        findings(&raw),
        ["blank_rows - - - x1", "duplicate_header E1 - - x1", "personal_column F1 - - x1"]
    );
}

#[test]
fn qualtrics_has_three_header_rows_and_previews_are_cut_by_name() {
    let text = "StartDate,Status,IPAddress,ResponseId,Q1_1\n\
                Start Date,Response Type,IP Address,Response ID,\"Which\none?\"\n\
                \"{\"\"ImportId\"\":\"\"startDate\"\"}\",x,x,x,\"{\"\"ImportId\"\":\"\"QID1\"\"}\"\n\
                2025-01-01 10:00:00,Survey Preview,1.2.3.4,R_0,1\n2025-01-02 10:00:00,IP Address,1.2.3.4,R_1,2\n";
    let raw = read("a.csv", text.as_bytes(), &profile("qualtrics_csv")).unwrap();
    assert_eq!(headers(&raw), ["StartDate", "Status", "IPAddress", "ResponseId", "Q1_1"]);
    assert_eq!(rows(&raw), ["2 6 d:2025-01-02 10:00:00 t:IP Address t:id n:2"]);
    assert_eq!(
        raw.about.rows_cut.iter().map(|(rule, rows)| format!("{rule} {rows}")).collect::<Vec<_>>(),
        ["preview 1"]
    );
    assert_eq!((raw.about.rows_in, raw.about.rows_out), (2, 1));
    assert_eq!(raw.about.columns[4].header_rows[1], "Which\none?");
}

#[test]
fn qualtrics_of_older_releases_numbers_its_columns_and_its_previews_are_cut_too() {
    let text = "V1,V2,V6,V7,Q1\nResponseID,ResponseSet,IPAddress,Status,Vraag?\n\
        R_1,Default,192.0.2.1,0,Ja\nR_2,Default,192.0.2.1,1,Nee\nR_3,Default,192.0.2.1,17,Nee\nR_4,Default,192.0.2.1,16,Ja\n";
    let raw = read("a.csv", text.as_bytes(), &profile("qualtrics_legacy_csv")).unwrap();
    assert_eq!((raw.about.rows_in, raw.about.rows_out), (4, 2));
    assert_eq!(raw.about.rows_cut["preview"], 2);
    assert_eq!(raw.about.notes, Vec::<String>::new());
    // A column of that name goes before a question that has it as its text.
    let named = "ResponseID,Q1,Status\nResponseID,Status,Status\nR_1,1,0\nR_2,0,1\n";
    let raw = read("a.csv", named.as_bytes(), &profile("qualtrics_legacy_csv")).unwrap();
    assert_eq!(rows(&raw), ["1 3 t:id n:1 n:0"]);
}

#[test]
fn surveymonkey_joins_question_and_option() {
    let text = "Respondent ID,IP Address,Which do you use?,,How old?,\n,,Portal,Video,Response,Other (please specify)\n11,1.2.3.4,Portal,,44,my secret\n";
    let raw = read("a.csv", text.as_bytes(), &profile("surveymonkey_csv")).unwrap();
    assert_eq!(
        headers(&raw),
        [
            "Respondent ID",
            "IP Address",
            "Which do you use? - Portal",
            "Which do you use? - Video",
            "How old?",
            "How old? - Other (please specify)"
        ]
    );
    assert_eq!(rows(&raw), ["1 3 n:id t:Portal -: n:44"]);
}

#[test]
fn castor_and_spss_and_dutch_excel_read_by_their_profiles() {
    let raw = read(
        "a.csv",
        b"Participant Id;app#Portal;date\r\n110001;1;01-02-2025\r\n",
        &profile("castor_csv"),
    )
    .unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id n:1 d:01-02-2025"]);
    let raw =
        read("a.csv", b"respnr;gewicht;opm\r\n1;0,75;caf\xe9\r\n", &profile("spss_csv")).unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id n:0,75 t:café"]);
    assert!(raw.about.decimal_comma);
    let raw = read(
        "a.csv",
        b"sep=;\r\nrespnr;omzet\r\n1;1.234,5\r\n\r\nTotaal;1.234,5\r\n",
        &profile("excel_nl_csv"),
    )
    .unwrap();
    assert_eq!(rows(&raw), ["1 3 n:id n:1.234,5"]);
    assert_eq!(raw.about.header_row, 2);
    assert_eq!(raw.about.rows_cut["footer:Totaal"], 1);
}

#[test]
fn the_separator_line_overrides_the_profile() {
    let raw = read("a.csv", b"sep=|\nid|a\n1|x,y\n", &plain_csv()).unwrap();
    assert_eq!(rows(&raw), ["1 3 n:id t:x,y"]);
    assert_eq!(raw.about.notes, ["the line `sep=|` overrides the profile's delimiter"]);
}

#[test]
fn ragged_rows_are_found_and_nothing_of_them_is_lost() {
    let raw = read("a.csv", b"id,a,b\n1,x\n2,x,y,z\n3,x,y,\n", &plain_csv()).unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id t:x -: -:", "2 3 n:id t:x t:y t:z", "3 4 n:id t:x t:y -:"]);
    assert_eq!(
        findings(&raw),
        ["ragged_row - 1 2 x1", "ragged_row - 2 3 x1", "nameless_column D1 - - x1"]
    );
}

#[test]
fn a_stray_quotation_mark_is_a_finding_and_does_not_swallow_rows() {
    let raw = read("a.csv", b"id,a\n1,5\" wide\n2,y\n", &plain_csv()).unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id t:5\" wide", "2 3 n:id t:y"]);
    assert_eq!(findings(&raw), ["stray_quote - 1 2 x1"]);
}

#[test]
fn rows_at_the_end_without_id_below_a_blank_row_are_cut_and_others_are_not() {
    let profile = profile("excel_en_csv");
    let raw = read("a.csv", b"respnr,a\n1,x\n,y\n2,z\n\n,note\n,more\n", &profile).unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id t:x", "2 3 -: t:y", "3 4 n:id t:z"]);
    assert_eq!(raw.about.rows_cut["footer:no_id_after_blank_row"], 2);
    assert_eq!(raw.about.columns[1].classes[1], 3);
    let raw = read("a.csv", b"respnr,a\n1,x\n\n,y\n2,z\n,last\n", &profile).unwrap();
    assert_eq!(raw.about.rows_out, 4);
}

#[test]
fn encodings_are_decided_and_the_decision_is_recorded() {
    let check = |bytes: &[u8], encoding: &str| {
        let raw = read("a.csv", bytes, &plain_csv()).unwrap();
        assert_eq!(rows(&raw), ["1 2 n:id t:één"]);
        assert_eq!(raw.about.encoding.as_deref(), Some(encoding));
        assert!(raw.about.encoding_reason.is_some());
    };
    let text = "id,a\n1,één\n";
    let utf16 =
        |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    check(text.as_bytes(), "UTF-8");
    check(&[b"\xef\xbb\xbf", text.as_bytes()].concat(), "UTF-8");
    check(b"id,a\n1,\xe9\xe9n\n", "Windows-1252");
    check(&[b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat(), "UTF-16LE");
    check(&[b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(), "UTF-16BE");
    check(&utf16(u16::to_le_bytes), "UTF-16LE");
    let mut latin = plain_csv();
    latin.csv.encoding = Encoding::Latin1;
    assert_eq!(rows(&read("a.csv", b"id,a\n1,\xe9\xe9n\n", &latin).unwrap()), ["1 2 n:id t:één"]);
}

#[test]
fn single_bytes_that_happen_to_be_utf8_are_decided_by_the_profile_and_the_decision_is_said() {
    // `Ã©` in Windows-1252 is `é` in UTF-8: the same two bytes.
    let bytes = b"id,a\n1,\xc3\xa9\n";
    let raw = read("a.csv", bytes, &plain_csv()).unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id t:é"]);
    assert_eq!(raw.about.encoding.as_deref(), Some("UTF-8"));
    assert_eq!(raw.about.encoding_reason.as_deref(), Some("the whole file is valid UTF-8"));
    let mut declared = plain_csv();
    declared.csv.encoding = Encoding::Windows1252;
    let error = read("a.csv", bytes, &declared).unwrap_err().with_hints();
    assert!(error.contains("line 2: found UTF-8, expected Windows-1252"), "{error}");
}

#[test]
fn a_zipped_delivery_whose_bytes_were_changed_is_an_error() {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default();
    let stored = stored.compression_method(zip::CompressionMethod::Stored);
    zip.start_file("a.csv", stored).unwrap();
    zip.write_all(b"id,a\n1,good\n").unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    let at = bytes.windows(4).position(|window| window == b"good").unwrap();
    bytes[at] = b'f';
    let error = read("a.zip", &bytes, &plain_csv()).unwrap_err().with_hints();
    assert!(error.contains("checksum"), "{error}");
}

#[test]
fn lines_may_end_with_a_carriage_return_alone() {
    let raw = read("a.csv", b"id,a\r1,x\r2,\"y\rz\"\r", &plain_csv()).unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id t:x", "2 3 n:id t:y\rz"]);
}

#[test]
fn a_gzipped_and_a_zipped_delivery_read_as_the_plain_one() {
    use std::io::Write;
    let text = b"id,a\n1,x\n";
    let plain = read("a.csv", text, &plain_csv()).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text).unwrap();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("inner/a.csv", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(text).unwrap();
    for bytes in [gzip.finish().unwrap(), zip.finish().unwrap().into_inner()] {
        let raw = read("a.csv.packed", &bytes, &plain_csv()).unwrap();
        assert_eq!(raw.table, plain.table);
        assert_eq!(raw.about.blake3, blake3::hash(&bytes).to_hex().to_string());
        assert_eq!(raw.about.bytes, bytes.len() as u64);
    }
    assert_eq!(plain.about.blake3, blake3::hash(text).to_hex().to_string());
}

#[test]
fn a_file_cut_into_many_pieces_reads_as_in_one() {
    let mut text = String::from("id,a,b\n");
    for row in 0..3000 {
        let cell = match row % 7 {
            0 => "\"x\ny\"".to_owned(),
            1 => "\"say \"\"yes\"\"\"".to_owned(),
            2 => "5\" wide".to_owned(),
            3 => "\"a,b\"".to_owned(),
            _ => format!("{row}"),
        };
        text.push_str(&format!("{row},{cell},{}\n", "z".repeat(row % 50)));
        if row % 100 == 0 {
            text.push('\n');
        }
    }
    let (_folder, delivery) = crate::support::delivery("a.csv", text.as_bytes());
    let whole = ingest::read(&delivery, &plain_csv(), &crate::support::key()).unwrap();
    for piece in [64, 100, 333, 5000] {
        let limits = ingest::Limits { segment_bytes: piece, ..ingest::Limits::default() };
        let pieces =
            ingest::read_within(&delivery, &plain_csv(), &crate::support::key(), &limits).unwrap();
        assert_eq!(pieces.table, whole.table, "pieces of {piece} bytes");
        assert_eq!(pieces.about, whole.about);
        assert_eq!(pieces.findings, whole.findings);
    }
    assert_eq!(whole.about.rows_out, 3000);
    assert_eq!(cell(&whole, 1, 7).0, "x\ny");
    assert_eq!(cell(&whole, 1, 8).0, "say \"yes\"");
}

#[test]
fn two_exports_pasted_together_give_no_header_row_as_a_respondent() {
    let mut profile = plain_csv();
    profile.header.cut_repeats = true;
    let raw = read("a.csv", b"id,a\n1,x\nid,a\n2,y\n", &profile).unwrap();
    assert_eq!(rows(&raw), ["1 2 n:id t:x", "3 4 n:id t:y"]);
    assert_eq!(raw.about.rows_cut["repeated_header"], 1);
}

#[test]
fn the_same_id_is_the_same_pseudonym_in_every_file_and_another_key_gives_another() {
    let first = read("a.csv", b"id,a\n0017,x\n", &plain_csv()).unwrap();
    let second = read("b.csv", b"a;id\ny; 0017 \n", &{
        let mut profile = plain_csv();
        profile.csv.delimiter = ';';
        profile
    })
    .unwrap();
    assert_eq!(cell(&first, 0, 0).0, cell(&second, 1, 0).0);
    assert_eq!(cell(&first, 0, 0).0.len(), 32);
    let (_folder, delivery) = crate::support::delivery("a.csv", b"id,a\n0017,x\n");
    let other = ingest::Key::new(b"another key for the same tests").unwrap();
    let third = ingest::read(&delivery, &plain_csv(), &other).unwrap();
    assert_ne!(cell(&first, 0, 0).0, cell(&third, 0, 0).0);
}
