//! One small file of each kind that each producer writes, by the profile of config/exports that is meant for it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use config::ExportProfile;
use ingest::{Delivery, Known};

use crate::support::{delivery, profile};
use crate::torture::{Case, check};
use crate::workbook::simple;

fn csv(name: &str, profile_name: &str, bytes: impl AsRef<[u8]>) -> Case {
    Case {
        name: format!("{profile_name}: {name}"),
        file: "a.csv",
        bytes: bytes.as_ref().to_vec(),
        profile: profile(profile_name),
    }
}

fn workbook(name: &str, profile_name: &str, cells: &[&[&str]]) -> Case {
    Case {
        name: format!("{profile_name}: {name}"),
        file: "a.xlsx",
        bytes: simple(cells),
        profile: profile(profile_name),
    }
}

fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut out =
        flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

const IMPORT: &str = "\"{\"\"ImportId\"\":\"\"QID1\"\"}\"";

fn cases() -> Vec<Case> {
    let mark = "\u{feff}";
    let qualtrics = |columns: &str, texts: &str, rows: &str| {
        let width = columns.split(',').count();
        format!(
            "StartDate,Status,IPAddress,Progress,Duration (in seconds),Finished,RecordedDate,ResponseId,UserLanguage,{columns}\nStart,Response Type,IP,Progress,Duration,Finished,Recorded,Response ID,Language,{texts}\n{}\n{rows}",
            [IMPORT].repeat(9 + width).join(",")
        )
    };
    let facts = "2025-03-01 09:00:00,IP Address,192.0.2.1,100,300,True,2025-03-01 09:05:00";
    let preview = "2025-03-01 09:00:00,Survey Preview,,100,30,True,2025-03-01 09:05:00";
    let split = qualtrics(
        "Q1_1,Q1_2,Q1_3_TEXT",
        "Gebruikt u - portaal,Gebruikt u - app,Gebruikt u - anders",
        &format!(
            "{facts},R_1,NL,portaal,,vrije tekst\n{preview},R_2,NL,,app,\n{facts},R_3,NL,portaal,app,\n"
        ),
    );
    let single = qualtrics(
        "Q1",
        "Gebruikt u",
        &format!("{facts},R_1,NL,\"portaal,app\"\n{facts},R_3,NL,app\n"),
    );
    let monkey = "Respondent ID,Collector ID,Date Created,IP Address,Email Address,Wat gebruikt u?,,,Hoe oud bent u?\n,,,,,Portaal,App,Anders (geef nadere toelichting),Open-Ended Response\n118,9,03/01/2025 10:00:00 AM,192.0.2.1,,Portaal,,,44\n119,9,03/02/2025 10:00:00 AM,192.0.2.1,,,App,vrije tekst,51\n";
    let spss = "respnr;v1;v2;gewicht\r\n1;1;9;0,75\r\n2;2;99;1,25\r\n";
    let labels = "respnr;geslacht;oordeel\r\n1;Man;Zeer geïnteresseerd\r\n2;Vrouw;Weet niet\r\n";
    vec![
        csv(
            "answer codes, headings by code",
            "limesurvey_csv",
            format!(
                "{mark}\"id\";\"submitdate\";\"lastpage\";\"startlanguage\";\"seed\";\"ipaddr\";\"G01Q01[SQ001]\";\"G01Q01[SQ002]\";\"G01Q01[other]\";\"G02Q02\";\"G02Q02[comment]\"\r\n\"1\";\"2025-03-01 09:00:00\";\"4\";\"nl\";\"1377\";\"192.0.2.1\";\"Y\";\"\";\"vrij\";\"A1\";\"tekst\"\r\n\"2\";\"\";\"2\";\"nl\";\"1378\";\"\";\"\";\"N/A\";\"\";\"A2\";\"\"\r\n\r\n"
            ),
        ),
        csv(
            "full answers, headings by code and text, one of them twice",
            "limesurvey_labels_csv",
            format!(
                "{mark}\"id. Antwoord ID\";\"submitdate. Datum ingezonden\";\"startlanguage. Starttaal\";\"G01Q01[SQ001]. Gebruikt u? [Portaal]\";\"G02Q02. Hoe vaak?\";\"G02Q02. Hoe vaak?\"\r\n\"1\";\"2025-03-01 09:00:00\";\"nl\";\"Ja\";\"Elke dag\";\"Nooit\"\r\n\"2\";\"2025-03-01 10:00:00\";\"nl\";\"Nee\";\"\";\"Nooit\"\r\n"
            ),
        ),
        csv(
            "full answers, headings by text",
            "limesurvey_text_csv",
            format!(
                "{mark}\"Antwoord ID\";\"Datum ingezonden\";\"Laatste pagina\";\"Starttaal\";\"IP-adres\";\"Gebruikt u? [Portaal]\";\"Gebruikt u? [Anders]\"\r\n\"1\";\"2025-03-01 09:00:00\";\"4\";\"nl\";\"192.0.2.1\";\"Ja\";\"vrij\"\r\n"
            ),
        ),
        csv(
            "Y is 1, N is 2",
            "limesurvey_spss_csv",
            "id,submitdate,lastpage,startlanguage,ipaddr,987X12X345SQ001,987X12X345other\r\n1,01-03-2025 09:00:00,4,nl,192.0.2.1,1,vrij\r\n2,,2,nl,,2,\r\n",
        ),
        csv("several answers in columns of their own, a preview", "qualtrics_csv", &split),
        csv("several answers in one cell", "qualtrics_csv", &single),
        csv("gzipped", "qualtrics_csv", gzip(single.as_bytes())),
        csv("UTF-16", "qualtrics_tsv", utf16(&split.replace(IMPORT, "{}").replace(',', "\t"))),
        csv(
            "two header rows",
            "qualtrics_legacy_csv",
            "V1,ResponseSet,V8,ExternalDataReference,Q1,Q1_TEXT\nResponseID,ResponseSet,StartDate,ExternalDataReference,Gebruikt u,Anders\nR_1,Default Response Set,2015-03-01 09:00:00,4711,1,vrij\nR_2,Default Response Set,2015-03-01 09:00:00,4712,2,\n",
        ),
        workbook(
            "two header rows",
            "qualtrics_xlsx",
            &[
                &["StartDate", "Status", "ResponseId", "RecordedDate", "Q1"],
                &["Start Date", "Response Type", "Response ID", "Recorded Date", "Gebruikt u?"],
                &["2025-03-01", "IP Address", "R_1", "2025-03-01", "ja"],
                &["2025-03-01", "Survey Preview", "R_2", "2025-03-01", "nee"],
            ],
        ),
        csv("expanded, a question above its first option", "surveymonkey_csv", monkey),
        csv(
            "condensed",
            "surveymonkey_csv",
            "Respondent ID,Collector ID,Date Created,Wat gebruikt u?,Hoe oud?\n,,,Response,Open-Ended Response\n118,9,03/01/2025,\"Portaal, App\",44\n119,9,03/01/2025,App,51\n",
        ),
        csv(
            "blank second row",
            "surveymonkey_csv",
            "respondent_id,collector_id,date_created,Hoe oud?\n,,,\n118,9,2025-03-01,44\n119,9,2025-03-01,51\n",
        ),
        workbook(
            "expanded",
            "surveymonkey_xlsx",
            &[
                &[
                    "Respondent ID",
                    "Collector ID",
                    "Date Created",
                    "Email Address",
                    "Wat gebruikt u?",
                    "",
                ],
                &["", "", "", "", "Portaal", "App"],
                &["118", "9", "2025-03-01", "a@example.org", "Portaal", ""],
            ],
        ),
        csv(
            "missing codes, options behind a hash sign",
            "castor_csv",
            "Participant Id;Participant Status;Survey Creation Date;portaal_gebruik;apps#Portaal;apps#App;Email\r\n110001;Complete;01-03-2025;1;1;0;a@example.org\r\n110002;Complete;02-03-2025;-95;-99;0;\r\n",
        ),
        workbook(
            "several answers in one cell, a question twice",
            "microsoft_forms_nl_xlsx",
            &[
                &[
                    "ID",
                    "Begintijd",
                    "Tijd van voltooien",
                    "E-mail",
                    "Naam",
                    "Wat gebruikt u?",
                    "Hoe vaak?",
                    "Hoe vaak?2",
                ],
                &[
                    "1",
                    "01-03-2025 09:00:00",
                    "01-03-2025 09:05:00",
                    "anonymous",
                    "Jan",
                    "Portaal;App;",
                    "3,5",
                    "vaak",
                ],
            ],
        ),
        workbook(
            "English",
            "microsoft_forms_en_xlsx",
            &[
                &["ID", "Start time", "Completion time", "Email", "Name", "What do you use?"],
                &["1", "3/1/2025 9:00:00", "3/1/2025 9:05:00", "anonymous", "Jan", "Portal;App;"],
            ],
        ),
        csv("codes", "spss_csv", spss),
        csv("labels in Windows-1252", "spss_csv", encoding_rs::WINDOWS_1252.encode(labels).0),
        csv("codes, English", "spss_en_csv", "respnr,v1,v2,weight\r\n1,1,9,.75\r\n2,2,99,1.25\r\n"),
        workbook("codes", "spss_xlsx", &[&["respnr", "v1", "v2"], &["1", "1", "99"]]),
        workbook("labels", "spss_xlsx", &[&["respnr", "v1", "v2"], &["1", "Ja", "Weet niet"]]),
        csv(
            "Dutch, with its separator line",
            "excel_nl_csv",
            "sep=;\r\nrespnr;bedrag;datum\r\n1;1.234,50;31-12-2025\r\n",
        ),
        csv("English", "excel_en_csv", "respnr,amount,note\r\n1,1234.50,\"a, b\"\r\n"),
        csv("Dutch, tabs", "excel_nl_tsv", "respnr\tbedrag\r\n1\t1.234,50\r\n"),
        csv("English, tabs, UTF-16", "excel_en_tsv", utf16("respnr\tamount\r\n1\t1234.50\r\n")),
        workbook(
            "Dutch",
            "excel_xlsx",
            &[&["respnr", "bedrag"], &["1", "3,5"], &["respnr", "bedrag"], &["2", "4"]],
        ),
        workbook(
            "English",
            "excel_en_xlsx",
            &[&["respnr", "amount", "date"], &["1", "3.5", "12/31/2025"]],
        ),
        workbook(
            "texts above codes",
            "excel_two_headers_xlsx",
            &[&["Nummer", "Hoe oud bent u?"], &["respnr", "v1"], &["1", "44"]],
        ),
        csv(
            "no ids, several answers in one cell",
            "google_forms_csv",
            "\"Timestamp\",\"Username\",\"Wat gebruikt u?\"\n\"2025/03/01 7:07:45 PM GMT+1\",\"a@example.org\",\"Portaal;App\"\n\"2025/03/01 8:07:45 PM GMT+1\",\"\",\"App\"\n",
        ),
        csv(
            "a column an option, a place",
            "kobo_csv",
            "\"start\";\"apps\";\"apps/portal\";\"apps/video\";\"_home_latitude\";\"_id\";\"_uuid\";\"_submission_time\";\"_index\"\n\"2025-03-01T10:00:00\";\"portal\";\"1\";\"0\";\"52.1\";\"101\";\"u-1\";\"2025-03-01T10:05:00\";\"1\"\n",
        ),
        workbook(
            "a column an option",
            "kobo_xlsx",
            &[
                &["start", "apps/portal", "_id", "_uuid", "_submission_time", "_index"],
                &["2025-03-01T10:00:00", "1", "101", "u-1", "2025-03-01T10:05:00", "1"],
            ],
        ),
        csv(
            "options beside their question, who sent it",
            "odk_csv",
            "SubmissionDate,meta-instanceID,q1,q1/a,q1/b,KEY,SubmitterID,SubmitterName,AttachmentsExpected,ReviewState,FormVersion\n2025-03-01T10:00:00.000Z,one,a b,1,1,one,5,Alice,0,,2\n",
        ),
        csv(
            "a column an option, a repeated instrument",
            "redcap_csv",
            "record_id,redcap_repeat_instrument,redcap_repeat_instance,first_name,apps___1,apps___2,survey_complete\n1,,,Jan,1,0,2\n1,visit,1,,,,\n",
        ),
    ]
}

