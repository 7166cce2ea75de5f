//! White space around a text.

/// Without white space at the ends, no-break spaces included.
pub fn trim(cell: &[u8]) -> &[u8] {
    let mut rest = cell.trim_ascii();
    loop {
        let shorter = rest.strip_prefix("\u{a0}".as_bytes()).unwrap_or(rest);
        let shorter = shorter.strip_suffix("\u{a0}".as_bytes()).unwrap_or(shorter).trim_ascii();
        if shorter.len() == rest.len() {
            return rest;
        }
        rest = shorter;
    }
}
