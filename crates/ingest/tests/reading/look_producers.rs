//! Exports of producers that a first look knows, written by hand after their public documentation.

use std::path::PathBuf;
use std::time::Instant;

use config::{Configuration, ExportProfile};
use ingest::{Known, Look, ReadBy};
use survey::handoff::Treatment;

use crate::support::{all_profiles, delivery, look_at};

fn look(text: &str) -> Look {
    let (_folder, delivery) = delivery("a.csv", text.as_bytes());
    look_at(&delivery)
}

fn dropped(look: &Look) -> Vec<&str> {
    let dropped = look.looks.iter().filter(|one| one.treatment == Treatment::DroppedPersonal);
    dropped.map(|one| one.header.as_str()).collect()
}

#[test]
fn kobo_is_known_by_its_own_columns_and_its_places_are_dropped() {
    let look = look(
        "\"start\";\"apps\";\"apps/portal\";\"apps/video\";\"_home_latitude\";\"_home_longitude\";\"_id\";\"_uuid\";\"_submission_time\";\"_submitted_by\";\"_index\"\n\"2025-01-01T10:00:00\";\"portal\";\"1\";\"0\";\"52.1\";\"4.3\";\"101\";\"u-1\";\"2025-01-01T10:05:00\";\"me\";\"1\"\n\"2025-01-01T10:00:00\";\"portal video\";\"1\";\"1\";\"52.1\";\"4.3\";\"102\";\"u-2\";\"2025-01-01T10:05:00\";\"me\";\"2\"\n",
    );
    assert_eq!((look.about.profile.as_str(), look.about.rows_out), ("kobo_csv", 2));
    assert_eq!(dropped(&look), ["_home_latitude", "_home_longitude", "_submitted_by"]);
}

#[test]
fn odk_is_known_by_its_own_columns() {
    let look = look(
        "SubmissionDate,meta-instanceID,q1,q1/a,q1/b,KEY,SubmitterID,SubmitterName,AttachmentsPresent,AttachmentsExpected,Status,ReviewState,DeviceID,Edits,FormVersion\n2025-01-01T10:00:00.000Z,one,a b,1,1,one,5,Alice,0,0,,,,0,2\n2025-01-01T10:00:00.000Z,two,b,0,1,two,5,Alice,0,0,,,,0,2\n",
    );
    assert_eq!((look.about.profile.as_str(), look.about.rows_out), ("odk_csv", 2));
    assert_eq!(dropped(&look), ["SubmitterID", "SubmitterName", "DeviceID"]);
}

#[test]
fn redcap_is_known_by_its_checkboxes_and_forms() {
    let look = look(
        "record_id,redcap_repeat_instrument,redcap_repeat_instance,first_name,apps___1,apps___2,survey_complete\n1,,,Jan,1,0,2\n2,,,An,0,1,2\n",
    );
    assert_eq!((look.about.profile.as_str(), look.about.rows_out), ("redcap_csv", 2));
    assert_eq!(dropped(&look), ["first_name"]);
}

#[test]
fn google_forms_has_no_ids_and_is_read_by_record_number() {
    let look = look(
        "\"Timestamp\",\"Username\",\"Do you use the portal?\"\n\"2024/05/01 7:07:45 PM GMT+1\",\"a@example.org\",\"Yes\"\n\"2024/05/01 8:07:45 PM GMT+1\",\"b@example.org\",\"No\"\n",
    );
    assert_eq!((look.about.profile.as_str(), look.about.rows_out), ("google_forms_csv", 2));
    assert_eq!(look.looks.last().unwrap().treatment, Treatment::Pseudonymised);
    assert_eq!(dropped(&look), ["Username"]);
}

#[test]
fn a_file_without_ids_is_not_taken_for_google_forms_and_its_proposal_reads_it() {
    let text = "Age group,Portal\n18-34,Yes\n35-54,No\n18-34,Yes\n35-54,Yes\n";
    let look = look(text);
    assert_eq!(look.read_by, ReadBy::Nothing);
    let profile = ExportProfile::parse("proposed", &look.profile_proposal).unwrap();
    assert!(profile.record_number_as_id, "{}", look.profile_proposal);
    assert!(look.items_proposal.contains("respondent,<record_number>,"), "{}", look.items_proposal);
    let raw = crate::support::read("a.csv", text.as_bytes(), &profile).unwrap();
    assert_eq!(raw.about.rows_out, 4);
}

#[test]
fn seven_hundred_long_questions_are_compared_with_the_codebook_within_seconds() {
    let mut text = String::from("respnr");
    for number in 0..700 {
        text.push_str(&format!(
            ",\"Vraag {number}: hoe vaak gebruikte u in de afgelopen twaalf maanden deze digitale toepassing, en waarvoor (optie {number})?\""
        ));
    }
    for row in 0..3 {
        text.push_str(&format!("\n{row}{}", ",1".repeat(700)));
    }
    let config = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../config");
    let configuration = Configuration::load(&config).unwrap();
    let profiles = all_profiles();
    let profiles: Vec<&ExportProfile> = profiles.iter().collect();
    let known =
        Known { profiles: &profiles, codebook: Some(&configuration.codebook), read_twice: false };
    let (_folder, delivery) = delivery("a.csv", text.as_bytes());
    let start = Instant::now();
    let look = ingest::look(&delivery, &known, None).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!((look.looks.len(), look.about.rows_out, look.delimiter), (701, 3, Some(',')));
    // Measured with optimisation: below 1 s; without it and on a busy machine a few.
    assert!(seconds < 20.0, "{seconds:.1} s");
}