#[test]
fn every_kind_of_export_ends_as_expected() {
    check("exports.txt", cases());
}

fn all_profiles() -> Vec<ExportProfile> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../config/exports");
    let names: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.iter().map(|name| profile(name)).collect()
}

#[test]
fn every_profile_drops_free_text_by_its_header() {
    for profile in all_profiles() {
        let personal = &profile.personal;
        assert!(
            !personal.prefixes.is_empty() || !personal.suffixes.is_empty(),
            "{}",
            profile.profile
        );
    }
}

#[test]
fn every_profile_has_a_file_and_is_among_the_likeliest_for_it() {
    let profiles = all_profiles();
    let known: Vec<&ExportProfile> = profiles.iter().collect();
    let mut unused: BTreeSet<&str> =
        profiles.iter().map(|profile| profile.profile.as_str()).collect();
    for case in cases() {
        let (_folder, delivery): (_, Delivery) = delivery(case.file, &case.bytes);
        let look = ingest::look(
            &delivery,
            &Known { profiles: &known, codebook: None, ..Known::default() },
            None,
        )
        .unwrap();
        let best = look.candidates[0].score;
        let likeliest: Vec<&str> = look
            .candidates
            .iter()
            .filter(|candidate| candidate.fits && candidate.score == best)
            .map(|candidate| candidate.profile.as_str())
            .collect();
        assert!(likeliest.contains(&case.profile.profile.as_str()), "{}: {likeliest:?}", case.name);
        unused.remove(case.profile.profile.as_str());
    }
    assert!(unused.is_empty(), "{unused:?}");
}
