//! A delivery without a column of ids, where its profile takes the record's number.

use config::ExportProfile;
use ingest::{Delivery, KnownHeaders};
use survey::handoff::Treatment;

use crate::support::{cell, delivery, key};

const PROFILE: &str = "label = \"test\"\ncontainer = \"csv\"\nid = []\nrecord_number_as_id = true\n\n[header]\nfirst_row = 1\n\n[personal]\ncolumns = [\"Name\"]\n";

#[test]
fn each_row_gets_the_pseudonym_of_its_record_number_and_a_warning_says_what_that_is_worth() {
    let profile = ExportProfile::parse("test", PROFILE).unwrap();
    let (_folder, delivery) =
        delivery("a.csv", b"Age,Portal,Name\n41,Yes,Jan\n\n38,No,An\n41,Yes,Bo\n");
    let delivery = Delivery { headers: KnownHeaders::of(["Age", "Portal"]), ..delivery };
    let raw = ingest::read(&delivery, &profile, &key()).unwrap();
    let last = raw.about.columns.last().unwrap();
    assert_eq!(
        (last.header.as_str(), last.treatment),
        ("<record_number>", Treatment::Pseudonymised)
    );
    let ids: Vec<String> = (0..3).map(|row| cell(&raw, last.position, row).0).collect();
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
    assert!(ids.iter().all(|id| id.len() == 32), "{ids:?}");
    assert_eq!(raw.warnings.len(), 1);
    assert_eq!(raw.warnings[0].code, "ids_are_record_numbers");
    let again = ingest::read(&delivery, &profile, &key()).unwrap();
    assert_eq!(again, raw);
}
