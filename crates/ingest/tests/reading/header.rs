//! Header rows are recognised by what they say, none is counted off.

use config::ExportProfile;
use ingest::{Delivery, KnownHeaders};
use survey::{Hinted, Raw};

use crate::support::{delivery, key, plain_csv, profile};

fn read(text: &str, profile: &ExportProfile, headers: &[&str]) -> Result<Raw, String> {
    let (_folder, delivery) = delivery("a.csv", text.as_bytes());
    let delivery = Delivery { headers: KnownHeaders::of(headers.iter().copied()), ..delivery };
    ingest::read(&delivery, profile, &key()).map_err(|error| error.with_hints())
}

fn refused(text: &str, profile: &ExportProfile, headers: &[&str], expected: &str) {
    let error = read(text, profile, headers).unwrap_err();
    assert!(error.contains(expected), "{error}");
    for word in ["Jansen", "geheim", "bakker", "Almere"] {
        assert!(!error.contains(word), "{word} in {error}");
    }
}

const ITEMS: [&str; 4] = ["respnr", "V1", "V2", "V3"];

#[test]
fn a_row_with_an_id_column_and_the_headers_of_the_codebook_is_the_header() {
    let nl = profile("excel_nl_csv");
    for text in [
        "respnr;V1;V2;V3\n1;a;b;c\n",
        "Levering mei;;;\nrespnr;v1;V2 ;x\n1;a;b;c\n",
        "RESPNR;V3;V2;1;2;3\n1;a;b;c;d;e\n",
    ] {
        assert_eq!(read(text, &nl, &ITEMS).unwrap().about.rows_out, 1, "{text}");
    }
}

#[test]
fn an_answer_that_is_spelled_like_an_id_column_makes_no_header() {
    let en = profile("excel_en_csv");
    let text = "naam,staat,oordeel\nJansen,OH,goed\nBakker,ID,geheim\nPiet,TX,goed\n";
    refused(text, &en, &["staat", "oordeel", "naam"], "row 3 is not recognised");
    // Even where it stands beside an answer that is a header too.
    let text = "Jansen,ID,V1,44\nBakker,TX,geheim,51\n";
    refused(text, &en, &ITEMS, "row 1 is not recognised");
}

#[test]
fn a_header_below_respondents_is_refused() {
    let text = "1;Jansen;1;2\n2;geheim;3;4\nrespnr;V1;V2;V3\n3;a;b;c\n";
    refused(text, &profile("excel_nl_csv"), &ITEMS, "below a row that is as full");
}

#[test]
fn a_header_row_too_few_or_too_many_is_told_by_its_number() {
    let qualtrics = profile("qualtrics_csv");
    let monkey = profile("surveymonkey_csv");
    let items = ["ResponseId", "Q1", "Q2", "Hoe oud? - Jonger", "Hoe oud?", "Wat?"];
    let names = "ResponseId,Q1,Q2\n";
    let texts = "Response ID,Vraag 1,Vraag 2\n";
    let imports = "\"{\"\"ImportId\"\":\"\"a\"\"}\",{'ImportId': 'QID1'},x\n";
    let data = "R_geheim1,Jansen,Ja\nR_geheim2,bakker,Nee\n";
    let check = |rows: &[&str], expected| refused(&rows.concat(), &qualtrics, &items, expected);
    check(&[names, data], "found 1 header row of the 3 that the profile `qualtrics_csv` has");
    check(&[names, texts, data], "found 2 header rows of the 3");
    check(&[names, imports, data], "row 3 is not recognised");
    check(&[names, texts, imports, imports, data], "one header row more than");
    check(&[texts, imports, data], "row 1");
    check(&[data], "no header row");
    assert!(read(&[names, texts, imports, data].concat(), &qualtrics, &items).is_ok());
    let rows = "Respondent ID,Hoe oud?,Wat?\n1001,Jansen,Almere\n1002,bakker,Almere\n";
    refused(rows, &monkey, &items, "found 1 header row of the 2");
    let rows =
        "Respondent ID,Hoe oud?,Wat?\n,Response,Response\nRespondent ID,x,y\n1002,bakker,Almere\n";
    refused(rows, &monkey, &items, "one header row more than");
}

#[test]
fn a_row_of_text_answers_and_an_id_without_digits_is_no_header_row() {
    let two = profile("excel_two_headers_xlsx");
    let two = ExportProfile { container: profile("excel_nl_csv").container, ..two };
    let mut two = two;
    two.csv.delimiter = ';';
    let items = ["respnr", "V1", "V2"];
    let data = "abc;Jansen;woont boven de bakker\nabd;Piet;Almere\n";
    refused(&format!("{data}respnr;V1;V2\nabe;x;y\n"), &two, &items, "not recognised");
    refused(&format!("respnr;V1;V2\n{data}"), &two, &items, "not recognised");
    let good = format!("Nummer;Wie bent u?;Waar woont u?\nrespnr;V1;V2\n{data}");
    assert_eq!(read(&good, &two, &items).unwrap().about.rows_out, 2);
    let merged = format!(";Wie bent u?;\nrespnr;V1;V2\n{data}");
    assert_eq!(read(&merged, &two, &items).unwrap().about.rows_out, 2);
}

#[test]
fn a_row_that_the_profile_names_by_number_is_recognised_too() {
    let mut stated = plain_csv();
    stated.header.first_row = Some(2);
    assert!(read("x\nid,V1,V2\n1,a,b\n", &stated, &ITEMS).is_ok());
    refused("x\n1,Jansen,geheim\n2,a,b\n", &stated, &ITEMS, "row 2 is not recognised");
}

#[test]
fn a_file_of_another_panel_is_told_by_the_headers_that_it_lacks() {
    let text = "respnr;x;y;z\n1;Jansen;geheim;3\n";
    let expected = "too few of the 4 headers that the codebook expects";
    refused(text, &profile("excel_nl_csv"), &ITEMS, expected);
}

#[test]
fn id_columns_are_known_but_for_case_and_spaces() {
    let text =
        "RespondentID,CollectorID,IP Address,Wat?,\n,,,Portaal,Response\n1001,7,1.2.3.4,Ja,x\n";
    let raw = read(text, &profile("surveymonkey_csv"), &[]).unwrap();
    let treatments: Vec<_> = raw.about.columns.iter().map(|column| column.treatment).collect();
    assert_eq!(treatments[0], survey::handoff::Treatment::Pseudonymised);
    assert_eq!(treatments[2], survey::handoff::Treatment::DroppedPersonal);
}

#[test]
fn control_characters_of_headers_and_sheets_are_written_out() {
    let text = "respnr;V1;V2;\u{1b}[31mrood\u{7}\n1;a;b;c\n";
    let raw = read(text, &profile("excel_nl_csv"), &ITEMS).unwrap();
    assert_eq!(raw.about.columns[3].header, "\\u001b[31mrood\\u0007");
    let delivery = Delivery::new("test", "x\u{1b}[31m\n.csv");
    let error = ingest::read(&delivery, &plain_csv(), &key()).unwrap_err().with_hints();
    assert!(error.contains("x\\u001b[31m\\n.csv"), "{error}");
}
