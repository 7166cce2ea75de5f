//! What a receipt says of its delivery.

use std::fs;
use std::path::Path;

use survey::{Code, Finding, Severity};

use crate::tiny::Tiny;
use crate::{folder, published};

/// The page of the receipt of `gp_2024`.
fn page(release: &Path) -> String {
    let receipt = fs::read_dir(release.join("receipts"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            path.to_string_lossy().contains("gp_2024")
                && path.extension().is_some_and(|end| end == "html")
        })
        .unwrap();
    fs::read_to_string(receipt).unwrap()
}

#[test]
fn a_receipt_counts_the_rows_and_names_the_columns_by_their_letters() {
    let (mut tiny, marts) = (Tiny::new(), folder());
    tiny.hands.rows = 1200;
    let release = published(&tiny, marts.path()).unwrap();
    let page = page(&release.folder);
    // One row more was a footer; thousands are grouped by narrow spaces.
    assert!(page.contains("rows read, of 1\u{202f}201 below the header"), "{page}");
    assert!(page.contains("<td>A</td>") && page.contains("<td>B</td>"), "{page}");
    assert!(page.contains("Nothing: no errors and no warnings."));
}

#[test]
fn what_a_supplier_can_correct_stands_before_what_is_for_information() {
    let (mut tiny, marts) = (Tiny::new(), folder());
    tiny.hands.found = vec![
        Finding::new(Code::RowCut, Severity::Info, "gp_2024"),
        Finding::new(Code::UnknownAnswer, Severity::Error, "gp_2024"),
        Finding::new(Code::NumberAsText, Severity::Warning, "gp_2024"),
    ];
    let page = page(&published(&tiny, marts.path()).unwrap().folder);
    let (_, rest) = page.split_once("<h2>To correct</h2>").unwrap();
    let (to_correct, rest) = rest.split_once("</section>").unwrap();
    let (_, for_information) = rest.split_once("<h2>For information</h2>").unwrap();
    let names = |part: &str| {
        ["unknown_answer", "number_as_text", "row_cut"].map(|code| part.contains(code))
    };
    assert_eq!(names(to_correct), [true, true, false], "{to_correct}");
    assert_eq!(names(for_information), [false, false, true], "{for_information}");
    assert!(!to_correct.contains("Nothing"));
}
