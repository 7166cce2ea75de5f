//! The form of numbers and dates is a property of the delivered column, never of a cell.
#![allow(clippy::unwrap_used, reason = "tests")]

mod fixture;

use arrow::array::StringArray;
use config::panel::Split;
use fixture::{admit_settings, cells, codebook, concept, crosswalk, item, raw};
use survey::codebook::{Codebook, Kind, Role};
use survey::date::DateOrder;
use survey::{Admitted, Finding, Raw, Severity};
use validate::admit;

/// How a profile writes numbers.
#[derive(Clone, Copy)]
struct Profile {
    decimal_comma: bool,
    thousands: bool,
}

const DUTCH: Profile = Profile { decimal_comma: true, thousands: true };
const DUTCH_PLAIN: Profile = Profile { decimal_comma: true, thousands: false };
const ENGLISH: Profile = Profile { decimal_comma: false, thousands: true };
const ENGLISH_PLAIN: Profile = Profile { decimal_comma: false, thousands: false };

/// One number item `weight` in column `W`.
fn numbers() -> Codebook {
    let mut codebook = codebook();
    codebook.concepts = vec![concept("weight", Kind::Number, Role::Answer, "")];
    codebook.items = vec![item("weight", "W", "")];
    codebook
}

fn delivery(header: &str, column: &[&str]) -> Raw {
    let rows = column.iter().enumerate().map(|(row, text)| format!("r{row}|{text}"));
    let lines: Vec<String> = std::iter::once(format!("id|{header}")).chain(rows).collect();
    raw(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}

fn column_of(profile: Profile, column: &[&str]) -> Admitted {
    let mut raw = delivery("W", column);
    (raw.about.decimal_comma, raw.about.thousands) = (profile.decimal_comma, profile.thousands);
    admit(&raw, &admit_settings(numbers())).unwrap()
}

/// What the column is read as (`-`: invalid), and the codes of its findings.
fn check(profile: Profile, column: &[&str], read: &[&str], codes: &[&str]) {
    let admitted = column_of(profile, column);
    let texts: Vec<String> = cells(&admitted.table, "weight")
        .into_iter()
        .map(|(text, _)| text.unwrap_or_else(|| "-".to_owned()))
        .collect();
    assert_eq!(texts, read, "{column:?}");
    let mut found: Vec<&str> =
        admitted.findings.iter().map(|finding| finding.code.name()).collect();
    found.dedup();
    assert_eq!(found, codes, "{column:?}");
}

fn only<'a>(findings: &'a [Finding], code: &str) -> &'a Finding {
    let found: Vec<&Finding> = findings.iter().filter(|finding| finding.code == code).collect();
    assert_eq!(found.len(), 1, "{findings:?}");
    found[0]
}

#[test]
fn decimal_points_are_no_thousands_where_other_cells_of_the_column_show_a_decimal_point() {
    let column = ["1.2345", "0.873", "1.234", "0.98", "1.5"];
    check(DUTCH, &column, &column, &["number_form_not_declared"]);
    check(DUTCH, &["0.873", "1.234"], &["0.873", "1.234"], &["number_form_not_declared"]);
    check(DUTCH, &["1.234", "2.5"], &["1.234", "2.5"], &["number_form_not_declared"]);
    check(DUTCH_PLAIN, &["1.234", "2.5"], &["1.234", "2.5"], &["number_form_not_declared"]);
    check(ENGLISH_PLAIN, &column, &column, &[]);
    check(ENGLISH, &column, &column, &[]);
}

#[test]
fn decimal_commas_are_no_thousands_where_other_cells_show_a_decimal_comma() {
    let column = ["1,2345", "0,873", "1,234", "1,5"];
    let read = ["1.2345", "0.873", "1.234", "1.5"];
    check(ENGLISH, &column, &read, &["number_form_not_declared"]);
    check(ENGLISH_PLAIN, &column, &read, &["number_form_not_declared"]);
    check(DUTCH, &column, &read, &[]);
    check(DUTCH_PLAIN, &column, &read, &[]);
}

