//! Planted secrets are nowhere in what leaves ingest.

use survey::Raw;

use crate::support::{plain_csv, profile, read};

const SECRETS: [&str; 8] = [
    "jan.jansen@example.org",
    "192.0.2.77",
    "R_3SecretResponse",
    "998877665",
    "52.370216",
    "Jansen",
    "living at the harbour",
    "ref-4711",
];

fn all_text(raw: &Raw) -> String {
    format!(
        "{:?} {:?} {:?} {}",
        raw.table,
        raw.findings,
        raw.warnings,
        serde_json::to_string(&raw.about).unwrap()
    )
}

fn assert_none(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret}");
    }
}

const QUALTRICS: &str = "ResponseId,Status,IPAddress,RecipientEmail,RecipientLastName,LocationLatitude,ExternalReference,Q2_TEXT,Q1\n\
    Response ID,Response Type,IP Address,Recipient Email,Recipient Last Name,Latitude,External Reference,Anders,Hoe vaak?\n\
    {\"ImportId\":\"a\"},{},{},{},{},{},{},{},{}\n\
    R_3SecretResponse,IP Address,192.0.2.77,jan.jansen@example.org,Jansen,52.370216,ref-4711,living at the harbour,3\n\
    998877665,Survey Preview,192.0.2.77,jan.jansen@example.org,Jansen,52.370216,ref-4711,living at the harbour,3,surplus\n";

#[test]
fn a_qualtrics_delivery_leaves_no_secret_behind() {
    let raw = read("a.csv", QUALTRICS.as_bytes(), &profile("qualtrics_csv")).unwrap();
    assert_eq!(raw.about.rows_out, 1);
    assert_none(&all_text(&raw));
    assert_eq!(
        raw.about.columns.iter().filter(|column| column.classes[1] + column.classes[2] > 0).count(),
        9
    );
}

#[test]
fn a_workbook_leaves_no_secret_behind() {
    let bytes = crate::workbook::simple(&[
        &["ID", "Begintijd", "E-mail", "Naam", "Hoe oud bent u?"],
        &["998877665", "x", "jan.jansen@example.org", "Jansen", "44"],
    ]);
    let raw = read("a.xlsx", &bytes, &profile("microsoft_forms_nl_xlsx")).unwrap();
    assert_none(&all_text(&raw));
    assert_eq!(raw.about.columns[2].classes[1], 1, "dropped cells are counted");
}

#[test]
fn errors_hold_no_secret() {
    // The header is not where the profile looks for it: the first data rows are looked at, and not shown.
    let headless =
        "998877665,jan.jansen@example.org,Jansen\n998877665,192.0.2.77,living at the harbour\n";
    let error = read("a.csv", headless.as_bytes(), &plain_csv()).unwrap_err();
    assert_none(&format!("{error} {error:?}"));
    // Ids that are like the name of the id column.
    for headless in
        ["id998877665,x\nid-ref-4711,y\n", "Jansen,ref-4711\n", "idR_3SecretResponse,44\n"]
    {
        let error = read("a.csv", headless.as_bytes(), &profile("excel_en_csv")).unwrap_err();
        assert_none(&format!("{error} {error:?}"));
    }
    let broken = "id,a\n1,\"jan.jansen@example.org\n2,Jansen\n";
    let error = read("a.csv", broken.as_bytes(), &plain_csv()).unwrap_err();
    assert_none(&format!("{error} {error:?}"));
    let mut misread = b"id,a\n1,Jansen \xe9\n".to_vec();
    misread.extend_from_slice("2,ref-4711\n".as_bytes());
    let mut utf8 = plain_csv();
    utf8.csv.encoding = config::export::Encoding::Utf8;
    let error = read("a.csv", &misread, &utf8).unwrap_err();
    assert_none(&format!("{error} {error:?}"));
}
