//! Files at which a first look once went wrong; each kind was seen in a public file or report.

use config::ExportProfile;
use ingest::{Known, Look, ReadBy};
use survey::handoff::Treatment;

use crate::support::{all_profiles, delivery, look_at};

fn look(text: &str) -> Look {
    let (_folder, delivery) = delivery("a.csv", text.as_bytes());
    look_at(&delivery)
}

fn said(look: &Look) -> String {
    ingest::look_text(look) + &serde_json::to_string(look).unwrap()
}

#[test]
fn answers_of_a_file_without_header_are_shown_by_no_part_of_the_look() {
    for text in [
        "\"2024/05/01 7:07:45 PM GMT+1\",\"Jan de Vries\",\"Almere\",\"Ja\"\n\"2024/05/01 8:07:45 PM GMT+1\",\"Piet Puk\",\"Sneek\",\"Nee\"\n\"2024/05/02 8:07:45 PM GMT+1\",\"An Ander\",\"Delft\",\"Nee\"\n",
        "Jan de Vries,Almere,Ja\nPiet Puk,Sneek,Nee\nAn Ander,Delft,Nee\n",
        "Almere,ID,slecht\nSneek,TX,goed\nDelft,OH,goed\n",
        "Almere,4711\nSneek,4712\n",
    ] {
        let said = said(&look(text));
        for answer in ["Jan de Vries", "Almere", "Piet", "Sneek", "slecht", "4711"] {
            assert!(!said.contains(answer), "{answer} of {text}");
        }
        assert!(said.contains("--show-header"), "{said}");
    }
}

#[test]
fn a_gap_in_the_header_does_not_make_a_respondent_the_header() {
    let look =
        look(",vraag 1,vraag 2,woonplaats\nr1,Ja,,Almere\nr2,Nee,Soms,Sneek\nr3,Ja,Vaak,Delft\n");
    assert_eq!((look.about.header_row, look.about.rows_out), (1, 3));
    let said = said(&look);
    assert!(said.contains("vraag 1"), "{said}");
    for answer in ["Soms", "Sneek", "Delft"] {
        assert!(!said.contains(answer), "{answer}");
    }
}

#[test]
fn an_answer_spelled_as_an_id_column_does_not_make_a_later_row_the_header() {
    let look = look(
        "naam_plaats,staat,vraag 1\nAlmere,OH,goed\nSneek,TX,slecht\nNampa,ID,goed\nDelft,OH,goed\n",
    );
    assert_eq!((look.about.header_row, look.about.rows_out), (1, 4));
    assert!(!said(&look).contains("Nampa"));
}

#[test]
fn a_sign_inside_single_answers_makes_no_list_of_answers() {
    let income = "Id,inkomen\n1,\"25,000 - 49,999\"\n2,\"50,000 - 99,999\"\n3,\"0 - 24,999\"\n4,\"50,000 - 99,999\"\n5,\"25,000 - 49,999\"\n6,\"0 - 24,999\"\n";
    assert_eq!(look(income).looks[1].options, None);
    let look =
        look("code,apps,score\nA1,\"1,2\",5\nA2,\"2,3\",4\nA3,1,3\nA4,\"1,3\",3\nA5,\"1,2,3\",2\n");
    assert!(look.looks[1].options.is_some());
    assert!(!look.about.decimal_comma && !look.profile_proposal.contains("decimal_comma = true"));
}

#[test]
fn ids_and_personal_columns_are_proposed_as_nobodys_answers() {
    let look = look(
        "record_id,first_name,dob,address,telephone_1,q1\n1,Jan,1980-01-02,Dam 1,0201234567,Ja\n2,Piet,1981-01-02,Dam 2,0201234568,Nee\n",
    );
    let kinds: Vec<&str> = look.looks.iter().map(|column| column.looks_like.as_str()).collect();
    assert_eq!(kinds, ["id", "personal", "personal", "personal", "personal", ""]);
    let items: Vec<&str> = look.items_proposal.lines().skip(1).collect();
    assert_eq!(items.len(), 2, "{items:?}");
    assert!(items[0].starts_with("PANEL,WAVE,respondent,record_id,"), "{items:?}");
    assert!(items[1].contains(",q1,"), "{items:?}");
    for word in ["first_name", "dob", "address", "telephone"] {
        assert!(!look.concepts_proposal.contains(word), "{}", look.concepts_proposal);
        assert!(look.profile_proposal.contains(word), "{}", look.profile_proposal);
    }
}

#[test]
fn surveymonkey_is_known_however_its_id_is_spelled() {
    let look = look(
        "RespondentID,CollectorID,StartDate,EndDate,IP Address,Welke apps gebruikt u?,,,Hoe oud bent u?\n,,,,,Portaal,Video,Anders (geef nadere toelichting),Response\n1001,77,05/01/2024 10:00:00,05/01/2024 10:05:00,1.2.3.4,Portaal,,,18-29\n1002,77,05/01/2024 10:00:00,05/01/2024 10:05:00,1.2.3.4,,Video,eigen site,30-44\n",
    );
    assert_eq!((look.about.profile.as_str(), look.about.rows_out), ("surveymonkey_csv", 2));
    let treatments: Vec<Treatment> = look.looks.iter().map(|column| column.treatment).collect();
    assert_eq!(treatments[0], Treatment::Pseudonymised);
    assert_eq!(
        (treatments[4], treatments[7]),
        (Treatment::DroppedPersonal, Treatment::DroppedPersonal)
    );
}

#[test]
fn the_producers_ids_of_questions_are_known_with_either_quotation_mark() {
    let text = "StartDate,ResponseId,Q1\nStart Date,Response ID,Vraag\n{'ImportId': 'startDate'},{'ImportId': '_recordId'},{'ImportId': 'QID1'}\n2025-01-01 10:00:00,R_1,3\n2025-01-01 10:00:00,R_2,4\n";
    let look = look(text);
    assert_eq!((look.about.profile.as_str(), look.about.rows_out), ("qualtrics_csv", 2));
}

#[test]
fn a_profile_that_cannot_read_the_file_gives_way_to_the_next_and_says_why() {
    let mut text = String::from("id,987X12X345,plaats\n");
    for number in 1..=400 {
        text.push_str(&format!("{number},Ja,Utrecht aan den Rijn en omgeving {number}\n"));
    }
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(b"401,Ja,Caf\xe9\n");
    let profiles = all_profiles();
    let profiles: Vec<&ExportProfile> = profiles.iter().collect();
    let (_folder, delivery) = delivery("a.csv", &bytes);
    let known = Known { profiles: &profiles, ..Known::default() };
    let look = ingest::look(&delivery, &known, None).unwrap();
    assert_eq!((look.read_by, look.about.rows_out), (ReadBy::Recognised, 401));
    let spss = look.candidates.iter().find(|one| one.profile == "limesurvey_spss_csv").unwrap();
    assert!(!spss.fits, "{spss:?}");
    assert!(
        spss.reasons_against.iter().any(|reason| reason.contains("cannot read the file")),
        "{spss:?}"
    );
}