#[test]
fn a_column_of_two_forms_is_an_error_and_its_ambiguous_cells_are_not_read() {
    let column = ["1.2345", "0.873", "1.234", "0.98", "1,5", "7"];
    let codes = ["ambiguous_number", "two_number_forms"];
    for profile in [DUTCH, DUTCH_PLAIN, ENGLISH, ENGLISH_PLAIN] {
        check(profile, &column, &["1.2345", "0.873", "-", "0.98", "1.5", "7"], &codes);
    }
    let findings = column_of(DUTCH, &column).findings;
    let finding = only(&findings, "two_number_forms");
    assert_eq!(
        finding.found,
        "3 numbers that show a decimal point, 1 that show a decimal comma, 1 that may be read either way"
    );
    assert_eq!((finding.severity, finding.count), (Severity::Error, 5));
    assert_eq!((finding.cell.as_ref(), finding.column.as_deref()), (None, Some("W")));
    assert_eq!(finding.concept.as_deref(), Some("weight"));
    let cell = only(&findings, "ambiguous_number");
    assert_eq!((cell.record, cell.severity), (Some(3), Severity::Warning));
    assert_eq!(cell.action, "cell set to missing: invalid");
}

#[test]
fn two_signs_that_may_both_stand_between_thousands_are_two_forms() {
    for profile in [DUTCH, DUTCH_PLAIN, ENGLISH, ENGLISH_PLAIN] {
        let codes = ["ambiguous_number", "two_number_forms"];
        check(profile, &["1.234", "1,234", "8"], &["-", "-", "8"], &codes);
    }
}

#[test]
fn without_proof_in_the_column_the_profile_decides() {
    let column = ["1.234", "12.500", "7"];
    check(DUTCH, &column, &["1234", "12500", "7"], &["thousands_as_declared"]);
    check(DUTCH_PLAIN, &column, &["-", "-", "7"], &["ambiguous_number"]);
    check(ENGLISH, &column, &["1.234", "12.5", "7"], &[]);
    check(ENGLISH_PLAIN, &column, &["1.234", "12.5", "7"], &[]);
    let findings = column_of(DUTCH, &column).findings;
    let finding = only(&findings, "thousands_as_declared");
    assert_eq!((finding.severity, finding.count), (Severity::Info, 2));
}

#[test]
fn the_sign_between_thousands_is_read_where_the_profile_declares_it() {
    check(DUTCH, &["1.234,5", "1.234", "1.234.567"], &["1234.5", "1234", "1234567"], &[]);
    check(DUTCH, &["0,5", "1.234"], &["0.5", "1234"], &[]);
    check(ENGLISH, &["1,234.5", "1,234"], &["1234.5", "1234"], &[]);
    check(DUTCH_PLAIN, &["1.234,5", "0,5"], &["-", "0.5"], &["not_a_number"]);
    check(DUTCH_PLAIN, &["1.234", "0,5"], &["-", "0.5"], &["ambiguous_number"]);
}

#[test]
fn the_declared_decimal_sign_is_not_taken_for_thousands_where_the_column_shows_the_other_one() {
    let codes = ["ambiguous_number", "number_form_not_declared"];
    check(DUTCH, &["1.5", "1,234"], &["1.5", "-"], &codes);
    check(ENGLISH, &["1,5", "1.234"], &["1.5", "-"], &codes);
}

#[test]
fn a_form_that_is_not_declared_is_a_warning_that_says_which() {
    let findings = column_of(DUTCH, &["1.5", "1.234", "12"]).findings;
    let finding = only(&findings, "number_form_not_declared");
    assert_eq!(finding.found, "1 numbers that show a decimal point");
    assert_eq!(finding.expected, "a decimal comma, as the export profile declares");
    assert_eq!((finding.severity, finding.count), (Severity::Warning, 2));
    let findings = column_of(ENGLISH, &["1,5"]).findings;
    let finding = only(&findings, "number_form_not_declared");
    assert_eq!(finding.found, "1 numbers that show a decimal comma");
    assert_eq!(finding.expected, "a decimal point, as the export profile declares");
}

#[test]
fn whole_numbers_and_texts_tell_nothing_of_the_form() {
    check(DUTCH, &["7", "1e3", "12345"], &["7", "1000", "12345"], &[]);
    check(DUTCH, &["7", "1.2.3", "v. 1.5", "3,5"], &["7", "-", "-", "3.5"], &["not_a_number"]);
    check(DUTCH, &["", "#N/A", "1.234"], &["-", "-", "1234"], &["thousands_as_declared"]);
}

