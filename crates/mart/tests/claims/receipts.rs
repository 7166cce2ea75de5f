//! What a receipt says of its delivery.

use std::fs;

use crate::tiny::Tiny;
use crate::{folder, published};

#[test]
fn a_receipt_counts_the_rows_and_names_the_columns_by_their_letters() {
    let (mut tiny, marts) = (Tiny::new(), folder());
    tiny.hands.rows = 1200;
    let release = published(&tiny, marts.path()).unwrap();
    let receipt = fs::read_dir(release.folder.join("receipts"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            path.to_string_lossy().contains("gp_2024")
                && path.extension().is_some_and(|end| end == "html")
        })
        .unwrap();
    let page = fs::read_to_string(receipt).unwrap();
    // One row more was a footer; thousands are grouped by narrow spaces.
    assert!(page.contains("rows read, of 1\u{202f}201 below the header"), "{page}");
    assert!(page.contains("<td>A</td>") && page.contains("<td>B</td>"), "{page}");
    assert!(page.contains("Nothing: no errors and no warnings."));
}