#[test]
fn the_rows_of_other_panels_tell_of_the_form_too() {
    let mut codebook = numbers();
    codebook.concepts.push(concept("function", Kind::Category, Role::Background, "functions"));
    codebook.items.push(item("function", "F", "functions"));
    codebook.answers.extend([fixture::answers("functions", &["gp", "nurse"])]);
    codebook.crosswalks.extend([crosswalk("functions", &["g=gp", "n=nurse"])]);
    let mut settings = admit_settings(codebook);
    settings.delivered_panels = vec!["gp".to_owned(), "nurse".to_owned()];
    settings.split = Some(Split { concept: "function".to_owned(), code: "nurse".to_owned() });
    settings.other_splits = vec!["gp".to_owned()];
    let admitted = admit(&raw(&["id|W|F", "a|1.234|n", "b|0.5|g"]), &settings).unwrap();
    assert_eq!(cells(&admitted.table, "weight")[0].0.as_deref(), Some("1.234"));
    let alone = admit(&raw(&["id|W|F", "a|1.234|n", "b|5|g"]), &settings).unwrap();
    assert_eq!(cells(&alone.table, "weight")[0].0.as_deref(), Some("1234"));
}

#[test]
fn number_cells_of_a_workbook_are_exact_and_only_its_texts_have_a_form() {
    let mut raw = delivery("W", &["1.234", "0.5", "1.234"]);
    raw.about.container = "xlsx".to_owned();
    let text = |raw: &mut Raw, rows: &[bool]| {
        let classes: arrow::array::Int8Array =
            rows.iter().map(|text| if *text { 1_i8 } else { 2 }).collect::<Vec<_>>().into();
        let mut columns = raw.table.columns().to_vec();
        let at = raw.table.schema().index_of(&survey::columns::class(1)).unwrap();
        columns[at] = std::sync::Arc::new(classes);
        raw.table = arrow::record_batch::RecordBatch::try_new(raw.table.schema(), columns).unwrap();
    };
    text(&mut raw, &[false, false, true]);
    let admitted = admit(&raw, &admit_settings(numbers())).unwrap();
    let read = |admitted: &Admitted| -> Vec<Option<String>> {
        cells(&admitted.table, "weight").into_iter().map(|(text, _)| text).collect()
    };
    let some = |texts: &[&str]| -> Vec<Option<String>> {
        texts.iter().map(|text| Some((*text).to_owned())).collect()
    };
    assert_eq!(read(&admitted), some(&["1.234", "0.5", "1234"]), "0.5 is exact and proves nothing");
    text(&mut raw, &[false, true, true]);
    let admitted = admit(&raw, &admit_settings(numbers())).unwrap();
    assert_eq!(read(&admitted), some(&["1.234", "0.5", "1.234"]));
    assert_eq!(only(&admitted.findings, "number_as_text").count, 2);
}

#[test]
fn a_code_never_passes_through_the_rule_of_thousands() {
    let mut codebook = codebook();
    codebook.crosswalks.extend([crosswalk("yn", &["1=yes", "2=no", "1000=no"])]);
    let mut settings = admit_settings(codebook);
    let read = |settings: &validate::AdmitSettings, text: &str| {
        let line = format!("a|{text}|30");
        let admitted = admit(&raw(&["id|Q1|Q2", &line]), settings).unwrap();
        cells(&admitted.table, "use")[0].0.clone()
    };
    for (text, code) in [
        ("1", Some("yes")),
        ("1.0", Some("yes")),
        ("2,00", Some("no")),
        ("1.000", None),
        ("1,000", None),
        ("1,5", None),
        ("1000.0", Some("no")),
    ] {
        assert_eq!(read(&settings, text).as_deref(), code, "{text}");
    }
    settings.codebook.items[0].crosswalk = String::new();
    settings.codebook.answers.extend([fixture::answers("yes_no", &["1", "1000"])]);
    assert_eq!(read(&settings, "1.000"), None);
    assert_eq!(read(&settings, "1000,0").as_deref(), Some("1000"));
}

/// One date item `start` in column `D`, by these orders.
fn dates(orders: &[DateOrder], column: &[&str], read: &[&str], codes: &[&str]) -> Admitted {
    let mut codebook = codebook();
    codebook.concepts = vec![concept("start", Kind::Date, Role::Answer, "")];
    codebook.items = vec![item("start", "D", "")];
    let mut raw = delivery("D", column);
    raw.about.date_orders = orders.to_vec();
    let admitted = admit(&raw, &admit_settings(codebook)).unwrap();
    let texts: Vec<String> = cells(&admitted.table, "start")
        .into_iter()
        .map(|(text, _)| text.unwrap_or_else(|| "-".to_owned()))
        .collect();
    assert_eq!(texts, read, "{column:?}");
    let mut found: Vec<&str> =
        admitted.findings.iter().map(|finding| finding.code.name()).collect();
    found.dedup();
    assert_eq!(found, codes, "{column:?}");
    admitted
}

const DMY: &[DateOrder] = &[DateOrder::Dmy, DateOrder::Ymd];
const MDY: &[DateOrder] = &[DateOrder::Mdy];

#[test]
fn the_order_of_day_and_month_is_that_of_the_column() {
    let (first, second) = ("2025-02-01", "2025-01-02");
    dates(DMY, &["01-02-2025", "05-05-2025"], &[first, "2025-05-05"], &[]);
    dates(DMY, &["01-02-2025", "13-02-2025"], &[first, "2025-02-13"], &[]);
    dates(MDY, &["01/02/2025 10:00"], &["2025-01-02T10:00:00"], &[]);
    let read = [second, "2025-01-13"];
    let found = dates(DMY, &["01-02-2025", "01-13-2025"], &read, &["date_order_not_declared"]);
    let finding = only(&found.findings, "date_order_not_declared");
    assert_eq!((finding.severity, finding.count), (Severity::Warning, 2));
    assert_eq!(finding.found, "dates with the month first");
    let read = [first, "2025-02-13"];
    let found = dates(MDY, &["01-02-2025", "13-02-2025"], &read, &["date_order_not_declared"]);
    assert_eq!(only(&found.findings, "date_order_not_declared").found, "dates with the day first");
}

#[test]
fn a_column_of_two_date_orders_is_an_error_and_its_ambiguous_dates_are_not_read() {
    let column = ["01-02-2025", "13-02-2025", "01-13-2025", "04-04-2025", "2025-03-01"];
    let read = ["-", "2025-02-13", "2025-01-13", "2025-04-04", "2025-03-01"];
    for orders in [DMY, MDY, &[DateOrder::Dmy, DateOrder::Mdy]] {
        let found = dates(orders, &column, &read, &["ambiguous_date", "two_date_orders"]);
        let finding = only(&found.findings, "two_date_orders");
        assert_eq!((finding.severity, finding.count), (Severity::Error, 3));
        assert_eq!(
            finding.found,
            "1 dates that show the day first, 1 the month first, 1 that may be read either way"
        );
    }
    let proven = ["13-02-2025", "01-13-2025"];
    dates(DMY, &proven, &["2025-02-13", "2025-01-13"], &["two_date_orders"]);
}

#[test]
fn two_declared_orders_and_no_proof_leave_a_date_unread() {
    let both: &[DateOrder] = &[DateOrder::Dmy, DateOrder::Mdy];
    dates(both, &["01-02-2025"], &["-"], &["ambiguous_date", "two_date_orders"]);
    dates(both, &["01-02-2025", "13-02-2025"], &["2025-02-01", "2025-02-13"], &[]);
    dates(both, &["05-05-2025"], &["2025-05-05"], &[]);
}

#[test]
fn dates_without_a_declared_order_are_read_only_as_iso() {
    let column = ["01-02-2025", "2025-02-01", "2025-02-01T10:00:00.25Z"];
    let read = ["-", "2025-02-01", "2025-02-01T10:00:00"];
    dates(&[DateOrder::Ymd], &column, &read, &["not_a_date"]);
}

#[test]
fn cells_that_are_null_or_of_no_known_class_tell_nothing() {
    let mut raw = delivery("W", &["1.234", "0.5"]);
    let mut columns = raw.table.columns().to_vec();
    let at = raw.table.schema().index_of(&survey::columns::text(1)).unwrap();
    columns[at] = std::sync::Arc::new(StringArray::from(vec![Some("1.234"), None]));
    raw.table = arrow::record_batch::RecordBatch::try_new(raw.table.schema(), columns).unwrap();
    let admitted = admit(&raw, &admit_settings(numbers())).unwrap();
    assert_eq!(cells(&admitted.table, "weight")[0].0.as_deref(), Some("1234"));
}
